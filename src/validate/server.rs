//! Checks of the names in a policy against the tools that a server has.

use super::known::Known;
use crate::diagnostic::{Candidates, Code, Diagnostic, fill, name, names};
use crate::json::{pointer_token, quote};
use crate::model::{Action, Catalog, Fallback, Spanned, ToolRules};
use crate::source::Span;

pub(super) fn check(known: &Known<'_>, out: &mut Vec<Diagnostic>) {
    let mut meant: Option<Meant<'_>> = None;
    let mut report = |tool: &Spanned<String>, pointer: String| {
        let meant = meant.get_or_insert_with(|| Meant::new(known));
        out.push(unknown(tool, &pointer, known.catalog, meant));
    };
    for (at, tool) in known.policy.hide.iter().enumerate() {
        if tool.value != "*" && known.tool(&tool.value).is_none() {
            report(tool, fill("/hide/{}", &[&at.to_string()]));
        }
    }
    for rules in known.absent() {
        report(&rules.name, fill("/tools/{}", &[&pointer_token(&rules.name.value)]));
    }
    nothing_callable(known, out);
}

/// Looks for what was meant by names that the server does not have.
struct Meant<'a> {
    names: Candidates<'a>,
    /// For so many names more.
    left: usize,
}

impl<'a> Meant<'a> {
    fn new(known: &Known<'a>) -> Meant<'a> {
        // One that the policy lists too is not what is meant.
        let names = known.catalog.tools.iter().map(|tool| tool.name.as_str());
        let names = Candidates::new(names.filter(|name| known.rules(name).is_none()));
        let left = names.quickly();
        Meant { names, left }
    }

    fn by(&mut self, name: &str) -> Option<&'a str> {
        self.left = self.left.checked_sub(1)?;
        self.names.nearest(name)
    }
}

/// The server's name as messages say it.
pub(super) fn server(catalog: &Catalog) -> String {
    catalog.server.as_deref().map_or_else(|| "the server".to_owned(), name)
}

fn unknown(
    tool: &Spanned<String>,
    pointer: &str,
    catalog: &Catalog,
    meant: &mut Meant<'_>,
) -> Diagnostic {
    let written = tool.value.as_str();
    let span = tool.span.inner();
    let message = fill("{} is not a tool of {}", &[&name(written), &server(catalog)]);
    let diagnostic = Diagnostic::new(Code::UnknownTool, span, pointer, message);
    if written == "*" {
        return diagnostic
            .help("`*` means every tool in `hide` only; for all tools see `all_tools`");
    }
    match meant.by(written) {
        Some(meant) => {
            let quoted = quote(meant);
            let inner = Span::new(0, quoted.len()).inner().of(&quoted);
            diagnostic.help(fill("did you mean {}?", &[&name(meant)])).replace(
                fill("replace by {}", &[&name(meant)]),
                span,
                inner,
            )
        }
        None => diagnostic.help("it does nothing on this server"),
    }
}

/// With this policy, no tool of the server can be called.
fn nothing_callable(known: &Known<'_>, out: &mut Vec<Diagnostic>) {
    let Known { policy, catalog, .. } = known;
    // Without a tool listed it is said without a catalog already.
    let said = policy.default.value == Fallback::Deny && policy.tools.is_empty();
    let by_name = said && policy.hide.iter().all(|name| name.value != "*");
    let mut tools = catalog.tools.iter();
    if by_name && !catalog.tools.is_empty() && tools.all(|tool| known.is_hidden(&tool.name)) {
        // Who names each tool of the server has not forgotten to list one.
        out.retain(|one| one.code != Code::NothingCallable);
    }
    if said
        || catalog.tools.is_empty()
        || catalog.tools.iter().any(|tool| may_call(known, &tool.name))
    {
        return;
    }
    let absent: Vec<&str> = known.absent().map(|rules| rules.name.value.as_str()).collect();
    let why = if policy.hide.iter().any(|name| name.value == "*") {
        "`*` hides every tool".to_owned()
    } else if policy.default.value == Fallback::Deny && absent.len() == policy.tools.len() {
        match absent.as_slice() {
            [only] => fill(
                "`default` is `deny` and {}, the only tool listed, is not one of its tools",
                &[&name(only)],
            ),
            several => fill(
                "`default` is `deny` and none of the tools listed is one of its tools: {}",
                &[&names(several.iter().copied(), "and")],
            ),
        }
    } else {
        "each of its tools is hidden, not listed or always denied".to_owned()
    };
    let message = fill("nothing can be called on {}: {}", &[&server(catalog), &why]);
    let some = catalog.tools.iter().map(|tool| tool.name.as_str());
    out.push(
        Diagnostic::new(
            Code::NothingCallableOnServer,
            policy.default.span.inner(),
            "/default",
            message,
        )
        .help(fill("its tools are {}", &[&names(some, "and")])),
    );
}

/// Whether some call of a tool may be allowed, now or with an approval.
fn may_call(known: &Known<'_>, tool: &str) -> bool {
    let policy = known.policy;
    if known.is_hidden(tool) || policy.deny_if.iter().any(|rule| rule.conditions.is_empty()) {
        return false;
    }
    let denies = |tool: &ToolRules| {
        tool.action.as_ref().is_some_and(|action| action.value == Action::Deny)
            || tool.deny_if.iter().any(|rule| rule.conditions.is_empty())
    };
    match known.rules(tool) {
        Some(listed) => !denies(listed),
        None => policy.default.value == Fallback::Allow,
    }
}
