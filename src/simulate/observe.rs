//! What the calls of each step are decided as, to be written down as what is expected of them.

use super::run::run;
use super::scenario::Scenario;
use crate::compile::CompiledPolicy;
use crate::model::{Amount, Decision, Effect};

/// What all repetitions of a step have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    /// The effect.
    pub effect: Common<Effect>,
    /// The rule id; `None` for calls that are allowed.
    pub rule: Common<Option<String>>,
    /// What the caller reads.
    pub message: Common<Option<String>>,
    /// What remains of the first limit that the decision lists.
    pub remaining: Common<Option<Amount>>,
}

/// Something of several decisions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Common<T> {
    /// It is the same in all of them.
    Same(T),
    /// It is not.
    Differs,
}

impl<T: PartialEq> Common<T> {
    fn join(&mut self, other: &Common<T>) {
        if self != other {
            *self = Common::Differs;
        }
    }

    /// What it is in all of them.
    pub fn same(&self) -> Option<&T> {
        match self {
            Common::Same(value) => Some(value),
            Common::Differs => None,
        }
    }
}

impl Observed {
    fn of(decision: &Decision) -> Observed {
        let remaining = decision.limits.first().and_then(|limit| limit.remaining);
        Observed {
            effect: Common::Same(decision.effect),
            rule: Common::Same(decision.id.as_ref().map(|id| id.rule.clone())),
            message: Common::Same(decision.message.clone()),
            remaining: Common::Same(remaining),
        }
    }

    fn join(&mut self, other: &Observed) {
        self.effect.join(&other.effect);
        self.rule.join(&other.rule);
        self.message.join(&other.message);
        self.remaining.join(&other.remaining);
    }
}

/// What the steps of each group are decided as, in the order of the file.
#[must_use]
pub fn observe(scenario: &Scenario, policy: &CompiledPolicy) -> Vec<Vec<Option<Observed>>> {
    let mut all: Vec<Vec<Option<Observed>>> =
        scenario.groups.iter().map(|group| vec![None; group.steps.len()]).collect();
    for result in run(scenario, policy) {
        let step = all.get_mut(result.group).and_then(|group| group.get_mut(result.step));
        let Some(step) = step else { continue };
        let new = Observed::of(&result.decision);
        match step {
            Some(known) => known.join(&new),
            None => *step = Some(new),
        }
    }
    all
}
