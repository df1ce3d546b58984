//! Strings that stand for all that some patterns and constants tell apart: the shortest member of each
//! set that is not empty, found by walking the automata of all patterns at once.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::model::Pattern;
use crate::model::pattern::Language;
use crate::order::{sort_by, sort_by_key};

/// So many states of all automata together are looked at.
const MAX_STATES: usize = 20_000;
/// So many steps between them.
const MAX_STEPS: usize = 300_000;
/// So many patterns are looked at together.
const MAX_PATTERNS: usize = 24;

/// In place of a node of the tree: no constant begins so.
const NO_CONSTANT: u32 = u32::MAX;

/// What was found of some constants and patterns: many tools ask the same of their arguments.
#[derive(Default)]
pub(super) struct Texts {
    known: RefCell<BTreeMap<Asked, (Vec<String>, bool)>>,
}

/// The constants, and the texts of the patterns.
type Asked = (BTreeSet<String>, Vec<String>);

/// So many answers are kept.
const MAX_KEPT: usize = 1_000;

impl Texts {
    /// As [`members`].
    pub(super) fn members(
        &self,
        constants: BTreeSet<String>,
        patterns: &[Pattern],
    ) -> (Vec<String>, bool) {
        if patterns.is_empty() {
            return members(constants, patterns);
        }
        let texts = patterns.iter().map(|pattern| pattern.as_str().to_owned()).collect();
        let asked = (constants, texts);
        let mut known = self.known.borrow_mut();
        if let Some(found) = known.get(&asked) {
            return found.clone();
        }
        let found = members(asked.0.clone(), patterns);
        if known.len() < MAX_KEPT {
            known.insert(asked, found.clone());
        }
        found
    }
}

/// The constants, and of all other strings the shortest for each way in which the patterns are found
/// or not. Says whether that is all: the patterns together may be too large.
pub(super) fn members(constants: BTreeSet<String>, patterns: &[Pattern]) -> (Vec<String>, bool) {
    if patterns.is_empty() {
        let other = other_than(&constants);
        return ([other].into_iter().chain(constants).collect(), true);
    }
    let mut walk = Walk::new(&constants, patterns);
    let complete = patterns.len() <= MAX_PATTERNS && walk.run().is_some();
    let mut members: Vec<String> = walk.found.into_values().collect();
    members.extend(constants);
    (members, complete)
}

/// The shortest text that is none of these, of nice letters.
fn other_than(constants: &BTreeSet<String>) -> String {
    let mut length = 0usize;
    loop {
        for letter in 'a'..='z' {
            let text = letter.to_string().repeat(length);
            if !constants.contains(&text) {
                return text;
            }
        }
        // Ends: there are more lengths than constants.
        length = length.saturating_add(1);
    }
}

/// A walk through all automata at once, breadth first.
struct Walk {
    languages: Vec<Language>,
    /// A tree of the constants: where a character leads from a node.
    tree: BTreeMap<(u32, char), u32>,
    /// The nodes where a constant ends.
    ends: BTreeSet<u32>,
    /// A character for each class that nothing tells apart, the nicest first.
    alphabet: Vec<char>,
    /// By the patterns that are found in it, a bit each.
    found: BTreeMap<u32, String>,
}

impl Walk {
    fn new(constants: &BTreeSet<String>, patterns: &[Pattern]) -> Walk {
        let languages: Vec<Language> =
            patterns.iter().take(MAX_PATTERNS).map(Pattern::language).collect();
        let (mut tree, mut ends, mut nodes) = (BTreeMap::new(), BTreeSet::new(), 0u32);
        for constant in constants {
            let mut at = 0;
            for c in constant.chars() {
                at = *tree.entry((at, c)).or_insert_with(|| {
                    nodes = nodes.saturating_add(1);
                    nodes
                });
            }
            ends.insert(at);
        }
        let mut firsts: Vec<u32> = vec![0];
        firsts.extend(languages.iter().flat_map(|language| language.firsts()));
        for &(_, c) in tree.keys() {
            firsts.extend([u32::from(c), u32::from(c).saturating_add(1)]);
        }
        sort_by_key(&mut firsts, |first| *first);
        firsts.dedup();
        let last = firsts.iter().skip(1).map(|next| next.saturating_sub(1));
        let last = last.chain([u32::from(char::MAX)]);
        let classes = firsts.iter().zip(last);
        let mut alphabet: Vec<char> =
            classes.filter_map(|(&first, last)| nicest(first, last)).collect();
        sort_by(&mut alphabet, |a, b| (niceness(*a), *a).cmp(&(niceness(*b), *b)));
        Walk { languages, tree, ends, alphabet, found: BTreeMap::new() }
    }

    /// Walks to the end; `None` if that is too far.
    fn run(&mut self) -> Option<()> {
        let all = 1usize.checked_shl(u32::try_from(self.languages.len()).ok()?)?;
        let mut start: Vec<u32> = self.languages.iter_mut().map(Language::start).collect();
        start.push(0);
        // How each state was reached first, by its number: from which, with which character.
        let mut reached: Vec<(usize, char)> = vec![(0, '\0')];
        let mut seen = BTreeSet::from([start.clone()]);
        let mut open = VecDeque::from([(0usize, start)]);
        let mut steps = 0usize;
        while let Some((number, state)) = open.pop_front() {
            self.end(number, &state, &reached)?;
            if self.found.len() >= all {
                break;
            }
            for at in 0..self.alphabet.len() {
                let Some(&c) = self.alphabet.get(at) else { break };
                let next = self.step(&state, c)?;
                steps = steps.saturating_add(1);
                if steps > MAX_STEPS {
                    return None;
                }
                if seen.insert(next.clone()) {
                    if reached.len() >= MAX_STATES {
                        return None;
                    }
                    open.push_back((reached.len(), next));
                    reached.push((number, c));
                }
            }
        }
        Some(())
    }

    fn step(&mut self, state: &[u32], c: char) -> Option<Vec<u32>> {
        let mut next = Vec::with_capacity(state.len());
        for (language, state) in self.languages.iter_mut().zip(state) {
            next.push(language.step(*state, c)?);
        }
        let constant = state.last().copied().unwrap_or(NO_CONSTANT);
        next.push(self.tree.get(&(constant, c)).copied().unwrap_or(NO_CONSTANT));
        Some(next)
    }

    /// Remembers the text that leads to a state, if none is known that does the same.
    fn end(&mut self, number: usize, state: &[u32], reached: &[(usize, char)]) -> Option<()> {
        if state.last().is_some_and(|constant| self.ends.contains(constant)) {
            return Some(());
        }
        let mut bits = 0u32;
        for (language, state) in self.languages.iter_mut().zip(state) {
            bits = bits << 1 | u32::from(language.ends(*state)?);
        }
        self.found.entry(bits).or_insert_with(|| {
            let mut text = Vec::new();
            let mut at = number;
            while at != 0 {
                let Some(&(from, c)) = reached.get(at) else { break };
                text.push(c);
                at = from;
            }
            text.iter().rev().collect()
        });
        Some(())
    }
}

/// How well people read a character, 0 the best.
fn niceness(c: char) -> u8 {
    match c {
        'a'..='z' => 0,
        '0'..='9' => 1,
        'A'..='Z' => 2,
        '!'..='~' => 3,
        ' ' => 4,
        '\u{a1}'..='\u{ac}' | '\u{ae}'..='\u{1fff}' => 5,
        _ if c.is_control() => 7,
        _ => 6,
    }
}

/// The character of a range that people read best; none of surrogates only.
fn nicest(first: u32, last: u32) -> Option<char> {
    let starts = ['a', '0', 'A', '!', ' ', '\u{a1}', '\u{ae}', '\u{2c00}', '\u{e000}'];
    let starts = starts.into_iter().map(|c| u32::from(c).max(first)).chain([first]);
    let inside = starts.filter(|code| *code <= last).filter_map(char::from_u32);
    inside.min_by_key(|c| niceness(*c))
}

/// A pattern that is found where this text is; `None` if the text is too long.
pub(super) fn literal(text: &str) -> Option<Pattern> {
    let mut pattern = String::new();
    for c in text.chars() {
        match c {
            c if c.is_ascii_alphanumeric() || !c.is_ascii() => pattern.push(c),
            c => pattern.push_str(&format!("\\x{{{:x}}}", u32::from(c))),
        }
    }
    Pattern::parse(&pattern).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(constants: &[&str], patterns: &[&str]) -> (Vec<String>, bool) {
        let constants = constants.iter().map(|text| (*text).to_owned()).collect();
        let patterns: Vec<Pattern> =
            patterns.iter().map(|text| Pattern::parse(text).unwrap()).collect();
        let (mut members, complete) = members(constants, &patterns);
        members.sort();
        (members, complete)
    }

    #[test]
    fn the_shortest_of_each_kind_is_found() {
        assert_eq!(of(&[], &[]).0, [""]);
        assert_eq!(of(&["", "a"], &[]).0, ["", "a", "b"]);
        assert_eq!(of(&[], &["^cus_[0-9]{2}$"]).0, ["", "cus_00"]);
        // Nothing is in both of the last two, and everything is found by `a*`.
        assert_eq!(of(&[], &["a*", "^a", "^b"]).0, ["", "a", "b"]);
        assert_eq!(of(&["ab"], &["^ab", "b$"]).0, ["", "ab", "aba", "abb", "b"]);
        assert_eq!(of(&[], &["(?i)^K$"]).0, ["", "k"]);
        assert_eq!(of(&[], &["[^\\x00-\\x{10FFFF}]"]).0, [""]);
    }

    #[test]
    fn a_literal_is_itself() {
        for text in ["a.b", "\\d", "$1", "é\n", "-", " "] {
            let pattern = literal(text).unwrap();
            assert!(pattern.is_match(&format!("x{text}y")), "{text}");
            assert!(!pattern.is_match("a1b"), "{text}");
        }
    }

    #[test]
    fn what_is_too_large_is_said() {
        let (members, complete) = of(&[], &["(a|b)*a(a|b){15}$", "(a|b)*b(a|b){16}$"]);
        assert!(!complete && members.iter().any(String::is_empty));
    }
}
