//! A draft as edits of the text that it was made of.
//!
//! What stays of an object or list divides its text into gaps: before the first that stays, between
//! two, behind the last. Each gap is edited once at most, and what stays on its own, so that no edit
//! touches another.

use super::draft::{Draft, Slot};
use super::layout::{Item, behind_comma, between, breaks, column, items, line_indent, style};
use crate::diagnostic::Edit;
use crate::json::{Node, Value};
use crate::order::sort_by_key;
use crate::parse::{Lines, Place, Style, text as quoted};
use crate::source::Span;

/// The edits that make the draft of the text.
pub(super) fn edits(text: &str, root: &Node, draft: &Draft<'_>) -> Vec<Edit> {
    if matches!(draft, Draft::Kept(_)) {
        return Vec::new();
    }
    let mut writer = Writer { text, style: style(text, root), edits: Vec::new() };
    let line =
        Line { indent: line_indent(text, root.span.start), used: column(text, root.span.start) };
    writer.value(root, draft, Place::Policy, line);
    merged(writer.edits)
}

/// Edits in the order of the text, those side by side made one.
fn merged(mut edits: Vec<Edit>) -> Vec<Edit> {
    sort_by_key(&mut edits, |edit| edit.span);
    let mut merged: Vec<Edit> = Vec::with_capacity(edits.len());
    for edit in edits {
        match merged.last_mut() {
            Some(last) if last.span.end == edit.span.start => {
                last.span.end = edit.span.end;
                last.text.push_str(&edit.text);
            }
            _ => merged.push(edit),
        }
    }
    merged
}

/// The line on which something stands.
#[derive(Clone, Copy)]
struct Line<'l> {
    /// What it is indented by.
    indent: &'l str,
    /// How many characters stand before it.
    used: usize,
}

struct Writer<'t> {
    text: &'t str,
    style: Style,
    edits: Vec<Edit>,
}

impl Writer<'_> {
    fn put(&mut self, span: Span, text: String) {
        if span.of(self.text) != text {
            self.edits.push(Edit { span, text });
        }
    }

    /// Writes what stands in the place of a node of the text.
    fn value(&mut self, node: &Node, draft: &Draft<'_>, place: Place, line: Line<'_>) {
        match draft {
            Draft::Kept(_) => {}
            Draft::New(value) => {
                let printed = self.style.print(value, place, line.indent, line.used);
                self.put(node.span, printed);
            }
            Draft::Opened(_, slots) => self.slots(node, draft, slots, place, line),
        }
    }

    fn slots(
        &mut self,
        node: &Node,
        draft: &Draft<'_>,
        slots: &[Slot<'_>],
        place: Place,
        line: Line<'_>,
    ) {
        let old = items(node);
        let (first, last) = match (old.first(), old.last()) {
            (Some(first), Some(last)) if !slots.is_empty() => (first, last),
            // Nothing was in it, or nothing is.
            _ => {
                let printed = self.style.print(&draft.value(), place, line.indent, line.used);
                return self.put(node.span, printed);
            }
        };
        let open = between(node.span.start.saturating_add(1), first.span.start);
        let close = between(last.span.end, node.span.end.saturating_sub(1));
        let is_object = matches!(node.value, Value::Object(_));
        let inner = [line.indent, &self.style.unit].concat();
        if self.is_broken_open(node, draft, place, line) {
            let gaps = Gaps {
                open,
                close,
                indent: &inner,
                spread: Some([self.style.newline, &inner].concat()),
                end: [self.style.newline, line.indent].concat(),
                is_object,
            };
            return self.gaps(&old, slots, place, &gaps);
        }
        // What is new stands on a line of its own if what is there does.
        let indent = match open.of(self.text) {
            lead if breaks(lead) => line_indent(self.text, first.span.start),
            _ => line.indent,
        };
        let gaps = Gaps { open, close, indent, spread: None, end: String::new(), is_object };
        self.gaps(&old, slots, place, &gaps);
    }

    /// Whether what stood on one line is to have a line for each now: what was written as it is usual
    /// goes on to be.
    fn is_broken_open(&self, node: &Node, draft: &Draft<'_>, place: Place, line: Line<'_>) -> bool {
        self.style.lines != Lines::One
            && !breaks(node.span.of(self.text))
            && self.style.fits(&node.value, place, line.used)
            && !self.style.fits(&draft.value(), place, line.used)
    }

    /// Writes the gaps between what stays, and what stays.
    fn gaps(&mut self, old: &[Item<'_>], slots: &[Slot<'_>], place: Place, gaps: &Gaps<'_>) {
        let mut left: Option<usize> = None;
        let mut new: Vec<&Slot<'_>> = Vec::new();
        for slot in slots {
            let Some((at, item)) = slot.origin.and_then(|at| Some((at, old.get(at)?))) else {
                new.push(slot);
                continue;
            };
            self.gap(old, (left, Some(at)), &new, place, gaps);
            self.kept(item, slot, place, gaps);
            left = Some(at);
            new.clear();
        }
        self.gap(old, (left, None), &new, place, gaps);
    }

    /// Writes what stays.
    fn kept(&mut self, item: &Item<'_>, slot: &Slot<'_>, place: Place, gaps: &Gaps<'_>) {
        let start = match gaps.spread {
            Some(_) => gaps.indent.chars().count(),
            None if matches!(slot.draft, Draft::Kept(_)) => 0,
            None => column(self.text, item.span.start),
        };
        let (mut under, mut used) = (place, start);
        if let Some(member) = item.member {
            let key = member.key_span.of(self.text).chars().count().saturating_add(2);
            (under, used) = (place.under(&slot.key), start.saturating_add(key));
            if member.key != slot.key {
                self.put(member.key_span, quoted(&slot.key));
            }
        }
        self.value(item.node, &slot.draft, under, Line { indent: gaps.indent, used });
    }

    /// Writes what is new between two that stay (`None`: the bracket), and takes away what stood there.
    fn gap(
        &mut self,
        old: &[Item<'_>],
        (left, right): (Option<usize>, Option<usize>),
        new: &[&Slot<'_>],
        place: Place,
        gaps: &Gaps<'_>,
    ) {
        let (before, behind) = (left.and_then(|at| old.get(at)), right.and_then(|at| old.get(at)));
        let from = left.map_or(0, |at| at.saturating_add(1));
        let gone = old.get(from..right.unwrap_or(old.len())).unwrap_or_default();
        let start = before.map_or(gaps.open.start, |item| item.span.end);
        let end = behind.map_or(gaps.close.end, |item| item.span.start);
        if let Some(lead) = &gaps.spread {
            let mut text = String::new();
            for slot in new {
                text.push_str(if text.is_empty() && before.is_none() { "" } else { "," });
                text.push_str(lead);
                text.push_str(&self.item(slot, place, gaps, lead));
            }
            match behind {
                Some(_) => {
                    text.push_str(if text.is_empty() && before.is_none() { "" } else { "," });
                    text.push_str(lead);
                }
                None => text.push_str(&gaps.end),
            }
            return self.put(between(start, end), text);
        }
        if new.is_empty() && gone.is_empty() {
            return;
        }
        let lead = self.lead(old, from);
        let printed = new.iter().map(|slot| self.item(slot, place, gaps, &lead));
        let printed = printed.collect::<Vec<_>>().join(&[",", &lead].concat());
        match (gone.first(), gone.last()) {
            // In the place of what goes.
            (Some(first), Some(last)) if !new.is_empty() => {
                self.put(between(first.span.start, last.span.end), printed);
            }
            // What goes takes the comma before it along, or else the one behind it.
            (Some(first), Some(last)) => match (before, behind) {
                (Some(before), _) => self.put(between(before.span.end, last.span.end), printed),
                (None, Some(behind)) => {
                    self.put(between(first.span.start, behind.span.start), printed);
                }
                (None, None) => {}
            },
            _ => match (before, behind) {
                (Some(before), _) => {
                    let at = before.span.end;
                    self.put(between(at, at), [",", &lead, &printed].concat());
                }
                (None, Some(behind)) => {
                    let at = behind.span.start;
                    self.put(between(at, at), [&printed, ",", &lead].concat());
                }
                (None, None) => {}
            },
        }
    }

    /// What stands between a comma and the item at a place, as it does there or nearby.
    fn lead(&self, old: &[Item<'_>], at: usize) -> String {
        let gap = |at: usize| {
            let before = old.get(at.checked_sub(1)?)?;
            Some(behind_comma(self.text, before.span.end, old.get(at)?.span.start))
        };
        let found = gap(at).or_else(|| gap(at.checked_sub(1)?)).or_else(|| gap(1));
        let lead = match found {
            Some(gap) => gap,
            // Of a single one, what stands before it.
            None => match old.first() {
                Some(only) => {
                    let before = self.text.get(..only.span.start as usize).unwrap_or("");
                    let space = before.trim_end_matches([' ', '\t', '\n', '\r']).len();
                    before.get(space..).filter(|lead| breaks(lead)).unwrap_or(self.style.comma)
                }
                None => self.style.comma,
            },
        };
        // Without the empty lines that there may be.
        match lead.rsplit_once(['\n', '\r']) {
            Some((_, indent)) => [self.style.newline, indent].concat(),
            None => lead.to_owned(),
        }
    }

    /// The text of what is new, behind `lead`.
    fn item(&self, slot: &Slot<'_>, place: Place, gaps: &Gaps<'_>, lead: &str) -> String {
        let is_member = gaps.is_object;
        if let Draft::Kept(node) = &slot.draft {
            // Moved, and written as it was.
            let written = node.span.of(self.text);
            return match is_member {
                true => [&quoted(&slot.key), ":", self.style.colon, written].concat(),
                false => written.to_owned(),
            };
        }
        let value: Value = slot.draft.value();
        let used = match lead.rsplit_once(['\n', '\r']) {
            Some((_, indent)) => indent.chars().count(),
            None => gaps.indent.chars().count(),
        };
        let under = if is_member { place.under(&slot.key) } else { place };
        match is_member {
            true => self.style.print_member((&slot.key, &value), under, gaps.indent, used),
            false => self.style.print(&value, under, gaps.indent, used),
        }
    }
}

/// Where the items of an object or list stand.
struct Gaps<'l> {
    /// From the opening bracket to the first item.
    open: Span,
    /// From the last item to the closing bracket.
    close: Span,
    /// What the lines of the items are indented by.
    indent: &'l str,
    /// If each is to have a line of its own: what stands before it.
    spread: Option<String>,
    /// What stands before the closing bracket then.
    end: String,
    /// Whether they are members.
    is_object: bool,
}
