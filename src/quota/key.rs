//! The names of counters.

use sha2::{Digest, Sha256};

use crate::model::{Scope, Window};

/// The name of a counter: 128 bits of the SHA-256 of all that it belongs to but the window's start.
///
/// Two counters with the same name would share what they count, which can only deny.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CounterKey(pub [u8; 16]);

/// The counters of one policy or server, where a store keeps those of several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Partition([u8; 16]);

impl Partition {
    /// The partition with this name.
    #[must_use]
    pub fn new(name: &str) -> Partition {
        let mut hash = Sha256::new();
        part(&mut hash, Some("partition"));
        part(&mut hash, Some(name));
        Partition(CounterKey::cut(hash).0)
    }
}

/// Whose counter it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner<'a> {
    /// A grant's, or that of the calls without one.
    Grant(Option<&'a str>),
    /// A session's of a grant.
    Session(Option<&'a str>, &'a str),
    /// Everybody's.
    All,
}

/// The counters of one limit: what their names have in common, hashed once.
#[derive(Clone, Debug)]
pub struct Counters {
    common: Common,
    /// An owner without a name that calls may have under this limit, with its key: such calls hash
    /// nothing.
    unnamed: (Owner<'static>, CounterKey),
}

impl Counters {
    /// The counters of a limit. `tool` is `None` for a limit that holds for all tools together.
    #[must_use]
    pub fn new(scope: Scope, tool: Option<&str>, counter: &str, window: Window) -> Counters {
        let common = Common::new(tool, counter, window);
        let owner = match scope {
            Scope::All => Owner::All,
            Scope::Grant | Scope::Session => Owner::Grant(None),
        };
        let unnamed = (owner, common.key(owner));
        Counters { common, unnamed }
    }

    /// The key of the one that is this owner's.
    #[must_use]
    pub fn of(&self, owner: Owner<'_>) -> CounterKey {
        let (unnamed, key) = self.unnamed;
        if owner == unnamed { key } else { self.common.key(owner) }
    }
}

/// What the names of a limit's counters have in common.
///
/// It fills the first block of the hash, so that the name of a counter costs one more block if its
/// owner has up to 52 bytes: a session's UUID and 16 for the grant.
#[derive(Clone, Debug)]
struct Common(Sha256);

/// Half a block. No other message that is hashed here begins like it.
const LIMIT: [u8; 32] = *b"cattlegrid: a counter of a limit";

impl Common {
    fn new(tool: Option<&str>, counter: &str, window: Window) -> Common {
        let mut limit = Sha256::new();
        part(&mut limit, tool);
        part(&mut limit, Some(counter));
        limit.update(window.seconds().to_le_bytes());
        Common(Sha256::new().chain_update(LIMIT).chain_update(limit.finalize()))
    }

    fn key(&self, owner: Owner<'_>) -> CounterKey {
        let mut hash = self.0.clone();
        match owner {
            Owner::Grant(grant) => {
                hash.update(b"g");
                part(&mut hash, grant);
            }
            Owner::Session(grant, session) => {
                hash.update(b"s");
                part(&mut hash, grant);
                part(&mut hash, Some(session));
            }
            Owner::All => hash.update(b"a"),
        }
        CounterKey::cut(hash)
    }
}

impl CounterKey {
    /// The key of a counter. `tool` is `None` for a limit that holds for all tools together.
    #[must_use]
    pub fn new(owner: Owner<'_>, tool: Option<&str>, counter: &str, window: Window) -> CounterKey {
        Common::new(tool, counter, window).key(owner)
    }

    /// The key of the counter in which an approval token is burnt, by its `jti`. No limit's counter
    /// has it: their names begin otherwise.
    #[must_use]
    pub fn of_token(jti: &str) -> CounterKey {
        let mut hash = Sha256::new();
        part(&mut hash, Some("token"));
        part(&mut hash, Some(jti));
        CounterKey::cut(hash)
    }

    /// The key of the same counter among those of one partition.
    #[must_use]
    pub fn within(&self, partition: Partition) -> CounterKey {
        let mut key = *self;
        // Keys are hashes: two of them differ from two others by chance as rarely as they are the same.
        for (byte, other) in key.0.iter_mut().zip(partition.0) {
            *byte ^= other;
        }
        key
    }

    fn cut(hash: Sha256) -> CounterKey {
        let mut key = [0; 16];
        for (to, from) in key.iter_mut().zip(hash.finalize()) {
            *to = from;
        }
        CounterKey(key)
    }
}

/// A text and a byte that no UTF-8 has behind it, or another such byte for none, so that no two
/// lists of parts are the same bytes.
fn part(hash: &mut Sha256, text: Option<&str>) {
    match text {
        Some(text) => {
            hash.update(text);
            hash.update([0xff]);
        }
        None => hash.update([0xfe]),
    }
}
