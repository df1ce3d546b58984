//! Running a scenario.

use super::scenario::{Expected, Moment, Scenario, Upstream};
use crate::compile::CompiledPolicy;
use crate::evaluate::{self, Env};
use crate::json::Number;
use crate::model::{Decision, Time};
use crate::quota::{self, MemoryStore};

/// What came of one repetition of a step.
#[derive(Clone, Debug, PartialEq)]
pub struct StepResult {
    /// The step, from 0.
    pub step: usize,
    /// The repetition, from 0.
    pub repetition: u32,
    /// When it happened.
    pub at: Time,
    /// The decision.
    pub decision: Decision,
    /// Where it is not what the step expects; empty if it is, or if nothing is expected.
    pub differences: Vec<Difference>,
}

/// A member of a decision that is not what was expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Which member.
    pub member: Member,
    /// What was expected.
    pub expected: String,
    /// What there is; `None` if there is nothing.
    pub got: Option<String>,
}

/// What a step can expect something of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Member {
    /// The effect.
    Decision,
    /// The rule id.
    Rule,
    /// What the caller reads.
    Message,
    /// What remains of the first limit that the decision lists.
    Remaining,
}

impl Member {
    /// The key in the file.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Member::Decision => "decision",
            Member::Rule => "rule",
            Member::Message => "message",
            Member::Remaining => "remaining",
        }
    }
}

/// Runs a scenario through a policy, beginning with no counter counted. Gives one result a call, in
/// the order in which they happen (see [`Scenario::moments`]), each when it is asked for.
pub fn run<'a>(
    scenario: &'a Scenario,
    policy: &'a CompiledPolicy,
) -> impl Iterator<Item = StepResult> + 'a {
    let mut counters = MemoryStore::new();
    scenario.moments().filter_map(move |Moment { step: number, repetition, at }| {
        let step = scenario.steps.get(number)?;
        let decision = match &step.call {
            Ok(call) => {
                let mut env = Env {
                    now: at,
                    counters: &mut counters,
                    approvals: scenario.approval_keys.as_ref(),
                };
                let evaluation = evaluate::evaluate(Some(policy), call, &mut env);
                if step.upstream == Upstream::Error {
                    // The store in memory always answers.
                    let _ = quota::give_back(&evaluation.reservation, &mut counters);
                }
                evaluation.decision
            }
            Err(fault) => {
                let tool = fault.tool.as_deref().unwrap_or_default();
                evaluate::malformed(tool, &fault.kind.to_string())
            }
        };
        let differences =
            step.expected.as_ref().map_or_else(Vec::new, |expected| expected.differ(&decision));
        Some(StepResult { step: number, repetition, at, decision, differences })
    })
}

impl Expected {
    /// Where a decision is not as expected.
    #[must_use]
    pub fn differ(&self, decision: &Decision) -> Vec<Difference> {
        let mut differences = Vec::new();
        let mut text = |member, expected: Option<&str>, got: Option<&str>| {
            if let Some(expected) = expected.filter(|_| expected != got) {
                let (expected, got) = (expected.to_owned(), got.map(str::to_owned));
                differences.push(Difference { member, expected, got });
            }
        };
        text(Member::Decision, Some(self.effect.as_str()), Some(decision.effect.as_str()));
        let rule = decision.id.as_ref().map(|id| id.rule.as_str());
        text(Member::Rule, self.rule.as_deref(), rule);
        text(Member::Message, self.message.as_deref(), decision.message.as_deref());
        if let Some(expected) = &self.remaining {
            let got = decision.limits.first().and_then(|limit| limit.remaining);
            let got = got.map(|amount| amount.to_string());
            let number = got.as_ref().and_then(|text| Number::parse(text).ok());
            if number.as_ref() != Some(expected) {
                let (member, expected) = (Member::Remaining, expected.plain());
                differences.push(Difference { member, expected, got });
            }
        }
        differences
    }
}
