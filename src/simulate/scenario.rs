//! The scenario file.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;

use super::time;
use crate::approval::Keys;
use crate::diagnostic::{Code, Diagnostic, name, names, nearest, sort};
use crate::json::{self, Limits, Node, Number, Object, Value};
use crate::model::{Call, Effect, Time};
use crate::parse::{self, CallFault, CallFaultKind};
use crate::source::Span;

/// So many calls one scenario may evaluate, repetitions included.
pub const MAX_CALLS: u32 = 1_000_000;

/// When a scenario begins that does not say: 2026-01-01T00:00:00Z.
const BEGIN: Time = Time(1_767_225_600_000);
/// The last moment that a scenario may reach: the end of the year 9999.
const LAST: u64 = 253_402_300_799_999;

const SCENARIO_KEYS: [&str; 5] = ["description", "policy", "catalog", "approval_keys", "steps"];

const SPAN_HELP: &str =
    "a span of time is a whole number and `ms`, `s`, `m`, `h` or `d`, such as `6s`";
const AT_HELP: &str = "a time is such as `2026-01-01T00:00:00Z`, or `+90s` from the step before";

/// A scenario that was understood without an error.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// What it shows, for people.
    pub description: Option<String>,
    /// The policy that it runs through.
    pub policy: Document,
    /// The tools of the server, if it matters.
    pub catalog: Option<Document>,
    /// The keys of the host that it runs on, as [`Keys::from_node`] reads them. `None`: it runs
    /// nowhere, and a hold is shown as one; with no key in them, every hold is a denial.
    pub approval_keys: Option<Keys>,
    /// What happens, in the order of the file.
    pub steps: Vec<Step>,
}

/// Another document that a scenario needs.
#[derive(Clone, Debug)]
pub enum Document {
    /// It is in a file; the path is relative to the scenario's folder. Who calls the engine reads it.
    Path(String),
    /// It stands in the scenario.
    Inline(Node),
}

/// A call, once or several times.
#[derive(Clone, Debug)]
pub struct Step {
    /// The place of the step.
    pub span: Span,
    /// When it happens (first).
    pub at: Time,
    /// The call. Malformed arguments are a fault of the call, which is then denied; every other
    /// fault is one of the scenario.
    pub call: Result<Call, CallFault>,
    /// What becomes of the call if it is allowed.
    pub upstream: Upstream,
    /// Milliseconds from one repetition to the next.
    pub every: u64,
    /// How often, from 1.
    pub times: u32,
    /// What is expected of every repetition.
    pub expected: Option<Expected>,
}

/// What becomes of an allowed call behind the engine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Upstream {
    /// The tool answers.
    #[default]
    Ok,
    /// The tool ran and reports an error: what was reserved stays taken.
    ToolError,
    /// The call fails on its way: what was reserved is given back at once.
    Error,
}

/// What a step expects of the decision; what is `None` is not looked at.
#[derive(Clone, Debug)]
pub struct Expected {
    /// The effect.
    pub effect: Effect,
    /// The rule id.
    pub rule: Option<String>,
    /// What the caller reads.
    pub message: Option<String>,
    /// What remains of the first limit that the decision lists.
    pub remaining: Option<Number>,
}

/// When one repetition of a step happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The step, from 0.
    pub step: usize,
    /// The repetition, from 0.
    pub repetition: u32,
    /// The time.
    pub at: Time,
}

impl Scenario {
    /// Reads a scenario file.
    ///
    /// # Errors
    /// Everything that is wrong with it, in the order of the text.
    pub fn parse(text: &[u8]) -> Result<Scenario, Vec<Diagnostic>> {
        match parse::json(text, &Limits::DOCUMENT) {
            (Some(node), faults) if faults.is_empty() => Scenario::from_node(&node),
            (_, faults) => Err(faults),
        }
    }

    /// Reads a scenario that was read as JSON.
    ///
    /// # Errors
    /// Everything that is wrong with it, in the order of the text.
    pub fn from_node(node: &Node) -> Result<Scenario, Vec<Diagnostic>> {
        let mut reader = Reader::default();
        let scenario = reader.scenario(node);
        match scenario {
            Some(scenario) if reader.diagnostics.is_empty() => Ok(scenario),
            _ => {
                sort(&mut reader.diagnostics);
                Err(reader.diagnostics)
            }
        }
    }

    /// All calls in the order in which they happen.
    ///
    /// That is the order of time: a step that begins while the repetitions of earlier ones still go
    /// on falls between them, and at the same time the order of the file holds. A step that begins
    /// before the step above it began is a clock that was set back; everything above it happens
    /// first.
    pub fn moments(&self) -> impl Iterator<Item = Moment> + '_ {
        Moments { steps: &self.steps, next: 0, going_on: BinaryHeap::new() }
    }
}

/// The moments of steps, in memory for the steps that go on at once and not for their repetitions.
struct Moments<'s> {
    steps: &'s [Step],
    /// The first step that has not begun.
    next: usize,
    /// The next repetition of each step that has begun: when, which step, and its number. The one
    /// that comes first is on top.
    going_on: BinaryHeap<Reverse<(Time, usize, u32)>>,
}

impl Moments<'_> {
    /// Whether the next step begins no later than what comes next of those that go on.
    fn begins(&self, step: &Step) -> bool {
        let Some(Reverse((at, ..))) = self.going_on.peek() else { return true };
        let above = self.next.checked_sub(1).and_then(|above| self.steps.get(above));
        let set_back = above.is_some_and(|above| step.at < above.at);
        !set_back && step.at <= *at
    }
}

impl Iterator for Moments<'_> {
    type Item = Moment;

    fn next(&mut self) -> Option<Moment> {
        while let Some(step) = self.steps.get(self.next).filter(|step| self.begins(step)) {
            if step.times > 0 {
                self.going_on.push(Reverse((step.at, self.next, 0)));
            }
            self.next = self.next.saturating_add(1);
        }
        let mut first = self.going_on.peek_mut()?;
        let Reverse((at, step, repetition)) = *first;
        let following = repetition.saturating_add(1);
        match self.steps.get(step).filter(|step| following < step.times) {
            Some(what) => *first = Reverse((what.time(following), step, following)),
            None => {
                PeekMut::pop(first);
            }
        }
        Some(Moment { step, repetition, at })
    }
}

impl Step {
    /// When a repetition happens.
    fn time(&self, repetition: u32) -> Time {
        Time(self.at.0.saturating_add(self.every.saturating_mul(u64::from(repetition))))
    }
}

#[derive(Default)]
struct Reader {
    diagnostics: Vec<Diagnostic>,
}

impl Reader {
    fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    fn wrong(&mut self, node: &Node, pointer: &str, what: &str, wanted: &str) {
        let message = format!("{what} must be {wanted}, not {}", node.value.kind());
        self.report(Diagnostic::new(Code::WrongType, node.span, pointer, message));
    }

    fn missing(&mut self, node: &Node, pointer: &str, what: &str, key: &str) {
        let brace = Span { end: node.span.start.saturating_add(1), ..node.span };
        let message = format!("{what} needs `{key}`");
        self.report(Diagnostic::new(Code::MissingKey, brace, pointer, message));
    }

    /// The object, with every key that it must not have reported. Keys that begin with `x-` are the
    /// author's, as in a policy.
    fn object<'n>(
        &mut self,
        node: &'n Node,
        pointer: &str,
        what: &str,
        keys: &[&str],
    ) -> Option<&'n Object> {
        let Value::Object(object) = &node.value else {
            self.wrong(node, pointer, what, "an object");
            return None;
        };
        for member in object.members() {
            if keys.contains(&member.key.as_str()) || member.key.starts_with("x-") {
                continue;
            }
            let nearest = nearest(&member.key, keys.iter().copied());
            self.unknown_key(&member.key, nearest, member.key_span, pointer);
        }
        Some(object)
    }

    fn unknown_key(&mut self, key: &str, nearest: Option<&str>, span: Span, pointer: &str) {
        let pointer = format!("{pointer}/{}", json::pointer_token(key));
        let message = format!("unknown key {}", name(key));
        let mut diagnostic = Diagnostic::new(Code::UnknownKey, span.inner(), &pointer, message);
        if let Some(near) = nearest {
            diagnostic = diagnostic.help(format!("did you mean `{near}`?")).replace(
                format!("rename it to `{near}`"),
                span.inner(),
                near,
            );
        }
        self.report(diagnostic);
    }

    fn scenario(&mut self, node: &Node) -> Option<Scenario> {
        let object = self.object(node, "", "a scenario", &SCENARIO_KEYS)?;
        let description = self.text(object, "description", "");
        let policy = self.document(object, "policy");
        if object.get("policy").is_none() {
            self.missing(node, "", "a scenario", "policy");
        }
        let catalog = self.document(object, "catalog");
        let approval_keys = object.get("approval_keys").and_then(|node| self.keys(node));
        let mut steps = Vec::new();
        match object.get("steps").map(|steps| (steps, steps.value.as_list())) {
            None => self.missing(node, "", "a scenario", "steps"),
            Some((steps, None)) => self.wrong(steps, "/steps", "`steps`", "a list"),
            Some((_, Some(list))) => steps = self.steps(list),
        }
        Some(Scenario { description, policy: policy?, catalog, approval_keys, steps })
    }

    fn keys(&mut self, node: &Node) -> Option<Keys> {
        let faults = match Keys::from_node(node) {
            Ok(keys) => return Some(keys),
            Err(faults) => faults,
        };
        for fault in faults {
            self.report(fault.diagnostic("/approval_keys"));
        }
        None
    }

    fn document(&mut self, object: &Object, key: &str) -> Option<Document> {
        let node = object.get(key)?;
        match &node.value {
            Value::String(path) => Some(Document::Path(path.clone())),
            Value::Object(_) => Some(Document::Inline(node.clone())),
            _ => {
                let wanted = "the path of a file or the document itself";
                self.wrong(node, &format!("/{key}"), &format!("`{key}`"), wanted);
                None
            }
        }
    }

    fn steps(&mut self, list: &[Node]) -> Vec<Step> {
        let mut steps = Vec::with_capacity(list.len());
        let (mut now, mut calls) = (BEGIN, 0u32);
        for (number, node) in list.iter().enumerate() {
            let pointer = format!("/steps/{number}");
            let Some(step) = self.step(node, &pointer, now) else {
                continue;
            };
            now = step.time(step.times.saturating_sub(1));
            let before = calls;
            calls = calls.saturating_add(step.times);
            if now.0 > LAST {
                let message = "the scenario goes on beyond the year 9999";
                self.report(Diagnostic::new(Code::InvalidTime, node.span, &pointer, message));
                break;
            }
            if calls > MAX_CALLS && before <= MAX_CALLS {
                let message = format!("the scenario has more than {MAX_CALLS} calls from here on");
                self.report(Diagnostic::new(Code::TooManyCalls, node.span, &pointer, message));
            }
            steps.push(step);
        }
        steps
    }

    /// A step; `now` is the time of the last call before it.
    fn step(&mut self, node: &Node, pointer: &str, now: Time) -> Option<Step> {
        let keys = ["at", "call", "outcome", "every", "times", "expect"];
        let object = self.object(node, pointer, "a step", &keys)?;
        let at = self.at(object, pointer, now);
        let outcomes =
            [("ok", Upstream::Ok), ("tool-error", Upstream::ToolError), ("error", Upstream::Error)];
        let upstream = self.word(object, "outcome", pointer, Code::UnknownOutcome, &outcomes);
        let every = self.time(object, "every", pointer, SPAN_HELP, time::span);
        let times = match object.get("times").map(|node| (node, whole(node))) {
            None => 1,
            Some((_, Some(times))) => times,
            Some((node, None)) => {
                self.wrong(node, &format!("{pointer}/times"), "`times`", "a whole number from 1");
                1
            }
        };
        if object.get("every").is_some() && object.get("times").is_none() {
            self.missing(node, pointer, "a step with `every`", "times");
        }
        let expected =
            object.get("expect").and_then(|node| self.expect(node, &format!("{pointer}/expect")));
        let call = match object.get("call") {
            Some(call) => self.call(call, &format!("{pointer}/call")),
            None => {
                self.missing(node, pointer, "a step", "call");
                None
            }
        };
        Some(Step {
            span: node.span,
            at,
            call: call?,
            upstream: upstream.unwrap_or_default(),
            every: every.unwrap_or(0),
            times,
            expected,
        })
    }

    fn at(&mut self, object: &Object, pointer: &str, now: Time) -> Time {
        let read = |text: &str| match text.strip_prefix('+') {
            Some(text) => time::span(text).and_then(|span| now.0.checked_add(span)).map(Time),
            None => time::moment(text),
        };
        self.time(object, "at", pointer, AT_HELP, read).unwrap_or(now)
    }

    fn time<T>(
        &mut self,
        object: &Object,
        key: &str,
        pointer: &str,
        help: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let text = self.text(object, key, pointer)?;
        let time = read(&text);
        if let (None, Some(node)) = (&time, object.get(key)) {
            let message = format!("{} is no time", name(&text));
            let (span, pointer) = (node.span.inner(), format!("{pointer}/{key}"));
            self.report(Diagnostic::new(Code::InvalidTime, span, &pointer, message).help(help));
        }
        time
    }

    fn call(&mut self, node: &Node, pointer: &str) -> Option<Result<Call, CallFault>> {
        match parse::call(node) {
            Err(fault) => match &fault.kind {
                CallFaultKind::Arguments(_) => Some(Err(fault)),
                CallFaultKind::UnknownKey(key, nearest) => {
                    self.unknown_key(key, *nearest, fault.span, pointer);
                    None
                }
                kind => {
                    let message = kind.to_string();
                    self.report(Diagnostic::new(Code::InvalidCall, fault.span, pointer, message));
                    None
                }
            },
            call => Some(call),
        }
    }

    fn expect(&mut self, node: &Node, pointer: &str) -> Option<Expected> {
        let object =
            self.object(node, pointer, "`expect`", &["decision", "rule", "message", "remaining"])?;
        let effects = [Effect::Allow, Effect::Deny, Effect::Hold].map(|e| (e.as_str(), e));
        let effect = self.word(object, "decision", pointer, Code::UnknownDecision, &effects);
        if object.get("decision").is_none() {
            self.missing(node, pointer, "`expect`", "decision");
        }
        let remaining = object.get("remaining").and_then(|node| {
            if node.value.as_number().is_none() {
                self.wrong(node, &format!("{pointer}/remaining"), "`remaining`", "a number");
            }
            node.value.as_number().cloned()
        });
        let rule = self.text(object, "rule", pointer);
        let message = self.text(object, "message", pointer);
        Some(Expected { effect: effect?, rule, message, remaining })
    }

    fn text(&mut self, object: &Object, key: &str, pointer: &str) -> Option<String> {
        let node = object.get(key)?;
        if node.value.as_str().is_none() {
            self.wrong(node, &format!("{pointer}/{key}"), &format!("`{key}`"), "a string");
        }
        node.value.as_str().map(str::to_owned)
    }

    fn word<T: Copy>(
        &mut self,
        object: &Object,
        key: &str,
        pointer: &str,
        code: Code,
        words: &[(&str, T)],
    ) -> Option<T> {
        let text = self.text(object, key, pointer)?;
        let found = words.iter().find(|(word, _)| *word == text);
        if let (None, Some(node)) = (found, object.get(key)) {
            let (span, pointer) = (node.span.inner(), format!("{pointer}/{key}"));
            let message = format!("unknown {key} {}", name(&text));
            let all = || words.iter().map(|(word, _)| *word);
            let diagnostic = Diagnostic::new(code, span, &pointer, message);
            self.report(match nearest(&text, all()) {
                Some(near) => diagnostic.help(format!("did you mean `{near}`?")).replace(
                    format!("replace by `{near}`"),
                    span,
                    near,
                ),
                None => diagnostic.help(format!("known are {}", names(all(), "and"))),
            });
        }
        found.map(|&(_, value)| value)
    }
}

/// A whole number from 1 that fits, or too many.
fn whole(node: &Node) -> Option<u32> {
    let number = node.value.as_number().filter(|number| number.is_integer())?;
    let number = number.to_u64().unwrap_or(if number.is_negative() { 0 } else { u64::MAX });
    (number > 0).then(|| u32::try_from(number).unwrap_or(u32::MAX))
}
