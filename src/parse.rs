//! JSON trees to what the engine works with: policies with all that is wrong with them, catalogs.

mod call;
mod catalog;
mod condition;
mod faults;
mod limit;
mod place;
mod policy;
mod precondition;
mod print;
mod reader;
#[cfg(test)]
mod tests;

pub(crate) use call::{APPROVAL, MESSAGE_KEYS};
pub use call::{CallFault, CallFaultKind, call, call_text};
pub use catalog::{catalog, catalog_from};
pub use faults::json;
pub use place::locate;
pub use print::print;
pub(crate) use reader::{Field, Fields, Key, Kind, Reader, Words, fault};

use crate::diagnostic::{Diagnostic, sort};
use crate::json::{self as strict, Fault, Limits, Node};
use crate::model::Policy;

/// What was understood of a policy document.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// The policy, if and only if there are no diagnostics.
    pub policy: Option<Policy>,
    /// Everything that is wrong, in the order of the text. All of them are errors.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads a policy document (UTF-8 JSON of at most 4 MiB). Never fails and never stops at the first
/// fault: what could be understood of a broken text is read for faults of its own.
#[must_use]
pub fn parse(text: &[u8]) -> Parsed {
    let read = strict::read(text, &Limits::DOCUMENT);
    let diagnostics = faults::diagnostics(text, &Limits::DOCUMENT, &read);
    match read.node {
        Some(root) => with(text, root, &read.faults, diagnostics),
        None => Parsed { policy: None, diagnostics },
    }
}

/// Reads a policy that stands within another document, `text`, which was read as strict JSON.
/// Spans are places in `text`; pointers begin at the policy.
#[must_use]
pub fn parse_within(text: &[u8], policy: &Node) -> Parsed {
    with(text, policy.clone(), &[], Vec::new())
}

fn with(text: &[u8], root: Node, faults: &[Fault], mut diagnostics: Vec<Diagnostic>) -> Parsed {
    // Only a text that is UTF-8 has nodes to look at.
    let valid = std::str::from_utf8(text).unwrap_or("");
    let mut reader = reader::Reader::new(valid, faults);
    let policy = match policy::policy(&mut reader, &root) {
        Some(policy) => {
            let policy = Policy { document: root, ..policy };
            precondition::known_counters(&mut reader, &policy);
            diagnostics.extend(reader.finish(&policy.document));
            Some(policy)
        }
        None => {
            diagnostics.extend(reader.finish(&root));
            None
        }
    };
    sort(&mut diagnostics);
    Parsed { policy: policy.filter(|_| diagnostics.is_empty()), diagnostics }
}
