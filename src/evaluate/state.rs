//! What a policy makes of a tool before any call: one word for a table.

use crate::compile::{CompiledPolicy, CompiledTool};
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
    match (policy.tool(tool), policy.default()) {
        (Some(rules), _) => listed(rules, format!("/tools/{}", pointer_token(tool))),
        (None, Fallback::Allow) => (ToolState::Allow, None),
        (None, Fallback::Deny) => (ToolState::Deny, Some("(default deny)".to_owned())),
    }
}

fn listed(tool: &CompiledTool, pointer: String) -> (ToolState, Option<String>) {
    if let Some(action) = tool.action.as_ref().filter(|action| !action.holds) {
        return (ToolState::Deny, Some(action.id.rule.clone()));
    }
    // A `deny_if` without conditions denies whatever the call is.
    let denies = |kind, empty: bool| kind == RuleKind::DenyIf && empty;
    let always = tool.rules.iter().find(|rule| denies(rule.kind, rule.conditions.is_empty()));
    if let Some(rule) = always {
        return (ToolState::Deny, Some(rule.id.rule.clone()));
    }
    let only_action = tool.rules.is_empty() && tool.limits.is_empty();
    match (&tool.action, only_action) {
        (None, true) => (ToolState::Allow, Some(pointer)),
        (Some(action), true) => (ToolState::Approve, Some(action.id.rule.clone())),
        (_, false) => (ToolState::Custom, Some(pointer)),
    }
}
