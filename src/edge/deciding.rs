//! A call that is decided with counters that somebody else keeps, who answers later or not at all.
//!
//! The engine looks at counters and sets them while it decides. Where they are in a file or another
//! process, a host would have to wait in the middle of that. So the call is decided as if all counters
//! were fresh; what would have been counted is asked for, all or none of it; and the call is decided
//! again over what the counters are then known to be: by the engine's own arithmetic, in its own words.

use std::sync::Arc;

use super::{Named, Passage};
use crate::approval::Keys;
use crate::evaluate::{Env, Evaluation, evaluate, looks};
use crate::model::{Amount, Call, Effect, Time};
use crate::quota::{Count, CounterKey, CounterStore, Loaded, Partition, Request, StoreError, Swap};

/// A call on the way to its decision.
#[derive(Clone, Debug)]
pub struct Deciding {
    policy: Option<Arc<Named>>,
    partition: Partition,
    call: Call,
    now: Time,
    known: Known,
    /// What was asked for; empty if nothing is.
    asked: Vec<Request>,
    progress: Progress,
}

/// How far a call is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Progress {
    /// Nothing was asked.
    Begun,
    /// Its counters were asked for.
    Looked,
    /// What it takes was asked for.
    Asked,
    /// It was reserved.
    Reserved,
    /// The store does not answer.
    Failed,
}

/// What happens next.
#[derive(Clone, Debug)]
pub enum Step {
    /// The store is to reserve all of this or nothing, and [`Deciding::answered`] wants to know what it
    /// did. The keys are those within the policy's partition.
    Reserve(Vec<Request>),
    /// The call is decided.
    Decided {
        /// The decision; what it took is in `taken`.
        evaluation: Box<Evaluation>,
        /// What is to be given back if the call fails.
        taken: Vec<Taken>,
        /// What is to be given back at once: it was reserved, and the call is denied.
        in_vain: Vec<Taken>,
    },
}

/// What was taken of one counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    /// The counter.
    pub key: CounterKey,
    /// Where the window begins in which it was taken.
    pub start: Time,
    /// How much.
    pub amount: Amount,
}

impl Deciding {
    /// A call under a policy (`None`: its grant has none).
    #[must_use]
    pub fn new(
        policy: Option<Arc<Named>>,
        server: Option<&str>,
        call: Call,
        now: Time,
    ) -> Deciding {
        let partition = match &policy {
            Some(policy) => policy.partition(server),
            None => Partition::new(""),
        };
        let (known, asked) = (Known::default(), Vec::new());
        Deciding { policy, partition, call, now, known, asked, progress: Progress::Begun }
    }

    /// The call.
    #[must_use]
    pub fn call(&self) -> &Call {
        &self.call
    }

    /// Decides as far as that goes; to be called once at the beginning, and after each answer.
    pub fn go_on(&mut self, keys: &Keys) -> Step {
        let mut told = Told { known: self.known.clone(), unknown: false, taken: Vec::new() };
        let policy = self.policy.as_ref().map(|named| &named.policy);
        let mut env = Env { now: self.now, counters: &mut told, approvals: Some(keys) };
        let evaluation = evaluate(policy, &self.call, &mut env);
        let Told { unknown, taken, .. } = told;
        let allowed = evaluation.decision.effect == Effect::Allow;
        // Preconditions ask how much was counted; of all else it is enough to know whether there is room,
        // which the store says.
        let depends =
            unknown && !(allowed && policy.is_some_and(|policy| !policy.has_preconditions()));
        match self.progress {
            Progress::Begun if depends => {
                let looks = policy.map(|policy| looks(policy, &self.call, keys, self.now));
                self.ask(looks.unwrap_or_default(), Progress::Looked)
            }
            Progress::Begun | Progress::Looked if allowed && !taken.is_empty() && !depends => {
                let max = |key: &CounterKey| {
                    let own = evaluation.reservation.taken().find(|(own, _)| own.key == *key);
                    // What cannot be given back is an approval, which is good for one call.
                    own.map_or(Amount::ONE, |(request, _)| request.max)
                };
                let requests = taken.iter().map(|&(key, window, amount)| Request {
                    key,
                    window,
                    amount,
                    max: max(&key),
                });
                self.ask(requests.collect(), Progress::Asked)
            }
            // It was asked for all that may matter, and something else mattered: that is a fault of ours.
            Progress::Looked if depends => {
                self.failed(Passage::Deny);
                self.go_on(keys)
            }
            // The store had no room where there is some: it is not believed.
            Progress::Asked if allowed => {
                self.failed(Passage::Deny);
                self.go_on(keys)
            }
            Progress::Reserved => {
                let all = self.taken_of(&self.asked);
                let kept = |taken: &Taken| {
                    let own = |(request, _): (Request, Time)| {
                        request.key.within(self.partition) == taken.key
                    };
                    evaluation.reservation.taken().any(own)
                };
                let (taken, in_vain) = match allowed {
                    true => (all.into_iter().filter(kept).collect(), Vec::new()),
                    false => (Vec::new(), all),
                };
                Step::Decided { evaluation: Box::new(evaluation), taken, in_vain }
            }
            _ => Step::Decided {
                evaluation: Box::new(evaluation),
                taken: Vec::new(),
                in_vain: Vec::new(),
            },
        }
    }

    fn ask(&mut self, requests: Vec<Request>, progress: Progress) -> Step {
        let within =
            |request: &Request| Request { key: request.key.within(self.partition), ..*request };
        let asked = requests.iter().map(within).collect();
        (self.asked, self.progress) = (requests, progress);
        Step::Reserve(asked)
    }

    /// What the store did: whether it reserved all that it was asked for, and the counters as they were
    /// before, in the order of the requests; where a window began since, that window with nothing in it.
    /// An answer to something else counts as none.
    pub fn answered(&mut self, reserved: bool, counts: &[(Time, Amount)]) {
        if counts.len() != self.asked.len() {
            return self.failed(Passage::Deny);
        }
        for (request, &(start, used)) in self.asked.iter().zip(counts) {
            self.known.learn(&request.key, Count { window: request.window, start, used });
        }
        match (self.progress, reserved) {
            (Progress::Asked, true) => self.progress = Progress::Reserved,
            (Progress::Looked, true) | (Progress::Asked, false) => {}
            // There is always room for nothing.
            _ => self.failed(Passage::Deny),
        }
    }

    /// The store did not answer. What was burnt where nobody sees it could be used again: a call that
    /// brings an approval is not let through.
    pub fn failed(&mut self, on_failure: Passage) {
        self.progress = Progress::Failed;
        self.known = match on_failure {
            Passage::Allow if self.call.approval.is_none() => Known::Nothing,
            _ => Known::Broken,
        };
    }

    fn taken_of(&self, requests: &[Request]) -> Vec<Taken> {
        let start = |key: &CounterKey| self.known.find(key).map_or(Time(0), |count| count.start);
        let taken = requests.iter().map(|request| Taken {
            key: request.key.within(self.partition),
            start: start(&request.key),
            amount: request.amount,
        });
        taken.collect()
    }
}

/// What is known of counters.
#[derive(Clone, Debug)]
enum Known {
    /// Nothing; all are taken for fresh, whatever is counted.
    Nothing,
    /// They cannot be reached.
    Broken,
    /// These; and of others nothing.
    Some(Vec<(CounterKey, Count)>),
}

impl Default for Known {
    fn default() -> Known {
        Known::Some(Vec::new())
    }
}

impl Known {
    fn find(&self, key: &CounterKey) -> Option<Count> {
        let Known::Some(known) = self else { return None };
        known.iter().find(|(other, _)| other == key).map(|&(_, count)| count)
    }

    fn learn(&mut self, key: &CounterKey, count: Count) {
        let Known::Some(known) = self else { return };
        match known.iter_mut().find(|(other, _)| other == key) {
            Some((_, known)) => *known = count,
            None => known.push((*key, count)),
        }
    }
}

/// Counters of which something is known, while a call is decided.
struct Told {
    known: Known,
    /// Whether one was looked at of which nothing is known.
    unknown: bool,
    /// What was counted, in order.
    taken: Vec<(CounterKey, crate::model::Window, Amount)>,
}

impl CounterStore for Told {
    fn load(&mut self, key: &CounterKey) -> Result<Loaded, StoreError> {
        if matches!(self.known, Known::Broken) {
            return Err(StoreError::Unavailable);
        }
        let count = self.known.find(key);
        self.unknown |= count.is_none() && matches!(self.known, Known::Some(_));
        Ok(Loaded { count, floor: Time(0), version: 0 })
    }

    fn compare_and_set(
        &mut self,
        key: &CounterKey,
        seen: &Loaded,
        new: Count,
    ) -> Result<Swap, StoreError> {
        let before = seen.count.filter(|count| count.start == new.start);
        let amount = new.used.minus(before.map_or(Amount::ZERO, |count| count.used));
        self.taken.push((*key, new.window, amount));
        // A second limit that counts in the same counter sees what the first has counted.
        self.known.learn(key, new);
        Ok(Swap::Kept)
    }
}
