//! The boundary to JavaScript of what checks approvals: the keys of a policy. The module that decides by
//! the policy has no cryptography and asks these.

#[path = "../../src/fault.rs"]
mod fault;
#[path = "../../src/keys.rs"]
mod keys;

use cattlegrid::approval;
use cattlegrid::model::Time;
use wasm_bindgen::prelude::*;

/// The keys by which approvals are known.
#[wasm_bindgen]
pub struct Keys(approval::Keys);

#[wasm_bindgen]
impl Keys {
    /// Reads keys, as JSON; throws what is wrong with them.
    #[wasm_bindgen(constructor)]
    pub fn new(text: &str) -> Result<Keys, JsValue> {
        keys::read(text).map(Keys)
    }

    /// Whether there is none.
    #[wasm_bindgen(getter, js_name = isEmpty)]
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is said of a token for the call with this digest, in the bytes that the engine's other half
    /// reads.
    #[must_use]
    pub fn check(&self, token: &str, digest: &str, now: f64) -> Vec<u8> {
        approval::to_bytes(&approval::check(token, digest, &self.0, Time(now as u64)))
    }
}
