//! Headers that say again what a body says, since MCP 2026-07-28, so that a proxy can route without
//! reading it. We do read it, and a header that says something else goes no further: whoever stands
//! behind us may look at the header alone.

#[cfg(test)]
mod tests;

use base64ct::{Base64, Encoding};

use super::{Era, Kind, Message, Refusal, RefusalKind};
use crate::json::{Number, Value};

const VERSION: &str = "mcp-protocol-version";
const METHOD: &str = "mcp-method";
const NAME: &str = "mcp-name";
const PARAMETER: &str = "mcp-param-";

/// How the names of all these headers begin.
pub const BEGIN: &str = "mcp-";

/// What stands around a value that is not plain ASCII.
const BEFORE: &str = "=?base64?";
const BEHIND: &str = "?=";

/// Whether a header is one of those that say again what a body says; names in lower case.
#[must_use]
pub fn is_mirror(header: &str) -> bool {
    matches!(header, VERSION | METHOD | NAME) || header.starts_with(PARAMETER)
}

/// Whether the headers of a message say what the message says. `headers` are names in lower case
/// and values; of a header that came in several lines all values, joined by `, `.
///
/// Requests since 2026-07-28 must have them. Of those before, and of what is no request, only headers
/// that are there are looked at. What `mcp-param-…` says must be the value of some argument: of which,
/// only the server's own schema tells.
///
/// # Errors
/// If a header is missing or says something else: -32020, with HTTP 400; -32602 if it is the body that
/// does not name a version of the second era.
pub fn check<'h>(
    headers: impl Iterator<Item = (&'h str, &'h str)> + Clone,
    message: &Message,
) -> Result<(), Refusal> {
    let refuse_as = |kind| Err(Refusal { id: message.id(), ..Refusal::of_headers(kind) });
    let refuse = |header: &'static str| refuse_as(RefusalKind::Mirror(header));
    let get = |name: &str| headers.clone().find(|(other, _)| *other == name).map(|(_, it)| it);
    let is_request = message.id().is_some() && message.kind != Kind::Response;
    let must = is_request && message.era() == Era::Stateless;
    let version = get(VERSION);
    if must && version != message.protocol_version() {
        return refuse(VERSION);
    }
    // A header of the second era over a body of the first: the server would take its pick.
    if is_request && !must && is_second_era(version) {
        return refuse_as(RefusalKind::Unversioned);
    }
    let says = |header: Option<&str>, body: Option<&str>| match (header, body) {
        (Some(header), Some(body)) => decode(header).is_some_and(|header| header == body),
        (Some(_), None) => false,
        (None, _) => true,
    };
    let method = get(METHOD);
    if (must && method.is_none()) || !says(method, message.method()) {
        return refuse(METHOD);
    }
    let name = get(NAME);
    if (must && name.is_none() && message.must_be_named()) || !says(name, message.name()) {
        return refuse(NAME);
    }
    for (header, value) in headers {
        if header.starts_with(PARAMETER)
            && !decode(value).is_some_and(|value| is_argument(message, &value))
        {
            return refuse("mcp-param-…");
        }
    }
    Ok(())
}

/// Whether the headers of a `tools/call` say what it says, just as [`headers_of`] would write them; as
/// [`check`], for a call of which no more than this was read. `false` leaves it to that.
pub(super) fn is_plain_call<'h>(
    headers: impl Iterator<Item = (&'h str, &'h str)>,
    version: Option<&str>,
    tool: &str,
) -> bool {
    let must = is_second_era(version);
    let mut found = [false; 3];
    for (header, value) in headers {
        let (at, right) = match header {
            VERSION if must => (0, Some(value) == version),
            VERSION => (0, value < "2026"),
            METHOD => (1, value == "tools/call"),
            NAME => (2, value == tool && wrapped(value).is_none()),
            _ => return false,
        };
        if !right {
            return false;
        }
        if let Some(found) = found.get_mut(at) {
            *found = true;
        }
    }
    !must || found == [true; 3]
}

/// Whether a version is one of the second era; without one it is not.
pub(super) fn is_second_era(version: Option<&str>) -> bool {
    version.is_some_and(|version| version >= "2026")
}

/// The headers that a request is to go on with, written from its body; none before 2026-07-28.
#[must_use]
pub fn headers_of(message: &Message) -> Vec<(&'static str, String)> {
    if message.era() != Era::Stateless {
        return Vec::new();
    }
    let parts = [(METHOD, message.method()), (NAME, message.name())];
    parts.into_iter().filter_map(|(header, value)| Some((header, encode(value?)))).collect()
}

/// A value as a header has it.
fn encode(value: &str) -> String {
    let plain = value.bytes().all(|b| (b' '..=b'~').contains(&b));
    if plain && value.trim() == value && wrapped(value).is_none() {
        return value.to_owned();
    }
    [BEFORE, &Base64::encode_string(value.as_bytes()), BEHIND].concat()
}

/// The value that a header stands for; `None` if it is not what [`encode`] could have written.
fn decode(header: &str) -> Option<String> {
    match wrapped(header) {
        None => Some(header.to_owned()),
        Some(inside) => String::from_utf8(Base64::decode_vec(inside).ok()?).ok(),
    }
}

fn wrapped(header: &str) -> Option<&str> {
    header.strip_prefix(BEFORE)?.strip_suffix(BEHIND)
}

/// Whether some argument of a call has this value, as a header would write it.
fn is_argument(message: &Message, written: &str) -> bool {
    let mut left: Vec<&Value> = message.arguments().into_iter().collect();
    while let Some(value) = left.pop() {
        let found = match value {
            Value::Object(object) => {
                left.extend(object.members().iter().map(|member| &member.node.value));
                false
            }
            Value::List(items) => {
                left.extend(items.iter().map(|item| &item.value));
                false
            }
            Value::String(text) => text == written,
            Value::Bool(is) => written == if *is { "true" } else { "false" },
            Value::Number(number) => Number::parse(written).is_ok_and(|written| written == *number),
            Value::Null => false,
        };
        if found {
            return true;
        }
    }
    false
}
