//! A policy made ready to be asked: tools found by name, ids and messages made once.

mod ask;
mod index;
mod plan;
mod stored;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::sync::Arc;

use sha2::{Digest, Sha256};

pub(crate) use self::ask::Ask;
use self::index::Index;
pub(crate) use self::plan::{Node, Place, Plan, Scope};
pub use self::stored::{StoredFault, from_bytes, to_bytes};

use crate::json::{self, pointer_token};
use crate::model::{
    Action, Condition, Fallback, Limit, Policy, Precondition, Rule, RuleId, RuleKind, Test,
    ToolRules, Window,
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
    /// The rules of `all_tools`, in the order of deciding.
    rules: Vec<CompiledRule>,
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
    /// In the order of deciding: `require`, `deny_if`, then `require_approval_if`.
    pub(crate) rules: Vec<CompiledRule>,
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
pub(crate) struct CompiledRule {
    pub(crate) kind: RuleKind,
    pub(crate) id: Arc<RuleId>,
    pub(crate) conditions: Arc<[Condition]>,
    /// The conditions made ready, in the same order.
    pub(crate) asks: Vec<Ask>,
    pub(crate) on_deny: Option<String>,
}

#[derive(Clone, Debug)]
pub(crate) struct CompiledPrecondition {
    pub(crate) id: Arc<RuleId>,
    /// Whose limit it asks about; `None` for one of `all_tools`.
    pub(crate) tool: Option<String>,
    /// The limit with its counters; `None`, which denies, if there is none.
    pub(crate) limit: Option<(Limit, Counters)>,
    pub(crate) test: Test,
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
    let all_rules = rules(
        "/all_tools",
        &[(RuleKind::Require, &policy.require), (RuleKind::DenyIf, &policy.deny_if)],
    );
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
    let tools = policy.tools.iter().map(|own| tool(own, &counted, &all_rules, others.as_ref()));
    let tools = tools.collect();
    let asked = preconditions(&counted, "/all_tools", &policy.preconditions);
    CompiledPolicy {
        hash,
        default: policy.default.value,
        hide_all: policy.hide.iter().any(|name| name.value == "*"),
        tools,
        others,
        rules: all_rules,
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
    pub(crate) fn rules(&self) -> &[CompiledRule] {
        &self.rules
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
            limits.extend(tool.limits.iter().chain(&tool.rate_limit).map(of(Some(at))));
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

fn tool(
    tool: &ToolRules,
    counted: &Counted<'_>,
    all: &[CompiledRule],
    others: Option<&Arc<Plan>>,
) -> CompiledTool {
    let base = ["/tools/", &pointer_token(&tool.name.value)].concat();
    let holds = match tool.action.as_ref().map(|action| action.value) {
        None | Some(Action::Allow) => None,
        Some(Action::Deny) => Some(false),
        Some(Action::RequireApproval) => Some(true),
    };
    let action = holds.map(|holds| {
        let rule = [&base, "/action"].concat();
        let id = Arc::new(RuleId { label: rule.clone(), rule });
        CompiledAction { holds, id, reason: tool.reason.clone() }
    });
    let lists = [
        (RuleKind::Require, &tool.require),
        (RuleKind::DenyIf, &tool.deny_if),
        (RuleKind::RequireApprovalIf, &tool.require_approval_if),
    ];
    let rules = rules(&base, &lists);
    let preconditions = preconditions(counted, &base, &tool.preconditions);
    let name = Some(tool.name.value.as_str());
    let beside = tool.limits.len().saturating_add(usize::from(tool.rate_limit.is_some()));
    let mut limits = limits(&base, name, &tool.limits, beside);
    limits.extend(tool.rate_limit.iter().map(|limit| {
        let rule = [&base, "/rate_limit"].concat();
        let id = Arc::new(RuleId { label: rule.clone(), rule });
        CompiledLimit { id, limit: limit.clone(), counters: counters(name, limit, beside) }
    }));
    let plan =
        if rules.is_empty() && limits.iter().all(|limit| limit.limit.increment_from.is_none()) {
            others.cloned()
        } else {
            Plan::new(&rules, all, &limits).map(Arc::new)
        };
    CompiledTool { action, rules, preconditions, limits, plan }
}

fn rules(base: &str, lists: &[(RuleKind, &Vec<Rule>)]) -> Vec<CompiledRule> {
    let mut compiled = Vec::with_capacity(lists.iter().map(|(_, list)| list.len()).sum());
    for (kind, list) in lists {
        for (at, rule) in list.iter().enumerate() {
            compiled.push(compiled_rule(*kind, base, at, rule));
        }
    }
    compiled
}

fn compiled_rule(kind: RuleKind, base: &str, at: usize, rule: &Rule) -> CompiledRule {
    // Joined, for a large policy has thousands of these and formatting takes three times as long.
    let pointer = [base, "/", kind.key(), "/", &at.to_string()].concat();
    let label = label(base, kind, rule).unwrap_or_else(|| pointer.clone());
    CompiledRule {
        kind,
        id: Arc::new(RuleId { rule: pointer, label }),
        conditions: Arc::clone(&rule.conditions),
        asks: rule.conditions.iter().map(Ask::new).collect(),
        on_deny: rule.on_deny.clone(),
    }
}

/// The label of a rule, by its conditions; `None` if it has none.
pub(crate) fn label(base: &str, kind: RuleKind, rule: &Rule) -> Option<String> {
    let mut label = String::with_capacity(base.len().saturating_add(48));
    for condition in rule.conditions.iter() {
        if label.is_empty() {
            label.extend([base, "/", kind.key(), "/"]);
        } else {
            label.push('+');
        }
        label.extend([condition.path.value.as_str(), "-", condition.test.operator()]);
    }
    (!label.is_empty()).then_some(label)
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
            rule: [base, "/preconditions/", &at.to_string()].concat(),
            label: [base, "/preconditions/", whose, ".", &counter.value, "-", test.operator()]
                .concat(),
        });
        let limit = counted.find(tool.as_deref(), &counter.value);
        CompiledPrecondition { id, limit, tool, test: test.clone(), on_deny: on_deny.clone() }
    });
    compiled.collect()
}

/// `tool` is `None` for limits that hold for all tools together; `beside` is how many there are of it.
fn limits(base: &str, tool: Option<&str>, limits: &[Limit], beside: usize) -> Vec<CompiledLimit> {
    let compiled = limits.iter().enumerate().map(|(at, limit)| {
        let (counter, per) = (&limit.counter.value, window_slug(limit.window));
        let id = Arc::new(RuleId {
            rule: [base, "/limits/", &at.to_string()].concat(),
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
        .map_or_else(|| [&window.seconds().to_string(), "s"].concat().into(), Cow::Borrowed)
}

fn hash_of(policy: &Policy) -> [u8; 32] {
    let mut hash = Sha256::new();
    json::canonical_exact_in_parts(&policy.document.value, &mut |part| hash.update(part));
    hash.finalize().into()
}

/// Bytes in hexadecimal digits, lower case.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 0xf]);
    digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
}
