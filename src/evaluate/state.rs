//! What a policy makes of a tool before any call: one word for a table.

use crate::compile::{CompiledPolicy, CompiledRule, CompiledTool};
use crate::diagnostic::fill;
use crate::json::pointer_token;
use crate::model::{Fallback, RuleKind};

/// What a policy makes of a tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ToolState {
    /// Every call passes (the limits of `all_tools` aside).
    Allow,
    /// No call passes.
    Deny,
    /// It does not exist.
    Hide,
    /// Every call waits for a person.
    Approve,
    /// It depends on the call.
    Custom,
}

impl ToolState {
    /// `allow`, `deny`, `hide`, `approve` or `custom`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            ToolState::Allow => "allow",
            ToolState::Deny => "deny",
            ToolState::Hide => "hide",
            ToolState::Approve => "approve",
            ToolState::Custom => "custom",
        }
    }
}

/// What the policy makes of the tool, and what decides that: a sentinel or the JSON Pointer of the
/// tool's rules, or of the one rule that decides alone; `None` where the default allows it.
#[must_use]
pub fn tool_state(policy: &CompiledPolicy, tool: &str) -> (ToolState, Option<String>) {
    if policy.is_hidden(tool) {
        return (ToolState::Hide, Some("(hidden)".to_owned()));
    }
    let own = match (policy.tool(tool), policy.default()) {
        (Some(rules), _) => listed(policy, rules, fill("/tools/{}", &[&pointer_token(tool)])),
        (None, Fallback::Allow) => (ToolState::Allow, None),
        (None, Fallback::Deny) => {
            return (ToolState::Deny, Some("(default deny)".to_owned()));
        }
    };
    match (own.0, always_denies(policy.rules())) {
        (ToolState::Deny, _) => own,
        (_, Some(rule)) => (ToolState::Deny, Some(policy.id_of(rule).rule.clone())),
        (ToolState::Allow | ToolState::Approve, None)
            if !(policy.rules().is_empty() && policy.preconditions().is_empty()) =>
        {
            let rules = own.1.unwrap_or_else(|| "/all_tools".to_owned());
            (ToolState::Custom, Some(rules))
        }
        _ => own,
    }
}

/// The first rule that denies whatever the call is: a `deny_if` without conditions.
fn always_denies(rules: &[CompiledRule]) -> Option<&CompiledRule> {
    rules.iter().find(|rule| rule.kind == RuleKind::DenyIf && rule.conditions.is_empty())
}

fn listed(
    policy: &CompiledPolicy,
    tool: &CompiledTool,
    pointer: String,
) -> (ToolState, Option<String>) {
    let rules = policy.rules_of(Some(tool));
    if let Some(action) = tool.action.as_ref().filter(|action| !action.holds) {
        return (ToolState::Deny, Some(action.id.rule.clone()));
    }
    if let Some(rule) = always_denies(rules) {
        return (ToolState::Deny, Some(policy.id_of(rule).rule.clone()));
    }
    let only_action = rules.is_empty() && tool.preconditions.is_empty() && tool.limits.is_empty();
    match (&tool.action, only_action) {
        (None, true) => (ToolState::Allow, Some(pointer)),
        (Some(action), true) => (ToolState::Approve, Some(action.id.rule.clone())),
        (_, false) => (ToolState::Custom, Some(pointer)),
    }
}
