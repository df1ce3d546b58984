//! Numbers that stand for the points and the open intervals between some bounds: exact decimals.

use crate::json::Number;
use crate::order::sort_by;

/// Digits behind the point up to which a number between two others is looked for.
const MAX_PLACES: usize = 380;

/// One number of each point and of each open interval between the points and beyond them, in their
/// order; `whole`: where only whole numbers count. Says whether that is all: of an interval that is
/// not known to be empty no number may have been found.
pub(super) fn members(mut points: Vec<Number>, whole: bool) -> (Vec<Number>, bool) {
    sort_by(&mut points, |a, b| a.as_decimal().cmp(&b.as_decimal()));
    points.dedup_by(|a, b| a.as_decimal() == b.as_decimal());
    let (mut members, mut complete) = (Vec::new(), true);
    let mut low: Option<&Number> = None;
    for high in points.iter().map(Some).chain([None]) {
        match between(low, high, whole) {
            Between::Here(number) => members.push(number),
            Between::Nothing => {}
            Between::Unseen => complete = false,
        }
        members.extend(high.cloned());
        low = high;
    }
    (members, complete)
}

/// What is between two numbers.
enum Between {
    /// This, the shortest in digits or nearly.
    Here(Number),
    /// Nothing.
    Nothing,
    /// It was not found out.
    Unseen,
}

fn between(low: Option<&Number>, high: Option<&Number>, whole: bool) -> Between {
    let is_positive = |number: &Number| !number.is_negative() && number.plain() != "0";
    if low.is_none_or(Number::is_negative) && high.is_none_or(is_positive) {
        return parsed("0", false);
    }
    // On the other side of zero it is the same the other way round.
    let mirrored = low.is_none_or(Number::is_negative);
    let (near, far) = if mirrored { (high, low) } else { (low, high) };
    let near = near.map_or_else(|| "0".to_owned(), |number| size(&number.plain()));
    let far = far.map(|number| size(&number.plain()));
    let Some(far) = far else { return parsed(&above(&near, 0), mirrored) };
    let Ok(far) = Number::parse(&far) else { return Between::Unseen };
    for places in 0..=if whole { 0 } else { MAX_PLACES } {
        let Ok(number) = Number::parse(&above(&near, places)) else { return Between::Unseen };
        if number.as_decimal() < far.as_decimal() {
            return parsed(&number.plain(), mirrored);
        }
    }
    if whole { Between::Nothing } else { Between::Unseen }
}

fn size(plain: &str) -> String {
    plain.strip_prefix('-').unwrap_or(plain).to_owned()
}

fn parsed(size: &str, negative: bool) -> Between {
    let sign = if negative { "-" } else { "" };
    Number::parse(&format!("{sign}{size}")).map_or(Between::Unseen, Between::Here)
}

/// The next number above one that is not negative, with so many places behind the point.
fn above(plain: &str, places: usize) -> String {
    let (whole, fraction) = plain.split_once('.').unwrap_or((plain, ""));
    let zeros = std::iter::repeat(b'0');
    let mut digits: Vec<u8> =
        whole.bytes().chain(fraction.bytes().chain(zeros).take(places)).collect();
    let mut carry = true;
    for digit in digits.iter_mut().rev() {
        if !carry {
            break;
        }
        carry = *digit == b'9';
        *digit = if carry { b'0' } else { digit.saturating_add(1) };
    }
    if carry {
        digits.insert(0, b'1');
    }
    let mut text: String = digits.into_iter().map(char::from).collect();
    if places > 0 {
        text.insert(text.len().saturating_sub(places), '.');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(points: &[&str], whole: bool) -> (String, bool) {
        let points = points.iter().map(|text| Number::parse(text).unwrap()).collect();
        let (members, complete) = members(points, whole);
        let texts: Vec<String> = members.iter().map(Number::plain).collect();
        (texts.join(" "), complete)
    }

    #[test]
    fn every_interval_has_a_member() {
        assert_eq!(of(&[], false), ("0".into(), true));
        assert_eq!(of(&["5"], false), ("0 5 6".into(), true));
        assert_eq!(of(&["0"], false), ("-1 0 1".into(), true));
        assert_eq!(
            of(&["50000", "1", "1.0", "2"], false),
            ("0 1 1.1 2 3 50000 50001".into(), true)
        );
        assert_eq!(of(&["-2", "-1.5"], false), ("-3 -2 -1.6 -1.5 0".into(), true));
        assert_eq!(of(&["0.99", "1"], false), ("0 0.99 0.991 1 2".into(), true));
        assert_eq!(of(&["99.9", "100"], false), ("0 99.9 99.91 100 101".into(), true));
    }

    #[test]
    fn between_whole_numbers_there_may_be_none() {
        assert_eq!(of(&["1", "2", "4"], true), ("0 1 2 3 4 5".into(), true));
        assert_eq!(of(&["-1", "0"], true), ("-2 -1 0 1".into(), true));
    }

    #[test]
    fn what_is_not_found_is_said() {
        assert!(!of(&["1e400"], false).1);
        assert!(!of(&["0", "1e-400"], false).1);
    }
}
