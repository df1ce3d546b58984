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

    /// The same words in a text that has become longer by so many bytes before them; a text that has
    /// become shorter is one with as many less than 2³² more.
    #[must_use]
    pub(crate) fn moved(&self, by: u32) -> Span {
        Span { start: self.start.wrapping_add(by), end: self.end.wrapping_add(by) }
    }

    /// Its first byte alone: the bracket of a list or an object.
    #[must_use]
    pub fn first(&self) -> Span {
        Span { end: self.start.saturating_add(1), ..*self }
    }
}

/// The text before and behind the first place where `mark` stands: what `str::split_once` says, which for
/// texts is 5 KB of code.
pub(crate) fn split_at_first<'t>(text: &'t str, mark: &str) -> Option<(&'t str, &'t str)> {
    let bytes = text.as_bytes();
    let begins =
        |at: &usize| bytes.get(*at..).is_some_and(|rest| rest.starts_with(mark.as_bytes()));
    let (before, rest) = text.split_at_checked((0..bytes.len()).find(begins)?)?;
    Some((before, rest.get(mark.len()..)?))
}

/// A place as people name it. Both numbers begin at 1; columns count Unicode code points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1, in code points.
    pub column: u32,
}

/// Turns byte offsets of one text into lines, columns and UTF-16 offsets, each in a time that depends
/// on no line's length.
#[derive(Clone, Debug)]
pub struct LineIndex<'t> {
    text: &'t str,
    /// Where each line starts, and places within long lines; the first is the start of the text.
    marks: Vec<Mark>,
}

/// A place of which everything is known.
#[derive(Clone, Copy, Debug, Default)]
struct Mark {
    /// Its offset in bytes.
    start: usize,
    /// Its offset in UTF-16 code units.
    utf16: u32,
    /// Its line, from 0.
    line: u32,
    /// How many code points of its line stand before it.
    column: u32,
    /// How many UTF-16 code units of its line stand before it.
    utf16_column: u32,
}

impl Mark {
    /// Goes on by so many bytes, UTF-16 code units and code points of the same line.
    fn step(&mut self, bytes: usize, units: usize, points: usize) {
        let [units, points] = [units, points].map(|count| u32::try_from(count).unwrap_or(u32::MAX));
        self.start = self.start.saturating_add(bytes);
        self.utf16 = self.utf16.saturating_add(units);
        self.utf16_column = self.utf16_column.saturating_add(units);
        self.column = self.column.saturating_add(points);
    }
}

/// At most so many bytes stand between a place and the mark before it, but for the rest of a character.
const STEP: usize = 512;

impl<'t> LineIndex<'t> {
    /// Reads `text` once. Lines end with LF, CRLF or a lone CR, as in CodeMirror.
    #[must_use]
    pub fn new(text: &'t str) -> LineIndex<'t> {
        let bytes = text.as_bytes();
        let mut marks = vec![Mark::default()];
        let mut here = Mark::default();
        while let Some(rest) = bytes.get(here.start..).filter(|rest| !rest.is_empty()) {
            // Characters that are one of everything, up to the next mark.
            let plain = |byte: &u8| matches!(byte, 0..=0x09 | 0x0b..=0x0c | 0x0e..=0x7f);
            let last = marks.last().map_or(0, |mark| mark.start);
            let room = last.saturating_add(STEP).saturating_sub(here.start);
            let most = rest.get(..room).unwrap_or(rest);
            let count = most.iter().position(|byte| !plain(byte)).unwrap_or(most.len());
            here.step(count, count, count);
            let Some(&byte) = rest.get(count) else { break };
            if byte == b'\n' || byte == b'\r' {
                here.step(1, 1, 1);
                let of_crlf = byte == b'\r' && rest.get(count.saturating_add(1)) == Some(&b'\n');
                if !of_crlf {
                    let line = here.line.saturating_add(1);
                    here = Mark { line, column: 0, utf16_column: 0, ..here };
                    marks.push(here);
                }
            } else if here.start.saturating_sub(last) >= STEP {
                marks.push(here);
            } else if !plain(&byte) {
                let (length, units) = match byte {
                    0xf0.. => (4, 2),
                    0xe0.. => (3, 1),
                    _ => (2, 1),
                };
                here.step(length, units, 1);
            }
        }
        LineIndex { text, marks }
    }

    /// The last mark up to `offset`, and what stands between them.
    fn locate(&self, offset: u32) -> (Mark, &'t str) {
        let offset = (offset as usize).min(self.text.len());
        let at = self.marks.partition_point(|mark| mark.start <= offset).saturating_sub(1);
        let mark = self.marks.get(at).copied().unwrap_or_default();
        let mut end = offset;
        while !self.text.is_char_boundary(end) {
            end = end.saturating_sub(1);
        }
        (mark, self.text.get(mark.start..end).unwrap_or(""))
    }

    /// Line and column of a byte offset; an offset behind the text is its end.
    #[must_use]
    pub fn position(&self, offset: u32) -> Position {
        let (mark, between) = self.locate(offset);
        // Each has one byte that goes on with no other.
        let points = between.bytes().filter(|byte| !matches!(byte, 0x80..=0xbf));
        let column = mark.column.saturating_add(count(points));
        Position { line: mark.line.saturating_add(1), column: column.saturating_add(1) }
    }

    /// The column in UTF-16 code units, from 1.
    #[must_use]
    pub fn utf16_column(&self, offset: u32) -> u32 {
        let (mark, between) = self.locate(offset);
        let column = mark.utf16_column.saturating_add(count(between.encode_utf16()));
        column.saturating_add(1)
    }

    /// The offset in UTF-16 code units, as JavaScript counts.
    #[must_use]
    pub fn utf16(&self, offset: u32) -> u32 {
        let (mark, between) = self.locate(offset);
        mark.utf16.saturating_add(count(between.encode_utf16()))
    }

    /// The offset in bytes of a place that is counted in UTF-16 code units: within a character its
    /// start, behind the text its end.
    #[must_use]
    pub fn byte(&self, utf16: u32) -> usize {
        let at = self.marks.partition_point(|mark| mark.utf16 <= utf16).saturating_sub(1);
        let mark = self.marks.get(at).copied().unwrap_or_default();
        let (mut byte, mut units) = (mark.start, mark.utf16);
        for c in self.text.get(mark.start..).unwrap_or("").chars() {
            units = units.saturating_add(if c.len_utf16() > 1 { 2 } else { 1 });
            if units > utf16 {
                break;
            }
            byte = byte.saturating_add(c.len_utf8());
        }
        byte
    }
}

fn count<T>(items: impl Iterator<Item = T>) -> u32 {
    u32::try_from(items.count()).unwrap_or(u32::MAX)
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
    fn long_lines_are_no_other_lines() {
        let text =
            ["é\u{1F600}\r\nab\ré", &"x\u{1F600}é".repeat(700), "\n", &"y".repeat(1500), "\n"]
                .concat();
        let index = LineIndex::new(&text);
        let mut line = (1, 0, 0);
        for (at, c) in text.char_indices() {
            let at = u32::try_from(at).unwrap();
            let before = &text[..at as usize];
            let position = Position { line: line.0, column: line.1 + 1 };
            assert_eq!(
                (index.position(at), index.utf16_column(at)),
                (position, line.2 + 1),
                "{at}"
            );
            assert_eq!(index.utf16(at) as usize, before.encode_utf16().count());
            assert_eq!(index.byte(index.utf16(at)), at as usize);
            let last = index.utf16(at) + u32::try_from(c.len_utf16()).unwrap() - 1;
            assert_eq!(index.byte(last), at as usize, "within a character");
            let ends = c == '\n' || c == '\r' && !text[at as usize + 1..].starts_with('\n');
            let units = u32::try_from(c.len_utf16()).unwrap();
            line = if ends { (line.0 + 1, 0, 0) } else { (line.0, line.1 + 1, line.2 + units) };
        }
        assert_eq!(index.utf16(u32::MAX) as usize, text.encode_utf16().count());
        assert_eq!(index.byte(u32::MAX), text.len());
    }

    #[test]
    fn splits_where_the_standard_library_does() {
        for text in ["", "a", ":]", "a:]", ":]b", "a:b]:]:]c", "é::]é", ":"] {
            for mark in [":]", "é", ":", "a:"] {
                assert_eq!(split_at_first(text, mark), text.split_once(mark), "{mark} in {text}");
            }
        }
    }

    #[test]
    fn a_span_outside_the_text_is_empty() {
        assert_eq!(Span::new(1, 3).of("é"), "");
        assert_eq!(Span::new(0, 4).inner().of("\"ab\""), "ab");
    }
}
