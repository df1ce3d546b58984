//! Diagnostics as a terminal shows them: the source line, and the wrong words underlined.

use std::borrow::Cow;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Patch, Renderer, Snippet};

use super::{Diagnostic, Fix, Severity};
use crate::source::Span;

/// A line with more bytes is not shown a second time as a fix would leave it.
const LONG_LINE: usize = 200;

/// Draws diagnostics about a text, in colour: for a stream that takes the colours out where there
/// is no terminal. `name` is what people call the text.
#[must_use]
pub fn render(name: &str, text: &str, diagnostics: &[Diagnostic]) -> String {
    let renderer = Renderer::styled();
    let text = with_line_feeds(text);
    let drawn = diagnostics.iter().map(|diagnostic| {
        let excerpt = Excerpt::new(&text, diagnostic);
        renderer.render(&groups(name, &excerpt, diagnostic))
    });
    drawn.collect::<Vec<String>>().join("\n\n")
}

/// A carriage return on its own ends a line too, and is drawn as one that does. No place moves.
fn with_line_feeds(text: &str) -> Cow<'_, str> {
    let parts: Vec<&str> = text.split('\r').collect();
    if parts.len() == 1 {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for (at, part) in parts.into_iter().enumerate() {
        if at > 0 {
            out.push(if part.starts_with('\n') { '\r' } else { '\n' });
        }
        out.push_str(part);
    }
    Cow::Owned(out)
}

/// The lines of a text that a diagnostic is about: what is drawn takes time for each line given.
struct Excerpt<'t> {
    text: &'t str,
    /// The offset of its first byte in the whole text.
    start: usize,
    /// The number of its first line, from 1.
    line: usize,
}

impl<'t> Excerpt<'t> {
    fn new(text: &'t str, diagnostic: &Diagnostic) -> Excerpt<'t> {
        let labels = diagnostic.labels.iter().map(|label| label.span);
        let edits = diagnostic.fix.iter().flat_map(|fix| &fix.edits).map(|edit| edit.span);
        let mut places = range(text, diagnostic.span);
        for place in labels.chain(edits).map(|span| range(text, span)) {
            places = places.start.min(place.start)..places.end.max(place.end);
        }
        let (before, rest) = text.split_at_checked(places.start).unwrap_or(("", text));
        let start = before.rfind('\n').map_or(0, |at| at.saturating_add(1));
        let line = before.matches('\n').count().saturating_add(1);
        let behind = rest.get(places.end.saturating_sub(places.start)..).unwrap_or("");
        let end = behind.find('\n').map_or(text.len(), |at| places.end.saturating_add(at));
        Excerpt { text: text.get(start..end).unwrap_or(""), start, line }
    }

    /// A place of the whole text within the excerpt.
    fn range(&self, span: Span) -> Range<usize> {
        let shift = |offset: u32| (offset as usize).saturating_sub(self.start);
        range(self.text, Span::new(shift(span.start), shift(span.end)))
    }

    fn shows_well(&self, fix: &Fix) -> bool {
        fix.edits.iter().all(|edit| {
            let place = self.range(edit.span);
            let line = |at: usize| self.text.get(..at).unwrap_or("").rfind('\n').unwrap_or(0);
            let behind = self.text.get(place.end..).unwrap_or("");
            let end = place.end.saturating_add(behind.find('\n').unwrap_or(behind.len()));
            end.saturating_sub(line(place.start)) <= LONG_LINE
        })
    }
}

fn groups<'a>(name: &'a str, excerpt: &Excerpt<'a>, diagnostic: &'a Diagnostic) -> Vec<Group<'a>> {
    let level = match diagnostic.code.severity() {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let primary = AnnotationKind::Primary.span(excerpt.range(diagnostic.span));
    let labels = diagnostic.labels.iter().map(|label| {
        AnnotationKind::Context.span(excerpt.range(label.span)).label(label.message.as_str())
    });
    let snippet = Snippet::source(excerpt.text).line_start(excerpt.line).path(name);
    let title = level.primary_title(diagnostic.message.as_str()).id(diagnostic.code.as_str());
    let group = title.element(snippet.annotation(primary).annotations(labels));
    let help = diagnostic.help.as_deref();
    match &diagnostic.fix {
        Some(fix) if excerpt.shows_well(fix) => {
            let patches = fix
                .edits
                .iter()
                .map(|edit| Patch::new(excerpt.range(edit.span), edit.text.as_str()));
            let mended = Snippet::source(excerpt.text).line_start(excerpt.line).path(name);
            let title = Level::HELP.secondary_title(help.unwrap_or(&fix.title));
            vec![group, title.element(mended.patches(patches))]
        }
        fix => {
            let help = help.or(fix.as_ref().map(|fix| fix.title.as_str()));
            vec![group.elements(help.map(|help| Level::HELP.message(help)))]
        }
    }
}

/// The bytes of a span, within the text and on the boundaries of its characters.
fn range(text: &str, span: Span) -> Range<usize> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Code;

    /// Without the codes of colours.
    fn plain(text: &str, diagnostic: &Diagnostic) -> String {
        let drawn = render("p.json", text, std::slice::from_ref(diagnostic));
        drawn.split('\u{1b}').enumerate().fold(String::new(), |out, (at, part)| {
            out + if at == 0 { part } else { part.split_once('m').unwrap_or(("", part)).1 }
        })
    }

    fn at(text: &str, wrong: &str) -> Span {
        let start = text.find(wrong).unwrap_or(text.len());
        Span::new(start, start + wrong.len())
    }

    #[test]
    fn draws_the_line_and_the_fix() {
        let text = "{\r\n\t\"versoin\": \"1\",\r\n \"é\": 2}";
        let span = at(text, "versoin");
        let diagnostic = Diagnostic::new(Code::UnknownKey, span, "/versoin", "unknown key")
            .label(at(text, "é"), "another")
            .help("did you mean `version`?")
            .replace("rename it", span, "version");
        let expected = [
            "error[unknown-key]: unknown key",
            " --> p.json:2:3",
            "  |",
            "2 |     \"versoin\": \"1\",",
            "  |      ^^^^^^^",
            "3 |  \"é\": 2}",
            "  |   - another",
            "  |",
            "help: did you mean `version`?",
            "  |",
            "2 -     \"versoin\": \"1\",",
            "2 +     \"version\": \"1\",",
            "  |",
        ];
        assert_eq!(plain(text, &diagnostic).lines().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn counts_lines_however_they_end() {
        for text in ["1\n2\nx", "1\r\n2\r\nx", "1\r2\rx"] {
            let drawn = plain(text, &Diagnostic::new(Code::Syntax, at(text, "x"), "", "no"));
            assert!(drawn.contains(" --> p.json:3:1\n"), "{drawn}");
        }
    }

    #[test]
    fn draws_any_place_of_any_text() {
        let texts = ["", "\n", "\r", "a", "é\u{1f600}\t\u{202e}", "\u{feff}x\r\n", "a\0\u{1b}[2Jb"];
        for text in texts {
            for start in 0..=text.len() + 2 {
                for end in 0..=text.len() + 2 {
                    let span = Span::new(start, end);
                    let drawn = plain(
                        text,
                        &Diagnostic::new(Code::Syntax, span, "", "no")
                            .label(Span::new(end, start), "there")
                            .replace("fix", span, "y\n"),
                    );
                    assert!(drawn.contains("p.json:"), "{text:?} {span:?}");
                    assert!(!drawn.contains(['\u{1b}', '\0', '\u{202e}']), "{drawn:?}");
                }
            }
        }
    }

    #[test]
    fn shows_a_long_line_once() {
        let text = format!("[{}x]", "1, ".repeat(200));
        let span = at(&text, "x");
        let diagnostic =
            Diagnostic::new(Code::Syntax, span, "", "no").replace("put a 2 there", span, "2");
        let drawn = plain(&text, &diagnostic);
        assert!(drawn.contains("= help: put a 2 there"), "{drawn}");
        assert!(drawn.lines().all(|line| line.len() < 200), "{drawn}");
    }
}
