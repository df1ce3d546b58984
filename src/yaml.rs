//! YAML as configuration files of Go programs mean it: the first document of a text as a tree.
//!
//! The parser gives events; what is a number, which keys are the same, what an alias or a merge key
//! stands for is decided here, and bounded.

mod scalar;
mod tree;

use std::collections::BTreeMap;
use std::rc::Rc;

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span as Marks, Tag};

pub(crate) use self::scalar::Scalar;
pub(crate) use self::tree::{Places, tree};
use crate::diagnostic::{Code, Diagnostic, name};
use crate::source::Span;

/// The most bytes of a text.
const BYTES: usize = 4 << 20;
/// The deepest nesting, aliases followed.
const DEPTH: usize = 64;
/// The most values of a document, each alias counted as all that it stands for.
const NODES: usize = 200_000;

/// A value and its place. Under an alias, the place is that of what it stands for.
#[derive(Debug)]
pub(crate) struct Yaml {
    pub(crate) span: Span,
    pub(crate) content: Content,
    /// How many values it is, and how deep.
    nodes: usize,
    depth: usize,
}

#[derive(Debug)]
pub(crate) enum Content {
    /// The text as written, without quotes, and what it means.
    Scalar(String, Scalar),
    List(Vec<Rc<Yaml>>),
    /// Merge keys are followed, keys without a text (`~`) left out.
    Map(Vec<Entry>),
}

#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) key_span: Span,
    pub(crate) value: Rc<Yaml>,
}

impl Yaml {
    pub(crate) fn is_null(&self) -> bool {
        matches!(self.content, Content::Scalar(_, Scalar::Null))
    }

    /// What it is, with its article.
    pub(crate) fn kind(&self) -> &'static str {
        match &self.content {
            Content::Scalar(_, scalar) => scalar.kind(),
            Content::List(_) => "a list",
            Content::Map(_) => "a mapping",
        }
    }
}

/// The first document of a text; `None` if it has none, or if it cannot be read.
pub(crate) fn read(text: &[u8], diagnostics: &mut Vec<Diagnostic>) -> Option<Rc<Yaml>> {
    if text.len() > BYTES {
        let message = format!("the text has more than {BYTES} bytes");
        diagnostics.push(Diagnostic::new(Code::TooLarge, Span::default(), "", message));
        return None;
    }
    let Ok(text) = std::str::from_utf8(text) else {
        let at = text.utf8_chunks().next().map_or(0, |chunk| chunk.valid().len());
        let span = Span::new(at, at.saturating_add(1));
        let wrong = Diagnostic::new(Code::InvalidUtf8, span, "", "this is not utf-8");
        diagnostics.push(wrong.help("save it as utf-8"));
        return None;
    };
    let forbidden = text.char_indices().find(|&(at, c)| !allowed(c) && (at, c) != (0, '\u{feff}'));
    if let Some((at, c)) = forbidden {
        let span = Span::new(at, at.saturating_add(c.len_utf8()));
        let message = format!("yaml does not allow the character {}", name(&c.to_string()));
        diagnostics.push(Diagnostic::new(Code::InvalidYaml, span, "", message));
        return None;
    }
    match Builder::new(text).run(diagnostics) {
        Ok(root) => root,
        Err(wrong) => {
            diagnostics.push(*wrong);
            None
        }
    }
}

/// Whether YAML allows a character in a text.
fn allowed(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
        && c != '\u{feff}'
}

/// A list or mapping that is not at its end.
struct Open {
    start: u32,
    anchor: usize,
    items: Vec<Rc<Yaml>>,
    map: bool,
}

struct Builder<'t> {
    text: &'t str,
    /// Byte offsets of the characters; empty if each is one byte.
    offsets: Vec<u32>,
    open: Vec<Open>,
    anchors: BTreeMap<usize, Rc<Yaml>>,
    root: Option<Rc<Yaml>>,
}

type Wrong = Box<Diagnostic>;

fn wrong(code: Code, span: Span, message: impl Into<String>) -> Wrong {
    Box::new(Diagnostic::new(code, span, "", message))
}

impl<'t> Builder<'t> {
    fn new(text: &'t str) -> Builder<'t> {
        let offset = |(at, _)| u32::try_from(at).unwrap_or(u32::MAX);
        let offsets = match text.is_ascii() {
            true => Vec::new(),
            false => text.char_indices().map(offset).collect(),
        };
        Builder { text, offsets, open: Vec::new(), anchors: BTreeMap::new(), root: None }
    }

    fn offset(&self, character: usize) -> usize {
        let end = self.text.len();
        match self.offsets.get(character) {
            Some(&offset) => offset as usize,
            None if self.offsets.is_empty() => character.min(end),
            None => end,
        }
    }

    fn span(&self, marks: &Marks) -> Span {
        let (start, end) = (self.offset(marks.start.index()), self.offset(marks.end.index()));
        // Behind a scalar of several lines its line ends are not shown.
        let shown = self.text.get(start..end).unwrap_or("").trim_end().len();
        Span::new(start, start.saturating_add(shown))
    }

    fn run(mut self, diagnostics: &mut Vec<Diagnostic>) -> Result<Option<Rc<Yaml>>, Wrong> {
        let mut documents = 0usize;
        for event in Parser::new_from_str(self.text) {
            let (event, marks) = match event {
                Ok(event) => event,
                // What stands behind the first document does not matter.
                Err(_) if documents > 1 => break,
                Err(error) => return Err(self.syntax(&error)),
            };
            let span = self.span(&marks);
            match event {
                Event::DocumentStart(_) => {
                    documents = documents.saturating_add(1);
                    if documents > 1 {
                        let message =
                            "only the first document of a file counts: this one is left out";
                        let left_out = Diagnostic::new(Code::WithoutEffect, span, "", message);
                        diagnostics.push(left_out.help("give each document a file of its own"));
                        break;
                    }
                }
                Event::Scalar(text, style, anchor, tag) => {
                    let node = scalar(&text, style, tag.as_deref(), span)?;
                    self.close(node, anchor)?;
                }
                Event::Alias(anchor) => {
                    let Some(node) = self.anchors.get(&anchor).cloned() else {
                        let message = "this alias stands within what it stands for";
                        return Err(wrong(Code::InvalidYaml, span, message));
                    };
                    self.put(node, span)?;
                }
                Event::SequenceStart(anchor, _) => self.begin(span, anchor, false)?,
                Event::MappingStart(anchor, _) => self.begin(span, anchor, true)?,
                Event::SequenceEnd | Event::MappingEnd => self.end(span, diagnostics)?,
                Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
            }
        }
        Ok(self.root)
    }

    fn syntax(&self, error: &ScanError) -> Wrong {
        let at = self.offset(error.marker().index());
        let next = self.text.get(at..).and_then(|rest| rest.chars().next());
        let end = at.saturating_add(next.map_or(0, char::len_utf8));
        let message = format!("this is not yaml: {}", error.info());
        wrong(Code::InvalidYaml, Span::new(at, end), message)
    }

    fn begin(&mut self, span: Span, anchor: usize, map: bool) -> Result<(), Wrong> {
        if self.open.len() >= DEPTH {
            return Err(too_deep(span));
        }
        self.open.push(Open { start: span.start, anchor, items: Vec::new(), map });
        Ok(())
    }

    fn end(&mut self, span: Span, diagnostics: &mut Vec<Diagnostic>) -> Result<(), Wrong> {
        let Some(open) = self.open.pop() else { return Ok(()) };
        let last = open.items.last().map_or(open.start, |item| item.span.end);
        let end = span.end.max(open.start);
        // In block style the end is where something else begins.
        let flow = matches!(span.of(self.text), "]" | "}");
        let span = Span { start: open.start, end: if flow { end } else { last.max(open.start) } };
        let nodes = open.items.iter().map(|item| item.nodes).fold(1, usize::saturating_add);
        // Before the entries are put together, which may follow many aliases.
        if nodes > NODES {
            let message = format!("with its aliases this is more than {NODES} values");
            return Err(wrong(Code::TooLarge, span, message));
        }
        let depth = open.items.iter().map(|item| item.depth).max().unwrap_or(0).saturating_add(1);
        let content = match open.map {
            false => Content::List(open.items),
            true => Content::Map(entries(&open.items, diagnostics)?),
        };
        self.close(Yaml { span, content, nodes, depth }, open.anchor)
    }

    /// A value is complete: an anchor on it can be used from here on.
    fn close(&mut self, node: Yaml, anchor: usize) -> Result<(), Wrong> {
        let span = node.span;
        let node = Rc::new(node);
        if anchor > 0 {
            self.anchors.insert(anchor, Rc::clone(&node));
        }
        self.put(node, span)
    }

    fn put(&mut self, node: Rc<Yaml>, span: Span) -> Result<(), Wrong> {
        if node.depth.saturating_add(self.open.len()) > DEPTH {
            return Err(too_deep(span));
        }
        match self.open.last_mut() {
            Some(open) => open.items.push(node),
            None => self.root = Some(node),
        }
        Ok(())
    }
}

fn too_deep(span: Span) -> Wrong {
    let message = format!("lists and mappings are nested more than {DEPTH} deep");
    wrong(Code::TooDeep, span, message)
}

fn scalar(text: &str, style: ScalarStyle, tag: Option<&Tag>, span: Span) -> Result<Yaml, Wrong> {
    let plain = style == ScalarStyle::Plain;
    let tag = tag.filter(|tag| tag.is_yaml_core_schema()).map_or_else(
        // A tag of somebody's own makes a text; `!` alone says nothing.
        || tag.filter(|tag| tag.suffix != "!" && !tag.suffix.is_empty()).map(|_| "str"),
        |tag| Some(tag.suffix.as_str()),
    );
    match Scalar::resolve(text, plain, tag) {
        Ok((scalar, text)) => {
            Ok(Yaml { span, content: Content::Scalar(text, scalar), nodes: 1, depth: 1 })
        }
        Err(why) => Err(wrong(Code::InvalidYaml, span, why)),
    }
}

/// The entries of a mapping, from its keys and values in turn.
fn entries(items: &[Rc<Yaml>], diagnostics: &mut Vec<Diagnostic>) -> Result<Vec<Entry>, Wrong> {
    let mut entries: Vec<Entry> = Vec::new();
    let mut merged: Vec<Entry> = Vec::new();
    let mut seen: BTreeMap<String, Span> = BTreeMap::new();
    for pair in items.chunks(2) {
        let [key, value] = pair else { continue };
        let Content::Scalar(text, meaning) = &key.content else {
            let message = format!("a key must be a text, not {}", key.kind());
            return Err(wrong(Code::WrongType, key.span, message));
        };
        if let Some(first) = seen.insert(text.clone(), key.span) {
            let message = format!("the key {} stands twice in one mapping", name(text));
            return Err(Box::new(
                Diagnostic::new(Code::DuplicateKey, key.span, "", message)
                    .label(first, "it stands here first"),
            ));
        }
        match meaning {
            Scalar::Merge => merge(value, &mut merged)?,
            Scalar::Null => {
                let message = "a key without a text has no effect, and is left out";
                diagnostics.push(Diagnostic::new(Code::WithoutEffect, key.span, "", message));
            }
            _ => entries.push(Entry {
                key: text.clone(),
                key_span: key.span,
                value: Rc::clone(value),
            }),
        }
    }
    // Of keys that are merged the first counts, and after those of the mapping itself.
    for entry in merged {
        if !seen.contains_key(&entry.key) {
            seen.insert(entry.key.clone(), entry.key_span);
            entries.push(entry);
        }
    }
    Ok(entries)
}

fn merge(value: &Rc<Yaml>, merged: &mut Vec<Entry>) -> Result<(), Wrong> {
    let refused = |value: &Yaml| {
        let message = format!("`<<` merges mappings, not {}", value.kind());
        wrong(Code::WrongType, value.span, message)
    };
    match &value.content {
        Content::Map(entries) => merged.extend(entries.iter().cloned()),
        Content::List(items) => {
            for item in items {
                let Content::Map(entries) = &item.content else { return Err(refused(item)) };
                merged.extend(entries.iter().cloned());
            }
        }
        Content::Scalar(..) => return Err(refused(value)),
    }
    Ok(())
}
