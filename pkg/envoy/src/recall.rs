//! The slot in which one worker wrote last, as it left it: what a proxy answers with bytes is most of what it
//! costs to ask, and where one client calls one tool after another the worker would only be told what it
//! wrote itself.
//!
//! Whether the slot is still so, the next write says. The numbers of states only grow, and nobody tells
//! us which number a write got; but if the next write over one more than the number we wrote over is kept,
//! the slot is as we left it: had somebody else that number in this slot before our write, ours would not
//! have been kept, and after it the slot has ours, which is that or a larger one for good. So nothing may
//! be decided by what is recalled but what is then written.

use std::cell::RefCell;

use cattlegrid::model::Time;
use cattlegrid::quota::{StoreError, Swap};

use crate::store::{Contents, Slots};

/// What one worker recalls.
#[derive(Debug, Default)]
pub struct Recall(RefCell<Known>);

#[derive(Debug, Default)]
struct Known {
    last: Option<Last>,
    /// Whether it was right when it was looked at last. Where others write between, it rarely is, and a
    /// write in vain costs more than is won.
    is_right: bool,
}

/// A slot as it was left.
#[derive(Debug)]
struct Last {
    slot: u16,
    /// `None` if it was given away and nothing was written since.
    contents: Option<Contents>,
    state: u32,
    at: Time,
}

/// For so long it is recalled, in milliseconds: no proxy writes four thousand million times in it, after
/// which the numbers of states would come again.
const MOST: u64 = 10_000;

/// Slots of which the last is not read again, for decisions that are written.
pub struct Recalling<'a, S> {
    /// The slots.
    pub slots: S,
    /// What is recalled of them; `None` where something is decided that is not written.
    pub recall: Option<&'a Recall>,
    /// The time.
    pub now: Time,
}

impl<S: Slots> Slots for Recalling<'_, S> {
    fn read(&mut self, slot: u16) -> Result<Option<(Vec<u8>, u32)>, StoreError> {
        self.slots.read(slot)
    }

    fn write(&mut self, slot: u16, bytes: &[u8], state: Option<u32>) -> Result<Swap, StoreError> {
        self.slots.write(slot, bytes, state)
    }

    fn take(&mut self, slot: u16) -> Result<(Contents, u32), StoreError> {
        let Some(recall) = self.recall else { return self.slots.take(slot) };
        let mut known = recall.0.borrow_mut();
        let Known { last, is_right } = &mut *known;
        let is_new = |last: &&mut Last| {
            let passed = self.now.0.checked_sub(last.at.0);
            last.slot == slot && passed.is_some_and(|passed| passed < MOST)
        };
        let Some(last) = last.as_mut().filter(is_new) else {
            return self.slots.take(slot);
        };
        if let Some(contents) = last.contents.take_if(|_| *is_right) {
            return Ok((contents, last.state));
        }
        let found = self.slots.take(slot)?;
        *is_right = found.1 == last.state;
        Ok(found)
    }

    fn put(&mut self, slot: u16, contents: Contents, state: u32) -> Result<Swap, StoreError> {
        let Some(recall) = self.recall else { return self.slots.put(slot, contents, state) };
        let swap = self.slots.write(slot, &contents.encode(), Some(state));
        let known = &mut *recall.0.borrow_mut();
        match (swap, state.checked_add(1)) {
            (Ok(Swap::Kept), Some(state)) => {
                let last = Last { slot, contents: Some(contents), state, at: self.now };
                // Of another slot it is not known whether it would be right.
                known.is_right &= known.last.replace(last).is_some_and(|other| other.slot == slot);
            }
            _ => *known = Known::default(),
        }
        swap
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::arithmetic_side_effects)]

    use std::cell::Cell;
    use std::collections::BTreeMap;

    use cattlegrid::model::{Amount, Window};
    use cattlegrid::quota::{CounterKey, Request, reserve};

    use crate::store::{SLOTS, SharedStore, prepare};

    use super::*;

    /// Shared data that numbers all its writes, or those of each slot.
    struct Table {
        slots: RefCell<BTreeMap<u16, (Vec<u8>, u32)>>,
        writes: Cell<u32>,
        reads: Cell<u32>,
        numbers_each: bool,
    }

    impl Slots for &Table {
        fn read(&mut self, slot: u16) -> Result<Option<(Vec<u8>, u32)>, StoreError> {
            self.reads.set(self.reads.get() + 1);
            Ok(self.slots.borrow().get(&slot).cloned())
        }

        fn write(
            &mut self,
            slot: u16,
            bytes: &[u8],
            state: Option<u32>,
        ) -> Result<Swap, StoreError> {
            let mut slots = self.slots.borrow_mut();
            let there = slots.get(&slot).map(|(_, there)| *there);
            if state.is_some() && state != there {
                return Ok(Swap::Changed);
            }
            self.writes.set(self.writes.get() + 1);
            let number = if self.numbers_each { there.unwrap_or(0) + 1 } else { self.writes.get() };
            slots.insert(slot, (bytes.to_vec(), number));
            Ok(Swap::Kept)
        }
    }

    fn table(numbers_each: bool) -> Table {
        let (slots, writes, reads) = Default::default();
        let table = Table { slots, writes, reads, numbers_each };
        prepare(&mut &table).unwrap();
        table.reads.set(0);
        table
    }

    fn take(table: &Table, recall: &Recall, key: u8, now: Time) -> bool {
        let slots = Recalling { slots: table, recall: Some(recall), now };
        let max = Amount::from_millionths(200_000_000).unwrap();
        let key = CounterKey([key; 16]);
        let request = Request { key, window: Window::DAY, max, amount: Amount::ONE };
        reserve([request].into(), now, &mut SharedStore::new(slots, now)).is_ok()
    }

    #[test]
    fn what_a_worker_wrote_itself_is_read_again_once() {
        for numbers_each in [false, true] {
            let (table, recall) = (table(numbers_each), Recall::default());
            for _ in 0..10 {
                assert!(take(&table, &recall, 1, Time(0)));
            }
            // The first time, and then to see whether what is recalled is right: where all writes have
            // numbers, it is not yet behind one that was long ago.
            let reads = if numbers_each { 2 } else { 3 };
            assert_eq!(table.reads.get(), reads);
            assert!(take(&table, &recall, 1, Time(MOST)));
            assert_eq!(table.reads.get(), reads + 1);
        }
    }

    #[test]
    fn others_are_seen() {
        let table = table(false);
        let (one, other) = (Recall::default(), Recall::default());
        for _ in 0..100 {
            assert!(take(&table, &one, 1, Time(0)) && take(&table, &other, 1, Time(0)));
        }
        assert!(!take(&table, &one, 1, Time(0)) && !take(&table, &other, 1, Time(0)));
        // Who is never right tries it no more.
        let tries = table.reads.get();
        assert!((200..=210).contains(&tries), "{tries}");
    }

    #[test]
    fn no_count_is_lost_in_whatever_order_workers_count() {
        for numbers_each in [false, true] {
            let table = table(numbers_each);
            let workers = [(); 3].map(|()| Recall::default());
            let (mut kept, mut seed) = ([0; 4], 7_u32);
            while kept.iter().sum::<u32>() < 800 {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let (worker, key) = (seed >> 16 & 7, (seed >> 20 & 3) as u8);
                // Often the same one several times.
                let worker = &workers[usize::try_from(worker.saturating_sub(5)).unwrap()];
                let many = if seed >> 24 & 1 == 0 { 1 } else { 5 };
                for _ in 0..many {
                    let room = kept[usize::from(key)] < 200;
                    let took = take(&table, worker, key, Time(0));
                    // What is recalled may be full of what is no longer: then it is read, elsewhere.
                    assert!(room || !took, "{kept:?}");
                    kept[usize::from(key)] += u32::from(took);
                }
            }
            assert_eq!(kept, [200; 4]);
            assert!(table.reads.get() < table.writes.get() - u32::from(SLOTS));
        }
    }
}
