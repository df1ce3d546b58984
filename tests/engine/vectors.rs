//! Every scenario of tests/vectors, through every verb of the engine.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use cattlegrid::compile::{CompiledPolicy, compile, from_bytes, to_bytes};
use cattlegrid::diagnostic::Diagnostic;
use cattlegrid::evaluate::{self, Env};
use cattlegrid::model::{Decision, Effect, Outcome};
use cattlegrid::parse;
use cattlegrid::quota::{self, MemoryStore};
use cattlegrid::simulate::{self, Document, Scenario, Upstream};
use cattlegrid::source::LineIndex;

/// The vectors: the files' paths, in the order of their names.
fn vectors() -> Vec<PathBuf> {
    let folder = fs::read_dir(super::project("tests/vectors")).unwrap();
    let mut files: Vec<PathBuf> = folder
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .collect();
    files.sort();
    files
}

/// The scenario and its policy, compiled of its text and of its bytes, or what is wrong with one of them.
fn open(file: &Path) -> Result<(Scenario, [CompiledPolicy; 2]), String> {
    let text = fs::read_to_string(file).map_err(|error| error.to_string())?;
    let in_words = |text: &str, diagnostics: &[Diagnostic]| {
        let index = LineIndex::new(text);
        let lines: Vec<String> = diagnostics.iter().map(|d| d.in_one_line(&index)).collect();
        lines.join("\n  ")
    };
    let scenario = Scenario::parse(text.as_bytes()).map_err(|faults| in_words(&text, &faults))?;
    let (policy, parsed) = match &scenario.policy {
        Document::Inline(node) => (text.clone(), parse::parse_within(text.as_bytes(), node)),
        Document::Path(path) => {
            let policy = file.with_file_name(&path.value);
            let policy = fs::read_to_string(policy).map_err(|error| error.to_string())?;
            let parsed = parse::parse(policy.as_bytes());
            (policy, parsed)
        }
    };
    match parsed.policy {
        Some(parsed) => {
            let stored = from_bytes(&to_bytes(&parsed)).map_err(|fault| fault.to_string())?;
            Ok((scenario, [compile(&parsed), stored]))
        }
        None => Err(format!("in the policy: {}", in_words(&policy, &parsed.diagnostics))),
    }
}

#[test]
fn every_step_is_decided_as_expected() {
    let files = vectors();
    assert!(files.len() >= 40, "only {} vectors were found", files.len());
    let (mut faults, mut failed) = (String::new(), 0);
    for file in &files {
        let mut fault = |what: String| {
            failed += 1;
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            writeln!(faults, "{name}: {what}").unwrap();
        };
        let (scenario, policies) = match open(file) {
            Ok(opened) => opened,
            Err(why) => {
                fault(why);
                continue;
            }
        };
        for group in &scenario.groups {
            for (number, step) in group.steps.iter().enumerate() {
                if step.expected.is_none() {
                    fault(format!("{} step {number} expects nothing", group.pointer));
                }
            }
        }
        for result in policies.iter().flat_map(|policy| simulate::run(&scenario, policy)) {
            for difference in result.differences {
                let (step, repetition) = (result.step, result.repetition);
                let member = difference.member.as_str();
                let expected = difference.expected;
                let got = difference.got.map_or("nothing".to_owned(), |got| format!("`{got}`"));
                fault(format!(
                    "step {step}, repetition {repetition}: {member}: expected `{expected}`, got {got}"
                ));
            }
        }
    }
    assert!(failed == 0, "{failed} faults in {} vectors:\n{faults}", files.len());
}

#[test]
fn all_verbs_agree() {
    let said = |decision: &Decision| {
        let rule = decision.id.as_ref().map(|id| id.rule.clone());
        (decision.effect, rule, decision.message.clone(), decision.digest.clone())
    };
    let mut faults = String::new();
    for file in vectors() {
        let Ok((scenario, [policy, _])) = open(&file) else {
            continue;
        };
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let mut counters = MemoryStore::new();
        for (group, moment) in
            scenario.groups.iter().flat_map(|group| group.moments().map(move |at| (group, at)))
        {
            if (moment.step, moment.repetition) == (0, 0) {
                counters = MemoryStore::new();
            }
            let step = &group.steps[moment.step];
            assert!(step.approver.is_none(), "{name}: this test has no person who approves");
            let Ok(call) = &step.call else {
                continue;
            };
            let now = moment.at;
            let approvals = scenario.approval_keys.as_ref();
            // Before the call is counted, on the counters that count it: an explanation that counted
            // would be found out.
            let mut env = Env { now, counters: &mut counters, approvals };
            let explained = evaluate::explain(Some(&policy), call, &mut env);
            let mut copy = counters.clone();
            let mut env = Env { now, counters: &mut copy, approvals };
            let decided = evaluate::decide(Some(&policy), call, &mut env);
            let mut env = Env { now, counters: &mut counters, approvals };
            let evaluated = evaluate::evaluate(Some(&policy), call, &mut env);
            let decision = &evaluated.decision;
            let agree = said(&explained.decision) == said(decision)
                && (decided.effect, &decided.id()) == (decision.effect, &decision.id)
                && decided.reservation == evaluated.reservation
                && decided.approver == evaluated.approver;
            let worded = (decision.effect == Effect::Allow) == decision.id.is_none()
                && decision.id.is_none() == decision.message.is_none()
                && (decision.effect == Effect::Hold) == decision.digest.is_some();
            // What decided must be among what is explained, with the effect that it had.
            let shown = match decision.id.as_ref().map(|id| id.rule.as_str()) {
                None => explained.rules.iter().all(|outcome| outcome.effect == Effect::Allow),
                Some(sentinel) if sentinel.starts_with('(') => true,
                Some(rule) => {
                    let by_rule = explained.rules.iter().any(|outcome| {
                        (outcome.id.rule.as_str(), outcome.effect) == (rule, decision.effect)
                    });
                    let by_limit = explained.limits.iter().any(|outcome| {
                        outcome.id.rule == rule && outcome.outcome != Outcome::Satisfied
                    });
                    by_rule || by_limit
                }
            };
            if !(agree && worded && shown) {
                let step = moment.step;
                writeln!(faults, "{name}: step {step}: {decided:?}\n{decision:?}\n{explained:?}")
                    .unwrap();
            }
            if step.upstream == Upstream::Error {
                quota::give_back(&evaluated.reservation, &mut counters).unwrap();
            }
        }
    }
    assert!(faults.is_empty(), "{faults}");
}
