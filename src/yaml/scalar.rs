//! What a scalar means: the rules of YAML 1.2 with those of 1.1 that Go's reader keeps.

use crate::json::{Number, NumberFault};

/// What a scalar means.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Scalar {
    Null,
    Bool(bool),
    /// A whole number that 64 bits hold, signed or not.
    Integer(Number),
    Float(Number),
    Infinite {
        negative: bool,
    },
    NotANumber,
    /// A date or a moment without quotes.
    Date,
    Text,
    /// The key `<<`.
    Merge,
}

impl Scalar {
    /// What it is, with its article.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Scalar::Null => "null",
            Scalar::Bool(_) => "a boolean",
            Scalar::Integer(_) | Scalar::Float(_) => "a number",
            Scalar::Infinite { .. } => "infinity",
            Scalar::NotANumber => "not a number",
            Scalar::Date => "a date",
            Scalar::Text | Scalar::Merge => "a text",
        }
    }

    /// The meaning of a scalar and its text. `tag` is the name of a tag of YAML's own.
    pub(super) fn resolve(
        text: &str,
        plain: bool,
        tag: Option<&str>,
    ) -> Result<(Scalar, String), String> {
        let same = text.to_owned();
        let untagged = || if plain { meaning(text, true) } else { Scalar::Text };
        let fits = |scalar: &Scalar| match tag {
            None | Some("str") => true,
            Some("null") => *scalar == Scalar::Null,
            Some("bool") => matches!(scalar, Scalar::Bool(_)),
            Some("int") => matches!(scalar, Scalar::Integer(_)),
            Some("float") => matches!(
                scalar,
                Scalar::Integer(_)
                    | Scalar::Float(_)
                    | Scalar::Infinite { .. }
                    | Scalar::NotANumber
            ),
            Some("timestamp") => *scalar == Scalar::Date,
            Some("merge") => *scalar == Scalar::Merge,
            Some(_) => true,
        };
        let scalar = match tag {
            None => untagged(),
            Some("binary") => return Ok((Scalar::Text, base64(text)?)),
            Some("null" | "bool" | "int" | "float" | "merge") => meaning(text, false),
            Some("timestamp") => meaning(text, true),
            Some(_) => Scalar::Text,
        };
        match tag {
            Some(tag) if !fits(&scalar) => Err(format!("this is {}, not `!!{tag}`", scalar.kind())),
            _ => Ok((scalar, same)),
        }
    }
}

/// What an unquoted scalar means; where dates may stand, what looks like one is one.
fn meaning(text: &str, dates: bool) -> Scalar {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Scalar::Null,
        "true" | "True" | "TRUE" => return Scalar::Bool(true),
        "false" | "False" | "FALSE" => return Scalar::Bool(false),
        ".nan" | ".NaN" | ".NAN" => return Scalar::NotANumber,
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => {
            return Scalar::Infinite { negative: false };
        }
        "-.inf" | "-.Inf" | "-.INF" => return Scalar::Infinite { negative: true },
        "<<" => return Scalar::Merge,
        _ => {}
    }
    if !text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.')) {
        return Scalar::Text;
    }
    if dates && is_date(text) {
        return Scalar::Date;
    }
    // A number that begins with its point has no underscores.
    let digits = if text.starts_with('.') { text.to_owned() } else { text.replace('_', "") };
    integer(&digits).or_else(|| float(&digits)).unwrap_or(Scalar::Text)
}

/// A whole number in base 10, 16 (`0x`), 8 (`0o`, or only `0`) or 2 (`0b`), of 64 bits.
fn integer(text: &str) -> Option<Scalar> {
    let (sign, unsigned) = match text.strip_prefix(['+', '-']) {
        Some(rest) => (text.get(..1).unwrap_or(""), rest),
        None => ("", text),
    };
    let prefixed = |prefixes: [&str; 2]| prefixes.iter().find_map(|p| unsigned.strip_prefix(p));
    let (digits, base) = if let Some(rest) = prefixed(["0x", "0X"]) {
        (rest, 16)
    } else if let Some(rest) = prefixed(["0o", "0O"]) {
        (rest, 8)
    } else if let Some(rest) = prefixed(["0b", "0B"]) {
        (rest, 2)
    } else if unsigned.len() > 1 && unsigned.starts_with('0') {
        (unsigned, 8)
    } else {
        (unsigned, 10)
    };
    if digits.is_empty() || !digits.chars().all(|c| c.is_digit(base)) {
        return None;
    }
    let value = u64::from_str_radix(digits, base).ok()?;
    let fits = match sign {
        "" => true,
        "+" => value <= i64::MAX.unsigned_abs(),
        _ => value <= i64::MIN.unsigned_abs(),
    };
    let minus = if sign == "-" { "-" } else { "" };
    let number = Number::parse(&format!("{minus}{value}")).ok()?;
    fits.then_some(Scalar::Integer(number))
}

/// A decimal number, as long as a double is not too small for it.
fn float(text: &str) -> Option<Scalar> {
    let (negative, unsigned) = match text.strip_prefix(['+', '-']) {
        Some(rest) => (text.starts_with('-'), rest),
        None => (false, text),
    };
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    let exponent_digits = exponent.map(|e| e.strip_prefix(['+', '-']).unwrap_or(e));
    if (whole.is_empty() && fraction.is_empty())
        || !digits(whole)
        || !digits(fraction)
        || exponent_digits.is_some_and(|e| e.is_empty() || !digits(e))
    {
        return None;
    }
    let double: f64 = unsigned.parse().ok()?;
    if double.is_infinite() {
        return None;
    }
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        whole => whole,
    };
    let sign = if negative { "-" } else { "" };
    let point = if fraction.is_empty() { "" } else { "." };
    let exponent = exponent.map(|e| format!("e{e}")).unwrap_or_default();
    match Number::parse(&format!("{sign}{whole}{point}{fraction}{exponent}")) {
        Ok(number) => Some(Scalar::Float(number)),
        // So small, or with so many digits, that it is only the double that can be meant.
        Err(NumberFault::TooLarge | NumberFault::Syntax) => {
            let double = if negative { -double } else { double };
            Number::from_f64(double).map(Scalar::Float)
        }
    }
}

/// Whether an unquoted text is a date (`2026-1-31`), or one with a time behind it.
fn is_date(text: &str) -> bool {
    let Some((year, rest)) = text.split_once('-') else { return false };
    let Some((month, rest)) = rest.split_once('-') else { return false };
    if year.len() != 4 || !number(year, 9999) || !number(month, 12) || month.len() > 2 {
        return false;
    }
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let (day, time) = rest.split_at_checked(end).unwrap_or((rest, ""));
    if day.len() > 2 || !is_day(year, month, day) {
        return false;
    }
    match time.chars().next() {
        None => true,
        Some('T' | 't') => zoned(time.get(1..).unwrap_or("")),
        Some(' ') => {
            let time = time.get(1..).unwrap_or("");
            clock(time)
        }
        Some(_) => false,
    }
}

fn number(digits: &str, most: u32) -> bool {
    !digits.is_empty()
        && digits.bytes().all(|b| b.is_ascii_digit())
        && digits.parse::<u32>().is_ok_and(|value| value <= most)
}

fn is_day(year: &str, month: &str, day: &str) -> bool {
    let parse = |text: &str| text.parse::<u32>().unwrap_or(0);
    let (year, month, day) = (parse(year), parse(month), parse(day));
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 0,
    };
    (1..=days).contains(&day)
}

/// `15:04:05.999`, with one digit or two for each part.
fn clock(text: &str) -> bool {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let parts: Vec<&str> = whole.split(':').collect();
    let [hour, minute, second] = parts.as_slice() else { return false };
    let short = parts.iter().all(|part| part.len() <= 2);
    short
        && number(hour, 23)
        && number(minute, 59)
        && number(second, 59)
        && !fraction.is_empty()
        && fraction.bytes().all(|b| b.is_ascii_digit())
}

/// A time with `Z` or an offset behind it.
fn zoned(text: &str) -> bool {
    if let Some(time) = text.strip_suffix('Z') {
        return clock(time);
    }
    let Some(at) = text.rfind(['+', '-']) else { return false };
    let Some((time, offset)) = text.split_at_checked(at) else { return false };
    let offset = offset.get(1..).unwrap_or("");
    let valid = offset.split_once(':').is_some_and(|(hour, minute)| {
        hour.len() == 2 && minute.len() == 2 && number(hour, 24) && number(minute, 60)
    });
    valid && clock(time)
}

/// The text that base 64 stands for, white space aside.
fn base64(text: &str) -> Result<String, String> {
    let refused = || "this is no base 64 of a text".to_owned();
    let digits: Vec<u8> = text.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
    if !digits.len().is_multiple_of(4) {
        return Err(refused());
    }
    let body = digits.strip_suffix(b"==").or(digits.strip_suffix(b"=")).unwrap_or(&digits);
    let mut bytes = Vec::new();
    let (mut bits, mut count) = (0u32, 0u32);
    for &digit in body {
        let value = match digit {
            b'A'..=b'Z' => digit.saturating_sub(b'A'),
            b'a'..=b'z' => digit.saturating_sub(b'a').saturating_add(26),
            b'0'..=b'9' => digit.saturating_sub(b'0').saturating_add(52),
            b'+' => 62,
            b'/' => 63,
            _ => return Err(refused()),
        };
        bits = (bits << 6 | u32::from(value)) & 0xffff;
        count = count.saturating_add(6);
        if count >= 8 {
            count = count.saturating_sub(8);
            bytes.push(u8::try_from((bits >> count) & 0xff).unwrap_or(0));
        }
    }
    String::from_utf8(bytes).map_err(|_| refused())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_scalars_mean_what_go_reads() {
        let number = |text: &str| Number::parse(text).unwrap();
        let int = |text: &str| Scalar::Integer(number(text));
        let float = |text: &str| Scalar::Float(number(text));
        for (text, expected) in [
            ("yes", Scalar::Text),
            ("off", Scalar::Text),
            ("True", Scalar::Bool(true)),
            ("tRue", Scalar::Text),
            ("Null", Scalar::Null),
            ("", Scalar::Null),
            ("1_000", int("1000")),
            ("0o17", int("15")),
            ("017", int("15")),
            ("08", float("8")),
            ("0x1F", int("31")),
            ("-0x10", int("-16")),
            ("0b101", int("5")),
            ("+5", int("5")),
            ("-0", int("0")),
            ("18446744073709551615", int("18446744073709551615")),
            ("+18446744073709551615", float("18446744073709551615")),
            ("18446744073709551616", float("18446744073709551616")),
            ("1.", float("1")),
            (".5", float("0.5")),
            ("-.5e3", float("-500")),
            ("1e3", float("1000")),
            ("1e400", Scalar::Text),
            ("1e-500", float("0")),
            ("1.2.3", Scalar::Text),
            ("-.inf", Scalar::Infinite { negative: true }),
            ("+.nan", Scalar::Text),
            ("-", Scalar::Text),
            ("2026-02-28", Scalar::Date),
            ("2026-02-30", Scalar::Text),
            ("2026-1-2T3:4:5.6Z", Scalar::Date),
            ("2026-1-2 3:4:5", Scalar::Date),
            ("12:30", Scalar::Text),
            ("5/hour", Scalar::Text),
        ] {
            assert_eq!(meaning(text, true), expected, "{text}");
        }
        let resolved = |text, tag| Scalar::resolve(text, true, Some(tag)).ok();
        assert_eq!(resolved("5", "str"), Some((Scalar::Text, "5".to_owned())));
        assert_eq!(resolved("aGk=", "binary"), Some((Scalar::Text, "hi".to_owned())));
        assert_eq!(resolved("x", "int"), None);
        assert_eq!(resolved("x", "timestamp"), None);
    }
}
