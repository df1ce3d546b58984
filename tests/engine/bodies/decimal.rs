//! Exact decimals in the slowest way: as 801 digits on either side of the point, which no number that the
//! engine reads exceeds. Texts are JSON numbers of at most 400 digits with exponents within ±400.

/// The sign and the digits before and behind the point. Zero has no sign.
fn expanded(text: &str) -> (bool, String, String) {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = whole.trim_start_matches('-').to_owned() + fraction;
    let point = digits.len() as i32 - fraction.len() as i32 + exponent.parse::<i32>().unwrap();
    let padded = format!("{}{digits}{}", "0".repeat((801 - point) as usize), "0".repeat(1602));
    let negative = text.starts_with('-') && digits.chars().any(|digit| digit != '0');
    (negative, padded[..801].to_owned(), padded[801..1602].to_owned())
}

/// Whether one is less than the other.
pub fn less(a: &str, b: &str) -> bool {
    let (a, b) = (expanded(a), expanded(b));
    match (a.0, b.0) {
        (false, false) => (a.1, a.2) < (b.1, b.2),
        (true, true) => (b.1, b.2) < (a.1, a.2),
        (negative, _) => negative,
    }
}

/// Plain decimal text: no exponent and no digit too many.
pub fn plain(text: &str) -> String {
    let (negative, whole, fraction) = expanded(text);
    let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
    let whole = if whole.is_empty() { "0" } else { whole };
    let dot = if fraction.is_empty() { "" } else { "." };
    format!("{}{whole}{dot}{fraction}", if negative { "-" } else { "" })
}

/// In millionths, rounded up; none if it is negative, or 10^24 and beyond.
pub fn millionths_up(text: &str) -> Option<u128> {
    let (negative, whole, fraction) = expanded(text);
    let (kept, rest) = fraction.split_at(6);
    let whole = whole.trim_start_matches('0');
    if negative || whole.len() > 24 {
        return None;
    }
    let up = u128::from(rest.chars().any(|digit| digit != '0'));
    let amount = format!("{whole}{kept}").parse::<u128>().unwrap() + up;
    (amount < 10u128.pow(30)).then_some(amount)
}
