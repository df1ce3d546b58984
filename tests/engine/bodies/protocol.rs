//! A message is read once, and what goes on is read as the same message. Lists and streams are
//! filtered alike however they come.

use cattlegrid::json::{Limits, write};
use cattlegrid::protocol::list::{ANSWER, Filtered, filter_tools};
use cattlegrid::protocol::sse::{Data, SseFilter};
use cattlegrid::protocol::{Message, answer};

use super::choices::Choices;

/// The first bytes say where a stream is cut, the rest is the message, list or stream.
pub fn check(bytes: &[u8]) {
    let (cuts, body) = bytes.split_at(bytes.len().min(4));
    message(body);
    list(body);
    stream(cuts, body);
}

fn message(body: &[u8]) {
    let message = match Message::read(body, &Limits::MESSAGE) {
        Ok(message) => message,
        Err(refusal) => {
            let text = refusal.body();
            assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok(), "{text}");
            return;
        }
    };
    let forward = message.forward();
    assert!(!forward.contains(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']), "{forward}");
    let again = Message::read(forward.as_bytes(), &Limits::MESSAGE).expect("what goes on is read");
    assert_eq!(again, message, "{forward}");
    assert_eq!(again.forward(), forward);
    assert_eq!(
        (again.id(), again.tool(), again.era()),
        (message.id(), message.tool(), message.era())
    );

    // Others read the call that we judge.
    let theirs: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    let (tool, id) = (message.tool().map(str::to_owned), message.id());
    if let Some(call) = message.into_call() {
        assert_eq!(Some(&call.tool), tool.as_ref());
        if !theirs.is_null() {
            assert_eq!(theirs["params"]["name"].as_str(), tool.as_deref());
            let theirs = theirs["params"]["arguments"].as_object().map_or(0, |object| object.len());
            assert_eq!(call.arguments.len(), theirs);
        }
        // One without an id is answered by nobody.
        if let Some(id) = id {
            let said =
                answer::decision(&id, &answer::malformed_call(&call.tool), "hash", again.era());
            assert!(serde_json::from_str::<serde_json::Value>(&said).is_ok(), "{said}");
        }
        let value = cattlegrid::json::Value::Object(call.arguments);
        assert!(forward.len() >= write(&value).len().saturating_sub(2));
    }
}

fn list(body: &[u8]) {
    let visible = |name: &str| name.len() % 2 == 1;
    let Ok(Filtered::List { text, .. }) = filter_tools(body, &ANSWER, &visible) else { return };
    let again = filter_tools(text.as_bytes(), &ANSWER, &visible);
    assert_eq!(again, Ok(Filtered::List { text, hidden: 0 }));
}

fn stream(cuts: &[u8], body: &[u8]) {
    let judge = |data: &[u8]| match data.first() {
        Some(b'x') => Data::Replace("y".to_owned()),
        _ => Data::Keep,
    };
    // Small enough to be run into, and not by everything.
    let limit = 16 + 2 * body.len() / 3;
    let mut whole = SseFilter::new(limit);
    let expected = whole.push(body, true, &mut |data| judge(data));
    let mut choices = Choices::new(cuts);
    let mut pieces = SseFilter::new(limit);
    let (mut found, mut rest) = (Vec::new(), body);
    let sizes =
        [1 + choices.below(3), 1 + choices.below(7), 1 + choices.below(40), choices.below(2)];
    for size in sizes.into_iter().cycle() {
        let (piece, behind) = rest.split_at(rest.len().min(size));
        let end = behind.is_empty();
        found.extend(pieces.push(piece, end, &mut |data| judge(data)));
        rest = behind;
        if end {
            break;
        }
    }
    assert_eq!(String::from_utf8_lossy(&found), String::from_utf8_lossy(&expected));
    assert_eq!(pieces.is_closed(), whole.is_closed());
    if body.len() < limit {
        // What left as events is left alone: a second filter would only replace the same data again.
        let mut second = SseFilter::new(limit + 16 + expected.len());
        let again = second.push(&expected, true, &mut |_| Data::Keep);
        assert_eq!(String::from_utf8_lossy(&again), String::from_utf8_lossy(&expected));
    }
}
