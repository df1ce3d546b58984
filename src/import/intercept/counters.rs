//! The counters of a policy: which limit each has, and what a condition on one means.

use super::operators::{Bound, bound, holds};
use super::read::truncated;
use super::{Condition, Rule, Source, State, Tool};

/// A counter that a rule with a `state` counts.
#[derive(Debug)]
pub(super) struct Counter<'s> {
    /// As paths name it: the scope, a dot, the name.
    pub(super) key: String,
    pub(super) tool: &'s Tool,
    pub(super) state: &'s State,
    pub(super) limit: Option<Limited<'s>>,
}

/// The limit of a counter.
#[derive(Debug)]
pub(super) struct Limited<'s> {
    /// The rule whose condition it is.
    pub(super) rule: &'s Rule,
    /// The condition, which says no more than the limit.
    pub(super) condition: &'s Condition,
    /// How much the counter may have counted after a call; `None` if there is no room for any.
    pub(super) max: Option<u64>,
    /// Intercept never counts it: the limit is what the author must have meant.
    pub(super) meant: bool,
}

/// What a condition on a counter means.
pub(super) enum Meaning<'t, 's> {
    /// It is the limit of the counter.
    Limit,
    /// It asks what another rule has counted.
    Precondition(&'t Counter<'s>),
    /// It always holds, or never.
    Constant(bool),
}

/// Every counter of a policy.
pub(super) struct Table<'s> {
    pub(super) counters: Vec<Counter<'s>>,
    /// Whether there are rules for all tools.
    all: bool,
}

/// To find where a condition first fails, so many counts are tried.
const TRIED: u64 = 1000;

impl<'s> Table<'s> {
    pub(super) fn new(source: &'s Source) -> Table<'s> {
        let all = source.tools.iter().any(Tool::is_all);
        let mut counters = Vec::new();
        for tool in &source.tools {
            for rule in &tool.rules {
                let Some(state) = &rule.state else { continue };
                let key = format!("{}.{}", tool.scope(), state.counter.value);
                let limit = limit(tool, rule, &key, all);
                counters.push(Counter { key, tool, state, limit });
            }
        }
        Table { counters, all }
    }

    /// What a condition on a counter means; `None` if it is not on a counter.
    pub(super) fn meaning<'t>(&'t self, condition: &Condition) -> Option<Meaning<'t, 's>> {
        let key = key(&condition.path.value, self.all)?;
        let constant = Meaning::Constant(holds(condition, 0));
        let Some(counter) = self.counters.iter().find(|counter| counter.key == key) else {
            return Some(constant);
        };
        Some(match &counter.limit {
            Some(limit) if std::ptr::eq(limit.condition, condition) => match limit.max {
                Some(_) => Meaning::Limit,
                None => Meaning::Constant(false),
            },
            // What Intercept never counts never opens a tool there.
            Some(limit) if limit.meant && !holds(condition, 0) => Meaning::Constant(false),
            Some(limit) if limit.max.is_some() => Meaning::Precondition(counter),
            _ => constant,
        })
    }
}

/// The counter that a path names, as tables have it.
fn key(path: &str, all: bool) -> Option<String> {
    let key = path.strip_prefix("state.")?;
    // A counter of all tools is `_global`; by `*` Intercept finds none, whatever is meant.
    Some(match key.strip_prefix("*.") {
        Some(name) if all => format!("_global.{name}"),
        _ => key.to_owned(),
    })
}

fn limit<'s>(tool: &'s Tool, rule: &'s Rule, wanted: &str, all: bool) -> Option<Limited<'s>> {
    let exact = format!("state.{wanted}");
    let own = rule.conditions.iter().filter(|condition| condition.path.value == exact);
    for condition in own {
        if let Some(max) = most(condition) {
            return Some(Limited { rule, condition, max, meant: false });
        }
    }
    // Nothing counts: look for what was meant to limit it, a comparison before anything else.
    let on_it = || {
        let rules = std::iter::once(rule).chain(&tool.rules);
        let conditions = rules.flat_map(|rule| rule.conditions.iter().map(move |c| (rule, c)));
        conditions.filter(|(_, c)| key(&c.path.value, all).as_deref() == Some(wanted))
    };
    let compared = on_it().find_map(|(rule, condition)| Some((rule, condition, most(condition)?)));
    let other = || {
        on_it().find_map(|(rule, condition)| {
            let fails = (0..=TRIED).find(|&count| !holds(condition, count))?;
            // One that fails at once is no limit, but always denies.
            Some((rule, condition, Some(fails.checked_sub(1)?)))
        })
    };
    let (rule, condition, max) = compared.or_else(other)?;
    Some(Limited { rule, condition, max, meant: true })
}

/// If the condition is `lt` or `lte` a number: the most that may have been counted, with fractions
/// cut off as Intercept does; `None` within if that is less than nothing.
#[allow(clippy::option_option, reason = "no limit, and no room, are two things")]
fn most(condition: &Condition) -> Option<Option<u64>> {
    let less = match condition.op.value.as_str() {
        "lt" => 1,
        "lte" => 0,
        _ => return None,
    };
    let max = match bound(&condition.value)? {
        // Beyond 64 bits Intercept's limit becomes the smallest number.
        Bound::Number(number) => truncated(&number),
        Bound::Infinite { .. } | Bound::NotANumber => None,
    };
    let max = max.and_then(|max| max.checked_sub(less)).filter(|_| holds(condition, 0));
    Some(max.and_then(|max| u64::try_from(max).ok()))
}
