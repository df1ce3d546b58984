//! Searching: the states that a program can be in after a character are worked out once each, and
//! every character of a text is then one look into a table.
//!
//! Those that are reached with little work are known before the first search and never change. Of
//! larger patterns the others are worked out while texts are searched, and forgotten when they take
//! too much room: time is linear in the text, whatever the pattern.

use std::sync::{Mutex, TryLockError};

use super::program::{Program, Step};
use super::tree::Side;

/// The most room, in bytes, for the states of a pattern.
const MAX_TABLE: usize = 1 << 20;
/// How many steps of the program are looked at, about, before the first search.
const AHEAD: usize = 1 << 14;

/// What a table has in place of a state: nothing yet, that the pattern was found, that it never will.
pub(super) const UNKNOWN: u32 = 0;
pub(super) const FOUND: u32 = 1;
pub(super) const LOST: u32 = 2;
/// Rows begin behind these.
const FIRST_ROW: usize = 3;

/// A program with the states that are known of it.
pub(super) struct Automaton {
    pub(super) program: Program,
    /// What was known before the first search.
    known: Table,
    /// What is known since, if that was not all.
    more: Mutex<Table>,
}

impl Automaton {
    pub(super) fn new(program: Program) -> Automaton {
        let mut known = Table::default();
        let mut work = AHEAD;
        known.start(&program, &mut work);
        let (mut state, width) = (0, width(&program));
        while state < known.states.len() && work > 0 {
            let row = known.row(state, width);
            for class in 0..width {
                known.explore(&program, row, class, &mut work);
            }
            state = state.saturating_add(1);
        }
        Automaton { program, known, more: Mutex::default() }
    }

    pub(super) fn is_match(&self, text: &str) -> bool {
        self.known.find(&self.program, text).unwrap_or_else(|| match self.more.try_lock() {
            Ok(mut more) => more.search(&self.program, text),
            // Nothing in there can panic.
            Err(TryLockError::Poisoned(more)) => more.into_inner().search(&self.program, text),
            // Another thread is at it: rather the same work again than to wait for it.
            Err(TryLockError::WouldBlock) => Table::default().search(&self.program, text),
        })
    }
}

/// How many entries a row has: one for each class of characters, and one for the end of the text.
fn width(program: &Program) -> usize {
    program.alphabet.end().saturating_add(1)
}

/// A state: the steps that may come next. Jumps and forks are none of them, they were taken already.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct State {
    steps: Bits,
    /// What stands before it; always the same where no step asks for a place.
    before: Side,
}

#[derive(Default)]
pub(super) struct Table {
    states: Vec<State>,
    /// The numbers of the states, in the order of these.
    order: Vec<u32>,
    /// Behind the first [`FIRST_ROW`] entries: for each state a row, which says for each class of
    /// characters which row comes next, or one of the words above.
    next: Vec<u32>,
    start: u32,
}

impl Table {
    /// Whether the pattern is found in the text; `None` if that is not known.
    fn find(&self, program: &Program, text: &str) -> Option<bool> {
        let mut at = self.start;
        let classes = text.chars().map(|c| program.alphabet.class(c));
        for class in classes.chain([program.alphabet.end()]) {
            match at {
                UNKNOWN => return None,
                FOUND => return Some(true),
                LOST => return Some(false),
                _ => at = self.at(at, class),
            }
        }
        (at != UNKNOWN).then_some(at == FOUND)
    }

    /// Whether the pattern is found in the text. What is not known is worked out.
    fn search(&mut self, program: &Program, text: &str) -> bool {
        let mut work = usize::MAX;
        let mut at = match self.start {
            UNKNOWN => self.start(program, &mut work),
            start => start,
        };
        let classes = text.chars().map(|c| program.alphabet.class(c));
        for class in classes.chain([program.alphabet.end()]) {
            at = match at {
                FOUND => return true,
                LOST => return false,
                _ => match self.at(at, class) {
                    UNKNOWN => self.explore(program, at, class, &mut work),
                    known => known,
                },
            };
        }
        at == FOUND
    }

    pub(super) fn at(&self, row: u32, class: usize) -> u32 {
        self.next.get((row as usize).saturating_add(class)).copied().unwrap_or(UNKNOWN)
    }

    fn row(&self, state: usize, width: usize) -> u32 {
        u32::try_from(state.saturating_mul(width).saturating_add(FIRST_ROW)).unwrap_or(LOST)
    }

    /// Works out where a text starts.
    pub(super) fn start(&mut self, program: &Program, work: &mut usize) -> u32 {
        let mut steps = Bits::none(program);
        steps.reach(program, 0, None, work);
        let start = self.enter(program, steps, Side::Edge, usize::MAX);
        self.start = start;
        start
    }

    /// Works out what comes after a class of characters in the state of a row.
    pub(super) fn explore(
        &mut self,
        program: &Program,
        row: u32,
        class: usize,
        work: &mut usize,
    ) -> u32 {
        let width = width(program);
        let entry = (row as usize).saturating_add(class);
        let state = (row as usize).saturating_sub(FIRST_ROW).checked_div(width).unwrap_or(0);
        let Some(State { steps, before }) = self.states.get(state) else { return LOST };
        let behind = program.alphabet.side(class);
        let placed;
        let steps = if program.has_places {
            let mut here = Bits::none(program);
            for at in steps.iter() {
                here.reach(program, at, Some((*before, behind)), work);
            }
            placed = here;
            &placed
        } else {
            steps
        };
        let to = if steps.contains(program.found()) {
            FOUND
        } else if let Some(code) = program.alphabet.example(class) {
            let mut next = Bits::none(program);
            for at in steps.iter() {
                *work = work.saturating_sub(1);
                if let Step::One(set) = program.step(at)
                    && program.sets.get(set as usize).is_some_and(|set| set.contains(code))
                {
                    next.reach(program, at.saturating_add(1), None, work);
                }
            }
            if !program.at_start {
                next.reach(program, 0, None, work);
            }
            return self.enter(
                program,
                next,
                if program.has_places { behind } else { Side::Edge },
                entry,
            );
        } else {
            LOST
        };
        self.set(entry, to)
    }

    /// Makes an entry of a row.
    fn set(&mut self, entry: usize, to: u32) -> u32 {
        if let Some(next) = self.next.get_mut(entry) {
            *next = to;
        }
        to
    }

    /// The row of a state, which is added if it is new, and made this entry of another row.
    fn enter(&mut self, program: &Program, mut steps: Bits, before: Side, entry: usize) -> u32 {
        if steps.contains(program.found()) {
            return self.set(entry, FOUND);
        }
        steps.0.iter_mut().zip(&program.lasting).for_each(|(word, lasting)| *word &= lasting);
        if steps.is_empty() {
            return self.set(entry, LOST);
        }
        let state = State { steps, before };
        let width = width(program);
        let place = self.order.binary_search_by(|at| {
            self.states
                .get(*at as usize)
                .map_or(std::cmp::Ordering::Less, |other| other.cmp(&state))
        });
        let place = match place {
            Ok(place) => {
                let state = self.order.get(place).copied().unwrap_or(0);
                return self.set(entry, self.row(state as usize, width));
            }
            Err(place) => place,
        };
        if self.is_full(program) {
            // The other row is forgotten with all the rest.
            *self = Table::default();
            return self.add(state, 0, width);
        }
        let to = self.add(state, place, width);
        self.set(entry, to)
    }

    /// Whether there is no room for another state.
    pub(super) fn is_full(&self, program: &Program) -> bool {
        let bits = program.steps.len().div_ceil(64).saturating_mul(8);
        let bytes = width(program).saturating_mul(4).saturating_add(bits);
        self.states.len().saturating_add(1).saturating_mul(bytes) > MAX_TABLE
    }

    /// Adds a state; its row.
    fn add(&mut self, state: State, place: usize, width: usize) -> u32 {
        let number = self.states.len();
        self.order.insert(place, u32::try_from(number).unwrap_or(0));
        self.states.push(state);
        let rows = self.states.len().saturating_mul(width);
        self.next.resize(rows.saturating_add(FIRST_ROW), UNKNOWN);
        self.row(number, width)
    }
}

/// A set of steps.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Bits(Vec<u64>);

impl Bits {
    fn none(program: &Program) -> Bits {
        Bits(vec![0; program.steps.len().div_ceil(64)])
    }

    fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    fn contains(&self, at: usize) -> bool {
        self.0.get(at / 64).is_some_and(|word| word & (1 << (at % 64)) != 0)
    }

    /// Adds a step; whether it was not there.
    fn insert(&mut self, at: usize) -> bool {
        let bit = 1 << (at % 64);
        self.0.get_mut(at / 64).is_some_and(|word| {
            let new = *word & bit == 0;
            *word |= bit;
            new
        })
    }

    fn iter(&self) -> impl Iterator<Item = usize> {
        let mut next = 0usize;
        std::iter::from_fn(move || {
            loop {
                let left = self.0.get(next / 64)? >> (next % 64);
                let found = next.saturating_add(left.trailing_zeros() as usize);
                if left != 0 {
                    next = found.saturating_add(1);
                    return Some(found);
                }
                next = (next / 64).saturating_add(1).saturating_mul(64);
            }
        })
    }

    /// Adds a step and all that are reached from it without a character; beyond a place only if it
    /// is known what stands on its sides.
    fn reach(
        &mut self,
        program: &Program,
        from: usize,
        sides: Option<(Side, Side)>,
        work: &mut usize,
    ) {
        let mut open = vec![from];
        while let Some(at) = open.pop() {
            if !self.insert(at) {
                continue;
            }
            *work = work.saturating_sub(1);
            let next = at.saturating_add(1);
            match program.step(at) {
                Step::Jump(to) => open.push(to as usize),
                Step::Fork(to) => open.extend([to as usize, next]),
                Step::At(place) => {
                    let here =
                        sides.is_some_and(|(before, behind)| place.is_between(before, behind));
                    open.extend(here.then_some(next));
                }
                Step::One(_) | Step::Found => {}
            }
        }
    }
}

#[cfg(feature = "programs")]
impl Automaton {
    /// With nothing known before the first search: all is worked out while texts are searched.
    pub(super) fn unexplored(program: Program) -> Automaton {
        Automaton { program, known: Table::default(), more: Mutex::default() }
    }
}
