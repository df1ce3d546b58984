//! The boundary to JavaScript of a module that decides and does nothing else: what a page or a Worker
//! loads. It has no words for what is wrong with a policy, and no cryptography, so no approvals.

#[path = "../../src/document.rs"]
mod document;
#[path = "../../src/engine.rs"]
mod engine;
#[path = "../../src/text.rs"]
mod text;
