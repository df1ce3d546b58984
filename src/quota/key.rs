//! The names of counters.

use sha2::{Digest, Sha256};

use crate::model::Window;

/// The name of a counter: 128 bits of the SHA-256 of all that it belongs to but the window's start.
///
/// Two counters with the same name would share what they count, which can only deny.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CounterKey(pub [u8; 16]);

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

impl CounterKey {
    /// The key of a counter. `tool` is `None` for a limit that holds for all tools together.
    #[must_use]
    pub fn new(owner: Owner<'_>, tool: Option<&str>, counter: &str, window: Window) -> CounterKey {
        let mut hash = Sha256::new();
        match owner {
            Owner::Grant(grant) => {
                part(&mut hash, Some("grant"));
                part(&mut hash, grant);
            }
            Owner::Session(grant, session) => {
                part(&mut hash, Some("session"));
                part(&mut hash, grant);
                part(&mut hash, Some(session));
            }
            Owner::All => part(&mut hash, Some("all")),
        }
        part(&mut hash, tool);
        part(&mut hash, Some(counter));
        hash.update(window.seconds().to_le_bytes());
        CounterKey::cut(hash)
    }

    /// The key of the counter in which an approval token is burnt, by its `jti`. No limit's counter
    /// has it: their first part is another.
    #[must_use]
    pub fn of_token(jti: &str) -> CounterKey {
        let mut hash = Sha256::new();
        part(&mut hash, Some("token"));
        part(&mut hash, Some(jti));
        CounterKey::cut(hash)
    }

    fn cut(hash: Sha256) -> CounterKey {
        let mut key = [0; 16];
        for (to, from) in key.iter_mut().zip(hash.finalize()) {
            *to = from;
        }
        CounterKey(key)
    }
}

/// A length before each text, so that no two lists of parts are the same bytes.
fn part(hash: &mut Sha256, text: Option<&str>) {
    let length = text.map_or(u64::MAX, |text| text.len() as u64);
    hash.update(length.to_le_bytes());
    hash.update(text.unwrap_or("").as_bytes());
}
