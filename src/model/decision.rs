//! What the engine answers.

use std::sync::Arc;

use super::{Amount, RuleKind, Scope, Window};

/// What becomes of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    /// It goes on to the server.
    Allow,
    /// It does not.
    Deny,
    /// It waits for a person.
    Hold,
}

impl Effect {
    /// `allow`, `deny` or `hold`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Effect::Allow => "allow",
            Effect::Deny => "deny",
            Effect::Hold => "hold",
        }
    }
}

/// The outcome of a condition or a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It holds.
    Satisfied,
    /// It does not.
    NotSatisfied,
    /// It could not be told.
    Errored,
}

impl Outcome {
    /// `satisfied`, `not satisfied` or `errored`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Outcome::Satisfied => "satisfied",
            Outcome::NotSatisfied => "not satisfied",
            Outcome::Errored => "errored",
        }
    }
}

/// Where a decision comes from. A policy shares those of its rules with all decisions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleId {
    /// `(no policy)`, `(hidden)`, `(default deny)`, `(malformed call)`, `(changed tool)`, or the JSON Pointer of the
    /// rule or limit in the document.
    pub rule: String,
    /// A readable form of it for logs: `/tools/create_charge/deny_if/args.amount-gt`.
    pub label: String,
}

/// The whole answer to a call.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// What becomes of the call.
    pub effect: Effect,
    /// The tool that it names.
    pub tool: String,
    /// What decided; `None` if the call is allowed.
    pub id: Option<Arc<RuleId>>,
    /// What the caller reads; `None` if the call is allowed.
    pub message: Option<String>,
    /// For a held call: what an approval must name, a SHA-256 in hexadecimal digits.
    pub digest: Option<String>,
    /// The limits that hold for the call, after it; none if it was decided before them.
    pub limits: Vec<LimitState>,
    /// Which of `limits` denied the call, from 0; `None` if none did.
    pub short: Option<usize>,
}

/// A limit after a decision.
#[derive(Clone, Debug, PartialEq)]
pub struct LimitState {
    /// The counter's name.
    pub counter: String,
    /// Who shares it.
    pub scope: Scope,
    /// The length of its windows.
    pub window: Window,
    /// How much may pass in one.
    pub max: Amount,
    /// How much still may; `None` if the counter could not be read.
    pub remaining: Option<Amount>,
    /// Seconds until the window is over, rounded up.
    pub reset_after: u64,
}

/// A decision and the outcome of everything that could have made it. Asking for it counts nothing.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// What `evaluate` would answer now.
    pub decision: Decision,
    /// Every rule that holds for the tool, in the order of deciding.
    pub rules: Vec<RuleOutcome>,
    /// Every limit, in the order of reserving.
    pub limits: Vec<LimitOutcome>,
}

/// One rule's part in a decision.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleOutcome {
    /// Which rule.
    pub id: Arc<RuleId>,
    /// The list that it stands in; `None` for an `action`.
    pub kind: Option<RuleKind>,
    /// Its outcome.
    pub outcome: Outcome,
    /// What it would make of the call on its own; `Allow` if it has no objection.
    pub effect: Effect,
    /// Its conditions, in order.
    pub conditions: Vec<ConditionOutcome>,
}

/// One condition's part.
#[derive(Clone, Debug, PartialEq)]
pub struct ConditionOutcome {
    /// JSON Pointer of the condition.
    pub pointer: String,
    /// The path, as written.
    pub path: String,
    /// The operator's name.
    pub operator: &'static str,
    /// Its outcome.
    pub outcome: Outcome,
    /// The value that decided its outcome as JSON text, exact, cut after 256 characters;
    /// `None` if the argument is missing.
    pub saw: Option<String>,
}

/// One limit's part.
#[derive(Clone, Debug, PartialEq)]
pub struct LimitOutcome {
    /// Which limit.
    pub id: Arc<RuleId>,
    /// Its state now, before the call is counted.
    pub state: LimitState,
    /// `Satisfied` if the call fits, `NotSatisfied` if there is no room, `Errored` if the amount or
    /// the counter cannot be told.
    pub outcome: Outcome,
}
