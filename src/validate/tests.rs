use super::*;
use crate::diagnostic::{Code, Severity};

/// A server as servers are: some arguments with a default, some that may be null, some nested.
const CATALOG: &str = r##"{"server": "shop", "tools": [
  {"name": "list_orders", "inputSchema": {"type": "object", "properties": {}}},
  {"name": "create_charge", "inputSchema": {
    "type": "object", "required": ["amount", "currency", "customer", "items"], "$defs": {
      "Customer": {"type": "object", "required": ["id"], "properties": {
        "id": {"type": "string"}, "email": {"type": "string"}, "parent": {"$ref": "#/$defs/Customer"}}}},
    "properties": {
      "amount": {"type": "integer", "minimum": 1},
      "currency": {"enum": ["usd", "eur"]},
      "customer": {"$ref": "#/$defs/Customer"},
      "items": {"type": "array", "items": {"type": "object", "required": ["price"], "properties": {
        "price": {"type": "number"}, "sku": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": null}}}},
      "tip": {"type": "number"}, "discount": {"type": "number", "default": 0}, "fee": {"type": "number", "default": 90},
      "region": {"type": "string"}, "gift": {"type": "boolean"}, "tags": {"type": "array"},
      "metadata": {"type": "object"}, "labels": {"type": "object", "additionalProperties": {"type": "string"}},
      "anything": {}, "both": {"type": ["boolean", "string"]}, "odd": {"allOf": [{"type": "object"}]}}}},
  {"name": "untyped"}
]}"##;

/// Tools that should not be allowed as a whole.
const OPEN: &str = r#"[
  {"name": "admin", "inputSchema": {"properties": {"operation": {"type": "string", "enum": ["list", "delete"]}, "force": {"type": "boolean"}, "sql": {"type": "string"}}}},
  {"name": "run_sql", "inputSchema": {"properties": {"sql": {"type": "string"}}}}
]"#;

fn catalog() -> Catalog {
    parse::catalog(CATALOG.as_bytes()).unwrap()
}

/// `code | underlined | message | help`
fn lines(text: &str, catalog: Option<&Catalog>) -> Vec<String> {
    let checked = check(text.as_bytes(), catalog);
    assert!(checked.policy.is_some(), "{text}\n{:#?}", checked.diagnostics);
    let line = |one: &Diagnostic| {
        let help = one.help.as_deref().unwrap_or("-");
        format!("{} | {} | {} | {help}", one.code.as_str(), one.span.of(text), one.message)
    };
    checked.diagnostics.iter().map(line).collect()
}

/// A policy with these rules for `create_charge`.
fn charge(rules: &str) -> String {
    format!(r#"{{"version": "1", "default": "deny", "tools": {{"create_charge": {{{rules}}}}}}}"#)
}

/// A policy with one rule of these conditions, written `path op value`.
fn rule(kind: &str, conditions: &[&str]) -> String {
    let one = |condition: &&str| {
        let mut parts = condition.splitn(3, ' ');
        let mut part = || parts.next().unwrap();
        let (path, operator, value) = (part(), part(), part());
        let path = crate::json::quote(&format!("args.{path}"));
        format!(r#"{{"path": {path}, "op": "{operator}", "value": {value}}}"#)
    };
    let conditions: Vec<String> = conditions.iter().map(one).collect();
    charge(&format!(r#""{kind}": [{{"conditions": [{}]}}]"#, conditions.join(", ")))
}

#[test]
fn looks_at_the_whole() {
    let cases = [
        (
            r#"{"version": "1", "default": "allow", "tools": {"a": {}, "b": {"action": "allow"}}}"#,
            vec![
                "nothing-restricted | allow | every call of every tool is allowed: `default` is `allow` and nothing is restricted | make `default` `deny` and list the tools that may be called",
            ],
        ),
        (r#"{"version": "1", "default": "allow", "hide": ["a"]}"#, vec![]),
        (r#"{"version": "1", "default": "allow", "tools": {"a": {"action": "deny"}}}"#, vec![]),
        (
            r#"{"version": "1", "default": "allow", "tools": {"a": {"rate_limit": {"max": 1, "window": 1}}}}"#,
            vec![],
        ),
        (
            r#"{"version": "1", "default": "deny", "hide": ["a"], "tools": {}}"#,
            vec![
                "nothing-callable | deny | nothing can be called: `default` is `deny` and no tool is listed | list the tools that may be called under `tools`; `{}` lists one without any rule",
            ],
        ),
        (
            r#"{"version": "1", "default": "deny", "hide": ["a", "b"], "tools": {"a": {"action": "deny"}, "b": {}, "c": {}}}"#,
            vec![
                "hidden-with-rules | a | `a` is hidden, so its rules never count | keep one of them: `hide` takes the tool away, rules allow some of its calls",
            ],
        ),
        (
            r#"{"version": "1", "default": "deny", "hide": ["a", "*"], "tools": {"b": {"action": "deny"}}}"#,
            vec![
                "hide-everything | * | `*` hides every tool; the names beside it add nothing | keep `*` alone, or the names alone",
                "hidden-with-rules | * | `*` hides every tool, so no rule of any tool ever counts | hide the tools by their names instead",
            ],
        ),
        (r#"{"version": "1", "default": "deny", "hide": ["*"], "tools": {"b": {}}}"#, vec![]),
        (
            r#"{"version": "1", "default": "deny", "tools": {"a": {"require": [{"conditions": [ ]}]}}}"#,
            vec![
                "require-without-conditions | [ ] | a `require` rule without conditions is always satisfied and refuses nothing | to refuse every call, write `\"action\": \"deny\"`; else add what is required",
            ],
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(lines(text, None), expected, "{text}");
    }
}

#[test]
fn knows_conditions_that_contradict() {
    for (conditions, wrong) in [
        (vec!["a eq 1", "a eq 2"], "2"),
        (vec!["a eq 1", "b eq 2", "a eq \"x\""], "\"x\""),
        (vec!["a gt 5", "a lt 5"], "5"),
        (vec!["a gte 5", "a lt 5"], "5"),
        (vec!["a gt 5", "a lte 3", "a eq \"x\""], "3"),
        (vec!["a in [1, 2]", "a in [3]"], "[3]"),
        (vec!["a in []"], "[]"),
        (vec!["a eq 7", "a lt 5"], "5"),
        (vec!["a exists false", "a eq 5"], "5"),
        (vec!["a exists true", "a eq null"], "null"),
        (vec!["a exists true", "a exists false"], "false"),
        (vec!["a regex \"x\"", "a gt 5"], "5"),
        (vec!["a contains \"x\"", "a gt 5"], "5"),
        (vec!["a in [1, 2]", "a neq 1", "a not_in [2]"], "[2]"),
        (vec!["a.b eq 1", "a[\"b\"] eq 2"], "2"),
    ] {
        for kind in ["require", "deny_if", "require_approval_if"] {
            let text = rule(kind, &conditions);
            let found: Vec<(Code, String)> = check(text.as_bytes(), None)
                .diagnostics
                .iter()
                .map(|one| (one.code, one.span.of(&text).to_owned()))
                .collect();
            assert_eq!(found, [(Code::NeverSatisfied, wrong.to_owned())], "{text}");
        }
    }
    let text = rule("deny_if", &["a eq 1", "a eq 2"]);
    assert_eq!(
        lines(&text, None),
        [
            "never-satisfied | 2 | no `args.a` is both `eq 1` and `eq 2`, so the rule does not deny what it says | all conditions of a rule must be satisfied; for one or the other write two rules"
        ]
    );
    for fine in [
        vec!["a eq 5", "a eq \"5\""],
        vec!["a eq \"true\"", "a eq true"],
        vec!["a gte 5", "a lte 5"],
        vec!["a exists false", "a eq null"],
        vec!["a exists false", "a neq 5"],
        vec!["a in [1, 2]", "a in [2, 3]"],
        vec!["a eq [1]", "a eq [\"1\"]"],
        vec!["a eq 1", "b eq 2"],
        vec!["a regex \"x\"", "a contains \"y\""],
        vec!["a neq 1", "a neq 2"],
        vec!["a not_in []"],
    ] {
        assert_eq!(lines(&rule("require", &fine), None), [""; 0]);
    }
    // Of several elements one may be this and another that.
    let elements = ["a[*].b eq 1", "a[*].b eq 2"];
    assert_eq!(lines(&rule("deny_if", &elements), None), [""; 0]);
    assert_eq!(lines(&rule("require", &elements), None).len(), 1);
}

#[test]
fn knows_rules_that_others_cover() {
    let gt = |value: &str, rest: &str| {
        format!(r#"{{"conditions": [{{"path": "args.a", "op": "gt", "value": {value}}}]{rest}}}"#)
    };
    let always = r#"{"conditions": []}"#.to_owned();
    let both = r#"{"conditions": [{"path": "args.b", "op": "eq", "value": 1}, {"path": "args.a", "op": "gt", "value": 9}]}"#.to_owned();
    let said = r#", "on_deny": "much too large""#;
    for (rules, covered) in [
        (vec![gt("5", ""), gt("5.0", "")], vec![1]),
        (vec![gt("5", ""), gt("9", "")], vec![1]),
        (vec![gt("9", ""), gt("5", "")], vec![0]),
        (vec![gt("9", said), gt("5", "")], vec![]),
        (vec![gt("5", ""), gt("9", said)], vec![1]),
        (vec![gt("9", said), always.clone()], vec![0]),
        (vec![always.clone(), gt("9", said), always.clone()], vec![1, 2]),
        (vec![gt("5", ""), both.clone()], vec![1]),
        (vec![both.clone(), gt("10", "")], vec![]),
    ] {
        let text = charge(&format!(r#""deny_if": [{}]"#, rules.join(", ")));
        let diagnostics = check(text.as_bytes(), None).diagnostics;
        let pointers: Vec<&str> = diagnostics.iter().map(|one| one.pointer.as_str()).collect();
        let expected: Vec<String> =
            covered.iter().map(|at| format!("/tools/create_charge/deny_if/{at}")).collect();
        assert_eq!(pointers, expected, "{text}");
        for one in &diagnostics {
            assert_eq!(one.code, Code::CoveredRule);
            assert!(rules.iter().any(|rule| rule == one.span.of(&text)));
        }
    }
}

#[test]
fn knows_the_tools_of_a_server() {
    for (text, expected) in [
        (
            r#"{"version": "1", "default": "deny", "hide": ["*"], "tools": {"list_orders": {}}}"#,
            vec![
                "nothing-callable-on-server | deny | nothing can be called on `shop`: `*` hides every tool | its tools are `list_orders`, `create_charge` and `untyped`",
            ],
        ),
        (
            r#"{"version": "1", "default": "deny", "tools": {"start": {}}}"#,
            vec![
                "nothing-callable-on-server | deny | nothing can be called on `shop`: `default` is `deny` and `start`, the only tool listed, is not one of its tools | its tools are `list_orders`, `create_charge` and `untyped`",
                "unknown-tool | start | `start` is not a tool of `shop` | it does nothing on this server",
            ],
        ),
        (
            r#"{"version": "1", "default": "deny", "tools": {"list_order": {}, "*": {}}}"#,
            vec![
                "nothing-callable-on-server | deny | nothing can be called on `shop`: `default` is `deny` and none of the tools listed is one of its tools: `list_order` and `*` | its tools are `list_orders`, `create_charge` and `untyped`",
                "unknown-tool | list_order | `list_order` is not a tool of `shop` | did you mean `list_orders`?",
                "unknown-tool | * | `*` is not a tool of `shop` | `*` means every tool in `hide` only; for all tools see `all_tools`",
            ],
        ),
        (
            r#"{"version": "1", "default": "deny", "hide": ["create_charge", "untypd"], "tools": {"list_orders": {"action": "deny"}, "untyped": {"deny_if": [{"conditions": []}]}}}"#,
            vec![
                "nothing-callable-on-server | deny | nothing can be called on `shop`: each of its tools is hidden, not listed or always denied | its tools are `list_orders`, `create_charge` and `untyped`",
                "unknown-tool | untypd | `untypd` is not a tool of `shop` | it does nothing on this server",
            ],
        ),
        (r#"{"version": "1", "default": "allow", "hide": ["create_charge"]}"#, vec![]),
        (
            r#"{"version": "1", "default": "deny", "hide": ["list_orders", "create_charge", "untyped"]}"#,
            vec![],
        ),
        (
            r#"{"version": "1", "default": "deny", "hide": ["list_orders", "create_charge"]}"#,
            vec![
                "nothing-callable | deny | nothing can be called: `default` is `deny` and no tool is listed | list the tools that may be called under `tools`; `{}` lists one without any rule",
            ],
        ),
    ] {
        assert_eq!(lines(text, Some(&catalog())), expected, "{text}");
    }
    let text = r#"{"version": "1", "default": "deny", "tools": {"Create-Charge": {}}}"#;
    let fix = check(text.as_bytes(), Some(&catalog())).diagnostics[1].fix.clone().unwrap();
    assert_eq!(
        (fix.edits[0].span.of(text), fix.edits[0].text.as_str()),
        ("Create-Charge", "create_charge")
    );
}

#[test]
fn knows_the_arguments_of_a_tool() {
    let arguments = "it has `amount`, `currency`, `customer`, `items`, `tip`, `discount`, `fee`, `region`, `gift`, `tags`, `metadata`, `labels` and 3 more";
    for (condition, expected) in [
        ("ammount lt 5", "unknown-argument | ammount | `create_charge` has no argument `ammount` | did you mean `amount`?".to_owned()),
        ("colour.like eq 5", format!("unknown-argument | colour | `create_charge` has no argument `colour` | {arguments}")),
        ("customer.e_mail exists true", "unknown-argument | e_mail | `args.customer` of `create_charge` has no `e_mail` | did you mean `email`?".to_owned()),
        ("customer.parent.parent.x exists true", "unknown-argument | x | `args.customer.parent.parent` of `create_charge` has no `x` | it has `id`, `email` and `parent`".to_owned()),
        ("items[*].prize lt 5", "unknown-argument | prize | `args.items[*]` of `create_charge` has no `prize` | did you mean `price`?".to_owned()),
        ("items[0][\"prize\"] lt 5", "unknown-argument | args.items[0][\\\"prize\\\"] | `args.items[0]` of `create_charge` has no `prize` | did you mean `price`?".to_owned()),
        ("amount.value lt 5", "unknown-argument | value | `args.amount` of `create_charge` has no `value` | -".to_owned()),
        ("amount[*] lt 5", "unknown-argument | [*] | `args.amount` of `create_charge` is not a list | -".to_owned()),
        ("currency eq \"usb\"", "impossible-value | usb | `args.currency` is never this value | did you mean `usd`?".to_owned()),
        ("currency in [\"usd\", \"chf\", 5]", "impossible-value | chf | `args.currency` is never this value | it is `usd` or `eur`".to_owned()),
        ("amount eq \"ten\"", "impossible-value | ten | `args.amount` is never this value | it is always an integer".to_owned()),
        ("amount neq 1.5", "impossible-value | 1.5 | `args.amount` is never this value | it is always an integer".to_owned()),
        ("customer.id gt 5", "impossible-value | 5 | `gt` compares numbers, and `args.customer.id` is always a string | a value of another type makes the condition an error, which denies the call".to_owned()),
        ("amount regex \"^1\"", "impossible-value | \"^1\" | `regex` searches in texts, and `args.amount` is always an integer | a value of another type makes the condition an error, which denies the call".to_owned()),
        ("amount contains 1", "impossible-value | 1 | `contains` looks into texts and lists, and `args.amount` is always an integer | a value of another type makes the condition an error, which denies the call".to_owned()),
        ("both eq 5.5", String::new()),
        ("both eq []", "impossible-value | [] | `args.both` is never this value | it is always a boolean or a string".to_owned()),
    ] {
        let text = rule("require", &[condition]);
        let found = lines(&text, Some(&catalog()));
        assert_eq!(found.first().cloned().unwrap_or_default(), expected, "{condition}");
    }
    // Nothing is said of what a schema leaves open, or of what is fine.
    for condition in [
        "metadata.any.thing eq 5",
        "labels.any eq 5",
        "anything.at.all[*] gt 5",
        "odd.one eq 1",
        "tags[*] eq 5",
        "tags[0].x eq 5",
        "amount eq \"5\"",
        "amount eq null",
        "amount eq 5.0",
        "both eq true",
        "customer.id eq 5",
        "customer.parent.email regex \"x\"",
        "items[*].sku eq \"x\"",
        "items contains 5",
    ] {
        assert_eq!(lines(&rule("require", &[condition]), Some(&catalog())), [""; 0]);
    }
    let untyped = charge(r#""deny_if": []"#).replace("create_charge", "untyped");
    assert_eq!(lines(&untyped, Some(&catalog())), [""; 0]);
    let none = rule("require", &["x eq 1"]).replace("create_charge", "list_orders");
    assert_eq!(
        lines(&none, Some(&catalog())),
        ["unknown-argument | x | `list_orders` has no argument `x` | -"]
    );
}

#[test]
fn knows_the_amounts_of_a_tool() {
    for (path, expected) in [
        ("args.amount", vec![]),
        ("args.items[0].price", vec![]),
        ("args.metadata.amount", vec![]),
        (
            "args.amuont",
            vec![
                "unknown-argument | amuont | `create_charge` has no argument `amuont` | did you mean `amount`?",
            ],
        ),
        ("args.currency", vec![]),
        (
            "args.region",
            vec![
                "impossible-value | args.region | `args.region` is never a number, so every call is denied | -",
            ],
        ),
    ] {
        let text = charge(&format!(
            r#""limits": [{{"counter": "c", "window": "day", "max": 5, "increment_from": "{path}"}}]"#
        ));
        assert_eq!(lines(&text, Some(&catalog())), expected);
    }
}

#[test]
fn knows_what_is_silent_when_missing() {
    for (conditions, expected) in [
        (
            vec!["tip gt 5"],
            "silent-when-missing | args.tip | `args.tip` is optional: a call without it passes this `deny_if` | make it a `require` with `lte`, which denies those too",
        ),
        (
            vec!["region not_in [\"eu\"]"],
            "silent-when-missing | args.region | `args.region` is optional: a call without it passes this `deny_if` | make it a `require` with `in`, which denies those too",
        ),
        (
            vec!["region regex \"^us-\""],
            "silent-when-missing | args.region | `args.region` is optional: a call without it passes this `deny_if` | deny those too, with a `deny_if` where `args.region` `exists` `false`",
        ),
        (
            vec!["customer.email eq \"x\""],
            "silent-when-missing | args.customer.email | `args.customer.email` is optional: a call without it passes this `deny_if` | make it a `require` with `neq`, which denies those too",
        ),
        (
            vec!["fee gt 50"],
            "silent-when-missing | args.fee | `args.fee` is optional and its default, `90`, is what this denies: a call without it passes | make it a `require` with `lte`, which denies those too",
        ),
        (
            vec!["gift eq false"],
            "silent-when-missing | args.gift | `args.gift` is optional: a call without it passes this `deny_if` | make it a `require` with `neq`, which denies those too",
        ),
        // Required, or left out on purpose, or without harm.
        (vec!["amount gt 5"], ""),
        (vec!["discount gt 5"], ""),
        (vec!["gift eq true"], ""),
        (vec!["tip exists true"], ""),
        (vec!["tip exists true", "tip gt 5"], ""),
        (vec!["tip exists false"], ""),
        (vec!["metadata.x eq 5"], ""),
    ] {
        let text = rule("deny_if", &conditions);
        assert_eq!(lines(&text, Some(&catalog())).concat(), expected, "{text}");
        for kind in ["require", "require_approval_if"] {
            assert_eq!(lines(&rule(kind, &conditions), Some(&catalog())), [""; 0]);
        }
    }
    let tip = |op: &str, value: &str| {
        format!(r#"{{"conditions": [{{"path": "args.tip", "op": "{op}", "value": {value}}}]}}"#)
    };
    for rest in [
        format!(r#""require": [{}]"#, tip("gte", "0")),
        format!(r#""require": [{}]"#, tip("exists", "true")),
    ] {
        let text = charge(&format!(r#""deny_if": [{}], {rest}"#, tip("gt", "5")));
        assert_eq!(lines(&text, Some(&catalog())), [""; 0]);
    }
    let text = charge(&format!(r#""deny_if": [{}, {}]"#, tip("gt", "5"), tip("exists", "false")));
    assert_eq!(lines(&text, Some(&catalog())), [""; 0]);
}

/// The policy that the project began with, for servers that do not have its tool.
#[test]
fn says_that_nothing_can_be_called() {
    let text = r#"{"version":"1","default":"deny","tools":{"policy_generation_start":{"limits":[{"counter":"policy_generation_start_rate","window":"minute","max":10,"scope":"grant"}]}}}"#;
    assert_eq!(lines(text, None), [""; 0]);
    let mut catalog = catalog();
    let found = check(text.as_bytes(), Some(&catalog)).diagnostics;
    let codes: Vec<Code> = found.iter().map(|one| one.code).collect();
    assert_eq!(codes, [Code::NothingCallableOnServer, Code::UnknownTool]);
    assert_eq!(
        found[0].message,
        "nothing can be called on `shop`: `default` is `deny` and `policy_generation_start`, the only tool listed, is not one of its tools"
    );
    let own = crate::model::Tool { name: "policy_generation_start".into(), ..Default::default() };
    catalog.tools.push(own);
    assert_eq!(lines(text, Some(&catalog)), [""; 0]);
}

#[test]
fn every_warning_is_given() {
    let deny = |rest: &str| format!(r#"{{"version": "1", "default": "deny", {rest}}}"#);
    let texts = [
        deny(r#""hide": ["a"], "tools": {"a": {"action": "deny"}}"#),
        deny(r#""hide": ["a", "*"]"#),
        r#"{"version": "1", "default": "allow"}"#.to_owned(),
        rule("require", &[]),
        rule("deny_if", &["a eq 1", "a eq 2"]),
        charge(r#""deny_if": [{"conditions": []}, {"conditions": []}]"#),
        rule("require", &["currency eq \"usb\"", "ammount lt 5"]),
        rule("deny_if", &["tip gt 5"]),
        deny(
            r#""tools": {"admin": {"require": [{"conditions": [{"path": "args.force", "op": "eq", "value": true}]}]}, "run_sql": {}}"#,
        ),
    ];
    let mut catalog = catalog();
    catalog.tools.extend(parse::catalog(OPEN.as_bytes()).unwrap().tools);
    let all: Vec<Code> = texts
        .iter()
        .flat_map(|text| check(text.as_bytes(), Some(&catalog)).diagnostics)
        .map(|one| one.code)
        .collect();
    // Those of imports, and of what has to be proved, have their cases there.
    let elsewhere = [
        Code::StricterMeaning,
        Code::MisspeltKey,
        Code::WithoutEffect,
        Code::RuleNeverFires,
        Code::RuleAddsNothing,
        Code::RequireNeverMet,
        Code::PatternFindsNothing,
        Code::PatternFindsEverything,
        Code::SameRules,
        Code::DeletionAllowed,
    ];
    let warnings = Code::ALL.iter().filter(|code| code.severity() == Severity::Warning);
    for code in warnings.filter(|code| !elsewhere.contains(code)) {
        assert!(all.contains(code), "{}", code.as_str());
    }
}

/// Whatever is changed in a policy: nothing panics, and what is said has its place in the text.
#[test]
fn checking_any_text_ends() {
    let conditions = [
        "tip gt 5",
        "items[*].price lte 3",
        "customer.email regex \"^a\\\\d\"",
        "amount in [1, 2]",
    ];
    let limit = r#"{"counter": "c", "window": 90, "max": 5, "increment_from": "args.amount"}"#;
    let text = rule("deny_if", &conditions)
        .replace("]}]}}}", &format!("]}}], \"limits\": [{limit}], \"rate_limit\": {{\"max\": 1, \"window\": 1}}}}}}, \"hide\": [\"*\", \"x\"]}}"));
    let catalog = catalog();
    assert!(check(text.as_bytes(), Some(&catalog)).policy.is_some(), "{text}");
    let pieces = [
        "\"", "{", "}", "[", "]", ",", ":", "\\", "\\u00e9", "é", "1", "-", ".", "\n", "/", "null",
        "args", "x-", "*",
    ];
    let mut seed = 7u32;
    let mut next = |below: usize| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 8) as usize % below
    };
    for _ in 0..ROUNDS {
        let mut text = text.clone();
        for _ in 0..=next(3) {
            let at = next(text.len());
            let end = (at + next(12)).min(text.len());
            if text.is_char_boundary(at) && text.is_char_boundary(end) {
                text.replace_range(at..end, pieces[next(pieces.len())]);
            }
        }
        for one in check(text.as_bytes(), Some(&catalog)).diagnostics {
            let fix = one.fix.iter().flat_map(|fix| &fix.edits).map(|edit| edit.span);
            for span in one.labels.iter().map(|label| label.span).chain(fix).chain([one.span]) {
                assert!(
                    text.get(span.start as usize..span.end as usize).is_some(),
                    "{text}\n{one:?}"
                );
            }
        }
    }
}

const ROUNDS: usize = 3_000;
