//! A call decided from its text is decided as the call that is read from it, whatever the text is.

use cattlegrid::compile::{CompiledPolicy, compile};
use cattlegrid::evaluate::{Decided, Env, Scratch, decide, decide_text};
use cattlegrid::model::{Effect, Time};
use cattlegrid::parse;
use cattlegrid::quota::{MemoryStore, Reservation};

/// Asks for most that can be asked for: members, elements, every element, what is within, amounts.
const POLICY: &[u8] = br#"{"version":"1","default":"allow","hide":["h"],
  "all_tools":{"deny_if":[{"conditions":[{"path":"args.k","op":"eq","value":"0"}]}],
    "limits":[{"counter":"c","window":"minute","max":3}]},
  "tools":{
    "t":{"require":[
        {"conditions":[{"path":"args.a","op":"not_in","value":[1,"b",null]}]},
        {"conditions":[{"path":"args.l[*].a","op":"lte","value":1.5}]}],
      "deny_if":[
        {"conditions":[{"path":"args.a.b","op":"eq","value":{"a":[1,"1"]}},{"path":"args.a","op":"exists","value":true}]},
        {"conditions":[{"path":"args.l[*].l[*]","op":"contains","value":"a"}]}],
      "require_approval_if":[{"conditions":[{"path":"args.b","op":"regex","value":"^a+$"}]}],
      "limits":[{"counter":"n","window":"hour","max":10,"increment_from":"args.n"}]},
    "u":{"deny_if":[{"conditions":[{"path":"args.l[0]","op":"gt","value":0}]},
        {"conditions":[{"path":"args.l[*]","op":"exists","value":false}]}]},
    "d":{"action":"deny"}}}"#;

/// The bytes as a text, and as the arguments of calls in every form.
pub fn check(bytes: &[u8]) {
    let policy = compile(&parse::parse(POLICY).policy.expect("the policy is one"));
    let mut scratch = Scratch::default();
    compare(&policy, bytes, &mut scratch);
    let around: [(&str, &str); 6] = [
        (r#"{"tool":"t","arguments":"#, "}"),
        (r#"{"arguments": "#, r#" ,"tool":"u","grant":"g"}"#),
        (r#"{"tool":"t","arguments":{"n":2,"a":7,"l":[{"a":1}],"b":"#, r#"},"approval":"x"}"#),
        (r#"{"tool":"t","arguments":{"n":2,"a":7,"l":["#, "]}}"),
        (
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"u","arguments":"#,
            "}}",
        ),
        (r#"{"jsonrpc":"2.0","id":"#, r#","method":"tools/call","params":{"name":"h"}}"#),
    ];
    for (before, behind) in around {
        compare(&policy, &[before.as_bytes(), bytes, behind.as_bytes()].concat(), &mut scratch);
    }
}

/// What of an answer can be compared.
pub fn said(decided: &Decided<'_>) -> (Effect, Option<String>, Reservation) {
    (decided.effect, decided.id().map(|id| id.rule.clone()), decided.reservation.clone())
}

fn compare(policy: &CompiledPolicy, text: &[u8], scratch: &mut Scratch) {
    let (mut counters, mut others) = (MemoryStore::new(), MemoryStore::new());
    let mut env = Env { now: Time(0), counters: &mut counters, approvals: None };
    let quickly = said(&decide_text(Some(policy), text, &mut env, scratch));
    let mut env = Env { now: Time(0), counters: &mut others, approvals: None };
    let slowly = match parse::call_text(text) {
        Ok(call) => said(&decide(Some(policy), &call, &mut env)),
        Err(_) => (Effect::Deny, Some("(malformed call)".into()), Reservation::default()),
    };
    assert_eq!(quickly, slowly, "{}", String::from_utf8_lossy(text));
}
