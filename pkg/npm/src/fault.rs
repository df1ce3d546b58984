//! The errors that are thrown at who uses the package wrongly. They are named here and not taken of `js-sys`,
//! which brings two kilobytes that nothing here calls.

use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// JavaScript's own.
    pub type TypeError;

    #[wasm_bindgen(constructor)]
    pub fn new(message: &str) -> TypeError;
}
