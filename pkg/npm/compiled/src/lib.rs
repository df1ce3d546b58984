//! The boundary to JavaScript of a module that decides by policies which were compiled before: it reads no
//! text of a policy, and so is smaller and starts sooner than the one that does.

use cattlegrid::compile;
use wasm_bindgen::prelude::*;

#[path = "../../src/engine.rs"]
mod engine;
#[path = "../../src/text.rs"]
mod text;

use engine::Engine;

#[wasm_bindgen]
impl Engine {
    /// Reads the compiled policy in the buffer; throws why it is none.
    #[wasm_bindgen(constructor)]
    pub fn new(length: usize) -> Result<Engine, String> {
        let policy = text::with(length, compile::from_bytes);
        policy.map(Engine::of).map_err(|fault| fault.message().to_owned())
    }
}
