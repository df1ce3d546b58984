//! The reader: text to nodes, with every fault in its place.

use std::borrow::Cow;

use super::scan::{hex4, plain_until};
use super::{Member, Node, Number, NumberFault, Object, Value};
use crate::order::sort_by_key;
use crate::source::Span;

/// How large a text may be.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of text.
    pub bytes: usize,
    /// Levels of lists and objects; a scalar has none. At most 500, since reading recurses.
    pub depth: u32,
}

impl Limits {
    /// For a policy or a scenario: 4 MiB, 64 levels.
    pub const DOCUMENT: Limits = Limits { bytes: 4 << 20, depth: 64 };
    /// For a catalog, which a program wrote: 32 MiB, 64 levels.
    pub const CATALOG: Limits = Limits { bytes: 32 << 20, depth: 64 };
    /// For a message on the wire: 1 MiB, 128 levels.
    pub const MESSAGE: Limits = Limits { bytes: 1 << 20, depth: 128 };
}

/// Something in a text that is not strict JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What is wrong.
    pub kind: FaultKind,
    /// Where.
    pub span: Span,
}

/// What can be wrong with a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// It begins with a byte order mark.
    ByteOrderMark,
    /// It is not UTF-8.
    InvalidUtf8,
    /// It has more bytes than [`Limits::bytes`].
    TooLarge,
    /// It is nested more deeply than [`Limits::depth`].
    TooDeep,
    /// Something else stands where this was expected.
    Expected(&'static str),
    /// A comma stands before the closing bracket.
    TrailingComma,
    /// A string has no end.
    UnterminatedString,
    /// A control character stands in a string as it is.
    ControlCharacter,
    /// A backslash with something behind it that is no escape.
    InvalidEscape,
    /// Half of a surrogate pair.
    LoneSurrogate,
    /// A number that does not follow the grammar.
    InvalidNumber,
    /// A number beyond the limits of [`Number`].
    NumberTooLarge,
    /// A comment, which JSON does not have.
    Comment,
    /// A key that the object has already; the place of the first.
    DuplicateKey(Span),
    /// Something stands behind the end.
    TrailingText,
}

impl FaultKind {
    /// What people read; also its `Display`.
    #[must_use]
    pub fn message(self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            FaultKind::ByteOrderMark => "the text begins with a byte order mark",
            FaultKind::InvalidUtf8 => "the text is not valid utf-8",
            FaultKind::TooLarge => "the text is too large",
            FaultKind::TooDeep => "lists and objects are nested too deeply",
            FaultKind::Expected(what) => return ["expected ", what].concat().into(),
            FaultKind::TrailingComma => "a comma stands before the closing bracket",
            FaultKind::UnterminatedString => "the string has no closing quote",
            FaultKind::ControlCharacter => "a control character in a string must be escaped",
            FaultKind::InvalidEscape => "not an escape that json knows",
            FaultKind::LoneSurrogate => "half of a surrogate pair is not a character",
            FaultKind::InvalidNumber => "not a number as json writes it",
            FaultKind::NumberTooLarge => {
                "the number has more than 400 digits or an exponent beyond 400"
            }
            FaultKind::Comment => "json has no comments",
            FaultKind::DuplicateKey(_) => "the key stands twice in one object",
            FaultKind::TrailingText => "something stands behind the end",
        })
    }
}

impl std::fmt::Display for FaultKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message())
    }
}

/// What was read of a text that may have faults.
#[derive(Clone, Debug)]
pub struct Read {
    /// What could be understood; `None` if there was no value at all.
    pub node: Option<Node>,
    /// What could not, in the order of the text. Empty if and only if the text is strict JSON.
    pub faults: Vec<Fault>,
}

/// So many faults are reported; a text with more is not JSON at all.
pub(crate) const MAX_FAULTS: usize = 100;

/// Whether reading goes on behind a fault. What follows from this is what is found behind the first, and
/// how far a fault reaches; what the first is follows from the text alone.
const MENDS: bool = cfg!(feature = "mending");

/// In WebAssembly code must be small.
const SMALL: bool = cfg!(target_family = "wasm");

/// Reads a text and goes on after each fault, for people who mend it. Without the feature `mending` it
/// ends at the first, and none of what goes on is compiled.
#[must_use]
pub fn read(text: &[u8], limits: &Limits) -> Read {
    run(text, limits, MAX_FAULTS, is_of_word, |_| None, &mut |_| None)
}

/// Reads a text of which some is known: for the place of the key of a member two levels deep `known`
/// gives the member, if what was read there of the same words, without a fault, is at hand; and `words` gives the
/// keys that are words of the language of the text, which need not be copied each time.
pub(crate) fn read_knowing(
    text: &[u8],
    limits: &Limits,
    words: Words,
    known: &mut dyn FnMut(usize) -> Option<Member>,
) -> Read {
    run(text, limits, MAX_FAULTS, is_of_word, words, known)
}

/// Gives the word that a key is, if it is a known one.
type Words = fn(&str) -> Option<&'static str>;

/// Reads a text and stops at the first fault, for machines.
///
/// # Errors
/// The first fault, if the text is not strict JSON within the limits.
pub fn read_strict(text: &[u8], limits: &Limits) -> Result<Node, Fault> {
    // Where a word ends that is none of JSON's matters to people, and Unicode's tables are 2 KB of a
    // small module.
    let read = run(text, limits, 1, |_| true, |_| None, &mut |_| None);
    match (read.node, read.faults.into_iter().next()) {
        (_, Some(fault)) => Err(fault),
        (Some(node), None) => Ok(node),
        (None, None) => Err(Fault { kind: FaultKind::Expected("a value"), span: Span::default() }),
    }
}

fn run(
    text: &[u8],
    limits: &Limits,
    max_faults: usize,
    goes_on: fn(char) -> bool,
    words: Words,
    known: &mut dyn FnMut(usize) -> Option<Member>,
) -> Read {
    let refuse = |kind, span| Read { node: None, faults: vec![Fault { kind, span }] };
    if text.len() > limits.bytes {
        return refuse(FaultKind::TooLarge, Span::new(limits.bytes, text.len()));
    }
    let text = match std::str::from_utf8(text) {
        Ok(text) => text,
        Err(error) => {
            let at = error.valid_up_to();
            let length = error.error_len().unwrap_or(text.len().saturating_sub(at));
            return refuse(FaultKind::InvalidUtf8, Span::new(at, at.saturating_add(length)));
        }
    };
    let (depth, faults) = (limits.depth, Vec::new());
    let known_at = depth.checked_sub(2);
    let mut reader = Reader {
        text,
        at: 0,
        depth,
        faults,
        max_faults,
        goes_on,
        words,
        known,
        known_at,
        members: Vec::with_capacity(ROOM),
        items: Vec::new(),
    };
    if text.starts_with(MARK) {
        reader.at = MARK.len();
        reader.fault(FaultKind::ByteOrderMark, 0);
    }
    let node = reader.value();
    reader.space();
    if reader.at < text.len() && !reader.given_up() {
        let start = reader.at;
        if MENDS {
            let end = text.bytes().rposition(|byte| !is_space(byte));
            reader.at = end.map_or(start, |end| end.saturating_add(1).max(start));
        }
        reader.fault(FaultKind::TrailingText, start);
    }
    let mut faults = reader.faults;
    if MENDS {
        sort_by_key(&mut faults, |fault| fault.span);
    }
    Read { node, faults }
}

/// What some programs begin a text with. A text and no character, for which there would be code of its own.
const MARK: &str = "\u{feff}";

/// White space as JSON has it.
fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// Whether a character beyond ASCII is shown as part of a word: signs, spaces and pictures are not. What Unicode
/// says of each would be 3 KB of tables.
fn is_of_word(c: char) -> bool {
    !matches!(
        c,
        '\u{80}'..='\u{bf}'
            | '×'
            | '÷'
            | '\u{2000}'..='\u{2bff}'
            | '\u{2e00}'..='\u{2e7f}'
            | '\u{3000}'..='\u{3004}'
            | '\u{3008}'..='\u{3020}'
            | '\u{e000}'..='\u{f8ff}'
            | '\u{fe00}'..='\u{fe6f}'
            | '\u{feff}'..='\u{ff0f}'
            | '\u{fff0}'..='\u{ffff}'
            | '\u{1f000}'..='\u{1faff}'
            | '\u{e0000}'..
    )
}

/// So many members have the open objects of most calls; with more, an allocator may not have the room at hand.
const ROOM: usize = 12;

struct Reader<'t, 'k> {
    text: &'t str,
    at: usize,
    /// Levels that may still be opened.
    depth: u32,
    faults: Vec<Fault>,
    max_faults: usize,
    /// Whether a character beyond ASCII goes on with a word or a number.
    goes_on: fn(char) -> bool,
    /// Gives keys that are known words.
    words: Words,
    /// Gives members that are known; see [`read_knowing`].
    known: &'k mut dyn FnMut(usize) -> Option<Member>,
    /// What `depth` is where it is asked.
    known_at: Option<u32>,
    /// What there is so far of the objects that are open, those of the innermost last: each is made when all
    /// of it is there, and takes no more memory than it needs.
    members: Vec<Member>,
    /// The same of the lists that are open.
    items: Vec<Node>,
}

impl<'t> Reader<'t, '_> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or("")
    }

    // Asked before every byte that means something: a call of its own would be half of that.
    #[inline(always)]
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn step(&mut self, bytes: usize) {
        self.at = self.at.saturating_add(bytes).min(self.text.len());
    }

    /// Skips white space, and comments, which are faults but say nothing else.
    fn space(&mut self) {
        loop {
            match self.peek() {
                Some(b' ' | b'\t' | b'\n' | b'\r') => {
                    let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
                    let blank = |byte: &&u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
                    self.at = self.at.saturating_add(rest.iter().take_while(blank).count());
                }
                Some(b'/') if self.comment() => {}
                _ => return,
            }
        }
    }

    /// Skips and reports a comment, if one begins here.
    #[cold]
    fn comment(&mut self) -> bool {
        let start = self.at;
        if self.rest().starts_with("//") {
            if MENDS {
                self.skip_while(|c| !matches!(c, '\n' | '\r'));
            }
        } else if self.rest().starts_with("/*") {
            if MENDS {
                let end = self.rest().as_bytes().windows(2).position(|two| two == b"*/");
                let end = end.map(|at| at.saturating_add(2));
                self.step(end.unwrap_or(self.text.len()));
            }
        } else {
            return false;
        }
        self.fault(FaultKind::Comment, start);
        true
    }

    /// Takes this byte if it comes next.
    fn take(&mut self, byte: u8) -> bool {
        let next = self.peek() == Some(byte);
        if next {
            self.step(1);
        }
        next
    }

    /// Skips bytes while they are of a kind; the kind must not split characters.
    fn skip_while(&mut self, kind: impl Fn(char) -> bool) {
        let rest = self.rest();
        self.step(rest.find(|c| !kind(c)).unwrap_or(rest.len()));
    }

    /// Skips what words and numbers have, and these signs.
    fn skip_word(&mut self, signs: &[u8]) {
        while let Some(byte) = self.peek() {
            let length = if byte.is_ascii() {
                // As in `forgotten_quote`.
                #[allow(clippy::manual_contains, reason = "a search of the standard library")]
                let is_sign = signs.iter().any(|sign| *sign == byte);
                usize::from(byte.is_ascii_alphanumeric() || is_sign)
            } else {
                let next = self.rest().chars().next();
                next.filter(|c| (self.goes_on)(*c)).map_or(0, char::len_utf8)
            };
            if length == 0 {
                return;
            }
            self.step(length);
        }
    }

    fn given_up(&self) -> bool {
        if MENDS { self.faults.len() >= self.max_faults } else { !self.faults.is_empty() }
    }

    /// Reports what stands from `start` to here. With the last fault that is wanted, reading ends.
    fn fault(&mut self, kind: FaultKind, start: usize) {
        if !(MENDS && self.is_said(kind, start)) {
            self.fault_at(kind, Span::new(start, self.at));
        }
    }

    fn fault_at(&mut self, kind: FaultKind, span: Span) {
        if !self.given_up() {
            self.faults.push(Fault { kind, span });
        }
        if self.given_up() {
            self.at = self.text.len();
        }
    }

    /// Whether a missing separator only follows from the fault before it: where a string has no end
    /// no comma is found either, and a text that ends too early ends so for every open bracket.
    fn is_said(&self, kind: FaultKind, start: usize) -> bool {
        let separator = matches!(kind, FaultKind::Expected(what) if what.starts_with('`'));
        let last = self.faults.last().filter(|_| separator);
        last.is_some_and(|last| {
            let between = self.text.get(last.span.end as usize..start);
            let cut = matches!(last.kind, FaultKind::UnterminatedString | FaultKind::Expected(_));
            cut && between.is_some_and(|between| between.bytes().all(is_space))
        })
    }

    /// Reports that something else stands here, underlining the next word or character.
    fn expected(&mut self, what: &'static str) {
        let start = self.at;
        match self.rest().chars().next().filter(|_| MENDS) {
            // Quotes that JSON does not know, up to the next of them on the line.
            Some(quote @ ('\'' | '`')) => {
                self.step(1);
                self.skip_while(|c| c != quote && c != '\n');
                self.take(quote as u8);
            }
            Some(c) => {
                self.skip_word(b"_-+.");
                if self.at == start {
                    self.step(c.len_utf8());
                }
            }
            None => {}
        }
        self.fault(FaultKind::Expected(what), start);
    }

    fn value(&mut self) -> Option<Node> {
        self.space();
        let start = self.at;
        let value = match self.peek() {
            Some(b'{') => self.object()?,
            Some(b'[') => self.list()?,
            Some(b'"') => Value::String(self.string()),
            Some(b'-' | b'+' | b'.' | b'0'..=b'9') => self.number()?,
            Some(b'a'..=b'z' | b'A'..=b'Z') => self.word()?,
            // What closes or separates is left to who waits for it.
            Some(b',' | b'}' | b']' | b':') | None => {
                self.fault(FaultKind::Expected("a value"), start);
                return None;
            }
            Some(_) => {
                self.expected("a value");
                return None;
            }
        };
        Some(Node { span: Span::new(start, self.at), value })
    }

    fn word(&mut self) -> Option<Value> {
        let start = self.at;
        self.skip_word(b"_");
        match self.text.get(start..self.at) {
            Some("null") => Some(Value::Null),
            Some("true") => Some(Value::Bool(true)),
            Some("false") => Some(Value::Bool(false)),
            _ => {
                self.fault(FaultKind::Expected("a value"), start);
                None
            }
        }
    }

    fn number(&mut self) -> Option<Value> {
        let start = self.at;
        self.skip_word(b"+-.");
        let kind = match Number::parse(self.text.get(start..self.at).unwrap_or("")) {
            Ok(number) => return Some(Value::Number(number)),
            Err(NumberFault::Syntax) => FaultKind::InvalidNumber,
            Err(NumberFault::TooLarge) => FaultKind::NumberTooLarge,
        };
        self.fault(kind, start);
        None
    }

    /// The string that is a key.
    fn key(&mut self) -> Cow<'static, str> {
        if !SMALL {
            let from = self.at.saturating_add(1);
            let end = plain_until(self.text.as_bytes(), from);
            if self.text.as_bytes().get(end) == Some(&b'"') {
                let key = self.text.get(from..end).unwrap_or_default();
                self.at = end.saturating_add(1);
                return (self.words)(key).map_or_else(|| key.to_owned().into(), Cow::Borrowed);
            }
        }
        self.string().into()
    }

    fn string(&mut self) -> String {
        let start = self.at;
        let mut out = String::new();
        self.step(1);
        loop {
            let at = plain_until(self.text.as_bytes(), self.at);
            let plain = self.text.get(self.at..at).unwrap_or("");
            self.at = at;
            let next = self.peek();
            if next == Some(b'"') && out.is_empty() {
                self.step(1);
                return plain.to_owned();
            }
            out.push_str(plain);
            match next {
                Some(b'"') => {
                    self.step(1);
                    return out;
                }
                Some(b'\\') => {
                    self.step(1);
                    match self.escape() {
                        Ok(c) => out.push(c),
                        Err(kind) => self.fault(kind, at),
                    }
                }
                // A line's end within quotes is a forgotten quote.
                None | Some(b'\n' | b'\r') => {
                    self.fault(FaultKind::UnterminatedString, start);
                    return out;
                }
                Some(_) => {
                    self.step(1);
                    self.fault(FaultKind::ControlCharacter, at);
                }
            }
        }
    }

    /// What stands behind a backslash.
    fn escape(&mut self) -> Result<char, FaultKind> {
        let Some(c) = self.rest().chars().next() else {
            return Err(FaultKind::InvalidEscape);
        };
        self.step(c.len_utf8());
        Ok(match c {
            '"' | '\\' | '/' => c,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                let unit = self.hex4()?;
                match unit {
                    0xd800..=0xdbff => {
                        if !self.rest().starts_with("\\u") {
                            return Err(FaultKind::LoneSurrogate);
                        }
                        let behind = self.at;
                        self.step(2);
                        let low = self.hex4()?;
                        match char::decode_utf16([unit, low]).next() {
                            Some(Ok(c)) => c,
                            _ => {
                                self.at = behind;
                                return Err(FaultKind::LoneSurrogate);
                            }
                        }
                    }
                    _ => char::from_u32(u32::from(unit)).ok_or(FaultKind::LoneSurrogate)?,
                }
            }
            _ => return Err(FaultKind::InvalidEscape),
        })
    }

    fn hex4(&mut self) -> Result<u16, FaultKind> {
        let unit = hex4(self.rest().as_bytes()).ok_or(FaultKind::InvalidEscape)?;
        self.step(4);
        Ok(unit)
    }

    /// Opens a level; `false` (and the end of reading) if there are too many.
    fn open(&mut self) -> bool {
        let start = self.at;
        self.step(1);
        match self.depth.checked_sub(1) {
            Some(left) => {
                self.depth = left;
                true
            }
            None => {
                self.fault(FaultKind::TooDeep, start);
                self.max_faults = self.faults.len();
                self.at = self.text.len();
                false
            }
        }
    }

    fn close(&mut self) {
        self.depth = self.depth.saturating_add(1);
    }

    fn list(&mut self) -> Option<Value> {
        if !self.open() {
            return None;
        }
        let (own, mut items) = (self.items.len(), Vec::new());
        self.space();
        if !self.take(b']') {
            loop {
                let item = self.value();
                if SMALL { &mut items } else { &mut self.items }.extend(item);
                if !self.next_item(b']', "`,` or `]`") {
                    break;
                }
            }
        }
        self.close();
        Some(Value::List(if SMALL { items } else { self.items.split_off(own) }))
    }

    fn object(&mut self) -> Option<Value> {
        if !self.open() {
            return None;
        }
        let own = self.members.len();
        self.space();
        if !self.take(b'}') {
            loop {
                let member = self.member();
                self.members.extend(member);
                if !self.next_item(b'}', "`,` or `}`") {
                    break;
                }
            }
        }
        self.close();
        let (object, duplicates) = Object::new(self.members.split_off(own));
        for (first, span) in duplicates {
            self.fault_at(FaultKind::DuplicateKey(first), span);
        }
        Some(Value::Object(object))
    }

    fn member(&mut self) -> Option<Member> {
        self.space();
        let start = self.at;
        if MENDS
            && self.known_at == Some(self.depth)
            && let Some(known) = (self.known)(start)
        {
            self.at = known.node.span.end as usize;
            return Some(known);
        }
        if self.peek() != Some(b'"') {
            self.expected("a key in double quotes");
            // If it was meant as a key, its value is still read for faults of its own.
            if MENDS {
                self.space();
                if self.take(b':') {
                    self.value();
                }
            }
            return None;
        }
        let mut key = self.key();
        let mut key_span = Span::new(start, self.at);
        self.space();
        if self.peek() != Some(b':')
            && let Some(cut) = self.forgotten_quote(start, key_span.end as usize)
        {
            key = cut.into();
            key_span = Span::new(start, self.at);
        }
        if !self.take(b':') {
            let at = self.at;
            if !matches!(self.peek(), Some(b'"' | b'{' | b'[' | b'0'..=b'9' | b'-')) {
                self.fault(FaultKind::Expected("`:` and a value"), at);
                return None;
            }
            // A forgotten colon: the value begins here.
            self.fault(FaultKind::Expected("`:`"), at);
            if !MENDS {
                return None;
            }
        }
        let node = self.value()?;
        Some(Member { key, key_span, node })
    }

    /// For a key with a colon in it, and none behind it: the closing quote was forgotten before the
    /// colon, and every quote from here on would be read the wrong way round. Goes back to the colon
    /// and gives the key that ends there.
    fn forgotten_quote(&mut self, start: usize, end: usize) -> Option<String> {
        // The standard library's searches for a character would be 0.3 KB of a small module.
        let start_of_key = start.saturating_add(1);
        let written = self.text.get(start_of_key..end)?;
        let key = written.get(..written.bytes().position(|byte| byte == b':')?)?;
        if self.given_up() || key.is_empty() || key.bytes().any(|byte| byte == b'\\') {
            return None;
        }
        self.at = start_of_key.saturating_add(key.len());
        self.fault(FaultKind::UnterminatedString, start);
        Some(key.to_owned())
    }

    /// Behind an item: whether another follows. Reports what does not belong and goes on behind it.
    fn next_item(&mut self, closing: u8, what: &'static str) -> bool {
        self.space();
        let comma = self.at;
        if self.take(b',') {
            let behind = self.at;
            self.space();
            if self.peek() == Some(closing) {
                let at = std::mem::replace(&mut self.at, behind);
                self.fault(FaultKind::TrailingComma, comma);
                if !self.given_up() {
                    self.at = at.saturating_add(1);
                }
                return false;
            }
            // At the end of the text the missing bracket is reported below.
            if self.peek().is_some() {
                return true;
            }
        }
        if self.take(closing) {
            return false;
        }
        if !MENDS {
            self.fault(FaultKind::Expected(what), self.at);
            return false;
        }
        match self.peek() {
            // A forgotten comma: the next item begins here.
            Some(b'"' | b'{' | b'[' | b'0'..=b'9' | b'-' | b'a'..=b'z') => {
                let at = self.at;
                self.fault(FaultKind::Expected(what), at);
                !self.given_up()
            }
            // The wrong bracket closes this level too.
            Some(b'}' | b']') => {
                self.expected(what);
                false
            }
            None => {
                let at = self.at;
                self.fault(FaultKind::Expected(what), at);
                false
            }
            Some(_) => {
                self.expected(what);
                // Whatever it was, look for the next item on its far side.
                self.skip_while(|c| !matches!(c, ',' | '}' | ']' | '"' | '{' | '['));
                self.next_item_after_junk(closing)
            }
        }
    }

    /// As `next_item`, with nothing more to report about the place.
    fn next_item_after_junk(&mut self, closing: u8) -> bool {
        if self.take(closing) || self.given_up() {
            return false;
        }
        if self.take(b',') {
            self.space();
            return !self.take(closing);
        }
        match self.peek() {
            Some(b'}' | b']') => {
                self.step(1);
                false
            }
            next => next.is_some(),
        }
    }
}
