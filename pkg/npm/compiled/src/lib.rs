//! The boundary to JavaScript of a module that decides by policies which were compiled before: it reads no
//! text of a policy, and so is smaller and starts sooner than the one that does.

use cattlegrid::compile::{self, CompiledPolicy, StoredFault};
use wasm_bindgen::prelude::*;

#[path = "../../src/engine.rs"]
mod engine;
#[path = "../../src/text.rs"]
mod text;

use engine::Engine;

#[wasm_bindgen]
impl Engine {
    /// Reads the compiled policy in the buffer; none if it is none.
    // Throwing why would be 0.4 KB more: values of JavaScript are in a table, which a module has code for.
    pub fn read(length: usize) -> Option<Engine> {
        policy(length).ok().map(Engine::of)
    }
}

/// Why what is in the buffer is no compiled policy.
#[wasm_bindgen]
pub fn refusal(length: usize) -> String {
    policy(length).err().map_or("", StoredFault::message).to_owned()
}

// Once, for both that ask.
#[inline(never)]
fn policy(length: usize) -> Result<CompiledPolicy, StoredFault> {
    text::with(length, compile::from_bytes)
}
