//! Eight bytes at a time, on every machine.

/// How many bytes are looked at together.
pub(super) const SIZE: usize = 8;
/// How many bits of a mask are one byte's.
pub(super) const BITS: usize = 8;

/// Each byte of a word is this one.
const fn all(byte: u8) -> u64 {
    u64::from_le_bytes([byte; 8])
}

/// A bit set for each byte that ends the plain part of a string: a quote, a backslash or a control
/// character. Behind the first such byte other bits may be set too.
#[inline]
pub(super) fn ends(block: &[u8; SIZE]) -> u64 {
    let word = u64::from_le_bytes(*block);
    // Taking one from a byte that is zero borrows from the next, so only the first can be trusted.
    let zero = |word: u64| word.wrapping_sub(all(1)) & !word;
    let control = word.wrapping_sub(all(0x20)) & !word;
    (zero(word ^ all(b'"')) | zero(word ^ all(b'\\')) | control) & all(0x80)
}
