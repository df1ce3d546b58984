//! Entries in the order of time.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::line::Entry;
use crate::model::Time;

/// So many entries wait for earlier ones.
const WAITING: usize = 4096;

/// Puts entries in the order of time that are nearly so: one that comes up to 4,096 entries after later ones is
/// put in its place, whatever files they are from. What comes later than that is behind.
#[derive(Debug, Default)]
pub struct Merge {
    waiting: BTreeMap<Reverse<(Time, u64)>, Entry>,
    number: u64,
}

impl Merge {
    /// Takes an entry, and gives the earliest that need not wait any more.
    pub fn push(&mut self, entry: Entry) -> Option<Entry> {
        self.number = self.number.saturating_add(1);
        self.waiting.insert(Reverse((entry.at, self.number)), entry);
        if self.waiting.len() > WAITING { self.pop() } else { None }
    }

    /// The earliest of those that wait.
    pub fn pop(&mut self) -> Option<Entry> {
        self.waiting.pop_last().map(|(_, entry)| entry)
    }
}
