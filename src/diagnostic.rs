//! Messages about a text: what is wrong, where, how bad, and what to do.
//!
//! A message is lower-case and in the reader's words, names stand in backticks, advice stands in
//! `help`, and an edit that a machine can make stands in `fix`.

mod code;
mod fill;
mod fix;
#[cfg(feature = "cli")]
mod github;
mod name;
mod nearest;
#[cfg(feature = "cli")]
mod render;
mod saying;

pub use code::{Code, Severity};
pub(crate) use fill::fill;
pub use fix::{Mended, apply};
#[cfg(feature = "cli")]
pub use github::github;
pub use name::{name, names, printable};
pub(crate) use nearest::Candidates;
pub use nearest::{is_slip, nearest};
#[cfg(feature = "cli")]
pub use render::render;
pub use saying::Saying;

use crate::order::sort_by_key;
use crate::source::{LineIndex, Span};

/// One message about a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// What kind of fault it is; stable, so that it can be looked up and filtered.
    pub code: Code,
    /// Exactly the words that are wrong.
    pub span: Span,
    /// JSON Pointer (RFC 6901) to the value that the message is about; empty for the whole.
    pub pointer: String,
    /// What is wrong, in one line.
    pub message: String,
    /// Other places that belong to the message.
    pub labels: Vec<Label>,
    /// What to do about it.
    pub help: Option<String>,
    /// An edit of the text that mends it.
    pub fix: Option<Fix>,
}

/// A note at another place of the same text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// What there is to see there.
    pub message: String,
}

/// Edits that together mend a fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What the edits do, as a button would say it.
    pub title: String,
    /// The edits, none overlapping another.
    pub edits: Vec<Edit>,
    /// Whether a machine may make them unasked: what they put there is what was meant beyond doubt,
    /// and no call passes by a guess. Everything else is a suggestion.
    pub safe: bool,
}

/// Replace the bytes of `span` by `text`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// What to replace; empty to insert.
    pub span: Span,
    /// What to put there; empty to delete.
    pub text: String,
}

impl Diagnostic {
    /// A diagnostic with a message and nothing else.
    pub fn new(code: Code, span: Span, pointer: &str, message: impl Into<String>) -> Diagnostic {
        Diagnostic::at(code, span, pointer).message(message)
    }

    /// A diagnostic that says what is wrong by its code alone.
    pub fn at(code: Code, span: Span, pointer: &str) -> Diagnostic {
        Diagnostic {
            code,
            span,
            pointer: pointer.to_owned(),
            message: String::new(),
            labels: Vec::new(),
            help: None,
            fix: None,
        }
    }

    /// Adds what only people read: a message, labels, help, a fix. Without the feature `words`
    /// nothing is added and none of it is compiled, so a place, a code or an order must not depend
    /// on it.
    #[must_use]
    pub fn say(mut self, words: impl FnOnce(Saying<'_>) -> Saying<'_>) -> Diagnostic {
        if cfg!(feature = "words") {
            words(Saying::of(&mut self));
        }
        self
    }

    /// Says what is wrong.
    #[must_use]
    pub fn message(mut self, message: impl Into<String>) -> Diagnostic {
        self.message = message.into();
        self
    }

    /// Adds a note at another place.
    #[must_use]
    pub fn label(mut self, span: Span, message: impl Into<String>) -> Diagnostic {
        self.labels.push(Label { span, message: message.into() });
        self
    }

    /// Adds advice.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Diagnostic {
        self.help = Some(help.into());
        self
    }

    /// Adds the replacement of one span as the fix: a suggestion, until it is said to be safe.
    #[must_use]
    pub fn replace(
        mut self,
        title: impl Into<String>,
        span: Span,
        text: impl Into<String>,
    ) -> Diagnostic {
        let edits = vec![Edit { span, text: text.into() }];
        self.fix = Some(Fix { title: title.into(), edits, safe: false });
        self
    }

    /// Adds the fix.
    #[must_use]
    pub fn fix(mut self, fix: Fix) -> Diagnostic {
        self.fix = Some(fix);
        self
    }

    /// Says whether the fix, if there is one, is safe: see [`Fix::safe`].
    #[must_use]
    pub fn safe_if(mut self, safe: bool) -> Diagnostic {
        if let Some(fix) = &mut self.fix {
            fix.safe = safe;
        }
        self
    }

    /// Where the last of all places ends that it names.
    pub(crate) fn end(&self) -> u32 {
        let labels = self.labels.iter().map(|label| label.span.end);
        let edits = self.fix.as_ref().map_or(&[][..], |fix| &fix.edits);
        let edits = edits.iter().map(|edit| edit.span.end);
        self.span.end.max(labels.max().unwrap_or(0)).max(edits.max().unwrap_or(0))
    }

    /// What diagnostics are sorted by: their places.
    pub(crate) fn order(&self) -> (Span, Severity) {
        (self.span, self.code.severity())
    }

    /// Goes with its text by so many bytes; see [`Span::moved`].
    pub(crate) fn move_by(&mut self, by: u32) {
        let edits = self.fix.iter_mut().flat_map(|fix| &mut fix.edits).map(|edit| &mut edit.span);
        let labels = self.labels.iter_mut().map(|label| &mut label.span);
        for span in labels.chain(edits).chain([&mut self.span]) {
            *span = span.moved(by);
        }
    }

    /// Whether a document with this diagnostic does not compile.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.code.severity() == Severity::Error
    }

    /// The diagnostic in one line for a log: `3:14: error[unknown-key]: unknown key `defualt``.
    #[must_use]
    pub fn in_one_line(&self, index: &LineIndex<'_>) -> String {
        let at = index.position(self.span.start);
        let (severity, code) = (self.code.severity().as_str(), self.code.as_str());
        let help = self.help.as_ref().map(|help| format!(" ({help})")).unwrap_or_default();
        format!("{}:{}: {severity}[{code}]: {}{help}", at.line, at.column, self.message)
    }
}

/// Sorts by place, so that messages come in the order of the text.
pub fn sort(diagnostics: &mut [Diagnostic]) {
    sort_by_key(diagnostics, Diagnostic::order);
}
