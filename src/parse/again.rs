//! A policy that is read again after an edit. Nothing is read of the tools whose text has not changed,
//! and nothing said of them is worked out again: the answer is the one of reading all of it.

use super::policy::{self, Tools};
use super::{Parsed, faults, finish};
use crate::diagnostic::Diagnostic;
use crate::json::{self as strict, Limits, MAX_FAULTS, Member, Node, Value};
use crate::model::{Policy, Test, ToolRules};
use crate::order::sort_by_key;
use crate::source::Span;

/// A text with what was understood of it, to go on from when it is edited.
#[derive(Debug, Default)]
pub struct Again {
    text: Vec<u8>,
    parsed: Parsed,
    pieces: Pieces,
}

impl Again {
    /// The text.
    #[must_use]
    pub fn text(&self) -> &[u8] {
        &self.text
    }

    /// What was understood of it: what [`parse`](super::parse) gives.
    #[must_use]
    pub fn parsed(&self) -> &Parsed {
        &self.parsed
    }

    /// Takes another text. The less of it is another, the sooner it is read.
    pub fn read(&mut self, text: Vec<u8>) {
        self.pieces.keep(std::mem::take(&mut self.parsed));
        self.pieces.follow(&Edit::between(&self.text, &text));
        let pieces = &mut self.pieces;
        let read = strict::read_knowing(&text, &Limits::DOCUMENT, policy::word, &mut |at| {
            pieces.member(at)
        });
        let diagnostics = faults::diagnostics(&text, &Limits::DOCUMENT, &read);
        self.parsed = match read.node {
            Some(root) => finish(&text, root, read.faults, diagnostics, pieces),
            None => Parsed { diagnostics, faults: read.faults, ..Parsed::default() },
        };
        self.text = text;
    }

    /// Forgets what was said of tools, which was said for another catalog.
    pub fn forget_said(&mut self) {
        self.pieces.forget_said();
    }

    pub(crate) fn parts(&mut self) -> (&Parsed, &mut Pieces) {
        (&self.parsed, &mut self.pieces)
    }
}

/// What is known of members two levels deep, most of them tools, in the order of their places.
#[derive(Debug, Default)]
pub(crate) struct Pieces {
    pieces: Vec<Piece>,
    /// What stands beside the tools and is asked for what is said of them: `hide` and `all_tools`.
    beside: [Option<Node>; 2],
}

/// What is known of one. Each part of it is there while nobody has it.
#[derive(Debug, Default)]
pub(crate) struct Piece {
    span: Span,
    member: Option<Member>,
    rules: Option<ToolRules>,
    /// What was said of its rules.
    pub(crate) said: Option<SaidOfTool>,
}

/// What was said of a tool's rules when they were looked at by themselves.
#[derive(Debug, Default)]
pub(crate) struct SaidOfTool {
    /// Which tool of the catalog it is.
    pub(crate) tool: Option<usize>,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

impl Tools for Pieces {
    fn known(&mut self, member: &Member) -> Option<ToolRules> {
        self.find(member.span())?.rules.take()
    }
}

impl Pieces {
    fn index(&self, start: u32) -> usize {
        self.pieces.partition_point(|piece| piece.span.start < start)
    }

    /// What is known of the member at this place.
    pub(crate) fn find(&mut self, span: Span) -> Option<&mut Piece> {
        let at = self.index(span.start);
        self.pieces.get_mut(at).filter(|piece| piece.span == span)
    }

    /// The same, or what is known of it from now on.
    pub(crate) fn piece(&mut self, span: Span) -> Option<&mut Piece> {
        let at = self.index(span.start);
        if self.pieces.get(at).is_none_or(|piece| piece.span != span) {
            self.pieces.insert(at, Piece { span, ..Piece::default() });
        }
        self.pieces.get_mut(at)
    }

    /// What was said of the tools, in their order.
    pub(crate) fn said(&self) -> impl Iterator<Item = &Diagnostic> {
        self.pieces
            .iter()
            .filter_map(|piece| piece.said.as_ref())
            .flat_map(|said| &said.diagnostics)
    }

    fn member(&mut self, start: usize) -> Option<Member> {
        let start = u32::try_from(start).ok()?;
        let at = self.index(start);
        self.pieces.get_mut(at).filter(|piece| piece.span.start == start)?.member.take()
    }

    /// Takes what was read apart, as far as there was nothing wrong with it: what is wrong in one place may
    /// have changed what was made of what stands beside it.
    fn keep(&mut self, parsed: Parsed) {
        let Parsed { policy, diagnostics, omitted, faults, broken } = parsed;
        // With the last fault that is reported, reading ended.
        if omitted > 0 || faults.len() >= MAX_FAULTS {
            self.pieces.clear();
            return;
        }
        let faults = faults.iter().map(|fault| fault.span);
        let mut wrong: Vec<Span> =
            diagnostics.iter().map(|diagnostic| diagnostic.span).chain(faults).collect();
        sort_by_key(&mut wrong, |span| *span);
        let (document, tools) = match (policy, broken) {
            (Some(Policy { document, tools, .. }), _) | (_, Some((document, tools))) => {
                (document, tools)
            }
            _ => return,
        };
        let mut sound = Sound::new(&wrong);
        for outer in members(document) {
            for member in members(outer.node) {
                let span = member.span();
                if matches!(member.node.value, Value::Object(_))
                    && sound.is(span)
                    && let Some(piece) = self.piece(span)
                {
                    piece.member = Some(member);
                }
            }
        }
        let mut sound = Sound::new(&wrong);
        for rules in tools {
            let span = rules.whole();
            if sound.is(span)
                && let Some(piece) = self.piece(span)
            {
                piece.rules = Some(rules);
            }
        }
    }

    /// Forgets what an edit has changed, and takes the rest to its places in the new text.
    fn follow(&mut self, edit: &Edit) {
        self.pieces.retain_mut(|piece| {
            if piece.span.end <= edit.start {
                return true;
            }
            if piece.span.start < edit.end {
                return false;
            }
            piece.move_by(edit.by);
            true
        });
    }

    fn forget_said(&mut self) {
        self.pieces.iter_mut().for_each(|piece| piece.said = None);
    }

    /// Forgets what was said beside something else, and what was said of what are no tools any more.
    pub(crate) fn stand_beside(&mut self, policy: &Policy) {
        let root = policy.document.value.as_object();
        let now = ["hide", "all_tools"].map(|key| root.and_then(|root| root.get(key)));
        let same = self.beside.iter().zip(now).all(|(before, now)| before.as_ref() == now);
        let mut tools = policy.tools.iter().map(ToolRules::whole).peekable();
        for piece in &mut self.pieces {
            while tools.next_if(|tool| tool.start < piece.span.start).is_some() {}
            if !same || tools.peek() != Some(&piece.span) {
                piece.said = None;
            }
        }
        if !same {
            self.beside = now.map(|node| node.cloned());
        }
    }
}

impl Piece {
    fn move_by(&mut self, by: u32) {
        self.span = self.span.moved(by);
        if let Some(member) = &mut self.member {
            member.move_by(by);
        }
        if let Some(rules) = &mut self.rules
            && move_rules(rules, by).is_none()
        {
            self.rules = None;
        }
        for diagnostic in self.said.iter_mut().flat_map(|said| &mut said.diagnostics) {
            diagnostic.move_by(by);
        }
    }
}

fn members(node: Node) -> Vec<Member> {
    match node.value {
        Value::Object(object) => object.into_members(),
        _ => Vec::new(),
    }
}

/// `None` if somebody else holds a part of them too.
fn move_rules(rules: &mut ToolRules, by: u32) -> Option<()> {
    let place = |span: &mut Span| *span = span.moved(by);
    place(&mut rules.span);
    place(&mut rules.name.span);
    rules.action.iter_mut().for_each(|action| place(&mut action.span));
    let lists = [&mut rules.require, &mut rules.deny_if, &mut rules.require_approval_if];
    for rule in lists.into_iter().flatten() {
        place(&mut rule.span);
        for condition in std::sync::Arc::get_mut(&mut rule.conditions)? {
            place(&mut condition.span);
            place(&mut condition.path.span);
            place(&mut condition.value_span);
            move_test(&mut condition.test, by);
        }
    }
    for precondition in &mut rules.preconditions {
        place(&mut precondition.span);
        place(&mut precondition.counter.span);
        precondition.tool.iter_mut().for_each(|tool| place(&mut tool.span));
        move_test(std::sync::Arc::get_mut(&mut precondition.test)?, by);
    }
    for limit in rules.limits.iter_mut().chain(rules.rate_limit.as_deref_mut()) {
        place(&mut limit.span);
        place(&mut limit.counter.span);
    }
    Some(())
}

fn move_test(test: &mut Test, by: u32) {
    match test {
        Test::Eq(value) | Test::Neq(value) | Test::Contains(value) => value.move_by(by),
        Test::In(list) | Test::NotIn(list) => list.iter_mut().for_each(|item| item.move_by(by)),
        Test::Exists(_) | Test::Lt(_) | Test::Lte(_) | Test::Gt(_) | Test::Gte(_) => {}
        Test::Regex(_) => {}
    }
}

/// Where nothing is wrong, asked from front to back.
struct Sound<'w> {
    /// What is wrong, in the order in which it begins.
    wrong: std::slice::Iter<'w, Span>,
    next: Option<&'w Span>,
    /// How far what has begun reaches.
    reach: Option<u32>,
}

impl<'w> Sound<'w> {
    fn new(wrong: &'w [Span]) -> Sound<'w> {
        let mut wrong = wrong.iter();
        let next = wrong.next();
        Sound { wrong, next, reach: None }
    }

    /// Whether nothing wrong is in or right beside a place.
    fn is(&mut self, span: Span) -> bool {
        while let Some(wrong) = self.next.filter(|wrong| wrong.start <= span.end) {
            self.reach = self.reach.max(Some(wrong.end));
            self.next = self.wrong.next();
        }
        self.reach.is_none_or(|reach| reach < span.start)
    }
}

/// What has become of a text: what stood between two places is another, and what stood behind has moved.
struct Edit {
    start: u32,
    end: u32,
    /// As in [`Span::moved`].
    by: u32,
}

impl Edit {
    fn between(old: &[u8], new: &[u8]) -> Edit {
        let blocks = old.chunks(BLOCK).zip(new.chunks(BLOCK)).take_while(|(old, new)| old == new);
        let start = blocks.map(|(old, _)| old.len()).sum();
        let [old_rest, new_rest] = [old, new].map(|text| text.get(start..).unwrap_or_default());
        let start = alike(old_rest.iter().zip(new_rest)).saturating_add(start);
        let [old_rest, new_rest] = [old, new].map(|text| text.get(start..).unwrap_or_default());
        let blocks = old_rest.rchunks(BLOCK).zip(new_rest.rchunks(BLOCK));
        let blocks = blocks.take_while(|(old, new)| old == new);
        let behind = blocks.map(|(old, _)| old.len()).sum();
        let [old_rest, new_rest] = [old_rest, new_rest]
            .map(|text| text.get(..text.len().saturating_sub(behind)).unwrap_or_default());
        let behind = alike(old_rest.iter().rev().zip(new_rest.iter().rev())).saturating_add(behind);
        let Span { start, end } = Span::new(start, old.len().saturating_sub(behind));
        let Span { start: was, end: is } = Span::new(old.len(), new.len());
        Edit { start, end, by: is.wrapping_sub(was) }
    }
}

/// So many bytes are compared at once.
const BLOCK: usize = 512;

fn alike<'b>(pairs: impl Iterator<Item = (&'b u8, &'b u8)>) -> usize {
    pairs.take_while(|(old, new)| old == new).count()
}
