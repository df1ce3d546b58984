//! Strict JSON (RFC 8259) with places and exact numbers, for policies and for calls alike.
//!
//! One reader serves both, so that what a policy means by a value and what a call says by it can
//! never be two things. It accepts nothing that readers are known to disagree on: duplicate keys,
//! a byte order mark, lone surrogates, `NaN`, text after the end.

mod keys;
mod number;
mod object;
mod read;
mod scan;
mod stored;
mod word;
mod write;

#[cfg(test)]
mod tests;

pub(crate) use keys::{is_plain, mistakable};
pub(crate) use number::Rank;
pub use number::{Decimal, MAX_DIGITS, MAX_EXPONENT, Number, NumberFault};
pub use object::{Member, Object};
pub(crate) use read::MAX_FAULTS;
pub(crate) use read::read_knowing;
pub use read::{Fault, FaultKind, Limits, Read, read, read_strict};
pub(crate) use scan::{Key, Next, Scanner, Shape, Written};
pub(crate) use word::Word;
pub(crate) use write::canonical_exact_in_bytes;
pub(crate) use write::key_of_token;
pub(crate) use write::without_space;
pub use write::{
    canonical, canonical_exact, canonical_exact_in_parts, pointer_token, quote, write,
};

use crate::source::Span;

/// A JSON value and where it stands. Two nodes are equal if their values are.
#[derive(Clone, Debug)]
pub struct Node {
    /// From the first to behind the last byte of the value; empty for a value that was not read.
    pub span: Span,
    /// The value.
    pub value: Value,
}

impl Node {
    /// The node that a JSON Pointer (RFC 6901) leads to from here; `None` if it leads nowhere.
    #[must_use]
    pub fn at(&self, pointer: &str) -> Option<&Node> {
        if pointer.is_empty() {
            return Some(self);
        }
        pointer.strip_prefix('/')?.split('/').try_fold(self, |node, token| match &node.value {
            Value::Object(object) => object.get(&key_of_token(token)),
            // RFC 6901 has no leading zeros and no signs.
            Value::List(items) if token == "0" || !token.starts_with(['0', '+']) => {
                items.get(token.parse::<usize>().ok()?)
            }
            _ => None,
        })
    }
}

impl Node {
    /// Goes with its text by so many bytes; see [`Span::moved`].
    pub(crate) fn move_by(&mut self, by: u32) {
        self.span = self.span.moved(by);
        self.value.move_by(by);
    }
}

impl Node {
    /// The value that an object has under this key, to change it.
    pub(crate) fn member_mut(&mut self, key: &str) -> Option<&mut Node> {
        match &mut self.value {
            Value::Object(object) => object.get_mut(key),
            _ => None,
        }
    }
}

impl Value {
    /// Takes the places of all that is in it along; see [`Node::move_by`].
    pub(crate) fn move_by(&mut self, by: u32) {
        match self {
            Value::List(items) => items.iter_mut().for_each(|item| item.move_by(by)),
            Value::Object(object) => {
                object.members_mut().iter_mut().for_each(|member| member.move_by(by));
            }
            _ => {}
        }
    }
}

impl PartialEq for Node {
    fn eq(&self, other: &Node) -> bool {
        self.value == other.value
    }
}

impl From<Value> for Node {
    /// A node for a value that comes from no text.
    fn from(value: Value) -> Node {
        Node { span: Span::default(), value }
    }
}

/// A JSON value. Equality is that of RFC 8259: numbers by value, objects without regard to order.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number of any length, exact.
    Number(Number),
    /// A string of Unicode scalar values.
    String(String),
    /// `[…]`
    List(Vec<Node>),
    /// `{…}`
    Object(Object),
}

impl Value {
    /// The type as the JSON specification and JSON Schema name it, with its article.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Number(_) => "a number",
            Value::String(_) => "a string",
            Value::List(_) => "a list",
            Value::Object(_) => "an object",
        }
    }

    /// The text, if it is a string.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The object, if it is one.
    #[must_use]
    pub fn as_object(&self) -> Option<&Object> {
        match self {
            Value::Object(object) => Some(object),
            _ => None,
        }
    }

    /// The elements, if it is a list.
    #[must_use]
    pub fn as_list(&self) -> Option<&[Node]> {
        match self {
            Value::List(items) => Some(items),
            _ => None,
        }
    }

    /// The number, if it is one.
    #[must_use]
    pub fn as_number(&self) -> Option<&Number> {
        match self {
            Value::Number(number) => Some(number),
            _ => None,
        }
    }

    /// The boolean, if it is one.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Value::Bool(value) => Some(*value),
            _ => None,
        }
    }
}
