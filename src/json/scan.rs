//! The scanner: strict JSON looked through once, with nothing built of it.
//!
//! It answers only for what is plainly strict JSON and gives up (`None`) on everything else: on
//! every fault, and on what is rare and costs room here (a key with an escape, an object of very many
//! keys). Who asks then lets the reader read the text, which knows what is wrong with it, if anything
//! is. So the scanner may be narrower than the reader and must never be wider; the tests hold it to
//! that.
//!
//! No text is as long as half of what a `u32` counts, so places in it can be added to without looking
//! for an overflow; the lints know no other word for that than `wrapping`.

#[cfg_attr(target_arch = "x86_64", path = "scan/sse2.rs")]
#[cfg_attr(all(target_arch = "wasm32", target_feature = "simd128"), path = "scan/simd128.rs")]
mod block;
#[cfg(feature = "rows")]
mod rows;

use super::number::few_digits;
use super::{Decimal, Limits, MAX_DIGITS};

/// The most keys of one object. Each is compared with those before it.
const MAX_KEYS: usize = 64;

/// The longest text, whatever the limits are.
const MAX_BYTES: usize = u32::MAX as usize / 2;

/// A text on its way through.
pub(crate) struct Scanner<'t, 'k> {
    text: &'t str,
    at: usize,
    /// Levels that may still be opened.
    depth: u32,
    /// The keys of the objects that are open, those of the innermost last.
    keys: &'k mut Vec<Key>,
    form: Form,
    /// Where the block begins that was looked at last.
    block: usize,
    /// A bit for each of its bytes that ends the plain part of a string. There are several such in most
    /// blocks: to look again from each quote on was a tenth of the instructions for a call of 300 bytes.
    ends: u64,
}

/// How a text is written, as far as it was read.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Form {
    /// There is white space between its parts.
    pub(crate) spaced: bool,
    /// There are escapes that a writer would have no need of.
    pub(crate) escaped: bool,
}

/// A key, where it stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Key {
    start: u32,
    length: u32,
    /// Differs only where the keys do; of keys shorter than eight bytes it is all of them.
    print: u64,
    #[cfg(feature = "rows")]
    around: rows::Around,
}

/// A string between its quotes, as it is written.
#[derive(Clone, Copy)]
pub(crate) struct Written<'t> {
    pub(crate) text: &'t str,
    pub(crate) escaped: bool,
}

/// The next value: a scalar that was read, or the bracket of one that comes.
pub(crate) enum Next<'t> {
    Null,
    Bool(bool),
    Number(Decimal<'t>),
    String(Written<'t>),
    List,
    Object,
}

/// The keys that the objects of one list have in common: most often all have those of the first, in
/// the same order, and then none can stand twice in one of them.
#[derive(Default)]
pub(crate) struct Shape {
    /// Where they are among the scanner's keys.
    start: usize,
    length: usize,
    /// Whether the object is one of a list.
    repeats: bool,
}

impl<'t, 'k> Scanner<'t, 'k> {
    /// A scanner of a text within the limits, if it can be one: not too long, and UTF-8. `keys` is
    /// room to work in.
    #[inline]
    pub(crate) fn new(text: &'t [u8], limits: &Limits, keys: &'k mut Vec<Key>) -> Option<Self> {
        Scanner::of(std::str::from_utf8(text).ok()?, limits, keys)
    }

    /// The same of what is known to be UTF-8.
    #[inline]
    pub(crate) fn of(text: &'t str, limits: &Limits, keys: &'k mut Vec<Key>) -> Option<Self> {
        if text.len() > limits.bytes || text.len() > MAX_BYTES {
            return None;
        }
        keys.clear();
        let form = Form::default();
        Some(Scanner { text, at: 0, depth: limits.depth, keys, form, block: 0, ends: 0 })
    }

    /// Where it is, in bytes.
    #[inline]
    pub(crate) fn at(&self) -> usize {
        self.at
    }

    /// How what was passed is written.
    #[inline]
    pub(crate) fn form(&self) -> Form {
        self.form
    }

    /// The text from there to here.
    #[inline]
    pub(crate) fn since(&self, start: usize) -> &'t str {
        self.text.get(start..self.at).unwrap_or_default()
    }

    /// Goes (back) to where a value begins, to see it again.
    #[inline]
    pub(crate) fn go_to(&mut self, at: usize) {
        self.at = at;
    }

    /// Whether there is nothing more.
    #[inline]
    pub(crate) fn at_end(&mut self) -> bool {
        self.peek().is_none()
    }

    /// The next byte that is no white space.
    #[inline]
    fn peek(&mut self) -> Option<u8> {
        match self.text.as_bytes().get(self.at).copied() {
            Some(byte) if byte > b' ' => Some(byte),
            _ => self.peek_behind_space(),
        }
    }

    fn peek_behind_space(&mut self) -> Option<u8> {
        loop {
            match self.text.as_bytes().get(self.at).copied() {
                Some(b' ' | b'\t' | b'\n' | b'\r') => {
                    self.form.spaced = true;
                    self.step(1);
                }
                byte => return byte,
            }
        }
    }

    #[inline]
    fn step(&mut self, bytes: usize) {
        self.at = self.at.wrapping_add(bytes);
    }

    /// Takes this byte, which must come next.
    #[inline]
    fn take(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.step(1))
    }

    #[inline]
    fn word(&mut self, word: &str) -> Option<()> {
        let end = self.at.wrapping_add(word.len());
        (self.text.as_bytes().get(self.at..end)? == word.as_bytes()).then(|| self.at = end)
    }

    /// Reads a scalar, or stops before the bracket.
    #[inline]
    pub(crate) fn next(&mut self) -> Option<Next<'t>> {
        Some(match self.peek()? {
            b'"' => Next::String(self.string()?),
            b'{' => Next::Object,
            b'[' => Next::List,
            b't' => {
                self.word("true")?;
                Next::Bool(true)
            }
            b'f' => {
                self.word("false")?;
                Next::Bool(false)
            }
            b'n' => {
                self.word("null")?;
                Next::Null
            }
            _ => Next::Number(self.number()?),
        })
    }

    /// Reads a string without escapes, which must come next.
    #[inline]
    pub(crate) fn text(&mut self) -> Option<&'t str> {
        if self.peek()? != b'"' {
            return None;
        }
        let Written { text, escaped } = self.string()?;
        (!escaped).then_some(text)
    }

    #[inline]
    fn number(&mut self) -> Option<Decimal<'t>> {
        let number = Decimal::first(self.text.get(self.at..)?)?;
        self.step(number.as_str().len());
        Some(number)
    }

    /// Passes over a value.
    #[inline]
    pub(crate) fn skip(&mut self) -> Option<()> {
        self.skip_one(&mut Shape::default())
    }

    /// Passes over a value that may have the shape of those before it.
    #[inline]
    pub(crate) fn skip_one(&mut self, shape: &mut Shape) -> Option<()> {
        self.skip_here(shape)
    }

    /// The same without a call.
    #[inline(always)]
    fn skip_here(&mut self, shape: &mut Shape) -> Option<()> {
        match self.peek()? {
            b'"' => self.skip_string(),
            b'{' | b'[' => self.skip_deep(shape),
            b't' => self.word("true"),
            b'f' => self.word("false"),
            b'n' => self.word("null"),
            _ => self.skip_number(),
        }
    }

    /// The same for a list or an object. The members of objects are passed over without a call for each.
    #[cfg(not(feature = "rows"))]
    #[cold]
    #[inline]
    fn skip_deep(&mut self, shape: &mut Shape) -> Option<()> {
        if self.peek()? == b'{' {
            self.object(shape, &mut |scanner, _| scanner.skip_here(&mut Shape::default()))
        } else {
            self.list(&mut |scanner, _, shape| scanner.skip_one(shape))
        }
    }

    /// Passes over a number. Without an exponent it need not be read: its length says enough.
    #[inline]
    fn skip_number(&mut self) -> Option<()> {
        let text = self.text.as_bytes().get(self.at..)?;
        if let Some((_, digits)) = few_digits(text) {
            self.step(digits as usize);
            return Some(());
        }
        let digits = |from: usize| {
            let rest = text.get(from..).unwrap_or_default();
            rest.iter().take_while(|byte| byte.is_ascii_digit()).count()
        };
        let sign = usize::from(text.first() == Some(&b'-'));
        let whole = digits(sign);
        let mut end = sign.wrapping_add(whole);
        if text.get(end) == Some(&b'.') {
            let fraction = digits(end.wrapping_add(1));
            end = end.wrapping_add(1).wrapping_add(fraction);
            if fraction == 0 {
                return None;
            }
        }
        let leading_zero = whole > 1 && text.get(sign) == Some(&b'0');
        if whole == 0 || leading_zero {
            return None;
        }
        if end > MAX_DIGITS || matches!(text.get(end), Some(b'e' | b'E')) {
            return self.number().map(drop);
        }
        self.step(end);
        Some(())
    }

    /// Goes through the object that comes next; `member` is called before each value, with its key,
    /// and passes over the value.
    #[inline]
    pub(crate) fn object(
        &mut self,
        shape: &mut Shape,
        member: &mut impl FnMut(&mut Self, &'t [u8]) -> Option<()>,
    ) -> Option<()> {
        self.take(b'{')?;
        self.depth = self.depth.checked_sub(1)?;
        let base = self.keys.len();
        let mut filter = Filter::default();
        // So many keys were those of the shape; while all are, none is written down.
        let mut alike = Some(0).filter(|_| shape.length > 0);
        if self.peek()? == b'}' {
            self.step(1);
        } else {
            loop {
                let expected = alike.and_then(|known| self.expect_key(shape, known));
                let name = match expected {
                    Some(name) => {
                        alike = alike.map(|known| known.wrapping_add(1));
                        name
                    }
                    None => {
                        if let Some(known) = alike.take() {
                            let end = shape.start.wrapping_add(known);
                            self.keys.extend_from_within(shape.start..end);
                            // Any may be one of those.
                            filter = Filter::FULL;
                        }
                        self.key(base, &mut filter)?
                    }
                };
                self.take(b':')?;
                member(self, name)?;
                match self.peek()? {
                    b',' => self.step(1),
                    b'}' => break,
                    _ => return None,
                }
            }
            self.step(1);
        }
        if shape.repeats && shape.length == 0 {
            // Left among the keys until the list ends.
            (shape.start, shape.length) = (base, self.keys.len().wrapping_sub(base));
        } else {
            self.keys.truncate(base);
        }
        self.depth = self.depth.saturating_add(1);
        Some(())
    }

    /// Goes through the list that comes next; `item` is called before each element, with its index,
    /// and passes over the element.
    #[inline]
    pub(crate) fn list(
        &mut self,
        item: &mut impl FnMut(&mut Self, usize, &mut Shape) -> Option<()>,
    ) -> Option<()> {
        self.take(b'[')?;
        self.depth = self.depth.checked_sub(1)?;
        let base = self.keys.len();
        let mut shape = Shape { repeats: true, ..Shape::default() };
        if self.peek()? == b']' {
            self.step(1);
        } else {
            for at in 0usize.. {
                item(self, at, &mut shape)?;
                match self.peek()? {
                    b',' => self.step(1),
                    b']' => break,
                    _ => return None,
                }
            }
            self.step(1);
        }
        self.keys.truncate(base);
        self.depth = self.depth.saturating_add(1);
        Some(())
    }

    /// Reads a key, and writes it down as one of the object whose keys begin at `base`, which must not
    /// have it.
    // A call of it for each key is a sixth of what it does; in WebAssembly it would be there three times.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    #[cfg_attr(target_family = "wasm", inline)]
    fn key(&mut self, base: usize, filter: &mut Filter) -> Option<&'t [u8]> {
        if self.peek()? != b'"' {
            return None;
        }
        let start = self.at.wrapping_add(1);
        let end = self.plain_until(start);
        let text = self.text.as_bytes();
        if text.get(end) != Some(&b'"') {
            return None;
        }
        let name = text.get(start..end)?;
        let print = print(text, start, name.len());
        let key = Key {
            start: start as u32,
            length: name.len() as u32,
            print,
            #[cfg(feature = "rows")]
            around: rows::Around::UNKNOWN,
        };
        if !filter.is_new(print) {
            self.unlike(base, key)?;
        }
        if self.keys.len().wrapping_sub(base) >= MAX_KEYS {
            return None;
        }
        self.keys.push(key);
        self.at = end.wrapping_add(1);
        Some(name)
    }

    /// Takes the key that the shape has in this place, if that is what comes next. What is written
    /// like a key without escapes is one.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    #[cfg_attr(target_family = "wasm", inline)]
    fn expect_key(&mut self, shape: &Shape, place: usize) -> Option<&'t [u8]> {
        if place >= shape.length || self.peek()? != b'"' {
            return None;
        }
        let known = self.keys.get(shape.start.wrapping_add(place))?;
        let start = self.at.wrapping_add(1);
        let end = start.wrapping_add(known.length as usize);
        let known_end = (known.start as usize).wrapping_add(known.length as usize);
        let text = self.text.as_bytes();
        // With the quote behind it: a longer key is another. A short one is its print.
        let same = match word_at(text, start) {
            Some(word) if known.length < 8 => {
                beginning(word, known.length) == known.print && text.get(end) == Some(&b'"')
            }
            _ => text.get(start..=end)? == text.get(known.start as usize..=known_end)?,
        };
        if !same {
            return None;
        }
        self.at = end.wrapping_add(1);
        text.get(start..end)
    }

    /// The object whose keys begin at `base` must not have this one.
    fn unlike(&self, base: usize, key: Key) -> Option<()> {
        let mut before = self.keys.get(base..)?.iter();
        (!before.any(|known| self.same(*known, key))).then_some(())
    }

    #[inline]
    fn same(&self, a: Key, b: Key) -> bool {
        let text = |key: Key| {
            let start = key.start as usize;
            self.text.as_bytes().get(start..start.wrapping_add(key.length as usize))
        };
        a.print == b.print && a.length == b.length && (a.length < 8 || text(a) == text(b))
    }

    /// Reads the string that comes next.
    #[inline]
    fn string(&mut self) -> Option<Written<'t>> {
        let start = self.at.wrapping_add(1);
        let escaped = self.reach_quote()?;
        let text = self.text.get(start..self.at)?;
        self.step(1);
        Some(Written { text, escaped })
    }

    /// Passes over the string that comes next.
    #[inline]
    fn skip_string(&mut self) -> Option<()> {
        self.reach_quote()?;
        self.step(1);
        Some(())
    }

    /// Goes from the quote before a string to the one behind it. Whether there are escapes between them.
    #[inline]
    fn reach_quote(&mut self) -> Option<bool> {
        self.at = self.plain_until(self.at.wrapping_add(1));
        let escaped = *self.text.as_bytes().get(self.at)? != b'"';
        if escaped {
            self.escaped()?;
        }
        Some(escaped)
    }

    /// The first place from `at` on that is not plain text of a string; see [`plain_until`].
    #[inline]
    fn plain_until(&mut self, at: usize) -> usize {
        match self.ends_from(at) {
            0 => self.plain_beyond(at),
            ends => at.wrapping_add(ends.trailing_zeros() as usize),
        }
    }

    /// What of the block's ends stands from `at` on, which is then the first bit.
    #[inline]
    fn ends_from(&self, at: usize) -> u64 {
        let before = at.wrapping_sub(self.block);
        if before < BLOCK { self.ends.wrapping_shr(before as u32) } else { 0 }
    }

    /// The same if it is not in the block that was looked at last. Once for all that ask: it is long.
    #[cold]
    #[inline]
    fn plain_beyond(&mut self, mut at: usize) -> usize {
        let text = self.text.as_bytes();
        if at.wrapping_sub(self.block) < BLOCK && self.ends != 0 {
            at = self.block.wrapping_add(BLOCK);
        }
        while at < text.len() {
            (self.block, self.ends) = block_from(text, at);
            match self.ends_from(at) {
                0 => at = self.block.wrapping_add(BLOCK),
                ends => return at.wrapping_add(ends.trailing_zeros() as usize),
            }
        }
        text.len()
    }

    /// Passes over the rest of a string, from its first backslash to before its quote.
    #[cold]
    #[inline]
    fn escaped(&mut self) -> Option<()> {
        loop {
            match self.text.as_bytes().get(self.at)? {
                b'"' => return Some(()),
                b'\\' => self.escape()?,
                // A control character.
                _ => return None,
            }
            self.at = self.plain_until(self.at);
        }
    }

    fn escape(&mut self) -> Option<()> {
        let escape = *self.text.as_bytes().get(self.at.wrapping_add(1))?;
        self.step(2);
        self.form.escaped |= matches!(escape, b'/' | b'u');
        match escape {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(()),
            b'u' => match self.hex4()? {
                0xd800..=0xdbff => {
                    self.word("\\u")?;
                    matches!(self.hex4()?, 0xdc00..=0xdfff).then_some(())
                }
                0xdc00..=0xdfff => None,
                _ => Some(()),
            },
            _ => None,
        }
    }

    fn hex4(&mut self) -> Option<u32> {
        let unit = hex4(self.text.as_bytes().get(self.at..)?)?;
        self.step(4);
        Some(unit.into())
    }
}

/// The number that a text begins with as four hexadecimal digits.
pub(super) fn hex4(text: &[u8]) -> Option<u16> {
    let mut unit = 0;
    for digit in text.get(..4)? {
        unit = (unit << 4) | char::from(*digit).to_digit(16)? as u16;
    }
    Some(unit)
}

/// The eight bytes from there, if there are so many.
#[inline]
fn word_at(text: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(*text.get(at..)?.first_chunk()?))
}

/// The prints of an object's keys, as far as 64 bits can hold them: what is not in it is new.
#[derive(Default)]
struct Filter(u64);

impl Filter {
    const FULL: Filter = Filter(u64::MAX);

    /// Whether no print like this was here before.
    #[inline]
    fn is_new(&mut self, print: u64) -> bool {
        // The upper bits of a product: all of the print has gone into them.
        let bit = 1u64.wrapping_shl((print.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 58) as u32);
        let new = self.0 & bit == 0;
        self.0 |= bit;
        new
    }
}

/// How many bytes the scanner looks at together.
const BLOCK: usize = 64;

/// A block with this place in it, and which of its bytes end the plain part of a string: where it
/// begins, and a bit for each. What is behind the text ends it too.
#[inline]
fn block_from(text: &[u8], at: usize) -> (usize, u64) {
    if let Some(block) = text.get(at..).and_then(<[u8]>::first_chunk) {
        return (at, block_ends(block));
    }
    match text.last_chunk() {
        Some(block) => (text.len().wrapping_sub(BLOCK), block_ends(block)),
        None => (0, short_block_ends(text)),
    }
}

#[inline]
fn block_ends(block: &[u8; BLOCK]) -> u64 {
    let (parts, _) = block.as_chunks();
    parts.iter().rev().fold(0, |ends, part| ends << block::SIZE | u64::from(block::ends(part)))
}

/// Of a text that is shorter than a block.
#[cold]
fn short_block_ends(text: &[u8]) -> u64 {
    let mut block = [0; BLOCK];
    for (to, from) in block.iter_mut().zip(text) {
        *to = *from;
    }
    block_ends(&block)
}

/// The first place from `at` on that is not plain text of a string: a quote, a backslash, a control
/// character or the end.
#[inline]
pub(super) fn plain_until(text: &[u8], mut at: usize) -> usize {
    while let Some(block) = text.get(at..).and_then(<[u8]>::first_chunk) {
        let ends = block::ends(block);
        if ends != 0 {
            return at.wrapping_add(ends.trailing_zeros() as usize);
        }
        at = at.wrapping_add(block::SIZE);
    }
    plain_to_end(text, at)
}

#[cold]
fn plain_to_end(text: &[u8], at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    let plain = rest.iter().take_while(|byte| !matches!(byte, b'"' | b'\\' | 0..0x20)).count();
    at.wrapping_add(plain)
}

/// So many bytes of a word, of which there are fewer than eight, and none after them.
#[inline]
fn beginning(word: u64, bytes: u32) -> u64 {
    word & !u64::MAX.wrapping_shl(bytes.wrapping_mul(8))
}

/// The print of a key; see [`Key`].
#[inline]
fn print(text: &[u8], start: usize, length: usize) -> u64 {
    let Some(first) = word_at(text, start) else { return short_print(text, start, length) };
    if length < 8 {
        return beginning(first, length as u32);
    }
    let last = start.wrapping_add(length).wrapping_sub(8);
    first ^ word_at(text, last).unwrap_or(0).rotate_left(31)
}

/// The print of a key so near to the end of the text that no word can be read there.
#[cold]
fn short_print(text: &[u8], start: usize, length: usize) -> u64 {
    let key = text.get(start..start.wrapping_add(length)).unwrap_or_default();
    key.iter().rev().fold(0, |print, byte| (print << 8) | u64::from(*byte))
}
