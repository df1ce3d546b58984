use super::super::list::{self, Filtered};
use super::*;

const LIST: &str = r#"{"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"a"},{"name":"b"}]}}"#;
const CUT: &str = r#"{"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"a"}]}}"#;
const PING: &str = r#"{"jsonrpc":"2.0","method":"ping","id":7}"#;

/// What a host does: `b` is hidden, what cannot be read is replaced.
fn judge(data: &[u8]) -> Data {
    match list::filter_tools(data, &list::ANSWER, &|name| name != "b") {
        Ok(Filtered::Untouched) => Data::Keep,
        Ok(Filtered::List { text, .. }) => Data::Replace(text),
        Err(_) => Data::Replace("withheld".to_owned()),
    }
}

fn filter(pieces: &[&[u8]], limit: usize) -> (String, bool) {
    let mut filter = SseFilter::new(limit);
    let mut out = Vec::new();
    for piece in pieces {
        out.extend(filter.push(piece, false, &mut judge));
    }
    let closed = filter.is_closed();
    out.extend(filter.push(b"", true, &mut judge));
    assert!(filter.is_closed());
    assert_eq!(filter.push(b"data: x\n\n", false, &mut judge), b"");
    (String::from_utf8(out).unwrap(), closed)
}

fn whole(text: &str) -> String {
    filter(&[text.as_bytes()], 10_000).0
}

/// Streams, and what leaves.
fn streams() -> Vec<(String, String)> {
    let same = |text: String| (text.clone(), text);
    let mut all = vec![
        (String::new(), String::new()),
        same(format!("event: message\nid: 1\ndata: {PING}\n\n")),
        same(format!(": hi\r\n\r\nretry: 10\r\nid\r\ndata:{PING}\r\n\r\n: bye\r\n")),
        same(format!("data: {PING}\r\rid: 7\rdata: {PING}\r\r")),
        same("id: 0\ndata:\n\n\n\nevent: x\n\ndata\n\ndata: \ndata: \n\n".to_owned()),
        same(
            "data: {\"jsonrpc\":\"2.0\",\r\ndata: \"id\":1,\r\ndata: \"result\":{} }\r\n\r\n"
                .into(),
        ),
        // Field names that are no `data`, though some may take them for it; and no field at all.
        (
            format!("dat: {LIST}\ndata : {LIST}\nData: {LIST}\n data: {LIST}\ndatum\n\n"),
            ":\n:\n:\n:\n:\n\n".into(),
        ),
        (format!("{LIST}\n\n"), ":\n\n".into()),
        (
            format!("id: 1\r\n\u{feff}data: {LIST}\r\ndata: {PING}\r\n\r\n"),
            format!("id: 1\r\n:\r\ndata: {PING}\r\n\r\n"),
        ),
        (
            format!("event: message\nid: 9\ndata: {LIST}\n\ndata:{PING}\n\n"),
            format!("event: message\nid: 9\ndata: {CUT}\n\ndata:{PING}\n\n"),
        ),
        (format!("id: 9\r\ndata: {LIST}\r\n\r\n"), format!("id: 9\r\ndata: {CUT}\r\n\r\n")),
        (format!("id: 9\rdata: {LIST}\r\r"), format!("id: 9\rdata: {CUT}\r\r")),
        // Not a message that can be read: never passed on.
        ("data: {\"a\":1,\"a\":2}\nid: 1\n\n".into(), "data: withheld\nid: 1\n\n".into()),
        ("data: [1]\ndata: 2\n\n".into(), "data: withheld\n\n".into()),
        // A byte order mark is no part of the stream, a second one is part of its line.
        (format!("\u{feff}data: {LIST}\n\n"), format!("data: {CUT}\n\n")),
        (format!("\u{feff}\u{feff}data: {LIST}\n\n"), format!("data: {CUT}\n\n")),
        ("\u{feff}".into(), String::new()),
        (format!("\u{feee}: x\ndata: {PING}\n\n"), format!(":\ndata: {PING}\n\n")),
        // What has no blank line was not sent.
        (format!("data: {PING}\n\ndata: {LIST}\n"), format!("data: {PING}\n\n")),
        (format!("data: {PING}\n\nid: 1"), format!("data: {PING}\n\n")),
        // Where some end lines and the standard does not.
        (format!(": \u{2028}data: {LIST}\n\n"), ":\n\n".into()),
        (
            format!("id: \u{b}data: {LIST}\r\ndata: {PING}\r\n\r\n"),
            format!(":\r\ndata: {PING}\r\n\r\n"),
        ),
        (
            "data: {\"jsonrpc\":\"2.0\",\ndata: \"a\":\"é\u{2029}\u{85}\"}\n\n".into(),
            "data: {\"jsonrpc\":\"2.0\", \"a\":\"é\\u2029\\u0085\"}\n\n".into(),
        ),
        // A reader that knows no lone CR would see a list between the two.
        (
            format!("data: {{\"id\":1,\r\"result\":{{\"tools\":[{LIST}]}},\ndata: \"zz\":1}}\n\n"),
            "data: {\"id\":1, \"zz\":1}\r:\n\n".into(),
        ),
        // What is left out must not take the blank line with it.
        (
            format!("data: {LIST}\rid: 1\rdata\n\ndata: {PING}\n\n"),
            format!("data: {CUT}\rid: 1\r:\n\ndata: {PING}\n\n"),
        ),
    ];
    // An answer over several lines, comments within the event.
    let several = LIST.replace("},{", "},\n: comment\ndata: {").replacen("[{", "[\ndata:{", 1);
    all.push((format!("data: {several}\n\n"), format!("data: {CUT}\n: comment\n\n")));
    all
}

#[test]
fn lists_are_cut_and_all_else_leaves_as_it_came() {
    for (stream, expected) in streams() {
        assert_eq!(whole(&stream), expected, "{stream:?}");
    }
}

#[test]
fn how_a_stream_is_cut_does_not_matter() {
    let mut seed = 1u64;
    let mut random = |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).unwrap() % below
    };
    let mut all = streams();
    let ended = |stream: &str| stream.ends_with("\n\n") || stream.ends_with("\r\n\r\n");
    let joined = all.iter().filter(|(stream, _)| ended(stream) && !stream.contains('\u{feff}'));
    let joined: (Vec<_>, Vec<_>) = joined.cloned().unzip();
    all.push((joined.0.concat(), joined.1.concat()));
    for (stream, expected) in all {
        let bytes = stream.as_bytes();
        for limit in [10_000, 120, 40, 8] {
            let once = filter(&[bytes], limit);
            if limit == 10_000 {
                assert_eq!(once.0, expected, "{stream:?}");
            }
            for at in 0..=bytes.len() {
                let (left, right) = bytes.split_at(at);
                assert_eq!(filter(&[left, right], limit), once, "{stream:?} cut at {at}");
            }
            let each: Vec<&[u8]> = bytes.chunks(1).collect();
            assert_eq!(filter(&each, limit), once, "{stream:?} byte by byte");
            for _ in 0..50 {
                let mut pieces = Vec::new();
                let mut rest = bytes;
                while !rest.is_empty() {
                    let (piece, behind) = rest.split_at(random(rest.len().min(30)) + 1);
                    pieces.push(piece);
                    rest = behind;
                }
                assert_eq!(filter(&pieces, limit), once, "{stream:?} in {pieces:?}");
            }
        }
    }
}

#[test]
fn events_leave_as_soon_as_they_are_complete() {
    let mut filter = SseFilter::new(1000);
    let mut push =
        |chunk: &str| String::from_utf8(filter.push(chunk.as_bytes(), false, &mut judge)).unwrap();
    assert_eq!(push("data: 1\n"), "");
    assert_eq!(push("\n"), "data: 1\n\n");
    assert_eq!(push("data: 2\r"), "");
    assert_eq!(push("\r"), "data: 2\r\r");
    // The other half of a line's end follows its event.
    assert_eq!(push("\n"), "\n");
    assert_eq!(push(": still here\n"), ": still here\n");
    assert_eq!(push("data: 3\n: within\n"), "");
    assert_eq!(push("\n\n"), "data: 3\n: within\n\n\n");
}

#[test]
fn an_event_over_the_limit_ends_the_stream() {
    let event = format!("data: {PING}\n\n");
    let stream = format!("{event}{event}");
    assert_eq!(filter(&[stream.as_bytes()], event.len()), (stream.clone(), false));
    assert_eq!(filter(&[stream.as_bytes()], event.len() - 1), (String::new(), true));
    let long = format!("{event}data: \"{}\"\n\n{event}", "x".repeat(event.len()));
    assert_eq!(filter(&[long.as_bytes()], event.len()), (event, true));
    // Many short lines take no longer than one long one.
    let many = "data:\n".repeat(300_000) + "data: {\"a\":1}\n\n";
    assert_eq!(filter(&[many.as_bytes()], many.len()), (many.clone(), false));
}

#[test]
fn text_becomes_an_event() {
    assert_eq!(event("{}"), "data: {}\n\n");
    assert_eq!(event("a\nb"), "data: a\ndata: b\n\n");
    assert_eq!(whole(&event(LIST)), event(CUT));
}
