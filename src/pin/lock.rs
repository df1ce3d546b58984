//! The lock: a file that people keep beside their policy, with a pin for each tool.
//!
//! ```json
//! {
//!   "version": "1",
//!   "tools": {
//!     "add": {
//!       "sha256": "…",
//!       "definition": { "name": "add", "description": "Adds two numbers." }
//!     }
//!   }
//! }
//! ```

use std::collections::BTreeMap;
use std::fmt::Write;

use super::hidden::is_hidden;
use super::{Pin, mistaken};
use crate::diagnostic::{Code, Diagnostic, name, sort};
use crate::json::{Limits, Node, Object, Value, canonical_exact, quote};
use crate::parse::{self, Fields, Key, Kind, Listed, Reader, fault};

/// The pins of a server's tools.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lock {
    /// The server's name, if the list said it.
    pub server: Option<String>,
    /// The pins by the names of the tools.
    pub tools: BTreeMap<String, Pin>,
}

const LOCK: [Key; 4] = [
    Key::new("$schema", Kind::Text),
    Key::new("version", Kind::Text).required(),
    Key::new("server", Kind::Text),
    Key::new("tools", Kind::Object).required(),
];

const PIN: [Key; 2] =
    [Key::new("sha256", Kind::Text).required(), Key::new("definition", Kind::Object).required()];

const DEFINITION: [Key; 6] = [
    Key::new("name", Kind::Text).required(),
    Key::new("title", Kind::Any),
    Key::new("description", Kind::Any),
    Key::new("inputSchema", Kind::Any),
    Key::new("outputSchema", Kind::Any),
    Key::new("annotations", Kind::Any),
];

impl Lock {
    /// Pins the tools of a catalog, in the forms that [`parse::catalog`] reads.
    ///
    /// # Errors
    /// What is wrong with it, in the order of the text: it is no catalog, two tools have one name, or
    /// a key could be mistaken for one that is pinned.
    pub fn of(tools: &[u8]) -> Result<Lock, Vec<Diagnostic>> {
        let node = match parse::json(tools, &Limits::CATALOG) {
            (Some(node), faults) if faults.is_empty() => node,
            (_, faults) => return Err(faults),
        };
        let Listed { server, tools, pointer } = parse::listed(&node)?;
        let mut lock = Lock { server, ..Lock::default() };
        let mut faults = Vec::new();
        for (at, node) in tools.iter().enumerate() {
            let mut wrong = |node: &Node, message: String| {
                let pointer = format!("{pointer}/{at}");
                faults.push(Diagnostic::new(Code::InvalidCatalog, node.span, &pointer, message));
            };
            let Some(tool) = node.value.as_object() else { continue };
            let Some(called) = tool.get("name") else { continue };
            if let Some(key) = mistaken(tool) {
                wrong(node, format!("a key of this tool could be mistaken for `{key}`"));
            }
            let written = called.value.as_str().unwrap_or_default();
            if lock.tools.insert(written.to_owned(), Pin::of(tool)).is_some() {
                wrong(called, format!("another tool is called {}", name(written)));
            }
        }
        if faults.is_empty() { Ok(lock) } else { Err(faults) }
    }

    /// Reads a lock (UTF-8 JSON of at most 32 MiB).
    ///
    /// # Errors
    /// All that is wrong with it, in the order of the text.
    pub fn read(text: &[u8]) -> Result<Lock, Vec<Diagnostic>> {
        let (node, mut diagnostics) = parse::json(text, &Limits::CATALOG);
        let mut lock = None;
        if let (Some(root), true) = (node, diagnostics.is_empty()) {
            let mut reader = Reader::new(std::str::from_utf8(text).unwrap_or_default(), &[]);
            lock = Lock::from_node(&mut reader, &root);
            diagnostics = reader.finish_list(&root);
        }
        match lock {
            Some(lock) if diagnostics.is_empty() => Ok(lock),
            _ => {
                sort(&mut diagnostics);
                Err(diagnostics)
            }
        }
    }

    /// Reads a lock that stands in a document; what is wrong is told to the reader.
    pub(crate) fn from_node(reader: &mut Reader<'_>, root: &Node) -> Option<Lock> {
        let object = reader.object(root, "a lock")?;
        let fields = reader.fields(root, object, "a lock", &LOCK);
        if let Some(field) = fields.get("version")
            && field.node.value.as_str() != Some("1")
        {
            reader.report(fault(Code::UnknownVersion, field.node.span.inner()).say(|said| {
                said.message("this version of locks is not known")
                    .help("the only version is `\"1\"`")
            }));
        }
        let server = fields.text("server").map(str::to_owned);
        let mut lock = Lock { server, ..Lock::default() };
        let tools = fields.get("tools").and_then(|field| field.node.value.as_object());
        for member in tools.map(Object::members).unwrap_or_default() {
            let Some(object) = reader.object(&member.node, "a pin") else { continue };
            let fields = reader.fields(&member.node, object, "a pin", &PIN);
            if let Some(pin) = pin(reader, &member.key, &fields) {
                lock.tools.insert(member.key.to_string(), pin);
            }
        }
        Some(lock)
    }

    /// The text of the lock: tools and keys in their order, so that a change of one tool changes the
    /// lines of that tool alone; and no character in it that is not seen.
    #[must_use]
    pub fn write(&self) -> String {
        let mut out = String::from("{\n  \"version\": \"1\",\n");
        if let Some(server) = &self.server {
            line(&mut out, &format!("  \"server\": {},", in_view(&quote(server))));
        }
        out.push_str("  \"tools\": {");
        let mut before = "\n";
        for (name, pin) in &self.tools {
            out.push_str(before);
            line(&mut out, &format!("    {}: {{", in_view(&quote(name))));
            line(&mut out, &format!("      \"sha256\": \"{}\",", hex(&pin.digest)));
            out.push_str("      \"definition\": ");
            let definition = canonical_exact(&pin.definition);
            lay_out(&in_view(&definition), 6, &mut out);
            out.push_str("\n    }");
            before = ",\n";
        }
        out.push_str(if self.tools.is_empty() { "}\n}\n" } else { "\n  }\n}\n" });
        out
    }

    /// The definitions as a list of tools.
    pub(super) fn definitions(&self) -> Node {
        let tools = self.tools.values().map(|pin| Value::Object(pin.definition.clone()).into());
        Value::List(tools.collect()).into()
    }
}

fn pin(reader: &mut Reader<'_>, called: &str, fields: &Fields<'_>) -> Option<Pin> {
    let (written, field) = (fields.get("sha256"), fields.get("definition")?);
    let object = field.node.value.as_object()?;
    let members = reader.fields(field.node, object, "a definition", &DEFINITION);
    if let Some(own) = members.get("name")
        && own.node.value.as_str() != Some(called)
    {
        let own_name = own.node.value.as_str().unwrap_or_default();
        reader.report(fault(Code::PinMismatch, own.node.span.inner()).say(|said| {
            said.message(format!("this is pinned as {}, not {}", name(called), name(own_name)))
        }));
    }
    let (pin, written) = (Pin::of(object), written?);
    if written.node.value.as_str() != Some(hex(&pin.digest).as_str()) {
        reader.report(fault(Code::PinMismatch, written.node.span.inner()).say(|said| {
            said.message(format!("this is not the sha-256 of the definition of {}", name(called)))
                .help("let `cattlegrid pin` write the lock from the server's list of tools")
        }));
    }
    Some(pin)
}

fn line(out: &mut String, line: &str) {
    out.push_str(line);
    out.push('\n');
}

/// In hexadecimal digits.
fn hex(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(64);
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(out, "{byte:02x}");
    }
    out
}

/// JSON text with escapes for what would not be seen. Nothing of that can stand outside of a string.
fn in_view(json: &str) -> String {
    if json.is_ascii() {
        return json.to_owned();
    }
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if !is_hidden(c) {
            out.push(c);
            continue;
        }
        for unit in c.encode_utf16(&mut [0; 2]) {
            let _ = write!(out, "\\u{unit:04x}");
        }
    }
    out
}

/// Writes JSON text without white space over several lines.
fn lay_out(json: &str, indent: usize, out: &mut String) {
    let (mut depth, mut quoted, mut escaped) = (indent, false, false);
    let mut chars = json.chars().peekable();
    let break_to = |depth: usize, out: &mut String| {
        out.push('\n');
        out.extend(std::iter::repeat_n(' ', depth));
    };
    while let Some(c) = chars.next() {
        if quoted {
            out.push(c);
            quoted = escaped || c != '"';
            escaped = !escaped && c == '\\';
            continue;
        }
        let closes = |next: Option<&char>| matches!(next, Some('}' | ']'));
        match c {
            '{' | '[' => {
                out.push(c);
                if closes(chars.peek()) {
                    out.extend(chars.next());
                } else {
                    depth = depth.saturating_add(2);
                    break_to(depth, out);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(2);
                break_to(depth, out);
                out.push(c);
            }
            ',' => {
                out.push(c);
                break_to(depth, out);
            }
            ':' => out.push_str(": "),
            c => {
                quoted = c == '"';
                out.push(c);
            }
        }
    }
}
