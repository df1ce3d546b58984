//! From what was read back to the text: the place of a value, and of a part of a string.

use crate::json::{self, Limits, Member, Node, Value, pointer_token};
use crate::source::Span;

/// Where the value stands that a JSON Pointer (RFC 6901) names; `None` if there is none. Works on
/// texts with faults too, as far as they are understood.
#[must_use]
pub fn locate(text: &[u8], pointer: &str) -> Option<Span> {
    Some(json::read(text, &Limits::DOCUMENT).node?.at(pointer)?.span)
}

/// The bytes `start..end` of a string's value, as a place in the text. `string` is the place of the
/// string with its quotes; escapes are followed, and all that stands between the quotes is the
/// answer if they cannot be.
pub(crate) fn part(text: &str, string: Span, start: usize, end: usize) -> Span {
    let inner = string.inner();
    let raw = inner.of(text);
    let (mut from, mut to) = (None, None);
    let (mut at, mut read) = (0usize, 0usize);
    loop {
        if read == start {
            from = Some(at);
        }
        if read == end {
            to = Some(at);
        }
        let Some((written, meant)) = next_char(raw.get(at..).unwrap_or("")) else { break };
        at = at.saturating_add(written);
        read = read.saturating_add(meant);
    }
    match (from, to) {
        (Some(from), Some(to)) if from <= to => {
            let offset = |at: usize| (inner.start as usize).saturating_add(at);
            Span::new(offset(from), offset(to))
        }
        _ => inner,
    }
}

/// Of the first character of a string's text: how many bytes it is written with, and how many it
/// has itself.
fn next_char(raw: &str) -> Option<(usize, usize)> {
    let first = raw.chars().next()?;
    if first != '\\' {
        return Some((first.len_utf8(), first.len_utf8()));
    }
    let Some(hex) = raw.strip_prefix("\\u") else {
        return raw.get(..2).map(|_| (2, 1));
    };
    let unit = u16::from_str_radix(hex.get(..4)?, 16).ok()?;
    match char::from_u32(u32::from(unit)) {
        Some(c) => Some((6, c.len_utf8())),
        // Half of a pair: the other half follows, or the reader would have complained.
        None => Some((12, 4)),
    }
}

/// The pointer of the innermost value that was read around a place; `own` says what of the text
/// belongs to a member of an object.
pub(super) fn pointer_at(root: &Node, place: Span, own: impl Fn(&Member) -> Span) -> String {
    let holds = |outer: Span| outer.start <= place.start && place.end <= outer.end;
    let (mut node, mut pointer) = (root, String::new());
    loop {
        let inner = match &node.value {
            Value::Object(object) => object
                .members()
                .iter()
                .find(|member| holds(own(member)))
                .map(|member| (pointer_token(&member.key).into_owned(), &member.node)),
            Value::List(items) => {
                let mut items = items.iter().enumerate();
                items.find(|(_, item)| holds(item.span)).map(|(at, item)| (at.to_string(), item))
            }
            _ => None,
        };
        let Some((token, inner)) = inner else { return pointer };
        pointer.push('/');
        pointer.push_str(&token);
        node = inner;
    }
}

/// A member from its key to its value.
pub(super) fn whole(member: &Member) -> Span {
    Span { start: member.key_span.start, end: member.node.span.end }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_parts_of_strings_behind_escapes() {
        for (text, start, end, expected) in [
            (r#""abc""#, 1, 2, "b"),
            (r#""a\\d(""#, 1, 3, r"\\d"),
            (r#""a\\d(""#, 3, 4, "("),
            (r#""\u00e9(x""#, 2, 3, "("),
            (r#""\ud83d\ude00(x""#, 4, 5, "("),
            (r#""é(""#, 2, 3, "("),
            (r#""a\n""#, 1, 2, r"\n"),
            // Inside of a character: all of the string.
            (r#""\u00e9""#, 1, 2, r"\u00e9"),
            (r#""ab""#, 2, 2, ""),
        ] {
            assert_eq!(part(text, Span::new(0, text.len()), start, end).of(text), expected);
        }
    }

    #[test]
    fn a_place_is_in_the_innermost_value_around_it() {
        let text = r#"{"a/b": [1, {"~": "xyz"}]}"#;
        let root = json::read(text.as_bytes(), &Limits::DOCUMENT).node.unwrap();
        let at = |start, end| pointer_at(&root, Span::new(start, end), whole);
        for (words, pointer) in [
            (text, ""),
            ("a/b", "/a~1b"),
            (": [", "/a~1b"),
            ("[1", "/a~1b"),
            ("1", "/a~1b/0"),
            ("1, ", "/a~1b"),
            ("~", "/a~1b/1/~0"),
            ("y", "/a~1b/1/~0"),
            ("}]", "/a~1b"),
            ("]}", ""),
        ] {
            let start = text.find(words).unwrap();
            assert_eq!(at(start, start + words.len()), pointer, "{words}");
        }
    }

    #[test]
    fn locates_values_by_pointer() {
        let text = r#"{"a/b": [1, {"~": "x"}], "": 2}"#;
        let at = |pointer| locate(text.as_bytes(), pointer).map(|span| span.of(text));
        assert_eq!(at(""), Some(text));
        assert_eq!(at("/a~1b/0"), Some("1"));
        assert_eq!(at("/a~1b/1/~0"), Some("\"x\""));
        assert_eq!(at("/"), Some("2"));
        assert_eq!(at("/a~1b/01"), None);
        assert_eq!(at("/a~1b/2"), None);
        assert_eq!(at("a"), None);
        let broken = r#"{"tools": {"a": {"limits": [1,]"#;
        let span = locate(broken.as_bytes(), "/tools/a/limits/0").unwrap();
        assert_eq!(span.of(broken), "1");
    }
}
