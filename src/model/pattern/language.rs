//! A pattern as the set of texts in which it is found, walked character by character: for questions
//! about several patterns at once, and never to decide.

use super::Pattern;
use super::automaton::{self, Table};
use super::program::Program;

/// So much work is done for one pattern, about as many steps of its program looked at.
const MAX_WORK: usize = 1 << 22;

/// The states of a pattern, as far as they were walked.
pub(crate) struct Language {
    program: Program,
    table: Table,
    work: usize,
}

impl Pattern {
    /// The texts in which the pattern is found.
    pub(crate) fn language(&self) -> Language {
        Language { program: self.0.program(), table: Table::default(), work: MAX_WORK }
    }
}

impl Language {
    /// The first code point of each class of characters that the pattern does not tell apart.
    pub(crate) fn firsts(&self) -> &[u32] {
        self.program.alphabet.firsts()
    }

    /// The state before a text.
    pub(crate) fn start(&mut self) -> u32 {
        self.table.start(&self.program, &mut self.work)
    }

    /// The state behind a character; `None` if the pattern has too many states.
    pub(crate) fn step(&mut self, state: u32, c: char) -> Option<u32> {
        self.follow(state, self.program.alphabet.class(c))
    }

    /// Whether the pattern is found in a text that ends in this state; `None` as above.
    pub(crate) fn ends(&mut self, state: u32) -> Option<bool> {
        let end = self.program.alphabet.end();
        self.follow(state, end).map(|last| last == automaton::FOUND)
    }

    fn follow(&mut self, state: u32, class: usize) -> Option<u32> {
        if matches!(state, automaton::FOUND | automaton::LOST) {
            return Some(state);
        }
        match self.table.at(state, class) {
            automaton::UNKNOWN => {
                // A table that is full would forget the states that were given out.
                if self.work == 0 || self.table.is_full(&self.program) {
                    return None;
                }
                Some(self.table.explore(&self.program, state, class, &mut self.work))
            }
            known => Some(known),
        }
    }
}
