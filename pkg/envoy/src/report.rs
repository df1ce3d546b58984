//! What is counted about exchanges. What is told in lines, the engine writes.

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use cattlegrid::edge::{Mode, Named};
use cattlegrid::model::Effect;
use cattlegrid::protocol::answer::CHANGED_TOOL;

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
    /// Entries of a list of tools were not as they are pinned.
    Changed,
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
                let (mode, effect) = (mode.as_str(), effect.as_str());
                format!(
                    "cattlegrid.decisions.policy.{policy}.mode.{mode}.effect.{effect}.kind.{kind}"
                )
            }
            Event::Refused { cause, mode } => {
                format!("cattlegrid.requests.refused.cause.{cause}.mode.{}", mode.as_str())
            }
            Event::Hidden => "cattlegrid.tools.hidden".to_owned(),
            Event::Changed => "cattlegrid.tools.changed".to_owned(),
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
            Event::Changed => Event::Changed,
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
    const SENTINELS: [(&str, &str); 5] = [
        (CHANGED_TOOL, "changed_tool"),
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

/// A counter of the proxy: of which event, of which policy, and its number there.
struct Counter {
    event: Event<'static>,
    policy: String,
    metric: Option<u32>,
}

/// The metrics of the proxy, each defined when it is first needed. None is a gauge: those would not
/// come down again when the filter traps.
///
/// To tell the proxy of one costs as much as judging a condition, so what happens most waits for the next
/// second: that a call passed, and how long decisions took. All else is told at once.
pub struct Metrics {
    counters: RefCell<Vec<Counter>>,
    /// How long decisions take, in microseconds.
    evaluation: Option<u32>,
    /// How long those took of which the proxy was not told yet.
    untold: RefCell<Vec<u64>>,
    /// How many decisions were made since the last one that was timed.
    since_timed: Cell<u8>,
    /// Calls that passed of which the proxy was not told yet: by which policy, and how many.
    passed: RefCell<Option<(Arc<Named>, usize)>>,
}

/// So many of one kind may wait until the proxy is told of them: a filter that traps loses them.
const UNTOLD: usize = 64;

/// One in so many decisions is timed, for the end of each would have to be asked of the proxy. A prime, so
/// that whoever calls several tools in turn has all of them timed.
const TIMED: u8 = 17;

impl Metrics {
    /// All metrics, with their values of before if they were there. Those that are no decision's are
    /// shown from the start.
    pub fn new() -> Metrics {
        let metrics = Metrics {
            counters: RefCell::default(),
            evaluation: host::histogram("cattlegrid.evaluation_us"),
            untold: RefCell::default(),
            since_timed: Cell::new(TIMED),
            passed: RefCell::default(),
        };
        for event in
            [Event::Hidden, Event::Changed, Event::Withheld, Event::GivenBack, Event::StoreFailed]
        {
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

    /// Counts a call that a policy lets pass and carries out.
    pub fn passed(&self, policy: &Arc<Named>) {
        if let Some((known, many)) = &mut *self.passed.borrow_mut()
            && Arc::ptr_eq(known, policy)
            && *many < UNTOLD
        {
            *many = many.saturating_add(1);
            return;
        }
        self.tell_passed();
        self.passed.replace(Some((policy.clone(), 1)));
    }

    /// Tells of the calls that passed of which that was not told.
    fn tell_passed(&self) {
        let Some((policy, many)) = self.passed.take() else { return };
        let (policy, effect) = (Some(policy.name.as_str()), Effect::Allow);
        self.count(Event::Decided { policy, mode: Mode::Enforce, effect, kind: NONE }, many);
    }

    /// Whether this decision is one that is timed.
    pub fn is_timed(&self) -> bool {
        let since = self.since_timed.get().saturating_add(1);
        let is_timed = since >= TIMED;
        self.since_timed.set(if is_timed { 0 } else { since });
        is_timed
    }

    /// Remembers how many microseconds a decision took, until [`Metrics::tell`].
    pub fn took(&self, microseconds: u64) {
        let mut untold = self.untold.borrow_mut();
        untold.push(microseconds);
        if untold.len() >= UNTOLD {
            drop(untold);
            self.tell();
        }
    }

    /// Tells what was not told yet.
    pub fn tell(&self) {
        self.tell_passed();
        let mut untold = self.untold.borrow_mut();
        for microseconds in untold.drain(..) {
            if let Some(metric) = self.evaluation {
                host::record(metric, microseconds);
            }
        }
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
            ("(changed tool)", "changed_tool"),
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
