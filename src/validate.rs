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
use crate::diagnostic::Diagnostic;
use crate::model::{Catalog, Policy, ToolRules};
use crate::order::sort_by_key;
use crate::parse::{self, Again, Parsed, Pieces, SaidOfTool};

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
    said_knowing(parsed, catalog, &mut Pieces::default())
}

/// Validates what was read again, without what was said before of tools that are the same: for another
/// catalog that must be forgotten first ([`Again::forget_said`]).
#[must_use]
pub fn said_again(again: &mut Again, catalog: Option<&Catalog>) -> Said {
    let (parsed, pieces) = again.parts();
    said_knowing(parsed, catalog, pieces)
}

fn said_knowing(parsed: &Parsed, catalog: Option<&Catalog>, pieces: &mut Pieces) -> Said {
    match &parsed.policy {
        Some(policy) => warnings(policy, catalog, pieces),
        None => Said { diagnostics: parsed.diagnostics.clone(), omitted: parsed.omitted },
    }
}

/// The warnings about a policy, in the order of its text. The catalog is what the server says its
/// tools are; without it nothing is said about names and arguments.
fn warnings(policy: &Policy, catalog: Option<&Catalog>, pieces: &mut Pieces) -> Said {
    pieces.stand_beside(policy);
    let known = catalog.map(|catalog| Known::new(policy, catalog, pieces));
    let mut whole = Vec::new();
    whole::check(policy, &mut whole);
    rule::check(policy, &mut whole);
    if let Some(known) = &known {
        server::check(known, &mut whole);
        open::check(known, &mut whole);
    }
    for (at, rules) in policy.tools.iter().enumerate() {
        let Some(piece) = pieces.piece(rules.whole()) else { continue };
        if piece.said.is_none() {
            piece.said = Some(said_of(policy, rules, known.as_ref(), at));
        }
    }
    let mut all: Vec<&Diagnostic> = whole.iter().chain(pieces.said()).collect();
    sort_by_key(&mut all, |diagnostic| diagnostic.order());
    let kept = all.get(..MAX_DIAGNOSTICS).unwrap_or(&all);
    let omitted = all.len().saturating_sub(kept.len());
    Said { diagnostics: kept.iter().map(|diagnostic| (*diagnostic).clone()).collect(), omitted }
}

/// What there is to say of the rules of one tool, which is the same wherever they stand.
fn said_of(policy: &Policy, rules: &ToolRules, known: Option<&Known<'_>>, at: usize) -> SaidOfTool {
    let mut diagnostics = Vec::new();
    rule::tool(policy, rules, &mut diagnostics);
    let tool = known.and_then(|known| known.place(at));
    if let Some((known, tool)) =
        known.and_then(|known| Some((known, known.catalog.tools.get(tool?)?)))
    {
        argument::tool(policy, rules, tool, &mut diagnostics);
        open::tool(known, rules, tool, &mut diagnostics);
        flag::tool(rules, tool, &mut diagnostics);
    }
    SaidOfTool { tool, diagnostics }
}
