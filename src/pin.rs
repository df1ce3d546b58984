//! What the tools of a server were when somebody looked at them, and what has changed since.
//!
//! A server can show one definition of a tool while it is looked at and another one later, and what
//! stands in a definition is read by a model as if it were its task. So a [`Lock`] pins each
//! definition: its SHA-256, by which a change is found, and the definition itself, by which a change
//! can be looked at. [`review`] says what changed, argument by argument, and what of it looks like an
//! attack.
//!
//! What is pinned are the six members of [`MEMBERS`]; all else that a server may write there is not.

mod differ;
mod hidden;
mod lock;
mod phrase;
mod review;
mod schema;
mod sign;
#[cfg(test)]
mod tests;
mod watch;

pub use differ::Piece;
pub use hidden::visible;
pub use lock::Lock;
pub use review::{Change, Part, Review, Reviewed, Status, review};
pub use sign::{Sign, SignKind, Weight};
pub use watch::{Listing, MemoryPins, OnChange, PinMemory, Seen, Unpinned, Watch};

use sha2::{Digest as _, Sha256};

use crate::json::{Object, Value, canonical_exact, mistakable};

/// The members of a tool's definition that are pinned.
pub const MEMBERS: [&str; 6] =
    ["name", "title", "description", "inputSchema", "outputSchema", "annotations"];

/// The SHA-256 of what is pinned of a tool.
pub type Digest = [u8; 32];

/// One pinned tool.
#[derive(Clone, Debug, PartialEq)]
pub struct Pin {
    /// The SHA-256 over the canonical form (RFC 8785) of the definition.
    pub digest: Digest,
    /// What is pinned, in the order of [`MEMBERS`].
    pub definition: Object,
}

impl Pin {
    /// The pin of a tool as a server lists it.
    #[must_use]
    pub fn of(tool: &Object) -> Pin {
        let definition = definition(tool);
        Pin { digest: Sha256::digest(canonical_exact(&definition)).into(), definition }
    }

    /// A member of the definition.
    fn member(&self, key: &str) -> Option<&Value> {
        self.definition.get(key).map(|node| &node.value)
    }
}

/// What is pinned of a tool: its members of [`MEMBERS`]. A member that is `null` says nothing, as one
/// that is not there: the same server writes the one or the other by its version.
fn definition(tool: &Object) -> Object {
    let known = MEMBERS.iter().filter_map(|key| Some((*key, &tool.get(key)?.value)));
    let said = known.filter(|(_, value)| **value != Value::Null);
    said.map(|(key, value)| (key.to_owned(), value.clone())).collect()
}

/// The SHA-256 of what is pinned of a tool; `None` if a key of it could be mistaken for one that is
/// pinned, so that a client might read another definition than we do.
#[must_use]
pub fn digest(tool: &Object) -> Option<Digest> {
    mistaken(tool).is_none().then(|| Pin::of(tool).digest)
}

/// The key that another key of a tool could be mistaken for.
fn mistaken(tool: &Object) -> Option<&'static str> {
    tool.members().iter().find_map(|member| mistakable(&member.key, &MEMBERS))
}
