//! Reserving and giving back.

use super::{Change, Count, CounterKey, CounterStore, Loaded, StoreError, Swap};
use crate::model::{Amount, Time, Window};

/// So often a change is tried while others are quicker.
pub const MAX_TRIES: u32 = 64;

/// What one limit wants of one counter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Request {
    /// The counter.
    pub key: CounterKey,
    /// The length of its windows.
    pub window: Window,
    /// How much may be counted in one.
    pub max: Amount,
    /// How much this call counts.
    pub amount: Amount,
}

/// The state of one counter for one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reserved {
    /// How much may still be counted.
    pub remaining: Amount,
    /// When the window is over.
    pub end: Time,
}

/// What the limits that hold for a call want, in the order of reserving.
#[derive(Clone, Debug, Default)]
pub struct Requests(Vec<Taken>);

impl Requests {
    /// Adds one behind the others.
    pub fn push(&mut self, request: Request) {
        self.0.push(Taken { request, start: Time(0), used: Amount::ZERO });
    }
}

impl FromIterator<Request> for Requests {
    fn from_iter<I: IntoIterator<Item = Request>>(requests: I) -> Requests {
        let mut all = Requests::default();
        requests.into_iter().for_each(|request| all.push(request));
        all
    }
}

impl<const N: usize> From<[Request; N]> for Requests {
    fn from(requests: [Request; N]) -> Requests {
        requests.into_iter().collect()
    }
}

/// What a call took of its counters: hand it to [`give_back`] if the call failed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reservation {
    taken: Vec<Taken>,
}

/// A request, and the counter with it.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Taken {
    request: Request,
    start: Time,
    used: Amount,
}

impl Reservation {
    /// Whether nothing was taken.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.taken.is_empty()
    }

    /// The counters as they were when this had been taken, in the order of the requests.
    pub fn states(&self) -> impl Iterator<Item = Reserved> + '_ {
        let state = |&Taken { request: Request { window, max, .. }, start, used }: &Taken| {
            state(&Count { window, start, used }, max)
        };
        self.taken.iter().map(state)
    }

    /// What was taken of which counters, and where the windows begin in which it was.
    pub fn taken(&self) -> impl Iterator<Item = (Request, Time)> + '_ {
        self.taken.iter().map(|taken| (taken.request, taken.start))
    }

    /// Leaves what was taken of this counter out of what can be given back: it stays counted.
    pub fn keep(&mut self, key: &CounterKey) {
        self.taken.retain(|taken| taken.request.key != *key);
    }
}

/// Why nothing was reserved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Which request, from 0: the first that could not be met.
    pub at: usize,
    /// Why.
    pub why: Shortage,
}

/// Why a request could not be met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shortage {
    /// The counter has too little room until its window is over.
    Full(Reserved),
    /// The store did not answer.
    Store(StoreError),
}

/// The counter as it counts now. A clock that steps back stays in the latest window that was
/// counted into, and in none that the store may have forgotten.
fn current(loaded: &Loaded, window: Window, now: Time) -> Count {
    let start = window.start(now.max(loaded.floor));
    match loaded.count {
        Some(count) if count.start >= start => count,
        _ => Count { window, start, used: Amount::ZERO },
    }
}

fn state(count: &Count, max: Amount) -> Reserved {
    Reserved { remaining: max.minus(count.used), end: count.window.end(count.start) }
}

/// Whether there is room for the request, and the counter with it.
// Once in a small module, and not wherever it is asked.
#[cfg_attr(target_family = "wasm", inline(never))]
fn with(count: Count, request: &Request) -> Result<Count, Shortage> {
    match count.used.plus(request.amount) {
        Some(used) if used <= request.max => Ok(Count { used, ..count }),
        _ => Err(Shortage::Full(state(&count, request.max))),
    }
}

/// The state of a counter, with nothing counted, and whether the request would be met.
///
/// # Errors
/// If the store does not answer.
pub fn look(
    request: &Request,
    now: Time,
    store: &mut dyn CounterStore,
) -> Result<(Reserved, bool), StoreError> {
    let count = current(&store.load(&request.key)?, request.window, now);
    Ok((state(&count, request.max), with(count, request).is_ok()))
}

/// So many counters are kept at once: more are rarely in one place of a store.
const TOGETHER: usize = 4;

/// Reserves all requests, or none.
///
/// Others may see, for a moment, a part of what is then not reserved; that can deny a call that
/// comes at that moment, and never lets one through.
///
/// # Errors
/// The first request that cannot be met. Nothing is left reserved (as far as the store answers).
pub fn reserve(
    requests: Requests,
    now: Time,
    store: &mut dyn CounterStore,
) -> Result<Reservation, Refused> {
    let Requests(mut taken) = requests;
    // A look at all before the first is taken, so that a full one rarely disturbs the others.
    let mut changes: Vec<Change> = Vec::with_capacity(taken.len());
    for (at, Taken { request, .. }) in taken.iter().enumerate() {
        let refused = |why| Refused { at, why };
        let key = request.key;
        let seen = store.load(&key).map_err(|error| refused(Shortage::Store(error)))?;
        let new = with(current(&seen, request.window, now), request).map_err(refused)?;
        changes.push(Change { key, seen, new });
    }
    if (2..=TOGETHER).contains(&changes.len())
        && store.keeps_together()
        && are_of_their_own(&changes)
        && store.keep_together(&mut changes)
    {
        for (of, Change { new, .. }) in taken.iter_mut().zip(changes) {
            (of.start, of.used) = (new.start, new.used);
        }
        return Ok(Reservation { taken });
    }
    for (at, of) in taken.iter_mut().enumerate() {
        // The store refuses what was seen if the counter has changed since.
        match take(&of.request, changes.get(at).map(|change| change.seen), now, store) {
            Ok(count) => (of.start, of.used) = (count.start, count.used),
            Err(why) => {
                taken.truncate(at);
                // What cannot be given back stays counted: that can only deny.
                let _ = give_back(&Reservation { taken }, store);
                return Err(Refused { at, why });
            }
        }
    }
    Ok(Reservation { taken })
}

/// Whether each has a key of its own: of two that count in one counter the second is to see what the
/// first has counted.
fn are_of_their_own(changes: &[Change]) -> bool {
    let mut rest = changes;
    while let [first, others @ ..] = rest {
        if others.iter().any(|other| other.key == first.key) {
            return false;
        }
        rest = others;
    }
    true
}

/// Counts one request; `seen` is what was last loaded of its counter.
fn take(
    request: &Request,
    mut seen: Option<Loaded>,
    now: Time,
    store: &mut dyn CounterStore,
) -> Result<Count, Shortage> {
    for _ in 0..MAX_TRIES {
        let loaded = match seen.take() {
            Some(loaded) => loaded,
            None => store.load(&request.key).map_err(Shortage::Store)?,
        };
        let new = with(current(&loaded, request.window, now), request)?;
        match store.compare_and_set(&request.key, &loaded, new).map_err(Shortage::Store)? {
            Swap::Kept => return Ok(new),
            Swap::Changed => {}
        }
    }
    Err(Shortage::Store(StoreError::Contended))
}

/// Gives back what a failed call had reserved, in the window in which it was reserved and in no
/// other.
///
/// # Errors
/// If the store did not answer for some counter; the others were still given back.
pub fn give_back(
    reservation: &Reservation,
    store: &mut dyn CounterStore,
) -> Result<(), StoreError> {
    let mut outcome = Ok(());
    for taken in &reservation.taken {
        if let Err(error) = put_back(taken, store) {
            outcome = Err(error);
        }
    }
    outcome
}

fn put_back(taken: &Taken, store: &mut dyn CounterStore) -> Result<(), StoreError> {
    for _ in 0..MAX_TRIES {
        let loaded = store.load(&taken.request.key)?;
        let count = match loaded.count {
            Some(count) if count.start == taken.start => count,
            _ => return Ok(()),
        };
        let new = Count { used: count.used.minus(taken.request.amount), ..count };
        if store.compare_and_set(&taken.request.key, &loaded, new)? == Swap::Kept {
            return Ok(());
        }
    }
    Err(StoreError::Contended)
}
