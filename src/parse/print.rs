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
    let style = Style::default();
    let mut out = style.print(&policy.document.value, Place::Policy, "", 0);
    out.push('\n');
    out
}

/// How a text is laid out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Style {
    /// What a level is indented by.
    pub(crate) unit: String,
    /// What ends a line.
    pub(crate) newline: &'static str,
    /// Which values stand on one line.
    pub(crate) lines: Lines,
    /// What stands within the braces of an object on one line.
    pub(crate) pad: &'static str,
    /// What stands behind the colon of a member.
    pub(crate) colon: &'static str,
    /// What stands behind a comma that ends no line.
    pub(crate) comma: &'static str,
}

/// Which values stand on one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lines {
    /// All.
    One,
    /// Those that are short and hold little.
    Fitting,
    /// Those that are empty or no list or object.
    Each,
}

impl Default for Style {
    /// The canonical one.
    fn default() -> Style {
        let unit = "  ".to_owned();
        Style { unit, newline: "\n", lines: Lines::Fitting, pad: " ", colon: " ", comma: " " }
    }
}

impl Style {
    /// The text of a value whose line is indented by `indent`, and has `used` characters before it.
    pub(crate) fn print(&self, value: &Value, place: Place, indent: &str, used: usize) -> String {
        let mut out = String::new();
        self.put(value, place, indent, used, &mut out);
        out
    }

    /// The text of a member as [`Style::print`] gives that of a value. `place` is that of the value.
    pub(crate) fn print_member(
        &self,
        (key, value): (&str, &Value),
        place: Place,
        indent: &str,
        used: usize,
    ) -> String {
        let mut out = text(key);
        out.push(':');
        out.push_str(self.colon);
        let used = used.saturating_add(out.chars().count());
        self.put(value, place, indent, used, &mut out);
        out
    }

    /// Whether a value stands on one line with so many characters before it.
    pub(crate) fn fits(&self, value: &Value, place: Place, used: usize) -> bool {
        self.line(value, place, used).is_some()
    }

    /// The value on one line, if that is where it stands.
    fn line(&self, value: &Value, place: Place, used: usize) -> Option<String> {
        let mut line = String::new();
        match self.lines {
            Lines::One => self.flat(value, place, &mut line),
            Lines::Each if is_flat(value, 0) => self.flat(value, place, &mut line),
            Lines::Each => return None,
            Lines::Fitting => {
                // One tool a line, and never a whole policy on one.
                let spread = matches!(place, Place::Policy | Place::Tools);
                if spread || !is_flat(value, FLAT) {
                    return None;
                }
                self.flat(value, place, &mut line);
                // A comma may follow.
                let width = line.chars().count().saturating_add(used).saturating_add(1);
                if width > WIDTH {
                    return None;
                }
            }
        }
        Some(line)
    }

    /// Recursion is bounded by the depth that the reader allows.
    fn put(&self, value: &Value, place: Place, indent: &str, used: usize, out: &mut String) {
        if let Some(line) = self.line(value, place, used) {
            out.push_str(&line);
            return;
        }
        let inner = [indent, &self.unit].concat();
        let used = inner.chars().count();
        match value {
            Value::Object(object) if !object.is_empty() => {
                let members = place.members(object);
                self.lines(out, ['{', '}'], indent, members.into_iter(), |member, out| {
                    let under = place.under(&member.key);
                    let member = (&*member.key, &member.node.value);
                    out.push_str(&self.print_member(member, under, &inner, used));
                });
            }
            Value::List(items) if !items.is_empty() => {
                self.lines(out, ['[', ']'], indent, items.iter(), |item, out| {
                    self.put(&item.value, place, &inner, used, out);
                });
            }
            _ => self.flat(value, place, out),
        }
    }

    /// Each item on a line of its own, between brackets.
    fn lines<T>(
        &self,
        out: &mut String,
        [open, close]: [char; 2],
        indent: &str,
        items: impl Iterator<Item = T>,
        put: impl Fn(T, &mut String),
    ) {
        out.push(open);
        for (at, item) in items.enumerate() {
            if at > 0 {
                out.push(',');
            }
            out.extend([self.newline, indent, &self.unit]);
            put(item, out);
        }
        out.extend([self.newline, indent]);
        out.push(close);
    }

    /// A value on one line.
    fn flat(&self, value: &Value, place: Place, out: &mut String) {
        match value {
            Value::Object(object) if !object.is_empty() => {
                for (at, member) in place.members(object).into_iter().enumerate() {
                    let begin = if at > 0 { [",", self.comma] } else { ["{", self.pad] };
                    out.extend(begin);
                    out.push_str(&text(&member.key));
                    out.extend([":", self.colon]);
                    self.flat(&member.node.value, place.under(&member.key), out);
                }
                out.extend([self.pad, "}"]);
            }
            Value::List(items) if !items.is_empty() => {
                for (at, item) in items.iter().enumerate() {
                    out.extend(if at > 0 { [",", self.comma] } else { ["[", ""] });
                    self.flat(&item.value, place, out);
                }
                out.push(']');
            }
            Value::String(string) => out.push_str(&text(string)),
            other => out.push_str(&crate::json::write(other)),
        }
    }
}

/// What an object, or each object of a list, is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
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
    pub(crate) fn under(self, key: &str) -> Place {
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

    /// Where a key stands among the others of the language; `None` if it is none of them.
    pub(crate) fn rank(self, key: &str) -> Option<usize> {
        self.keys().iter().position(|known| known.name() == key)
    }

    /// The members in the order in which they are printed.
    fn members(self, object: &Object) -> Vec<&Member> {
        let mut members: Vec<&Member> = object.members().iter().collect();
        // Stable: what is not known stays in its order, behind what is.
        sort_by_key(&mut members, |member| self.rank(&member.key).unwrap_or(usize::MAX));
        members
    }
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

/// A string with the escapes that it needs, and those without which a reader would not see what it
/// holds: marks that have no form of their own, or turn the direction of the line.
pub(crate) fn text(string: &str) -> String {
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
    out.push_str("\\u");
    let digits = [12, 8, 4, 0].map(|shift| char::from_digit(u32::from(c) >> shift & 15, 16));
    out.extend(digits.iter().flatten());
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
