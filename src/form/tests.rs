use super::*;
use crate::compile::compile;
use crate::diagnostic::{Fix as DiagnosticFix, apply};
use crate::model::Catalog;
use crate::parse::{self, Parsed};
use crate::validate;

mod arguments;
mod forms;
mod sentences;

const CATALOG: &str = r##"[
  {"name": "pay", "title": "Pay", "inputSchema": {"type": "object", "required": ["amount"], "properties": {
    "amount": {"type": "integer"}, "tip": {"type": "number"}, "fee": {"type": "number", "default": 90},
    "discount": {"type": "number", "default": 0}, "gift": {"type": "boolean"}, "tags": {"type": "array"},
    "items": {"type": "array", "items": {"type": "object", "properties": {"price": {"type": "number"}}}},
    "anything": {}}}},
  {"name": "sum"}, {"name": "__proto__"}]"##;

fn catalog() -> Catalog {
    parse::catalog(CATALOG.as_bytes()).unwrap()
}

/// The form of a tool of a text, and what there is to say about the text.
fn form_of(text: &str, tool: Option<&str>, catalog: Option<&Catalog>) -> Form {
    let parsed = parse::parse(text.as_bytes());
    form_in(text, &parsed, tool, catalog).unwrap_or_else(|| panic!("{text}"))
}

fn form_in(
    text: &str,
    parsed: &Parsed,
    tool: Option<&str>,
    catalog: Option<&Catalog>,
) -> Option<Form> {
    let said = validate::said(parsed, catalog);
    let policy = parsed.policy.as_ref().map(compile);
    let diagnostics = &said.diagnostics;
    Sources { text, parsed, policy: policy.as_ref(), catalog, diagnostics }.form(tool)
}

/// A policy with these rules for `pay`.
fn pay(rules: &str) -> String {
    format!(r#"{{"version":"1","default":"deny","tools":{{"pay":{{{rules}}}}}}}"#)
}
