use super::*;
use crate::diagnostic::{Fix, apply};
use crate::parse::{catalog, parse};

const CATALOG: &str = r#"[{"name":"echo"},{"name":"sum"},{"name":"pay"}]"#;

/// The text after a change, or why it cannot be made.
fn changed(text: &str, change: &str) -> String {
    let change = Change::from_text(change.as_bytes()).unwrap();
    let catalog = catalog(CATALOG.as_bytes()).unwrap();
    match edit(text, &parse(text.as_bytes()), Some(&catalog), &change) {
        Ok(Edited { edits, .. }) => {
            let fix = Fix { title: String::new(), edits, safe: true };
            let mended = apply(text, [&fix]);
            assert_eq!(mended.made.len(), 1);
            mended.text
        }
        Err(why) => format!("! {why}"),
    }
}

fn put(pointer: &str, json: &str) -> String {
    let quoted = crate::json::quote(json);
    format!(r#"{{"kind":"put","pointer":"{pointer}","json":{quoted}}}"#)
}

fn at(kind: &str, pointer: &str) -> String {
    format!(r#"{{"kind":"{kind}","pointer":"{pointer}"}}"#)
}

fn state(state: &str, tools: &[&str]) -> String {
    format!(r#"{{"kind":"state","state":"{state}","tools":{tools:?}}}"#)
}

#[track_caller]
fn case(text: &str, change: &str, expected: &str) {
    assert_eq!(changed(text, change), expected, "{change}");
}

const RULE: &str = r#"{"conditions":[{"path":"args.n","op":"gt","value":5}]}"#;

#[test]
fn what_is_new_is_laid_out_as_what_is_there() {
    // On one line, with and without spaces.
    let change = put("/tools/echo/deny_if/-", RULE);
    case(
        r#"{"version":"1","tools":{"echo":{}}}"#,
        &change,
        r#"{"version":"1","tools":{"echo":{"deny_if":[{"conditions":[{"path":"args.n","op":"gt","value":5}]}]}}}"#,
    );
    case(
        r#"{"version": "1", "tools": {"echo": {"limits": []}}}"#,
        &change,
        r#"{"version": "1", "tools": {"echo": {"deny_if": [{"conditions": [{"path": "args.n", "op": "gt", "value": 5}]}], "limits": []}}}"#,
    );
    // Lines of its own, by tabs, with the ends of lines of the text.
    case(
        "{\r\n\t\"version\": \"1\",\r\n\t\"tools\": {\r\n\t\t\"echo\": {\r\n\t\t\t\"action\": \"deny\"\r\n\t\t}\r\n\t}\r\n}",
        &change,
        "{\r\n\t\"version\": \"1\",\r\n\t\"tools\": {\r\n\t\t\"echo\": {\r\n\t\t\t\"action\": \"deny\",\r\n\t\t\t\"deny_if\": [\r\n\t\t\t\t{\r\n\t\t\t\t\t\"conditions\": [\r\n\t\t\t\t\t\t{\r\n\t\t\t\t\t\t\t\"path\": \"args.n\",\r\n\t\t\t\t\t\t\t\"op\": \"gt\",\r\n\t\t\t\t\t\t\t\"value\": 5\r\n\t\t\t\t\t\t}\r\n\t\t\t\t\t]\r\n\t\t\t\t}\r\n\t\t\t]\r\n\t\t}\r\n\t}\r\n}",
    );
}

/// Where the canonical form was, the canonical form is.
#[test]
fn a_canonical_text_stays_one() {
    let text = r#"{
  "version": "1",
  "default": "deny",
  "hide": ["sum"],
  "tools": {
    "echo": { "limits": [{ "counter": "n", "window": "minute", "max": 2 }] },
    "pay": {
      "deny_if": [
        {
          "conditions": [{ "path": "args.region", "op": "in", "value": ["eu", "us"] }],
          "on_deny": "Payments are made in other regions only."
        }
      ]
    },
    "other": {}
  },
  "x-mine": { "b": 1, "a": [] }
}
"#;
    let limit = r#"{"counter":"m","window":"hour","max":100,"scope":"all"}"#;
    let region = r#"{"path":"args.region","op":"exists","value":true}"#;
    for change in [
        put("/tools/echo/deny_if/-", RULE),
        put("/tools/echo/limits/-", limit),
        put("/tools/echo/limits/0/max", "3"),
        put("/tools/echo/x-note", "\"why\""),
        put("/tools/other/limits/-", limit),
        put("/tools/other/deny_if/-", RULE),
        put("/tools/pay/deny_if/0/conditions/-", region),
        put("/tools/pay/deny_if/0/conditions/0/value/-", "\"a region with a name that is long\""),
        put("/tools/pay/require/-", RULE),
        put("/tools/new/require/-", RULE),
        put("/all_tools/limits/-", limit),
        put("/description", "\"é\\u202e\""),
        at("remove", "/tools/echo/limits/0"),
        at("remove", "/tools/pay/deny_if/0/on_deny"),
        at("remove", "/tools/pay"),
        at("remove", "/hide/0"),
        at("remove", "/x-mine"),
        state("hide", &["echo", "pay"]),
        state("allow", &["sum", "other"]),
        state("deny", &["echo", "other"]),
        state("approve", &["echo", "sum"]),
    ] {
        let changed = changed(text, &change);
        let policy = parse(changed.as_bytes()).policy.unwrap_or_else(|| panic!("{changed}"));
        assert_eq!(changed, crate::parse::print(&policy), "{change}");
        assert_ne!(changed, text, "{change}");
    }
}

/// What could stand on one line and does not says that nothing shall; what could not says nothing.
#[test]
fn lines_are_broken_where_they_are() {
    let text = |entry: &str| {
        format!("{{\n  \"version\": \"1\",\n  \"tools\": {{\n    \"echo\": {entry}\n  }}\n}}")
    };
    let change = put("/hide/-", "\"a\"");
    for (entry, hide) in [
        ("{}", "[\"a\"]"),
        ("{ \"action\": \"deny\" }", "[\"a\"]"),
        ("{\n      \"action\": \"deny\"\n    }", "[\n    \"a\"\n  ]"),
        (
            "{\n      \"deny_if\": [\n        { \"conditions\": [] }\n      ],\n      \"limits\": []\n    }",
            "[\"a\"]",
        ),
    ] {
        let text = text(entry);
        let expected = text.replace("\"tools\"", &format!("\"hide\": {hide},\n  \"tools\""));
        case(&text, &change, &expected);
    }
}

#[test]
fn what_is_not_changed_stays_as_it_is() {
    let text = "{ \"tools\" : {\"echo\":{ \"x-b\":1 ,\n\"deny_if\" : [ ] ,\"x-a\":[ 1,2 ]}\n,  \"pay\":\t{}} , \"version\":\"\\u0031\" }";
    case(
        text,
        &put("/tools/echo/deny_if/0/conditions/-", "1"),
        "{ \"tools\" : {\"echo\":{ \"x-b\":1 ,\n\"deny_if\" : [{ \"conditions\": [1] }] ,\"x-a\":[ 1,2 ]}\n,  \"pay\":\t{}} , \"version\":\"\\u0031\" }",
    );
    case(
        text,
        &at("remove", "/tools/echo/x-b"),
        "{ \"tools\" : {\"echo\":{ \"deny_if\" : [ ] ,\"x-a\":[ 1,2 ]}\n,  \"pay\":\t{}} , \"version\":\"\\u0031\" }",
    );
    // The value is there already.
    case(text, &put("/version", "\"1\""), text);
    case(text, &put("/tools/echo/x-a", "[1, 2]"), text);
    case(text, &put("/tools/echo/x-a", "[1.0, 2, 3]"), &text.replace("[ 1,2 ]", "[ 1.0,2,3 ]"));
    case(
        text,
        &put("/tools/echo", r#"{"x-a":[2],"x-b":1,"limits":[]}"#),
        "{ \"tools\" : {\"echo\":{ \"x-b\":1 ,\"x-a\":[ 2 ],\"limits\": []}\n,  \"pay\":\t{}} , \"version\":\"\\u0031\" }",
    );
}

#[test]
fn values_are_taken_away_with_their_commas() {
    let text = "[1, [2],\n {\"a\": 3, \"b\": 4} ,5]";
    for (pointer, expected) in [
        ("/0", "[[2],\n {\"a\": 3, \"b\": 4} ,5]"),
        ("/1", "[1,\n {\"a\": 3, \"b\": 4} ,5]"),
        ("/1/0", "[1, [],\n {\"a\": 3, \"b\": 4} ,5]"),
        ("/2/a", "[1, [2],\n {\"b\": 4} ,5]"),
        ("/2/b", "[1, [2],\n {\"a\": 3} ,5]"),
        ("/3", "[1, [2],\n {\"a\": 3, \"b\": 4}]"),
    ] {
        case(text, &at("remove", pointer), expected);
    }
}

/// A list of rules that is empty says nothing; a list of conditions that is empty says every call,
/// and the entry of a tool that it is listed.
#[test]
fn what_means_nothing_when_it_is_empty_goes_too() {
    let text = r#"{"hide":["a"],"tools":{"hide":{"deny_if":[{"conditions":[1]}],"x-a":[1]}},"all_tools":{"limits":[1]}}"#;
    for (pointer, gone, left) in [
        ("/hide/0", r#""hide":["a"],"#, ""),
        ("/tools/hide/deny_if/0", r#""deny_if":[{"conditions":[1]}],"#, ""),
        ("/tools/hide/deny_if/0/conditions/0", r#""conditions":[1]"#, r#""conditions":[]"#),
        ("/tools/hide/x-a/0", r#""x-a":[1]"#, r#""x-a":[]"#),
        ("/tools/hide", r#""hide":{"deny_if":[{"conditions":[1]}],"x-a":[1]}"#, ""),
        ("/all_tools/limits/0", r#","all_tools":{"limits":[1]}"#, ""),
    ] {
        assert!(text.contains(gone));
        case(text, &at("remove", pointer), &text.replace(gone, left));
    }
    let alone = r#"{"tools":{"hide":{"limits":[1]}}}"#;
    case(alone, &at("remove", "/tools/hide/limits/0"), r#"{"tools":{"hide":{}}}"#);
}

#[test]
fn values_move_among_their_siblings() {
    let text = "{\n  \"a\": [\n    { \"n\":  1 },\n    2,\n    3\n  ],\n  \"b\": {}\n}";
    let to =
        |pointer: &str, to: usize| format!(r#"{{"kind":"move","pointer":"{pointer}","to":{to}}}"#);
    case(
        text,
        &to("/a/0", 9),
        "{\n  \"a\": [\n    2,\n    3,\n    { \"n\":  1 }\n  ],\n  \"b\": {}\n}",
    );
    case(
        text,
        &to("/a/2", 0),
        "{\n  \"a\": [\n    3,\n    { \"n\":  1 },\n    2\n  ],\n  \"b\": {}\n}",
    );
    case(text, &to("/a/1", 1), text);
    case(
        text,
        &to("/b", 0),
        "{\n  \"b\": {},\n  \"a\": [\n    { \"n\":  1 },\n    2,\n    3\n  ]\n}",
    );
}

#[test]
fn members_get_another_key() {
    let rename = |pointer: &str, to: &str| {
        format!(r#"{{"kind":"rename","pointer":"{pointer}","to":"{to}"}}"#)
    };
    let text = r#"{"tools" : {"a\u002fb" : 1, "c": 2}}"#;
    case(text, &rename("/tools/a~1b", "a~b"), r#"{"tools" : {"a~b" : 1, "c": 2}}"#);
    case(text, &rename("/tools/a~1b", "a/b"), text);
    case(text, &rename("/tools/a~1b", "c"), "! there is a `c` already");
    case(text, &rename("/tools/x", "y"), "! there is nothing at `/tools/x`");
    case("[1]", &rename("/0", "y"), "! there is nothing at `/0`");
}

#[test]
fn what_asks_about_a_tool_follows_its_name() {
    let text = r#"{"all_tools": {"preconditions": [{"tool": "a/b", "counter": "n"}]},
  "tools": {
    "a/b": {"preconditions": [{"counter": "m"}, {"tool":"a\u002fb", "counter": "m"}]},
    "c": {"preconditions": [{"tool": "c"}, {"tool": "a/b" , "counter": "n"}], "x-tool": "a/b"}
  }}"#;
    let renamed = r#"{"kind":"rename","pointer":"/tools/a~1b","to":"d~"}"#;
    case(
        text,
        renamed,
        r#"{"all_tools": {"preconditions": [{"tool": "d~", "counter": "n"}]},
  "tools": {
    "d~": {"preconditions": [{"counter": "m"}, {"tool":"d~", "counter": "m"}]},
    "c": {"preconditions": [{"tool": "c"}, {"tool": "d~" , "counter": "n"}], "x-tool": "a/b"}
  }}"#,
    );
    let notes = |text: &str, change: &str| {
        let change = Change::from_text(change.as_bytes()).unwrap();
        edit(text, &parse(text.as_bytes()), None, &change).unwrap().notes
    };
    assert_eq!(notes(text, renamed), ["the 3 preconditions that ask about it name `d~` now"]);
    let one = r#"{"tools":{"a":{"preconditions":[{"tool":"b","counter":"n"}]},"b":{}}}"#;
    let change = |from: &str, to: &str| {
        format!(r#"{{"kind":"rename","pointer":"/tools/{from}","to":"{to}"}}"#)
    };
    assert_eq!(
        notes(one, &change("b", "e")),
        ["the precondition that asks about it names `e` now"]
    );
    assert_eq!(notes(one, &change("b", "b")), [""; 0]);
    assert_eq!(notes(one, &change("a", "e")), [""; 0]);
}

#[test]
fn says_why_a_change_cannot_be_made() {
    let deny = r#"{"version":"1","default":"deny"}"#;
    let all = r#"{"version":"1","default":"allow","all_tools":{"deny_if":[{"conditions":[]}]}}"#;
    let asked = r#"{"version":"1","default":"deny","tools":{
        "echo":{"limits":[{"counter":"n","window":"day","max":1}]},
        "pay":{"preconditions":[{"tool":"echo","counter":"n","op":"gt","value":0}]}}}"#;
    for (text, change, why) in [
        ("", put("/a", "1"), "the text is empty: start with a policy"),
        (" \n", put("/a", "1"), "the text is empty: start with a policy"),
        (
            "{,}",
            put("/a", "1"),
            "the text is not valid json: mend it first, or this change could end up in the wrong place",
        ),
        (
            deny,
            put("/version/a", "1"),
            "what stands at `/version` has the wrong type, so nothing can be put into it",
        ),
        (deny, put("/hide/1", "1"), "the list has no place `1`"),
        (r#"{"hide":[]}"#, put("/hide/1", "1"), "the list has no place `/hide/1`"),
        (deny, put("hide", "1"), "there is nothing at `hide`"),
        (deny, at("remove", "/tools"), "there is nothing at `/tools`"),
        (deny, at("remove", ""), "the text as a whole cannot be removed or moved"),
        (
            "{}",
            state("deny", &["a"]),
            "say first, with `default`, what happens to tools that are not listed: `allow` or `deny`",
        ),
        (
            "[]",
            state("deny", &["a"]),
            "what stands at `` has the wrong type, so nothing can be put into it",
        ),
        (
            deny,
            state("hide", &["a", "*"]),
            "a tool that is called `*` cannot be hidden: in `hide` that means all tools",
        ),
        (deny, state("hide", &["a", " "]), "a tool without a name cannot stand in a policy"),
        (
            all,
            state("allow", &["a"]),
            "rules of `all_tools` hold for every tool, so this one cannot be allowed without a condition: change those first",
        ),
        (
            all,
            state("approve", &["a"]),
            "rules of `all_tools` hold for every tool, so this one cannot be left to a person alone: change those first",
        ),
        (
            asked,
            state("allow", &["echo"]),
            "preconditions ask what limits of `echo` have counted: remove those first",
        ),
    ] {
        case(text, &change, &format!("! {why}"));
    }
    let hidden = r#"{"version":"1","default":"deny","hide":["*"]}"#;
    let change = Change::State { tools: vec!["a".to_owned()], state: Wanted::Deny };
    let without = edit(hidden, &parse(hidden.as_bytes()), None, &change);
    assert_eq!(without, Err(EditFault::HidesAll));
}

#[test]
fn states_are_said_in_the_languages_words() {
    let text =
        |default: &str, rest: &str| format!(r#"{{"version":"1","default":"{default}"{rest}}}"#);
    let pay =
        r#","tools":{"pay":{"require":[{"conditions":[]}],"limits":[],"reason":"r","x-a":1}}"#;
    for (default, before, wanted, tools, after) in [
        ("deny", "", "deny", ["pay"], ""),
        ("deny", "", "hide", ["pay"], r#","hide":["pay"]"#),
        ("deny", "", "allow", ["pay"], r#","tools":{"pay":{}}"#),
        ("deny", "", "approve", ["pay"], r#","tools":{"pay":{"action":"require_approval"}}"#),
        ("allow", "", "deny", ["pay"], r#","tools":{"pay":{"action":"deny"}}"#),
        ("allow", "", "allow", ["pay"], ""),
        ("deny", r#","tools":{"pay":{}}"#, "deny", ["pay"], r#","tools":{}"#),
        (
            "deny",
            r#","tools":{"pay":{"action":"require_approval"}}"#,
            "deny",
            ["pay"],
            r#","tools":{}"#,
        ),
        (
            "allow",
            r#","tools":{"pay":{"action":"deny","reason":"r"}}"#,
            "allow",
            ["pay"],
            r#","tools":{}"#,
        ),
        ("deny", r#","hide":["pay","sum"]"#, "deny", ["pay"], r#","hide":["sum"]"#),
        ("deny", r#","hide":["pay"]"#, "allow", ["pay"], r#","tools":{"pay":{}}"#),
        ("deny", r#","hide":["pay"]"#, "hide", ["pay"], r#","hide":["pay"]"#),
        (
            "deny",
            r#","hide":["x","*"]"#,
            "allow",
            ["pay"],
            r#","hide":["x","echo","sum"],"tools":{"pay":{}}"#,
        ),
        (
            "deny",
            pay,
            "deny",
            ["pay"],
            r#","tools":{"pay":{"action":"deny","require":[{"conditions":[]}],"limits":[],"reason":"r","x-a":1}}"#,
        ),
        ("deny", pay, "allow", ["pay"], r#","tools":{"pay":{"x-a":1}}"#),
        (
            "deny",
            pay,
            "approve",
            ["pay"],
            r#","tools":{"pay":{"action":"require_approval","reason":"r","x-a":1}}"#,
        ),
    ] {
        case(&text(default, before), &state(wanted, &tools), &text(default, after));
    }
}

#[test]
fn says_what_it_took_away() {
    let text = r#"{"version":"1","default":"deny","tools":{
        "echo":{"require":[{"conditions":[]}],"limits":[{"counter":"n","window":"day","max":1}],"rate_limit":{"max":1,"window":1}},
        "pay":{"deny_if":[{"conditions":[]}]},"sum":{"action":"deny"}}}"#;
    let notes = |tools: &[&str], wanted| {
        let tools = tools.iter().map(|tool| (*tool).to_owned()).collect();
        let change = Change::State { tools, state: wanted };
        edit(text, &parse(text.as_bytes()), None, &change).unwrap().notes
    };
    assert_eq!(notes(&["echo"], Wanted::Allow), ["1 rule and 2 limits of `echo` are removed"]);
    assert_eq!(notes(&["pay"], Wanted::Approve), ["1 rule of `pay` is removed"]);
    assert_eq!(
        notes(&["pay", "echo", "sum"], Wanted::Allow),
        ["2 rules and 2 limits of 2 tools are removed"]
    );
    assert_eq!(notes(&["pay", "echo"], Wanted::Deny), [""; 0]);
    assert_eq!(notes(&["sum"], Wanted::Allow), [""; 0]);
}

#[test]
fn says_what_there_is_to_see() {
    let reveal = |text: &str, change: &str| {
        let change = Change::from_text(change.as_bytes()).unwrap();
        edit(text, &parse(text.as_bytes()), None, &change).unwrap().reveal
    };
    let text = r#"{"version":"1","default":"deny","hide":["b"],"tools":{"a/b":{"limits":[1,2]}}}"#;
    for (change, expected) in [
        (put("/tools/a~1b/limits/-", "3"), Some("/tools/a~1b/limits/2")),
        (put("/tools/c/limits/-/max", "3"), Some("/tools/c/limits/0/max")),
        (at("remove", "/tools/a~1b/limits/0"), Some("/tools/a~1b/limits")),
        (at("remove", "/hide/0"), Some("")),
        (state("hide", &["c"]), Some("/hide/1")),
        (state("allow", &["c/d"]), Some("/tools/c~1d")),
        (state("deny", &["c"]), None),
    ] {
        assert_eq!(reveal(text, &change).as_deref(), expected, "{change}");
    }
}

#[test]
fn changes_are_read_strictly() {
    for (text, why) in [
        ("[]", "a change is an object"),
        ("{", "expected a key in double quotes"),
        (r#"{"kind":"put"}"#, "`pointer` must be a string"),
        (r#"{"kind":"put","pointer":"/a"}"#, "a put needs a `value`, or its text as `json`"),
        (
            r#"{"kind":"put","pointer":"/a","value":1,"json":"1"}"#,
            "a put needs a `value`, or its text as `json`",
        ),
        (
            r#"{"kind":"put","pointer":"/a","json":"[1,]"}"#,
            "`json` is not valid json: a comma stands before the closing bracket",
        ),
        (r#"{"kind":"move","pointer":"/a","to":-1}"#, "`to` must be a place, from 0"),
        (r#"{"kind":"state","tools":"a","state":"deny"}"#, "`tools` must be a list of names"),
        (
            r#"{"kind":"state","tools":["a"],"state":"block"}"#,
            "`state` must be allow, deny, hide or approve",
        ),
        (r#"{"kind":"swap"}"#, "`kind` must be state, put, remove, move or rename"),
    ] {
        assert_eq!(Change::from_text(text.as_bytes()), Err(why.to_owned()), "{text}");
    }
}
