//! Putting what people read into a diagnostic.
//!
//! Many places do. A diagnostic that is handed on by value is copied at each word, which is most of the code of
//! such a place in wasm: this hands on where it stands.

use super::{Diagnostic, Edit, Fix, Label};
use crate::source::Span;

/// A diagnostic that is being put into words; see [`Diagnostic::say`].
pub struct Saying<'d>(&'d mut Diagnostic);

impl<'d> Saying<'d> {
    pub(super) fn of(diagnostic: &'d mut Diagnostic) -> Saying<'d> {
        Saying(diagnostic)
    }

    /// Where the diagnostic is.
    #[must_use]
    pub fn span(&self) -> Span {
        self.0.span
    }

    /// Says what is wrong.
    #[inline(never)]
    pub fn message(self, message: impl Into<String>) -> Saying<'d> {
        self.0.message = message.into();
        self
    }

    /// Adds a note at another place.
    #[inline(never)]
    pub fn label(self, span: Span, message: impl Into<String>) -> Saying<'d> {
        self.0.labels.push(Label { span, message: message.into() });
        self
    }

    /// Adds advice.
    #[inline(never)]
    pub fn help(self, help: impl Into<String>) -> Saying<'d> {
        self.0.help = Some(help.into());
        self
    }

    /// Adds the replacement of one span as the fix: a suggestion, until it is said to be safe.
    #[inline(never)]
    pub fn replace(
        self,
        title: impl Into<String>,
        span: Span,
        text: impl Into<String>,
    ) -> Saying<'d> {
        let edits = vec![Edit { span, text: text.into() }];
        self.fix(Fix { title: title.into(), edits, safe: false })
    }

    /// Adds the fix.
    #[inline(never)]
    pub fn fix(self, fix: Fix) -> Saying<'d> {
        self.0.fix = Some(fix);
        self
    }

    /// Says whether the fix, if there is one, is safe: see [`Fix::safe`].
    pub fn safe_if(self, safe: bool) -> Saying<'d> {
        if let Some(fix) = &mut self.0.fix {
            fix.safe = safe;
        }
        self
    }
}
