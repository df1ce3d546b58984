//! The outcomes of conditions whose values are seen one after the other and not kept.

use super::case::Arguments;
use super::condition::strength;
use crate::compile::{
    Ask, CompiledLimit, CompiledPolicy, CompiledRule, CompiledTool, Found, Node, Plan, Scope,
};
use crate::model::{Amount, Condition, Fallback, Outcome, RuleKind, Seen};

/// The cells of one plan, being filled; see [`Plan`].
pub(super) struct Cells<'p, 's> {
    policy: &'p CompiledPolicy,
    found: Found<'p>,
    pub(super) plan: &'p Plan,
    room: &'s mut Room,
}

/// Room for cells, to be used again.
#[derive(Clone, Debug, Default)]
pub(super) struct Room {
    cells: Vec<Cell>,
    /// For each `[*]`, whether it had an element in the scope that goes on.
    entered: Vec<bool>,
    /// For each limit of the tool, what there is to count.
    amounts: Vec<Option<Amount>>,
}

/// What one condition made of what it has seen.
#[derive(Clone, Copy, Debug)]
struct Cell {
    /// The outcome that wins; none before the first value.
    outcome: Option<Outcome>,
    /// Whether it has seen something in the scope that goes on.
    seen: bool,
    /// Whether each `[*]` of its path had an element wherever it led to one.
    full: bool,
}

impl<'p, 's> Cells<'p, 's> {
    /// The cells of what was found for a tool, with nothing seen; none if it has no plan.
    #[inline]
    pub(super) fn new(
        policy: &'p CompiledPolicy,
        found: Found<'p>,
        room: &'s mut Room,
    ) -> Option<Cells<'p, 's>> {
        let plan = found.plan?;
        room.cells.clear();
        room.cells.resize(plan.cells().len(), Cell { outcome: None, seen: false, full: true });
        room.entered.clear();
        room.entered.resize(plan.all_every().len(), false);
        room.amounts.clear();
        room.amounts.resize(found.tool.map_or(0, |tool| tool.limits.len()), None);
        Some(Cells { policy, found, plan, room })
    }

    /// The condition of a cell, and the kind of its rule.
    #[inline]
    fn condition(&self, cell: u32) -> Option<(&'p Condition, &'p Ask, RuleKind)> {
        let place = self.plan.cells().get(cell as usize)?;
        let own = self.policy.rules_of(self.found.tool);
        let at = place.rule as usize;
        let rule = match own.get(at) {
            Some(rule) => rule,
            None => self.policy.rules().get(at.checked_sub(own.len())?)?,
        };
        let (condition, ask) = self.policy.ask(rule, place.condition as usize)?;
        Some((condition, ask, rule.kind))
    }

    #[inline]
    fn fill(&mut self, cell: u32, value: Option<Seen<'_>>) {
        let Some((condition, ask, kind)) = self.condition(cell) else { return };
        let Some(cell) = self.room.cells.get_mut(cell as usize) else { return };
        cell.seen = true;
        let outcome = ask.outcome(condition, self.policy.words(), value);
        if cell.outcome.is_none_or(|so_far| strength(kind, outcome) > strength(kind, so_far)) {
            cell.outcome = Some(outcome);
        }
    }

    /// A value of a node was seen.
    #[inline]
    pub(super) fn see(&mut self, node: &Node, value: Seen<'_>) {
        for cell in self.plan.cells_of(node) {
            self.fill(cell, Some(value));
        }
        for limit in &node.amounts {
            if let (Some(amount), Seen::Number(number)) =
                (self.room.amounts.get_mut(*limit as usize), value)
            {
                *amount = Amount::taken(number);
            }
        }
    }

    /// A scope begins; the arguments as one begin with the cells.
    #[inline]
    pub(super) fn begin(&mut self, scope: Scope) {
        for (cell, planned) in self.room.cells.iter_mut().zip(self.plan.cells()) {
            cell.seen &= planned.scope != scope;
        }
        for (entered, every) in self.room.entered.iter_mut().zip(self.plan.all_every()) {
            *entered &= every.outer != scope;
        }
    }

    /// A `[*]` has an element in the scope that goes on.
    #[inline]
    pub(super) fn enter(&mut self, every: u32) {
        if let Some(entered) = self.room.entered.get_mut(every as usize) {
            *entered = true;
        }
    }

    /// A scope ends: what was not seen in it is missing.
    #[inline]
    pub(super) fn end(&mut self, scope: Scope) {
        for (number, planned) in (0..).zip(self.plan.cells()) {
            let seen = self.room.cells.get(number as usize).is_none_or(|cell| cell.seen);
            if planned.scope == scope && !seen {
                self.fill(number, None);
            }
        }
        for (entered, every) in self.room.entered.iter().zip(self.plan.all_every()) {
            if *entered || every.outer != scope {
                continue;
            }
            for cell in &every.cells {
                if let Some(cell) = self.room.cells.get_mut(*cell as usize) {
                    cell.full = false;
                }
            }
        }
    }

    /// Whether nothing speaks against the call and there is nothing to count. Of all other calls it says no, and
    /// they are settled; to settle every call was an eighth of a decision on a JavaScript object.
    #[inline]
    pub(super) fn let_pass(&self) -> bool {
        let Found { hidden, tool, .. } = self.found;
        let no_action = |tool: &CompiledTool| tool.action.is_none();
        let listed = tool.map_or_else(|| self.policy.default() == Fallback::Allow, no_action);
        if hidden || !listed || !self.policy.counts_nothing(tool) {
            return false;
        }
        let (own, all) = (self.policy.rules_of(tool), self.policy.rules());
        // A chain of both would be more code.
        let mut rules =
            (0usize..).map_while(|at| own.get(at).or_else(|| all.get(at.checked_sub(own.len())?)));
        let mut left = self.room.cells.as_slice();
        rules.all(|rule| {
            let Some((cells, rest)) = left.split_at_checked(rule.conditions.len()) else {
                return false;
            };
            left = rest;
            match rule.kind {
                RuleKind::Require => cells.iter().all(Cell::holds),
                _ => cells.iter().any(Cell::fails),
            }
        })
    }
}

impl Arguments for Cells<'_, '_> {
    #[inline]
    fn outcome(&self, _: &CompiledPolicy, rule: &CompiledRule, first: usize) -> Outcome {
        let end = first.saturating_add(rule.conditions.len());
        let Some(cells) = self.room.cells.get(first..end) else {
            return Outcome::Errored;
        };
        let mut outcome = Outcome::Satisfied;
        for cell in cells {
            match cell.outcome {
                Some(Outcome::Satisfied) if rule.kind != RuleKind::Require || cell.full => {}
                Some(Outcome::Errored) => outcome = Outcome::Errored,
                _ => return Outcome::NotSatisfied,
            }
        }
        outcome
    }

    #[inline]
    fn amount(&self, _: &CompiledLimit, at: usize) -> Option<Amount> {
        self.room.amounts.get(at).copied().flatten()
    }
}

impl Cell {
    /// Whether it holds for every element, and for one at least wherever some are looked for.
    #[inline]
    fn holds(&self) -> bool {
        self.outcome == Some(Outcome::Satisfied) && self.full
    }

    /// Whether it does not hold for any.
    #[inline]
    fn fails(&self) -> bool {
        !matches!(self.outcome, Some(Outcome::Satisfied | Outcome::Errored))
    }
}
