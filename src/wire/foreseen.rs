//! What is known of all calls at once, as JSON text.

use super::text::{Members, decision_text, diagnostics_text};
use crate::analyze::{Change, Diff, Doubt, LimitChange, Linted, Proof, QuestionFault, ToolDiff};
use crate::json::{Value, quote, write};
use crate::model::{Call, Effect};
use crate::source::LineIndex;

/// The comparison of two policies, as `analyze.d.ts` has it.
#[must_use]
pub fn diff_text(diff: &Diff) -> String {
    let mut out = Members::default();
    out.flag("same", diff.is_same());
    out.flag("loosened", diff.is_loosened());
    out.flag("tightened", diff.is_tightened());
    out.flag("may_be_loosened", diff.may_be_loosened());
    out.list("tools", &diff.tools, tool);
    out.list("limits", &diff.limits, limit);
    out.list("preconditions", &diff.preconditions, limit);
    out.end()
}

fn tool(tool: &ToolDiff) -> String {
    let mut out = Members::default();
    out.json("tool", &tool.tool.as_deref().map_or("null".to_owned(), quote));
    out.flag("same", tool.is_same());
    out.flag("loosened", tool.is_loosened());
    out.flag("tightened", tool.is_tightened());
    out.flag("may_be_loosened", tool.may_be_loosened());
    out.list("changes", &tool.changes, change);
    out.list("unknown", &tool.unknown, doubt);
    out.list("limits", &tool.limits, limit);
    out.list("preconditions", &tool.preconditions, limit);
    out.end()
}

fn change(change: &Change) -> String {
    let (from, to) = (change.old.effect, change.new.effect);
    let mut out = Members::default();
    out.text("change", newly(to));
    out.text("from", from.as_str());
    out.text("to", to.as_str());
    out.flag("loosens", change.loosens());
    put_call(&mut out, &change.call);
    out.json("old", &decision_text(&change.old));
    out.json("new", &decision_text(&change.new));
    out.end()
}

fn newly(effect: Effect) -> &'static str {
    match effect {
        Effect::Allow => "newly allowed",
        Effect::Deny => "newly denied",
        Effect::Hold => "newly held",
    }
}

fn doubt(doubt: &Doubt) -> String {
    let mut out = Members::default();
    out.text("change", newly(doubt.to));
    out.text("from", doubt.from.as_str());
    out.text("to", doubt.to.as_str());
    out.flag("loosens", doubt.loosens());
    out.text("why", &doubt.why);
    out.end()
}

fn limit(change: &LimitChange) -> String {
    let mut out = Members::default();
    out.text("counter", &change.counter);
    out.text("change", change.comparison.as_str());
    out.some_text("old", change.old.as_deref());
    out.some_text("new", change.new.as_deref());
    out.some_text("why", change.why);
    out.end()
}

/// A witness, as an object and as text, which says numbers exactly.
fn put_call(out: &mut Members, call: &Call) {
    let text = call_text(call);
    out.json("call", &text);
    out.text("json", &text);
}

/// A call as JSON text: `{"tool": …, "arguments": …}`.
#[must_use]
pub fn call_text(call: &Call) -> String {
    let mut out = Members::default();
    out.text("tool", &call.tool);
    out.json("arguments", &write(&Value::Object(call.arguments.clone())));
    out.end()
}

/// What is proved of the rules of a policy with this text: `{diagnostics, unknown}`.
#[must_use]
pub fn linted_text(text: &[u8], linted: &Linted) -> String {
    let mut out = Members::default();
    out.json("diagnostics", &diagnostics_text(text, &linted.diagnostics));
    out.list("unknown", &linted.unknown, |(pointer, why)| {
        let mut out = Members::default();
        out.text("pointer", pointer);
        out.text("why", why);
        out.end()
    });
    out.end()
}

/// The answer to a question: `proved`, `refuted` by a call, `unknown`, or `invalid` if it is no question.
#[must_use]
pub fn proof_text(question: &str, proof: Result<&Proof, &QuestionFault>) -> String {
    let mut out = Members::default();
    match proof {
        Ok(Proof::Proved) => out.text("answer", "proved"),
        Ok(Proof::Refuted(found)) => {
            let (call, decision) = found.as_ref();
            out.text("answer", "refuted");
            put_call(&mut out, call);
            out.json("decision", &decision_text(decision));
        }
        Ok(Proof::Unknown(why)) => {
            out.text("answer", "unknown");
            out.text("why", why);
        }
        Err(fault) => {
            let index = LineIndex::new(question);
            let place = |at: usize| index.utf16(u32::try_from(at).unwrap_or(u32::MAX)).to_string();
            out.text("answer", "invalid");
            out.text("message", &fault.message);
            out.json("start", &place(fault.start));
            out.json("end", &place(fault.end));
        }
    }
    out.end()
}
