//! One line of a log to what it says of calls.

use crate::evaluate::{Arguments, NOBODY_CAN_APPROVE};
use crate::json::{Limits, Node, Object, Value, read_strict, write};
use crate::model::{Call, Effect, Time};
use crate::simulate::moment;

/// A longer line is not read.
pub const MAX_LINE: usize = 4 << 20;

/// How the lines of a log are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// Each line says that itself.
    #[default]
    Any,
    /// The decision log of the filter, as Envoy writes it or its JSON alone.
    Decisions,
    /// Access logs in JSON.
    Access,
    /// Messages of MCP, one a line, alone or within a record.
    Mcp,
    /// `{at, grant, session, tool, arguments}`
    Plain,
}

/// A line, with its place and time.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The file, from 0.
    pub file: u32,
    /// The line, from 1.
    pub line: u64,
    /// When it was written; that of the line before if it does not say so.
    pub at: Time,
    /// Whether some line up to here said when it was written.
    pub timed: bool,
    /// What it says.
    pub says: Line,
}

/// What a line says.
#[derive(Clone, Debug)]
pub enum Line {
    /// A call was made.
    Call(Box<Recorded>),
    /// A call was answered.
    Answer(Answer),
    /// Nothing about a call.
    Nothing,
    /// It cannot be understood: why.
    Malformed(String),
}

/// A call as it was recorded.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// The call, as far as it is known.
    pub call: Call,
    /// How much of its arguments that is.
    pub arguments: Arguments,
    /// Whether it was recorded who called,
    pub grant: bool,
    /// and in which session.
    pub session: bool,
    /// By what its answer is known, if that is another line.
    pub id: Option<String>,
    /// Whether a person approved it.
    pub approved: bool,
    /// Whether it failed on its way, if the line says so itself.
    pub failed: bool,
    /// What was decided, if that was recorded.
    pub past: Option<Past>,
    /// The name of the policy by which, if that was.
    pub policy: Option<String>,
}

/// A decision that was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Past {
    /// What became of the call, or would have.
    pub effect: Effect,
    /// The rule.
    pub rule: Option<String>,
}

/// An answer to a call.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The id of the call.
    pub id: String,
    /// The session, if it was recorded.
    pub session: Option<String>,
    /// Whether the call failed on its way.
    pub failed: bool,
    /// What the answer says was decided.
    pub past: Option<Past>,
}

/// The lines of one file, in their order.
#[derive(Clone, Debug)]
pub struct Lines {
    file: u32,
    format: Format,
    line: u64,
    last: Option<Time>,
}

impl Lines {
    /// The lines of a file with this number.
    #[must_use]
    pub fn new(file: u32, format: Format) -> Lines {
        Lines { file, format, line: 0, last: None }
    }

    /// Reads the next line, without its end.
    pub fn read(&mut self, line: &[u8]) -> Entry {
        self.line = self.line.saturating_add(1);
        let (at, says) = self.says(line);
        if at.is_some() {
            self.last = at;
        }
        Entry {
            file: self.file,
            line: self.line,
            at: self.last.unwrap_or_default(),
            timed: self.last.is_some(),
            says,
        }
    }

    fn says(&self, line: &[u8]) -> (Option<Time>, Line) {
        let line = line.trim_ascii();
        if line.is_empty() {
            return (None, Line::Nothing);
        }
        if line.len() > MAX_LINE {
            return (None, Line::Malformed(format!("the line has more than {MAX_LINE} bytes")));
        }
        let Some(start) = line.iter().position(|byte| *byte == b'{' || *byte == b'[') else {
            return (None, Line::Malformed("there is no json in this line".to_owned()));
        };
        // What a log writes before its JSON may have brackets of its own.
        let (prefix, json) = if start == 0 && line.first() == Some(&b'{') {
            (&[][..], line)
        } else {
            match line.iter().position(|byte| *byte == b'{') {
                Some(at) => line.split_at_checked(at).unwrap_or((&[], line)),
                // Envoy tells other things in its log too.
                None if prefix_time(line).is_some() => return (prefix_time(line), Line::Nothing),
                None => {
                    return (None, Line::Malformed("there is no object in this line".to_owned()));
                }
            }
        };
        let at = prefix_time(prefix);
        // What the proxy says of itself is about no call, whatever stands in it.
        if at.is_some() && prefix.starts_with(b"[") && !holds(prefix, b"wasm log") {
            return (at, Line::Nothing);
        }
        let limits = Limits { bytes: MAX_LINE, depth: Limits::MESSAGE.depth };
        match read_strict(json, &limits) {
            // The proxy's own words may have braces in them.
            Err(_) if at.is_some() && !prefix.trim_ascii_end().ends_with(b":") => {
                (at, Line::Nothing)
            }
            Err(fault) => (at, Line::Malformed(format!("this is not json: {}", fault.kind))),
            Ok(root) => {
                let (own, says) = self.object(&root);
                (own.or(at), says)
            }
        }
    }

    fn object(&self, root: &Node) -> (Option<Time>, Line) {
        let Some(object) = root.value.as_object() else {
            return (None, Line::Malformed("a line is an object".to_owned()));
        };
        let at = match time(object) {
            Ok(at) => at,
            Err(why) => return (None, malformed(why)),
        };
        let has = |key: &str| object.get(key).is_some();
        let says = match self.format {
            Format::Decisions => decision(object),
            Format::Access => access(object),
            Format::Mcp => message(object),
            Format::Plain => plain(object),
            Format::Any if has("jsonrpc") => message(object),
            // A record of the guard can have the arguments themselves: then it is a plain one.
            Format::Any if has_arguments(object) && has("tool") => plain(object),
            Format::Any if has("decision") && has("mode") && has("policy_name") => decision(object),
            Format::Any if has("tool") || has("call") => plain(object),
            Format::Any if within(object).is_some() => message(object),
            Format::Any if looks_like_access(object) => access(object),
            Format::Any => Line::Malformed("this is no log of calls that is known here".to_owned()),
        };
        (at, says)
    }
}

fn has_arguments(object: &Object) -> bool {
    object.get("arguments").is_some_and(|node| matches!(node.value, Value::Object(_)))
}

fn holds(text: &[u8], words: &[u8]) -> bool {
    text.windows(words.len()).any(|part| part == words)
}

fn malformed(why: impl Into<String>) -> Line {
    Line::Malformed(why.into())
}

fn text(object: &Object, keys: &[&str]) -> Option<String> {
    let found = keys.iter().find_map(|key| object.get(key)?.value.as_str());
    // What a proxy writes where there is nothing.
    found.filter(|text| !text.is_empty() && *text != "-").map(str::to_owned)
}

const TIMES: [&str; 8] =
    ["at", "time", "timestamp", "ts", "@timestamp", "start_time", "startTime", "datetime"];
const SESSIONS: [&str; 5] =
    ["session", "session_id", "sessionId", "mcp_session_id", "mcp-session-id"];
const GRANTS: [&str; 1] = ["grant"];

/// When a record says that it was made: RFC 3339, or seconds or milliseconds since 1970.
fn time(object: &Object) -> Result<Option<Time>, &'static str> {
    let mut said = TIMES
        .iter()
        .filter_map(|key| object.get(key))
        .map(|node| &node.value)
        .filter(|value| matches!(value, Value::String(_) | Value::Number(_)))
        .peekable();
    if said.peek().is_none() {
        return Ok(None);
    }
    let read = |value: &Value| match value {
        Value::String(text) => moment(text),
        Value::Number(number) => {
            let value = number.to_f64();
            let millis = if value < 1e11 { value * 1000.0 } else { value };
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "in bounds"
            )]
            (1e10..=253_402_300_799_999.0).contains(&millis).then_some(Time(millis as u64))
        }
        _ => None,
    };
    let time = said.find_map(read);
    time.map(Some)
        .ok_or("its time cannot be read: neither rfc 3339 nor seconds or milliseconds since 1970")
}

/// The time before the JSON of a line: `[2026-01-01 12:00:00.123]`, as Envoy writes it, taken as UTC, or a time
/// of RFC 3339.
fn prefix_time(prefix: &[u8]) -> Option<Time> {
    let text = std::str::from_utf8(prefix.get(..prefix.len().min(64))?).ok()?;
    let first = text.trim_start_matches('[');
    if let Some(written) = first.split([']', ' ']).next().and_then(moment) {
        return Some(written);
    }
    let written = first.get(..23).or_else(|| first.get(..19))?;
    let (day, clock) = written.split_once(' ')?;
    moment(&format!("{day}T{clock}Z"))
}

fn effect(text: &str) -> Option<Effect> {
    [Effect::Allow, Effect::Deny, Effect::Hold].into_iter().find(|one| one.as_str() == text)
}

fn past(object: &Object) -> Option<Past> {
    let effect = effect(&text(object, &["decision"])?)?;
    // A host without keys denies what it would hold: the policy is the same, and the host is what it was.
    let message = text(object, &["message"]).unwrap_or_default();
    let effect = if message.ends_with(NOBODY_CAN_APPROVE) { Effect::Hold } else { effect };
    Some(Past { effect, rule: text(object, &["rule"]) })
}

/// So many keys the filter names in a line, and so many characters of each text.
const KEYS: usize = 32;

/// A line of the filter's decision log.
fn decision(object: &Object) -> Line {
    let word = text(object, &["decision"]).unwrap_or_default();
    // Refused before any policy was asked.
    if word == "refuse" {
        return Line::Nothing;
    }
    let (Some(tool), Some(past)) = (text(object, &["tool"]), past(object)) else {
        return malformed("a decision says its `tool`, and `allow`, `deny` or `hold`");
    };
    let Some(Value::List(keys)) = object.get("arguments").map(|node| &node.value) else {
        return malformed("a decision has the keys of the call's `arguments`");
    };
    let cut = |text: &str| text.ends_with('…');
    if cut(&tool) || past.rule.as_deref() == Some("(malformed call)") {
        return malformed(
            "the call itself was not recorded: it was malformed, or its name was cut",
        );
    }
    let keys: Option<Vec<&str>> = keys.iter().map(|key| key.value.as_str()).collect();
    let Some(keys) = keys else { return malformed("the keys of the arguments must be strings") };
    let all = keys.len() < KEYS && !keys.iter().any(|key| cut(key));
    let arguments = keys.iter().map(|key| ((*key).to_owned(), Value::Null)).collect();
    let grant = text(object, &["grant"]);
    Line::Call(Box::new(Recorded {
        grant: !grant.as_deref().is_some_and(cut),
        session: false,
        call: Call { tool, arguments, grant, server: text(object, &["server"]), ..Call::default() },
        arguments: if keys.is_empty() && all { Arguments::All } else { Arguments::Keys { all } },
        id: None,
        approved: text(object, &["approver"]).is_some(),
        failed: false,
        past: Some(past),
        policy: text(object, &["policy_name"]),
    }))
}

/// A plain record of a call.
fn plain(object: &Object) -> Line {
    let call = object.get("call").and_then(|node| node.value.as_object());
    if call.is_some_and(|call| call.get("jsonrpc").is_some()) {
        return message(object);
    }
    let call = call.unwrap_or(object);
    let Some(tool) = text(call, &["tool"]) else {
        return malformed("a call has a `tool`, its name");
    };
    let arguments = match call.get("arguments").or_else(|| call.get("args")).map(|node| &node.value)
    {
        None | Some(Value::Null) => Object::default(),
        Some(Value::Object(arguments)) => arguments.clone(),
        Some(other) => {
            return malformed(format!("arguments must be an object, not {}", other.kind()));
        }
    };
    let said = |keys: &[&str]| text(call, keys).or_else(|| text(object, keys));
    Line::Call(Box::new(Recorded {
        call: Call {
            tool,
            arguments,
            grant: said(&GRANTS),
            session: said(&SESSIONS),
            server: said(&["server"]),
            approval: said(&["approval"]),
        },
        arguments: Arguments::All,
        grant: true,
        session: true,
        id: None,
        approved: text(object, &["approver"]).is_some(),
        failed: text(object, &["outcome"]).as_deref() == Some("error"),
        past: past(object),
        policy: text(object, &["policy_name"]),
    }))
}

/// The keys under which recorders of MCP keep a message.
const WITHIN: [&str; 9] =
    ["message", "msg", "data", "payload", "body", "call", "jsonrpc_message", "request", "response"];

/// The message within a record.
fn within(object: &Object) -> Option<Object> {
    let is = |object: &Object| object.get("jsonrpc").is_some();
    WITHIN.iter().find_map(|key| match &object.get(key)?.value {
        Value::Object(inner) => is(inner).then(|| inner.clone()),
        Value::String(text) if text.trim_start().starts_with('{') => {
            let node = read_strict(text.as_bytes(), &Limits::MESSAGE).ok()?;
            node.value.as_object().filter(|inner| is(inner)).cloned()
        }
        _ => None,
    })
}

/// A message of MCP, alone or within a record.
fn message(record: &Object) -> Line {
    let inner;
    let message = if record.get("jsonrpc").is_some() {
        record
    } else {
        match within(record) {
            Some(found) => {
                inner = found;
                &inner
            }
            None => return malformed("there is no json-rpc message in this record"),
        }
    };
    let id = message.get("id").filter(|id| !matches!(id.value, Value::Null));
    let id = id.map(|id| write(&id.value));
    let session = text(record, &SESSIONS);
    let method = message.get("method").and_then(|method| method.value.as_str());
    match (method, id) {
        (Some("tools/call"), id) => called(record, message, id, session),
        (Some(_), _) => Line::Nothing,
        (None, Some(id)) => {
            let error =
                message.get("error").is_some_and(|error| !matches!(error.value, Value::Null));
            if !error && message.get("result").is_none() {
                return malformed("a message has a `method`, a `result` or an `error`");
            }
            let meta = message
                .get("result")
                .and_then(|result| result.value.as_object()?.get("_meta")?.value.as_object());
            let decided = meta.and_then(|meta| meta.get("cattlegrid/decision")?.value.as_object());
            Line::Answer(Answer { id, session, failed: error, past: decided.and_then(past) })
        }
        (None, None) => Line::Nothing,
    }
}

fn called(record: &Object, message: &Object, id: Option<String>, session: Option<String>) -> Line {
    let params = message.get("params").and_then(|params| params.value.as_object());
    let tool = params.and_then(|params| params.get("name")?.value.as_str());
    let (Some(params), Some(tool)) = (params, tool) else {
        return malformed("a `tools/call` has the name of its tool");
    };
    let arguments = match params.get("arguments").map(|node| &node.value) {
        None => Object::default(),
        Some(Value::Object(arguments)) => arguments.clone(),
        Some(other) => {
            return malformed(format!("arguments must be an object, not {}", other.kind()));
        }
    };
    let meta = params.get("_meta").and_then(|meta| meta.value.as_object());
    Line::Call(Box::new(Recorded {
        call: Call {
            tool: tool.to_owned(),
            arguments,
            grant: text(record, &GRANTS),
            session,
            server: text(record, &["server"]),
            approval: meta.and_then(|meta| text(meta, &["cattlegrid/approval"])),
        },
        arguments: Arguments::All,
        // A transcript is that of one client: who it is matters to nobody else's counters in it.
        grant: true,
        session: true,
        id,
        approved: false,
        failed: false,
        past: past(record),
        policy: None,
    }))
}

const METHODS: [&str; 4] = ["mcp_method", "mcp.method", "jsonrpc_method", "rpc_method"];
const TOOLS: [&str; 5] = ["mcp_tool", "mcp.tool", "tool_name", "mcp_name", "tool"];
const STATUS: [&str; 4] = ["response_code", "responseCode", "status", "code"];
const BODIES: [&str; 3] = ["request_body", "requestBody", "body"];

fn looks_like_access(object: &Object) -> bool {
    let any = |keys: &[&str]| keys.iter().any(|key| object.get(key).is_some());
    any(&STATUS) || any(&TOOLS) || any(&METHODS) || any(&BODIES)
}

/// An access log of Envoy in JSON: the tool, from where its format has put it, and whether the request failed.
fn access(object: &Object) -> Line {
    let status = STATUS.iter().find_map(|key| match &object.get(key)?.value {
        Value::Number(number) => number.to_u64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    });
    // No answer is a code of 0.
    let failed = status.is_some_and(|status| status == 0 || status >= 400);
    let common = |mut recorded: Recorded| {
        recorded.failed = failed;
        recorded.id = None;
        recorded.grant = recorded.call.grant.is_some();
        recorded.session = recorded.call.session.is_some();
        Line::Call(Box::new(recorded))
    };
    let body = BODIES.iter().find_map(|key| match &object.get(key)?.value {
        Value::Object(body) => Some(body.clone()),
        Value::String(text) => {
            read_strict(text.as_bytes(), &Limits::MESSAGE).ok()?.value.as_object().cloned()
        }
        _ => None,
    });
    if let Some(body) = body {
        let calls = body.get("method").and_then(|one| one.value.as_str()) == Some("tools/call");
        return match calls.then(|| called(object, &body, None, text(object, &SESSIONS))) {
            Some(Line::Call(recorded)) => common(*recorded),
            Some(other) => other,
            None => Line::Nothing,
        };
    }
    let Some(tool) = text(object, &TOOLS) else {
        // A request that is no call, or of which nothing was recorded.
        return match text(object, &METHODS) {
            Some(method) if method == "tools/call" => {
                malformed("the access log has no field with the name of the tool")
            }
            _ => Line::Nothing,
        };
    };
    let (arguments, known) = match object.get("arguments").map(|node| &node.value) {
        Some(Value::Object(arguments)) => (arguments.clone(), Arguments::All),
        _ => (Object::default(), Arguments::Nothing),
    };
    common(Recorded {
        call: Call {
            tool,
            arguments,
            grant: text(object, &GRANTS),
            session: text(object, &SESSIONS),
            server: text(object, &["server"]),
            approval: None,
        },
        arguments: known,
        grant: true,
        session: true,
        id: None,
        approved: false,
        failed,
        past: past(object),
        policy: text(object, &["policy_name"]),
    })
}
