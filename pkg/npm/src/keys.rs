//! The keys by which approvals are known, where the cryptography is.

use cattlegrid::approval::Keys;
use cattlegrid::json::{self, Limits};
use wasm_bindgen::JsValue;

use crate::fault::TypeError;

/// Reads keys, as JSON; what is wrong with them is an error to throw.
pub fn read(text: &str) -> Result<Keys, JsValue> {
    let wrong = |pointer: &str, why: &dyn std::fmt::Display| {
        JsValue::from(TypeError::new(&format!("approvalKeys{pointer}: {why}")))
    };
    let node = json::read_strict(text.as_bytes(), &Limits::MESSAGE)
        .map_err(|fault| wrong("", &fault.kind))?;
    Keys::from_node(&node).map_err(|faults| match faults.first() {
        Some(fault) => wrong(&fault.pointer, &fault.kind),
        None => wrong("", &"they cannot be read"),
    })
}
