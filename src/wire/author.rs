//! What an author of policies is shown, as JSON text.

use super::text::{Members, diagnostics_text, list, said};
use crate::edit::Edited;
use crate::form::Row;
use crate::json::quote;
use crate::source::LineIndex;
use crate::validate::Said;

/// What there is to say about a text: `{diagnostics, omitted, loads}`; it loads if it is a policy.
#[must_use]
pub fn analysis_text(text: &[u8], said: &Said, loads: bool) -> String {
    let mut out = Members::default();
    out.json("diagnostics", &diagnostics_text(text, &said.diagnostics));
    out.json("omitted", &said.omitted.to_string());
    out.flag("loads", loads);
    out.end()
}

/// The rows of the table of tools. In short form they are without what the catalog says of the tools
/// but their names.
#[must_use]
pub fn rows_text(rows: &[Row<'_>], short: bool) -> String {
    list(rows, |one| row(one, short))
}

fn row(row: &Row<'_>, short: bool) -> String {
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
