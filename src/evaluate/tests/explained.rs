//! The order and the outcomes of an explanation.

use crate::compile::compile;
use crate::evaluate::{Env, explain};
use crate::model::{Effect, Explanation, Outcome, Time};
use crate::parse;
use crate::quota::MemoryStore;

fn explained(tool: &str, arguments: &str) -> Explanation {
    let policy = format!(r#"{{"version":"1","default":"deny","tools":{{"t":{tool}}}}}"#);
    let policy = compile(&parse::parse(policy.as_bytes()).policy.unwrap());
    let call = format!(r#"{{"tool":"t","arguments":{arguments}}}"#);
    let call = parse::call_text(call.as_bytes()).unwrap();
    let counters = &mut MemoryStore::new();
    explain(Some(&policy), &call, &mut Env { now: Time(0), counters, approvals: None })
}

/// The last part of each rule's pointer but one (or its own), and what it makes of the call.
fn rules(explanation: &Explanation) -> Vec<(&str, Effect)> {
    let list = |rule: &str| match rule.strip_prefix("/tools/t/").unwrap().split_once('/') {
        Some(("require", _)) => "require",
        Some(("deny_if", _)) => "deny_if",
        Some(_) => "approve",
        None => "action",
    };
    explanation.rules.iter().map(|rule| (list(&rule.id.rule), rule.effect)).collect()
}

#[test]
fn an_action_stands_where_it_decides() {
    const RULES: &str = r#""require":[{"conditions":[]}],"deny_if":[{"conditions":[{"path":"args.a","op":"eq","value":1}]}],
        "require_approval_if":[{"conditions":[]}]"#;
    let holding = explained(&format!(r#"{{"action":"require_approval",{RULES}}}"#), "{}");
    assert_eq!(
        rules(&holding),
        [
            ("require", Effect::Allow),
            ("deny_if", Effect::Allow),
            ("action", Effect::Hold),
            ("approve", Effect::Hold)
        ]
    );
    let denying = explained(&format!(r#"{{"action":"deny",{RULES}}}"#), "{}");
    assert_eq!(rules(&denying)[0], ("action", Effect::Deny));
}

#[test]
fn a_limit_has_room_or_none_or_cannot_tell() {
    const LIMITS: &str =
        r#"{"limits":[{"counter":"c","window":"day","max":5,"increment_from":"args.n"}]}"#;
    let outcome = |arguments: &str| explained(LIMITS, arguments).limits[0].outcome;
    assert_eq!(outcome(r#"{"n":5}"#), Outcome::Satisfied);
    assert_eq!(outcome(r#"{"n":5.1}"#), Outcome::NotSatisfied);
    for none in ["{}", r#"{"n":null}"#, r#"{"n":"5"}"#, r#"{"n":-1}"#, r#"{"n":1e24}"#] {
        assert_eq!(outcome(none), Outcome::Errored, "{none}");
    }
}
