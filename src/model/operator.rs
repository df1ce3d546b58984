//! What the operators mean: the outcome of a test, and the language's equality.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::{Outcome, Test};
use crate::json::{Decimal, Number, Value};

/// A value as a test sees it, wherever it stands.
#[derive(Clone, Copy, Debug)]
pub enum Seen<'a> {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number.
    Number(Decimal<'a>),
    /// A string, unescaped.
    String(&'a str),
    /// A list or an object.
    Whole(&'a Value),
    /// A list or an object that was passed over: only for tests that do not
    /// [look inside](Test::looks_inside).
    PassedOver,
}

impl<'a> From<&'a Value> for Seen<'a> {
    #[inline]
    fn from(value: &'a Value) -> Seen<'a> {
        match value {
            Value::Null => Seen::Null,
            Value::Bool(value) => Seen::Bool(*value),
            Value::Number(number) => Seen::Number(number.as_decimal()),
            Value::String(text) => Seen::String(text),
            Value::List(_) | Value::Object(_) => Seen::Whole(value),
        }
    }
}

impl Test {
    /// The outcome for one value, after the table of the specification's section 4; `None` is a
    /// missing argument.
    #[must_use]
    pub fn outcome(&self, value: Option<&Value>) -> Outcome {
        self.outcome_of(value.map(Seen::from))
    }

    /// The outcome for one value, wherever it stands.
    #[must_use]
    pub fn outcome_of(&self, value: Option<Seen<'_>>) -> Outcome {
        if let Test::Exists(wanted) = self {
            return held(matches!(value, None | Some(Seen::Null)) != *wanted);
        }
        let Some(value) = value else {
            return Outcome::NotSatisfied;
        };
        match self {
            Test::Exists(_) => Outcome::Errored,
            Test::Eq(wanted) | Test::Neq(wanted) => {
                held(value.equals(wanted) == matches!(self, Test::Eq(_)))
            }
            Test::In(list) | Test::NotIn(list) => {
                let is_in = list.iter().any(|wanted| value.equals(&wanted.value));
                held(is_in == matches!(self, Test::In(_)))
            }
            Test::Lt(bound) => compare(value, bound, Ordering::is_lt),
            Test::Lte(bound) => compare(value, bound, Ordering::is_le),
            Test::Gt(bound) => compare(value, bound, Ordering::is_gt),
            Test::Gte(bound) => compare(value, bound, Ordering::is_ge),
            Test::Regex(pattern) => match value {
                Seen::String(text) => held(pattern.is_match(text)),
                _ => Outcome::Errored,
            },
            Test::Contains(wanted) => match value {
                Seen::String(text) => match plain_text(wanted) {
                    Some(wanted) => held(contains(text, &wanted)),
                    None => Outcome::Errored,
                },
                Seen::Whole(Value::List(items)) => {
                    held(items.iter().any(|item| equal(&item.value, wanted)))
                }
                _ => Outcome::Errored,
            },
        }
    }

    /// Whether the outcome for a list or an object depends on what is in it.
    #[must_use]
    pub fn looks_inside(&self) -> bool {
        let deep = |value: &Value| matches!(value, Value::List(_) | Value::Object(_));
        match self {
            Test::Contains(_) => true,
            Test::Eq(wanted) | Test::Neq(wanted) => deep(wanted),
            Test::In(list) | Test::NotIn(list) => list.iter().any(|wanted| deep(&wanted.value)),
            Test::Exists(_) | Test::Regex(_) => false,
            Test::Lt(_) | Test::Lte(_) | Test::Gt(_) | Test::Gte(_) => false,
        }
    }
}

fn held(holds: bool) -> Outcome {
    if holds { Outcome::Satisfied } else { Outcome::NotSatisfied }
}

#[inline]
fn compare(value: Seen<'_>, bound: &Number, holds: fn(Ordering) -> bool) -> Outcome {
    match value {
        Seen::Number(number) => held(holds(number.cmp(&bound.as_decimal()))),
        _ => Outcome::Errored,
    }
}

impl Seen<'_> {
    /// Equality as the language has it; see [`equal`].
    fn equals(self, wanted: &Value) -> bool {
        match (self, wanted) {
            (Seen::Null, Value::Null) => true,
            (Seen::Bool(a), Value::Bool(b)) => a == *b,
            (Seen::Number(a), Value::Number(b)) => a == b.as_decimal(),
            (Seen::String(a), Value::String(b)) => a == b.as_str(),
            (Seen::String(text), Value::Number(number)) => is_plain(text, number.as_decimal()),
            (Seen::Number(number), Value::String(text)) => is_plain(text, number),
            (Seen::String(text), Value::Bool(value)) => text == bool_text(*value),
            (Seen::Bool(value), Value::String(text)) => text == bool_text(value),
            (Seen::Whole(a), Value::List(_) | Value::Object(_)) => equal(a, wanted),
            _ => false,
        }
    }
}

/// Whether a text is the plain text of a number. That is only made for a text that is that number
/// in some notation.
fn is_plain(text: &str, number: Decimal<'_>) -> bool {
    Decimal::first(text).is_some_and(|read| read == number && number.plain() == text)
}

/// Equality as the language has it (section 3): as JSON's, but that a string also equals the number
/// or boolean whose plain text it is.
///
/// Recursion is bounded: values are no deeper than their reader allowed.
#[must_use]
pub fn equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::List(a), Value::List(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(&a.value, &b.value))
        }
        (Value::Object(a), Value::Object(b)) => {
            let same = |key: &str, value: &Value| {
                b.get(key).is_some_and(|other| equal(value, &other.value))
            };
            a.len() == b.len() && a.members().iter().all(|m| same(&m.key, &m.node.value))
        }
        (Value::List(_) | Value::Object(_), _) => false,
        _ => Seen::from(a).equals(b),
    }
}

/// The text that a string must be to equal a scalar.
#[must_use]
pub fn plain_text(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) => Some(text.into()),
        Value::Number(number) => Some(number.plain().into()),
        Value::Bool(value) => Some(bool_text(*value).into()),
        Value::Null | Value::List(_) | Value::Object(_) => None,
    }
}

/// Whether a text has another in it.
pub(crate) fn contains(text: &str, wanted: &str) -> bool {
    if cfg!(target_family = "wasm") {
        contains_small(text.as_bytes(), wanted.as_bytes())
    } else {
        text.contains(wanted)
    }
}

/// The same with a fifth of the standard library's code, and in a time that grows with the lengths of both
/// added up, too: after Knuth, Morris and Pratt.
fn contains_small(text: &[u8], wanted: &[u8]) -> bool {
    // For each beginning of what is wanted, how long a beginning of it ends there that is not all of it.
    let mut again: Vec<usize> = Vec::with_capacity(wanted.len());
    // So much of what is wanted ends where `byte` does, if so much ended before it.
    let longer = |again: &[usize], mut length: usize, byte: u8| loop {
        if wanted.get(length) == Some(&byte) {
            return length.saturating_add(1);
        }
        match length.checked_sub(1) {
            Some(last) => length = again.get(last).copied().unwrap_or(0),
            None => return 0,
        }
    };
    let mut length = 0;
    for (at, byte) in wanted.iter().enumerate() {
        if at > 0 {
            length = longer(&again, length, *byte);
        }
        again.push(length);
    }
    let mut length = 0;
    wanted.is_empty()
        || text.iter().any(|byte| {
            length = longer(&again, length, *byte);
            length == wanted.len()
        })
}

fn bool_text(value: bool) -> &'static str {
    if value { "true" } else { "false" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_the_standard_library_finds() {
        // All texts of two letters, the longer of them with repetitions of every kind.
        let texts: Vec<String> =
            (1u32..1 << 9).map(|bits| format!("{bits:b}").chars().skip(1).collect()).collect();
        for text in &texts {
            for wanted in texts.iter().filter(|wanted| wanted.len() < 6) {
                let found = contains_small(text.as_bytes(), wanted.as_bytes());
                assert_eq!(found, text.contains(wanted.as_str()), "{wanted:?} in {text:?}");
            }
        }
        assert!(contains_small("naïve café".as_bytes(), "é".as_bytes()));
    }
}
