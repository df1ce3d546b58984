//! Values back to text: compact, and canonical.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::scan::plain_until;
use super::{Member, Number, Object, Value};
use crate::order::sort_by;

/// The text of a value without white space, keys in their order, numbers as they were written.
/// Reading it again gives an equal value.
#[must_use]
pub fn write(value: &Value) -> String {
    Writer::new(None).write(value)
}

/// A text that is strict JSON, without the white space between its parts.
pub(crate) fn without_space(text: &str) -> String {
    let (bytes, mut out) = (text.as_bytes(), String::with_capacity(text.len()));
    // What stands from `start` to `at` is still to be copied.
    let (mut start, mut at) = (0usize, 0usize);
    while let Some(byte) = bytes.get(at) {
        let is_space = matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
        if is_space {
            out.push_str(text.get(start..at).unwrap_or_default());
        }
        at = if *byte == b'"' { behind_string(bytes, at) } else { at.saturating_add(1) };
        if is_space {
            start = at;
        }
    }
    out.push_str(text.get(start..).unwrap_or_default());
    out
}

/// The place behind the string that begins at a quote.
fn behind_string(bytes: &[u8], quote: usize) -> usize {
    let mut at = quote.saturating_add(1);
    loop {
        at = plain_until(bytes, at);
        match bytes.get(at) {
            // What stands behind a backslash is no end.
            Some(b'\\') => at = at.saturating_add(2),
            _ => return at.saturating_add(1),
        }
    }
}

/// The canonical text of a value (RFC 8785): keys in the order of their UTF-16 code units, numbers
/// as ECMAScript prints them (see [`Number::canonical`]).
#[must_use]
pub fn canonical(value: &Value) -> String {
    Writer::new(Some(Number::canonical)).write(value)
}

/// The canonical text of an object, but with numbers exact: the same text if and only if the same
/// object. It is that of RFC 8785 for every number that the RFC does not round.
#[must_use]
pub fn canonical_exact(object: &Object) -> String {
    let mut writer = Writer::new(Some(Number::exact));
    writer.object(object);
    writer.out
}

/// As [`canonical_exact`], of any value and given part by part, so that a text that is only hashed
/// is never in memory as a whole.
pub fn canonical_exact_in_parts(value: &Value, take: &mut dyn FnMut(&str)) {
    let mut writer = Writer::new(Some(Number::exact));
    writer.take = Some(take);
    let rest = writer.write(value);
    take(&rest);
}

/// How keys and numbers are written: in their order and as they were written, or sorted and as this
/// says. A function and no name for it, so that a program has only those that it asks for in it.
type Form = Option<fn(&Number) -> String>;

/// A string as JSON text, with its quotes.
#[must_use]
pub fn quote(text: &str) -> String {
    let mut out = String::new();
    put_string(text, &mut out);
    out
}

/// A key as one token of a JSON Pointer (RFC 6901), without the slash.
#[must_use]
pub fn pointer_token(key: &str) -> Cow<'_, str> {
    if key.bytes().any(|byte| matches!(byte, b'~' | b'/')) {
        let mut token = String::new();
        for c in key.chars() {
            match c {
                '~' => token.push_str("~0"),
                '/' => token.push_str("~1"),
                c => token.push(c),
            }
        }
        token.into()
    } else {
        key.into()
    }
}

/// The key that a token of a JSON Pointer names; see [`pointer_token`].
pub(crate) fn key_of_token(token: &str) -> String {
    let mut key = String::with_capacity(token.len());
    let mut rest = token;
    while let Some((before, behind)) = rest.split_once('~') {
        key.push_str(before);
        let (c, written) = match behind.as_bytes().first() {
            Some(b'0') => ('~', 1),
            Some(b'1') => ('/', 1),
            // What is no escape stands for itself.
            _ => ('~', 0),
        };
        key.push(c);
        rest = behind.get(written..).unwrap_or_default();
    }
    key.push_str(rest);
    key
}

struct Writer<'v, 't> {
    out: String,
    form: Form,
    /// The members of the objects that are being written, in order, those of the innermost last.
    members: Vec<&'v Member>,
    /// Takes what was written, now and then.
    take: Option<&'t mut dyn FnMut(&str)>,
}

/// From so many bytes on what was written is taken.
const PART: usize = 8192;

impl<'v> Writer<'v, '_> {
    fn new(form: Form) -> Self {
        Writer { out: String::new(), form, members: Vec::new(), take: None }
    }

    /// Writes a value; gives what was not taken.
    fn write(mut self, value: &'v Value) -> String {
        self.value(value);
        self.out
    }

    /// Recursion is bounded: a value is never nested more deeply than its reader allowed.
    fn value(&mut self, value: &'v Value) {
        match value {
            Value::Null => self.out.push_str("null"),
            Value::Bool(true) => self.out.push_str("true"),
            Value::Bool(false) => self.out.push_str("false"),
            Value::Number(number) => self.number(number),
            Value::String(text) => put_string(text, &mut self.out),
            Value::List(items) => {
                self.out.push('[');
                for (at, item) in items.iter().enumerate() {
                    if at > 0 {
                        self.out.push(',');
                    }
                    self.value(&item.value);
                    self.part();
                }
                self.out.push(']');
            }
            Value::Object(object) => self.object(object),
        }
    }

    fn object(&mut self, object: &'v Object) {
        let own = self.members.len();
        if self.form.is_none() {
            self.members.extend(object.members());
        } else {
            self.members.extend(object.nearly_sorted());
            if let Some(own @ [_, _, ..]) = self.members.get_mut(own..) {
                sort_by(own, |a, b| by_utf16(&a.key, &b.key));
            }
        }
        self.out.push('{');
        for at in own..own.saturating_add(object.len()) {
            let Some(&member) = self.members.get(at) else { break };
            if at > own {
                self.out.push(',');
            }
            put_string(&member.key, &mut self.out);
            self.out.push(':');
            self.value(&member.node.value);
            self.part();
        }
        self.members.truncate(own);
        self.out.push('}');
    }

    fn number(&mut self, number: &Number) {
        let text = number.as_str();
        // A whole number as nearly all are written: ECMAScript writes it so too.
        let plain = text.len() <= 21 && text.bytes().all(|byte| byte.is_ascii_digit());
        match self.form {
            _ if plain => self.out.push_str(text),
            None => self.out.push_str(text),
            Some(form) => self.out.push_str(&form(number)),
        }
    }

    /// Gives away what was written, if it is much.
    fn part(&mut self) {
        if let Some(take) = &mut self.take
            && self.out.len() >= PART
        {
            take(&self.out);
            self.out.clear();
        }
    }
}

/// The order of texts by their UTF-16 code units. The order of UTF-8 differs from that in one thing only:
/// characters beyond U+FFFF, whose first byte is one from 0xf0 on, come before those from U+E000 on,
/// whose first byte is 0xee or 0xef.
fn by_utf16(one: &str, other: &str) -> Ordering {
    let differs = one.bytes().zip(other.bytes()).find(|(a, b)| a != b);
    let up = |byte: u8| if matches!(byte, 0xee | 0xef) { byte | 0x10 } else { byte };
    match differs {
        Some((a, b)) => up(a).cmp(&up(b)),
        None => one.len().cmp(&other.len()),
    }
}

/// Escapes what RFC 8785 (section 3.2.2.2) escapes and nothing else.
fn put_string(text: &str, out: &mut String) {
    out.reserve(text.len().saturating_add(2));
    out.push('"');
    // In WebAssembly code must be small.
    if cfg!(not(target_family = "wasm")) && is_short_and_plain(text.as_bytes()) {
        out.push_str(text);
    } else {
        put_parts(text, out);
    }
    out.push('"');
}

/// Whether nothing in a text is to be escaped, if it is so short that it is quicker asked in words of eight
/// bytes than in blocks: nearly all keys and values of policies are.
#[inline]
fn is_short_and_plain(text: &[u8]) -> bool {
    const fn all(byte: u8) -> u64 {
        u64::from_le_bytes([byte; 8])
    }
    // A bit is left if a byte is less than this one.
    let less = |word: u64, byte| word.wrapping_sub(all(byte)) & !word & all(0x80);
    let escaped = |word| less(word, 0x20) | less(word ^ all(b'"'), 1) | less(word ^ all(b'\\'), 1);
    let found = match (text.first_chunk(), text.last_chunk()) {
        (Some(first), Some(last)) if text.len() <= 16 => {
            escaped(u64::from_le_bytes(*first)) | escaped(u64::from_le_bytes(*last))
        }
        (Some(_), _) => return false,
        // Spaces before what is less than a word.
        _ => escaped(text.iter().fold(all(b' '), |word, byte| word << 8 | u64::from(*byte))),
    };
    found == 0
}

/// What stands between the quotes.
fn put_parts(text: &str, out: &mut String) {
    let mut at = 0;
    loop {
        let end = plain_until(text.as_bytes(), at);
        out.push_str(text.get(at..end).unwrap_or(""));
        match text.as_bytes().get(end) {
            None => break,
            Some(b'"') => out.push_str("\\\""),
            Some(b'\\') => out.push_str("\\\\"),
            Some(0x8) => out.push_str("\\b"),
            Some(b'\t') => out.push_str("\\t"),
            Some(b'\n') => out.push_str("\\n"),
            Some(0xc) => out.push_str("\\f"),
            Some(b'\r') => out.push_str("\\r"),
            Some(other) => {
                out.push_str("\\u00");
                let digits = [other >> 4, other & 0xf];
                out.extend(digits.map(|digit| char::from_digit(digit.into(), 16).unwrap_or('0')));
            }
        }
        at = end.saturating_add(1);
    }
}
