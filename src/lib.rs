//! Policy for AI agents' tool calls.
pub mod diagnostic;
pub mod json;
pub mod model;
pub mod source;
