//! A pattern that is being written, tried on a text.

use super::text::Members;
use crate::model::{Found, match_pattern};
use crate::source::LineIndex;

/// Whether a pattern of the `regex` operator is found in a text, and where: `{matches, found?}` with
/// `found` the place `[start, end]` in the text, left out also where looking for it takes too long; or
/// `{error, place}` with what is wrong with the pattern and where in it. Places are counted in UTF-16
/// code units.
#[must_use]
pub fn match_text(pattern: &str, text: &str) -> String {
    let mut out = Members::default();
    let place = |text: &str, start: usize, end: usize| {
        let index = LineIndex::new(text);
        let units = |at: usize| index.utf16(u32::try_from(at).unwrap_or(u32::MAX));
        format!("[{},{}]", units(start), units(end))
    };
    match match_pattern(pattern, text) {
        Ok(found) => {
            out.flag("matches", found != Found::Nowhere);
            if let Found::At(start, end) = found {
                out.json("found", &place(text, start, end));
            }
        }
        Err(wrong) => {
            out.text("error", &wrong.kind.to_string());
            out.json("place", &place(pattern, wrong.start, wrong.end));
        }
    }
    out.end()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_where_in_javascripts_units() {
        assert_eq!(match_text("é+", "😀éé."), r#"{"matches":true,"found":[2,4]}"#);
        assert_eq!(match_text("x", "😀"), r#"{"matches":false}"#);
        assert_eq!(match_text("😀(", ""), r#"{"error":"missing closing `)`","place":[2,3]}"#);
    }
}
