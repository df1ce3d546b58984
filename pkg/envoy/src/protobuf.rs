//! As much of protobuf as the messages of a rate-limit service need: numbers, texts and messages within
//! messages.

/// A message that is being written.
#[derive(Default)]
pub struct Writer(Vec<u8>);

impl Writer {
    /// Writes a number.
    pub fn number(&mut self, field: u8, number: u64) -> &mut Writer {
        self.tag(field, 0);
        self.varint(number);
        self
    }

    /// Writes bytes, a text, or a message.
    pub fn bytes(&mut self, field: u8, bytes: &[u8]) -> &mut Writer {
        self.tag(field, 2);
        self.varint(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        self.0.extend_from_slice(bytes);
        self
    }

    /// The message.
    pub fn finish(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.0)
    }

    fn tag(&mut self, field: u8, kind: u8) {
        self.varint(u64::from(field).wrapping_shl(3) | u64::from(kind));
    }

    fn varint(&mut self, mut number: u64) {
        while number > 0x7f {
            self.0.push(number.to_le_bytes()[0] | 0x80);
            number = number.wrapping_shr(7);
        }
        self.0.push(number.to_le_bytes()[0]);
    }
}

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value<'m> {
    /// A number.
    Number(u64),
    /// Bytes, a text, or a message.
    Bytes(&'m [u8]),
    /// A number of a fixed size, which none of our messages has.
    Fixed,
}

impl<'m> Value<'m> {
    /// The number; `None` if it is none.
    pub fn number(self) -> Option<u64> {
        match self {
            Value::Number(number) => Some(number),
            _ => None,
        }
    }

    /// The bytes; `None` if there are none.
    pub fn bytes(self) -> Option<&'m [u8]> {
        match self {
            Value::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// The text; `None` if it is none.
    pub fn text(self) -> Option<&'m str> {
        std::str::from_utf8(self.bytes()?).ok()
    }
}

/// The fields of a message by their numbers, in its order; `None` if it is no message, or has groups,
/// which are no longer written.
pub fn fields(mut message: &[u8]) -> Option<Vec<(u32, Value<'_>)>> {
    let mut fields = Vec::new();
    while !message.is_empty() {
        let tag = u32::try_from(varint(&mut message)?).ok()?;
        let value = match tag & 7 {
            0 => Value::Number(varint(&mut message)?),
            1 => take(&mut message, 8).map(|_| Value::Fixed)?,
            2 => {
                let size = varint(&mut message)?;
                Value::Bytes(take(&mut message, usize::try_from(size).ok()?)?)
            }
            5 => take(&mut message, 4).map(|_| Value::Fixed)?,
            _ => return None,
        };
        match tag.wrapping_shr(3) {
            0 => return None,
            field => fields.push((field, value)),
        }
    }
    Some(fields)
}

fn varint(message: &mut &[u8]) -> Option<u64> {
    let mut number = 0u64;
    for shift in (0..u64::BITS).step_by(7) {
        let [byte] = take(message, 1)?.try_into().ok()?;
        let bits = u64::from(byte & 0x7f);
        let moved = bits.checked_shl(shift)?;
        // Nothing may be beyond the 64th bit.
        if moved.wrapping_shr(shift) != bits {
            return None;
        }
        number |= moved;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

fn take<'m>(message: &mut &'m [u8], size: usize) -> Option<&'m [u8]> {
    let (taken, rest) = message.split_at_checked(size)?;
    *message = rest;
    Some(taken)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn what_is_written_is_read() {
        for number in [0, 1, 127, 128, 300, u64::from(u32::MAX), u64::MAX] {
            let inner = Writer::default().number(1, number).finish();
            let message = Writer::default().bytes(2, &inner).bytes(31, b"text").finish();
            let read = fields(&message).unwrap();
            assert_eq!(read, [(2, Value::Bytes(&inner)), (31, Value::Bytes(b"text"))]);
            assert_eq!(fields(&inner).unwrap(), [(1, Value::Number(number))]);
        }
        // From the specification of the encoding.
        assert_eq!(Writer::default().number(1, 150).finish(), [0x08, 0x96, 0x01]);
        let testing = Writer::default().bytes(2, b"testing").finish();
        assert_eq!(testing, b"\x12\x07testing");
        assert_eq!(fields(&[]), Some(vec![]));
        assert_eq!(
            fields(&[0x0d, 0, 0, 0, 0, 0x11, 0, 0, 0, 0, 0, 0, 0, 0]),
            Some(vec![(1, Value::Fixed), (2, Value::Fixed)])
        );
    }

    #[test]
    fn what_is_no_message_is_not_read() {
        for bytes in [
            &[0x08][..],
            &[0x80],
            &[0x00, 0x00],
            &[0x0b, 0x0c],
            &[0x0e, 0x00],
            &[0x12, 0x02, 0x00],
            &[0x0d, 0x00],
            &[0x12, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
            &[0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02],
            &[0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
            &[0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 0x00],
        ] {
            assert_eq!(fields(bytes), None, "{bytes:?}");
        }
    }

    #[test]
    fn random_bytes_are_read_or_not() {
        let mut state = 1u64;
        let mut read = 0;
        for length in 0..20_000usize {
            let bytes: Vec<u8> = (0..length % 24)
                .map(|_| {
                    // Knuth's linear congruential generator.
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                    state.to_be_bytes()[0]
                })
                .collect();
            read += usize::from(fields(&bytes).is_some());
        }
        assert!(read > 1000, "{read}");
    }
}
