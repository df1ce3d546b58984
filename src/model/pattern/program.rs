//! A pattern as instructions, each of which stands before the one that follows it.

use super::set::{LAST, Set};
use super::tree::{Part, Place, Side};
use crate::order::sort_by_key;

/// One instruction.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    /// A character of the set with this number stands here.
    One(u32),
    /// This place is here.
    At(Place),
    /// Go on there.
    Jump(u32),
    /// Go on behind this, and there as well.
    Fork(u32),
    /// The pattern was found.
    Found,
}

/// A pattern that can be searched for.
#[derive(Clone)]
#[cfg_attr(test, derive(Debug))]
pub(super) struct Program {
    pub(super) steps: Vec<Step>,
    /// A bit for each step that is no jump and no fork, the first in the lowest.
    pub(super) lasting: Vec<u64>,
    pub(super) sets: Vec<Set>,
    pub(super) alphabet: Alphabet,
    /// Whether it can only be found where a text starts.
    pub(super) at_start: bool,
    /// Whether it asks for places.
    pub(super) has_places: bool,
}

impl Program {
    pub(super) fn new(part: &Part, sets: &[Set]) -> Program {
        let mut steps = Vec::with_capacity(part.size().saturating_add(1));
        put(part, &mut steps);
        steps.push(Step::Found);
        let has = |places: &[Place]| {
            steps.iter().any(|step| matches!(step, Step::At(place) if places.contains(place)))
        };
        let lines = has(&[Place::LineStart, Place::LineEnd]);
        let words = has(&[Place::WordBoundary, Place::NoWordBoundary]);
        let has_places = lines || words || has(&[Place::Start, Place::End]);
        let bit = |step: &Step| u64::from(!matches!(step, Step::Jump(_) | Step::Fork(_)));
        let word = |steps: &[Step]| steps.iter().rev().fold(0, |word, step| word << 1 | bit(step));
        Program {
            lasting: steps.chunks(64).map(word).collect(),
            steps,
            sets: sets.to_vec(),
            alphabet: Alphabet::new(sets, lines, words),
            at_start: part.is_at_start(),
            has_places,
        }
    }

    /// The program of steps, the last of which is [`Step::Found`].
    pub(super) fn of(
        steps: Vec<Step>,
        sets: Vec<Set>,
        alphabet: Alphabet,
        at_start: bool,
        has_places: bool,
    ) -> Program {
        let bit = |step: &Step| u64::from(!matches!(step, Step::Jump(_) | Step::Fork(_)));
        let mut lasting = vec![0; steps.len().div_ceil(64)];
        for (word, steps) in lasting.iter_mut().zip(steps.chunks(64)) {
            *word = steps.iter().rev().fold(0, |word, step| word << 1 | bit(step));
        }
        Program { steps, lasting, sets, alphabet, at_start, has_places }
    }

    /// Where [`Step::Found`] stands.
    pub(super) fn found(&self) -> usize {
        self.steps.len().saturating_sub(1)
    }

    pub(super) fn step(&self, at: usize) -> Step {
        // There is none behind the last, which is this one.
        self.steps.get(at).copied().unwrap_or(Step::Found)
    }
}

fn position(steps: &[Step]) -> u32 {
    // `Part::size` is bounded far below.
    u32::try_from(steps.len()).unwrap_or(u32::MAX)
}

/// Writes a step whose target comes later.
fn put_open(steps: &mut Vec<Step>, step: Step) -> usize {
    steps.push(step);
    steps.len().saturating_sub(1)
}

/// Makes such a step go here.
fn close(steps: &mut [Step], open: usize) {
    let here = position(steps);
    if let Some(Step::Jump(to) | Step::Fork(to)) = steps.get_mut(open) {
        *to = here;
    }
}

fn put(part: &Part, steps: &mut Vec<Step>) {
    match part {
        Part::One(set) => steps.push(Step::One(*set)),
        Part::At(place) => steps.push(Step::At(*place)),
        Part::Sequence(parts) => parts.iter().for_each(|part| put(part, steps)),
        Part::Choice(parts) => {
            let Some((last, others)) = parts.split_last() else { return };
            let mut ends = Vec::with_capacity(others.len());
            for part in others {
                let other = put_open(steps, Step::Fork(0));
                put(part, steps);
                ends.push(put_open(steps, Step::Jump(0)));
                close(steps, other);
            }
            put(last, steps);
            ends.into_iter().for_each(|end| close(steps, end));
        }
        Part::Repeat(part, min, max) => {
            let mut begin = position(steps);
            for _ in 0..*min {
                begin = position(steps);
                put(part, steps);
            }
            match max {
                None if *min > 0 => steps.push(Step::Fork(begin)),
                None => {
                    let end = put_open(steps, Step::Fork(0));
                    put(part, steps);
                    steps.push(Step::Jump(begin));
                    close(steps, end);
                }
                Some(max) => {
                    let mut ends = Vec::new();
                    for _ in *min..*max {
                        ends.push(put_open(steps, Step::Fork(0)));
                        put(part, steps);
                    }
                    ends.into_iter().for_each(|end| close(steps, end));
                }
            }
        }
    }
}

/// The characters, in classes of those that no set and no place of a pattern tells apart. A class is
/// known by its number.
#[derive(Clone)]
#[cfg_attr(test, derive(Debug))]
pub(super) struct Alphabet {
    /// The class of each character of ASCII.
    ascii: [u32; 128],
    /// The first code point of each class; every class is a range.
    firsts: Vec<u32>,
    /// Whether some place tells the ends of lines from other characters.
    pub(super) lines: bool,
    /// Whether some place tells the characters of words from others.
    pub(super) words: bool,
}

impl Alphabet {
    fn new(sets: &[Set], lines: bool, words: bool) -> Alphabet {
        let mut firsts: Vec<u32> = vec![0];
        let mut add = |set: &Set| {
            for &(first, last) in set.ranges() {
                firsts.push(first);
                firsts.push(last.saturating_add(1));
            }
        };
        sets.iter().for_each(&mut add);
        if lines {
            add(&Set::of(&[('\n', '\n')]));
        }
        if words {
            add(&Set::of(super::class::WORD));
        }
        firsts.retain(|end| *end <= LAST);
        sort_by_key(&mut firsts, |first| *first);
        firsts.dedup();
        let mut ascii = [0; 128];
        for (code, class) in (0..).zip(&mut ascii) {
            *class = find(&firsts, code);
        }
        Alphabet { ascii, firsts, lines, words }
    }

    /// The alphabet of the classes that begin with these code points.
    pub(super) fn of(firsts: Vec<u32>, lines: bool, words: bool) -> Alphabet {
        let mut ascii = [0; 128];
        for (code, class) in (0..).zip(&mut ascii) {
            *class = find(&firsts, code);
        }
        Alphabet { ascii, firsts, lines, words }
    }

    /// How many classes there are. This number itself stands for the end of the text.
    pub(super) fn end(&self) -> usize {
        self.firsts.len()
    }

    #[inline]
    pub(super) fn class(&self, c: char) -> usize {
        let code = u32::from(c);
        match self.ascii.get(code as usize) {
            Some(class) => *class as usize,
            None => find(&self.firsts, code) as usize,
        }
    }

    /// The first code point of each class.
    pub(super) fn firsts(&self) -> &[u32] {
        &self.firsts
    }

    /// A character of the class, for all of them.
    pub(super) fn example(&self, class: usize) -> Option<u32> {
        self.firsts.get(class).copied()
    }

    /// How the class, or the end, looks from a place.
    pub(super) fn side(&self, class: usize) -> Side {
        match self.example(class).and_then(char::from_u32) {
            _ if class == self.end() => Side::Edge,
            Some('\n') if self.lines => Side::Newline,
            Some('0'..='9' | 'A'..='Z' | '_' | 'a'..='z') if self.words => Side::Word,
            _ => Side::Other,
        }
    }
}

fn find(firsts: &[u32], code: u32) -> u32 {
    let behind = firsts.partition_point(|&first| first <= code);
    u32::try_from(behind).unwrap_or(u32::MAX).saturating_sub(1)
}
