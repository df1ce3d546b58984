//! What a replay has found, as JSON text.

use super::text::{Members, list};
use crate::json::quote;
use crate::replay::{Example, Group, Learnt, Malformed, Report};

/// What a replay has found:
///
/// ```text
/// report    = { "lines", "calls", "unchanged", "changed", "unknown", "allowed", "given_back", "late", "untimed",
///               "of_others", "from"?, "to"?, "groups": [ group ], "other_groups", "policies": [ name ], "malformed" }
/// group     = { "tool", "kind": "newly allowed" | "newly denied" | "newly held" | "denied" | "held" | "unknown",
///               "by", "calls", "examples": [ { "file", "line", "at"?, "arguments"? } ] }
/// malformed = { "lines", "first": [ { "file", "line", "why" } ], "reasons": { why: lines } }
/// ```
///
/// Times are milliseconds since 1970. `files` are the names of the files in their order.
#[must_use]
pub fn report_text(report: &Report, files: &[String]) -> String {
    let mut out = Members::default();
    for (key, count) in [
        ("lines", report.lines),
        ("calls", report.calls),
        ("unchanged", report.unchanged),
        ("changed", report.changed),
        ("unknown", report.unknown),
        ("allowed", report.allowed),
        ("given_back", report.given_back),
        ("late", report.late),
        ("untimed", report.untimed),
        ("of_others", report.of_others),
        ("other_groups", report.other_groups),
    ] {
        out.json(key, &count.to_string());
    }
    if let Some((from, to)) = report.span {
        out.json("from", &from.0.to_string());
        out.json("to", &to.0.to_string());
    }
    out.list("groups", &report.groups, |one| group(one, files));
    let policies: Vec<&String> = report.policies.iter().collect();
    out.list("policies", &policies, |one| quote(one));
    out.json("malformed", &malformed_text(&report.malformed, files));
    out.end()
}

fn file(out: &mut Members, number: u32, files: &[String]) {
    out.some_text("file", files.get(number as usize).map(String::as_str));
}

fn group(group: &Group, files: &[String]) -> String {
    let mut out = Members::default();
    out.text("tool", &group.tool);
    out.text("kind", group.kind.as_str());
    out.text("by", &group.by);
    out.json("calls", &group.calls.to_string());
    out.list("examples", &group.examples, |one| example(one, files));
    out.end()
}

fn example(example: &Example, files: &[String]) -> String {
    let mut out = Members::default();
    file(&mut out, example.file, files);
    out.json("line", &example.line.to_string());
    if let Some(at) = example.at {
        out.json("at", &at.0.to_string());
    }
    out.some_text("arguments", example.arguments.as_deref());
    out.end()
}

/// A policy that was learnt:
///
/// ```text
/// learnt = { "policy": text, "notes": [ text ], "lines", "calls", "not_allowed", "partial", "left_out", "from"?, "to"?,
///            "malformed" }
/// ```
#[must_use]
pub fn learnt_text(learnt: &Learnt, files: &[String]) -> String {
    let mut out = Members::default();
    out.text("policy", &learnt.text);
    out.list("notes", &learnt.notes, |note| quote(note));
    let seen = &learnt.seen;
    for (key, count) in [
        ("lines", seen.lines),
        ("calls", seen.calls),
        ("not_allowed", seen.not_allowed),
        ("partial", seen.partial),
        ("left_out", seen.left_out),
    ] {
        out.json(key, &count.to_string());
    }
    if let Some((from, to)) = seen.span {
        out.json("from", &from.0.to_string());
        out.json("to", &to.0.to_string());
    }
    out.json("malformed", &malformed_text(&seen.malformed, files));
    out.end()
}

/// Lines that could not be understood.
fn malformed_text(malformed: &Malformed, files: &[String]) -> String {
    let mut out = Members::default();
    out.json("lines", &malformed.lines.to_string());
    let first = list(&malformed.first, |(number, line, why)| {
        let mut out = Members::default();
        file(&mut out, *number, files);
        out.json("line", &line.to_string());
        out.text("why", why);
        out.end()
    });
    out.json("first", &first);
    let reasons: Vec<String> =
        malformed.reasons.iter().map(|(why, lines)| format!("{}:{lines}", quote(why))).collect();
    out.json("reasons", &format!("{{{}}}", reasons.join(",")));
    out.end()
}
