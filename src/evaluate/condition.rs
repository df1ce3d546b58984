//! The outcome of conditions and rules.

use crate::compile::{Ask, CompiledPolicy, CompiledRule};
use crate::json::{Member, Object, Value, Word};
use crate::model::{Condition, Outcome, RuleKind};

/// The outcome of a rule's conditions: satisfied if all are; not satisfied if one is not; else
/// errored. No condition is satisfied by every call.
#[inline]
pub(super) fn all(policy: &CompiledPolicy, rule: &CompiledRule, arguments: &Object) -> Outcome {
    let mut outcome = Outcome::Satisfied;
    let asks = policy.asks(rule);
    // So they are made; were one missing, its condition would pass unasked.
    if asks.len() != rule.conditions.len() {
        return Outcome::Errored;
    }
    for (at, ask) in asks.iter().enumerate() {
        match quickly(ask, at, policy.words(), arguments) {
            Some(true) => {}
            Some(false) => return Outcome::NotSatisfied,
            None => match rule.conditions.get(at).map(|it| one(it, rule.kind, arguments).0) {
                Some(Outcome::Satisfied) => {}
                Some(Outcome::NotSatisfied) => return Outcome::NotSatisfied,
                Some(Outcome::Errored) | None => outcome = Outcome::Errored,
            },
        }
    }
    outcome
}

/// Whether the condition in this place holds, if that is quick to say.
#[inline]
fn quickly(ask: &Ask, at: usize, words: &[Word], arguments: &Object) -> Option<bool> {
    let (key, members) = (ask.key.as_ref()?, arguments.few()?);
    let is_it = |member: &&Member| key.is(member.key.as_bytes());
    // Calls often have their arguments in the order of the conditions.
    let found = match members.get(at).filter(is_it) {
        None => members.iter().find(is_it),
        found => found,
    };
    ask.holds(words, found.map(|member| &member.node.value))
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
