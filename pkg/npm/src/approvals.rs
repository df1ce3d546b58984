//! Approvals of calls, which another module checks: this one has no cryptography in it. What that module
//! does not clearly say yes to is not approved.

use std::sync::Arc;

use cattlegrid::approval::{Elsewhere, Keys};
use cattlegrid::model::Time;
use wasm_bindgen::prelude::*;

use crate::engine::Engine;

#[wasm_bindgen]
extern "C" {
    /// Keys in the other module.
    #[wasm_bindgen(js_name = Keys)]
    pub type OtherKeys;

    #[wasm_bindgen(method, catch)]
    fn check(this: &OtherKeys, token: &str, digest: &str, now: f64) -> Result<Vec<u8>, JsValue>;
}

impl Elsewhere for OtherKeys {
    fn check(&self, token: &str, digest: &str, now: Time) -> Option<Vec<u8>> {
        OtherKeys::check(self, token, digest, now.0 as f64).ok()
    }
}

#[wasm_bindgen]
impl Engine {
    /// Takes the keys by which approvals are known; with none, nobody can approve.
    #[wasm_bindgen(js_name = takeKeys)]
    pub fn take_keys(&mut self, keys: Option<OtherKeys>) {
        let elsewhere = |keys| Keys::elsewhere(Arc::new(keys));
        self.approvals = Some(keys.map_or_else(Keys::default, elsewhere));
    }
}
