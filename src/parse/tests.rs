use super::*;
use crate::diagnostic::{Code, Fix, Severity};
use crate::model::{Action, Fallback, Scope};

mod advice;
mod cases;
use cases::CASES;

/// A diagnostic as the cases write it: `code | underlined | pointer | message | help`.
fn line(diagnostic: &Diagnostic, text: &str) -> String {
    let (code, wrong) = (diagnostic.code.as_str(), diagnostic.span.of(text));
    let help = diagnostic.help.as_deref().unwrap_or("-");
    format!("{code} | {wrong} | {} | {} | {help}", diagnostic.pointer, diagnostic.message)
}

fn lines(text: &str) -> Vec<String> {
    parse(text.as_bytes()).diagnostics.iter().map(|one| line(one, text)).collect()
}

fn apply(fix: &Fix, text: &str) -> String {
    let mut edits = fix.edits.clone();
    edits.sort_by_key(|edit| std::cmp::Reverse(edit.span));
    edits.iter().fold(text.to_owned(), |mut text, edit| {
        text.replace_range(edit.span.start as usize..edit.span.end as usize, &edit.text);
        text
    })
}

#[test]
fn says_exactly_what_is_wrong() {
    for (text, expected) in CASES {
        assert_eq!(lines(text), *expected, "{text}");
    }
}

#[test]
fn comes_in_the_order_of_the_text_and_without_a_policy() {
    for (text, _) in CASES {
        let parsed = parse(text.as_bytes());
        assert!(parsed.policy.is_none(), "{text}");
        assert!(parsed.diagnostics.is_sorted_by_key(|one| one.span), "{text}");
    }
}

/// A fix mends what it is offered for, and breaks nothing that was understood.
#[test]
fn every_fix_mends() {
    let (mut fixes, mut safe, mut helps) = (0, 0, 0);
    for (text, _) in CASES {
        for diagnostic in parse(text.as_bytes()).diagnostics {
            helps += u32::from(diagnostic.help.is_some());
            let Some(fix) = &diagnostic.fix else { continue };
            let mended = apply(fix, text);
            let left = lines(&mended);
            assert!(!left.contains(&line(&diagnostic, text)), "{text}\n{mended}");
            assert!(left.len() <= lines(text).len(), "{text}\n{mended}\n{left:#?}");
            fixes += 1;
            safe += u32::from(fix.safe);
        }
    }
    // None that is there goes missing unseen, nor becomes safe that was not.
    assert_eq!((fixes, safe, helps), (65, 51, 82));
}

#[test]
fn every_error_has_a_case() {
    let too_large = vec![b' '; Limits::DOCUMENT.bytes + 1];
    let mut seen: Vec<Diagnostic> =
        CASES.iter().flat_map(|(text, _)| parse(text.as_bytes()).diagnostics).collect();
    seen.extend(parse(b"{\"version\": \"\xff\"}").diagnostics);
    seen.extend(parse(&too_large).diagnostics);
    seen.extend(catalog(b"[1]").unwrap_err());
    // Those of scenarios, of an enforcer's configuration, of locks and of imports have their cases there.
    let elsewhere = |code: &Code| {
        use Code::{InvalidApprovalKey, InvalidCall, InvalidDigest, InvalidTime};
        use Code::{TooManyCalls, TooManyFaults, UnknownDecision, UnknownOutcome};
        matches!(code, InvalidCall | InvalidTime | UnknownOutcome | UnknownDecision)
            || matches!(code, TooManyCalls | TooManyFaults | InvalidDigest | InvalidApprovalKey)
            || matches!(code, Code::InvalidYaml | Code::NotCarriedOver)
            || matches!(code, Code::UnknownSetting | Code::UnknownReference | Code::OutOfBounds)
            || matches!(code, Code::DuplicateName | Code::InvalidPrefix | Code::InvalidQuestion)
            || matches!(code, Code::PinMismatch | Code::LockNotUsed | Code::NotToldByService)
    };
    let errors = Code::ALL.iter().filter(|code| code.severity() == Severity::Error);
    for code in errors.filter(|code| !elsewhere(code)) {
        assert!(seen.iter().any(|one| one.code == *code), "{}", code.as_str());
    }
}

#[test]
fn bytes_that_are_no_text_are_one_fault() {
    let parsed = parse(b"{\"version\": \"\xff\xfe\"}");
    assert_eq!(parsed.diagnostics.len(), 1);
    assert_eq!(parsed.diagnostics[0].span, crate::source::Span::new(13, 14));
    let utf16: Vec<u8> = "\u{feff}{}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let help = parse(&utf16).diagnostics[0].help.clone();
    assert_eq!(help.as_deref(), Some("it looks like utf-16; save it as utf-8"));
}

#[test]
fn points_to_the_other_place() {
    for (text, there) in [
        (r#"{"version": "1", "default": "deny", "default": "allow"}"#, 17),
        (r#"{"version": "1", "default": "deny", "hide": ["x", "y", "x"]}"#, 45),
        (
            r#"{"version": "1", "default": "deny", "tools": {"a": {"rate_limit": {"max": 1, "window": 1}, "limits": [{"counter": "rate_limit", "window": 1, "max": 1}]}}}"#,
            52,
        ),
    ] {
        let diagnostics = parse(text.as_bytes()).diagnostics;
        assert_eq!(diagnostics.len(), 1, "{diagnostics:?}");
        let other = diagnostics[0].labels[0].span;
        assert_eq!(other.start, there + 1, "{text}");
        assert!(other < diagnostics[0].span);
    }
}

/// The whole language in one document.
const WHOLE: &str = r#"{
  "$schema": "policy.schema.json", "version": "1", "description": "all of it", "default": "allow", "x-a": [1],
  "hide": ["*", "x"],
  "all_tools": {"x-b": 1, "limits": [{"counter": "c", "window": "day", "max": 1e3, "x-c": 1}]},
  "tools": {
    "x-tool": {}, "*": {},
    "a": {
      "x-d": {}, "action": "require_approval", "reason": "because",
      "require": [{"conditions": [], "x-e": null}, {"on_deny": "no", "conditions": [
        {"path": "args.a", "op": "exists", "value": true, "x-f": 1}, {"path": "args.a", "op": "eq", "value": null},
        {"path": "args.a", "op": "neq", "value": {"k": [1]}}, {"path": "args.a", "op": "in", "value": []},
        {"path": "args.a", "op": "not_in", "value": [1, "2"]}, {"path": "args.a", "op": "lt", "value": 1},
        {"path": "args.a", "op": "lte", "value": 1}, {"path": "args.a", "op": "gt", "value": 1},
        {"path": "args.a", "op": "gte", "value": 1.50}, {"path": "args[\"a.b\"].c[*]", "op": "regex", "value": "^\\d+$"},
        {"path": "args.a", "op": "contains", "value": true}]}],
      "deny_if": [{"conditions": []}], "require_approval_if": [{"conditions": []}],
      "limits": [
        {"counter": "a", "window": 90, "max": 5.0, "scope": "session", "on_deny": "later"},
        {"counter": "b", "window": "hour", "max": 0.5, "scope": "all", "increment_from": "args.items[0].price"},
        {"counter": "c", "window": "minute", "max": 0}],
      "rate_limit": {"max": 10, "window": 60, "x-g": 1}
    }
  }
}"#;

#[test]
fn understands_the_whole_language() {
    let parsed = parse(WHOLE.as_bytes());
    assert_eq!(lines(WHOLE), [""; 0]);
    let policy = parsed.policy.unwrap();
    assert_eq!(policy.default.value, Fallback::Allow);
    assert_eq!(policy.default.span.of(WHOLE), "\"allow\"");
    assert_eq!(policy.hide.iter().map(|name| name.value.as_str()).collect::<Vec<_>>(), ["*", "x"]);
    assert_eq!(policy.all_tools[0].max.to_string(), "1000");
    assert_eq!(policy.all_tools[0].scope, Scope::Grant);
    let names: Vec<&str> = policy.tools.iter().map(|tool| tool.name.span.of(WHOLE)).collect();
    assert_eq!(names, ["\"x-tool\"", "\"*\"", "\"a\""]);
    let tool = &policy.tools[2];
    assert_eq!(tool.action.as_ref().unwrap().value, Action::RequireApproval);
    assert_eq!(tool.reason.as_deref(), Some("because"));
    assert_eq!((tool.require.len(), tool.deny_if.len(), tool.require_approval_if.len()), (2, 1, 1));
    let rule = &tool.require[1];
    assert_eq!(rule.on_deny.as_deref(), Some("no"));
    let operators = rule.conditions.iter().map(|condition| condition.test.operator());
    assert!(operators.eq(crate::model::Test::OPERATORS));
    let last = &rule.conditions[9];
    assert_eq!(last.path.value.as_str(), "args[\"a.b\"].c[*]");
    assert_eq!(last.path.span.of(WHOLE), r#""args[\"a.b\"].c[*]""#);
    assert_eq!(last.value_span.of(WHOLE), r#""^\\d+$""#);
    let seen: Vec<_> = tool
        .limits
        .iter()
        .chain(tool.rate_limit.as_deref())
        .map(|limit| {
            (
                limit.counter.value.as_str(),
                limit.window.seconds(),
                limit.max.to_string(),
                limit.scope,
            )
        })
        .collect();
    assert_eq!(
        seen,
        [
            ("a", 90, "5".to_owned(), Scope::Session),
            ("b", 3600, "0.5".to_owned(), Scope::All),
            ("c", 60, "0".to_owned(), Scope::Grant),
            ("rate_limit", 60, "10".to_owned(), Scope::Session),
        ]
    );
    assert_eq!(tool.limits[1].increment_from.as_ref().unwrap().as_str(), "args.items[0].price");
}

/// Any part of a document may be missing: nothing panics, and what is said has a place.
#[test]
fn reading_half_a_policy_always_ends() {
    for at in 0..WHOLE.len() {
        let cut = parse(&WHOLE.as_bytes()[..at]);
        assert!(cut.policy.is_none() && !cut.diagnostics.is_empty(), "{at}");
        let mut without = WHOLE.to_owned();
        without.remove(at);
        for diagnostic in parse(without.as_bytes()).diagnostics {
            assert!(diagnostic.span.end as usize <= without.len(), "{without}");
            if let Some(fix) = &diagnostic.fix {
                apply(fix, &without);
            }
        }
    }
}

#[test]
fn too_many_faults_are_cut_and_still_faults() {
    let keys: Vec<String> = (0..5000).map(|at| format!("\"k{at}\": 1")).collect();
    let parsed = parse(format!("{{{}}}", keys.join(",")).as_bytes());
    assert!(parsed.policy.is_none());
    assert_eq!(parsed.diagnostics.len(), 1000);
}

/// With so many faults of JSON reading ends early, and what was not read is not missed.
#[test]
fn what_was_not_read_is_not_missed() {
    let text = format!("{{{}\"version\": \"1\", \"default\": \"deny\"}}", "/* */\n".repeat(150));
    let diagnostics = parse(text.as_bytes()).diagnostics;
    assert_eq!(diagnostics.len(), 100);
    assert!(diagnostics.iter().all(|one| one.code == Code::Syntax));
}

#[test]
fn reads_catalogs_in_every_form() {
    let tools = r#"[{"name": "a", "description": "d", "inputSchema": {"type": "object"}}, {"name": "b", "annotations": {"title": "B"}}]"#;
    for (text, server) in [
        (tools.to_owned(), None),
        (format!("{{\"tools\": {tools}, \"nextCursor\": \"x\"}}"), None),
        (format!("{{\"result\": {{\"tools\": []}}, \"tools\": {tools}}}"), None),
        (format!("{{\"server\": \"s\", \"version\": \"1\", \"tools\": {tools}}}"), Some("s")),
        (format!("{{\"jsonrpc\": \"2.0\", \"id\": 1, \"result\": {{\"tools\": {tools}}}}}"), None),
    ] {
        let catalog = catalog(text.as_bytes()).unwrap();
        assert_eq!(catalog.server.as_deref(), server);
        assert_eq!(catalog.tools.iter().map(|t| t.name.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        assert!(catalog.tools[0].input_schema.is_some());
        assert_eq!(catalog.tools[1].title.as_deref(), Some("B"));
    }
}

#[test]
fn refuses_what_is_no_catalog() {
    for (text, expected) in [
        ("5", vec!["invalid-catalog | 5 |  | a catalog is an object or a list, not a number"]),
        ("{}", vec!["invalid-catalog | {} |  | a catalog needs `tools`"]),
        (
            r#"{"tools": {}}"#,
            vec!["invalid-catalog | {} | /tools | `tools` must be a list, not an object"],
        ),
        (
            r#"{"result": {"tools": [1, {"name": 2}, {}]}}"#,
            vec![
                "invalid-catalog | 1 | /result/tools/0 | a tool must be an object, not a number",
                "invalid-catalog | 2 | /result/tools/1 | the name of a tool must be a string, not a number",
                "invalid-catalog | {} | /result/tools/2 | a tool needs `name`",
            ],
        ),
        (
            r#"{"jsonrpc": "2.0", "id": 1, "error": {}}"#,
            vec![
                r#"invalid-catalog | {"jsonrpc": "2.0", "id": 1, "error": {}} |  | the server answered with an error, not with its tools"#,
            ],
        ),
        ("[1,]", vec!["syntax | , |  | a comma stands before the closing bracket"]),
    ] {
        let faults = catalog(text.as_bytes()).unwrap_err();
        let lines: Vec<String> = faults.iter().map(|one| line(one, text)).collect();
        assert_eq!(lines.len(), expected.len(), "{lines:?}");
        for (line, expected) in lines.iter().zip(expected) {
            assert!(line.starts_with(expected), "{line}");
        }
    }
}

/// What a broken string was to say is not known, so no more is said of it.
#[test]
fn a_path_in_a_broken_string_is_one_fault() {
    for path in [r#""ar\qgs.a""#, "\"args..\ta\""] {
        let text = format!(
            r#"{{"version":"1","default":"deny","tools":{{"t":{{"deny_if":[{{"conditions":[
                {{"path":{path},"op":"exists","value":true}}]}}]}}}}}}"#
        );
        let codes: Vec<_> = parse(text.as_bytes()).diagnostics.iter().map(|d| d.code).collect();
        assert!(codes.len() == 1 && codes != [Code::InvalidPath], "{path}: {codes:?}");
    }
}
