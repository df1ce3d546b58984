//! The counters of one policy at one server, as the engine sees them while a call is decided.

use cattlegrid::edge::{Named, Passage};
use cattlegrid::model::Time;
use cattlegrid::quota::{
    Change, Count, CounterKey, CounterStore, Loaded, Partition, StoreError, Swap,
};

use crate::host::SharedData;
use crate::store::{SharedStore, Slots};

/// Those of all policies and servers are in one table, each under a name of its own.
pub struct Counters<S = SharedData> {
    store: SharedStore<S>,
    partition: Partition,
    on_failure: Passage,
    /// Whether the table did not answer.
    failed: bool,
}

impl Counters {
    /// The counters of a policy for calls at one moment. `on_failure` says what becomes of a call that
    /// cannot be counted.
    pub fn new(policy: &Named, server: Option<&str>, now: Time, on_failure: Passage) -> Counters {
        Counters::among(SharedData, policy, server, now, on_failure)
    }
}

impl<S: Slots> Counters<S> {
    /// The same in other slots.
    pub fn among(
        slots: S,
        policy: &Named,
        server: Option<&str>,
        now: Time,
        on_failure: Passage,
    ) -> Counters<S> {
        let partition = policy.partition(server);
        Counters { store: SharedStore::new(slots, now), partition, on_failure, failed: false }
    }

    /// Whether the table did not answer at least once.
    pub fn failed(&self) -> bool {
        self.failed
    }

    /// The answer in place of one that did not come.
    fn instead<T>(&mut self, answer: Result<T, StoreError>, free: T) -> Result<T, StoreError> {
        match answer {
            // A table without room is no failure of it: whoever fills it must not open it.
            Err(StoreError::Unavailable) => {
                self.failed = true;
                match self.on_failure {
                    Passage::Allow => Ok(free),
                    Passage::Deny => answer,
                }
            }
            answer => answer,
        }
    }
}

impl<S: Slots> CounterStore for Counters<S> {
    fn load(&mut self, key: &CounterKey) -> Result<Loaded, StoreError> {
        let loaded = self.store.load(&key.within(self.partition));
        self.instead(loaded, Loaded { count: None, floor: Time(0), version: 0 })
    }

    fn compare_and_set(
        &mut self,
        key: &CounterKey,
        seen: &Loaded,
        new: Count,
    ) -> Result<Swap, StoreError> {
        let swap = self.store.compare_and_set(&key.within(self.partition), seen, new);
        self.instead(swap, Swap::Kept)
    }

    fn keeps_together(&self) -> bool {
        true
    }

    fn keep_together(&mut self, changes: &mut [Change]) -> bool {
        for change in &mut *changes {
            change.key = change.key.within(self.partition);
        }
        self.store.keep_together(changes)
    }
}
