//! Questions about all calls that there may be.

use cattlegrid::analyze::{self, Question};
use cattlegrid::json::quote;
use cattlegrid::model::{Catalog, Policy};
use cattlegrid::parse::{self, Parsed};
use cattlegrid::wire::{diagnostics_text, diff_text, linted_text, proof_text};
use wasm_bindgen::prelude::*;

use crate::catalog;

/// What a new policy makes of calls that an old one makes something else of, as JSON. Of a text that is
/// no policy it throws which one, with its diagnostics, as JSON.
#[wasm_bindgen(js_name = diff)]
pub fn diff(old: &str, new: &str, catalog: Option<String>) -> Result<String, JsValue> {
    let (old, new) = (policy("old", old)?, policy("new", new)?);
    Ok(diff_text(&analyze::diff(&old, &new, read(catalog)?.as_ref())))
}

/// What is proved of the rules of a policy, as JSON; throws as `diff` does.
#[wasm_bindgen(js_name = lint)]
pub fn lint(text: &str, catalog: Option<String>) -> Result<String, JsValue> {
    let parsed = parse::parse(text.as_bytes());
    if parsed.policy.is_none() {
        return Err(faults("policy", text, &parsed));
    }
    Ok(linted_text(text.as_bytes(), &analyze::lint(&parsed, read(catalog)?.as_ref())))
}

/// The answer to a question about all calls, as JSON; throws as `diff` does.
#[wasm_bindgen(js_name = ask)]
pub fn ask(text: &str, question: &str, catalog: Option<String>) -> Result<String, JsValue> {
    let policy = policy("policy", text)?;
    let catalog = read(catalog)?;
    let proof = Question::parse(question)
        .map(|question| analyze::ask(&policy, &question, catalog.as_ref()));
    Ok(proof_text(question, proof.as_ref()))
}

fn policy(which: &str, text: &str) -> Result<Policy, JsValue> {
    let mut parsed = parse::parse(text.as_bytes());
    let policy = parsed.policy.take();
    policy.ok_or_else(|| faults(which, text, &parsed))
}

fn faults(which: &str, text: &str, parsed: &Parsed) -> JsValue {
    let diagnostics = diagnostics_text(text.as_bytes(), &parsed.diagnostics);
    format!(r#"{{"document":{},"diagnostics":{diagnostics}}}"#, quote(which)).into()
}

fn read(catalog: Option<String>) -> Result<Option<Catalog>, JsValue> {
    catalog.map(|text| catalog::read(text.as_bytes())).transpose()
}
