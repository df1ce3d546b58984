//! Things as bytes, and read again: what programs write for programs, in no format of anybody else's.
//!
//! Numbers have seven bits a byte, the lowest first and the highest bit set but in the last; texts and lists
//! have their lengths before them. Reading is total, and no length makes room for more than there are bytes.

/// Bytes that are written.
#[derive(Default)]
pub(crate) struct Out(pub(crate) Vec<u8>);

impl Out {
    pub(crate) fn byte(&mut self, byte: u8) {
        self.0.push(byte);
    }

    pub(crate) fn number(&mut self, number: u64) {
        let mut rest = number;
        while rest > 0x7f {
            self.0.push((rest & 0x7f) as u8 | 0x80);
            rest >>= 7;
        }
        self.0.push(rest as u8);
    }

    pub(crate) fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.0.extend_from_slice(text.as_bytes());
    }

    /// Each thing as `put` writes it.
    pub(crate) fn list<T>(
        &mut self,
        things: impl ExactSizeIterator<Item = T>,
        mut put: impl FnMut(&mut Out, T),
    ) {
        self.number(things.len() as u64);
        things.for_each(|thing| put(self, thing));
    }

    /// A list of one thing or of none.
    pub(crate) fn maybe<T>(&mut self, thing: Option<T>, put: impl FnMut(&mut Out, T)) {
        self.list(thing.into_iter(), put);
    }
}

/// Bytes that are still to be read.
///
/// What does not fit leaves nothing to be read, and that is remembered: whoever reads goes on with noughts, empty
/// texts and empty lists, and asks once, at the end, whether all was there. So there is nothing to be dropped halfway,
/// for each part of which a module would have code.
pub(crate) struct Bytes<'b> {
    rest: &'b [u8],
    fits: bool,
}

impl<'b> Bytes<'b> {
    pub(crate) fn new(bytes: &'b [u8]) -> Bytes<'b> {
        Bytes { rest: bytes, fits: true }
    }

    /// Whether all was as it was read, and nothing is left.
    pub(crate) fn is_read(&self) -> bool {
        self.fits && self.rest.is_empty()
    }

    /// Says that something that was read does not fit.
    pub(crate) fn refuse(&mut self) {
        *self = Bytes { rest: &[], fits: false };
    }

    /// Says whether something that was read fits.
    pub(crate) fn expect(&mut self, fits: bool) {
        if !fits {
            self.refuse();
        }
    }

    pub(crate) fn byte(&mut self) -> u8 {
        match self.rest.split_first() {
            Some((byte, rest)) => {
                self.rest = rest;
                *byte
            }
            None => {
                self.refuse();
                0
            }
        }
    }

    /// The next so many bytes.
    pub(crate) fn take(&mut self, length: usize) -> &'b [u8] {
        match self.rest.split_at_checked(length) {
            Some((taken, rest)) => {
                self.rest = rest;
                taken
            }
            None => {
                self.refuse();
                &[]
            }
        }
    }

    pub(crate) fn sixteen(&mut self) -> [u8; 16] {
        self.take(16).first_chunk().copied().unwrap_or_default()
    }

    // One piece of code for all numbers.
    #[inline(never)]
    pub(crate) fn number(&mut self) -> u64 {
        let (mut number, mut bits) = (0u64, 0u32);
        loop {
            let byte = self.byte();
            let part = u64::from(byte & 0x7f);
            let placed = part.checked_shl(bits).unwrap_or(0);
            // What falls off at the top is too large.
            self.expect(placed.checked_shr(bits) == Some(part));
            number |= placed;
            if byte < 0x80 {
                return number;
            }
            bits = bits.saturating_add(7);
        }
    }

    /// A number below this one; nought if it is not.
    #[inline(never)]
    pub(crate) fn below(&mut self, end: usize) -> usize {
        let number = usize::try_from(self.number()).unwrap_or(usize::MAX);
        if number < end {
            return number;
        }
        self.refuse();
        0
    }

    /// 0 or 1.
    pub(crate) fn flag(&mut self) -> bool {
        self.below(2) == 1
    }

    #[inline(never)]
    pub(crate) fn text(&mut self) -> &'b str {
        let length = self.below(usize::MAX);
        let text = self.take(length);
        std::str::from_utf8(text).unwrap_or_else(|_| {
            self.refuse();
            ""
        })
    }

    /// Things as `take` reads them, each of which has a byte at least.
    pub(crate) fn list<T>(&mut self, mut take: impl FnMut(&mut Self) -> T) -> Vec<T> {
        let mut things = Vec::new();
        self.each(|bytes, _| things.push(take(bytes)));
        things
    }

    /// The same, each to be put somewhere by who is told its number.
    pub(crate) fn each(&mut self, mut take: impl FnMut(&mut Self, usize)) {
        let length = self.below(usize::MAX);
        let mut at = 0usize;
        while self.fits && at < length {
            take(self, at);
            at = at.saturating_add(1);
        }
    }

    /// One thing or none.
    pub(crate) fn maybe<T>(&mut self, take: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.flag() { Some(take(self)) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let numbers = [0, 1, 127, 128, 300, u64::from(u32::MAX), u64::MAX];
        let mut out = Out::default();
        numbers.iter().for_each(|number| out.number(*number));
        out.text("ä");
        out.maybe(Some(5), |out, five| out.byte(five));
        out.maybe(None::<u8>, |out, none| out.byte(none));
        out.list([1, 2].iter(), |out, number| out.number(*number));
        let mut bytes = Bytes::new(&out.0);
        for number in numbers {
            assert_eq!(bytes.number(), number);
        }
        assert_eq!(bytes.text(), "ä");
        assert_eq!(bytes.maybe(Bytes::byte), Some(5));
        assert_eq!(bytes.maybe(Bytes::byte), None);
        assert!(!bytes.is_read());
        assert_eq!(bytes.list(Bytes::number), [1, 2]);
        assert!(bytes.is_read());
        assert_eq!(bytes.byte(), 0);
        assert!(!bytes.is_read());
    }

    #[test]
    fn what_does_not_fit_leaves_nothing() {
        let is_read = |bytes: &[u8], read: &dyn Fn(&mut Bytes<'_>)| {
            let mut bytes = Bytes::new(bytes);
            read(&mut bytes);
            assert!(bytes.rest.is_empty() || bytes.fits);
            bytes.is_read()
        };
        let number = |bytes: &mut Bytes<'_>| assert!(bytes.number() < u64::MAX || !bytes.fits);
        assert!(is_read(&[&[0xff; 8][..], &[0x01]].concat(), &number));
        assert!(!is_read(&[&[0xff; 9][..], &[0x02]].concat(), &number));
        assert!(!is_read(&[0xff; 40], &number));
        assert!(!is_read(&[0x80; 80], &number));
        assert!(is_read(&[1], &|bytes| assert_eq!(bytes.below(2), 1)));
        assert!(!is_read(&[2], &|bytes| assert_eq!(bytes.below(2), 0)));
        assert!(!is_read(&[2], &|bytes| assert!(!bytes.flag())));
        assert!(!is_read(&[2, b'a'], &|bytes| assert_eq!(bytes.text(), "")));
        assert!(!is_read(&[1, 0xff], &|bytes| assert_eq!(bytes.text(), "")));
        assert!(!is_read(&[1, 0], &number));
        let huge = [0xff, 0xff, 0xff, 0xff, 0x0f, 1];
        assert!(!is_read(&huge, &|bytes| assert!(bytes.list(Bytes::byte).len() < 3)));
        assert!(!is_read(&[3, 1, 2], &|bytes| assert!(bytes.list(Bytes::byte).len() < 4)));
    }
}
