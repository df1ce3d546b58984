//! The boundary to JavaScript.
mod object;
mod text;
use wasm_bindgen::prelude::*;
use cattlegrid::json::{Limits, read_strict};
#[wasm_bindgen]
pub fn obj(v: &JsValue) -> bool { object::value_of(v, &Limits::MESSAGE).is_ok() }
#[wasm_bindgen]
pub fn txt(n: usize) -> bool { text::with(n, |t| read_strict(t, &Limits::MESSAGE).is_ok()) }
