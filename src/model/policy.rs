//! A policy as its document says it, with the places of its parts.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Amount, Path, Pattern, Window};
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
        let named = self.tools.iter().find(|named| Some(named.name.value.as_str()) == tool);
        let own = named.into_iter().flat_map(|named| named.limits.iter().chain(&named.rate_limit));
        all.iter().chain(own)
    }

    /// Its limits, to be found by many preconditions.
    #[must_use]
    pub fn find_limits(&self) -> FindLimits<'_> {
        FindLimits { policy: self, by_name: OnceCell::new() }
    }
}

/// The limits of a policy, found in the same time however many there are.
#[derive(Debug)]
pub struct FindLimits<'p> {
    policy: &'p Policy,
    /// By tool and counter; made when the first is looked for, for few policies look for any.
    by_name: OnceCell<BTreeMap<(Option<&'p str>, &'p str), &'p Limit>>,
}

impl<'p> FindLimits<'p> {
    /// The limit that a precondition asks about.
    #[must_use]
    pub fn of(&self, precondition: &Precondition) -> Option<&'p Limit> {
        let by_name = self.by_name.get_or_init(|| {
            let mut by_name = BTreeMap::new();
            let mut add = |tool, limit: &'p Limit| {
                by_name.entry((tool, limit.counter.value.as_str())).or_insert(limit);
            };
            self.policy.all_tools.iter().for_each(|limit| add(None, limit));
            for tool in &self.policy.tools {
                let limits = tool.limits.iter().chain(&tool.rate_limit);
                limits.for_each(|limit| add(Some(tool.name.value.as_str()), limit));
            }
            by_name
        });
        let tool = precondition.tool.as_ref().map(|tool| tool.value.as_str());
        by_name.get(&(tool, precondition.counter.value.as_str())).copied()
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
    /// The limit that `rate_limit` stands for, reserved after `limits`.
    pub rate_limit: Option<Limit>,
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
    /// What to ask of the number.
    pub test: Test,
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
