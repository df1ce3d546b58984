//! Sixteen bytes at a time, on every machine: two words of eight.

/// How many bytes are looked at together.
pub(super) const SIZE: usize = 16;

/// Each byte of a word is this one.
const fn all(byte: u8) -> u64 {
    u64::from_le_bytes([byte; 8])
}

/// A bit set for each byte that ends the plain part of a string: a quote, a backslash or a control
/// character.
#[inline]
pub(super) fn ends(block: &[u8; SIZE]) -> u32 {
    let (words, _) = block.as_chunks();
    words.iter().rev().fold(0, |ends, word| ends << 8 | of_word(u64::from_le_bytes(*word)))
}

#[inline]
fn of_word(word: u64) -> u32 {
    // The upper bit of each byte whose lower seven are not below the least of those of `add`; no sum goes
    // beyond its byte.
    let reaches = |word: u64, add: u8| (word & all(0x7f)).wrapping_add(all(add)) | word;
    let not_zero = |word| reaches(word, 0x7f);
    let plain = not_zero(word ^ all(b'"')) & not_zero(word ^ all(b'\\')) & reaches(word, 0x60);
    let ends = !plain & all(0x80);
    // The eight bits side by side in the uppermost byte.
    ((ends >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56) as u32
}
