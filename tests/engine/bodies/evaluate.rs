//! `decide`, `decide_text`, `evaluate`, `explain` and the oracle are of one mind.

use cattlegrid::approval::Keys;
use cattlegrid::compile::{compile, from_bytes, to_bytes};
use cattlegrid::evaluate::{Env, Scratch, decide, decide_text, evaluate, explain};
use cattlegrid::json::{Limits, read_strict};
use cattlegrid::model::{Call, Decision, Effect, LimitState, Outcome, Time};
use cattlegrid::parse;
use cattlegrid::quota::{self, MemoryStore};

use super::cases::{self, Case};
use super::oracle::Oracle;
use super::text::said;

pub fn check(bytes: &[u8]) {
    run(&cases::case(bytes));
}

/// Runs the steps of a case and compares all answers; how many there were of each effect.
pub fn run(case: &Case) -> [usize; 3] {
    let parsed = parse::parse(case.policy.as_bytes());
    let Some(policy) = parsed.policy else {
        panic!("the policy is faulty: {}\n{:#?}", case.policy, parsed.diagnostics);
    };
    let compiled = compile(&policy);
    let stored = from_bytes(&to_bytes(&policy)).expect("what was written is read");
    assert_eq!(stored.hash(), compiled.hash());
    let mut counters = MemoryStore::new();
    let mut oracle = Oracle::default();
    let mut evaluations = Vec::new();
    let mut effects = [0; 3];
    let mut scratch = Scratch::default();
    for (number, step) in case.steps.iter().enumerate() {
        if let Some(failed) = step.failed {
            // A failure is only reported once.
            if let Some((reservation, answer)) = evaluations.get_mut(failed).and_then(Option::take)
            {
                quota::give_back(&reservation, &mut counters).unwrap();
                oracle.give_back(&answer);
            }
        }
        let here = || format!("step {number}: {} at {}\nof {}", step.call, step.at, case.policy);
        let call = read(&step.call);
        let now = Time(step.at);
        let explanation = explain(Some(&compiled), &call, &mut env(now, &mut counters));
        let mut copy = counters.clone();
        let keys = Keys::default();
        let mut copy_without_keys = counters.clone();
        let mut without_keys =
            Env { now, counters: &mut copy_without_keys, approvals: Some(&keys) };
        let unapproved = decide(Some(&compiled), &call, &mut without_keys);
        let decided = decide(Some(&compiled), &call, &mut env(now, &mut copy));
        let mut another = counters.clone();
        let mut world = env(now, &mut another);
        let quickly = decide_text(Some(&compiled), step.call.as_bytes(), &mut world, &mut scratch);
        assert_eq!(said(&quickly), said(&decided), "{}", here());
        // So is a policy that was written as bytes and read again, and it says the same.
        let mut another = counters.clone();
        let mut world = env(now, &mut another);
        let quickly = decide_text(Some(&stored), step.call.as_bytes(), &mut world, &mut scratch);
        assert_eq!(said(&quickly), said(&decided), "{}", here());
        let again = evaluate(Some(&stored), &call, &mut env(now, &mut counters.clone()));
        let evaluation = evaluate(Some(&compiled), &call, &mut env(now, &mut counters));
        let decision = evaluation.decision;
        assert_eq!(again.decision, decision, "{}", here());
        assert_eq!(again.reservation, evaluation.reservation, "{}", here());
        let answer = oracle.decide(&policy, &call, now);

        let rule = decision.id.as_ref().map(|id| id.rule.clone());
        assert_eq!((decision.effect, &rule), (answer.effect, &answer.rule), "{}", here());
        assert_eq!(remaining(&decision.limits), answer.remaining, "{}", here());
        assert_eq!(
            (decided.effect, decided.id()),
            (decision.effect, decision.id.clone()),
            "{}",
            here()
        );
        assert_eq!(decided.reservation, evaluation.reservation, "{}", here());
        assert!(
            same(&explanation.decision, &decision),
            "{}
{explanation:#?}",
            here()
        );
        // Where nobody can approve, what would be held is denied by the same rule.
        let effect = match decided.effect {
            Effect::Hold => Effect::Deny,
            effect => effect,
        };
        assert_eq!((unapproved.effect, unapproved.id()), (effect, decided.id()), "{}", here());
        let short = decision.short.map(|at| &decision.limits[at]);
        assert!(short.is_none_or(|_| decision.effect == Effect::Deny), "{}", here());

        // The first rule that denies, else the first that holds, else the first limit without room.
        let by = |effect| explanation.rules.iter().find(|rule| rule.effect == effect);
        let objection = by(Effect::Deny).or(by(Effect::Hold)).map(|rule| &rule.id);
        let limit = explanation.limits.iter().find(|limit| limit.outcome != Outcome::Satisfied);
        let first = objection.or(limit.map(|limit| &limit.id)).map(|id| id.rule.clone());
        if !rule.as_ref().is_some_and(|rule| rule.starts_with('(')) {
            assert_eq!(first, rule, "{}", here());
        }

        effects[decision.effect as usize] += 1;
        evaluations.push(Some((evaluation.reservation, answer)));
    }
    effects
}

/// Whether an explanation has the decision: of a call that is allowed it shows the limits before it.
pub fn same(explained: &Decision, evaluated: &Decision) -> bool {
    let limits = match evaluated.effect {
        Effect::Allow => explained.limits.clone(),
        _ => evaluated.limits.clone(),
    };
    let left = |limit: &LimitState| (limit.remaining, limit.reset_after);
    *explained == Decision { limits, ..evaluated.clone() }
        && explained.limits.iter().zip(&evaluated.limits).all(|(a, b)| left(a) >= left(b))
}

fn env(now: Time, counters: &mut MemoryStore) -> Env<'_> {
    Env { now, counters, approvals: None }
}

fn read(text: &str) -> Call {
    let node = read_strict(text.as_bytes(), &Limits::MESSAGE);
    parse::call(&node.unwrap_or_else(|fault| panic!("{fault:?} in {text}"))).unwrap()
}

fn remaining(limits: &[LimitState]) -> Vec<u128> {
    limits.iter().map(|limit| limit.remaining.unwrap().millionths()).collect()
}
