//! Answers to `tools/list`: the tools that a grant may not see leave them.

#[cfg(test)]
mod tests;

use super::{mistakable, on_one_line};
use crate::json::{self, Fault, Limits, Member, Node, Object, Value};

/// How large an answer may be: 16 MiB, 128 levels. Real lists reach 270 KB, results of calls more.
pub const ANSWER: Limits = Limits { bytes: 16 << 20, depth: 128 };

/// What became of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Filtered {
    /// It lists no tools: it passes with the bytes that it came with.
    Untouched,
    /// It lists tools, and this is to be sent in its place.
    List {
        /// The answer, written anew on one line.
        text: String,
        /// How many entries were taken out.
        hidden: usize,
    },
}

/// Why an answer must not be passed on. The host sends [`super::answer::unreadable_answer`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// It is not strict JSON within the limits.
    Json(Fault),
    /// A key that a careless reader could take for this one.
    MistakableKey(&'static str),
    /// `result.tools` is something other than a list.
    Tools,
}

/// Filters one message of a server, or one batch of them. Lists of tools are known by their shape,
/// `result.tools`, and not by the request, since a resumed stream brings answers to earlier ones.
/// Entries that `visible` does not know by their name go, and so do entries without a name; order,
/// `nextCursor`, `_meta` and everything unknown stay. Where the answer says how it may be cached
/// (MCP 2026-07-28), it leaves as `private`, whether or not something was hidden this time: it was
/// judged for one grant.
///
/// # Errors
/// If a client could read the message in another way than we do.
pub fn filter_tools(
    body: &[u8],
    limits: &Limits,
    visible: &dyn Fn(&str) -> bool,
) -> Result<Filtered, Unreadable> {
    filter_entries(body, limits, &mut |name, _| visible(name))
}

/// As [`filter_tools`], by the whole of each entry; every entry that has a name is asked about, once, in
/// their order.
///
/// # Errors
/// As [`filter_tools`].
pub fn filter_entries(
    body: &[u8],
    limits: &Limits,
    visible: &mut dyn FnMut(&str, &Object) -> bool,
) -> Result<Filtered, Unreadable> {
    let mut hidden = None;
    let message = json::read_strict(body, limits).map_err(Unreadable::Json)?.value;
    let value = filter_message(message, visible, &mut hidden)?;
    Ok(match hidden {
        None => Filtered::Untouched,
        Some(hidden) => Filtered::List { text: on_one_line(&value), hidden },
    })
}

/// One message, or a batch, in which there may be batches: none is valid, but a client may unfold it.
/// `hidden` counts up from the first list on.
fn filter_message(
    message: Value,
    visible: &mut dyn FnMut(&str, &Object) -> bool,
    hidden: &mut Option<usize>,
) -> Result<Value, Unreadable> {
    let envelope = match message {
        Value::Object(envelope) => envelope,
        Value::List(messages) => {
            let messages = messages.into_iter().map(|node| {
                Ok(Node { value: filter_message(node.value, visible, hidden)?, ..node })
            });
            return Ok(Value::List(messages.collect::<Result<_, _>>()?));
        }
        message => return Ok(message),
    };
    refuse_mistakable(&envelope, &["jsonrpc", "id", "method", "params", "result", "error"])?;
    if let Some(Value::Object(result)) = envelope.get("result").map(|node| &node.value) {
        refuse_mistakable(result, &["tools"])?;
        match result.get("tools").map(|node| &node.value) {
            Some(Value::List(_)) => {}
            // Some servers write no tools as `null`.
            None | Some(Value::Null) => return Ok(Value::Object(envelope)),
            Some(_) => return Err(Unreadable::Tools),
        }
        let envelope = change(envelope, |key, value| match (key, value) {
            ("result", Value::Object(result)) => {
                Value::Object(filter_result(result, visible, hidden))
            }
            (_, value) => value,
        });
        return Ok(Value::Object(envelope));
    }
    Ok(Value::Object(envelope))
}

fn filter_result(
    result: Object,
    visible: &mut dyn FnMut(&str, &Object) -> bool,
    hidden: &mut Option<usize>,
) -> Object {
    // Both words are of 2026-07-28. A list of that version that forgets to say who may cache it is
    // not left to the client's guess.
    let of_2026 = result.get("resultType").is_some() || result.get("ttlMs").is_some();
    let silent = of_2026 && result.get("cacheScope").is_none();
    let private = || Value::String("private".to_owned());
    let result = change(result, |key, value| match (key, value) {
        ("cacheScope", _) => private(),
        ("tools", Value::List(mut tools)) => {
            let before = tools.len();
            tools.retain(|tool| is_visible(&tool.value, visible));
            let gone = before.saturating_sub(tools.len());
            *hidden = Some(hidden.unwrap_or(0).saturating_add(gone));
            Value::List(tools)
        }
        (_, value) => value,
    });
    if !silent {
        return result;
    }
    let scope: Object = [("cacheScope".to_owned(), private())].into_iter().collect();
    let members = result.into_members().into_iter().chain(scope.into_members());
    Object::new(members.collect()).0
}

/// Whether an entry may stay. One whose name is in doubt may not.
fn is_visible(tool: &Value, visible: &mut dyn FnMut(&str, &Object) -> bool) -> bool {
    let Some(tool) = tool.as_object() else {
        return false;
    };
    refuse_mistakable(tool, &["name"]).is_ok()
        && tool
            .get("name")
            .and_then(|node| node.value.as_str())
            .is_some_and(|name| visible(name, tool))
}

fn refuse_mistakable(object: &Object, known: &[&'static str]) -> Result<(), Unreadable> {
    let known = object.members().iter().find_map(|member| mistakable(&member.key, known));
    known.map_or(Ok(()), |known| Err(Unreadable::MistakableKey(known)))
}

/// The object with its values changed and everything in its place.
fn change(object: Object, mut by: impl FnMut(&str, Value) -> Value) -> Object {
    let members = object.into_members().into_iter().map(|Member { key, key_span, node }| {
        let value = by(&key, node.value);
        Member { key, key_span, node: Node { value, ..node } }
    });
    Object::new(members.collect()).0
}
