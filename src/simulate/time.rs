//! Times and spans of time as scenarios write them.

use crate::model::Time;

/// Reads a time of RFC 3339, from 1970 to 9999; what is finer than a millisecond is cut off. Leap
/// seconds are refused: the engine's clock has none.
#[must_use]
pub fn moment(text: &str) -> Option<Time> {
    let mut rest = text;
    let year = digits(&mut rest, 4)?;
    let month = field(&mut rest, "-", 1, 12)?;
    let day = field(&mut rest, "-", 1, days_of(year, month))?;
    let hour = field(&mut rest, "Tt", 0, 23)?;
    let minute = field(&mut rest, ":", 0, 59)?;
    let second = field(&mut rest, ":", 0, 59)?;
    let mut millis = 0;
    if let Some(behind) = rest.strip_prefix('.') {
        let length = behind.find(|c: char| !c.is_ascii_digit()).unwrap_or(behind.len());
        let (fraction, behind) = behind.split_at_checked(length)?;
        if fraction.is_empty() {
            return None;
        }
        millis = format!("{fraction:0<3}").get(..3)?.parse().ok()?;
        rest = behind;
    }
    // East of Greenwich the same moment has a later local time.
    let (sign, offset) = match rest {
        "Z" | "z" => (1, 0),
        _ => {
            let sign = if rest.starts_with('-') { -1 } else { 1 };
            let hours = field(&mut rest, "+-", 0, 23)?;
            let minutes = field(&mut rest, ":", 0, 59)?;
            if !rest.is_empty() {
                return None;
            }
            (sign, hours.saturating_mul(60).saturating_add(minutes))
        }
    };
    let days = (1970..year)
        .map(|year| if is_leap(year) { 366 } else { 365 })
        .chain((1..month).map(|month| days_of(year, month)))
        .fold(day.checked_sub(1)?, i64::saturating_add);
    let time = [(24, hour), (60, minute), (60, second), (1000, millis)]
        .into_iter()
        .fold(days, |time: i64, (factor, more)| time.saturating_mul(factor).saturating_add(more));
    let offset = offset.saturating_mul(60_000).saturating_mul(sign);
    let utc = time.saturating_sub(offset);
    u64::try_from(utc).ok().filter(|_| year >= 1970).map(Time)
}

/// Reads a span of time, a whole number and its unit (`250ms`, `6s`, `5m`, `2h`, `1d`), in
/// milliseconds.
#[must_use]
pub fn span(text: &str) -> Option<u64> {
    let length = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at_checked(length)?;
    let unit = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(unit)
}

/// Takes one of the separators and two digits within bounds.
fn field(rest: &mut &str, separators: &str, least: i64, most: i64) -> Option<i64> {
    *rest = rest.strip_prefix(|c| separators.contains(c))?;
    digits(rest, 2).filter(|number| (least..=most).contains(number))
}

fn digits(rest: &mut &str, length: usize) -> Option<i64> {
    let (number, behind) = rest.split_at_checked(length)?;
    *rest = behind;
    number.bytes().all(|b| b.is_ascii_digit()).then(|| number.parse().ok())?
}

fn is_leap(year: i64) -> bool {
    let divides = |by| year.checked_rem(by) == Some(0);
    divides(4) && (!divides(100) || divides(400))
}

fn days_of(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// A time as RFC 3339 writes it in UTC: `2026-01-01T00:00:05Z`, with milliseconds where there are any.
#[must_use]
pub fn written(time: Time) -> String {
    let part = |at: u64, length: u64| at.checked_rem(length).unwrap_or(0);
    let (millis, seconds) = (part(time.0, 1000), time.0.div_euclid(1000));
    let (day, second) = (seconds.div_euclid(86_400), part(seconds, 86_400));
    let (mut year, mut day) = (1970, i64::try_from(day).unwrap_or(i64::MAX));
    // Further than any scenario goes, and not for ever.
    while year < 10_000 {
        let days = if is_leap(year) { 366 } else { 365 };
        if day < days {
            break;
        }
        (year, day) = (year.saturating_add(1), day.saturating_sub(days));
    }
    let mut month: i64 = 1;
    while month < 12 && day >= days_of(year, month) {
        (day, month) = (day.saturating_sub(days_of(year, month)), month.saturating_add(1));
    }
    let [hour, minute, second] =
        [second.div_euclid(3600), part(second.div_euclid(60), 60), part(second, 60)];
    let fraction = if millis == 0 { String::new() } else { format!(".{millis:03}") };
    let day = day.saturating_add(1);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}Z")
}
