//! What the language knows at a place: its JSON Schema, which ships with the npm package and is held
//! to the parser by a test, read for what it says to people.

use std::sync::LazyLock;

use super::place::Step;
use crate::json::{self, Limits, Node, Object, Value};

/// The schema of policies.
static POLICY: LazyLock<Option<Node>> = LazyLock::new(|| {
    let text = include_str!("../../pkg/npm/policy.schema.json");
    json::read_strict(text.as_bytes(), &Limits::DOCUMENT).ok()
});

/// What the schema says of a value.
#[derive(Clone, Copy)]
pub(super) struct Entry {
    schema: &'static Object,
}

/// A key that an object may have.
pub(super) struct Known {
    pub(super) name: &'static str,
    pub(super) entry: Entry,
    /// Whether the object needs it.
    pub(super) required: bool,
}

/// The entry of what stands at the end of a way from the root.
pub(super) fn at(steps: &[Step]) -> Option<Entry> {
    let root = POLICY.as_ref()?.value.as_object()?;
    steps.iter().try_fold(Entry { schema: root }, |entry, step| entry.step(step))
}

impl Entry {
    fn new(node: &'static Node) -> Option<Entry> {
        let schema = node.value.as_object()?;
        let Some(reference) = schema.get("$ref") else { return Some(Entry { schema }) };
        let pointer = reference.value.as_str()?.strip_prefix('#')?;
        Some(Entry { schema: POLICY.as_ref()?.at(pointer)?.value.as_object()? })
    }

    fn step(self, step: &Step) -> Option<Entry> {
        Entry::new(match step {
            Step::Item(_) => self.schema.get("items")?,
            Step::Key(key) => {
                let known = self.schema.get("properties").and_then(|all| all.value.as_object());
                match known.and_then(|known| known.get(key)) {
                    Some(one) => one,
                    None => self.schema.get("additionalProperties")?,
                }
            }
        })
    }

    fn text(&self, key: &str) -> &'static str {
        self.schema.get(key).and_then(|node| node.value.as_str()).unwrap_or("")
    }

    /// What it is called.
    pub(super) fn title(&self) -> &'static str {
        self.text("title")
    }

    /// What it means.
    pub(super) fn description(&self) -> &'static str {
        self.text("description")
    }

    /// The keys that are known in it, in the order of the schema.
    pub(super) fn keys(&self) -> Vec<Known> {
        let list = |key: &str| {
            let list = self.schema.get(key).and_then(|node| node.value.as_list());
            list.unwrap_or_default()
        };
        let required = list("required");
        let properties = self.schema.get("properties").and_then(|all| all.value.as_object());
        let members = properties.map(Object::members).unwrap_or_default();
        let known = members.iter().filter_map(|member| {
            let name = &*member.key;
            let required = required.iter().any(|node| node.value.as_str() == Some(name));
            Some(Known { name, entry: Entry::new(&member.node)?, required })
        });
        known.collect()
    }

    /// The values that it may have, if there are a few; the first is what is meant where it is left
    /// out, if the schema says so.
    pub(super) fn values(&self) -> Vec<&'static Value> {
        if let Some(only) = self.schema.get("const") {
            return vec![&only.value];
        }
        let list = |key: &str| self.schema.get(key).and_then(|node| node.value.as_list());
        let branches = list("anyOf").unwrap_or_default().iter();
        let branches = branches.filter_map(|node| node.value.as_object()?.get("enum"));
        let own = self.schema.get("enum");
        let lists = own.into_iter().chain(branches).filter_map(|node| node.value.as_list());
        lists.flatten().map(|node| &node.value).collect()
    }

    /// The value that is meant where it is left out.
    pub(super) fn default(&self) -> Option<&'static Value> {
        self.schema.get("default").map(|node| &node.value)
    }

    /// How a value of it begins and ends, if that is always the same.
    pub(super) fn brackets(&self) -> (&'static str, &'static str) {
        match (self.text("type"), self.values().first()) {
            ("object", _) => ("{", "}"),
            ("array", _) => ("[", "]"),
            ("string", _) | (_, Some(Value::String(_))) => ("\"", "\""),
            _ => ("", ""),
        }
    }
}
