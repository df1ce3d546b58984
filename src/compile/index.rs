//! Names found in the same time however many there are.

use crate::order::sort_by;

/// Names, each with something. Names fall into places by a hash; within a place they are searched
/// in their order, so that names that somebody chose to fall together are found quickly too.
#[derive(Clone, Debug)]
pub(crate) struct Index<T> {
    /// By place, and then by name.
    entries: Vec<(u64, String, T)>,
    /// Where the entries of each place begin, and behind the last of them where they all end. A
    /// power of two places, no fewer than entries.
    starts: Vec<u32>,
}

impl<T> Index<T> {
    /// The index of these names. Where one comes again, `join` puts what it has to what there is.
    pub(crate) fn new<'n>(
        names: impl IntoIterator<Item = (&'n String, T)>,
        join: impl Fn(&mut T, T),
    ) -> Index<T>
    where
        T: Clone,
    {
        let hashed = names.into_iter().map(|(name, value)| (hash(name.as_bytes()), name, value));
        let names: Vec<(u64, &String, T)> = hashed.collect();
        let places = names.len().next_power_of_two();
        // Sorted by place by counting, for there are as many places as names: to compare was most of the
        // work of an index of thousands.
        let mut next = vec![0u32; places];
        for (hash, ..) in &names {
            if let Some(count) = next.get_mut(place(*hash, places)) {
                *count = count.saturating_add(1);
            }
        }
        let mut ends: u32 = 0;
        for start in &mut next {
            let count = *start;
            *start = ends;
            ends = ends.saturating_add(count);
        }
        let mut order = vec![0u32; names.len()];
        for (at, (hash, ..)) in (0..).zip(&names) {
            if let Some(next) = next.get_mut(place(*hash, places)) {
                if let Some(to) = order.get_mut(*next as usize) {
                    *to = at;
                }
                *next = next.saturating_add(1);
            }
        }
        // Each place now ends where the next began.
        let mut entries: Vec<(u64, String, T)> = Vec::with_capacity(names.len());
        let mut starts = Vec::with_capacity(places.saturating_add(1));
        let mut rest = order.as_mut_slice();
        let mut begins: u32 = 0;
        let name = |at: &u32| names.get(*at as usize);
        for end in next {
            starts.push(u32::try_from(entries.len()).unwrap_or(u32::MAX));
            let count = end.saturating_sub(begins) as usize;
            let (here, behind) = rest.split_at_mut_checked(count).unwrap_or_default();
            (rest, begins) = (behind, end);
            if count > 1 {
                sort_by(here, |a, b| name(a).map(|it| it.1).cmp(&name(b).map(|it| it.1)));
            }
            let before = entries.len();
            for (hash, name, value) in here.iter().filter_map(name) {
                match entries.get_mut(before..).and_then(<[_]>::last_mut) {
                    Some((_, last, known)) if last == *name => join(known, value.clone()),
                    _ => entries.push((*hash, (*name).clone(), value.clone())),
                }
            }
        }
        starts.push(u32::try_from(entries.len()).unwrap_or(u32::MAX));
        Index { entries, starts }
    }

    /// What there is with this name.
    #[inline]
    pub(crate) fn get(&self, name: &str) -> Option<&T> {
        let hash = hash(name.as_bytes());
        let place = place(hash, self.starts.len().saturating_sub(1));
        let start = *self.starts.get(place)? as usize;
        let end = *self.starts.get(place.saturating_add(1))? as usize;
        match self.entries.get(start..end)? {
            [] => None,
            [(known, only, value)] => (*known == hash && only == name).then_some(value),
            several => {
                let at = several.binary_search_by(|(_, known, _)| known.as_str().cmp(name)).ok()?;
                several.get(at).map(|(_, _, value)| value)
            }
        }
    }
}

/// The place of a hash among a power of two of places: its upper bits, which all of the name has
/// gone into.
#[inline]
fn place(hash: u64, places: usize) -> usize {
    let bits = places.trailing_zeros();
    hash.checked_shr(64u32.saturating_sub(bits)).unwrap_or(0) as usize
}

/// A hash that is quick for names, eight bytes at a time. Nothing depends on its being hard to
/// foresee.
#[inline]
pub(super) fn hash(name: &[u8]) -> u64 {
    /// 2^64 over the golden ratio, made odd: its multiples spread evenly.
    const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;
    let mix = |hash: u64, word: u64| {
        let mixed = (hash ^ word).wrapping_mul(SPREAD);
        mixed ^ (mixed >> 29)
    };
    let (words, rest) = name.as_chunks::<8>();
    let all = words.iter().fold(name.len() as u64, |all, word| mix(all, u64::from_le_bytes(*word)));
    mix(all, last_word(name, rest)).wrapping_mul(SPREAD)
}

/// A word that holds what is left of a name behind its whole words, and for longer names some of those
/// again.
#[inline]
fn last_word(name: &[u8], rest: &[u8]) -> u64 {
    if let Some(last) = name.last_chunk() {
        return u64::from_le_bytes(*last);
    }
    if let (Some(first), Some(last)) = (rest.first_chunk(), rest.last_chunk()) {
        return u64::from(u32::from_le_bytes(*first)) << 32 | u64::from(u32::from_le_bytes(*last));
    }
    rest.iter().fold(0, |word, byte| word << 8 | u64::from(*byte))
}
