#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use super::*;
use crate::compile::compile;
use crate::evaluate::evaluate;
use crate::json::{Value, read_strict};
use crate::model::{Call, Effect, Time};
use crate::parse::parse;
use crate::protocol::list::{Filtered, filter_tools};
use crate::protocol::{Kind, Message, mirror};
use crate::quota::MemoryStore;

const POLICY: &str = r#"{"version":"1","default":"deny","hide":["hidden"],"tools":{
    "free":{},"pay":{"require":[{"conditions":[{"path":"args.amount","op":"lte","value":10},
    {"path":"args.rows[*].on","op":"eq","value":true}]}],
    "require_approval_if":[{"conditions":[{"path":"args.amount","op":"gt","value":5}]}],
    "limits":[{"counter":"c","window":"day","max":1000000,"scope":"session"},
    {"counter":"s","window":"day","max":1000000,"increment_from":"args.amount"}]}}}"#;

type Headers<'h> = &'h [(&'h str, &'h str)];

const MODERN: [(&str, &str); 3] =
    [("mcp-protocol-version", "2026-07-28"), ("mcp-method", "tools/call"), ("mcp-name", "free")];

fn policy() -> CompiledPolicy {
    compile(&parse(POLICY.as_bytes()).policy.unwrap())
}

/// What the quick way says of a message, after it was held to the long way: whether it answered.
fn held(policy: &CompiledPolicy, body: &[u8], headers: Headers<'_>) -> bool {
    let (now, mut scratch) = (Time(1_000), Scratch::default());
    let mut counters = MemoryStore::new();
    let mut env = Env { now, counters: &mut counters, approvals: None };
    let mirrors = headers.iter().copied();
    let grant = Some("ada").into();
    let asked =
        Asked { grant, session: Some("s-1"), mirrors, is_pinned: |_: &str| true, details: true };
    let quick = pass_call(policy, body, &Limits::MESSAGE, asked, &mut env, &mut scratch);
    let shown = String::from_utf8_lossy(body);
    let Some(quick) = quick else {
        return false;
    };
    let message =
        Message::read(body, &Limits::MESSAGE).unwrap_or_else(|why| panic!("{shown}: {why:?}"));
    mirror::check(headers.iter().copied(), &message).unwrap();
    assert_eq!(message.kind, Kind::Call { id: quick.id.clone() }, "{shown}");
    let forward = message.forward();
    assert_eq!(quick.text.as_deref().unwrap_or(&shown), forward, "{shown}");
    let mut written: Vec<(&str, String)> = mirror::headers_of(&message);
    written.retain(|(name, value)| !headers.contains(&(*name, value.as_str())));
    assert_eq!(written, [], "{shown}");
    let second_era = is_second_era(message.protocol_version());
    let session = Some("s-1".to_owned()).filter(|_| !second_era);
    let call = message.into_call().unwrap();
    let call = Call { grant: Some("ada".to_owned()), session, ..call };
    let mut counters = MemoryStore::new();
    let mut env = Env { now, counters: &mut counters, approvals: None };
    let long = evaluate(Some(policy), &call, &mut env);
    assert_eq!(long.decision.effect, Effect::Allow, "{shown}");
    assert_eq!((quick.tool, quick.limits), (call.tool.as_str(), long.decision.limits), "{shown}");
    assert_eq!(format!("{:?}", quick.reservation), format!("{:?}", long.reservation), "{shown}");
    let keys: Vec<String> = call.arguments.members().iter().map(|m| m.key.to_string()).collect();
    assert_eq!(quick.keys, keys, "{shown}");
    true
}

/// An ordinary call of a tool.
fn call(tool: &str, arguments: &str) -> String {
    format!(
        r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"{tool}","arguments":{arguments}}}}}"#
    )
}

const PAY: &str =
    r#"{"amount":2.50,"rows":[{"on":true,"a":"x"},{"on":true,"a":"\n\"é"}],"note":"n"}"#;
const META: &str = r#""_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}"#;

#[test]
fn ordinary_calls_that_pass_are_answered() {
    let policy = policy();
    let modern = call("free", "{}").replace(r#""name""#, &format!(r#"{META},"name""#));
    for (text, headers) in [
        (call("free", "{}"), &[][..]),
        (call("pay", PAY), &[]),
        (call("pay", PAY).replace(":1,", r#":"a-1","#), &[]),
        (call("pay", PAY).replace(',', " ,\n\t").replace(':', ": ") + " \r\n", &[]),
        (modern, &MODERN),
        (call("free", "{}"), &[("mcp-protocol-version", "2025-11-25")]),
        (call("free", "{}").replace(r#","arguments":{}"#, ""), &[]),
        (
            r#"{"params":{"arguments":{"amount":1,"rows":[{"on":true}]},"name":"pay"},"method":"tools/call","id":-7,"jsonrpc":"2.0"}"#
                .to_owned(),
            &[],
        ),
    ] {
        assert!(held(&policy, text.as_bytes(), headers), "{text}");
    }
}

#[test]
fn what_is_not_pinned_is_left_alone_and_not_counted() {
    let (policy, text) = (policy(), call("pay", PAY));
    for pinned in ["free", "pay"] {
        let mut counters = MemoryStore::new();
        let mut env = Env { now: Time(1_000), counters: &mut counters, approvals: None };
        let (grant, mirrors) = (Some("ada").into(), std::iter::empty());
        let is_pinned = |tool: &str| tool == pinned;
        let asked = Asked { grant, session: None, mirrors, is_pinned, details: true };
        let mut scratch = Scratch::default();
        let passed =
            pass_call(&policy, text.as_bytes(), &Limits::MESSAGE, asked, &mut env, &mut scratch);
        assert_eq!(passed.is_some(), pinned == "pay", "{pinned}");
        assert_eq!(counters.is_empty(), pinned != "pay", "{pinned}");
    }
}

#[test]
fn all_else_is_left_alone() {
    let policy = policy();
    let good = call("free", "{}");
    let approval = good.replace(r#""name""#, r#""_meta":{"cattlegrid/approval":"t"},"name""#);
    let modern = good.replace(r#""name""#, &format!(r#"{META},"name""#));
    for (text, headers) in [
        // What the policy does not let through, or not without a person.
        (call("hidden", "{}"), &[][..]),
        (call("else", "{}"), &[]),
        (call("pay", r#"{"amount":11}"#), &[]),
        (call("pay", r#"{"amount":6,"rows":[]}"#), &[]),
        (approval, &[]),
        // What is no call, or not plainly one.
        (good.replace(r#""id":1,"#, ""), &[]),
        (good.replace("\"id\":1", "\"id\":1.0"), &[]),
        (good.replace("\"id\":1", "\"id\":-0"), &[]),
        (good.replace("\"id\":1", "\"id\":null"), &[]),
        (good.replace("tools/call", "tools/list"), &[]),
        (good.replace("{}", "[]"), &[]),
        (good.replace("\"2.0\"", "\"1.0\""), &[]),
        (good.replace("\"name\"", "\"Name\":1,\"name\""), &[]),
        (format!("[{good}]"), &[]),
        (r#"{"tool":"free"}"#.to_owned(), &[]),
        // What would be written in another way.
        (call("free", r#"{"a":"\/"}"#), &[]),
        (call("free", r#"{"a":"\u0061"}"#), &[]),
        (call("free", "{\"a\":\"\u{2028}\"}"), &[]),
        // Headers that say something else, or in another way.
        (modern.clone(), &[]),
        (modern.clone(), &MODERN[..2]),
        (modern.replace("\"free\"", "\"pay\""), &MODERN),
        (good.clone(), &MODERN),
        (good.clone(), &[("mcp-name", "hidden")]),
        (good.clone(), &[("mcp-param-x", "1")]),
        (modern, &[MODERN[0], MODERN[1], ("mcp-name", "=?base64?ZnJlZQ==?=")]),
    ] {
        assert!(!held(&policy, text.as_bytes(), headers), "{text}");
    }
}

/// Numbers that look like chance and are the same each time (xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound as u64) as usize
    }
}

/// A text with a few of its bytes changed, taken out or put in.
fn changed(text: &str, dice: &mut Dice) -> Vec<u8> {
    const BYTES: &[u8] = b"\"\\{}[]:,ntu 01e.-A/\n\xc3\xa9\xe2\x80\xa8";
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..=dice.below(3) {
        let at = dice.below(bytes.len());
        match dice.below(4) {
            0 => bytes[at] = BYTES[dice.below(BYTES.len())],
            1 => drop(bytes.remove(at)),
            2 => bytes.insert(at, BYTES[dice.below(BYTES.len())]),
            _ => {
                let end = (at + dice.below(12)).min(bytes.len());
                let part = bytes[at..end].to_vec();
                let to = dice.below(bytes.len());
                bytes.splice(to..to, part);
            }
        }
    }
    bytes
}

#[test]
fn no_change_of_a_call_makes_it_wider_than_the_long_way() {
    let policy = policy();
    let modern = call("free", PAY).replace(r#""name""#, &format!(r#"{META},"name""#));
    let (plain, spaced) = (call("pay", PAY), call("pay", PAY).replace(',', ", "));
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let mut answered = 0;
    for round in 0..60_000 {
        let (text, headers): (&String, Headers<'_>) = match round % 3 {
            0 => (&plain, &[]),
            1 => (&spaced, &[]),
            _ => (&modern, &MODERN[..]),
        };
        answered += usize::from(held(&policy, &changed(text, &mut dice), headers));
    }
    // Enough of them are still calls.
    assert!(answered > 1_500, "{answered}");
}

/// What a plain answer is, after it was held to the long way.
fn held_answer(body: &[u8]) -> Option<Plain> {
    let id = Id::Integer(Number::from(1));
    let plain = plain_answer(body, &Limits::MESSAGE, Some(&id))?;
    let shown = String::from_utf8_lossy(body);
    let filtered = filter_tools(body, &Limits::MESSAGE, &|_| false);
    assert_eq!(filtered, Ok(Filtered::Untouched), "{shown}");
    let Ok(Value::Object(message)) = read_strict(body, &Limits::MESSAGE).map(|node| node.value)
    else {
        panic!("{shown}");
    };
    let own = message.get("id").and_then(|node| Id::from_value(&node.value)) == Some(id);
    let own = own && message.get("method").is_none();
    let result = message.get("result");
    let waits = result.and_then(|node| node.value.as_object()?.get("resultType")?.value.as_str());
    assert!(waits != Some("input_required") || !own, "{shown}");
    let expected = match (own, message.get("error").is_some(), result.is_some()) {
        (true, true, _) => Plain::Error,
        (true, false, true) => Plain::Result,
        _ => Plain::Other,
    };
    assert_eq!(plain, expected, "{shown}");
    Some(plain)
}

#[test]
fn plain_answers_are_known_for_what_they_are() {
    let result =
        r#"{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"done\n"}]}}"#;
    for (text, expected) in [
        (result, Some(Plain::Result)),
        (r#"{"jsonrpc":"2.0","id":1,"error":{"code":1}}"#, Some(Plain::Error)),
        (r#"{"jsonrpc":"2.0","id":2,"result":{}}"#, Some(Plain::Other)),
        (r#"{"jsonrpc":"2.0","id":"1","result":{}}"#, Some(Plain::Other)),
        (r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#, Some(Plain::Other)),
        (r#"{"jsonrpc":"2.0","method":"notifications/progress","params":{}}"#, Some(Plain::Other)),
        (r#"{"id":1,"result":{"tools":[]}}"#, None),
        (r#"{"id":1,"result":{"TOOLS":[]}}"#, None),
        (r#"{"id":1,"result":{"\u0074ools":[]}}"#, None),
        (r#"{"id":1,"result":{"tool\u017f":[]}}"#, None),
        ("{\"id\":1,\"result\":{\"tool\u{17f}\":[]}}", None),
        (r#"{"id":1,"result":{"resultType":"input_required"}}"#, None),
        (r#"{"id":1,"Result":{}}"#, None),
        (r#"{"id":1,"result":{},"error":{}}"#, None),
        (r#"[{"id":1,"result":{}}]"#, None),
        (r#"{"id":1,"result":{}"#, None),
    ] {
        assert_eq!(held_answer(text.as_bytes()), expected, "{text}");
    }
    let mut dice = Dice(7);
    let listed = r#"{"jsonrpc":"2.0","id":1,"result":{"tols":[{"name":"a"}],"x":"t"}}"#;
    let answered = (0..60_000)
        .filter(|round| {
            let text = if round % 2 == 0 { result } else { listed };
            held_answer(&changed(text, &mut dice)).is_some()
        })
        .count();
    assert!(answered > 5_000, "{answered}");
}

#[test]
fn words_are_found_wherever_they_stand() {
    let mut dice = Dice(7);
    for (word, text) in [(&TOOLS, "tools"), (&INPUT_REQUIRED, "input_required")] {
        for n in 0..20_000 {
            // Of the word's own letters, so that the beginnings of it are many.
            let letters: Vec<u8> = text.bytes().chain(text.to_uppercase().bytes()).collect();
            let mut bytes: Vec<u8> =
                (0..dice.below(40)).map(|_| letters[dice.below(letters.len())]).collect();
            if n % 2 == 0 {
                let at = dice.below(bytes.len() + 1);
                bytes.splice(at..at, text.bytes());
            }
            let shown = String::from_utf8(bytes).unwrap();
            let lower = shown.to_ascii_lowercase();
            assert_eq!(word.is_in(shown.as_bytes()), lower.contains(text), "{shown}");
        }
    }
}
