//! How a text is laid out, as far as it can be told from it.

use crate::json::{Member, Node, Value};
use crate::parse::{Lines, Place, Style};
use crate::source::Span;

/// The style that new parts of a text are written in.
pub(super) fn style(text: &str, root: &Node) -> Style {
    let mut style = Style::default();
    let Some((first, colon)) = first(text, root) else { return style };
    if text.contains("\r\n") {
        style.newline = "\r\n";
    }
    if colon.is_some_and(str::is_empty) {
        (style.colon, style.comma, style.pad) = ("", "", "");
    }
    let lead = Span { start: root.span.start.saturating_add(1), end: first }.of(text);
    match lead.rsplit_once(['\n', '\r']) {
        Some((_, indent)) => {
            let outer = line_indent(text, root.span.start);
            let unit = indent.strip_prefix(outer).filter(|unit| !unit.is_empty());
            unit.unwrap_or("  ").clone_into(&mut style.unit);
        }
        None => style.lines = Lines::One,
    }
    let (mut spread, mut inline) = (false, false);
    let (mut pad, mut comma) = (None, None);
    let mut open = vec![(root, Place::Policy)];
    while let Some((node, place)) = open.pop() {
        let items: Vec<Item<'_>> = items(node);
        let Some(first) = items.first() else { continue };
        let lead = between(node.span.start.saturating_add(1), first.span.start).of(text);
        let on_one_line = !breaks(node.span.of(text));
        if !std::ptr::eq(node, root) {
            // Though it could stand on one line.
            let fits = || Style::default().fits(&node.value, place, column(text, node.span.start));
            spread = spread || (breaks(lead) && fits());
            inline |= on_one_line;
        }
        if on_one_line {
            if matches!(node.value, Value::Object(_)) {
                pad = pad.or(Some(if lead.is_empty() { "" } else { " " }));
            }
            if let Some(second) = items.get(1) {
                let gap = behind_comma(text, first.span.end, second.span.start);
                comma = comma.or(Some(if gap.is_empty() { "" } else { " " }));
            }
        }
        if inline && pad.is_some() && comma.is_some() {
            break;
        }
        let under = |item: &Item<'_>| match item.member {
            Some(member) => place.under(&member.key),
            None => place,
        };
        open.extend(items.iter().map(|item| (item.node, under(item))));
    }
    if spread && !inline && style.lines != Lines::One {
        style.lines = Lines::Each;
    }
    style.pad = pad.unwrap_or(style.pad);
    style.comma = comma.unwrap_or(style.comma);
    style
}

/// Where the first member or element starts, and what stands behind the colon of a member.
fn first<'t>(text: &'t str, root: &Node) -> Option<(u32, Option<&'t str>)> {
    match &root.value {
        Value::Object(object) => {
            let member = object.members().first()?;
            let gap = between(member.key_span.end, member.node.span.start).of(text);
            let behind = gap.split_once(':').map_or("", |(_, behind)| behind);
            Some((member.key_span.start, Some(behind)))
        }
        Value::List(items) => Some((items.first()?.span.start, None)),
        _ => None,
    }
}

/// A member with its key, or an element.
#[derive(Clone, Copy)]
pub(super) struct Item<'d> {
    /// Where it stands, of a member from its key on.
    pub(super) span: Span,
    pub(super) member: Option<&'d Member>,
    pub(super) node: &'d Node,
}

/// What stands in an object or list.
pub(super) fn items(node: &Node) -> Vec<Item<'_>> {
    match &node.value {
        Value::Object(object) => {
            let members = object.members().iter();
            let item = members.map(|member| Item {
                span: between(member.key_span.start, member.node.span.end),
                member: Some(member),
                node: &member.node,
            });
            item.collect()
        }
        Value::List(items) => {
            items.iter().map(|node| Item { span: node.span, member: None, node }).collect()
        }
        _ => Vec::new(),
    }
}

pub(super) fn between(start: u32, end: u32) -> Span {
    Span { start, end }
}

/// Whether a text goes on on another line.
pub(super) fn breaks(text: &str) -> bool {
    text.contains(['\n', '\r'])
}

/// What stands behind the comma between two items.
pub(super) fn behind_comma(text: &str, end: u32, start: u32) -> &str {
    let gap = between(end, start).of(text);
    gap.split_once(',').map_or(gap, |(_, behind)| behind)
}

/// The white space that the line of a place begins with.
pub(super) fn line_indent(text: &str, at: u32) -> &str {
    let before = text.get(..at as usize).unwrap_or("");
    let line = before.rfind(['\n', '\r']).map_or(0, |end| end.saturating_add(1));
    let line = text.get(line..).unwrap_or("");
    let end = line.find(|c| c != ' ' && c != '\t').unwrap_or(line.len());
    line.get(..end).unwrap_or("")
}

/// How many characters stand before a place in its line.
pub(super) fn column(text: &str, at: u32) -> usize {
    let before = text.get(..at as usize).unwrap_or("");
    let line = before.rfind(['\n', '\r']).map_or(0, |end| end.saturating_add(1));
    before.get(line..).unwrap_or("").chars().count()
}
