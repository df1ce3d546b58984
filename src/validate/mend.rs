//! Making the safe fixes of a document, until none is left.

use crate::diagnostic::{Diagnostic, Fix, apply};
use crate::model::Catalog;
use crate::source::LineIndex;

use super::{Checked, check};

/// So often a text is read again: what a fix brings to light may be fixed too.
const MAX_ROUNDS: usize = 16;

/// A document with its safe fixes made.
#[derive(Clone, Debug)]
pub struct MendedDocument {
    /// The text as it is now.
    pub text: String,
    /// What was done, in the order in which it was done.
    pub done: Vec<Done>,
    /// What there is to say about the text as it is now.
    pub checked: Checked,
}

/// One fix that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// The line that it began in, from 1, as the text was then.
    pub line: u32,
    /// What it did.
    pub title: String,
}

/// Makes the safe fixes of a document ([`Fix::safe`]) and leaves all else in it as it was. A text
/// that is not UTF-8 has none.
#[must_use]
pub fn mend(text: &[u8], catalog: Option<&Catalog>) -> MendedDocument {
    let mut checked = check(text, catalog);
    let mut text = String::from_utf8_lossy(text).into_owned();
    let mut done = Vec::new();
    for _ in 0..MAX_ROUNDS {
        let safe: Vec<(&Diagnostic, &Fix)> = checked.diagnostics.iter().filter_map(fix).collect();
        let mended = apply(&text, safe.iter().map(|(_, fix)| *fix));
        if mended.text == text {
            break;
        }
        let index = LineIndex::new(&text);
        done.extend(mended.made.iter().filter_map(|&at| safe.get(at)).map(|(about, fix)| Done {
            line: index.position(about.span.start).line,
            title: fix.title.clone(),
        }));
        text = mended.text;
        checked = check(text.as_bytes(), catalog);
    }
    MendedDocument { text, done, checked }
}

fn fix(diagnostic: &Diagnostic) -> Option<(&Diagnostic, &Fix)> {
    Some((diagnostic, diagnostic.fix.as_ref().filter(|fix| fix.safe)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse;

    fn mended(text: &str) -> (String, bool) {
        let mended = mend(text.as_bytes(), None);
        (mended.text, mended.checked.policy.is_some())
    }

    #[test]
    fn mends_what_was_meant_beyond_doubt() {
        for (text, expected) in [
            (
                "\u{feff}{\"version\": \"1\", \"default\": \"deny\",}",
                "{\"version\": \"1\", \"default\": \"deny\"}",
            ),
            ("{'version': 1, defualt: deny}", "{\"version\": \"1\", \"default\": \"deny\"}"),
            ("{}", "{\"default\": \"deny\", \"version\": \"1\"}"),
            (
                r#"{"version": "1", "default": "Allow", "hide": "a"}"#,
                r#"{"version": "1", "default": "allow", "hide": ["a"]}"#,
            ),
            (
                r#"{"version": "1", "default": "deny", "tools": {"t": {"denyIf": [{"path": "args.a", "op": ">=", "value": "5"}], "rateLimit": {"max": "5", "window": "5min"}}}}"#,
                r#"{"version": "1", "default": "deny", "tools": {"t": {"deny_if": [{"conditions": [{"path": "args.a", "op": "gte", "value": 5}]}], "rate_limit": {"max": 5, "window": 300}}}}"#,
            ),
        ] {
            assert_eq!(mended(text), (expected.to_owned(), true), "{text}");
        }
    }

    #[test]
    fn leaves_alone_what_is_a_guess() {
        for text in [
            r#"{"version": "1", "default": "permit"}"#,
            r#"{"version": "1", "default": "deny", "tools": ["a", "b"]}"#,
            r#"{"version": "1", "default": "deny", "tools": {"t": {"require": [{"conditions": [{"path": "args.a", "op": "gr", "value": 5}]}]}}}"#,
            r#"{"version": "1", "default": "deny", "tools": {"t": {"require": [{"conditions": [{"path": "args.a", "op": "not_contains", "value": "x"}]}]}}}"#,
            r#"{"version": "1", "default": "deny", "tools": {"t": {"require": [{"conditions": [{"path": "a", "op": "eq", "value": 5}]}]}}}"#,
            r#"{"version": "1", "default": "deny", "tools": {"t": {"deny_if_not": []}}}"#,
            r#"{"version": "1", "default": "deny", "hide": "drop,delete"}"#,
            r#"{"version": "1", "default": "deny", "tools": {"t": {"rate_limit": {"max": 5, "window": "5m"}}}}"#,
            r#"{"version": "1", "default": "deny", "tools": {"t": {"rate_limit": {"max": 1,000, "window": 5}}}}"#,
            r#"{"version": "1", "default": "deny", "tools": {"t": {"limits": [{"counter": "n", "max": 5, "window": "day", "scope": "user"}]}}}"#,
            r#"{"version": "1", "default": "deny", "tools": {"t": {"deny_if": [{"conditions": [{"path": "args.a", "op": "matches", "value": "*.env"}]}]}}}"#,
            "{\"version\": \"1\", /* why */ \"default\": \"deny\"}",
        ] {
            assert_eq!(mended(text), (text.to_owned(), false), "{text}");
        }
    }

    #[test]
    fn a_suggestion_about_a_tool_stays_one() {
        let catalog = parse::catalog(br#"[{"name": "search"}]"#).unwrap();
        let text = r#"{"version": "1", "default": "deny", "tools": {"serach": {}, "search": {}}}"#;
        let mended = mend(text.as_bytes(), Some(&catalog));
        assert_eq!((mended.text.as_str(), mended.done), (text, vec![]));
        assert_eq!(mended.checked.diagnostics.len(), 1);
    }

    #[test]
    fn says_what_it_did() {
        let mended = mend(b"{\n  \"version\": 1,\n  \"defualt\": \"deny\"\n}", None);
        let done: Vec<_> = mended.done.iter().map(|one| (one.line, one.title.as_str())).collect();
        assert_eq!(done, [(2, "put it in quotes"), (3, "rename it to `default`")]);
    }

    #[test]
    fn bytes_that_are_no_text_have_no_fix() {
        assert!(mend(b"{\"version\": \"\xff\"}", None).done.is_empty());
    }
}
