//! Server-Sent Events, judged one by one as they stream by.
//!
//! The filter holds at most one event. An event leaves when its blank line has come: with the bytes
//! that it came with, or with its data replaced. What a lenient client might read in another way
//! does not leave as it came: the byte order mark is dropped, an event without its blank line is
//! dropped (it was never sent, by the standard), lines that the standard ignores are blanked, and
//! characters at which some clients split lines, though the standard does not, are escaped in data
//! and blanked elsewhere. Data that is replaced or stands beside such lines leaves on one line.

#[cfg(test)]
mod tests;

use super::escape_line_ends;

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// What becomes of the data of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Data {
    /// The event leaves as it came.
    Keep,
    /// The event leaves with this data, on one `data` line, and its other lines as they came.
    Replace(String),
}

/// Reads a stream in pieces, cut anywhere, and says what to send in their place.
#[derive(Clone, Debug)]
pub struct SseFilter {
    limit: usize,
    /// The bytes of the event that is not complete yet.
    held: Vec<u8>,
    /// Where in `held` the line begins that is not complete yet.
    line: usize,
    /// How much of a byte order mark there is where one may stand; `None` behind the beginning.
    mark: Option<usize>,
    /// Whether the last byte was a CR: a LF would belong to the same line's end.
    after_cr: bool,
    closed: bool,
}

impl SseFilter {
    /// A filter for a stream whose events have at most `limit` bytes each.
    #[must_use]
    pub fn new(limit: usize) -> SseFilter {
        let (held, line, mark) = (Vec::new(), 0, Some(0));
        SseFilter { limit, held, line, mark, after_cr: false, closed: false }
    }

    /// Takes the next piece of the stream and returns what to send on, which may be nothing yet.
    /// `end` says that nothing follows. `on_data` is asked once for each event that has data.
    pub fn push(
        &mut self,
        chunk: &[u8],
        end: bool,
        on_data: &mut dyn FnMut(&[u8]) -> Data,
    ) -> Vec<u8> {
        let mut out = Vec::new();
        let mut rest = self.without_mark(chunk);
        while !rest.is_empty() && !self.closed {
            rest = self.take_line(rest, &mut out, on_data);
        }
        if end {
            self.close();
        }
        out
    }

    /// Whether the stream is over: it ended, or an event was larger than the limit. Nothing that is
    /// pushed leaves any more.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.closed
    }

    fn close(&mut self) {
        self.held = Vec::new();
        self.closed = true;
    }

    /// Drops the byte order mark, and all that follow it: the client would drop the first that is
    /// left, and read a field where we saw a line that is none. What begins like one and is none
    /// goes where it belongs.
    fn without_mark<'c>(&mut self, mut chunk: &'c [u8]) -> &'c [u8] {
        while let (Some(seen), Some((&byte, rest))) = (self.mark, chunk.split_first()) {
            if BYTE_ORDER_MARK.get(seen) == Some(&byte) {
                chunk = rest;
                let seen = seen.saturating_add(1);
                self.mark = Some(if seen < BYTE_ORDER_MARK.len() { seen } else { 0 });
            } else {
                self.hold(BYTE_ORDER_MARK.get(..seen).unwrap_or(&[]));
                self.mark = None;
            }
        }
        chunk
    }

    fn hold(&mut self, bytes: &[u8]) {
        if self.held.len().saturating_add(bytes.len()) > self.limit {
            self.close();
        } else if !self.closed {
            self.held.extend_from_slice(bytes);
        }
    }

    /// Takes what belongs to the current line, and deals with the line if it is complete.
    fn take_line<'c>(
        &mut self,
        rest: &'c [u8],
        out: &mut Vec<u8>,
        on_data: &mut dyn FnMut(&[u8]) -> Data,
    ) -> &'c [u8] {
        if std::mem::take(&mut self.after_cr)
            && let Some(rest) = rest.strip_prefix(b"\n")
        {
            if self.held.is_empty() {
                out.push(b'\n');
            } else {
                self.hold(b"\n");
                self.line = self.held.len();
            }
            return rest;
        }
        let Some(at) = rest.iter().position(|b| matches!(b, b'\n' | b'\r')) else {
            self.hold(rest);
            return &[];
        };
        let (line, end) = rest.split_at(at);
        let (end, rest) = end.split_at(1.min(end.len()));
        self.hold(line);
        let line_is_blank = self.held.len() == self.line;
        self.hold(end);
        if self.closed {
            return &[];
        }
        self.after_cr = end == b"\r";
        // A comment before an event keeps the connection alive and is not kept waiting.
        if line_is_blank || (self.line == 0 && self.held.first() == Some(&b':')) {
            release(&self.held, out, on_data);
            self.held.clear();
        }
        self.line = self.held.len();
        rest
    }
}

/// Data as the text of an event: `data` lines and a blank one.
#[must_use]
pub fn event(data: &str) -> String {
    let lines = data.split(['\n', '\r']).map(|line| format!("data: {line}\n"));
    lines.chain(["\n".to_owned()]).collect()
}

/// Writes an event, or a comment, as it may leave. Asks about data that is more than white space.
fn release(event: &[u8], out: &mut Vec<u8>, on_data: &mut dyn FnMut(&[u8]) -> Data) {
    let data: Vec<&[u8]> = lines(event).filter_map(|(line, _)| data_of(line)).collect();
    let data = data.join(&b'\n');
    // Events without data are not dispatched, and none is read as a message by clients.
    let verdict = match data.iter().all(u8::is_ascii_whitespace) {
        true => Data::Keep,
        false => on_data(&data),
    };
    let replacement = match verdict {
        Data::Replace(text) => Some(text),
        Data::Keep if splits_for_some(event) || !lines(event).all(|(line, _)| is_known(line)) => {
            Some(String::from_utf8_lossy(&data).into_owned())
        }
        Data::Keep => None,
    };
    let Some(replacement) = replacement else {
        out.extend_from_slice(event);
        return;
    };
    // Between the tokens of JSON all of these mean the same, and within strings none may stand.
    let replacement = escape_line_ends(replacement.replace(ends_line_for_some, " "));
    let mut replacement = Some(replacement);
    for (line, end) in lines(event) {
        if data_of(line).is_some() {
            if let Some(text) = replacement.take() {
                out.extend_from_slice(b"data: ");
                out.extend_from_slice(text.as_bytes());
                out.extend_from_slice(end);
            } else if out.ends_with(b"\r") {
                // Left out, it could let this CR and the LF of a blank line become one end.
                out.push(b':');
                out.extend_from_slice(end);
            }
        } else {
            // An empty comment in its place keeps the lines in step.
            let stays = is_known(line) && !splits_for_some(line);
            out.extend_from_slice(if stays { line } else { b":" });
            out.extend_from_slice(end);
        }
    }
}

/// The lines of a text and their ends.
fn lines(text: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let at = rest.iter().position(|b| matches!(b, b'\n' | b'\r'))?;
        let (line, behind) = rest.split_at(at);
        let length = if behind.starts_with(b"\r\n") { 2 } else { 1 };
        let (end, behind) = behind.split_at_checked(length)?;
        rest = behind;
        Some((line, end))
    })
}

/// The value of a `data` field.
fn data_of(line: &[u8]) -> Option<&[u8]> {
    match line.strip_prefix(b"data")? {
        [] => Some(&[]),
        [b':', b' ', value @ ..] | [b':', value @ ..] => Some(value),
        _ => None,
    }
}

/// Whether the standard knows what to do with a line: a comment, or one of its fields.
fn is_known(line: &[u8]) -> bool {
    let name = line.split(|&b| b == b':').next().unwrap_or_default();
    [&b""[..], b"data", b"event", b"id", b"retry"].contains(&name)
}

/// Whether some clients end lines in other places than the standard does: at more characters, or
/// not at a CR, which only shows where LF ends lines too.
fn splits_for_some(event: &[u8]) -> bool {
    // A CR at the very end may be the first half of a line's end, and hides nothing behind it.
    let lone_cr = |two: &[u8]| matches!(two, [b'\r', next] if *next != b'\n');
    event.iter().any(|&b| b != b'\n' && b != b'\r' && ends_line_for_some(b.into()))
        || (!event.is_ascii()
            && (event.windows(2).any(|two| two == [0xc2, 0x85])
                || event.windows(3).any(|three| matches!(three, [0xe2, 0x80, 0xa8 | 0xa9]))))
        || (event.contains(&b'\n') && event.windows(2).any(lone_cr))
}

/// The ASCII characters at which some reader of lines ends one.
fn ends_line_for_some(c: char) -> bool {
    matches!(c, '\n'..='\r' | '\u{1c}'..='\u{1e}')
}
