//! What the operators' values mean, and what an operator says of a counter.

use super::{Condition, Value};
use crate::import::list;
use crate::json::{self, Number};
use crate::source::Span;
use crate::yaml::{Content, Scalar, Yaml};

/// The number that a comparison is with.
#[derive(Clone, Debug)]
pub(super) enum Bound {
    Number(Number),
    Infinite { negative: bool },
    NotANumber,
}

/// What Intercept takes for a number: whole numbers of 64 bits with a sign, and all doubles.
pub(super) fn bound(value: &Value) -> Option<Bound> {
    match value {
        Value::Missing => None,
        Value::Count(count) => Some(Bound::Number(Number::from(*count))),
        Value::Written(node) => bound_of(node),
    }
}

fn bound_of(node: &Yaml) -> Option<Bound> {
    match &node.content {
        Content::Scalar(_, Scalar::Integer(number)) => {
            let large = number.to_u64().is_some_and(|value| i64::try_from(value).is_err());
            (!large).then(|| Bound::Number(number.clone()))
        }
        Content::Scalar(_, Scalar::Float(number)) => Some(Bound::Number(number.clone())),
        Content::Scalar(_, Scalar::Infinite { negative }) => {
            Some(Bound::Infinite { negative: *negative })
        }
        Content::Scalar(_, Scalar::NotANumber) => Some(Bound::NotANumber),
        _ => None,
    }
}

pub(super) fn is_number(value: &Value) -> bool {
    bound(value).is_some()
}

/// Whether the condition holds for a counter that has counted `count`.
pub(super) fn holds(condition: &Condition, count: u64) -> bool {
    let value = &condition.value;
    let equal = |node: &Yaml| is_equal(node, count);
    let one = match value {
        Value::Written(node) => equal(node),
        Value::Count(limit) => *limit == count,
        Value::Missing => false,
    };
    let among = match value {
        Value::Written(node) => match &node.content {
            Content::List(items) => items.iter().any(|item| equal(item)),
            _ => false,
        },
        _ => false,
    };
    let compared = || match bound(value)? {
        Bound::Number(number) => Some(Number::from(count).cmp(&number)),
        Bound::Infinite { negative: true } => Some(std::cmp::Ordering::Greater),
        Bound::Infinite { negative: false } => Some(std::cmp::Ordering::Less),
        Bound::NotANumber => None,
    };
    match condition.op.value.as_str() {
        // A counter is always there.
        "exists" => value.boolean() == Some(true),
        "eq" => one,
        "neq" => !one,
        "in" => among,
        "not_in" => !among,
        "lt" => compared().is_some_and(std::cmp::Ordering::is_lt),
        "lte" => compared().is_some_and(std::cmp::Ordering::is_le),
        "gt" => compared().is_some_and(std::cmp::Ordering::is_gt),
        "gte" => compared().is_some_and(std::cmp::Ordering::is_ge),
        _ => false,
    }
}

fn is_equal(node: &Yaml, count: u64) -> bool {
    match (&node.content, bound_of(node)) {
        (_, Some(Bound::Number(number))) => number == Number::from(count),
        (Content::Scalar(text, Scalar::Text), None) => *text == count.to_string(),
        _ => false,
    }
}

/// The JSON of a value that things are compared with. A date is its text; its place is added to
/// `dates`, since Intercept finds no argument equal to one. Recursion is as deep as the reader
/// allowed.
pub(super) fn json(value: &Value, dates: &mut Vec<Span>) -> json::Value {
    match value {
        Value::Missing => json::Value::Null,
        Value::Count(count) => json::Value::Number(Number::from(*count)),
        Value::Written(node) => json_of(node, dates),
    }
}

fn json_of(node: &Yaml, dates: &mut Vec<Span>) -> json::Value {
    match &node.content {
        Content::List(items) => list(items.iter().map(|item| json_of(item, dates)).collect()),
        Content::Map(entries) => {
            let members =
                entries.iter().map(|entry| (entry.key.clone(), json_of(&entry.value, dates)));
            json::Value::Object(members.collect())
        }
        Content::Scalar(text, scalar) => match scalar {
            Scalar::Null => json::Value::Null,
            Scalar::Bool(value) => json::Value::Bool(*value),
            Scalar::Integer(number) | Scalar::Float(number) => json::Value::Number(number.clone()),
            // No number of JSON is one of these, but a text may say so.
            Scalar::Infinite { negative: true } => json::Value::String("-Inf".to_owned()),
            Scalar::Infinite { negative: false } => json::Value::String("+Inf".to_owned()),
            Scalar::NotANumber => json::Value::String("NaN".to_owned()),
            Scalar::Date => {
                dates.push(node.span);
                json::Value::String(text.clone())
            }
            Scalar::Text | Scalar::Merge => json::Value::String(text.clone()),
        },
    }
}
