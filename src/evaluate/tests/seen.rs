use super::super::seen::decide_seen;
use super::super::text::Scratch;
use super::super::{Env, decide};
use crate::compile::compile;
use crate::model::{Effect, Time};
use crate::parse;
use crate::quota::MemoryStore;

/// A record, by the names of its kinds in `seen.rs`.
fn record(kind: u8, place: u16, text: Option<&str>) -> Vec<u8> {
    let mut bytes = [&[kind][..], &place.to_le_bytes()].concat();
    if let Some(text) = text {
        bytes.extend(u16::try_from(text.len()).unwrap().to_le_bytes());
        bytes.extend(text.as_bytes());
    }
    bytes
}

/// Places: `a` is 1, `l` 2, its elements 3, `o` 4.
const POLICY: &str = r#"{"version":"1","default":"deny","hide":["h"],"tools":{"t":{
    "require":[{"conditions":[{"path":"args.a","op":"lte","value":10}]}],
    "deny_if":[{"conditions":[{"path":"args.l[*]","op":"eq","value":"x"}]},
    {"conditions":[{"path":"args.o","op":"eq","value":{"b":[1]}}]}],
    "limits":[{"counter":"c","window":"day","max":2,"scope":"session"}]}}}"#;

#[test]
fn records_are_decided_as_the_call_would_be() {
    let policy = compile(&parse::parse(POLICY.as_bytes()).policy.unwrap());
    let mut scratch = Scratch::default();
    let mut counters = MemoryStore::new();
    let tool = policy.number_of("t").unwrap();
    let mut ask = |tool, records: &[Vec<u8>]| {
        let mut env = Env { now: Time(0), counters: &mut counters, approvals: None };
        let records = records.concat();
        let effect = decide_seen(&policy, tool, &records, &mut env, &mut scratch)?;
        Some((effect, counters.len()))
    };
    let a = |number| record(6, 1, Some(number));
    let session = |name| record(10, 0, Some(name));
    let element =
        |text| [record(4, 0, None), record(7, 3, Some(text)), record(5, 0, None)].concat();
    assert_eq!(ask(tool, &[a("10.0")]), Some((Effect::Allow, 1)));
    assert_eq!(ask(tool, &[a("10.1")]), Some((Effect::Deny, 1)));
    assert_eq!(ask(tool, &[]), Some((Effect::Deny, 1)), "missing");
    assert_eq!(ask(tool, &[a("1"), element("y"), record(3, 2, None)]), Some((Effect::Allow, 1)));
    assert_eq!(ask(tool, &[a("1")]), Some((Effect::Deny, 1)), "two a day");
    assert_eq!(ask(tool, &[session("s"), a("1"), element("y")]), Some((Effect::Allow, 2)));
    assert_eq!(ask(tool, &[session("s"), element("x"), a("1")]), Some((Effect::Deny, 2)));
    let object = |text| record(8, 4, Some(text));
    assert_eq!(
        ask(tool, &[session("u"), a("1"), object(r#"{"b":[1.0]}"#)]),
        Some((Effect::Deny, 2))
    );
    assert_eq!(
        ask(tool, &[session("u"), a("1"), object(r#"{"b":[2]}"#)]),
        Some((Effect::Allow, 3))
    );
    assert_eq!(ask(policy.number_of("h").unwrap(), &[]), Some((Effect::Deny, 3)), "hidden");
    // What is no record is no call, and nothing is counted.
    for records in [
        vec![vec![6]],
        vec![a("1"), vec![0, 0]],
        vec![a("1"), vec![6, 1, 0, 1]],
        vec![a("1"), vec![6, 1, 0, 9, 0, b'1']],
        vec![a("1"), vec![7, 1, 0, 1, 0, 0xff]],
        vec![a("01")],
        vec![a("1 ")],
        vec![a("")],
        vec![a("1"), object("{")],
        vec![a("1"), record(0, 99, None)],
        vec![a("1"), record(11, 0, Some(""))],
    ] {
        let records = [vec![session("v")], records].concat();
        assert_eq!(ask(tool, &records), None, "{records:?}");
    }
    assert_eq!(ask(u32::MAX, &[]), Some((Effect::Deny, 3)));
    assert_eq!(counters.len(), 3);
}

#[test]
fn what_passes_at_once_is_what_the_rules_let_pass() {
    let conditions = r#"[{"conditions":[{"path":"args.a","op":"lte","value":10},
        {"path":"args.l[*].b","op":"eq","value":"x"}]}]"#;
    let kinds = ["require", "deny_if", "require_approval_if"];
    let tools: Vec<String> =
        kinds.map(|kind| format!(r#""{kind}":{{"{kind}":{conditions}}}"#)).into();
    let mut effects = Vec::new();
    for (default, all) in [
        ("deny", "{}"),
        ("allow", "{}"),
        ("deny", r#"{"deny_if":[{"conditions":[{"path":"args.a","op":"eq","value":3}]}]}"#),
    ] {
        let tools = format!(
            r#"{{"none":{{}},"held":{{"action":"require_approval"}},{}}}"#,
            tools.join(",")
        );
        let text = format!(
            r#"{{"version":"1","default":"{default}","all_tools":{all},"hide":["h"],"tools":{tools}}}"#
        );
        let policy = compile(&parse::parse(text.as_bytes()).policy.unwrap());
        let (mut scratch, mut counters) = (Scratch::default(), MemoryStore::new());
        let a = ["", "3", "11", r#""x""#];
        let l = ["", "[]", r#"[{"b":"x"}]"#, r#"[{"b":"x"},{"b":"y"}]"#, r#"[{}]"#, "[{\"b\":1}]"];
        for tool in ["none", "held", "h", "unlisted"].iter().chain(&kinds) {
            // The places are numbered as the paths come.
            let plan = policy.find(tool).plan.unwrap();
            for (a, l) in a.iter().flat_map(|a| l.map(|l| (a, l))) {
                let member = |key: &str, value: &str| match value {
                    "" => String::new(),
                    value => format!(r#","{key}":{value}"#),
                };
                let call = format!(
                    r#"{{"tool":"{tool}","arguments":{{"_":0{}{}}}}}"#,
                    member("a", a),
                    member("l", l)
                );
                let mut records = Vec::new();
                let scalar = |place, value: &str| match value.strip_prefix('"') {
                    Some(text) => record(7, place, Some(text.trim_end_matches('"'))),
                    None => record(6, place, Some(value)),
                };
                let place = |key: &str| {
                    let key = plan.root().unwrap().keys.iter().find(|known| &*known.name == key);
                    key.map(|key| u16::try_from(key.node).unwrap())
                };
                if let Some(place) = place("a").filter(|_| !a.is_empty()) {
                    records.extend(scalar(place, a));
                }
                if let Some(place) = place("l").filter(|_| !l.is_empty()) {
                    for element in l[1..l.len() - 1].split_inclusive('}') {
                        records.extend(record(4, 0, None));
                        let value = element.trim_matches([',', '{', '}']).strip_prefix(r#""b":"#);
                        // The elements come behind the list, and what is in them behind those.
                        records.extend(value.map_or(vec![], |value| scalar(place + 2, value)));
                        records.extend(record(3, place + 1, None));
                        records.extend(record(5, 0, None));
                    }
                    records.extend(record(3, place, None));
                }
                let mut env = Env { now: Time(0), counters: &mut counters, approvals: None };
                let number = policy.number_of(tool).unwrap();
                let seen = decide_seen(&policy, number, &records, &mut env, &mut scratch);
                let call = parse::call_text(call.as_bytes()).unwrap();
                let wanted = decide(Some(&policy), &call, &mut env).effect;
                assert_eq!(seen, Some(wanted), "{call:?} under {text}");
                effects.push(wanted);
            }
        }
    }
    for effect in [Effect::Allow, Effect::Hold, Effect::Deny] {
        assert!(effects.iter().filter(|known| **known == effect).count() > 20, "{effect:?}");
    }
}
