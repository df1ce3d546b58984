//! The boundary to JavaScript: text in, codes and text out. Nothing is decided here.
//!
//! What people see of it are `js/` and `index.d.ts`; these functions are for `js/policy.js` alone,
//! which hands over every text through the buffer of `text` and says how many bytes it has.

mod approvals;
mod catalog;
mod document;
mod engine;
mod fault;
mod text;
mod whole;

#[cfg(test)]
mod tests;
