use super::*;

fn notes(rules: &str, catalog: Option<&Catalog>) -> Vec<Note> {
    let form = form_of(&pay(rules), Some("pay"), catalog);
    let rules = [form.require, form.deny_if, form.require_approval_if].concat();
    let limits = form.limits.into_iter().flat_map(|limit| limit.notes);
    rules.into_iter().flat_map(|rule| rule.notes).chain(limits).collect()
}

fn texts(notes: &[Note]) -> Vec<&str> {
    notes.iter().map(|note| note.text.as_str()).collect()
}

fn rule(kind: &str, path: &str, op: &str, value: &str) -> String {
    format!(
        r#""{kind}": [{{"conditions": [{{"path": "args.{path}", "op": "{op}", "value": {value}}}]}}]"#
    )
}

#[test]
fn says_what_is_not_checked() {
    let catalog = catalog();
    let tip = "Not checked when `tip` is missing.";
    for (kind, path, op, value, known, unknown) in [
        ("deny_if", "tip", "gt", "5", tip, tip),
        ("require_approval_if", "tip", "neq", "5", tip, tip),
        ("require", "tip", "lte", "5", "", ""),
        // The server takes no call without it; and without a catalog nobody knows.
        ("deny_if", "amount", "gt", "5", "", "Not checked when `amount` is missing."),
        ("deny_if", "discount", "gt", "5", "", "Not checked when `discount` is missing."),
        (
            "deny_if",
            "fee",
            "gt",
            "50",
            "Not checked when `fee` is missing; the server takes 90 for it then.",
            "Not checked when `fee` is missing.",
        ),
        ("deny_if", "tip", "exists", "true", "", ""),
        ("deny_if", "tip", "exists", "false", "", ""),
        ("deny_if", "gift", "eq", "true", "", ""),
        ("deny_if", "nothing", "gt", "5", "", "Not checked when `nothing` is missing."),
        (
            "deny_if",
            "anything.x",
            "gt",
            "5",
            "Not checked when `anything.x` is missing.",
            "Not checked when `anything.x` is missing.",
        ),
        (
            "deny_if",
            "items[*].price",
            "gt",
            "5",
            "Not checked when `price` of some element of `items` is missing.",
            "Not checked when `price` of some element of `items` is missing.",
        ),
    ] {
        let rule = rule(kind, path, op, value);
        for (catalog, expected) in [(Some(&catalog), known), (None, unknown)] {
            let found = notes(&rule, catalog);
            let expected: Vec<&str> =
                [expected].into_iter().filter(|text| !text.is_empty()).collect();
            assert_eq!(texts(&found), expected, "{rule}");
        }
    }
}

/// As the warning of the same, so that a note and the list of problems never contradict each other.
#[test]
fn notes_and_warnings_agree() {
    let catalog = catalog();
    let mut warned = 0;
    for path in ["amount", "tip", "fee", "discount", "gift", "items[*].price", "tags"] {
        for (op, value) in [
            ("gt", "5"),
            ("gt", "100"),
            ("eq", "true"),
            ("neq", "1"),
            ("in", "[1]"),
            ("not_in", "[90]"),
            ("exists", "true"),
            ("exists", "false"),
        ] {
            for more in [
                String::new(),
                rule("require", path, "exists", "true"),
                rule("require", path, "lte", "5"),
                r#""limits": [{"counter": "n", "window": "day", "max": 1, "increment_from": "args.tip"}]"#.to_owned(),
            ] {
                let rules = [rule("deny_if", path, op, value), more].join(",");
                let rules = rules.trim_end_matches(',');
                let text = pay(rules);
                let said = validate::check(text.as_bytes(), Some(&catalog)).diagnostics;
                let code = crate::diagnostic::Code::SilentWhenMissing;
                let warning = said.iter().any(|one| one.code == code);
                let noted = notes(rules, Some(&catalog));
                let noted = noted.iter().any(|note| note.text.starts_with("Not checked"));
                assert_eq!(warning, noted, "{rules}");
                warned += usize::from(warning);
            }
        }
    }
    assert!(warned > 20);
}

/// A fix makes its note go, and a call without the argument is denied.
#[test]
fn what_is_not_checked_can_be_made_required() {
    for (path, title) in
        [("tip", "make it required"), ("items[*].price", "make it required in every element")]
    {
        for catalog in [None, Some(&catalog())] {
            let text = pay(&rule("deny_if", path, "gt", "5"));
            let form = form_of(&text, Some("pay"), catalog);
            let fix = form.deny_if[0].notes[0].fix.clone().unwrap();
            assert_eq!(fix.title, title);
            let fix = DiagnosticFix { title: fix.title, edits: fix.edits, safe: false };
            let text = apply(&text, [&fix]).text;
            let form = form_of(&text, Some("pay"), catalog);
            assert_eq!(form.deny_if[0].notes, []);
            let condition = &form.require[0].conditions[0];
            let parts = [&condition.path, &condition.op, &condition.value]
                .map(|part| part.clone().unwrap());
            assert_eq!(parts, [format!("args.{path}"), "exists".to_owned(), "true".to_owned()]);
        }
    }
    // A note that no text can be edited for has no fix; rules for all tools are about many.
    let all = r#"{"version":"1","default":"deny","all_tools":{"deny_if":[{"conditions":[{"path":"args.tip","op":"gt","value":5}]}]}}"#;
    assert_eq!(form_of(all, None, None).deny_if[0].notes, []);
}

#[test]
fn says_that_a_limit_wants_its_argument() {
    let catalog = catalog();
    for (path, known, unknown) in [
        ("tip", vec!["A call without `tip` is denied."], vec!["A call without `tip` is denied."]),
        ("amount", vec![], vec!["A call without `amount` is denied."]),
        ("nothing", vec![], vec!["A call without `nothing` is denied."]),
    ] {
        let limit = format!(
            r#""limits": [{{"counter": "n", "window": "day", "max": 1, "increment_from": "args.{path}"}}]"#
        );
        assert_eq!(texts(&notes(&limit, Some(&catalog))), known);
        assert_eq!(texts(&notes(&limit, None)), unknown);
    }
}

#[test]
fn a_form_has_what_is_written() {
    let text = r#"{"version":"1","default":"deny","hide":["pay"],"tools":{"pay":{
        "action":"require_approval","reason":"why","x-mine":1,
        "require":[{"conditions":[{"path":"args.a","op":"lte","value":1.50e1}],"on_deny":"no"}],
        "preconditions":[],
        "limits":[{"counter":"n","window":"day","max":1e1,"scope":"all","on_deny":"full"}],
        "rate_limit":{"max":1,"window":60}}}}"#;
    let form = form_of(text, Some("pay"), None);
    assert!(form.listed && form.hidden);
    assert_eq!(form.pointer, "/tools/pay");
    assert_eq!(
        (form.action.as_deref(), form.reason.as_deref()),
        (Some("require_approval"), Some("why"))
    );
    assert_eq!(form.other, ["x-mine", "preconditions"]);
    assert_eq!(form.state.unwrap().0, ToolState::Hide);
    let rule = &form.require[0];
    assert_eq!(rule.pointer, "/tools/pay/require/0");
    assert_eq!(rule.label.as_deref(), Some("/tools/pay/require/args.a-lte"));
    assert_eq!(rule.on_deny.as_deref(), Some("no"));
    assert_eq!(rule.conditions[0].pointer, "/tools/pay/require/0/conditions/0");
    assert_eq!(rule.conditions[0].value.as_deref(), Some("1.50e1"));
    let limit = &form.limits[0];
    let written = [&limit.counter, &limit.window, &limit.max, &limit.scope, &limit.on_deny];
    let written = written.map(|one| one.as_deref().unwrap());
    assert_eq!(written, ["n", "\"day\"", "1e1", "all", "full"]);
    assert_eq!(form.rate_limit.unwrap().pointer, "/tools/pay/rate_limit");
    let star = r#"{"version":"1","default":"deny","hide":["*"]}"#;
    let other = form_of(star, Some("a/b~"), None);
    assert!(other.hidden && !other.listed && other.require.is_empty());
    assert_eq!(other.pointer, "/tools/a~1b~0");
    let all = form_of(star, None, None);
    assert!(!all.listed && !all.hidden && all.state.is_none() && all.sentence.is_none());
}

/// Of a text that is no policy a form has what was understood, and no sentence about what was not.
#[test]
fn what_was_not_understood_is_left_out() {
    let text = pay(r#""deny_if": [
            {"conditions": [{"path": "args.a", "op": "gtt", "value": 1}, {"path": "args.b", "op": "gt", "value": 1}]},
            {"conditions": [{"path": "args.c", "op": "gt", "value": 1}]},
            {"conditions": [{"path": "args.d", "op": "gt", "value": "1"}], "on_denny": "x"}, 5],
        "limits": [{"counter": "n", "window": "day"}, {"counter": "m", "window": "day", "max": 1}],
        "require": {}, "rate_limit": 5"#);
    let form = form_of(&text, Some("pay"), None);
    assert!(form.state.is_none() && form.sentence.is_none());
    let sentences: Vec<_> = form.deny_if.iter().map(|rule| rule.sentence.as_deref()).collect();
    assert_eq!(sentences, [None, Some("Denied when `c` is over 1."), None, None]);
    let [first, second, third, fourth] = form.deny_if.as_slice() else { panic!() };
    let sentences: Vec<_> = first.conditions.iter().map(|one| one.sentence.as_deref()).collect();
    assert_eq!(sentences, [None, Some("`b` is over 1.")]);
    assert_eq!(first.conditions[0].op.as_deref(), Some("gtt"));
    assert_eq!(third.conditions[0].value.as_deref(), Some("\"1\""));
    assert!(fourth.conditions.is_empty());
    let sentences: Vec<_> = form.limits.iter().map(|limit| limit.sentence.is_some()).collect();
    assert_eq!(sentences, [false, true]);
    assert!(form.rate_limit.unwrap().sentence.is_none());

    let parsed = parse::parse(text.as_bytes());
    let said = validate::said(&parsed, None).diagnostics;
    let about = |problems: &[usize]| {
        problems.iter().map(|at| said[*at].message.clone()).collect::<Vec<_>>()
    };
    assert_eq!(about(&first.problems), ["unknown operator `gtt`"]);
    assert_eq!(about(&second.problems), [""; 0]);
    assert_eq!(
        about(&third.problems),
        ["`gt` wants a number, not a string", "unknown key `on_denny`"]
    );
    assert_eq!(about(&fourth.problems), ["a rule must be an object, not a number"]);
    assert_eq!(about(&form.limits[0].problems), ["a limit needs `max`"]);
    assert_eq!(about(&form.problems), ["`require` must be a list, not an object"]);
}

#[test]
fn a_text_with_faults_has_forms_as_far_as_it_goes() {
    for (text, tool, deny_if) in [
        (r#"{"tools": {"pay": {"deny_if": [{"conditions": []}, {"cond"#, "pay", Some(2)),
        (r#"{"tools": {"pay": 5}"#, "pay", Some(0)),
        (r#"{"tools": []}"#, "pay", Some(0)),
        ("[]", "pay", None),
        ("", "pay", None),
    ] {
        let parsed = parse::parse(text.as_bytes());
        let form = form_in(text, &parsed, Some(tool), None);
        assert_eq!(form.map(|form| form.deny_if.len()), deny_if, "{text}");
    }
    // What stands in a rule with a fault might be something else.
    let text = r#"{"tools": {"pay": {"deny_if": [{"conditions": [{"path": "args.a", "op": "gt", "value": 1,}]}, {"conditions": []}]}}}"#;
    let form = form_of(text, Some("pay"), None);
    let sentences: Vec<_> = form.deny_if.iter().map(|rule| rule.sentence.as_deref()).collect();
    assert_eq!(sentences, [None, Some("Every call is denied.")]);
}

#[test]
fn the_table_has_what_the_server_has_and_what_the_policy_names() {
    let text = r#"{"version":"1","default":"deny","hide":["summ","x","pay"],"tools":{
        "pay":{"deny_if":[{"conditions":[]}],"require":[],"limits":[{"counter":"n","window":"day","max":1}],"rate_limit":{"max":1,"window":1}},
        "payy":{"action":"deny"},"x":{}}}"#;
    let catalog = catalog();
    let parsed = parse::parse(text.as_bytes());
    let compiled = parsed.policy.as_ref().map(compile);
    let row = |row: &Row<'_>| {
        let state = row.state.as_ref().map_or("-", |(state, _)| state.as_str());
        let flags = [(row.listed, "listed"), (row.hidden, "hidden"), (row.unknown, "unknown")];
        let flags: Vec<&str> = flags.iter().filter(|(is, _)| *is).map(|(_, flag)| *flag).collect();
        let title = row.tool.and_then(|tool| tool.title.as_deref()).unwrap_or("");
        let nearest = row.nearest.unwrap_or("");
        format!(
            "{} {title} {state} {} {nearest} {} {}",
            row.name,
            flags.join("+"),
            row.rules,
            row.limits
        )
    };
    let all: Vec<String> =
        rows(parsed.document(), compiled.as_ref(), Some(&catalog)).iter().map(row).collect();
    assert_eq!(
        all,
        [
            "pay Pay hide listed+hidden  1 2",
            "sum  deny   0 0",
            "__proto__  deny   0 0",
            "payy  deny listed+unknown  0 0",
            "x  hide listed+hidden+unknown  0 0",
            "summ  hide hidden+unknown sum 0 0",
        ]
    );
    // Without a catalog no tool is unknown, and without a policy none has a state.
    let all: Vec<String> = rows(parsed.document(), None, None).iter().map(row).collect();
    assert_eq!(
        all,
        [
            "pay  - listed+hidden  1 2",
            "payy  - listed  0 0",
            "x  - listed+hidden  0 0",
            "summ  - hidden  0 0"
        ]
    );
    let star = parse::parse(br#"{"version":"1","default":"allow","hide":["*"]}"#);
    let policy = star.policy.as_ref().map(compile);
    let all: Vec<String> =
        rows(star.document(), policy.as_ref(), Some(&catalog)).iter().map(row).collect();
    assert_eq!(all[1], "sum  hide hidden  0 0");
    assert_eq!(all.len(), 3);
}
