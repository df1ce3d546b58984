//! What is told about exchanges: counters, and one line a decision. Never the value of an argument.

use cattlegrid::json::{Number, Object, Value, write};
use cattlegrid::model::{Amount, Call, Decision, LimitState};

use crate::host;

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A call was allowed.
    Allowed,
    /// A call was denied.
    Denied,
    /// A call was held for a person.
    Held,
    /// A request was refused: it had no single reading, no grant, or an unknown method.
    Refused,
    /// An entry was taken out of a list of tools.
    Hidden,
    /// An answer of the server was withheld.
    Withheld,
    /// A reservation was given back.
    GivenBack,
    /// The counters did not answer.
    StoreFailed,
}

const NAMES: [(Event, &str); 8] = [
    (Event::Allowed, "cattlegrid.decisions.allow"),
    (Event::Denied, "cattlegrid.decisions.deny"),
    (Event::Held, "cattlegrid.decisions.hold"),
    (Event::Refused, "cattlegrid.requests.refused"),
    (Event::Hidden, "cattlegrid.tools.hidden"),
    (Event::Withheld, "cattlegrid.answers.withheld"),
    (Event::GivenBack, "cattlegrid.reservations.given_back"),
    (Event::StoreFailed, "cattlegrid.store.failures"),
];

/// The counters of the proxy's telemetry. None is a gauge: those would not come down again when the
/// filter traps.
pub struct Metrics([(Event, Option<u32>); NAMES.len()]);

impl Metrics {
    /// All counters, with their values of before if they were there.
    pub fn new() -> Metrics {
        Metrics(NAMES.map(|(event, name)| (event, host::metric(name))))
    }

    /// Counts something.
    pub fn count(&self, event: Event, by: usize) {
        let metric = self.0.iter().find(|(other, _)| *other == event).and_then(|(_, id)| *id);
        if let (Some(metric), Ok(by)) = (metric, i64::try_from(by)) {
            host::count(metric, by);
        }
    }
}

/// So many argument keys are named in a line, and so many characters of each text.
const MAX_KEYS: usize = 32;
const MAX_CHARACTERS: usize = 200;

/// What is known about a call beside its decision.
pub struct About<'a> {
    /// The grant's label.
    pub grant: &'a str,
    /// The proxy's id of the request.
    pub request_id: &'a str,
    /// The hash of the policy that decided.
    pub policy: &'a str,
    /// Who approved the call, if it would have been held.
    pub approver: Option<&'a str>,
    /// The keys of the arguments.
    pub keys: Vec<String>,
}

/// The top-level keys of a call's arguments, sorted.
pub fn argument_keys(call: &Call) -> Vec<String> {
    let mut keys: Vec<String> = call.arguments.members().iter().map(|m| cut(&m.key)).collect();
    keys.sort_unstable();
    keys.truncate(MAX_KEYS);
    keys
}

/// One line about a decision: JSON, always with the same keys.
pub fn line(decision: &Decision, about: &About<'_>) -> String {
    let id = decision.id.as_ref();
    let optional = |value: Option<&str>| value.map_or(Value::Null, text);
    let keys = about.keys.iter().map(|key| text(key).into());
    let limits = decision.limits.iter().map(|limit| limit_value(limit).into());
    let line = object([
        ("grant", text(about.grant)),
        ("method", text("tools/call")),
        ("tool", text(&decision.tool)),
        ("arguments", Value::List(keys.collect())),
        ("policy", text(about.policy)),
        ("decision", text(decision.effect.as_str())),
        ("rule", optional(id.map(|id| id.rule.as_str()))),
        ("message", optional(decision.message.as_deref())),
        ("limits", Value::List(limits.collect())),
        ("approver", optional(about.approver)),
        ("request_id", text(about.request_id)),
    ]);
    write(&line)
}

fn limit_value(limit: &LimitState) -> Value {
    object([
        ("counter", text(&limit.counter)),
        ("max", amount(limit.max)),
        ("remaining", limit.remaining.map_or(Value::Null, amount)),
    ])
}

fn object<const N: usize>(members: [(&str, Value); N]) -> Value {
    let members = members.into_iter().map(|(key, value)| (key.to_owned(), value));
    Value::Object(members.collect::<Object>())
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
