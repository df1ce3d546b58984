//! What is told about requests: one line a decision, the same from every host. Never the value of an
//! argument.

use super::Mode;
use crate::json::{Number, Object, Value, write};
use crate::model::{Amount, Decision, LimitState};
use crate::pin::Seen;

impl Mode {
    /// As configurations write it: `enforce` or `shadow`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Mode::Enforce => "enforce",
            Mode::Shadow => "shadow",
        }
    }
}

/// So many argument keys are named in a line, and so many characters of each text.
const MAX_KEYS: usize = 32;
const MAX_CHARACTERS: usize = 200;

/// What is known about a request beside what becomes of it.
#[derive(Clone, Debug, Default)]
pub struct About<'a> {
    /// The grant's label.
    pub grant: &'a str,
    /// The server's name, if it has one.
    pub server: Option<&'a str>,
    /// The method of the message, if it is known.
    pub method: Option<&'a str>,
    /// The proxy's id of the request.
    pub request_id: &'a str,
    /// `enforce` or `shadow`.
    pub mode: &'a str,
    /// The name of the policy that decided, if there was one.
    pub policy: Option<&'a str>,
    /// Its hash.
    pub hash: Option<&'a str>,
    /// Who approved the call, if it would have been held.
    pub approver: Option<&'a str>,
    /// How the tool is not what is pinned, if it is not.
    pub pin: Option<&'a str>,
    /// The keys of the arguments.
    pub keys: Vec<String>,
}

/// The top-level keys of a call's arguments, sorted.
#[must_use]
pub fn argument_keys<'k>(keys: impl Iterator<Item = &'k str>) -> Vec<String> {
    let mut keys: Vec<String> = keys.map(cut).collect();
    keys.sort_unstable();
    keys.truncate(MAX_KEYS);
    keys
}

/// One line about a decision: JSON, always with the same keys.
#[must_use]
pub fn line(decision: &Decision, about: &About<'_>) -> String {
    let id = decision.id.as_ref();
    let keys = about.keys.iter().map(|key| text(key).into());
    let limits = decision.limits.iter().map(|limit| limit_value(limit).into());
    let own = [
        ("tool", text(&decision.tool)),
        ("arguments", Value::List(keys.collect())),
        ("decision", text(decision.effect.as_str())),
        ("rule", optional(id.map(|id| id.rule.as_str()))),
        ("message", optional(decision.message.as_deref())),
        ("limits", Value::List(limits.collect())),
        ("approver", optional(about.approver)),
        ("pin", optional(about.pin)),
    ];
    write(&object(about.members().into_iter().chain(own)))
}

/// One line about a request that was refused, or would have been.
#[must_use]
pub fn refusal_line(cause: &str, message: &str, about: &About<'_>) -> String {
    let own = [("decision", text("refuse")), ("cause", text(cause)), ("message", text(message))];
    write(&object(about.members().into_iter().chain(own)))
}

/// One line about a list of tools that is not what is pinned: the names of the tools, of many only the
/// first.
#[must_use]
pub fn changes_line(seen: &Seen, denies: bool, about: &About<'_>) -> String {
    let names = |names: &[String]| {
        let shown = names.iter().take(MAX_KEYS).map(|name| text(name).into());
        Value::List(shown.collect())
    };
    let decision = if denies { "quarantine" } else { "report" };
    let own = [
        ("decision", text(decision)),
        ("changed", names(&seen.changed)),
        ("new", names(&seen.new)),
    ];
    write(&object(about.members().into_iter().chain(own)))
}

impl About<'_> {
    fn members(&self) -> [(&'static str, Value); 7] {
        [
            ("grant", text(self.grant)),
            ("server", optional(self.server)),
            ("method", optional(self.method)),
            ("request_id", text(self.request_id)),
            ("mode", text(self.mode)),
            ("policy_name", optional(self.policy)),
            ("policy", optional(self.hash)),
        ]
    }
}

fn limit_value(limit: &LimitState) -> Value {
    object([
        ("counter", text(&limit.counter)),
        ("max", amount(limit.max)),
        ("remaining", limit.remaining.map_or(Value::Null, amount)),
    ])
}

fn object<'k>(members: impl IntoIterator<Item = (&'k str, Value)>) -> Value {
    let members = members.into_iter().map(|(key, value)| (key.to_owned(), value));
    Value::Object(members.collect::<Object>())
}

fn optional(value: Option<&str>) -> Value {
    value.map_or(Value::Null, text)
}

fn text(text: &str) -> Value {
    Value::String(cut(text))
}

fn amount(amount: Amount) -> Value {
    Number::parse(&amount.to_string()).map_or(Value::Null, Value::Number)
}

/// A text that no client can make long.
fn cut(text: &str) -> String {
    match text.char_indices().nth(MAX_CHARACTERS) {
        Some((at, _)) => text.get(..at).unwrap_or_default().to_owned() + "…",
        None => text.to_owned(),
    }
}
