//! What calls have exercised of a policy, as JSON text.

use super::simulation::record_members;
use super::text::{Members, span};
use crate::compile::compile;
use crate::diagnostic::Diagnostic;
use crate::json::quote;
use crate::model::Policy;
use crate::simulate::{self, Coverage, Part, PartKind, Scenario, Wanted};
use crate::source::LineIndex;

/// Runs the scenario of a text through a policy, whose text is `policy_text`, or through the one that
/// stands in it: as [`super::simulate_text`], with a further member `coverage` ([`coverage_text`]).
/// Places are those of the text in which the policy stands.
///
/// # Errors
/// Everything that is wrong with the scenario's text.
pub fn simulate_covered_text(
    policy: Option<(&Policy, &str)>,
    text: &[u8],
) -> Result<String, Vec<Diagnostic>> {
    let scenario = Scenario::parse(text)?;
    let own;
    let (policy, policy_text) = match policy {
        Some(given) => given,
        None => {
            own = scenario.own_document(text)?;
            (&own, std::str::from_utf8(text).unwrap_or_default())
        }
    };
    let mut coverage = Coverage::new(policy);
    let record = simulate::record_covered(&scenario, &compile(policy), &mut coverage);
    let mut out = record_members(&scenario, &record);
    out.json("coverage", &coverage_text(&coverage, policy_text));
    Ok(out.end())
}

/// What was exercised of a policy:
///
/// ```text
/// coverage = { "reached", "of", "parts": [ part ] }
/// part     = { "part": "tool" | "hidden" | "action" | "rule" | "condition" | "precondition" | "limit",
///              "pointer", "tool"?, "span", "asked", "satisfied"?, "not_satisfied"?, "errored"?,
///              "room"?, "full"?, "missing": [ "asked" | "satisfied" | "not_satisfied" | "room" | "full" ] }
/// ```
///
/// `reached` of `of` things that are to happen have happened: what has not is `missing`. A tool, an entry of
/// `hide` and an `action` are to be asked, all others are to have both outcomes, as far as they can; errored
/// outcomes are counted and never missing.
#[must_use]
pub fn coverage_text(coverage: &Coverage, policy_text: &str) -> String {
    let index = LineIndex::new(policy_text);
    let (reached, of) = coverage.reached();
    let mut out = Members::default();
    out.json("reached", &reached.to_string());
    out.json("of", &of.to_string());
    out.list("parts", &coverage.parts, |one| part(one, &index));
    out.end()
}

fn part(part: &Part, index: &LineIndex<'_>) -> String {
    let mut out = Members::default();
    out.text("part", part.kind.as_str());
    out.text("pointer", &part.pointer);
    out.some_text("tool", part.tool.as_deref());
    out.json("span", &span(part.span, index));
    out.json("asked", &part.asked.to_string());
    if !matches!(part.kind, PartKind::Tool | PartKind::Hidden | PartKind::Action) {
        out.json(part.word(Wanted::Satisfied), &part.satisfied.to_string());
        out.json(part.word(Wanted::NotSatisfied), &part.not_satisfied.to_string());
        out.json("errored", &part.errored.to_string());
    }
    let missing: Vec<Wanted> = part.missing().collect();
    out.list("missing", &missing, |wanted| quote(part.word(*wanted)));
    out.end()
}
