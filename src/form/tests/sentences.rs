use super::*;

/// `condition` is `path op value`.
fn rule(kind: &str, conditions: &[&str]) -> String {
    let one = |condition: &&str| {
        let mut parts = condition.splitn(3, ' ');
        let mut part = || parts.next().unwrap();
        let (path, operator, value) = (part(), part(), part());
        let path = crate::json::quote(&format!("args{path}"));
        format!(r#"{{"path": {path}, "op": "{operator}", "value": {value}}}"#)
    };
    let conditions: Vec<String> = conditions.iter().map(one).collect();
    pay(&format!(r#""{kind}": [{{"conditions": [{}]}}]"#, conditions.join(", ")))
}

fn sentence(kind: &str, conditions: &[&str]) -> String {
    let form = form_of(&rule(kind, conditions), Some("pay"), None);
    let rules = [form.require, form.deny_if, form.require_approval_if].concat();
    rules[0].sentence.clone().unwrap()
}

#[test]
fn every_operator_has_its_words() {
    for (condition, expected) in [
        (".a exists true", "`a` is given"),
        (".a exists false", "`a` is missing or null"),
        (".a eq 1234", "`a` is 1234"),
        (".a eq \"eu\"", "`a` is \"eu\""),
        (".a eq true", "`a` is true"),
        (".a eq null", "`a` is null"),
        (".a eq {\"b\": [1, 2.50]}", "`a` is {\"b\":[1,2.50]}"),
        (".a neq \"\"", "`a` is not \"\""),
        (".a in [\"eu\"]", "`a` is \"eu\""),
        (".a in [\"eu\", 2]", "`a` is one of \"eu\" or 2"),
        (".a in [1, 2, 3]", "`a` is one of 1, 2 or 3"),
        (".a in [1, 2, 3, 4, 5, 6]", "`a` is one of 1, 2, 3, 4, 5 or 6"),
        (".a in [1, 2, 3, 4, 5, 6, 7, 8]", "`a` is one of 1, 2, 3, 4, 5, 6 or 2 more"),
        (".a in []", "`a` is in an empty list"),
        (".a not_in [\"eu\"]", "`a` is not \"eu\""),
        (".a not_in [\"eu\", \"us\"]", "`a` is none of \"eu\" or \"us\""),
        (".a not_in []", "`a` is given, as null or anything else"),
        (".a lt 5", "`a` is under 5"),
        (".a lte 50000", "`a` is at most 50,000"),
        (".a gt -1234567.5", "`a` is over -1,234,567.5"),
        (".a gte 1e6", "`a` is at least 1e6"),
        (".a gte 0.12345", "`a` is at least 0.12345"),
        (".a regex \"^eu-\\\\d+$\"", "`a` matches `^eu-\\d+$`"),
        (".a contains \"x\"", "`a` contains \"x\""),
        (".a contains 1000", "`a` contains 1000"),
    ] {
        assert_eq!(sentence("deny_if", &[condition]), format!("Denied when {expected}."));
        let form = form_of(&rule("deny_if", &[condition]), Some("pay"), None);
        let alone = form.deny_if[0].conditions[0].sentence.clone().unwrap();
        assert_eq!(alone, format!("{expected}."));
    }
    let said: Vec<&str> = crate::model::Test::OPERATORS.to_vec();
    assert_eq!(said.len(), 11, "another operator needs words");
}

#[test]
fn every_path_has_its_words() {
    for (path, denied, required) in [
        (".a.b", "`a.b`", "`a.b`"),
        (".a[0].b", "`a[0].b`", "`a[0].b`"),
        ("[\"a.b\"].c", "`[\"a.b\"].c`", "`[\"a.b\"].c`"),
        (".tags[*]", "some element of `tags`", "every element of `tags`"),
        (
            ".items[*].price",
            "`price` of some element of `items`",
            "`price` of every element of `items`",
        ),
        (".a[*].b.c[0]", "`b.c[0]` of some element of `a`", "`b.c[0]` of every element of `a`"),
        (
            ".a[*][\"x.y\"]",
            "`[\"x.y\"]` of some element of `a`",
            "`[\"x.y\"]` of every element of `a`",
        ),
        (
            ".a[*].b[*].c",
            "`c` of some element of `b` of some element of `a`",
            "`c` of every element of `b` of every element of `a`",
        ),
        (
            ".a[*][*]",
            "some element of some element of `a`",
            "every element of every element of `a`",
        ),
    ] {
        let condition = format!("{path} gt 1");
        for (kind, expected) in [
            ("deny_if", format!("Denied when {denied} is over 1.")),
            ("require_approval_if", format!("Needs approval when {denied} is over 1.")),
            ("require", format!("Denied unless {required} is over 1.")),
        ] {
            assert_eq!(sentence(kind, &[&condition]), expected);
        }
    }
    let form = form_of(&rule("deny_if", &[".tags[*] eq 1"]), Some("pay"), None);
    let alone = form.deny_if[0].conditions[0].sentence.as_deref();
    assert_eq!(alone, Some("Some element of `tags` is 1."));
}

#[test]
fn every_kind_of_rule_has_its_words() {
    let many: Vec<String> = (0..9).map(|n| format!(".a{n} eq {n}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    for (kind, conditions, expected) in [
        ("require", vec![], "Denies nothing: it has no conditions."),
        ("deny_if", vec![], "Every call is denied."),
        ("require_approval_if", vec![], "Every call needs approval."),
        (
            "require",
            vec![".a lte 5", ".b exists true"],
            "Denied unless `a` is at most 5 and `b` is given.",
        ),
        (
            "deny_if",
            vec![".a eq 1", ".b in [1, 2]", ".c lt 3"],
            "Denied when `a` is 1 and `b` is one of 1 or 2 and `c` is under 3.",
        ),
        ("require_approval_if", vec![".a gt 10000"], "Needs approval when `a` is over 10,000."),
        (
            "deny_if",
            many[..7].to_vec(),
            "Denied when `a0` is 0 and `a1` is 1 and `a2` is 2 and `a3` is 3 and `a4` is 4 and `a5` is 5 and 1 more condition holds.",
        ),
        (
            "require",
            many.clone(),
            "Denied unless `a0` is 0 and `a1` is 1 and `a2` is 2 and `a3` is 3 and `a4` is 4 and `a5` is 5 and 3 more conditions hold.",
        ),
    ] {
        assert_eq!(sentence(kind, &conditions), expected);
    }
    let text = r#"{"version":"1","default":"deny","all_tools":{"limits":[{"counter":"all","window":"day","max":1}]},"tools":{
        "pay":{"preconditions":[{"tool":"sum","counter":"n","op":"gte","value":1},{"counter":"all","op":"lt","value":2000,"on_deny":"no"}]},
        "sum":{"limits":[{"counter":"n","window":"day","max":1}]}}}"#;
    let form = form_of(text, Some("pay"), None);
    let sentences: Vec<_> = form.preconditions.iter().map(|one| one.sentence.as_deref()).collect();
    assert_eq!(
        sentences,
        [
            Some("Denied unless what `n` of `sum` has counted is at least 1."),
            Some("Denied unless what `all` of all tools has counted is under 2,000."),
        ]
    );
    assert_eq!(form.preconditions[1].on_deny.as_deref(), Some("no"));
}

/// What stands in a policy cannot be taken for a part of the sentence, nor turn it around.
#[test]
fn what_is_shown_is_seen() {
    let long = "x".repeat(500);
    for (condition, expected) in [
        (format!(".a eq \"{long}\""), format!("`a` is \"{}…\"", &long[..39])),
        (format!(".a eq {}", "7".repeat(300)), format!("`a` is {}…", "7".repeat(40))),
        (format!(".a gt {}", "7".repeat(300)), format!("`a` is over {}…", "777,".repeat(10))),
        (format!(".{long} eq 1"), format!("`{}…` is 1", &long[..60])),
        (".a eq \"é\u{202e}\\n`\"".to_owned(), "`a` is \"é\\u202e\\n`\"".to_owned()),
        (".\u{202e}x[*] eq 1".to_owned(), "some element of `\\u{202e}x` is 1".to_owned()),
        (".a regex \"\u{200b}\"".to_owned(), "`a` matches `\\u{200b}`".to_owned()),
    ] {
        assert_eq!(sentence("deny_if", &[&condition]), format!("Denied when {expected}."));
    }
    // As long as the longest that is shown whole.
    let whole = "x".repeat(38);
    assert_eq!(
        sentence("deny_if", &[&format!(".a eq \"{whole}\"")]),
        format!("Denied when `a` is \"{whole}\".")
    );
}

#[test]
fn every_limit_has_its_words() {
    let limits = |limit: &str| {
        let text = pay(&format!(r#""limits": [{{"counter": "n", {limit}}}]"#));
        form_of(&text, Some("pay"), None).limits[0].sentence.clone().unwrap()
    };
    for (limit, expected) in [
        (r#""window": "minute", "max": 10"#, "At most 10 calls a minute, for each grant."),
        (
            r#""window": "hour", "max": 1, "scope": "session""#,
            "At most 1 call an hour, for each session.",
        ),
        (
            r#""window": "day", "max": 5000, "scope": "all""#,
            "At most 5,000 calls a day, for everybody.",
        ),
        (r#""window": 60, "max": 0"#, "At most 0 calls a minute, for each grant."),
        (r#""window": 1, "max": 2"#, "At most 2 calls a second, for each grant."),
        (r#""window": 90, "max": 2"#, "At most 2 calls every 90 seconds, for each grant."),
        (r#""window": 300, "max": 2"#, "At most 2 calls every 5 minutes, for each grant."),
        (r#""window": 7200, "max": 2"#, "At most 2 calls every 2 hours, for each grant."),
        (r#""window": 604800, "max": 2"#, "At most 2 calls every 7 days, for each grant."),
        (
            r#""window": "day", "max": 5000, "scope": "all", "increment_from": "args.amount""#,
            "At most 5,000 of `amount` a day, for everybody.",
        ),
        (
            r#""window": "day", "max": 1, "increment_from": "args.items[0].price""#,
            "At most 1 of `items[0].price` a day, for each grant.",
        ),
        (
            r#""window": "day", "max": 1234.5678, "increment_from": "args.a""#,
            "At most 1,234.5678 of `a` a day, for each grant.",
        ),
    ] {
        assert_eq!(limits(limit), expected);
    }
    let text = pay(r#""rate_limit": {"max": 10, "window": 60}"#);
    let rate_limit = form_of(&text, Some("pay"), None).rate_limit.unwrap();
    assert_eq!(
        rate_limit.sentence.as_deref(),
        Some("At most 10 calls a minute, for each session.")
    );
    let text = r#"{"version":"1","default":"deny","all_tools":{"limits":[{"counter":"c","window":"minute","max":60}]}}"#;
    let all = form_of(text, None, None);
    let sentence = all.limits[0].sentence.as_deref();
    assert_eq!(sentence, Some("At most 60 calls of all tools together a minute, for each grant."));
}

#[test]
fn every_state_has_its_words() {
    const RULE: &str = r#"{"conditions":[{"path":"args.a","op":"eq","value":1}]}"#;
    const LIMIT: &str = r#"{"counter":"n","window":"day","max":1}"#;
    for (default, rest, expected) in [
        ("deny", "", "Not listed, so every call is denied."),
        ("allow", "", "Not listed, so every call is allowed."),
        ("allow", r#","hide":["*"]"#, "Hidden: the agent does not see it, and no call passes."),
        ("deny", r#","tools":{"pay":{}}"#, "Every call is allowed."),
        ("deny", r#","tools":{"pay":{"action":"deny"}}"#, "Every call is denied."),
        ("deny", r#","tools":{"pay":{"deny_if":[{"conditions":[]}]}}"#, "Every call is denied."),
        ("deny", r#","tools":{"pay":{"action":"require_approval"}}"#, "Every call needs approval."),
        (
            "deny",
            r#","tools":{"pay":{"deny_if":[R,R],"limits":[L]}}"#,
            "Calls are allowed, within its 2 rules and limit.",
        ),
        (
            "deny",
            r#","tools":{"pay":{"require":[R],"rate_limit":{"max":1,"window":1},"limits":[L]}}"#,
            "Calls are allowed, within its rule and 2 limits.",
        ),
        (
            "deny",
            r#","tools":{"pay":{"action":"require_approval","limits":[L]}}"#,
            "Calls need approval, within its limit.",
        ),
        (
            "deny",
            r#","tools":{"pay":{}},"all_tools":{"limits":[L]}"#,
            "Every call is allowed, within the limits for all tools.",
        ),
        (
            "allow",
            r#","all_tools":{"limits":[L]}"#,
            "Not listed, so every call is allowed, within the limits for all tools.",
        ),
        (
            "allow",
            r#","all_tools":{"require":[R],"limits":[L]}"#,
            "Calls are allowed, within the rules and limits for all tools.",
        ),
        (
            "deny",
            r#","tools":{"pay":{"require":[R]}},"all_tools":{"deny_if":[R]}"#,
            "Calls are allowed, within its rule and the rules for all tools.",
        ),
        (
            "allow",
            r#","all_tools":{"deny_if":[{"conditions":[]}]}"#,
            "Every call is denied, by a rule for all tools.",
        ),
    ] {
        let rest = rest.replace('R', RULE).replace("[L]", &format!("[{LIMIT}]"));
        let text = format!(r#"{{"version":"1","default":"{default}"{rest}}}"#);
        assert_eq!(form_of(&text, Some("pay"), None).sentence.as_deref(), Some(expected), "{text}");
    }
}
