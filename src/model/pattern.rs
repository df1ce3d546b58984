//! The `regex` operator: patterns in RE2's dialect, matched in time linear in the text.
//!
//! Policies are written for the dialect of Go's `regexp`, which other engines read differently in
//! many small ways (`[[]`, `[a&&b]`, `a{`, ASCII `\w`). So the syntax is read here, by the
//! rules of RE2. What a policy asks of a pattern is only whether it is found, never where, and the engine
//! for that is small: text → tree → program → automaton, over characters and not over bytes. Where it is
//! found is told to people who write one.
//!
//! Measured before there was one: `regex-automata` (its `meta`, without Unicode tables and literal
//! optimisers) with the tree of `regex-syntax` was 79 of the 192 KB (brotli) of the wasm that
//! decides; its `hybrid` alone, on a program made here, 41; this is 11. Natively this took 16 ns for
//! `^cus_[A-Za-z0-9]{14,}$` in 18 bytes where `meta` took 30, and as long, 2 ns a byte, where a
//! kilobyte is searched to its end. What `meta` does better is `x$`, which it looks for from the end.
//!
//! What differs from Go, by refusing a pattern and not by reading it in another way (but for the
//! version of Unicode whose cases `(?i)` knows):
//!
//! - Unicode classes but `\p{Any}` are refused, so that no tables travel with the engine.
//! - The limits are lower: [`MAX_LENGTH`], [`MAX_DEPTH`], and the size of the program.

use std::fmt;

use crate::diagnostic::fill;
use std::sync::Arc;
#[cfg(not(feature = "programs"))]
use std::sync::OnceLock;

use automaton::Automaton;
pub(crate) use language::Language;
#[cfg(not(feature = "programs"))]
use {program::Program, set::Set, tree::Part};

#[cfg_attr(
    feature = "programs",
    allow(dead_code, reason = "what is known before the first search")
)]
mod automaton;
mod case;
mod class;
mod find;
mod kept;
mod language;
mod program;
mod set;
mod stored;
mod syntax;
#[cfg(test)]
mod tests;
mod tree;

/// The longest pattern that is read, in bytes.
pub const MAX_LENGTH: usize = 4096;

/// How deep groups, repetitions and alternatives may nest.
///
/// Low enough that walking the tree recursively is safe on the small stack of a wasm host.
pub const MAX_DEPTH: usize = 250;

/// The highest repeat count, and the highest product of repeat counts within one another.
pub const MAX_REPEAT: u32 = 1000;

/// The most steps of a pattern's program, the same on every machine: room for `a{1000}` 65 times.
const MAX_SIZE: usize = 1 << 16;

/// So many steps are taken at most to find the place of a pattern.
const MAX_FINDING: usize = 1 << 24;

/// A pattern of the `regex` operator, ready to search. Clones share what was compiled.
#[derive(Clone)]
pub struct Pattern(Arc<Compiled>);

struct Compiled {
    text: String,
    /// None of a pattern that was read as a program.
    #[cfg(not(feature = "programs"))]
    tree: Part,
    /// The sets of characters that the tree names by their numbers.
    #[cfg(not(feature = "programs"))]
    sets: Vec<Set>,
    /// Made when it is first searched for: of many tools that a policy lists, few are called.
    #[cfg(not(feature = "programs"))]
    automaton: OnceLock<Automaton>,
    #[cfg(feature = "programs")]
    automaton: Automaton,
}

impl Pattern {
    /// Reads a pattern in RE2's dialect and compiles it.
    ///
    /// # Errors
    ///
    /// The first fault of the pattern: what is wrong, and where.
    pub fn parse(text: &str) -> Result<Pattern, PatternFault> {
        let whole = |kind| PatternFault { kind, start: 0, end: text.len() };
        if text.len() > MAX_LENGTH {
            return Err(whole(PatternFaultKind::TooLong));
        }
        let (tree, sets) = syntax::read(text)?;
        if tree.size() > MAX_SIZE {
            return Err(whole(PatternFaultKind::TooLarge));
        }
        Ok(Pattern(Arc::new(Compiled::read(text.to_owned(), tree, sets))))
    }

    /// The pattern as it was written.
    pub fn as_str(&self) -> &str {
        &self.0.text
    }

    /// Whether the pattern matches anywhere in `haystack`. Takes time linear in its length.
    pub fn is_match(&self, haystack: &str) -> bool {
        #[cfg(not(feature = "programs"))]
        {
            let Compiled { tree, sets, automaton, .. } = &*self.0;
            automaton.get_or_init(|| Automaton::new(Program::new(tree, sets))).is_match(haystack)
        }
        #[cfg(feature = "programs")]
        self.0.automaton.is_match(haystack)
    }

    /// Where the pattern is found in a text, for people who look at it: the first place, and from there
    /// as far as it reaches. (RE2 would stop earlier for `*?` and the first of several; which of them
    /// was written makes no difference to a policy, and is not known here.)
    pub fn find(&self, text: &str) -> Found {
        if !self.is_match(text) {
            return Found::Nowhere;
        }
        find::find(&self.0.program(), text, MAX_FINDING)
            .map_or(Found::Somewhere, |(start, end)| Found::At(start, end))
    }
}

/// Where a pattern is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// It is not.
    Nowhere,
    /// It is, but looking for the place takes too long.
    Somewhere,
    /// From here to there, in bytes.
    At(usize, usize),
}

/// Whether a pattern of the `regex` operator is found in a text, and where.
///
/// # Errors
///
/// The first fault of the pattern.
pub fn match_pattern(pattern: &str, text: &str) -> Result<Found, PatternFault> {
    Ok(Pattern::parse(pattern)?.find(text))
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Pattern").field(&self.as_str()).finish()
    }
}

/// Two patterns are equal when they were written alike.
impl PartialEq for Pattern {
    fn eq(&self, other: &Pattern) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Pattern {}

/// What is wrong with a pattern, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PatternFault {
    /// What is wrong.
    pub kind: PatternFaultKind,
    /// Where the faulty part starts, in bytes of the pattern.
    pub start: usize,
    /// Where the faulty part ends, in bytes of the pattern.
    pub end: usize,
}

/// What can be wrong with a pattern. Its text is a message for the policy's author.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PatternFaultKind {
    /// Longer than [`MAX_LENGTH`].
    TooLong,
    /// Nests deeper than [`MAX_DEPTH`].
    TooDeep,
    /// Compiles to more than the engine accepts.
    TooLarge,
    /// `(` without `)`.
    UnclosedGroup,
    /// `)` without `(`.
    UnopenedGroup,
    /// `[` without `]`.
    UnclosedClass,
    /// `(?` followed by nothing that RE2 knows.
    UnknownGroup,
    /// `(?=`, `(?!`, `(?<=` or `(?<!`.
    LookAround,
    /// A name that is empty, holds a character not allowed, or does not end.
    GroupName,
    /// `*`, `+`, `?` or a count with nothing before it.
    NothingToRepeat,
    /// A repetition operator right after another, as in `a**` or the possessive `a++`.
    NestedRepetition,
    /// A repeat count over [`MAX_REPEAT`].
    RepeatCount,
    /// A repeat count such as `{2,1}`.
    RepeatOrder,
    /// Repeat counts within one another whose product is over [`MAX_REPEAT`].
    RepeatProduct,
    /// A `\` at the end.
    TrailingBackslash,
    /// `\` followed by nothing that RE2 knows.
    UnknownEscape,
    /// A `\x{…}` past the last code point.
    CodePoint,
    /// `\1` to `\9`.
    Backreference,
    /// `\C`.
    SingleByte,
    /// `\Z`.
    EndBeforeNewline,
    /// A range whose end is before its start, as in `[z-a]`.
    RangeOrder,
    /// A range that ends in a class, as in `[a-\d]`.
    RangeToClass,
    /// `[[:name:]]` with a name that is none.
    UnknownClass,
    /// `\p` or `\P` with anything but `Any`.
    UnicodeClass,
}

impl PatternFaultKind {
    /// What people read; also its `Display`.
    #[must_use]
    pub fn message(self) -> String {
        let message = match self {
            Self::TooLong => {
                return fill("the pattern is longer than {} bytes", &[&MAX_LENGTH.to_string()]);
            }
            Self::TooDeep => {
                return fill("the pattern nests more than {} deep", &[&MAX_DEPTH.to_string()]);
            }
            Self::TooLarge => "the pattern is too large; shorten it or lower its repeat counts",
            Self::UnclosedGroup => "missing closing `)`",
            Self::UnopenedGroup => "unexpected `)`; write `\\)` for the character",
            Self::UnclosedClass => "missing closing `]`",
            Self::UnknownGroup => {
                "unknown group after `(?`; known are `(?:…)`, `(?P<name>…)`, `(?<name>…)` and the flags `i`, `m`, `s` and `U`"
            }
            Self::LookAround => "look-ahead and look-behind are not supported",
            Self::GroupName => {
                "a group name is made of ASCII letters, digits and `_`, and ends with `>`"
            }
            Self::NothingToRepeat => "missing argument to repetition operator",
            Self::NestedRepetition => {
                "invalid nested repetition operator; write `(?:…)` around what is repeated twice"
            }
            Self::RepeatCount => {
                return fill("a repeat count is at most {}", &[&MAX_REPEAT.to_string()]);
            }
            Self::RepeatOrder => "the lower repeat count comes first",
            Self::RepeatProduct => {
                return fill(
                    "repeat counts within one another multiply to more than {}",
                    &[&MAX_REPEAT.to_string()],
                );
            }
            Self::TrailingBackslash => {
                "trailing backslash at the end of the pattern; write `\\\\` for the character"
            }
            Self::UnknownEscape => "unknown escape sequence",
            Self::CodePoint => "not a character: the last code point is `\\x{10FFFF}`",
            Self::Backreference => "backreferences are not supported",
            Self::SingleByte => "`\\C` is not supported; patterns match characters, not bytes",
            Self::EndBeforeNewline => {
                "`\\Z` is not supported; write `\\z` for the end of the text, or `\\n?\\z`"
            }
            Self::RangeOrder => "the range ends before it starts",
            Self::RangeToClass => "a range ends with one character, not with a class",
            Self::UnknownClass => "unknown class name",
            Self::UnicodeClass => {
                "unicode classes such as `\\p{Greek}` are not supported; write the ranges, as in `[\\x{370}-\\x{3ff}]`"
            }
        };
        message.to_owned()
    }
}

impl fmt::Display for PatternFaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message())
    }
}
