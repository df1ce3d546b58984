//! The store in memory.

use std::collections::BTreeMap;

use super::{Count, CounterKey, CounterStore, Loaded, StoreError, Swap};
use crate::model::Time;

/// Counters in the memory of one engine: gone when it is gone, shared with no other.
///
/// Counters whose window is over are dropped now and then, so that memory follows the number of
/// counters in use. With [`MemoryStore::MAX_COUNTERS`] in use it is full.
#[derive(Clone, Debug)]
pub struct MemoryStore {
    counters: BTreeMap<CounterKey, (Count, u64)>,
    /// Grows with every change, so that no state of a key is mistaken for another.
    version: u64,
    floor: Time,
    /// How many counters there may be before those that are over are looked for.
    sweep_at: usize,
}

impl MemoryStore {
    /// So many counters may be in use at once; about 100 MiB.
    pub const MAX_COUNTERS: usize = 1_000_000;
    /// Fewer are not worth looking through.
    const SWEEP_FROM: usize = 1024;

    /// A store without counters.
    #[must_use]
    pub fn new() -> MemoryStore {
        MemoryStore {
            counters: BTreeMap::new(),
            version: 0,
            floor: Time(0),
            sweep_at: MemoryStore::SWEEP_FROM,
        }
    }

    /// How many counters it keeps, those that are over but not yet dropped included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.counters.len()
    }

    /// Whether it keeps none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.counters.is_empty()
    }

    /// Drops the counters whose window is over at `now`, and remembers that it did.
    fn sweep(&mut self, now: Time) {
        self.floor = self.floor.max(now);
        self.counters.retain(|_, (count, _)| count.window.end(count.start) > now);
        self.sweep_at = self.counters.len().saturating_mul(2).max(MemoryStore::SWEEP_FROM);
    }
}

impl Default for MemoryStore {
    fn default() -> MemoryStore {
        MemoryStore::new()
    }
}

impl CounterStore for MemoryStore {
    fn load(&mut self, key: &CounterKey) -> Result<Loaded, StoreError> {
        let kept = self.counters.get(key);
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
        let kept = self.counters.get(key).map_or(0, |&(_, version)| version);
        if kept != seen.version {
            return Ok(Swap::Changed);
        }
        if kept == 0 && self.counters.len() >= self.sweep_at {
            // A window has begun at `new.start`, so it is at least that late.
            self.sweep(new.start);
        }
        if kept == 0 && self.counters.len() >= MemoryStore::MAX_COUNTERS {
            return Err(StoreError::Full);
        }
        self.version = self.version.saturating_add(1);
        self.counters.insert(*key, (new, self.version));
        Ok(Swap::Kept)
    }
}
