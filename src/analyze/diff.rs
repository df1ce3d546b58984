//! What the calls of each tool may do under a new policy that they might not under the old one, and the
//! other way round.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::limit::{Comparison, LimitChange, compare_all, compare_preconditions};
use super::policy::{Answer, Asks, Judge, UNCONFIRMED, by_name, seek};
use super::search::{Goal, MAX_STEPS, MOST, effect_bit};
use super::share;
use super::text::Texts;
use crate::json::Value;
use crate::model::{Call, Catalog, Decision, Effect, Policy, Tool};

/// What a new policy makes of calls that an old one makes something else of.
///
/// Calls are decided with all limits unused. Limits and preconditions are compared on their own.
#[derive(Clone, Debug)]
pub struct Diff {
    /// The tools that one of the policies (or the catalog) names, in that order, and at the end all
    /// others together.
    pub tools: Vec<ToolDiff>,
    /// What changed in the limits of all tools together.
    pub limits: Vec<LimitChange>,
    /// What changed in their preconditions.
    pub preconditions: Vec<LimitChange>,
}

/// What changed for the calls of one tool.
#[derive(Clone, Debug)]
pub struct ToolDiff {
    /// The tool; `None` for every tool that has no entry of its own.
    pub tool: Option<String>,
    /// Each way in which calls are decided otherwise, with a call for which the engine says so.
    pub changes: Vec<Change>,
    /// What could neither be shown nor be ruled out.
    pub unknown: Vec<Doubt>,
    /// What changed in the tool's limits.
    pub limits: Vec<LimitChange>,
    /// What changed in its preconditions.
    pub preconditions: Vec<LimitChange>,
}

/// Calls that are decided otherwise, shown by one of them.
#[derive(Clone, Debug)]
pub struct Change {
    /// The witness: no part of it can be left out or be made smaller on its own.
    pub call: Call,
    /// What the old policy makes of it.
    pub old: Decision,
    /// What the new policy makes of it.
    pub new: Decision,
}

/// A change of which nobody knows whether there is one.
#[derive(Clone, Debug)]
pub struct Doubt {
    /// What the old policy would make of such a call.
    pub from: Effect,
    /// What the new one would.
    pub to: Effect,
    /// Why it is not known.
    pub why: String,
}

/// Whether a call that was decided so is now let through more easily.
fn loosens(from: Effect, to: Effect) -> bool {
    let rank = |effect| match effect {
        Effect::Deny => 0,
        Effect::Hold => 1,
        Effect::Allow => 2,
    };
    rank(to) > rank(from)
}

impl Change {
    /// Whether the call is let through more easily than before: it was denied or held and is allowed, or
    /// it was denied and is held. Else it is the other way round.
    #[must_use]
    pub fn loosens(&self) -> bool {
        loosens(self.old.effect, self.new.effect)
    }
}

impl Doubt {
    /// Whether it would let calls through more easily.
    #[must_use]
    pub fn loosens(&self) -> bool {
        loosens(self.from, self.to)
    }
}

impl ToolDiff {
    /// All that changed in limits and preconditions.
    pub fn counted(&self) -> impl Iterator<Item = &LimitChange> {
        self.limits.iter().chain(&self.preconditions)
    }

    /// Whether nothing changed, and that is known.
    #[must_use]
    pub fn is_same(&self) -> bool {
        self.changes.is_empty() && self.unknown.is_empty() && self.counted().next().is_none()
    }

    fn is(&self, comparison: Comparison) -> bool {
        self.counted().any(|change| change.comparison == comparison)
    }

    /// Whether something is let through more easily, for certain.
    #[must_use]
    pub fn is_loosened(&self) -> bool {
        self.changes.iter().any(Change::loosens) || self.is(Comparison::Looser)
    }

    /// Whether something is let through less easily, for certain.
    #[must_use]
    pub fn is_tightened(&self) -> bool {
        !self.changes.iter().all(Change::loosens) || self.is(Comparison::Tighter)
    }

    /// Whether something may be let through more easily of which it is not known.
    #[must_use]
    pub fn may_be_loosened(&self) -> bool {
        self.unknown.iter().any(Doubt::loosens) || self.is(Comparison::Unknown)
    }
}

impl Diff {
    fn counted(&self) -> impl Iterator<Item = &LimitChange> {
        self.limits.iter().chain(&self.preconditions)
    }

    /// Whether nothing changed, and that is known.
    #[must_use]
    pub fn is_same(&self) -> bool {
        self.tools.iter().all(ToolDiff::is_same) && self.counted().next().is_none()
    }

    /// Whether something is let through more easily, for certain.
    #[must_use]
    pub fn is_loosened(&self) -> bool {
        self.tools.iter().any(ToolDiff::is_loosened)
            || self.counted().any(|change| change.comparison == Comparison::Looser)
    }

    /// Whether something may be let through more easily of which it is not known.
    #[must_use]
    pub fn may_be_loosened(&self) -> bool {
        self.tools.iter().any(ToolDiff::may_be_loosened)
            || self.counted().any(|change| change.comparison == Comparison::Unknown)
    }

    /// Whether something is let through less easily, for certain.
    #[must_use]
    pub fn is_tightened(&self) -> bool {
        self.tools.iter().any(ToolDiff::is_tightened)
            || self.counted().any(|change| change.comparison == Comparison::Tighter)
    }
}

/// Compares two policies by what they make of calls: of all calls, or of those that fit the input schemas
/// of the catalog's tools.
#[must_use]
pub fn diff(old: &Policy, new: &Policy, catalog: Option<&Catalog>) -> Diff {
    let (before, after) = (Judge::new(old), Judge::new(new));
    let mut names: Vec<&str> = Vec::new();
    let mut known: BTreeSet<&str> = BTreeSet::new();
    let listed = before.names().chain(after.names());
    let of_catalog = catalog.into_iter().flat_map(|catalog| &catalog.tools);
    for name in listed.chain(of_catalog.clone().map(|tool| tool.name.as_str())) {
        if known.insert(name) {
            names.push(name);
        }
    }
    let mut other = "any_other_tool".to_owned();
    while known.contains(other.as_str()) {
        other.push('_');
    }
    let alike = of(old, &["all_tools"]) == of(new, &["all_tools"]);
    let same_text = |name: &str| {
        let (one, two) = (of(old, &["tools", name]), of(new, &["tools", name]));
        let listed = one.is_some() || old.default.value == new.default.value;
        alike && listed && one == two && before.is_hidden(name) == after.is_hidden(name)
    };
    let tools = by_name(catalog);
    let listed: Vec<(&str, bool)> =
        names.iter().map(|name| (*name, true)).chain([(other.as_str(), false)]).collect();
    let of_tool = |texts: &Texts, (name, shown): (&str, bool), steps: &mut usize| {
        let tool_name = Some(name);
        let tool = shown.then(|| name.to_owned());
        let mut one = ToolDiff {
            tool,
            changes: Vec::new(),
            unknown: Vec::new(),
            limits: Vec::new(),
            preconditions: Vec::new(),
        };
        if !same_text(name) {
            changes(&before, &after, name, tools.get(name).copied(), (steps, texts), &mut one);
        }
        if shown && before.may_pass(name) && after.may_pass(name) {
            one.limits = compare_all(&before.limits(name), &after.limits(name));
            let (old, new) = (before.preconditions(tool_name), after.preconditions(tool_name));
            one.preconditions = compare_preconditions(&old, &new);
        }
        one
    };
    // Each tool as if it were the only one, as long as that takes no more than all may.
    let spent = AtomicUsize::new(0);
    let alone = share::map(&listed, Texts::default, |texts, tool| {
        if spent.load(Ordering::Relaxed) >= MAX_STEPS {
            return None;
        }
        let mut steps = MAX_STEPS;
        let one = of_tool(texts, *tool, &mut steps);
        let own = MAX_STEPS.saturating_sub(steps);
        spent.fetch_add(own, Ordering::Relaxed);
        Some((one, own))
    });
    // One after the other, so that what is found does not depend on the number of threads: where no search
    // would have had less than it may take at most, nothing is otherwise.
    let (mut steps, texts) = (MAX_STEPS, Texts::default());
    let one_by_one = listed.iter().zip(alone).map(|(tool, alone)| match alone {
        Some((one, own)) if steps.saturating_sub(own) >= MOST => {
            steps = steps.saturating_sub(own);
            one
        }
        _ => of_tool(&texts, *tool, &mut steps),
    });
    let all = one_by_one.collect();
    let (old_limits, new_limits): (Vec<_>, Vec<_>) =
        (old.all_tools.iter().collect(), new.all_tools.iter().collect());
    let (asked, asks) = (before.preconditions(None), after.preconditions(None));
    Diff {
        tools: all,
        limits: compare_all(&old_limits, &new_limits),
        preconditions: compare_preconditions(&asked, &asks),
    }
}

/// The ways in which a call may be decided otherwise.
const TURNS: [(Effect, Effect); 6] = [
    (Effect::Deny, Effect::Allow),
    (Effect::Hold, Effect::Allow),
    (Effect::Deny, Effect::Hold),
    (Effect::Allow, Effect::Deny),
    (Effect::Hold, Effect::Deny),
    (Effect::Allow, Effect::Hold),
];

/// Looks for calls of a tool that are decided otherwise.
fn changes(
    before: &Judge<'_>,
    after: &Judge<'_>,
    name: &str,
    tool: Option<&Tool>,
    (steps, texts): (&mut usize, &Texts),
    out: &mut ToolDiff,
) {
    let mut asks = Asks::default();
    let (old, new) = (asks.side(before, name), asks.side(after, name));
    let possible =
        |(from, to): &(Effect, Effect)| old.may(effect_bit(*from)) && new.may(effect_bit(*to));
    if !TURNS.iter().any(possible) {
        return;
    }
    let space = asks.space(tool, texts);
    for (from, to) in TURNS.into_iter().filter(possible) {
        let goals = [Goal::Effect(&old, effect_bit(from)), Goal::Effect(&new, effect_bit(to))];
        let why = match seek(&space, &goals, steps) {
            Answer::Nothing => continue,
            Answer::Unknown(why) => why,
            Answer::Witness(arguments) => {
                let call = Call { tool: name.to_owned(), arguments, ..Call::default() };
                let (old, new) = (before.decide(&call), after.decide(&call));
                if (old.effect, new.effect) == (from, to) {
                    out.changes.push(Change { call, old, new });
                    continue;
                }
                UNCONFIRMED.to_owned()
            }
        };
        out.unknown.push(Doubt { from, to, why });
    }
}

/// What a document has at these keys.
fn of<'p>(policy: &'p Policy, keys: &[&str]) -> Option<&'p Value> {
    keys.iter()
        .try_fold(&policy.document.value, |value, key| Some(&value.as_object()?.get(key)?.value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse;

    /// What is found, shortly, when calls of a tool with this schema are allowed no longer.
    fn found(schema: &str) -> Vec<String> {
        let policy = |rules: &str| {
            let text = format!(r#"{{"version":"1","default":"deny","tools":{{"t":{{{rules}}}}}}}"#);
            parse::parse(text.as_bytes()).policy.unwrap()
        };
        let text = format!(r#"[{{"name":"t","inputSchema":{schema}}}]"#);
        let catalog = parse::catalog(text.as_bytes()).unwrap();
        let (old, new) = (policy(""), policy(r#""action":"deny""#));
        let diff = diff(&old, &new, Some(&catalog));
        let tool = diff.tools.first().unwrap();
        let calls = tool
            .changes
            .iter()
            .map(|change| crate::json::write(&Value::Object(change.call.arguments.clone())));
        calls.chain(tool.unknown.iter().map(|doubt| doubt.why.clone())).collect()
    }

    #[test]
    fn a_call_that_is_shown_fits_the_schema() {
        let (more, many) = (
            "the schema asks more of the arguments than is followed",
            "there are too many kinds of arguments (`args.a`)",
        );
        let a = |schema: &str| {
            format!(r#"{{"type":"object","properties":{{"a":{schema}}},"required":["a"]}}"#)
        };
        let point = r#"{"type":"object","properties":{"x":{"type":"number"}},"required":["x"]}"#;
        let either = |other: &str| a(&format!(r#"{{"anyOf":[{point},{other}]}}"#));
        let child = r##"{"anyOf":[{"type":"null"},{"$ref":"#"}]}"##;
        for (schema, expected) in [
            // Values that are listed have kinds, though no type is named.
            (either(r#"{"enum":["abcdefghij",false]}"#), r#"{"a":false}"#),
            (either(r#"{"const":"long enough"}"#), r#"{"a":{"x":0}}"#),
            (a(r#"{"enum":[{"x":1}]}"#), r#"{"a":{"x":1}}"#),
            // None of the forms has all that the others have in common.
            (either(r#"{"type":"object","required":["y"]}"#), more),
            (a(r##"{"$ref":"#"}"##), more),
            (
                format!(
                    r#"{{"type":"object","properties":{{"l":{child},"r":{child}}},"required":["l","r"]}}"#
                ),
                r#"{"l":null,"r":null}"#,
            ),
            (a(r##"{"type":"array","items":{"$ref":"#/properties/a"},"minItems":2}"##), many),
        ] {
            assert_eq!(found(&schema), [expected], "{schema}");
        }
    }
}
