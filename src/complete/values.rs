//! The values that can stand at a place.

use std::collections::BTreeSet;

use super::arguments::{as_begun, find, kind, may_be};
use super::counters::counters;
use super::operator::OPERATORS;
use super::place::{Place, Step};
use super::shown::{cut, label};
use super::{Choice, Kind, best, language, of_tool, skeleton};
use crate::form::{Argument, arguments};
use crate::json::{Limits, Value, quote, read_strict, write};
use crate::model::{Catalog, Tool};

/// What can stand at a place where a value is.
pub(super) fn values(
    text: &str,
    place: &Place<'_>,
    begun: &str,
    catalog: Option<&Catalog>,
) -> Vec<Choice> {
    let tools = catalog.map(|catalog| catalog.tools.as_slice()).unwrap_or_default();
    match About::of(place) {
        About::Hide => hide(text, place, begun, tools),
        About::Path { amount } => paths(place, catalog, amount),
        About::Operator => operators(argument(place, catalog).as_ref()),
        About::Argument { in_list } => {
            of_argument(place, argument(place, catalog).as_ref(), in_list)
        }
        About::Tool => tools_with_counters(text, tools),
        About::Counter => {
            let tool = place.beside("tool");
            let own = counters(text).into_iter().filter(|(owner, _)| *owner == tool);
            own.map(|(_, counter)| value(quote(&counter), Kind::Value)).collect()
        }
        About::Schema => of_schema(place),
    }
}

/// What a value is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum About {
    /// An entry of `hide`.
    Hide,
    /// The path of a condition, or of the amount that a limit counts.
    Path { amount: bool },
    /// The operator of a condition or precondition.
    Operator,
    /// What an argument is compared with.
    Argument { in_list: bool },
    /// Whose counter a precondition asks about.
    Tool,
    /// Which one.
    Counter,
    /// What the schema says.
    Schema,
}

impl About {
    pub(super) fn of(place: &Place<'_>) -> About {
        let key = |step: Option<&Step>| match step {
            Some(Step::Key(key)) => key.clone(),
            _ => String::new(),
        };
        let mut steps = place.steps.iter().rev();
        let (last, before, list) = (steps.next(), steps.next(), steps.next());
        let in_conditions = |list: Option<&Step>| key(list) == "conditions";
        let one_more = steps.next();
        match (key(last).as_str(), last) {
            ("path", _) if in_conditions(list) => About::Path { amount: false },
            ("increment_from", _) => About::Path { amount: true },
            ("op", _) => About::Operator,
            ("value", _) if in_conditions(list) => About::Argument { in_list: false },
            (_, Some(Step::Item(_))) if key(before) == "value" && in_conditions(one_more) => {
                About::Argument { in_list: true }
            }
            (_, Some(Step::Item(_))) if place.steps.len() == 2 && key(before) == "hide" => {
                About::Hide
            }
            ("tool", _) if key(list) == "preconditions" => About::Tool,
            ("counter", _) if key(list) == "preconditions" => About::Counter,
            _ => About::Schema,
        }
    }
}

/// The tool whose rules a place is in.
pub(super) fn tool<'c>(place: &Place<'_>, catalog: Option<&'c Catalog>) -> Option<&'c Tool> {
    match place.steps.get(..2)? {
        [Step::Key(tools), Step::Key(name)] if tools == "tools" => catalog?.tool(name),
        _ => None,
    }
}

/// The argument that the condition around a place asks about.
pub(super) fn argument(place: &Place<'_>, catalog: Option<&Catalog>) -> Option<Argument> {
    let path = place.beside("path")?;
    find(tool(place, catalog)?, &path)
}

/// A value by its JSON text.
fn value(text: String, kind: Kind) -> Choice {
    let name = read_strict(text.as_bytes(), &Limits::DOCUMENT).ok();
    let name = name.and_then(|node| node.value.as_str().map(str::to_owned));
    let shown = name.as_deref().unwrap_or(&text);
    Choice {
        label: label(shown),
        caret: text.len(),
        kind,
        name: Some(shown.to_owned()),
        insert: text,
        ..Choice::default()
    }
}

fn of_schema(place: &Place<'_>) -> Vec<Choice> {
    let Some(entry) = language::at(&place.steps) else { return Vec::new() };
    let default = entry.default();
    let values = entry.values();
    if values.is_empty() {
        let skeleton = skeleton(entry).map(|(insert, caret)| Choice {
            label: label(entry.title()),
            detail: Some(insert.clone()),
            info: Some(entry.description().to_owned()),
            insert,
            caret,
            kind: Kind::Value,
            name: None,
        });
        // What was begun is another value.
        return skeleton.into_iter().filter(|_| place.token.is_none()).collect();
    }
    let one = |known: &Value| Choice {
        detail: (Some(known) == default).then(|| "the default".to_owned()),
        info: Some(entry.description().to_owned()),
        ..value(write(known), Kind::Value)
    };
    values.into_iter().map(one).collect()
}

fn named(tool: &Tool) -> Choice {
    let insert = quote(&tool.name);
    Choice { caret: insert.len(), insert, ..of_tool(tool) }
}

fn hide(text: &str, place: &Place<'_>, begun: &str, tools: &[Tool]) -> Vec<Choice> {
    let root = crate::json::read(text.as_bytes(), &Limits::DOCUMENT).node;
    let list = root.as_ref().and_then(|root| root.at("/hide")?.value.as_list());
    // What is begun at the place hides nothing yet.
    let others = list
        .unwrap_or_default()
        .iter()
        .filter(|node| place.token.is_none_or(|token| token.span.start != node.span.start));
    let there: BTreeSet<&str> = others.filter_map(|node| node.value.as_str()).collect();
    let new = |tool: &&Tool| !there.contains(tool.name.as_str());
    let new = best(tools.iter().filter(new), |tool| &tool.name, begun);
    let mut choices: Vec<Choice> = new.into_iter().map(named).collect();
    if there.is_empty() {
        let every = value("\"*\"".to_owned(), Kind::Value);
        choices.push(Choice { detail: Some("every tool".to_owned()), ..every });
    }
    choices
}

fn tools_with_counters(text: &str, tools: &[Tool]) -> Vec<Choice> {
    let owners: BTreeSet<String> =
        counters(text).into_iter().filter_map(|(owner, _)| owner).collect();
    let known = |name: &String| {
        let known = tools.iter().find(|tool| tool.name == *name);
        known.map_or_else(|| value(quote(name), Kind::Tool), named)
    };
    owners.iter().map(known).collect()
}

fn operators(argument: Option<&Argument>) -> Vec<Choice> {
    let fitting = argument.map(|argument| argument.operators.as_slice()).unwrap_or_default();
    let mut all: Vec<&super::operator::Operator> = OPERATORS.iter().collect();
    // Those that fit the argument first, the most useful of them before the others.
    let place = |name: &str| fitting.iter().position(|fits| *fits == name).unwrap_or(fitting.len());
    crate::order::sort_by_key(&mut all, |operator| place(operator.name));
    all.into_iter()
        .map(|operator| Choice {
            detail: Some(operator.short.to_owned()),
            info: Some(operator.text.to_owned()),
            ..value(quote(operator.name), Kind::Operator)
        })
        .collect()
}

fn of_argument(place: &Place<'_>, argument: Option<&Argument>, in_list: bool) -> Vec<Choice> {
    let operator = place.beside("op").unwrap_or_default();
    let listed = argument.and_then(|argument| argument.values.as_deref()).unwrap_or_default();
    let of_list = matches!(operator.as_str(), "in" | "not_in");
    let booleans = || ["true", "false"].map(|word| value(word.to_owned(), Kind::Value)).to_vec();
    match operator.as_str() {
        "exists" => booleans(),
        "regex" => Vec::new(),
        _ if of_list && !in_list => {
            let mut lists = vec![Choice {
                label: "[]".to_owned(),
                insert: "[]".to_owned(),
                caret: 1,
                detail: Some("a list".to_owned()),
                kind: Kind::Value,
                ..Choice::default()
            }];
            lists.extend(listed.iter().map(|one| {
                let text = format!("[{one}]");
                Choice { caret: text.len().saturating_sub(1), ..value(text, Kind::Value) }
            }));
            lists.retain(|_| place.token.is_none());
            lists
        }
        _ if listed.is_empty()
            && argument.is_some_and(|argument| argument.types == ["boolean"]) =>
        {
            booleans()
        }
        _ => listed.iter().map(|one| value(one.clone(), Kind::Value)).collect(),
    }
}

/// The paths of the arguments of the tool. The amount of a limit is one number.
fn paths(place: &Place<'_>, catalog: Option<&Catalog>, amount: bool) -> Vec<Choice> {
    let Some(tool) = tool(place, catalog) else {
        let start = Choice { caret: 6, ..value("\"args.\"".to_owned(), Kind::Path) };
        return if catalog.is_none() { vec![start] } else { Vec::new() };
    };
    let written = place.token.map(|token| token.meaning()).unwrap_or_default();
    let counts = |argument: &Argument| {
        !argument.path.contains("[*]") && may_be(argument, &["number", "integer"])
    };
    arguments(tool)
        .into_iter()
        .filter(|argument| !amount || counts(argument))
        .map(|argument| Choice {
            detail: Some(kind(&argument)),
            info: argument.description.as_deref().map(cut),
            ..value(quote(&as_begun(&argument.path, &written)), Kind::Path)
        })
        .collect()
}
