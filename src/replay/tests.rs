use std::sync::Arc;

use super::side::{Side, Verdict};
use super::*;
use crate::compile::{CompiledPolicy, compile};
use crate::evaluate::{self, Arguments, Doubt, Env, LimitsSay, Partial};
use crate::model::Time;
use crate::parse::parse;
use crate::quota::{Count, CounterKey, CounterStore, Loaded, StoreError, Swap};

fn policy(tools: &str) -> Arc<CompiledPolicy> {
    let text = format!(r#"{{"version":"1","default":"deny","tools":{{{tools}}}}}"#);
    let parsed = parse(text.as_bytes());
    Arc::new(compile(&parsed.policy.unwrap_or_else(|| panic!("{:?}", parsed.diagnostics))))
}

fn replayed(new: &str, old: Option<&str>, log: &[&str]) -> Report {
    let mut replay = Replay::new(policy(new), old.map(policy));
    let mut lines = Lines::new(0, Format::Any);
    for line in log {
        replay.take(lines.read(line.as_bytes()));
    }
    replay.finish()
}

/// The groups of a report: tool, kind, by what, how many calls, the line of the first.
fn groups(report: &Report) -> Vec<(&str, &str, &str, u64, u64)> {
    let one = |group: &'_ Group| -> (*const Group, u64) { (group, group.examples[0].line) };
    let lines: Vec<u64> = report.groups.iter().map(|group| one(group).1).collect();
    let groups = report.groups.iter().zip(lines);
    groups
        .map(|(group, line)| (&*group.tool, group.kind.as_str(), &*group.by, group.calls, line))
        .collect()
}

const DECISION: &str = r#"[2026-01-01 12:00:00.250][12][info][wasm] [source/extensions/common/wasm/context.cc:1150] wasm log cattlegrid cattlegrid main: {"grant":"ada","server":null,"method":"tools/call","request_id":"r","mode":"enforce","policy_name":"shop","policy":"abc","tool":"pay","arguments":["amount","to"],"decision":"allow","rule":null,"message":null,"limits":[],"approver":null}"#;

#[test]
fn lines_are_known_by_what_is_in_them() {
    let mut lines = Lines::new(7, Format::Any);
    let entry = lines.read(DECISION.as_bytes());
    assert_eq!((entry.file, entry.line, entry.at.0), (7, 1, 1_767_268_800_250));
    let Line::Call(call) = entry.says else { panic!("{:?}", entry.says) };
    assert_eq!((&*call.call.tool, call.call.grant.as_deref()), ("pay", Some("ada")));
    assert_eq!((call.arguments, call.session), (Arguments::Keys { all: true }, false));
    assert_eq!(call.past.unwrap().effect.as_str(), "allow");
    assert_eq!(call.policy.as_deref(), Some("shop"));
    // As the guard records it: with the time in it, and with the arguments if they were wanted.
    let (_, line) = DECISION.split_once(": {").unwrap();
    let recorded = format!(r#"{{"at":"2026-01-01T12:00:00.250Z",{line}"#);
    let whole = recorded.replace(r#"["amount","to"]"#, r#"{"amount":5,"to":"x"}"#);
    for (line, expected) in [(recorded, Arguments::Keys { all: true }), (whole, Arguments::All)] {
        let entry = lines.read(line.as_bytes());
        let Line::Call(call) = entry.says else { panic!("{:?}", entry.says) };
        assert_eq!((entry.at.0, call.arguments), (1_767_268_800_250, expected));
        assert_eq!((call.call.arguments.len(), call.past.is_some()), (2, true));
    }
    let mut says = |line: &str| {
        let entry = lines.read(line.as_bytes());
        match entry.says {
            Line::Call(call) => {
                let Recorded { call, arguments, failed, id, .. } = *call;
                let who = (call.grant.unwrap_or_default(), call.session.unwrap_or_default());
                format!(
                    "{} {}/{} {arguments:?} {} {failed} {id:?}",
                    call.tool,
                    who.0,
                    who.1,
                    call.arguments.len()
                )
            }
            Line::Answer(answer) => format!("answer {} {}", answer.id, answer.failed),
            Line::Nothing => "nothing".to_owned(),
            Line::Malformed(why) => format!("? {why}"),
        }
    };
    for (line, expected) in [
        (r#"{"tool":"t","arguments":{"a":1},"grant":"g","session":"s"}"#, "t g/s All 1 false None"),
        (r#"{"call":{"tool":"t"},"grant":"g","outcome":"error"}"#, "t g/ All 0 true None"),
        (
            r#"{"jsonrpc":"2.0","id":"x","method":"tools/call","params":{"name":"t","arguments":{}}}"#,
            r#"t / All 0 false Some("\"x\"")"#,
        ),
        (r#"{"jsonrpc":"2.0","id":1,"result":{"isError":true}}"#, "answer 1 false"),
        (r#"{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":""}}"#, "answer 1 true"),
        (r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#, "nothing"),
        (
            r#"{"ts":1767225600,"direction":"out","session_id":"s","message":{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"t"}}}"#,
            r#"t /s All 0 false Some("1")"#,
        ),
        (r#"{"msg":"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}"}"#, "nothing"),
        (r#"{"response_code":503,"mcp_tool":"t","grant":"-"}"#, "t / Nothing 0 true None"),
        (
            r#"{"response_code":200,"request_body":"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"t\",\"arguments\":{\"a\":1}}}"}"#,
            "t / All 1 false None",
        ),
        (r#"{"response_code":200,"path":"/health"}"#, "nothing"),
        (
            r#"{"response_code":200,"mcp_method":"tools/call"}"#,
            "? the access log has no field with the name of the tool",
        ),
        (
            r#"[2026-01-01 12:00:00.250][1][info][main] [source/server/server.cc:1] starting {x}"#,
            "nothing",
        ),
        ("[2026-01-01 12:00:00.250][1][info][main] starting", "nothing"),
        (r#"[2026-01-01 12:00:00.250][1][info][main] [x.cc:1] runtime: {"tool":"t"}"#, "nothing"),
        ("", "nothing"),
        ("hello", "? there is no json in this line"),
        (r#"{"tool":"t","tool":"u"}"#, "? this is not json: the key stands twice"),
        (r#"{"tool":"t","arguments":[]}"#, "? arguments must be an object, not a list"),
        (
            r#"{"at":"soon","tool":"t"}"#,
            "? its time cannot be read: neither rfc 3339 nor seconds or milliseconds since 1970",
        ),
        (r#"{"a":1}"#, "? this is no log of calls that is known here"),
        (r#"{"decision":"refuse","mode":"enforce","policy_name":null,"cause":"x"}"#, "nothing"),
    ] {
        let said = says(line);
        let same = said == expected
            || said.starts_with("? this is not json") && expected.starts_with("? this is not json");
        assert!(same, "{line}\n{said}\n{expected}");
    }
}

#[test]
fn times_are_read_however_they_are_written() {
    let at = |line: &str| Lines::new(0, Format::Any).read(line.as_bytes()).at.0;
    for (time, millis) in [
        (r#""at":"2026-01-01T00:00:00Z""#, 1_767_225_600_000),
        (r#""timestamp":1767225600"#, 1_767_225_600_000),
        (r#""ts":1767225600.25"#, 1_767_225_600_250),
        (r#""time":1767225600250"#, 1_767_225_600_250),
        (r#""at":"soon""#, 0),
        (r#""at":-5"#, 0),
    ] {
        assert_eq!(at(&format!(r#"{{{time},"tool":"t"}}"#)), millis, "{time}");
    }
    assert_eq!(at(r#"2026-01-01T00:00:00.001Z client {"tool":"t"}"#), 1_767_225_600_001);
    // A line without a time is of the time of the one before it.
    let mut lines = Lines::new(0, Format::Any);
    lines.read(br#"{"at":"2026-01-01T00:00:00Z","tool":"t"}"#);
    assert_eq!(lines.read(br#"{"tool":"t"}"#).at, Time(1_767_225_600_000));
}

const LIMITED: &str = r#""pay":{"deny_if":[{"conditions":[{"path":"args.amount","op":"gt","value":10}]}],
    "limits":[{"counter":"n","window":"minute","max":2}]}"#;

fn pay(second: u32, amount: &str) -> String {
    format!(
        r#"{{"at":"2026-01-01T00:00:{second:02}Z","tool":"pay","arguments":{{"amount":{amount}}}}}"#
    )
}

#[test]
fn changes_are_grouped_by_tool_and_rule() {
    let log: Vec<String> = [(0, "11"), (1, "1"), (2, "12"), (3, "2"), (4, "3")]
        .iter()
        .map(|(second, amount)| pay(*second, amount))
        .collect();
    let mut log: Vec<&str> = log.iter().map(String::as_str).collect();
    log.push(r#"{"at":"2026-01-01T00:00:05Z","tool":"drop"}"#);
    log.push("oops");
    let report = replayed(LIMITED, Some(r#""pay":{},"drop":{}"#), &log);
    assert_eq!(
        groups(&report),
        [
            ("pay", "newly denied", "/tools/pay/deny_if/0", 2, 1),
            ("drop", "newly denied", "(default deny)", 1, 6),
            ("pay", "newly denied", "/tools/pay/limits/0", 1, 5),
        ]
    );
    assert_eq!((report.calls, report.unchanged, report.changed, report.lines), (6, 2, 4, 7));
    assert_eq!(report.malformed.first, [(0, 7, "there is no json in this line".to_owned())]);
    let report = replayed(r#""pay":{},"drop":{}"#, Some(LIMITED), &log);
    assert_eq!(groups(&report)[0], ("pay", "newly allowed", "/tools/pay/deny_if/0", 2, 1));
    // Without a record of decisions, what is not allowed is said.
    let report = replayed(LIMITED, None, &log);
    assert_eq!(groups(&report)[0].1, "denied");
    assert_eq!((report.allowed, report.changed, report.unchanged), (2, 4, 0));
}

#[test]
fn quotas_follow_the_order_of_time() {
    // A little disorder is put right: the call of second 1 is the first of three, whatever line it is on.
    let mut log: Vec<String> = vec![pay(3, "3"), pay(2, "2"), pay(1, "1")];
    let as_lines = |log: &[String]| -> Report {
        replayed(LIMITED, None, &log.iter().map(String::as_str).collect::<Vec<_>>())
    };
    let report = as_lines(&log);
    assert_eq!(groups(&report), [("pay", "denied", "/tools/pay/limits/0", 1, 1)]);
    assert_eq!(report.late, 0);
    // What is too late counts when it comes.
    log.extend((0..5000).map(|_| r#"{"at":"2026-01-01T00:10:00Z","tool":"other"}"#.to_owned()));
    log.push(pay(4, "4"));
    let report = as_lines(&log);
    assert_eq!((report.late, report.calls), (1, 5004));
    let limited = report.groups.iter().find(|group| group.tool == "pay").unwrap();
    assert_eq!(limited.calls, 1);
}

#[test]
fn what_failed_gives_back() {
    let call = |id: u32| {
        format!(
            r#"{{"jsonrpc":"2.0","id":{id},"method":"tools/call","params":{{"name":"pay","arguments":{{}}}}}}"#
        )
    };
    let (one, two, three) = (call(1), call(2), call(3));
    let failed = r#"{"jsonrpc":"2.0","id":1,"error":{"code":-1,"message":"x"}}"#;
    let ran = r#"{"jsonrpc":"2.0","id":1,"result":{"isError":true,"content":[]}}"#;
    let report = replayed(LIMITED, None, &[&one, failed, &two, &three]);
    assert_eq!((report.given_back, report.allowed, report.changed), (1, 3, 0));
    let report = replayed(LIMITED, None, &[&one, ran, &two, &three]);
    assert_eq!((report.given_back, report.allowed, report.changed), (0, 2, 1));
    // The answer of a guard says what was decided.
    let denied = r#"{"jsonrpc":"2.0","id":1,"result":{"isError":true,"content":[],"_meta":{"cattlegrid/decision":{"decision":"deny","rule":"/tools/pay/deny_if/9"}}}}"#;
    let report = replayed(LIMITED, None, &[&one, denied]);
    assert_eq!(groups(&report), [("pay", "newly allowed", "/tools/pay/deny_if/9", 1, 1)]);
}

/// A line of the filter's log.
fn logged(second: u32, keys: &str, decision: &str, rule: &str) -> String {
    DECISION
        .replace("12:00:00.250", &format!("12:00:{second:02}.000"))
        .replace(r#"["amount","to"]"#, keys)
        .replace(
            r#""decision":"allow","rule":null"#,
            &format!(r#""decision":"{decision}","rule":{rule}"#),
        )
}

#[test]
fn what_was_not_recorded_is_not_guessed() {
    let with = |tools: &str, keys: &str| {
        let line = logged(0, keys, "allow", "null");
        let report = replayed(tools, None, &[&line]);
        match (report.unchanged, report.groups.first()) {
            (1, None) => "as before".to_owned(),
            (0, Some(group)) => format!("{}: {}", group.kind.as_str(), group.by),
            other => panic!("{other:?}"),
        }
    };
    let rule = |list: &str, conditions: &str| {
        format!(r#""pay":{{"{list}":[{{"conditions":[{conditions}]}}]}}"#)
    };
    let amount = r#"{"path":"args.amount","op":"gt","value":10}"#;
    let to = r#"{"path":"args.to","op":"eq","value":"x"}"#;
    let unknown = "unknown: the value of `args.amount` was not recorded";
    let all = r#"["amount","to"]"#;
    // A key that is there may have any value; one that is not has none.
    assert_eq!(with(&rule("deny_if", amount), all), unknown);
    assert_eq!(with(&rule("deny_if", amount), r#"["to"]"#), "as before");
    assert_eq!(with(&rule("require", amount), r#"["to"]"#), "newly denied: /tools/pay/require/0");
    // One condition that is not satisfied is enough.
    assert_eq!(with(&rule("deny_if", &format!("{amount},{to}")), r#"["amount"]"#), "as before");
    // A rule that denies for sure, whatever the one before it says.
    let both = r#""pay":{"deny_if":[{"conditions":[{"path":"args.amount","op":"gt","value":1}]},{"conditions":[]}]}"#;
    assert_eq!(with(both, all), "newly denied: one of several rules");
    assert_eq!(with(r#""pay":{"action":"deny"}"#, all), "newly denied: /tools/pay/action");
    assert_eq!(with(r#""other":{}"#, all), "newly denied: (default deny)");
    // Of too many keys not all are named.
    let many: Vec<String> = (0..32).map(|n| format!(r#""k{n}""#)).collect();
    assert_eq!(with(&rule("deny_if", amount), &format!("[{}]", many.join(","))), unknown);
    // Neither the session nor an amount is in the log.
    let session = r#""pay":{"limits":[{"counter":"n","window":"day","max":1,"scope":"session"}]}"#;
    assert_eq!(with(session, all), "unknown: the session was not recorded");
    let sum = r#""pay":{"limits":[{"counter":"n","window":"day","max":1,"increment_from":"args.amount"}]}"#;
    assert_eq!(with(sum, all), unknown);
    assert_eq!(with(sum, "[]"), "newly denied: /tools/pay/limits/0");
    let access = r#"{"response_code":200,"mcp_tool":"pay","decision":"allow"}"#;
    let limit = r#""pay":{"limits":[{"counter":"n","window":"day","max":1}]}"#;
    let report = replayed(limit, None, &[access]);
    assert_eq!(groups(&report), [("pay", "unknown", "who called was not recorded", 1, 1)]);
}

#[test]
fn an_unknown_call_may_have_counted_or_not() {
    let tools = r#""pay":{"deny_if":[{"conditions":[{"path":"args.amount","op":"gt","value":10}]}],
        "limits":[{"counter":"n","window":"minute","max":2}]}"#;
    let lines = |keys: &[&str]| -> Vec<String> {
        (0..).zip(keys).map(|(second, keys)| logged(second, keys, "allow", "null")).collect()
    };
    let kinds = |keys: &[&str]| -> (u64, u64, u64) {
        let lines = lines(keys);
        let report = replayed(tools, None, &lines.iter().map(String::as_str).collect::<Vec<_>>());
        (report.unchanged, report.changed, report.unknown)
    };
    let (known, unknown) = (r#"["to"]"#, r#"["amount"]"#);
    assert_eq!(kinds(&[known, known, known]), (2, 1, 0));
    // Whether there was room for the second depends on the first.
    assert_eq!(kinds(&[unknown, known]), (0, 0, 2));
    assert_eq!(kinds(&[known, known, unknown, known]), (2, 1, 1));
    // A new window is a new beginning.
    let mut log = lines(&[unknown]);
    log.push(logged(0, known, "allow", "null").replace("12:00", "12:01"));
    let report = replayed(tools, None, &log.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!((report.unchanged, report.unknown), (1, 1));
}

#[test]
fn an_approved_call_was_approved() {
    let tools = r#""pay":{"action":"require_approval","limits":[{"counter":"n","window":"minute","max":1}]}"#;
    let line = logged(0, "[]", "allow", "null");
    let approved = line.replace(r#""approver":null"#, r#""approver":"bob""#);
    let report = replayed(tools, None, &[&approved, &approved, &line]);
    assert_eq!((report.unchanged, report.changed), (1, 2));
    // A host that nobody can approve at denies, by the rule that would have held.
    let denied = logged(0, "[]", "deny", r#""/tools/pay/action""#);
    let said = r#""message":"Ask. (nobody can approve it: no approval key is configured)""#;
    let no_keys = denied.replace(r#""message":null"#, said);
    assert_eq!(replayed(tools, None, &[&no_keys]).unchanged, 1);
    assert_eq!(groups(&replayed(tools, None, &[&denied]))[0].1, "newly held");
    let token = r#"{"tool":"pay","approval":"x.y.z"}"#;
    let report = replayed(tools, None, &[token]);
    assert_eq!(groups(&report)[0].2, "the approval that came with it cannot be checked here");
}

/// What `decide` says of whole calls is what a replay says, and of the same calls without their values it says the
/// same or that it does not know.
#[test]
fn nothing_that_is_said_of_half_a_call_is_wrong_of_the_whole() {
    let tools = r#""a":{"require":[{"conditions":[{"path":"args.x","op":"lte","value":5}]}],
             "deny_if":[{"conditions":[{"path":"args.y","op":"eq","value":1},{"path":"args.x","op":"gt","value":2}]}],
             "limits":[{"counter":"n","window":"minute","max":4}]},
        "b":{"require_approval_if":[{"conditions":[{"path":"args.y","op":"exists","value":true}]}],
             "limits":[{"counter":"n","window":"minute","max":6},{"counter":"sum","window":"minute","max":20,"increment_from":"args.x"}]},
        "c":{"deny_if":[{"conditions":[{"path":"args.items[*]","op":"eq","value":2}]}]}"#;
    let mut seed = 42u64;
    let mut random = |below: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    let (mut unknown, mut same) = (0, 0);
    for _ in 0..300 {
        let (mut whole, mut half) = (Side::new(policy(tools)), Side::new(policy(tools)));
        let mut now = 0;
        for _ in 0..40 {
            now += random(8_000);
            let tool = ["a", "b", "c", "d"][random(4) as usize];
            let mut members = Vec::new();
            for key in ["x", "y"] {
                let value = ["0", "1", "3", "6", "null", "\"1\""][random(6) as usize];
                if random(3) > 0 {
                    members.push(format!(r#""{key}":{value}"#));
                }
            }
            if random(2) > 0 {
                members.push(r#""items":[1,2]"#.to_owned());
            }
            let line = format!(r#"{{"tool":"{tool}","arguments":{{{}}}}}"#, members.join(","));
            let Line::Call(call) = Lines::new(0, Format::Any).read(line.as_bytes()).says else {
                panic!()
            };
            let mut less = (*call).clone();
            if random(3) > 0 {
                less.arguments =
                    if random(2) > 0 { Arguments::Keys { all: true } } else { Arguments::Nothing };
            }
            let truth = whole.decide(&call, Time(now)).0;
            match (half.decide(&less, Time(now)).0, truth) {
                (Verdict::Unknown(_), _) => unknown += 1,
                (Verdict::Known(said, by), Verdict::Known(is, id)) => {
                    assert_eq!(said, is, "{line}");
                    if let (Some(by), Some(id)) = (by, id) {
                        assert_eq!(by.rule, id.rule, "{line}");
                    }
                    same += 1;
                }
                (Verdict::Known(..), Verdict::Unknown(doubt)) => {
                    panic!("{doubt:?} of a whole call")
                }
            }
        }
    }
    assert!(unknown > 1000 && same > 1000, "{unknown} {same}");
}

/// Traffic of an honest client: 3,000 calls over three days, of two callers.
fn traffic() -> Vec<String> {
    let mut seed = 7u64;
    let mut random = |below: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    let mut at = 1_767_225_600_000u64;
    let mut log = Vec::new();
    for number in 0..3_000u64 {
        at += random(180_000);
        // Some come a little out of order.
        let time = if random(10) == 0 { at - random(60_000) } else { at };
        let grant = ["ada", "bob"][random(2) as usize];
        let (tool, arguments) = match random(4) {
            0 => {
                let to = ["eu", "us"][random(2) as usize];
                let note =
                    if random(2) == 0 { format!(r#","note":"n{number}""#) } else { String::new() };
                let tip = match random(3) {
                    0 => format!(r#","tip":{}"#, random(9)),
                    _ => String::new(),
                };
                ("pay", format!(r#"{{"amount":{}.5,"to":"{to}"{note}{tip}}}"#, random(900)))
            }
            1 => (
                "move",
                format!(
                    r#"{{"x":-{},"deep":{{"a.b":{},"list":[{}]}}}}"#,
                    random(50),
                    random(3) == 0,
                    random(9)
                ),
            ),
            2 => (
                "find",
                format!(
                    r#"{{"text":"t{number}","page":{}}}"#,
                    ["null", "1", "2"][random(3) as usize]
                ),
            ),
            _ => ("ping", "{}".to_owned()),
        };
        log.push(format!(
            r#"{{"at":{time},"grant":"{grant}","tool":"{tool}","arguments":{arguments}}}"#
        ));
    }
    log
}

fn learnt(log: &[String]) -> Learnt {
    let (mut learner, mut lines) = (Learner::default(), Lines::new(0, Format::Any));
    log.iter().for_each(|line| learner.take(lines.read(line.as_bytes())));
    learner.finish(None)
}

#[test]
fn what_is_learnt_lets_through_what_it_was_learnt_from() {
    let log = traffic();
    let learnt = learnt(&log);
    let parsed = parse(learnt.text.as_bytes());
    let policy =
        parsed.policy.unwrap_or_else(|| panic!("{:?}\n{}", parsed.diagnostics, learnt.text));
    let mut replay = Replay::new(Arc::new(compile(&policy)), None);
    let mut lines = Lines::new(0, Format::Any);
    log.iter().for_each(|line| replay.take(lines.read(line.as_bytes())));
    let report = replay.finish();
    assert_eq!(
        (report.calls, report.allowed, report.changed, report.unknown),
        (3000, 3000, 0, 0),
        "{report:?}"
    );
    // And little else.
    let denied = |call: &str| {
        let mut replay = Replay::new(Arc::new(compile(&policy)), None);
        replay.take(Lines::new(0, Format::Any).read(call.as_bytes()));
        replay.finish().groups.first().map(|group| group.by.clone()).unwrap_or_default()
    };
    for (call, by) in [
        (r#"{"tool":"pay","arguments":{"amount":10,"to":"eu"}}"#, ""),
        (r#"{"tool":"pay","arguments":{"amount":10,"to":"cn"}}"#, "/tools/pay/require/1"),
        (r#"{"tool":"pay","arguments":{"amount":2000,"to":"eu"}}"#, "/tools/pay/require/0"),
        (r#"{"tool":"pay","arguments":{"amount":"10","to":"eu"}}"#, "/tools/pay/require/0"),
        (r#"{"tool":"pay","arguments":{"amount":10,"to":"eu","tip":90}}"#, "/tools/pay/deny_if/0"),
        (r#"{"tool":"move","arguments":{"x":-5,"deep":{"a.b":true,"list":[]}}}"#, ""),
        (
            r#"{"tool":"move","arguments":{"x":-5,"deep":{"a.b":3,"list":[]}}}"#,
            "/tools/move/require/1",
        ),
        (r#"{"tool":"find","arguments":{"text":"x","page":null}}"#, ""),
        (r#"{"tool":"find","arguments":{"text":"x","page":3}}"#, "/tools/find/require/0"),
        (r#"{"tool":"find","arguments":{"page":1}}"#, "/tools/find/require/1"),
        (r#"{"tool":"drop"}"#, "(default deny)"),
    ] {
        assert_eq!(denied(call), by, "{call}\n{}", learnt.text);
    }
    let ping = policy.tools.iter().find(|tool| tool.name.value == "ping").unwrap();
    let counters: Vec<&str> =
        ping.limits.iter().map(|limit| limit.counter.value.as_str()).collect();
    assert_eq!(counters, ["calls_per_minute", "calls_per_hour", "calls_per_day"]);
}

#[test]
fn a_draft_says_what_it_is_and_of_what() {
    let log = [
        r#"{"tool":"t","arguments":{"a":1},"decision":"deny"}"#,
        r#"{"tool":"t","arguments":{"a":5}}"#,
        DECISION,
        "oops",
    ];
    let (mut learner, mut lines) = (Learner::default(), Lines::new(0, Format::Any));
    log.iter().for_each(|line| learner.take(lines.read(line.as_bytes())));
    let catalog = crate::parse::catalog(br#"{"tools":[{"name":"t"},{"name":"never"}]}"#).unwrap();
    let learnt = learner.finish(Some(&catalog));
    for words in [
        "\"x-draft\": true",
        "A draft, learnt from 2 calls",
        "\"x-never-called\": [\"never\"]",
        "\"in_catalog\": false",
    ] {
        assert!(learnt.text.contains(words), "{words}\n{}", learnt.text);
    }
    assert_eq!(
        (learnt.seen.not_allowed, learnt.seen.partial, learnt.seen.malformed.lines),
        (1, 1, 1)
    );
    assert!(
        learnt.notes.iter().any(|note| note.starts_with("`pay` is not a tool")),
        "{:?}",
        learnt.notes
    );
    // Of a call without values nothing is asked.
    assert!(!learnt.text.contains("amount"), "{}", learnt.text);
}

#[test]
fn more_than_a_policy_can_say_is_left_out() {
    let wide: Vec<String> = (0..400).map(|n| format!(r#""{}{n}":1"#, "k".repeat(200))).collect();
    let log: Vec<String> = (0..100)
        .map(|n| format!(r#"{{"tool":"tool{n}","arguments":{{{}}}}}"#, wide.join(",")))
        .collect();
    let learnt = learnt(&log);
    let policy = parse(learnt.text.as_bytes()).policy.unwrap();
    assert_eq!(policy.tools.len(), 100);
    assert!(learnt.notes.iter().any(|note| note.contains("more rules than")), "{:?}", learnt.notes);
}

#[test]
fn a_log_may_be_cut_anywhere() {
    let text = format!("{}\n\r\noops\n{}", pay(1, "1"), pay(2, "2"));
    let entries = |piece: usize| {
        let (mut feed, mut entries) = (Feed::new(Format::Any), Vec::new());
        let mut take = |entry: Entry| entries.push(format!("{entry:?}"));
        text.as_bytes().chunks(piece).for_each(|piece| feed.take(piece, &mut take));
        feed.end().into_iter().for_each(take);
        entries
    };
    let whole = entries(text.len());
    assert_eq!(whole.len(), 4);
    for piece in 1..40 {
        assert_eq!(entries(piece), whole, "{piece}");
    }
    let (mut feed, mut says) = (Feed::new(Format::Any), Vec::new());
    for piece in [&vec![b'x'; MAX_LINE][..], &vec![b'x'; MAX_LINE], b"\n", pay(1, "1").as_bytes()] {
        feed.take(piece, |entry| says.push(format!("{:?}", entry.says)));
    }
    assert_eq!(says, [r#"Malformed("the line has more than 4194304 bytes")"#]);
    assert!(matches!(feed.end().unwrap().says, Line::Call(_)));
}

/// A store that has no room for another counter.
struct Full;

impl CounterStore for Full {
    fn load(&mut self, _: &CounterKey) -> Result<Loaded, StoreError> {
        Ok(Loaded { count: None, floor: Time(0), version: 0 })
    }

    fn compare_and_set(
        &mut self,
        _: &CounterKey,
        _: &Loaded,
        _: Count,
    ) -> Result<Swap, StoreError> {
        Err(StoreError::Full)
    }
}

#[test]
fn a_store_without_room_is_no_limit_that_is_reached() {
    let Line::Call(call) = Lines::new(0, Format::Any).read(pay(0, "1").as_bytes()).says else {
        panic!()
    };
    let partial =
        Partial { call: &call.call, arguments: Arguments::All, grant: true, session: true };
    let mut env = Env { now: Time(0), counters: &mut Full, approvals: None };
    let said = evaluate::count_partly(&policy(LIMITED), &partial, &mut env);
    assert!(matches!(said, LimitsSay::Unknown(Doubt::Room)), "{said:?}");
}
