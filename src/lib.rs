//! Policy for AI agents' tool calls.
#![cfg_attr(test, allow(clippy::string_slice, clippy::arithmetic_side_effects))]

pub mod approval;
pub mod compile;
pub mod diagnostic;
pub mod evaluate;
pub mod json;
pub mod model;
pub mod parse;
pub mod protocol;
pub mod quota;
pub mod simulate;
pub mod source;
pub mod validate;
pub mod wire;
