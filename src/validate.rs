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
use crate::model::{Catalog, Policy, ToolRules};
use crate::order::sort_by_key;
use crate::parse::{self, Again, Parsed, SaidOfTool};

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
    match parsed.policy {
        Some(policy) => {
            let diagnostics = warnings(&policy, catalog).diagnostics;
            Checked { policy: Some(policy), diagnostics }
        }
        None => Checked { policy: None, diagnostics: parsed.diagnostics },
    }
}

/// Validates what was read.
#[must_use]
pub fn said(parsed: &Parsed, catalog: Option<&Catalog>) -> Said {
    match &parsed.policy {
        Some(policy) => warnings(policy, catalog),
        None => errors(parsed),
    }
}

/// Validates what was read again, without what was said before of tools that are the same: for another
/// catalog that must be forgotten first ([`Again::forget_said`]).
#[must_use]
pub fn said_again(again: &mut Again, catalog: Option<&Catalog>) -> Said {
    let (parsed, pieces) = again.parts();
    let Some(policy) = &parsed.policy else { return errors(parsed) };
    pieces.stand_beside(policy);
    let known = catalog.map(|catalog| {
        Known::new(policy, catalog, |rules| {
            pieces.find(rules.whole())?.said.as_ref().map(|said| said.tool)
        })
    });
    for (at, rules) in policy.tools.iter().enumerate() {
        let Some(piece) = pieces.piece(rules.whole()) else { continue };
        if piece.said.is_none() {
            let mut diagnostics = Vec::new();
            let tool = say_of(policy, rules, known.as_ref(), at, &mut diagnostics);
            piece.said = Some(SaidOfTool { tool, diagnostics });
        }
    }
    let whole = of_whole(policy, known.as_ref());
    let mut all: Vec<&Diagnostic> = whole.iter().chain(pieces.said()).collect();
    sort_by_key(&mut all, |diagnostic| diagnostic.order());
    let kept = all.get(..MAX_DIAGNOSTICS).unwrap_or(&all);
    let omitted = all.len().saturating_sub(kept.len());
    Said { diagnostics: kept.iter().map(|diagnostic| (*diagnostic).clone()).collect(), omitted }
}

/// What is wrong with a text that is no policy.
fn errors(parsed: &Parsed) -> Said {
    Said { diagnostics: parsed.diagnostics.clone(), omitted: parsed.omitted }
}

/// What there is to say about a policy.
// A function of its own beside `said_again`, of which the small hosts have none.
fn warnings(policy: &Policy, catalog: Option<&Catalog>) -> Said {
    let known = catalog.map(|catalog| Known::new(policy, catalog, |_| None));
    let mut diagnostics = of_whole(policy, known.as_ref());
    for (at, rules) in policy.tools.iter().enumerate() {
        say_of(policy, rules, known.as_ref(), at, &mut diagnostics);
    }
    sort(&mut diagnostics);
    let omitted = diagnostics.len().saturating_sub(MAX_DIAGNOSTICS);
    diagnostics.truncate(MAX_DIAGNOSTICS);
    Said { diagnostics, omitted }
}

/// What there is to say about all of it.
fn of_whole(policy: &Policy, known: Option<&Known<'_>>) -> Vec<Diagnostic> {
    let mut out = Vec::new();
    whole::check(policy, &mut out);
    rule::check(policy, &mut out);
    if let Some(known) = known {
        server::check(known, &mut out);
        open::check(known, &mut out);
    }
    out
}

/// Says what there is to say about one tool, and which of the catalog it is.
fn say_of(
    policy: &Policy,
    rules: &ToolRules,
    known: Option<&Known<'_>>,
    at: usize,
    out: &mut Vec<Diagnostic>,
) -> Option<usize> {
    rule::tool(policy, rules, out);
    let known = known?;
    let place = known.place(at);
    if let Some(tool) = known.catalog.tools.get(place?) {
        argument::tool(policy, rules, tool, out);
        open::tool(known, rules, tool, out);
        flag::tool(rules, tool, out);
    }
    place
}
