//! A policy as people read it: two spaces a level, small values on one line.

use crate::json::{Value, quote, write};

/// As wide as a line may be for a value to stand on it alone.
const WIDTH: usize = 88;

/// The text of a document, with a line end behind it.
pub(super) fn pretty(value: &Value) -> String {
    let mut out = String::new();
    put(value, 0, 0, &mut out);
    out.push('\n');
    out
}

/// Recursion is as deep as the value, which imports build only a few levels deep.
fn put(value: &Value, level: usize, column: usize, out: &mut String) {
    let short = spaced(value);
    let inner = level.saturating_add(1);
    let wide = column.saturating_add(short.chars().count()) > WIDTH;
    let open = |out: &mut String, bracket| {
        out.push(bracket);
    };
    let line = |out: &mut String, level: usize| {
        out.push('\n');
        out.extend(std::iter::repeat_n("  ", level));
    };
    match value {
        Value::Object(object) if !object.is_empty() && (wide || level == 0) => {
            open(out, '{');
            for (at, member) in object.members().iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                line(out, inner);
                let key = format!("{}: ", quote(&member.key));
                let column = inner.saturating_mul(2).saturating_add(key.chars().count());
                out.push_str(&key);
                put(&member.node.value, inner, column, out);
            }
            line(out, level);
            out.push('}');
        }
        Value::List(items) if !items.is_empty() && wide => {
            open(out, '[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                line(out, inner);
                put(&item.value, inner, inner.saturating_mul(2), out);
            }
            line(out, level);
            out.push(']');
        }
        _ => out.push_str(&short),
    }
}

/// On one line.
fn spaced(value: &Value) -> String {
    match value {
        Value::Object(object) if !object.is_empty() => {
            let member = |key: &str, value| format!("{}: {}", quote(key), spaced(value));
            let members = object.members().iter().map(|m| member(&m.key, &m.node.value));
            format!("{{ {} }}", members.collect::<Vec<_>>().join(", "))
        }
        Value::List(items) => {
            let items = items.iter().map(|item| spaced(&item.value));
            format!("[{}]", items.collect::<Vec<_>>().join(", "))
        }
        other => write(other),
    }
}
