//! A policy as a form shows it: the tools with their states, the rules of one tool with a sentence
//! under each, the arguments that a condition can ask about.
//!
//! All of it is about the text as it is now, and of a text that is no policy as far as it was
//! understood.

mod argument;
mod note;
mod rows;
pub mod sentence;
#[cfg(test)]
mod tests;
mod tool;

pub use argument::{Argument, arguments};
pub use rows::{Row, rows};
pub use tool::Sources;

use crate::diagnostic::Edit;
use crate::evaluate::ToolState;

/// The rules of one tool, or of all tools.
#[derive(Clone, Debug)]
pub struct Form {
    /// The tool; `None` for all tools.
    pub tool: Option<String>,
    /// What the policy makes of the tool, and what decides that (see [`crate::evaluate::tool_state`]);
    /// `None` while the text is no policy, and for all tools.
    pub state: Option<(ToolState, Option<String>)>,
    /// The same as a sentence.
    pub sentence: Option<String>,
    /// What the policy says of tools that are not listed; `None` if it does not say.
    pub default: Option<String>,
    /// Whether there is an entry, which is an object.
    pub listed: bool,
    /// Whether `hide` names it, or `*`.
    pub hidden: bool,
    /// JSON Pointer of the entry, whether it is there or not.
    pub pointer: String,
    /// The `action`, as it is written.
    pub action: Option<String>,
    /// The `reason`.
    pub reason: Option<String>,
    /// The rules that must be satisfied.
    pub require: Vec<RuleForm>,
    /// The rules that must not be.
    pub deny_if: Vec<RuleForm>,
    /// The rules that make a call wait for a person.
    pub require_approval_if: Vec<RuleForm>,
    /// What must have been counted; without conditions to show.
    pub preconditions: Vec<RuleForm>,
    /// The limits.
    pub limits: Vec<LimitForm>,
    /// The `rate_limit`.
    pub rate_limit: Option<LimitForm>,
    /// The keys of the entry that a form does not change.
    pub other: Vec<String>,
    /// Which of the diagnostics are about the entry, and about no rule or limit in it.
    pub problems: Vec<usize>,
}

/// A rule. What was not understood is left out.
#[derive(Clone, Debug)]
pub struct RuleForm {
    /// JSON Pointer of the rule.
    pub pointer: String,
    /// Its label in decisions.
    pub label: Option<String>,
    /// What it does.
    pub sentence: Option<String>,
    /// The author's message.
    pub on_deny: Option<String>,
    /// Its conditions.
    pub conditions: Vec<ConditionForm>,
    /// What people may not expect of it.
    pub notes: Vec<Note>,
    /// Which of the diagnostics are about it.
    pub problems: Vec<usize>,
}

/// A condition. What was not understood is left out.
#[derive(Clone, Debug)]
pub struct ConditionForm {
    /// JSON Pointer of the condition.
    pub pointer: String,
    /// Its path.
    pub path: Option<String>,
    /// Its operator.
    pub op: Option<String>,
    /// Its value, as the text writes it.
    pub value: Option<String>,
    /// What it asks.
    pub sentence: Option<String>,
}

/// A limit. What was not understood is left out.
#[derive(Clone, Debug)]
pub struct LimitForm {
    /// JSON Pointer of the limit.
    pub pointer: String,
    /// What it lets through.
    pub sentence: Option<String>,
    /// Its counter.
    pub counter: Option<String>,
    /// Its window, as the text writes it.
    pub window: Option<String>,
    /// What it lets through at most, as the text writes it.
    pub max: Option<String>,
    /// Who shares the counter.
    pub scope: Option<String>,
    /// The argument that is added.
    pub increment_from: Option<String>,
    /// The author's message.
    pub on_deny: Option<String>,
    /// What people may not expect of it.
    pub notes: Vec<Note>,
    /// Which of the diagnostics are about it.
    pub problems: Vec<usize>,
}

/// What people may not expect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// A sentence.
    pub text: String,
    /// What they can do about it.
    pub fix: Option<Fix>,
}

/// Edits of the text that change what a note says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What they do, as a button would say it.
    pub title: String,
    /// The edits.
    pub edits: Vec<Edit>,
}
