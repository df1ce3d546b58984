//! Compiled policies as bytes: written where policies are made, read where there is only to decide.
//!
//! A module that decides and reads texts of policies is a third larger than one that does not (see the
//! sizes in the README), and reading a text is most of what it takes until the first decision. The bytes hold what a text
//! was understood as; all that is worked out of that (ids, plans, the index of names, automata) is worked
//! out again, by the same code as for a text, so that no bytes can say one thing here and another there.
//!
//! ```text
//! \0cattlegrid | version | a sum of all behind it | hash of the policy | the policy
//! ```
//!
//! The sum (64 bits, in which each change within one word of eight bytes shows) tells bytes that were cut off
//! or changed by accident. It is no signature: as with a text, who can write the policy decides. A SHA-256
//! in its place was a third of what it takes to read a policy in a program that has just begun.

use std::fmt;

use super::index::hash;
use super::{CompiledPolicy, compile_as, hash_of, hexadecimal};
use crate::bytes::{Bytes, Out};
use crate::model::Policy;

/// What no text begins with.
const MARK: &[u8] = b"\0cattlegrid";
/// To be raised whenever what is written changes, or what it means.
const VERSION: u8 = 2;
/// The bytes of the hash of a policy.
const HASH: usize = 32;

/// Why bytes are no compiled policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoredFault {
    /// They are something else.
    Foreign,
    /// They are of another version of the engine: this one.
    Version(u8),
    /// They were cut off or changed.
    Damaged,
}

impl StoredFault {
    /// What people read; also its `Display`.
    #[must_use]
    pub fn message(self) -> &'static str {
        match self {
            StoredFault::Foreign => "these bytes are no compiled policy",
            StoredFault::Version(_) => {
                "the policy was compiled by another version of cattlegrid: compile it again"
            }
            StoredFault::Damaged => {
                "the compiled policy is damaged: bytes are missing or were changed"
            }
        }
    }
}

impl fmt::Display for StoredFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

/// The bytes of a policy, to be read by [`from_bytes`].
#[must_use]
pub fn to_bytes(policy: &Policy) -> Vec<u8> {
    let mut body = Out::default();
    body.0.extend_from_slice(&hash_of(policy));
    policy.put(&mut body);
    [MARK, &[VERSION], &hash(&body.0).to_le_bytes(), &body.0].concat()
}

/// The policy of which [`to_bytes`] wrote these bytes, ready to be asked: it decides as one that was compiled
/// of the text does.
///
/// # Errors
/// If they are not bytes that this version of the engine has written.
pub fn from_bytes(bytes: &[u8]) -> Result<CompiledPolicy, StoredFault> {
    let mut bytes = Bytes(bytes.strip_prefix(MARK).ok_or(StoredFault::Foreign)?);
    match bytes.byte() {
        Some(VERSION) => {}
        Some(other) => return Err(StoredFault::Version(other)),
        None => return Err(StoredFault::Damaged),
    }
    read(bytes).ok_or(StoredFault::Damaged)
}

fn read(mut bytes: Bytes<'_>) -> Option<CompiledPolicy> {
    let (sum, body) = bytes.0.split_first_chunk()?;
    bytes.0 = body;
    if hash(body) != u64::from_le_bytes(*sum) {
        return None;
    }
    policy(bytes)
}

/// What stands behind the sum.
fn policy(mut bytes: Bytes<'_>) -> Option<CompiledPolicy> {
    let hash = hexadecimal(bytes.take(HASH)?);
    let policy = Policy::take(&mut bytes)?;
    bytes.0.is_empty().then(|| compile_as(&policy, hash))
}
