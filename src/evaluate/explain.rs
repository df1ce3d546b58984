//! Every rule and limit with its outcome.

use std::sync::Arc;

use super::case::{self, Asked, ReadCase};
use super::judge::{self, Cause, Decided};
use super::{Env, condition, in_short, put_into_words};
use crate::compile::{CompiledPolicy, CompiledPrecondition, CompiledRule};
use crate::diagnostic::fill;
use crate::json::{Object, Value, write};
use crate::model::{
    Call, ConditionOutcome, Decision, Effect, Explanation, Fallback, Limit, LimitOutcome, Outcome,
    RuleId, RuleKind, RuleOutcome,
};
use crate::quota::{self, CounterKey, Request, Reserved};

/// Says what [`super::evaluate`] would answer now and what every rule and limit has to do with it.
/// Counts nothing; `remaining` is what there is before the call.
pub fn explain(policy: Option<&CompiledPolicy>, call: &Call, env: &mut Env<'_>) -> Explanation {
    let now = env.now;
    let case = policy.map(|policy| ReadCase::of(policy, call));
    let limits = case.as_ref().map_or_else(Vec::new, |case| look_at_limits(case, env));
    let approval = judge::approval(call, env);
    let in_words = |effect, cause: Cause<'_>, unapproved| {
        put_into_words(call, &Decided::not_counted(effect, cause, unapproved), now)
    };
    let spoken = case.as_ref().map(|case| (case, case.rules()));
    let decision: Decision = match (spoken, &approval) {
        (None, _) => in_words(Effect::Deny, Cause::NoPolicy, None),
        (Some((_, Some((Effect::Hold, cause)))), Err(why)) => {
            in_words(why.effect(), cause, Some(why.clone()))
        }
        (Some((_, Some((Effect::Deny, cause)))), _) => in_words(Effect::Deny, cause, None),
        (Some((case, _)), _) => {
            let decision = match case.first_short(env) {
                Some(cause) => in_words(Effect::Deny, cause, None),
                None => in_words(Effect::Allow, Cause::Allowed, None),
            };
            let (limits, short) = in_short(limits.clone(), decision.id.as_ref());
            Decision { limits, short, ..decision }
        }
    };
    let held = approval.map_or_else(|why| why.effect(), |_| Effect::Allow);
    let rules =
        case.as_ref().map_or_else(Vec::new, |case| outcomes(case, &call.arguments, held, env));
    Explanation { decision, rules, limits }
}

/// The outcome of each rule; `held` is what becomes of a call that a rule holds.
fn outcomes(
    case: &ReadCase<'_, '_>,
    arguments: &Object,
    held: Effect,
    env: &mut Env<'_>,
) -> Vec<RuleOutcome> {
    let effect = |effect| if effect == Effect::Hold { held } else { effect };
    let (policy, tool) = (case.policy, case.found.tool);
    if tool.is_none() && policy.default() == Fallback::Deny {
        return Vec::new();
    }
    let action = tool.and_then(|tool| tool.action.as_ref());
    let holds = action.is_some_and(|action| action.holds);
    let action = action.into_iter().map(|action| RuleOutcome {
        id: action.id.clone(),
        kind: None,
        outcome: Outcome::Satisfied,
        effect: if action.holds { held } else { Effect::Deny },
        conditions: Vec::new(),
    });
    let outcome = |rule: &CompiledRule| {
        let outcome = condition::all(policy, rule, arguments);
        let id = policy.id_of(rule);
        let conditions = rule.conditions.iter().enumerate().map(|(at, condition)| {
            let (outcome, saw) = condition::one(condition, rule.kind, arguments);
            ConditionOutcome {
                pointer: fill("{}/conditions/{}", &[&id.rule, &at.to_string()]),
                path: condition.path.value.as_str().to_owned(),
                operator: condition.test.operator(),
                outcome,
                saw: saw.map(shown),
            }
        });
        RuleOutcome {
            conditions: conditions.collect(),
            id,
            kind: Some(rule.kind),
            outcome,
            effect: effect(case::effect(rule.kind, outcome)),
        }
    };
    // A denying action comes first, a holding one just before the rules that hold.
    let mut all: Vec<RuleOutcome> = policy.rules_of(tool).iter().map(outcome).collect();
    let before_held = all.partition_point(|rule| rule.kind != Some(RuleKind::RequireApprovalIf));
    let at = if holds { before_held } else { 0 };
    all.splice(at..at, action);
    all.extend(policy.rules().iter().map(outcome));
    for precondition in case.preconditions() {
        all.push(asked(precondition, case.asked, env));
    }
    all
}

fn asked(precondition: &CompiledPrecondition, call: Asked<'_>, env: &mut Env<'_>) -> RuleOutcome {
    let (outcome, saw) = precondition.outcome(call, env);
    let counter = precondition.limit.as_ref().map_or("", |(limit, _)| &limit.counter.value);
    let condition = ConditionOutcome {
        pointer: precondition.id.rule.clone(),
        path: fill("{}.{}", &[precondition.tool.as_deref().unwrap_or("all_tools"), counter]),
        operator: precondition.test.operator(),
        outcome,
        saw: saw.as_ref().map(shown),
    };
    RuleOutcome {
        id: precondition.id.clone(),
        kind: Some(RuleKind::Precondition),
        outcome,
        effect: case::effect(RuleKind::Precondition, outcome),
        conditions: vec![condition],
    }
}

/// A value as people are shown it.
fn shown(value: &Value) -> String {
    const MOST: usize = 256;
    let text = write(value);
    match text.char_indices().nth(MOST) {
        None => text,
        Some((cut, _)) => fill("{}…", &[text.get(..cut).unwrap_or_default()]),
    }
}

/// A limit that holds for a call, and the counter in which it counts that call.
#[derive(Clone, Debug)]
pub struct Standing<'p> {
    /// Where the limit stands.
    pub id: &'p Arc<RuleId>,
    /// The limit.
    pub limit: &'p Limit,
    /// The counter's name, by which it is told from those that others have of this limit.
    pub key: CounterKey,
    /// How much of it is left, and until when; `None` if the store does not answer.
    pub now: Option<Reserved>,
}

/// The limits that hold for a call, in the order of reserving, with their counters as they are now.
/// Counts nothing, and does not ask whether the call would pass.
#[must_use]
pub fn standings<'p>(
    policy: &'p CompiledPolicy,
    call: &Call,
    env: &mut Env<'_>,
) -> Vec<Standing<'p>> {
    let mut standings = Vec::new();
    for held in ReadCase::of(policy, call).limits() {
        let request = held.counter();
        let now = quota::look(&request, env.now, env.counters).ok().map(|(state, _)| state);
        let (id, limit) = (&held.limit.id, &held.limit.limit);
        standings.push(Standing { id, limit, key: request.key, now });
    }
    standings
}

/// Every limit that holds for the call, as it is now.
pub(super) fn look_at_limits(case: &ReadCase<'_, '_>, env: &mut Env<'_>) -> Vec<LimitOutcome> {
    let mut outcomes = Vec::new();
    for held in case.limits() {
        let amount = case.amount(&held);
        // Without an amount the counter can still be looked at.
        let request = Request { amount: amount.unwrap_or_default(), ..held.counter() };
        let looked = quota::look(&request, env.now, env.counters);
        let outcome = match (amount, &looked) {
            (Err(_), _) | (_, Err(_)) => Outcome::Errored,
            (Ok(_), Ok((_, true))) => Outcome::Satisfied,
            (Ok(_), Ok((_, false))) => Outcome::NotSatisfied,
        };
        let state = looked.as_ref().ok().map(|(state, _)| state);
        let state = case::limit_state(held.limit, state, env.now);
        outcomes.push(LimitOutcome { id: held.limit.id.clone(), state, outcome });
    }
    outcomes
}
