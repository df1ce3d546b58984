//! A decision as JSON text, written by hand: the same as its mirror gives through `serde`, for a host
//! that has no room for `serde` and floating-point numbers.

use crate::json::quote;
use crate::model::{Amount, Decision, LimitState};

/// The text of a decision.
// Apart from what a host inlines: see `[profile.wasm]` in Cargo.toml.
#[inline(never)]
#[must_use]
pub fn decision_text(decision: &Decision) -> String {
    let mut out = String::from("{");
    member(&mut out, "decision", &quote(decision.effect.as_str()));
    member(&mut out, "tool", &quote(&decision.tool));
    if let Some(id) = &decision.id {
        member(&mut out, "rule", &quote(&id.rule));
        member(&mut out, "label", &quote(&id.label));
    }
    if let Some(message) = &decision.message {
        member(&mut out, "message", &quote(message));
    }
    if let Some(digest) = &decision.digest {
        let mut approval = String::from("{");
        member(&mut approval, "digest", &quote(digest));
        member(&mut out, "approval", &end(approval, "}"));
    }
    if !decision.limits.is_empty() {
        let limits: Vec<String> = decision.limits.iter().map(limit).collect();
        member(&mut out, "limits", &end(String::from("[") + &limits.join(","), "]"));
    }
    end(out, "}")
}

fn limit(limit: &LimitState) -> String {
    let mut out = String::from("{");
    member(&mut out, "counter", &quote(&limit.counter));
    member(&mut out, "scope", &quote(limit.scope.as_str()));
    let seconds = limit.window.seconds().to_string();
    member(&mut out, "window", &limit.window.word().map_or(seconds, quote));
    member(&mut out, "max", &limit.max.to_string());
    let remaining = limit.remaining.as_ref().map(Amount::to_string);
    member(&mut out, "remaining", remaining.as_deref().unwrap_or("null"));
    member(&mut out, "reset_after", &limit.reset_after.to_string());
    end(out, "}")
}

/// Adds a member; `value` is JSON text.
fn member(out: &mut String, key: &str, value: &str) {
    if out.len() > 1 {
        out.push(',');
    }
    out.push_str(&quote(key));
    out.push(':');
    out.push_str(value);
}

fn end(mut out: String, bracket: &str) -> String {
    out.push_str(bracket);
    out
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::json::Number;
    use crate::model::{Effect, RuleId, Scope, Window};
    use crate::wire::WireDecision;

    #[test]
    fn is_what_the_mirror_says() {
        let amount = |text| Amount::taken(Number::parse(text).unwrap().as_decimal()).unwrap();
        let limit = |window, max, remaining: Option<&'static str>| LimitState {
            counter: "a \"b\"".into(),
            scope: Scope::Session,
            window,
            max: amount(max),
            remaining: remaining.map(amount),
            reset_after: 59,
        };
        let allowed = Decision {
            effect: Effect::Allow,
            tool: "é\n\u{7f}\u{1}😀".into(),
            id: None,
            message: None,
            digest: None,
            limits: Vec::new(),
            short: None,
        };
        let long = Window::from_seconds(90).unwrap();
        let limited = Decision {
            limits: vec![
                limit(Window::DAY, "0", Some("0")),
                limit(long, "12.000001", Some("9007199254740993")),
                limit(Window::MINUTE, "999999999999999999999999.999999", None),
            ],
            ..allowed.clone()
        };
        let id = RuleId { rule: "/tools/~0".into(), label: "/tools/~0".into() };
        let held = Decision {
            effect: Effect::Hold,
            id: Some(id.into()),
            message: Some(String::new()),
            digest: Some("00".into()),
            ..limited.clone()
        };
        for decision in [allowed, limited, held] {
            let mirror = serde_json::to_value(WireDecision::from(&decision)).unwrap();
            let text = serde_json::from_str(&decision_text(&decision)).unwrap();
            assert_eq!(as_doubles(text), as_doubles(mirror));
        }
    }

    /// With numbers as JavaScript has them.
    fn as_doubles(value: Value) -> Value {
        match value {
            Value::Number(number) => number.as_f64().into(),
            Value::Array(items) => items.into_iter().map(as_doubles).collect(),
            Value::Object(members) => {
                members.into_iter().map(|(key, value)| (key, as_doubles(value))).collect()
            }
            other => other,
        }
    }
}
