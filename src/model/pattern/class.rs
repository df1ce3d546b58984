//! Sets of characters: `[…]`, `\d`, `[:alpha:]`, `\p{Any}`.

use super::set::Set;
use super::syntax::Reader;
use super::{PatternFault, PatternFaultKind};
use crate::source::split_at_first;

const DIGIT: &[(char, char)] = &[('0', '9')];
const SPACE: &[(char, char)] = &[('\t', '\n'), ('\x0C', '\r'), (' ', ' ')];
pub(super) const WORD: &[(char, char)] = &[('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')];

/// The ranges of a POSIX class. Unlike `\s`, `space` holds the vertical tab.
fn posix(name: &str) -> Option<&'static [(char, char)]> {
    Some(match name {
        "alnum" => &[('0', '9'), ('A', 'Z'), ('a', 'z')],
        "alpha" => &[('A', 'Z'), ('a', 'z')],
        "ascii" => &[('\0', '\x7F')],
        "blank" => &[('\t', '\t'), (' ', ' ')],
        "cntrl" => &[('\0', '\x1F'), ('\x7F', '\x7F')],
        "digit" => DIGIT,
        "graph" => &[('!', '~')],
        "lower" => &[('a', 'z')],
        "print" => &[(' ', '~')],
        "punct" => &[('!', '/'), (':', '@'), ('[', '`'), ('{', '~')],
        "space" => &[('\t', '\r'), (' ', ' ')],
        "upper" => &[('A', 'Z')],
        "word" => WORD,
        "xdigit" => &[('0', '9'), ('A', 'F'), ('a', 'f')],
        _ => return None,
    })
}

impl Reader<'_> {
    /// Adds the other cases of the characters under `(?i)`.
    pub(super) fn folded(&self, set: Set) -> Set {
        if self.flags.fold_case { set.folded() } else { set }
    }

    /// A named set under the flags in force. What is negated is the set with all its cases.
    fn named(&self, ranges: &[(char, char)], negated: bool) -> Set {
        let set = self.folded(Set::of(ranges));
        if negated { set.negated() } else { set }
    }

    /// Reads the rest of `\d`, `\pN` and the like, if that is what follows the backslash at `start`.
    pub(super) fn escaped_class(&mut self, start: usize) -> Result<Option<Set>, PatternFault> {
        let (ranges, negated) = match self.peek() {
            Some('d') => (DIGIT, false),
            Some('D') => (DIGIT, true),
            Some('s') => (SPACE, false),
            Some('S') => (SPACE, true),
            Some('w') => (WORD, false),
            Some('W') => (WORD, true),
            Some(letter @ ('p' | 'P')) => {
                self.bump();
                return self.unicode_class(start, letter == 'P').map(Some);
            }
            _ => return Ok(None),
        };
        self.bump();
        Ok(Some(self.named(ranges, negated)))
    }

    /// Reads the name after `\p` or `\P`. Only `Any` needs no tables.
    fn unicode_class(&mut self, start: usize, negated: bool) -> Result<Set, PatternFault> {
        let any: &[_] = &[('\0', char::MAX)];
        let name = if self.eat("{") {
            self.through("}")
        } else {
            self.bump();
            None
        };
        match name {
            Some("Any") => Ok(self.named(any, negated)),
            Some("^Any") => Ok(self.named(any, !negated)),
            _ => Err(self.fault(PatternFaultKind::UnicodeClass, start)),
        }
    }

    /// Reads a class whose `[` is at `start`, up to and with its `]`.
    pub(super) fn bracketed(&mut self, start: usize) -> Result<Set, PatternFault> {
        let unclosed = self.fault(PatternFaultKind::UnclosedClass, start);
        let negated = self.eat("^");
        let mut set = Set::default();
        // A `]` at the start is the character.
        let mut first = true;
        while first || !self.eat("]") {
            first = false;
            let item = self.class_item(unclosed)?;
            set = set.union(item);
        }
        Ok(if negated { set.negated() } else { set })
    }

    /// Reads a named class, a character, or a range.
    fn class_item(&mut self, unclosed: PatternFault) -> Result<Set, PatternFault> {
        let start = self.at();
        let named = self.rest().strip_prefix("[:").and_then(|rest| split_at_first(rest, ":]"));
        if let Some((name, _)) = named {
            self.eat("[:");
            self.through(":]");
            let (name, negated) = match name.strip_prefix('^') {
                Some(name) => (name, true),
                None => (name, false),
            };
            return match posix(name) {
                Some(ranges) => Ok(self.named(ranges, negated)),
                None => Err(self.fault(PatternFaultKind::UnknownClass, start)),
            };
        }
        if self.eat("\\") {
            if let Some(class) = self.escaped_class(start)? {
                return Ok(class);
            }
            self.back_to(start);
        }
        let low = self.class_char(unclosed)?;
        let mut high = low;
        // A `-` at the end is the character.
        let rest = self.rest();
        if rest.starts_with('-') && rest != "-" && !rest.starts_with("-]") {
            self.eat("-");
            let end = self.at();
            if ["\\d", "\\D", "\\s", "\\S", "\\w", "\\W", "\\p", "\\P"]
                .iter()
                .any(|class| self.eat(class))
            {
                return Err(self.fault(PatternFaultKind::RangeToClass, end));
            }
            high = self.class_char(unclosed)?;
            if high < low {
                return Err(self.fault(PatternFaultKind::RangeOrder, start));
            }
        }
        Ok(self.folded(Set::range(low, high)))
    }

    fn class_char(&mut self, unclosed: PatternFault) -> Result<u32, PatternFault> {
        let start = self.at();
        match self.bump() {
            None => Err(unclosed),
            Some('\\') => self.escaped_char(start),
            Some(c) => Ok(u32::from(c)),
        }
    }
}
