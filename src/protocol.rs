//! JSON-RPC and MCP: one message in, a judgement out. Pure functions; whoever hosts them owns the
//! sockets.
//!
//! The rule of the room: **a message is read once, strictly, and what was read is what goes on.**
//! Two readers of one text need not agree (duplicate keys, folded keys, batches, encodings); so
//! nothing that could be read in two ways passes, and [`Message::forward`] writes the message anew
//! from the tree that was judged.
//!
//! A host goes through it in this order: [`http::request`] on the headers, [`Message::read`] on the
//! body, [`mirror::check`] on both, the policy on [`Message::into_call`], [`answer::decision`] or [`Message::forward`]; then
//! [`http::response`] on the answer's headers, and [`list::filter_tools`] on its body, with an
//! [`sse::SseFilter`] before it if the answer is a stream.

pub mod answer;
pub mod http;
pub mod list;
mod message;
pub mod mirror;
pub mod quick;
pub mod sse;

#[cfg(test)]
mod tests;

pub use answer::{Refusal, RefusalKind};
pub use message::{Kind, Message, is_known_method};

use crate::json::{self, Number, Value, is_plain, mistakable};

/// Where a client may put an approval token: in `params._meta` under this key.
pub const APPROVAL_KEY: &str = crate::parse::APPROVAL;
/// Where the answer to a denied or held call says what decided: in `result._meta` under this key.
pub const DECISION_KEY: &str = "cattlegrid/decision";
/// Where requests since 2026-07-28 name their version: in `params._meta` under this key.
const VERSION_KEY: &str = "io.modelcontextprotocol/protocolVersion";

/// The two ways that MCP works.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Era {
    /// Up to 2025-11-25: a handshake, sessions, streams that can be resumed.
    Sessions,
    /// From 2026-07-28: every request stands alone and names its version.
    Stateless,
}

/// The id of a request: a string, or an integer as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Id {
    /// A string.
    Text(String),
    /// An integer, written without fraction and exponent.
    Integer(Number),
}

impl Id {
    /// The id that a value stands for; `None` for what is no id: `null`, `1.0`, `1e2`, `-0`, lists.
    /// What is mathematically an integer in another notation is not the same text for every reader.
    #[must_use]
    pub fn from_value(value: &Value) -> Option<Id> {
        match value {
            Value::String(text) => Some(Id::Text(text.clone())),
            Value::Number(number) => {
                let text = number.as_str();
                let digits = text.strip_prefix('-').unwrap_or(text);
                let plain = digits.bytes().all(|b| b.is_ascii_digit()) && text != "-0";
                plain.then(|| Id::Integer(number.clone()))
            }
            _ => None,
        }
    }

    fn value(&self) -> Value {
        match self {
            Id::Text(text) => Value::String(text.clone()),
            Id::Integer(number) => Value::Number(number.clone()),
        }
    }
}

/// A value as JSON text on one line, whatever the reader takes for a line's end: U+0085, U+2028 and
/// U+2029, at which some split, are escaped.
fn on_one_line(value: &Value) -> String {
    escape_line_ends(json::write(value))
}

/// Whether a text has one of U+0085, U+2028 and U+2029 in it.
fn has_line_ends(text: &str) -> bool {
    !is_ascii(text.as_bytes()) && text.contains(['\u{85}', '\u{2028}', '\u{2029}'])
}

/// Whether all bytes are ASCII, as the standard library knows it; sixteen at a time, where it looks at four
/// in wasm.
fn is_ascii(bytes: &[u8]) -> bool {
    let (blocks, rest) = bytes.as_chunks::<16>();
    let all = blocks.iter().fold(0, |all, block| all | u128::from_le_bytes(*block));
    all & u128::from_le_bytes([0x80; 16]) == 0 && rest.is_ascii()
}

/// JSON text with U+0085, U+2028 and U+2029 escaped; they can only stand in strings.
fn escape_line_ends(text: String) -> String {
    if !has_line_ends(&text) {
        return text;
    }
    text.replace('\u{85}', "\\u0085").replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029")
}
