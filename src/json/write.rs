//! Values back to text: compact, and canonical.

use super::{Node, Object, Value};

/// The text of a value without white space, keys in their order, numbers as they were written.
/// Reading it again gives an equal value.
#[must_use]
pub fn write(value: &Value) -> String {
    let mut out = String::new();
    put(value, &mut out, Form::AsWritten);
    out
}

/// The canonical text of a value (RFC 8785): keys in the order of their UTF-16 code units, numbers
/// as ECMAScript prints them (see [`super::Number::canonical`]).
#[must_use]
pub fn canonical(value: &Value) -> String {
    let mut out = String::new();
    put(value, &mut out, Form::Canonical);
    out
}

/// The canonical text, but with numbers exact: the same text if and only if the same value. It is
/// that of RFC 8785 for every number that the RFC does not round.
#[must_use]
pub fn canonical_exact(value: &Value) -> String {
    let mut out = String::new();
    put(value, &mut out, Form::Exact);
    out
}

/// How keys and numbers are written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Keys in their order, numbers as they were written.
    AsWritten,
    /// Keys sorted, numbers as RFC 8785 has them.
    Canonical,
    /// Keys sorted, numbers by their exact value.
    Exact,
}

/// A string as JSON text, with its quotes.
#[must_use]
pub fn quote(text: &str) -> String {
    let mut out = String::new();
    put_string(text, &mut out);
    out
}

/// A key as one token of a JSON Pointer (RFC 6901), without the slash.
#[must_use]
pub fn pointer_token(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// Recursion is bounded: a value is never nested more deeply than its reader allowed.
fn put(value: &Value, out: &mut String, form: Form) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(number) => match form {
            Form::AsWritten => out.push_str(number.as_str()),
            Form::Canonical => out.push_str(&number.canonical()),
            Form::Exact => out.push_str(&number.exact()),
        },
        Value::String(text) => put_string(text, out),
        Value::List(items) => put_list(items, out, form),
        Value::Object(object) => put_object(object, out, form),
    }
}

fn put_list(items: &[Node], out: &mut String, form: Form) {
    out.push('[');
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        put(&item.value, out, form);
    }
    out.push(']');
}

fn put_object(object: &Object, out: &mut String, form: Form) {
    let mut members: Vec<_> = object.members().iter().collect();
    if form != Form::AsWritten {
        members.sort_by(|a, b| a.key.encode_utf16().cmp(b.key.encode_utf16()));
    }
    out.push('{');
    for (at, member) in members.into_iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        put_string(&member.key, out);
        out.push(':');
        put(&member.node.value, out, form);
    }
    out.push('}');
}

/// Escapes what RFC 8785 (section 3.2.2.2) escapes and nothing else.
fn put_string(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\u{c}' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            c if c < ' ' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
}
