use super::*;
use crate::model::Scope;

const SECOND: u64 = 1000;

fn request(name: &str, max: u64, amount: u64) -> Request {
    let window = Window::MINUTE;
    let key = CounterKey::new(Owner::Grant(Some("g")), Some("t"), name, window);
    let amount_of = |n: u64| Amount::from_millionths(u128::from(n) * 1_000_000).unwrap();
    Request { key, window, max: amount_of(max), amount: amount_of(amount) }
}

fn remaining(store: &mut dyn CounterStore, request: &Request, now: Time) -> u128 {
    look(request, now, store).unwrap().0.remaining.millionths() / 1_000_000
}

#[test]
fn max_lets_so_many_through_and_denies_the_next() {
    let mut store = MemoryStore::new();
    let limit = request("c", 10, 1);
    for n in 0..10 {
        let taken = reserve([limit].into(), Time(n), &mut store).unwrap();
        let left = Amount::from_millionths(u128::from(9 - n) * 1_000_000).unwrap();
        let state = Reserved { remaining: left, end: Time(60 * SECOND) };
        assert_eq!(taken.states().collect::<Vec<_>>(), [state]);
    }
    let refused = reserve([limit].into(), Time(10), &mut store).unwrap_err();
    let full = Reserved { remaining: Amount::ZERO, end: Time(60 * SECOND) };
    assert_eq!(refused, Refused { at: 0, why: Shortage::Full(full) });
    assert!(reserve([limit].into(), Time(60 * SECOND), &mut store).is_ok());
}

#[test]
fn all_are_reserved_or_none() {
    let mut store = MemoryStore::new();
    let (wide, narrow) = (request("wide", 10, 1), request("narrow", 1, 1));
    assert!(reserve([wide, narrow].into(), Time(0), &mut store).is_ok());
    assert_eq!(reserve([wide, narrow].into(), Time(0), &mut store).unwrap_err().at, 1);
    assert_eq!(remaining(&mut store, &wide, Time(0)), 9);
}

#[test]
fn what_was_taken_before_one_turned_out_full_is_given_back() {
    let mut store = MemoryStore::new();
    // Each has room when it is looked at, as if another call came between.
    let limit = request("c", 1, 1);
    assert_eq!(reserve([limit, limit].into(), Time(0), &mut store).unwrap_err().at, 1);
    assert_eq!(remaining(&mut store, &limit, Time(0)), 1);
}

#[test]
fn says_that_something_could_not_be_given_back() {
    let mut store = MemoryStore::new();
    let taken = reserve([request("c", 1, 1)].into(), Time(0), &mut store).unwrap();
    assert!(!taken.is_empty());
    assert_eq!(give_back(&taken, &mut Failing(store, 0)), Err(StoreError::Unavailable));
}

#[test]
fn gives_back_in_its_own_window_only() {
    let mut store = MemoryStore::new();
    let limit = request("c", 5, 2);
    let first = reserve([limit].into(), Time(0), &mut store).unwrap();
    give_back(&first, &mut store).unwrap();
    assert_eq!(remaining(&mut store, &limit, Time(0)), 5);
    let late = reserve([limit].into(), Time(59 * SECOND), &mut store).unwrap();
    reserve([limit].into(), Time(60 * SECOND), &mut store).unwrap();
    give_back(&late, &mut store).unwrap();
    assert_eq!(remaining(&mut store, &limit, Time(60 * SECOND)), 3);
}

#[test]
fn a_clock_that_steps_back_opens_nothing_again() {
    let mut store = MemoryStore::new();
    let limit = request("c", 2, 1);
    reserve([limit].into(), Time(0), &mut store).unwrap();
    reserve([limit].into(), Time(61 * SECOND), &mut store).unwrap();
    assert_eq!(remaining(&mut store, &limit, Time(0)), 1);
    reserve([limit].into(), Time(30 * SECOND), &mut store).unwrap();
    assert!(reserve([limit].into(), Time(0), &mut store).is_err());
    assert!(reserve([limit].into(), Time(119 * SECOND), &mut store).is_err());
}

#[test]
fn forgets_what_is_over_and_never_counts_in_it_again() {
    let mut store = MemoryStore::new();
    let used_up = request("used up", 1, 1);
    reserve([used_up].into(), Time(0), &mut store).unwrap();
    for n in 0..5000u64 {
        let limit = request(&n.to_string(), 1, 1);
        reserve([limit].into(), Time(n * 60 * SECOND), &mut store).unwrap();
    }
    assert!(store.len() < 3000, "{}", store.len());
    // Its counter is gone, but the clock does not lead back into its window.
    assert!(reserve([used_up].into(), Time(0), &mut store).is_ok());
    assert!(reserve([used_up].into(), Time(0), &mut store).is_err());
    assert!(look(&used_up, Time(0), &mut store).unwrap().0.end > Time(60 * SECOND));
}

#[test]
fn a_full_store_has_room_again_when_a_window_is_over() {
    assert_eq!(MemoryStore::new().room(), MemoryStore::MAX_COUNTERS);
    const MOST: usize = 10_000;
    let mut store = MemoryStore::with_room_for(MOST);
    let mut count = |n: usize, window: Window, now: u64| {
        let key = CounterKey((n as u128).to_be_bytes());
        let request = Request { key, window, ..request("c", 2, 1) };
        let taken = reserve([request].into(), Time(now), &mut store);
        (taken.err().map(|refused| refused.why), store.len())
    };
    let full = Some(Shortage::Store(StoreError::Full));
    for n in 0..MOST {
        // Most of them end first, so that few are left when they do.
        let window = if n % 10 == 0 { Window::DAY } else { Window::MINUTE };
        assert_eq!(count(n, window, 0), (None, n + 1));
    }
    assert_eq!(count(MOST, Window::MINUTE, 59_999), (full, MOST));
    assert_eq!(count(0, Window::DAY, 59_999), (None, MOST), "what is counted has its place");
    assert_eq!(count(MOST, Window::MINUTE, 60_000), (None, MOST / 10 + 1));
    // And with more than half of them in use.
    for n in MOST / 10 + 2..=MOST {
        assert_eq!(count(MOST + n, Window::HOUR, 60_000), (None, n));
    }
    assert_eq!(count(3 * MOST, Window::HOUR, 60_001), (full, MOST));
    assert_eq!(count(3 * MOST, Window::MINUTE, 120_000), (None, MOST), "one minute is over");
    assert_eq!(count(4 * MOST, Window::HOUR, 3_599_999), (full, MOST));
    assert_eq!(count(4 * MOST, Window::HOUR, 3_600_000), (None, MOST / 10 + 1));
}

#[test]
fn what_a_look_through_kept_is_looked_for_when_it_ends() {
    const MOST: usize = 2_000;
    let mut store = MemoryStore::with_room_for(MOST);
    assert!(store.is_empty());
    let mut count = |n: usize, window: Window, now: u64| {
        let request =
            Request { key: CounterKey((n as u128).to_be_bytes()), window, ..request("c", 2, 1) };
        reserve([request].into(), Time(now * SECOND), &mut store).map_err(|refused| refused.why)
    };
    // A day begins: hours are counted, then, as if the clock stepped back, minutes before them, which
    // the first day forgets. The other days fill the room.
    const DAY: u64 = 86_400;
    for n in 0..MOST / 2 {
        assert!(count(n, Window::HOUR, DAY).is_ok());
    }
    for n in MOST / 2..MOST {
        assert!(count(n, Window::MINUTE, 0).is_ok());
    }
    for n in MOST..MOST + MOST / 2 {
        assert!(count(n, Window::DAY, DAY).is_ok());
    }
    let full = Shortage::Store(StoreError::Full);
    assert_eq!(count(3 * MOST, Window::MINUTE, DAY + 3_599), Err(full));
    assert!(count(3 * MOST, Window::HOUR, DAY + 3_600).is_ok());
    assert!(!store.is_empty() && store.len() <= MOST / 2 + 1, "{}", store.len());
}

/// Between a load and its set a counter may have come and been forgotten.
#[test]
fn what_was_seen_before_the_store_forgot_is_not_set() {
    let mut store = MemoryStore::new();
    let late = request("late", 1, 1);
    let seen = store.load(&late.key).unwrap();
    reserve([late].into(), Time(0), &mut store).unwrap();
    for n in 0..2_000u64 {
        let other = request(&n.to_string(), 1, 1);
        reserve([other].into(), Time(n.min(1_999) / 1_999 * 60 * SECOND), &mut store).unwrap();
    }
    assert!(store.load(&late.key).unwrap().count.is_none(), "it is forgotten");
    let new = Count { window: late.window, start: Time(0), used: late.amount };
    assert_eq!(store.compare_and_set(&late.key, &seen, new), Ok(Swap::Changed));
    let seen = store.load(&late.key).unwrap();
    assert_eq!(store.compare_and_set(&late.key, &seen, new), Ok(Swap::Kept));
}

/// A store in which somebody else counts between every load and set.
struct Busy(MemoryStore, u32);

impl CounterStore for Busy {
    fn load(&mut self, key: &CounterKey) -> Result<Loaded, StoreError> {
        self.0.load(key)
    }

    fn compare_and_set(
        &mut self,
        key: &CounterKey,
        seen: &Loaded,
        new: Count,
    ) -> Result<Swap, StoreError> {
        if self.1 > 0 {
            self.1 -= 1;
            self.0.compare_and_set(key, seen, new)?;
        }
        self.0.compare_and_set(key, seen, new)
    }
}

#[test]
fn counts_exactly_while_others_count() {
    let limit = request("c", 10, 1);
    let mut store = Busy(MemoryStore::new(), 3);
    let taken = reserve([limit].into(), Time(0), &mut store).unwrap();
    assert_eq!(taken.states().next().unwrap().remaining.millionths(), 6_000_000);
    let mut store = Busy(MemoryStore::new(), u32::MAX);
    let many = request("many", 1000, 1);
    let refused = reserve([many].into(), Time(0), &mut store).unwrap_err();
    assert_eq!(refused.why, Shortage::Store(StoreError::Contended));
}

/// A store that answers so many questions and then no more.
struct Failing(MemoryStore, u32);

impl CounterStore for Failing {
    fn load(&mut self, key: &CounterKey) -> Result<Loaded, StoreError> {
        self.1 = self.1.checked_sub(1).ok_or(StoreError::Unavailable)?;
        self.0.load(key)
    }

    fn compare_and_set(
        &mut self,
        key: &CounterKey,
        seen: &Loaded,
        new: Count,
    ) -> Result<Swap, StoreError> {
        self.1 = self.1.checked_sub(1).ok_or(StoreError::Unavailable)?;
        self.0.compare_and_set(key, seen, new)
    }
}

#[test]
fn a_store_that_fails_never_lets_a_call_through() {
    let limits = [request("a", 10, 1), request("b", 10, 1)];
    // Each is loaded once and set once.
    for answers in 0..4 {
        let mut store = Failing(MemoryStore::new(), answers);
        assert!(reserve(limits.into(), Time(0), &mut store).is_err(), "{answers}");
    }
    assert!(reserve(limits.into(), Time(0), &mut Failing(MemoryStore::new(), 4)).is_ok());
}

#[test]
fn amounts_beyond_all_bounds_are_no_room() {
    let mut store = MemoryStore::new();
    let huge = Amount::from_millionths(10u128.pow(30) - 1).unwrap();
    let limit = Request { amount: huge, max: huge, ..request("c", 1, 1) };
    assert!(reserve([limit].into(), Time(0), &mut store).is_ok());
    assert!(reserve([limit].into(), Time(0), &mut store).is_err());
}

#[test]
fn keys_tell_all_parts_apart() {
    let minute = Window::MINUTE;
    let keys = [
        CounterKey::new(Owner::Grant(None), Some("t"), "c", minute),
        CounterKey::new(Owner::Grant(Some("")), Some("t"), "c", minute),
        CounterKey::new(Owner::Grant(Some("t")), Some("c"), "", minute),
        CounterKey::new(Owner::Grant(Some("as")), Some("t"), "c", minute),
        CounterKey::new(Owner::Grant(Some("a")), None, "c", minute),
        CounterKey::new(Owner::Grant(Some("a")), Some(""), "c", minute),
        CounterKey::new(Owner::Session(Some("a"), ""), Some("t"), "c", minute),
        CounterKey::new(Owner::Session(Some("a"), "s"), Some("t"), "c", minute),
        CounterKey::new(Owner::Session(Some("as"), ""), Some("t"), "c", minute),
        CounterKey::new(Owner::Session(None, "as"), Some("t"), "c", minute),
        CounterKey::new(Owner::Session(None, &"long".repeat(100)), Some("t"), "c", minute),
        CounterKey::new(Owner::Session(None, &"long".repeat(101)), Some("t"), "c", minute),
        CounterKey::new(Owner::All, Some("t"), "c", minute),
        CounterKey::new(Owner::All, Some("t"), "c", Window::HOUR),
        CounterKey::new(Owner::All, Some("tc"), "", minute),
        CounterKey::new(Owner::All, None, "", minute),
        CounterKey::of_token(""),
        CounterKey::of_token("cattlegrid: a counter of a limit"),
    ];
    let distinct: std::collections::BTreeSet<_> = keys.iter().collect();
    assert_eq!(distinct.len(), keys.len());
}

#[test]
fn counters_of_other_policies_are_others() {
    let key = CounterKey::new(Owner::All, None, "c", Window::MINUTE);
    let other = CounterKey::new(Owner::All, None, "d", Window::MINUTE);
    let [empty, a, b] = ["", "a", "b"].map(Partition::new);
    let keys = [key, other, key.within(empty), key.within(a), key.within(b), other.within(a)];
    let distinct: std::collections::BTreeSet<_> = keys.iter().collect();
    assert_eq!(distinct.len(), keys.len());
    assert_eq!(key.within(a), key.within(Partition::new("a")));
}

#[test]
fn a_reservation_of_nothing_is_empty() {
    let mut store = MemoryStore::new();
    assert!(Reservation::default().is_empty());
    let nothing = reserve(Requests::default(), Time(0), &mut store).unwrap();
    assert!(nothing.is_empty());
}

#[test]
fn what_was_hashed_before_gives_the_same_keys() {
    for (scope, session, owner) in [
        (Scope::All, Some("s"), Owner::All),
        (Scope::Grant, Some("s"), Owner::Grant(Some("a"))),
        (Scope::Session, None, Owner::Grant(Some("a"))),
        (Scope::Session, Some("s"), Owner::Session(Some("a"), "s")),
    ] {
        let label = Label::new("a");
        assert_eq!(label.grant().owner(scope, session), owner.key());
        assert_eq!(Grant::from(Some(label.as_str())).owner(scope, session), owner.key());
    }
    assert_eq!(Grant::default().owner(Scope::Session, None), Owner::Grant(None).key());
    let nobody = Owner::Session(None, "s").key();
    assert_eq!(Grant::default().owner(Scope::Session, Some("s")), nobody);
}

#[test]
fn what_one_call_counts_in_is_in_one_place() {
    let place = |limits, tool, counter, owner: Owner<'_>| {
        let CounterKey(key) = Counters::new(tool, counter, Window::DAY, limits).of(owner.key());
        (key[0], key[1])
    };
    let ada = Owner::Grant(Some("ada"));
    let here = place(2, Some("t"), "a", ada);
    assert_eq!(place(4, Some("t"), "b", ada), here);
    let elsewhere = [
        place(2, Some("u"), "a", ada),
        place(2, None, "a", ada),
        place(2, Some("t"), "a", Owner::All),
        place(2, Some("t"), "a", Owner::Grant(Some("bob"))),
        // Many would crowd out others.
        place(5, Some("t"), "a", ada),
        place(5, Some("t"), "b", ada),
        here,
    ];
    let distinct: std::collections::BTreeSet<_> = elsewhere.iter().collect();
    assert_eq!(distinct.len(), elsewhere.len());
}

/// A store that keeps several at once, if it is not told to be too late.
struct Together(MemoryStore, usize, bool);

impl CounterStore for Together {
    fn load(&mut self, key: &CounterKey) -> Result<Loaded, StoreError> {
        self.0.load(key)
    }

    fn compare_and_set(
        &mut self,
        key: &CounterKey,
        seen: &Loaded,
        new: Count,
    ) -> Result<Swap, StoreError> {
        self.0.compare_and_set(key, seen, new)
    }

    fn keeps_together(&self) -> bool {
        true
    }

    fn keep_together(&mut self, changes: &mut [Change]) -> bool {
        self.1 += 1;
        !self.2
            && changes.iter().all(|change| {
                self.0.compare_and_set(&change.key, &change.seen, change.new) == Ok(Swap::Kept)
            })
    }
}

#[test]
fn several_are_counted_at_once_where_the_store_can() {
    let requests = ["a", "b", "c", "d", "e"].map(|name| request(name, 10, 2));
    for late in [false, true] {
        for n in 1..=requests.len() {
            let mut alone = MemoryStore::new();
            let taken = requests.iter().take(n).copied();
            let expected = reserve(taken.clone().collect(), Time(7), &mut alone).unwrap();
            let mut store = Together(MemoryStore::new(), 0, late);
            let found = reserve(taken.clone().collect(), Time(7), &mut store).unwrap();
            assert_eq!((found, store.1), (expected, usize::from((2..=4).contains(&n))));
            for request in taken {
                assert_eq!(remaining(&mut store, &request, Time(7)), 8);
            }
        }
    }
    // The second of two that count in one counter sees what the first has counted.
    let mut store = Together(MemoryStore::new(), 0, false);
    let twice = [requests[0], requests[1], requests[0]];
    reserve(twice.into(), Time(0), &mut store).unwrap();
    assert_eq!((remaining(&mut store, &requests[0], Time(0)), store.1), (6, 0));
}
