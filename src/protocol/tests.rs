use super::list::{ANSWER, filter_tools};
use super::*;
use crate::json::{FaultKind, Limits, Object};
use crate::model::Call;

fn read(text: &str) -> Result<Message, Refusal> {
    Message::read(text.as_bytes(), &Limits::MESSAGE)
}

fn refused(body: impl AsRef<[u8]>) -> RefusalKind {
    let body = body.as_ref();
    match Message::read(body, &Limits::MESSAGE) {
        Err(refusal) => {
            assert!(matches!(refusal.status(), 400));
            assert!(json::read_strict(refusal.body().as_bytes(), &Limits::MESSAGE).is_ok());
            refusal.kind
        }
        Ok(message) => panic!("{message:?} from {}", String::from_utf8_lossy(body)),
    }
}

fn integer(text: &str) -> Id {
    Id::Integer(Number::parse(text).unwrap())
}

const CALL: &str =
    r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"t","arguments":{"a":1}}}"#;

#[test]
fn what_a_message_is() {
    let id = || integer("1");
    for (rest, kind) in [
        (r#""id":1,"method":"tools/call","params":{"name":"t"}"#, Kind::Call { id: id() }),
        (
            r#""id":1,"method":"tools/call","params":{"name":"","arguments":{}}"#,
            Kind::Call { id: id() },
        ),
        (
            r#""id":1,"method":"tools/call","params":{"name":"t","arguments":[]}"#,
            Kind::MalformedCall { id: id() },
        ),
        (
            r#""id":1,"method":"tools/call","params":{"name":"t","arguments":null}"#,
            Kind::MalformedCall { id: id() },
        ),
        (
            r#""id":1,"method":"tools/call","params":{"name":"t","arguments":"{}"}"#,
            Kind::MalformedCall { id: id() },
        ),
        (r#""method":"tools/call","params":{"name":"t"}"#, Kind::CallWithoutId),
        (r#""method":"tools/call","params":{"name":"t","arguments":1}"#, Kind::CallWithoutId),
        (r#""id":1,"method":"tools/list""#, Kind::ListTools { id: id() }),
        (r#""id":1,"method":"tools/list","params":{"cursor":"x"}"#, Kind::ListTools { id: id() }),
        (r#""method":"tools/list""#, Kind::Notification),
        (r#""id":1,"method":"initialize","params":{}"#, Kind::Request { id: id() }),
        (r#""id":1,"method":"made/up""#, Kind::Request { id: id() }),
        (r#""method":"notifications/initialized""#, Kind::Notification),
        (r#""id":1,"result":{}"#, Kind::Response),
        (r#""id":1,"error":{"code":1,"message":""}"#, Kind::Response),
        (r#""error":{"code":1,"message":""}"#, Kind::Response),
        // Keys that mean nothing pass, in the envelope and in the parameters of other methods.
        (r#""id":1,"method":"tools/list","x-trace":"é","name":"n""#, Kind::ListTools { id: id() }),
        (r#""id":1,"method":"made/up","params":{"Name":1,"é":2}"#, Kind::Request { id: id() }),
        (
            r#""id":1,"method":"tools/call","params":{"name":"t","task":{},"names":1,"requestState":"s"}"#,
            Kind::Call { id: id() },
        ),
        // Nothing is said about the names of arguments.
        (
            r#""id":1,"method":"tools/call","params":{"name":"t","arguments":{"Name":1,"ｎame":2}}"#,
            Kind::Call { id: id() },
        ),
    ] {
        let text = format!("{{\"jsonrpc\":\"2.0\",{rest}}}");
        let message = read(&text).unwrap_or_else(|refusal| panic!("{text}: {refusal:?}"));
        assert_eq!(message.kind, kind, "{text}");
        assert_eq!(message.forward(), text);
    }
}

#[test]
fn ids() {
    let with = |id: &str| read(&CALL.replace("\"id\":1", &format!("\"id\":{id}")));
    for id in ["0", "-1", "\"\"", "\"a\\u0000\"", "123456789012345678901234567890"] {
        assert!(with(id).is_ok(), "{id}");
    }
    for id in ["null", "1.0", "1.5", "1e2", "1E0", "-0", "{}", "[]", "[1]", "true", "-0.0"] {
        assert_eq!(with(id).unwrap_err().kind, RefusalKind::Id, "{id}");
    }
    assert_eq!(with("\"x\"").unwrap().id(), Some(Id::Text("x".into())));
    assert_eq!(refused(r#"{"jsonrpc":"2.0","result":{}}"#), RefusalKind::Id);
    assert_eq!(refused(r#"{"jsonrpc":"2.0","id":null,"method":"x"}"#), RefusalKind::Id);
    assert_eq!(refused(r#"{"jsonrpc":"2.0","id":null,"error":{}}"#), RefusalKind::Id);
}

#[test]
fn a_call_is_what_the_engine_decides() {
    let text = r#"{"jsonrpc":"2.0","id":"1","method":"tools/call","params":{"_meta":{"cattlegrid/approval":"tok"},"name":"t","arguments":{"b":1.50,"a":"x"}}}"#;
    let message = read(text).unwrap();
    assert_eq!((message.method(), message.tool()), (Some("tools/call"), Some("t")));
    let arguments: Object = [
        ("a".to_owned(), Value::String("x".into())),
        ("b".to_owned(), Value::Number(Number::parse("1.5").unwrap())),
    ]
    .into_iter()
    .collect();
    let call =
        Call { tool: "t".into(), arguments, approval: Some("tok".into()), ..Call::default() };
    assert_eq!(message.into_call(), Some(call));
    let call = read(&CALL.replace(",\"arguments\":{\"a\":1}", "")).unwrap().into_call();
    assert_eq!(call, Some(Call { tool: "t".into(), ..Call::default() }));
    for other in [
        CALL.replace("{\"a\":1}", "[]"),
        CALL.replace("tools/call", "tools/list"),
        CALL.replace("tools/call", "prompts/get"),
    ] {
        assert_eq!(read(&other).unwrap().into_call(), None);
    }
    assert_eq!(read(&CALL.replace("tools/call", "prompts/get")).unwrap().tool(), None);
    // A token that is no text is no token.
    let odd = CALL.replace("\"name\"", "\"_meta\":{\"cattlegrid/approval\":1},\"name\"");
    assert_eq!(read(&odd).unwrap().into_call().unwrap().approval, None);
}

#[test]
fn the_body_tells_the_era() {
    let with = |meta: &str| {
        read(&CALL.replace("\"name\"", &format!("\"_meta\":{meta},\"name\"")))
            .map(|message| (message.era(), message.protocol_version().map(str::to_owned)))
            .map_err(|refusal| refusal.kind)
    };
    let version = |version: &str| format!("{{\"{VERSION_KEY}\":{version}}}");
    assert_eq!(read(CALL).unwrap().era(), Era::Sessions);
    assert_eq!(with("{}"), Ok((Era::Sessions, None)));
    let named = |era, version: &str| Ok((era, Some(version.to_owned())));
    assert_eq!(with(&version("\"2026-07-28\"")), named(Era::Stateless, "2026-07-28"));
    assert_eq!(with(&version("\"2027-01-01\"")), named(Era::Stateless, "2027-01-01"));
    assert_eq!(with(&version("\"2025-11-25\"")), named(Era::Sessions, "2025-11-25"));
    for meta in [version("1").as_str(), version("null").as_str(), "[]", "null", "\"\""] {
        assert_eq!(with(meta), Err(RefusalKind::Meta), "{meta}");
    }
}

#[test]
fn what_goes_on_is_what_was_read() {
    let text = "\n{ \"jsonrpc\" : \"2.0\", \"z\":[ ],\"id\" :1,\t\"method\":\"tools\\/call\",\"params\":{ \
         \"arguments\":{\"n\":1.50e+1,\"big\":123456789012345678901234567890,\"\\u0041\":\"\\u00e9\\ud83d\\ude00\\u2028\\u0000\"},\
         \"name\":\"t\\u0020\"}}\r\n";
    let forward = read(text).unwrap().forward();
    assert_eq!(
        forward,
        "{\"jsonrpc\":\"2.0\",\"z\":[],\"id\":1,\"method\":\"tools/call\",\"params\":{\
         \"arguments\":{\"n\":1.50e+1,\"big\":123456789012345678901234567890,\"A\":\"é😀\\u2028\\u0000\"},\
         \"name\":\"t \"}}"
    );
    assert_eq!(read(&forward).unwrap().forward(), forward);
    assert_eq!(read(&forward).unwrap(), read(text).unwrap());
}

/// What servers were seen to run, or could: none is forwarded.
#[test]
fn attacks() {
    use RefusalKind as R;
    let json = |kind| R::Json(kind);
    let of = |from: &str, to: &str| {
        assert!(CALL.contains(from), "{from}");
        CALL.replacen(from, to, 1)
    };
    // Not the JSON of everybody.
    for body in [
        of("\"name\":\"t\"", "\"name\":\"t\",\"name\":\"denied\""),
        of("\"name\":\"t\"", "\"name\":\"t\",\"n\\u0061me\":\"denied\""),
        of("\"a\":1", "\"a\":1,\"a\":2"),
        of("\"a\":1", "\"a\":{\"b\":1,\"b\":1}"),
        of("\"id\":1", "\"id\":1,\"id\":2"),
        of("\"params\":", "\"params\":{},\"params\":"),
        of("\"method\":", "\"method\":\"ping\",\"method\":"),
    ] {
        assert!(matches!(refused(&body), R::Json(FaultKind::DuplicateKey(_))), "{body}");
    }
    assert_eq!(refused(format!("\u{feff}{CALL}")), json(FaultKind::ByteOrderMark));
    assert_eq!(refused(format!("{CALL}{CALL}")), json(FaultKind::TrailingText));
    assert_eq!(refused(format!("{CALL}\n{CALL}")), json(FaultKind::TrailingText));
    assert_eq!(refused(format!("{CALL}\0")), json(FaultKind::TrailingText));
    assert_eq!(refused(format!("{CALL},")), json(FaultKind::TrailingText));
    for text in ["NaN", "Infinity", "-Infinity", "01", "+1", ".5", "1.", "0x1", "'x'", "undefined"]
    {
        assert_eq!(read(&of("\"a\":1", &format!("\"a\":{text}"))).unwrap_err().code(), -32_700);
    }
    for body in [
        of("{\"a\":1}", "{\"a\":1,}"),
        of("{\"a\":1}", "{a:1}"),
        of("{\"a\":1}", "{\"a\":1/**/}"),
        of("{\"a\":1}", "{\"a\":\"\t\"}"),
        format!("//\n{CALL}"),
        format!("{CALL} //"),
        String::new(),
        " \n".to_owned(),
        CALL[..CALL.len() - 1].to_owned(),
    ] {
        assert_eq!(read(&body).unwrap_err().code(), -32_700, "{body}");
    }
    assert_eq!(refused(of("\"t\"", "\"\\ud800t\"")), json(FaultKind::LoneSurrogate));
    assert_eq!(refused(of("\"a\":1", "\"\\udc00\":1")), json(FaultKind::LoneSurrogate));
    assert_eq!(refused(of("\"a\":1", "\"a\":1e401")), json(FaultKind::NumberTooLarge));
    let at = CALL.find("\"t\"").unwrap() + 1;
    for bytes in [&b"\xff"[..], b"\xc0\x80", b"\xed\xa0\x80", b"\xc3", b"\xf4\x90\x80\x80"] {
        let mut body = CALL.as_bytes().to_vec();
        body.splice(at..at, bytes.iter().copied());
        assert_eq!(refused(body), json(FaultKind::InvalidUtf8));
    }
    for wide in [u16::to_le_bytes, u16::to_be_bytes] {
        let utf_16: Vec<u8> = CALL.encode_utf16().flat_map(wide).collect();
        assert_eq!(Message::read(&utf_16, &Limits::MESSAGE).unwrap_err().code(), -32_700);
    }
    assert_eq!(refused(b"\x1f\x8b\x08\x00\x00\x00\x00\x00"), json(FaultKind::InvalidUtf8));
    let deep = |levels| {
        of("{\"a\":1}", &format!("{{\"a\":{}{}}}", "[".repeat(levels), "]".repeat(levels)))
    };
    assert!(read(&deep(125)).is_ok());
    assert_eq!(refused(deep(126)), json(FaultKind::TooDeep));
    assert_eq!(refused("[".repeat(1 << 20)), json(FaultKind::TooDeep));
    assert_eq!(refused("{\"a\":".repeat(100_000)), json(FaultKind::TooDeep));
    assert_eq!(refused(of("\"t\"", &format!("\"{}\"", "t".repeat(1 << 20)))), R::TooLarge);

    // Not one message.
    for body in ["[]".to_owned(), format!("[{CALL}]"), format!(" [{CALL},{CALL}]")] {
        assert_eq!(refused(body), R::Batch);
    }
    for body in ["1", "null", "\"{}\"", "true"] {
        assert_eq!(refused(body), R::NotAnObject);
    }
    for version in
        ["\"2.0 \"", "\"2\"", "2.0", "2", "\"1.0\"", "null", "\"2.0\\u0000\"", "[\"2.0\"]"]
    {
        assert_eq!(refused(of("\"2.0\"", version)), R::Version, "{version}");
    }
    assert_eq!(refused(of("\"jsonrpc\":\"2.0\",", "")), R::Version);
    assert_eq!(refused("{}"), R::Version);
    for body in [
        of("\"id\"", "\"result\":{},\"id\""),
        of("\"id\"", "\"error\":null,\"id\""),
        r#"{"jsonrpc":"2.0","id":1}"#.to_owned(),
        r#"{"jsonrpc":"2.0","id":1,"result":1,"error":{}}"#.to_owned(),
    ] {
        assert_eq!(refused(&body), R::NotOneKind, "{body}");
    }
    for method in [
        "null",
        "1",
        "[\"tools/call\"]",
        "\"Tools/Call\"",
        "\"tools/call\\u0000\"",
        "\"tools/call \"",
        "\" tools/call\"",
        "\"tools/caLL\"",
        "\"toolſ/call\"",
        "\"tools／call\"",
        "\"tools//call\"",
        "\"tools.call\"",
        "\"toolscall\"",
        "\"tools/list/\"",
        "\"TOOLS/LIST\"",
        "\"ｔools/call\"",
        "\"x\\u0000\"",
        "\"tools/\\u0000call\"",
        "\"tools/call\\u0000x\"",
        "\"\\ttools/call\"",
    ] {
        assert_eq!(refused(of("\"tools/call\"", method)), R::Method, "{method}");
    }
    for params in ["null", "[]", "[\"t\"]", "\"t\"", "1"] {
        let body = of("{\"name\":\"t\",\"arguments\":{\"a\":1}}", params);
        assert_eq!(refused(&body), R::Params, "{body}");
    }
    assert_eq!(refused(r#"{"jsonrpc":"2.0","id":1,"method":"tools/call"}"#), R::ToolName);
    assert_eq!(refused(r#"{"jsonrpc":"2.0","method":"tools/call"}"#), R::ToolName);
    for name in ["null", "1", "[\"t\"]", "{}", "true"] {
        assert_eq!(refused(of("\"name\":\"t\"", &format!("\"name\":{name}"))), R::ToolName);
    }
    assert_eq!(refused(of("\"name\":\"t\",", "")), R::ToolName);
    assert_eq!(refused(of("\"name\":\"t\",", "\"_meta\":[],\"name\":\"t\",")), R::Meta);
}

#[test]
fn keys_that_could_be_mistaken() {
    use RefusalKind as R;
    // In the envelope, in place of the key and beside it.
    for (key, known) in [
        ("Method", "method"),
        ("METHOD", "method"),
        ("method\\u0000", "method"),
        ("method ", "method"),
        (" method", "method"),
        ("met\\u0000hod", "method"),
        ("me-thod", "method"),
        ("_method", "method"),
        ("Params", "params"),
        ("paramſ", "params"),
        ("params\\t", "params"),
        ("JSONRPC", "jsonrpc"),
        ("json_rpc", "jsonrpc"),
        ("jsonrpc\\u007f", "jsonrpc"),
        ("ID", "id"),
        ("Id", "id"),
        ("i.d", "id"),
        ("Result", "result"),
        ("reſult", "result"),
        ("ERROR", "error"),
        ("meta", "_meta"),
        ("_Meta", "_meta"),
        ("NAME", "name"),
        ("argumentſ", "arguments"),
        ("Arguments", "arguments"),
    ] {
        let beside = CALL.replacen("\"id\"", &format!("\"{key}\":null,\"id\""), 1);
        assert_eq!(refused(&beside), R::MistakableKey(known), "{beside}");
        let beside = CALL.replacen("\"name\"", &format!("\"{key}\":null,\"name\""), 1);
        assert_eq!(refused(&beside), R::MistakableKey(known), "{beside}");
        let instead = CALL.replacen(&format!("\"{known}\""), &format!("\"{key}\""), 1);
        if CALL.contains(&format!("\"{known}\"")) {
            assert_eq!(refused(&instead), R::MistakableKey(known), "{instead}");
        }
    }
    // No table of look-alikes: such keys have no business there.
    for key in [
        "ｎame",
        "ｎａｍｅ",
        "nаme",
        "name\\ufeff",
        "name\\u200b",
        "na\\u00adme",
        "ıd",
        "İd",
        "para㎳",
        "𝐧ame",
        "ⓝame",
        "ⁿame",
        "name\\u0000x",
        "naméx",
        "\\u0000",
        "x\\n",
        "ключ",
        "name\\u0301",
    ] {
        for place in ["\"id\"", "\"name\""] {
            let beside = CALL.replacen(place, &format!("\"{key}\":null,{place}"), 1);
            assert_eq!(refused(&beside), R::KeyNotPlain, "{beside}");
        }
    }
}

#[test]
fn a_refusal_says_what_and_where() {
    let told = |body: &str| {
        let refusal = read(body).unwrap_err();
        (refusal.body(), refusal.kind.cause())
    };
    for (body, answer, cause) in [
        (
            r#"{"jsonrpc":"2.0","id":7,"id":8}"#,
            r#"{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"parse error at byte 24: the key stands twice in one object"}}"#,
            "json",
        ),
        (
            r#"{"jsonrpc":"2.0","id":7,"method":"tools/call","Params":{}}"#,
            r#"{"jsonrpc":"2.0","id":7,"error":{"code":-32600,"message":"invalid request at byte 46: a key that could be mistaken for `params`"}}"#,
            "envelope",
        ),
        (
            r#"{"jsonrpc":"2.0","id":"a","method":"tools/call","params":{"name":1}}"#,
            r#"{"jsonrpc":"2.0","id":"a","error":{"code":-32602,"message":"invalid params at byte 65: `tools/call` must have a `name`, a string, in `params`"}}"#,
            "params",
        ),
        (
            "[]",
            r#"{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"invalid request at byte 0: batches are not supported: send one message a request"}}"#,
            "batch",
        ),
    ] {
        assert_eq!(told(body), (answer.to_owned(), cause));
    }
    let small = Limits { bytes: 10, depth: 5 };
    let refusal = Message::read(CALL.as_bytes(), &small).unwrap_err();
    assert_eq!((refusal.kind.cause(), refusal.code()), ("size", -32_600));
    assert_eq!(refusal.message(), "invalid request: the body is too large");
}

/// Whatever comes, nothing panics; and what is read is read the same when it is forwarded.
#[test]
fn one_byte_changed_anywhere() {
    for at in 0..CALL.len() {
        for byte in [0u8, b' ', b'"', b'\\', b'{', b'}', b'[', b',', b':', b'A', b'0', 0x80, 0xff] {
            let mut body = CALL.as_bytes().to_vec();
            body[at] = byte;
            if let Ok(message) = Message::read(&body, &Limits::MESSAGE) {
                let again = read(&message.forward()).unwrap();
                assert_eq!(again, message);
                assert_eq!(again.into_call(), message.into_call());
            }
            let _ = filter_tools(&body, &ANSWER, &|_| true);
        }
    }
}

#[test]
fn methods_of_mcp_are_known() {
    assert!(is_known_method("tools/call") && is_known_method("notifications/initialized"));
    assert!(!is_known_method("tools/Call") && !is_known_method("") && !is_known_method("made/up"));
}
