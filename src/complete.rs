//! What can stand at a place of a policy's text, and what stands there means: for editors, while
//! somebody writes.
//!
//! The text need not be one that can be read: it is looked at as it is, up to the place and to the
//! end of the object around it. What keys and words mean is said in the words of the language's
//! schema; what a server says of its tools is cut and shown as text.

mod arguments;
mod counters;
mod hover;
mod language;
mod operator;
mod place;
mod shown;
#[cfg(test)]
mod tests;
mod values;

pub use hover::{Hover, hover};

use std::collections::BTreeSet;

use self::language::{Entry, Known};
use self::place::{Place, Slot, Step};
use self::shown::{cut, label};
use crate::json::quote;
use crate::model::{Catalog, Tool};
use crate::order::sort_by_key;
use crate::source::Span;

/// So many options are given at most. Whoever wants another writes a letter of it.
pub const MAX_OPTIONS: usize = 100;

/// What can stand at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// What is replaced: what was begun there, or nothing.
    pub span: Span,
    /// What fits what was begun, the likeliest first.
    pub options: Vec<Choice>,
    /// Whether there are more than are given.
    pub more: bool,
}

/// One thing that can stand there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// What it is called, as it is shown.
    pub label: String,
    /// What is put in the place of [`Completion::span`].
    pub insert: String,
    /// Where one goes on writing: how many bytes of `insert` are before it.
    pub caret: usize,
    /// A few words beside the label.
    pub detail: Option<String>,
    /// What it means.
    pub info: Option<String>,
    /// What kind of thing it is.
    pub kind: Kind,
    /// What it is found by, if that is not the label.
    name: Option<String>,
}

/// A kind of thing that can stand at a place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// A key of the language.
    #[default]
    Key,
    /// A value.
    Value,
    /// An operator.
    Operator,
    /// The name of a tool.
    Tool,
    /// The path of an argument.
    Path,
}

impl Kind {
    /// `key`, `value`, `operator`, `tool` or `path`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Key => "key",
            Kind::Value => "value",
            Kind::Operator => "operator",
            Kind::Tool => "tool",
            Kind::Path => "path",
        }
    }
}

/// What can stand at an offset (in bytes) of a policy's text; `None` if nothing is known of it. The
/// catalog is what the server says its tools are, if that is known.
#[must_use]
pub fn complete(text: &[u8], offset: usize, catalog: Option<&Catalog>) -> Option<Completion> {
    let text = std::str::from_utf8(text).ok()?;
    let offset = boundary(text, offset);
    let place = place::find(text, offset)?;
    let span = match &place.token {
        Some(token) => token.span,
        None if is_apart(text, offset) => Span::new(offset, offset),
        None => return None,
    };
    let begun = place.token.map(|token| begun(&token, offset)).unwrap_or_default();
    let begun = begun.to_ascii_lowercase();
    let choices = match place.slot {
        Slot::Key => keys(&place, &begun, catalog),
        Slot::Value => values::values(text, &place, &begun, catalog),
    };
    let mut options = best(choices, |choice| choice.name.as_ref().unwrap_or(&choice.label), &begun);
    let more = options.len() > MAX_OPTIONS;
    options.truncate(MAX_OPTIONS);
    if options.is_empty() {
        return None;
    }
    // What follows is the next member or element, and the comma before it is missing.
    if place.next == Some('"') {
        options.iter_mut().for_each(|option| option.insert.push(','));
    }
    Some(Completion { span, options, more })
}

/// The boundary of a character at or before an offset.
fn boundary(text: &str, offset: usize) -> usize {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset = offset.saturating_sub(1);
    }
    offset
}

/// Whether something new can begin at an offset: it does not stick to the end of something else.
fn is_apart(text: &str, offset: usize) -> bool {
    let before = text.get(..offset).unwrap_or("").chars().next_back();
    before.is_none_or(|c| c.is_ascii_whitespace() || matches!(c, '{' | '[' | ',' | ':'))
}

/// What of a string or word stands before an offset.
fn begun(token: &place::Token<'_>, offset: usize) -> String {
    let inner = token.inner();
    let end = u32::try_from(offset).unwrap_or(u32::MAX).clamp(inner.start, inner.end);
    token.up_to(end)
}

/// The keys that the object at a place can still have, or the tools that it can list.
fn keys(place: &Place<'_>, begun: &str, catalog: Option<&Catalog>) -> Vec<Choice> {
    let Some(entry) = language::at(&place.steps) else { return Vec::new() };
    let there: BTreeSet<String> = place.keys().collect();
    let has_value = place.next == Some(':');
    if place.steps == [Step::Key("tools".to_owned())] {
        let new = |tool: &&Tool| !there.contains(&tool.name);
        let tools = catalog.map(|catalog| catalog.tools.as_slice()).unwrap_or_default();
        let tools = best(tools.iter().filter(new), |tool| &tool.name, begun).into_iter();
        return tools
            .map(|tool| member(&tool.name, ("{", "}"), has_value, of_tool(tool)))
            .collect();
    }
    let mut known: Vec<Known> = entry.keys();
    known.retain(|known| !there.contains(known.name));
    sort_by_key(&mut known, |known| !known.required);
    let key = |known: Known| {
        let Known { name, entry, .. } = known;
        let said = Choice {
            label: name.to_owned(),
            detail: Some(entry.title().to_owned()),
            info: Some(entry.description().to_owned()),
            ..Choice::default()
        };
        match entry.values().as_slice() {
            // There is no choice.
            [only] => {
                let mut said = member(name, ("", ""), has_value, said);
                if !has_value {
                    said.insert.push_str(&crate::json::write(only));
                    said.caret = said.insert.len();
                }
                said
            }
            [] => member(name, entry.brackets(), has_value, said),
            // They are offered where one goes on.
            _ => member(name, ("", ""), has_value, said),
        }
    };
    known.into_iter().map(key).collect()
}

/// A key, and if it has no value yet the brackets of one.
fn member(name: &str, brackets: (&str, &str), has_value: bool, said: Choice) -> Choice {
    let key = quote(name);
    if has_value {
        return Choice { caret: key.len(), insert: key, ..said };
    }
    let (open, close) = brackets;
    let before = format!("{key}: {open}");
    Choice { caret: before.len(), insert: format!("{before}{close}"), ..said }
}

/// What is said of a tool wherever it can be named.
fn of_tool(tool: &Tool) -> Choice {
    Choice {
        label: label(&tool.name),
        detail: tool.title.as_deref().map(label),
        info: tool.description.as_deref().map(cut),
        kind: Kind::Tool,
        name: Some(tool.name.clone()),
        ..Choice::default()
    }
}

/// The brackets of a value of an entry with what it must have, and where one goes on writing.
fn skeleton(entry: Entry) -> Option<(String, usize)> {
    let (open, close) = entry.brackets();
    if open != "{" {
        return (!open.is_empty()).then(|| (format!("{open}{close}"), open.len()));
    }
    let (mut text, mut caret) = ("{".to_owned(), None);
    for known in entry.keys().iter().filter(|known| known.required) {
        let comma = if text.len() > 1 { "," } else { "" };
        text.push_str(&format!("{comma} {}: ", quote(known.name)));
        let values = known.entry.values();
        if let [only] = values.as_slice() {
            text.push_str(&crate::json::write(only));
            continue;
        }
        let (open, close) = if values.is_empty() { known.entry.brackets() } else { ("", "") };
        text.push_str(open);
        caret.get_or_insert(text.len());
        text.push_str(close);
    }
    text.push_str(if caret.is_none() { "}" } else { " }" });
    Some((text, caret.unwrap_or(1)))
}

/// Those that fit what was begun, by their names, the likeliest first: one more than are given, if
/// there are so many. Of thousands it is then only for these that anything is made.
fn best<T>(all: impl IntoIterator<Item = T>, name: impl Fn(&T) -> &str, begun: &str) -> Vec<T> {
    let ranked = all.into_iter().filter_map(|one| Some((rank(name(&one), begun)?, one)));
    let mut ranked: Vec<(u8, T)> = ranked.collect();
    sort_by_key(&mut ranked, |(rank, _)| *rank);
    ranked.truncate(MAX_OPTIONS.saturating_add(1));
    ranked.into_iter().map(|(_, one)| one).collect()
}

/// How well a name fits what was begun, which is in lower case where it is ASCII: it begins so, it has it within, it has its
/// letters in this order; `None` if it does not.
fn rank(name: &str, begun: &str) -> Option<u8> {
    if begun.is_empty() {
        return Some(0);
    }
    let name = name.to_ascii_lowercase();
    if name.starts_with(begun) {
        return Some(0);
    }
    if name.contains(begun) {
        return Some(1);
    }
    let mut letters = name.chars();
    begun.chars().all(|wanted| letters.any(|letter| letter == wanted)).then_some(2)
}
