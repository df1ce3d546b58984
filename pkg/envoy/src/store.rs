//! Counters in the data that all workers of a proxy share.
//!
//! That data is a map from names to bytes with a compare-and-set that works only on names that are
//! there already: nothing is inserted "if absent", nothing expires, nothing can be deleted. So there
//! is a fixed table of slots, all made before the first call ([`prepare`]). A counter's slot follows
//! from its key alone, which makes every count exact: there is one place where it can be. A slot
//! holds a handful of counters; a new one takes the place of those whose window is over, and in a
//! slot where all are in use there is no place for it, so the call is denied.

use cattlegrid::model::{Amount, Time, Window};
use cattlegrid::quota::{Change, Count, CounterKey, CounterStore, Loaded, StoreError, Swap};

/// So many slots there are.
pub const SLOTS: u16 = 4096;
/// So many counters fit in one slot. Those of one tool and owner are in one, up to four of them. With
/// 40,000 counters in use at once the chance that some slot is full is one in 200,000 if all come in
/// fours; with 60,000 it is one in 700 in fours, and less than one in a million in pairs.
const COUNTERS_IN_A_SLOT: usize = 64;

/// The data that all workers share, seen as numbered slots.
pub trait Slots {
    /// What is in a slot and the number of that state, which is never 0 and never comes again;
    /// `None` if there is no such slot.
    fn read(&mut self, slot: u16) -> Result<Option<(Vec<u8>, u32)>, StoreError>;

    /// Puts `bytes` in a slot if its state is still `state`; `None` if it does not matter.
    fn write(&mut self, slot: u16, bytes: &[u8], state: Option<u32>) -> Result<Swap, StoreError>;

    /// What is in a slot, and the number of that state.
    fn take(&mut self, slot: u16) -> Result<(Contents, u32), StoreError> {
        let (bytes, state) = self.read(slot)?.ok_or(StoreError::Unavailable)?;
        Ok((Contents::decode(&bytes).ok_or(StoreError::Unavailable)?, state))
    }

    /// Puts that in a slot if its state is still `state`.
    fn put(&mut self, slot: u16, contents: Contents, state: u32) -> Result<Swap, StoreError> {
        self.write(slot, &contents.encode(), Some(state))
    }
}

/// Makes the slots that are not there yet; counters of before stay. To be called when nobody counts
/// in slots that are not there: while the proxy loads its configuration.
///
/// # Errors
/// If the slots cannot be read or written.
pub fn prepare(slots: &mut dyn Slots) -> Result<(), StoreError> {
    let empty = Contents::default().encode();
    for slot in 0..SLOTS {
        if slots.read(slot)?.is_none() {
            slots.write(slot, &empty, None)?;
        }
    }
    Ok(())
}

/// The counters as they are at one moment.
pub struct SharedStore<S> {
    slots: S,
    now: Time,
    /// What was read of slots: none need be read again to be written.
    seen: [Option<Seen>; SEEN],
}

/// The counters of most calls are in one slot or two.
const SEEN: usize = 2;

/// What was read of a slot.
struct Seen {
    slot: u16,
    contents: Contents,
    state: u32,
}

impl<S: Slots> SharedStore<S> {
    /// Windows that are over at `now` may make room for others.
    pub fn new(slots: S, now: Time) -> SharedStore<S> {
        SharedStore { slots, now, seen: [const { None }; SEEN] }
    }

    /// What was read of a slot, which is then not seen any more: it is written, or to be read anew.
    fn take_seen(&mut self, slot: u16) -> Option<(Contents, u32)> {
        let seen = self.seen.iter_mut().find_map(|seen| seen.take_if(|seen| seen.slot == slot))?;
        Some((seen.contents, seen.state))
    }
}

impl<S: Slots> CounterStore for SharedStore<S> {
    fn load(&mut self, key: &CounterKey) -> Result<Loaded, StoreError> {
        let slot = slot_of(key);
        // Whether it is still so, the write says; what could not be written is read again.
        if let Some(seen) = self.seen.iter().flatten().find(|seen| seen.slot == slot) {
            return Ok(seen.contents.load(key, seen.state));
        }
        let (contents, state) = self.slots.take(slot)?;
        let loaded = contents.load(key, state);
        // One that finds no place is read again.
        if let Some(free) = self.seen.iter_mut().find(|seen| seen.is_none()) {
            *free = Some(Seen { slot, contents, state });
        }
        Ok(loaded)
    }

    fn compare_and_set(
        &mut self,
        key: &CounterKey,
        seen: &Loaded,
        new: Count,
    ) -> Result<Swap, StoreError> {
        let slot = slot_of(key);
        let (mut contents, state) = match self.take_seen(slot) {
            Some(seen) => seen,
            None => self.slots.take(slot)?,
        };
        if u64::from(state) != seen.version {
            return Ok(Swap::Changed);
        }
        contents.put(key, new, self.now)?;
        self.slots.put(slot, contents, state)
    }

    fn keeps_together(&self) -> bool {
        true
    }

    fn keep_together(&mut self, changes: &mut [Change]) -> bool {
        let Some(slot) = changes.first().map(|change| slot_of(&change.key)) else { return false };
        if changes.iter().any(|change| slot_of(&change.key) != slot) {
            return false;
        }
        let Some((mut contents, state)) = self.take_seen(slot) else { return false };
        let all = changes.iter().all(|change| {
            change.seen.version == u64::from(state)
                && contents.put(&change.key, change.new, self.now).is_ok()
        });
        all && self.slots.put(slot, contents, state) == Ok(Swap::Kept)
    }
}

/// The slot of a key: twelve of its bits, which are those of a hash.
fn slot_of(key: &CounterKey) -> u16 {
    let [first, second, ..] = key.0;
    u16::from_le_bytes([first, second]).checked_rem(SLOTS).unwrap_or(0)
}

/// What is in a slot: a floor, and counters. As bytes, numbers little-endian: the floor (8), then for
/// each counter its key (16), the window's seconds (4), the window's start (8), millionths used (16).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Contents {
    /// No window that was over at this moment is counted in again: some were forgotten here.
    floor: Time,
    counters: Vec<(CounterKey, Count)>,
}

/// The moment from which a counter makes room for another: when its window is over, or at once if
/// nothing is counted in it, so that calls which all fail upstream fill no slot.
fn forgettable_from(count: &Count) -> Time {
    if count.used == Amount::ZERO { count.start } else { count.window.end(count.start) }
}

const FLOOR_BYTES: usize = 8;
const COUNTER_BYTES: usize = 44;

impl Contents {
    /// What is kept under a key in a slot of this state.
    fn load(&self, key: &CounterKey, state: u32) -> Loaded {
        match self.find(key) {
            // What is there has never been forgotten.
            Some(count) => Loaded { count: Some(count), floor: Time(0), version: state.into() },
            None => Loaded { count: None, floor: self.floor, version: state.into() },
        }
    }

    fn find(&self, key: &CounterKey) -> Option<Count> {
        self.counters.iter().find(|(other, _)| other == key).map(|&(_, count)| count)
    }

    /// Keeps a counter; a new one takes the place of those whose window is over.
    fn put(&mut self, key: &CounterKey, new: Count, now: Time) -> Result<(), StoreError> {
        if let Some((_, count)) = self.counters.iter_mut().find(|(other, _)| other == key) {
            *count = new;
            return Ok(());
        }
        let mut floor = self.floor;
        self.counters.retain(|(_, count)| {
            let end = forgettable_from(count);
            if end <= now {
                floor = floor.max(end);
            }
            end > now
        });
        self.floor = floor;
        if self.counters.len() >= COUNTERS_IN_A_SLOT {
            return Err(StoreError::Full);
        }
        self.counters.push((*key, new));
        Ok(())
    }

    /// As bytes.
    pub fn encode(&self) -> Vec<u8> {
        let size = self.counters.len().saturating_mul(COUNTER_BYTES).saturating_add(FLOOR_BYTES);
        let mut bytes = Vec::with_capacity(size);
        bytes.extend(self.floor.0.to_le_bytes());
        for (key, count) in &self.counters {
            bytes.extend(key.0);
            bytes.extend(count.window.seconds().to_le_bytes());
            bytes.extend(count.start.0.to_le_bytes());
            bytes.extend(count.used.millionths().to_le_bytes());
        }
        bytes
    }

    /// `None` if the bytes are not what [`Contents::encode`] writes.
    fn decode(bytes: &[u8]) -> Option<Contents> {
        let (floor, counters) = bytes.split_first_chunk::<FLOOR_BYTES>()?;
        let counters = counters.chunks(COUNTER_BYTES).map(|bytes| {
            let (key, bytes) = bytes.split_first_chunk()?;
            let (seconds, bytes) = bytes.split_first_chunk()?;
            let (start, bytes) = bytes.split_first_chunk()?;
            let window = Window::from_seconds(u32::from_le_bytes(*seconds).into())?;
            let start = Time(u64::from_le_bytes(*start));
            let used = Amount::from_millionths(u128::from_le_bytes(bytes.try_into().ok()?))?;
            Some((CounterKey(*key), Count { window, start, used }))
        });
        let floor = Time(u64::from_le_bytes(*floor));
        Some(Contents { floor, counters: counters.collect::<Option<_>>()? })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::arithmetic_side_effects)]

    use std::collections::BTreeMap;

    use cattlegrid::quota::{Owner, Request, Reservation, Shortage, give_back, reserve};

    use super::*;

    /// The shared data of a proxy; between a read and a write somebody else may write.
    #[derive(Default)]
    struct Shared {
        slots: BTreeMap<u16, (Vec<u8>, u32)>,
        state: u32,
        others: Vec<CounterKey>,
        /// How often something was read, and written.
        reads: usize,
        writes: usize,
    }

    impl Slots for &mut Shared {
        fn read(&mut self, slot: u16) -> Result<Option<(Vec<u8>, u32)>, StoreError> {
            self.reads += 1;
            Ok(self.slots.get(&slot).cloned())
        }

        fn write(
            &mut self,
            slot: u16,
            bytes: &[u8],
            state: Option<u32>,
        ) -> Result<Swap, StoreError> {
            self.writes += 1;
            if let Some(other) = self.others.pop() {
                take(self, &other, 100, Time(0)).unwrap();
            }
            let kept = self.slots.get(&slot).map(|&(_, kept)| kept);
            if state.is_some() && state != kept {
                return Ok(Swap::Changed);
            }
            self.state += 1;
            self.slots.insert(slot, (bytes.to_vec(), self.state));
            Ok(Swap::Kept)
        }
    }

    fn shared() -> Shared {
        let mut shared = Shared::default();
        prepare(&mut &mut shared).unwrap();
        shared
    }

    fn key(name: &str) -> CounterKey {
        CounterKey::new(Owner::All, None, name, Window::MINUTE)
    }

    /// Keys that share a slot.
    fn neighbours(n: usize) -> Vec<CounterKey> {
        (0..n).map(|n| CounterKey([[7; 8], n.to_le_bytes()].concat().try_into().unwrap())).collect()
    }

    fn take(
        shared: &mut Shared,
        key: &CounterKey,
        max: u64,
        now: Time,
    ) -> Result<Reservation, Shortage> {
        let max = Amount::from_millionths(u128::from(max) * 1_000_000).unwrap();
        let request = Request { key: *key, window: Window::MINUTE, max, amount: Amount::ONE };
        reserve([request].into(), now, &mut SharedStore::new(shared, now))
            .map_err(|refused| refused.why)
    }

    #[test]
    fn counts_and_gives_back() {
        let mut shared = shared();
        let reservation = take(&mut shared, &key("a"), 1, Time(0)).unwrap();
        assert!(take(&mut shared, &key("a"), 1, Time(1)).is_err());
        assert!(take(&mut shared, &key("b"), 1, Time(1)).is_ok());
        give_back(&reservation, &mut SharedStore::new(&mut shared, Time(2))).unwrap();
        assert!(take(&mut shared, &key("a"), 1, Time(3)).is_ok());
        assert!(take(&mut shared, &key("a"), 1, Time(59_999)).is_err());
        assert!(take(&mut shared, &key("a"), 1, Time(60_000)).is_ok());
    }

    #[test]
    fn preparing_again_keeps_what_was_counted() {
        let mut shared = shared();
        assert_eq!(shared.slots.len(), usize::from(SLOTS));
        take(&mut shared, &key("a"), 1, Time(0)).unwrap();
        prepare(&mut &mut shared).unwrap();
        assert!(take(&mut shared, &key("a"), 1, Time(0)).is_err());
    }

    #[test]
    fn counts_exactly_while_others_count_the_same_and_beside_it() {
        let keys = neighbours(2);
        let mut shared = shared();
        shared.others = vec![keys[0], keys[1], keys[0], keys[0]];
        take(&mut shared, &keys[0], 100, Time(0)).unwrap();
        assert!(shared.others.is_empty());
        for _ in 0..96 {
            take(&mut shared, &keys[0], 100, Time(0)).unwrap();
        }
        assert!(take(&mut shared, &keys[0], 100, Time(0)).is_err());
    }

    #[test]
    fn neighbours_are_read_once_and_written_once() {
        let mut keys = neighbours(2);
        let window = Window::MINUTE;
        let max = Amount::from_millionths(100_000_000).unwrap();
        let of = |key: CounterKey| Request { key, window, max, amount: Amount::ONE };
        let both = |shared: &mut Shared, keys: &[CounterKey]| {
            (shared.reads, shared.writes) = (0, 0);
            let requests = keys.iter().map(|key| of(*key)).collect();
            reserve(requests, Time(0), &mut SharedStore::new(&mut *shared, Time(0))).unwrap();
            (shared.reads, shared.writes)
        };
        let mut shared = shared();
        assert_eq!(both(&mut shared, &keys), (1, 1));
        // Somebody was quicker: each alone, and counted once.
        shared.others = vec![keys[1]];
        assert!(both(&mut shared, &keys) > (1, 1));
        keys[1].0[0] += 1;
        assert_eq!(both(&mut shared, &keys), (2, 2), "in two slots");
        keys[1].0[0] -= 1;
        let used = |key: &CounterKey| {
            let slot = shared.slots.get(&slot_of(key)).unwrap();
            Contents::decode(&slot.0).unwrap().find(key).unwrap().used.millionths() / 1_000_000
        };
        assert_eq!(keys.iter().map(used).collect::<Vec<_>>(), [3, 3]);
    }

    #[test]
    fn a_full_slot_denies_until_a_window_is_over() {
        let keys = neighbours(COUNTERS_IN_A_SLOT + 1);
        let mut shared = shared();
        for key in &keys[1..] {
            take(&mut shared, key, 1, Time(0)).unwrap();
        }
        let full = Err(Shortage::Store(StoreError::Full));
        assert_eq!(take(&mut shared, &keys[0], 1, Time(59_999)), full);
        // Those that have a place still count.
        assert!(take(&mut shared, &keys[1], 2, Time(59_999)).is_ok());
        assert!(take(&mut shared, &keys[0], 1, Time(60_000)).is_ok());
    }

    #[test]
    fn what_was_given_back_takes_no_room() {
        let keys = neighbours(COUNTERS_IN_A_SLOT * 3);
        let mut shared = shared();
        for key in &keys {
            let reservation = take(&mut shared, key, 1, Time(70_000)).unwrap();
            give_back(&reservation, &mut SharedStore::new(&mut shared, Time(70_000))).unwrap();
        }
        // Nor does it open an earlier window.
        take(&mut shared, &keys[0], 1, Time(0)).unwrap();
        assert!(take(&mut shared, &keys[0], 1, Time(119_999)).is_err());
    }

    #[test]
    fn what_was_forgotten_is_never_counted_in_again() {
        let keys = neighbours(2);
        let mut shared = shared();
        take(&mut shared, &keys[0], 1, Time(0)).unwrap();
        take(&mut shared, &keys[1], 1, Time(60_000)).unwrap();
        // The clock steps back into the forgotten window: the call counts in the next one.
        take(&mut shared, &keys[0], 1, Time(1)).unwrap();
        assert!(take(&mut shared, &keys[0], 1, Time(2)).is_err());
        assert!(take(&mut shared, &keys[0], 1, Time(119_999)).is_err());
        assert!(take(&mut shared, &keys[0], 1, Time(120_000)).is_ok());
    }

    #[test]
    fn without_slots_or_with_other_bytes_nothing_is_counted() {
        let broken = Err(Shortage::Store(StoreError::Unavailable));
        assert_eq!(take(&mut Shared::default(), &key("a"), 1, Time(0)), broken);
        let mut shared = shared();
        let slot = slot_of(&key("a"));
        for bytes in [vec![], vec![0; 7], vec![0; 9], vec![0; FLOOR_BYTES + COUNTER_BYTES]] {
            shared.slots.insert(slot, (bytes, 1));
            assert_eq!(take(&mut shared, &key("a"), 1, Time(0)), broken);
        }
    }

    #[test]
    fn contents_survive_their_bytes() {
        let count = Count {
            window: Window::DAY,
            start: Time(86_400_000),
            used: Amount::from_millionths(10u128.pow(30) - 1).unwrap(),
        };
        let contents = Contents { floor: Time(7), counters: vec![(key("a"), count); 3] };
        assert_eq!(Contents::decode(&contents.encode()), Some(contents));
    }
}
