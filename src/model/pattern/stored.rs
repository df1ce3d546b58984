//! Patterns as bytes: their programs, so that who decides need be able neither to read a pattern nor to make a
//! program of it.

use std::sync::Arc;

use super::program::{Alphabet, Program, Step};
use super::set::{LAST, Set};
use super::tree::Place;
use super::{Compiled, MAX_SIZE, Pattern};
use crate::bytes::{Bytes, Out};

const PLACES: [Place; 6] = [
    Place::Start,
    Place::End,
    Place::LineStart,
    Place::LineEnd,
    Place::WordBoundary,
    Place::NoWordBoundary,
];

/// Behind the largest number that a step is written as.
const END: usize = (MAX_SIZE + 1) << 2;

/// How many code points there are.
const ALL_CODES: usize = LAST as usize + 1;

impl Pattern {
    pub(crate) fn put(&self, out: &mut Out) {
        let program = self.0.program();
        let Program { steps, sets, alphabet, at_start, has_places, lasting: _ } = &program;
        out.text(self.as_str());
        out.list(sets.iter(), |out, set| {
            let mut so_far = 0;
            out.list(set.ranges().iter(), |out, (first, last)| {
                put_next(*first, &mut so_far, out);
                put_next(*last, &mut so_far, out);
            });
        });
        let mut so_far = 0;
        out.list(alphabet.firsts().iter(), |out, first| put_next(*first, &mut so_far, out));
        for flag in [alphabet.lines, alphabet.words, *at_start, *has_places] {
            out.byte(flag.into());
        }
        // The last is known.
        out.list(steps.split_last().map_or(&[][..], |(_, steps)| steps).iter(), |out, step| {
            let (kind, of) = match step {
                Step::One(set) => (0, *set),
                Step::At(place) => {
                    let at = PLACES.iter().position(|known| known == place);
                    (1, u32::try_from(at.unwrap_or(PLACES.len())).unwrap_or(u32::MAX))
                }
                Step::Jump(to) => (2, *to),
                Step::Fork(to) => (3, *to),
                Step::Found => (3, u32::MAX),
            };
            out.number(u64::from(of) << 2 | kind);
        });
    }

    /// A pattern whose program goes nowhere but to its own steps and sets. That it is the one of this text is not
    /// seen.
    pub(crate) fn take(bytes: &mut Bytes<'_>) -> Pattern {
        let text = bytes.text().to_owned();
        let sets = bytes.list(|bytes| {
            let mut so_far = 0;
            Set::in_order(bytes.list(|bytes| (next(&mut so_far, bytes), next(&mut so_far, bytes))))
        });
        let mut so_far = 0;
        let firsts = bytes.list(|bytes| next(&mut so_far, bytes));
        let [lines, words, at_start, has_places] = std::array::from_fn(|_| bytes.flag());
        let mut furthest = 0;
        let mut steps = bytes.list(|bytes| {
            let number = bytes.below(END) as u32;
            let of = number >> 2;
            match number & 3 {
                0 => {
                    bytes.expect((of as usize) < sets.len());
                    Step::One(of)
                }
                1 => {
                    let place = PLACES.get(of as usize);
                    bytes.expect(place.is_some());
                    Step::At(*place.unwrap_or(&Place::Start))
                }
                way => {
                    furthest = of.max(furthest);
                    if way == 2 { Step::Jump(of) } else { Step::Fork(of) }
                }
            }
        });
        bytes.expect(
            furthest as usize <= steps.len() && steps.len() <= MAX_SIZE && !firsts.is_empty(),
        );
        steps.push(Step::Found);
        let alphabet = Alphabet::of(firsts, lines, words);
        let program = Program::of(steps, sets, alphabet, at_start, has_places);
        Pattern(Arc::new(Compiled::stored(text, program)))
    }
}

/// A code point as what it is more than the one before it.
fn put_next(code: u32, so_far: &mut u32, out: &mut Out) {
    out.number(code.saturating_sub(*so_far).into());
    *so_far = code;
}

fn next(so_far: &mut u32, bytes: &mut Bytes<'_>) -> u32 {
    *so_far = so_far.saturating_add(bytes.below(ALL_CODES) as u32);
    *so_far
}
