//! A second opinion: what `regex-automata` finds, and what `regex-syntax` takes for the same letter.

use std::fmt::Write as _;

use regex_automata::meta::Regex;
use regex_automata::nfa::thompson::pikevm::PikeVM;
use regex_automata::util::syntax;
use regex_automata::{Anchored, Input, MatchKind};
use regex_syntax::hir::{ClassUnicode, ClassUnicodeRange};

use super::super::set::{LAST, Set};
use super::super::{Found, PatternFaultKind, match_pattern};
use super::Pattern;

/// Pieces of patterns, as RE2 writes them and as `regex-syntax` does.
const PIECES: [(&str, &str); 24] = [
    ("a", "a"),
    ("b", "b"),
    ("é", "é"),
    ("_", "_"),
    (r"\n", r"\n"),
    (".", "."),
    ("[ab]", "[ab]"),
    ("[^a]", "[^a]"),
    (r"[^\n\x{61}-\x{7a}]", r"[^\n\x{61}-\x{7a}]"),
    (r"\w", "[0-9A-Za-z_]"),
    (r"\W", "[^0-9A-Za-z_]"),
    (r"\s", r"[\t\n\x0c\r ]"),
    ("(?i:k)", "(?i:k)"),
    ("(?i:[^ß])", "(?i:[^ß])"),
    ("(?s:.)", "(?s:.)"),
    ("^", r"\A"),
    ("$", r"\z"),
    ("(?m:^)", "(?m:^)"),
    ("(?m:$)", "(?m:$)"),
    (r"\b", r"(?-u:\b)"),
    ("ab", "ab"),
    ("()", "()"),
    ("b{2}", "b{2}"),
    ("[^\\x00-\\x{10FFFF}]", "[^\\x00-\\x{10FFFF}]"),
];
const REPEATED: [&str; 8] = ["*", "+", "?", "{0}", "{2}", "{1,3}", "{0,2}", "{2,}"];
const CHARACTERS: [char; 9] = ['a', 'b', 'é', '_', '\n', ' ', 'K', 'ẞ', '日'];

/// Numbers that look random and are the same each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        // The constants of Knuth's MMIX.
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) as usize % end
    }

    fn pattern(&mut self, levels: usize) -> (String, String) {
        let (mut ours, mut theirs) = (String::new(), String::new());
        for _ in 0..=self.below(3) {
            let (mut our, mut their) = if levels > 0 && self.below(3) == 0 {
                let (first, second) = (self.pattern(levels - 1), self.pattern(levels - 1));
                match self.below(2) {
                    0 => (format!("(?:{})", first.0), format!("(?:{})", first.1)),
                    _ => (
                        format!("(?:{}|{})", first.0, second.0),
                        format!("(?:{}|{})", first.1, second.1),
                    ),
                }
            } else {
                let (our, their) = PIECES[self.below(PIECES.len())];
                (our.to_owned(), their.to_owned())
            };
            if self.below(3) == 0 {
                let repeated = REPEATED[self.below(REPEATED.len())];
                our = format!("(?:{our}){repeated}");
                their = format!("(?:{their}){repeated}");
            }
            write!(ours, "{our}").unwrap();
            write!(theirs, "{their}").unwrap();
        }
        (ours, theirs)
    }

    fn text(&mut self) -> String {
        (0..self.below(9)).map(|_| CHARACTERS[self.below(CHARACTERS.len())]).collect()
    }
}

#[test]
fn finds_what_another_engine_finds() {
    let mut dice = Dice(1);
    let mut builder = Regex::builder();
    builder.syntax(syntax::Config::new().utf8(true));
    let (mut found, mut asked) = (0, 0);
    for _ in 0..4_000 {
        let (ours, theirs) = dice.pattern(3);
        let pattern = Pattern::parse(&ours).unwrap_or_else(|fault| panic!("{ours}: {fault:?}"));
        let other = builder.build(&theirs).unwrap_or_else(|error| panic!("{theirs}: {error}"));
        for _ in 0..12 {
            let text = dice.text();
            let (is, should_be) = (pattern.is_match(&text), other.is_match(&text));
            assert_eq!(is, should_be, "{ours} in {text:?}");
            (found, asked) = (found + usize::from(is), asked + 1);
        }
    }
    // What is always the same tells nothing.
    assert!(found > asked / 10 && found < asked * 9 / 10, "{found} of {asked}");
}

/// The first place, and the end that is furthest from it, as another engine has them.
#[test]
fn finds_where_another_engine_finds() {
    let mut dice = Dice(3);
    let mut first = Regex::builder();
    first.syntax(syntax::Config::new().utf8(true));
    let mut longest = PikeVM::builder();
    longest.configure(PikeVM::config().match_kind(MatchKind::All));
    let mut found = 0;
    for _ in 0..3_000 {
        let (ours, theirs) = dice.pattern(3);
        let pattern = Pattern::parse(&ours).unwrap();
        let (first, longest) = (first.build(&theirs).unwrap(), longest.build(&theirs).unwrap());
        for _ in 0..6 {
            let text = dice.text();
            let expected = first.find(&text).map(|start| {
                let input =
                    Input::new(&text).span(start.start()..text.len()).anchored(Anchored::Yes);
                let mut cache = longest.create_cache();
                let whole = longest.find_iter(&mut cache, input).next().unwrap();
                Found::At(start.start(), whole.end())
            });
            let is = pattern.find(&text);
            assert_eq!(is, expected.unwrap_or(Found::Nowhere), "{ours} in {text:?}");
            found += usize::from(is != Found::Nowhere);
        }
    }
    assert!(found > 3_000, "{found}");
}

#[test]
fn looking_for_the_place_has_an_end() {
    for (pattern, text, expected) in [
        ("b+", "abbbc", Found::At(1, 4)),
        ("abcd|c", "abcde", Found::At(0, 4)),
        ("abcd|c", "abce", Found::At(2, 3)),
        ("a*?", "aaa", Found::At(0, 3)),
        ("", "x", Found::At(0, 0)),
        ("é$", "éé", Found::At(2, 4)),
        ("x", "y", Found::Nowhere),
    ] {
        assert_eq!(match_pattern(pattern, text), Ok(expected), "{pattern}");
    }
    let wrong = match_pattern("a(", "a").unwrap_err();
    assert_eq!((wrong.kind, wrong.start, wrong.end), (PatternFaultKind::UnclosedGroup, 1, 2));
    let long = format!("{}{}", "a".repeat(100_000), "b");
    // Who only says that it is somewhere has stopped looking for the place.
    assert_eq!(match_pattern("(?:a{0,900}){0,1}b", &long), Ok(Found::Somewhere));
}

#[test]
fn finds_the_same_when_there_are_more_states_than_room() {
    let mut dice = Dice(2);
    // As many states as there are texts of 15 letters, in each of which the text goes on to be found.
    let pattern = Pattern::parse("[ab]*a[ab]{14}c").unwrap();
    let text: String = (0..60_000).map(|_| if dice.below(2) == 0 { 'a' } else { 'b' }).collect();
    for end in ["c", "ac", "bbbbbbbbbbbbbbbc", "abbbbbbbbbbbbbbc", "aéc"] {
        let text = text.clone() + end;
        let other = Regex::new("[ab]*a[ab]{14}c").unwrap();
        assert_eq!(pattern.is_match(&text), other.is_match(&text), "{end}");
    }
}

#[test]
fn cases_are_those_of_unicode() {
    let fold = |first, last| Set::range(first, last).folded();
    let other = |first: u32, last: u32| {
        let char_of = |code| char::from_u32(code).unwrap();
        let mut class = ClassUnicode::new([ClassUnicodeRange::new(char_of(first), char_of(last))]);
        class.case_fold_simple();
        let ranges = class.iter().map(|range| (u32::from(range.start()), u32::from(range.end())));
        Set::new(ranges.collect())
    };
    for code in (0..=LAST).filter(|code| char::from_u32(*code).is_some()) {
        let set = other(code, code);
        // Most have no case, and of those some are enough here.
        if set != Set::range(code, code) || code < 0x600 || code % 97 == 0 {
            assert_eq!(fold(code, code), set, "{code:x}");
        }
    }
    for (first, last) in [(0x41, 0x5a), (0x61, 0x6b), (0x100, 0x101), (0x101, 0x17e), (0, 0x24f)] {
        assert_eq!(fold(first, last), other(first, last), "{first:x} to {last:x}");
    }
}
