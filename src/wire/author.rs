//! What an author of policies is shown, as JSON text.

use super::text::{Members, diagnostics_text, list, said};
use crate::edit::Edited;
use crate::form::{Argument, ConditionForm, Form, LimitForm, Note, Row, RuleForm};
use crate::json::quote;
use crate::source::LineIndex;
use crate::validate::Said;

/// What there is to say about a text: `{diagnostics, omitted, loads}`; it loads if it is a policy. Of its
/// diagnostics `most` are written, if that is given, and the rest are counted among those left out.
#[must_use]
pub fn analysis_text(text: &[u8], said: &Said, loads: bool, most: Option<usize>) -> String {
    let listed = most.and_then(|most| said.diagnostics.get(..most)).unwrap_or(&said.diagnostics);
    let omitted = said.diagnostics.len().saturating_sub(listed.len()).saturating_add(said.omitted);
    let mut out = Members::default();
    out.json("diagnostics", &diagnostics_text(text, listed));
    out.json("omitted", &omitted.to_string());
    out.flag("loads", loads);
    out.end()
}

/// The rows of the table of tools. In short form they are without what the catalog says of the tools
/// but their names.
#[must_use]
pub fn rows_text(rows: &[Row<'_>], short: bool) -> String {
    list(rows, |one| tool(one, short))
}

fn tool(row: &Row<'_>, short: bool) -> String {
    let mut out = Members::default();
    out.text("name", row.name);
    if let Some(tool) = row.tool.filter(|_| !short) {
        out.some_text("title", tool.title.as_deref());
        out.some_text("description", tool.description.as_deref());
    }
    if let Some((state, rule)) = &row.state {
        out.text("state", state.as_str());
        out.some_text("rule", rule.as_deref());
    }
    out.flag("listed", row.listed);
    out.flag("hidden", row.hidden);
    if row.unknown {
        out.flag("unknown", true);
        out.some_text("nearest", row.nearest);
    }
    out.json("rules", &row.rules.to_string());
    out.json("limits", &row.limits.to_string());
    out.end()
}

/// The form of a tool, as `author.d.ts` has it.
#[must_use]
pub fn form_text(text: &str, form: &Form) -> String {
    let index = LineIndex::new(text);
    let mut out = Members::default();
    out.some_text("tool", form.tool.as_deref());
    if let Some((state, rule)) = &form.state {
        out.text("state", state.as_str());
        out.some_text("rule", rule.as_deref());
    }
    out.some_text("sentence", form.sentence.as_deref());
    out.some_text("default", form.default.as_deref());
    out.flag("listed", form.listed);
    out.flag("hidden", form.hidden);
    out.text("pointer", &form.pointer);
    out.some_text("action", form.action.as_deref());
    out.some_text("reason", form.reason.as_deref());
    let rules = |one: &RuleForm| rule(one, &index);
    out.list("require", &form.require, rules);
    out.list("deny_if", &form.deny_if, rules);
    out.list("require_approval_if", &form.require_approval_if, rules);
    out.list("preconditions", &form.preconditions, rules);
    out.list("limits", &form.limits, |one| limit(one, &index));
    if let Some(rate_limit) = &form.rate_limit {
        out.json("rate_limit", &limit(rate_limit, &index));
    }
    out.list("other", &form.other, |key| quote(key));
    out.list("problems", &form.problems, usize::to_string);
    out.end()
}

fn rule(rule: &RuleForm, index: &LineIndex<'_>) -> String {
    let mut out = Members::default();
    out.text("pointer", &rule.pointer);
    out.some_text("label", rule.label.as_deref());
    out.some_text("sentence", rule.sentence.as_deref());
    out.some_text("on_deny", rule.on_deny.as_deref());
    out.list("conditions", &rule.conditions, condition);
    out.list("notes", &rule.notes, |one| note(one, index));
    out.list("problems", &rule.problems, usize::to_string);
    out.end()
}

fn condition(condition: &ConditionForm) -> String {
    let mut out = Members::default();
    out.text("pointer", &condition.pointer);
    out.some_text("path", condition.path.as_deref());
    out.some_text("op", condition.op.as_deref());
    out.some_text("value", condition.value.as_deref());
    out.some_text("sentence", condition.sentence.as_deref());
    out.end()
}

fn limit(limit: &LimitForm, index: &LineIndex<'_>) -> String {
    let mut out = Members::default();
    out.text("pointer", &limit.pointer);
    out.some_text("sentence", limit.sentence.as_deref());
    out.some_text("counter", limit.counter.as_deref());
    out.some_text("window", limit.window.as_deref());
    out.some_text("max", limit.max.as_deref());
    out.some_text("scope", limit.scope.as_deref());
    out.some_text("increment_from", limit.increment_from.as_deref());
    out.some_text("on_deny", limit.on_deny.as_deref());
    out.list("notes", &limit.notes, |one| note(one, index));
    out.list("problems", &limit.problems, usize::to_string);
    out.end()
}

fn note(note: &Note, index: &LineIndex<'_>) -> String {
    let mut out = Members::default();
    out.text("text", &note.text);
    if let Some(fix) = &note.fix {
        let mut members = Members::default();
        members.text("title", &fix.title);
        members.list("edits", &fix.edits, |edit| said(edit.span, "text", &edit.text, index));
        out.json("fix", &members.end());
    }
    out.end()
}

/// The arguments of a tool, as `author.d.ts` has them.
#[must_use]
pub fn arguments_text(arguments: &[Argument]) -> String {
    list(arguments, |argument| {
        let mut out = Members::default();
        out.text("path", &argument.path);
        out.list("types", &argument.types, |one| quote(one));
        out.flag("optional", argument.optional);
        out.some_text("title", argument.title.as_deref());
        out.some_text("description", argument.description.as_deref());
        if let Some(values) = &argument.values {
            out.list("enum", values, |value| quote(value));
            if argument.more_values > 0 {
                out.json("more", &argument.more_values.to_string());
            }
        }
        out.some_text("format", argument.format.as_deref());
        out.some_text("pattern", argument.pattern.as_deref());
        out.some_text("minimum", argument.minimum.as_ref().map(|number| number.as_str()));
        out.some_text("maximum", argument.maximum.as_ref().map(|number| number.as_str()));
        out.some_text("default", argument.default.as_deref());
        out.list("operators", &argument.operators, |one| quote(one));
        out.end()
    })
}

/// A change of a text, made: `{edits: [{span, text}], reveal?, notes}`.
#[must_use]
pub fn edited_text(text: &str, edited: &Edited) -> String {
    let index = LineIndex::new(text);
    let mut out = Members::default();
    out.list("edits", &edited.edits, |edit| said(edit.span, "text", &edit.text, &index));
    out.some_text("reveal", edited.reveal.as_deref());
    out.list("notes", &edited.notes, |note| quote(note));
    out.end()
}
