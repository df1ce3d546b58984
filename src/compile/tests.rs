use super::index::{Index, hash};
use super::{StoredFault, compile, from_bytes, to_bytes};
use crate::bytes::{Bytes, Out};
use crate::evaluate::{Env, Scratch, decide_text, explain};
use crate::model::Time;
use crate::parse::{call_text, parse};
use crate::quota::MemoryStore;
use crate::wire::outline;

/// A policy with all that there can be in one.
const WHOLE: &str = r#"{"version":"1","default":"allow","hide":["x","y"],
    "all_tools":{"require":[{"conditions":[{"path":"args.a","op":"exists","value":true}],"on_deny":"a!"}],
        "deny_if":[{"conditions":[{"path":"args[\"b.c\"][2].d[*]","op":"in","value":[null,true,1.50,"s",[{"k":[]}]]}]}],
        "preconditions":[{"counter":"c","op":"lte","value":3}],
        "limits":[{"counter":"c","window":90,"max":3,"scope":"all","on_deny":"c!"}]},
    "tools":{"t":{"action":"require_approval","reason":"r",
            "deny_if":[{"conditions":[{"path":"args.a","op":"regex","value":"(?i)^(a|b{2,5}|\\bc*)+$"},
                {"path":"args.a","op":"not_in","value":[false]},{"path":"args.a","op":"neq","value":{"a":1}}]}],
            "require_approval_if":[{"conditions":[{"path":"args.a","op":"gt","value":1e3},
                {"path":"args.a","op":"contains","value":"x"},{"path":"args.a","op":"gte","value":-0.5}]}],
            "limits":[{"counter":"d","window":"day","max":1e20,"increment_from":"args.a"}],
            "rate_limit":{"max":2,"window":"hour"},"preconditions":[{"tool":"u","counter":"e","op":"gt","value":0}]},
        "u":{"action":"deny","limits":[{"counter":"e","window":"minute","max":1,"scope":"session"}]},
        "v":{"action":"allow","require":[{"conditions":[{"path":"args.a","op":"eq","value":"e"},{"path":"args.a","op":"lt","value":1}]}]}}}"#;

#[test]
fn what_is_written_of_a_policy_is_read() {
    let policy = parse(WHOLE.as_bytes()).policy.unwrap();
    let (mut read, compiled) = (from_bytes(&to_bytes(&policy)).unwrap(), compile(&policy));
    // What has no document has no places.
    let without_places = |text: String| {
        let mut parts = text.split("Span {");
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |all, part| all + part.split_once('}').map_or("", |(_, rest)| rest))
    };
    let all = |policy: &super::CompiledPolicy| without_places(format!("{policy:?}"));
    assert_eq!(all(&read), all(&compiled));
    assert_eq!(read.hash(), compiled.hash());
    read.hide_all = true;
    assert_ne!(all(&read), all(&compiled));
}

#[test]
fn bytes_that_were_changed_with_their_sum_are_refused_or_a_policy() {
    let bytes = to_bytes(&parse(WHOLE.as_bytes()).policy.unwrap());
    let (header, rest) = bytes.split_at(b"\0cattlegrid".len() + 1);
    let body = &rest[8..];
    let sealed = |body: &[u8]| [header, &hash(body).to_le_bytes(), body].concat();
    assert_eq!(sealed(body), bytes);
    let calls = [
        r#"{"tool":"t","arguments":{"a":"abba","b.c":[0,1,{"d":[null,1.5,"x"]}]},"session":"s"}"#,
        r#"{"tool":"t","arguments":{"a":2000}}"#,
        r#"{"tool":"v","arguments":{"a":"e"},"grant":"g"}"#,
        r#"{"tool":"x","arguments":{}}"#,
        r#"{"tool":"nobody","arguments":{"a":[]}}"#,
    ];
    let mut read = 0;
    let mut ask = |body: &[u8]| {
        let Ok(policy) = from_bytes(&sealed(body)) else { return };
        read += 1;
        for call in calls {
            let (now, mut counters) = (Time(1_767_225_600_000), MemoryStore::new());
            let mut env = Env { now, counters: &mut counters, approvals: None };
            let mut scratch = Scratch::default();
            decide_text(Some(&policy), call.as_bytes(), &mut env, &mut scratch);
            explain(Some(&policy), &call_text(call.as_bytes()).unwrap(), &mut env);
        }
        for tool in ["t", "u", "v", "x", ""] {
            let _ = outline(&policy, tool);
        }
    };
    for end in 0..body.len() {
        ask(&body[..end]);
        let mut changed = body.to_vec();
        for bit in 0..8 {
            changed[end] = body[end] ^ 1 << bit;
            ask(&changed);
        }
        for byte in [0, 0x7f, 0xff] {
            changed[end] = byte;
            ask(&changed);
        }
        changed.remove(end);
        ask(&changed);
    }
    assert!(read > 100, "{read}");
}

#[test]
fn an_index_in_which_a_name_is_not_found_is_refused() {
    let names: Vec<String> = (0..40).map(|n| format!("a name {n}")).collect();
    let mut out = Out::default();
    Index::new(names.iter().zip(0u8..), |_, _| {}).put(&mut out, |out, value| out.byte(*value));
    let take = |written: &[u8]| {
        let mut bytes = Bytes::new(written);
        let index = Index::take(&mut bytes, |bytes| bytes.byte());
        bytes.is_read().then_some(index)
    };
    let index = take(&out.0).unwrap();
    assert!(names.iter().zip(0..).all(|(name, at)| index.get(name) == Some(&at)));
    // The text, how many places there are, and each of them.
    let entries = out.0.len() - index_entries(&out.0).len();
    let mut refused = 0;
    for at in entries..out.0.len() {
        let mut changed = out.0.clone();
        changed[at] ^= 1;
        let Some(index) = take(&changed) else {
            refused += 1;
            continue;
        };
        // No more than a value, or what is behind the name.
        let found = names.iter().filter(|name| index.get(name).is_some()).count();
        assert!(found >= 39, "{at}: {found}");
    }
    assert!(refused > 100, "{refused}");
}

/// What stands behind the text of an index of fewer than 2,000 bytes.
fn index_entries(written: &[u8]) -> &[u8] {
    let length = usize::from(written[0] & 0x7f) | usize::from(written[1]) << 7;
    &written[2 + length..]
}

#[test]
fn bytes_that_were_cut_off_or_changed_are_refused() {
    let bytes = to_bytes(&parse(WHOLE.as_bytes()).policy.unwrap());
    let fault = |bytes: &[u8]| from_bytes(bytes).map(|_| ()).unwrap_err();
    let mark = b"\0cattlegrid".len();
    for end in 0..bytes.len() {
        let expected = if end < mark { StoredFault::Foreign } else { StoredFault::Damaged };
        assert_eq!(fault(&bytes[..end]), expected, "{end}");
    }
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 0x10;
        let expected = match at {
            _ if at < mark => StoredFault::Foreign,
            _ if at == mark => StoredFault::Version(changed[at]),
            _ => StoredFault::Damaged,
        };
        assert_eq!(fault(&changed), expected, "{at}");
    }
    assert_eq!(fault(&[&bytes[..], b"\0"].concat()), StoredFault::Damaged);
    assert_eq!(fault(WHOLE.as_bytes()), StoredFault::Foreign);
}

#[test]
fn patterns_as_deep_and_as_large_as_can_be_are_read_again() {
    let with = |pattern: &str| {
        let text = format!(
            r#"{{"version":"1","default":"deny","tools":{{"t":{{"deny_if":[{{"conditions":[
            {{"path":"args.a","op":"regex","value":{pattern:?}}}]}}]}}}}}}"#
        );
        parse(text.as_bytes()).policy
    };
    let is_read = |policy| from_bytes(&to_bytes(&policy)).is_ok();
    for (open, close) in [("(", ")"), ("(a|", ")"), ("(?:a", "){1}"), ("(a|b", "c)+"), ("(|", ")?")]
    {
        let nested = |depth| [open.repeat(depth), "b".to_owned(), close.repeat(depth)].concat();
        let deepest = (1..260).rev().find_map(|depth| with(&nested(depth)).map(|it| (depth, it)));
        let (depth, policy) = deepest.unwrap();
        assert!((30..260).contains(&depth), "{open}: {depth}");
        assert!(is_read(policy), "{open}: {depth}");
    }
    for pattern in ["(?:a{1000}){0}", "(?:){1000}", "((?:a{1000}){0}){1000}", "[^a]{1000}|\\w", ""]
    {
        assert!(is_read(with(pattern).unwrap()), "{pattern}");
    }
}
#[test]
fn every_name_is_found_and_no_other() {
    for count in [0, 1, 2, 3, 7, 100, 10_000] {
        let name = |n: usize| format!("tool_{n}");
        let names: Vec<String> = (0..count).map(name).collect();
        let index = Index::new(names.iter().zip(0..), |_, _| panic!("none comes twice"));
        for n in 0..count {
            assert_eq!(index.get(&name(n)), Some(&n), "{n} of {count}");
        }
        for other in ["", "tool", "tool_", "Tool_1", "tool_01", &name(count), "tool_1\0"] {
            assert_eq!(index.get(other), None, "{other} of {count}");
        }
    }
}

#[test]
fn names_of_every_length_are_told_apart() {
    let names: Vec<String> = (0..200).flat_map(|n| ["a", "\0", "é"].map(|c| c.repeat(n))).collect();
    let mut distinct = names.clone();
    distinct.sort();
    distinct.dedup();
    let index = Index::new(distinct.iter().map(|name| (name, name.clone())), |_, _| {});
    for name in &names {
        assert_eq!(index.get(name), Some(name));
    }
}

#[test]
fn a_name_that_comes_again_is_joined() {
    let names = ["a", "b", "a", "c", "b", "a"].map(str::to_owned);
    let index = Index::new(names.iter().zip(1..), |one, other| *one += other);
    assert_eq!(["a", "b", "c"].map(|name| index.get(name)), [Some(&10), Some(&7), Some(&4)]);
}

/// A policy of these tools, of whose rules each begins with this text.
fn of_tools(tools: &[(&str, &str)], all: &str) -> super::CompiledPolicy {
    let members: Vec<String> =
        tools.iter().map(|(name, rules)| format!("{name:?}:{{{rules}}}")).collect();
    let members = members.join(",");
    let text = format!(
        r#"{{"version":"1","default":"deny","hide":["x","yy"],"all_tools":{{{all}}},"tools":{{{members}}}}}"#
    );
    let parsed = parse(text.as_bytes());
    compile(&parsed.policy.unwrap_or_else(|| panic!("{:?}", parsed.diagnostics)))
}

#[test]
fn a_tool_has_the_plan_that_it_would_have_alone() {
    let condition = |path: &str, op: &str, value: &str| {
        format!(r#"{{"path":{path:?},"op":{op:?},"value":{value}}}"#)
    };
    let rules =
        |list: &str, of: &[&str]| format!(r#""{list}":[{{"conditions":[{}]}}]"#, of.join(","));
    let limit = |path: &str| {
        format!(r#""limits":[{{"counter":"c","window":"day","max":9,"increment_from":{path:?}}}]"#)
    };
    let a = condition("args.a", "gt", "1");
    let b = condition("args.b", "exists", "true");
    let tools = [
        String::new(),
        rules("require", &[&a]),
        rules("require", &[&condition("args.a", "exists", "true")]),
        rules("deny_if", &[&condition("args[\"a\"]", "lt", "2")]),
        rules("require", &[&condition("args.a", "eq", "[1]")]),
        rules("require", &[&condition("args.a[*]", "gt", "1")]),
        rules("require", &[&condition("args.a[0]", "gt", "1")]),
        rules("require", &[&a, &b]),
        rules("require", &[&b, &a]),
        [rules("require", &[&a]), rules("deny_if", &[&b])].join(","),
        [rules("require", &[&a]), limit("args.a")].join(","),
        [rules("require", &[&a]), limit("args.b")].join(","),
        limit("args.a"),
        limit("args.b"),
        r#""rate_limit":{"window":"day","max":9}"#.to_owned(),
        rules("require", &[&condition("args.a[*]", "gt", "1"), &condition("args.a[0]", "gt", "1")]),
    ];
    let plan = |policy: &super::CompiledPolicy| format!("{:?}", policy.find("t").plan);
    for all in [String::new(), rules("require", &[&b])] {
        for tool in &tools {
            let alone = plan(&of_tools(&[("t", tool)], &all));
            for before in &tools {
                let behind = of_tools(&[("s", before), ("t", tool)], &all);
                assert_eq!(plan(&behind), alone, "{tool} behind {before}");
            }
        }
    }
}

#[test]
fn rules_have_the_ids_of_their_tools() {
    let rule = r#"{"conditions":[{"path":"args.a","op":"exists","value":true}]}"#;
    let rules = format!(r#""require":[{rule},{rule}],"deny_if":[{rule},{{"conditions":[]}}]"#);
    let policy = of_tools(&[("x", &rules), ("b", &rules), ("é/~", &rules)], &rules);
    let ids = |rules: &[super::CompiledRule]| -> Vec<(String, String)> {
        let ids = rules.iter().map(|rule| policy.id_of(rule));
        ids.map(|id| (id.rule.clone(), id.label.clone())).collect()
    };
    for (name, base) in [("x", "/tools/x"), ("b", "/tools/b"), ("é/~", "/tools/é~1~0")] {
        let own = ids(policy.rules_of(policy.tool(name)));
        let expected = [
            ("require/0", "require/args.a-exists"),
            ("require/1", "require/args.a-exists"),
            ("deny_if/0", "deny_if/args.a-exists"),
            ("deny_if/1", "deny_if/1"),
        ];
        assert_eq!(
            own,
            expected.map(|(rule, label)| (format!("{base}/{rule}"), format!("{base}/{label}")))
        );
    }
    assert!(policy.rules_of(policy.tool("yy")).is_empty());
    assert_eq!(ids(policy.rules())[3].0, "/all_tools/deny_if/1");
}
