//! The boundary to JavaScript of a module with questions about many calls at once.

#[path = "../../src/catalog.rs"]
mod catalog;
#[path = "../../src/fault.rs"]
mod fault;
mod foreseen;
mod recorded;
