//! What the operators mean: the outcome of a test, and the language's equality.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::{Outcome, Test};
use crate::json::{Number, Value};

impl Test {
    /// The outcome for one value, after the table of the specification's section 4; `None` is a
    /// missing argument.
    #[must_use]
    pub fn outcome(&self, value: Option<&Value>) -> Outcome {
        if let Test::Exists(wanted) = self {
            return held(matches!(value, None | Some(Value::Null)) != *wanted);
        }
        let Some(value) = value else {
            return Outcome::NotSatisfied;
        };
        match self {
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
#[must_use]
pub fn equal(a: &Value, b: &Value) -> bool {
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
#[must_use]
pub fn plain_text(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) => Some(text.into()),
        Value::Number(number) => Some(number.plain().into()),
        Value::Bool(true) => Some("true".into()),
        Value::Bool(false) => Some("false".into()),
        Value::Null | Value::List(_) | Value::Object(_) => None,
    }
}
