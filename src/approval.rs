//! Approvals: what exactly a person is asked to approve.

use sha2::{Digest, Sha256};

use crate::compile::hexadecimal;
use crate::json::{Value, canonical};
use crate::model::Call;

/// What an approval of this call must name: the SHA-256, in hexadecimal digits, of the canonical
/// JSON (RFC 8785) of `{arguments, grant, server, tool}`; an absent grant or server is `null`.
#[must_use]
pub fn digest(call: &Call) -> String {
    let text = |text: &Option<String>| text.clone().map_or(Value::Null, Value::String);
    let asked = [
        ("arguments".to_owned(), Value::Object(call.arguments.clone())),
        ("grant".to_owned(), text(&call.grant)),
        ("server".to_owned(), text(&call.server)),
        ("tool".to_owned(), Value::String(call.tool.clone())),
    ];
    let asked = canonical(&Value::Object(asked.into_iter().collect()));
    hexadecimal(&Sha256::digest(asked))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::{Limits, read_strict};

    fn call(arguments: &str) -> Call {
        let node = read_strict(arguments.as_bytes(), &Limits::MESSAGE).unwrap();
        let arguments = node.value.as_object().unwrap().clone();
        Call { tool: "t".into(), arguments, ..Call::default() }
    }

    #[test]
    fn the_same_call_has_the_same_digest_and_no_other_has() {
        let digest_of = |arguments: &str| digest(&call(arguments));
        assert_eq!(digest_of(r#"{"a":1.0,"b":"\u0078"}"#), digest_of(r#"{ "b":"x", "a":1e0 }"#));
        assert_ne!(digest_of(r#"{"a":9007199254740992}"#), digest_of(r#"{"a":9007199254740993}"#));
        assert_ne!(digest_of(r#"{"a":1}"#), digest_of(r#"{"a":"1"}"#));
        let grant = Call { grant: Some("g".into()), ..call("{}") };
        let server = Call { server: Some("g".into()), ..call("{}") };
        assert_ne!(digest(&grant), digest(&call("{}")));
        assert_ne!(digest(&grant), digest(&server));
    }
}
