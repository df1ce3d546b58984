use super::*;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::Time;

fn read(steps: &str) -> Result<Scenario, Vec<Diagnostic>> {
    let text = format!(r#"{{"policy":"p.json","steps":[{steps}]}}"#);
    Scenario::parse(text.as_bytes())
}

/// Seconds since the scenario's usual beginning, with the number of the step.
fn times(steps: &str) -> Vec<(i64, usize)> {
    let seconds = |Time(millis)| (i64::try_from(millis).unwrap() - 1_767_225_600_000) / 1000;
    let scenario = read(steps).unwrap();
    scenario.groups[0].moments().map(|moment| (seconds(moment.at), moment.step)).collect()
}

#[test]
fn times_of_rfc_3339_are_milliseconds_of_utc() {
    for (text, millis) in [
        ("1970-01-01T00:00:00Z", 0),
        ("2026-01-01T00:00:00Z", 1_767_225_600_000),
        ("2026-11-21T11:32:51.5Z", 1_795_260_771_500),
        ("2028-02-29T23:59:59.9999z", 1_835_481_599_999),
        ("2000-03-01t00:00:00.001+00:00", 951_868_800_001),
        ("2026-01-01T05:30:00+05:30", 1_767_225_600_000),
        ("2025-12-31T16:00:00-08:00", 1_767_225_600_000),
        ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
    ] {
        assert_eq!(time::moment(text), Some(Time(millis)), "{text}");
    }
    for text in [
        "2026-01-01",
        "2026-01-01T00:00:00",
        "2026-01-01 00:00:00Z",
        "2026-01-01T00:00Z",
        "2026-02-29T00:00:00Z",
        "2100-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-00-01T00:00:00Z",
        "2026-01-00T00:00:00Z",
        "2026-01-01T24:00:00Z",
        "2016-12-31T23:59:60Z",
        "2026-01-01T00:00:00.Z",
        "2026-01-01T00:00:00+0100",
        "2026-01-01T00:00:00+01:00Z",
        "2026-01-01T00:00:00Zx",
        "+026-01-01T00:00:00Z",
        "٢٠٢٦-01-01T00:00:00Z",
        "1969-12-31T23:59:59Z",
        "1970-01-01T00:00:00+00:01",
    ] {
        assert_eq!(time::moment(text), None, "{text}");
    }
}

#[test]
fn spans_are_a_whole_number_and_a_unit() {
    for (text, millis) in
        [("250ms", 250), ("6s", 6_000), ("5m", 300_000), ("2h", 7_200_000), ("1d", 86_400_000)]
    {
        assert_eq!(time::span(text), Some(millis), "{text}");
    }
    for text in ["", "6", "s", "1.5s", "-1s", "1m30s", "1 s", "1S", "99999999999999999999s"] {
        assert_eq!(time::span(text), None, "{text}");
    }
}

#[test]
fn steps_follow_one_another_from_the_last_repetition_on() {
    let steps = r#"{"call":{"tool":"t"},"every":"10s","times":3}, {"call":{"tool":"t"}},
        {"at":"+5s","call":{"tool":"t"},"times":2}"#;
    assert_eq!(times(steps), [(0, 0), (10, 0), (20, 0), (20, 1), (25, 2), (25, 2)]);
}

#[test]
fn what_begins_during_repetitions_falls_between_them() {
    let steps = r#"{"call":{"tool":"t"},"every":"10s","times":4},
        {"at":"2026-01-01T00:00:05Z","call":{"tool":"t"},"every":"10s","times":2},
        {"at":"2026-01-01T00:00:20Z","call":{"tool":"t"}}"#;
    assert_eq!(times(steps), [(0, 0), (5, 1), (10, 0), (15, 1), (20, 0), (20, 2), (30, 0)]);
}

#[test]
fn a_clock_that_was_set_back_comes_after_everything_above() {
    let steps = r#"{"call":{"tool":"t"},"every":"10s","times":3},
        {"at":"2025-12-31T23:59:00Z","call":{"tool":"t"}}, {"at":"+1s","call":{"tool":"t"}},
        {"at":"2025-12-31T23:59:00Z","call":{"tool":"t"}}"#;
    assert_eq!(times(steps), [(0, 0), (10, 0), (20, 0), (-60, 1), (-59, 2), (-60, 3)]);
}

#[test]
fn moments_are_those_of_a_sorted_list() {
    // A generator as good as any: constants of Knuth's MMIX.
    let mut state = 1u64;
    let mut random = |below: u64| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    for _ in 0..300 {
        let count = 1 + random(6);
        let one = |_| {
            let (at, every, times) = (random(40), random(5), 1 + random(8));
            format!(
                r#"{{"at":"2026-01-01T00:00:{at:02}Z","call":{{"tool":"t"}},"every":"{every}s","times":{times}}}"#
            )
        };
        let steps: Vec<String> = (0..count).map(one).collect();
        let scenario = read(&steps.join(",")).unwrap();
        let (mut expected, mut since, mut began) = (vec![], vec![], Time(0));
        let group = &scenario.groups[0];
        for (number, step) in group.steps.iter().enumerate() {
            if step.at < began {
                since.sort();
                expected.append(&mut since);
            }
            began = step.at;
            let at = |n: u32| Time(step.at.0 + step.every * u64::from(n));
            since.extend((0..step.times).map(|n| (at(n), number, n)));
        }
        since.sort();
        expected.append(&mut since);
        let moments = scenario.groups[0]
            .moments()
            .map(|Moment { step, repetition, at }| (at, step, repetition));
        assert_eq!(moments.collect::<Vec<_>>(), expected, "{steps:?}");
    }
}

#[test]
fn every_fault_is_reported_in_its_place() {
    let text = r#"{
  "polcy": {},
  "catalog": 7,
  "steps": [
    { "at": "noon", "call": { "tool": "t" }, "every": "6" },
    { "at": "+1y", "call": { "tool": "t", "argument": {} }, "times": 0 },
    { "call": { "jsonrpc": "2.0", "method": "tools/list" } },
    { "call": { "tool": "t", "arguments": [] }, "outcome": "Error", "expect": { "decison": "deny" } },
    { "expect": { "decision": "denied", "rule": 1, "remaining": "1" } },
    7
  ]
}"#;
    let found: Vec<(&str, &str, String)> = Scenario::parse(text.as_bytes())
        .unwrap_err()
        .iter()
        .map(|d| (d.code.as_str(), d.span.of(text), d.pointer.clone()))
        .collect();
    let found: Vec<(&str, &str, &str)> =
        found.iter().map(|(code, text, pointer)| (*code, *text, pointer.as_str())).collect();
    assert_eq!(
        found,
        [
            ("unknown-key", "polcy", "/polcy"),
            ("wrong-type", "7", "/catalog"),
            ("missing-key", "{", "/steps/0"),
            ("invalid-time", "noon", "/steps/0/at"),
            ("invalid-time", "6", "/steps/0/every"),
            ("invalid-time", "+1y", "/steps/1/at"),
            ("unknown-key", "argument", "/steps/1/call/argument"),
            ("wrong-type", "0", "/steps/1/times"),
            ("invalid-call", "\"tools/list\"", "/steps/2/call/method"),
            ("unknown-outcome", "Error", "/steps/3/outcome"),
            ("unknown-key", "decison", "/steps/3/expect/decison"),
            ("missing-key", "{", "/steps/4"),
            ("unknown-decision", "denied", "/steps/4/expect/decision"),
            ("wrong-type", "1", "/steps/4/expect/rule"),
            ("wrong-type", "\"1\"", "/steps/4/expect/remaining"),
            ("wrong-type", "7", "/steps/5"),
        ]
    );
}

#[test]
fn questions_are_kept_as_they_are_written() {
    let read = |asserts: &str| {
        let text = format!(r#"{{"policy":"p.json","assert":{asserts}}}"#);
        let fault = |one: &Diagnostic| {
            (one.code.as_str(), one.span.of(&text).to_owned(), one.pointer.clone())
        };
        let read = Scenario::parse(text.as_bytes());
        read.map_err(|faults| faults.iter().map(fault).collect::<Vec<_>>())
    };
    // What they say is nothing to the steps.
    let kept = read(r#"["never \"a\"", " é? "]"#).unwrap();
    let texts: Vec<&str> = kept.asserts.iter().map(|one| one.value.as_str()).collect();
    assert_eq!((texts, kept.groups.len()), (vec!["never \"a\"", " é? "], 0));
    assert!(read("[]").unwrap().asserts.is_empty());
    let fault = |code, text: &str, pointer: &str| vec![(code, text.to_owned(), pointer.to_owned())];
    for (asserts, text, pointer) in [
        (r#""never""#, r#""never""#, "/assert"),
        ("{}", "{}", "/assert"),
        ("null", "null", "/assert"),
        (r#"["a", 1]"#, "1", "/assert/1"),
        (r#"[["a"]]"#, r#"["a"]"#, "/assert/0"),
    ] {
        assert_eq!(read(asserts).unwrap_err(), fault("wrong-type", text, pointer), "{asserts}");
    }
    assert_eq!(read(r#"[""]"#).unwrap_err(), fault("blank-name", "\"\"", "/assert/0"));
    assert_eq!(read(r#"["a", " "]"#).unwrap_err(), fault("blank-name", " ", "/assert/1"));
    let yaml = "policy: p.json\nassert:\n  - never allow any tool\n  - 7\n";
    let faults = Scenario::parse_yaml(yaml.as_bytes()).unwrap_err();
    assert_eq!((faults.len(), faults[0].span.of(yaml)), (1, "7"));
}

#[test]
fn approval_keys_are_read_with_their_faults() {
    let read = |keys: &str| {
        let text = format!(r#"{{"policy":"p.json","approval_keys":{keys},"steps":[]}}"#);
        Scenario::parse(text.as_bytes()).map_err(|faults| {
            let said =
                |d: &Diagnostic| format!("{} {} {}", d.code.as_str(), d.pointer, d.span.of(&text));
            faults.iter().map(said).collect::<Vec<_>>()
        })
    };
    assert!(read("[]").unwrap().approval_keys.unwrap().is_empty());
    assert!(Scenario::parse(br#"{"policy":"p.json","steps":[]}"#).unwrap().approval_keys.is_none());
    assert_eq!(read("null").unwrap_err(), ["wrong-type /approval_keys null"]);
    let faults = read(r#"[{"ed25519":"x"},{"rs256":"x"},{}]"#).unwrap_err();
    let expected = [
        r#"invalid-approval-key /approval_keys/0/ed25519 "x""#,
        r#"unknown-key /approval_keys/1/rs256 "rs256""#,
        "invalid-approval-key /approval_keys/2 {}",
    ];
    assert_eq!(faults, expected);
}

#[test]
fn bounds_are_kept() {
    let codes = |steps: &str| -> Vec<&str> {
        read(steps)
            .map_or_else(|faults| faults.iter().map(|d| d.code.as_str()).collect(), |_| vec![])
    };
    let many = r#"{"call":{"tool":"t"},"times":999999}"#;
    assert!(codes(&format!(r#"{many},{{"call":{{"tool":"t"}}}}"#)).is_empty());
    assert_eq!(codes(&format!("{many},{many},{many}")), ["too-many-calls"]);
    assert_eq!(codes(r#"{"call":{"tool":"t"},"times":1e400}"#), ["too-many-calls"]);
    assert_eq!(codes(r#"{"call":{"tool":"t"},"times":1.5}"#), ["wrong-type"]);
    assert_eq!(codes(r#"{"at":"+9999999d","call":{"tool":"t"}}"#), ["invalid-time"]);
    assert_eq!(
        codes(r#"{"call":{"tool":"t"},"every":"9999999d","times":1000000}"#),
        ["invalid-time"]
    );
    assert_eq!(codes(r#"{"call":{"tool":"t","tool":"u"}}"#), ["duplicate-key"]);
    // A thousand faults are listed, and that there are more.
    for (faults, said) in [
        (1_000, None),
        (1_001, Some("1 more fault is not listed")),
        (1_234, Some("234 more faults are not listed")),
    ] {
        let wrong = vec![r#"{"call":{"tool":"t"},"times":-1}"#; faults].join(",");
        let list = read(&wrong).unwrap_err();
        assert_eq!(list.len(), if said.is_some() { 1_001 } else { 1_000 });
        let last = list.last().unwrap();
        assert_eq!(last.code == Code::TooManyFaults, said.is_some());
        assert!(said.is_none_or(|said| last.message == said), "{}", last.message);
    }
}

#[test]
fn times_are_written_as_they_are_read() {
    for text in [
        "1970-01-01T00:00:00Z",
        "1972-02-29T12:34:56.007Z",
        "2000-12-31T23:59:59.999Z",
        "2026-01-01T00:00:00.500Z",
        "2100-03-01T00:00:00Z",
        "9999-12-31T23:59:59.999Z",
    ] {
        assert_eq!(written(moment(text).unwrap()), text);
    }
    let mut day = 0;
    while day < 366 * 130 {
        let time = Time(day * 86_400_000 + day);
        assert_eq!(moment(&written(time)), Some(time));
        day += 1;
    }
    // Nobody can write it, and nothing takes for ever.
    assert_eq!(written(Time(u64::MAX)).get(..5), Some("10000"));
}

const POLICY: &str = r#"{"version":"1","default":"deny","tools":{
    "one":{"limits":[{"counter":"c","window":"day","max":1}]},
    "mine":{"limits":[{"counter":"c","window":"day","max":1,"scope":"session"}]},
    "ask":{"action":"require_approval"}}}"#;

/// Runs the members of a scenario: the effects of each group.
fn effects(rest: &str) -> Vec<String> {
    let text = format!(r#"{{"policy":{POLICY},{rest}}}"#);
    let scenario = Scenario::parse(text.as_bytes()).unwrap();
    let policy = scenario.own_policy(text.as_bytes()).unwrap();
    let mut effects = vec![String::new(); scenario.groups.len()];
    for result in run(&scenario, &policy) {
        let effect = result.decision.effect.as_str();
        effects[result.group].push_str(&effect[..1]);
    }
    let tallies =
        record(&scenario, &policy).groups.iter().map(GroupRecord::tally).collect::<Vec<_>>();
    for (effects, tally) in effects.iter().zip(tallies) {
        let count = |effect| u32::try_from(effects.matches(effect).count()).unwrap();
        assert_eq!((tally.allowed, tally.denied, tally.held), (count("a"), count("d"), count("h")));
    }
    effects
}

#[test]
fn no_group_knows_of_another() {
    let one = r#"{"call":{"tool":"one"},"times":2}"#;
    let rest = format!(
        r#""steps":[{one}],"groups":[{{"name":"a","steps":[{one}]}},{{"name":"b","steps":[]}}]"#
    );
    assert_eq!(effects(&rest), ["ad", "ad", ""]);
}

#[test]
fn steps_say_who_calls_where_a_call_cannot() {
    let message = r#""call":{"jsonrpc":"2.0","method":"tools/call","params":{"name":"mine"}}"#;
    let steps = format!(
        r#"{{{message},"grant":"g","session":"1"}},{{{message},"grant":"g","session":"2"}},
           {{"call":{{"tool":"mine","session":"1"}},"grant":"g"}},{{{message},"grant":"g"}},{{{message},"times":2}}"#
    );
    assert_eq!(effects(&format!(r#""steps":[{steps}]"#)), ["aadaad"]);
}

#[test]
fn a_person_approves_each_call_anew() {
    let ask = |rest: &str| format!(r#"{{"call":{{"tool":"ask"}}{rest}}}"#);
    let approved = ask(r#","approval":{"by":"ada"},"times":2,"every":"1m""#);
    let steps = [ask(""), approved.clone(), ask(r#","approval":"no token""#)].join(",");
    assert_eq!(effects(&format!(r#""steps":[{steps}]"#)), ["haah"]);
    let keys = r#""approval_keys":[{"hs256":"0123456789abcdef0123456789abcdef"}]"#;
    assert_eq!(effects(&format!(r#"{keys},"steps":[{steps}]"#)), ["haah"]);
    // Nobody can approve where there is no key.
    assert_eq!(effects(&format!(r#""approval_keys":[],"steps":[{steps}]"#)), ["dddd"]);
    // Rules still hold for what was approved, and a time that no window reaches is told.
    let text =
        r#""steps":[{"at":"2200-01-01T00:00:00Z","call":{"tool":"ask"},"approval":{"by":"ada"}}]"#;
    assert_eq!(effects(text), ["h"]);
}

#[test]
fn the_key_of_the_person_in_a_scenario_is_nobody_elses() {
    let scenario = |steps: &str| {
        let text = format!(r#"{{"policy":{POLICY},"steps":[{steps}]}}"#);
        Scenario::parse(text.as_bytes()).unwrap()
    };
    let approved = scenario(r#"{"call":{"tool":"ask"},"approval":{"by":"ada"}}"#);
    let call = approved.groups[0].steps[0].call.clone().unwrap();
    let token = approve::token(&call, "ada", Time(1_767_225_600_000), "x");
    // Where the step does not say that a person approves, its token is not believed.
    let step = format!(r#""steps":[{{"call":{{"tool":"ask"}},"approval":"{token}"}}]"#);
    assert_eq!(effects(&step), ["h"]);
    let keys = r#""approval_keys":[{"hs256":"0123456789abcdef0123456789abcdef"}]"#;
    assert_eq!(effects(&format!("{keys},{step}")), ["h"]);
}

#[test]
fn faults_of_groups_and_of_what_stands_beside_a_call() {
    let text = r#"{
  "policy": {},
  "groups": [
    { "steps": [] },
    { "name": " ", "steps": [], "step": [] },
    { "name": "a", "steps": {} },
    { "name": "a", "steps": [
      { "call": { "tool": "t", "grant": "g", "approval": "x" }, "grant": "h", "approval": { "by": "ada" } },
      { "call": { "tool": "t" }, "approval": { "by": "" }, "session": 1 },
      { "call": { "tool": "t" }, "approval": 7 },
      { "call": { "tool": "t" }, "approval": {}, "times": 600000 },
      { "call": { "tool": "t" }, "times": 600000 }
    ] }
  ]
}"#;
    let found: Vec<(&str, &str, String)> = Scenario::parse(text.as_bytes())
        .unwrap_err()
        .iter()
        .map(|d| (d.code.as_str(), d.span.of(text), d.pointer.clone()))
        .collect();
    let found: Vec<(&str, &str, &str)> =
        found.iter().map(|(code, text, pointer)| (*code, *text, pointer.as_str())).collect();
    assert_eq!(
        found,
        [
            ("missing-key", "{", "/groups/0"),
            ("blank-name", " ", "/groups/1/name"),
            ("unknown-key", "step", "/groups/1/step"),
            ("wrong-type", "{}", "/groups/2/steps"),
            ("duplicate-name", "a", "/groups/3/name"),
            ("invalid-call", "grant", "/groups/3/steps/0/grant"),
            ("invalid-call", "approval", "/groups/3/steps/0/approval"),
            ("blank-name", "\"\"", "/groups/3/steps/1/approval/by"),
            ("wrong-type", "1", "/groups/3/steps/1/session"),
            ("wrong-type", "7", "/groups/3/steps/2/approval"),
            ("missing-key", "{", "/groups/3/steps/3/approval"),
            (
                "too-many-calls",
                r#"{ "call": { "tool": "t" }, "times": 600000 }"#,
                "/groups/3/steps/4"
            ),
        ]
    );
    let faults = Scenario::parse(br#"{"policy":"p"}"#).unwrap_err();
    assert_eq!(faults[0].message, "a scenario needs `steps`, `groups` or `assert`");
}

/// What came to each part of a policy: how often, satisfied, not, errored.
fn exercised(policy: &str, steps: &str) -> Vec<(String, [u64; 4])> {
    let text = format!(r#"{{"policy":{policy},"steps":[{steps}]}}"#);
    let scenario = Scenario::parse(text.as_bytes()).unwrap();
    let document = scenario.own_document(text.as_bytes()).unwrap();
    let compiled = crate::compile::compile(&document);
    let mut coverage = Coverage::new(&document);
    let covered = record_covered(&scenario, &compiled, &mut coverage);
    assert_eq!(covered, record(&scenario, &compiled));
    let counts = |part: &Part| [part.asked, part.satisfied, part.not_satisfied, part.errored];
    let parts = coverage.parts.iter().filter(|part| part.asked > 0);
    parts.map(|part| (part.pointer.clone(), counts(part))).collect()
}

#[test]
fn a_part_is_asked_by_the_calls_that_get_as_far() {
    let policy = r#"{"version":"1","default":"allow","hide":["gone","*x"],"tools":{
        "pay":{"require":[{"conditions":[{"path":"args.to","op":"exists","value":true}]}],
               "deny_if":[{"conditions":[{"path":"args.amount","op":"gt","value":10},
                                         {"path":"args.to","op":"eq","value":"me"}]}],
               "require_approval_if":[{"conditions":[{"path":"args.to","op":"eq","value":"ask"}]}],
               "limits":[{"counter":"n","window":"day","max":2},
                         {"counter":"sum","window":"day","max":15,"increment_from":"args.amount"}]},
        "no":{"action":"deny","limits":[{"counter":"n","window":"day","max":2}]}},
        "all_tools":{"limits":[{"counter":"all","window":"day","max":4}]}}"#;
    let pay = |amount: &str, to: &str, rest: &str| {
        format!(r#"{{"call":{{"tool":"pay","arguments":{{"amount":{amount},"to":{to}}}}}{rest}}}"#)
    };
    let counts = |steps: &[String]| exercised(policy, &steps.join(","));
    let named = |expected: &[(&str, [u64; 4])]| -> Vec<(String, [u64; 4])> {
        expected.iter().map(|(pointer, counts)| ((*pointer).to_owned(), *counts)).collect()
    };
    let call =
        |tool: &str, times: u32| format!(r#"{{"call":{{"tool":"{tool}"}},"times":{times}}}"#);
    assert_eq!(
        counts(&[call("gone", 3), call("no", 2), call("else", 5)]),
        named(&[
            ("/hide/0", [3, 3, 0, 0]),
            ("/tools/no", [2, 2, 0, 0]),
            ("/tools/no/action", [2, 2, 0, 0]),
            ("/all_tools/limits/0", [5, 4, 1, 0]),
        ])
    );
    // The rule that denies is the last that is asked.
    assert_eq!(
        counts(&[pay("1", "null", ""), pay("11", r#""me""#, r#","times":2"#)]),
        named(&[
            ("/tools/pay", [3, 3, 0, 0]),
            ("/tools/pay/require/0", [3, 2, 1, 0]),
            ("/tools/pay/require/0/conditions/0", [3, 2, 1, 0]),
            ("/tools/pay/deny_if/0", [2, 2, 0, 0]),
            ("/tools/pay/deny_if/0/conditions/0", [2, 2, 0, 0]),
            ("/tools/pay/deny_if/0/conditions/1", [2, 2, 0, 0]),
        ])
    );
    // A held call comes to no limit, and one that is approved does; the first limit that denies is
    // the last that is asked, and what is no amount is an error of its limit.
    let steps = [
        pay("8", r#""ask""#, ""),
        pay("8", r#""ask""#, r#","approval":{"by":"ada"}"#),
        pay("8", r#""you""#, ""),
        pay("-1", r#""you""#, ""),
        pay("1", r#""you""#, r#","times":2"#),
    ];
    let limits = |all: Vec<(String, [u64; 4])>| -> Vec<(String, [u64; 4])> {
        all.into_iter().filter(|(pointer, _)| !pointer.contains("conditions")).skip(1).collect()
    };
    assert_eq!(
        limits(counts(&steps)),
        named(&[
            ("/tools/pay/require/0", [6, 6, 0, 0]),
            ("/tools/pay/deny_if/0", [6, 0, 6, 0]),
            ("/tools/pay/require_approval_if/0", [6, 2, 4, 0]),
            ("/tools/pay/limits/0", [5, 4, 1, 0]),
            ("/tools/pay/limits/1", [4, 2, 1, 1]),
            ("/all_tools/limits/0", [2, 2, 0, 0]),
        ])
    );
    let errored = counts(&[pay(r#""8""#, r#""me""#, "")]);
    assert!(errored.contains(&("/tools/pay/deny_if/0".to_owned(), [1, 0, 0, 1])), "{errored:?}");
}

#[test]
fn preconditions_are_asked_one_after_the_other() {
    let policy = r#"{"version":"1","default":"deny","tools":{
        "look":{"limits":[{"counter":"n","window":"day","max":2}]},
        "buy":{"preconditions":[{"tool":"look","counter":"n","op":"gte","value":1},
                                {"tool":"look","counter":"n","op":"gte","value":2}],
               "limits":[{"counter":"n","window":"day","max":0}]}}}"#;
    let call = |tool: &str| format!(r#"{{"call":{{"tool":"{tool}"}}}}"#);
    let steps = ["buy", "look", "buy", "look", "buy"].map(call).join(",");
    let expected = [
        ("/tools/look", [2, 2, 0, 0]),
        ("/tools/look/limits/0", [2, 2, 0, 0]),
        ("/tools/buy", [3, 3, 0, 0]),
        ("/tools/buy/preconditions/0", [3, 2, 1, 0]),
        ("/tools/buy/preconditions/1", [2, 1, 1, 0]),
        ("/tools/buy/limits/0", [1, 0, 1, 0]),
    ];
    let found = exercised(policy, &steps);
    let found: Vec<_> = found.iter().map(|(pointer, counts)| (pointer.as_str(), *counts)).collect();
    assert_eq!(found, expected);
}

#[cfg(feature = "import")]
mod in_yaml {
    use super::*;

    const YAML: &str = "\
# What the shop may do.
policy:
  version: '1'
  default: deny
  tools:
    pay:
      deny_if:
        - conditions: [{path: args.amount, op: gt, value: 500}]
          on_deny: That is \"too much\".
      limits: &limits
        - {counter: n, window: minute, max: 10}
    refund: {limits: *limits}
steps:
  - call: {tool: pay, arguments: {amount: 500.01}}
    expect: {decision: deny, message: 'That is \"too much\".'}
  - at: 2026-01-01T00:00:30Z   # no string of JSON, and no need for quotes
    call: {tool: pay, arguments: {amount: 12345678901234567890123}}
    expect: {decision: deny, rule: /tools/pay/deny_if/0}
  - at: +30s
    call: {tool: refund}
    times: 11
    every: 1s
groups: []
";

    #[test]
    fn the_same_document_is_read() {
        let scenario = Scenario::parse_yaml(YAML.as_bytes()).unwrap();
        let policy = scenario.own_policy(YAML.as_bytes()).unwrap();
        let results: Vec<StepResult> = run(&scenario, &policy).collect();
        let seconds: Vec<u64> =
            results.iter().map(|one| (one.at.0 - 1_767_225_600_000) / 1000).collect();
        assert_eq!(seconds[..4], [0, 30, 60, 61]);
        assert!(results.iter().all(|one| one.differences.is_empty()));
        assert_eq!(results.last().unwrap().decision.effect.as_str(), "deny");
        let expected = scenario.groups[0].steps[1].expected.as_ref().unwrap();
        assert_eq!(expected.rule.as_ref().unwrap().span.of(YAML), "/tools/pay/deny_if/0");
    }

    fn faults(text: &str) -> Vec<(String, String, String)> {
        let scenario = Scenario::parse_yaml(text.as_bytes());
        let found = scenario.and_then(|scenario| scenario.own_policy(text.as_bytes()).map(|_| ()));
        let found = found.unwrap_err().into_iter();
        found.map(|d| (d.code.as_str().to_owned(), d.span.of(text).to_owned(), d.pointer)).collect()
    }

    #[test]
    fn faults_stand_where_they_are_written() {
        let text = "\
policy: {}
\"stpes\": []
steps:
  - {at: noon, call: {tool: t}}
  - at: 'noon'
    call: {tool: t}
    outcome: Error
    expect: {decison: deny}
  - call: {tool: t, argument: {}}
";
        let found = faults(text);
        let found: Vec<(&str, &str, &str)> = found
            .iter()
            .map(|(code, text, at)| (code.as_str(), text.as_str(), at.as_str()))
            .collect();
        assert_eq!(
            found,
            [
                ("unknown-key", "stpes", "/stpes"),
                ("invalid-time", "noon", "/steps/0/at"),
                ("invalid-time", "noon", "/steps/1/at"),
                ("unknown-outcome", "Error", "/steps/1/outcome"),
                ("unknown-key", "decison", "/steps/1/expect/decison"),
                ("unknown-key", "argument", "/steps/2/call/argument"),
            ]
        );
        let inline = "policy:\n  version: '1'\n  default: alow\n  tols: {}\nsteps: []\n";
        let found = faults(inline);
        let places: Vec<&str> = found.iter().map(|(_, text, _)| text.as_str()).collect();
        assert_eq!(places, ["alow", "tols"]);
        assert_eq!(found[0].2, "/policy/default");
    }

    #[test]
    fn what_json_has_no_word_for_is_refused() {
        for (text, code, place) in [
            ("policy: p\nsteps: []\n---\nsteps: []\n", "invalid-yaml", "---"),
            ("policy: p\nsteps: []\nsteps: []\n", "duplicate-key", "steps"),
            (
                "policy: p\nsteps: [{call: {tool: t, arguments: {a: .inf}}}]\n",
                "invalid-yaml",
                ".inf",
            ),
            ("# nothing\n", "invalid-yaml", ""),
            ("policy: [\n", "invalid-yaml", ""),
            ("~: 1\npolicy: p\nsteps: []\n", "invalid-yaml", "~"),
            ("- policy\n", "wrong-type", "- policy"),
        ] {
            let found = faults(text);
            assert_eq!((found[0].0.as_str(), found[0].1.as_str()), (code, place), "{text}");
        }
    }
}
