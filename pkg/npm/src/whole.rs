//! What else can be asked of a policy and its text: all that the package has but what authors need.

use cattlegrid::evaluate;
use cattlegrid::model::Explanation;
use cattlegrid::parse::{self, Parsed};
use cattlegrid::validate;
use cattlegrid::wire::{diagnostics_text, explanation_text, span_text, tools_text};
use wasm_bindgen::prelude::*;

use crate::catalog;
use crate::engine::{Engine, read_call};
use crate::text;

#[wasm_bindgen]
impl Engine {
    /// Explains a call and counts nothing.
    pub fn explain(&mut self, length: usize, now: f64) -> String {
        let explanation = match read_call(length) {
            Ok(call) => {
                let (policy, mut env) = self.ask(now);
                evaluate::explain(Some(policy), &call, &mut env)
            }
            Err(fault) => {
                let decision = evaluate::not_a_call(&fault);
                Explanation { decision, rules: Vec::new(), limits: Vec::new() }
            }
        };
        explanation_text(&explanation)
    }

    /// The state of each tool of the catalog in the buffer; throws a message if it is none.
    pub fn tools(&self, length: usize) -> Result<String, JsValue> {
        text::with(length, |catalog| Ok(tools_text(&self.policy, &catalog::read(catalog)?)))
    }
}

/// Everything that is to be said about the policy in the buffer.
#[wasm_bindgen]
pub fn check(length: usize, catalog: Option<String>) -> Result<String, JsValue> {
    let catalog = catalog.map(|catalog| catalog::read(catalog.as_bytes())).transpose()?;
    Ok(text::with(length, |text| {
        diagnostics_text(text, &validate::check(text, catalog.as_ref()).diagnostics)
    }))
}

/// The canonical text of the policy in the buffer; throws the list of its diagnostics if it is none.
#[wasm_bindgen]
pub fn format(length: usize) -> Result<String, String> {
    text::with(length, |text| match parse::parse(text) {
        Parsed { policy: Some(policy), .. } => Ok(parse::print(&policy)),
        Parsed { diagnostics, .. } => Err(diagnostics_text(text, &diagnostics)),
    })
}

/// Where in the text in the buffer the value of a JSON Pointer stands.
#[wasm_bindgen]
pub fn locate(length: usize, pointer: &str) -> Option<String> {
    text::with(length, |text| Some(span_text(text, parse::locate(text, pointer)?)))
}
