//! The rules of a policy, those of all tools in one piece of memory.
//!
//! A policy of thousands of tools has thousands of rules: memory for each and for each of its parts, asked for
//! and given back, was most of compiling it. The ids, which only decisions that rules make want, are made then.

use std::ops::Range;
use std::sync::Arc;

use super::Ask;
use crate::bytes::{Bytes, Out};
use crate::digits::in_digits;
use crate::json::Word;
use crate::model::{Condition, Rule, RuleId, RuleKind, Test, ToolRules};

/// The rules of all tools, and what deciding asks of them.
#[derive(Clone, Debug, Default)]
pub(super) struct Rules {
    rules: Vec<CompiledRule>,
    /// The conditions made ready, in the order of the rules.
    asks: Vec<Ask>,
    /// The texts that some of these compare with.
    words: Vec<Word>,
}

/// The lists of rules, in the order of deciding.
const KINDS: [RuleKind; 3] = [RuleKind::Require, RuleKind::DenyIf, RuleKind::RequireApprovalIf];

#[derive(Clone, Debug)]
pub(crate) struct CompiledRule {
    pub(crate) kind: RuleKind,
    pub(crate) conditions: Arc<[Condition]>,
    pub(crate) on_deny: Option<String>,
    /// The first of its asks, of which there are as many as conditions.
    asks: usize,
    /// Its tool, among the tools; none if it holds for all.
    pub(super) tool: Option<usize>,
    /// Its place in its list.
    at: usize,
}

impl Rules {
    /// Asks for the memory for the rules of these tools at once: what grows is copied again and again.
    pub(super) fn make_room_for(&mut self, tools: &[ToolRules]) {
        // In WebAssembly code must be small.
        if cfg!(target_family = "wasm") {
            return;
        }
        let (mut rules, mut asks): (usize, usize) = (0, 0);
        for tool in tools {
            for list in [&tool.require, &tool.deny_if, &tool.require_approval_if] {
                rules = rules.saturating_add(list.len());
                for rule in list {
                    asks = asks.saturating_add(rule.conditions.len());
                }
            }
        }
        self.rules.reserve_exact(rules);
        self.asks.reserve_exact(asks);
    }

    /// Adds the lists of a tool and says where they are.
    pub(super) fn add(&mut self, tool: usize, lists: &[(RuleKind, &Vec<Rule>)]) -> Range<usize> {
        let start = self.rules.len();
        self.put(Some(tool), lists);
        start..self.rules.len()
    }

    /// The rules of lists that hold for all tools: they stand alone, and nothing else stands here yet.
    pub(super) fn add_all(&mut self, lists: &[(RuleKind, &Vec<Rule>)]) -> Vec<CompiledRule> {
        self.put(None, lists);
        std::mem::take(&mut self.rules)
    }

    fn put(&mut self, tool: Option<usize>, lists: &[(RuleKind, &Vec<Rule>)]) {
        for (kind, list) in lists {
            for (at, rule) in list.iter().enumerate() {
                let asks = self.asks.len();
                for condition in rule.conditions.iter() {
                    self.asks.push(Ask::new(condition, &mut self.words));
                }
                self.rules.push(CompiledRule {
                    kind: *kind,
                    conditions: Arc::clone(&rule.conditions),
                    on_deny: rule.on_deny.clone(),
                    asks,
                    tool,
                    at,
                });
            }
        }
    }

    /// Adds the lists of a tool, or of all, as [`put_lists`] wrote them, and says where they are.
    pub(super) fn take(&mut self, bytes: &mut Bytes<'_>, tool: Option<usize>) -> Range<usize> {
        let start = self.rules.len();
        for kind in KINDS {
            bytes.each(|bytes, at| {
                let asks = self.asks.len();
                let conditions = bytes.list(|bytes| {
                    let condition = Condition::take(bytes);
                    self.asks.push(Ask::new(&condition, &mut self.words));
                    condition
                });
                let (conditions, on_deny) = (conditions.into(), bytes.words());
                self.rules.push(CompiledRule { kind, conditions, on_deny, asks, tool, at });
            });
        }
        start..self.rules.len()
    }

    /// Those that hold for all tools, as the first that are taken.
    pub(super) fn take_all(&mut self, bytes: &mut Bytes<'_>) -> Vec<CompiledRule> {
        self.take(bytes, None);
        std::mem::take(&mut self.rules)
    }

    #[inline]
    pub(super) fn get(&self, range: &Range<usize>) -> &[CompiledRule] {
        self.rules.get(range.start..range.end).unwrap_or_default()
    }

    /// The condition of a rule with this number, and it made ready.
    #[inline]
    pub(super) fn ask<'p>(
        &'p self,
        rule: &'p CompiledRule,
        at: usize,
    ) -> Option<(&'p Condition, &'p Ask)> {
        Some((rule.conditions.get(at)?, self.asks.get(rule.asks.wrapping_add(at))?))
    }

    /// The conditions of a rule, each made ready.
    #[inline]
    pub(super) fn asks(&self, rule: &CompiledRule) -> &[Ask] {
        let end = rule.asks.wrapping_add(rule.conditions.len());
        self.asks.get(rule.asks..end).unwrap_or_default()
    }

    #[inline]
    pub(super) fn words(&self) -> &[Word] {
        &self.words
    }
}

/// Writes the rules of a tool, or of all: a list of each kind. What they are asked by is worked out again.
pub(super) fn put_lists(out: &mut Out, rules: &[CompiledRule]) {
    for kind in KINDS {
        let of_kind: Vec<&CompiledRule> = rules.iter().filter(|rule| rule.kind == kind).collect();
        out.list(of_kind.into_iter(), |out, rule| {
            let CompiledRule { kind: _, conditions, on_deny, asks: _, tool: _, at: _ } = rule;
            out.list(conditions.iter(), |out, condition| condition.put(out));
            out.words(on_deny.as_ref());
        });
    }
}

impl CompiledRule {
    /// Its id, below the pointer of its tool's rules.
    pub(super) fn id(&self, base: &str) -> Arc<RuleId> {
        let rule = [base, "/", self.kind.key(), "/", &in_digits(self.at as u64)].concat();
        let label = label(base, self.kind, &self.conditions).unwrap_or_else(|| rule.clone());
        Arc::new(RuleId { rule, label })
    }
}

/// Whether the same is looked at in the arguments for these rules as for those.
pub(super) fn look_alike(these: &[CompiledRule], those: &[CompiledRule]) -> bool {
    let is_there = |condition: &Condition| matches!(condition.test, Test::Exists(_));
    let like = |(this, that): (&Condition, &Condition)| {
        this.path.value.leads_as(&that.path.value)
            && this.test.looks_inside() == that.test.looks_inside()
            // A plan that asks only whether something is there lets JavaScript leave the value out.
            && is_there(this) == is_there(that)
    };
    these.len() == those.len()
        && these.iter().zip(those).all(|(this, that)| {
            this.conditions.len() == that.conditions.len()
                && this.conditions.iter().zip(that.conditions.iter()).all(like)
        })
}

/// The label of a rule, by its conditions; `None` if it has none.
pub(crate) fn label(base: &str, kind: RuleKind, conditions: &[Condition]) -> Option<String> {
    let mut label = String::with_capacity(base.len().saturating_add(48));
    for condition in conditions {
        if label.is_empty() {
            label.extend([base, "/", kind.key(), "/"]);
        } else {
            label.push('+');
        }
        label.extend([condition.path.value.as_str(), "-", condition.test.operator()]);
    }
    (!label.is_empty()).then_some(label)
}
