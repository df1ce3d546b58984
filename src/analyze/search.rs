//! The search for a call that a question is about: through all choices of values for the variables, of
//! which those are left out that cannot lead there.

use super::space::Space;
use crate::model::{Effect, RuleKind};

/// So many times all searches of one task may ask whether something is still possible.
pub(super) const MAX_STEPS: usize = 4_000_000;
/// One search, at most, and at least.
pub(super) const MOST: usize = 60_000;
const LEAST: usize = 200;

/// What a policy makes of the calls of a tool.
#[derive(Clone, Default)]
pub(super) struct Side {
    /// The same for every call.
    pub(super) fixed: Option<Effect>,
    /// Whether every call that nothing denies is held.
    pub(super) holds: bool,
    pub(super) rules: Vec<(RuleKind, Vec<usize>)>,
    /// What limits ask; not satisfied, a call cannot pass.
    pub(super) amounts: Vec<usize>,
    /// Whether some limit lets nothing pass.
    pub(super) is_shut: bool,
}

/// What is to be found. All of several goals must hold for the call.
#[derive(Clone)]
pub(super) enum Goal<'s> {
    /// The effect is among these.
    Effect(&'s Side, u8),
    /// The outcome of a rule is among these.
    Rule(&'s [usize], u8),
}

/// The bit of an effect.
pub(super) fn effect_bit(effect: Effect) -> u8 {
    match effect {
        Effect::Allow => ALLOW,
        Effect::Deny => DENY,
        Effect::Hold => HOLD,
    }
}

pub(super) const ALLOW: u8 = 1;
pub(super) const DENY: u8 = 2;
pub(super) const HOLD: u8 = 4;

pub(super) const SATISFIED: u8 = 1;
pub(super) const NOT_SATISFIED: u8 = 2;
pub(super) const ERRORED: u8 = 4;

/// What came of a search.
pub(super) enum Sought {
    /// The choice for each variable.
    Found(Vec<usize>),
    /// There is none.
    Nothing,
    /// Nobody knows.
    TooFar,
}

/// Looks for a call that all goals hold for. Takes what it does from `left`; with nothing left it still
/// finds what is near.
pub(super) fn find(space: &Space<'_>, goals: &[Goal<'_>], left: &mut usize) -> Sought {
    let steps = (*left).clamp(LEAST, MOST);
    let mut search = Search { space, goals, masks: vec![0; space.len()], steps };
    let domains: Vec<Vec<usize>> =
        space.variables.iter().map(|variable| (0..variable.values.len()).collect()).collect();
    let solved = search.solve(domains);
    *left = left.saturating_sub(steps.saturating_sub(search.steps));
    match solved {
        Ok(Some(chosen)) => Sought::Found(search.smaller(chosen)),
        Ok(None) => Sought::Nothing,
        Err(TooFar) => Sought::TooFar,
    }
}

struct TooFar;

struct Search<'s, 'p> {
    space: &'s Space<'p>,
    goals: &'s [Goal<'s>],
    /// For each question the outcomes that are still possible.
    masks: Vec<u8>,
    steps: usize,
}

impl Search<'_, '_> {
    fn solve(&mut self, mut domains: Vec<Vec<usize>>) -> Result<Option<Vec<usize>>, TooFar> {
        if !self.prune(&mut domains)? {
            return Ok(None);
        }
        self.set_all(&domains);
        if self.is_certain()
            && let Some(chosen) = self.complete(&domains)
        {
            return Ok(Some(chosen));
        }
        let variables = self.space.variables.iter();
        let undecided =
            domains.iter().zip(variables).enumerate().filter(|(_, (domain, variable))| {
                let open =
                    |ask: &usize| self.masks.get(*ask).is_some_and(|mask| mask.count_ones() > 1);
                domain.len() > 1 && variable.asks.iter().any(open)
            });
        // One around others decides nothing itself, but whether they may be there.
        let around = || {
            let many = domains.iter().enumerate().filter(|(_, domain)| domain.len() > 1);
            many.min_by_key(|(_, domain)| domain.len()).map(|(at, _)| at)
        };
        let next = undecided.min_by_key(|(_, (domain, _))| domain.len()).map(|(at, _)| at);
        let Some(at) = next.or_else(around) else { return Ok(None) };
        for choice in domains.get(at).cloned().unwrap_or_default() {
            let mut narrower = domains.clone();
            if let Some(domain) = narrower.get_mut(at) {
                *domain = vec![choice];
            }
            if let Some(found) = self.solve(narrower)? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// Leaves out what cannot lead there; `false` if nothing is left.
    fn prune(&mut self, domains: &mut [Vec<usize>]) -> Result<bool, TooFar> {
        loop {
            self.around(domains);
            if domains.iter().any(Vec::is_empty) {
                return Ok(false);
            }
            self.set_all(domains);
            self.step()?;
            if !self.is_possible() {
                return Ok(false);
            }
            let mut changed = false;
            for at in 0..domains.len() {
                let Some(domain) = domains.get(at).filter(|domain| domain.len() > 1) else {
                    continue;
                };
                let mut left = Vec::with_capacity(domain.len());
                for choice in domain {
                    self.set(at, &[*choice]);
                    self.step()?;
                    if self.is_possible() {
                        left.push(*choice);
                    }
                }
                self.set(at, &left);
                if left.is_empty() {
                    return Ok(false);
                }
                changed |= left.len() < domain.len();
                if let Some(domain) = domains.get_mut(at) {
                    *domain = left;
                }
            }
            if !changed {
                return Ok(true);
            }
        }
    }

    fn step(&mut self) -> Result<(), TooFar> {
        self.steps = self.steps.checked_sub(1).ok_or(TooFar)?;
        Ok(())
    }

    /// A value is missing where nothing is around it, and there where it must be.
    fn around(&self, domains: &mut [Vec<usize>]) {
        let variables = &self.space.variables;
        for _ in 0..2 {
            for (at, variable) in variables.iter().enumerate() {
                let Some(parent) = variable.parent else { continue };
                let Some(around) = variables.get(parent) else { continue };
                let is_open = |choice: &usize| {
                    around.values.get(*choice).is_some_and(|choice| choice.is_open)
                };
                let is_here = |choice: &usize| {
                    variable.values.get(*choice).is_some_and(|choice| choice.value.is_some())
                };
                let of = |at: usize| domains.get(at).map_or(&[][..], Vec::as_slice);
                let may_be_open = of(parent).iter().any(is_open);
                let must_be_open = of(parent).iter().all(is_open);
                let may_be_here = of(at).iter().any(is_here);
                let may_be_missing = of(at).iter().any(|choice| !is_here(choice));
                if let Some(own) = domains.get_mut(at) {
                    own.retain(|choice| match is_here(choice) {
                        true => may_be_open,
                        false => !(must_be_open && variable.required),
                    });
                }
                let needs_here = variable.required;
                if let Some(outer) = domains.get_mut(parent) {
                    outer.retain(|choice| match is_open(choice) {
                        true => may_be_here || !needs_here && may_be_missing,
                        false => may_be_missing,
                    });
                }
            }
        }
    }

    /// The possible outcomes of the questions about a variable.
    fn set(&mut self, at: usize, domain: &[usize]) {
        let Some(variable) = self.space.variables.get(at) else { return };
        for (place, ask) in variable.asks.iter().enumerate() {
            let outcomes = domain.iter().filter_map(|choice| variable.values.get(*choice));
            let outcomes = outcomes.filter_map(|choice| choice.outcomes.get(place));
            let all = outcomes.fold(0, |all, one| all | one);
            if let Some(mask) = self.masks.get_mut(*ask) {
                *mask = all;
            }
        }
    }

    fn set_all(&mut self, domains: &[Vec<usize>]) {
        for (at, domain) in domains.iter().enumerate() {
            self.set(at, domain);
        }
    }

    fn is_possible(&self) -> bool {
        self.goals.iter().all(|goal| self.reached(goal).0)
    }

    /// Whether it holds whatever is chosen.
    fn is_certain(&self) -> bool {
        self.goals.iter().all(|goal| self.reached(goal).1)
    }

    /// Whether a goal can hold, and whether it must.
    fn reached(&self, goal: &Goal<'_>) -> (bool, bool) {
        let (possible, wanted) = match goal {
            Goal::Effect(side, wanted) => (self.effects(side), wanted),
            Goal::Rule(asks, wanted) => (self.rule(asks), wanted),
        };
        (possible & wanted != 0, possible & !wanted == 0)
    }

    /// The outcomes that a rule may still have.
    fn rule(&self, asks: &[usize]) -> u8 {
        let (mut some, mut all_satisfied, mut may_err, mut all_not_less) = (0u8, true, false, true);
        for ask in asks {
            let mask = self.masks.get(*ask).copied().unwrap_or(0);
            some |= mask & NOT_SATISFIED;
            all_satisfied &= mask & SATISFIED != 0;
            may_err |= mask & ERRORED != 0;
            all_not_less &= mask & (SATISFIED | ERRORED) != 0;
        }
        let satisfied = if all_satisfied { SATISFIED } else { 0 };
        let errored = if may_err && all_not_less { ERRORED } else { 0 };
        some | satisfied | errored
    }

    /// The effects that a policy may still have.
    fn effects(&self, side: &Side) -> u8 {
        if let Some(effect) = side.fixed {
            return effect_bit(effect);
        }
        let (mut deny, mut pass, mut free, mut hold) = (false, true, true, side.holds);
        for (kind, asks) in &side.rules {
            let outcomes = self.rule(asks);
            let (denies, holds, lets) = match kind {
                RuleKind::Require | RuleKind::Precondition => {
                    (NOT_SATISFIED | ERRORED, 0, SATISFIED)
                }
                RuleKind::DenyIf => (SATISFIED | ERRORED, 0, NOT_SATISFIED),
                RuleKind::RequireApprovalIf => (ERRORED, SATISFIED, NOT_SATISFIED),
            };
            deny |= outcomes & denies != 0;
            hold |= outcomes & holds != 0;
            pass &= outcomes & (holds | lets) != 0;
            free &= outcomes & lets != 0;
        }
        let free = pass && free && !side.holds;
        let (mut fits, mut may_not_fit) = (!side.is_shut, side.is_shut);
        for ask in &side.amounts {
            let mask = self.masks.get(*ask).copied().unwrap_or(0);
            fits &= mask & SATISFIED != 0;
            may_not_fit |= mask & NOT_SATISFIED != 0;
        }
        let allow = if free && fits { ALLOW } else { 0 };
        let deny = if deny || free && may_not_fit { DENY } else { 0 };
        allow | deny | if hold && pass { HOLD } else { 0 }
    }

    /// A choice for each variable from what is left, the smallest.
    fn complete(&self, domains: &[Vec<usize>]) -> Option<Vec<usize>> {
        let mut chosen = Vec::with_capacity(domains.len());
        for (domain, variable) in domains.iter().zip(&self.space.variables) {
            let fits = |choice: &&usize| {
                self.fits(variable.parent, variable.required, &chosen, {
                    variable.values.get(**choice).is_some_and(|choice| choice.value.is_some())
                })
            };
            chosen.push(*domain.iter().find(fits)?);
        }
        Some(chosen)
    }

    /// Whether a value may be here, or missing, beside what was chosen before.
    fn fits(&self, parent: Option<usize>, required: bool, chosen: &[usize], is_here: bool) -> bool {
        let Some(parent) = parent else { return true };
        let around = self.space.variables.get(parent).zip(chosen.get(parent));
        let around = around.and_then(|(variable, choice)| variable.values.get(*choice));
        match around.is_some_and(|choice| choice.is_open) {
            true => is_here || !required,
            false => !is_here,
        }
    }

    /// The same call with all that can be smaller made so, one variable after the other.
    fn smaller(&mut self, mut chosen: Vec<usize>) -> Vec<usize> {
        for _ in 0..3 {
            let before = chosen.clone();
            for at in (0..chosen.len()).rev() {
                let Some(now) = chosen.get(at).copied() else { break };
                for choice in 0..now {
                    let mut other = chosen.clone();
                    if let Some(own) = other.get_mut(at) {
                        *own = choice;
                    }
                    if self.holds(&other) {
                        chosen = other;
                        break;
                    }
                }
            }
            if chosen == before {
                break;
            }
        }
        chosen
    }

    /// Whether these choices are a call that all goals hold for.
    fn holds(&mut self, chosen: &[usize]) -> bool {
        for (at, variable) in self.space.variables.iter().enumerate() {
            let Some(choice) = chosen.get(at) else { return false };
            let is_here = variable.values.get(*choice).is_some_and(|choice| choice.value.is_some());
            if !self.fits(variable.parent, variable.required, chosen, is_here) {
                return false;
            }
            self.set(at, &[*choice]);
        }
        self.is_possible() && self.is_certain()
    }
}
