//! Exact decimal numbers of any length.

use std::cmp::Ordering;

use crate::digits::in_digits;

/// The most digits that a number may be written with.
pub const MAX_DIGITS: usize = 400;
/// The largest exponent, either sign, that a number may be written with.
pub const MAX_EXPONENT: i32 = 400;

/// A JSON number: exact, compared by mathematical value, never rounded.
#[derive(Clone, Debug)]
pub struct Number {
    /// As it was written.
    text: Box<str>,
    measure: Measure,
}

/// A JSON number that was not copied from where it stands: what [`Number`] is, for the length of a
/// look.
#[derive(Clone, Copy, Debug)]
pub struct Decimal<'t> {
    text: &'t str,
    measure: Measure,
}

/// What nearly every comparison is decided by. The value is `0.digits × 10^point`; the digits that
/// are significant begin with one that is not zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Measure {
    negative: bool,
    /// Whether there are digits, not all zero, behind those of `head`.
    more: bool,
    /// From -800 to 800; for zero less than all of these.
    point: i16,
    /// The first [`HEAD`] significant digits, filled up with zeros behind; 0 only for zero.
    head: u64,
}

/// What numbers are compared by that are not negative and have no digits behind those of their heads:
/// point and head.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Rank(i16, u64);

/// As many digits as a `u64` always holds.
const HEAD: u32 = 19;

/// The point of zero.
const ZERO: i16 = i16::MIN;

/// Why a text is not a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberFault {
    /// It does not follow the grammar of RFC 8259.
    Syntax,
    /// More than [`MAX_DIGITS`] digits or an exponent beyond ±[`MAX_EXPONENT`].
    TooLarge,
}

/// Digits as they come.
#[derive(Default)]
struct Digits {
    /// Significant digits so far, no more than [`HEAD`] of them.
    head: u64,
    taken: u32,
    /// Zeros before the first significant digit.
    zeros: usize,
    all: usize,
    more: bool,
}

impl Digits {
    /// Takes the digits that a text begins with; how many they are.
    fn take(&mut self, text: &[u8]) -> usize {
        let before = self.all;
        for byte in text {
            let digit = byte.wrapping_sub(b'0');
            if digit > 9 {
                break;
            }
            self.all = self.all.saturating_add(1);
            if self.taken >= HEAD {
                self.more |= digit != 0;
                continue;
            }
            // Under 10^19 before and after: nothing wraps.
            self.head = self.head.wrapping_mul(10).wrapping_add(u64::from(digit));
            let significant = self.head != 0;
            self.taken = self.taken.saturating_add(u32::from(significant));
            self.zeros = self.zeros.saturating_add(usize::from(!significant));
        }
        self.all.saturating_sub(before)
    }
}

/// What a text begins with, if that is a number.
struct Scanned {
    measure: Measure,
    /// In bytes.
    length: usize,
    too_large: bool,
}

/// How many digits a text begins with that are a whole number of at most seven digits and nothing
/// else, with its first eight bytes. Most numbers are such, and these are counted and read at once.
#[inline]
pub(super) fn few_digits(text: &[u8]) -> Option<(u64, u32)> {
    let word = u64::from_le_bytes(*text.first_chunk()?);
    // The upper bit of each byte that is no digit; no sum goes beyond its byte.
    let digits = word ^ 0x3030_3030_3030_3030;
    let others = (digits & 0x7f7f_7f7f_7f7f_7f7f).wrapping_add(0x7676_7676_7676_7676) | digits;
    let others = others & 0x8080_8080_8080_8080;
    let count = others.trailing_zeros() / 8;
    let behind = word.checked_shr(count.wrapping_mul(8))? as u8;
    let leading_zero = count > 1 && word as u8 == b'0';
    let whole = count > 0 && !leading_zero && !matches!(behind, b'.' | b'e' | b'E');
    whole.then_some((word, count))
}

/// The number of these digits; see [`few_digits`].
#[inline]
fn of_few_digits(word: u64, count: u32) -> Measure {
    /// Ten to the power of [`HEAD`] less the place.
    const FILLED: [u64; 8] = {
        let mut filled = [0; 8];
        let mut at = 1;
        #[allow(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "constant")]
        while at < 8 {
            filled[at] = 10u64.pow(HEAD - at as u32);
            at += 1;
        }
        filled
    };
    // The digits to the upper end, zeros before them; then two, four and eight of them together.
    let digits =
        (word & 0x0f0f_0f0f_0f0f_0f0f).wrapping_shl(64u32.wrapping_sub(count.wrapping_mul(8)));
    let twos = digits.wrapping_mul(10).wrapping_add(digits >> 8) & 0x00ff_00ff_00ff_00ff;
    let fours = twos.wrapping_mul(100).wrapping_add(twos >> 16) & 0x0000_ffff_0000_ffff;
    let value = fours.wrapping_mul(10_000).wrapping_add(fours >> 32) & 0xffff_ffff;
    let head = value.wrapping_mul(FILLED.get(count as usize).copied().unwrap_or(0));
    let point = if value == 0 { ZERO } else { count as i16 };
    Measure { negative: false, more: false, point, head }
}

/// Reads the number that a text begins with; what stands behind it is not looked at.
#[inline]
fn scan(bytes: &[u8]) -> Option<Scanned> {
    match few_digits(bytes) {
        Some((word, count)) => {
            let measure = of_few_digits(word, count);
            Some(Scanned { measure, length: count as usize, too_large: false })
        }
        None => scan_any(bytes),
    }
}

/// The same for every number.
#[inline]
fn scan_any(bytes: &[u8]) -> Option<Scanned> {
    let behind = |at: usize| bytes.get(at..).unwrap_or_default();
    let negative = bytes.first() == Some(&b'-');
    let mut at = usize::from(negative);
    let mut digits = Digits::default();
    let leading_zero = bytes.get(at) == Some(&b'0');
    let whole = digits.take(behind(at));
    if whole == 0 || (leading_zero && whole > 1) {
        return None;
    }
    at = at.saturating_add(whole);
    if bytes.get(at) == Some(&b'.') {
        let fraction = digits.take(behind(at.saturating_add(1)));
        if fraction == 0 {
            return None;
        }
        at = at.saturating_add(1).saturating_add(fraction);
    }
    let mut exponent: i32 = 0;
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        let (value, length) = exponent_of(behind(at.saturating_add(1)))?;
        exponent = value;
        at = at.saturating_add(1).saturating_add(length);
    }
    let zero = digits.head == 0;
    // The digits taken and those filled up are nineteen together: nothing wraps.
    let filled = 10u64.wrapping_pow(HEAD.saturating_sub(digits.taken));
    let measure = Measure {
        negative: negative && !zero,
        more: digits.more,
        point: point(whole, digits.zeros, exponent).filter(|_| !zero).unwrap_or(ZERO),
        head: digits.head.wrapping_mul(filled),
    };
    let too_large = digits.all > MAX_DIGITS || exponent.abs() > MAX_EXPONENT;
    Some(Scanned { measure, length: at, too_large })
}

impl<'t> Decimal<'t> {
    /// The number that a text begins with; `None` if it begins with none or with one that is too
    /// large. What stands behind it is not looked at.
    #[inline]
    pub(crate) fn first(text: &'t str) -> Option<Decimal<'t>> {
        let scanned = scan(text.as_bytes()).filter(|scanned| !scanned.too_large)?;
        Some(Decimal { text: text.get(..scanned.length)?, measure: scanned.measure })
    }

    /// The number that a text is, all of it. These bytes begin with the text: if there are more of them, and no
    /// digits, a short one is read at once.
    #[inline]
    pub(crate) fn all_of(text: &'t str, bytes: &[u8]) -> Option<Decimal<'t>> {
        match few_digits(bytes) {
            Some((word, count)) if count as usize == text.len() => {
                Some(Decimal { text, measure: of_few_digits(word, count) })
            }
            _ => Decimal::first(text).filter(|number| number.text.len() == text.len()),
        }
    }

    /// As it is written.
    #[must_use]
    pub fn as_str(&self) -> &'t str {
        self.text
    }

    /// The number to keep.
    #[must_use]
    pub fn to_number(self) -> Number {
        Number { text: self.text.into(), measure: self.measure }
    }

    /// Sign, significant digits without zeros at either end (none for zero) and the place of the
    /// point: the value is `0.digits × 10^point`.
    fn parts(self) -> (bool, String, i32) {
        let mut digits = String::with_capacity(self.text.len());
        for digit in significant(self.text) {
            digits.push(char::from(digit));
        }
        let end = digits.bytes().rposition(|digit| digit != b'0');
        digits.truncate(end.map_or(0, |last| last.saturating_add(1)));
        (self.measure.negative, digits, self.measure.point.into())
    }

    /// Plain decimal text, without exponent, superfluous zeros or a negative zero: `5.0` is `5`,
    /// `1e3` is `1000`. The same text if and only if the same value.
    #[must_use]
    pub fn plain(self) -> String {
        let (negative, digits, point) = self.parts();
        plain(negative, &digits, point)
    }

    /// Whether it is below zero.
    #[must_use]
    pub fn is_negative(&self) -> bool {
        self.measure.negative
    }

    /// What it is compared by, if that is all that there is to it.
    #[inline]
    pub(crate) fn rank(&self) -> Option<Rank> {
        let Measure { negative, more, point, head } = self.measure;
        (!negative && !more).then_some(Rank(point, head))
    }

    /// The whole part of its size times `10^places`, and whether there is no other part; `None` if
    /// that is too much for the type.
    pub(crate) fn shifted(self, places: i16) -> Option<(u128, bool)> {
        let Measure { head, more, point, .. } = self.measure;
        let behind_head = point.saturating_add(places).saturating_sub(HEAD as i16);
        if behind_head < 0 {
            // Of so many places that no number says it nothing of the head is left.
            let unit = 10u64.checked_pow(behind_head.unsigned_abs().into());
            let whole = unit.map_or(Some(0), |unit| head.checked_div(unit))?;
            let rest = unit.map_or(Some(head), |unit| head.checked_rem(unit))?;
            return Some((whole.into(), rest == 0 && !more));
        }
        let mut whole = u128::from(head);
        if head == 0 {
            return Some((0, true));
        }
        let mut tail = self.tail();
        for _ in 0..behind_head {
            let digit = tail.next().unwrap_or(b'0').wrapping_sub(b'0');
            whole = whole.checked_mul(10)?.checked_add(digit.into())?;
        }
        Some((whole, tail.all(|digit| digit == b'0')))
    }

    /// The significant digits behind those of the head.
    fn tail(self) -> Significant<'t> {
        let mut tail = significant(self.text);
        for _ in 0..HEAD {
            tail.next();
        }
        tail
    }
}

/// The place of the point for numbers within the limits of length and exponent.
fn point(whole: usize, zeros: usize, exponent: i32) -> Option<i16> {
    let whole = i32::try_from(whole).ok()?.checked_sub(i32::try_from(zeros).ok()?)?;
    i16::try_from(whole.checked_add(exponent)?).ok()
}

/// What stands behind an `e`, and how many bytes it has. Beyond all limits it stays there.
fn exponent_of(text: &[u8]) -> Option<(i32, usize)> {
    let sign = usize::from(matches!(text.first(), Some(b'+' | b'-')));
    let mut value: i32 = 0;
    let mut length = sign;
    for byte in text.get(sign..).unwrap_or_default() {
        if !byte.is_ascii_digit() {
            break;
        }
        value = value.saturating_mul(10).saturating_add(i32::from(byte.wrapping_sub(b'0')));
        length = length.saturating_add(1);
    }
    let value = if text.first() == Some(&b'-') { value.saturating_neg() } else { value };
    (length > sign).then_some((value, length))
}

/// The digits of a number from the first that is not zero on.
// Adapters of the standard library would be several times as much code.
struct Significant<'t> {
    rest: &'t [u8],
    begun: bool,
}

impl Iterator for Significant<'_> {
    type Item = u8;

    #[inline(never)]
    fn next(&mut self) -> Option<u8> {
        loop {
            let (byte, rest) = self.rest.split_first()?;
            match byte {
                b'e' | b'E' => return None,
                b'1'..=b'9' => self.begun = true,
                b'0' if self.begun => {}
                _ => {
                    self.rest = rest;
                    continue;
                }
            }
            self.rest = rest;
            return Some(*byte);
        }
    }
}

fn significant(text: &str) -> Significant<'_> {
    Significant { rest: text.as_bytes(), begun: false }
}

impl PartialEq for Decimal<'_> {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Decimal<'_> {}

impl PartialOrd for Decimal<'_> {
    #[inline]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal<'_> {
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        let (a, b) = (self.measure, other.measure);
        if a.negative != b.negative {
            return b.negative.cmp(&a.negative);
        }
        let magnitude = a.point.cmp(&b.point).then(a.head.cmp(&b.head)).then_with(|| {
            if a.more || b.more { tails(self.tail(), other.tail()) } else { Ordering::Equal }
        });
        if a.negative { magnitude.reverse() } else { magnitude }
    }
}

/// Which of two rows of digits is larger, as if each went on with zeros.
fn tails(mut a: Significant<'_>, mut b: Significant<'_>) -> Ordering {
    loop {
        match (a.next(), b.next()) {
            (None, None) => return Ordering::Equal,
            (a, b) => match a.unwrap_or(b'0').cmp(&b.unwrap_or(b'0')) {
                Ordering::Equal => {}
                unequal => return unequal,
            },
        }
    }
}

impl Number {
    /// Reads the text of a JSON number.
    ///
    /// # Errors
    /// If it is not one (RFC 8259, section 6), or larger than the engine will work with.
    pub fn parse(text: &str) -> Result<Number, NumberFault> {
        match scan(text.as_bytes()) {
            Some(scanned) if scanned.length != text.len() => Err(NumberFault::Syntax),
            Some(scanned) if scanned.too_large => Err(NumberFault::TooLarge),
            Some(scanned) => Ok(Number { text: text.into(), measure: scanned.measure }),
            None => Err(NumberFault::Syntax),
        }
    }

    /// The number as it is compared.
    #[must_use]
    #[inline]
    pub fn as_decimal(&self) -> Decimal<'_> {
        Decimal { text: &self.text, measure: self.measure }
    }

    /// The number that a double stands for in JavaScript's (and Rust's) shortest notation;
    /// `None` for `NaN` and the infinities.
    #[must_use]
    pub fn from_f64(value: f64) -> Option<Number> {
        if !value.is_finite() {
            return None;
        }
        let exact = Number::parse(&shortest(value)).ok()?;
        Number::parse(&exact.ecmascript()).ok()
    }

    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it is below zero.
    #[must_use]
    pub fn is_negative(&self) -> bool {
        self.measure.negative
    }

    /// Whether it is mathematically a whole number: `1.0` and `1e3` are.
    #[must_use]
    pub fn is_integer(&self) -> bool {
        let (_, digits, point) = self.as_decimal().parts();
        usize::try_from(point).map_or(digits.is_empty(), |point| point >= digits.len())
    }

    /// The value as an unsigned integer, if it is one that fits.
    #[must_use]
    pub fn to_u64(&self) -> Option<u64> {
        let plain = (!self.is_negative() && self.is_integer() && self.measure.point <= 20)
            .then(|| self.plain())?;
        plain.parse().ok()
    }

    /// The nearest double; infinite beyond the range of doubles.
    #[must_use]
    pub fn to_f64(&self) -> f64 {
        self.text.parse().unwrap_or(f64::NAN)
    }

    /// Plain decimal text; see [`Decimal::plain`].
    #[must_use]
    pub fn plain(&self) -> String {
        self.as_decimal().plain()
    }

    /// The exact value in the notation of ECMAScript's `Number::toString`. Beyond the exponents that
    /// are read, which no double has, the rest is put into digits: what is written can be read.
    fn ecmascript(&self) -> String {
        let written = self.text.strip_prefix("-").unwrap_or(&self.text);
        let digits = written.len() <= 21 && written.bytes().all(|byte| byte.is_ascii_digit());
        if digits && self.measure.head != 0 {
            return self.as_str().to_owned();
        }
        let (negative, digits, point) = self.as_decimal().parts();
        if digits.is_empty() || (-5..=21).contains(&point) {
            return plain(negative, &digits, point);
        }
        let exponent = point.saturating_sub(1).clamp(-MAX_EXPONENT, MAX_EXPONENT);
        let mantissa = plain(negative, &digits, point.saturating_sub(exponent));
        let sign = if exponent < 0 { "e-" } else { "e+" };
        [&mantissa, sign, &in_digits(exponent.unsigned_abs().into())].concat()
    }

    /// The exact value in one notation, that of [`Number::canonical`] where that does not round: the
    /// same text if and only if the same value.
    #[must_use]
    pub fn exact(&self) -> String {
        self.ecmascript()
    }

    /// The number in canonical JSON (RFC 8785, section 3.2.2.3): as ECMAScript prints the double.
    ///
    /// A whole number that no double holds, which the RFC does not foresee, is written exactly, so
    /// that two different whole numbers never have the same canonical form.
    #[must_use]
    pub fn canonical(&self) -> String {
        if self.is_integer() {
            return self.ecmascript();
        }
        let double = self.to_f64();
        match Number::parse(&shortest(double)) {
            Ok(shortest) if double != 0.0 => shortest.ecmascript(),
            _ => self.ecmascript(),
        }
    }
}

/// The shortest digits that read back as the same double and, of those, the nearest to it; of two
/// that are equally near, the even ones, as ECMAScript wants it.
fn shortest(double: f64) -> String {
    // Shortest and nearest, but of two either.
    let shortest = format!("{double:e}");
    let digits = shortest.bytes().take_while(|b| *b != b'e').filter(u8::is_ascii_digit).count();
    // So many digits, rounded to even. Beside a power of two they can be those of another double.
    let even = format!("{double:.*e}", digits.saturating_sub(1));
    if even.parse() == Ok(double) { even } else { shortest }
}

/// The plain decimal text of `0.digits × 10^point`.
fn plain(negative: bool, digits: &str, point: i32) -> String {
    let mut out = String::new();
    if negative {
        out.push('-');
    }
    let length = digits.len();
    match usize::try_from(point) {
        _ if digits.is_empty() => out.push('0'),
        Ok(0) | Err(_) => {
            out.push_str("0.");
            put_zeros(point.unsigned_abs() as usize, &mut out);
            out.push_str(digits);
        }
        Ok(point) if point >= length => {
            out.push_str(digits);
            put_zeros(point.saturating_sub(length), &mut out);
        }
        Ok(point) => {
            let (whole, fraction) = digits.split_at_checked(point).unwrap_or_default();
            out.push_str(whole);
            out.push('.');
            out.push_str(fraction);
        }
    }
    out
}

fn put_zeros(count: usize, out: &mut String) {
    (0..count).for_each(|_| out.push('0'));
}

impl From<u64> for Number {
    fn from(value: u64) -> Number {
        // Twenty digits at most: never over the limits.
        Number::parse(&in_digits(value)).unwrap_or_else(|_| {
            let measure = Measure { negative: false, more: false, point: 0, head: 0 };
            Number { text: "0".into(), measure }
        })
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Number) -> bool {
        self.as_decimal() == other.as_decimal()
    }
}

impl Eq for Number {}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Number) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Number) -> Ordering {
        self.as_decimal().cmp(&other.as_decimal())
    }
}
