//! What the operator wrote: `{ "policy": {…}, "grants"?: [{ "label", "token_sha256" }] }`.

use std::collections::BTreeMap;

use cattlegrid::compile::{CompiledPolicy, compile};
use cattlegrid::diagnostic::{Code, Diagnostic, nearest, sort};
use cattlegrid::json::{Limits, Node, Object, Value, read as read_json};
use cattlegrid::parse;
use cattlegrid::source::LineIndex;
use sha2::{Digest, Sha256};

/// The grant of all requests when the configuration names none.
const ANONYMOUS: &str = "anonymous";

/// An accepted configuration.
pub struct Settings {
    /// What decides.
    pub policy: CompiledPolicy,
    /// Labels by the SHA-256 of their token; `None` if requests need none.
    grants: Option<BTreeMap<[u8; 32], String>>,
}

impl Settings {
    /// Whether requests must name a grant.
    pub fn wants_grants(&self) -> bool {
        self.grants.is_some()
    }

    /// The label of the grant that an `authorization` header stands for; `None` if there is none.
    pub fn grant(&self, authorization: Option<&str>) -> Option<&str> {
        let Some(grants) = &self.grants else {
            return Some(ANONYMOUS);
        };
        let (scheme, token) = authorization?.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return None;
        }
        let digest: [u8; 32] = Sha256::digest(token.trim_matches(' ')).into();
        grants.get(&digest).map(String::as_str)
    }
}

/// What was read of a configuration.
pub struct Read {
    /// The settings, or what is wrong, a line each.
    pub settings: Result<Settings, Vec<String>>,
    /// What is doubtful, a line each.
    pub warnings: Vec<String>,
}
