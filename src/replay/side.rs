//! One policy as recorded calls run through it.

use std::sync::Arc;

use super::line::Recorded;
use crate::compile::CompiledPolicy;
use crate::evaluate::{self, Doubt, Env, LimitsSay, Partial, RulesSay};
use crate::model::{Effect, RuleId, Time};
use crate::quota::{self, MemoryStore, Reservation};

/// A policy and what its limits have counted.
///
/// While every call could be decided there is one count. From the first on that could not, there are two
/// between which the truth lies: what was counted at least, and at most.
pub(super) struct Side {
    policy: Arc<CompiledPolicy>,
    least: MemoryStore,
    most: Option<MemoryStore>,
    /// Limits of which nothing can be told any more, since somebody unknown may have been counted there.
    untold: Vec<Arc<RuleId>>,
}

/// What becomes of a call.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Verdict {
    /// This, by this rule; `None` for calls that are allowed, and where several could be it.
    Known(Effect, Option<Arc<RuleId>>),
    /// That depends.
    Unknown(Doubt),
}

/// What a call took of the counts.
#[derive(Clone, Debug, Default)]
pub(super) struct Taken {
    least: Reservation,
    most: Reservation,
}

impl Taken {
    /// Whether that is nothing.
    pub(super) fn is_empty(&self) -> bool {
        self.least.is_empty() && self.most.is_empty()
    }
}

impl Side {
    pub(super) fn new(policy: Arc<CompiledPolicy>) -> Side {
        Side { policy, least: MemoryStore::new(), most: None, untold: Vec::new() }
    }

    /// Decides a call, and counts it as far as is known.
    pub(super) fn decide(&mut self, recorded: &Recorded, now: Time) -> (Verdict, Taken) {
        let partial = Partial {
            call: &recorded.call,
            arguments: recorded.arguments,
            grant: recorded.grant,
            session: recorded.session,
        };
        let none = Taken::default;
        match evaluate::rules_say(&self.policy, &partial) {
            RulesSay::Denies(id) => (Verdict::Known(Effect::Deny, id), none()),
            RulesSay::Holds(id) if !recorded.approved => match recorded.call.approval {
                None => (Verdict::Known(Effect::Hold, Some(id)), none()),
                Some(_) => (self.unknown(&partial, Doubt::Approval, now), none()),
            },
            RulesSay::Unknown(doubt) => (self.unknown(&partial, doubt, now), none()),
            RulesSay::Holds(_) | RulesSay::Passes => self.count(&partial, now),
        }
    }

    fn count(&mut self, partial: &Partial<'_>, now: Time) -> (Verdict, Taken) {
        let policy = Arc::clone(&self.policy);
        if evaluate::is_under(&policy, partial.call, &self.untold) {
            return (self.unknown(partial, Doubt::Counted, now), Taken::default());
        }
        let mut env = Env { now, counters: &mut self.least, approvals: None };
        let least = evaluate::count_partly(&policy, partial, &mut env);
        let Some(most) = &mut self.most else {
            return match least {
                LimitsSay::Room(least) => {
                    (Verdict::Known(Effect::Allow, None), Taken { least, ..Taken::default() })
                }
                LimitsSay::Full(id) => (Verdict::Known(Effect::Deny, id), Taken::default()),
                LimitsSay::Unknown(doubt) => (self.unknown(partial, doubt, now), Taken::default()),
            };
        };
        let mut env = Env { now, counters: most, approvals: None };
        let most = evaluate::count_partly(&policy, partial, &mut env);
        let asks = evaluate::asks_counters(&policy, partial.call);
        match (least, most) {
            (LimitsSay::Room(least), LimitsSay::Room(most)) if !asks => {
                (Verdict::Known(Effect::Allow, None), Taken { least, most })
            }
            (LimitsSay::Full(id), LimitsSay::Full(other)) if !asks => {
                let same = id.as_ref().map(|id| &id.rule) == other.as_ref().map(|id| &id.rule);
                (Verdict::Known(Effect::Deny, id.filter(|_| same)), Taken::default())
            }
            (least, _) => {
                // What it counts at least is nothing.
                let doubt = match least {
                    LimitsSay::Room(taken) => {
                        give_back(&taken, &mut self.least);
                        Doubt::Counted
                    }
                    LimitsSay::Full(_) => Doubt::Counted,
                    LimitsSay::Unknown(doubt) => doubt,
                };
                (self.unknown(partial, doubt, now), Taken::default())
            }
        }
    }

    /// A call of which it is not known whether it passes: it may count, or not.
    fn unknown(&mut self, partial: &Partial<'_>, doubt: Doubt, now: Time) -> Verdict {
        let most = self.most.get_or_insert_with(|| self.least.clone());
        let mut env = Env { now, counters: most, approvals: None };
        for limit in evaluate::fill(&self.policy, partial, &mut env) {
            if !self.untold.iter().any(|known| known.rule == limit.rule) {
                self.untold.push(limit);
            }
        }
        Verdict::Unknown(doubt)
    }

    /// Gives back what a call took that failed.
    pub(super) fn give_back(&mut self, taken: &Taken) {
        give_back(&taken.least, &mut self.least);
        if let Some(most) = &mut self.most {
            // Counted before the two counts parted, it is in both.
            let of_both = taken.most.is_empty();
            give_back(if of_both { &taken.least } else { &taken.most }, most);
        }
    }
}

fn give_back(taken: &Reservation, store: &mut MemoryStore) {
    if !taken.is_empty() {
        // The store in memory always answers.
        let _ = quota::give_back(taken, store);
    }
}
