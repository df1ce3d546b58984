//! Running a scenario.

use super::approve;
use super::scenario::{Expected, Group, Moment, Moments, Scenario, Step, Upstream};
use crate::approval::Keys;
use crate::compile::CompiledPolicy;
use crate::evaluate::{self, Env, Standing};
use crate::json::Number;
use crate::model::{Call, Decision, Spanned, Time};
use crate::quota::{self, MemoryStore};
use crate::source::Span;

/// What came of one repetition of a step.
#[derive(Clone, Debug, PartialEq)]
pub struct StepResult {
    /// The group, from 0, among those of [`Scenario::groups`].
    pub group: usize,
    /// The step, from 0, among those of its group.
    pub step: usize,
    /// The repetition, from 0.
    pub repetition: u32,
    /// When it happened.
    pub at: Time,
    /// The decision.
    pub decision: Decision,
    /// Whether what it took of the limits was given back, since the call failed on its way.
    pub given_back: bool,
    /// Where it is not what the step expects; empty if it is, or if nothing is expected.
    pub differences: Vec<Difference>,
}

/// A member of a decision that is not what was expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Which member.
    pub member: Member,
    /// Where in the scenario that is expected.
    pub span: Span,
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

/// Runs a scenario through a policy, each group beginning with no counter counted. Gives one result a
/// call, group by group in the order in which they happen (see [`Group::moments`]), each when it is
/// asked for.
pub fn run<'a>(
    scenario: &'a Scenario,
    policy: &'a CompiledPolicy,
) -> impl Iterator<Item = StepResult> + 'a {
    (0..scenario.groups.len()).flat_map(move |number| GroupRun::new(scenario, number, policy))
}

/// A group that is running.
pub(super) struct GroupRun<'a> {
    policy: &'a CompiledPolicy,
    group: Option<&'a Group>,
    number: usize,
    moments: Option<Moments<'a>>,
    counters: MemoryStore,
    /// Those of the host.
    keys: Option<&'a Keys>,
    /// Those, and that of the person who approves in the scenario.
    keys_of_all: Option<Keys>,
}

impl<'a> GroupRun<'a> {
    pub(super) fn new(
        scenario: &'a Scenario,
        number: usize,
        policy: &'a CompiledPolicy,
    ) -> GroupRun<'a> {
        let group = scenario.groups.get(number);
        let approves = |group: &Group| group.steps.iter().any(|step| step.approver.is_some());
        let keys = scenario.approval_keys.as_ref();
        GroupRun {
            policy,
            group,
            number,
            moments: group.map(Group::moments),
            counters: MemoryStore::new(),
            keys,
            keys_of_all: group.filter(|group| approves(group)).and_then(|_| approve::keys(keys)),
        }
    }

    /// Decides one call: the decision, and whether what it took was given back.
    fn decide(&mut self, step: &Step, call: &Call, id: &str, now: Time) -> (Decision, bool) {
        let approved;
        let (call, approvals) = match &step.approver {
            None => (call, self.keys),
            Some(by) => {
                let approval = Some(approve::token(call, by, now, id));
                approved = Call { approval, ..call.clone() };
                (&approved, self.keys_of_all.as_ref())
            }
        };
        let mut env = Env { now, counters: &mut self.counters, approvals };
        let evaluation = evaluate::evaluate(Some(self.policy), call, &mut env);
        let fails = step.upstream == Upstream::Error && !evaluation.reservation.is_empty();
        if fails {
            // The store in memory always answers.
            let _ = quota::give_back(&evaluation.reservation, &mut self.counters);
        }
        (evaluation.decision, fails)
    }

    /// The limits that hold for the call of a step, as they stand at this time.
    pub(super) fn standings(&mut self, step: usize, now: Time) -> Vec<Standing<'a>> {
        let call = self.group.and_then(|group| group.steps.get(step)?.call.as_ref().ok());
        let Some(call) = call else { return Vec::new() };
        let mut env = Env { now, counters: &mut self.counters, approvals: None };
        evaluate::standings(self.policy, call, &mut env)
    }
}

impl Iterator for GroupRun<'_> {
    type Item = StepResult;

    fn next(&mut self) -> Option<StepResult> {
        let Moment { step: number, repetition, at } = self.moments.as_mut()?.next()?;
        let step = self.group?.steps.get(number)?;
        let (decision, given_back) = match &step.call {
            Ok(call) => {
                let id = || format!("{}/{number}/{repetition}", self.number);
                let id = step.approver.as_ref().map(|_| id()).unwrap_or_default();
                self.decide(step, call, &id, at)
            }
            Err(fault) => (evaluate::not_a_call(fault), false),
        };
        let differences =
            step.expected.as_ref().map_or_else(Vec::new, |expected| expected.differ(&decision));
        let group = self.number;
        Some(StepResult { group, step: number, repetition, at, decision, given_back, differences })
    }
}

fn placed(text: &Spanned<String>) -> (&str, Span) {
    (&text.value, text.span)
}

impl Expected {
    /// Where a decision is not as expected.
    #[must_use]
    pub fn differ(&self, decision: &Decision) -> Vec<Difference> {
        let mut differences = Vec::new();
        let mut text = |member, expected: Option<(&str, Span)>, got: Option<&str>| {
            if let Some((expected, span)) = expected.filter(|(expected, _)| Some(*expected) != got)
            {
                let (expected, got) = (expected.to_owned(), got.map(str::to_owned));
                differences.push(Difference { member, span, expected, got });
            }
        };
        let effect = (self.effect.value.as_str(), self.effect.span);
        text(Member::Decision, Some(effect), Some(decision.effect.as_str()));
        let rule = decision.id.as_ref().map(|id| id.rule.as_str());
        text(Member::Rule, self.rule.as_ref().map(placed), rule);
        text(Member::Message, self.message.as_ref().map(placed), decision.message.as_deref());
        if let Some(Spanned { value: expected, span }) = &self.remaining {
            let got = decision.limits.first().and_then(|limit| limit.remaining);
            let got = got.map(|amount| amount.to_string());
            let number = got.as_ref().and_then(|text| Number::parse(text).ok());
            if number.as_ref() != Some(expected) {
                let (member, expected) = (Member::Remaining, expected.plain());
                differences.push(Difference { member, span: *span, expected, got });
            }
        }
        differences
    }
}
