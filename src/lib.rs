//! Policy for AI agents' tool calls.
#![cfg_attr(test, allow(clippy::string_slice, clippy::arithmetic_side_effects))]

pub mod diagnostic;
pub mod json;
pub mod model;
pub mod source;
