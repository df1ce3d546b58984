//! The outcome of conditions and rules.

use std::cmp::Ordering;

use crate::json::{Number, Object, Value};
use crate::model::{Condition, Outcome, RuleKind, Test};

/// The outcome of a rule's conditions: satisfied if all are; not satisfied if one is not; else
/// errored. No condition is satisfied by every call.
pub(super) fn all(conditions: &[Condition], kind: RuleKind, arguments: &Object) -> Outcome {
    let mut outcome = Outcome::Satisfied;
    for condition in conditions {
        match one(condition, kind, arguments).0 {
            Outcome::Satisfied => {}
            Outcome::NotSatisfied => return Outcome::NotSatisfied,
            Outcome::Errored => outcome = Outcome::Errored,
        }
    }
    outcome
}

/// The outcome of one condition, and the value that made it so.
pub(super) fn one<'a>(
    condition: &Condition,
    kind: RuleKind,
    arguments: &'a Object,
) -> (Outcome, Option<&'a Value>) {
    let path = &condition.path.value;
    let mut best: Option<(Outcome, Option<&'a Value>)> = None;
    let full = path.visit(arguments, &mut |value| {
        let outcome = test(&condition.test, value);
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
fn strength(kind: RuleKind, outcome: Outcome) -> u8 {
    match (kind, outcome) {
        (RuleKind::Require, Outcome::Satisfied) => 0,
        (RuleKind::Require, Outcome::NotSatisfied) => 2,
        (_, Outcome::NotSatisfied) => 0,
        (_, Outcome::Satisfied) => 2,
        (_, Outcome::Errored) => 1,
    }
}

/// The table of the specification's section 4; `None` is a missing argument.
fn test(test: &Test, value: Option<&Value>) -> Outcome {
    if let Test::Exists(wanted) = test {
        return held(matches!(value, None | Some(Value::Null)) != *wanted);
    }
    let Some(value) = value else {
        return Outcome::NotSatisfied;
    };
    match test {
        Test::Exists(_) => Outcome::Errored,
        Test::Eq(wanted) => held(equal(value, wanted)),
        Test::Neq(wanted) => held(!equal(value, wanted)),
        Test::In(list) => held(list.iter().any(|wanted| equal(value, &wanted.value))),
        Test::NotIn(list) => held(!list.iter().any(|wanted| equal(value, &wanted.value))),
        Test::Lt(bound) => compare(value, bound, Ordering::is_lt),
        Test::Lte(bound) => compare(value, bound, Ordering::is_le),
        Test::Gt(bound) => compare(value, bound, Ordering::is_gt),
        Test::Gte(bound) => compare(value, bound, Ordering::is_ge),
        Test::Regex(pattern) => match value {
            Value::String(text) => held(pattern.is_match(text)),
            _ => Outcome::Errored,
        },
        Test::Contains(wanted) => match value {
            Value::String(text) => match plain_text(wanted) {
                Some(wanted) => held(text.contains(wanted.as_ref())),
                None => Outcome::Errored,
            },
            Value::List(items) => held(items.iter().any(|item| equal(&item.value, wanted))),
            _ => Outcome::Errored,
        },
    }
}

fn held(holds: bool) -> Outcome {
    if holds { Outcome::Satisfied } else { Outcome::NotSatisfied }
}

fn compare(value: &Value, bound: &Number, holds: fn(Ordering) -> bool) -> Outcome {
    match value {
        Value::Number(number) => held(holds(number.cmp(bound))),
        _ => Outcome::Errored,
    }
}

/// Equality as the language has it (section 3): as JSON's, but that a string also equals the number
/// or boolean whose plain text it is.
///
/// Recursion is bounded: values are no deeper than their reader allowed.
fn equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Null, Value::Null) => true,
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Number(a), Value::Number(b)) => a == b,
        (Value::String(a), Value::String(b)) => a == b,
        (Value::String(text), other @ (Value::Number(_) | Value::Bool(_)))
        | (other @ (Value::Number(_) | Value::Bool(_)), Value::String(text)) => {
            plain_text(other).is_some_and(|plain| plain == text.as_str())
        }
        (Value::List(a), Value::List(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(&a.value, &b.value))
        }
        (Value::Object(a), Value::Object(b)) => {
            let same = |key: &str, value: &Value| {
                b.get(key).is_some_and(|other| equal(value, &other.value))
            };
            a.len() == b.len() && a.members().iter().all(|m| same(&m.key, &m.node.value))
        }
        _ => false,
    }
}

/// The text that a string must be to equal a scalar.
fn plain_text(value: &Value) -> Option<std::borrow::Cow<'_, str>> {
    match value {
        Value::String(text) => Some(text.into()),
        Value::Number(number) => Some(number.plain().into()),
        Value::Bool(true) => Some("true".into()),
        Value::Bool(false) => Some("false".into()),
        Value::Null | Value::List(_) | Value::Object(_) => None,
    }
}
