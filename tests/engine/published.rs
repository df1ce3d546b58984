//! The documents that the format's product has published.

use std::fs;
use std::io::Write;

use cattlegrid::json::{Limits, read_strict, write};
use cattlegrid::parse;
use cattlegrid::source::LineIndex;

/// Not part of the project: they are other people's texts.
const FILE: &str = "../shared/data/published-policies.json";

#[test]
fn every_published_document_loads() {
    let Ok(text) = fs::read(super::project(FILE)) else {
        // Past the capture of tests' output, so that it can be seen.
        writeln!(std::io::stderr(), "skipped: {FILE} is not there").unwrap();
        return;
    };
    let documents = read_strict(&text, &Limits::DOCUMENT).unwrap();
    let mut faults = Vec::new();
    let mut loaded = 0;
    for document in documents.value.as_list().unwrap() {
        let document = document.value.as_object().unwrap();
        let title = document.get("title").unwrap().value.as_str().unwrap();
        if document.get("fragment").and_then(|fragment| fragment.value.as_bool()) == Some(true) {
            continue;
        }
        let text = write(&document.get("document").unwrap().value);
        let parsed = parse::parse(text.as_bytes());
        let index = LineIndex::new(&text);
        let errors = parsed.diagnostics.iter().filter(|diagnostic| diagnostic.is_error());
        faults.extend(errors.map(|error| format!("{title}: {}", error.in_one_line(&index))));
        loaded += usize::from(parsed.policy.is_some());
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(loaded > 0, "no document was found");
}
