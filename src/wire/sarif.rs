//! Diagnostics as SARIF 2.1.0 (OASIS), which code hosts and editors show in place.

use serde_json::{Value, json};

use crate::diagnostic::{Code, Diagnostic, Edit, Fix, Severity};
use crate::source::{LineIndex, Span};

/// A log with one run: every code as a rule, every diagnostic as a result. `path` is the file's,
/// relative to the root of the repository if it is to be shown there.
#[must_use]
pub fn sarif(path: &str, text: &str, diagnostics: &[Diagnostic]) -> Value {
    let index = LineIndex::new(text);
    let file = File { uri: uri(path), index };
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "cattlegrid",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": Code::ALL.iter().map(|code| rule(*code)).collect::<Vec<_>>(),
            }},
            "columnKind": "utf16CodeUnits",
            "artifacts": [{ "location": { "uri": file.uri }, "sourceLanguage": "json" }],
            "results": diagnostics.iter().map(|one| file.result(one)).collect::<Vec<_>>(),
        }],
    })
}

fn level(code: Code) -> &'static str {
    match code.severity() {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

fn rule(code: Code) -> Value {
    let explained = code.explain();
    let short = explained.split("\n\n").next().unwrap_or(explained).replace('\n', " ");
    json!({
        "id": code.as_str(),
        "shortDescription": { "text": short },
        "help": { "text": explained, "markdown": explained },
        "defaultConfiguration": { "level": level(code) },
    })
}

struct File<'t> {
    uri: String,
    index: LineIndex<'t>,
}

impl File<'_> {
    fn result(&self, diagnostic: &Diagnostic) -> Value {
        let Diagnostic { code, span, pointer, message, labels, help, fix } = diagnostic;
        let text = match help {
            Some(help) => format!("{message}. Help: {help}."),
            None => format!("{message}."),
        };
        let at = Code::ALL.iter().position(|known| known == code);
        let mut result = json!({
            "ruleId": code.as_str(),
            "ruleIndex": at,
            "level": level(*code),
            "message": { "text": text },
            "locations": [self.location(*span)],
        });
        if !pointer.is_empty() {
            set(&mut result, "properties", json!({ "pointer": pointer }));
        }
        if !labels.is_empty() {
            let related = labels.iter().map(|label| {
                let mut location = self.location(label.span);
                set(&mut location, "message", json!({ "text": label.message }));
                location
            });
            set(&mut result, "relatedLocations", related.collect());
        }
        if let Some(fix) = fix {
            set(&mut result, "fixes", json!([self.fix(fix)]));
        }
        result
    }

    fn location(&self, span: Span) -> Value {
        json!({ "physicalLocation": {
            "artifactLocation": { "uri": self.uri, "index": 0 },
            "region": self.region(span),
        }})
    }

    /// Lines and columns from 1, the end behind the last character.
    fn region(&self, span: Span) -> Value {
        json!({
            "startLine": self.index.position(span.start).line,
            "startColumn": self.index.utf16_column(span.start),
            "endLine": self.index.position(span.end).line,
            "endColumn": self.index.utf16_column(span.end),
        })
    }

    fn fix(&self, fix: &Fix) -> Value {
        let replacement = |edit: &Edit| {
            json!({
                "deletedRegion": self.region(edit.span),
                "insertedContent": { "text": edit.text },
            })
        };
        json!({
            "description": { "text": fix.title },
            "artifactChanges": [{
                "artifactLocation": { "uri": self.uri, "index": 0 },
                "replacements": fix.edits.iter().map(replacement).collect::<Vec<_>>(),
            }],
        })
    }
}

fn set(object: &mut Value, key: &str, value: Value) {
    if let Some(object) = object.as_object_mut() {
        object.insert(key.to_owned(), value);
    }
}

/// A path as a reference of RFC 3986.
fn uri(path: &str) -> String {
    let mut out = String::from(if path.starts_with('/') { "file://" } else { "" });
    for byte in path.strip_prefix("./").unwrap_or(path).replace('\\', "/").bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                out.push(char::from(byte));
            }
            byte => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate;

    #[test]
    fn a_log_has_places_fixes_and_rules() {
        let text = "{\n  \"description\": \"\u{1F600}\", \"version\": \"1\", \"defualt\": \"deny\",\n  \"hide\": [\"a\", \"a\"]\n}";
        let checked = validate::check(text.as_bytes(), None);
        let log = sarif("./my policies/a.json", text, &checked.diagnostics);
        let at = |pointer: &str| log.pointer(pointer).cloned().unwrap_or_default();
        assert_eq!(at("/runs/0/results/0/ruleId"), "unknown-key");
        assert_eq!(at("/runs/0/results/0/level"), "error");
        let index = at("/runs/0/results/0/ruleIndex").as_u64().unwrap();
        assert_eq!(at(&format!("/runs/0/tool/driver/rules/{index}/id")), "unknown-key");
        let place = "/runs/0/results/0/locations/0/physicalLocation";
        // The emoji is one column to people, and two here.
        assert_eq!(
            at(&format!("{place}/region")),
            json!({ "startLine": 2, "startColumn": 41, "endLine": 2, "endColumn": 48 })
        );
        assert_eq!(at(&format!("{place}/artifactLocation/uri")), "my%20policies/a.json");
        let change = at("/runs/0/results/0/fixes/0/artifactChanges/0/replacements/0");
        assert_eq!(change["insertedContent"]["text"], "default");
        assert_eq!(change["deletedRegion"]["startColumn"], 41);
        assert_eq!(at("/runs/0/results/1/relatedLocations/0/physicalLocation/region/startLine"), 3);
        assert_eq!(at("/runs/0/tool/driver/rules").as_array().unwrap().len(), Code::ALL.len());
    }

    #[test]
    fn paths_are_references() {
        assert_eq!(uri("/a b/ü.json"), "file:///a%20b/%C3%BC.json");
        assert_eq!(uri("<stdin>"), "%3Cstdin%3E");
        assert_eq!(uri("a\\b%.json"), "a/b%25.json");
    }
}
