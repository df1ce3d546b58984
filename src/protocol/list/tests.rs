use super::*;

fn filter(text: &str) -> Result<Filtered, Unreadable> {
    filter_tools(text.as_bytes(), &ANSWER, &|name| !name.starts_with('h'))
}

fn filtered(text: &str) -> (String, usize) {
    match filter(text) {
        Ok(Filtered::List { text, hidden }) => (text, hidden),
        other => panic!("{other:?} from {text}"),
    }
}

#[test]
fn hidden_tools_leave_lists() {
    let list = |result: &str| format!("{{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{result}}}");
    for (result, left, hidden) in [
        (r#"{"tools":[]}"#, r#"{"tools":[]}"#, 0),
        (r#"{"tools":[{"name":"h"}]}"#, r#"{"tools":[]}"#, 1),
        (
            r#"{ "_meta":{"z":1.0,"a":2},"tools":[{"name":"b","x":1},{"y":2,"name":"h1"},{"name":"a"}, {"name":"h\u0031"}],"nextCursor":"c","more":[null]}"#,
            r#"{"_meta":{"z":1.0,"a":2},"tools":[{"name":"b","x":1},{"name":"a"}],"nextCursor":"c","more":[null]}"#,
            2,
        ),
        // Entries whose name is in doubt.
        (
            r#"{"tools":[{},1,null,[],{"name":1},{"name":"a","Name":"h"},{"Name":"a"}]}"#,
            r#"{"tools":[]}"#,
            7,
        ),
        // Who may cache it.
        (
            r#"{"tools":[],"cacheScope":"public","ttlMs":5}"#,
            r#"{"tools":[],"cacheScope":"private","ttlMs":5}"#,
            0,
        ),
        (
            r#"{"resultType":"complete","tools":[]}"#,
            r#"{"resultType":"complete","tools":[],"cacheScope":"private"}"#,
            0,
        ),
    ] {
        assert_eq!(filtered(&list(result)), (list(left), hidden));
    }
    let error_too = r#"{"id":1,"method":"x","error":{},"result":{"tools":[{"name":"h"}]}}"#;
    assert_eq!(filtered(error_too).1, 1);
    // An old server may answer with a batch.
    let batch = format!(
        "[{},1,{},{}]",
        list("{}"),
        list(r#"{"tools":[{"name":"h"}]}"#),
        list(r#"{"tools":[{"name":"h"}]}"#)
    );
    assert_eq!(filtered(&batch), (batch.replace(r#"{"name":"h"}"#, ""), 2));
    let nested = format!("[[{batch}],[]]");
    assert_eq!(filtered(&nested), (nested.replace(r#"{"name":"h"}"#, ""), 2));
}

#[test]
fn what_lists_no_tools_is_left_alone() {
    for text in [
        r#" {"jsonrpc":"2.0", "id":1,"result":{"content":[{"tools":[{"name":"h"}]}]}}"#,
        r#"{"jsonrpc":"2.0","id":1,"result":{"capabilities":{"tools":{}}}}"#,
        r#"{"jsonrpc":"2.0","id":1,"result":{"tools":null}}"#,
        r#"{"jsonrpc":"2.0","id":1,"result":[]}"#,
        r#"{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"","data":{"tools":[]}}}"#,
        r#"{"jsonrpc":"2.0","id":1,"method":"sampling/createMessage","params":{"tools":[{"name":"h"}]}}"#,
        r#"{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}"#,
        "[]",
        "\"x\"",
    ] {
        assert_eq!(filter(text), Ok(Filtered::Untouched), "{text}");
    }
}

#[test]
fn an_answer_with_two_readings_is_withheld() {
    let hidden = r#"{"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"h"}]}}"#;
    let of = |from: &str, to: &str| hidden.replacen(from, to, 1);
    for text in [
        String::new(),
        format!("\u{feff}{hidden}"),
        format!("{hidden}{hidden}"),
        of("\"id\":1", "\"id\":NaN"),
        of("\"id\":1", "\"result\":{},\"id\":1"),
        of("\"name\":\"h\"", "\"name\":\"h\",\"name\":\"a\""),
        of("\"tools\":", "\"tools\":[],\"tools\":"),
        of("\"h\"", "\"\\ud800\""),
        of("\"h\"", &format!("{}1{}", "[".repeat(130), "]".repeat(130))),
    ] {
        assert!(matches!(filter(&text), Err(Unreadable::Json(_))), "{text}");
    }
    for (from, to, known) in [
        ("\"result\"", "\"Result\"", "result"),
        ("\"result\"", "\"reſult\"", "result"),
        ("\"tools\"", "\"TOOLS\"", "tools"),
        ("\"tools\"", "\"toolſ\"", "tools"),
        ("\"tools\"", "\"tools\\u0000\"", "tools"),
        ("\"tools\"", "\"tools\":[],\"Tools\"", "tools"),
    ] {
        assert_eq!(filter(&of(from, to)), Err(Unreadable::MistakableKey(known)), "{from} {to}");
    }
    assert_eq!(filter(&of("[{\"name\":\"h\"}]", "{\"h\":{}}")), Err(Unreadable::Tools));
    let not_utf_8 = [b"{\"a\":\"".as_slice(), b"\xff\"}"].concat();
    assert!(matches!(filter_tools(&not_utf_8, &ANSWER, &|_| true), Err(Unreadable::Json(_))));
    let small = Limits { bytes: 20, depth: 9 };
    assert!(matches!(filter_tools(hidden.as_bytes(), &small, &|_| true), Err(Unreadable::Json(_))));
}
