//! Diagnostics as a terminal shows them: the source line, and the wrong words underlined.

use annotate_snippets::{AnnotationKind, Group, Level, Patch, Renderer, Snippet};

use super::{Diagnostic, Severity};
use crate::source::Span;

/// Draws diagnostics about a text, in colour: for a stream that takes the colours out where there
/// is no terminal. `name` is what people call the text.
#[must_use]
pub fn render(name: &str, text: &str, diagnostics: &[Diagnostic]) -> String {
    let renderer = Renderer::styled();
    let drawn =
        diagnostics.iter().map(|diagnostic| renderer.render(&groups(name, text, diagnostic)));
    drawn.collect::<Vec<String>>().join("\n\n")
}

fn groups<'a>(name: &'a str, text: &'a str, diagnostic: &'a Diagnostic) -> Vec<Group<'a>> {
    let level = match diagnostic.code.severity() {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let primary = AnnotationKind::Primary.span(range(text, diagnostic.span));
    let labels = diagnostic.labels.iter().map(|label| {
        AnnotationKind::Context.span(range(text, label.span)).label(label.message.as_str())
    });
    let snippet = Snippet::source(text).path(name).annotation(primary).annotations(labels);
    let title = level.primary_title(diagnostic.message.as_str()).id(diagnostic.code.as_str());
    let group = title.element(snippet);
    let help = diagnostic.help.as_deref();
    match &diagnostic.fix {
        None => vec![group.elements(help.map(|help| Level::HELP.message(help)))],
        Some(fix) => {
            let patches =
                fix.edits.iter().map(|edit| Patch::new(range(text, edit.span), edit.text.as_str()));
            let mended = Snippet::source(text).path(name).patches(patches);
            let title = Level::HELP.secondary_title(help.unwrap_or(&fix.title));
            vec![group, title.element(mended)]
        }
    }
}

/// The bytes of a span, within the text and on the boundaries of its characters.
fn range(text: &str, span: Span) -> std::ops::Range<usize> {
    let floor = |offset: u32| {
        let mut at = (offset as usize).min(text.len());
        while !text.is_char_boundary(at) {
            at = at.saturating_sub(1);
        }
        at
    };
    let start = floor(span.start);
    start..floor(span.end).max(start)
}
