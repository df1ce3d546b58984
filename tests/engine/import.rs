//! Policies of other formats: what Intercept decided, and what it refused.

use std::fs;
use std::io::Write;

use cattlegrid::compile::{CompiledPolicy, compile};
use cattlegrid::diagnostic::Diagnostic;
use cattlegrid::evaluate::{Env, evaluate};
use cattlegrid::import::{self, Imported};
use cattlegrid::json::{self, Limits, Node, Object, Value, read_strict};
use cattlegrid::model::{Call, Effect, Time};
use cattlegrid::parse;
use cattlegrid::quota::{self, MemoryStore};
use cattlegrid::source::LineIndex;

/// Not part of the project: recorded from Intercept with other people's policies.
const DECISIONS: &str = "../shared/data/intercept/decisions.json";
const VALIDATION: &str = "../shared/data/intercept/validation.json";

/// 2026-01-15T10:30:00Z, where each case's clock begins.
const START: Time = Time(1_768_473_000_000);

/// The cases of a file, or a word that they were skipped.
fn cases(file: &str) -> Option<Vec<Node>> {
    let Ok(text) = fs::read(super::project(file)) else {
        say(&format!("skipped: {file} is not there"));
        return None;
    };
    // The recorded texts hold thousands of characters, and the file as many values.
    let root = read_strict(&text, &Limits { bytes: 64 << 20, ..Limits::DOCUMENT }).unwrap();
    Some(root.value.as_list().unwrap().to_vec())
}

/// Past the capture of tests' output, so that it can be seen.
fn say(line: &str) {
    std::io::stderr().write_all(format!("{line}\n").as_bytes()).unwrap();
}

fn get<'n>(node: &'n Node, key: &str) -> Option<&'n Value> {
    node.value.as_object()?.get(key).map(|node| &node.value)
}

fn text<'n>(node: &'n Node, key: &str) -> Option<&'n str> {
    get(node, key)?.as_str()
}

fn in_words(text: &str, diagnostics: &[Diagnostic]) -> String {
    let index = LineIndex::new(text);
    let lines: Vec<String> = diagnostics.iter().map(|d| d.in_one_line(&index)).collect();
    lines.join("\n    ")
}

fn compiled(yaml: &str) -> Result<CompiledPolicy, String> {
    let Imported { policy, diagnostics } = import::intercept(yaml.as_bytes());
    let policy = policy.ok_or_else(|| format!("refused: {}", in_words(yaml, &diagnostics)))?;
    let parsed = parse::parse(policy.as_bytes());
    parsed.policy.map(|policy| compile(&policy)).ok_or_else(|| "does not parse".to_owned())
}

/// Where a case comes out otherwise than it was recorded.
fn differences(case: &Node) -> Vec<String> {
    let mut faults = Vec::new();
    let yaml = text(case, "policy_yaml").unwrap();
    let mut policy = match compiled(yaml) {
        Ok(policy) => policy,
        Err(why) => return vec![why],
    };
    let mut yaml = yaml.to_owned();
    let (mut now, mut counters) = (START, MemoryStore::new());
    let calls = get(case, "calls").unwrap().as_list().unwrap();
    let expected = get(case, "expect").unwrap().as_list().unwrap();
    for (at, (call, expected)) in calls.iter().zip(expected).enumerate() {
        if let Some(reloaded) = text(call, "reload_yaml") {
            yaml = reloaded.to_owned();
            match compiled(reloaded) {
                Ok(reloaded) => policy = reloaded,
                Err(why) => return vec![why],
            }
            continue;
        }
        if let Some(seconds) = get(call, "at_unix").and_then(|at| at.as_number()?.to_u64()) {
            now = Time(seconds * 1000);
        }
        let arguments = match get(call, "args") {
            Some(Value::Object(arguments)) => arguments.clone(),
            _ => Object::default(),
        };
        let tool = text(call, "tool").unwrap().to_owned();
        let decided = Call { tool, arguments, ..Call::default() };
        let mut env = Env { now, counters: &mut counters, approvals: None };
        let evaluation = evaluate(Some(&policy), &decided, &mut env);
        if text(call, "outcome") == Some("rpc_error") {
            quota::give_back(&evaluation.reservation, &mut counters).unwrap();
        }
        let decision = evaluation.decision;
        let allow = get(expected, "allow").unwrap().as_bool().unwrap();
        if (decision.effect == Effect::Allow) != allow {
            faults.push(format!("call {at}: expected allow {allow}, got {decision:?}"));
        }
        // A message that stands in the policy is the author's; others are each program's own.
        let message = text(expected, "message");
        let authored = message.filter(|message| {
            let written = |line: &str| {
                line.split_once("on_deny:").is_some_and(|(_, text)| {
                    let text = text.split([',', '}']).next().unwrap_or_default();
                    text.trim().trim_matches('"') == *message
                })
            };
            !message.is_empty() && yaml.lines().any(written)
        });
        if authored.is_some() && authored != decision.message.as_deref() {
            faults.push(format!("call {at}: expected {authored:?}, got {:?}", decision.message));
        }
    }
    faults
}

#[test]
fn decides_as_intercept_decided() {
    let Some(cases) = cases(DECISIONS) else { return };
    let (mut same, mut quirks, mut same_quirks) = (0, 0, 0);
    let mut faults = Vec::new();
    for case in &cases {
        let name = text(case, "name").unwrap();
        let differences = differences(case);
        if get(case, "quirk").and_then(Value::as_bool) == Some(true) {
            quirks += 1;
            same_quirks += usize::from(differences.is_empty());
        } else if differences.is_empty() {
            same += 1;
        } else {
            faults.push(format!("{name}:\n  {}", differences.join("\n  ")));
        }
    }
    let wanted = cases.len() - quirks;
    say(&format!("import: {same} of {wanted} cases agree ({same_quirks} of {quirks} quirks too)"));
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(wanted > 0, "no case was found");
}

#[test]
fn refuses_what_intercept_refuses() {
    let Some(cases) = cases(VALIDATION) else { return };
    let mut faults = Vec::new();
    for case in &cases {
        let yaml = text(case, "policy_yaml").unwrap();
        let valid = get(case, "valid").and_then(Value::as_bool).unwrap();
        let imported = import::intercept(yaml.as_bytes());
        if imported.policy.is_some() != valid {
            let name = text(case, "name").unwrap();
            faults.push(format!("{name}: {}", in_words(yaml, &imported.diagnostics)));
        }
    }
    let same = cases.len() - faults.len();
    say(&format!("import: {same} of {} checks agree", cases.len()));
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// A policy with these rules for the tool `pay`, each on a line of its own.
fn with(rules: &[&str]) -> String {
    let rules: String = rules.iter().map(|rule| format!("      - {rule}\n")).collect();
    format!("version: 1\ntools:\n  pay:\n    rules:\n{rules}")
}

/// What becomes of the tool `pay`, or with `None` nothing; and `code: underlined` of each diagnostic.
fn imported(yaml: &str) -> (Option<String>, Vec<String>) {
    let Imported { policy, diagnostics } = import::intercept(yaml.as_bytes());
    let said = |d: &Diagnostic| format!("{}: {}", d.code.as_str(), d.span.of(yaml));
    let tool = policy.map(|policy| {
        let root = read_strict(policy.as_bytes(), &Limits::DOCUMENT).unwrap();
        root.at("/tools/pay").map_or_else(String::new, |tool| json::write(&tool.value))
    });
    (tool, diagnostics.iter().map(said).collect())
}

#[test]
fn each_part_becomes_what_it_means() {
    for (rule, expected) in [
        (
            "{name: a, conditions: [{path: 'args.a..b[0].', op: eq, value: 0x1F}]}",
            r#"{"require":[{"conditions":[{"path":"args.a[\"\"][\"b[0]\"][\"\"]","op":"eq","value":31}]}]}"#,
        ),
        ("{name: a, action: deny, on_deny: no}", r#"{"action":"deny","reason":"no"}"#),
        (
            "{name: a, rate_limit: +07/hour}",
            r#"{"limits":[{"counter":"_rate_hour","window":"hour","max":7,"scope":"all"}]}"#,
        ),
        (
            "{name: a, on_deny: 1.50, conditions: [{path: state.pay.n, op: lt, value: 11}], state: {counter: n, window: day, increment: 2.9}}",
            r#"{"limits":[{"counter":"n","window":"day","max":5,"scope":"all","on_deny":"1.50"}]}"#,
        ),
        (
            "{name: a, conditions: [{path: args.n, op: lte, value: .inf}, {path: args.n, op: in, value: [~, .nan, -.inf, yes]}]}",
            r#"{"require":[{"conditions":[{"path":"args.n","op":"lte","value":1e400},{"path":"args.n","op":"in","value":[null,"NaN","-Inf","yes"]}]}]}"#,
        ),
        (
            "{name: a, conditions: [{path: args.n, op: contains, value: 5}]}",
            r#"{"require":[{"conditions":[{"path":"args.n","op":"contains","value":5},{"path":"args.n[*]","op":"not_in","value":[]}]}]}"#,
        ),
        ("{name: a, conditions: [{path: args.n, op: gt, value: .inf}]}", r#"{"action":"deny"}"#),
        (
            "{name: a, conditions: [{path: args.n, op: eq, value: 9007199254740993}]}",
            r#"{"require":[{"conditions":[{"path":"args.n","op":"eq","value":9007199254740993}]}]}"#,
        ),
    ] {
        let (tool, diagnostics) = imported(&with(&[rule]));
        assert_eq!(tool.as_deref(), Some(expected), "{rule}");
        assert!(diagnostics.is_empty(), "{rule}: {diagnostics:?}");
    }
}

#[test]
fn what_would_be_unsafe_is_read_more_strictly_and_said() {
    let state = "state: {counter: n, window: day";
    let limit = |max: u64| {
        format!(r#"{{"limits":[{{"counter":"n","window":"day","max":{max},"scope":"all"}}]}}"#)
    };
    for (rules, expected, said) in [
        (
            vec![format!(
                "{{name: a, conditions: [{{path: state.pay.n, op: lte, value: 4}}], {state}, increment: -2}}}}"
            )],
            limit(2),
            "stricter-meaning: {counter: n, window: day, increment: -2}",
        ),
        // Never counted there: the limit stands beside the counter, or is no comparison.
        (
            vec![
                "{name: a, conditions: [{path: state.pay.n, op: lte, value: 4}]}".to_owned(),
                format!(
                    "{{name: b, conditions: [{{path: state.pay.n, op: gte, value: 0}}], {state}}}}}"
                ),
            ],
            r#"{"preconditions":[{"tool":"pay","counter":"n","op":"gte","value":0}],"limits":[{"counter":"n","window":"day","max":4,"scope":"all"}]}"#.to_owned(),
            "stricter-meaning: {path: state.pay.n, op: lte, value: 4}",
        ),
        (
            vec![format!(
                "{{name: a, conditions: [{{path: state.pay.n, op: in, value: [0, 1, 2]}}], {state}}}}}"
            )],
            limit(2),
            "stricter-meaning: {path: state.pay.n, op: in, value: [0, 1, 2]}",
        ),
        (
            vec!["{name: a, conditions: [{path: args.d, op: neq, value: 2026-02-03}]}".to_owned()],
            r#"{"require":[{"conditions":[{"path":"args.d","op":"neq","value":"2026-02-03"}]}]}"#.to_owned(),
            "stricter-meaning: 2026-02-03",
        ),
        (
            vec!["{name: a, conditions: [{path: args.d, op: contains, value: [1]}]}".to_owned()],
            r#"{"action":"deny"}"#.to_owned(),
            "stricter-meaning: [1]",
        ),
        (
            vec!["{name: a, acton: deny, conditions: []}".to_owned()],
            r#"{"action":"deny"}"#.to_owned(),
            "misspelt-key: acton",
        ),
        (
            vec!["{name: a, action: deny, colour: red}".to_owned()],
            r#"{"action":"deny"}"#.to_owned(),
            "without-effect: colour",
        ),
        (
            vec!["{name: a, action: deny}".to_owned(), "{name: b, rate_limit: 1/day}".to_owned()],
            r#"{"action":"deny","limits":[{"counter":"_rate_day","window":"day","max":1,"scope":"all"}]}"#.to_owned(),
            "without-effect: {name: b, rate_limit: 1/day}",
        ),
    ] {
        let rules: Vec<&str> = rules.iter().map(String::as_str).collect();
        let (tool, diagnostics) = imported(&with(&rules));
        assert_eq!(tool, Some(expected), "{rules:?}");
        assert_eq!(diagnostics, [said], "{rules:?}");
    }
    let spend = "{name: a, conditions: [{path: state.pay.n, op: lte, value: 9}], state: {counter: n, window: day, increment_from: args.sum}}";
    let (_, said) = imported(&with(&[spend]));
    assert_eq!(said, ["stricter-meaning: args.sum"]);
    let all = with(&[spend]).replace("  pay:", "  \"*\":").replace("state.pay", "state._global");
    let policy = import::intercept(all.as_bytes()).policy.unwrap();
    assert!(policy.contains(r#""deny_if": [{ "conditions": [] }]"#), "{policy}");
}

#[test]
fn counters_of_others_become_preconditions() {
    let yaml = "version: 1\ntools:\n  look:\n    rules:\n      - name: l\n        conditions: [{path: state.look.n, op: lte, value: 30}]\n        \
                state: {counter: n, window: hour, increment: 3}\n  pay:\n    rules:\n      - name: p\n        on_deny: look first\n        \
                conditions:\n          - {path: state.look.n, op: gte, value: 5}\n          - {path: state._global._rate_day, op: neq, value: 2}\n          \
                - {path: args.ok, op: eq, value: true}\n  \"*\":\n    rules: [{name: all, rate_limit: 9/day}]\n";
    let (tool, diagnostics) = imported(yaml);
    // Ours counts calls, so that 5 of 3 each are two of them.
    assert_eq!(
        tool.as_deref(),
        Some(
            r#"{"require":[{"conditions":[{"path":"args.ok","op":"eq","value":true}],"on_deny":"look first"}],"preconditions":[{"tool":"look","counter":"n","op":"gte","value":2,"on_deny":"look first"},{"counter":"_rate_day","op":"neq","value":2,"on_deny":"look first"}]}"#
        )
    );
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
}

#[test]
fn yaml_is_read_as_go_reads_it_and_within_bounds() {
    let pay = |rest: &str| format!("version: 1\n{rest}");
    let bomb: String = (1..9)
        .map(|at| format!("  - &a{at} [*a{0}, *a{0}, *a{0}, *a{0}, *a{0}, *a{0}]\n", at - 1))
        .collect();
    for (yaml, said) in [
        (pay("default: [deny]\n"), "wrong-type: [deny]"),
        (pay("tools: {a: {}, \"a\": {}}\n"), "duplicate-key: \"a\""),
        (pay("tools: {t: *none}\n"), "invalid-yaml: *"),
        (pay("tools: &t {t: *t}\n"), "invalid-yaml: *t"),
        (pay("tools:\n\tt: {}\n"), "invalid-yaml: t"),
        (pay("hide: [\u{7}]\n"), "invalid-yaml: \u{7}"),
        (pay("tools: {<<: 5}\n"), "wrong-type: 5"),
        (pay("tools: {[a]: {}}\n"), "wrong-type: [a]"),
        (pay("version: 1\n"), "duplicate-key: version"),
        (pay("tools: {t: {rules: [{name: a, action: deny, state: x}]}}\n"), "wrong-type: x"),
        ("[1]".to_owned(), "wrong-type: [1]"),
        ("version: 1.0".to_owned(), "unknown-version: 1.0"),
        (String::new(), "missing-key: "),
        (pay("tools: {a.b: {rules: [{name: a, rate_limit: 1/day}]}}\n"), "invalid-path: 1/day"),
    ] {
        let (tool, diagnostics) = imported(&yaml);
        assert_eq!((tool, diagnostics), (None, vec![said.to_owned()]), "{yaml}");
    }
    let (tool, said) = imported(&pay(&format!("x:\n  - &a0 [1, 1, 1, 1]\n{bomb}")));
    assert_eq!((tool, said.len()), (None, 1));
    assert!(said[0].starts_with("too-large"), "{said:?}");
    let deep = format!("version: 1\nx: {}{}\n", "[".repeat(100), "]".repeat(100));
    assert_eq!(imported(&deep).1, ["too-deep: ["]);
    assert!(import::intercept(b"version: \xff").policy.is_none());
    // Merged keys stand behind a mapping's own; the first of several counts.
    let merged = "x: &a {rules: [{name: a, action: deny, on_deny: first}]}\ny: &b {rules: []}\nversion: 1\n\
                  tools:\n  pay:\n    <<: [*a, *b]\n  own: {<<: *a, rules: []}\n";
    assert_eq!(imported(merged).0.as_deref(), Some(r#"{"action":"deny","reason":"first"}"#));
    let own = import::intercept(merged.as_bytes()).policy.unwrap();
    assert!(own.contains(r#""own": {}"#), "{own}");
}

#[test]
fn whatever_the_text_is_there_is_an_answer() {
    // Every beginning of a policy, and it with each character left out or doubled.
    let yaml = "version: \"1\"\nhide: [a]\ntools:\n  \"*\": &r\n    rules:\n      - {name: é, rate_limit: 5/hour}\n      \
                - name: |\n          b\n        conditions: [{path: args.x, op: lte, value: 1_0}]\n  t: *r\n";
    let chars: Vec<char> = yaml.chars().collect();
    for at in 0..chars.len() {
        let (before, after) = (&chars[..at], &chars[at..]);
        let text = |parts: [&[char]; 2]| parts.concat().iter().collect::<String>();
        for text in [text([before, &[]]), text([before, &after[1..]]), text([&chars[..=at], after])]
        {
            let imported = import::intercept(text.as_bytes());
            let errors = imported.diagnostics.iter().any(Diagnostic::is_error);
            assert!(imported.policy.is_none() == errors, "{text}");
            for diagnostic in imported.diagnostics {
                let end = diagnostic.span.end as usize;
                assert!(end <= text.len() && text.is_char_boundary(end), "{text}");
            }
        }
    }
}

#[test]
fn lists_of_tools_and_permissions() {
    let tools = |text: &str| import::tools(text.as_bytes()).policy.unwrap();
    let expected = "{\n  \"version\": \"1\",\n  \"default\": \"deny\",\n  \"tools\": {\n    \"read\": {},\n    \"write\": {}\n  }\n}\n";
    assert_eq!(tools("# mine\nread\n\n  write\n"), expected);
    assert_eq!(tools(r#"["read", "write"]"#), expected);
    assert_eq!(tools(r#"{"tools": [{"name": "read"}, {"name": "write"}]}"#), expected);
    assert!(import::tools(b"{\"tools\": 5}").policy.is_none());
    let settings = br#"{"permissions": {"allow": ["mcp__shop__read", "mcp__shop__drop", "Bash(ls)", "mcp__other__x", "mcp__shopping__y"],
        "ask": ["mcp__shop__pay"], "deny": ["mcp__shop__drop"]}}"#;
    let policy = import::permissions(settings, "shop").policy.unwrap();
    let root = read_strict(policy.as_bytes(), &Limits::DOCUMENT).unwrap();
    assert_eq!(
        json::write(&root.at("/tools").unwrap().value),
        r#"{"drop":{"action":"deny"},"pay":{"action":"require_approval"},"read":{}}"#
    );
    let all = br#"{"permissions": {"allow": ["mcp__shop"], "deny": ["mcp__shop__drop"]}}"#;
    let policy = import::permissions(all, "shop").policy.unwrap();
    assert!(policy.contains("\"default\": \"allow\"") && policy.contains("\"drop\""), "{policy}");
    let none = import::permissions(settings, "none");
    assert!(none.policy.unwrap().contains("\"default\": \"deny\""));
    assert_eq!(none.diagnostics.len(), 1);
}
