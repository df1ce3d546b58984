//! A log that comes in pieces.

use super::line::{Entry, Format, Lines, MAX_LINE};

/// Puts the lines of a log together, wherever its pieces were cut.
#[derive(Clone, Debug)]
pub struct Feed {
    lines: Lines,
    /// The beginning of a line whose end is not there yet.
    begun: Vec<u8>,
}

impl Feed {
    /// A log of this format, of which nothing is there yet.
    #[must_use]
    pub fn new(format: Format) -> Feed {
        Feed { lines: Lines::new(0, format), begun: Vec::new() }
    }

    /// Takes the next piece, and gives the entries of all lines that end in it.
    pub fn take(&mut self, piece: &[u8], mut entry: impl FnMut(Entry)) {
        let mut parts = piece.split(|byte| *byte == b'\n').peekable();
        while let Some(part) = parts.next() {
            let is_last = parts.peek().is_none();
            if is_last || !self.begun.is_empty() {
                // Of a line that is too long, only that it is.
                let room = MAX_LINE.saturating_add(1).saturating_sub(self.begun.len());
                self.begun.extend_from_slice(part.get(..room).unwrap_or(part));
                if !is_last {
                    entry(self.lines.read(&self.begun));
                    self.begun.clear();
                }
            } else {
                entry(self.lines.read(part));
            }
        }
    }

    /// The last line, if it has no end.
    pub fn end(&mut self) -> Option<Entry> {
        let last = std::mem::take(&mut self.begun);
        (!last.is_empty()).then(|| self.lines.read(&last))
    }
}
