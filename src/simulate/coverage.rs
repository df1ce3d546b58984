//! Which parts of a policy calls have exercised, and with which outcomes.

use std::collections::BTreeMap;

use super::run::StepResult;
use crate::compile::CompiledPolicy;
use crate::evaluate::{self, Env};
use crate::json::pointer_token;
use crate::model::{
    Action, Amount, Call, Effect, Limit, Outcome, Policy, Precondition, Rule, RuleKind, Time,
};
use crate::quota::MemoryStore;
use crate::source::Span;

/// What there is in a policy to be exercised, and how often it was.
///
/// A part is *asked* by a call that gets as far as to it: a rule behind the one that denies is not,
/// and a limit is not while a rule speaks against the call. Malformed calls ask nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coverage {
    /// The parts, in the order of deciding, tool by tool.
    pub parts: Vec<Part>,
    places: BTreeMap<String, usize>,
}

/// A part of a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// What it is.
    pub kind: PartKind,
    /// JSON Pointer of it in the policy.
    pub pointer: String,
    /// The tool that it is about; `None` for what all tools share.
    pub tool: Option<String>,
    /// Its place in the text of the policy.
    pub span: Span,
    /// How many calls came to it.
    pub asked: u64,
    /// How many found it satisfied, or room in the limit.
    pub satisfied: u64,
    /// How many found it not satisfied, or the limit full.
    pub not_satisfied: u64,
    /// How many could not be told.
    pub errored: u64,
    /// The outcomes that it can have and is to have had.
    wanted: &'static [Wanted],
}

/// What a part of a policy is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartKind {
    /// A listed tool.
    Tool,
    /// An entry of `hide`.
    Hidden,
    /// An `action` that denies or holds.
    Action,
    /// A rule.
    Rule,
    /// One of its conditions.
    Condition,
    /// A precondition.
    Precondition,
    /// A limit.
    Limit,
}

impl PartKind {
    /// The kind in a word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            PartKind::Tool => "tool",
            PartKind::Hidden => "hidden",
            PartKind::Action => "action",
            PartKind::Rule => "rule",
            PartKind::Condition => "condition",
            PartKind::Precondition => "precondition",
            PartKind::Limit => "limit",
        }
    }
}

/// What is to have happened to a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// A call came to it.
    Asked,
    /// It was satisfied, or had room.
    Satisfied,
    /// It was not satisfied, or was full.
    NotSatisfied,
}

impl Part {
    /// What is to have happened to it. An errored outcome never is: not every condition can have one.
    #[must_use]
    pub fn wanted(&self) -> &[Wanted] {
        self.wanted
    }

    /// Whether that has happened.
    #[must_use]
    pub fn has(&self, wanted: Wanted) -> bool {
        self.times(wanted) > 0
    }

    /// How often it has.
    #[must_use]
    pub fn times(&self, wanted: Wanted) -> u64 {
        match wanted {
            Wanted::Asked => self.asked,
            Wanted::Satisfied => self.satisfied,
            Wanted::NotSatisfied => self.not_satisfied,
        }
    }

    /// What has not happened yet.
    pub fn missing(&self) -> impl Iterator<Item = Wanted> + '_ {
        self.wanted.iter().copied().filter(|wanted| !self.has(*wanted))
    }

    /// The word for something that is to happen to it.
    #[must_use]
    pub fn word(&self, wanted: Wanted) -> &'static str {
        match (wanted, self.kind) {
            (Wanted::Asked, _) => "asked",
            (Wanted::Satisfied, PartKind::Limit) => "room",
            (Wanted::NotSatisfied, PartKind::Limit) => "full",
            (Wanted::Satisfied, _) => "satisfied",
            (Wanted::NotSatisfied, _) => "not_satisfied",
        }
    }

    fn count(&mut self, outcome: Outcome, times: u64) {
        let place = match outcome {
            Outcome::Satisfied => &mut self.satisfied,
            Outcome::NotSatisfied => &mut self.not_satisfied,
            Outcome::Errored => &mut self.errored,
        };
        *place = place.saturating_add(times);
        self.asked = self.asked.saturating_add(times);
    }
}

const ONCE: &[Wanted] = &[Wanted::Asked];
const BOTH: &[Wanted] = &[Wanted::Satisfied, Wanted::NotSatisfied];
const SATISFIED: &[Wanted] = &[Wanted::Satisfied];
const NOT_SATISFIED: &[Wanted] = &[Wanted::NotSatisfied];

impl Coverage {
    /// The parts of a policy, none exercised.
    #[must_use]
    pub fn new(policy: &Policy) -> Coverage {
        let mut all = Coverage { parts: Vec::new(), places: BTreeMap::new() };
        for (at, name) in policy.hide.iter().enumerate() {
            let tool = (name.value != "*").then_some(name.value.as_str());
            all.put(PartKind::Hidden, format!("/hide/{at}"), tool, name.span, ONCE);
        }
        for own in &policy.tools {
            let name = Some(own.name.value.as_str());
            let base = format!("/tools/{}", pointer_token(&own.name.value));
            all.put(PartKind::Tool, base.clone(), name, own.name.span, ONCE);
            if let Some(action) = own.action.as_ref().filter(|one| one.value != Action::Allow) {
                all.put(PartKind::Action, format!("{base}/action"), name, action.span, ONCE);
            }
            all.rules(&base, RuleKind::Require, name, &own.require);
            all.rules(&base, RuleKind::DenyIf, name, &own.deny_if);
            all.rules(&base, RuleKind::RequireApprovalIf, name, &own.require_approval_if);
            all.preconditions(&base, name, &own.preconditions);
            all.limits(&base, name, &own.limits);
            if let Some(limit) = &own.rate_limit {
                all.limit(format!("{base}/rate_limit"), name, limit);
            }
        }
        all.rules("/all_tools", RuleKind::Require, None, &policy.require);
        all.rules("/all_tools", RuleKind::DenyIf, None, &policy.deny_if);
        all.preconditions("/all_tools", None, &policy.preconditions);
        all.limits("/all_tools", None, &policy.all_tools);
        all
    }

    fn put(
        &mut self,
        kind: PartKind,
        pointer: String,
        tool: Option<&str>,
        span: Span,
        wanted: &'static [Wanted],
    ) {
        self.places.insert(pointer.clone(), self.parts.len());
        let (tool, [asked, satisfied, not_satisfied, errored]) = (tool.map(str::to_owned), [0; 4]);
        self.parts.push(Part {
            kind,
            pointer,
            tool,
            span,
            asked,
            satisfied,
            not_satisfied,
            errored,
            wanted,
        });
    }

    fn rules(&mut self, base: &str, kind: RuleKind, tool: Option<&str>, rules: &[Rule]) {
        for (at, rule) in rules.iter().enumerate() {
            let pointer = format!("{base}/{}/{at}", kind.key());
            // Without a condition every call satisfies it.
            let wanted = if rule.conditions.is_empty() { SATISFIED } else { BOTH };
            self.put(PartKind::Rule, pointer.clone(), tool, rule.span, wanted);
            for (number, condition) in rule.conditions.iter().enumerate() {
                let pointer = format!("{pointer}/conditions/{number}");
                self.put(PartKind::Condition, pointer, tool, condition.span, BOTH);
            }
        }
    }

    fn preconditions(&mut self, base: &str, tool: Option<&str>, list: &[Precondition]) {
        for (at, one) in list.iter().enumerate() {
            let pointer = format!("{base}/preconditions/{at}");
            self.put(PartKind::Precondition, pointer, tool, one.span, BOTH);
        }
    }

    fn limits(&mut self, base: &str, tool: Option<&str>, limits: &[Limit]) {
        for (at, limit) in limits.iter().enumerate() {
            self.limit(format!("{base}/limits/{at}"), tool, limit);
        }
    }

    fn limit(&mut self, pointer: String, tool: Option<&str>, limit: &Limit) {
        // One of nothing never has room for a call that counts one.
        let never = limit.max == Amount::ZERO && limit.increment_from.is_none();
        let wanted = if never { NOT_SATISFIED } else { BOTH };
        self.put(PartKind::Limit, pointer, tool, limit.span, wanted);
    }

    /// Adds what was counted elsewhere for the same policy. Parts that this policy does not have are
    /// left out.
    pub fn add(&mut self, other: &Coverage) {
        for from in &other.parts {
            let place = self.places.get(&from.pointer).copied();
            let Some(part) = place.and_then(|at| self.parts.get_mut(at)) else { continue };
            let pairs = [
                (&mut part.asked, from.asked),
                (&mut part.satisfied, from.satisfied),
                (&mut part.not_satisfied, from.not_satisfied),
                (&mut part.errored, from.errored),
            ];
            for (count, more) in pairs {
                *count = count.saturating_add(more);
            }
        }
    }

    /// How many of the things that are to happen have happened, and how many there are.
    #[must_use]
    pub fn reached(&self) -> (usize, usize) {
        self.parts.iter().fold((0, 0), |(reached, all), part| {
            let wanted = part.wanted.len();
            let missing = part.missing().count();
            let reached_here = wanted.saturating_sub(missing);
            (reached.saturating_add(reached_here), all.saturating_add(wanted))
        })
    }

    fn count(&mut self, at: Option<usize>, outcome: Outcome, times: u64) {
        if let Some(part) = at.and_then(|at| self.parts.get_mut(at)) {
            part.count(outcome, times);
        }
    }

    fn place(&self, pointer: &str) -> Option<usize> {
        self.places.get(pointer).copied()
    }
}

/// What the repetitions of a step make of the parts of a policy. What the rules make of a call
/// depends on its arguments alone, so they are asked once a step; preconditions and limits are known
/// by where each repetition ended.
pub(super) struct Asked {
    /// The entry of `hide`, or the tool and its rules, with their outcomes.
    rules: Vec<(usize, Outcome)>,
    /// Preconditions, then limits: where, its rule id, and the outcome of one that denies.
    counted: Vec<(Option<usize>, String, Outcome)>,
    /// How many repetitions there were,
    times: u64,
    /// how many of them passed all that is counted,
    passed: u64,
    /// and how many ended at each.
    ended: Vec<u64>,
}

impl Asked {
    /// What a call asks of a policy.
    pub(super) fn new(coverage: &Coverage, policy: &CompiledPolicy, call: &Call) -> Asked {
        let mut asked = Asked {
            rules: Vec::new(),
            counted: Vec::new(),
            times: 0,
            passed: 0,
            ended: Vec::new(),
        };
        if policy.is_hidden(&call.tool) {
            let named = |part: &Part| part.kind == PartKind::Hidden && part.tool.is_some();
            let own = |part: &Part| named(part) && part.tool.as_deref() == Some(&*call.tool);
            let star = |part: &Part| part.kind == PartKind::Hidden && part.tool.is_none();
            let parts = &coverage.parts;
            let place = parts.iter().position(own).or_else(|| parts.iter().position(star));
            asked.rules.extend(place.map(|at| (at, Outcome::Satisfied)));
            return asked;
        }
        let tool = coverage.place(&format!("/tools/{}", pointer_token(&call.tool)));
        asked.rules.extend(tool.map(|at| (at, Outcome::Satisfied)));
        let mut counters = MemoryStore::new();
        let mut env = Env { now: Time(0), counters: &mut counters, approvals: None };
        let explained = evaluate::explain(Some(policy), call, &mut env);
        for rule in &explained.rules {
            let at = coverage.place(&rule.id.rule);
            if rule.kind == Some(RuleKind::Precondition) {
                asked.counted.push((at, rule.id.rule.clone(), Outcome::NotSatisfied));
                continue;
            }
            asked.rules.extend(at.map(|at| (at, rule.outcome)));
            for condition in &rule.conditions {
                let at = coverage.place(&condition.pointer);
                asked.rules.extend(at.map(|at| (at, condition.outcome)));
            }
            // Nothing behind it is looked at.
            if rule.effect == Effect::Deny {
                asked.counted.clear();
                return asked;
            }
        }
        for limit in &explained.limits {
            let without_amount = limit.outcome == Outcome::Errored;
            let short = if without_amount { Outcome::Errored } else { Outcome::NotSatisfied };
            asked.counted.push((coverage.place(&limit.id.rule), limit.id.rule.clone(), short));
        }
        asked.ended = vec![0; asked.counted.len()];
        asked
    }

    /// Counts one repetition.
    pub(super) fn count(&mut self, result: &StepResult) {
        let one = |count: &mut u64| *count = count.saturating_add(1);
        one(&mut self.times);
        match &result.decision.id {
            None => one(&mut self.passed),
            Some(id) => {
                let at = self.counted.iter().position(|(_, rule, _)| *rule == id.rule);
                if let Some(ended) = at.and_then(|at| self.ended.get_mut(at)) {
                    one(ended);
                }
            }
        }
    }

    /// Adds all repetitions to a coverage.
    pub(super) fn add_to(&self, coverage: &mut Coverage) {
        for (at, outcome) in &self.rules {
            coverage.count(Some(*at), *outcome, self.times);
        }
        let ended = self.ended.iter().copied().fold(0, u64::saturating_add);
        let mut on = self.passed.saturating_add(ended);
        for ((at, _, short), ended) in self.counted.iter().zip(&self.ended) {
            on = on.saturating_sub(*ended);
            coverage.count(*at, Outcome::Satisfied, on);
            coverage.count(*at, *short, *ended);
        }
    }
}
