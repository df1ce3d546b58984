use super::*;

#[test]
fn request_headers() {
    use RefusalKind as R;
    let post = RequestHead {
        method: "POST",
        content_type: Some("application/json"),
        has_body: true,
        ..RequestHead::default()
    };
    let judge = |head: RequestHead<'_>| request(&head, &Limits::MESSAGE).map_err(|r| r.kind);
    assert_eq!(judge(post), Ok(Next::Body));
    for kind in [
        "application/json; charset=utf-8",
        "Application/JSON;charset=UTF-8",
        "application/json ;",
        "application/json; charset=\"utf-8\"",
    ] {
        assert_eq!(
            judge(RequestHead { content_type: Some(kind), ..post }),
            Ok(Next::Body),
            "{kind}"
        );
    }
    for kind in [
        None,
        Some(""),
        Some("text/plain"),
        Some("application/json; charset=utf-16"),
        Some("application/jsonx"),
        Some("application/json, application/json"),
        Some("application/json; charset=utf-8; charset=utf-7"),
        Some("application/json-rpc"),
        Some("text/plain; application/json"),
        Some("application/json; x=y"),
        Some("multipart/form-data"),
        Some("application/json; charset*=utf-16''"),
    ] {
        assert_eq!(
            judge(RequestHead { content_type: kind, ..post }),
            Err(R::ContentType),
            "{kind:?}"
        );
    }
    for (encoding, result) in [
        ("identity", Ok(Next::Body)),
        ("gzip", Err(R::ContentEncoding)),
        ("", Err(R::ContentEncoding)),
        ("identity, gzip", Err(R::ContentEncoding)),
        ("br", Err(R::ContentEncoding)),
    ] {
        assert_eq!(
            judge(RequestHead { content_encoding: Some(encoding), ..post }),
            result,
            "{encoding}"
        );
    }
    for (length, result) in [
        ("0", Ok(Next::Body)),
        ("1048576", Ok(Next::Body)),
        ("1048577", Err(R::TooLarge)),
        ("99999999999999999999999999", Err(R::TooLarge)),
        ("", Err(R::ContentLength)),
        ("-1", Err(R::ContentLength)),
        ("+1", Err(R::ContentLength)),
        ("1, 1", Err(R::ContentLength)),
        ("0x1", Err(R::ContentLength)),
    ] {
        assert_eq!(judge(RequestHead { content_length: Some(length), ..post }), result, "{length}");
    }
    for (method, next) in [("GET", Next::Stream), ("DELETE", Next::Pass)] {
        let bare = RequestHead { method, ..RequestHead::default() };
        assert_eq!(judge(bare), Ok(next));
        assert_eq!(judge(RequestHead { content_length: Some("0"), ..bare }), Ok(next));
        assert_eq!(
            judge(RequestHead { content_length: Some("5"), ..bare }),
            Err(R::UnexpectedBody)
        );
        assert_eq!(judge(RequestHead { has_body: true, ..bare }), Err(R::UnexpectedBody));
    }
    for method in ["PUT", "PATCH", "HEAD", "OPTIONS", "CONNECT", "post", "", "QUERY"] {
        assert_eq!(judge(RequestHead { method, ..post }), Err(R::HttpMethod));
    }
    let refusal = request(&RequestHead { method: "PUT", ..post }, &Limits::MESSAGE).unwrap_err();
    assert_eq!((refusal.status(), refusal.kind.cause()), (405, "http"));
}

#[test]
fn response_headers() {
    let judge = |status, content_type, content_encoding| {
        response(&ResponseHead { status, content_type, content_encoding })
    };
    for (kind, body) in [
        (None, Body::Other),
        (Some("text/html"), Body::Other),
        (Some("application/json"), Body::Json),
        (Some("Application/Json; charset=utf-8"), Body::Json),
        (Some("text/event-stream"), Body::Events),
        (Some("text/event-stream;charset=utf-8"), Body::Events),
        (Some("text/event-stream; Charset=\"UTF-8\"; a=b"), Body::Events),
        (Some("text/plain; application/json"), Body::Json),
    ] {
        assert_eq!(judge(200, kind, None), Ok(body), "{kind:?}");
        assert_eq!(judge(404, kind, Some("identity")), Ok(body), "{kind:?}");
        assert_eq!(judge(200, kind, Some("gzip")), Err(Unfilterable));
    }
    assert_eq!(judge(200, Some("application/json, text/event-stream"), None), Err(Unfilterable));
    assert_eq!(judge(101, None, None), Err(Unfilterable));
    for charset in [
        "charset=utf-7",
        "CHARSET=\"UTF-16LE\"",
        "charset*=us-ascii''utf-16",
        "charset*0=utf-; charset*1=16",
        "charset=utf-8; charset=utf-16",
        "charset=utf-8, text/event-stream; charset=utf-16",
        "x=\"a; charset=utf-7\"",
        "charset",
    ] {
        for (kind, result) in [
            ("application/json", Err(Unfilterable)),
            ("text/event-stream", Err(Unfilterable)),
            ("text/html", Ok(Body::Other)),
        ] {
            let kind = format!("{kind}; {charset}");
            let head =
                ResponseHead { status: 200, content_type: Some(&kind), content_encoding: None };
            // One of the charsets has the name of a kind in it.
            let result =
                if kind.contains("text/event-stream") { Err(Unfilterable) } else { result };
            assert_eq!(response(&head), result, "{kind}");
        }
    }
}
