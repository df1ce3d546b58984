//! A schema as people read it: its arguments, and what is said of each.

use std::collections::BTreeMap;

use crate::json::{Object, Value, canonical_exact_in_parts};

/// One step from an argument to a part of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    /// To the property of this name.
    Property(String),
    /// To each element.
    Element,
}

/// What a schema says under one keyword.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Facet {
    /// As canonical JSON.
    pub(super) json: String,
    /// The text, if it is one.
    pub(super) text: Option<String>,
}

/// What is said of an argument, by keyword, behind `=`; and, of what is not an object or stands in the
/// schema around it, `schema` and `required`.
pub(super) type Facets = BTreeMap<String, Facet>;

/// All arguments of a schema, with those within them; the schema itself under no step.
pub(super) type Arguments = BTreeMap<Vec<Step>, Facets>;

/// So deep arguments are told apart; what is deeper is a value of theirs.
const DEEPEST: usize = 24;

/// The arguments of a schema; a schema that is no object is a value under no step.
pub(super) fn arguments(schema: Option<&Value>) -> Arguments {
    let mut out = Arguments::new();
    match schema {
        None => {}
        Some(Value::Object(schema)) => walk(schema, &mut Vec::new(), &mut out),
        Some(other) => {
            out.entry(Vec::new()).or_default().insert("schema".to_owned(), facet(other));
        }
    }
    out
}

fn walk(schema: &Object, path: &mut Vec<Step>, out: &mut Arguments) {
    out.entry(path.clone()).or_default();
    for member in schema.members() {
        let (key, value) = (&*member.key, &member.node.value);
        match (key, value) {
            ("properties", Value::Object(properties)) if path.len() < DEEPEST => {
                for property in properties.members() {
                    path.push(Step::Property(property.key.to_string()));
                    inner(&property.node.value, path, out);
                    path.pop();
                }
            }
            ("items", Value::Object(_)) if path.len() < DEEPEST => {
                path.push(Step::Element);
                inner(value, path, out);
                path.pop();
            }
            ("required", Value::List(names))
                if names.iter().all(|name| matches!(name.value, Value::String(_))) =>
            {
                for name in names.iter().filter_map(|name| name.value.as_str()) {
                    let mut of = path.clone();
                    of.push(Step::Property(name.to_owned()));
                    out.entry(of)
                        .or_default()
                        .insert("required".to_owned(), facet(&Value::Bool(true)));
                }
            }
            (key, value) => {
                let facets = out.entry(path.clone()).or_default();
                facets.insert(format!("={key}"), facet(value));
            }
        }
    }
}

fn inner(value: &Value, path: &mut Vec<Step>, out: &mut Arguments) {
    match value {
        Value::Object(schema) => walk(schema, path, out),
        other => {
            let facets = out.entry(path.clone()).or_default();
            facets.insert("schema".to_owned(), facet(other));
        }
    }
}

fn facet(value: &Value) -> Facet {
    Facet { json: exact(value), text: value.as_str().map(str::to_owned) }
}

/// Whether an argument is any text: no list of values, no pattern, no format.
pub(super) fn is_free_text(facets: &Facets) -> bool {
    let get = |key: &str| facets.get(key).map(|facet| facet.json.as_str());
    if ["=enum", "=const", "=pattern", "=format", "schema"].iter().any(|key| get(key).is_some()) {
        return false;
    }
    let branches = get("=anyOf").or_else(|| get("=oneOf"));
    match (get("=type"), branches) {
        (Some(kind), _) => kind.contains("\"string\""),
        (None, Some(branches)) => {
            branches.contains("\"type\":\"string\"") && !branches.contains("\"enum\":")
        }
        (None, None) => get("=$ref").is_none() && get("=allOf").is_none(),
    }
}

/// A path as people write it: `charge.amount`, `items[].name`; empty for the schema itself.
pub(super) fn shown(path: &[Step]) -> String {
    let mut out = String::new();
    for step in path {
        match step {
            Step::Property(name) => {
                if !out.is_empty() {
                    out.push('.');
                }
                out.push_str(name);
            }
            Step::Element => out.push_str("[]"),
        }
    }
    out
}

/// A value as text: one text for equal values, and for them alone.
pub(super) fn exact(value: &Value) -> String {
    let mut out = String::new();
    canonical_exact_in_parts(value, &mut |part| out.push_str(part));
    out
}
