//! The value that a condition is explained by.

use crate::compile::compile;
use crate::evaluate::{Env, explain};
use crate::model::{Outcome, Time};
use crate::parse;
use crate::quota::MemoryStore;

fn saw(kind: &str, arguments: &str) -> (Outcome, Option<String>) {
    let policy = format!(
        r#"{{"version":"1","default":"deny","tools":{{"t":{{"{kind}":[{{"conditions":[{{"path":"args.a[*]","op":"gt","value":5}}]}}]}}}}}}"#
    );
    let policy = compile(&parse::parse(policy.as_bytes()).policy.unwrap());
    let call = format!(r#"{{"tool":"t","arguments":{arguments}}}"#);
    let call = parse::call_text(call.as_bytes()).unwrap();
    let counters = &mut MemoryStore::new();
    let mut env = Env { now: Time(0), counters, approvals: None };
    let condition = explain(Some(&policy), &call, &mut env).rules[0].conditions[0].clone();
    (condition.outcome, condition.saw)
}

#[test]
fn it_is_the_first_that_made_the_outcome() {
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(saw("deny_if", r#"{"a":[1,"x",7,8]}"#), (Outcome::Satisfied, some("7")));
    assert_eq!(saw("deny_if", r#"{"a":[1,"x",2]}"#), (Outcome::Errored, some("\"x\"")));
    assert_eq!(saw("deny_if", r#"{"a":[3,4]}"#), (Outcome::NotSatisfied, some("3")));
    assert_eq!(saw("require", r#"{"a":[7,8]}"#), (Outcome::Satisfied, some("7")));
    assert_eq!(saw("require", r#"{"a":[7,"x",3,4]}"#), (Outcome::NotSatisfied, some("3")));
    assert_eq!(saw("require", r#"{"a":[]}"#), (Outcome::NotSatisfied, None));
}

#[test]
fn a_long_value_is_cut() {
    let long = "x".repeat(300);
    let (_, saw) = saw("deny_if", &format!(r#"{{"a":["{long}"]}}"#));
    let cut = saw.unwrap();
    // With its opening quote: 256 characters, and the sign that there was more.
    assert_eq!(cut.chars().count(), 257);
    assert!(cut.starts_with("\"xxx") && cut.ends_with("x…"), "{cut}");
}
