//! Policies back to text, in the one form that everybody's editor and reviewer can agree on.
//!
//! Reading the text again gives the same policy: the same values, the same numbers as they were
//! written, the author's `x-` keys; only white space, the order of the language's own keys and
//! needless escapes are changed.

use super::condition::CONDITION;
use super::limit::{LIMIT, RATE_LIMIT};
use super::policy::{ALL_TOOLS, POLICY, RULE, TOOL};
use super::precondition::PRECONDITION;
use super::reader::Key;
use crate::json::{Member, Object, Value, quote};
use crate::model::Policy;
use crate::order::sort_by_key;

/// So many characters a line has at most, if it can.
const WIDTH: usize = 100;
/// So many lists and objects, one in the other, stand on one line at most: a rule with its
/// conditions does, a tool with its rules does not.
const FLAT: usize = 3;

/// The canonical text of a policy: two spaces a level, known keys in the order of the
/// specification and the author's own behind them, what is short on one line, a line feed at the end.
#[must_use]
pub fn print(policy: &Policy) -> String {
    let mut out = String::new();
    put(&policy.document.value, Place::Policy, 0, 0, &mut out);
    out.push('\n');
    out
}

/// What an object, or each object of a list, is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Policy,
    AllTools,
    Tools,
    Tool,
    Rule,
    Condition,
    Precondition,
    Limit,
    RateLimit,
    /// Not of the language: the order of its keys is the author's.
    Other,
}

impl Place {
    fn keys(self) -> &'static [Key] {
        match self {
            Place::Policy => &POLICY,
            Place::AllTools => &ALL_TOOLS,
            Place::Tool => &TOOL,
            Place::Rule => &RULE,
            Place::Condition => &CONDITION,
            Place::Precondition => &PRECONDITION,
            Place::Limit => &LIMIT,
            Place::RateLimit => &RATE_LIMIT,
            Place::Tools | Place::Other => &[],
        }
    }

    /// What stands under a key.
    fn under(self, key: &str) -> Place {
        match (self, key) {
            (Place::Policy, "all_tools") => Place::AllTools,
            (Place::Policy, "tools") => Place::Tools,
            (Place::Tools, _) => Place::Tool,
            (Place::Tool | Place::AllTools, "require" | "deny_if" | "require_approval_if") => {
                Place::Rule
            }
            (Place::Tool | Place::AllTools, "preconditions") => Place::Precondition,
            (Place::Tool | Place::AllTools, "limits") => Place::Limit,
            (Place::Tool, "rate_limit") => Place::RateLimit,
            (Place::Rule, "conditions") => Place::Condition,
            _ => Place::Other,
        }
    }

    /// The members in the order in which they are printed.
    fn members(self, object: &Object) -> Vec<&Member> {
        let keys = self.keys();
        let mut members: Vec<&Member> = object.members().iter().collect();
        // Stable: what is not known stays in its order, behind what is.
        sort_by_key(&mut members, |member| {
            keys.iter().position(|key| key.name() == member.key).unwrap_or(keys.len())
        });
        members
    }
}

/// Puts a value at its level; `used` characters of its line are taken by what stands before it.
/// Recursion is bounded by the depth that the reader allows.
fn put(value: &Value, place: Place, level: usize, used: usize, out: &mut String) {
    // One tool a line, and never a whole policy on one.
    let spread = matches!(place, Place::Policy | Place::Tools);
    if !spread && is_flat(value, FLAT) {
        let mut line = String::new();
        flat(value, place, &mut line);
        // A comma may follow.
        if line.chars().count().saturating_add(used).saturating_add(1) <= WIDTH {
            out.push_str(&line);
            return;
        }
    }
    let inner = level.saturating_add(1);
    match value {
        Value::Object(object) if !object.is_empty() => {
            let members = place.members(object);
            lines(out, ['{', '}'], level, members.into_iter(), |member, out| {
                let key = text(&member.key);
                let used = indent(inner).len().saturating_add(key.chars().count());
                out.push_str(&key);
                out.push_str(": ");
                let used = used.saturating_add(2);
                put(&member.node.value, place.under(&member.key), inner, used, out);
            });
        }
        Value::List(items) if !items.is_empty() => {
            lines(out, ['[', ']'], level, items.iter(), |item, out| {
                put(&item.value, place, inner, indent(inner).len(), out);
            });
        }
        _ => flat(value, place, out),
    }
}

/// Each item on a line of its own, between brackets.
fn lines<T>(
    out: &mut String,
    [open, close]: [char; 2],
    level: usize,
    items: impl Iterator<Item = T>,
    put: impl Fn(T, &mut String),
) {
    out.push(open);
    for (at, item) in items.enumerate() {
        out.push_str(if at > 0 { ",\n" } else { "\n" });
        out.push_str(&indent(level.saturating_add(1)));
        put(item, out);
    }
    out.push('\n');
    out.push_str(&indent(level));
    out.push(close);
}

fn indent(level: usize) -> String {
    "  ".repeat(level)
}

/// Whether no more than so many lists and objects stand in one another.
fn is_flat(value: &Value, levels: usize) -> bool {
    match (value, levels.checked_sub(1)) {
        (Value::Object(object), Some(levels)) => {
            object.members().iter().all(|member| is_flat(&member.node.value, levels))
        }
        (Value::List(items), Some(levels)) => items.iter().all(|item| is_flat(&item.value, levels)),
        (Value::Object(object), None) => object.is_empty(),
        (Value::List(items), None) => items.is_empty(),
        _ => true,
    }
}

/// A value on one line.
fn flat(value: &Value, place: Place, out: &mut String) {
    match value {
        Value::Object(object) if !object.is_empty() => {
            for (at, member) in place.members(object).into_iter().enumerate() {
                out.push_str(if at > 0 { ", " } else { "{ " });
                out.push_str(&text(&member.key));
                out.push_str(": ");
                flat(&member.node.value, place.under(&member.key), out);
            }
            out.push_str(" }");
        }
        Value::List(items) if !items.is_empty() => {
            for (at, item) in items.iter().enumerate() {
                out.push_str(if at > 0 { ", " } else { "[" });
                flat(&item.value, place, out);
            }
            out.push(']');
        }
        Value::String(string) => out.push_str(&text(string)),
        other => out.push_str(&crate::json::write(other)),
    }
}

/// A string with the escapes that it needs, and those without which a reader would not see what it
/// holds: marks that have no form of their own, or turn the direction of the line.
fn text(string: &str) -> String {
    let mut out = String::new();
    for c in quote(string).chars() {
        match c {
            '\u{7f}'..='\u{9f}' | '\u{ad}' | '\u{61c}' | '\u{feff}' => escape(c, &mut out),
            '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' => {
                escape(c, &mut out);
            }
            c => out.push(c),
        }
    }
    out
}

fn escape(c: char, out: &mut String) {
    out.push_str(&format!("\\u{:04x}", u32::from(c)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::canonical;
    use crate::parse::parse;

    fn printed(text: &str) -> String {
        print(&parse(text.as_bytes()).policy.unwrap())
    }

    const WRITTEN: &str = r#"{"tools":{"b":{"limits":[{"max":1.50e1,"window":"day","counter":"sum","increment_from":"args.\u0061mount","on_deny":"no"}],
      "x-z": {"b":1,"a":[]}, "deny_if":[{"on_deny":"\u00e9\u202e\/","conditions":[{"value":{"z":1,"a":[[[["deep"]]]]},"op":"eq","path":"args.a"}]}]},
      "a":{}, "c": {"require":[{"conditions":[{"path":"args.region","op":"in","value":["eu-central-1","eu-west-1","eu-north-1","eu-south-1","us-east-1"]}]}]}},
      "x-owner":"me","default":"deny","hide":[],"version":"1"}"#;

    const PRINTED: &str = r#"{
  "version": "1",
  "default": "deny",
  "hide": [],
  "tools": {
    "b": {
      "deny_if": [
        {
          "conditions": [
            {
              "path": "args.a",
              "op": "eq",
              "value": {
                "z": 1,
                "a": [
                  [[["deep"]]]
                ]
              }
            }
          ],
          "on_deny": "é\u202e/"
        }
      ],
      "limits": [
        {
          "counter": "sum",
          "window": "day",
          "max": 1.50e1,
          "increment_from": "args.amount",
          "on_deny": "no"
        }
      ],
      "x-z": { "b": 1, "a": [] }
    },
    "a": {},
    "c": {
      "require": [
        {
          "conditions": [
            {
              "path": "args.region",
              "op": "in",
              "value": ["eu-central-1", "eu-west-1", "eu-north-1", "eu-south-1", "us-east-1"]
            }
          ]
        }
      ]
    }
  },
  "x-owner": "me"
}
"#;

    #[test]
    fn prints_one_form() {
        let once = printed(WRITTEN);
        assert_eq!(printed(&once), once);
        let hash = |text: &str| canonical(&parse(text.as_bytes()).policy.unwrap().document.value);
        assert_eq!(hash(&once), hash(WRITTEN));
        assert_eq!(once, PRINTED);
    }

    /// Every object of the language has its own order, wherever it stands.
    #[test]
    fn keys_have_the_order_of_the_language_everywhere() {
        let text = r#"{"version":"1","default":"deny","tools":{"t":{
            "rate_limit":{"window":"day","max":1},
            "preconditions":[{"on_deny":"m","value":1,"op":"gte","counter":"c"}]}},
            "all_tools":{"limits":[{"max":2,"window":"hour","counter":"c"}],
            "preconditions":[{"value":1,"op":"lt","counter":"c"}],"require":[]}}"#;
        let expected = r#"{
  "version": "1",
  "default": "deny",
  "all_tools": {
    "require": [],
    "preconditions": [{ "counter": "c", "op": "lt", "value": 1 }],
    "limits": [{ "counter": "c", "window": "hour", "max": 2 }]
  },
  "tools": {
    "t": {
      "preconditions": [{ "counter": "c", "op": "gte", "value": 1, "on_deny": "m" }],
      "rate_limit": { "max": 1, "window": "day" }
    }
  }
}
"#;
        assert_eq!(printed(text), expected);
    }

    #[test]
    fn what_is_empty_stays_on_its_line_and_what_is_deep_does_not() {
        let long = "k".repeat(90);
        let text = format!(
            r#"{{"version":"1","default":"deny","tools":{{}},"x-{long}":[],"x-o{long}":{{}},
            "x-d":{{"a":{{"b":{{"c":{{"d":1}}}}}}}},"x-e":{{"a":{{"b":{{"c":{{}}}}}}}}}}"#
        );
        let expected = format!(
            r#"{{
  "version": "1",
  "default": "deny",
  "tools": {{}},
  "x-{long}": [],
  "x-o{long}": {{}},
  "x-d": {{
    "a": {{ "b": {{ "c": {{ "d": 1 }} }} }}
  }},
  "x-e": {{ "a": {{ "b": {{ "c": {{}} }} }} }}
}}
"#
        );
        assert_eq!(printed(&text), expected);
    }

    #[test]
    fn a_line_is_not_too_long() {
        for length in 0..120 {
            let text = format!(
                r#"{{"version":"1","default":"deny","x-a":["{}"],"hide":["b"]}}"#,
                "é".repeat(length)
            );
            let printed = printed(&text);
            let longest = printed.lines().map(|line| line.chars().count()).max().unwrap();
            assert!(longest <= WIDTH || length > 90, "{printed}");
        }
    }
}
