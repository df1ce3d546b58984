//! A pattern as a tree, the form between its text and its program.

/// A part of a pattern.
pub(super) enum Part {
    /// One character of the set with this number.
    One(u32),
    /// A place between characters.
    At(Place),
    /// One after the other; of none, the empty text.
    Sequence(Vec<Part>),
    /// One of several.
    Choice(Vec<Part>),
    /// The same again: so many times at least, and at most if there is a bound.
    Repeat(Box<Part>, u32, Option<u32>),
}

/// A place between characters, or at an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Start,
    End,
    LineStart,
    LineEnd,
    WordBoundary,
    NoWordBoundary,
}

/// What stands on one side of a place, as far as places look at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Side {
    /// Nothing: the text begins or ends.
    Edge,
    Newline,
    /// A letter, digit or `_` of ASCII.
    Word,
    Other,
}

impl Place {
    /// Whether it is the one between these two sides.
    pub(super) fn is_between(self, before: Side, behind: Side) -> bool {
        let boundary = (before == Side::Word) != (behind == Side::Word);
        match self {
            Place::Start => before == Side::Edge,
            Place::End => behind == Side::Edge,
            Place::LineStart => matches!(before, Side::Edge | Side::Newline),
            Place::LineEnd => matches!(behind, Side::Edge | Side::Newline),
            Place::WordBoundary => boundary,
            Place::NoWordBoundary => !boundary,
        }
    }
}

impl Part {
    /// How many instructions it becomes.
    ///
    /// Recursion is bounded here and in the functions below by what the reader lets nest.
    pub(super) fn size(&self) -> usize {
        match self {
            Part::One(_) | Part::At(_) => 1,
            Part::Sequence(parts) => sum(parts),
            Part::Choice(parts) => {
                sum(parts).saturating_add(parts.len().saturating_sub(1).saturating_mul(2))
            }
            Part::Repeat(part, min, max) => {
                let (size, min) = (part.size(), *min as usize);
                let rest = match (*max, min) {
                    (None, 0) => size.saturating_add(2),
                    (None, _) => 1,
                    (Some(max), _) => {
                        (max as usize).saturating_sub(min).saturating_mul(size.saturating_add(1))
                    }
                };
                size.saturating_mul(min).saturating_add(rest)
            }
        }
    }

    /// Whether it can only be found where a text starts.
    pub(super) fn is_at_start(&self) -> bool {
        match self {
            Part::At(place) => *place == Place::Start,
            Part::Sequence(parts) => parts.first().is_some_and(Part::is_at_start),
            Part::Choice(parts) => parts.iter().all(Part::is_at_start),
            Part::Repeat(part, min, _) => *min > 0 && part.is_at_start(),
            Part::One(_) => false,
        }
    }
}

fn sum(parts: &[Part]) -> usize {
    parts.iter().fold(0, |sum, part| sum.saturating_add(part.size()))
}
