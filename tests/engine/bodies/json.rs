//! The reader against serde_json: what we accept it accepts, with the same value; so what it refuses
//! we refuse. What we write is what we read.

use cattlegrid::json::{Limits, Value, canonical, read, read_strict, write};
use serde_json::value::RawValue;

pub fn check(bytes: &[u8]) {
    let tolerant = read(bytes, &Limits::MESSAGE);
    let strict = read_strict(bytes, &Limits::MESSAGE);
    assert_eq!(tolerant.faults.is_empty(), strict.is_ok(), "read and read_strict disagree");
    for fault in &tolerant.faults {
        super::policy::check_span(bytes, fault.span);
    }
    let Ok(node) = strict else { return };
    let theirs = serde_json::from_slice::<&RawValue>(bytes).expect("serde_json refuses it");
    assert!(same(&node.value, theirs.get()), "serde_json reads another value");

    let again = |text: &str| read_strict(text.as_bytes(), &Limits::MESSAGE).unwrap().value;
    let written = write(&node.value);
    assert!(again(&written) == node.value, "written as {written}");
    assert_eq!(write(&again(&written)), written);
    let canon = canonical(&node.value);
    assert_eq!(canonical(&again(&canon)), canon, "of {written}");
}

/// Whether serde_json reads this value from the text, numbers digit by digit.
fn same(ours: &Value, text: &str) -> bool {
    let text = text.trim_matches([' ', '\t', '\n', '\r']);
    match ours {
        Value::Null => text == "null",
        Value::Bool(ours) => serde_json::from_str::<bool>(text).is_ok_and(|theirs| theirs == *ours),
        Value::Number(ours) => ours.as_str() == text,
        Value::String(ours) => {
            serde_json::from_str::<String>(text).is_ok_and(|theirs| theirs == *ours)
        }
        Value::List(ours) => serde_json::from_str::<Vec<&RawValue>>(text).is_ok_and(|theirs| {
            theirs.len() == ours.len()
                && ours.iter().zip(theirs).all(|(ours, theirs)| same(&ours.value, theirs.get()))
        }),
        Value::Object(ours) => {
            let theirs =
                serde_json::from_str::<std::collections::BTreeMap<String, &RawValue>>(text);
            theirs.is_ok_and(|theirs| {
                let has =
                    |key: &str, ours| theirs.get(key).is_some_and(|raw| same(ours, raw.get()));
                theirs.len() == ours.len()
                    && ours.members().iter().all(|m| has(&m.key, &m.node.value))
            })
        }
    }
}
