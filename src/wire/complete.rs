//! What can stand at a place of a text, and what stands there, as JSON text.

use super::text::{Members, span};
use crate::complete::{Choice, complete, hover};
use crate::model::Catalog;
use crate::source::LineIndex;

/// What can stand at a place of a policy's text: `{from, to, options, more}`. Each of the `options` is
/// `{label, insert, caret, detail?, info?, kind}`; they fit what was begun between `from` and `to`, the
/// likeliest first, so that nobody need sort or filter them again: ask anew for the next letter.
/// `insert` takes the place of what was begun, quotes included; `caret` is where in it one goes on.
/// With `more` there are others that a further letter would find. All places are counted in UTF-16
/// code units. `None` if nothing is known.
#[must_use]
pub fn complete_text(text: &str, at: u32, catalog: Option<&Catalog>) -> Option<String> {
    let index = LineIndex::new(text);
    let completion = complete(text.as_bytes(), index.byte(at), catalog)?;
    let mut out = Members::default();
    out.json("from", &index.utf16(completion.span.start).to_string());
    out.json("to", &index.utf16(completion.span.end).to_string());
    out.list("options", &completion.options, choice);
    out.flag("more", completion.more);
    Some(out.end())
}

fn choice(choice: &Choice) -> String {
    let before = choice.insert.get(..choice.caret).unwrap_or_default();
    let mut out = Members::default();
    out.text("label", &choice.label);
    out.text("insert", &choice.insert);
    out.json("caret", &before.encode_utf16().count().to_string());
    out.some_text("detail", choice.detail.as_deref());
    out.some_text("info", choice.info.as_deref());
    out.text("kind", choice.kind.as_str());
    out.end()
}

/// What the word at a place of a policy's text means: `{span, title, text}`. The place is counted in
/// UTF-16 code units. `None` if nothing is known of it.
#[must_use]
pub fn hover_text(text: &str, at: u32, catalog: Option<&Catalog>) -> Option<String> {
    let index = LineIndex::new(text);
    let said = hover(text.as_bytes(), index.byte(at), catalog)?;
    let mut out = Members::default();
    out.json("span", &span(said.span, &index));
    out.text("title", &said.title);
    out.text("text", &said.text);
    Some(out.end())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::parse;

    #[test]
    fn places_are_counted_as_javascript_does() {
        let catalog = r#"[{"name":"😀é","title":"T","description":"D"},{"name":"other"}]"#;
        let catalog = parse::catalog(catalog.as_bytes()).unwrap();
        let text = "{ \"x-😀\": 1, \"tools\": { \"😀 } }";
        let at = text.encode_utf16().count() as u32 - 4;
        let read =
            |text: Option<String>| -> Value { serde_json::from_str(&text.unwrap()).unwrap() };
        let done = read(complete_text(text, at, Some(&catalog)));
        let option = json!({"label": "😀é", "insert": "\"😀é\": {}", "caret": 8, "detail": "T", "info": "D",
                            "kind": "tool"});
        assert_eq!(done, json!({"from": at - 3, "to": at, "options": [option], "more": false}));
        assert_eq!(complete_text(text, 5, None), None);
        let text = "{ \"x-😀\": 1,\n \"hide\": [\"😀é\"] }";
        let start = text.encode_utf16().count() as u32 - 8;
        let said = read(hover_text(text, start + 1, Some(&catalog)));
        let span = json!({"start": start, "end": start + 5, "from": {"line": 2, "column": 11}, "to": {"line": 2, "column": 15}});
        assert_eq!(said, json!({"span": span, "title": "😀é: T", "text": "D"}));
    }
}
