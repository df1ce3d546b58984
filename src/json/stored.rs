//! Values as bytes.

use super::{Limits, Member, Number, Object, Value};
use crate::bytes::{Bytes, Out};
use crate::source::Span;

impl Number {
    pub(crate) fn put(&self, out: &mut Out) {
        out.text(self.as_str());
    }
}

impl Value {
    pub(crate) fn put(&self, out: &mut Out) {
        match self {
            Value::Null => out.byte(0),
            Value::Bool(false) => out.byte(1),
            Value::Bool(true) => out.byte(2),
            Value::Number(number) => {
                out.byte(3);
                number.put(out);
            }
            Value::String(text) => {
                out.byte(4);
                out.text(text);
            }
            Value::List(items) => {
                out.byte(5);
                out.list(items.iter(), |out, item| item.value.put(out));
            }
            Value::Object(object) => {
                out.byte(6);
                out.list(object.members().iter(), |out, member| {
                    out.text(&member.key);
                    member.node.value.put(out);
                });
            }
        }
    }

    pub(crate) fn take(bytes: &mut Bytes<'_>) -> Value {
        take(bytes, Limits::DOCUMENT.depth)
    }
}

/// A value that nests no deeper than this; its places are empty.
fn take(bytes: &mut Bytes<'_>, depth: u32) -> Value {
    let deeper = depth.saturating_sub(1);
    bytes.expect(depth > 0);
    match bytes.below(7) {
        0 => Value::Null,
        at @ (1 | 2) => Value::Bool(at == 2),
        3 => match Number::parse(bytes.text()) {
            Ok(number) => Value::Number(number),
            Err(_) => {
                bytes.refuse();
                Value::Null
            }
        },
        4 => Value::String(bytes.text().to_owned()),
        5 => Value::List(bytes.list(|bytes| take(bytes, deeper).into())),
        _ => {
            let members = bytes.list(|bytes| {
                let key = bytes.text().to_owned().into();
                Member { key, key_span: Span::default(), node: take(bytes, deeper).into() }
            });
            let (object, repeated) = Object::new(members);
            bytes.expect(repeated.is_empty());
            Value::Object(object)
        }
    }
}
