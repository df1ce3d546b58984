//! Policies of other formats: what Intercept decided, and what it refused.

use std::fs;
use std::io::Write;

use cattlegrid::compile::{CompiledPolicy, compile};
use cattlegrid::diagnostic::Diagnostic;
use cattlegrid::evaluate::{Env, evaluate};
use cattlegrid::import::{self, Imported};
use cattlegrid::json::{Limits, Node, Object, Value, read_strict};
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
