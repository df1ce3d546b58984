//! What a host may do that Envoy does not, or what no test can have Envoy do.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use serde_json::{Value, json};

use crate::proxy::{Build, End, Filter, MANNERS, Manner, Message, Seen, WHOLE};
use crate::store::{Fault, Store};

const HIDDEN: &str = "secret-tool";
const NOTE: &str = r#"{"jsonrpc":"2.0","method":"notifications/message","params":{}}"#;

fn configuration(more: Value) -> String {
    let limits =
        |max: u32| json!({ "limits": [{ "counter": "calls", "window": "day", "max": max }] });
    let tools = json!({ "free": {}, "once": limits(1), "many": limits(1000), "never": { "action": "deny" } });
    let policy = json!({ "version": "1", "default": "deny", "hide": [HIDDEN], "tools": tools });
    let mut configuration = json!({ "policy": policy });
    configuration.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    configuration.to_string()
}

fn start(build: Build, store: &Arc<Store>) -> Filter {
    Filter::start(build, &configuration(json!({})), store).unwrap()
}

fn filter() -> Filter {
    start(Build::Shipped, &Arc::new(Store::new()))
}

fn call(tool: &str) -> Message {
    let params = json!({ "name": tool, "arguments": { "text": "hello" } });
    Message::post(
        json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params }).to_string(),
    )
}

fn list() -> Message {
    Message::post(r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#)
}

fn listing(names: &[&str]) -> String {
    let tools: Vec<Value> = names.iter().map(|name| json!({ "name": name })).collect();
    json!({ "jsonrpc": "2.0", "id": 1, "result": { "tools": tools } }).to_string()
}

fn done(_: &Message) -> Option<Message> {
    Some(Message::answer("application/json", r#"{"jsonrpc":"2.0","id":1,"result":{"content":[]}}"#))
}

fn passes(filter: &mut Filter, tool: &str) -> bool {
    passed(&filter.exchange(&call(tool), WHOLE, done))
}

/// Whether a call ran, as opposed to being answered here.
fn passed(seen: &Seen) -> bool {
    assert!(!seen.trapped, "{seen:?}");
    let forwarded = seen.forwarded.is_some();
    assert_eq!(forwarded, !seen.own, "{seen:?}");
    assert!(forwarded || seen.began == Message::default(), "a part of it went on: {seen:?}");
    forwarded
}

// The store.

#[test]
fn a_store_that_is_gone_denies() {
    let store = Arc::new(Store::new());
    let mut filter = start(Build::Shipped, &store);
    store.fail(Fault::Gone);
    assert!(!passes(&mut filter, "once"));
    assert!(passes(&mut filter, "free"));
    store.fail(Fault::None);
    // Nothing was taken.
    assert!(passes(&mut filter, "once"));
    assert!(!passes(&mut filter, "once"));
}

#[test]
fn a_store_that_is_gone_allows_where_that_is_wanted() {
    let store = Arc::new(Store::new());
    let configuration = configuration(json!({ "store": { "on_failure": "allow" } }));
    let mut filter = Filter::start(Build::Shipped, &configuration, &store).unwrap();
    store.fail(Fault::Gone);
    assert!(passes(&mut filter, "once") && passes(&mut filter, "once"));
    assert!(!passes(&mut filter, "never"));
    store.fail(Fault::None);
    assert!(passes(&mut filter, "once"));
    assert!(!passes(&mut filter, "once"));
}

/// The SDK panics on a status that the ABI does not foresee here. That closes.
#[test]
fn a_store_that_breaks_stops_the_filter_and_nothing_passes() {
    let store = Arc::new(Store::new());
    let configuration = configuration(json!({ "store": { "on_failure": "allow" } }));
    let mut filter = Filter::start(Build::Shipped, &configuration, &store).unwrap();
    store.fail(Fault::Broken);
    let seen = filter.exchange(&call("once"), WHOLE, done);
    assert!(seen.trapped && seen.began == Message::default() && !filter.serves(), "{seen:?}");
    // No filter starts on it either.
    assert!(Filter::start(Build::Shipped, &configuration, &store).is_err());
    store.fail(Fault::None);
    assert!(passes(&mut Filter::start(Build::Shipped, &configuration, &store).unwrap(), "once"));
}

#[test]
fn a_store_in_which_others_count_is_tried_again_and_no_count_is_lost() {
    let store = Arc::new(Store::new());
    let mut filter = start(Build::Shipped, &store);
    for late in 1..=3 {
        store.fail(Fault::Late(late));
        assert!(passes(&mut filter, "many"), "{late}");
        assert_eq!(store.writes.load(Ordering::Relaxed), late + 1);
    }
    // One who always comes too late gives up, and is denied.
    store.fail(Fault::Late(u32::MAX));
    assert!(!passes(&mut filter, "many"));
    let tries = store.writes.load(Ordering::Relaxed);
    assert!((2..=200).contains(&tries), "{tries}");
    println!("given up after {tries} writes");
    store.fail(Fault::None);
    assert!(passes(&mut filter, "once"));
    assert!(!passes(&mut filter, "once"));
}

#[test]
fn filters_of_one_store_count_together() {
    let store = Arc::new(Store::new());
    let (mut one, mut other) = (start(Build::Shipped, &store), start(Build::Shipped, &store));
    assert!(passes(&mut one, "once"));
    assert!(!passes(&mut other, "once"));
    assert!(!passes(&mut start(Build::Shipped, &store), "once"));
}

/// What is kept does not grow with them: a table of fixed size, in which windows that are over make room.
#[test]
fn many_sessions_take_no_more_room_than_few() {
    const SESSIONS: u64 = 1_000_000;
    const A_MINUTE: u64 = 20_000;
    let store = Arc::new(Store::new());
    let limit = json!({ "counter": "calls", "window": "minute", "max": 1, "scope": "session" });
    let policy =
        json!({ "version": "1", "default": "deny", "tools": { "a": { "limits": [limit] } } });
    let configuration = json!({ "policy": policy }).to_string();
    let mut filter = Filter::start(Build::Shipped, &configuration, &store).unwrap();
    let mut most = 0;
    for number in 0..SESSIONS {
        filter.world.now.store(number / A_MINUTE * 60_000, Ordering::Relaxed);
        let request = call("a").with("mcp-session-id", &format!("session-{number}"));
        assert!(passed(&filter.exchange(&request, WHOLE, done)), "{number}");
        if number % 1000 == 0 {
            assert!(!passed(&filter.exchange(&request, WHOLE, done)), "{number}");
            filter.world.log.lock().unwrap().clear();
            most = most.max(store.size().0);
        }
    }
    let (bytes, names) = store.size();
    println!("{SESSIONS} sessions: at most {most} bytes, {bytes} at the end, under {names} names");
    assert_eq!(names, 4096);
    // All slots full: 4,096 of 8 bytes and 64 counters of 44.
    assert!(most <= 4096 * (8 + 64 * 44));
}

// What a host need not have.

/// The SDK panics where there are no metrics. The filter does not start, and nothing is unprotected.
#[test]
fn a_host_without_metrics_gets_no_filter() {
    let store = Arc::new(Store::new());
    store.fail(Fault::NoMetrics);
    assert!(Filter::start(Build::Shipped, &configuration(json!({})), &store).is_err());
}

#[test]
fn a_host_that_does_not_say_why_an_exchange_ended_keeps_counts() {
    for (details, given_back) in [
        (None, false),
        (Some("downstream_remote_disconnect"), false),
        (Some("upstream_reset_before_response_started{connection_termination}"), true),
    ] {
        let mut filter = filter();
        let mut exchange = filter.open();
        filter.ask(&mut exchange, &call("once"), WHOLE).unwrap();
        assert!(exchange.is_forwarded());
        if let Some(details) = details {
            exchange.break_off(details);
        }
        filter.close(&mut exchange).unwrap();
        assert_eq!(passes(&mut filter, "once"), given_back, "{details:?}");
    }
}

// A configuration.

#[test]
fn a_bad_configuration_starts_nothing_and_says_where() {
    for (text, line) in [
        ("", "1:1: error[syntax]"),
        (r#"{"policy": {"version": "1", "default": "perhaps"}}"#, "1:41: error[unknown-default]"),
    ] {
        let said = Filter::start(Build::Shipped, text, &Arc::new(Store::new())).err().unwrap();
        assert!(said.contains(line), "{said}");
    }
}

// Requests in pieces.

#[test]
fn a_request_is_decided_when_it_is_whole_whatever_its_pieces() {
    for manner in MANNERS {
        let mut filter = filter();
        assert!(passed(&filter.exchange(&call("once"), manner, done)), "{manner:?}");
        assert!(!passed(&filter.exchange(&call("once"), manner, done)), "{manner:?}");
        assert!(!passed(&filter.exchange(&call("never"), manner, done)), "{manner:?}");
    }
}

#[test]
fn a_request_that_does_not_end_goes_nowhere() {
    let mut filter = filter();
    for tool in ["free", "once", "never"] {
        for piece in [usize::MAX, 1] {
            let manner = Manner { piece, end: End::Never, ..WHOLE };
            let seen = filter.exchange(&call(tool), manner, done);
            assert!(
                seen.began == Message::default() && seen.answer.is_none() && !seen.trapped,
                "{seen:?}"
            );
        }
    }
    // Nor is it counted.
    assert!(passes(&mut filter, "once"));
}

#[test]
fn a_post_without_a_body_is_refused() {
    let mut filter = filter();
    for end in [End::AtOnce, End::Later, End::Trailers] {
        let seen = filter.exchange(&Message::post(""), Manner { end, ..WHOLE }, done);
        assert!(!passed(&seen) && seen.answered().status() == 400, "{seen:?}");
    }
}

#[test]
fn a_body_that_is_too_large_is_refused_before_its_end() {
    let mut filter = filter();
    let request = Message::post("x".repeat(2 << 20));
    let manner = Manner { piece: 64 << 10, end: End::Never, ..WHOLE };
    let seen = filter.exchange(&request, manner, done);
    assert!(!passed(&seen) && seen.answered().status() == 413, "{seen:?}");
}

/// Where pauses at the headers do not hold, they go on without a body; what was evaluated could not go on in the
/// place of what was sent. The filter refuses or traps, and of the body nothing goes on.
#[test]
fn a_host_that_does_not_hold_headers_gets_no_body() {
    for tool in ["free", "never"] {
        let mut filter = filter();
        let mut exchange = filter.open_lax();
        let _ = filter.ask(&mut exchange, &call(tool), WHOLE);
        assert!(!exchange.forwarded().headers.is_empty());
        assert!(exchange.forwarded().body.is_empty() && !exchange.is_forwarded(), "{tool}");
    }
}

// Answers in pieces.

#[test]
fn lists_are_filtered_whatever_their_pieces() {
    let body = listing(&["a", HIDDEN, "b"]);
    let stream = format!(": hello\n\ndata: {NOTE}\n\ndata: {body}\n\n");
    for manner in MANNERS {
        for (kind, body) in [("application/json", &body), ("text/event-stream", &stream)] {
            let mut filter = filter();
            let seen =
                filter.exchange(&list(), manner, |_| Some(Message::answer(kind, body.clone())));
            assert!(passed(&seen), "{seen:?}");
            let text = seen.answered().text();
            let text = text.rsplit("data: ").next().unwrap();
            let json: Value = serde_json::from_str(text).unwrap();
            assert_eq!(
                json["result"]["tools"],
                json!([{ "name": "a" }, { "name": "b" }]),
                "{manner:?}"
            );
        }
    }
}

#[test]
fn an_answer_that_does_not_end_is_held_and_a_stream_is_not() {
    let mut filter = filter();
    let body = listing(&["a", HIDDEN]);
    let manner = Manner { end: End::Never, ..WHOLE };
    let seen = filter.exchange(&list(), manner, |_| unreachable!());
    assert!(seen.forwarded.is_none());

    let mut exchange = filter.open();
    filter.ask(&mut exchange, &list(), WHOLE).unwrap();
    filter
        .answer(&mut exchange, &Message::answer("application/json", body.clone()), manner)
        .unwrap();
    assert_eq!(exchange.shown(), &Message::default());
    filter.close(&mut exchange).unwrap();

    let mut exchange = filter.open();
    filter.ask(&mut exchange, &list(), WHOLE).unwrap();
    let stream = format!("data: {NOTE}\n\ndata: {body}\n\ndata: {body}");
    filter.answer(&mut exchange, &Message::answer("text/event-stream", stream), manner).unwrap();
    let shown = exchange.shown().text();
    assert!(
        shown.starts_with(&format!("data: {NOTE}\n\ndata: ")) && !shown.contains(HIDDEN),
        "{shown}"
    );
    filter.close(&mut exchange).unwrap();
}

/// The end comes with trailers, where the ABI has no body any more.
#[test]
fn streams_that_break_off_before_their_trailers_show_nothing_hidden() {
    let body = listing(&["a", HIDDEN]);
    for end in [End::AtOnce, End::Later, End::Trailers] {
        for stream in [
            format!("data: {body}"),
            format!("data: {body}\n"),
            format!("data: {NOTE}\n\ndata: {body}\n"),
        ] {
            for piece in [usize::MAX, 1] {
                let manner = Manner { piece, end, ..WHOLE };
                let answer = Message::answer("text/event-stream", stream.clone());
                let seen = filter().exchange(&list(), manner, |_| Some(answer));
                assert!(
                    !seen.trapped && !seen.shown.text().contains(HIDDEN),
                    "{manner:?}: {seen:?}"
                );
            }
        }
    }
}

/// More than a proxy is asked to hold.
#[test]
fn large_answers_pass_whatever_their_pieces() {
    let text = "x".repeat(700 << 10);
    let body = json!({ "jsonrpc": "2.0", "id": 1, "result": { "content": [{ "type": "text", "text": text }] } });
    let body = body.to_string();
    for end in [End::AtOnce, End::Later, End::Trailers] {
        for piece in [usize::MAX, 60_000] {
            let manner = Manner { piece, end, ..WHOLE };
            let answer =
                Message::answer("application/json", body.clone()).with("x-of-the-server", "y");
            let seen = filter().exchange(&call("free"), manner, |_| Some(answer));
            assert!(!seen.trapped, "{manner:?}");
            assert!(seen.answered().body == body.as_bytes(), "{manner:?}: {seen:?}");
            assert_eq!(seen.answered().header("x-of-the-server"), Some("y"));
        }
    }
}

#[test]
fn exchanges_on_one_filter_do_not_mix() {
    let mut filter = filter();
    let mut open = filter.open();
    let manner = Manner { end: End::Never, ..WHOLE };
    filter
        .ask(&mut open, &Message::new(&[(":method", "GET"), (":path", "/mcp")], ""), WHOLE)
        .unwrap();
    filter
        .answer(&mut open, &Message::answer("text/event-stream", "data: {\"json"), manner)
        .unwrap();
    let mut half = filter.open();
    filter.ask(&mut half, &call("once"), manner).unwrap();
    assert!(
        passes(&mut filter, "free") && !passes(&mut filter, "never") && passes(&mut filter, "once")
    );
    filter.close(&mut half).unwrap();
    assert_eq!(half.forwarded(), &Message::default());
    filter.close(&mut open).unwrap();
}

// Traps.

#[test]
fn a_trap_passes_nothing_and_a_new_filter_counts_on() {
    let store = Arc::new(Store::new());
    let mut filter = start(Build::Hooked, &store);
    assert!(passes(&mut filter, "once"));
    for callback in ["request headers", "request body", "response headers", "response body", "log"]
    {
        let request = call("many").with("x-cattlegrid-test-trap", callback);
        let mut filter = start(Build::Hooked, &store);
        let seen = filter.exchange(&request, WHOLE, done);
        assert!(seen.trapped && !filter.serves(), "{callback}: {seen:?}");
        assert_eq!(seen.forwarded.is_some(), !callback.starts_with("request"), "{callback}");
        assert_eq!(seen.answer.is_some(), callback == "log", "{callback}: {seen:?}");
        assert!(!passes(&mut start(Build::Hooked, &store), "once"));
        // The one that ships has no such hook.
        assert!(passed(&start(Build::Shipped, &store).exchange(&request, WHOLE, done)));
    }
}
