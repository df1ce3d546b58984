use super::super::text::{Scratch, at_once};
use super::super::{Env, decide_text};
use crate::approval::Keys;
use crate::compile::{CompiledPolicy, compile};
use crate::model::{Effect, Time};
use crate::parse;
use crate::quota::MemoryStore;

fn policy(tool: &str) -> CompiledPolicy {
    let text = format!(r#"{{"version":"1","default":"deny","tools":{{"t":{tool}}}}}"#);
    compile(&parse::parse(text.as_bytes()).policy.unwrap())
}

const RULES: &str = r#"{"require":[{"conditions":[
    {"path":"args.a","op":"lte","value":5},{"path":"args.l[*].b","op":"in","value":["x","y"]}]}],
  "limits":[{"counter":"c","window":"minute","max":100,"increment_from":"args.a"}]}"#;

fn quick(policy: &CompiledPolicy, text: &str) -> Option<Effect> {
    let mut counters = MemoryStore::new();
    let mut env = Env { now: Time(0), counters: &mut counters, approvals: None };
    at_once(policy, text.as_bytes(), &mut env, &mut Scratch::default()).map(|found| found.effect)
}

/// Were they not, all would be as it is, only slower.
#[test]
fn ordinary_calls_are_decided_at_once() {
    let policy = policy(RULES);
    let calls = [
        (r#"{"tool":"t","arguments":{"a":1,"l":[{"b":"x"}]}}"#, Effect::Allow),
        (r#"{"arguments":{"l":[{"b":"x","c":[{}]},{"b":"y"}],"a":1.5},"tool":"t"}"#, Effect::Allow),
        (r#" { "tool" : "t" , "grant" : "g" , "session":"s","server":"v" } "#, Effect::Deny),
        (r#"{"tool":"t","approval":"j","arguments":{"a":6}}"#, Effect::Deny),
        (r#"{"tool":"u","arguments":{"a":"\u00e9\n"}}"#, Effect::Deny),
        (
            r#"{"jsonrpc":"2.0","id":"x","method":"tools/call","params":{"name":"t",
               "arguments":{"a":-0,"l":[{"b":"\u0078"}],"é":"é"},"_meta":{"progressToken":1}}}"#,
            Effect::Allow,
        ),
        (
            r#"{"id":7,"params":{"arguments":{"l":[]},"name":"t"},"method":"tools/call","jsonrpc":"2.0"}"#,
            Effect::Deny,
        ),
    ];
    for (call, effect) in calls {
        assert_eq!(quick(&policy, call), Some(effect), "{call}");
    }
}

#[test]
fn what_is_out_of_the_ordinary_is_left_to_the_reader() {
    let policy = policy(RULES);
    let many: Vec<String> = (0..65).map(|n| format!("\"k{n}\":{n}")).collect();
    let many = format!(r#"{{"tool":"t","arguments":{{{}}}}}"#, many.join(","));
    let deep = format!(r#"{{"tool":"t","x":{}{}}}"#, "[".repeat(200), "]".repeat(200));
    for call in [
        "",
        "{}",
        "[]",
        r#"{"tool":"t"}x"#,
        r#"{"tool":"t","tool":"t"}"#,
        r#"{"tool":"t","arguments":{"a":1,"a":1}}"#,
        r#"{"tool":"t","arguments":{"l":[{"b":1},{"b":1,"b":1}]}}"#,
        r#"{"tool":"t","arguments":{"l":[{"b":1,"c":2},{"b":1,"d":1,"c":3,"d":1}]}}"#,
        r#"{"tool":"t","arguments":{"long key a":1,"long key b":1,"long key a":1}}"#,
        r#"{"tool":"t","arguments":{"\u0061":1}}"#,
        r#"{"tool":"t","arguments":[]}"#,
        r#"{"tool":"t","more":1}"#,
        r#"{"tool":"t","jsonrpc":"2.0"}"#,
        r#"{"tool":"t","method":"tools/call"}"#,
        r#"{"tool":"t","params":{"name":"t"}}"#,
        r#"{"tool":"t","id":1}"#,
        r#"{"jsonrpc":"2.0","method":"tools/call","tool":"t"}"#,
        r#"{"jsonrpc":"2.0","method":"tools/call","id":1}"#,
        r#"{"jsonrpc":"2.0","params":{"name":"t"}}"#,
        r#"{"method":"tools/call","params":{"name":"t"}}"#,
        r#"{"params":{"name":"t"}}"#,
        r#"{"jsonrpc":"2.0","method":"tools/call","params":{"name":"t","Name":"u"}}"#,
        r#"{"jsonrpc":"2.0","method":"tools/list","params":{"name":"t"}}"#,
        r#"{"jsonrpc":"2.0","id":null,"method":"tools/call","params":{"name":"t"}}"#,
        r#"{"jsonrpc":"2.0","id":1.5,"method":"tools/call","params":{"name":"t"}}"#,
        "{\"tool\":\"t\",\"arguments\":{\"a\":\"\n\"}}",
        r#"{"tool":"t","arguments":{"a":"\ud800"}}"#,
        r#"{"tool":"t","arguments":{"a":01}}"#,
        &format!(r#"{{"tool":"t","arguments":{{"a":{}}}}}"#, "1".repeat(401)),
        &many,
        &deep,
    ] {
        assert_eq!(quick(&policy, call), None, "{call}");
    }
}

/// One policy at a time has its cells in the room; the next one finds none of them.
#[test]
fn room_is_used_again_for_other_policies() {
    let mut counters = MemoryStore::new();
    let mut scratch = Scratch::default();
    let mut ask = |policy: &CompiledPolicy, call: &str| {
        let mut env = Env { now: Time(0), counters: &mut counters, approvals: None };
        decide_text(Some(policy), call.as_bytes(), &mut env, &mut scratch).effect
    };
    let (one, none) = (policy(RULES), policy("{}"));
    for _ in 0..2 {
        assert_eq!(ask(&one, r#"{"tool":"t","arguments":{"a":1,"l":[{"b":"x"}]}}"#), Effect::Allow);
        assert_eq!(ask(&one, r#"{"tool":"t","arguments":{"a":1,"l":[{"b":"z"}]}}"#), Effect::Deny);
        assert_eq!(ask(&one, r#"{"tool":"t"}"#), Effect::Deny);
        assert_eq!(ask(&none, r#"{"tool":"t"}"#), Effect::Allow);
        assert_eq!(ask(&none, r#"{"tool":"u"}"#), Effect::Deny);
    }
}

/// What would be held waits for an approval; a token may be one, and is looked at with all of the
/// call.
#[test]
fn a_call_that_is_held_comes_back_with_its_token() {
    let policy = policy(r#"{"action":"require_approval"}"#);
    assert_eq!(quick(&policy, r#"{"tool":"t"}"#), Some(Effect::Hold));
    assert_eq!(quick(&policy, r#"{"tool":"t","approval":"x"}"#), None);
    let mut counters = MemoryStore::new();
    let nobodys = Keys::default();
    let mut env = Env { now: Time(0), counters: &mut counters, approvals: Some(&nobodys) };
    let found = at_once(&policy, br#"{"tool":"t"}"#, &mut env, &mut Scratch::default()).unwrap();
    assert_eq!(found.effect, Effect::Deny);
}
