//! Approvals of calls, which this module checks itself: scenarios have keys, too.

use wasm_bindgen::prelude::*;

use crate::engine::Engine;
use crate::keys;

#[wasm_bindgen]
impl Engine {
    /// Takes the keys by which approvals are known, as JSON; throws what is wrong with them.
    #[wasm_bindgen(js_name = takeApprovalKeys)]
    pub fn take_approval_keys(&mut self, text: &str) -> Result<(), JsValue> {
        self.approvals = Some(keys::read(text)?);
        Ok(())
    }
}
