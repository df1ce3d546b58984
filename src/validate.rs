//! What a policy that compiles may do other than its author wants: on its own, and to the tools of
//! a catalog.
//!
//! A check speaks only when it is certain. What a schema leaves open, it may produce.

mod argument;
mod flag;
mod known;
mod mend;
pub(crate) mod open;
mod rule;
pub(crate) mod schema;
mod server;
#[cfg(test)]
mod tests;
mod whole;

pub(crate) use argument::{Others, is_silent, meant_by_missing};
pub use mend::{Done, MendedDocument, mend};

use self::known::Known;
use crate::diagnostic::{Diagnostic, sort};
use crate::model::{Catalog, Policy};
use crate::parse::{self, Parsed};

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

/// What there is to say about a policy document.
#[derive(Clone, Debug)]
pub struct Said {
    /// Errors, or else warnings, in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
    /// How many more there are, which are not kept.
    pub omitted: usize,
}

/// Reads a policy document and validates it, with the tools that it is for if they are known.
#[must_use]
pub fn check(text: &[u8], catalog: Option<&Catalog>) -> Checked {
    let parsed = parse::parse(text);
    let diagnostics = said(&parsed, catalog).diagnostics;
    Checked { policy: parsed.policy, diagnostics }
}

/// Validates what was read.
#[must_use]
pub fn said(parsed: &Parsed, catalog: Option<&Catalog>) -> Said {
    match &parsed.policy {
        Some(policy) => warnings(policy, catalog),
        None => Said { diagnostics: parsed.diagnostics.clone(), omitted: parsed.omitted },
    }
}

/// The warnings about a policy, in the order of its text. The catalog is what the server says its
/// tools are; without it nothing is said about names and arguments.
fn warnings(policy: &Policy, catalog: Option<&Catalog>) -> Said {
    let mut diagnostics = Vec::new();
    whole::check(policy, &mut diagnostics);
    rule::check(policy, &mut diagnostics);
    if let Some(catalog) = catalog {
        let known = Known::new(policy, catalog);
        server::check(&known, &mut diagnostics);
        argument::check(&known, &mut diagnostics);
        open::check(&known, &mut diagnostics);
        flag::check(&known, &mut diagnostics);
    }
    sort(&mut diagnostics);
    let omitted = diagnostics.len().saturating_sub(MAX_DIAGNOSTICS);
    diagnostics.truncate(MAX_DIAGNOSTICS);
    Said { diagnostics, omitted }
}
