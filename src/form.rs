//! A policy as a form shows it: the tools with their states, the rules of one tool with a sentence
//! under each, the arguments that a condition can ask about.
//!
//! All of it is about the text as it is now, and of a text that is no policy as far as it was
//! understood.

mod rows;

pub use rows::{Row, rows};
