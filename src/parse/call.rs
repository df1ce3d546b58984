//! Calls as JSON: the plain form of the specification's section 8, or a JSON-RPC `tools/call`.

use std::borrow::Cow;
use std::fmt;

use crate::json::{
    Fault, FaultKind, Limits, Node, Number, Object, Value, is_plain, mistakable, read_strict,
};
use crate::model::Call;
use crate::source::Span;

/// Why a value is not a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallFault {
    /// What is wrong; its `Display` is the message.
    pub kind: CallFaultKind,
    /// Where it is.
    pub span: Span,
    /// The tool that it names all the same, so that it can be answered by name.
    pub tool: Option<String>,
}

/// What can be wrong with a call. Type names are those of [`Value::kind`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallFaultKind {
    /// Its text is not strict JSON.
    Json(FaultKind),
    /// It is no object but this.
    NotAnObject(&'static str),
    /// A key that a call does not have.
    UnknownKey(String),
    /// A key of the message that some readers could take for this one.
    LooksLike(&'static str),
    /// A key of the message with characters that some readers could take for others.
    NotPlain,
    /// This key is not there.
    MissingKey(&'static str),
    /// What stands under a key is not what it must be.
    WrongValue {
        /// The key.
        key: &'static str,
        /// What it must be.
        wanted: &'static str,
        /// The type that it is.
        found: &'static str,
    },
    /// The arguments are no object but this.
    Arguments(&'static str),
}

impl CallFaultKind {
    /// What people read; also its `Display`.
    #[must_use]
    pub fn message(&self) -> Cow<'static, str> {
        let said: &[&str] = match self {
            CallFaultKind::Json(kind) => return kind.message(),
            CallFaultKind::NotAnObject(found) => &["a call is an object, not ", found],
            CallFaultKind::UnknownKey(key) => &["unknown key `", key, "`"],
            CallFaultKind::LooksLike(key) => {
                &["a key that some readers could take for `", key, "`"]
            }
            CallFaultKind::NotPlain => &["a key of a message has printable ascii characters only"],
            CallFaultKind::MissingKey(key) => &["`", key, "` is missing"],
            CallFaultKind::WrongValue { key, wanted, found } => {
                &["`", key, "` must be ", wanted, ", not ", found]
            }
            CallFaultKind::Arguments(_) => &["arguments must be an object"],
        };
        said.concat().into()
    }
}

impl fmt::Display for CallFaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message())
    }
}

/// The keys of the plain form.
pub(crate) const KEYS: [&str; 6] = ["tool", "arguments", "grant", "session", "server", "approval"];
/// The keys of a message, and of the parameters of a `tools/call`, that decide what it is.
pub(crate) const MESSAGE_KEYS: &[&str] =
    &["jsonrpc", "id", "method", "params", "name", "arguments", "_meta", "result", "error"];
/// Where in `_meta` an approval token travels.
pub(crate) const APPROVAL: &str = "cattlegrid/approval";

/// Reads a call from its text, which must be strict JSON within the limits of a message; see [`call`].
///
/// # Errors
/// The first thing that is wrong.
pub fn call_text(text: &[u8]) -> Result<Call, CallFault> {
    let fault =
        |Fault { kind, span }| CallFault { kind: CallFaultKind::Json(kind), span, tool: None };
    let mut node = read_strict(text, &Limits::MESSAGE).map_err(fault)?;
    let (call, arguments) = call_in(&node)?;
    let Some(Arguments { within, .. }) = arguments else { return Ok(call) };
    // Moved and not copied: in a small module nothing else copies values.
    match within.iter().try_fold(&mut node, |node, key| node.member_mut(key)) {
        Some(Node { value: Value::Object(arguments), .. }) => {
            Ok(Call { arguments: std::mem::take(arguments), ..call })
        }
        // They were there a moment ago. Without them a rule that wants something absent would hold.
        _ => {
            let kind = CallFaultKind::Arguments(Value::Null.kind());
            Err(CallFault { kind, span: Span::default(), tool: Some(call.tool) })
        }
    }
}

/// Reads a call: `{tool, arguments?, grant?, session?, server?, approval?}`, or (known by its
/// `jsonrpc`) a JSON-RPC `tools/call` message. Absent arguments are `{}`.
///
/// The plain form has no other keys. A message may have others, as versions of MCP add them, but
/// none that a careless reader could take for one of those that count.
///
/// # Errors
/// The first thing that is wrong.
pub fn call(node: &Node) -> Result<Call, CallFault> {
    let (call, arguments) = call_in(node)?;
    Ok(Call { arguments: arguments.map(|it| it.object.clone()).unwrap_or_default(), ..call })
}

/// The arguments of a call.
struct Arguments<'d> {
    object: &'d Object,
    /// The keys that lead to them.
    within: &'static [&'static str],
}

/// A call without its arguments, and those; none if it has none.
fn call_in(node: &Node) -> Result<(Call, Option<Arguments<'_>>), CallFault> {
    let mut named = None;
    match parts(node, &mut named) {
        Ok(parts) => Ok((parts.to_call(), parts.arguments)),
        Err(wrong) => {
            let (kind, span) = *wrong;
            Err(CallFault { kind, span, tool: named.map(str::to_owned) })
        }
    }
}

/// What a call says, where it stands: nothing is copied, and so nothing is to be dropped, before all of it
/// was looked at.
#[derive(Default)]
struct Parts<'d> {
    tool: &'d str,
    arguments: Option<Arguments<'d>>,
    grant: Option<&'d str>,
    session: Option<&'d str>,
    server: Option<&'d str>,
    approval: Option<&'d str>,
}

impl Parts<'_> {
    fn to_call(&self) -> Call {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        Call {
            tool: self.tool.to_owned(),
            arguments: Object::default(),
            grant: owned(self.grant),
            session: owned(self.session),
            server: owned(self.server),
            approval: owned(self.approval),
        }
    }
}

/// What is wrong with a call, and where. In a box, for it is handed through on every way.
type Wrong = Box<(CallFaultKind, Span)>;

/// Looks through a call. Every fault names the tool, if the call does.
fn parts<'d>(node: &'d Node, named: &mut Option<&'d str>) -> Result<Parts<'d>, Wrong> {
    let Value::Object(object) = &node.value else {
        return Err(fault(CallFaultKind::NotAnObject(node.value.kind()), node.span));
    };
    if object.get("jsonrpc").is_none() {
        *named = name_of(object, "tool");
        return plain(node, object);
    }
    let params = object.get("params");
    *named = params.and_then(|params| name_of(params.value.as_object()?, "name"));
    message(node, object, params)
}

fn plain<'d>(node: &Node, object: &'d Object) -> Result<Parts<'d>, Wrong> {
    for member in object.members() {
        if !KEYS.contains(&&*member.key) {
            return Err(fault(CallFaultKind::UnknownKey(member.key.to_string()), member.key_span));
        }
    }
    Ok(Parts {
        tool: needed(object, "tool", node)?,
        arguments: arguments(object, &["arguments"])?,
        grant: string(object, "grant")?,
        session: string(object, "session")?,
        server: string(object, "server")?,
        approval: string(object, "approval")?,
    })
}

fn message<'d>(
    node: &Node,
    object: &'d Object,
    params: Option<&'d Node>,
) -> Result<Parts<'d>, Wrong> {
    no_mistakable_key(object)?;
    // With one of these it would be an answer as well.
    let answer = ["result", "error"].into_iter().find_map(|key| object.member(key));
    if let Some(member) = answer {
        return Err(fault(CallFaultKind::UnknownKey(member.key.to_string()), member.key_span));
    }
    exactly(object, node, "jsonrpc", "2.0", "`2.0`")?;
    exactly(object, node, "method", "tools/call", "`tools/call`")?;
    if let Some(id) = object.get("id") {
        let whole = id.value.as_number().is_some_and(Number::is_integer);
        if !whole && id.value.as_str().is_none() {
            return Err(wrong("id", "a string or a whole number", id));
        }
    }
    let params = params.ok_or_else(|| fault(CallFaultKind::MissingKey("params"), node.span))?;
    let params = params.value.as_object().ok_or_else(|| wrong("params", "an object", params))?;
    no_mistakable_key(params)?;
    let approval = match params.get("_meta") {
        None => None,
        Some(meta) => match meta.value.as_object() {
            Some(meta) => string(meta, APPROVAL)?,
            None => return Err(wrong("_meta", "an object", meta)),
        },
    };
    let tool = needed(params, "name", node)?;
    Ok(Parts {
        tool,
        arguments: arguments(params, &["params", "arguments"])?,
        approval,
        ..Parts::default()
    })
}

fn name_of<'d>(object: &'d Object, key: &str) -> Option<&'d str> {
    object.get(key)?.value.as_str()
}

#[cold]
fn fault(kind: CallFaultKind, span: Span) -> Wrong {
    Box::new((kind, span))
}

#[cold]
fn wrong(key: &'static str, wanted: &'static str, node: &Node) -> Wrong {
    let found = node.value.kind();
    fault(CallFaultKind::WrongValue { key, wanted, found }, node.span)
}

fn string<'d>(object: &'d Object, key: &'static str) -> Result<Option<&'d str>, Wrong> {
    match object.get(key) {
        None => Ok(None),
        Some(node) => match &node.value {
            Value::String(text) => Ok(Some(text)),
            _ => Err(wrong(key, "a string", node)),
        },
    }
}

/// The text that `all` must have under a key of this part of it.
fn needed<'d>(object: &'d Object, key: &'static str, all: &Node) -> Result<&'d str, Wrong> {
    string(object, key)?.ok_or_else(|| fault(CallFaultKind::MissingKey(key), all.span))
}

/// They, if they are there; then they must be an object.
fn arguments<'d>(
    object: &'d Object,
    within: &'static [&'static str],
) -> Result<Option<Arguments<'d>>, Wrong> {
    match object.get("arguments") {
        None => Ok(None),
        Some(node) => match &node.value {
            Value::Object(object) => Ok(Some(Arguments { object, within })),
            other => Err(fault(CallFaultKind::Arguments(other.kind()), node.span)),
        },
    }
}

fn exactly(
    object: &Object,
    message: &Node,
    key: &'static str,
    text: &str,
    wanted: &'static str,
) -> Result<(), Wrong> {
    let Some(node) = object.get(key) else {
        return Err(fault(CallFaultKind::MissingKey(key), message.span));
    };
    match node.value.as_str() {
        Some(said) if said == text => Ok(()),
        said => {
            let found = said.map_or(node.value.kind(), |_| "this");
            Err(fault(CallFaultKind::WrongValue { key, wanted, found }, node.span))
        }
    }
}

/// Servers were seen to take `Name` for `name`, and `arguments` with a NUL behind it too.
fn no_mistakable_key(object: &Object) -> Result<(), Wrong> {
    for member in object.members() {
        let kind = match mistakable(&member.key, MESSAGE_KEYS) {
            Some(known) => CallFaultKind::LooksLike(known),
            None if !is_plain(&member.key) => CallFaultKind::NotPlain,
            None => continue,
        };
        return Err(fault(kind, member.key_span));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Call, CallFault> {
        call(&read_strict(text.as_bytes(), &Limits::MESSAGE).unwrap())
    }

    #[test]
    fn reads_both_forms() {
        let plain = read(
            r#"{"tool":"t","arguments":{"a":1},"grant":"g","session":"s","server":"v","approval":"p"}"#,
        )
        .unwrap();
        assert_eq!((plain.tool.as_str(), plain.arguments.len()), ("t", 1));
        assert_eq!((plain.grant.as_deref(), plain.session.as_deref()), (Some("g"), Some("s")));
        assert_eq!((plain.server.as_deref(), plain.approval.as_deref()), (Some("v"), Some("p")));
        let message = read(
            r#"{"jsonrpc":"2.0","id":"x","method":"tools/call","other":1,
                "params":{"name":"t","arguments":{"a":1},"task":{},"_meta":{"cattlegrid/approval":"p"}}}"#,
        )
        .unwrap();
        let expected = Call {
            tool: "t".into(),
            arguments: plain.arguments,
            approval: plain.approval,
            ..Call::default()
        };
        assert_eq!(message, expected);
        assert_eq!(read(r#"{"tool":"t"}"#).unwrap().arguments, Object::default());
    }

    /// Underlines with `^` what is wrong, and names the tool all the same.
    #[test]
    fn refuses_with_the_place_and_the_name() {
        let rpc = |rest: &str| format!(r#"{{"jsonrpc":"2.0","method":"tools/call",{rest}}}"#);
        let cases = [
            ("[]".to_owned(), "[]", None, "a call is an object, not a list"),
            ("{}".to_owned(), "{}", None, "`tool` is missing"),
            (r#"{"tool":1}"#.into(), "1", None, "`tool` must be a string, not a number"),
            (
                r#"{"tool":"t","argumants":{}}"#.into(),
                "\"argumants\"",
                Some("t"),
                "unknown key `argumants`",
            ),
            (
                r#"{"arguments":[1],"tool":"t"}"#.into(),
                "[1]",
                Some("t"),
                "arguments must be an object",
            ),
            (
                r#"{"tool":"t","arguments":null}"#.into(),
                "null",
                Some("t"),
                "arguments must be an object",
            ),
            (
                rpc(r#""id":null,"params":{"name":"t"}"#),
                "null",
                Some("t"),
                "`id` must be a string or a whole number, not null",
            ),
            (rpc(r#""params":[]"#), "[]", None, "`params` must be an object, not a list"),
            (
                rpc(r#""params":{"name":"t","Name":"u"}"#),
                "\"Name\"",
                Some("t"),
                "a key that some readers could take for `name`",
            ),
            (
                rpc(r#""params":{"name":"t","argumentſ":{}}"#),
                "\"argumentſ\"",
                Some("t"),
                "a key that some readers could take for `arguments`",
            ),
            (
                rpc(r#""params":{"name":"t","clé":1}"#),
                "\"clé\"",
                Some("t"),
                "a key of a message has printable ascii characters only",
            ),
            (
                rpc(r#""params\u0000":{},"params":{"name":"t"}"#),
                r#""params\u0000""#,
                Some("t"),
                "a key that some readers could take for `params`",
            ),
            (
                r#"{"jsonrpc":"2.0","method":"tools/list","params":{"name":"t"}}"#.into(),
                "\"tools/list\"",
                Some("t"),
                "`method` must be `tools/call`, not this",
            ),
        ];
        for (text, wrong, tool, message) in cases {
            let fault = read(&text).unwrap_err();
            assert_eq!(fault.span.of(&text), wrong, "{text}");
            assert_eq!(fault.tool.as_deref(), tool, "{text}");
            assert_eq!(fault.kind.to_string(), message, "{text}");
        }
    }
}
