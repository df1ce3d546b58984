//! Amounts that limits count: exact, in millionths.

use std::fmt;

use crate::digits::backwards;
use crate::json::Decimal;

/// A quantity of at least zero and below 10^24, in millionths: `1.5` is 1,500,000.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Amount(u128);

/// Millionths in one.
const ONE: u128 = 1_000_000;
/// Places of a millionth behind the point.
const PLACES: i16 = 6;
/// The first amount that is too large: 10^24.
const BEYOND: u128 = 10u128.pow(24) * ONE;

impl Amount {
    /// Nothing.
    pub const ZERO: Amount = Amount(0);
    /// The largest amount.
    pub const MAX: Amount = Amount(BEYOND.saturating_sub(1));
    /// What a call counts when a limit counts calls.
    pub const ONE: Amount = Amount(ONE);

    /// The amount of so many millionths; `None` from 10^24 on.
    #[must_use]
    pub fn from_millionths(millionths: u128) -> Option<Amount> {
        (millionths < BEYOND).then_some(Amount(millionths))
    }

    /// The amount in millionths.
    #[must_use]
    pub fn millionths(self) -> u128 {
        self.0
    }

    /// A number as an amount that is taken, rounded up to a millionth; `None` if it is negative or
    /// too large.
    #[must_use]
    pub fn taken(number: Decimal<'_>) -> Option<Amount> {
        let (amount, exact) = Amount::truncated(number)?;
        Amount::from_millionths(amount.0.checked_add(u128::from(!exact))?)
    }

    /// A number as an amount that is there, rounded down to a millionth; `None` if it is negative
    /// or too large.
    #[must_use]
    pub fn available(number: Decimal<'_>) -> Option<Amount> {
        Amount::truncated(number).map(|(amount, _)| amount)
    }

    /// The number without what is below a millionth, and whether that was nothing.
    fn truncated(number: Decimal<'_>) -> Option<(Amount, bool)> {
        if number.is_negative() {
            return None;
        }
        let (millionths, exact) = number.shifted(PLACES)?;
        Amount::from_millionths(millionths).map(|amount| (amount, exact))
    }

    /// Plain decimal digits, without superfluous zeros.
    #[must_use]
    pub fn plain(self) -> String {
        // By hand: dividing by so large numbers and printing them would be 2 KB of a small module.
        let mut limbs = [96, 64, 32, 0].map(|bits| (self.0 >> bits) as u32);
        // The last first, without zeros at the end of those behind the point.
        let mut digits = Vec::new();
        let mut place: i16 = 0;
        while place <= PLACES || limbs != [0; 4] {
            let mut rest: u64 = 0;
            for limb in &mut limbs {
                let part = rest << 32 | u64::from(*limb);
                (*limb, rest) = ((part / 10) as u32, part % 10);
            }
            if place == PLACES && !digits.is_empty() {
                digits.push(b'.');
            }
            if place >= PLACES || rest != 0 || !digits.is_empty() {
                digits.push(b'0' | rest as u8);
            }
            place = place.saturating_add(1);
        }
        backwards(&digits)
    }

    /// The sum; `None` from 10^24 on.
    #[must_use]
    pub fn plus(self, other: Amount) -> Option<Amount> {
        self.0.checked_add(other.0).and_then(Amount::from_millionths)
    }

    /// The difference, or nothing if `other` is larger.
    #[must_use]
    pub fn minus(self, other: Amount) -> Amount {
        Amount(self.0.saturating_sub(other.0))
    }
}

impl fmt::Display for Amount {
    /// As [`Amount::plain`].
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.plain())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Decimal<'_> {
        Decimal::first(text).unwrap()
    }

    #[test]
    fn taking_rounds_up_and_having_rounds_down() {
        for (text, taken, available) in [
            ("0", "0", "0"),
            ("-0", "0", "0"),
            ("1.5", "1.5", "1.5"),
            ("0.0000001", "0.000001", "0"),
            ("1e-400", "0.000001", "0"),
            ("0.99999999", "1", "0.999999"),
            ("1.0000010", "1.000001", "1.000001"),
            ("999999999999999999999999", "999999999999999999999999", "999999999999999999999999"),
        ] {
            assert_eq!(Amount::taken(number(text)).unwrap().to_string(), taken, "{text}");
            assert_eq!(Amount::available(number(text)).unwrap().to_string(), available, "{text}");
        }
    }

    #[test]
    fn negative_and_huge_numbers_are_no_amounts() {
        for text in ["-1", "-1e-400", "1e24", "1e400"] {
            assert_eq!(Amount::taken(number(text)), None, "{text}");
            assert_eq!(Amount::available(number(text)), None, "{text}");
        }
        assert_eq!(Amount::taken(number("999999999999999999999999.9999999")), None);
    }
}
