//! Changes of a policy's text, as small edits: what somebody does in a form, made in the text that is
//! there. All that a change is not about stays as it is, byte for byte: the layout, the order of keys,
//! the author's own keys.
//!
//! An edit is made of the tree that was read of the text, so a text that is not strict JSON has none:
//! what a fault hides might be what the edit is about.

mod asked;
mod change;
mod draft;
mod layout;
mod state;
#[cfg(test)]
mod tests;
mod write;

pub use change::{Change, Wanted};

use std::fmt;

use self::draft::Draft;
use crate::diagnostic::{Edit, name};
use crate::json::{Node, Value};
use crate::model::Catalog;
use crate::parse::Parsed;

/// A change, made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edited {
    /// The edits, in the order of the text, none touching another. None if there is nothing to change.
    pub edits: Vec<Edit>,
    /// JSON Pointer in the new text to what there is to see of it.
    pub reveal: Option<String>,
    /// What else the change did that its author may not expect, in words.
    pub notes: Vec<String>,
}

/// Why a change cannot be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EditFault {
    /// The text has no value in it.
    Empty,
    /// The text is not strict JSON.
    Broken,
    /// There is nothing at this pointer.
    Nothing(String),
    /// At this pointer there is no object or list to put something into.
    NoRoom(String),
    /// The list at this pointer has no such place.
    NoPlace(String),
    /// The object has a member of this name already.
    Taken(String),
    /// The text as a whole cannot be removed or moved.
    Whole,
    /// `default` is neither `allow` nor `deny`.
    NoDefault,
    /// `*` hides every tool, and there is no catalog to say which others it means.
    HidesAll,
    /// `*` is no tool that can be hidden alone.
    Star,
    /// The name of a tool is blank.
    Blank,
    /// Rules of `all_tools` hold for each tool, so that none has this state.
    AllTools(&'static str),
    /// Preconditions ask about a limit of this tool, which would be removed.
    Asked(String),
}

impl fmt::Display for EditFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            EditFault::Empty => "the text is empty: start with a policy".to_owned(),
            EditFault::Broken => {
                "the text is not valid json: mend it first, or this change could end up in the wrong place"
                    .to_owned()
            }
            EditFault::Nothing(pointer) => format!("there is nothing at {}", name(pointer)),
            EditFault::NoRoom(pointer) => format!(
                "what stands at {} has the wrong type, so nothing can be put into it",
                name(pointer)
            ),
            EditFault::NoPlace(pointer) => format!("the list has no place {}", name(pointer)),
            EditFault::Taken(key) => format!("there is a {} already", name(key)),
            EditFault::Whole => "the text as a whole cannot be removed or moved".to_owned(),
            EditFault::NoDefault => {
                "say first, with `default`, what happens to tools that are not listed: `allow` or `deny`"
                    .to_owned()
            }
            EditFault::HidesAll => "`*` in `hide` hides every tool; which others stay hidden can only be \
                                    written down when the server's tools are known"
                .to_owned(),
            EditFault::Star => "a tool that is called `*` cannot be hidden: in `hide` that means all tools".to_owned(),
            EditFault::Blank => "a tool without a name cannot stand in a policy".to_owned(),
            EditFault::AllTools(state) => format!(
                "rules of `all_tools` hold for every tool, so this one cannot be {state}: change those first"
            ),
            EditFault::Asked(tool) => format!(
                "preconditions ask what limits of {} have counted: remove those first",
                name(tool)
            ),
        };
        f.write_str(&text)
    }
}

/// The edits that bring a change about. `parsed` is what was read of `text`; the catalog is what the
/// server's tools are, if that is known.
///
/// # Errors
/// Why the change cannot be made; then nothing is to be edited.
pub fn edit(
    text: &str,
    parsed: &Parsed,
    catalog: Option<&Catalog>,
    change: &Change,
) -> Result<Edited, EditFault> {
    if !parsed.faults.is_empty() {
        return Err(if text.trim().is_empty() { EditFault::Empty } else { EditFault::Broken });
    }
    let root = parsed.document().ok_or(EditFault::Empty)?;
    let mut draft = Draft::Kept(root);
    let (reveal, notes) = match change {
        Change::State { tools, state } => state::set(&mut draft, root, catalog, tools, *state)?,
        Change::Put { pointer, value } => (Some(draft.put(pointer, value)?), Vec::new()),
        Change::Remove { pointer } => (Some(draft.remove(pointer)?), Vec::new()),
        Change::Move { pointer, to } => (Some(draft.relocate(pointer, *to)?), Vec::new()),
        Change::Rename { pointer, to } => asked::rename(&mut draft, root, pointer, to)?,
    };
    Ok(Edited { edits: write::edits(text, root, &draft), reveal, notes })
}

/// The edits of any JSON document that put values at places (JSON Pointers), or with `None` take away
/// what is there. `root` is what was read of `text`.
///
/// # Errors
/// Why one of them cannot be made; then nothing is to be edited.
pub fn put_all(
    text: &str,
    root: &Node,
    changes: &[(String, Option<Value>)],
) -> Result<Vec<Edit>, EditFault> {
    let mut draft = Draft::Kept(root);
    for (pointer, value) in changes {
        match value {
            Some(value) => draft.put(pointer, value)?,
            None => draft.remove(pointer)?,
        };
    }
    Ok(write::edits(text, root, &draft))
}
