//! Source text: byte spans, lines, and the one place that knows UTF-16.
//!
//! Everything inside the engine counts bytes of UTF-8. People read lines and columns, editors in
//! JavaScript count UTF-16 code units; both are worked out here and nowhere else.

/// A half-open range of bytes `[start, end)` in a text of at most 4 GiB.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// Offset of the first byte.
    pub start: u32,
    /// Offset behind the last byte.
    pub end: u32,
}

impl Span {
    /// A span from byte offsets; offsets beyond 4 GiB are clamped.
    #[must_use]
    pub fn new(start: usize, end: usize) -> Span {
        let clamp = |offset| u32::try_from(offset).unwrap_or(u32::MAX);
        Span { start: clamp(start), end: clamp(end) }
    }

    /// The text that the span covers, or `""` if it does not lie in `text` on character boundaries.
    #[must_use]
    pub fn of<'t>(&self, text: &'t str) -> &'t str {
        text.get(self.start as usize..self.end as usize).unwrap_or("")
    }

    /// The same span without its first and last byte: what stands between two quotes.
    #[must_use]
    pub fn inner(&self) -> Span {
        if self.end.saturating_sub(self.start) < 2 {
            return *self;
        }
        Span { start: self.start.saturating_add(1), end: self.end.saturating_sub(1) }
    }

    /// Its first byte alone: the bracket of a list or an object.
    #[must_use]
    pub fn first(&self) -> Span {
        Span { end: self.start.saturating_add(1), ..*self }
    }
}

/// A place as people name it. Both numbers begin at 1; columns count Unicode code points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1, in code points.
    pub column: u32,
}

/// Turns byte offsets of one text into lines, columns and UTF-16 offsets.
#[derive(Clone, Debug)]
pub struct LineIndex<'t> {
    text: &'t str,
    /// Byte offset of the first character of each line.
    starts: Vec<usize>,
    /// For each line the UTF-16 offset of its start.
    utf16_starts: Vec<usize>,
}

impl<'t> LineIndex<'t> {
    /// Reads `text` once. Lines end with LF, CRLF or a lone CR, as in CodeMirror.
    #[must_use]
    pub fn new(text: &'t str) -> LineIndex<'t> {
        let (mut starts, mut utf16_starts) = (vec![0], vec![0]);
        let mut utf16 = 0usize;
        let mut chars = text.char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            utf16 = utf16.saturating_add(c.len_utf16());
            let cr_of_crlf = c == '\r' && chars.peek().is_some_and(|&(_, next)| next == '\n');
            if (c == '\n' || c == '\r') && !cr_of_crlf {
                starts.push(at.saturating_add(1));
                utf16_starts.push(utf16);
            }
        }
        LineIndex { text, starts, utf16_starts }
    }

    /// The line (from 0), where it starts, and what of it stands before `offset`.
    fn locate(&self, offset: u32) -> (usize, &'t str) {
        let offset = (offset as usize).min(self.text.len());
        let line = self.starts.partition_point(|&start| start <= offset).saturating_sub(1);
        let start = self.starts.get(line).copied().unwrap_or(0);
        let mut end = offset;
        while !self.text.is_char_boundary(end) {
            end = end.saturating_sub(1);
        }
        (line, self.text.get(start..end).unwrap_or(""))
    }

    /// Line and column of a byte offset; an offset behind the text is its end.
    #[must_use]
    pub fn position(&self, offset: u32) -> Position {
        let (line, before) = self.locate(offset);
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX).saturating_add(1);
        Position { line: count(line), column: count(before.chars().count()) }
    }

    /// The column in UTF-16 code units, from 1.
    #[must_use]
    pub fn utf16_column(&self, offset: u32) -> u32 {
        let (_, before) = self.locate(offset);
        u32::try_from(before.encode_utf16().count()).unwrap_or(u32::MAX).saturating_add(1)
    }

    /// The offset in UTF-16 code units, as JavaScript counts.
    #[must_use]
    pub fn utf16(&self, offset: u32) -> u32 {
        let (line, before) = self.locate(offset);
        let start = self.utf16_starts.get(line).copied().unwrap_or(0);
        let units = start.saturating_add(before.encode_utf16().count());
        u32::try_from(units).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_and_utf16_offsets_agree_with_the_text() {
        let text = "a\r\n\u{1F600}é\rz";
        let index = LineIndex::new(text);
        let at = |needle: char| u32::try_from(text.find(needle).unwrap_or(0)).unwrap_or(0);
        assert_eq!(index.position(at('a')), Position { line: 1, column: 1 });
        assert_eq!(index.position(at('é')), Position { line: 2, column: 2 });
        assert_eq!(index.position(at('z')), Position { line: 3, column: 1 });
        assert_eq!(index.utf16(at('é')), 5);
        assert_eq!(index.utf16(at('z')), 7);
        assert_eq!(index.utf16_column(at('é')), 3);
        assert_eq!(index.utf16(u32::MAX), 8);
    }

    #[test]
    fn a_span_outside_the_text_is_empty() {
        assert_eq!(Span::new(1, 3).of("é"), "");
        assert_eq!(Span::new(0, 4).inner().of("\"ab\""), "ab");
    }
}
