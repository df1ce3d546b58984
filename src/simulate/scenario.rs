//! The scenario: what happens, when, and what is expected of it.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;

use crate::approval::Keys;
use crate::compile::{CompiledPolicy, compile};
use crate::diagnostic::{Code, Diagnostic, name, nearest, sort};
use crate::json::{Node, Number};
use crate::model::{Call, Catalog, Effect, Policy, Spanned, Time};
use crate::parse::{self, CallFault};
use crate::source::Span;

/// So many calls one scenario may evaluate, repetitions included.
pub const MAX_CALLS: u32 = 1_000_000;

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
    /// The questions that are kept beside the steps, as they are written: what is never or always to be,
    /// whatever is called. Nothing that runs the steps looks at them.
    pub asserts: Vec<Spanned<String>>,
    /// What happens, in the order of the file: the scenario's own steps, if it has any, and its
    /// groups. None knows of another: each begins at the same time with nothing counted.
    pub groups: Vec<Group>,
    /// Of a scenario in YAML, how its texts are written.
    #[cfg(feature = "import")]
    pub(super) places: Option<crate::yaml::Places>,
}

/// Another document that a scenario needs.
#[derive(Clone, Debug)]
pub enum Document {
    /// It is in a file; the path is relative to the scenario's folder. Who calls the engine reads it.
    Path(Spanned<String>),
    /// It stands in the scenario.
    Inline(Node),
}

/// Steps on the same counters, one after another in time.
#[derive(Clone, Debug)]
pub struct Group {
    /// What it shows; `None` for the steps of the scenario itself.
    pub name: Option<String>,
    /// JSON Pointer of the object that has the `steps`.
    pub pointer: String,
    /// Its steps, in the order of the file.
    pub steps: Vec<Step>,
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
    /// Who approved it: each repetition comes with an approval of its own. An approval that was
    /// signed elsewhere is in the call.
    pub approver: Option<String>,
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

/// What a step expects of the decision, each with its place; what is `None` is not looked at.
#[derive(Clone, Debug)]
pub struct Expected {
    /// The effect.
    pub effect: Spanned<Effect>,
    /// The rule id.
    pub rule: Option<Spanned<String>>,
    /// What the caller reads.
    pub message: Option<Spanned<String>>,
    /// What remains of the first limit that the decision lists.
    pub remaining: Option<Spanned<Number>>,
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
    /// Reads a scenario file (UTF-8 JSON of at most 4 MiB).
    ///
    /// # Errors
    /// Everything that is wrong with it, in the order of the text.
    pub fn parse(text: &[u8]) -> Result<Scenario, Vec<Diagnostic>> {
        super::read::read(text)
    }

    /// Reads a scenario that is written in YAML: the same document, strictly (one document, no key twice).
    /// All places are in the YAML text. A policy in a file of its own stays JSON.
    ///
    /// # Errors
    /// Everything that is wrong with it, in the order of the text.
    #[cfg(feature = "import")]
    pub fn parse_yaml(text: &[u8]) -> Result<Scenario, Vec<Diagnostic>> {
        super::read::read_yaml(text)
    }

    /// The policy that stands in the scenario, whose text this is.
    ///
    /// # Errors
    /// Everything that is wrong with it, in the order of the scenario's text; and if it is in a file.
    pub fn own_policy(&self, text: &[u8]) -> Result<CompiledPolicy, Vec<Diagnostic>> {
        self.own_document(text).map(|policy| compile(&policy))
    }

    /// The same with its places in the scenario's text, not made ready.
    ///
    /// # Errors
    /// As [`Scenario::own_policy`].
    pub fn own_document(&self, text: &[u8]) -> Result<Policy, Vec<Diagnostic>> {
        let node = match &self.policy {
            Document::Inline(node) => node,
            Document::Path(path) => {
                let wrong = Diagnostic::new(
                    Code::WrongType,
                    path.span,
                    "/policy",
                    format!(
                        "the policy {} is in a file, and no file is read here",
                        name(&path.value)
                    ),
                );
                return Err(vec![wrong.help("put the policy itself in the place of its path")]);
            }
        };
        let mut parsed = parse::parse_within(text, node);
        for diagnostic in &mut parsed.diagnostics {
            diagnostic.pointer.insert_str(0, "/policy");
        }
        let Some(policy) = parsed.policy else { return Err(self.placed(parsed.diagnostics)) };
        Ok(policy)
    }

    /// What was said of the scenario's own text as if it were JSON, in its places there.
    pub(crate) fn placed(&self, diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
        #[cfg(feature = "import")]
        if let Some(places) = &self.places {
            return places.placed(diagnostics);
        }
        diagnostics
    }
}

impl Scenario {
    /// The steps that call a tool which this catalog does not have: warnings, in the order of the
    /// text. Such a call is likely denied, but not for the reason that a test wants to see.
    #[must_use]
    pub fn unknown_tools(&self, catalog: &Catalog) -> Vec<Diagnostic> {
        let mut warnings = Vec::new();
        for group in &self.groups {
            for (number, step) in group.steps.iter().enumerate() {
                let Ok(call) = &step.call else { continue };
                if catalog.tool(&call.tool).is_some() {
                    continue;
                }
                let pointer = format!("{}/steps/{number}", group.pointer);
                let message = format!("{} is not a tool of the catalog", name(&call.tool));
                let warning = Diagnostic::new(Code::UnknownTool, step.span, &pointer, message);
                let known = catalog.tools.iter().map(|tool| tool.name.as_str());
                warnings.push(match nearest(&call.tool, known) {
                    Some(meant) => warning.help(format!("did you mean {}?", name(meant))),
                    None => warning,
                });
            }
        }
        sort(&mut warnings);
        warnings
    }
}

impl Group {
    /// All calls in the order in which they happen.
    ///
    /// That is the order of time: a step that begins while the repetitions of earlier ones still go
    /// on falls between them, and at the same time the order of the file holds. A step that begins
    /// before the step above it began is a clock that was set back; everything above it happens
    /// first.
    pub fn moments(&self) -> Moments<'_> {
        Moments { steps: &self.steps, next: 0, going_on: BinaryHeap::new() }
    }
}

/// The moments of steps, in memory for the steps that go on at once and not for their repetitions.
#[derive(Clone, Debug)]
pub struct Moments<'s> {
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
    pub(super) fn time(&self, repetition: u32) -> Time {
        Time(self.at.0.saturating_add(self.every.saturating_mul(u64::from(repetition))))
    }
}
