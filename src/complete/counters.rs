//! The counters of a policy that is being written.

use crate::json::{self, Limits, Node, Object};

/// The names of counters, each with whose they are: the tool's, or with `None` those of `all_tools`.
/// What the text does not let understand is left out.
pub(super) fn counters(text: &str) -> Vec<(Option<String>, String)> {
    let Some(root) = json::read(text.as_bytes(), &Limits::DOCUMENT).node else { return Vec::new() };
    let object = |node: &Node| node.value.as_object().cloned();
    let own = |rules: &Object| {
        let limits = rules.get("limits").and_then(|limits| limits.value.as_list());
        let name = |limit: &Node| {
            let counter = limit.value.as_object()?.get("counter")?;
            counter.value.as_str().map(str::to_owned)
        };
        let mut names: Vec<String> = limits.unwrap_or_default().iter().filter_map(name).collect();
        names.extend(rules.get("rate_limit").map(|_| "rate_limit".to_owned()));
        names
    };
    let mut all = Vec::new();
    if let Some(rules) = root.at("/all_tools").and_then(object) {
        all.extend(own(&rules).into_iter().map(|counter| (None, counter)));
    }
    let tools = root.at("/tools").and_then(|tools| tools.value.as_object());
    for member in tools.map(Object::members).unwrap_or_default() {
        let Some(rules) = member.node.value.as_object() else { continue };
        all.extend(own(rules).into_iter().map(|counter| (Some(member.key.to_string()), counter)));
    }
    all
}
