//! The headers of a message, read where they lie in the bytes that the proxy gave.

use std::borrow::Cow;

/// The headers of a message, names in lower case, as the proxy tells them. All at once, because each that
/// is asked of the proxy by its name costs as much as all of them; and where they lie, because a text for
/// each name and each value took a fifth of what the filter itself had to do for an ordinary call.
pub struct Headers {
    bytes: Vec<u8>,
    /// Those that every request or answer is asked for, found in one go.
    known: [Found; KNOWN.len()],
    /// The first bytes of all names, each as the bit of its lowest five.
    begins: u32,
}

/// The headers that every request or answer is asked for.
const KNOWN: [&str; 12] = [
    ":method",
    ":path",
    ":status",
    "accept-encoding",
    "authorization",
    "cattlegrid-approval",
    "content-encoding",
    "content-length",
    "content-type",
    "mcp-session-id",
    "transfer-encoding",
    "x-request-id",
];

/// The bit of a first byte in [`Headers::begins`].
fn bit_of(byte: u8) -> u32 {
    1 << (byte & 31)
}

/// Where the value of a header is.
#[derive(Clone, Copy)]
enum Found {
    Nowhere,
    /// From there on, so long.
    Once(usize, usize),
    /// It came in several lines.
    Often,
}

impl Headers {
    /// The headers in the bytes of the ABI (see [`Lines`]). `None` for other bytes.
    pub fn read(bytes: Vec<u8>) -> Option<Headers> {
        let (mut known, mut begins) = ([Found::Nowhere; KNOWN.len()], 0);
        let Lines { lengths, next: mut at, .. } = Lines::of(&bytes)?;
        // Of most lines no more than the lengths and the first byte is looked at.
        for length in lengths.as_chunks().0 {
            let (name, value) = lengths_in(length)?;
            let from = at.checked_add(name)?.checked_add(1)?;
            if let Some(first) = bytes.get(at) {
                begins |= bit_of(*first);
                if let Some(found) = place_of(name, *first, || bytes.get(at..)?.get(..name))
                    .and_then(|at| known.get_mut(at))
                {
                    *found = match found {
                        Found::Nowhere => Found::Once(from, value),
                        _ => Found::Often,
                    };
                }
            }
            at = from.checked_add(value)?.checked_add(1)?;
        }
        // The last NUL is nobody's.
        (at <= bytes.len().saturating_add(1)).then_some(Headers { bytes, known, begins })
    }

    fn lines(&self) -> impl Iterator<Item = Line<'_>> {
        Lines::of(&self.bytes).into_iter().flatten()
    }

    /// The headers with such names, once each; all of these names begin so.
    pub fn such_as(&self, begin: &str, wanted: fn(&str) -> bool) -> Vec<(String, String)> {
        let mut found: Vec<(String, String)> = Vec::new();
        if begin.bytes().next().is_some_and(|first| self.begins & bit_of(first) == 0) {
            return found;
        }
        for line in self.lines().filter(|line| line.name.starts_with(begin.as_bytes())) {
            let Some(name) = std::str::from_utf8(line.name).ok().filter(|name| wanted(name)) else {
                continue;
            };
            if found.iter().all(|(other, _)| other != name) {
                let value = self.get(name).unwrap_or_default().into_owned();
                found.push((name.to_owned(), value));
            }
        }
        found
    }

    /// Whether a header is there.
    #[inline(always)]
    pub fn has(&self, name: &str) -> bool {
        match place_of_name(name).and_then(|at| self.known.get(at)) {
            Some(found) => !matches!(found, Found::Nowhere),
            None => self.lines().any(|line| line.name == name.as_bytes()),
        }
    }

    /// The value of a header. Of one that came in several lines the values are joined by `, `; bytes
    /// that are no text become U+FFFD.
    #[inline(always)]
    pub fn get(&self, name: &str) -> Option<Cow<'_, str>> {
        // Which it is, the compiler knows, and most are not there.
        match place_of_name(name).and_then(|at| self.known.get(at)) {
            Some(Found::Nowhere) => None,
            Some(Found::Once(from, length)) => self.text_at(*from, *length),
            Some(Found::Often) | None => self.joined(name),
        }
    }

    #[inline(never)]
    fn text_at(&self, from: usize, length: usize) -> Option<Cow<'_, str>> {
        Some(text_of(self.bytes.get(from..)?.get(..length)?))
    }

    /// The values of all lines of a header.
    #[inline(never)]
    fn joined(&self, name: &str) -> Option<Cow<'_, str>> {
        let mut values = self.lines().filter(|line| line.name == name.as_bytes());
        let mut value = text_of(values.next()?.value);
        for more in values {
            value.to_mut().extend([", ", &text_of(more.value)]);
        }
        Some(value)
    }
}

/// Which of [`KNOWN`] a name is.
#[inline(always)]
fn place_of_name(name: &str) -> Option<usize> {
    place_of(name.len(), name.bytes().next()?, || Some(name.as_bytes()))
}

/// The same for a name of this length and first byte; which it is, is only asked if it may be one.
#[inline(always)]
fn place_of<'n>(length: usize, first: u8, name: impl Fn() -> Option<&'n [u8]>) -> Option<usize> {
    // The first letter and the length tell nearly all others apart.
    let at = match (length, first) {
        (7, b':') => 0,
        (5, b':') => 1,
        (15, b'a') => 3,
        (13, b'a') => 4,
        (19, b'c') => 5,
        (16, b'c') => 6,
        (14, b'c') => 7,
        (12, b'c') => 8,
        (14, b'm') => 9,
        (17, b't') => 10,
        (12, b'x') => 11,
        _ => return None,
    };
    let name = name()?;
    // `:method` and `:status` are as long as each other.
    let at = if at == 0 && name.get(1) == Some(&b's') { 2 } else { at };
    is_name(name, KNOWN.get(at)?.as_bytes()).then_some(at)
}

/// Whether two names of the same length are one: eight bytes at once, for in wasm a slice is compared byte
/// by byte.
#[inline(always)]
fn is_name(one: &[u8], other: &[u8]) -> bool {
    let ends = |name: &[u8]| -> Option<(u64, u64)> {
        match (name.first_chunk(), name.last_chunk()) {
            (Some(first), Some(last)) => {
                Some((u64::from_le_bytes(*first), u64::from_le_bytes(*last)))
            }
            _ => {
                let (first, last) = (name.first_chunk()?, name.last_chunk()?);
                Some((u32::from_le_bytes(*first).into(), u32::from_le_bytes(*last).into()))
            }
        }
    };
    ends(one) == ends(other) && (one.len() <= 16 || one == other)
}

/// One line of the headers.
struct Line<'b> {
    name: &'b [u8],
    value: &'b [u8],
}

/// The lines in the bytes of the ABI: how many there are, the lengths of each name and each value, all as
/// 32 bits from the lowest byte on, and then names and values, a NUL behind each.
struct Lines<'b> {
    bytes: &'b [u8],
    /// The lengths that are left.
    lengths: &'b [u8],
    /// Where the next name begins.
    next: usize,
}

impl<'b> Lines<'b> {
    /// `None` if the bytes are too few for the lengths.
    fn of(bytes: &'b [u8]) -> Option<Lines<'b>> {
        let Some((count, rest)) = bytes.split_first_chunk() else {
            // No bytes at all are no headers.
            return Some(Lines { bytes, lengths: &[], next: 0 }).filter(|_| bytes.is_empty());
        };
        let size = size(count)?.checked_mul(8)?;
        Some(Lines { bytes, lengths: rest.get(..size)?, next: size.checked_add(4)? })
    }
}

impl<'b> Iterator for Lines<'b> {
    type Item = Line<'b>;

    #[inline]
    fn next(&mut self) -> Option<Line<'b>> {
        let (lengths, rest) = self.lengths.split_first_chunk()?;
        let (name, value) = lengths_in(lengths)?;
        let from = self.next.checked_add(name)?.checked_add(1)?;
        let end = from.checked_add(value)?;
        let line = Line {
            name: self.bytes.get(self.next..)?.get(..name)?,
            value: self.bytes.get(from..end)?,
        };
        self.next = end.checked_add(1)?;
        self.lengths = rest;
        Some(line)
    }
}

/// The lengths of a name and its value.
fn lengths_in(bytes: &[u8; 8]) -> Option<(usize, usize)> {
    let (name, value) = bytes.split_first_chunk()?;
    Some((size(name)?, size(value.first_chunk()?)?))
}

fn size(bytes: &[u8; 4]) -> Option<usize> {
    usize::try_from(u32::from_le_bytes(*bytes)).ok()
}

/// The text of some bytes. Nearly all are one, and of ASCII alone, which is a lot quicker to see.
fn text_of(bytes: &[u8]) -> Cow<'_, str> {
    match ascii(bytes) {
        Some(text) => Cow::Borrowed(text),
        None => String::from_utf8_lossy(bytes),
    }
}

/// The bytes as a text, if each is ASCII.
#[allow(unsafe_code, reason = "the standard library looks at each byte again")]
pub fn ascii(bytes: &[u8]) -> Option<&str> {
    let (words, rest) = bytes.as_chunks::<8>();
    let all = words.iter().fold(0, |all, word| all | u64::from_le_bytes(*word));
    let last = rest.iter().fold(0, |all, byte| all | byte);
    // SAFETY: no byte has its highest bit set, so each is a character of its own.
    (all & 0x8080_8080_8080_8080 == 0 && last < 0x80)
        .then(|| unsafe { std::str::from_utf8_unchecked(bytes) })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn bytes_of(headers: &[(&str, &[u8])]) -> Vec<u8> {
        let length = |bytes: &[u8]| u32::try_from(bytes.len()).unwrap().to_le_bytes();
        let mut bytes = u32::try_from(headers.len()).unwrap().to_le_bytes().to_vec();
        for (name, value) in headers {
            bytes.extend(length(name.as_bytes()));
            bytes.extend(length(value));
        }
        for (name, value) in headers {
            bytes.extend([name.as_bytes(), b"\0", value, b"\0"].concat());
        }
        bytes
    }

    #[test]
    fn headers_are_found_by_their_names() {
        for (at, name) in KNOWN.iter().enumerate() {
            assert_eq!(place_of_name(name), Some(at), "{name}");
            let other = name.replace(['e', 'a'], "o");
            assert_eq!(place_of_name(&other), None, "{other}");
        }
        let headers = Headers::read(bytes_of(&[
            (":method", b"POST"),
            ("mcp-name", b"a"),
            ("content-type", b"a/b"),
            ("mcp-name", b""),
            ("mcp-method", b""),
            ("x-request-id", b"\xff!"),
            ("content-type", b"c"),
            ("authorization", b""),
        ]))
        .unwrap();
        for (name, value) in [
            (":method", Some("POST")),
            ("mcp-name", Some("a, ")),
            ("content-type", Some("a/b, c")),
            ("x-request-id", Some("\u{fffd}!")),
            ("authorization", Some("")),
            ("content-length", None),
            ("mcp", None),
            ("", None),
        ] {
            assert_eq!(headers.get(name).as_deref(), value, "{name}");
        }
        let mirrors = headers.such_as("mcp", |name| name != "mcp-method");
        assert_eq!(mirrors, [("mcp-name".to_owned(), "a, ".to_owned())]);
    }

    #[test]
    fn bytes_that_are_no_headers_are_none() {
        let whole = bytes_of(&[(":method", b"POST"), ("a", b"b")]);
        assert!(Headers::read(whole.clone()).is_some());
        assert!(Headers::read(Vec::new()).unwrap().lines().next().is_none());
        // The NUL at the end is nobody's.
        for length in 1..whole.len() - 1 {
            assert!(Headers::read(whole.get(..length).unwrap().to_vec()).is_none(), "{length}");
        }
        for at in 0..whole.len() {
            for byte in [0, 1, 0x7f, 0xff] {
                let mut changed = whole.clone();
                *changed.get_mut(at).unwrap() = byte;
                if let Some(headers) = Headers::read(changed) {
                    let _ = headers.such_as("", |_| true);
                }
            }
        }
    }
}
