//! The names of counters.

use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::bytes::{Bytes, Out};
use crate::model::{Scope, Window};

/// The name of a counter: 128 bits, made of SHA-256 of all that it belongs to but the window's start.
///
/// Its first two bytes say where a store may keep it: counters that one call counts in are neighbours.
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

impl Owner<'_> {
    /// The part of the names of its counters that is the owner's.
    #[must_use]
    pub fn key(self) -> OwnerKey {
        let hashed = |kind: &str, grant: Option<&str>, session: Option<&str>| {
            let mut hash = Sha256::new();
            part(&mut hash, Some(kind));
            part(&mut hash, grant);
            if session.is_some() {
                part(&mut hash, session);
            }
            OwnerKey(CounterKey::cut(hash).0)
        };
        match self {
            // No hashes, and of none the beginning.
            Owner::All => OwnerKey([0; 16]),
            Owner::Grant(None) => OwnerKey(*b"nobody's counter"),
            Owner::Grant(grant) => hashed("grant", grant, None),
            Owner::Session(grant, session) => hashed("session", grant, Some(session)),
        }
    }
}

/// An owner's part of the names of its counters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnerKey([u8; 16]);

/// The label of a grant, hashed once.
#[derive(Clone, Debug)]
pub struct Label {
    text: Arc<str>,
    key: OwnerKey,
}

impl Label {
    /// This label.
    #[must_use]
    pub fn new(text: &str) -> Label {
        Label { text: text.into(), key: Owner::Grant(Some(text)).key() }
    }

    /// The label as it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The grant.
    #[must_use]
    pub fn grant(&self) -> Grant<'_> {
        Grant { label: Some(&self.text), key: Some(&self.key) }
    }
}

/// A grant, or none, for which calls are made.
#[derive(Clone, Copy, Debug, Default)]
pub struct Grant<'a> {
    label: Option<&'a str>,
    /// If it was hashed already.
    key: Option<&'a OwnerKey>,
}

impl<'a> From<Option<&'a str>> for Grant<'a> {
    fn from(label: Option<&'a str>) -> Grant<'a> {
        Grant { label, key: None }
    }
}

impl Grant<'_> {
    /// Whose counters a limit of this scope has for a call. A call without a session counts with its
    /// grant's other calls without one, so that leaving the session out opens no new budget.
    #[must_use]
    pub fn owner(self, scope: Scope, session: Option<&str>) -> OwnerKey {
        match (scope, session) {
            (Scope::All, _) => Owner::All.key(),
            (Scope::Session, Some(session)) => Owner::Session(self.label, session).key(),
            (Scope::Grant, _) | (Scope::Session, None) => {
                self.key.copied().unwrap_or_else(|| Owner::Grant(self.label).key())
            }
        }
    }
}

/// The counters of one limit: the part of their names that is the limit's, hashed once.
#[derive(Clone, Copy, Debug)]
pub struct Counters([u8; 16]);

/// So many limits of one tool have neighbours for counters. More of them would crowd out others where a
/// store has a bounded place for neighbours.
const MOST_NEIGHBOURS: usize = 4;

impl Counters {
    pub(crate) fn put(&self, out: &mut Out) {
        out.0.extend_from_slice(&self.0);
    }

    pub(crate) fn take(bytes: &mut Bytes<'_>) -> Counters {
        Counters(bytes.sixteen())
    }

    /// The counters of a limit. `tool` is `None` for a limit that holds for all tools together; `limits`
    /// is how many there are of this tool, or of all together.
    #[must_use]
    pub fn new(tool: Option<&str>, counter: &str, window: Window, limits: usize) -> Counters {
        let mut hash = Sha256::new();
        part(&mut hash, Some("limit"));
        part(&mut hash, tool);
        part(&mut hash, Some(counter));
        hash.update(window.seconds().to_le_bytes());
        let CounterKey(mut key) = CounterKey::cut(hash);
        if limits <= MOST_NEIGHBOURS {
            let mut hash = Sha256::new();
            part(&mut hash, Some("neighbours"));
            part(&mut hash, tool);
            for (byte, place) in key.iter_mut().zip(CounterKey::cut(hash).0).take(PLACE) {
                *byte = place;
            }
        }
        Counters(key)
    }

    /// The key of the one that is this owner's.
    #[must_use]
    pub fn of(self, owner: OwnerKey) -> CounterKey {
        CounterKey(self.0).with(owner.0)
    }
}

/// So many bytes of a name are its place.
const PLACE: usize = 2;

impl CounterKey {
    /// The key of a counter of a limit that has no other beside it. `tool` is `None` for a limit that
    /// holds for all tools together.
    #[must_use]
    pub fn new(owner: Owner<'_>, tool: Option<&str>, counter: &str, window: Window) -> CounterKey {
        Counters::new(tool, counter, window, 1).of(owner.key())
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
        self.with(partition.0)
    }

    /// The two together. Keys are hashes: two of them differ from two others by chance as rarely as they
    /// are the same.
    fn with(mut self, other: [u8; 16]) -> CounterKey {
        for (byte, other) in self.0.iter_mut().zip(other) {
            *byte ^= other;
        }
        self
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
