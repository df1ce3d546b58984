//! The boundary from its inner side; `tests/node` and `tests/page` have the outer one. They run in
//! wasm-bindgen-test-runner: in Node, and with `WASM_BINDGEN_USE_BROWSER=1` in Chromium.

use js_sys::{JSON, Object, Reflect, Uint8Array, WebAssembly};
use wasm_bindgen_test::wasm_bindgen_test;

use wasm_bindgen::prelude::*;

use crate::engine::Engine;
use crate::text;

const NOON: f64 = 1_767_268_800_000.0;
const POLICY: &str = r#"{"version":"1","default":"deny","tools":{
    "search":{"limits":[{"counter":"n","window":"minute","max":2}]},
    "pay":{"require_approval_if":[{"conditions":[{"path":"args.sum","op":"gt","value":9}]}]}}}"#;

/// Writes into the buffer as `js/policy.js` does.
fn put(bytes: &[u8]) -> usize {
    let memory: WebAssembly::Memory = wasm_bindgen::memory().unchecked_into();
    let address = u32::try_from(text::buffer(bytes.len()) as usize).unwrap();
    let length = u32::try_from(bytes.len()).unwrap();
    Uint8Array::new_with_byte_offset_and_length(&memory.buffer(), address, length).copy_from(bytes);
    bytes.len()
}

fn engine() -> Engine {
    Engine::new(put(POLICY.as_bytes())).unwrap()
}

fn parsed(text: &str) -> JsValue {
    JSON::parse(text).unwrap()
}

fn get(object: &JsValue, key: &str) -> JsValue {
    Reflect::get(object, &key.into()).unwrap()
}

fn json_of(value: &JsValue) -> String {
    JSON::stringify(value).unwrap().into()
}

#[wasm_bindgen_test]
fn codes_are_those_that_javascript_knows() {
    let mut engine = engine();
    let mut decide = |call: &str, now| engine.decide(put(call.as_bytes()), now);
    let search = r#"{"tool":"search"}"#;
    assert_eq!([NOON, NOON, NOON].map(|now| decide(search, now)), [2, 2, 0]);
    assert_eq!(decide(search, NOON + 59_999.9), 0);
    assert_eq!(decide(search, NOON + 60_000.0), 2);
    assert_eq!(decide(r#"{"tool":"pay","arguments":{"sum":10}}"#, NOON), 1);
    assert_eq!(decide(r#"{"tool":"pay","arguments":{"sum":9}}"#, NOON), 2);
}

#[wasm_bindgen_test]
fn what_is_no_call_is_denied_and_nothing_is_thrown() {
    let mut engine = engine();
    let deep = "[".repeat(200_000);
    let texts: [&[u8]; 9] = [
        b"",
        b"null",
        b"{",
        b"\xff",
        b"\xef\xbb\xbf{}",
        br#"{"tool":"pay","tool":"pay"}"#,
        br#"{"tool":"\ud800"}"#,
        br#"{"tool":"pay","arguments":[]}"#,
        deep.as_bytes(),
    ];
    for bytes in texts {
        assert_eq!(engine.decide(put(bytes), NOON), 0);
        let decision = parsed(&engine.evaluate(put(bytes), NOON));
        assert_eq!(get(&decision, "rule"), "(malformed call)");
        assert!(engine.taken().is_none());
        let explanation = parsed(&engine.explain(put(bytes), NOON));
        assert_eq!(get(&explanation, "decision"), "deny");
    }
    // More than there is: no more is read than that.
    assert_eq!(engine.decide(usize::MAX, f64::MAX), 0);
}

#[wasm_bindgen_test]
fn decisions_are_objects_without_what_is_absent() {
    let mut engine = engine();
    assert_eq!(
        engine.evaluate(put(br#"{"tool":"search"}"#), NOON),
        r#"{"decision":"allow","tool":"search","limits":[{"counter":"n","scope":"grant","window":"minute","max":2,"remaining":1,"reset_after":60}]}"#
    );
    assert!(engine.taken().is_some());
    assert!(engine.taken().is_none());
    let held = parsed(&engine.evaluate(put(br#"{"tool":"pay","arguments":{"sum":1e3}}"#), NOON));
    let keys = Object::keys(held.unchecked_ref::<Object>());
    assert_eq!(json_of(&keys), r#"["decision","tool","rule","label","message","approval"]"#);
    assert!(engine.taken().is_none());
}

#[wasm_bindgen_test]
fn explanations_have_every_rule_and_limit() {
    let mut engine = engine();
    let explanation = parsed(&engine.explain(put(br#"{"tool":"search"}"#), NOON));
    let limits = get(&explanation, "limit_outcomes");
    assert_eq!(get(&get(&limits, "0"), "counter"), "n");
    assert_eq!(get(&get(&limits, "0"), "remaining"), 2.0);
    let explanation = engine.explain(put(br#"{"tool":"pay","arguments":{"sum":10.0}}"#), NOON);
    let rules = get(&parsed(&explanation), "rules");
    let condition = get(&get(&get(&rules, "0"), "conditions"), "0");
    assert_eq!(
        json_of(&condition),
        r#"{"pointer":"/tools/pay/require_approval_if/0/conditions/0","path":"args.sum","op":"gt","outcome":"satisfied","saw":"10.0"}"#
    );
}

#[wasm_bindgen_test]
fn takes_back_what_an_allowed_call_took() {
    let mut engine = engine();
    let search = br#"{"tool":"search"}"#;
    let mut take = || {
        engine.evaluate(put(search), NOON);
        engine.taken().unwrap()
    };
    let [_, second] = [take(), take()];
    assert_eq!(engine.decide(put(search), NOON), 0);
    engine.give_back(second);
    assert_eq!(engine.decide(put(search), NOON), 2);
}

#[wasm_bindgen_test]
fn the_buffer_stays_until_a_larger_one_is_asked_for() {
    let address = text::buffer(5000);
    assert_eq!(text::buffer(1), address);
    assert_eq!(text::buffer(5000), address);
    text::buffer(70_000);
    assert_eq!(text::with(60_000, <[u8]>::len), 60_000);
}
