//! A policy as its document says it, with the places of its parts.

use super::{Amount, Path, Pattern, Window};
use std::sync::Arc;

use crate::json::{Node, Number, Value};
use crate::source::Span;

/// Something and where it stands in the document.
#[derive(Clone, Debug)]
pub struct Spanned<T> {
    /// The thing.
    pub value: T,
    /// Its place.
    pub span: Span,
}

/// A policy document that was understood without an error.
#[derive(Clone, Debug)]
pub struct Policy {
    /// The whole document as it was read.
    pub document: Node,
    /// What happens to a tool that is not listed.
    pub default: Spanned<Fallback>,
    /// Tools that do not exist for the grant; `*` for all.
    pub hide: Vec<Spanned<String>>,
    /// Rules of `all_tools` that every call must satisfy, decided after the tool's own.
    pub require: Vec<Rule>,
    /// Rules of `all_tools` that no call may satisfy.
    pub deny_if: Vec<Rule>,
    /// Preconditions of `all_tools`, decided after the tool's own.
    pub preconditions: Vec<Precondition>,
    /// Limits that hold for all tools together.
    pub all_tools: Vec<Limit>,
    /// The listed tools, in the order of the document.
    pub tools: Vec<ToolRules>,
}

impl Policy {
    /// The limits of a tool, or with `None` those of `all_tools`.
    pub fn limits_of(&self, tool: Option<&str>) -> impl Iterator<Item = &Limit> {
        let all = if tool.is_none() { self.all_tools.as_slice() } else { &[] };
        let named = tool.and_then(|name| self.tool(name));
        let own = named
            .into_iter()
            .flat_map(|named| named.limits.iter().chain(named.rate_limit.as_deref()));
        all.iter().chain(own)
    }

    /// The rules of a tool. The document finds its place in the same time however many tools there
    /// are, and the tools are in the order of their places.
    fn tool(&self, name: &str) -> Option<&ToolRules> {
        let Some(tools) = self.document.value.as_object()?.get("tools") else {
            // In a document with a fault they stand under another key.
            return self.tools.iter().find(|tool| tool.name.value == name);
        };
        let start = tools.value.as_object()?.get(name)?.span.start;
        let at = self.tools.binary_search_by_key(&start, |tool| tool.span.start).ok()?;
        self.tools.get(at)
    }

    /// The limit that a precondition asks about.
    #[must_use]
    pub fn limit_of(&self, precondition: &Precondition) -> Option<&Limit> {
        let tool = precondition.tool.as_ref().map(|tool| tool.value.as_str());
        self.limits_of(tool).find(|limit| limit.counter.value == precondition.counter.value)
    }
}

/// What happens to a tool that a policy does not list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fallback {
    /// Its calls pass, within the rules and limits of `all_tools`.
    Allow,
    /// Its calls are denied.
    Deny,
}

/// What a policy says about one tool.
#[derive(Clone, Debug)]
pub struct ToolRules {
    /// The tool's name, byte for byte, and where it stands (with its quotes).
    pub name: Spanned<String>,
    /// The place of the rules.
    pub span: Span,
    /// What holds for every call of the tool.
    pub action: Option<Spanned<Action>>,
    /// The message when `action` denies or holds.
    pub reason: Option<String>,
    /// Rules that must be satisfied.
    pub require: Vec<Rule>,
    /// Rules that must not be.
    pub deny_if: Vec<Rule>,
    /// Rules that make a call wait for a person.
    pub require_approval_if: Vec<Rule>,
    /// What other limits must have counted, decided after the rules and before the limits.
    pub preconditions: Vec<Precondition>,
    /// The limits, in the order in which they are reserved.
    pub limits: Vec<Limit>,
    /// The limit that `rate_limit` stands for, reserved after `limits`. In a box, for few tools have one and it
    /// is as large as all else.
    pub rate_limit: Option<Box<Limit>>,
}

impl ToolRules {
    /// From its name to the end of its rules.
    #[must_use]
    pub(crate) fn whole(&self) -> Span {
        Span { start: self.name.span.start, end: self.span.end }
    }
}

/// What holds for every call of a tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// The tool's rules decide. The same as no action.
    Allow,
    /// Denied.
    Deny,
    /// Held for a person.
    RequireApproval,
}

/// Which list a rule stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleKind {
    /// Anything but satisfied denies.
    Require,
    /// Satisfied or errored denies.
    DenyIf,
    /// Satisfied holds, errored denies.
    RequireApprovalIf,
    /// Asks a counter; anything but satisfied denies.
    Precondition,
}

impl RuleKind {
    /// The key of the list in the document.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            RuleKind::Require => "require",
            RuleKind::DenyIf => "deny_if",
            RuleKind::RequireApprovalIf => "require_approval_if",
            RuleKind::Precondition => "preconditions",
        }
    }
}

/// Conditions that are ANDed.
#[derive(Clone, Debug)]
pub struct Rule {
    /// The place of the rule.
    pub span: Span,
    /// The conditions; none is satisfied by every call.
    pub conditions: Arc<[Condition]>,
    /// The author's message.
    pub on_deny: Option<String>,
}

/// What a limit must have counted in its present window before a call.
#[derive(Clone, Debug)]
pub struct Precondition {
    /// The place of the precondition.
    pub span: Span,
    /// The tool whose limit it is; `None` for one of `all_tools`.
    pub tool: Option<Spanned<String>>,
    /// The counter of the limit.
    pub counter: Spanned<String>,
    /// What to ask of the number; a compiled policy shares it.
    pub test: Arc<Test>,
    /// The author's message.
    pub on_deny: Option<String>,
}

/// One question about the arguments of a call.
#[derive(Clone, Debug)]
pub struct Condition {
    /// The place of the condition.
    pub span: Span,
    /// Where to look.
    pub path: Spanned<Path>,
    /// What to ask.
    pub test: Test,
    /// The place of the `value`.
    pub value_span: Span,
}

/// An operator with its value.
#[derive(Clone, Debug)]
pub enum Test {
    /// Present and not null, or not.
    Exists(bool),
    /// Equal.
    Eq(Value),
    /// Present and not equal.
    Neq(Value),
    /// Equal to one of the list.
    In(Vec<Node>),
    /// Present and equal to none of the list.
    NotIn(Vec<Node>),
    /// Less than.
    Lt(Number),
    /// At most.
    Lte(Number),
    /// Greater than.
    Gt(Number),
    /// At least.
    Gte(Number),
    /// A regular expression finds something in it.
    Regex(Pattern),
    /// It has this substring, or this element: a string, number or boolean.
    Contains(Value),
}

impl Test {
    /// The operators' names, in the order of the specification.
    pub const OPERATORS: [&'static str; 11] =
        ["exists", "eq", "neq", "in", "not_in", "lt", "lte", "gt", "gte", "regex", "contains"];

    /// The operator's name.
    #[must_use]
    pub fn operator(&self) -> &'static str {
        match self {
            Test::Exists(_) => "exists",
            Test::Eq(_) => "eq",
            Test::Neq(_) => "neq",
            Test::In(_) => "in",
            Test::NotIn(_) => "not_in",
            Test::Lt(_) => "lt",
            Test::Lte(_) => "lte",
            Test::Gt(_) => "gt",
            Test::Gte(_) => "gte",
            Test::Regex(_) => "regex",
            Test::Contains(_) => "contains",
        }
    }
}

/// How much may pass in one window.
#[derive(Clone, Debug)]
pub struct Limit {
    /// The place of the limit.
    pub span: Span,
    /// The counter's name and place.
    pub counter: Spanned<String>,
    /// The length of the windows.
    pub window: Window,
    /// How much may pass.
    pub max: Amount,
    /// Who shares a counter.
    pub scope: Scope,
    /// The argument that is added; without it each call adds one.
    pub increment_from: Option<Path>,
    /// The author's message.
    pub on_deny: Option<String>,
}

/// Who shares a counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Each grant has its own.
    Grant,
    /// Each session of a grant has its own.
    Session,
    /// One for everybody.
    All,
}

impl Scope {
    /// As the document names it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Scope::Grant => "grant",
            Scope::Session => "session",
            Scope::All => "all",
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::parse::parse;

    #[test]
    fn limits_of_every_tool_are_found_and_no_others() {
        let tools = 0..30;
        let limit = |name| format!(r#"{{"counter":"{name}","window":"day","max":1}}"#);
        let members = tools.clone().rev().map(|n| {
            let (a, b) = (limit(format!("a{n}")), limit("b".to_owned()));
            format!(r#""t{n}":{{"limits":[{a},{b}],"rate_limit":{{"max":1,"window":"day"}}}}"#)
        });
        let members: Vec<String> = members.collect();
        let all = limit("all".to_owned());
        let text = format!(
            r#"{{"version":"1","default":"deny","all_tools":{{"limits":[{all}]}},"tools":{{{}}}}}"#,
            members.join(",")
        );
        let policy = parse(text.as_bytes()).policy.unwrap();
        let counters = |tool: Option<&str>| -> Vec<String> {
            policy.limits_of(tool).map(|limit| limit.counter.value.clone()).collect()
        };
        for n in tools {
            let expected = [format!("a{n}"), "b".to_owned(), "rate_limit".to_owned()];
            assert_eq!(counters(Some(&format!("t{n}"))), expected);
        }
        assert_eq!(counters(None), ["all"]);
        assert!(counters(Some("t30")).is_empty());
    }

    #[test]
    fn limits_are_found_under_a_misspelt_key() {
        let text = r#"{"version":"1","default":"deny","tool":{"t":{
            "limits":[{"counter":"c","window":"day","max":1}],
            "preconditions":[{"tool":"t","counter":"c","op":"gt","value":0}]}}}"#;
        let codes: Vec<_> =
            parse(text.as_bytes()).diagnostics.iter().map(|d| d.code.as_str()).collect();
        assert_eq!(codes, ["unknown-key"]);
    }
}
