//! The language's manual, tests/semantics/*.md: every case on its pages is run.

use std::fmt::Write;
use std::fs;

use cattlegrid::analyze::{Proof, ask, questions};
use cattlegrid::compile::{CompiledPolicy, compile};
use cattlegrid::evaluate::{self, Env};
use cattlegrid::model::{Call, Decision, Explanation, Time};
use cattlegrid::parse;
use cattlegrid::quota::MemoryStore;
use cattlegrid::simulate::{self, Scenario};
use cattlegrid::source::LineIndex;
use cattlegrid::validate::check;
use cattlegrid::wire::WireDecision;
use serde_json::Value;

/// When the calls of the pages are made: 2026-01-01T00:00:00Z.
const NOW: Time = Time(1_767_225_600_000);

/// A part of a page that is a case.
enum Part<'p> {
    /// A fenced block: what it is, and its text.
    Block(&'p str, String),
    /// A row of a table: what the table's head says, and the cells.
    Row(&'p str, Vec<&'p str>),
}

/// The parts of a page, each with its line from 1.
fn parts(page: &str) -> Vec<(usize, Part<'_>)> {
    let mut parts = Vec::new();
    let mut lines = page.lines().enumerate();
    let mut head = "";
    while let Some((at, line)) = lines.next() {
        if let Some(info) = line.strip_prefix("```") {
            let text = lines.by_ref().map(|(_, line)| line).take_while(|line| *line != "```");
            parts.push((at + 1, Part::Block(info, text.collect::<Vec<_>>().join("\n"))));
        } else if !line.starts_with('|') {
            head = "";
        } else if head.is_empty() {
            head = line;
        } else if !line.starts_with("|---") {
            let cells = line.trim_matches('|').split('|').map(str::trim).collect();
            parts.push((at + 1, Part::Row(head, cells)));
        }
    }
    parts
}

/// What stands between backticks; a cell may have several.
fn code(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

fn policy(text: &str) -> Result<CompiledPolicy, String> {
    let parsed = parse::parse(text.as_bytes());
    let index = LineIndex::new(text);
    let why = || parsed.diagnostics.iter().map(|one| one.in_one_line(&index)).collect::<String>();
    parsed.policy.as_ref().map(compile).ok_or_else(why)
}

fn call(text: &str) -> Result<Call, Box<Decision>> {
    parse::call_text(text.as_bytes()).map_err(|fault| Box::new(evaluate::not_a_call(&fault)))
}

fn explained(policy: &CompiledPolicy, text: &str) -> Explanation {
    let call = call(text).unwrap_or_else(|denied| panic!("{text}: {denied:?}"));
    let mut env = Env { now: NOW, counters: &mut MemoryStore::new(), approvals: None };
    evaluate::explain(Some(policy), &call, &mut env)
}

/// A policy whose one condition is this.
fn one_condition(path: &str, op: &str, value: &str) -> String {
    let path = serde_json::to_string(path).unwrap();
    format!(
        r#"{{"version": "1", "default": "deny", "tools": {{"t": {{"require": [
           {{"conditions": [{{"path": {path}, "op": "{op}", "value": {value}}}]}}]}}}}}}"#
    )
}

/// Runs the cases of one page.
#[derive(Default)]
struct Page {
    policy: String,
    decided: Option<Value>,
    said: Option<String>,
    cases: usize,
}

impl Page {
    fn run(&mut self, part: &Part<'_>) -> Result<(), String> {
        match part {
            Part::Block("json policy", text) => {
                policy(text)?;
                self.policy = text.clone();
            }
            Part::Block("json call", text) => {
                let policy = policy(&self.policy)?;
                let decision = match call(text) {
                    Err(denied) => *denied,
                    Ok(call) => {
                        let counters = &mut MemoryStore::new();
                        let mut env = Env { now: NOW, counters, approvals: None };
                        evaluate::evaluate(Some(&policy), &call, &mut env).decision
                    }
                };
                self.decided = serde_json::to_value(WireDecision::from(&decision)).ok();
            }
            Part::Block("json decision", text) => {
                let expected: Value = serde_json::from_str(text).map_err(|why| why.to_string())?;
                let decided = self.decided.take().ok_or("no call stands before this decision")?;
                self.cases += 1;
                if let Some(path) = differs(&expected, &decided) {
                    return Err(format!("{path} is another: {decided}"));
                }
            }
            Part::Block("json steps", text) => {
                let policy = &self.policy;
                self.scenario(&format!("{{\"policy\": {policy}, \"steps\": {text}}}"))?;
            }
            Part::Block("json scenario", text) => self.scenario(text)?,
            Part::Block("yaml scenario", text) => {
                let scenario = Scenario::parse_yaml(text.as_bytes());
                self.play(text, &scenario.map_err(|why| format!("{why:?}"))?)?;
            }
            Part::Block("json broken", text) => {
                let index = LineIndex::new(text);
                let checked = check(text.as_bytes(), None);
                let lines = checked.diagnostics.iter().map(|one| one.in_one_line(&index));
                self.said = Some(lines.collect::<Vec<_>>().join("\n"));
            }
            Part::Block("text diagnostics", text) => {
                self.cases += 1;
                let said = self.said.take().ok_or("no document stands before this")?;
                if said != *text {
                    return Err(format!("is said otherwise:\n{said}"));
                }
            }
            Part::Block("yaml intercept", text) => {
                let imported = cattlegrid::import::intercept(text.as_bytes());
                self.said = imported.policy.map(|policy| policy.trim_end().to_owned());
            }
            Part::Block("json imported", text) => {
                self.cases += 1;
                let imported = self.said.take().ok_or("no document is imported before this")?;
                if imported != *text {
                    return Err(format!("is another:\n{imported}"));
                }
                self.policy = imported;
            }
            Part::Block(other, _) => return Err(format!("`{other}` is no kind of block")),
            Part::Row("| condition | value | outcome |", cells) => {
                self.cases += 1;
                let [condition, value, outcome] = cells[..] else {
                    return Err("a row has three cells".to_owned());
                };
                let [op, wanted] = code(condition)[..] else {
                    return Err("a condition has an operator and a value".to_owned());
                };
                let value = code(value).first().map(|value| format!("\"v\": {value}"));
                let arguments = value.unwrap_or_default();
                let call = format!("{{\"tool\": \"t\", \"arguments\": {{{arguments}}}}}");
                let explained = explained(&policy(&one_condition("args.v", op, wanted))?, &call);
                let got = explained.rules[0].conditions[0].outcome.as_str();
                if got != outcome {
                    return Err(format!("it is {got}"));
                }
            }
            Part::Row("| path | arguments | sees |", cells) => {
                self.cases += 1;
                let [path, arguments, sees] = cells[..] else {
                    return Err("a row has three cells".to_owned());
                };
                let policy = policy(&one_condition(code(path)[0], "exists", "true"))?;
                let call = format!("{{\"tool\": \"t\", \"arguments\": {}}}", code(arguments)[0]);
                let explained = explained(&policy, &call);
                let saw = explained.rules[0].conditions[0].saw.as_deref();
                if saw != code(sees).first().copied() {
                    return Err(format!("it sees {saw:?}"));
                }
            }
            // A table that is no list of cases.
            Part::Row(..) => {}
        }
        Ok(())
    }

    fn scenario(&mut self, text: &str) -> Result<(), String> {
        self.play(text, &Scenario::parse(text.as_bytes()).map_err(|why| format!("{why:?}"))?)
    }

    fn play(&mut self, text: &str, scenario: &Scenario) -> Result<(), String> {
        let policy = scenario.own_policy(text.as_bytes()).map_err(|why| format!("{why:?}"))?;
        for result in simulate::run(scenario, &policy) {
            self.cases += 1;
            if let Some(difference) = result.differences.first() {
                return Err(format!("step {}: {difference:?}", result.step));
            }
        }
        let document = scenario.own_document(text.as_bytes()).map_err(|why| format!("{why:?}"))?;
        for question in questions(scenario, text).map_err(|why| format!("{why:?}"))? {
            self.cases += 1;
            let proof = ask(&document, &question, None);
            if !matches!(proof, Proof::Proved) {
                return Err(format!("{question:?}: {proof:?}"));
            }
        }
        Ok(())
    }
}

/// Where something that is expected is not what is there: objects may have more members.
fn differs(expected: &Value, got: &Value) -> Option<String> {
    match (expected, got) {
        (Value::Object(expected), Value::Object(got)) => {
            expected.iter().find_map(|(key, value)| {
                let inner = differs(value, got.get(key).unwrap_or(&Value::Null))?;
                Some(format!("{key} {inner}").trim_end().to_owned())
            })
        }
        (Value::Array(expected), Value::Array(got)) if expected.len() == got.len() => {
            expected.iter().zip(got).find_map(|(expected, got)| differs(expected, got))
        }
        _ => (expected != got).then(String::new),
    }
}

#[test]
fn every_case_of_the_manual_is_true() {
    let mut files: Vec<_> = fs::read_dir(super::project("tests/semantics"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.file_name().is_some_and(|name| name != "codes.md"))
        .collect();
    files.sort();
    let (mut faults, mut cases) = (String::new(), 0);
    for file in &files {
        let text = fs::read_to_string(file).unwrap();
        let mut page = Page::default();
        for (line, part) in parts(&text) {
            if let Err(why) = page.run(&part) {
                writeln!(faults, "{}:{line}: {why}", file.display()).unwrap();
            }
        }
        if page.decided.is_some() || page.said.is_some() {
            writeln!(faults, "{}: a call or document at its end has no answer", file.display())
                .unwrap();
        }
        cases += page.cases;
    }
    assert!(faults.is_empty(), "{faults}");
    assert!(files.len() >= 10 && cases >= 180, "{} pages, {cases} cases", files.len());
}
