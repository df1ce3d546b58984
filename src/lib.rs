//! Policy for AI agents' tool calls: which tools of MCP servers may be called, with which arguments,
//! how often, and what needs a person first.
//!
//! This is the engine that every host shares. It knows no clock, no files and no network: time and
//! counters come in through [`evaluate::Env`], and texts as bytes. Data flows through its rooms in
//! one direction:
//!
//! ```text
//!  text ──parse──▶ Policy ──validate(catalog?)──▶ diagnostics
//!                    └──compile──▶ CompiledPolicy
//!  bytes ──protocol──▶ Call ───────────────┐│
//!                      Env{now, counters} ─┴▶ evaluate ──▶ Decision ──protocol, wire──▶ bytes
//! ```
//!
//! Everything in it is total and bounded: no input makes it panic, and what is wrong, in doubt or too
//! large is denied.
#![cfg_attr(test, allow(clippy::string_slice, clippy::arithmetic_side_effects))]

pub mod analyze;
pub mod approval;
mod bytes;
pub mod classify;
pub mod compile;
pub mod complete;
pub mod diagnostic;
mod digits;
pub mod edge;
pub mod edit;
pub mod evaluate;
pub mod export;
pub mod form;
#[cfg(feature = "import")]
pub mod import;
pub mod json;
pub mod model;
mod order;
pub mod parse;
pub mod pin;
pub mod protocol;
pub mod quota;
pub mod replay;
#[cfg(feature = "report")]
pub mod report;
pub mod simulate;
pub mod source;
pub mod validate;
pub mod wire;
mod words;
#[cfg(feature = "import")]
mod yaml;

/// The README's example, so that it goes on to compile.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
