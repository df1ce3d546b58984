//! Numbers are what slow decimals say they are.

use cattlegrid::json::Number;
use cattlegrid::model::Amount;

use super::choices::Choices;
use super::decimal;

pub fn check(bytes: &[u8]) {
    let mut c = Choices::new(bytes);
    let (a, b) = (text(&mut c), text(&mut c));
    let read = |text: &str| Number::parse(text).unwrap_or_else(|fault| panic!("{text}: {fault:?}"));
    let (x, y) = (read(&a), read(&b));
    assert_eq!(x < y, decimal::less(&a, &b), "{a} < {b}");
    assert_eq!(x > y, decimal::less(&b, &a), "{a} > {b}");
    assert_eq!(x == y, decimal::plain(&a) == decimal::plain(&b), "{a} == {b}");
    assert_eq!(x.plain(), decimal::plain(&a), "{a}");
    assert_eq!(
        Amount::taken(x.as_decimal()).map(Amount::millionths),
        decimal::millionths_up(&a),
        "{a}"
    );
}

/// A JSON number within the limits, with many zeros, nines and equal beginnings.
fn text(c: &mut Choices<'_>) -> String {
    let digits = |c: &mut Choices<'_>| -> String {
        let few = c.below(4);
        let mut text: String = (0..few).map(|_| c.of(&['0', '1', '9', '5'])).collect();
        if c.once_in(6) {
            text += &c.of(&["0", "9", "1"]).repeat(c.below(150));
        }
        text
    };
    let sign = if c.once_in(3) { "-" } else { "" };
    let whole = digits(c);
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    let mut text = format!("{sign}{whole}");
    if c.once_in(2) {
        text += &format!(".{}{}", digits(c), c.below(10));
    }
    if c.once_in(2) {
        let size = c.of(&[0, 1, 2, 6, 7, 24, 30, 399, 400]);
        text += &format!(
            "{}{}{size}",
            c.of(&["e", "E", "e0"]).replace("e0", "e"),
            c.of(&["", "+", "-", "-0"])
        );
    }
    text
}
