//! Reading, validating, mending and compiling any text whatever ends, and points into the text.

use std::sync::LazyLock;

use cattlegrid::compile::compile;
use cattlegrid::diagnostic::{Diagnostic, Fix};
use cattlegrid::evaluate::{Env, evaluate, explain};
use cattlegrid::json::{Limits, canonical, read_strict};
use cattlegrid::model::{Call, Catalog, Time};
use cattlegrid::quota::MemoryStore;
use cattlegrid::source::{LineIndex, Span};
use cattlegrid::{parse, validate};

use super::evaluate::same;

/// A server with the names that generated policies use.
static CATALOG: LazyLock<Catalog> = LazyLock::new(|| {
    let text = r#"{"tools": [
        {"name": "a", "inputSchema": {"type": "object", "required": ["a"], "properties": {
            "a": {"type": "integer", "minimum": 0}, "b": {"enum": ["a", "b", 1]},
            "l": {"type": "array", "items": {"type": "object", "properties": {"a": {"type": ["string", "null"]}}}}}}},
        {"name": "b", "inputSchema": {"type": "object", "properties": {
            "a": {"anyOf": [{"type": "number"}, {"$ref": "x"}]}, "a.b": {"const": 1}}, "additionalProperties": false}},
        {"name": "t/~1"}, {"name": "e"}]}"#;
    parse::catalog(text.as_bytes()).unwrap()
});

pub fn check(bytes: &[u8]) {
    for catalog in [None, Some(&*CATALOG)] {
        let checked = validate::check(bytes, catalog);
        assert_eq!(checked.policy.is_none(), checked.diagnostics.iter().any(Diagnostic::is_error));
        for diagnostic in &checked.diagnostics {
            check_diagnostic(bytes, diagnostic);
        }
        if catalog.is_some() {
            // All would take the square of the time.
            let fixes = checked.diagnostics.iter().filter_map(|diagnostic| diagnostic.fix.as_ref());
            for fix in fixes.take(4) {
                let mended = apply(bytes, fix);
                let again = validate::check(&mended, catalog);
                again.diagnostics.iter().for_each(|left| check_diagnostic(&mended, left));
            }
        }
    }
    let mended = validate::mend(bytes, Some(&CATALOG));
    assert!(!mended.done.is_empty() || mended.text == String::from_utf8_lossy(bytes));
    let Some(policy) = parse::parse(bytes).policy else { return };
    let compiled = compile(&policy);
    assert!(mended.checked.policy.is_some(), "fixes broke it: {}", mended.text);

    // The canonical text is a policy. It may round numbers; then, and only then, it is another one,
    // with another hash.
    let canon = canonical(&policy.document.value);
    let again = parse::parse(canon.as_bytes());
    let again = again.policy.unwrap_or_else(|| panic!("{:#?}\nin {canon}", again.diagnostics));
    assert_eq!(canonical(&again.document.value), canon);
    let is_same = again.document == policy.document;
    assert_eq!(compile(&again).hash() == compiled.hash(), is_same, "{canon}");

    // Printing changes nothing but the order of keys, and ends at once.
    let printed = parse::print(&policy);
    let again = parse::parse(printed.as_bytes());
    let again = again.policy.unwrap_or_else(|| panic!("{:#?}\nin {printed}", again.diagnostics));
    assert!(again.document == policy.document, "{printed}");
    assert_eq!(compile(&again).hash(), compiled.hash());
    assert_eq!(parse::print(&again), printed);

    let arguments = [r#"{}"#, r#"{"a": 1, "b": "a", "l": [1, {"a": null}]}"#];
    let mut counters = MemoryStore::new();
    for name in policy.tools.iter().map(|tool| tool.name.value.clone()).chain(["a".to_owned()]) {
        for arguments in arguments {
            let value = read_strict(arguments.as_bytes(), &Limits::MESSAGE).unwrap().value;
            let arguments = value.as_object().unwrap().clone();
            let call = Call { tool: name.clone(), arguments, ..Call::default() };
            let mut env =
                Env { now: Time(1_767_225_600_000), counters: &mut counters, approvals: None };
            let explanation = explain(Some(&compiled), &call, &mut env);
            let evaluation = evaluate(Some(&compiled), &call, &mut env);
            assert!(same(&explanation.decision, &evaluation.decision), "{explanation:#?}");
        }
    }
}

fn check_diagnostic(text: &[u8], diagnostic: &Diagnostic) {
    check_span(text, diagnostic.span);
    diagnostic.labels.iter().for_each(|label| check_span(text, label.span));
    let edits = diagnostic.fix.iter().flat_map(|fix| &fix.edits);
    edits.for_each(|edit| check_span(text, edit.span));
    if let Ok(valid) = std::str::from_utf8(text) {
        assert!(!diagnostic.in_one_line(&LineIndex::new(valid)).is_empty());
    }
    assert!(!diagnostic.message.is_empty() && !diagnostic.message.contains('\n'));
}

/// A place lies in its text, and cuts no character in two.
pub fn check_span(text: &[u8], span: Span) {
    let (start, end) = (span.start as usize, span.end as usize);
    assert!(start <= end && end <= text.len(), "{span:?} in {} bytes", text.len());
    if let Ok(valid) = std::str::from_utf8(text) {
        assert!(
            valid.is_char_boundary(start) && valid.is_char_boundary(end),
            "{span:?} in {valid}"
        );
    }
}

fn apply(text: &[u8], fix: &Fix) -> Vec<u8> {
    let mut edits: Vec<_> = fix.edits.iter().collect();
    edits.sort_by_key(|edit| edit.span.start);
    let mut mended = Vec::new();
    let mut done = 0;
    for edit in edits {
        let start = edit.span.start as usize;
        assert!(done <= start, "edits overlap in {fix:?}");
        mended.extend_from_slice(&text[done..start]);
        mended.extend_from_slice(edit.text.as_bytes());
        done = edit.span.end as usize;
    }
    mended.extend_from_slice(&text[done..]);
    mended
}
