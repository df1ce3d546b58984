//! YAML in the place of JSON: the same tree, with the places of the YAML text.

use super::{Content, Scalar, Yaml};
use crate::diagnostic::{Code, Diagnostic, sort};
use crate::json::{Member, Node, Object, Value};
use crate::source::Span;

/// A YAML document as a tree of JSON.
pub(crate) struct Tree {
    /// Its root.
    pub(crate) root: Node,
    /// Where its texts are not written as JSON writes strings.
    pub(crate) places: Places,
}

/// The places of scalars that are not written as JSON writes strings, in the order of the text.
#[derive(Clone, Debug)]
pub(crate) struct Places(Vec<Span>);

/// Reads the only document of a text.
///
/// # Errors
/// Everything that is wrong with it, and what has no place in JSON.
pub(crate) fn tree(text: &[u8]) -> Result<Tree, Vec<Diagnostic>> {
    let mut faults = Vec::new();
    let root = super::read(text, &mut faults);
    // What only had no effect may have been meant.
    for fault in faults.iter_mut().filter(|fault| !fault.is_error()) {
        fault.code = Code::InvalidYaml;
    }
    let Some(root) = root.filter(|_| faults.is_empty()) else {
        if faults.is_empty() {
            let message = "there is nothing in this text";
            faults.push(Diagnostic::new(Code::InvalidYaml, Span::default(), "", message));
        }
        return Err(faults);
    };
    let text = std::str::from_utf8(text).unwrap_or_default();
    let mut builder = Builder { text, faults, plain: Vec::new() };
    let root = builder.node(&root);
    let Builder { faults, mut plain, .. } = builder;
    plain.sort_unstable();
    plain.dedup();
    if faults.is_empty() { Ok(Tree { root, places: Places(plain) }) } else { Err(faults) }
}

impl Places {
    /// Puts what was said of the tree as if it were JSON into the places of the YAML: a string there has
    /// quotes around it, and escapes as JSON has them, and here it may have none. Edits that would put
    /// JSON's signs there are left out.
    pub(crate) fn placed(&self, diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
        let mut placed: Vec<Diagnostic> =
            diagnostics.into_iter().map(|one| self.placed_one(one)).collect();
        sort(&mut placed);
        placed
    }

    fn placed_one(&self, mut diagnostic: Diagnostic) -> Diagnostic {
        diagnostic.span = self.whole(diagnostic.span);
        for label in &mut diagnostic.labels {
            label.span = self.whole(label.span);
        }
        let word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        let mut fix = diagnostic.fix.take();
        for edit in fix.iter_mut().flat_map(|fix| &mut fix.edits) {
            edit.span = self.whole(edit.span);
        }
        diagnostic.fix = fix.filter(|fix| {
            let is_word = |text: &str| !text.is_empty() && text.chars().all(word);
            fix.edits.iter().all(|edit| is_word(&edit.text) && edit.span.start < edit.span.end)
        });
        diagnostic
    }

    /// Of a part of a scalar that is written otherwise than in JSON, all of it.
    fn whole(&self, span: Span) -> Span {
        let behind = self.0.partition_point(|one| one.start <= span.start);
        let before = behind.checked_sub(1).and_then(|at| self.0.get(at));
        // One byte has nothing between its quotes.
        before.copied().filter(|one| span.end <= one.end).unwrap_or(span)
    }
}

struct Builder<'t> {
    text: &'t str,
    faults: Vec<Diagnostic>,
    plain: Vec<Span>,
}

impl Builder<'_> {
    fn node(&mut self, yaml: &Yaml) -> Node {
        let span = yaml.span;
        let value = match &yaml.content {
            Content::Scalar(text, scalar) => self.scalar(text, scalar, span),
            Content::List(items) => Value::List(items.iter().map(|item| self.node(item)).collect()),
            Content::Map(entries) => {
                let mut members = Vec::with_capacity(entries.len());
                for entry in entries {
                    self.known(entry.key_span);
                    let (key, key_span) = (entry.key.clone(), entry.key_span);
                    members.push(Member {
                        key: key.into(),
                        key_span,
                        node: self.node(&entry.value),
                    });
                }
                // The reader refuses keys that stand twice.
                Value::Object(Object::new(members).0)
            }
        };
        Node { span, value }
    }

    fn scalar(&mut self, text: &str, scalar: &Scalar, span: Span) -> Value {
        match scalar {
            Scalar::Null => Value::Null,
            Scalar::Bool(value) => Value::Bool(*value),
            Scalar::Integer(number) | Scalar::Float(number) => Value::Number(number.clone()),
            Scalar::Infinite { .. } | Scalar::NotANumber => {
                let message = format!("there is no number such as {} in json", scalar.kind());
                self.faults.push(Diagnostic::new(Code::InvalidYaml, span, "", message));
                Value::Null
            }
            // A date is the text that it is written with: what has no types for it decides.
            Scalar::Date | Scalar::Text | Scalar::Merge => {
                self.known(span);
                Value::String(text.to_owned())
            }
        }
    }

    /// Keeps the place of a text if JSON would write it otherwise.
    fn known(&mut self, span: Span) {
        let written = span.of(self.text);
        let within =
            |quote| written.len() > 1 && written.starts_with(quote) && written.ends_with(quote);
        let like_json = within('"') || within('\'') && !written.contains('\\');
        if !like_json {
            self.plain.push(span);
        }
    }
}
