//! Sixteen bytes at a time, in WebAssembly with SIMD.

use std::arch::wasm32::{i64x2, u8x16_bitmask, u8x16_eq, u8x16_lt, u8x16_splat, v128, v128_or};

/// How many bytes are looked at together.
pub(super) const SIZE: usize = 16;

/// A bit set for each byte that ends the plain part of a string: a quote, a backslash or a control
/// character.
#[inline]
pub(super) fn ends(block: &[u8; SIZE]) -> u32 {
    let bytes = bytes(block);
    let equal = |byte| u8x16_eq(bytes, u8x16_splat(byte));
    let control = u8x16_lt(bytes, u8x16_splat(0x20));
    u8x16_bitmask(v128_or(control, v128_or(equal(b'"'), equal(b'\\')))).into()
}

#[inline]
fn bytes(block: &[u8; SIZE]) -> v128 {
    let (low, high) = (block.first_chunk(), block.last_chunk());
    let word = |half: Option<&[u8; 8]>| i64::from_le_bytes(half.copied().unwrap_or_default());
    i64x2(word(low), word(high))
}
