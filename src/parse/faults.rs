//! What the JSON reader could not read, as diagnostics.

use super::place;
use crate::diagnostic::{Code, Diagnostic, Edit, Fix, Saying, fill, name};
use crate::json::{
    self, Fault, FaultKind, Limits, Node, Number, Read, Value, pointer_token, quote,
};
use crate::source::Span;

/// Reads a text as strict JSON, with all its faults as diagnostics in the order of the text.
#[must_use]
pub fn json(text: &[u8], limits: &Limits) -> (Option<Node>, Vec<Diagnostic>) {
    let read = json::read(text, limits);
    let diagnostics = diagnostics(text, limits, &read);
    (read.node, diagnostics)
}

pub(super) fn diagnostics(text: &[u8], limits: &Limits, read: &Read) -> Vec<Diagnostic> {
    let valid = std::str::from_utf8(text).unwrap_or("");
    let one = |fault: &Fault| diagnostic(fault, text, valid, limits, read.node.as_ref());
    read.faults.iter().map(one).collect()
}

fn diagnostic(
    fault: &Fault,
    bytes: &[u8],
    text: &str,
    limits: &Limits,
    root: Option<&Node>,
) -> Diagnostic {
    let span = fault.span;
    let words = span.of(text);
    // A key with a fault names nothing.
    let pointer = root.map(|root| place::pointer_at(root, span, |member| member.node.span));
    let pointer = pointer.unwrap_or_default();
    let diagnostic = match fault.kind {
        FaultKind::DuplicateKey(_) => {
            // Joined and not formatted: of all that is compiled without words it would be alone in that.
            let pointer = [&pointer, "/", &pointer_token(&key_of(words))].concat();
            Diagnostic::at(Code::DuplicateKey, span.inner(), &pointer)
        }
        kind => Diagnostic::at(code(kind), span, &pointer),
    };
    diagnostic.say(|said| match fault.kind {
        FaultKind::TooLarge => {
            said.message(fill("the text has more than {} bytes", &[&limits.bytes.to_string()]))
        }
        FaultKind::TooDeep => said.message(fill(
            "lists and objects are nested more than {} deep",
            &[&limits.depth.to_string()],
        )),
        FaultKind::Expected(what) => expected(said.message(found(what, words)), what, words, text),
        FaultKind::InvalidEscape => {
            let said = said
                .message(fill("{} is no escape of json", &[&name(words)]))
                .help("a backslash itself is written `\\\\`");
            if words.starts_with("\\u") || words.chars().count() != 2 {
                return said;
            }
            said.replace("double the backslash", span, fill("\\{}", &[words])).safe_if(true)
        }
        FaultKind::InvalidNumber => {
            number(said.message(fill("{} is no number of json", &[&name(words)])), words)
        }
        FaultKind::DuplicateKey(first) => said
            .message(fill("the key {} stands twice in one object", &[&name(&key_of(words))]))
            .label(first.inner(), "it stands here first")
            .help("keep one of them; readers differ in which they would take"),
        kind => mend(said.message(kind.message()), kind, bytes, words),
    })
}

fn code(kind: FaultKind) -> Code {
    match kind {
        FaultKind::ByteOrderMark => Code::ByteOrderMark,
        FaultKind::InvalidUtf8 => Code::InvalidUtf8,
        FaultKind::TooLarge => Code::TooLarge,
        FaultKind::TooDeep => Code::TooDeep,
        FaultKind::LoneSurrogate => Code::LoneSurrogate,
        FaultKind::NumberTooLarge => Code::NumberTooLarge,
        FaultKind::DuplicateKey(_) => Code::DuplicateKey,
        FaultKind::TrailingText => Code::TrailingText,
        FaultKind::Expected(_)
        | FaultKind::TrailingComma
        | FaultKind::Comment
        | FaultKind::UnterminatedString
        | FaultKind::ControlCharacter
        | FaultKind::InvalidEscape
        | FaultKind::InvalidNumber => Code::Syntax,
    }
}

/// Adds what to do about a fault whose own text is the message.
fn mend<'d>(said: Saying<'d>, kind: FaultKind, bytes: &[u8], words: &str) -> Saying<'d> {
    let span = said.span();
    match kind {
        FaultKind::ByteOrderMark => said
            .help("save the file as utf-8 without a byte order mark")
            .replace("remove the byte order mark", span, "")
            .safe_if(true),
        FaultKind::InvalidUtf8 => {
            let utf16 = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
            said.help(if utf16 {
                "it looks like utf-16; save it as utf-8"
            } else {
                "save it as utf-8"
            })
        }
        FaultKind::TrailingComma => said
            .help("remove the comma")
            .replace("remove the comma", span, "")
            .safe_if(true),
        FaultKind::Comment => said
            .help("remove it, or keep the note as the value of a key that begins with `x-`")
            .replace("remove the comment", span, ""),
        FaultKind::UnterminatedString => {
            // Before what likely stands behind the string.
            let content = words.trim_end_matches([',', '}', ']', ' ', '\t']);
            if content.len() < 2 {
                return said;
            }
            let end = (span.start as usize).saturating_add(content.len());
            said.replace("close the string", Span::new(end, end), "\"")
        }
        FaultKind::ControlCharacter => {
            let escaped = quote(words);
            let escaped = Span::new(0, escaped.len()).inner().of(&escaped);
            said.help(fill("write `{}`", &[escaped]))
                .replace("escape the character", span, escaped)
                .safe_if(true)
        }
        FaultKind::LoneSurrogate => said
            .help("a character beyond `\\uffff` is written as it is, or as two escapes in a row"),
        FaultKind::TrailingText => said
            .help("a document is one value; if more belongs to it, a bracket before this closes too early"),
        _ => said,
    }
}

/// The value of a key from its text.
fn key_of(written: &str) -> String {
    let read = json::read(written.as_bytes(), &Limits::DOCUMENT);
    let key = read.node.and_then(|node| node.value.as_str().map(str::to_owned));
    key.unwrap_or_else(|| written.to_owned())
}

fn found(what: &str, words: &str) -> String {
    match words {
        "" => fill("expected {}", &[what]),
        words => fill("expected {}, found {}", &[what, &name(words)]),
    }
}

/// Adds what is likely meant where something else was expected.
fn expected<'d>(said: Saying<'d>, what: &str, words: &str, text: &str) -> Saying<'d> {
    let span = said.span();
    if words.is_empty() {
        let at_end = text.len() <= span.start as usize;
        if at_end && text.trim().is_empty() {
            return said.help("the text is empty");
        }
        if at_end {
            return said.help("the text ends too early");
        }
        // Right behind what stands before it.
        let before = text.get(..span.start as usize).unwrap_or("").trim_end().len();
        let behind = Span::new(before, before);
        return match what {
            "`:`" => said.replace("add the colon", behind, ":").safe_if(true),
            _ if what.starts_with("`,`") => {
                said.replace("add the comma", behind, ",").safe_if(true)
            }
            _ => said,
        };
    }
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    let quotes = |c: char| matches!(c, '\'' | '`');
    let inner = words.strip_prefix(quotes).and_then(|rest| rest.strip_suffix(quotes));
    let value = what == "a value";
    if !value && !what.starts_with("a key") {
        return said;
    }
    match (words, inner) {
        (_, Some(inner)) => said
            .help("json knows only double quotes")
            .replace("use double quotes", span, quote(inner))
            .safe_if(!inner.contains(['\\', '"', '\''])),
        ("NaN" | "Infinity" | "undefined", _) if value => {
            said.help(fill("json has no `{}`", &[words]))
        }
        ("True" | "False", _) if value => {
            let meant = words.to_ascii_lowercase();
            said.help(fill("did you mean `{}`?", &[&meant]))
                .replace(fill("replace by `{}`", &[&meant]), span, meant)
                .safe_if(true)
        }
        ("None" | "nil" | "NULL" | "Null", _) if value => said
            .help("did you mean `null`?")
            .replace("replace by `null`", span, "null")
            .safe_if(true),
        _ if words.chars().all(is_word) => said
            .help("texts and keys stand in double quotes")
            .replace("put it in double quotes", span, quote(words))
            .safe_if(words.starts_with(|c: char| c.is_ascii_alphabetic())),
        _ => said,
    }
}

/// Adds the number that is likely meant, if there is only one.
fn number<'d>(said: Saying<'d>, words: &str) -> Saying<'d> {
    let span = said.span();
    let (sign, digits) = match words.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", words.strip_prefix('+').unwrap_or(words)),
    };
    let zero = if digits.starts_with('.') { "0" } else { "" };
    let digits = digits.strip_suffix('.').unwrap_or(digits).replace('_', "");
    let meant = fill("{}{}{}", &[sign, zero, &digits]);
    match Number::parse(&meant) {
        Ok(_) => said
            .help(fill("write `{}`", &[&meant]))
            .replace(fill("replace by `{}`", &[&meant]), span, meant)
            .safe_if(true),
        Err(_) => said,
    }
}

/// Whether a value is one thing, and not a text that lists several.
pub(super) fn is_one(value: &Value) -> bool {
    let several = |c: char| c.is_whitespace() || matches!(c, ',' | ';' | '|');
    value.as_str().is_none_or(|text| !text.contains(several))
}

/// Edits that put something before and behind a place.
pub(super) fn wrap(title: &str, span: Span, before: &str, behind: &str) -> Fix {
    let insert = |at, text: &str| Edit { span: Span { start: at, end: at }, text: text.to_owned() };
    Fix {
        title: title.to_owned(),
        edits: vec![insert(span.start, before), insert(span.end, behind)],
        // What stands there stays what it is.
        safe: true,
    }
}
