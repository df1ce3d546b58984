//! Fixes at work: edits on a text.

use super::{Edit, Fix};

/// A text with fixes in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mended {
    /// The text as it is now.
    pub text: String,
    /// Which of the fixes were made, as their places in the list that was given.
    pub made: Vec<usize>,
}

/// Makes the edits of fixes, all places being those of `text`. A fix is made as a whole or not at
/// all: one of which an edit touches an earlier fix's, or lies outside of the text, is left for the
/// next time.
#[must_use]
pub fn apply<'f>(text: &str, fixes: impl IntoIterator<Item = &'f Fix>) -> Mended {
    let mut edits: Vec<&Edit> = Vec::new();
    let mut made = Vec::new();
    for (at, fix) in fixes.into_iter().enumerate() {
        let fits = |edit: &Edit| {
            text.get(edit.span.start as usize..edit.span.end as usize).is_some()
                && !edits.iter().any(|other| touch(edit, other))
        };
        if fix.edits.iter().all(fits) {
            edits.extend(&fix.edits);
            made.push(at);
        }
    }
    edits.sort_by_key(|edit| edit.span);
    let mut out = String::with_capacity(text.len());
    let mut from = 0usize;
    for edit in edits {
        out.push_str(text.get(from..edit.span.start as usize).unwrap_or(""));
        out.push_str(&edit.text);
        from = edit.span.end as usize;
    }
    out.push_str(text.get(from..).unwrap_or(""));
    Mended { text: out, made }
}

/// Edits side by side touch too: which of two insertions at one place comes first is a guess.
fn touch(a: &Edit, b: &Edit) -> bool {
    a.span.start <= b.span.end && b.span.start <= a.span.end
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Span;

    fn fix(edits: &[(usize, usize, &str)]) -> Fix {
        let edit = |&(start, end, text): &(usize, usize, &str)| Edit {
            span: Span::new(start, end),
            text: text.to_owned(),
        };
        Fix { title: String::new(), edits: edits.iter().map(edit).collect(), safe: true }
    }

    #[test]
    fn makes_what_does_not_overlap() {
        let fixes = [fix(&[(8, 9, "!")]), fix(&[(0, 1, "A"), (3, 3, "-")]), fix(&[(1, 2, "B")])];
        let mended = apply("abcdefghi", &fixes);
        assert_eq!((mended.text.as_str(), mended.made.as_slice()), ("Abc-defgh!", &[0, 1][..]));
    }

    #[test]
    fn leaves_what_does_not_fit_the_text() {
        let fixes = [fix(&[(1, 2, "x")]), fix(&[(7, 9, "x")]), fix(&[(0, 0, "<")])];
        let mended = apply("é!", &fixes);
        assert_eq!((mended.text.as_str(), mended.made.as_slice()), ("<é!", &[2][..]));
    }
}
