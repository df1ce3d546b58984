//! Exact decimal numbers of any length.

use std::cmp::Ordering;

/// The most digits that a number may be written with.
pub const MAX_DIGITS: usize = 400;
/// The largest exponent, either sign, that a number may be written with.
pub const MAX_EXPONENT: i32 = 400;

/// A JSON number: exact, compared by mathematical value, never rounded.
#[derive(Clone, Debug)]
pub struct Number {
    /// As it was written.
    text: Box<str>,
    negative: bool,
    /// Significant digits without zeros at either end; empty for zero.
    digits: Box<str>,
    /// The value is `0.digits × 10^point`.
    point: i32,
}

/// Why a text is not a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberFault {
    /// It does not follow the grammar of RFC 8259.
    Syntax,
    /// More than [`MAX_DIGITS`] digits or an exponent beyond ±[`MAX_EXPONENT`].
    TooLarge,
}

impl Number {
    /// Reads the text of a JSON number.
    ///
    /// # Errors
    /// If it is not one (RFC 8259, section 6), or larger than the engine will work with.
    pub fn parse(text: &str) -> Result<Number, NumberFault> {
        let unsigned = text.strip_prefix('-').unwrap_or(text);
        let (mantissa, exponent) = match unsigned.find(['e', 'E']) {
            None => (unsigned, None),
            Some(at) => {
                let (mantissa, rest) = unsigned.split_at_checked(at).ok_or(NumberFault::Syntax)?;
                (mantissa, Some(rest.strip_prefix(['e', 'E']).ok_or(NumberFault::Syntax)?))
            }
        };
        let (whole, fraction) = match mantissa.split_once('.') {
            None => (mantissa, ""),
            Some((_, "")) => return Err(NumberFault::Syntax),
            Some(parts) => parts,
        };
        let all_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        let leading_zero = whole.len() > 1 && whole.starts_with('0');
        if whole.is_empty() || leading_zero || !all_digits(whole) || !all_digits(fraction) {
            return Err(NumberFault::Syntax);
        }
        let exponent = match exponent {
            None => 0,
            Some(written) => {
                let digits = written.strip_prefix(['+', '-']).unwrap_or(written);
                if digits.is_empty() || !all_digits(digits) {
                    return Err(NumberFault::Syntax);
                }
                written.parse::<i32>().map_err(|_| NumberFault::TooLarge)?
            }
        };
        let length = whole.len().saturating_add(fraction.len());
        if length > MAX_DIGITS || exponent.abs() > MAX_EXPONENT {
            return Err(NumberFault::TooLarge);
        }
        let whole_length = i32::try_from(whole.len()).map_err(|_| NumberFault::TooLarge)?;
        let mut digits = String::with_capacity(length);
        digits.push_str(whole);
        digits.push_str(fraction);
        let significant = digits.trim_start_matches('0');
        let zeros = digits.len().saturating_sub(significant.len());
        let zeros = i32::try_from(zeros).map_err(|_| NumberFault::TooLarge)?;
        let significant = significant.trim_end_matches('0');
        let point = match significant {
            "" => 0,
            _ => whole_length.saturating_sub(zeros).saturating_add(exponent),
        };
        Ok(Number {
            text: text.into(),
            negative: text.starts_with('-') && !significant.is_empty(),
            digits: significant.into(),
            point,
        })
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
        self.negative
    }

    /// Whether it is mathematically a whole number: `1.0` and `1e3` are.
    #[must_use]
    pub fn is_integer(&self) -> bool {
        usize::try_from(self.point)
            .map_or(self.digits.is_empty(), |point| point >= self.digits.len())
    }

    /// Sign, significant digits and the place of the point: the value is `0.digits × 10^point`.
    #[must_use]
    pub fn parts(&self) -> (bool, &str, i32) {
        (self.negative, &self.digits, self.point)
    }

    /// The value as an unsigned integer, if it is one that fits.
    #[must_use]
    pub fn to_u64(&self) -> Option<u64> {
        let plain =
            (!self.negative && self.is_integer() && self.point <= 20).then(|| self.plain())?;
        plain.parse().ok()
    }

    /// The nearest double; infinite beyond the range of doubles.
    #[must_use]
    pub fn to_f64(&self) -> f64 {
        self.text.parse().unwrap_or(f64::NAN)
    }

    /// Plain decimal text, without exponent, superfluous zeros or a negative zero: `5.0` is `5`,
    /// `1e3` is `1000`. The same text if and only if the same value.
    #[must_use]
    pub fn plain(&self) -> String {
        let mut out = String::new();
        if self.negative {
            out.push('-');
        }
        let length = self.digits.len();
        match usize::try_from(self.point) {
            _ if self.digits.is_empty() => out.push('0'),
            Ok(0) | Err(_) => {
                out.push_str("0.");
                out.extend(std::iter::repeat_n('0', self.point.unsigned_abs() as usize));
                out.push_str(&self.digits);
            }
            Ok(point) if point >= length => {
                out.push_str(&self.digits);
                out.extend(std::iter::repeat_n('0', point.saturating_sub(length)));
            }
            Ok(point) => {
                let (whole, fraction) = self.digits.split_at_checked(point).unwrap_or_default();
                out.push_str(whole);
                out.push('.');
                out.push_str(fraction);
            }
        }
        out
    }

    /// The exact value in the notation of ECMAScript's `Number::toString`. Beyond the exponents that
    /// are read, which no double has, the rest is put into digits: what is written can be read.
    fn ecmascript(&self) -> String {
        if self.digits.is_empty() || (-5..=21).contains(&self.point) {
            return self.plain();
        }
        let exponent = self.point.saturating_sub(1).clamp(-MAX_EXPONENT, MAX_EXPONENT);
        let mantissa = Number { point: self.point.saturating_sub(exponent), ..self.clone() };
        format!("{}e{exponent:+}", mantissa.plain())
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

impl From<u64> for Number {
    fn from(value: u64) -> Number {
        // Twenty digits at most: never over the limits.
        Number::parse(&value.to_string()).unwrap_or_else(|_| Number {
            text: "0".into(),
            negative: false,
            digits: "".into(),
            point: 0,
        })
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Number) -> bool {
        self.parts() == other.parts()
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
        let sign = |n: &Number| match (n.digits.is_empty(), n.negative) {
            (true, _) => 0,
            (false, true) => -1,
            (false, false) => 1,
        };
        let magnitude =
            || self.point.cmp(&other.point).then_with(|| self.digits.cmp(&other.digits));
        sign(self).cmp(&sign(other)).then_with(|| match sign(self) {
            0 => Ordering::Equal,
            1 => magnitude(),
            _ => magnitude().reverse(),
        })
    }
}
