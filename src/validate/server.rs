//! Checks of the names in a policy against the tools that a server has.

use super::MAX_DIAGNOSTICS;
use crate::diagnostic::{Code, Diagnostic, name, names, nearest};
use crate::json::{pointer_token, quote};
use crate::model::{Action, Catalog, Fallback, Policy, Spanned, ToolRules};
use crate::order::sort_by_key;
use crate::source::Span;

pub(super) fn check(policy: &Policy, catalog: &Catalog, out: &mut Vec<Diagnostic>) {
    let known = sorted(catalog.tools.iter().map(|tool| tool.name.as_str()));
    let hidden = policy.hide.iter().enumerate().filter(|(_, name)| name.value != "*");
    let hidden = hidden.map(|(at, name)| (name, format!("/hide/{at}")));
    let listed = policy
        .tools
        .iter()
        .map(|tool| (&tool.name, format!("/tools/{}", pointer_token(&tool.name.value))));
    let named = sorted(policy.tools.iter().map(|tool| tool.name.value.as_str()));
    let unknown_ones = hidden.chain(listed).filter(|(tool, _)| !has(&known, tool.value.as_str()));
    // To look for what was meant takes time for each, and more are not shown.
    for (tool, pointer) in unknown_ones.take(MAX_DIAGNOSTICS) {
        out.push(unknown(tool, &pointer, catalog, &named));
    }
    nothing_callable(policy, catalog, &known, out);
}

/// Names, to be looked for in.
fn sorted<'n>(names: impl Iterator<Item = &'n str>) -> Vec<&'n str> {
    let mut names: Vec<&str> = names.collect();
    sort_by_key(&mut names, |name| *name);
    names
}

fn has(sorted: &[&str], name: &str) -> bool {
    sorted.binary_search(&name).is_ok()
}

/// The server's name as messages say it.
pub(super) fn server(catalog: &Catalog) -> String {
    catalog.server.as_deref().map_or_else(|| "the server".to_owned(), name)
}

fn unknown(tool: &Spanned<String>, pointer: &str, catalog: &Catalog, named: &[&str]) -> Diagnostic {
    let written = tool.value.as_str();
    let span = tool.span.inner();
    let message = format!("{} is not a tool of {}", name(written), server(catalog));
    let diagnostic = Diagnostic::new(Code::UnknownTool, span, pointer, message);
    if written == "*" {
        return diagnostic
            .help("`*` means every tool in `hide` only; for all tools see `all_tools`");
    }
    // One that the policy names too is not what is meant here.
    let all = catalog.tools.iter().map(|tool| tool.name.as_str());
    match nearest(written, all.filter(|name| !has(named, name))) {
        Some(meant) => {
            let quoted = quote(meant);
            let inner = Span::new(0, quoted.len()).inner().of(&quoted);
            diagnostic.help(format!("did you mean {}?", name(meant))).replace(
                format!("replace by {}", name(meant)),
                span,
                inner,
            )
        }
        None => diagnostic.help("it does nothing on this server"),
    }
}

/// With this policy, no tool of the server can be called.
fn nothing_callable(policy: &Policy, catalog: &Catalog, known: &[&str], out: &mut Vec<Diagnostic>) {
    // Without a tool listed it is said without a catalog already.
    let said = policy.default.value == Fallback::Deny && policy.tools.is_empty();
    if said
        || catalog.tools.is_empty()
        || catalog.tools.iter().any(|tool| may_call(policy, &tool.name))
    {
        return;
    }
    let listed = policy.tools.iter().map(|tool| tool.name.value.as_str());
    let absent: Vec<&str> = listed.filter(|tool| !has(known, tool)).collect();
    let why = if policy.hide.iter().any(|name| name.value == "*") {
        "`*` hides every tool".to_owned()
    } else if policy.default.value == Fallback::Deny && absent.len() == policy.tools.len() {
        match absent.as_slice() {
            [only] => format!(
                "`default` is `deny` and {}, the only tool listed, is not one of its tools",
                name(only)
            ),
            several => format!(
                "`default` is `deny` and none of the tools listed is one of its tools: {}",
                names(several.iter().copied(), "and")
            ),
        }
    } else {
        "each of its tools is hidden, not listed or always denied".to_owned()
    };
    let message = format!("nothing can be called on {}: {why}", server(catalog));
    let some = catalog.tools.iter().map(|tool| tool.name.as_str());
    out.push(
        Diagnostic::new(
            Code::NothingCallableOnServer,
            policy.default.span.inner(),
            "/default",
            message,
        )
        .help(format!("its tools are {}", names(some, "and"))),
    );
}

/// Whether some call of a tool may be allowed, now or with an approval.
fn may_call(policy: &Policy, tool: &str) -> bool {
    if policy.hide.iter().any(|name| name.value == "*" || name.value == tool)
        || policy.deny_if.iter().any(|rule| rule.conditions.is_empty())
    {
        return false;
    }
    let denies = |tool: &ToolRules| {
        tool.action.as_ref().is_some_and(|action| action.value == Action::Deny)
            || tool.deny_if.iter().any(|rule| rule.conditions.is_empty())
    };
    match policy.tools.iter().find(|listed| listed.name.value == tool) {
        Some(listed) => !denies(listed),
        None => policy.default.value == Fallback::Allow,
    }
}
