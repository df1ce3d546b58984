use super::*;
use crate::json;
use crate::model::{RuleId, Scope, Window};

fn number(text: &str) -> Id {
    Id::Integer(Number::parse(text).unwrap())
}

fn limit(counter: &str, window: Window, remaining: Option<Amount>) -> LimitState {
    LimitState {
        counter: counter.to_owned(),
        scope: Scope::Grant,
        window,
        max: Amount::from_millionths(10_500_000).unwrap(),
        remaining,
        reset_after: 42,
    }
}

fn denial(rule: &str, label: &str) -> Decision {
    Decision {
        effect: Effect::Deny,
        tool: "t".into(),
        id: Some(RuleId { rule: rule.into(), label: label.into() }.into()),
        message: Some("No \"more\".\n\u{2028}".into()),
        digest: None,
        limits: Vec::new(),
        short: None,
    }
}

#[test]
fn decisions_are_results_that_the_agent_can_read() {
    let id = Id::Text("a\"b".into());
    let denied = denial("/tools/t/deny_if/0", "/tools/t/deny_if/args.a-gt");
    assert_eq!(
        decision(&id, &denied, "cafe", Era::Sessions),
        r#"{"jsonrpc":"2.0","id":"a\"b","result":{"content":[{"type":"text","text":"[POLICY DENIED] No \"more\".\n\u2028"}],"isError":true,"_meta":{"cattlegrid/decision":{"decision":"deny","tool":"t","rule":"/tools/t/deny_if/0","label":"/tools/t/deny_if/args.a-gt","policy":"cafe"}}}}"#
    );
    let held = Decision {
        effect: Effect::Hold,
        message: None,
        digest: Some("d1".into()),
        ..denied.clone()
    };
    assert_eq!(
        decision(&number("12345678901234567890"), &held, "", Era::Stateless),
        r#"{"jsonrpc":"2.0","id":12345678901234567890,"result":{"resultType":"complete","content":[{"type":"text","text":"[APPROVAL REQUIRED] Call to \"t\" does not meet the policy"}],"isError":true,"_meta":{"cattlegrid/decision":{"decision":"hold","tool":"t","rule":"/tools/t/deny_if/0","label":"/tools/t/deny_if/args.a-gt","approval":{"digest":"d1"}}}}}"#
    );
    // An allowed call that ends here by mistake is not let through by the answer's words.
    let allowed = Decision { effect: Effect::Allow, id: None, message: None, ..denied };
    let text = decision(&id, &allowed, "", Era::Sessions);
    assert!(text.contains("[POLICY DENIED]") && text.contains(r#""decision":"deny""#), "{text}");
}

#[test]
fn a_limit_that_denied_stands_out() {
    let shown = |short: Option<usize>| {
        let (rule, label) = ("/tools/t/limits/0", "/tools/t/limits/calls-per-minute");
        let ninety = Window::from_seconds(90).unwrap();
        let limits = vec![
            limit("calls", Window::MINUTE, Some(Amount::ZERO)),
            limit("calls", ninety, Some(Amount::ONE)),
            LimitState { scope: Scope::Session, ..limit("rate_limit", Window::HOUR, None) },
            limit("calls", Window::MINUTE, None),
        ];
        let denied = Decision { limits, short, ..denial(rule, label) };
        let text = decision(&number("1"), &denied, "", Era::Sessions);
        let (_, behind) = text.split_once(&format!("\"label\":{}", json::quote(label))).unwrap();
        let (shown, list) = behind.split_once("\"limits\":").unwrap();
        (shown.trim_matches(',').to_owned(), list.strip_suffix("}}}}").unwrap().to_owned())
    };
    let (first, list) = shown(Some(0));
    assert_eq!(first, r#""limit":10.5,"remaining":0,"reset_after":42"#);
    assert_eq!(
        list,
        concat!(
            r#"[{"counter":"calls","scope":"grant","window":"minute","max":10.5,"remaining":0,"reset_after":42},"#,
            r#"{"counter":"calls","scope":"grant","window":90,"max":10.5,"remaining":1,"reset_after":42},"#,
            r#"{"counter":"rate_limit","scope":"session","window":"hour","max":10.5,"reset_after":42},"#,
            r#"{"counter":"calls","scope":"grant","window":"minute","max":10.5,"reset_after":42}]"#
        )
    );
    let second = shown(Some(1)).0;
    assert_eq!(second, r#""limit":10.5,"remaining":1,"reset_after":42"#);
    let unknown = r#""limit":10.5,"reset_after":42"#;
    assert_eq!(shown(Some(2)).0, unknown);
    assert_eq!(shown(None).0, "");
    assert_eq!(shown(Some(9)).0, "");
}

#[test]
fn errors_of_our_own() {
    assert_eq!(
        unreadable_answer(Some(&number("3"))),
        r#"{"jsonrpc":"2.0","id":3,"error":{"code":-31001,"message":"the server's answer could not be read and was withheld"}}"#
    );
    assert_eq!(
        error(None, 7, "x"),
        r#"{"jsonrpc":"2.0","id":null,"error":{"code":7,"message":"x"}}"#
    );
    let malformed = malformed_call("t");
    assert_eq!(malformed.id.unwrap().rule, "(malformed call)");
    assert_eq!(
        malformed.message.unwrap(),
        "Call to \"t\" is malformed: arguments must be an object"
    );
}
