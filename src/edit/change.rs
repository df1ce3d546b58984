//! What can be changed, as a form asks for it.

use crate::json::{Limits, Node, Object, Value, read_strict};

/// A change of a policy.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// Give tools a state.
    State {
        /// Their names.
        tools: Vec<String>,
        /// The state.
        state: Wanted,
    },
    /// Put a value at a place: in the place of what is there, or as another member or element.
    /// Parents that are missing are made.
    Put {
        /// JSON Pointer of the place; the token `-` is behind the last element of a list.
        pointer: String,
        /// What to put there.
        value: Value,
    },
    /// Remove a value, and lists that become empty by it and mean nothing then.
    Remove {
        /// JSON Pointer of the value.
        pointer: String,
    },
    /// Move a value among its siblings.
    Move {
        /// JSON Pointer of the value.
        pointer: String,
        /// Its place afterwards, from 0; behind the last if there are not so many.
        to: usize,
    },
    /// Give a member another key.
    Rename {
        /// JSON Pointer of the member.
        pointer: String,
        /// The key.
        to: String,
    },
}

/// A state that tools can be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Every call passes.
    Allow,
    /// No call passes.
    Deny,
    /// The tool does not exist.
    Hide,
    /// Every call waits for a person.
    Approve,
}

impl Change {
    /// Reads `{kind, …}`: `{kind: "state", tools, state}`, `{kind: "put", pointer, value}` or with JSON
    /// text as `json` in place of the value, `{kind: "remove", pointer}`, `{kind: "move", pointer, to}`,
    /// `{kind: "rename", pointer, to}`.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn from_text(text: &[u8]) -> Result<Change, String> {
        let node = read_strict(text, &Limits::DOCUMENT).map_err(|fault| fault.kind.to_string())?;
        let object = node.value.as_object().ok_or("a change is an object")?;
        let text = |key: &str| {
            let text = object.get(key).and_then(|node| node.value.as_str());
            text.map(str::to_owned).ok_or_else(|| format!("`{key}` must be a string"))
        };
        match text("kind")?.as_str() {
            "state" => Ok(Change::State { tools: names(object)?, state: wanted(&text("state")?)? }),
            "put" => Ok(Change::Put { pointer: text("pointer")?, value: value(object)? }),
            "remove" => Ok(Change::Remove { pointer: text("pointer")? }),
            "move" => {
                let to = object.get("to").and_then(|to| to.value.as_number()?.to_u64());
                let to = to.ok_or("`to` must be a place, from 0")?;
                Ok(Change::Move {
                    pointer: text("pointer")?,
                    to: usize::try_from(to).unwrap_or(usize::MAX),
                })
            }
            "rename" => Ok(Change::Rename { pointer: text("pointer")?, to: text("to")? }),
            _ => Err("`kind` must be state, put, remove, move or rename".to_owned()),
        }
    }
}

fn names(change: &Object) -> Result<Vec<String>, String> {
    let items = change.get("tools").and_then(|tools| tools.value.as_list());
    let name = |item: &Node| item.value.as_str().map(str::to_owned);
    let names = items.and_then(|items| items.iter().map(name).collect());
    names.ok_or_else(|| "`tools` must be a list of names".to_owned())
}

fn wanted(state: &str) -> Result<Wanted, String> {
    match state {
        "allow" => Ok(Wanted::Allow),
        "deny" => Ok(Wanted::Deny),
        "hide" => Ok(Wanted::Hide),
        "approve" => Ok(Wanted::Approve),
        _ => Err("`state` must be allow, deny, hide or approve".to_owned()),
    }
}

fn value(change: &Object) -> Result<Value, String> {
    match (change.get("value"), change.get("json").map(|json| &json.value)) {
        (Some(value), None) => Ok(value.value.clone()),
        (None, Some(Value::String(json))) => {
            let node = read_strict(json.as_bytes(), &Limits::DOCUMENT);
            Ok(node.map_err(|fault| format!("`json` is not valid json: {}", fault.kind))?.value)
        }
        _ => Err("a put needs a `value`, or its text as `json`".to_owned()),
    }
}
