//! Patterns as bytes: what the text was read as, so that who decides need not be able to read it.

use super::set::{LAST, Set};
use super::tree::{Part, Place};
use super::{Compiled, MAX_DEPTH, MAX_LENGTH, MAX_REPEAT, MAX_SIZE, Pattern};
use crate::bytes::{Bytes, Out};
use std::sync::{Arc, OnceLock};

/// How deep a tree can be: a group is a choice of sequences.
const MAX_LEVELS: usize = 2 * MAX_DEPTH + 2;

const PLACES: [Place; 6] = [
    Place::Start,
    Place::End,
    Place::LineStart,
    Place::LineEnd,
    Place::WordBoundary,
    Place::NoWordBoundary,
];

impl Pattern {
    pub(crate) fn put(&self, out: &mut Out) {
        let Compiled { text, tree, sets, .. } = &*self.0;
        out.text(text);
        out.list(sets.iter(), |out, set| {
            out.list(set.ranges().iter(), |out, (first, last)| {
                out.number((*first).into());
                out.number((*last).into());
            });
        });
        put(tree, out);
    }

    /// A pattern whose tree holds to all that one of a text does. That it is the one of this text is not
    /// seen.
    pub(crate) fn take(bytes: &mut Bytes<'_>) -> Option<Pattern> {
        let text = bytes.text().filter(|text| text.len() <= MAX_LENGTH)?.to_owned();
        let sets = bytes.list(set)?;
        let tree = part(bytes, sets.len(), MAX_LEVELS, 1)?;
        let automaton = OnceLock::new();
        (tree.size() <= MAX_SIZE)
            .then(|| Pattern(Arc::new(Compiled { text, tree, sets, automaton })))
    }
}

fn put(part: &Part, out: &mut Out) {
    match part {
        Part::One(set) => {
            out.byte(0);
            out.number((*set).into());
        }
        Part::At(place) => {
            out.byte(1);
            let number = PLACES.iter().position(|known| known == place);
            out.number(number.unwrap_or(PLACES.len()) as u64);
        }
        Part::Sequence(parts) => {
            out.byte(2);
            out.list(parts.iter(), |out, part| put(part, out));
        }
        Part::Choice(parts) => {
            out.byte(3);
            out.list(parts.iter(), |out, part| put(part, out));
        }
        Part::Repeat(part, min, max) => {
            out.byte(4);
            out.number((*min).into());
            out.maybe(*max, |out, max| out.number(max.into()));
            put(part, out);
        }
    }
}

fn set(bytes: &mut Bytes<'_>) -> Option<Set> {
    // The first code point that may stand in the next range: ranges are apart from each other.
    let mut free = 0;
    let ranges = bytes.list(|bytes| {
        let (first, last): (u32, u32) = (bytes.number()?, bytes.number()?);
        let in_order = free <= first && first <= last && last <= LAST;
        free = last.saturating_add(2);
        in_order.then_some((first, last))
    });
    ranges.map(Set::new)
}

/// A part with sets below a number, of so many levels at most, that stands within parts which are repeated
/// so often: nothing else bounds how often what is empty is repeated.
fn part(bytes: &mut Bytes<'_>, sets: usize, levels: usize, copies: u32) -> Option<Part> {
    let below = levels.checked_sub(1)?;
    Some(match bytes.byte()? {
        0 => Part::One(bytes.number().filter(|set| (*set as usize) < sets)?),
        1 => Part::At(*PLACES.get(bytes.number::<usize>()?)?),
        2 => Part::Sequence(bytes.list(|bytes| part(bytes, sets, below, copies))?),
        3 => {
            let parts = bytes.list(|bytes| part(bytes, sets, below, copies))?;
            Part::Choice(Some(parts).filter(|parts| !parts.is_empty())?)
        }
        4 => {
            let (min, max) = (bytes.number::<u32>()?, bytes.maybe(Bytes::number::<u32>)?);
            let most = max.unwrap_or(min);
            let copies = match max {
                Some(0) => 1,
                _ => copies.checked_mul(most.max(1))?,
            };
            let repeated = (min <= most && most <= MAX_REPEAT && copies <= MAX_REPEAT)
                .then(|| part(bytes, sets, below, copies))?;
            Part::Repeat(Box::new(repeated?), min, max)
        }
        _ => return None,
    })
}
