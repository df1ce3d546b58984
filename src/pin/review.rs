//! What changed between a lock and the tools as they are now.

use std::collections::{BTreeMap, BTreeSet};

use super::differ::{Piece, words};
use super::hidden::visible;
use super::schema::{Arguments, Facets, arguments, exact, shown};
use super::sign::{Seen, Sign, signs};
use super::{Lock, Pin};
use crate::classify::{Classified, Options, classify};
use crate::json::Value;
use crate::parse;

/// All that differs.
#[derive(Clone, Debug, Default)]
pub struct Review {
    /// The tools that are not as they were pinned, by their names.
    pub tools: Vec<Reviewed>,
    /// How many are as they were pinned.
    pub unchanged: usize,
}

/// A tool that is not as it was pinned. All texts in it are made [`visible`].
#[derive(Clone, Debug)]
pub struct Reviewed {
    /// Its name.
    pub name: String,
    /// What became of it.
    pub status: Status,
    /// What it could do as it was pinned; `None` of a new one.
    pub before: Option<Classified>,
    /// What it can do now; `None` of one that is gone.
    pub now: Option<Classified>,
    /// What changed in it, if it is neither new nor gone.
    pub changes: Vec<Change>,
    /// What looks like an attack, alarms first.
    pub signs: Vec<Sign>,
}

/// What became of a tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It is not pinned.
    New,
    /// It is pinned, and not in the list.
    Removed,
    /// Its definition is another one.
    Changed,
}

impl Status {
    /// `new`, `removed` or `changed`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Status::New => "new",
            Status::Removed => "removed",
            Status::Changed => "changed",
        }
    }
}

/// A part of a definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// The name.
    Name,
    /// The title.
    Title,
    /// The description.
    Description,
    /// An argument, or the schema of all of them.
    Argument,
    /// The schema of results, or a part of it.
    Result,
    /// An annotation.
    Annotation,
    /// The way in which all is written: the order of a list, an empty one.
    Form,
}

impl Part {
    /// Its name in data: `description`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Part::Name => "name",
            Part::Title => "title",
            Part::Description => "description",
            Part::Argument => "argument",
            Part::Result => "result",
            Part::Annotation => "annotation",
            Part::Form => "form",
        }
    }
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Of which part.
    pub part: Part,
    /// Which argument, result or annotation; `None` for the whole.
    pub of: Option<String>,
    /// What of it, as the keyword of its schema: `type`, `enum`, `required`, `description`; `None` if it
    /// came or went as a whole.
    pub what: Option<String>,
    /// What it was: a text, or JSON; `None` if it was not there.
    pub before: Option<String>,
    /// What it is.
    pub after: Option<String>,
    /// The same, word by word, of two texts.
    pub words: Vec<Piece>,
}

/// Says what differs between the pinned tools and those of another list.
#[must_use]
pub fn review(before: &Lock, now: &Lock) -> Review {
    let (old, new) = (classified(before), classified(now));
    let all: BTreeSet<&String> = before.tools.keys().chain(now.tools.keys()).collect();
    let names: Vec<&str> = all.iter().map(|name| name.as_str()).collect();
    let mut review = Review::default();
    for name in all {
        let (was, is) = (before.tools.get(name), now.tools.get(name));
        let status = match (was, is) {
            (None, _) => Status::New,
            (_, None) => Status::Removed,
            (Some(was), Some(is)) if was.digest == is.digest => {
                review.unchanged = review.unchanged.saturating_add(1);
                continue;
            }
            _ => Status::Changed,
        };
        let of = |known: &BTreeMap<&String, Classified>| known.get(name).cloned();
        let (could, can) = (of(&old), of(&new));
        let signs = is.map(|is| {
            signs(&Seen {
                name,
                before: was.map(|was| (was, could.as_ref())),
                now: (is, can.as_ref()),
                names: &names,
                pinned: before,
            })
        });
        review.tools.push(Reviewed {
            name: visible(name),
            status,
            before: could,
            now: can,
            changes: was.zip(is).map(|(was, is)| changes(was, is)).unwrap_or_default(),
            signs: signs.unwrap_or_default(),
        });
    }
    review
}

/// What the tools of a lock can do.
fn classified(lock: &Lock) -> BTreeMap<&String, Classified> {
    let Ok(mut catalog) = parse::catalog_from(&lock.definitions()) else {
        return BTreeMap::new();
    };
    catalog.server.clone_from(&lock.server);
    // What annotations say of a server that may be hostile is not believed.
    lock.tools.keys().zip(classify(&catalog, Options::default())).collect()
}

/// What changed between two definitions of one tool: at least one change, if they differ.
fn changes(was: &Pin, is: &Pin) -> Vec<Change> {
    let mut out = Vec::new();
    for (part, key) in [(Part::Title, "title"), (Part::Description, "description")] {
        out.extend(change(part, None, None, text(was.member(key)), text(is.member(key))));
    }
    for (part, key) in [(Part::Argument, "inputSchema"), (Part::Result, "outputSchema")] {
        schema(part, &arguments(was.member(key)), &arguments(is.member(key)), &mut out);
    }
    let (old, new) = (notes(was), notes(is));
    let keys: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    for key in keys {
        let of = Some(visible(key)).filter(|key| !key.is_empty());
        let (before, after) = (old.get(key).cloned(), new.get(key).cloned());
        out.extend(change(Part::Annotation, of, None, before, after));
    }
    if out.is_empty() && was.digest != is.digest {
        out.push(Change {
            part: Part::Form,
            of: None,
            what: None,
            before: None,
            after: None,
            words: Vec::new(),
        });
    }
    out
}

/// A value as it is shown, and whether it is a text.
type Shown = (String, bool);

fn text(value: Option<&Value>) -> Option<Shown> {
    value.map(|value| match value {
        Value::String(text) => (text.clone(), true),
        other => (exact(other), false),
    })
}

/// The annotations; what is no object stands under no name.
fn notes(pin: &Pin) -> BTreeMap<String, Shown> {
    match pin.member("annotations") {
        Some(Value::Object(notes)) => {
            let of = |value| text(Some(value)).unwrap_or_default();
            notes.members().iter().map(|one| (one.key.to_string(), of(&one.node.value))).collect()
        }
        Some(other) => text(Some(other)).map(|shown| (String::new(), shown)).into_iter().collect(),
        None => BTreeMap::new(),
    }
}

fn change(
    part: Part,
    of: Option<String>,
    what: Option<&str>,
    before: Option<Shown>,
    after: Option<Shown>,
) -> Option<Change> {
    if before == after {
        return None;
    }
    let both = match (&before, &after) {
        (Some((before, true)), Some((after, true))) => words(before, after),
        _ => Vec::new(),
    };
    let words = both.into_iter().map(|piece| match piece {
        Piece::Same(text) => Piece::Same(visible(&text)),
        Piece::Removed(text) => Piece::Removed(visible(&text)),
        Piece::Added(text) => Piece::Added(visible(&text)),
    });
    let shown = |value: Option<Shown>| value.map(|(text, _)| visible(&text));
    let (what, words) = (what.map(visible), words.collect());
    Some(Change { part, of, what, before: shown(before), after: shown(after), words })
}

fn schema(part: Part, old: &Arguments, new: &Arguments, out: &mut Vec<Change>) {
    let paths: BTreeSet<_> = old.keys().chain(new.keys()).collect();
    for path in paths {
        let of = Some(visible(&shown(path))).filter(|path| !path.is_empty());
        let (was, is) = match (old.get(path), new.get(path)) {
            (Some(was), Some(is)) => (was, is),
            (was, is) => {
                let all = |facets: &Facets| (summary(facets), false);
                out.extend(change(part, of, None, was.map(all), is.map(all)));
                continue;
            }
        };
        let keys: BTreeSet<&String> = was.keys().chain(is.keys()).collect();
        for key in keys {
            let shown = |facets: &Facets| {
                facets.get(key).map(|facet| match &facet.text {
                    Some(text) => (text.clone(), true),
                    None => (facet.json.clone(), false),
                })
            };
            let what = Some(key.trim_start_matches('='));
            out.extend(change(part, of.clone(), what, shown(was), shown(is)));
        }
    }
}

/// All that is said of an argument, on one line.
fn summary(facets: &Facets) -> String {
    let said = facets
        .iter()
        .map(|(key, facet)| format!("{}: {}", key.trim_start_matches('='), facet.json));
    said.collect::<Vec<_>>().join(", ")
}
