//! What a policy that compiles may do other than its author wants: on its own, and to the tools of
//! a catalog.
//!
//! A check speaks only when it is certain. What a schema leaves open, it may produce.

mod argument;
mod flag;
mod mend;
pub(crate) mod open;
mod rule;
pub(crate) mod schema;
mod server;
#[cfg(test)]
mod tests;
mod whole;

pub use mend::{Done, MendedDocument, mend};

use crate::diagnostic::{Diagnostic, sort};
use crate::model::{Catalog, Policy};
use crate::parse;

/// So many warnings are given; who has more has read enough.
const MAX_DIAGNOSTICS: usize = 1000;

/// A policy document and everything that there is to say about it.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The policy, if and only if there is no error.
    pub policy: Option<Policy>,
    /// Errors, or else warnings, in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads a policy document and validates it, with the tools that it is for if they are known.
#[must_use]
pub fn check(text: &[u8], catalog: Option<&Catalog>) -> Checked {
    let parsed = parse::parse(text);
    let mut diagnostics = parsed.diagnostics;
    if let Some(policy) = &parsed.policy {
        diagnostics.extend(validate(policy, catalog));
    }
    Checked { policy: parsed.policy, diagnostics }
}

/// The warnings about a policy, in the order of its text. The catalog is what the server says its
/// tools are; without it nothing is said about names and arguments.
#[must_use]
pub fn validate(policy: &Policy, catalog: Option<&Catalog>) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    whole::check(policy, &mut diagnostics);
    rule::check(policy, &mut diagnostics);
    if let Some(catalog) = catalog {
        server::check(policy, catalog, &mut diagnostics);
        argument::check(policy, catalog, &mut diagnostics);
        open::check(policy, catalog, &mut diagnostics);
        flag::check(policy, catalog, &mut diagnostics);
    }
    sort(&mut diagnostics);
    diagnostics.truncate(MAX_DIAGNOSTICS);
    diagnostics
}
