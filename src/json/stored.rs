//! Values as bytes.

use super::{Limits, Member, Node, Number, Object, Value};
use crate::bytes::{Bytes, Out};
use crate::source::Span;

impl Number {
    pub(crate) fn put(&self, out: &mut Out) {
        out.text(self.as_str());
    }

    pub(crate) fn take(bytes: &mut Bytes<'_>) -> Option<Number> {
        Number::parse(bytes.text()?).ok()
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

    pub(crate) fn take(bytes: &mut Bytes<'_>) -> Option<Value> {
        take(bytes, Limits::DOCUMENT.depth)
    }
}

/// A value that nests no deeper than this; its places are empty.
fn take(bytes: &mut Bytes<'_>, depth: u32) -> Option<Value> {
    let deeper = depth.checked_sub(1)?;
    Some(match bytes.byte()? {
        0 => Value::Null,
        1 => Value::Bool(false),
        2 => Value::Bool(true),
        3 => Value::Number(Number::take(bytes)?),
        4 => Value::String(bytes.text()?.to_owned()),
        5 => Value::List(bytes.list(|bytes| take(bytes, deeper).map(Node::from))?),
        6 => {
            let members = bytes.list(|bytes| {
                let key = bytes.text()?.to_owned();
                let node = take(bytes, deeper)?.into();
                Some(Member { key: key.into(), key_span: Span::default(), node })
            });
            let (object, repeated) = Object::new(members?);
            repeated.is_empty().then_some(Value::Object(object))?
        }
        _ => return None,
    })
}
