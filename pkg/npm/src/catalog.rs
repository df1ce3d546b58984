//! The catalogs that programs hand over.

use cattlegrid::json::Limits;
use cattlegrid::model::Catalog;
use cattlegrid::parse;
use wasm_bindgen::prelude::*;

use crate::fault::TypeError;

/// A catalog takes about so many times the memory of its text.
const MEMORY: usize = 10;

/// Reads a catalog; what is wrong with it is an error to throw.
pub(crate) fn read(text: &[u8]) -> Result<Catalog, JsValue> {
    // All of its memory at once: wasm's allocator asks the host for 64 KiB at a time, and V8 collects
    // garbage at each of it. 12 MB of tools took 12 s so, and take 0.7 s now. Where there is not so much,
    // reading says so.
    let mut room = Vec::<u8>::new();
    let _ = room.try_reserve_exact(text.len().saturating_mul(MEMORY));
    drop(std::hint::black_box(room));
    parse::catalog(text).map_err(|faults| {
        let why = faults.first().map_or("", |fault| &fault.message);
        TypeError::new(&["this is no catalog: ", why].concat()).into()
    })
}

/// The most bytes of a catalog that are read.
#[wasm_bindgen(js_name = catalogLimit)]
pub fn catalog_limit() -> usize {
    Limits::CATALOG.bytes
}
