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

/// Every way in which a path can be there, be missing, and be there more than once: what is seen while
/// the text is read comes to the same as what is looked up in it.
#[test]
fn what_is_seen_in_passing_is_what_is_looked_up() {
    let condition = |path: &str, op: &str, value: &str| {
        format!(r#"{{"conditions":[{{"path":"args.{path}","op":"{op}","value":{value}}}]}}"#)
    };
    let both = r#"{"conditions":[{"path":"args.e","op":"lt","value":0},
        {"path":"args.a","op":"exists","value":true},{"path":"args.m[*]","op":"eq","value":1}]}"#;
    let policy = policy(&format!(
        r#"{{"require":[{}],"deny_if":[{},{},{both}],"require_approval_if":[{}],
            "limits":[{{"counter":"n","window":"hour","max":10,"increment_from":"args.n"}}]}}"#,
        condition("l[*].a", "lte", "1.5"),
        condition("a.b", "eq", r#"{"a":[1]}"#),
        condition("l[*].l[*]", "contains", r#""a""#),
        condition("k[1]", "gt", "7"),
    ));
    let lists = [
        "[]",
        "[{}]",
        r#"[{"a":1}]"#,
        r#"[{"a":1},{"a":2}]"#,
        r#"[{"a":2},{"a":1}]"#,
        r#"[{"a":1},{}]"#,
        r#"[{},{"a":1}]"#,
        r#"[{"a":"x"},{"a":1}]"#,
        r#"[{"a":1,"l":["a"]}]"#,
        r#"[{"a":1,"l":["b","a"]}]"#,
        r#"[{"a":1,"l":[]},{"a":1,"l":["b"]}]"#,
        r#"[{"a":1,"l":["b"]},{"a":1,"l":[["a"]]}]"#,
        r#"[{"a":1,"l":[1]}]"#,
        r#""x""#,
        "null",
        r#"{"a":1}"#,
        r#"[1,[{"a":1}]]"#,
    ];
    let others = [
        "",
        r#","a":{"b":{"a":[1]}}"#,
        r#","a":{"b":{"a":[2]}}"#,
        r#","a":{"b":1}"#,
        r#","a":[1]"#,
        r#","a":"s","e":-1"#,
        r#","a":null,"e":-1"#,
        r#","a":1,"e":"x""#,
        r#","a":1,"e":-1,"m":[1]"#,
        r#","a":1,"e":-1,"m":[2,8]"#,
        r#","a":1,"e":-1,"m":[]"#,
        r#","k":[0,7]"#,
        r#","k":[0,"x"]"#,
        r#","k":[9]"#,
        r#","k":{"1":8}"#,
        r#","k":[0,8]"#,
    ];
    let amounts = ["1", "11", "-1", r#""1""#, "null", "0.5"];
    let mut allowed = 0;
    for list in lists {
        for other in others {
            for amount in amounts {
                let text =
                    format!(r#"{{"tool":"t","arguments":{{"n":{amount},"l":{list}{other}}}}}"#);
                let (mut one, mut two) = (MemoryStore::new(), MemoryStore::new());
                let mut env = Env { now: Time(0), counters: &mut one, approvals: None };
                let mut scratch = Scratch::default();
                let quickly = at_once(&policy, text.as_bytes(), &mut env, &mut scratch).unwrap();
                let mut env = Env { now: Time(0), counters: &mut two, approvals: None };
                let call = parse::call_text(text.as_bytes()).unwrap();
                let slowly = super::super::decide(Some(&policy), &call, &mut env);
                let said = |of: &super::super::Decided<'_>| {
                    (of.effect, of.id().map(|id| id.rule.clone()), of.reservation.clone())
                };
                assert_eq!(said(&quickly), said(&slowly), "{text}");
                allowed += u32::from(quickly.effect == Effect::Allow);
            }
        }
    }
    assert!(allowed > 10, "{allowed}");
}

#[test]
fn a_token_of_a_message_is_seen() {
    let policy = policy(r#"{"action":"require_approval"}"#);
    let text = |meta: &str| {
        format!(
            r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"t","_meta":{meta}}}}}"#
        )
    };
    assert_eq!(quick(&policy, &text(r#"{"cattlegrid/approval":"x"}"#)), None);
    assert_eq!(quick(&policy, &text(r#"{"cattlegrid/approve":"x"}"#)), Some(Effect::Hold));
}

/// A row that is like the one before is passed over in long steps. Whatever is wrong with one is seen all
/// the same.
#[test]
fn no_change_in_a_row_makes_a_call_of_what_is_none() {
    let policy = policy(RULES);
    let rows = [
        r#"{"id":"a1","n":10,"ok":true},{"id":"b23","n":7,"ok":null},{"id":"","n":0,"ok":false}"#,
        r#"{ "id": "a" ,"n" : 12, "a longer key": true}, { "id": "b" ,"n" : 3, "a longer key": 1.5 }"#,
        r#"{"a":1,"b":{"a":1,"b":2},"c":-2},{"a":2,"b":[{"a":1},{"a":2}],"c":3},{"a":1,"b":3,"c":4}"#,
        "{\n  \"a\": \"long enough for two steps\",\n  \"b\": 1234567\n}, {\n  \"a\": \"x\",\n  \"b\": 12345678\n}",
    ];
    let others = "\"\\,:{}[] \n\u{1}\0-+.0179eEabtnf~\u{e9}";
    let agree = |rows: &str| {
        for behind in ["", r#","s":"so that there is something behind the rows""#] {
            let call = format!(
                r#"{{"tool":"t","arguments":{{"a":1,"l":[{{"b":"x"}}],"m":[{rows}]{behind}}}}}"#
            );
            let slowly = parse::call_text(call.as_bytes()).ok();
            let quickly = quick(&policy, &call);
            assert!(quickly.is_none() || slowly.is_some(), "{call}");
            assert!(quickly.is_none_or(|effect| effect == Effect::Allow), "{call}");
        }
        quick(&policy, &format!(r#"{{"tool":"t","arguments":{{"m":[{rows}]}}}}"#))
    };
    for rows in rows {
        assert_eq!(agree(rows), Some(Effect::Deny), "{rows}");
        for at in 0..rows.len() {
            let (before, behind) = rows.split_at(at);
            agree(&format!("{before}{}", &behind[1..]));
            for other in others.chars() {
                agree(&format!("{before}{other}{behind}"));
                agree(&format!("{before}{other}{}", &behind[1..]));
            }
        }
    }
}

/// To hold for every element of every list there must be some in each.
#[test]
fn a_key_that_only_begins_as_the_one_of_the_row_before_is_another() {
    for length in 1..=17 {
        let key = &"abcdefghijklmnopq"[..length];
        let policy = policy(&format!(
            r#"{{"require":[{{"conditions":[{{"path":"args.l[*].{key}","op":"gte","value":0}}]}}]}}"#
        ));
        let ask = |other: &str, before: &str| {
            let rows = format!(r#"[{{"{key}":1,"z":2}},{{{before}"{other}":1,"z":2}}]"#);
            quick(&policy, &format!(r#"{{"tool":"t","arguments":{{"l":{rows}}}}}"#))
        };
        assert_eq!(ask(key, ""), Some(Effect::Allow), "{key}");
        assert_eq!(ask(key, r#""y":3,"#), Some(Effect::Allow), "{key}");
        let shorter = key[..length - 1].to_owned();
        let twin = shorter.clone() + "~";
        for other in [shorter, twin, key.to_owned() + "a", key.to_uppercase(), format!("a{key}")] {
            assert_eq!(ask(&other, ""), Some(Effect::Deny), "{key} {other}");
        }
    }
}

#[test]
fn each_list_within_a_list_has_an_element() {
    let policy =
        policy(r#"{"require":[{"conditions":[{"path":"args.o[*].p[*]","op":"gte","value":0}]}]}"#);
    for (list, effect) in [
        (r#"[{"p":[1]},{"p":[2,0]}]"#, Effect::Allow),
        (r#"[{"p":[1]},{"p":[]}]"#, Effect::Deny),
        (r#"[{"p":[]},{"p":[1]}]"#, Effect::Deny),
        (r#"[{"p":[1]},{}]"#, Effect::Deny),
        (r#"[{"p":[1]},{"p":"x"}]"#, Effect::Deny),
        (r#"[{"p":[1,-1]}]"#, Effect::Deny),
        ("[]", Effect::Deny),
    ] {
        let text = format!(r#"{{"tool":"t","arguments":{{"o":{list}}}}}"#);
        assert_eq!(quick(&policy, &text), Some(effect), "{text}");
    }
}
