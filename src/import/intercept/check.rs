//! What Intercept refuses.

use std::collections::BTreeMap;

use super::operators::is_number;
use super::{Condition, Rule, Source, State, Text, Tool, Value, WINDOWS, rate_limit};
use crate::diagnostic::{Code, Diagnostic, name, nearest};
use crate::model::{Pattern, Test};
use crate::source::Span;
use crate::yaml::{Content, Scalar};

struct Checker<'s, 'd> {
    source: &'s Source,
    diagnostics: &'d mut Vec<Diagnostic>,
}

pub(super) fn check(source: &Source, diagnostics: &mut Vec<Diagnostic>) {
    let mut checker = Checker { source, diagnostics };
    checker.whole();
    for tool in &source.tools {
        checker.counters(tool);
        for rule in &tool.rules {
            checker.rule(rule);
        }
    }
}

impl Checker<'_, '_> {
    fn report(&mut self, code: Code, span: Span, pointer: &str, message: impl Into<String>) {
        self.diagnostics.push(Diagnostic::new(code, span, pointer, message));
    }

    fn whole(&mut self) {
        let Source { span, version, default, hide, .. } = self.source;
        if version.value.is_empty() && version.span == Span::default() {
            self.report(Code::MissingKey, *span, "", "a policy needs `version: \"1\"`");
        } else if version.value != "1" {
            let message = format!("unknown version {}", name(&version.value));
            self.report(Code::UnknownVersion, version.span, "/version", message);
        }
        if !["", "allow", "deny"].contains(&default.value.as_str()) {
            let message = format!("unknown default {}", name(&default.value));
            let diagnostic =
                Diagnostic::new(Code::UnknownDefault, default.span, "/default", message);
            self.diagnostics.push(diagnostic.help("it is `allow` or `deny`"));
        }
        let mut first: BTreeMap<&str, Span> = BTreeMap::new();
        for (at, Text { value, span }) in hide.iter().enumerate() {
            let pointer = format!("/hide/{at}");
            if value.trim().is_empty() {
                self.report(Code::BlankName, *span, &pointer, "an entry of `hide` is blank");
            } else if let Some(earlier) = first.insert(value, *span) {
                let message = format!("{} stands twice in `hide`", name(value));
                let diagnostic = Diagnostic::new(Code::DuplicateHide, *span, &pointer, message);
                self.diagnostics.push(diagnostic.label(earlier, "it stands here first"));
            }
        }
    }

    fn counters(&mut self, tool: &Tool) {
        let mut first: BTreeMap<&str, Span> = BTreeMap::new();
        for state in tool.rules.iter().filter_map(|rule| rule.state.as_ref()) {
            let counter = &state.counter;
            let place = if counter.value.is_empty() { state.span } else { counter.span };
            if let Some(earlier) = first.insert(&counter.value, place) {
                let message =
                    format!("two rules of one tool have the counter {}", name(&counter.value));
                let diagnostic =
                    Diagnostic::new(Code::DuplicateCounter, place, &state.pointer, message);
                self.diagnostics.push(diagnostic.label(earlier, "the other is here"));
            }
        }
    }

    fn rule(&mut self, rule: &Rule) {
        let pointer = rule.pointer.as_str();
        if !rule.rate_limit.value.is_empty() {
            self.rate_limit(rule);
            return;
        }
        if rule.name.value.is_empty() {
            self.report(Code::MissingKey, rule.span, pointer, "a rule needs a `name`");
        }
        let action = rule.action.value.as_str();
        if !["evaluate", "deny"].contains(&action) {
            let message = format!("unknown action {}", name(action));
            let pointer = format!("{pointer}/action");
            let diagnostic =
                Diagnostic::new(Code::UnknownAction, rule.action.span, &pointer, message);
            self.diagnostics.push(diagnostic.help("it is `evaluate` or `deny`"));
        }
        match (action, rule.conditions.is_empty()) {
            ("deny", false) => {
                let message = "a rule that denies outright has no conditions";
                self.report(Code::NotCarriedOver, rule.span, pointer, message);
            }
            ("evaluate", true) => {
                let message = "a rule needs conditions, or `action: deny`";
                self.report(Code::MissingKey, rule.span, pointer, message);
            }
            _ => {}
        }
        for condition in &rule.conditions {
            self.condition(condition);
        }
        if let Some(state) = &rule.state {
            self.state(state);
        }
    }

    fn rate_limit(&mut self, rule: &Rule) {
        let (span, pointer) = (rule.rate_limit.span, format!("{}/rate_limit", rule.pointer));
        if let Err(why) = rate_limit(&rule.rate_limit.value) {
            self.report(Code::InvalidMax, span, &pointer, why);
        }
        if !rule.conditions.is_empty() || rule.state.is_some() {
            let message = "a `rate_limit` stands without `conditions` and `state`";
            self.report(Code::NotCarriedOver, span, &pointer, message);
        }
        if rule.denies() {
            let message = "a rule that denies outright has no `rate_limit`";
            self.report(Code::NotCarriedOver, span, &pointer, message);
        }
    }

    fn condition(&mut self, condition: &Condition) {
        let Condition { span, pointer, path, op, value } = condition;
        let place = |text: &Text| if text.span == Span::default() { *span } else { text.span };
        if !path.value.starts_with("args.") && !path.value.starts_with("state.") {
            let message = "a path begins with `args.` or `state.`";
            self.report(Code::InvalidPath, place(path), &format!("{pointer}/path"), message);
        }
        if !Test::OPERATORS.contains(&op.value.as_str()) {
            let message = format!("unknown operator {}", name(&op.value));
            let at = format!("{pointer}/op");
            let diagnostic = Diagnostic::new(Code::UnknownOperator, place(op), &at, message);
            let meant =
                nearest(&op.value, Test::OPERATORS).map(|op| format!("did you mean `{op}`?"));
            self.diagnostics.push(Diagnostic { help: meant, ..diagnostic });
            return;
        }
        let wanted = match op.value.as_str() {
            "in" | "not_in" if !value.is_list() => "a list",
            "lt" | "lte" | "gt" | "gte" if !is_number(value) => "a number",
            "exists" if value.boolean().is_none() => "`true` or `false`",
            "regex" if value.plain_text().is_none() => "a text",
            "regex" => {
                let pattern = value.plain_text().map(Pattern::parse);
                if let Some(Err(fault)) = pattern {
                    let span = value.span().unwrap_or(*span);
                    let message = format!("invalid regular expression: {}", fault.kind);
                    self.report(Code::InvalidRegex, span, &format!("{pointer}/value"), message);
                }
                self.counter_exists(path, pointer, *span);
                return;
            }
            _ => {
                self.counter_exists(path, pointer, *span);
                return;
            }
        };
        let (found, span) = (value.kind(), value.span().unwrap_or(*span));
        let message = format!("`{}` wants {wanted}, not {found}", op.value);
        self.report(Code::OperatorValue, span, &format!("{pointer}/value"), message);
    }

    fn counter_exists(&mut self, path: &Text, pointer: &str, span: Span) {
        let Some((tool, counter)) =
            path.value.strip_prefix("state.").and_then(|rest| rest.split_once('.'))
        else {
            return;
        };
        let tools = &self.source.tools;
        let named = tools.iter().find(|named| named.name.value == tool);
        let named = named.or_else(|| tools.iter().find(|t| t.is_all() && tool == "_global"));
        let states =
            named.into_iter().flat_map(|tool| &tool.rules).filter_map(|r| r.state.as_ref());
        if !states.into_iter().any(|state| state.counter.value == counter) {
            let message = format!("no rule of {} has the counter {}", name(tool), name(counter));
            let span = if path.span == Span::default() { span } else { path.span };
            self.report(Code::InvalidPath, span, &format!("{pointer}/path"), message);
        }
    }

    fn state(&mut self, state: &State) {
        let State { span, pointer, counter, window, increment_from, .. } = state;
        if counter.value.is_empty() {
            self.report(Code::MissingKey, *span, pointer, "a `state` needs a `counter`");
        }
        if !WINDOWS.contains(&window.value.as_str()) {
            let place = if window.value.is_empty() { *span } else { window.span };
            let message = format!("unknown window {}", name(&window.value));
            let diagnostic = Diagnostic::new(Code::UnknownWindow, place, pointer, message);
            self.diagnostics.push(diagnostic.help("it is `minute`, `hour` or `day`"));
        }
        if !increment_from.value.is_empty() && !increment_from.value.starts_with("args.") {
            let message = "`increment_from` begins with `args.`";
            self.report(Code::InvalidPath, increment_from.span, pointer, message);
        }
    }
}

impl Value {
    fn content(&self) -> Option<&Content> {
        match self {
            Value::Written(node) => Some(&node.content),
            Value::Missing | Value::Count(_) => None,
        }
    }

    pub(super) fn span(&self) -> Option<Span> {
        match self {
            Value::Written(node) => Some(node.span),
            Value::Missing | Value::Count(_) => None,
        }
    }

    fn kind(&self) -> &'static str {
        match self {
            Value::Missing => "nothing",
            Value::Written(node) => node.kind(),
            Value::Count(_) => "a number",
        }
    }

    pub(super) fn is_list(&self) -> bool {
        matches!(self.content(), Some(Content::List(_)))
    }

    pub(super) fn boolean(&self) -> Option<bool> {
        match self.content() {
            Some(Content::Scalar(_, Scalar::Bool(value))) => Some(*value),
            _ => None,
        }
    }

    /// The text of what is a text, and nothing else.
    fn plain_text(&self) -> Option<&str> {
        match self.content() {
            Some(Content::Scalar(text, Scalar::Text | Scalar::Merge)) => Some(text),
            _ => None,
        }
    }
}
