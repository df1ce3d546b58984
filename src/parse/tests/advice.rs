//! What is said to do, and what a machine would do, where a word more or less would send somebody wrong.

use super::*;

/// Of each diagnostic: help, and what the fix would make of the underlined line, `!` if it is safe.
fn advice(text: &str) -> Vec<String> {
    let one = |diagnostic: &Diagnostic| {
        let help = diagnostic.help.as_deref().unwrap_or("-");
        let fix = diagnostic.fix.as_ref().map_or("-".to_owned(), |fix| {
            let safe = if fix.safe { "! " } else { "" };
            let edits =
                fix.edits.iter().map(|edit| format!("{}→{}", edit.span.of(text), edit.text));
            format!("{safe}{}: {}", fix.title, edits.collect::<Vec<_>>().join(", "))
        });
        format!("{} | {help} | {fix}", diagnostic.code.as_str())
    };
    parse(text.as_bytes()).diagnostics.iter().map(one).collect()
}

/// A policy with these rules for one tool.
fn tool(rules: &str) -> String {
    format!(r#"{{"version":"1","default":"deny","tools":{{"t":{{{rules}}}}}}}"#)
}

fn condition(op: &str, value: &str) -> String {
    tool(&format!(
        r#""require":[{{"conditions":[{{"path":"args.a","op":"{op}","value":{value}}}]}}]"#
    ))
}

fn window(window: &str) -> String {
    tool(&format!(r#""limits":[{{"counter":"c","window":{window},"max":1}}]"#))
}

/// A policy with this JSON in a place that is the author's own.
fn json(value: &str) -> String {
    format!(r#"{{"version":"1","default":"deny","x-a":{value}}}"#)
}

const OPERATORS: &str = "unknown-operator | the operators are `exists`, `eq`, `neq`, `in`, `not_in`, `lt`, \
                         `lte`, `gt`, `gte`, `regex` and `contains` | -";
const QUOTES: &str = "syntax | texts and keys stand in double quotes | ";

#[test]
fn quotes_are_removed_only_from_what_stands_in_them_by_mistake() {
    for (text, expected) in [
        (condition("exists", r#""yes""#), "operator-value | - | -"),
        (
            condition("exists", r#""true""#),
            "operator-value | - | ! remove the quotes: \"true\"→true",
        ),
        (condition("lt", r#""many""#), "operator-value | - | -"),
        (condition("lt", r#""5""#), "operator-value | - | ! remove the quotes: \"5\"→5"),
    ] {
        assert_eq!(advice(&text), [expected], "{text}");
    }
}

#[test]
fn an_operator_is_not_taken_for_its_opposite_nor_for_anything_short() {
    for operator in ["hax", "not_contains", "doesnt_contain"] {
        assert_eq!(advice(&condition(operator, "1")), [OPERATORS], "{operator}");
    }
    let contains =
        "unknown-operator | did you mean `contains`? | ! replace by `contains`: contain→contains";
    assert_eq!(advice(&condition("contain", "1")), [contains]);
}

#[test]
fn windows_are_taken_for_what_they_say() {
    for (written, expected) in [
        (r#""h""#, "did you mean `hour`? | ! replace by `hour`: h→hour"),
        (r#""d""#, "did you mean `day`? | ! replace by `day`: d→day"),
        (r#""days""#, "did you mean `day`? | replace by `day`: days→day"),
        (r#""2 days""#, "in seconds it is `172800` | ! replace by `172800`: \"2 days\"→172800"),
        (r#""3h""#, "in seconds it is `10800` | ! replace by `10800`: \"3h\"→10800"),
        (r#""90 minutes""#, "in seconds it is `5400` | ! replace by `5400`: \"90 minutes\"→5400"),
        (r#""h3""#, "it is `minute`, `hour`, `day` or a whole number of seconds | -"),
    ] {
        let expected = format!("unknown-window | {expected}");
        assert_eq!(advice(&window(written)), [expected], "{written}");
    }
}

#[test]
fn a_condition_is_put_into_a_rule_only_if_it_is_one() {
    let of_condition = |key: &str| format!("unknown-key | `{key}` belongs in a condition | -");
    let rule = |rule: &str| advice(&tool(&format!(r#""require":[{rule}]"#)));
    let missing = "missing-key | - | -".to_owned();
    assert_eq!(rule(r#"{"path":"args.a"}"#), [missing, of_condition("path")]);
    assert_eq!(rule(r#"{"path":"args.a","conditions":[]}"#), [of_condition("path")]);
    assert_eq!(
        rule(r#"{"path":"args.a","op":"eq","conditions":[]}"#),
        [of_condition("path"), of_condition("op")]
    );
    assert_eq!(
        rule(r#"{"path":"args.a","op":"eq","value":1}"#),
        ["missing-key | a rule is `{\"conditions\": [...]}` | \
             ! put it into a rule: →{\"conditions\": [, →]}"]
    );
}

#[test]
fn keys_are_sent_where_they_belong() {
    for (key, place) in [
        ("default", "the policy itself"),
        ("conditions", "a rule, in `require`, `deny_if` or `require_approval_if`"),
        ("path", "a condition"),
        ("on_deny", "a rule, a precondition or a limit"),
        ("max", "a limit"),
    ] {
        let expected = format!("unknown-key | `{key}` belongs in {place} | -");
        assert_eq!(advice(&tool(&format!(r#""{key}":1"#))), [expected]);
    }
    // Only in `all_tools` a list is likely that of the limits.
    let rate = tool(r#""rate_limit":[{"max":1,"window":"day"}]"#);
    assert_eq!(advice(&rate), ["wrong-type | - | -"]);
}

#[test]
fn what_is_broken_or_blank_is_not_also_twice_there() {
    let limits = |counter: &str| {
        let limit = format!(r#"{{"counter":"{counter}","window":"day","max":1}}"#);
        tool(&format!(r#""limits":[{limit},{limit}]"#))
    };
    let escape =
        "syntax | a backslash itself is written `\\\\` | ! double the backslash: \\q→\\\\q";
    assert_eq!(advice(&limits(r"a\qb")), [escape, escape]);
    assert_eq!(advice(&limits(" ")), ["blank-name | - | -"; 2]);
}

#[test]
fn faults_of_json_are_mended_only_where_one_thing_is_meant() {
    let syntax = |rest: &str| vec![format!("syntax | {rest}")];
    for (value, expected) in [
        (r#""\u12""#, syntax("a backslash itself is written `\\\\` | -")),
        (
            r#""\q""#,
            syntax("a backslash itself is written `\\\\` | ! double the backslash: \\q→\\\\q"),
        ),
        ("[NaN]", syntax("json has no `NaN` | -")),
        ("[True]", syntax("did you mean `true`? | ! replace by `true`: True→true")),
        ("[None]", syntax("did you mean `null`? | ! replace by `null`: None→null")),
        ("{NaN: 1}", vec![format!("{QUOTES}! put it in double quotes: NaN→\"NaN\"")]),
        ("{True: 1}", vec![format!("{QUOTES}! put it in double quotes: True→\"True\"")]),
        ("{None: 1}", vec![format!("{QUOTES}! put it in double quotes: None→\"None\"")]),
        ("[ab]", vec![format!("{QUOTES}! put it in double quotes: ab→\"ab\"")]),
        ("[@]", syntax("- | -")),
        ("[1 2]", syntax("- | ! add the comma: →,")),
        ("[,1]", syntax("- | -")),
        (r#"{"a" 1}"#, syntax("- | ! add the colon: →:")),
    ] {
        assert_eq!(advice(&json(value)), expected, "{value}");
    }
    // A string that never ends is closed where its last word does, if it has one.
    assert_eq!(advice("{\"x-a\": \""), ["syntax | - | -"]);
    assert_eq!(advice("{\"x-a\": \"b"), ["syntax | - | close the string: →\""]);
}
