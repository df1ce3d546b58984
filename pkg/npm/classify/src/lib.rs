//! The boundary to JavaScript of a module that says what the tools of a server can do at worst.

#[path = "../../src/catalog.rs"]
mod catalog;

use cattlegrid::classify::{self, Options};
use cattlegrid::json::Limits;
use cattlegrid::wire::classified_text;
use wasm_bindgen::prelude::*;

/// What each tool of a catalog can do, as JSON; throws a message if it is none.
#[wasm_bindgen(js_name = classify)]
pub fn classify_tools(catalog: &str, trust_annotations: bool) -> Result<String, JsValue> {
    let catalog = catalog::read(catalog.as_bytes())?;
    Ok(classified_text(&classify::classify(&catalog, Options { trust_annotations })))
}

/// The most bytes of a catalog that are read.
#[wasm_bindgen(js_name = documentLimit)]
pub fn document_limit() -> usize {
    Limits::DOCUMENT.bytes
}
