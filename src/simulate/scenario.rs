//! The scenario file.

use super::time;
use crate::diagnostic::{Code, Diagnostic, nearest, sort};
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

/// A scenario that was understood without an error.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// What it shows, for people.
    pub description: Option<String>,
    /// The policy that it runs through.
    pub policy: Document,
    /// The tools of the server, if it matters.
    pub catalog: Option<Document>,
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
        match json::read_strict(text, &Limits::DOCUMENT) {
            Ok(node) => Scenario::from_node(&node),
            Err(_) => Err(parse::json(text, &Limits::DOCUMENT).1),
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
    /// on falls between them. A step that begins before the step above it began is a clock that was
    /// set back; everything above it happens first.
    #[must_use]
    pub fn moments(&self) -> Vec<Moment> {
        let mut moments: Vec<Moment> = Vec::new();
        // What happened since the clock was last set back, in the order of the file.
        let mut run = Vec::new();
        let mut began = Time(0);
        // Sorting is stable: at the same time the order of the file holds.
        for (step, what) in self.steps.iter().enumerate() {
            if what.at < began {
                run.sort_by_key(|moment: &Moment| moment.at);
                moments.append(&mut run);
            }
            began = what.at;
            let repetitions = 0..what.times;
            run.extend(repetitions.map(|repetition| Moment {
                step,
                repetition,
                at: what.time(repetition),
            }));
        }
        run.sort_by_key(|moment| moment.at);
        moments.append(&mut run);
        moments
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

    fn wrong(&mut self, node: &Node, pointer: &str, wanted: &str) {
        let message = format!("expected {wanted}, found {}", node.value.kind());
        self.report(Diagnostic::new(Code::WrongType, node.span, pointer, message));
    }

    fn missing(&mut self, node: &Node, pointer: &str, key: &str) {
        let message = format!("`{key}` is missing");
        self.report(Diagnostic::new(Code::MissingKey, node.span, pointer, message));
    }

    /// The object, with every key that it must not have reported.
    fn object<'n>(&mut self, node: &'n Node, pointer: &str, keys: &[&str]) -> Option<&'n Object> {
        let Value::Object(object) = &node.value else {
            self.wrong(node, pointer, "an object");
            return None;
        };
        for member in object.members().iter().filter(|member| !keys.contains(&member.key.as_str()))
        {
            let pointer = format!("{pointer}/{}", json::pointer_token(&member.key));
            let nearest = nearest(&member.key, keys.iter().copied());
            self.unknown_key(&member.key, nearest, member.key_span, &pointer);
        }
        Some(object)
    }

    fn unknown_key(&mut self, key: &str, nearest: Option<&str>, span: Span, pointer: &str) {
        let mut diagnostic =
            Diagnostic::new(Code::UnknownKey, span, pointer, format!("unknown key `{key}`"));
        if let Some(near) = nearest {
            diagnostic = diagnostic.help(format!("did you mean `{near}`?")).replace(
                format!("change to `{near}`"),
                span,
                json::quote(near),
            );
        }
        self.report(diagnostic);
    }

    fn scenario(&mut self, node: &Node) -> Option<Scenario> {
        let object = self.object(node, "", &["description", "policy", "catalog", "steps"])?;
        let description = self.text(object, "description", "");
        let policy = self.document(object, "policy");
        if object.get("policy").is_none() {
            self.missing(node, "", "policy");
        }
        let catalog = self.document(object, "catalog");
        let mut steps = Vec::new();
        match object.get("steps").map(|steps| (steps, steps.value.as_list())) {
            None => self.missing(node, "", "steps"),
            Some((steps, None)) => self.wrong(steps, "/steps", "a list of steps"),
            Some((_, Some(list))) => steps = self.steps(list),
        }
        Some(Scenario { description, policy: policy?, catalog, steps })
    }

    fn document(&mut self, object: &Object, key: &str) -> Option<Document> {
        let node = object.get(key)?;
        match &node.value {
            Value::String(path) => Some(Document::Path(path.clone())),
            Value::Object(_) => Some(Document::Inline(node.clone())),
            _ => {
                self.wrong(node, &format!("/{key}"), "the path of a file, or the document itself");
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
        let object = self.object(node, pointer, &keys)?;
        let at = self.at(object, pointer, now);
        let outcomes =
            [("ok", Upstream::Ok), ("tool-error", Upstream::ToolError), ("error", Upstream::Error)];
        let upstream = self.one_of(object, "outcome", pointer, Code::UnknownOutcome, &outcomes);
        let every = self.time(object, "every", pointer, "a span of time such as `6s`", time::span);
        let times = match object.get("times").map(|node| (node, whole(node))) {
            None => 1,
            Some((_, Some(times))) => times,
            Some((node, None)) => {
                self.wrong(node, &format!("{pointer}/times"), "a whole number from 1");
                1
            }
        };
        if object.get("every").is_some() && object.get("times").is_none() {
            self.missing(node, pointer, "times");
        }
        let expected =
            object.get("expect").and_then(|node| self.expect(node, &format!("{pointer}/expect")));
        let call = match object.get("call") {
            Some(call) => self.call(call, &format!("{pointer}/call")),
            None => {
                self.missing(node, pointer, "call");
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
        let wanted = "a time such as `2026-01-01T00:00:00Z`, or `+90s` from the step before";
        self.time(object, "at", pointer, wanted, read).unwrap_or(now)
    }

    fn time<T>(
        &mut self,
        object: &Object,
        key: &str,
        pointer: &str,
        wanted: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let node = object.get(key)?;
        let pointer = format!("{pointer}/{key}");
        let Some(text) = node.value.as_str() else {
            self.wrong(node, &pointer, wanted);
            return None;
        };
        let time = read(text);
        if time.is_none() {
            let message = format!("expected {wanted}");
            self.report(
                Diagnostic::new(Code::InvalidTime, node.span, &pointer, message)
                    .help("units are `ms`, `s`, `m`, `h` and `d`"),
            );
        }
        time
    }

    fn call(&mut self, node: &Node, pointer: &str) -> Option<Result<Call, CallFault>> {
        match parse::call(node) {
            Err(fault) => match &fault.kind {
                CallFaultKind::Arguments(_) => Some(Err(fault)),
                CallFaultKind::UnknownKey(key, nearest) => {
                    let pointer = format!("{pointer}/{}", json::pointer_token(key));
                    self.unknown_key(key, *nearest, fault.span, &pointer);
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
        let object = self.object(node, pointer, &["decision", "rule", "message", "remaining"])?;
        let effects = [Effect::Allow, Effect::Deny, Effect::Hold].map(|e| (e.as_str(), e));
        let effect = self.one_of(object, "decision", pointer, Code::UnknownDecision, &effects);
        if object.get("decision").is_none() {
            self.missing(node, pointer, "decision");
        }
        let remaining = object.get("remaining").and_then(|node| {
            if node.value.as_number().is_none() {
                self.wrong(node, &format!("{pointer}/remaining"), "a number");
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
            self.wrong(node, &format!("{pointer}/{key}"), "a string");
        }
        node.value.as_str().map(str::to_owned)
    }

    fn one_of<T: Copy>(
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
            let all: Vec<String> = words.iter().map(|(word, _)| format!("`{word}`")).collect();
            let message = format!("expected one of {}", all.join(", "));
            let pointer = format!("{pointer}/{key}");
            let mut diagnostic = Diagnostic::new(code, node.span, &pointer, message);
            if let Some(near) = nearest(&text, words.iter().map(|(word, _)| *word)) {
                diagnostic = diagnostic.help(format!("did you mean `{near}`?")).replace(
                    format!("change to `{near}`"),
                    node.span,
                    json::quote(near),
                );
            }
            self.report(diagnostic);
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
