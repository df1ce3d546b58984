//! JSON trees to what the engine works with.

mod call;

pub use call::{CallFault, CallFaultKind, call};

use crate::diagnostic::{Code, Diagnostic};
use crate::json::{self, FaultKind, Limits, Node};

/// Reads a text as JSON, with what is wrong with it.
#[must_use]
pub fn json(text: &[u8], limits: &Limits) -> (Option<Node>, Vec<Diagnostic>) {
    let read = json::read(text, limits);
    let diagnostics = read.faults.iter().map(|fault| {
        let code = match fault.kind {
            FaultKind::ByteOrderMark => Code::ByteOrderMark,
            FaultKind::InvalidUtf8 => Code::InvalidUtf8,
            FaultKind::TooLarge => Code::TooLarge,
            FaultKind::TooDeep => Code::TooDeep,
            FaultKind::LoneSurrogate => Code::LoneSurrogate,
            FaultKind::NumberTooLarge => Code::NumberTooLarge,
            FaultKind::DuplicateKey(_) => Code::DuplicateKey,
            FaultKind::TrailingText => Code::TrailingText,
            _ => Code::Syntax,
        };
        Diagnostic::new(code, fault.span, "", fault.kind.to_string())
    });
    (read.node, diagnostics.collect())
}
