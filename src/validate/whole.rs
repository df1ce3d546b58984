//! Checks of the policy as a whole: what is hidden, what its default leaves.

use crate::diagnostic::{Code, Diagnostic, fill, name};
use crate::json::pointer_token;
use crate::model::{Action, Fallback, Policy, Spanned, ToolRules};
use crate::order::sort_by;

pub(super) fn check(policy: &Policy, out: &mut Vec<Diagnostic>) {
    hidden(policy, out);
    match policy.default.value {
        Fallback::Allow if nothing_is_restricted(policy) => out.push(
            Diagnostic::new(
                Code::NothingRestricted,
                policy.default.span.inner(),
                "/default",
                "every call of every tool is allowed: `default` is `allow` and nothing is restricted",
            )
            .help("make `default` `deny` and list the tools that may be called"),
        ),
        Fallback::Deny if policy.tools.is_empty() => out.push(
            Diagnostic::new(
                Code::NothingCallable,
                policy.default.span.inner(),
                "/default",
                "nothing can be called: `default` is `deny` and no tool is listed",
            )
            .help("list the tools that may be called under `tools`; `{}` lists one without any rule"),
        ),
        _ => {}
    }
}

fn hidden(policy: &Policy, out: &mut Vec<Diagnostic>) {
    let everything = policy.hide.iter().enumerate().find(|(_, name)| name.value == "*");
    if let Some((at, star)) = everything {
        everything_hidden(policy, at, star, out);
        return;
    }
    let mut hidden: Vec<&Spanned<String>> = policy.hide.iter().collect();
    sort_by(&mut hidden, |a, b| a.value.cmp(&b.value));
    for tool in policy.tools.iter().filter(|tool| has_rules(tool)) {
        let entry = hidden.binary_search_by(|name| name.value.cmp(&tool.name.value));
        let Some(entry) = entry.ok().and_then(|at| hidden.get(at)) else { continue };
        let message = fill("{} is hidden, so its rules never count", &[&name(&tool.name.value)]);
        let pointer = fill("/tools/{}", &[&pointer_token(&tool.name.value)]);
        out.push(
            Diagnostic::new(Code::HiddenWithRules, tool.name.span.inner(), &pointer, message)
                .label(entry.span.inner(), "it is hidden here")
                .help(
                    "keep one of them: `hide` takes the tool away, rules allow some of its calls",
                ),
        );
    }
}

fn everything_hidden(
    policy: &Policy,
    at: usize,
    star: &Spanned<String>,
    out: &mut Vec<Diagnostic>,
) {
    let pointer = fill("/hide/{}", &[&at.to_string()]);
    let (span, beside) = (star.span.inner(), policy.hide.len() > 1);
    if beside {
        let message = "`*` hides every tool; the names beside it add nothing";
        let mut diagnostic = Diagnostic::new(Code::HideEverything, span, &pointer, message);
        if let Some(other) = policy.hide.iter().find(|name| name.value != "*") {
            diagnostic = diagnostic.label(other.span.inner(), "hidden already");
        }
        out.push(diagnostic.help("keep `*` alone, or the names alone"));
    }
    if let Some(tool) = policy.tools.iter().find(|tool| has_rules(tool)) {
        let message = "`*` hides every tool, so no rule of any tool ever counts";
        out.push(
            Diagnostic::new(Code::HiddenWithRules, span, &pointer, message)
                .label(tool.name.span.inner(), "as of this one")
                .help("hide the tools by their names instead"),
        );
    }
}

/// Whether anything is said of the tool but that it is listed.
fn has_rules(tool: &ToolRules) -> bool {
    tool.action.is_some()
        || !tool.require.is_empty()
        || !tool.deny_if.is_empty()
        || !tool.require_approval_if.is_empty()
        || !tool.preconditions.is_empty()
        || !tool.limits.is_empty()
        || tool.rate_limit.is_some()
}

fn nothing_is_restricted(policy: &Policy) -> bool {
    let free = |tool: &ToolRules| {
        let allows = tool.action.as_ref().is_none_or(|action| action.value == Action::Allow);
        allows
            && tool.require.iter().all(|rule| rule.conditions.is_empty())
            && tool.deny_if.is_empty()
            && tool.require_approval_if.is_empty()
            && tool.preconditions.is_empty()
            && tool.limits.is_empty()
            && tool.rate_limit.is_none()
    };
    policy.hide.is_empty()
        && policy.require.iter().all(|rule| rule.conditions.is_empty())
        && policy.deny_if.is_empty()
        && policy.preconditions.is_empty()
        && policy.all_tools.is_empty()
        && policy.tools.iter().all(free)
}
