//! Paths into the arguments of a call: `args.a.b`, `args["a.b"].c`, `args.items[0]`, `args.items[*]`.

use std::fmt;
use std::sync::Arc;

use crate::bytes::{Bytes, Out};
use crate::json::{self, Limits, Object, Value};

/// A path into a call's arguments, read once, and shared by those who ask about the same: in a policy of
/// thousands of tools they are many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path(Arc<Parts>);

#[derive(Debug, PartialEq, Eq)]
struct Parts {
    /// As it was written.
    text: Box<str>,
    steps: Vec<Step>,
    has_every: bool,
}

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The member of an object with exactly this key.
    Key(Arc<str>),
    /// One element of a list, from 0.
    Index(usize),
    /// Every element of a list.
    Every,
}

/// Why a text is not a path, and the range of its bytes that is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PathFault {
    /// What is wrong.
    pub kind: PathFaultKind,
    /// Where it begins, in bytes.
    pub start: usize,
    /// Where it ends, in bytes.
    pub end: usize,
}

/// What can be wrong with a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathFaultKind {
    /// It does not begin with `args.` or `args[`.
    NotArgs,
    /// Two dots in a row, or one at the end.
    EmptySegment,
    /// Brackets that hold neither a JSON string, nor a number, nor `*`.
    Brackets,
    /// Something other than `.` or `[` behind brackets.
    BehindBrackets,
    /// The first step is an element, but arguments are an object.
    ElementOfArguments,
}

impl PathFaultKind {
    /// What people read; also its `Display`.
    #[must_use]
    pub fn message(self) -> &'static str {
        match self {
            PathFaultKind::NotArgs => "a path begins with `args.`",
            PathFaultKind::EmptySegment => "a path has no empty segment",
            PathFaultKind::Brackets => "brackets hold a number, `*` or a key in double quotes",
            PathFaultKind::BehindBrackets => "expected `.` or `[` behind brackets",
            PathFaultKind::ElementOfArguments => {
                "the arguments of a call are an object, not a list"
            }
        }
    }
}

impl fmt::Display for PathFaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl Path {
    /// Reads a path.
    ///
    /// # Errors
    /// If the text is not one: the first place that is wrong.
    pub fn parse(text: &str) -> Result<Path, PathFault> {
        let fault = |kind, start, end| PathFault { kind, start, end };
        let mut rest = match text.strip_prefix("args") {
            Some(rest) if rest.starts_with(['.', '[']) => rest,
            _ => return Err(fault(PathFaultKind::NotArgs, 0, text.len())),
        };
        // Nearly all have one step.
        let mut steps = Vec::with_capacity(1);
        while !rest.is_empty() {
            let at = text.len().saturating_sub(rest.len());
            let (step, behind) = next_step(text, rest)?;
            if steps.is_empty() && !matches!(step, Step::Key(_)) {
                let end = text.len().saturating_sub(behind.len());
                return Err(fault(PathFaultKind::ElementOfArguments, at, end));
            }
            steps.push(step);
            rest = behind;
        }
        let has_every = steps.contains(&Step::Every);
        Ok(Path(Arc::new(Parts { text: text.into(), steps, has_every })))
    }

    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0.text
    }

    /// The steps from the arguments on; the first is a key.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.0.steps
    }

    /// Whether it leads to the same as another, however the two are written.
    pub(crate) fn leads_as(&self, other: &Path) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.steps() == other.steps()
    }

    /// Where a step (from 0) stands in the text, in bytes: the key without its dot, or the brackets.
    #[must_use]
    pub fn range(&self, step: usize) -> (usize, usize) {
        let mut rest = self.0.text.strip_prefix("args").unwrap_or("");
        for at in 0..=step {
            let Ok((_, behind)) = next_step(&self.0.text, rest) else { break };
            if at == step {
                let dot = usize::from(rest.starts_with('.'));
                let start = self.0.text.len().saturating_sub(rest.len()).saturating_add(dot);
                return (start, self.0.text.len().saturating_sub(behind.len()));
            }
            rest = behind;
        }
        (0, self.0.text.len())
    }

    /// Whether a `[*]` is among the steps.
    #[must_use]
    pub fn has_every(&self) -> bool {
        self.0.has_every
    }

    /// Calls `see` with what stands at the path: once without `[*]`, else once for every element;
    /// `None` where it is missing. A step that cannot be taken (a key of a list, an element of an
    /// object, anything of a scalar) leads nowhere: what it would lead to is missing.
    ///
    /// Says whether every `[*]` on the way had an element.
    pub fn visit<'a>(&self, arguments: &'a Object, see: &mut dyn FnMut(Option<&'a Value>)) -> bool {
        let (first, rest) = match self.0.steps.split_first() {
            Some((Step::Key(key), rest)) => (arguments.get(key).map(|node| &node.value), rest),
            _ => (None, self.0.steps.as_slice()),
        };
        visit(first, rest, see)
    }

    /// What stands at the path, if it has no `[*]`.
    #[must_use]
    pub fn find<'a>(&self, arguments: &'a Object) -> Option<&'a Value> {
        let (first, rest) = self.0.steps.split_first()?;
        let mut value = match first {
            Step::Key(key) => &arguments.get(key)?.value,
            Step::Index(_) | Step::Every => return None,
        };
        for step in rest {
            value = match (step, value) {
                (Step::Key(key), Value::Object(object)) => &object.get(key)?.value,
                (Step::Index(at), Value::List(items)) => &items.get(*at)?.value,
                _ => return None,
            };
        }
        Some(value)
    }

    pub(crate) fn put(&self, out: &mut Out) {
        out.text(&self.0.text);
        out.list(self.0.steps.iter(), |out, step| match step {
            Step::Key(key) => {
                out.byte(0);
                out.text(key);
            }
            Step::Index(index) => {
                out.byte(1);
                out.number(*index as u64);
            }
            Step::Every => out.byte(2),
        });
    }

    /// A path with these steps. That it is the one of its text is not seen.
    pub(crate) fn take(bytes: &mut Bytes<'_>) -> Path {
        let text = bytes.text().into();
        let mut has_every = false;
        let steps = bytes.list(|bytes| match bytes.below(3) {
            0 => Step::Key(bytes.text().into()),
            // What a machine cannot count no list has.
            1 => Step::Index(usize::try_from(bytes.number()).unwrap_or(usize::MAX)),
            _ => {
                has_every = true;
                Step::Every
            }
        });
        bytes.expect(matches!(steps.first(), Some(Step::Key(_))));
        Path(Arc::new(Parts { text, steps, has_every }))
    }
}

/// The step that `rest`, the end of `text`, begins with, and what stands behind it.
fn next_step<'t>(text: &'t str, rest: &'t str) -> Result<(Step, &'t str), PathFault> {
    let at = text.len().saturating_sub(rest.len());
    let fault = |kind, end| Err(PathFault { kind, start: at, end });
    match rest.strip_prefix('.') {
        Some(dotted) => {
            let end = dotted.find(['.', '[', ']']).unwrap_or(dotted.len());
            let (key, behind) = dotted.split_at_checked(end).unwrap_or((dotted, ""));
            if key.is_empty() {
                return fault(PathFaultKind::EmptySegment, at.saturating_add(1));
            }
            Ok((Step::Key(key.into()), behind))
        }
        None if rest.starts_with('[') => brackets(rest).map_or_else(
            || {
                let end = rest.find(']').map(|to| at.saturating_add(to).saturating_add(1));
                fault(PathFaultKind::Brackets, end.unwrap_or(text.len()))
            },
            Ok,
        ),
        None => fault(PathFaultKind::BehindBrackets, text.len()),
    }
}

/// Recursion is as deep as a path has `[*]`, and no deeper than the value.
fn visit<'a>(
    mut value: Option<&'a Value>,
    steps: &[Step],
    see: &mut dyn FnMut(Option<&'a Value>),
) -> bool {
    let mut steps = steps.iter();
    while let Some(step) = steps.next() {
        value = match (step, value) {
            (Step::Key(key), Some(Value::Object(object))) => {
                object.get(key).map(|node| &node.value)
            }
            (Step::Index(at), Some(Value::List(items))) => items.get(*at).map(|node| &node.value),
            (Step::Every, Some(Value::List(items))) => {
                let mut full = !items.is_empty();
                for item in items {
                    full &= visit(Some(&item.value), steps.as_slice(), see);
                }
                return full;
            }
            // No list, so no element to see.
            (Step::Every, _) => return false,
            _ => None,
        };
    }
    see(value);
    true
}

/// The step in the brackets that `rest` begins with, and what stands behind them.
fn brackets(rest: &str) -> Option<(Step, &str)> {
    let inner = rest.strip_prefix('[')?;
    if let Some(behind) = inner.strip_prefix("*]") {
        return Some((Step::Every, behind));
    }
    if inner.starts_with('"') {
        // The string ends at the first quote that no backslash escapes.
        let mut escaped = false;
        let closes = |&(_, c): &(usize, char)| {
            let closes = c == '"' && !escaped;
            escaped = c == '\\' && !escaped;
            closes
        };
        let (end, _) = inner.char_indices().skip(1).find(closes)?;
        let (string, behind) = inner.split_at_checked(end.saturating_add(1))?;
        let behind = behind.strip_prefix(']')?;
        let node = json::read_strict(string.as_bytes(), &Limits::MESSAGE).ok()?;
        return Some((Step::Key(node.value.as_str()?.into()), behind));
    }
    let (number, behind) = inner.split_once(']')?;
    let plain =
        number == "0" || (!number.starts_with('0') && number.bytes().all(|b| b.is_ascii_digit()));
    let index = plain.then(|| number.parse().ok())??;
    Some((Step::Index(index), behind))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(text: &str) -> Vec<Step> {
        Path::parse(text).unwrap().steps().to_vec()
    }

    #[test]
    fn reads_every_form() {
        let key = |k: &str| Step::Key(k.into());
        assert_eq!(steps("args.a.b"), [key("a"), key("b")]);
        assert_eq!(steps("args[\"a.b\"].c"), [key("a.b"), key("c")]);
        assert_eq!(steps("args.items[0].price"), [key("items"), Step::Index(0), key("price")]);
        assert_eq!(steps("args.items[*]"), [key("items"), Step::Every]);
        assert_eq!(steps("args[\"x]\\\"y\\u0041\"][12]"), [key("x]\"yA"), Step::Index(12)]);
        assert_eq!(steps("args[\"\"]"), [key("")]);
        assert_eq!(steps("args.with space-é.0"), [key("with space-é"), key("0")]);
    }

    #[test]
    fn says_where_a_step_stands() {
        let path = Path::parse("args.a.bc[0][\"d.e\"][*].f").unwrap();
        let steps: Vec<&str> =
            (0..6).map(|at| path.range(at)).map(|(from, to)| &path.as_str()[from..to]).collect();
        assert_eq!(steps, ["a", "bc", "[0]", "[\"d.e\"]", "[*]", "f"]);
    }

    #[test]
    fn refuses_with_the_place() {
        for (text, wrong) in [
            ("amount", "amount"),
            ("args", "args"),
            ("Args.a", "Args.a"),
            ("args.", "."),
            ("args..a", "."),
            ("args.a.", "."),
            ("args.a[]", "[]"),
            ("args.a[-1]", "[-1]"),
            ("args.a[01]", "[01]"),
            ("args.a['b']", "['b']"),
            ("args.a[\"b]", "[\"b]"),
            ("args.a[0", "[0"),
            ("args.a[0]b", "b"),
            ("args.a]", "]"),
            ("args[0]", "[0]"),
            ("args[*].a", "[*]"),
        ] {
            let fault = Path::parse(text).unwrap_err();
            assert_eq!(&text[fault.start..fault.end], wrong, "{text}");
        }
    }

    fn seen(path: &str, arguments: &str) -> Vec<String> {
        let node = json::read_strict(arguments.as_bytes(), &Limits::MESSAGE).unwrap();
        let mut seen = Vec::new();
        let show = |value: Option<&Value>| value.map_or("missing".to_owned(), json::write);
        Path::parse(path)
            .unwrap()
            .visit(node.value.as_object().unwrap(), &mut |v| seen.push(show(v)));
        seen
    }

    #[test]
    fn walks_by_exact_key_and_element() {
        let arguments = r#"{"a":{"b":[1,{"c":2},{"c":3}]},"a.b":null,"e":[]}"#;
        assert_eq!(seen("args.a.b[0]", arguments), ["1"]);
        assert_eq!(seen("args.a.b[*].c", arguments), ["missing", "2", "3"]);
        assert_eq!(seen("args[\"a.b\"]", arguments), ["null"]);
        assert_eq!(seen("args.A", arguments), ["missing"]);
        assert_eq!(seen("args.a.b.0", arguments), ["missing"]);
        assert_eq!(seen("args.a[0]", arguments), ["missing"]);
        assert!(seen("args.e[*]", arguments).is_empty());
        assert!(seen("args.a[*]", arguments).is_empty());
    }
}
