//! The catalogs that programs hand over.

use cattlegrid::model::Catalog;
use cattlegrid::parse;
use js_sys::TypeError;
use wasm_bindgen::JsValue;

/// Reads a catalog; what is wrong with it is an error to throw.
pub(crate) fn read(text: &[u8]) -> Result<Catalog, JsValue> {
    parse::catalog(text).map_err(|faults| {
        let why = faults.first().map_or("", |fault| &fault.message);
        TypeError::new(&format!("this is no catalog: {why}")).into()
    })
}
