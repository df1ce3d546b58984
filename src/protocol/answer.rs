//! What the engine says in place of the server: refusals, denials and holds.
//!
//! A request that has no single reading is refused with a JSON-RPC error. A call that the policy
//! does not let through is answered with a *result* that says `isError`: that is what clients hand
//! on to the agent with its text; error codes and HTTP statuses get lost or start a login.

#[cfg(test)]
mod tests;

use super::{DECISION_KEY, Era, Id, on_one_line};
use crate::evaluate;
use crate::json::{Fault, FaultKind, Number, Object, Value};
use crate::model::{Amount, Decision, Effect, LimitState, RuleId};
use crate::pin::Unpinned;
use crate::source::Span;

/// The JSON-RPC code for an answer of the server that is not passed on. Ours: codes from -32768 to
/// -32000 belong to JSON-RPC and MCP.
pub const UNREADABLE_ANSWER: i32 = -31_001;

/// What decides that a call of a tool is denied that is not what is pinned.
pub const CHANGED_TOOL: &str = "(changed tool)";

/// Why a request goes no further, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The id of the request, if one could be read.
    pub id: Option<Id>,
    /// What is wrong.
    pub kind: RefusalKind,
    /// The place in the body; `None` if it is not in the body.
    pub span: Option<Span>,
}

/// What can be wrong with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusalKind {
    /// The HTTP method is none of `POST`, `GET`, `DELETE`.
    HttpMethod,
    /// The content type is not JSON in UTF-8.
    ContentType,
    /// The body is encoded (compressed).
    ContentEncoding,
    /// The content length is no number.
    ContentLength,
    /// `GET` or `DELETE` with a body.
    UnexpectedBody,
    /// The body is longer than the host reads.
    TooLarge,
    /// The body is not strict JSON.
    Json(FaultKind),
    /// The body is a list of messages.
    Batch,
    /// The body is no list and no object.
    NotAnObject,
    /// A key that a careless reader would take for this one.
    MistakableKey(&'static str),
    /// A key with characters that are not printable ASCII.
    KeyNotPlain,
    /// `jsonrpc` is not `"2.0"`.
    Version,
    /// The id is no string and no integer, or a result has none.
    Id,
    /// Not exactly one of `method`, `result` and `error`.
    NotOneKind,
    /// The method is no string, or one that a careless reader would take for another.
    Method,
    /// `params` is not an object.
    Params,
    /// `params._meta` is not an object, or the protocol version in it is no string.
    Meta,
    /// A `tools/call` without a tool's name.
    ToolName,
    /// A header names a version since 2026-07-28, and the body, which must, names none.
    Unversioned,
    /// This header is missing, or does not say what the body says.
    Mirror(&'static str),
}

impl RefusalKind {
    /// The cause in one word, for metrics: `http`, `size`, `json`, `batch`, `envelope`, `params`,
    /// `mirror`.
    #[must_use]
    pub fn cause(self) -> &'static str {
        match self {
            RefusalKind::HttpMethod
            | RefusalKind::ContentType
            | RefusalKind::ContentEncoding
            | RefusalKind::ContentLength
            | RefusalKind::UnexpectedBody => "http",
            RefusalKind::TooLarge => "size",
            RefusalKind::Json(_) => "json",
            RefusalKind::Batch => "batch",
            RefusalKind::NotAnObject
            | RefusalKind::MistakableKey(_)
            | RefusalKind::KeyNotPlain
            | RefusalKind::Version
            | RefusalKind::Id
            | RefusalKind::NotOneKind
            | RefusalKind::Method => "envelope",
            RefusalKind::Params
            | RefusalKind::Meta
            | RefusalKind::ToolName
            | RefusalKind::Unversioned => "params",
            RefusalKind::Mirror(_) => "mirror",
        }
    }
}

impl std::fmt::Display for RefusalKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            RefusalKind::HttpMethod => "only POST, GET and DELETE are served here",
            RefusalKind::ContentType => "the content type must be application/json in utf-8",
            RefusalKind::ContentEncoding => "the body must not be encoded or compressed",
            RefusalKind::ContentLength => "the content length is not a number",
            RefusalKind::UnexpectedBody => "GET and DELETE take no body",
            RefusalKind::TooLarge => "the body is too large",
            RefusalKind::Json(kind) => return kind.fmt(f),
            RefusalKind::Batch => "batches are not supported: send one message a request",
            RefusalKind::NotAnObject => "a message must be an object",
            RefusalKind::MistakableKey(known) => {
                return write!(f, "a key that could be mistaken for `{known}`");
            }
            RefusalKind::KeyNotPlain => "a key with characters that are not printable ascii",
            RefusalKind::Version => "`jsonrpc` must be \"2.0\"",
            RefusalKind::Id => "`id` must be a string or an integer",
            RefusalKind::NotOneKind => {
                "a message must have exactly one of `method`, `result` and `error`"
            }
            RefusalKind::Method => "`method` must be a string of printable ascii, exactly spelt",
            RefusalKind::Params => "`params` must be an object",
            RefusalKind::Meta => "`_meta` must be an object, its protocol version a string",
            RefusalKind::Unversioned => "`params._meta` must name the protocol version",
            RefusalKind::Mirror(header) => {
                return write!(f, "the header `{header}` must say what the body says");
            }
            RefusalKind::ToolName => "`tools/call` must have a `name`, a string, in `params`",
        })
    }
}

impl Refusal {
    /// A refusal for what stands in the headers.
    pub(super) fn of_headers(kind: RefusalKind) -> Refusal {
        Refusal { id: None, kind, span: None }
    }

    /// A refusal for what stands at a place of the body.
    pub(super) fn at(kind: RefusalKind, span: Span) -> Refusal {
        Refusal { id: None, kind, span: Some(span) }
    }

    pub(super) fn from_fault(fault: Fault) -> Refusal {
        match fault.kind {
            FaultKind::TooLarge => Refusal::of_headers(RefusalKind::TooLarge),
            kind => Refusal::at(RefusalKind::Json(kind), fault.span),
        }
    }

    /// The HTTP status: 400, or 405 for a method (to be sent with `allow: POST, GET, DELETE`).
    #[must_use]
    pub fn status(&self) -> u16 {
        match self.kind {
            RefusalKind::HttpMethod => 405,
            _ => 400,
        }
    }

    /// The JSON-RPC code: -32700 for what is not JSON, -32602 for parameters, -32020 for a header
    /// that does not fit the body, else -32600.
    #[must_use]
    pub fn code(&self) -> i32 {
        match self.kind {
            RefusalKind::Json(_) => -32_700,
            RefusalKind::Params
            | RefusalKind::Meta
            | RefusalKind::ToolName
            | RefusalKind::Unversioned => -32_602,
            RefusalKind::Mirror(_) => -32_020,
            _ => -32_600,
        }
    }

    /// What is wrong, in one line, with the byte of the body at which it begins, from 0.
    #[must_use]
    pub fn message(&self) -> String {
        let what = match self.code() {
            -32_700 => "parse error",
            -32_602 => "invalid params",
            _ => "invalid request",
        };
        match self.span {
            Some(span) => format!("{what} at byte {}: {}", span.start, self.kind),
            None => format!("{what}: {}", self.kind),
        }
    }

    /// The body of the answer: a JSON-RPC error, `application/json`.
    #[must_use]
    pub fn body(&self) -> String {
        error(self.id.as_ref(), self.code(), &self.message())
    }
}

/// A JSON-RPC error as text; its id is `null` if none is known.
#[must_use]
pub fn error(id: Option<&Id>, code: i32, message: &str) -> String {
    let error = object([("code", code_value(code)), ("message", text(message))]);
    on_one_line(&envelope(id.map_or(Value::Null, Id::value), "error", error))
}

/// The error that stands in for an answer of the server that could not be read strictly, and so
/// could not be filtered.
#[must_use]
pub fn unreadable_answer(id: Option<&Id>) -> String {
    error(id, UNREADABLE_ANSWER, "the server's answer could not be read and was withheld")
}

/// The decision on a call whose arguments are not an object.
#[must_use]
pub fn malformed_call(tool: &str) -> Decision {
    evaluate::malformed(tool, "arguments must be an object")
}

/// The decision on a call of a tool that is not what is pinned.
#[must_use]
pub fn changed_tool(tool: &str, how: Unpinned) -> Decision {
    let why = match how {
        Unpinned::New => "is new and has not been reviewed",
        Unpinned::Changed => "has changed since it was reviewed",
        Unpinned::Unknown => "cannot be compared with what was reviewed",
    };
    let id = RuleId { rule: CHANGED_TOOL.to_owned(), label: CHANGED_TOOL.to_owned() };
    Decision {
        effect: Effect::Deny,
        tool: tool.to_owned(),
        id: Some(id.into()),
        message: Some(format!("Tool \"{tool}\" {why}")),
        digest: None,
        limits: Vec::new(),
        short: None,
    }
}

/// The answer to a call that was denied or held: a result that the agent can read. `policy` is the
/// hash of the policy that decided, empty if there is none.
#[must_use]
pub fn decision(id: &Id, decision: &Decision, policy: &str, era: Era) -> String {
    let prefix = match decision.effect {
        Effect::Hold => "[APPROVAL REQUIRED]",
        // An allowed call has no business here; if one comes, the answer is no.
        Effect::Deny | Effect::Allow => "[POLICY DENIED]",
    };
    let message = match &decision.message {
        Some(message) => format!("{prefix} {message}"),
        None => format!("{prefix} Call to \"{}\" does not meet the policy", decision.tool),
    };
    let content = object([("type", text("text")), ("text", text(&message))]);
    let meta = object([(DECISION_KEY, decision_value(decision, policy))]);
    let mut result = vec![
        ("content", Value::List(vec![content.into()])),
        ("isError", Value::Bool(true)),
        ("_meta", meta),
    ];
    if era == Era::Stateless {
        result.insert(0, ("resultType", text("complete")));
    }
    on_one_line(&envelope(id.value(), "result", object(result)))
}

/// What a program reads of a decision.
fn decision_value(decision: &Decision, policy: &str) -> Value {
    let effect = match decision.effect {
        Effect::Hold => Effect::Hold,
        Effect::Deny | Effect::Allow => Effect::Deny,
    };
    let mut members = vec![("decision", text(effect.as_str())), ("tool", text(&decision.tool))];
    if let Some(id) = &decision.id {
        members.push(("rule", text(&id.rule)));
        members.push(("label", text(&id.label)));
    }
    if !policy.is_empty() {
        members.push(("policy", text(policy)));
    }
    if let Some(digest) = &decision.digest {
        members.push(("approval", object([("digest", text(digest))])));
    }
    if let Some(limit) = decision.short.and_then(|at| decision.limits.get(at)) {
        members.push(("limit", amount(limit.max)));
        members.extend(limit.remaining.map(|remaining| ("remaining", amount(remaining))));
        members.push(("reset_after", Value::Number(limit.reset_after.into())));
    }
    if !decision.limits.is_empty() {
        let limits = decision.limits.iter().map(|limit| limit_value(limit).into());
        members.push(("limits", Value::List(limits.collect())));
    }
    object(members)
}

fn limit_value(limit: &LimitState) -> Value {
    let window = match limit.window.word() {
        Some(word) => text(word),
        None => Value::Number(u64::from(limit.window.seconds()).into()),
    };
    let mut members = vec![
        ("counter", text(&limit.counter)),
        ("scope", text(limit.scope.as_str())),
        ("window", window),
        ("max", amount(limit.max)),
    ];
    members.extend(limit.remaining.map(|remaining| ("remaining", amount(remaining))));
    members.push(("reset_after", Value::Number(limit.reset_after.into())));
    object(members)
}

fn envelope(id: Value, key: &'static str, value: Value) -> Value {
    object([("jsonrpc", text("2.0")), ("id", id), (key, value)])
}

fn object(members: impl IntoIterator<Item = (&'static str, Value)>) -> Value {
    let members = members.into_iter().map(|(key, value)| (key.to_owned(), value));
    Value::Object(members.collect::<Object>())
}

fn text(text: &str) -> Value {
    Value::String(text.to_owned())
}

fn code_value(code: i32) -> Value {
    Number::parse(&code.to_string()).map_or(Value::Null, Value::Number)
}

fn amount(amount: Amount) -> Value {
    Number::parse(&amount.to_string()).map_or(Value::Null, Value::Number)
}
