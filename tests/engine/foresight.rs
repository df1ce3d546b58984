//! What two policies make of all calls, compared: that what is said is true of every call is held to random ones in
//! `properties`; here is what is said of some that people might write.

use cattlegrid::analyze::{Diff, diff};
use cattlegrid::model::Policy;
use cattlegrid::parse;
use cattlegrid::wire::call_text;

fn policy(text: &str) -> Policy {
    let parsed = parse::parse(text.as_bytes());
    parsed.policy.unwrap_or_else(|| panic!("{:#?} in {text}", parsed.diagnostics))
}

/// A policy of one tool `t` with these rules.
fn of(rules: &str) -> String {
    format!(r#"{{"version":"1","default":"deny","tools":{{"t":{{{rules}}}}}}}"#)
}

fn rule(list: &str, conditions: &[&str]) -> String {
    let conditions: Vec<String> = conditions
        .iter()
        .map(|condition| {
            let mut parts = condition.splitn(3, ' ');
            let (path, op) = (parts.next().unwrap(), parts.next().unwrap());
            format!(r#"{{"path":"args.{path}","op":"{op}","value":{}}}"#, parts.next().unwrap())
        })
        .collect();
    format!(r#""{list}":[{{"conditions":[{}]}}]"#, conditions.join(","))
}

fn compared(old: &str, new: &str, catalog: Option<&str>) -> Diff {
    let catalog = catalog.map(|text| parse::catalog(text.as_bytes()).unwrap());
    diff(&policy(old), &policy(new), catalog.as_ref())
}

/// What is said of the tool `t`: each change with the arguments of its witness, each doubt with its reason.
fn said(old: &str, new: &str, catalog: Option<&str>) -> Vec<String> {
    let diff = compared(old, new, catalog);
    let tool = diff.tools.iter().find(|tool| tool.tool.as_deref() == Some("t")).unwrap();
    let changes = tool.changes.iter().map(|change| {
        let call = call_text(&change.call);
        let arguments = call.strip_prefix(r#"{"tool":"t","arguments":"#).unwrap();
        let arguments = arguments.strip_suffix('}').unwrap();
        format!("{}-{} {arguments}", change.old.effect.as_str(), change.new.effect.as_str())
    });
    let unknown = tool
        .unknown
        .iter()
        .map(|doubt| format!("{}-{}? {}", doubt.from.as_str(), doubt.to.as_str(), doubt.why));
    changes.chain(unknown).collect()
}

#[track_caller]
fn says(old: &str, new: &str, expected: &[&str]) {
    assert_eq!(said(&of(old), &of(new), None), expected, "\n{old}\n{new}");
}

#[test]
fn numbers_are_exact_intervals() {
    let most = |most: &str| rule("require", &[&format!("n {most}")]);
    says(&most("lte 50000"), &most("lt 50000"), &["allow-deny {\"n\":50000}"]);
    says(&most("lt 1"), &most("lte 0.99"), &["allow-deny {\"n\":0.991}"]);
    says(&most("lte 5"), &most("lte 5.0"), &[]);
    says(
        &most("gt 9007199254740992"),
        &most("gte 9007199254740993"),
        &["allow-deny {\"n\":9007199254740992.1}"],
    );
    // What errs is denied by both lists, and what is missing by one.
    says(&most("lte 5"), &rule("deny_if", &["n gt 5"]), &["deny-allow {}"]);
}

#[test]
fn a_text_equals_the_number_that_it_reads() {
    let is = |value: &str| rule("require", &[&format!("v {value}")]);
    says(&is("eq 5"), &is("eq \"5\""), &[]);
    says(&is("eq 5"), &is("in [5, \"5.0\"]"), &["deny-allow {\"v\":\"5.0\"}"]);
    says(&is("eq true"), &is("regex \"^true$\""), &["allow-deny {\"v\":true}"]);
    says(&is("in [\"a\", \"b\"]"), &is("regex \"^(a|b)$\""), &[]);
}

#[test]
fn patterns_are_compared_by_what_they_find() {
    let finds = |pattern: &str| rule("require", &[&format!("v regex \"{pattern}\"")]);
    says(&finds("^cus_[0-9]+$"), &finds("^cus_[0-9]{1,}$"), &[]);
    says(&finds("^cus_[0-9]+$"), &finds("^cus_"), &["deny-allow {\"v\":\"cus_\"}"]);
    says(
        &finds("@example\\\\.com$"),
        &finds("@example.com$"),
        &["deny-allow {\"v\":\"@exampleacom\"}"],
    );
    says(
        &finds("prod"),
        &rule("require", &["v contains \"prod\""]),
        &["deny-allow {\"v\":[\"prod\"]}"],
    );
    let huge = said(&of(&finds("(a|b)*a(a|b){15}$")), &of(&finds("(b|a)*a(a|b){15}$")), None);
    assert!(huge.iter().all(|one| one.contains('?')) && !huge.is_empty(), "{huge:?}");
}

#[test]
fn elements_any_or_every() {
    let every = |test: &str| rule("require", &[&format!("l[*] {test}")]);
    says(&every("lte 5"), &every("lte 6"), &["deny-allow {\"l\":[6]}"]);
    says(&every("lte 5"), &rule("require", &["l[0] lte 5"]), &["deny-allow {\"l\":[0,6]}"]);
    says(
        &rule("deny_if", &["l[*] eq \"x\""]),
        &rule("deny_if", &["l contains \"x\""]),
        &["allow-deny {\"l\":0}"],
    );
    says(
        &rule("deny_if", &["l[*].a eq 1"]),
        &rule("deny_if", &["l[0].a eq 1"]),
        &["deny-allow {\"l\":[0,{\"a\":1}]}"],
    );
}

#[test]
fn a_value_and_what_is_in_it() {
    let is = |value: &str| rule("require", &[&format!("o eq {value}")]);
    says(&is("{\"a\":1}"), &is("{\"a\":\"1\"}"), &[]);
    says(
        &is("{\"a\":1}"),
        &rule("require", &["o.a eq 1"]),
        &["deny-allow {\"o\":{\"a\":1,\"other\":null}}"],
    );
    says(
        &is("[1,2]"),
        &rule("require", &["o[0] eq 1", "o[1] eq 2"]),
        &["deny-allow {\"o\":[1,2,0]}"],
    );
    // Of a text nothing is in it.
    let both = rule("require", &["o.a exists true", "o regex \"x\""]);
    says("\"action\":\"deny\"", &both, &[]);
}

#[test]
fn holds_and_amounts_are_effects_too() {
    let asks = rule("require_approval_if", &["n gt 5"]);
    says(&asks, &rule("deny_if", &["n gt 5"]), &["hold-deny {\"n\":6}"]);
    says(&asks, "", &["deny-allow {\"n\":\"\"}", "hold-allow {\"n\":6}"]);
    let counted = |max: u32| {
        format!(
            r#""limits":[{{"counter":"c","window":"day","max":{max},"increment_from":"args.n"}}]"#
        )
    };
    says(&counted(5), &counted(6), &["deny-allow {\"n\":6}"]);
    says("", "\"rate_limit\":{\"max\":0,\"window\":60}", &["allow-deny {}"]);
}

#[test]
fn a_schema_leaves_out_what_does_not_fit() {
    let catalog = r#"[{"name":"t","inputSchema":{"type":"object","required":["n","kind"],"properties":{
        "n":{"type":"integer","minimum":1},"kind":{"enum":["a","b"]},
        "id":{"type":"string","pattern":"^x","maxLength":2}}}}]"#;
    let fits = |old: &str, new: &str| said(&of(old), &of(new), Some(catalog));
    let most = |most: &str| rule("require", &[&format!("n {most}")]);
    assert_eq!(fits(&most("lt 6"), &most("lte 5")), Vec::<String>::new());
    assert_eq!(fits(&most("lt 6"), &most("lte 4")), [r#"allow-deny {"kind":"a","n":5}"#]);
    assert_eq!(fits(&most("gt 0"), &most("gte -3")), Vec::<String>::new());
    let kind = rule("require", &["kind in [\"a\",\"b\"]"]);
    assert_eq!(fits("", &kind), Vec::<String>::new());
    assert_eq!(fits("", &rule("deny_if", &["id regex \"...\""])), Vec::<String>::new());
    assert_eq!(
        fits("", &rule("deny_if", &["id regex \"..\""])),
        [r#"allow-deny {"id":"xa","kind":"a","n":1}"#]
    );
}

#[test]
fn a_witness_has_what_its_schema_wants_within_lists() {
    let catalog = r#"[{"name":"t","inputSchema":{"type":"object","required":["l"],"properties":{
        "l":{"type":"array","minItems":1,"items":{"type":"object","required":["id"],
            "properties":{"id":{"enum":["x"]}}}}}}}]"#;
    let denied = said(&of(""), &of("\"action\":\"deny\""), Some(catalog));
    assert_eq!(denied, [r#"allow-deny {"l":[{"id":"x"}]}"#]);
}

#[test]
fn tools_that_nobody_names_are_one() {
    let diff = compared(
        r#"{"version":"1","default":"deny","hide":["h"]}"#,
        r#"{"version":"1","default":"allow","all_tools":{"deny_if":[{"conditions":[{"path":"args.a","op":"eq","value":1}]}]}}"#,
        None,
    );
    let named: Vec<Option<&str>> = diff.tools.iter().map(|tool| tool.tool.as_deref()).collect();
    assert_eq!(named, [Some("h"), None]);
    for tool in &diff.tools {
        assert_eq!(tool.changes.len(), 1);
        assert!(tool.is_loosened() && !tool.is_tightened());
    }
    assert!(diff.is_loosened() && !diff.is_same() && !diff.may_be_loosened());
}

#[test]
fn what_calls_before_decide_is_compared_as_it_is_written() {
    let asked = |value: u32| {
        let limit = r#""limits":[{"counter":"c","window":"day","max":9}]"#;
        of(&format!(
            r#"{limit},"preconditions":[{{"tool":"t","counter":"c","op":"gte","value":{value}}}]"#
        ))
    };
    let diff = compared(&asked(1), &asked(2), None);
    assert!(diff.may_be_loosened() && !diff.is_loosened());
    let without = of(r#""limits":[{"counter":"c","window":"day","max":9}]"#);
    assert!(compared(&asked(1), &without, None).is_loosened());
    assert!(compared(&asked(1), &asked(1), None).is_same());
}

#[test]
fn many_conditions_are_told_apart_soon() {
    let conditions: Vec<String> = (0..14).map(|n| format!("a{n} in [\"x\", {n}]")).collect();
    let each = |list: &str| {
        let rules = conditions.iter().map(|one| {
            let whole = rule(list, &[one]);
            whole.split_once('[').unwrap().1.strip_suffix(']').unwrap().to_owned()
        });
        format!("\"{list}\":[{}]", rules.collect::<Vec<_>>().join(","))
    };
    says(&each("require"), &each("require"), &[]);
    // Satisfied one by one and all together are the same.
    let all: Vec<&str> = conditions.iter().map(String::as_str).collect();
    says(&each("require"), &rule("require", &all), &[]);
    let denied = said(&of(&each("deny_if")), &of(&rule("deny_if", &all)), None);
    assert!(denied.len() == 1 && denied[0].starts_with("deny-allow {\"a"), "{denied:?}");
}
