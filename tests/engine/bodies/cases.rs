//! Policies and calls that run into each other: few names, few keys, and values at the edges.

use super::choices::Choices;

/// A policy as JSON text, and what happens under it.
pub struct Case {
    pub policy: String,
    pub steps: Vec<Step>,
}

/// A call as JSON text at a time.
pub struct Step {
    /// Milliseconds since the epoch.
    pub at: u64,
    pub call: String,
    /// Which earlier call, from the first, turns out to have failed before this one is made.
    pub failed: Option<usize>,
}

pub const TOOLS: [&str; 5] = ["a", "b", "t/~1", "*", "é"];
pub const KEYS: [&str; 5] = ["a", "b", "l", "a.b", ""];
const PATHS: [&str; 16] = [
    "args.a",
    "args.b",
    "args.l",
    "args.a.b",
    "args.b.a",
    "args.l[0]",
    "args.l[1].a",
    "args.l[*]",
    "args.l[*].a",
    "args.l[*][*]",
    "args.l[*].l[*].a",
    r#"args[\"a.b\"]"#,
    r#"args[\"\"]"#,
    "args.a[0].b",
    "args.b[*].a.l",
    "args.l[*][0]",
];
pub const NUMBERS: [&str; 24] = [
    "0",
    "1",
    "2",
    "-1",
    "10",
    "1.0",
    "10.5",
    "1e1",
    "0.1e1",
    "-0",
    "-0.0",
    "0.1",
    "0.3",
    "1e-7",
    "1E+2",
    "100",
    "9007199254740993",
    "9007199254740992",
    "1e24",
    "999999999999999999999999",
    "999999999999999999999999.9999999",
    "1e400",
    "-1e-400",
    "0.0000001",
];
pub const TEXTS: [&str; 20] = [
    "",
    "a",
    "b",
    "ab",
    "aab",
    "A",
    "1",
    "1.0",
    "10",
    "-0",
    "0",
    "0.1",
    "1e1",
    "true",
    "null",
    "é",
    "e\\u0301",
    "[1]",
    "\\ud83d\\ude00",
    "9007199254740993",
];
pub const PATTERNS: [&str; 9] = ["", "a", "ab", "^a", "b$", "^ab$", "1", "^1$", "^"];
const WINDOWS: [&str; 7] = ["\"minute\"", "\"hour\"", "\"day\"", "1", "7", "60", "90"];
const COUNTERS: [&str; 4] = ["c", "d", "calls", "C"];
const DELTAS: [i64; 14] = [
    0, 1, 999, 1000, 1001, 7000, 30_000, 60_000, 61_000, 3_600_000, 86_400_000, -1, -1000, -60_000,
];

pub fn case(bytes: &[u8]) -> Case {
    let mut choices = Choices::new(bytes);
    let c = &mut choices;
    let policy = policy(c);
    let mut at = 1_767_225_600_000_i64;
    let mut steps = Vec::new();
    for made in 0..1 + c.below(10) {
        at += c.of(&DELTAS);
        let failed = c.once_in(5).then(|| c.below(made.max(1))).filter(|failed| *failed < made);
        steps.push(Step { at: at.unsigned_abs(), call: call(c), failed });
    }
    Case { policy, steps }
}

/// A policy without white space.
pub fn policy(c: &mut Choices<'_>) -> String {
    let default = c.of(&["deny", "deny", "allow"]);
    let mut text = format!(r#"{{"version":"1","default":"{default}""#);
    let mut tools = Vec::new();
    for name in TOOLS {
        // The first is there unless it is chosen not to be, the others the other way round.
        if c.once_in(4) != (name == TOOLS[0]) {
            tools.push(format!(r#""{name}":{{{}}}"#, tool(c)));
        }
    }
    text += &format!(r#","tools":{{{}}}"#, tools.join(","));
    if c.once_in(4) {
        let limits = limits(c, 2, false);
        let (require, deny_if) = (c.list(1, rule), c.list(1, rule));
        text += &format!(
            r#","all_tools":{{"limits":[{limits}],"require":[{require}],"deny_if":[{deny_if}]}}"#
        );
    }
    if c.once_in(12) {
        text += &format!(r#","hide":["{}"]"#, c.of(&["a", "b", "*", "é"]));
    }
    text + "}"
}

fn tool(c: &mut Choices<'_>) -> String {
    let mut parts = Vec::new();
    for kind in ["require", "deny_if", "require_approval_if"] {
        if c.once_in(2) {
            parts.push(format!(r#""{kind}":[{}]"#, c.list(2, rule)));
        }
    }
    if c.once_in(3) {
        parts.push(format!(r#""limits":[{}]"#, limits(c, 3, true)));
    }
    if c.once_in(6) {
        let (max, window) = (c.below(4), c.of(&[1, 7, 60]));
        parts.push(format!(r#""rate_limit":{{"max":{max},"window":{window}}}"#));
    }
    if c.once_in(6) {
        parts.push(format!(r#""action":"{}""#, c.of(&["allow", "deny", "require_approval"])));
    }
    parts.join(",")
}

fn rule(c: &mut Choices<'_>) -> String {
    format!(r#"{{"conditions":[{}]}}"#, c.list(2, condition))
}

fn condition(c: &mut Choices<'_>) -> String {
    let path = c.of(&PATHS);
    let (op, value) = match c.below(11) {
        0 => ("eq", value(c, 2)),
        1 => ("neq", value(c, 2)),
        2 => ("in", format!("[{}]", c.list(3, |c| value(c, 1)))),
        3 => ("not_in", format!("[{}]", c.list(3, |c| value(c, 1)))),
        4 => ("exists", c.of(&["true", "false"]).to_owned()),
        5 => ("lt", c.of(&NUMBERS).to_owned()),
        6 => ("lte", c.of(&NUMBERS).to_owned()),
        7 => ("gt", c.of(&NUMBERS).to_owned()),
        8 => ("gte", c.of(&NUMBERS).to_owned()),
        9 => ("regex", format!("\"{}\"", c.of(&PATTERNS))),
        _ => ("contains", scalar(c)),
    };
    format!(r#"{{"path":"{path}","op":"{op}","value":{value}}}"#)
}

/// Some of the counters, each once.
fn limits(c: &mut Choices<'_>, most: usize, amounts: bool) -> String {
    let mut limits = Vec::new();
    for counter in COUNTERS.iter().take(most) {
        if c.once_in(2) {
            let (window, scope) = (c.of(&WINDOWS), c.of(&["grant", "session", "all"]));
            let (increment, max) = match amounts && c.once_in(2) {
                false => (String::new(), c.of(&["2", "1", "0", "3"])),
                true => {
                    let path =
                        c.of(&["args.a", "args.b", "args.l[0]", r#"args[\"a.b\"]"#, "args.a.b"]);
                    let max = c.of(&["10", "0", "1", "0.3", "10.5", "999999999999999999999999"]);
                    (format!(r#","increment_from":"{path}""#), max)
                }
            };
            limits.push(format!(
                r#"{{"counter":"{counter}","window":{window},"max":{max},"scope":"{scope}"{increment}}}"#
            ));
        }
    }
    limits.join(",")
}

pub fn call(c: &mut Choices<'_>) -> String {
    let mut text = format!(r#"{{"tool":"{}","arguments":{}"#, c.of(&TOOLS), object(c, 3));
    if c.once_in(3) {
        text += &format!(r#","grant":"{}""#, c.of(&["g", "h", ""]));
    }
    if c.once_in(3) {
        text += &format!(r#","session":"{}""#, c.of(&["1", "2", ""]));
    }
    if c.once_in(8) {
        text += r#","server":"s""#;
    }
    text + "}"
}

fn object(c: &mut Choices<'_>, depth: usize) -> String {
    let mut members = Vec::new();
    for key in KEYS {
        if c.once_in(3) {
            members.push(format!(r#""{key}":{}"#, value(c, depth - 1)));
        }
    }
    format!("{{{}}}", members.join(","))
}

fn value(c: &mut Choices<'_>, depth: usize) -> String {
    match c.below(if depth == 0 { 6 } else { 9 }) {
        0..6 => scalar(c),
        6 => object(c, depth),
        _ => format!("[{}]", c.list(3, |c| value(c, depth - 1))),
    }
}

/// Not `null` where an operator wants none: `contains` takes a string, a number or a boolean.
fn scalar(c: &mut Choices<'_>) -> String {
    match c.below(6) {
        0..3 => c.of(&NUMBERS).to_owned(),
        3..5 => format!("\"{}\"", c.of(&TEXTS)),
        _ => c.of(&["true", "false"]).to_owned(),
    }
}
