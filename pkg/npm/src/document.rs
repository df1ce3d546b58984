//! A policy of its text.

use cattlegrid::compile::compile;
use cattlegrid::json::Limits;
use cattlegrid::parse::{self, Parsed};
use cattlegrid::wire::diagnostics_text;
use wasm_bindgen::prelude::*;

use crate::engine::Engine;
use crate::text;

#[wasm_bindgen]
impl Engine {
    /// Reads a policy; throws the list of its diagnostics if it is none.
    #[wasm_bindgen(constructor)]
    pub fn new(length: usize) -> Result<Engine, String> {
        text::with(length, |text| match parse::parse(text) {
            Parsed { policy: Some(policy), .. } => Ok(Engine::of(compile(&policy))),
            Parsed { diagnostics, .. } => Err(diagnostics_text(text, &diagnostics)),
        })
    }
}

/// The most bytes of a policy that are read.
#[wasm_bindgen(js_name = documentLimit)]
pub fn document_limit() -> usize {
    Limits::DOCUMENT.bytes
}
