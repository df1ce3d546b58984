//! The boundary to JavaScript of a module that has all that the whole one has, and a workbench for
//! who writes policies.

mod approvals;
#[path = "../../src/catalog.rs"]
mod catalog;
#[path = "../../src/document.rs"]
mod document;
#[path = "../../src/engine.rs"]
mod engine;
#[path = "../../src/fault.rs"]
mod fault;
#[path = "../../src/keys.rs"]
mod keys;
#[path = "../../src/text.rs"]
mod text;
#[path = "../../src/whole.rs"]
mod whole;
mod workbench;
