//! The outcome of conditions and rules.

use crate::compile::CompiledRule;
use crate::json::{Object, Value};
use crate::model::{Condition, Outcome, RuleKind, Seen};

/// The outcome of a rule's conditions: satisfied if all are; not satisfied if one is not; else
/// errored. No condition is satisfied by every call.
pub(super) fn all(rule: &CompiledRule, arguments: &Object) -> Outcome {
    let mut outcome = Outcome::Satisfied;
    for (condition, ask) in rule.conditions.iter().zip(&rule.asks) {
        let one = match (&ask.key, arguments.few()) {
            (Some(key), Some(members)) => {
                let found = members.iter().find(|member| key.is(member.key.as_bytes()));
                ask.outcome(condition, found.map(|member| Seen::from(&member.node.value)))
            }
            _ => one(condition, rule.kind, arguments).0,
        };
        match one {
            Outcome::Satisfied => {}
            Outcome::NotSatisfied => return Outcome::NotSatisfied,
            Outcome::Errored => outcome = Outcome::Errored,
        }
    }
    outcome
}

/// The outcome of one condition, and the value that made it so.
pub(crate) fn one<'a>(
    condition: &Condition,
    kind: RuleKind,
    arguments: &'a Object,
) -> (Outcome, Option<&'a Value>) {
    let path = &condition.path.value;
    if !path.has_every() {
        let value = path.find(arguments);
        return (condition.test.outcome(value), value);
    }
    let mut best: Option<(Outcome, Option<&'a Value>)> = None;
    let full = path.visit(arguments, &mut |value| {
        let outcome = condition.test.outcome(value);
        if best.is_none_or(|(so_far, _)| strength(kind, outcome) > strength(kind, so_far)) {
            best = Some((outcome, value));
        }
    });
    match best {
        // No element to look at: nothing that could hold. To hold for every element, there must be
        // one wherever the path looks for some.
        None => (Outcome::NotSatisfied, None),
        Some((Outcome::Satisfied, _)) if kind == RuleKind::Require && !full => {
            (Outcome::NotSatisfied, None)
        }
        Some(found) => found,
    }
}

/// Which outcome of several elements wins. `require` holds if it holds for every element, so one
/// that does not satisfy wins; the other kinds hold if any element does.
pub(crate) fn strength(kind: RuleKind, outcome: Outcome) -> u8 {
    match (kind, outcome) {
        (RuleKind::Require, Outcome::Satisfied) => 0,
        (RuleKind::Require, Outcome::NotSatisfied) => 2,
        (_, Outcome::NotSatisfied) => 0,
        (_, Outcome::Satisfied) => 2,
        (_, Outcome::Errored) => 1,
    }
}
