//! The engine itself.

use cattlegrid::compile::{CompiledPolicy, compile};
use cattlegrid::evaluate::{Env, Scratch, decide, decide_text};
use cattlegrid::model::{Call as Parsed, Effect, Time};
use cattlegrid::parse;
use cattlegrid::quota::MemoryStore;
use cattlegrid::simulate::{Scenario, StepResult, run};
use serde_json::json;

use crate::case::{Call, Case};
use crate::contest::{Contestant, again, parsed, text};

const NAME: &str = "cattlegrid";
/// Who wants the call for another reason as well.
const READ_FIRST: &str = "cattlegrid, the call read first";
/// Calls that a scenario runs through.
const STEPS: u32 = 1_000_000;

pub fn enter(case: &Case, calls: &[Call]) -> Vec<Box<dyn Contestant>> {
    let judge = || {
        let (policy, mut counters) = (policy(&case.policies.cattlegrid), MemoryStore::new());
        move |call: &Parsed| {
            let mut env = Env { now: Time(0), counters: &mut counters, approvals: None };
            decide(Some(&policy), call, &mut env).effect == Effect::Allow
        }
    };
    let judge_text = || {
        let (policy, mut counters) = (policy(&case.policies.cattlegrid), MemoryStore::new());
        let mut scratch = Scratch::default();
        move |text: &str| {
            let mut env = Env { now: Time(0), counters: &mut counters, approvals: None };
            let decided = decide_text(Some(&policy), text.as_bytes(), &mut env, &mut scratch);
            decided.effect == Effect::Allow
        }
    };
    let read = |text: &str| parse::call_text(text.as_bytes()).expect("the call is one");
    let mut judge_read = judge();
    let read_first =
        move |text: &str| parse::call_text(text.as_bytes()).is_ok_and(|call| judge_read(&call));
    vec![
        parsed(NAME, calls, read, judge()),
        text(NAME, calls, judge_text()),
        text(READ_FIRST, calls, read_first),
    ]
}

pub fn set_up(case: &Case) -> Vec<Box<dyn Contestant>> {
    let document = case.policies.cattlegrid.clone();
    let read = parse::parse(document.as_bytes()).policy.expect("the policy is one");
    vec![
        again(NAME, "parsed", move || !compile(&read).hash().is_empty()),
        again(NAME, "text", move || !policy(&document).hash().is_empty()),
    ]
}

fn policy(document: &str) -> CompiledPolicy {
    compile(&parse::parse(document.as_bytes()).policy.expect("the policy is one"))
}

/// A scenario of a million calls of two tools in turn, which is the most that one may have.
pub fn simulation(case: &Case) -> Box<dyn Contestant> {
    let step = |at: usize| {
        let call: serde_json::Value =
            serde_json::from_str(&case.timed[at].text).expect("the call is one");
        json!({"at": "2026-01-01T00:00:00Z", "call": call, "every": "5ms", "times": STEPS / 2})
    };
    let policy: serde_json::Value =
        serde_json::from_str(&case.policies.cattlegrid).expect("it is json");
    let scenario = json!({"policy": policy, "steps": [step(0), step(1)]}).to_string();
    let scenario = Scenario::parse(scenario.as_bytes()).expect("the scenario is one");
    let policy = self::policy(&case.policies.cattlegrid);
    again(NAME, "parsed", move || {
        let allowed = |step: &StepResult| step.decision.effect == Effect::Allow;
        run(&scenario, &policy).filter(allowed).count() == STEPS as usize
    })
}
