//! Things as bytes, and read again: what programs write for programs, in no format of anybody else's.
//!
//! Numbers have seven bits a byte, the lowest first and the highest bit set but in the last; texts and lists
//! have their lengths before them. Reading is total: what does not fit is `None`, and no length makes room
//! for more than there are bytes.

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
pub(crate) struct Bytes<'b>(pub(crate) &'b [u8]);

impl<'b> Bytes<'b> {
    pub(crate) fn byte(&mut self) -> Option<u8> {
        let (byte, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*byte)
    }

    /// The next so many bytes.
    pub(crate) fn take(&mut self, length: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    /// A number that the type has.
    pub(crate) fn number<N: TryFrom<u64>>(&mut self) -> Option<N> {
        N::try_from(self.any_number()?).ok()
    }

    // One piece of code for all types.
    #[inline(never)]
    fn any_number(&mut self) -> Option<u64> {
        let (mut number, mut bits) = (0u64, 0u32);
        loop {
            let byte = self.byte()?;
            let part = u64::from(byte & 0x7f);
            let placed = part.checked_shl(bits)?;
            // What falls off at the top is too large.
            if placed >> bits != part {
                return None;
            }
            number |= placed;
            if byte < 0x80 {
                return Some(number);
            }
            bits = bits.saturating_add(7);
        }
    }

    /// 0 or 1.
    pub(crate) fn flag(&mut self) -> Option<bool> {
        match self.byte()? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }

    pub(crate) fn text(&mut self) -> Option<&'b str> {
        let length = self.number()?;
        std::str::from_utf8(self.take(length)?).ok()
    }

    /// Things as `take` reads them, each of which has a byte at least.
    pub(crate) fn list<T>(
        &mut self,
        mut take: impl FnMut(&mut Self) -> Option<T>,
    ) -> Option<Vec<T>> {
        let mut things = Vec::new();
        self.fill(&mut things, &mut take)?;
        Some(things)
    }

    /// The same into a list that is there, so that no code is needed that drops it if something does not fit.
    pub(crate) fn fill<T>(
        &mut self,
        things: &mut Vec<T>,
        mut take: impl FnMut(&mut Self) -> Option<T>,
    ) -> Option<()> {
        let length: usize = self.number().filter(|length| *length <= self.0.len())?;
        for _ in 0..length {
            things.push(take(self)?);
        }
        Some(())
    }

    /// One thing or none; `None` if it is neither.
    pub(crate) fn maybe<T>(
        &mut self,
        take: impl FnOnce(&mut Self) -> Option<T>,
    ) -> Option<Option<T>> {
        match self.flag()? {
            false => Some(None),
            true => take(self).map(Some),
        }
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
        let mut bytes = Bytes(&out.0);
        for number in numbers {
            assert_eq!(bytes.number(), Some(number));
        }
        assert_eq!(bytes.text(), Some("ä"));
        assert_eq!(bytes.maybe(Bytes::byte), Some(Some(5)));
        assert_eq!(bytes.maybe(Bytes::byte), Some(None));
        assert!(bytes.0.is_empty());
        assert_eq!(bytes.byte(), None);
    }

    #[test]
    fn what_does_not_fit_is_nothing() {
        let too_large = [&[0xff; 9][..], &[0x02]].concat();
        assert_eq!(Bytes(&too_large).number::<u64>(), None);
        assert_eq!(Bytes(&[0xff; 40]).number::<u64>(), None);
        assert_eq!(Bytes(&[0x80, 0x02]).number::<u8>(), None);
        assert_eq!(Bytes(&[2, b'a']).text(), None);
        assert_eq!(Bytes(&[1, 0xff]).text(), None);
        assert_eq!(Bytes(&[2]).flag(), None);
        assert_eq!(Bytes(&[0xff, 0xff, 0xff, 0xff, 0x0f, 1]).list(Bytes::byte), None);
    }
}
