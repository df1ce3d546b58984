//! What is told about exchanges: counters, and one line a decision. Never the value of an argument.

use std::cell::RefCell;

use cattlegrid::edge::Mode;
use cattlegrid::json::{Number, Object, Value, write};
use cattlegrid::model::{Amount, Decision, Effect, LimitState};

use crate::host;

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Event<'a> {
    /// A call was decided.
    Decided {
        /// The name of the policy, if there was one.
        policy: Option<&'a str>,
        /// Whether it was carried out.
        mode: Mode,
        /// The decision.
        effect: Effect,
        /// What kind of rule decided; see [`kind`].
        kind: &'static str,
    },
    /// A request was refused, or would have been: it had no single reading, no grant, no server, or a
    /// method that may not pass.
    Refused {
        /// Why, in one word.
        cause: &'static str,
        /// Whether it was.
        mode: Mode,
    },
    /// Entries were taken out of a list of tools.
    Hidden,
    /// An answer of the server was withheld.
    Withheld,
    /// A reservation was given back.
    GivenBack,
    /// The counters did not answer.
    StoreFailed,
}

impl Event<'_> {
    /// A metric's name; it ends in pairs of a label and its value: `.effect.deny`. Nothing in it is a
    /// client's word, for the proxy never forgets a name.
    fn name(&self) -> String {
        match self {
            Event::Decided { policy, mode, effect, kind } => {
                let policy = plain(policy.unwrap_or(NONE));
                let (mode, effect) = (word(*mode), effect.as_str());
                format!(
                    "cattlegrid.decisions.policy.{policy}.mode.{mode}.effect.{effect}.kind.{kind}"
                )
            }
            Event::Refused { cause, mode } => {
                format!("cattlegrid.requests.refused.cause.{cause}.mode.{}", word(*mode))
            }
            Event::Hidden => "cattlegrid.tools.hidden".to_owned(),
            Event::Withheld => "cattlegrid.answers.withheld".to_owned(),
            Event::GivenBack => "cattlegrid.reservations.given_back".to_owned(),
            Event::StoreFailed => "cattlegrid.store.failures".to_owned(),
        }
    }

    /// The same without the policy's name, to be kept.
    fn nameless(self) -> Event<'static> {
        match self {
            Event::Decided { mode, effect, kind, .. } => {
                Event::Decided { policy: None, mode, effect, kind }
            }
            Event::Refused { cause, mode } => Event::Refused { cause, mode },
            Event::Hidden => Event::Hidden,
            Event::Withheld => Event::Withheld,
            Event::GivenBack => Event::GivenBack,
            Event::StoreFailed => Event::StoreFailed,
        }
    }

    fn policy(&self) -> &str {
        match self {
            Event::Decided { policy: Some(policy), .. } => policy,
            _ => NONE,
        }
    }
}

/// What is shown in the place of a name or a kind where there is none.
pub const NONE: &str = "none";

/// What kind of rule a pointer or sentinel names.
pub fn kind(rule: &str) -> &'static str {
    const SENTINELS: [(&str, &str); 4] = [
        ("(malformed call)", "malformed"),
        ("(no policy)", "no_policy"),
        ("(hidden)", "hidden"),
        ("(default deny)", "default"),
    ];
    const KEYS: [&str; 7] = [
        "action",
        "require",
        "deny_if",
        "require_approval_if",
        "preconditions",
        "limits",
        "rate_limit",
    ];
    let mut parts = rule.split('/').skip(1);
    let key = match parts.next() {
        Some("tools") => parts.nth(1),
        Some("all_tools") => parts.next(),
        _ => None,
    };
    let sentinel =
        || SENTINELS.iter().find(|(sentinel, _)| *sentinel == rule).map(|(_, kind)| *kind);
    let known = KEYS.iter().copied().find(|known| Some(*known) == key);
    known.or_else(sentinel).unwrap_or(NONE)
}

/// A name as a metric's may have it.
fn plain(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' };
    name.chars().map(plain).take(64).collect()
}

/// The mode as configurations write it.
pub fn word(mode: Mode) -> &'static str {
    match mode {
        Mode::Enforce => "enforce",
        Mode::Shadow => "shadow",
    }
}

/// A counter of the proxy: of which event, of which policy, and its number there.
struct Counter {
    event: Event<'static>,
    policy: String,
    metric: Option<u32>,
}

/// The metrics of the proxy, each defined when it is first needed. None is a gauge: those would not
/// come down again when the filter traps.
pub struct Metrics {
    counters: RefCell<Vec<Counter>>,
    /// How long decisions take, in microseconds.
    evaluation: Option<u32>,
}

impl Metrics {
    /// All metrics, with their values of before if they were there. Those that are no decision's are
    /// shown from the start.
    pub fn new() -> Metrics {
        let metrics = Metrics {
            counters: RefCell::default(),
            evaluation: host::histogram("cattlegrid.evaluation_us"),
        };
        for event in [Event::Hidden, Event::Withheld, Event::GivenBack, Event::StoreFailed] {
            metrics.count(event, 0);
        }
        metrics
    }

    /// Counts something.
    pub fn count(&self, event: Event<'_>, by: usize) {
        let (nameless, policy) = (event.nameless(), event.policy());
        let mut counters = self.counters.borrow_mut();
        let known = counters.iter().find(|known| known.event == nameless && known.policy == policy);
        let metric = match known {
            Some(known) => known.metric,
            None => {
                let metric = host::metric(&event.name());
                counters.push(Counter { event: nameless, policy: policy.to_owned(), metric });
                metric
            }
        };
        if let (Some(metric), Ok(by)) = (metric, i64::try_from(by)) {
            host::count(metric, by);
        }
    }

    /// Tells how many microseconds a decision took.
    pub fn took(&self, microseconds: u64) {
        if let Some(metric) = self.evaluation {
            host::record(metric, microseconds);
        }
    }
}

/// So many argument keys are named in a line, and so many characters of each text.
const MAX_KEYS: usize = 32;
const MAX_CHARACTERS: usize = 200;

/// What is known about a request beside what becomes of it.
#[derive(Default)]
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
    /// The keys of the arguments.
    pub keys: Vec<String>,
}

/// The top-level keys of a call's arguments, sorted.
pub fn argument_keys<'k>(keys: impl Iterator<Item = &'k str>) -> Vec<String> {
    let mut keys: Vec<String> = keys.map(cut).collect();
    keys.sort_unstable();
    keys.truncate(MAX_KEYS);
    keys
}

/// One line about a decision: JSON, always with the same keys.
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
    ];
    write(&object(about.members().into_iter().chain(own)))
}

/// One line about a request that was refused, or would have been.
pub fn refusal_line(cause: &str, message: &str, about: &About<'_>) -> String {
    let own = [("decision", text("refuse")), ("cause", text(cause)), ("message", text(message))];
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_of_a_kind_whatever_their_tool_is_called() {
        for (rule, expected) in [
            ("", "none"),
            ("(hidden)", "hidden"),
            ("(default deny)", "default"),
            ("(no policy)", "no_policy"),
            ("(malformed call)", "malformed"),
            ("/tools/limits/action", "action"),
            ("/tools/a~1b/require/0", "require"),
            ("/tools/x/rate_limit", "rate_limit"),
            ("/all_tools/limits/1", "limits"),
            ("/tools/require", "none"),
        ] {
            assert_eq!(kind(rule), expected, "{rule}");
        }
        assert_eq!(plain("a.b c/ä"), "a_b_c__");
    }
}
