//! Sixteen bytes at a time, on x86-64, all of which has SSE2.

use std::arch::x86_64::{
    _mm_cmpeq_epi8, _mm_min_epu8, _mm_movemask_epi8, _mm_or_si128, _mm_set_epi64x, _mm_set1_epi8,
};

/// How many bytes are looked at together.
pub(super) const SIZE: usize = 16;

/// A bit set for each byte that ends the plain part of a string: a quote, a backslash or a control
/// character.
#[inline]
#[allow(
    unsafe_code,
    reason = "the only way to call what needs a feature, though every x86-64 has it"
)]
pub(super) fn ends(block: &[u8; SIZE]) -> u32 {
    // SAFETY: SSE2 is part of x86-64.
    unsafe { ends_sse2(block) }
}

#[inline]
#[target_feature(enable = "sse2")]
fn ends_sse2(block: &[u8; SIZE]) -> u32 {
    let (low, high) = (block.first_chunk(), block.last_chunk());
    let word = |half: Option<&[u8; 8]>| i64::from_le_bytes(half.copied().unwrap_or_default());
    let bytes = _mm_set_epi64x(word(high), word(low));
    let all = |byte: u8| _mm_set1_epi8(byte.cast_signed());
    let quote = _mm_cmpeq_epi8(bytes, all(b'"'));
    let backslash = _mm_cmpeq_epi8(bytes, all(b'\\'));
    let control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, all(0x1f)), bytes);
    let ends = _mm_or_si128(control, _mm_or_si128(quote, backslash));
    _mm_movemask_epi8(ends).cast_unsigned()
}
