//! A policy made ready to be asked: tools found by name, ids and messages made once.

mod ask;
mod index;
mod plan;
mod rule;
mod stored;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use sha2::{Digest, Sha256};

pub(crate) use self::ask::Ask;
use self::index::Index;
pub(crate) use self::plan::{Node, Place, Plan, Scope};
pub(crate) use self::rule::{CompiledRule, label};
use self::rule::{Rules, look_alike};
pub use self::stored::{StoredFault, from_bytes, to_bytes};

use crate::digits::in_digits;
use crate::json::{self, Word, pointer_token};
use crate::model::{
    Action, Condition, Fallback, Limit, Policy, Precondition, RuleId, RuleKind, Test, ToolRules,
    Window,
};
use crate::order::sort_by;
use crate::quota::Counters;

/// A policy that can be asked. Immutable, and independent of the document it came from.
#[derive(Clone, Debug)]
pub struct CompiledPolicy {
    hash: String,
    default: Fallback,
    hide_all: bool,
    /// The tools that are hidden or listed.
    names: Index<Name>,
    tools: Vec<CompiledTool>,
    /// How the arguments of a tool are read that has no rules of its own.
    others: Option<Arc<Plan>>,
    /// The rules of the tools.
    rules: Rules,
    /// Those of `all_tools`, in the order of deciding.
    all_rules: Vec<CompiledRule>,
    preconditions: Vec<CompiledPrecondition>,
    all_tools: Vec<CompiledLimit>,
}

/// What the policy says of a name.
#[derive(Clone, Copy, Debug, Default)]
struct Name {
    hidden: bool,
    /// Among the tools.
    listed: Option<usize>,
}

/// What decides about one listed tool.
#[derive(Clone, Debug)]
pub(crate) struct CompiledTool {
    pub(crate) action: Option<CompiledAction>,
    /// Where its name stands among the names.
    name: (usize, usize),
    /// In the order of deciding: `require`, `deny_if`, then `require_approval_if`.
    rules: Range<usize>,
    pub(crate) preconditions: Vec<CompiledPrecondition>,
    pub(crate) limits: Vec<CompiledLimit>,
    /// How the arguments of a call are read while they are scanned; none if they are to be read whole.
    plan: Option<Arc<Plan>>,
}

/// What decides about a tool.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Found<'p> {
    pub(crate) hidden: bool,
    /// Its own rules; none if it is not listed.
    pub(crate) tool: Option<&'p CompiledTool>,
    /// How the arguments of a call are read while they are scanned.
    pub(crate) plan: Option<&'p Plan>,
}

/// An action that denies or holds.
#[derive(Clone, Debug)]
pub(crate) struct CompiledAction {
    pub(crate) holds: bool,
    pub(crate) id: Arc<RuleId>,
    pub(crate) reason: Option<String>,
}

#[derive(Clone, Debug)]
pub(crate) struct CompiledPrecondition {
    pub(crate) id: Arc<RuleId>,
    /// Whose limit it asks about; `None` for one of `all_tools`.
    pub(crate) tool: Option<String>,
    /// The limit with its counters; `None`, which denies, if there is none.
    pub(crate) limit: Option<(Limit, Counters)>,
    pub(crate) test: Arc<Test>,
    pub(crate) on_deny: Option<String>,
}

#[derive(Clone, Debug)]
pub(crate) struct CompiledLimit {
    pub(crate) id: Arc<RuleId>,
    pub(crate) limit: Limit,
    pub(crate) counters: Counters,
}

/// Makes a policy ready to be asked.
#[must_use]
pub fn compile(policy: &Policy) -> CompiledPolicy {
    compile_as(policy, hexadecimal(&hash_of(policy)))
}

/// Makes a policy with this hash ready to be asked; its document is not looked at.
fn compile_as(policy: &Policy, hash: String) -> CompiledPolicy {
    let mut rules = Rules::default();
    let lists = [(RuleKind::Require, &policy.require), (RuleKind::DenyIf, &policy.deny_if)];
    let all_rules = rules.add_all(&lists);
    rules.make_room_for(&policy.tools);
    let others = Plan::new(&[], &all_rules, &[]).map(Arc::new);
    let hidden = policy.hide.iter().map(|name| (&name.value, Name { hidden: true, listed: None }));
    let listed = policy.tools.iter().enumerate();
    let listed =
        listed.map(|(at, own)| (&own.name.value, Name { hidden: false, listed: Some(at) }));
    let names = Index::new(hidden.chain(listed), |one, other| {
        one.hidden |= other.hidden;
        one.listed = one.listed.or(other.listed);
    });
    let counted = Counted::new(policy, &names);
    let mut tools: Vec<CompiledTool> = Vec::with_capacity(policy.tools.len());
    // The names stand in the order in which they were given.
    let mut start: usize = policy.hide.iter().map(|name| name.value.len()).sum();
    for own in &policy.tools {
        let name = (start, start.saturating_add(own.name.value.len()));
        start = name.1;
        let mut tool = tool(own, tools.len(), name, &counted, &mut rules);
        tool.plan = plan::<false>(&tool, &rules, &all_rules, others.as_ref(), tools.last());
        tools.push(tool);
    }
    let asked = preconditions(&counted, "/all_tools", &policy.preconditions);
    CompiledPolicy {
        hash,
        default: policy.default.value,
        hide_all: policy.hide.iter().any(|name| name.value == "*"),
        tools,
        others,
        rules,
        all_rules,
        preconditions: asked,
        names,
        all_tools: limits("/all_tools", None, &policy.all_tools, policy.all_tools.len()),
    }
}

impl CompiledPolicy {
    /// The version of the policy: the SHA-256 of its document's canonical form, in hexadecimal
    /// digits. Documents that differ only in white space, escapes or the order of keys have the same.
    #[must_use]
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// Whether a tool does not exist for who is under this policy.
    #[must_use]
    pub fn is_hidden(&self, tool: &str) -> bool {
        self.find(tool).hidden
    }

    /// What decides about a tool.
    #[inline]
    pub(crate) fn find(&self, name: &str) -> Found<'_> {
        self.of(self.names.get(name).copied().unwrap_or_default())
    }

    /// The number of a tool for [`CompiledPolicy::found`]: of this policy, and no other. The least bit is
    /// whether it is hidden, the others count the listed tools from 1. `None` if there are too many.
    pub(crate) fn number_of(&self, name: &str) -> Option<u32> {
        let known = self.names.get(name).copied().unwrap_or_default();
        let listed = known.listed.map_or(Some(0), |at| at.checked_add(1))?;
        let number = u32::try_from(listed).ok()?.checked_mul(2)?;
        Some(number | u32::from(known.hidden))
    }

    /// What decides about the tool with this number.
    #[inline]
    pub(crate) fn found(&self, number: u32) -> Found<'_> {
        self.of(Name { hidden: number & 1 == 1, listed: ((number >> 1) as usize).checked_sub(1) })
    }

    #[inline]
    fn of(&self, known: Name) -> Found<'_> {
        let tool = known.listed.and_then(|at| self.tools.get(at));
        let plan = tool.map_or(&self.others, |tool| &tool.plan).as_deref();
        Found { hidden: known.hidden || self.hide_all, tool, plan }
    }

    pub(crate) fn default(&self) -> Fallback {
        self.default
    }

    pub(crate) fn tool(&self, name: &str) -> Option<&CompiledTool> {
        self.find(name).tool
    }

    /// The rules that hold for every tool, after its own.
    #[inline]
    pub(crate) fn rules(&self) -> &[CompiledRule] {
        &self.all_rules
    }

    /// The rules of a tool of its own; none for one that is not listed.
    #[inline]
    pub(crate) fn rules_of(&self, tool: Option<&CompiledTool>) -> &[CompiledRule] {
        tool.map_or(&[], |tool| self.rules.get(&tool.rules))
    }

    /// The condition of a rule with this number, and it made ready.
    #[inline]
    pub(crate) fn ask<'p>(
        &'p self,
        rule: &'p CompiledRule,
        at: usize,
    ) -> Option<(&'p Condition, &'p Ask)> {
        self.rules.ask(rule, at)
    }

    /// The conditions of a rule, each made ready.
    #[inline]
    pub(crate) fn asks(&self, rule: &CompiledRule) -> &[Ask] {
        self.rules.asks(rule)
    }

    /// What some of the conditions that were made ready want.
    #[inline]
    pub(crate) fn words(&self) -> &[Word] {
        self.rules.words()
    }

    /// The id of a rule.
    pub(crate) fn id_of(&self, rule: &CompiledRule) -> Arc<RuleId> {
        match rule.tool.and_then(|at| self.tools.get(at)) {
            Some(CompiledTool { name: (from, to), .. }) => {
                rule.id(&pointer_of(self.names.text(*from, *to)))
            }
            None => rule.id("/all_tools"),
        }
    }

    /// The preconditions of every tool, after its own.
    pub(crate) fn preconditions(&self) -> &[CompiledPrecondition] {
        &self.preconditions
    }

    pub(crate) fn all_tools(&self) -> &[CompiledLimit] {
        &self.all_tools
    }

    /// Whether no limit and no precondition holds for the calls of a tool (`None`: one that is not listed).
    #[inline]
    pub(crate) fn counts_nothing(&self, tool: Option<&CompiledTool>) -> bool {
        let own = |tool: &CompiledTool| tool.limits.is_empty() && tool.preconditions.is_empty();
        tool.is_none_or(own) && self.all_tools.is_empty() && self.preconditions.is_empty()
    }

    /// All limits there are.
    pub(crate) fn limits(&self) -> impl Iterator<Item = &CompiledLimit> {
        self.tools.iter().flat_map(|tool| &tool.limits).chain(&self.all_tools)
    }

    /// Whether some call depends on what others have counted.
    #[must_use]
    pub fn has_preconditions(&self) -> bool {
        let own = |tool: &CompiledTool| !tool.preconditions.is_empty();
        !self.preconditions.is_empty() || self.tools.iter().any(own)
    }
}

/// The limits that preconditions ask about, found in the same time however many there are.
struct Counted<'p> {
    names: &'p Index<Name>,
    /// Whose, `None` for all tools, and the counter: in this order. Empty without a precondition.
    limits: Vec<(Option<usize>, &'p str, &'p Limit)>,
}

impl<'p> Counted<'p> {
    fn new(policy: &'p Policy, names: &'p Index<Name>) -> Counted<'p> {
        let asks = |tool: &ToolRules| !tool.preconditions.is_empty();
        if policy.preconditions.is_empty() && !policy.tools.iter().any(asks) {
            return Counted { names, limits: Vec::new() };
        }
        let of = |whose| {
            move |limit: &'p Limit| -> (Option<usize>, &'p str, &'p Limit) {
                (whose, &limit.counter.value, limit)
            }
        };
        let mut limits: Vec<_> = policy.all_tools.iter().map(of(None)).collect();
        for (at, tool) in policy.tools.iter().enumerate() {
            limits.extend(tool.limits.iter().chain(tool.rate_limit.as_deref()).map(of(Some(at))));
        }
        sort_by(&mut limits, |a, b| (a.0, a.1).cmp(&(b.0, b.1)));
        Counted { names, limits }
    }

    /// The first limit of a tool, or with `None` of all, that has this counter, and its own counters.
    fn find(&self, tool: Option<&str>, counter: &str) -> Option<(Limit, Counters)> {
        let whose = match tool {
            Some(name) => Some(self.names.get(name)?.listed?),
            None => None,
        };
        let before = |bound: (Option<usize>, &str)| {
            self.limits.partition_point(|(whose, counter, _)| (*whose, *counter) < bound)
        };
        let limit = self.limits.get(before((whose, counter)))?;
        let (_, _, limit) = (limit.0 == whose && limit.1 == counter).then_some(limit)?;
        let behind = self.limits.partition_point(|(other, ..)| *other <= whose);
        let beside = behind.saturating_sub(before((whose, "")));
        Some(((*limit).clone(), counters(tool, limit, beside)))
    }
}

/// The pointer of a tool's rules in the document.
fn pointer_of(tool: &str) -> String {
    ["/tools/", &pointer_token(tool)].concat()
}

/// A tool without its plan; its rules are added to all others.
fn tool(
    tool: &ToolRules,
    at: usize,
    name: (usize, usize),
    counted: &Counted<'_>,
    rules: &mut Rules,
) -> CompiledTool {
    let lists = [
        (RuleKind::Require, &tool.require),
        (RuleKind::DenyIf, &tool.deny_if),
        (RuleKind::RequireApprovalIf, &tool.require_approval_if),
    ];
    let mut compiled = CompiledTool {
        action: None,
        name,
        rules: rules.add(at, &lists),
        preconditions: Vec::new(),
        limits: Vec::new(),
        plan: None,
    };
    let holds = match tool.action.as_ref().map(|action| action.value) {
        None | Some(Action::Allow) => None,
        Some(Action::Deny) => Some(false),
        Some(Action::RequireApproval) => Some(true),
    };
    let beside = tool.limits.len().saturating_add(usize::from(tool.rate_limit.is_some()));
    if holds.is_none() && tool.preconditions.is_empty() && beside == 0 {
        return compiled;
    }
    let base = pointer_of(&tool.name.value);
    compiled.action = holds.map(|holds| {
        let rule = [&base, "/action"].concat();
        let id = Arc::new(RuleId { label: rule.clone(), rule });
        CompiledAction { holds, id, reason: tool.reason.clone() }
    });
    compiled.preconditions = preconditions(counted, &base, &tool.preconditions);
    let name = Some(tool.name.value.as_str());
    compiled.limits = limits(&base, name, &tool.limits, beside);
    compiled.limits.extend(tool.rate_limit.as_deref().map(|limit| {
        let rule = [&base, "/rate_limit"].concat();
        let id = Arc::new(RuleId { label: rule.clone(), rule });
        CompiledLimit { id, limit: limit.clone(), counters: counters(name, limit, beside) }
    }));
    compiled
}

/// The plan of a tool: that of the tools without rules, or that of the one before it where both look at the
/// same arguments, as the tools of long policies often do, or its own.
///
/// There is one for policies that are compiled and one for those that are read, so that each is compiled into the one
/// place where it is asked for, whatever else a program has.
fn plan<const STORED: bool>(
    tool: &CompiledTool,
    rules: &Rules,
    all: &[CompiledRule],
    others: Option<&Arc<Plan>>,
    before: Option<&CompiledTool>,
) -> Option<Arc<Plan>> {
    let own = rules.get(&tool.rules);
    if own.is_empty() && tool.limits.iter().all(|limit| limit.limit.increment_from.is_none()) {
        return others.cloned();
    }
    let like = |(one, other): (&CompiledLimit, &CompiledLimit)| {
        one.limit.increment_from == other.limit.increment_from
    };
    let is_like = |before: &&CompiledTool| {
        tool.limits.len() == before.limits.len()
            && tool.limits.iter().zip(&before.limits).all(like)
            && look_alike(own, rules.get(&before.rules))
    };
    match before.filter(is_like) {
        Some(before) => before.plan.clone(),
        _ => Plan::new(own, all, &tool.limits).map(Arc::new),
    }
}

fn preconditions(
    counted: &Counted<'_>,
    base: &str,
    list: &[Precondition],
) -> Vec<CompiledPrecondition> {
    let compiled = list.iter().enumerate().map(|(at, precondition)| {
        let Precondition { tool, counter, test, on_deny, .. } = precondition;
        let tool = tool.as_ref().map(|tool| tool.value.clone());
        let whose = tool.as_deref().unwrap_or("all_tools");
        let id = Arc::new(RuleId {
            rule: [base, "/preconditions/", &in_digits(at as u64)].concat(),
            label: [base, "/preconditions/", whose, ".", &counter.value, "-", test.operator()]
                .concat(),
        });
        let limit = counted.find(tool.as_deref(), &counter.value);
        CompiledPrecondition { id, limit, tool, test: Arc::clone(test), on_deny: on_deny.clone() }
    });
    compiled.collect()
}

/// `tool` is `None` for limits that hold for all tools together; `beside` is how many there are of it.
fn limits(base: &str, tool: Option<&str>, limits: &[Limit], beside: usize) -> Vec<CompiledLimit> {
    let compiled = limits.iter().enumerate().map(|(at, limit)| {
        let (counter, per) = (&limit.counter.value, window_slug(limit.window));
        let id = Arc::new(RuleId {
            rule: [base, "/limits/", &in_digits(at as u64)].concat(),
            label: [base, "/limits/", counter, "-per-", &per].concat(),
        });
        CompiledLimit { id, limit: limit.clone(), counters: counters(tool, limit, beside) }
    });
    compiled.collect()
}

fn counters(tool: Option<&str>, limit: &Limit, beside: usize) -> Counters {
    Counters::new(tool, &limit.counter.value, limit.window, beside)
}

fn window_slug(window: Window) -> Cow<'static, str> {
    window
        .word()
        .map_or_else(|| [&in_digits(window.seconds().into()), "s"].concat().into(), Cow::Borrowed)
}

fn hash_of(policy: &Policy) -> [u8; 32] {
    let mut hash = Sha256::new();
    json::canonical_exact_in_bytes(&policy.document.value, &mut |part| hash.update(part));
    hash.finalize().into()
}

/// Bytes in hexadecimal digits, lower case.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    let mut digits = String::with_capacity(bytes.len().saturating_mul(2));
    for byte in bytes {
        for digit in [byte >> 4, byte & 0xf] {
            let letter = if digit < 10 { b'0' | digit } else { digit.wrapping_add(b'a' - 10) };
            digits.push(char::from(letter));
        }
    }
    digits
}
