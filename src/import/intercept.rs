//! The YAML policies of the proxy Intercept.
//!
//! There a rule of a tool is a list of conditions that must all hold, or denies outright. Conditions
//! look at the arguments (`args.…`) or at a counter (`state.<tool>.<counter>`); a rule with a `state`
//! counts, and its condition `lt` or `lte` on its own counter is the limit. `"*"` holds for all tools.

mod carry;
mod check;
mod counters;
mod operators;
mod read;

use std::rc::Rc;

use super::{Imported, finish};
use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::yaml::{self, Yaml};

/// Reads a policy of Intercept (YAML, of at most 4 MiB). What Intercept refuses is refused; what it
/// ignores, or what would let more through than its author can have meant, is warned of.
#[must_use]
pub fn intercept(text: &[u8]) -> Imported {
    let mut diagnostics = Vec::new();
    let root = yaml::read(text, &mut diagnostics);
    let refused = |diagnostics: &[Diagnostic]| diagnostics.iter().any(Diagnostic::is_error);
    if refused(&diagnostics) {
        return finish(None, diagnostics);
    }
    let source = read::document(root.as_deref(), &mut diagnostics);
    check::check(&source, &mut diagnostics);
    if refused(&diagnostics) {
        return finish(None, diagnostics);
    }
    let policy = carry::policy(&source, &mut diagnostics);
    finish(Some(policy), diagnostics)
}

/// A text and its place.
#[derive(Clone, Debug, Default)]
struct Text {
    value: String,
    span: Span,
}

/// A document as Intercept reads it: what is not there is empty.
#[derive(Debug, Default)]
struct Source {
    span: Span,
    version: Text,
    description: Text,
    default: Text,
    hide: Vec<Text>,
    tools: Vec<Tool>,
}

#[derive(Debug)]
struct Tool {
    name: Text,
    rules: Vec<Rule>,
}

#[derive(Debug, Default)]
struct Rule {
    span: Span,
    pointer: String,
    name: Text,
    action: Text,
    rate_limit: Text,
    conditions: Vec<Condition>,
    on_deny: Text,
    state: Option<State>,
}

#[derive(Debug, Default)]
struct Condition {
    span: Span,
    pointer: String,
    path: Text,
    op: Text,
    value: Value,
}

/// The `value` of a condition.
#[derive(Clone, Debug, Default)]
enum Value {
    /// There is none, which counts as null.
    #[default]
    Missing,
    /// As it stands in the text.
    Written(Rc<Yaml>),
    /// The number of a `rate_limit`.
    Count(u64),
}

#[derive(Debug, Default)]
struct State {
    span: Span,
    pointer: String,
    counter: Text,
    window: Text,
    increment: i64,
    increment_from: Text,
}

impl Tool {
    /// Whether it stands for all tools.
    fn is_all(&self) -> bool {
        self.name.value == "*"
    }

    /// The name that paths to its counters have.
    fn scope(&self) -> &str {
        if self.is_all() { "_global" } else { &self.name.value }
    }
}

impl Rule {
    fn denies(&self) -> bool {
        self.action.value == "deny"
    }
}

/// The number and window of a `rate_limit`.
///
/// # Errors
/// What is wrong with it.
fn rate_limit(text: &str) -> Result<(u64, &str), &'static str> {
    let (count, window) = text.split_once('/').ok_or("a `rate_limit` is written `5/hour`")?;
    let digits = count.strip_prefix('+').unwrap_or(count);
    let number = digits.parse::<i64>().ok().filter(|_| !digits.starts_with(['+', '-']));
    let number = number.filter(|&number| number > 0).and_then(|number| u64::try_from(number).ok());
    let number = number.ok_or("the number of a `rate_limit` is whole and above zero")?;
    if !WINDOWS.contains(&window) {
        return Err("the window of a `rate_limit` is `minute`, `hour` or `day`");
    }
    Ok((number, window))
}

const WINDOWS: [&str; 3] = ["minute", "hour", "day"];
