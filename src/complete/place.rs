//! Where in a JSON text a place is, while the text is being written: strings have no end yet, commas
//! are missing, keys are half there.
//!
//! One pass over the text that builds nothing but a stack of the lists and objects around the place.
//! What is wrong elsewhere is taken as it comes: a string ends at the end of its line at the latest,
//! a bracket closes the innermost that it can close.

use crate::json::{self, Limits};
use crate::source::Span;

/// In a text that is nested more deeply nothing is found: it is no document at all.
const MAX_DEPTH: usize = 100;

/// A place in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place<'t> {
    /// The way from the root to the value in which the place is, or to the object whose key it is.
    pub(super) steps: Vec<Step>,
    pub(super) slot: Slot,
    /// The string or word at the place, if there is one.
    pub(super) token: Option<Token<'t>>,
    /// The members of the innermost object around it, as far as they are complete; without the one
    /// whose key or value is at the place.
    pub(super) members: Vec<Member<'t>>,
    /// What follows behind the token, or behind the place: its first character that is no space.
    pub(super) next: Option<char>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Key(String),
    Item(usize),
}

/// What can stand at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slot {
    /// A key of the object.
    Key,
    /// The value.
    Value,
}

/// A string or a word, such as a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token<'t> {
    /// With its quotes.
    pub(super) span: Span,
    text: &'t str,
    /// Whether it begins with a quote.
    pub(super) quoted: bool,
    /// Whether it also ends with one.
    pub(super) closed: bool,
}

/// A member of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Member<'t> {
    key: Token<'t>,
    /// Its value, if that is a string or a word.
    value: Option<Token<'t>>,
}

impl<'t> Token<'t> {
    /// Its text without quotes.
    pub(super) fn inner(&self) -> Span {
        let Span { start, end } = self.span;
        let start = start.saturating_add(u32::from(self.quoted));
        Span { start, end: end.saturating_sub(u32::from(self.closed)).max(start) }
    }

    /// What it means; of a string with a fault, what is written.
    pub(super) fn meaning(&self) -> String {
        self.up_to(self.inner().end)
    }

    /// What it means up to an offset.
    pub(super) fn up_to(&self, end: u32) -> String {
        let inner = Span { end, ..self.inner() }.of(self.text);
        if !inner.contains('\\') {
            return inner.to_owned();
        }
        let read = json::read(format!("\"{inner}\"").as_bytes(), &Limits::DOCUMENT);
        let meant = read.node.and_then(|node| node.value.as_str().map(str::to_owned));
        meant.unwrap_or_else(|| inner.to_owned())
    }
}

impl Place<'_> {
    /// The value of another member of the same object, if it is a string.
    pub(super) fn beside(&self, key: &str) -> Option<String> {
        let member = self.members.iter().find(|member| member.key.meaning() == key)?;
        member.value.filter(|value| value.quoted).map(|value| value.meaning())
    }

    /// The keys that the object has.
    pub(super) fn keys(&self) -> impl Iterator<Item = String> {
        self.members.iter().map(|member| member.key.meaning())
    }
}

/// The place at an offset, which lies on a character's boundary. `None` where nothing can be written
/// (behind a key, in a comment), or if the text is nested too deeply.
pub(super) fn find(text: &str, offset: usize) -> Option<Place<'_>> {
    let mut scanner = Scanner { text, at: 0, stack: Vec::new(), ended: false, found: None };
    scanner.run(offset)
}

/// A list or object that is open.
struct Frame<'t> {
    is_object: bool,
    /// How many elements of a list are complete.
    items: usize,
    members: Vec<Member<'t>>,
    /// The key of the member that is read.
    key: Option<Token<'t>>,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// In an object: a key comes next.
    Key,
    /// Behind a key: a colon.
    Colon,
    /// A value.
    Value,
    /// Behind a value: a comma.
    Comma,
}

struct Scanner<'t> {
    text: &'t str,
    at: usize,
    stack: Vec<Frame<'t>>,
    /// Whether the document is over.
    ended: bool,
    /// The place, once it was reached, and how many frames the innermost object around it is deep.
    found: Option<(Place<'t>, usize)>,
}

impl<'t> Scanner<'t> {
    fn run(&mut self, offset: usize) -> Option<Place<'t>> {
        loop {
            if self.space(offset) {
                return None;
            }
            // In the space before the next token, unless that is a word that begins here.
            let is_word_here = self.text.as_bytes().get(self.at).is_some_and(|byte| is_word(*byte));
            if self.found.is_none() && (offset < self.at || offset == self.at && !is_word_here) {
                self.mark(None, offset)?;
            }
            let Some(&byte) = self.text.as_bytes().get(self.at) else { break };
            let start = self.at;
            match byte {
                b'{' | b'[' => {
                    self.open(byte == b'{')?;
                }
                b'}' | b']' => {
                    let depth = self.found.as_ref().map(|(_, depth)| *depth);
                    let members = self.close(byte == b'}', depth);
                    if let Some(members) = members {
                        return self.finish(members);
                    }
                }
                b':' => {
                    self.at = self.at.saturating_add(1);
                    if let Some(frame) = self.stack.last_mut()
                        && frame.state == State::Colon
                    {
                        frame.state = State::Value;
                    }
                }
                b',' => {
                    self.at = self.at.saturating_add(1);
                    if let Some(frame) = self.stack.last_mut() {
                        frame.end_of_member();
                    }
                }
                _ => {
                    let token = self.token(offset);
                    let before_colon = token.quoted && self.rest().starts_with(':');
                    let end = token.span.end as usize;
                    let begins = start < offset || !token.quoted && start == offset;
                    let ends = offset < end || !token.closed && offset == end;
                    if self.found.is_none() && begins && ends {
                        self.mark(Some((token, before_colon)), offset)?;
                    }
                    match self.stack.last_mut() {
                        Some(frame) => frame.take(token, before_colon),
                        None => self.ended = true,
                    }
                }
            }
        }
        // The text ends before the objects do.
        let depth = self.found.as_ref()?.1;
        let frame = depth.checked_sub(1).and_then(|at| self.stack.get_mut(at));
        let members = frame.map(|frame| std::mem::take(&mut frame.members)).unwrap_or_default();
        self.finish(members)
    }

    fn finish(&mut self, mut members: Vec<Member<'t>>) -> Option<Place<'t>> {
        let (mut place, _) = self.found.take()?;
        // Its own member is not beside it.
        if let Some(token) = place.token {
            members.retain(|member| {
                let value = member.value.map(|value| value.span);
                member.key.span != token.span && value != Some(token.span)
            });
        }
        place.members = members;
        Some(place)
    }

    /// Remembers the place. `None` if nothing can be written there.
    fn mark(&mut self, token: Option<(Token<'t>, bool)>, offset: usize) -> Option<()> {
        let is_key = token.is_some_and(|(_, before_colon)| before_colon);
        let token = token.map(|(token, _)| token);
        if self.ended && self.stack.is_empty() {
            return None;
        }
        let mut steps = Vec::new();
        let last = self.stack.len().saturating_sub(1);
        let mut slot = Slot::Value;
        for (at, frame) in self.stack.iter().enumerate() {
            let innermost = at == last;
            match (frame.is_object, frame.state) {
                (true, State::Colon) if innermost => return None,
                (true, State::Key | State::Comma) if innermost => slot = Slot::Key,
                (true, State::Value) if innermost && is_key => slot = Slot::Key,
                (true, _) => steps.push(Step::Key(frame.key.as_ref()?.meaning())),
                (false, _) => steps.push(Step::Item(frame.items)),
            }
        }
        let depth = self.stack.iter().rposition(|frame| frame.is_object);
        let behind = token.map_or(offset, |token| token.span.end as usize);
        let next = self.text.get(behind..)?.chars().find(|c| !c.is_ascii_whitespace());
        let place = Place { steps, slot, token, members: Vec::new(), next };
        self.found = Some((place, depth.map_or(0, |depth| depth.saturating_add(1))));
        Some(())
    }

    /// Goes to the next token. Whether an offset is in a comment on the way.
    fn space(&mut self, offset: usize) -> bool {
        loop {
            let rest = self.text.get(self.at..).unwrap_or("");
            let plain = rest.trim_start_matches([' ', '\t', '\n', '\r']);
            self.at = self.text.len().saturating_sub(plain.len());
            let (length, at_end) = match plain.get(..2) {
                Some("//") => (plain.find('\n').unwrap_or(plain.len()), true),
                Some("/*") => match plain.find("*/") {
                    Some(end) => (end.saturating_add(2), false),
                    None => (plain.len(), true),
                },
                _ => return false,
            };
            let start = self.at;
            self.at = start.saturating_add(length);
            if start < offset && (offset < self.at || at_end && offset == self.at) {
                return true;
            }
        }
    }

    fn open(&mut self, is_object: bool) -> Option<()> {
        self.at = self.at.saturating_add(1);
        if self.stack.len() >= MAX_DEPTH {
            return None;
        }
        if let Some(frame) = self.stack.last_mut() {
            frame.begin_value();
        }
        let state = if is_object { State::Key } else { State::Value };
        self.stack.push(Frame { is_object, items: 0, members: Vec::new(), key: None, state });
        Some(())
    }

    /// Closes the innermost that the bracket can close. The members of the object at this depth, if
    /// that is closed by it.
    fn close(&mut self, is_object: bool, depth: Option<usize>) -> Option<Vec<Member<'t>>> {
        self.at = self.at.saturating_add(1);
        let at = self.stack.iter().rposition(|frame| frame.is_object == is_object)?;
        let wanted = depth.and_then(|depth| depth.checked_sub(1)).filter(|wanted| *wanted >= at);
        let members = wanted.and_then(|wanted| {
            let frame = self.stack.get_mut(wanted)?;
            Some(std::mem::take(&mut frame.members))
        });
        self.stack.truncate(at);
        match self.stack.last_mut() {
            Some(frame) => frame.end_value(None),
            None => self.ended = true,
        }
        members
    }

    /// The string or word that begins here.
    fn token(&mut self, offset: usize) -> Token<'t> {
        let start = self.at;
        let rest = self.text.get(start..).unwrap_or("");
        let (length, quoted, closed) = if rest.starts_with('"') {
            let (length, closed) = string(rest);
            let end = start.saturating_add(length);
            // While it is written, the quote that seems to end it may be the first of what follows.
            if self.found.is_none() && start < offset && offset < end.saturating_add(1) {
                let inside = offset < end || !closed;
                if inside && !(closed && self.ends_here(end)) {
                    let rest = self.text.as_bytes().get(offset..).unwrap_or_default();
                    let word = rest.iter().take_while(|byte| is_word(**byte)).count();
                    (offset.saturating_add(word).saturating_sub(start), true, false)
                } else {
                    (length, true, closed)
                }
            } else {
                (length, true, closed)
            }
        } else {
            let word = rest.bytes().take_while(|byte| is_word(*byte)).count();
            let other = rest.chars().next().map_or(1, char::len_utf8);
            (if word == 0 { other } else { word }, false, false)
        };
        let end = start.saturating_add(length);
        self.at = end;
        Token { span: Span::new(start, end), text: self.text, quoted, closed }
    }

    /// What follows, without the space before it.
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or("").trim_start_matches([' ', '\t', '\n', '\r'])
    }

    /// Whether what follows a quote can follow the end of a string.
    fn ends_here(&self, behind: usize) -> bool {
        let rest = self.text.get(behind..).unwrap_or("").trim_start_matches([' ', '\t']);
        match rest.as_bytes().first() {
            None | Some(b',' | b':' | b'}' | b']' | b'"' | b'\n' | b'\r' | b'/') => true,
            Some(_) => false,
        }
    }
}

impl<'t> Frame<'t> {
    /// A string or word stands here. Before a colon it is a key, also where the value of the key
    /// before it is missing.
    fn take(&mut self, token: Token<'t>, before_colon: bool) {
        match (self.is_object, self.state) {
            (true, State::Value) if !before_colon => self.end_value(Some(token)),
            (true, State::Key | State::Comma | State::Value) => {
                self.end_of_member();
                self.key = Some(token);
                self.state = State::Colon;
            }
            // A key without a colon and then another: the first was half of one.
            (true, State::Colon) => self.key = Some(token),
            _ => {
                self.begin_value();
                self.end_value(Some(token));
            }
        }
    }

    /// A value begins where one is over already: a comma is missing.
    fn begin_value(&mut self) {
        if self.state == State::Comma {
            self.end_of_member();
        }
        self.state = State::Value;
    }

    fn end_value(&mut self, value: Option<Token<'t>>) {
        if self.is_object
            && let Some(key) = self.key
        {
            self.members.push(Member { key, value });
        }
        self.state = State::Comma;
    }

    fn end_of_member(&mut self) {
        self.key = None;
        if self.is_object {
            self.state = State::Key;
        } else {
            if self.state == State::Comma {
                self.items = self.items.saturating_add(1);
            }
            self.state = State::Value;
        }
    }
}

/// How long the string is that a text begins with, and whether it has an end: at the end of its line
/// at the latest.
fn string(text: &str) -> (usize, bool) {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            b'\n' | b'\r' => return (at, false),
            b'"' if !escaped => return (at.saturating_add(1), true),
            _ => escaped = byte == b'\\' && !escaped,
        }
    }
    (text.len(), false)
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'+' | b'.' | b'$' | 0x80..)
}
