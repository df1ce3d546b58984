//! Broken documents.
pub(super) type Case = (&'static str, &'static [&'static str]);

pub(super) const CASES: &[Case] = &[
    // Json.
    ("\u{feff}{\"version\": \"1\", \"default\": \"deny\"}", &[]),
    ("", &[]),
    ("  \n", &[]),
    (r#"{"version": "1", "default": "deny"} {"#, &[]),
    (r#"{"version": "1", "default": "deny","#, &[]),
    (r#"{"version": "1", "default": "deny",}"#, &[]),
    (r#"{"version": "1" "default": "deny"}"#, &[]),
    (r#"{'version': "1", default: "deny"}"#, &[]),
    (r#"{"version": "1", "default": deny, "hide": [None]}"#, &[]),
    ("{\"version\": \"1\", // one\n \"default\": \"deny\" /* two */}", &[]),
    ("{\"version\": \"1\", \"default\": \"deny\n\"}", &[]),
    ("{\"version\": \"1\", \"default\": \"deny\", \"description\": \"a\tb\"}", &[]),
    (r#"{"version": "1", "default": "deny", "default": "allow"}"#, &[]),
    (r#"{"version": "1", "default": "deny", "hide": ["\ud800"]}"#, &[]),
    (
        r#"{"version": "1", "default": "deny", "tools": {"t": {"rate_limit": {"max": 1e999, "window": +60}}}}"#,
        &[],
    ),
    (
        r#"{"version": "1", "default": "deny", "tools": {"t": {"deny_if": [{"conditions": [{"path": "args.a", "op": "regex", "value": "\d(+"}]}]}}}"#,
        &[],
    ),
    (
        r#"{"version": "1", "x-": [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}"#,
        &[],
    ),
    // Shape.
    ("[]", &[]),
    ("{}", &[]),
    ("{\n  \"default\": \"deny\"\n}", &[]),
    (r#"{"version": 1, "defualt": "deny"}"#, &[]),
    (r#"{"version": "2", "default": "Deny"}"#, &[]),
    (r#"{"version": "1.0", "default": "block", "limits": [], "colour": 1, "": 2, "x-": 3}"#, &[]),
    (
        r#"{"version": "1", "default": "deny", "default ": "deny", "hide": "a", "description": null}"#,
        &[],
    ),
    (r#"{"version": "1", "default": "deny", "hide": ["a", 1, "", " ", "a", "*", "b" , "b"]}"#, &[]),
    (
        r#"{"version": "1", "default": "deny", "tools": {"": {}, "a": "deny", "b": true, "c": {"x-a": 1, "descripton": "", "action": "aprove", "reason": 5}, "d": {"action": "hide"}}}"#,
        &[],
    ),
    (
        r#"{"version": "1", "default": "deny", "tools": {"a/b~c": {"require": [{}, 5, {"conditions": {"path": "args.a"}}, {"path": "args.a", "op": "eq", "value": 1}], "deny_if": {"conditions": []}}}}"#,
        &[],
    ),
    (
        r#"{"version": "1", "default": "deny", "tools": {"a": {"require": [{"conditions": [
       {"path": "amount", "op": "<=", "value": 1}, {"path": "args..a", "op": "foo", "value": 1}, {"path": "args.a['b']", "op": "eq"},
       {"path": "args", "op": "in", "value": "x"}, {"path": "", "op": "exists", "value": "true"}, {"path": "args.a", "op": "gt", "value": "5"},
       {"path": "args.a", "op": "lt", "value": null}, {"path": "args.a", "op": "contains", "value": []}, {"path": "args.a", "op": "regex", "value": "a\\d(b"},
       {"path": "$.arguments.a", "op": "regex", "value": 5}, {"path": "args.\u0061..b", "op": 5, "value": 5}, 7, {"path": "args[0]", "op": "not_in", "value": 5}]}]}}}"#,
        &[],
    ),
    (
        r#"{"version": "1", "default": "deny", "tools": {"a": {"limits": [
       {"counter": "", "window": "min", "max": 1.5}, {"counter": "a", "window": "90s", "max": -1, "scope": "user"}, {"counter": "a", "window": 0, "max": "10", "scope": "tenant"},
       {"window": "fortnight", "max": 1e24, "increment_from": "amount"}, {"counter": "b", "window": "60", "max": 1.5, "increment_from": "args.a[*].b"},
       {"counter": "rate_limit", "window": true, "max": null, "onDeny": "x"}], "rate_limit": {"max": 1, "window": 1.5, "scope": "all"}}},
       "all_tools": {"limits": [{"counter": "c", "window": "day", "max": 5, "increment_from": "args.a"}, {"counter": "c", "window": "day", "max": 5}], "deny_if": []}}"#,
        &[],
    ),
];
