//! Sets of characters, as ranges of code points.

use super::case;
use crate::order::sort_by_key;

/// The last code point.
pub(super) const LAST: u32 = char::MAX as u32;

/// A set of code points: ranges, first and last, in order and apart from each other. It may hold
/// surrogates, which no text does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Set(Vec<(u32, u32)>);

impl Set {
    /// The set of ranges in any order.
    pub(super) fn new(mut ranges: Vec<(u32, u32)>) -> Set {
        sort_by_key(&mut ranges, |range| *range);
        ranges.dedup_by(|next, before| {
            let joined = next.0 <= before.1.saturating_add(1);
            if joined {
                before.1 = before.1.max(next.1);
            }
            joined
        });
        Set(ranges)
    }

    /// The set of ranges that are in order.
    pub(super) fn in_order(ranges: Vec<(u32, u32)>) -> Set {
        Set(ranges)
    }

    pub(super) fn of(ranges: &[(char, char)]) -> Set {
        Set::new(ranges.iter().map(|&(a, b)| (u32::from(a), u32::from(b))).collect())
    }

    /// The code points from `first` to `last`.
    pub(super) fn range(first: u32, last: u32) -> Set {
        Set(vec![(first, last)])
    }

    pub(super) fn ranges(&self) -> &[(u32, u32)] {
        &self.0
    }

    pub(super) fn contains(&self, code: u32) -> bool {
        let at = self.0.partition_point(|&(_, last)| last < code);
        self.0.get(at).is_some_and(|&(first, _)| first <= code)
    }

    pub(super) fn union(self, other: Set) -> Set {
        let mut ranges = self.0;
        ranges.extend(other.0);
        Set::new(ranges)
    }

    pub(super) fn negated(self) -> Set {
        let mut ranges = Vec::new();
        let mut free = 0;
        for (first, last) in self.0 {
            if free < first {
                ranges.push((free, first.saturating_sub(1)));
            }
            free = last.saturating_add(1);
        }
        if free <= LAST {
            ranges.push((free, LAST));
        }
        Set(ranges)
    }

    /// The set with the other cases of all its characters.
    pub(super) fn folded(mut self) -> Set {
        loop {
            let mut ranges = self.0.clone();
            for &range in &self.0 {
                case::others(range, &mut ranges);
            }
            let more = Set::new(ranges);
            // What has three or four cases is found in as many steps.
            if more == self {
                return self;
            }
            self = more;
        }
    }
}
