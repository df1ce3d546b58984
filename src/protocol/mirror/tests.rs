#![allow(clippy::unwrap_used)]

use super::*;
use crate::json::Limits;

fn message(text: &str) -> Message {
    Message::read(text.as_bytes(), &Limits::MESSAGE).unwrap()
}

fn modern(method: &str, params: &str) -> Message {
    message(&format!(
        r#"{{"jsonrpc":"2.0","id":7,"method":"{method}","params":{{{params}
        "_meta":{{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}}}}}"#
    ))
}

/// The header that is wrong, or nothing.
fn wrong(message: &Message, headers: &[(&str, &str)]) -> String {
    match check(headers.iter().copied(), message) {
        Ok(()) => String::new(),
        Err(refusal) => {
            assert_eq!(refusal.id, message.id());
            match refusal.kind {
                RefusalKind::Mirror(header) => {
                    assert_eq!((refusal.status(), refusal.code()), (400, -32_020));
                    header.to_owned()
                }
                RefusalKind::Unversioned => {
                    assert_eq!((refusal.status(), refusal.code()), (400, -32_602));
                    "body".to_owned()
                }
                other => panic!("{other:?}"),
            }
        }
    }
}

const V: (&str, &str) = ("mcp-protocol-version", "2026-07-28");
const CALL: (&str, &str) = ("mcp-method", "tools/call");

#[test]
fn requests_of_the_second_era_must_say_again_what_they_say() {
    let call = modern("tools/call", r#""name":"echo","arguments":{"a":"x"},"#);
    for (headers, expected) in [
        (vec![V, CALL, ("mcp-name", "echo")], ""),
        (vec![V, CALL, ("mcp-name", "=?base64?ZWNobw==?=")], ""),
        (vec![V, CALL, ("mcp-name", "=?base64?ZWNobw?=")], "mcp-name"),
        (vec![V, CALL, ("mcp-name", "=?base64?ZWNo bw==?=")], "mcp-name"),
        (vec![V, CALL, ("mcp-name", "get-sum")], "mcp-name"),
        (vec![V, CALL, ("mcp-name", "Echo")], "mcp-name"),
        (vec![V, CALL, ("mcp-name", "echo, echo")], "mcp-name"),
        (vec![V, CALL], "mcp-name"),
        (vec![V, ("mcp-name", "echo")], "mcp-method"),
        (vec![V, ("mcp-method", "tools/list"), ("mcp-name", "echo")], "mcp-method"),
        (vec![CALL, ("mcp-name", "echo")], "mcp-protocol-version"),
        (
            vec![("mcp-protocol-version", "2025-11-25"), CALL, ("mcp-name", "echo")],
            "mcp-protocol-version",
        ),
    ] {
        assert_eq!(wrong(&call, &headers), expected, "{headers:?}");
    }
    let list = modern("tools/list", "");
    let method = ("mcp-method", "tools/list");
    assert_eq!(wrong(&list, &[V, method]), "");
    assert_eq!(wrong(&list, &[V, method, ("mcp-name", "echo")]), "mcp-name");
    let read = modern("resources/read", r#""uri":"file:///ä","#);
    let method = ("mcp-method", "resources/read");
    assert_eq!(wrong(&read, &[V, method, ("mcp-name", "=?base64?ZmlsZTovLy/DpA==?=")]), "");
    assert_eq!(wrong(&read, &[V, method]), "mcp-name");
    let task = modern("tasks/get", r#""taskId":"t1","#);
    let method = ("mcp-method", "tasks/get");
    assert_eq!(wrong(&task, &[V, method, ("mcp-name", "t1")]), "");
    assert_eq!(wrong(&task, &[V, method, ("mcp-name", "t2")]), "mcp-name");
}

#[test]
fn what_came_before_may_be_silent_but_not_lie() {
    let call = message(
        r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{}}}"#,
    );
    for (headers, expected) in [
        (vec![], ""),
        (vec![("mcp-protocol-version", "2025-11-25")], ""),
        (vec![V], "body"),
        (vec![CALL, ("mcp-name", "echo")], ""),
        (vec![("mcp-name", "get-env")], "mcp-name"),
        (vec![("mcp-method", "ping")], "mcp-method"),
    ] {
        assert_eq!(wrong(&call, &headers), expected, "{headers:?}");
    }
    // Nothing says what the headers of these are.
    let response = message(r#"{"jsonrpc":"2.0","id":1,"result":{}}"#);
    assert_eq!(wrong(&response, &[V]), "");
    assert_eq!(wrong(&response, &[V, CALL]), "mcp-method");
    let notification = message(r#"{"jsonrpc":"2.0","method":"notifications/cancelled"}"#);
    assert_eq!(wrong(&notification, &[V, ("mcp-method", "notifications/cancelled")]), "");
    assert_eq!(wrong(&notification, &[V, CALL]), "mcp-method");
}

#[test]
fn parameters_are_values_of_arguments() {
    let call = modern(
        "tools/call",
        r#""name":"q","arguments":{"region":"eu","deep":[{"n":42.0,"on":true}],"none":null},"#,
    );
    let with = |value| wrong(&call, &[V, CALL, ("mcp-name", "q"), ("mcp-param-x", value)]);
    for value in ["eu", "42", "true", "=?base64?ZXU=?="] {
        assert_eq!(with(value), "", "{value}");
    }
    for value in ["us", "", "false", "null", "4.2", "n", "eu, eu"] {
        assert_eq!(with(value), "mcp-param-…", "{value}");
    }
    let list = modern("tools/list", "");
    let headers = [V, ("mcp-method", "tools/list"), ("mcp-param-x", "eu")];
    assert_eq!(wrong(&list, &headers), "mcp-param-…");
}

#[test]
fn headers_are_written_from_the_body() {
    let named = |name: &str| {
        let headers = headers_of(&modern("tools/call", &format!(r#""name":"{name}","#)));
        headers.into_iter().map(|(_, value)| value).collect::<Vec<_>>()
    };
    assert_eq!(named("echo"), ["tools/call", "echo"]);
    assert_eq!(named("ä"), ["tools/call", "=?base64?w6Q=?="]);
    assert_eq!(named(" a"), ["tools/call", "=?base64?IGE=?="]);
    assert_eq!(named("=?base64?YQ==?="), ["tools/call", "=?base64?PT9iYXNlNjQ/WVE9PT89?="]);
    for name in ["echo", "ä", " a", "=?base64?YQ==?=", ""] {
        assert_eq!(decode(&encode(name)).as_deref(), Some(name));
    }
    let ping = message(r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#);
    assert_eq!(headers_of(&ping), []);
}

#[test]
fn only_these_headers_are_looked_at() {
    for header in ["mcp-method", "mcp-name", "mcp-protocol-version", "mcp-param-region"] {
        assert!(is_mirror(header), "{header}");
    }
    assert!(!is_mirror("mcp-session-id") && !is_mirror("accept"));
}
