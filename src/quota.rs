//! Limits at work: counters in fixed windows, reserved all or none, and given back.
//!
//! The room knows no clock and no place to keep counters: time comes as a number, and whoever runs
//! the engine brings a [`CounterStore`].

mod key;
mod memory;
mod reserve;
mod runs;
#[cfg(test)]
mod tests;

pub use key::{CounterKey, Counters, Grant, Label, Owner, OwnerKey, Partition};
pub use memory::MemoryStore;
pub use reserve::{
    MAX_TRIES, Refused, Request, Requests, Reservation, Reserved, Shortage, give_back, look,
    reserve,
};

use crate::model::{Amount, Time, Window};

/// Where counters are kept: load, and compare and set.
///
/// A store may be shared by many engines at once. It may forget counters whose window is over, but
/// must then say so by [`Loaded::floor`].
pub trait CounterStore {
    /// What is kept under a key.
    ///
    /// # Errors
    /// If the store cannot tell.
    fn load(&mut self, key: &CounterKey) -> Result<Loaded, StoreError>;

    /// Keeps `new` under the key if nothing has been kept since `seen` was loaded.
    ///
    /// # Errors
    /// If the store cannot keep it, or cannot tell whether it did.
    fn compare_and_set(
        &mut self,
        key: &CounterKey,
        seen: &Loaded,
        new: Count,
    ) -> Result<Swap, StoreError>;

    /// Whether it is worth while to ask it to keep several at once.
    fn keeps_together(&self) -> bool {
        false
    }

    /// Keeps several at once if the store can do that and nothing has been kept under any of them since
    /// they were loaded; each has a key of its own. Whether it did: if not, nothing was kept, and each is
    /// to be kept alone. Who passes them on to another store may change their keys.
    fn keep_together(&mut self, changes: &mut [Change]) -> bool {
        let _ = changes;
        false
    }
}

/// What is to be kept under a key.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Change {
    /// The key.
    pub key: CounterKey,
    /// What was loaded.
    pub seen: Loaded,
    /// What is kept in its place.
    pub new: Count,
}

/// What a store has under a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loaded {
    /// The counter; `None` if there is none, or none any more.
    pub count: Option<Count>,
    /// The store may have forgotten windows that were over at this moment, so none that was is to be
    /// counted in again.
    pub floor: Time,
    /// Tells this state from every other of the same key; the store's own.
    pub version: u64,
}

/// A counter: how much was counted in one window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    /// The length of the window.
    pub window: Window,
    /// Where it begins.
    pub start: Time,
    /// How much was counted in it.
    pub used: Amount,
}

/// Whether a value was kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Swap {
    /// It was.
    Kept,
    /// Somebody was quicker: load again.
    Changed,
}

/// Why a store did not answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreError {
    /// It cannot be reached or is broken.
    Unavailable,
    /// It has no place for another counter.
    Full,
    /// Others were quicker too many times.
    Contended,
}

impl StoreError {
    /// What people read; also its `Display`.
    #[must_use]
    pub fn message(self) -> &'static str {
        match self {
            StoreError::Unavailable => "the counters cannot be reached",
            StoreError::Full => "there is no place for another counter",
            StoreError::Contended => "the counter is in use by too many calls at once",
        }
    }
}

impl std::fmt::Display for StoreError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.message())
    }
}
