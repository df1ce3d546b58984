//! Broken documents, and for each everything that is said about it:
//! `code | underlined | pointer | message | help`.

pub(super) type Case = (&'static str, &'static [&'static str]);

#[rustfmt::skip]
pub(super) const CASES: &[Case] = &[
    ("\u{feff}{\"version\": \"1\", \"default\": \"deny\"}", &[
        "byte-order-mark | \u{feff} |  | the text begins with a byte order mark | save the file as utf-8 without a byte order mark",
    ]),
    (r#""#, &[
        r#"syntax |  |  | expected a value | the text is empty"#,
    ]),
    ("  \n", &[
        r#"syntax |  |  | expected a value | the text is empty"#,
    ]),
    (r#"{"version": "1", "default": "deny"} {"#, &[
        r#"trailing-text | { |  | something stands behind the end | a document is one value; if more belongs to it, a bracket before this closes too early"#,
    ]),
    (r#"{"version": "1", "default": "deny","#, &[
        r#"syntax |  |  | expected `,` or `}` | the text ends too early"#,
    ]),
    (r#"{"version": "1", "default": "deny",}"#, &[
        r#"syntax | , |  | a comma stands before the closing bracket | remove the comma"#,
    ]),
    (r#"{"version": "1" "default": "deny"}"#, &[
        r#"syntax |  |  | expected `,` or `}` | -"#,
    ]),
    (r#"{'version': "1", default: "deny"}"#, &[
        r#"syntax | 'version' |  | expected a key in double quotes, found `'version'` | json knows only double quotes"#,
        r#"syntax | default |  | expected a key in double quotes, found `default` | texts and keys stand in double quotes"#,
    ]),
    (r#"{"version": "1", "default": deny, "hide": [None]}"#, &[
        r#"syntax | deny |  | expected a value, found `deny` | texts and keys stand in double quotes"#,
        r#"syntax | None | /hide | expected a value, found `None` | did you mean `null`?"#,
    ]),
    ("{\"version\": \"1\", // one\n \"default\": \"deny\" /* two */}", &[
        r#"syntax | // one |  | json has no comments | remove it, or keep the note as the value of a key that begins with `x-`"#,
        r#"syntax | /* two */ |  | json has no comments | remove it, or keep the note as the value of a key that begins with `x-`"#,
    ]),
    ("{\"version\": \"1\", \"default\": \"deny\n\"}", &[
        r#"syntax | "deny | /default | the string has no closing quote | -"#,
        r#"syntax | "} |  | the string has no closing quote | -"#,
    ]),
    ("{\"version\": \"1\", \"default\": \"deny\", \"description\": \"a\tb\"}", &[
        "syntax | \t | /description | a control character in a string must be escaped | write `\\t`",
    ]),
    (r#"{"version": "1", "default": "deny", "default": "allow"}"#, &[
        r#"duplicate-key | default | /default | the key `default` stands twice in one object | keep one of them; readers differ in which they would take"#,
    ]),
    (r#"{"version": "1", "default": "deny", "hide": ["\ud800"]}"#, &[
        r#"lone-surrogate | \ud800 | /hide/0 | half of a surrogate pair is not a character | a character beyond `\uffff` is written as it is, or as two escapes in a row"#,
    ]),
    (r#"{"version": "1", "default": "deny", "tools": {"t": {"rate_limit": {"max": 1e999, "window": +60}}}}"#, &[
        r#"number-too-large | 1e999 | /tools/t/rate_limit | the number has more than 400 digits or an exponent beyond 400 | -"#,
        r#"syntax | +60 | /tools/t/rate_limit | `+60` is no number of json | write `60`"#,
    ]),
    (r#"{"version": "1", "default": "deny", "tools": {"t": {"deny_if": [{"conditions": [{"path": "args.a", "op": "regex", "value": "\d(+"}]}]}}}"#, &[
        r#"syntax | \d | /tools/t/deny_if/0/conditions/0/value | `\d` is no escape of json | a backslash itself is written `\\`"#,
    ]),
    (r#"{"version": "1", "x-": [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}"#, &[
        r#"too-deep | [ | /x-/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0 | lists and objects are nested more than 64 deep | -"#,
    ]),
    (r#"{"version: "1", "default": "deny"}"#, &[
        r#"syntax | "version |  | the string has no closing quote | -"#,
    ]),
    (r#"{"version: 1, "default": "deny"}"#, &[
        r#"syntax | "version |  | the string has no closing quote | -"#,
        r#"wrong-type | 1 | /version | `version` must be a string, not a number | the only version is `"1"`, in quotes"#,
    ]),
    ("{\"version\": \"1,\n \"default\": \"deny\"}", &[
        r#"syntax | "1, | /version | the string has no closing quote | -"#,
    ]),
    (r#"{"version": "1", "default": "deny", "tools": {"a": {}]}"#, &[
        r#"syntax | ] | /tools | expected `,` or `}`, found `]` | -"#,
    ]),
    (r#"{"version": "1", "default": "deny", "tools": {"a": {"limits": [{"counter": "#, &[
        r#"syntax |  | /tools/a/limits/0 | expected a value | the text ends too early"#,
    ]),
    (r#"{"version": "1", "default": "deny", "tools": ["a", "b"], "all_tools": []}"#, &[
        r#"wrong-type | ["a", "b"] | /tools | `tools` must be an object, not a list | each tool is a key: `{"tools": {"a": {}}}`"#,
        r#"wrong-type | [] | /all_tools | `all_tools` must be an object, not a list | -"#,
    ]),
    (r#"{"version": "1", "default" "deny"}"#, &[
        r#"syntax |  | /default | expected `:` | -"#,
    ]),
    (r#"{"version": "1", "tools": {"a": {"deny_if": [{"on_deny": "\x"}]}}}"#, &[
        r#"missing-key | { |  | a policy needs `default` | -"#,
        r#"missing-key | { | /tools/a/deny_if/0 | a rule needs `conditions` | -"#,
        r#"syntax | \x | /tools/a/deny_if/0/on_deny | `\x` is no escape of json | a backslash itself is written `\\`"#,
    ]),
    (r#"{"version": "1", "default": "de\qny", "tools": {"a": {"limits": [{"counter": "\q", "max": 1, "window": "\q"}]}}}"#, &[
        r#"syntax | \q | /default | `\q` is no escape of json | a backslash itself is written `\\`"#,
        r#"syntax | \q | /tools/a/limits/0/counter | `\q` is no escape of json | a backslash itself is written `\\`"#,
        r#"syntax | \q | /tools/a/limits/0/window | `\q` is no escape of json | a backslash itself is written `\\`"#,
    ]),
    (r#"{"version": "1" "tols": {"a": {"action": "denyy"}}}"#, &[
        r#"missing-key | { |  | a policy needs `default` | -"#,
        r#"syntax |  |  | expected `,` or `}` | -"#,
        r#"unknown-key | tols | /tols | unknown key `tols` | did you mean `tools`?"#,
        r#"unknown-action | denyy | /tols/a/action | unknown action `denyy` | did you mean `deny`?"#,
    ]),
    (r#"{"version": "1", "default": "deny", "t\u006fls": {}, "tools": {"a": {"require": [{"conditions": [{"path": "args.\u00e9\ud83d\ude00[x]", "op": "regex", "value": "\u00e9\\d\\"}]}]}}}"#, &[
        r#"unknown-key | t\u006fls | /tols | unknown key `tols` | `tools` is there already"#,
        r#"invalid-path | [x] | /tools/a/require/0/conditions/0/path | brackets hold a number, `*` or a key in double quotes | as in `args["a.b"]`, `args.items[0]` or `args.items[*]`"#,
        r#"invalid-regex | \\ | /tools/a/require/0/conditions/0/value | trailing backslash at the end of the pattern; write `\\` for the character | -"#,
    ]),
    (r#"[]"#, &[
        r#"wrong-type | [] |  | a policy must be an object, not a list | -"#,
    ]),
    (r#"{}"#, &[
        r#"missing-key | { |  | a policy needs `version` | -"#,
        r#"missing-key | { |  | a policy needs `default` | -"#,
    ]),
    ("{\n  \"default\": \"deny\"\n}", &[
        r#"missing-key | { |  | a policy needs `version` | -"#,
    ]),
    (r#"{"version": 1, "defualt": "deny"}"#, &[
        r#"wrong-type | 1 | /version | `version` must be a string, not a number | the only version is `"1"`, in quotes"#,
        r#"unknown-key | defualt | /defualt | unknown key `defualt` | did you mean `default`?"#,
    ]),
    (r#"{"version": "2", "default": "Deny"}"#, &[
        r#"unknown-version | 2 | /version | unknown version `2` | the only version is `1`"#,
        r#"unknown-default | Deny | /default | unknown default `Deny` | did you mean `deny`?"#,
    ]),
    (r#"{"version": "1.0", "default": "block", "limits": [], "colour": 1, "": 2, "x-": 3}"#, &[
        r#"unknown-version | 1.0 | /version | unknown version `1.0` | the only version is `1`"#,
        r#"unknown-default | block | /default | unknown default `block` | did you mean `deny`?"#,
        r#"unknown-key | limits | /limits | unknown key `limits` | `limits` belongs in the rules of a tool, or in `all_tools`"#,
        r#"unknown-key | colour | /colour | unknown key `colour` | a policy knows `$schema`, `version`, `description`, `default`, `hide`, `all_tools` and `tools`; keys for your own use begin with `x-`"#,
        r#"unknown-key |  | / | a key without a name | a policy knows `$schema`, `version`, `description`, `default`, `hide`, `all_tools` and `tools`; keys for your own use begin with `x-`"#,
    ]),
    (r#"{"version": "1", "default": "deny", "default ": "deny", "hide": "a", "description": null}"#, &[
        r#"unknown-key | default  | /default  | unknown key `default ` | `default` is there already"#,
        r#"wrong-type | "a" | /hide | `hide` must be a list, not a string | -"#,
        r#"wrong-type | null | /description | `description` must be a string, not null | leave the key out instead"#,
    ]),
    (r#"{"version": "1", "default": "deny", "hide": ["a", 1, "", " ", "a", "*", "b" , "b"]}"#, &[
        r#"wrong-type | 1 | /hide/1 | an entry of `hide` must be a string, not a number | -"#,
        r#"blank-name | "" | /hide/2 | an entry of `hide` is blank | -"#,
        r#"blank-name |   | /hide/3 | an entry of `hide` is blank | -"#,
        r#"duplicate-hide | a | /hide/4 | `a` stands twice in `hide` | -"#,
        r#"duplicate-hide | b | /hide/7 | `b` stands twice in `hide` | -"#,
    ]),
    (r#"{"version": "1", "default": "deny", "tools": {"": {}, "a": "deny", "b": true, "c": {"x-a": 1, "descripton": "", "action": "aprove", "reason": 5}, "d": {"action": "hide"}}}"#, &[
        r#"blank-name | "" | /tools/ | the name of a tool is blank | -"#,
        r#"wrong-type | "deny" | /tools/a | the rules of `a` must be an object, not a string | -"#,
        r#"wrong-type | true | /tools/b | the rules of `b` must be an object, not a boolean | `{}` lists a tool without any rule"#,
        r#"unknown-key | descripton | /tools/c/descripton | unknown key `descripton` | a tool knows `action`, `reason`, `require`, `deny_if`, `require_approval_if`, `limits` and `rate_limit`; keys for your own use begin with `x-`"#,
        r#"unknown-action | aprove | /tools/c/action | unknown action `aprove` | did you mean `require_approval`?"#,
        r#"wrong-type | 5 | /tools/c/reason | `reason` must be a string, not a number | -"#,
        r#"unknown-action | hide | /tools/d/action | unknown action `hide` | tools are hidden by their names in the list `hide` of the policy"#,
    ]),
    (r#"{"version": "1", "default": "deny", "tools": {"a/b~c": {"require": [{}, 5, {"conditions": {"path": "args.a", "op": "exists", "value": true}}, {"path": "args.a", "op": "eq", "value": 1}], "deny_if": {"conditions": []}}}}"#, &[
        r#"missing-key | { | /tools/a~1b~0c/require/0 | a rule needs `conditions` | -"#,
        r#"wrong-type | 5 | /tools/a~1b~0c/require/1 | a rule must be an object, not a number | -"#,
        r#"wrong-type | {"path": "args.a", "op": "exists", "value": true} | /tools/a~1b~0c/require/2/conditions | `conditions` must be a list, not an object | -"#,
        r#"missing-key | {"path": "args.a", "op": "eq", "value": 1} | /tools/a~1b~0c/require/3 | a condition stands where a rule should be | a rule is `{"conditions": [...]}`"#,
        r#"wrong-type | {"conditions": []} | /tools/a~1b~0c/deny_if | `deny_if` must be a list, not an object | -"#,
    ]),
    (r#"{"version": "1", "default": "deny", "tools": {"a": {"require": [{"conditions": [
       {"path": "amount", "op": "<=", "value": 1}, {"path": "args..a", "op": "foo", "value": 1}, {"path": "args.a['b']", "op": "eq"},
       {"path": "args", "op": "in", "value": "x"}, {"path": "", "op": "exists", "value": "true"}, {"path": "args.a", "op": "gt", "value": "5"},
       {"path": "args.a", "op": "lt", "value": null}, {"path": "args.a", "op": "contains", "value": []}, {"path": "args.a", "op": "regex", "value": "a\\d(b"},
       {"path": "$.arguments.a", "op": "regex", "value": 5}, {"path": "args.\u0061..b", "op": 5, "value": 5}, 7, {"path": "args[0]", "op": "not_in", "value": 5}]}]}}}"#, &[
        r#"invalid-path | amount | /tools/a/require/0/conditions/0/path | a path begins with `args.` | did you mean `args.amount`?"#,
        r#"unknown-operator | <= | /tools/a/require/0/conditions/0/op | unknown operator `<=` | did you mean `lte`?"#,
        r#"invalid-path | . | /tools/a/require/0/conditions/1/path | a path has no empty segment | a key without a name is written `[""]`, as in `args.a[""]`"#,
        r#"unknown-operator | foo | /tools/a/require/0/conditions/1/op | unknown operator `foo` | the operators are `exists`, `eq`, `neq`, `in`, `not_in`, `lt`, `lte`, `gt`, `gte`, `regex` and `contains`"#,
        r#"missing-key | { | /tools/a/require/0/conditions/2 | a condition needs `value` | -"#,
        r#"invalid-path | ['b'] | /tools/a/require/0/conditions/2/path | brackets hold a number, `*` or a key in double quotes | as in `args["a.b"]`, `args.items[0]` or `args.items[*]`"#,
        r#"invalid-path | args | /tools/a/require/0/conditions/3/path | a path begins with `args.` | it names an argument of the call, as in `args.amount`"#,
        r#"operator-value | "x" | /tools/a/require/0/conditions/3/value | `in` wants a list, not a string | -"#,
        r#"invalid-path | "" | /tools/a/require/0/conditions/4/path | a path begins with `args.` | it names an argument of the call, as in `args.amount`"#,
        r#"operator-value | "true" | /tools/a/require/0/conditions/4/value | `exists` wants `true` or `false`, not a string | -"#,
        r#"operator-value | "5" | /tools/a/require/0/conditions/5/value | `gt` wants a number, not a string | -"#,
        r#"operator-value | null | /tools/a/require/0/conditions/6/value | `lt` wants a number, not null | -"#,
        r#"operator-value | [] | /tools/a/require/0/conditions/7/value | `contains` wants a string, a number or a boolean, not a list | for one of several, write a rule for each, or use `regex`"#,
        r#"invalid-regex | ( | /tools/a/require/0/conditions/8/value | missing closing `)` | -"#,
        r#"invalid-path | $.arguments.a | /tools/a/require/0/conditions/9/path | a path begins with `args.` | did you mean `args.a`?"#,
        r#"operator-value | 5 | /tools/a/require/0/conditions/9/value | `regex` wants a string, not a number | -"#,
        r#"invalid-path | . | /tools/a/require/0/conditions/10/path | a path has no empty segment | a key without a name is written `[""]`, as in `args.a[""]`"#,
        r#"wrong-type | 5 | /tools/a/require/0/conditions/10/op | `op` must be a string, not a number | -"#,
        r#"wrong-type | 7 | /tools/a/require/0/conditions/11 | a condition must be an object, not a number | -"#,
        r#"invalid-path | [0] | /tools/a/require/0/conditions/12/path | the arguments of a call are an object, not a list | -"#,
        r#"operator-value | 5 | /tools/a/require/0/conditions/12/value | `not_in` wants a list, not a number | -"#,
    ]),
    (r#"{"version": "1", "default": "deny", "tools": {"a": {"limits": [
       {"counter": "", "window": "min", "max": 1.5}, {"counter": "a", "window": "90s", "max": -1, "scope": "user"}, {"counter": "a", "window": 0, "max": "10", "scope": "tenant"},
       {"window": "fortnight", "max": 1e24, "increment_from": "amount"}, {"counter": "b", "window": "60", "max": 1.5, "increment_from": "args.a[*].b"},
       {"counter": "rate_limit", "window": true, "max": null, "onDeny": "x"}], "rate_limit": {"max": 1, "window": 1.5, "scope": "all"}}},
       "all_tools": {"limits": [{"counter": "c", "window": "day", "max": 5, "increment_from": "args.a"}, {"counter": "c", "window": "day", "max": 5}], "deny_if": []}}"#, &[
        r#"blank-name | "" | /tools/a/limits/0/counter | the name of a counter is blank | -"#,
        r#"unknown-window | min | /tools/a/limits/0/window | unknown window `min` | did you mean `minute`?"#,
        r#"invalid-max | 1.5 | /tools/a/limits/0/max | `max` must be a whole number, since the limit counts calls | amounts are counted with `increment_from`"#,
        r#"unknown-window | 90s | /tools/a/limits/1/window | unknown window `90s` | in seconds it is `90`"#,
        r#"invalid-max | -1 | /tools/a/limits/1/max | `max` is negative | `0` lets nothing through"#,
        r#"unknown-scope | user | /tools/a/limits/1/scope | unknown scope `user` | did you mean `grant`?"#,
        r#"duplicate-counter | a | /tools/a/limits/2/counter | two limits have the counter `a` | each limit counts for itself; give this one a counter of its own"#,
        r#"unknown-window | 0 | /tools/a/limits/2/window | a window of `0` seconds | the seconds of a window are whole, from 1 to 2^32 - 1"#,
        r#"invalid-max | "10" | /tools/a/limits/2/max | `max` must be a number, not a string | -"#,
        r#"unknown-scope | tenant | /tools/a/limits/2/scope | unknown scope `tenant` | it is `grant`, `session` or `all`"#,
        r#"missing-key | { | /tools/a/limits/3 | a limit needs `counter` | -"#,
        r#"unknown-window | fortnight | /tools/a/limits/3/window | unknown window `fortnight` | it is `minute`, `hour`, `day` or a whole number of seconds"#,
        r#"invalid-max | 1e24 | /tools/a/limits/3/max | `max` is too large | it must be below 10^24"#,
        r#"invalid-path | amount | /tools/a/limits/3/increment_from | a path begins with `args.` | did you mean `args.amount`?"#,
        r#"unknown-window | "60" | /tools/a/limits/4/window | the seconds of a window are a number, without quotes | -"#,
        r#"invalid-path | [*] | /tools/a/limits/4/increment_from | an amount is one value, not one for every element | name one element, as in `args.items[0].price`"#,
        r#"unknown-window | true | /tools/a/limits/5/window | a window is a word or a number of seconds, not a boolean | it is `minute`, `hour`, `day` or a whole number of seconds"#,
        r#"invalid-max | null | /tools/a/limits/5/max | `max` must be a number, not null | -"#,
        r#"unknown-key | onDeny | /tools/a/limits/5/onDeny | unknown key `onDeny` | did you mean `on_deny`?"#,
        r#"duplicate-counter | rate_limit | /tools/a/rate_limit | two limits have the counter `rate_limit` | `rate_limit` counts with a counter of this name"#,
        r#"unknown-window | 1.5 | /tools/a/rate_limit/window | a window of `1.5` seconds | the seconds of a window are whole, from 1 to 2^32 - 1"#,
        r#"unknown-key | scope | /tools/a/rate_limit/scope | unknown key `scope` | `scope` belongs in a limit"#,
        r#"increment-in-all-tools | increment_from | /all_tools/limits/0/increment_from | limits of all tools count calls, and add no argument | put the limit under the tools that have the argument"#,
        r#"duplicate-counter | c | /all_tools/limits/1/counter | two limits have the counter `c` | each limit counts for itself; give this one a counter of its own"#,
        r#"unknown-key | deny_if | /all_tools/deny_if | unknown key `deny_if` | `deny_if` belongs in the rules of a tool, under `tools`"#,
    ]),
    (r#"{"version": "1", "default": "forbid", "tools": {"a": {"action": "aproval", "limits": [
       {"counter": "a", "window": "1h", "max": 1}, {"counter": "b", "window": "2 weeks", "max": 1}, {"counter": "c", "window": "mins", "max": 1}]}}}"#, &[
        r#"unknown-default | forbid | /default | unknown default `forbid` | did you mean `deny`?"#,
        r#"unknown-action | aproval | /tools/a/action | unknown action `aproval` | did you mean `require_approval`?"#,
        r#"unknown-window | 1h | /tools/a/limits/0/window | unknown window `1h` | did you mean `hour`?"#,
        r#"unknown-window | 2 weeks | /tools/a/limits/1/window | unknown window `2 weeks` | in seconds it is `1209600`"#,
        r#"unknown-window | mins | /tools/a/limits/2/window | unknown window `mins` | did you mean `minute`?"#,
    ]),
];
