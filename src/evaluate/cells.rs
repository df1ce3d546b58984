//! The outcomes of conditions whose values are seen one after the other and not kept.

use super::case::Arguments;
use super::condition::strength;
use crate::compile::{CompiledLimit, CompiledPolicy, CompiledRule, Found, Node, Plan};
use crate::model::{Amount, Condition, Outcome, RuleKind, Seen};

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
    pub(super) fn new(
        policy: &'p CompiledPolicy,
        found: Found<'p>,
        room: &'s mut Room,
    ) -> Option<Cells<'p, 's>> {
        let plan = found.plan?;
        let (cells, every) = plan.size();
        room.cells.clear();
        room.cells.resize(cells, Cell { outcome: None, seen: false, full: true });
        room.entered.clear();
        room.entered.resize(every, false);
        room.amounts.clear();
        room.amounts.resize(found.tool.map_or(0, |tool| tool.limits.len()), None);
        Some(Cells { policy, found, plan, room })
    }

    /// The condition of a cell, and the kind of its rule.
    fn condition(&self, cell: u32) -> Option<(&'p Condition, RuleKind)> {
        let place = self.plan.cell(cell)?;
        let own = self.found.tool.map_or(&[][..], |tool| &tool.rules);
        let at = place.rule as usize;
        let rule = match own.get(at) {
            Some(rule) => rule,
            None => self.policy.rules().get(at.checked_sub(own.len())?)?,
        };
        Some((rule.conditions.get(place.condition as usize)?, rule.kind))
    }

    fn fill(&mut self, cell: u32, value: Option<Seen<'_>>) {
        let Some((condition, kind)) = self.condition(cell) else { return };
        let Some(cell) = self.room.cells.get_mut(cell as usize) else { return };
        cell.seen = true;
        let outcome = condition.test.outcome_of(value);
        if cell.outcome.is_none_or(|so_far| strength(kind, outcome) > strength(kind, so_far)) {
            cell.outcome = Some(outcome);
        }
    }

    /// A value of a node was seen.
    pub(super) fn see(&mut self, node: &Node, value: Seen<'_>) {
        for cell in &node.cells {
            self.fill(*cell, Some(value));
        }
        for limit in &node.amounts {
            if let (Some(amount), Seen::Number(number)) =
                (self.room.amounts.get_mut(*limit as usize), value)
            {
                *amount = Amount::taken(number);
            }
        }
    }

    /// A scope begins.
    pub(super) fn begin(&mut self, scope: u32) {
        let Some(scope) = self.plan.scope(scope) else { return };
        for cell in &scope.cells {
            if let Some(cell) = self.room.cells.get_mut(*cell as usize) {
                cell.seen = false;
            }
        }
        for every in &scope.every {
            if let Some(entered) = self.room.entered.get_mut(*every as usize) {
                *entered = false;
            }
        }
    }

    /// A `[*]` has an element in the scope that goes on.
    pub(super) fn enter(&mut self, every: usize) {
        if let Some(entered) = self.room.entered.get_mut(every) {
            *entered = true;
        }
    }

    /// A scope ends: what was not seen in it is missing.
    pub(super) fn end(&mut self, scope: u32) {
        let Some(scope) = self.plan.scope(scope) else { return };
        for cell in &scope.cells {
            if self.room.cells.get(*cell as usize).is_some_and(|cell| !cell.seen) {
                self.fill(*cell, None);
            }
        }
        for number in &scope.every {
            if self.room.entered.get(*number as usize).is_some_and(|entered| *entered) {
                continue;
            }
            for cell in self.plan.every_at(*number).map_or(&[][..], |every| &every.cells) {
                if let Some(cell) = self.room.cells.get_mut(*cell as usize) {
                    cell.full = false;
                }
            }
        }
    }
}

impl Arguments for Cells<'_, '_> {
    fn outcome(&self, rule: &CompiledRule, first: usize) -> Outcome {
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

    fn amount(&self, _: &CompiledLimit, at: usize) -> Option<Amount> {
        self.room.amounts.get(at).copied().flatten()
    }
}
