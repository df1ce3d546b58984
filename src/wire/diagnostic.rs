//! Diagnostics.

use serde::Serialize;

use crate::diagnostic::Diagnostic;
use crate::source::{LineIndex, Position, Span};

/// A diagnostic.
#[derive(Clone, Debug, Serialize)]
pub struct WireDiagnostic {
    /// The stable name of the kind of fault, in kebab-case.
    pub code: &'static str,
    /// `error` or `warning`.
    pub severity: &'static str,
    /// What is wrong.
    pub message: String,
    /// JSON Pointer to what it is about.
    pub pointer: String,
    /// The words that are wrong.
    pub span: WireSpan,
    /// Other places that belong to it.
    pub labels: Vec<WireLabel>,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// An edit that mends it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<WireFix>,
}

/// A range of a text, for editors and for people.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct WireSpan {
    /// Where it begins, in UTF-16 code units from the start of the text.
    pub start: u32,
    /// Where it ends, in UTF-16 code units.
    pub end: u32,
    /// Where it begins, as people count.
    pub from: WirePosition,
    /// Where it ends.
    pub to: WirePosition,
}

/// A place as people name it.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct WirePosition {
    /// From 1.
    pub line: u32,
    /// From 1, in code points.
    pub column: u32,
}

/// A note at another place.
#[derive(Clone, Debug, Serialize)]
pub struct WireLabel {
    /// The place.
    pub span: WireSpan,
    /// What there is to see.
    pub message: String,
}

/// Edits that mend a fault.
#[derive(Clone, Debug, Serialize)]
pub struct WireFix {
    /// What they do.
    pub title: String,
    /// The edits.
    pub edits: Vec<WireEdit>,
    /// Whether a machine may make them unasked.
    pub safe: bool,
}

/// A replacement of a range.
#[derive(Clone, Debug, Serialize)]
pub struct WireEdit {
    /// What to replace.
    pub span: WireSpan,
    /// What to put there.
    pub text: String,
}

impl WireDiagnostic {
    /// The diagnostic, with its places in the text that `index` was made of.
    #[must_use]
    pub fn new(diagnostic: &Diagnostic, index: &LineIndex<'_>) -> WireDiagnostic {
        let span = |span: Span| WireSpan::new(span, index);
        let labels = diagnostic.labels.iter();
        let fix = diagnostic.fix.as_ref().map(|fix| {
            let edits = fix.edits.iter();
            let edits =
                edits.map(|edit| WireEdit { span: span(edit.span), text: edit.text.clone() });
            WireFix { title: fix.title.clone(), edits: edits.collect(), safe: fix.safe }
        });
        WireDiagnostic {
            code: diagnostic.code.as_str(),
            severity: diagnostic.code.severity().as_str(),
            message: diagnostic.message.clone(),
            pointer: diagnostic.pointer.clone(),
            span: span(diagnostic.span),
            labels: labels
                .map(|label| WireLabel { span: span(label.span), message: label.message.clone() })
                .collect(),
            help: diagnostic.help.clone(),
            fix,
        }
    }
}

impl WireSpan {
    /// A range of the text that `index` was made of.
    #[must_use]
    pub fn new(span: Span, index: &LineIndex<'_>) -> WireSpan {
        let position = |offset| {
            let Position { line, column } = index.position(offset);
            WirePosition { line, column }
        };
        WireSpan {
            start: index.utf16(span.start),
            end: index.utf16(span.end),
            from: position(span.start),
            to: position(span.end),
        }
    }
}
