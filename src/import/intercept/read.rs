//! The YAML tree to the parts of a policy, each of the type that it must have.

use std::rc::Rc;

use super::{Condition, Rule, Source, State, Text, Tool, Value, rate_limit};
use crate::diagnostic::{Code, Diagnostic, name, nearest};
use crate::json::{Number, pointer_token};
use crate::yaml::{Content, Entry, Scalar, Yaml};

/// What may stand under a key.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Scalar,
    List,
    Map,
    Any,
}

type Keys = &'static [(&'static str, Kind)];

const POLICY: Keys = &[
    ("version", Kind::Scalar),
    ("description", Kind::Scalar),
    ("default", Kind::Scalar),
    ("hide", Kind::List),
    ("tools", Kind::Map),
];
const TOOL: Keys = &[("rules", Kind::List)];
const RULE: Keys = &[
    ("name", Kind::Scalar),
    ("action", Kind::Scalar),
    ("rate_limit", Kind::Scalar),
    ("conditions", Kind::List),
    ("on_deny", Kind::Scalar),
    ("state", Kind::Map),
];
const CONDITION: Keys = &[("path", Kind::Scalar), ("op", Kind::Scalar), ("value", Kind::Any)];
const STATE: Keys = &[
    ("counter", Kind::Scalar),
    ("window", Kind::Scalar),
    ("increment", Kind::Scalar),
    ("increment_from", Kind::Scalar),
];

impl Kind {
    fn fits(self, node: &Yaml) -> bool {
        match (self, &node.content) {
            (Kind::Any, _) => true,
            (Kind::Scalar, Content::Scalar(..))
            | (Kind::List, Content::List(_))
            | (Kind::Map, Content::Map(_)) => true,
            _ => node.is_null(),
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Kind::Scalar => "a text",
            Kind::List => "a list",
            Kind::Map => "a mapping",
            Kind::Any => "a value",
        }
    }
}

struct Reader<'d> {
    diagnostics: &'d mut Vec<Diagnostic>,
}

/// The values under the known keys of a mapping.
struct Fields<'y> {
    found: Vec<(&'static str, &'y Rc<Yaml>)>,
    pointer: String,
}

impl<'y> Fields<'y> {
    fn get(&self, key: &str) -> Option<&'y Rc<Yaml>> {
        self.found.iter().find(|(known, _)| *known == key).map(|(_, node)| *node)
    }

    /// The text of a scalar, whatever it means; null is the empty text.
    fn text(&self, key: &str) -> Text {
        let text = self.get(key).and_then(|node| text(node));
        text.unwrap_or_else(|| Text {
            value: String::new(),
            span: self.get(key).map_or_else(Default::default, |node| node.span),
        })
    }

    /// The items of a list, each with its pointer.
    fn items(&self, key: &str) -> impl Iterator<Item = (String, &'y Rc<Yaml>)> + use<'_, 'y> {
        let items = match self.get(key).map(|node| &node.content) {
            Some(Content::List(items)) => items.as_slice(),
            _ => &[],
        };
        let base = format!("{}/{key}", self.pointer);
        items.iter().enumerate().map(move |(at, item)| (format!("{base}/{at}"), item))
    }

    fn entries(&self, key: &str) -> &'y [Entry] {
        match self.get(key).map(|node| &node.content) {
            Some(Content::Map(entries)) => entries,
            _ => &[],
        }
    }
}

fn text(node: &Yaml) -> Option<Text> {
    match &node.content {
        Content::Scalar(_, Scalar::Null) => None,
        Content::Scalar(value, _) => Some(Text { value: value.clone(), span: node.span }),
        _ => None,
    }
}

impl Reader<'_> {
    fn report(&mut self, code: Code, node: &Yaml, pointer: &str, message: String) {
        self.diagnostics.push(Diagnostic::new(code, node.span, pointer, message));
    }

    /// The fields of a mapping; nothing for null, and `None` for anything else.
    fn fields<'y>(
        &mut self,
        node: &'y Yaml,
        pointer: &str,
        what: &str,
        keys: Keys,
    ) -> Option<Fields<'y>> {
        let mut fields = Fields { found: Vec::new(), pointer: pointer.to_owned() };
        let entries = match &node.content {
            Content::Map(entries) => entries,
            _ if node.is_null() => return Some(fields),
            _ => {
                let message = format!("{what} must be a mapping, not {}", node.kind());
                self.report(Code::WrongType, node, pointer, message);
                return None;
            }
        };
        for entry in entries {
            if let Some((key, kind)) = keys.iter().find(|(key, _)| *key == entry.key) {
                if kind.fits(&entry.value) {
                    fields.found.push((key, &entry.value));
                } else {
                    let pointer = format!("{pointer}/{key}");
                    let (wanted, found) = (kind.as_str(), entry.value.kind());
                    let message = format!("`{key}` must be {wanted}, not {found}");
                    self.report(Code::WrongType, &entry.value, &pointer, message);
                }
            }
        }
        for entry in entries {
            if keys.iter().all(|(key, _)| *key != entry.key) {
                self.unknown(entry, entries, keys, &mut fields);
            }
        }
        Some(fields)
    }

    /// A key that Intercept ignores: taken as the one that it was likely meant to be.
    fn unknown<'y>(
        &mut self,
        entry: &'y Entry,
        entries: &[Entry],
        keys: Keys,
        fields: &mut Fields<'y>,
    ) {
        let pointer = format!("{}/{}", fields.pointer, pointer_token(&entry.key));
        let first = |text: &str| text.chars().next().map(|c| c.to_ascii_lowercase());
        let absent = keys.iter().map(|(key, _)| *key).filter(|key| {
            first(key) == first(&entry.key)
                && entries.iter().all(|other| other.key != *key)
                && fields.get(key).is_none()
        });
        let meant = nearest(&entry.key, absent);
        let meant = keys.iter().find(|(key, kind)| Some(*key) == meant && kind.fits(&entry.value));
        let new = |code, message| Diagnostic::new(code, entry.key_span, &pointer, message);
        self.diagnostics.push(match meant {
            Some((key, _)) => {
                fields.found.push((key, &entry.value));
                let message = format!("{} is read as `{key}`", name(&entry.key));
                new(Code::MisspeltKey, message).help(
                    "intercept ignores keys that it does not know, and what stands under them",
                )
            }
            None => {
                let message =
                    format!("the key {} has no meaning, and is left out", name(&entry.key));
                new(Code::WithoutEffect, message)
            }
        });
    }

    fn tool(&mut self, entry: &Entry) -> Option<Tool> {
        let pointer = format!("/tools/{}", pointer_token(&entry.key));
        let fields = self.fields(&entry.value, &pointer, "a tool", TOOL)?;
        let mut rules = Vec::new();
        for (pointer, node) in fields.items("rules").filter(|(_, node)| !node.is_null()) {
            rules.extend(self.rule(node, &pointer));
        }
        let name = Text { value: entry.key.clone(), span: entry.key_span };
        let mut tool = Tool { name, rules };
        let scope = tool.scope().to_owned();
        tool.rules.iter_mut().for_each(|rule| desugar(rule, &scope));
        Some(tool)
    }

    fn rule(&mut self, node: &Yaml, pointer: &str) -> Option<Rule> {
        let fields = self.fields(node, pointer, "a rule", RULE)?;
        let mut conditions = Vec::new();
        for (pointer, node) in fields.items("conditions").filter(|(_, node)| !node.is_null()) {
            conditions.extend(self.condition(node, &pointer));
        }
        let state = fields.get("state").filter(|node| !node.is_null());
        Some(Rule {
            span: node.span,
            pointer: pointer.to_owned(),
            name: fields.text("name"),
            action: fields.text("action"),
            rate_limit: fields.text("rate_limit"),
            conditions,
            on_deny: fields.text("on_deny"),
            state: state.and_then(|node| self.state(node, &format!("{pointer}/state"))),
        })
    }

    fn condition(&mut self, node: &Yaml, pointer: &str) -> Option<Condition> {
        let fields = self.fields(node, pointer, "a condition", CONDITION)?;
        Some(Condition {
            span: node.span,
            pointer: pointer.to_owned(),
            path: fields.text("path"),
            op: fields.text("op"),
            value: fields
                .get("value")
                .map_or(Value::Missing, |node| Value::Written(Rc::clone(node))),
        })
    }

    fn state(&mut self, node: &Yaml, pointer: &str) -> Option<State> {
        let fields = self.fields(node, pointer, "a `state`", STATE)?;
        let increment = match fields.get("increment") {
            None => 0,
            Some(node) => self.whole(node, &format!("{pointer}/increment")),
        };
        Some(State {
            span: node.span,
            pointer: pointer.to_owned(),
            counter: fields.text("counter"),
            window: fields.text("window"),
            increment: if increment == 0 { 1 } else { increment },
            increment_from: fields.text("increment_from"),
        })
    }

    /// A whole number; the fraction of another is cut off.
    fn whole(&mut self, node: &Yaml, pointer: &str) -> i64 {
        let number = match &node.content {
            Content::Scalar(_, Scalar::Null) => return 0,
            Content::Scalar(_, Scalar::Integer(number) | Scalar::Float(number)) => {
                truncated(number)
            }
            _ => None,
        };
        let message = "an `increment` must be a whole number of 64 bits";
        number.unwrap_or_else(|| {
            self.report(Code::WrongType, node, pointer, message.to_owned());
            1
        })
    }
}

/// A number without its fraction, if 64 bits hold it.
pub(super) fn truncated(number: &Number) -> Option<i64> {
    let plain = number.plain();
    let whole = plain.split_once('.').map_or(plain.as_str(), |(whole, _)| whole);
    if whole == "-0" { Some(0) } else { whole.parse().ok() }
}

/// Writes a `rate_limit` as the conditions and the `state` that it stands for. One that is wrong, or
/// stands beside something that it cannot stand beside, stays for the check to find.
fn desugar(rule: &mut Rule, scope: &str) {
    if !rule.rate_limit.value.is_empty()
        && rule.conditions.is_empty()
        && rule.state.is_none()
        && !rule.denies()
        && let Ok((count, window)) = rate_limit(&rule.rate_limit.value)
    {
        let at = |value: String| Text { value, span: rule.rate_limit.span };
        let pointer = format!("{}/rate_limit", rule.pointer);
        let counter = at(format!("_rate_{window}"));
        rule.conditions = vec![Condition {
            span: rule.rate_limit.span,
            pointer: pointer.clone(),
            path: at(format!("state.{scope}.{}", counter.value)),
            op: at("lte".to_owned()),
            value: Value::Count(count),
        }];
        rule.state = Some(State {
            span: rule.rate_limit.span,
            pointer,
            counter,
            window: at(window.to_owned()),
            increment: 1,
            increment_from: Text::default(),
        });
        rule.action = at("evaluate".to_owned());
        rule.rate_limit = Text::default();
    }
    if rule.action.value.is_empty() {
        rule.action.value = "evaluate".to_owned();
    }
}

/// Reads a document, and reports what has the wrong type or no meaning.
pub(super) fn document(root: Option<&Yaml>, diagnostics: &mut Vec<Diagnostic>) -> Source {
    let mut reader = Reader { diagnostics };
    let Some(root) = root else { return Source::default() };
    let Some(fields) = reader.fields(root, "", "a policy", POLICY) else {
        return Source {
            version: Text { value: "1".to_owned(), span: root.span },
            ..Source::default()
        };
    };
    let mut hide = Vec::new();
    for (pointer, node) in fields.items("hide") {
        match &node.content {
            Content::Scalar(..) => hide.extend(text(node)),
            _ => {
                let message = format!("an entry of `hide` must be a text, not {}", node.kind());
                reader.report(Code::WrongType, node, &pointer, message);
            }
        }
    }
    let tools = fields.entries("tools").iter().filter_map(|entry| reader.tool(entry)).collect();
    Source {
        span: root.span,
        version: fields.text("version"),
        description: fields.text("description"),
        default: fields.text("default"),
        hide,
        tools,
    }
}
