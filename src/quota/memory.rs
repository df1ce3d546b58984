//! The store in memory.

use super::runs::Runs;
use super::{Count, CounterKey, CounterStore, Loaded, StoreError, Swap};
use crate::model::Time;

/// Counters in the memory of one engine: gone when it is gone, shared with no other.
///
/// Counters whose window is over are dropped now and then, so that memory follows the number of
/// counters in use. With [`MemoryStore::MAX_COUNTERS`] in use it is full.
#[derive(Clone, Debug)]
pub struct MemoryStore {
    /// By key, as a number. In their order and no hash table: who chooses ids of sessions can look for those
    /// whose keys fall into one bucket, and here it would gain nothing.
    counters: Runs<(Count, u64)>,
    /// Grows with every change, so that no state of a key is mistaken for another.
    version: u64,
    floor: Time,
    /// How many counters there may be before those that are over are looked for.
    sweep_at: usize,
    /// So many counters may be in use at once.
    most: usize,
    /// No counter is over before this moment, so there is nothing to look for.
    first_end: Time,
}

impl MemoryStore {
    /// So many counters may be in use at once; about 100 MiB.
    pub const MAX_COUNTERS: usize = 1_000_000;
    /// Fewer are not worth looking through.
    const SWEEP_FROM: usize = 1024;

    /// A store without counters.
    #[must_use]
    pub fn new() -> MemoryStore {
        MemoryStore::with_room_for(MemoryStore::MAX_COUNTERS)
    }

    /// A store with another bound, so that a test can reach it.
    pub(super) fn with_room_for(most: usize) -> MemoryStore {
        MemoryStore {
            counters: Runs::default(),
            version: 0,
            floor: Time(0),
            sweep_at: MemoryStore::SWEEP_FROM,
            most,
            first_end: Time(u64::MAX),
        }
    }

    /// So many counters it has room for.
    #[cfg(test)]
    pub(super) fn room(&self) -> usize {
        self.most
    }

    /// How many counters it keeps, those that are over but not yet dropped included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.counters.len()
    }

    /// Whether it keeps none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.counters.len() == 0
    }

    /// Makes room for another counter: drops those whose window is over at `now`, if it is time to
    /// look for them, and remembers that it did.
    ///
    /// Whoever fills the store pays for that: below its bound it is looked through when there are
    /// twice as many counters as were kept the last time; at its bound only when a window has ended
    /// since, which is once a second at most.
    fn make_room(&mut self, now: Time) -> Result<(), StoreError> {
        if self.counters.len() >= self.sweep_at && now >= self.first_end {
            self.floor = self.floor.max(now);
            self.first_end = Time(u64::MAX);
            self.counters.retain(|(count, _)| {
                let end = count.window.end(count.start);
                if end > now {
                    self.first_end = self.first_end.min(end);
                }
                end > now
            });
            let twice = self.counters.len().saturating_mul(2);
            self.sweep_at = twice.max(MemoryStore::SWEEP_FROM).min(self.most);
        }
        if self.counters.len() < self.most { Ok(()) } else { Err(StoreError::Full) }
    }
}

impl Default for MemoryStore {
    fn default() -> MemoryStore {
        MemoryStore::new()
    }
}

fn number(key: &CounterKey) -> u128 {
    u128::from_be_bytes(key.0)
}

impl CounterStore for MemoryStore {
    fn load(&mut self, key: &CounterKey) -> Result<Loaded, StoreError> {
        let kept = self.counters.get(number(key));
        Ok(Loaded {
            count: kept.map(|&(count, _)| count),
            floor: self.floor,
            version: kept.map_or(0, |&(_, version)| version),
        })
    }

    fn compare_and_set(
        &mut self,
        key: &CounterKey,
        seen: &Loaded,
        new: Count,
    ) -> Result<Swap, StoreError> {
        let next = self.version.saturating_add(1);
        match self.counters.get_mut(number(key)) {
            Some((count, version)) if *version == seen.version => (*count, *version) = (new, next),
            // With another floor it may have been here since, and been forgotten.
            None if seen.version == 0 && seen.floor == self.floor => {
                // A window has begun at `new.start`, so it is at least that late.
                self.make_room(new.start)?;
                self.first_end = self.first_end.min(new.window.end(new.start));
                self.counters.insert(number(key), (new, next));
            }
            _ => return Ok(Swap::Changed),
        }
        self.version = next;
        Ok(Swap::Kept)
    }
}
