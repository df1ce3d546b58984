//! What people may not expect of a rule or limit, and what they can do about it.

use super::sentence::{subject, value};
use super::{Fix, Note};
use crate::edit::{self, Change};
use crate::json::{Object, Value, pointer_token};
use crate::model::{Catalog, Condition, Limit, Path, Rule, RuleKind};
use crate::parse::{Parsed, Understood};
use crate::validate::schema::{Found, find};
use crate::validate::{Others, is_silent, meant_by_missing};

/// The tool that a note is about, and where.
pub(super) struct About<'a> {
    pub(super) text: &'a str,
    pub(super) parsed: &'a Parsed,
    pub(super) catalog: Option<&'a Catalog>,
    pub(super) tool: &'a str,
    /// What the server says of its arguments.
    pub(super) schema: Option<&'a Object>,
    pub(super) rules: &'a Understood,
}

impl<'a> About<'a> {
    /// What is to be said about a rule.
    pub(super) fn rule(&self, kind: RuleKind, rule: &Rule) -> Vec<Note> {
        let mut said: Vec<&Path> = Vec::new();
        let mut notes = Vec::new();
        for condition in rule.conditions.iter() {
            let path = &condition.path.value;
            if said.iter().any(|other| other.steps() == path.steps()) {
                continue;
            }
            if let Some(default) = self.silence(kind, rule, condition) {
                said.push(path);
                notes.push(self.silent(kind, path, default));
            }
        }
        notes
    }

    /// Whether a rule says nothing when the argument of a condition is missing, and what the server
    /// takes for it then, if that is known.
    fn silence(
        &self,
        kind: RuleKind,
        rule: &Rule,
        condition: &Condition,
    ) -> Option<Option<&'a Value>> {
        let others = Others::of(kind, &self.rules.rules)?;
        let default = match self.schema.map(|schema| find(schema, &condition.path.value)) {
            Some(Found::Forms(forms)) if forms.optional => forms.default,
            // The server takes no call without it, or there is none of this name.
            Some(Found::Forms(_) | Found::Nothing { .. }) => return None,
            Some(Found::Open) | None => None,
        };
        is_silent(rule, condition, default, &others).then_some(meant_by_missing(default))
    }

    fn silent(&self, kind: RuleKind, path: &Path, default: Option<&Value>) -> Note {
        let subject = subject(path, kind);
        let text = match default {
            None => format!("Not checked when {subject} is missing."),
            Some(default) => format!(
                "Not checked when {subject} is missing; the server takes {} for it then.",
                value(default)
            ),
        };
        let title = match path.has_every() {
            false => "make it required",
            true => "make it required in every element",
        };
        Note { text, fix: self.require(path).map(|edits| Fix { title: title.to_owned(), edits }) }
    }

    /// The edits that deny calls without an argument.
    fn require(&self, path: &Path) -> Option<Vec<crate::diagnostic::Edit>> {
        let text = |text: &str| Value::String(text.to_owned());
        let object = |members: Vec<(&str, Value)>| {
            let members = members.into_iter().map(|(key, value)| (key.to_owned(), value));
            Value::Object(members.collect())
        };
        let condition = object(vec![
            ("path", text(path.as_str())),
            ("op", text("exists")),
            ("value", Value::Bool(true)),
        ]);
        let rule = object(vec![("conditions", Value::List(vec![condition.into()]))]);
        let pointer = format!("/tools/{}/require/-", pointer_token(self.tool));
        let change = Change::Put { pointer, value: rule };
        Some(edit::edit(self.text, self.parsed, self.catalog, &change).ok()?.edits)
    }

    /// What is to be said about a limit.
    pub(super) fn limit(&self, limit: &Limit) -> Vec<Note> {
        let Some(path) = &limit.increment_from else { return Vec::new() };
        let may_be_missing = match self.schema.map(|schema| find(schema, path)) {
            Some(Found::Forms(forms)) => forms.optional,
            Some(Found::Nothing { .. }) => false,
            Some(Found::Open) | None => true,
        };
        if !may_be_missing {
            return Vec::new();
        }
        let subject = subject(path, RuleKind::Require);
        vec![Note { text: format!("A call without {subject} is denied."), fix: None }]
    }
}
