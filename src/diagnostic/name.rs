//! Names from a text as messages show them.

use super::fill;

/// So many characters of a name are shown.
const SHOWN: usize = 60;

/// A name in backticks. What could make a terminal or a log show something else (control
/// characters, marks that turn the direction of writing) is escaped, and a long name is cut.
#[must_use]
pub fn name(text: &str) -> String {
    if text.len() <= SHOWN && text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return ["`", text, "`"].concat();
    }
    let end = text.char_indices().nth(SHOWN);
    let shown = end.and_then(|(end, _)| text.get(..end)).unwrap_or(text);
    fill("`{}{}`", &[&printable(shown), if end.is_some() { "…" } else { "" }])
}

/// A text of any length, of which the same is escaped as of a [`name`].
#[must_use]
pub fn printable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                out.extend(c.escape_unicode());
            }
            c if c.is_control() => out.extend(c.escape_default()),
            c => out.push(c),
        }
    }
    out
}

/// Names in backticks, as a sentence lists them: `a`, `b` or `c`. Of many, only the first few.
#[must_use]
pub fn names<'n>(all: impl IntoIterator<Item = &'n str>, last: &str) -> String {
    const LISTED: usize = 12;
    let mut shown: Vec<String> = all.into_iter().map(name).collect();
    let more = shown.len().saturating_sub(LISTED);
    if more > 0 {
        shown.truncate(LISTED);
        return fill("{} {} {} more", &[&shown.join(", "), last, &more.to_string()]);
    }
    match shown.pop() {
        Some(end) if !shown.is_empty() => fill("{} {} {}", &[&shown.join(", "), last, &end]),
        Some(only) => only,
        None => "none".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_safe_to_print() {
        assert_eq!(name("a"), "`a`");
        assert_eq!(name("a\u{1b}[2J\n\u{202e}é"), "`a\\u{1b}[2J\\n\\u{202e}é`");
        assert_eq!(name(&"x".repeat(100)).chars().count(), 63);
        assert_eq!(names(["a", "b", "c"], "or"), "`a`, `b` or `c`");
        assert_eq!(names(["a"], "or"), "`a`");
        assert_eq!(names(["a"; 14], "and"), format!("{} and 2 more", ["`a`"; 12].join(", ")));
    }
}
