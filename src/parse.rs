//! JSON trees to what the engine works with: policies with all that is wrong with them, catalogs.

mod again;
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

pub use again::Again;
pub(crate) use again::SaidOfTool;
pub(crate) use call::{APPROVAL, KEYS as CALL_KEYS, MESSAGE_KEYS};
pub use call::{CallFault, CallFaultKind, call, call_text};
pub(crate) use catalog::{Listed, listed};
pub use catalog::{catalog, catalog_from};
pub use faults::json;
pub use place::locate;
pub(crate) use place::part;
pub(crate) use policy::{Understood, understood};
pub use print::print;
pub(crate) use print::{Lines, Place, Style, text};
pub(crate) use reader::{Field, Fields, Key, Kind, Reader, Words, fault, repeated};

use crate::diagnostic::{Diagnostic, sort};
use crate::json::{self as strict, Fault, Limits, Node};
use crate::model::{Policy, ToolRules};

/// What was understood of a policy document.
#[derive(Clone, Debug, Default)]
pub struct Parsed {
    /// The policy, if and only if there are no diagnostics.
    pub policy: Option<Policy>,
    /// What is wrong, in the order of the text. All of them are errors.
    pub diagnostics: Vec<Diagnostic>,
    /// How many more errors there are, which are not kept.
    pub omitted: usize,
    /// What is no strict JSON in the text.
    pub faults: Vec<Fault>,
    /// What was read of a text that is no policy: the document, and its tools.
    broken: Option<(Node, Vec<ToolRules>)>,
}

impl Parsed {
    /// The document as it was read, of a text with faults what could be understood; `None` if that is
    /// nothing.
    #[must_use]
    pub fn document(&self) -> Option<&Node> {
        let broken = self.broken.as_ref().map(|(document, _)| document);
        self.policy.as_ref().map(|policy| &policy.document).or(broken)
    }
}

/// Reads a policy document (UTF-8 JSON of at most 4 MiB). Never fails and never stops at the first
/// fault: what could be understood of a broken text is read for faults of its own.
#[must_use]
pub fn parse(text: &[u8]) -> Parsed {
    let read = strict::read_knowing(text, &Limits::DOCUMENT, policy::word, &mut |_| None);
    let diagnostics = faults::diagnostics(text, &Limits::DOCUMENT, &read);
    match read.node {
        Some(root) => finish(text, root, read.faults, diagnostics, &mut policy::NoneKnown),
        None => Parsed { diagnostics, faults: read.faults, ..Parsed::default() },
    }
}

/// Reads a policy that stands within another document, `text`, which was read as strict JSON.
/// Spans are places in `text`; pointers begin at the policy.
#[must_use]
pub fn parse_within(text: &[u8], policy: &Node) -> Parsed {
    finish(text, policy.clone(), Vec::new(), Vec::new(), &mut policy::NoneKnown)
}

fn finish(
    text: &[u8],
    root: Node,
    faults: Vec<Fault>,
    mut diagnostics: Vec<Diagnostic>,
    known: &mut dyn policy::Tools,
) -> Parsed {
    // Only a text that is UTF-8 has nodes to look at.
    let valid = std::str::from_utf8(text).unwrap_or("");
    let mut reader = reader::Reader::new(valid, &faults);
    let policy = match policy::policy(&mut reader, &root, known) {
        Ok(policy) => {
            let policy = Policy { document: root, ..policy };
            precondition::known_counters(&mut reader, &policy);
            Ok(policy)
        }
        Err(tools) => Err((root, tools)),
    };
    let root = policy.as_ref().map_or_else(|(root, _)| root, |policy| &policy.document);
    let (found, omitted) = reader.finish(root);
    diagnostics.extend(found);
    sort(&mut diagnostics);
    let (policy, broken) = match policy {
        Ok(policy) if diagnostics.is_empty() => (Some(policy), None),
        Ok(policy) => (None, Some((policy.document, policy.tools))),
        Err(broken) => (None, Some(broken)),
    };
    Parsed { policy, diagnostics, omitted, faults, broken }
}
