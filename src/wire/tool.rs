//! Tools of a catalog, as a policy sees them.

use serde::Serialize;

use crate::compile::CompiledPolicy;
use crate::evaluate::tool_state;
use crate::model::Tool;

/// What a policy makes of a tool before any call.
#[derive(Clone, Debug, Serialize)]
pub struct WireToolState {
    /// The name that calls use.
    pub name: String,
    /// A name for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What it does, as its server says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// `allow`, `deny`, `hide`, `approve` or `custom`.
    pub state: &'static str,
    /// What decides that: a sentinel or a JSON Pointer; absent where the default allows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
}

impl WireToolState {
    /// What this policy makes of this tool.
    #[must_use]
    pub fn new(tool: &Tool, policy: &CompiledPolicy) -> WireToolState {
        let (state, rule) = tool_state(policy, &tool.name);
        WireToolState {
            name: tool.name.clone(),
            title: tool.title.clone(),
            description: tool.description.clone(),
            state: state.as_str(),
            rule,
        }
    }
}
