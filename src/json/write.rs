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
    text_of(writer.out)
}

/// As [`canonical_exact`], of any value and given part by part, so that a text that is only hashed
/// is never in memory as a whole.
pub fn canonical_exact_in_parts(value: &Value, take: &mut dyn FnMut(&str)) {
    canonical_exact_in_bytes(value, &mut |part| {
        take(std::str::from_utf8(part).unwrap_or_default())
    });
}

/// The same as bytes. No part ends within a character.
pub(crate) fn canonical_exact_in_bytes(value: &Value, take: &mut dyn FnMut(&[u8])) {
    let mut writer = Writer::new(Some(Number::exact));
    writer.take = Some(take);
    writer.value(value);
    let rest = writer.out;
    take(&rest);
}

/// How keys and numbers are written: in their order and as they were written, or sorted and as this
/// says. A function and no name for it, so that a program has only those that it asks for in it.
type Form = Option<fn(&Number) -> String>;

/// A string as JSON text, with its quotes.
#[must_use]
pub fn quote(text: &str) -> String {
    let mut out = Vec::new();
    put_string(text, &mut out);
    text_of(out)
}

/// What was written, which is made of whole characters.
#[inline(never)]
fn text_of(out: Vec<u8>) -> String {
    String::from_utf8(out).unwrap_or_default()
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

type Take<'t> = dyn FnMut(&[u8]) + 't;

struct Writer<'v, 't> {
    out: Vec<u8>,
    form: Form,
    /// The members of the objects that are being written, in order, those of the innermost last.
    members: Vec<&'v Member>,
    /// Takes what was written, now and then.
    take: Option<&'t mut Take<'t>>,
}

/// From so many bytes on what was written is taken.
const PART: usize = 8192;

impl<'v> Writer<'v, '_> {
    fn new(form: Form) -> Self {
        Writer { out: Vec::new(), form, members: Vec::new(), take: None }
    }

    /// Writes a value; gives what was not taken.
    fn write(mut self, value: &'v Value) -> String {
        self.value(value);
        text_of(self.out)
    }

    /// Recursion is bounded: a value is never nested more deeply than its reader allowed.
    fn value(&mut self, value: &'v Value) {
        match value {
            Value::Null => self.put(b"null"),
            Value::Bool(true) => self.put(b"true"),
            Value::Bool(false) => self.put(b"false"),
            Value::Number(number) => self.number(number),
            Value::String(text) => put_string(text, &mut self.out),
            Value::List(items) => {
                self.out.push(b'[');
                for (at, item) in items.iter().enumerate() {
                    if at > 0 {
                        self.out.push(b',');
                    }
                    self.value(&item.value);
                    self.part();
                }
                self.out.push(b']');
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
        self.out.push(b'{');
        for at in own..own.saturating_add(object.len()) {
            let Some(&member) = self.members.get(at) else { break };
            if at > own {
                self.out.push(b',');
            }
            put_string(&member.key, &mut self.out);
            self.out.push(b':');
            self.value(&member.node.value);
            self.part();
        }
        self.members.truncate(own);
        self.out.push(b'}');
    }

    fn number(&mut self, number: &Number) {
        let text = number.as_str();
        // A whole number as nearly all are written: ECMAScript writes it so too.
        let plain = text.len() <= 21 && text.bytes().all(|byte| byte.is_ascii_digit());
        match self.form {
            _ if plain => self.put(text.as_bytes()),
            None => self.put(text.as_bytes()),
            Some(form) => self.put(form(number).as_bytes()),
        }
    }

    fn put(&mut self, text: &[u8]) {
        self.out.extend_from_slice(text);
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
fn put_string(text: &str, out: &mut Vec<u8>) {
    let text = text.as_bytes();
    // In WebAssembly code must be small.
    if cfg!(not(target_family = "wasm"))
        && let Some(block) = quoted_at_once(text)
    {
        let end = out.len().saturating_add(text.len()).saturating_add(2);
        out.extend_from_slice(&block);
        out.truncate(end);
        return;
    }
    out.reserve(text.len().saturating_add(2));
    out.push(b'"');
    put_parts(text, out);
    out.push(b'"');
}

/// A text with its quotes, and nothing behind them, if nothing in it is to be escaped and it is so short that it
/// is put together as one word: nearly all keys and values of policies are.
#[inline]
fn quoted_at_once(text: &[u8]) -> Option<[u8; 16]> {
    if text.len() > 14 {
        return None;
    }
    let bits = |bytes: usize| (bytes as u32).wrapping_mul(8);
    // The first bytes and the last, which may be the same.
    let word = if let (Some(first), Some(last)) = (text.first_chunk(), text.last_chunk()) {
        let (first, last) = (u64::from_le_bytes(*first), u64::from_le_bytes(*last));
        let behind = u128::from(last).wrapping_shl(bits(text.len().wrapping_sub(8)));
        u128::from(first) | behind
    } else if let (Some(first), Some(last)) = (text.first_chunk(), text.last_chunk()) {
        let (first, last) = (u32::from_le_bytes(*first), u32::from_le_bytes(*last));
        let behind = u64::from(last).wrapping_shl(bits(text.len().wrapping_sub(4)));
        (u64::from(first) | behind).into()
    } else {
        text.iter().rev().fold(0u32, |word, byte| word << 8 | u32::from(*byte)).into()
    };
    let quote = u128::from(b'"');
    let closed = word | quote.wrapping_shl(bits(text.len()));
    let plain = plain_until(&closed.to_le_bytes(), 0) == text.len();
    plain.then(|| (closed << 8 | quote).to_le_bytes())
}

/// What stands between the quotes.
fn put_parts(text: &[u8], out: &mut Vec<u8>) {
    let mut at = 0;
    loop {
        let end = plain_until(text, at);
        out.extend_from_slice(text.get(at..end).unwrap_or_default());
        let letter = match text.get(end) {
            None => break,
            Some(letter @ (b'"' | b'\\')) => *letter,
            Some(0x8) => b'b',
            Some(b'\t') => b't',
            Some(b'\n') => b'n',
            Some(0xc) => b'f',
            Some(b'\r') => b'r',
            // A control character: less than 0x20.
            Some(other) => {
                let low = other & 0xf;
                let low = if low < 10 { b'0' | low } else { low.wrapping_add(b'a' - 10) };
                out.extend_from_slice(&[b'\\', b'u', b'0', b'0', b'0' | other >> 4, low]);
                at = end.saturating_add(1);
                continue;
            }
        };
        out.extend_from_slice(&[b'\\', letter]);
        at = end.saturating_add(1);
    }
}
