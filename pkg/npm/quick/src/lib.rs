//! What the modules of the package do often, in a crate of its own: all else of them is compiled to
//! be small (see `[profile.wasm]` in the workspace's Cargo.toml), and what is `#[inline]` in the engine
//! is compiled as the crate is that calls it.

use cattlegrid::compile::CompiledPolicy;
use cattlegrid::evaluate::{self, Env, Scratch};
use cattlegrid::model::Effect;

#[cfg(target_family = "wasm")]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

/// What becomes of the call in this text; see [`evaluate::decide_text`].
// In its caller it would be compiled to be small.
#[inline(never)]
pub fn decide(
    policy: &CompiledPolicy,
    text: &[u8],
    env: &mut Env<'_>,
    scratch: &mut Scratch,
) -> Effect {
    evaluate::decide_text(Some(policy), text, env, scratch).effect
}

/// What becomes of the call of which this was seen; see [`evaluate::decide_seen`].
#[inline(never)]
pub fn decide_seen(
    policy: &CompiledPolicy,
    tool: u32,
    records: &[u8],
    env: &mut Env<'_>,
    scratch: &mut Scratch,
) -> Effect {
    evaluate::decide_seen(policy, tool, records, env, scratch).unwrap_or(Effect::Deny)
}
