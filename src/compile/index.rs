//! Names found in the same time however many there are.

use crate::bytes::{Bytes, Out};
use crate::json::Word;
use crate::order::sort_by;

/// So many names of one place are looked at one after the other.
const FEW: usize = 4;

/// Names, each with something. Names fall into places by a hash; within a place they are searched
/// in their order, so that names that somebody chose to fall together are found quickly too.
#[derive(Clone, Debug)]
pub(crate) struct Index<T> {
    /// All names, one behind the other as they came.
    text: Vec<u8>,
    /// By place, and then by name.
    entries: Vec<Entry<T>>,
    /// Where the entries of each place begin, and behind the last of them where they all end. A
    /// power of two places, no fewer than entries.
    starts: Vec<u32>,
}

#[derive(Clone, Debug)]
struct Entry<T> {
    /// The name, if it is short: compared where it stands.
    short: Option<Word>,
    /// Where it begins and ends in the text.
    name: (usize, usize),
    value: T,
}

impl<T> Entry<T> {
    #[inline]
    fn is(&self, name: &[u8], text: &[u8]) -> bool {
        match &self.short {
            Some(short) => short.is(name),
            None => part(text, self.name) == name,
        }
    }
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
        let mut text = Vec::new();
        let hashed = names.into_iter().map(|(name, value)| {
            let start = text.len();
            text.extend_from_slice(name.as_bytes());
            (hash(name.as_bytes()), (start, text.len()), value)
        });
        let names: Vec<(u64, (usize, usize), T)> = hashed.collect();
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
        let mut entries: Vec<Entry<T>> = Vec::with_capacity(names.len());
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
                let bytes = |at: &u32| names.get(*at as usize).map(|it| part(&text, it.1));
                sort_by(here, |a, b| bytes(a).cmp(&bytes(b)));
            }
            let before = entries.len();
            for (_, name, value) in here.iter().filter_map(name) {
                let bytes = part(&text, *name);
                let same = |last: &&mut Entry<T>| part(&text, last.name) == bytes;
                match entries.get_mut(before..).and_then(<[_]>::last_mut).filter(same) {
                    Some(last) => join(&mut last.value, value.clone()),
                    None => {
                        let short = Word::of(bytes);
                        entries.push(Entry { short, name: *name, value: value.clone() });
                    }
                }
            }
        }
        starts.push(u32::try_from(entries.len()).unwrap_or(u32::MAX));
        Index { text, entries, starts }
    }

    /// What is there of each entry is written by `put_value`.
    pub(super) fn put(&self, out: &mut Out, put_value: impl Fn(&mut Out, &T)) {
        out.number(self.text.len() as u64);
        out.0.extend_from_slice(&self.text);
        let ends = self.starts.iter().skip(1);
        out.list(self.starts.iter().zip(ends), |out, (start, end)| {
            let here = self.entries.get(*start as usize..*end as usize).unwrap_or_default();
            out.list(here.iter(), |out, entry| {
                let Entry { short: _, name: (from, to), value } = entry;
                out.number(*from as u64);
                out.number(*to as u64);
                put_value(out, value);
            });
        });
    }

    /// An index in which each name is found.
    pub(super) fn take(
        bytes: &mut Bytes<'_>,
        take_value: impl Fn(&mut Bytes<'_>) -> T,
    ) -> Index<T> {
        let mut index =
            Index { text: bytes.text().into(), entries: Vec::new(), starts: Vec::new() };
        bytes.each(|bytes, _| {
            index.starts.push(index.entries.len() as u32);
            bytes.each(|bytes, _| {
                let name = (bytes.below(usize::MAX), bytes.below(usize::MAX));
                let short = Word::of(part(&index.text, name));
                index.entries.push(Entry { short, name, value: take_value(bytes) });
            });
        });
        index.starts.push(index.entries.len() as u32);
        let is_found = |entry: &Entry<T>| {
            let found = index.get(index.text(entry.name.0, entry.name.1));
            found.is_some_and(|value| std::ptr::eq(value, &raw const entry.value))
        };
        bytes.expect(index.entries.iter().all(is_found));
        index
    }

    /// What there is with this name.
    #[inline]
    pub(crate) fn get(&self, name: &str) -> Option<&T> {
        let name = name.as_bytes();
        let place = place(hash(name), self.starts.len().saturating_sub(1));
        let [start, end] = *self.starts.get(place..)?.first_chunk()?;
        let here = self.entries.get(start as usize..end as usize)?;
        if here.len() <= FEW {
            return here.iter().find(|known| known.is(name, &self.text)).map(|known| &known.value);
        }
        search(here, name, &self.text)
    }

    /// What stands from one place to another in the names, one behind the other as they came.
    pub(super) fn text(&self, from: usize, to: usize) -> &str {
        std::str::from_utf8(part(&self.text, (from, to))).unwrap_or_default()
    }
}

#[inline]
fn part(text: &[u8], (from, to): (usize, usize)) -> &[u8] {
    text.get(from..to).unwrap_or_default()
}

/// The same among many of one place.
#[cold]
fn search<'e, T>(here: &'e [Entry<T>], name: &[u8], text: &[u8]) -> Option<&'e T> {
    let at = here.binary_search_by(|known| part(text, known.name).cmp(name)).ok()?;
    here.get(at).map(|known| &known.value)
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
