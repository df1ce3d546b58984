//! Rule ids and their readable forms.

use cattlegrid::compile::compile;
use cattlegrid::evaluate::{Env, evaluate};
use cattlegrid::model::{Call, Time};
use cattlegrid::parse;
use cattlegrid::quota::MemoryStore;

const POLICY: &str = r#"{
  "version": "1",
  "default": "deny",
  "hide": ["hidden"],
  "all_tools": { "limits": [{ "counter": "calls", "window": "day", "max": 0 }] },
  "tools": {
    "one": { "deny_if": [{ "conditions": [{ "path": "args.amount", "op": "exists", "value": false }] }] },
    "two": {
      "require": [
        { "conditions": [] },
        { "conditions": [{ "path": "args.a.b", "op": "eq", "value": 1 }, { "path": "args.c[*]", "op": "not_in", "value": [] }] }
      ]
    },
    "none": { "require_approval_if": [{ "conditions": [] }] },
    "closed": { "action": "deny" },
    "a/b": { "limits": [{ "counter": "some calls", "window": "minute", "max": 0 }] },
    "seconds": { "limits": [{ "counter": "burst", "window": 90, "max": 0 }] },
    "sixty": { "limits": [{ "counter": "burst", "window": 60, "max": 0 }] },
    "rate": { "rate_limit": { "max": 0, "window": 45 } },
    "free": {}
  }
}"#;

#[test]
fn every_rule_has_an_id_and_a_label() {
    let policy = compile(&parse::parse(POLICY.as_bytes()).policy.unwrap());
    let mut counters = MemoryStore::new();
    let mut decided = |tool: &str| {
        let call = Call { tool: tool.to_owned(), ..Call::default() };
        let mut env = Env { now: Time(0), counters: &mut counters, approvals: None };
        let id = evaluate(Some(&policy), &call, &mut env).decision.id.unwrap();
        [id.rule.clone(), id.label.clone()]
    };
    for (tool, rule, label) in [
        ("hidden", "(hidden)", "(hidden)"),
        ("unlisted", "(default deny)", "(default deny)"),
        ("one", "/tools/one/deny_if/0", "/tools/one/deny_if/args.amount-exists"),
        ("two", "/tools/two/require/1", "/tools/two/require/args.a.b-eq+args.c[*]-not_in"),
        ("none", "/tools/none/require_approval_if/0", "/tools/none/require_approval_if/0"),
        ("closed", "/tools/closed/action", "/tools/closed/action"),
        ("a/b", "/tools/a~1b/limits/0", "/tools/a~1b/limits/some calls-per-minute"),
        ("seconds", "/tools/seconds/limits/0", "/tools/seconds/limits/burst-per-90s"),
        ("sixty", "/tools/sixty/limits/0", "/tools/sixty/limits/burst-per-minute"),
        ("rate", "/tools/rate/rate_limit", "/tools/rate/rate_limit"),
        ("free", "/all_tools/limits/0", "/all_tools/limits/calls-per-day"),
    ] {
        assert_eq!(decided(tool), [rule, label], "{tool}");
    }
}
