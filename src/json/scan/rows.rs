//! Passing over the rows of a list. Most have the keys of the first, in the same order, and are written
//! as it is: what stands around a key is compared sixteen bytes at a time and not read again. In
//! WebAssembly a call with 330 rows of four members that no rule looks at took 22.5 µs without this, and
//! 11.6 with it (in Node, the best of 30 rounds, in turns); one of 300 bytes takes 4 % more instructions.

use super::super::number::few_digits;
use super::{Filter, Key, Scanner, Shape, plain_until};

/// So many bytes are compared together.
const STEP: usize = 16;

/// What stands before a key, in it and behind it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Around {
    /// Where the bracket or the comma before it is.
    from: u32,
    /// How far it is from there to behind the colon.
    reach: u32,
    /// What is there, as far as it goes.
    begins: [u8; STEP],
}

impl Around {
    /// Nothing has so much around it.
    pub(super) const UNKNOWN: Around = Around { from: 0, reach: u32::MAX, begins: [0; STEP] };

    /// What stands around a key without escapes, of an object that was passed.
    fn of(text: &[u8], key: &Key) -> Around {
        let start = key.start as usize;
        let mut before = text.get(..start).unwrap_or_default().iter();
        let from = before.rposition(|byte| matches!(byte, b'{' | b',')).unwrap_or_default();
        let mut to = start.wrapping_add(key.length as usize);
        while text.get(to).is_some_and(|byte| *byte != b':') {
            to = to.wrapping_add(1);
        }
        // So near to the end nothing can come again.
        let Some(begins) = text.get(from..).and_then(<[u8]>::first_chunk) else {
            return Around::UNKNOWN;
        };
        let reach = to.wrapping_add(1).wrapping_sub(from) as u32;
        Around { from: from as u32, reach, begins: *begins }
    }

    /// The place behind the colon, if the same comes in this place, byte for byte: then it means the same.
    #[inline]
    fn again(&self, text: &[u8], at: usize) -> Option<usize> {
        let here = u128::from_le_bytes(*text.get(at..)?.first_chunk()?);
        let same = (here ^ u128::from_le_bytes(self.begins)).trailing_zeros() / 8;
        if same < self.reach && !(same as usize == STEP && self.ends_again(text, at)) {
            return None;
        }
        Some(at.wrapping_add(self.reach as usize))
    }

    /// Whether the rest is the same.
    #[cold]
    fn ends_again(&self, text: &[u8], at: usize) -> bool {
        let rest =
            |from: usize| text.get(from.wrapping_add(STEP)..from.wrapping_add(self.reach as usize));
        rest(at).is_some_and(|here| Some(here) == rest(self.from as usize))
    }
}

impl<'t> Scanner<'t, '_> {
    /// Passes over a list or an object.
    #[cold]
    #[inline]
    pub(super) fn skip_deep(&mut self, shape: &mut Shape) -> Option<()> {
        if self.peek()? == b'{' {
            self.skip_object(shape, 0)
        } else {
            self.list(&mut |scanner, _, shape| scanner.skip_row(shape))
        }
    }

    /// Passes over an element of a list.
    #[inline]
    fn skip_row(&mut self, shape: &mut Shape) -> Option<()> {
        self.peek()?;
        let passed = if shape.length > 0 { self.skip_alike(shape, 0) } else { 0 };
        if passed == 0 {
            return self.skip_one(shape);
        }
        let ends = self.text.as_bytes().get(self.at) == Some(&b'}');
        if !ends || passed < shape.length || self.depth == 0 {
            return self.skip_object(shape, passed);
        }
        self.step(1);
        Some(())
    }

    /// Passes over members of the object that comes next as long as they are like those of the shape and
    /// their values short. So many are passed then, of which some were before.
    // A call of its own, or there are too many things at hand for the registers.
    #[cold]
    #[inline]
    fn skip_alike(&mut self, shape: &Shape, mut passed: usize) -> usize {
        let text = self.text.as_bytes();
        let mut at = self.at;
        let keys = shape.start.wrapping_add(passed)..shape.start.wrapping_add(shape.length);
        for Key { around, .. } in self.keys.get(keys).unwrap_or_default() {
            let Some(end) = around.again(text, at).and_then(|at| end_of_short(text, at)) else {
                break;
            };
            at = end;
            passed = passed.wrapping_add(1);
        }
        self.at = at;
        passed
    }

    /// Goes through an object as [`Self::object`] does, of which so many members were passed.
    #[cold]
    #[inline]
    fn skip_object(&mut self, shape: &mut Shape, mut passed: usize) -> Option<()> {
        self.depth = self.depth.checked_sub(1)?;
        let base = self.keys.len();
        let mut filter = Filter::default();
        let mut alike = shape.length > 0;
        loop {
            if alike && passed > 0 {
                passed = self.skip_alike(shape, passed);
            }
            match self.peek()? {
                b',' if passed > 0 => self.step(1),
                b'}' if passed > 0 => break,
                b'{' if passed == 0 => {
                    self.step(1);
                    if self.peek()? == b'}' {
                        break;
                    }
                }
                _ => return None,
            }
            if !alike || self.expect_key(shape, passed).is_none() {
                if alike {
                    alike = false;
                    let end = shape.start.wrapping_add(passed);
                    self.keys.extend_from_within(shape.start..end);
                    // Any may be one of those.
                    filter = Filter::FULL;
                }
                self.key(base, &mut filter)?;
            }
            self.take(b':')?;
            self.skip()?;
            passed = passed.wrapping_add(1);
        }
        self.step(1);
        if shape.repeats && shape.length == 0 {
            // Left among the keys until the list ends.
            (shape.start, shape.length) = (base, self.keys.len().wrapping_sub(base));
            self.look_around(base);
        } else {
            self.keys.truncate(base);
        }
        self.depth = self.depth.saturating_add(1);
        Some(())
    }

    /// Writes down what stands around the keys from there on.
    #[cold]
    fn look_around(&mut self, base: usize) {
        for key in self.keys.iter_mut().skip(base) {
            key.around = Around::of(self.text.as_bytes(), key);
        }
    }
}

/// The place behind the value that begins there, if that is a scalar and plain to see.
#[inline]
fn end_of_short(text: &[u8], at: usize) -> Option<usize> {
    const TRUE: u32 = u32::from_le_bytes(*b"true");
    const NULL: u32 = u32::from_le_bytes(*b"null");
    const FALSE: u32 = u32::from_le_bytes(*b"fals");
    let rest = text.get(at..)?;
    let word = u32::from_le_bytes(*rest.first_chunk()?);
    let length = match word as u8 {
        b'"' => {
            let end = plain_until(rest, 1);
            if rest.get(end) != Some(&b'"') {
                return None;
            }
            end.wrapping_add(1)
        }
        b'0'..=b'9' => few_digits(rest)?.1 as usize,
        _ if word == TRUE || word == NULL => 4,
        _ if word == FALSE && rest.get(4) == Some(&b'e') => 5,
        _ => return None,
    };
    Some(at.wrapping_add(length))
}
