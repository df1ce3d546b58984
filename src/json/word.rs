//! Short texts as words of a machine: compared without a call, and without going where they stand.

/// A text of at most sixteen bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    length: u32,
    /// The first eight bytes and the last eight; of a text that has fewer, all of them.
    parts: [u64; 2],
}

impl Word {
    const MAX: usize = 16;

    /// The text, if it is short enough.
    #[inline]
    pub(crate) fn of(text: &[u8]) -> Option<Word> {
        let parts = if text.len() <= Word::MAX { parts(text) } else { return None };
        Some(Word { length: text.len() as u32, parts })
    }

    /// Whether it is this text.
    #[inline]
    pub(crate) fn is(&self, text: &[u8]) -> bool {
        self.length as usize == text.len() && self.parts == parts(text)
    }
}

/// The first and the last eight bytes. Of texts of the same length up to sixteen bytes, no two have the same.
#[inline]
fn parts(text: &[u8]) -> [u64; 2] {
    if let (Some(first), Some(last)) = (text.first_chunk(), text.last_chunk()) {
        return [u64::from_le_bytes(*first), u64::from_le_bytes(*last)];
    }
    if let (Some(first), Some(last)) = (text.first_chunk(), text.last_chunk()) {
        return [u32::from_le_bytes(*first).into(), u32::from_le_bytes(*last).into()];
    }
    match text {
        [] => [0, 0],
        [a] => [u64::from(*a), 0],
        [a, b] => [u64::from(*a), u64::from(*b)],
        [a, b, c, ..] => [u64::from(*a) | u64::from(*b) << 8, u64::from(*c)],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_the_same_if_all_of_their_bytes_are() {
        for length in 0..40 {
            let text: Vec<u8> = (0..length).map(|at| b'a' + at % 7).collect();
            let word = Word::of(&text);
            assert_eq!(word.is_some(), length <= 16);
            let longer = [&text[..], b"a"].concat();
            assert!(word.is_none_or(|word| word.is(&text) && !word.is(&longer)));
            for at in 0..text.len() {
                let mut other = text.clone();
                other[at] ^= 1;
                assert!(word.is_none_or(|word| !word.is(&other)), "{at} of {length}");
                assert!(word.is_none_or(|word| Some(word) != Word::of(&other)), "{at}");
            }
        }
    }
}
