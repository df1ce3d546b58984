//! Requests: bytes to a message that has one reading.

use super::mirror::is_second_era;
use super::{
    APPROVAL_KEY, Era, Id, Refusal, RefusalKind, VERSION_KEY, is_plain, mistakable, on_one_line,
};
use crate::json::{self, Limits, Node, Object, Value};
use crate::model::Call;
use crate::parse::MESSAGE_KEYS;
use crate::source::Span;

/// One JSON-RPC message from a client.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// What it is.
    pub kind: Kind,
    /// The envelope, as it was read: an object.
    tree: Value,
}

/// What a message is to a host.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// `tools/call`: the policy decides.
    Call {
        /// What the answer is to name.
        id: Id,
    },
    /// `tools/call` with arguments that are not an object: denied, see
    /// [`super::answer::malformed_call`].
    MalformedCall {
        /// What the answer is to name.
        id: Id,
    },
    /// `tools/call` without an id: nobody waits for an answer. The host drops it with HTTP 202.
    CallWithoutId,
    /// `tools/list`: passes, and its answer is filtered.
    ListTools {
        /// What the answer will name.
        id: Id,
    },
    /// Any other method with an id.
    Request {
        /// What the answer will name.
        id: Id,
    },
    /// Any other method without an id.
    Notification,
    /// The answer to a request of the server.
    Response,
}

const CALL: &str = "tools/call";
const LIST: &str = "tools/list";

impl Message {
    /// Reads the body of a request.
    ///
    /// # Errors
    /// If it is not strict JSON within `limits` (usually [`Limits::MESSAGE`]), or not exactly one
    /// JSON-RPC 2.0 message, or if another reader could understand it in another way.
    pub fn read(body: &[u8], limits: &Limits) -> Result<Message, Refusal> {
        let node = json::read_strict(body, limits).map_err(Refusal::from_fault)?;
        Message::from_node(node)
    }

    /// As [`Message::read`], of a text that is read already.
    ///
    /// # Errors
    /// If it is not exactly one JSON-RPC 2.0 message, or not for every reader the same.
    pub fn from_node(node: Node) -> Result<Message, Refusal> {
        let envelope = match &node.value {
            Value::Object(envelope) => envelope,
            Value::List(_) => return Err(Refusal::at(RefusalKind::Batch, node.span)),
            _ => return Err(Refusal::at(RefusalKind::NotAnObject, node.span)),
        };
        // A refusal names the id whenever there is one, so that the client knows what was refused.
        let id = envelope.get("id").and_then(|node| Id::from_value(&node.value));
        match judge(envelope, id.clone(), node.span) {
            Ok(kind) => Ok(Message { kind, tree: node.value }),
            Err(refusal) => Err(Refusal { id, ..refusal }),
        }
    }

    /// The id, if it has one.
    #[must_use]
    pub fn id(&self) -> Option<Id> {
        Id::from_value(&self.tree.as_object()?.get("id")?.value)
    }

    /// The method; `None` for a response.
    #[must_use]
    pub fn method(&self) -> Option<&str> {
        self.tree.as_object()?.get("method")?.value.as_str()
    }

    /// The tool that a `tools/call` names.
    #[must_use]
    pub fn tool(&self) -> Option<&str> {
        match self.method() {
            Some(CALL) => self.params()?.get("name")?.value.as_str(),
            _ => None,
        }
    }

    /// What the request is about, where its method has such a thing: a tool, a prompt, the URI of a
    /// resource, a task.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        let key = match self.method()? {
            "tools/call" | "prompts/get" => "name",
            "resources/read" => "uri",
            method if method.starts_with("tasks/") => "taskId",
            _ => return None,
        };
        self.params()?.get(key)?.value.as_str()
    }

    /// Whether a header must say what the request is about, since MCP 2026-07-28.
    pub(super) fn must_be_named(&self) -> bool {
        let about = ["tools/call", "prompts/get", "resources/read"];
        self.name().is_some() && self.method().is_some_and(|method| about.contains(&method))
    }

    /// The arguments of a `tools/call`, whatever they are.
    pub(super) fn arguments(&self) -> Option<&Value> {
        self.tool()?;
        Some(&self.params()?.get("arguments")?.value)
    }

    /// What a `completion/complete` completes, by the type of its reference: `ref/prompt` or
    /// `ref/resource`; `None` if it does not say.
    #[must_use]
    pub fn completes(&self) -> Option<&str> {
        self.params()?.get("ref")?.value.as_object()?.get("type")?.value.as_str()
    }

    /// The request that a `notifications/cancelled` cancels.
    #[must_use]
    pub fn cancels(&self) -> Option<Id> {
        match self.method()? {
            "notifications/cancelled" => Id::from_value(&self.params()?.get("requestId")?.value),
            _ => None,
        }
    }

    /// The MCP version that the body names; `None` before 2026-07-28, where only headers do.
    #[must_use]
    pub fn protocol_version(&self) -> Option<&str> {
        self.meta(VERSION_KEY)
    }

    /// The era that the message belongs to: requests of the second name their version.
    #[must_use]
    pub fn era(&self) -> Era {
        match is_second_era(self.protocol_version()) {
            true => Era::Stateless,
            false => Era::Sessions,
        }
    }

    /// The message as it goes on to the server: written anew from what was read, on one line, with
    /// the order of the keys and the texts of the numbers kept.
    #[must_use]
    pub fn forward(&self) -> String {
        on_one_line(&self.tree)
    }

    /// The call, without grant, session and server, which the host knows; `None` if the message is
    /// no well-formed `tools/call`. Takes the arguments out of the message and copies nothing of
    /// them: whoever may want to [`Message::forward`] it does so before.
    #[must_use]
    pub fn into_call(self) -> Option<Call> {
        if !matches!(self.kind, Kind::Call { .. } | Kind::CallWithoutId) {
            return None;
        }
        let tool = self.tool()?.to_owned();
        let approval = self.meta(APPROVAL_KEY).map(str::to_owned);
        let params = take(self.tree, "params")?;
        let arguments = match take(params, "arguments") {
            None => Object::default(),
            Some(Value::Object(arguments)) => arguments,
            Some(_) => return None,
        };
        Some(Call { tool, arguments, approval, ..Call::default() })
    }

    fn params(&self) -> Option<&Object> {
        self.tree.as_object()?.get("params")?.value.as_object()
    }

    /// A text in `params._meta`.
    fn meta(&self, key: &str) -> Option<&str> {
        self.params()?.get("_meta")?.value.as_object()?.get(key)?.value.as_str()
    }
}

/// The value under a key of an object, taken out of it.
fn take(from: Value, key: &str) -> Option<Value> {
    let Value::Object(object) = from else {
        return None;
    };
    object.into_members().into_iter().find(|member| member.key == key).map(|m| m.node.value)
}

/// What an envelope is; refusals without their id.
fn judge(envelope: &Object, id: Option<Id>, span: Span) -> Result<Kind, Refusal> {
    check_keys(envelope)?;
    match envelope.get("jsonrpc") {
        Some(node) if node.value.as_str() == Some("2.0") => {}
        other => return Err(Refusal::at(RefusalKind::Version, place(other, span))),
    }
    if let (Some(node), None) = (envelope.get("id"), &id) {
        return Err(Refusal::at(RefusalKind::Id, node.span));
    }
    let [method, result, error] = ["method", "result", "error"].map(|key| envelope.get(key));
    let method = match (method, result, error) {
        (Some(method), None, None) => method,
        // An error may stand without an id: its cause had none that could be read.
        (None, None, Some(_)) => return Ok(Kind::Response),
        (None, Some(_), None) if id.is_some() => return Ok(Kind::Response),
        (None, Some(_), None) => return Err(Refusal::at(RefusalKind::Id, span)),
        _ => return Err(Refusal::at(RefusalKind::NotOneKind, span)),
    };
    let Some(name) = method.value.as_str() else {
        return Err(Refusal::at(RefusalKind::Method, method.span));
    };
    if !is_plain(name) || mistakable(name, &[CALL, LIST]).is_some() {
        return Err(Refusal::at(RefusalKind::Method, method.span));
    }
    let params = object(envelope, "params", RefusalKind::Params)?;
    if let Some(params) = params {
        let meta = object(params, "_meta", RefusalKind::Meta)?;
        if let Some(version) = meta.and_then(|meta| meta.get(VERSION_KEY)) {
            // Only a text tells an era; another value would leave it to the reader.
            version.value.as_str().ok_or(Refusal::at(RefusalKind::Meta, version.span))?;
        }
    }
    Ok(match (name, id) {
        (CALL, id) => return judge_call(params, id, span),
        (LIST, Some(id)) => Kind::ListTools { id },
        (_, Some(id)) => Kind::Request { id },
        (_, None) => Kind::Notification,
    })
}

fn judge_call(params: Option<&Object>, id: Option<Id>, span: Span) -> Result<Kind, Refusal> {
    let params = params.ok_or(Refusal::at(RefusalKind::ToolName, span))?;
    check_keys(params)?;
    match params.get("name") {
        Some(node) if node.value.as_str().is_some() => {}
        other => return Err(Refusal::at(RefusalKind::ToolName, place(other, span))),
    }
    let arguments = params.get("arguments").map(|node| &node.value);
    Ok(match (id, arguments) {
        (None, _) => Kind::CallWithoutId,
        (Some(id), None | Some(Value::Object(_))) => Kind::Call { id },
        (Some(id), Some(_)) => Kind::MalformedCall { id },
    })
}

/// Refuses keys that another reader could take for a known one.
fn check_keys(object: &Object) -> Result<(), Refusal> {
    for member in object.members() {
        if let Some(known) = mistakable(&member.key, MESSAGE_KEYS) {
            return Err(Refusal::at(RefusalKind::MistakableKey(known), member.key_span));
        }
        if !is_plain(&member.key) {
            return Err(Refusal::at(RefusalKind::KeyNotPlain, member.key_span));
        }
    }
    Ok(())
}

/// The object under a key, `None` if the key is absent; refused if it is not an object.
fn object<'o>(
    within: &'o Object,
    key: &str,
    kind: RefusalKind,
) -> Result<Option<&'o Object>, Refusal> {
    match within.get(key) {
        None => Ok(None),
        Some(node) => match node.value.as_object() {
            Some(object) => Ok(Some(object)),
            None => Err(Refusal::at(kind, node.span)),
        },
    }
}

fn place(node: Option<&Node>, otherwise: Span) -> Span {
    node.map_or(otherwise, |node| node.span)
}

/// Whether MCP has this method, in either era. What to do with others is for the host's
/// configuration to say; nobody here knows what they do.
#[must_use]
pub fn is_known_method(method: &str) -> bool {
    matches!(
        method,
        "initialize"
            | "ping"
            | "server/discover"
            | "subscriptions/listen"
            | "tools/list"
            | "tools/call"
            | "resources/list"
            | "resources/templates/list"
            | "resources/read"
            | "resources/subscribe"
            | "resources/unsubscribe"
            | "prompts/list"
            | "prompts/get"
            | "completion/complete"
            | "logging/setLevel"
            | "tasks/get"
            | "tasks/result"
            | "tasks/list"
            | "tasks/update"
            | "tasks/cancel"
            | "notifications/initialized"
            | "notifications/cancelled"
            | "notifications/progress"
            | "notifications/roots/list_changed"
            | "notifications/tasks/status"
    )
}
