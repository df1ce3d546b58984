//! Every rule and limit with its outcome.

use super::judge::{self, Cause, Decided};
use super::{Env, condition, in_short, put_into_words};
use crate::compile::CompiledPolicy;
use crate::json::{Value, write};
use crate::model::{
    Call, ConditionOutcome, Decision, Effect, Explanation, LimitOutcome, Outcome, RuleKind,
    RuleOutcome,
};
use crate::quota::{self, Request};

/// Says what [`super::evaluate`] would answer now and what every rule and limit has to do with it.
/// Counts nothing; `remaining` is what there is before the call.
pub fn explain(policy: Option<&CompiledPolicy>, call: &Call, env: &mut Env<'_>) -> Explanation {
    let now = env.now;
    let limits = policy.map_or_else(Vec::new, |policy| look_at_limits(policy, call, env));
    let approval = judge::approval(call, env);
    let in_words = |effect, cause: Cause<'_>, unapproved| {
        put_into_words(call, &Decided::not_counted(effect, cause, unapproved), now)
    };
    let spoken = policy.map(|policy| (policy, judge::rules(policy, call)));
    let decision: Decision = match (spoken, &approval) {
        (None, _) => in_words(Effect::Deny, Cause::NoPolicy, None),
        (Some((_, Some((Effect::Hold, cause)))), Err(why)) => {
            in_words(why.effect(), cause, Some(why.clone()))
        }
        (Some((_, Some((Effect::Deny, cause)))), _) => in_words(Effect::Deny, cause, None),
        (Some((policy, _)), _) => {
            let decision = match judge::first_short(policy, call, env) {
                Some(cause) => in_words(Effect::Deny, cause, None),
                None => in_words(Effect::Allow, Cause::Allowed, None),
            };
            let (limits, short) = in_short(limits.clone(), decision.id.as_ref());
            Decision { limits, short, ..decision }
        }
    };
    let held = approval.map_or_else(|why| why.effect(), |_| Effect::Allow);
    let rules = policy.map_or_else(Vec::new, |policy| outcomes(policy, call, held));
    Explanation { decision, rules, limits }
}

/// The outcome of each rule; `held` is what becomes of a call that a rule holds.
fn outcomes(policy: &CompiledPolicy, call: &Call, held: Effect) -> Vec<RuleOutcome> {
    let effect = |effect| if effect == Effect::Hold { held } else { effect };
    let Some(tool) = policy.tool(&call.tool) else {
        return Vec::new();
    };
    let action = tool.action.iter().map(|action| RuleOutcome {
        id: action.id.clone(),
        kind: None,
        outcome: Outcome::Satisfied,
        effect: if action.holds { held } else { Effect::Deny },
        conditions: Vec::new(),
    });
    let rules = tool.rules.iter().map(|rule| {
        let outcome = condition::all(&rule.conditions, rule.kind, &call.arguments);
        let conditions = rule.conditions.iter().enumerate().map(|(at, condition)| {
            let (outcome, saw) = condition::one(condition, rule.kind, &call.arguments);
            ConditionOutcome {
                pointer: format!("{}/conditions/{at}", rule.id.rule),
                path: condition.path.value.as_str().to_owned(),
                operator: condition.test.operator(),
                outcome,
                saw: saw.map(shown),
            }
        });
        RuleOutcome {
            id: rule.id.clone(),
            kind: Some(rule.kind),
            outcome,
            effect: effect(judge::effect(rule.kind, outcome)),
            conditions: conditions.collect(),
        }
    });
    // A denying action comes first, a holding one just before the rules that hold.
    let holds = tool.action.as_ref().is_some_and(|action| action.holds);
    let mut all: Vec<RuleOutcome> = rules.collect();
    let before_held = all.partition_point(|rule| rule.kind != Some(RuleKind::RequireApprovalIf));
    let at = if holds { before_held } else { 0 };
    all.splice(at..at, action);
    all
}

/// A value as people are shown it.
fn shown(value: &Value) -> String {
    const MOST: usize = 256;
    let text = write(value);
    match text.char_indices().nth(MOST) {
        None => text,
        Some((cut, _)) => format!("{}…", text.get(..cut).unwrap_or_default()),
    }
}

/// Every limit that holds for the call, as it is now.
pub(super) fn look_at_limits(
    policy: &CompiledPolicy,
    call: &Call,
    env: &mut Env<'_>,
) -> Vec<LimitOutcome> {
    let mut outcomes = Vec::new();
    for held in judge::limits(policy, call) {
        let amount = held.amount(call);
        // Without an amount the counter can still be looked at.
        let request = Request { amount: amount.unwrap_or_default(), ..held.counter(call) };
        let looked = quota::look(&request, env.now, env.counters);
        let outcome = match (amount, &looked) {
            (Err(_), _) | (_, Err(_)) => Outcome::Errored,
            (Ok(_), Ok((_, true))) => Outcome::Satisfied,
            (Ok(_), Ok((_, false))) => Outcome::NotSatisfied,
        };
        let state = looked.as_ref().ok().map(|(state, _)| state);
        let state = judge::limit_state(held.limit, state, env.now);
        outcomes.push(LimitOutcome { id: held.limit.id.clone(), state, outcome });
    }
    outcomes
}
