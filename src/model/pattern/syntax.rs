//! Reads RE2's syntax into the form that is compiled.
//!
//! Groups are kept on a stack of our own instead of the machine's, and each node knows its height,
//! so nothing here recurses and what comes out is never deeper than what may be walked.

use super::set::Set;
use super::tree::{Part, Place};
use super::{MAX_DEPTH, MAX_REPEAT, PatternFault, PatternFaultKind};
use crate::source::split_at_first;

/// Reads a whole pattern: its tree, and the sets of characters that it names by their numbers.
pub(super) fn read(text: &str) -> Result<(Part, Vec<Set>), PatternFault> {
    Reader {
        text,
        at: 0,
        flags: Flags::default(),
        group: Group::default(),
        outer: Vec::new(),
        sets: Vec::new(),
    }
    .pattern()
}

/// The flags in force. `U` is read but not kept: it changes which match is preferred, not whether
/// there is one.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Flags {
    pub(super) fold_case: bool,
    multi_line: bool,
    dot_all: bool,
}

impl Flags {
    /// Turns the flag on or off; false when there is no such flag.
    fn set(&mut self, flag: char, on: bool) -> bool {
        match flag {
            'i' => self.fold_case = on,
            'm' => self.multi_line = on,
            's' => self.dot_all = on,
            'U' => {}
            _ => return false,
        }
        true
    }
}

/// A part of the pattern that was read.
struct Node {
    part: Part,
    /// How deep groups, repetitions and alternatives nest in it.
    height: usize,
    /// The highest product of repeat counts within one another in it.
    copies: u32,
}

impl Node {
    fn leaf(part: Part) -> Node {
        Node { part, height: 1, copies: 1 }
    }

    /// One node of several, one level higher.
    fn joined(mut nodes: Vec<Node>, join: fn(Vec<Part>) -> Part) -> Node {
        if nodes.len() == 1
            && let Some(only) = nodes.pop()
        {
            return only;
        }
        let height = nodes.iter().map(|n| n.height).max().unwrap_or(0);
        let copies = nodes.iter().map(|n| n.copies).max().unwrap_or(1);
        let part = join(nodes.into_iter().map(|n| n.part).collect());
        Node { part, height: height.saturating_add(1), copies }
    }
}

/// A group being read, or the whole pattern.
#[derive(Default)]
struct Group {
    /// Its opening, such as `(?i:`, in bytes of the pattern.
    start: usize,
    end: usize,
    /// The flags in force again after it.
    flags: Flags,
    /// The alternatives read so far.
    branches: Vec<Node>,
    /// The alternative being read.
    parts: Vec<Node>,
}

impl Group {
    fn end_branch(&mut self) {
        let parts = std::mem::take(&mut self.parts);
        self.branches.push(Node::joined(parts, Part::Sequence));
    }

    fn finish(mut self) -> Node {
        self.end_branch();
        Node::joined(self.branches, Part::Choice)
    }
}

/// Where we are in the pattern.
pub(super) struct Reader<'a> {
    text: &'a str,
    at: usize,
    pub(super) flags: Flags,
    group: Group,
    outer: Vec<Group>,
    sets: Vec<Set>,
}

impl<'a> Reader<'a> {
    fn pattern(mut self) -> Result<(Part, Vec<Set>), PatternFault> {
        // Where the repetition operator starts that was read last, if nothing followed it.
        let mut repeated = None;
        loop {
            let start = self.at;
            let Some(c) = self.bump() else { break };
            let before = repeated.take();
            match c {
                '(' => self.open(start)?,
                '|' => self.group.end_branch(),
                ')' => self.close(start)?,
                '^' if self.flags.multi_line => self.place(Place::LineStart),
                '^' => self.place(Place::Start),
                '$' if self.flags.multi_line => self.place(Place::LineEnd),
                '$' => self.place(Place::End),
                '.' if self.flags.dot_all => self.one_of(Set::default().negated()),
                '.' => self.one_of(Set::of(&[('\n', '\n')]).negated()),
                '[' => {
                    let set = self.bracketed(start)?;
                    self.one_of(set);
                }
                '\\' => self.escape(start)?,
                '*' | '+' | '?' | '{' => match self.counts(c) {
                    Some(counts) => {
                        self.repeat(start, counts, before)?;
                        repeated = Some(start);
                    }
                    None => self.literal(u32::from(c)),
                },
                c => self.literal(u32::from(c)),
            }
        }
        if !self.outer.is_empty() {
            return Err(PatternFault {
                kind: PatternFaultKind::UnclosedGroup,
                start: self.group.start,
                end: self.group.end,
            });
        }
        Ok((self.group.finish().part, self.sets))
    }

    // The text.

    pub(super) fn at(&self) -> usize {
        self.at
    }

    pub(super) fn back_to(&mut self, at: usize) {
        self.at = at;
    }

    pub(super) fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn bump(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at = self.at.saturating_add(c.len_utf8());
        Some(c)
    }

    /// Steps over `expected` if it comes next.
    pub(super) fn eat(&mut self, expected: &str) -> bool {
        let found = self.rest().starts_with(expected);
        if found {
            self.at = self.at.saturating_add(expected.len());
        }
        found
    }

    /// Steps over what comes before `end` and over `end`; to the end of the pattern without it.
    pub(super) fn through(&mut self, end: &str) -> Option<&'a str> {
        let rest = self.rest();
        match split_at_first(rest, end) {
            Some((before, after)) => {
                self.at = self.text.len().saturating_sub(after.len());
                Some(before)
            }
            None => {
                self.at = self.text.len();
                None
            }
        }
    }

    /// A fault from `start` to where we are.
    pub(super) fn fault(&self, kind: PatternFaultKind, start: usize) -> PatternFault {
        PatternFault { kind, start, end: self.at }
    }

    // What matches one character or a place.

    fn push(&mut self, part: Part) {
        self.group.parts.push(Node::leaf(part));
    }

    fn place(&mut self, place: Place) {
        self.push(Part::At(place));
    }

    /// One character of a set. Equal sets have one number.
    fn one_of(&mut self, set: Set) {
        let number = self.sets.iter().position(|other| *other == set).unwrap_or_else(|| {
            self.sets.push(set);
            self.sets.len().saturating_sub(1)
        });
        // A pattern has no more sets than bytes.
        self.push(Part::One(u32::try_from(number).unwrap_or(u32::MAX)));
    }

    fn literal(&mut self, code: u32) {
        self.one_of(self.folded(Set::range(code, code)));
    }

    /// Reads what follows a backslash at `start`, outside of a class.
    fn escape(&mut self, start: usize) -> Result<(), PatternFault> {
        if self.eat("A") {
            self.place(Place::Start);
        } else if self.eat("z") {
            self.place(Place::End);
        } else if self.eat("b") {
            self.place(Place::WordBoundary);
        } else if self.eat("B") {
            self.place(Place::NoWordBoundary);
        } else if self.eat("Q") {
            let rest = self.rest();
            for c in self.through("\\E").unwrap_or(rest).chars() {
                self.literal(u32::from(c));
            }
        } else if let Some(set) = self.escaped_class(start)? {
            self.one_of(set);
        } else {
            let code = self.escaped_char(start)?;
            self.literal(code);
        }
        Ok(())
    }

    /// Reads what follows a backslash at `start` and stands for one code point.
    pub(super) fn escaped_char(&mut self, start: usize) -> Result<u32, PatternFault> {
        let octal = |c: char| c.to_digit(8);
        let kind = match self.bump() {
            None => PatternFaultKind::TrailingBackslash,
            Some('a') => return Ok(0x07),
            Some('f') => return Ok(0x0C),
            Some('n') => return Ok(0x0A),
            Some('r') => return Ok(0x0D),
            Some('t') => return Ok(0x09),
            Some('v') => return Ok(0x0B),
            Some('x') => return self.hex(start),
            // `\1` to `\7` are octal only when another octal digit follows.
            Some(c @ '0'..='9')
                if c == '0' || octal(c).is_some() && self.peek().and_then(octal).is_some() =>
            {
                let mut code = octal(c).unwrap_or(0);
                for _ in 0..2 {
                    let Some(digit) = self.peek().and_then(octal) else {
                        break;
                    };
                    self.bump();
                    code = code.saturating_mul(8).saturating_add(digit);
                }
                return Ok(code);
            }
            Some('1'..='9') => PatternFaultKind::Backreference,
            Some('C') => PatternFaultKind::SingleByte,
            Some('Z') => PatternFaultKind::EndBeforeNewline,
            Some(c) if c.is_ascii() && !c.is_ascii_alphanumeric() => return Ok(u32::from(c)),
            Some(_) => PatternFaultKind::UnknownEscape,
        };
        Err(self.fault(kind, start))
    }

    /// Reads what follows `\x`: two digits, or any number of them in braces.
    fn hex(&mut self, start: usize) -> Result<u32, PatternFault> {
        let braces = self.eat("{");
        let mut code: u32 = 0;
        let mut digits: usize = 0;
        while braces || digits < 2 {
            let Some(digit) = self.peek().and_then(|c| c.to_digit(16)) else {
                break;
            };
            self.bump();
            code = code.saturating_mul(16).saturating_add(digit);
            digits = digits.saturating_add(1);
        }
        let complete = if braces { digits > 0 && self.eat("}") } else { digits == 2 };
        if !complete {
            // What stands where a digit should is part of the fault.
            self.bump();
            return Err(self.fault(PatternFaultKind::UnknownEscape, start));
        }
        if code > u32::from(char::MAX) {
            return Err(self.fault(PatternFaultKind::CodePoint, start));
        }
        Ok(code)
    }

    // Groups.

    /// Reads what follows a `(` at `start`, up to where the inside of the group begins.
    fn open(&mut self, start: usize) -> Result<(), PatternFault> {
        if !self.eat("?") {
            self.begin(start, self.flags);
            return Ok(());
        }
        for look in ["=", "!", "<=", "<!"] {
            if self.eat(look) {
                return Err(self.fault(PatternFaultKind::LookAround, start));
            }
        }
        if self.eat("P<") || self.eat("<") {
            self.name(start)?;
            self.begin(start, self.flags);
            return Ok(());
        }
        let mut flags = self.flags;
        let mut on = true;
        // Whether a flag is due: `(?-)` and `(?i-:a)` are refused.
        let mut due = false;
        loop {
            match self.bump() {
                Some('-') if on => {
                    on = false;
                    due = true;
                }
                Some(':') if !due => {
                    self.begin(start, flags);
                    return Ok(());
                }
                // The flags hold to the end of the group that we are in.
                Some(')') if !due => {
                    self.flags = flags;
                    return Ok(());
                }
                Some(flag) if flags.set(flag, on) => due = false,
                Some(_) => return Err(self.fault(PatternFaultKind::UnknownGroup, start)),
                None => return Err(self.fault(PatternFaultKind::UnclosedGroup, start)),
            }
        }
    }

    /// Reads the name of a group and its `>`. Nothing refers to a name, so two may be the same.
    fn name(&mut self, start: usize) -> Result<(), PatternFault> {
        let name = self.through(">").unwrap_or_default();
        let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if name.is_empty() || !name.chars().all(word) {
            return Err(self.fault(PatternFaultKind::GroupName, start));
        }
        Ok(())
    }

    fn begin(&mut self, start: usize, inside: Flags) {
        let group = Group { start, end: self.at, flags: self.flags, ..Group::default() };
        self.outer.push(std::mem::replace(&mut self.group, group));
        self.flags = inside;
    }

    /// Ends the group that we are in with a `)` at `start`.
    fn close(&mut self, start: usize) -> Result<(), PatternFault> {
        let Some(outer) = self.outer.pop() else {
            return Err(self.fault(PatternFaultKind::UnopenedGroup, start));
        };
        let group = std::mem::replace(&mut self.group, outer);
        let start = group.start;
        self.flags = group.flags;
        let node = group.finish();
        self.raise(node, start)
    }

    /// Adds a node that is one level higher than what it holds.
    fn raise(&mut self, mut node: Node, start: usize) -> Result<(), PatternFault> {
        node.height = node.height.saturating_add(1);
        if node.height > MAX_DEPTH {
            return Err(self.fault(PatternFaultKind::TooDeep, start));
        }
        self.group.parts.push(node);
        Ok(())
    }

    // Repetition.

    /// The counts of a repetition operator that begins with `operator`, which was just read. None
    /// when `{` begins no count and thus is the character.
    fn counts(&mut self, operator: char) -> Option<(u32, Option<u32>)> {
        match operator {
            '*' => return Some((0, None)),
            '+' => return Some((1, None)),
            '?' => return Some((0, Some(1))),
            _ => {}
        }
        let (inside, _) = self.rest().split_once('}')?;
        let counts = match inside.split_once(',') {
            None => {
                let min = count(inside)?;
                (min, Some(min))
            }
            Some((min, "")) => (count(min)?, None),
            Some((min, max)) => (count(min)?, Some(count(max)?)),
        };
        self.through("}");
        Some(counts)
    }

    /// Repeats what was read last. `start` is where the operator starts, `before` where an operator
    /// right before it does.
    fn repeat(
        &mut self,
        start: usize,
        (min, max): (u32, Option<u32>),
        before: Option<usize>,
    ) -> Result<(), PatternFault> {
        // The most copies that are made of what is repeated; one of them may go round.
        let copies = max.unwrap_or(min);
        if min > MAX_REPEAT || copies > MAX_REPEAT {
            return Err(self.fault(PatternFaultKind::RepeatCount, start));
        }
        if min > copies {
            return Err(self.fault(PatternFaultKind::RepeatOrder, start));
        }
        // Which match is preferred does not matter, only whether there is one.
        self.eat("?");
        if let Some(before) = before {
            return Err(self.fault(PatternFaultKind::NestedRepetition, before));
        }
        let Some(mut node) = self.group.parts.pop() else {
            return Err(self.fault(PatternFaultKind::NothingToRepeat, start));
        };
        node.copies = match max {
            Some(0) => 1,
            _ => node.copies.saturating_mul(copies.max(1)),
        };
        if node.copies > MAX_REPEAT {
            return Err(self.fault(PatternFaultKind::RepeatProduct, start));
        }
        node.part = Part::Repeat(Box::new(node.part), min, max);
        self.raise(node, start)
    }
}

/// A repeat count; a number too large for us is as large as can be. Leading zeros make it none.
fn count(digits: &str) -> Option<u32> {
    let number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    let zeros = digits.starts_with('0') && digits != "0";
    (number && !zeros).then(|| digits.parse().unwrap_or(u32::MAX))
}
