//! What stands at a place means.

use super::operator::operator;
use super::place::{self, Place, Slot, Step, Token};
use super::shown::{cut, label};
use super::values::{About, argument, tool};
use super::{arguments, boundary, language};
use crate::form::Argument;
use crate::model::{Catalog, Tool};
use crate::source::Span;

/// What a word of a text means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hover {
    /// The word.
    pub span: Span,
    /// What it is.
    pub title: String,
    /// What it means.
    pub text: String,
}

/// What the word at an offset (in bytes) of a policy's text means; `None` if nothing is known of it.
#[must_use]
pub fn hover(text: &[u8], offset: usize, catalog: Option<&Catalog>) -> Option<Hover> {
    let text = std::str::from_utf8(text).ok()?;
    let offset = boundary(text, offset);
    // At its first quote one is before a string, and at its last behind it.
    let around = [offset, offset.saturating_add(1), offset.saturating_sub(1)];
    let (place, token) = around.into_iter().find_map(|offset| {
        let place = place::find(text, boundary(text, offset))?;
        let token = place.token?;
        Some((place, token))
    })?;
    let said = match place.slot {
        Slot::Key => key(&place, token, catalog),
        Slot::Value => value(&place, token, catalog),
    };
    let (title, text) = said?;
    Some(Hover { span: token.span, title, text })
}

fn key(place: &Place<'_>, token: Token<'_>, catalog: Option<&Catalog>) -> Option<(String, String)> {
    let name = token.meaning();
    if place.steps == [Step::Key("tools".to_owned())] {
        return named(&name, catalog);
    }
    let known = language::at(&place.steps)?.keys().into_iter().find(|known| known.name == name);
    let entry = known?.entry;
    Some((entry.title().to_owned(), entry.description().to_owned()))
}

fn value(
    place: &Place<'_>,
    token: Token<'_>,
    catalog: Option<&Catalog>,
) -> Option<(String, String)> {
    let written = token.meaning();
    let in_schema = || {
        let entry = language::at(&place.steps)?;
        let known = !entry.values().is_empty();
        known.then(|| (entry.title().to_owned(), entry.description().to_owned()))
    };
    match About::of(place) {
        About::Hide if written == "*" => {
            Some(("Every tool".to_owned(), "All tools are hidden.".to_owned()))
        }
        About::Hide | About::Tool => named(&written, catalog),
        About::Operator => {
            let known = operator(&written)?;
            Some((format!("{}: {}", known.name, known.short), known.text.to_owned()))
        }
        About::Path { .. } => {
            let found = arguments::find(tool(place, catalog)?, &written)?;
            Some((label(&format!("{}: {}", written, arguments::kind(&found))), of_argument(&found)))
        }
        About::Argument { .. } => {
            let found = argument(place, catalog)?;
            Some((
                label(&format!("{}: {}", found.path, arguments::kind(&found))),
                of_argument(&found),
            ))
        }
        About::Counter => None,
        About::Schema => in_schema(),
    }
}

fn of_argument(argument: &Argument) -> String {
    argument.description.as_deref().map(cut).unwrap_or_default()
}

fn named(name: &str, catalog: Option<&Catalog>) -> Option<(String, String)> {
    let Some(Tool { title, description, .. }) = catalog?.tool(name) else {
        let unknown = "The server has no tool of this name.".to_owned();
        return Some((label(name), unknown));
    };
    let title = title.as_ref().filter(|title| *title != name);
    let titled = title.map(|title| format!("{}: {}", label(name), label(title)));
    let text = description.as_deref().map(cut).unwrap_or_default();
    Some((titled.unwrap_or_else(|| label(name)), text))
}
