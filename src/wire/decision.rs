//! Decisions and explanations.

use serde::{Serialize, Serializer};

use super::WireAmount;
use crate::model::{
    ConditionOutcome, Decision, Effect, Explanation, LimitOutcome, LimitState, Outcome,
    RuleOutcome, Window,
};

/// A decision.
#[derive(Clone, Debug, Serialize)]
pub struct WireDecision {
    /// `allow`, `deny` or `hold`.
    pub decision: &'static str,
    /// The tool that the call names.
    pub tool: String,
    /// What decided: a sentinel in parentheses or a JSON Pointer into the document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// A readable form of `rule`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// What the caller reads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// What an approval of a held call must name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approval: Option<WireApproval>,
    /// The limits that hold for the call.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<WireLimitState>,
}

/// What an approval must name.
#[derive(Clone, Debug, Serialize)]
pub struct WireApproval {
    /// SHA-256 in hexadecimal digits.
    pub digest: String,
}

/// A limit's state.
#[derive(Clone, Debug, Serialize)]
pub struct WireLimitState {
    /// The counter's name.
    pub counter: String,
    /// `grant`, `session` or `all`.
    pub scope: &'static str,
    /// `minute`, `hour`, `day` or seconds.
    pub window: WireWindow,
    /// How much may pass in a window.
    pub max: WireAmount,
    /// How much still may; `null` if the counter could not be read.
    pub remaining: Option<WireAmount>,
    /// Seconds until the window is over, rounded up.
    pub reset_after: u64,
}

/// The length of a window as policies write it: a word, or seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WireWindow(pub Window);

impl Serialize for WireWindow {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.word() {
            Some(word) => serializer.serialize_str(word),
            None => serializer.serialize_u32(self.0.seconds()),
        }
    }
}

/// A decision with the outcome of every rule and limit.
#[derive(Clone, Debug, Serialize)]
pub struct WireExplanation {
    /// The decision.
    #[serde(flatten)]
    pub decision: WireDecision,
    /// Every rule, in the order of deciding.
    pub rules: Vec<WireRuleOutcome>,
    /// Every limit, in the order of reserving.
    pub limit_outcomes: Vec<WireLimitOutcome>,
}

/// One rule's part.
#[derive(Clone, Debug, Serialize)]
pub struct WireRuleOutcome {
    /// JSON Pointer of the rule.
    pub rule: String,
    /// A readable form of it.
    pub label: String,
    /// `require`, `deny_if`, `require_approval_if` or `action`.
    pub kind: &'static str,
    /// `satisfied`, `not satisfied` or `errored`.
    pub outcome: &'static str,
    /// `deny` or `hold`, if it speaks against the call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effect: Option<&'static str>,
    /// Its conditions.
    pub conditions: Vec<WireConditionOutcome>,
}

/// One condition's part.
#[derive(Clone, Debug, Serialize)]
pub struct WireConditionOutcome {
    /// JSON Pointer of the condition.
    pub pointer: String,
    /// The path as written.
    pub path: String,
    /// The operator.
    pub op: &'static str,
    /// `satisfied`, `not satisfied` or `errored`.
    pub outcome: &'static str,
    /// The value that it saw, as JSON text; absent if the argument is missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub saw: Option<String>,
}

/// One limit's part.
#[derive(Clone, Debug, Serialize)]
pub struct WireLimitOutcome {
    /// JSON Pointer of the limit.
    pub rule: String,
    /// A readable form of it.
    pub label: String,
    /// Its state before the call.
    #[serde(flatten)]
    pub state: WireLimitState,
    /// `room`, `full` or `errored`.
    pub outcome: &'static str,
}

impl From<&Decision> for WireDecision {
    fn from(decision: &Decision) -> WireDecision {
        let id = decision.id.as_ref();
        WireDecision {
            decision: decision.effect.as_str(),
            tool: decision.tool.clone(),
            rule: id.map(|id| id.rule.clone()),
            label: id.map(|id| id.label.clone()),
            message: decision.message.clone(),
            approval: decision.digest.clone().map(|digest| WireApproval { digest }),
            limits: decision.limits.iter().map(WireLimitState::from).collect(),
        }
    }
}

impl From<&LimitState> for WireLimitState {
    fn from(state: &LimitState) -> WireLimitState {
        WireLimitState {
            counter: state.counter.clone(),
            scope: state.scope.as_str(),
            window: WireWindow(state.window),
            max: WireAmount(state.max),
            remaining: state.remaining.map(WireAmount),
            reset_after: state.reset_after,
        }
    }
}

impl From<&Explanation> for WireExplanation {
    fn from(explanation: &Explanation) -> WireExplanation {
        WireExplanation {
            decision: (&explanation.decision).into(),
            rules: explanation.rules.iter().map(WireRuleOutcome::from).collect(),
            limit_outcomes: explanation.limits.iter().map(WireLimitOutcome::from).collect(),
        }
    }
}

impl From<&RuleOutcome> for WireRuleOutcome {
    fn from(rule: &RuleOutcome) -> WireRuleOutcome {
        WireRuleOutcome {
            rule: rule.id.rule.clone(),
            label: rule.id.label.clone(),
            kind: rule.kind.map_or("action", |kind| kind.key()),
            outcome: rule.outcome.as_str(),
            effect: (rule.effect != Effect::Allow).then(|| rule.effect.as_str()),
            conditions: rule.conditions.iter().map(WireConditionOutcome::from).collect(),
        }
    }
}

impl From<&ConditionOutcome> for WireConditionOutcome {
    fn from(condition: &ConditionOutcome) -> WireConditionOutcome {
        WireConditionOutcome {
            pointer: condition.pointer.clone(),
            path: condition.path.clone(),
            op: condition.operator,
            outcome: condition.outcome.as_str(),
            saw: condition.saw.clone(),
        }
    }
}

impl From<&LimitOutcome> for WireLimitOutcome {
    fn from(limit: &LimitOutcome) -> WireLimitOutcome {
        WireLimitOutcome {
            rule: limit.id.rule.clone(),
            label: limit.id.label.clone(),
            state: (&limit.state).into(),
            outcome: match limit.outcome {
                Outcome::Satisfied => "room",
                Outcome::NotSatisfied => "full",
                Outcome::Errored => "errored",
            },
        }
    }
}
