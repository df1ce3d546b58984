//! A policy as questions are asked about it: what it makes of the calls of a tool, in questions about
//! their arguments, and what the engine makes of a witness.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::search::{ALLOW, DENY, Goal, HOLD, Side, Sought, find};
use super::space::{Ask, Space};
use super::text::Texts;
use crate::compile::{CompiledPolicy, CompiledRule, compile};
use crate::evaluate::{Env, evaluate};
use crate::json::Object;
use crate::model::{
    Amount, Call, Catalog, Decision, Effect, Fallback, Limit, Policy, Precondition, Time, Tool,
    ToolRules,
};
use crate::quota::MemoryStore;

/// A policy that is asked. Its preconditions are set aside: what they make of a call depends on calls
/// before it, and they are compared on their own.
pub(super) struct Judge<'p> {
    pub(super) policy: &'p Policy,
    pub(super) compiled: CompiledPolicy,
    rules: BTreeMap<&'p str, &'p ToolRules>,
}

/// A catalog's tools by their names; of equal ones the first.
pub(super) fn by_name(catalog: Option<&Catalog>) -> BTreeMap<&str, &Tool> {
    let tools = catalog.into_iter().flat_map(|catalog| catalog.tools.iter().rev());
    tools.map(|tool| (tool.name.as_str(), tool)).collect()
}

impl<'p> Judge<'p> {
    pub(super) fn new(policy: &'p Policy) -> Judge<'p> {
        let mut asked = Cow::Borrowed(policy);
        let has = |tool: &ToolRules| !tool.preconditions.is_empty();
        if !policy.preconditions.is_empty() || policy.tools.iter().any(has) {
            let without = asked.to_mut();
            without.preconditions.clear();
            without.tools.iter_mut().for_each(|tool| tool.preconditions.clear());
        }
        let rules = policy.tools.iter().map(|tool| (tool.name.value.as_str(), tool)).collect();
        Judge { policy, compiled: compile(&asked), rules }
    }

    /// The tools that it lists or hides by name.
    pub(super) fn names(&self) -> impl Iterator<Item = &'p str> {
        let listed = self.policy.tools.iter().map(|tool| tool.name.value.as_str());
        let hidden = self.policy.hide.iter().map(|name| name.value.as_str());
        listed.chain(hidden.filter(|name| *name != "*"))
    }

    pub(super) fn rules(&self, tool: &str) -> Option<&'p ToolRules> {
        self.rules.get(tool).copied()
    }

    pub(super) fn is_hidden(&self, tool: &str) -> bool {
        self.compiled.is_hidden(tool)
    }

    /// Whether some call of the tool may be allowed, for all that is known without its arguments.
    pub(super) fn may_pass(&self, tool: &str) -> bool {
        self.fixed(tool).is_none()
    }

    /// The limits of a tool of its own.
    pub(super) fn limits(&self, tool: &str) -> Vec<&'p Limit> {
        let own = self.rules(tool).into_iter();
        own.flat_map(|own| own.limits.iter().chain(own.rate_limit.as_deref())).collect()
    }

    /// The preconditions of a tool, or of all tools, with the limits that they ask about.
    pub(super) fn preconditions(
        &self,
        tool: Option<&str>,
    ) -> Vec<(&'p Precondition, Option<&'p Limit>)> {
        let list = match tool {
            None => self.policy.preconditions.as_slice(),
            Some(tool) => self.rules(tool).map_or(&[][..], |own| &own.preconditions),
        };
        list.iter().map(|one| (one, self.policy.limit_of(one))).collect()
    }

    /// What it makes of every call of a tool, if that is always the same.
    fn fixed(&self, tool: &str) -> Option<Effect> {
        let found = self.compiled.find(tool);
        let denied = found.hidden
            || found.tool.is_none() && self.compiled.default() == Fallback::Deny
            || found.tool.and_then(|own| own.action.as_ref()).is_some_and(|action| !action.holds);
        denied.then_some(Effect::Deny)
    }

    /// What the engine makes of a call when nothing is counted yet.
    pub(super) fn decide(&self, call: &Call) -> Decision {
        let counters = &mut MemoryStore::new();
        let mut env = Env { now: Time(0), counters, approvals: None };
        let decision = evaluate(Some(&self.compiled), call, &mut env).decision;
        // Neither what is left at that moment nor an approval of the witness means anything.
        Decision { limits: Vec::new(), short: None, digest: None, ..decision }
    }
}

/// The questions about the calls of one tool, gathered before they are put.
#[derive(Default)]
pub(super) struct Asks<'p> {
    asks: Vec<Ask<'p>>,
}

impl<'p> Asks<'p> {
    fn ask(&mut self, ask: Ask<'p>) -> usize {
        self.asks.push(ask);
        self.asks.len().saturating_sub(1)
    }

    /// The questions of a rule.
    pub(super) fn rule(&mut self, rule: &'p CompiledRule) -> Vec<usize> {
        let conditions = rule.conditions.iter();
        conditions.map(|condition| self.ask(Ask::Condition(condition, rule.kind))).collect()
    }

    /// All that a policy asks of the calls of a tool.
    pub(super) fn side(&mut self, judge: &'p Judge<'_>, tool: &str) -> Side {
        let fixed = judge.fixed(tool);
        if fixed.is_some() {
            return Side { fixed, ..Side::default() };
        }
        let own = judge.compiled.tool(tool);
        let rules = judge.compiled.rules_of(own).iter().chain(judge.compiled.rules());
        let rules = rules.map(|rule| (rule.kind, self.rule(rule))).collect();
        let limits = own.map_or(&[][..], |own| &own.limits).iter();
        let (mut amounts, mut is_shut) = (Vec::new(), false);
        for limit in limits.chain(judge.compiled.all_tools()) {
            match limit.limit.increment_from {
                Some(_) => amounts.push(self.ask(Ask::Amount(&limit.limit))),
                None => is_shut |= limit.limit.max < Amount::ONE,
            }
        }
        let holds = own.is_some_and(|own| own.action.is_some());
        Side { fixed, holds, rules, amounts, is_shut }
    }

    /// The calls as these questions tell them apart.
    pub(super) fn space(self, tool: Option<&'p Tool>, texts: &Texts) -> Space<'p> {
        Space::new(self.asks, tool, texts)
    }
}

/// What came of a search for a witness.
pub(super) enum Answer {
    /// The arguments of a call.
    Witness(Object),
    /// There is none.
    Nothing,
    /// Why nobody knows.
    Unknown(String),
}

/// Looks for a call that all goals hold for; `steps` is how far searches may still go.
pub(super) fn seek(space: &Space<'_>, goals: &[Goal<'_>], steps: &mut usize) -> Answer {
    match find(space, goals, steps) {
        Sought::Found(chosen) => {
            let arguments = space.arguments(&chosen);
            match space.takes(&arguments) {
                true => Answer::Witness(arguments),
                false => {
                    Answer::Unknown("the schema asks more of the arguments than is followed".into())
                }
            }
        }
        Sought::TooFar => Answer::Unknown("there are too many combinations of arguments".into()),
        Sought::Nothing => match &space.gap {
            Some(why) => Answer::Unknown(why.clone()),
            None => Answer::Nothing,
        },
    }
}

/// What is said of a witness that the engine decides otherwise: never seen, and no reason to say more
/// than is known.
pub(super) const UNCONFIRMED: &str = "the engine does not confirm the call that was found";

impl Side {
    /// Whether some call may have this effect, for all that is known without arguments.
    pub(super) fn may(&self, effect: u8) -> bool {
        let asks = |wanted| self.rules.iter().any(|(kind, _)| *kind == wanted);
        match self.fixed {
            Some(fixed) => super::search::effect_bit(fixed) == effect,
            None => match effect {
                ALLOW => !self.holds && !self.is_shut,
                HOLD => self.holds || asks(crate::model::RuleKind::RequireApprovalIf),
                DENY => !self.rules.is_empty() || !self.amounts.is_empty() || self.is_shut,
                _ => true,
            },
        }
    }
}
