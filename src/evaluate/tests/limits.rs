//! What decisions say of limits.

use crate::compile::{CompiledPolicy, compile};
use crate::evaluate::{Env, evaluate, explain};
use crate::model::{Decision, Explanation, Time};
use crate::parse;
use crate::quota::MemoryStore;

fn policy() -> CompiledPolicy {
    let text = br#"{"version": "1", "default": "deny",
        "all_tools": {"limits": [{"counter": "all", "window": "minute", "max": 3}]},
        "tools": {"t": {"deny_if": [{"conditions": [{"path": "args.no", "op": "exists", "value": true}]}],
            "limits": [{"counter": "few", "window": 90, "max": 1},
                       {"counter": "sum", "window": "day", "max": 9.5, "increment_from": "args.n"}]}}}"#;
    compile(&parse::parse(text).policy.unwrap())
}

fn ask(call: &str, counters: &mut MemoryStore) -> (Explanation, Decision) {
    let (policy, call) = (policy(), parse::call_text(call.as_bytes()).unwrap());
    let explanation =
        explain(Some(&policy), &call, &mut Env { now: Time(30_500), counters, approvals: None });
    let mut env = Env { now: Time(30_500), counters, approvals: None };
    (explanation, evaluate(Some(&policy), &call, &mut env).decision)
}

/// `counter remaining/max, seconds` of each limit, and which of them denied.
fn said(decision: &Decision) -> (Vec<String>, Option<usize>) {
    let limit = |limit: &crate::model::LimitState| {
        let left = limit.remaining.map_or("?".to_owned(), |left| left.to_string());
        format!("{} {left}/{}, {}", limit.counter, limit.max, limit.reset_after)
    };
    (decision.limits.iter().map(limit).collect(), decision.short)
}

#[test]
fn an_allowed_call_says_what_is_left_after_it_and_an_explanation_what_was_before() {
    let (before, after) = ask(r#"{"tool":"t","arguments":{"n":2.5}}"#, &mut MemoryStore::new());
    let left = |few, sum, all| {
        vec![
            format!("few {few}/1, 60"),
            format!("sum {sum}/9.5, 86370"),
            format!("all {all}/3, 30"),
        ]
    };
    assert_eq!(said(&after), (left("0", "7", "2"), None));
    assert_eq!(said(&before.decision), (left("1", "9.5", "3"), None));
}

#[test]
fn a_denied_call_says_which_limit_denied_it() {
    let mut counters = MemoryStore::new();
    let first = r#"{"tool":"t","arguments":{"n":9}}"#;
    assert_eq!(said(&ask(first, &mut counters).1).1, None);
    let (before, after) = ask(first, &mut counters);
    assert_eq!((said(&after).1, said(&before.decision).1), (Some(0), Some(0)));
    let few = MemoryStore::new;
    for (call, short) in [
        (r#"{"tool":"t","arguments":{"n":9.6}}"#, Some(1)),
        (r#"{"tool":"t","arguments":{"n":"9"}}"#, Some(1)),
    ] {
        let (before, after) = ask(call, &mut few());
        assert_eq!((said(&after).1, said(&before.decision).1), (short, short), "{call}");
        assert_eq!(after.limits.len(), 3);
    }
}

#[test]
fn a_call_that_a_rule_denies_says_nothing_of_limits() {
    let (before, after) =
        ask(r#"{"tool":"t","arguments":{"no":1,"n":1}}"#, &mut MemoryStore::new());
    assert_eq!((said(&after), said(&before.decision)), ((vec![], None), (vec![], None)));
    assert_eq!(before.limits.len(), 3);
}
