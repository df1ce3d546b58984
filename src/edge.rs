//! What a program is told that stands between clients and servers: which policies there are, whose
//! they are, and what passes beside tool calls.
//!
//! One JSON document says it, to whatever enforces: a proxy's filter or a guard around a process. It
//! is read here so that every host and the command line find the same faults in it.
//!
//! ```json
//! {
//!   "policies": { "support": { "policy": { "version": "1", "default": "deny" }, "mode": "shadow" } },
//!   "grants": [{ "label": "ada", "token_sha256": "9f86d0…", "policy": "support" }],
//!   "servers": [{ "name": "billing", "path": "/billing" }]
//! }
//! ```

mod answer;
mod deciding;
mod line;
mod read;
mod reply;
mod request;
mod shared;
#[cfg(test)]
mod tests;

pub use answer::{Asked, Passing, Pins, Settled};
pub use deciding::{Deciding, Step, Taken};
pub use line::{About, argument_keys, changes_line, line, refusal_line};
pub use read::{read, read_with};
pub use reply::{APPROVAL_HEADER, Reply, Stop};
pub use request::{Judged, call_of, session};
pub use shared::SharedLimit;

use std::collections::BTreeMap;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::approval::Keys;
use crate::compile::CompiledPolicy;
use crate::evaluate::{ToolState, tool_state};
use crate::json::Limits;
use crate::pin::Watch;
use crate::protocol::{Message, is_known_method};
use crate::quota::{Label, Partition};

/// The name of the policy that stands under `policy`: that of every grant that names none.
pub const DEFAULT: &str = "default";

/// The label of the grant of requests that need no token.
pub const ANONYMOUS: &str = "anonymous";

/// An accepted configuration.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The grants of a token.
    grants: BTreeMap<[u8; 32], Vec<Grant>>,
    /// What a request without a token is, if it may be one.
    anonymous: Option<Identity>,
    /// The servers, those with longer paths first.
    servers: Vec<Server>,
    /// The lock of the only server, which has no name.
    watch: Option<Arc<Watch>>,
    /// The policies in the order of the configuration.
    policies: Vec<Arc<Named>>,
    /// What happens to requests before it is known whose they are: shadow only if no policy is
    /// enforced, for they pass then.
    pub mode: Mode,
    /// What becomes of methods that MCP does not have.
    pub unknown_methods: Passage,
    /// What becomes of the methods `resources/…`.
    pub resources: Passage,
    /// What becomes of the methods `prompts/…`.
    pub prompts: Passage,
    /// Which tools leave the lists of tools.
    pub list: List,
    /// How large a request may be.
    pub request: Limits,
    /// How large a message of a server may be that is read.
    pub answer: Limits,
    /// By whom what is held can be approved; with none, what would be held is denied.
    pub approvals: Keys,
    /// The names of the secrets among them that do not stand in the configuration.
    pub secrets: Vec<String>,
    /// Where limits are counted.
    pub store: Store,
    /// What becomes of a call whose limits cannot be counted.
    pub on_store_failure: Passage,
}

/// A policy by its name.
#[derive(Clone, Debug)]
pub struct Named {
    /// The name, by which counters belong to it: they stay when its text changes.
    pub name: String,
    /// What decides.
    pub policy: CompiledPolicy,
    /// Whether it decides, or only says what it would.
    pub mode: Mode,
    /// Its counters, by server.
    partitions: Vec<(Option<String>, Partition)>,
}

impl Named {
    /// A policy for these servers.
    fn new(name: &str, policy: CompiledPolicy, mode: Mode, servers: &[Server]) -> Named {
        let names = servers.iter().map(|server| Some(server.name.clone()));
        let partitions = std::iter::once(None).chain(names).map(|server| {
            let partition = partition(name, server.as_deref(), mode);
            (server, partition)
        });
        let partitions = partitions.collect();
        Named { name: name.to_owned(), policy, mode, partitions }
    }

    /// What its counters at a server have in common: those of each server, and those in shadow, count
    /// apart.
    #[must_use]
    pub fn partition(&self, server: Option<&str>) -> Partition {
        let known = self.partitions.iter().find(|(other, _)| other.as_deref() == server);
        known.map_or_else(|| partition(&self.name, server, self.mode), |(_, partition)| *partition)
    }
}

/// See [`Named::partition`].
fn partition(name: &str, server: Option<&str>, mode: Mode) -> Partition {
    // No name has a NUL: neither paths nor configurations that were typed do, and two that had would
    // share what they count, which can only deny.
    let mode = if mode == Mode::Shadow { "shadow" } else { "" };
    Partition::new(&[name, server.unwrap_or_default(), mode].join("\0"))
}

/// Whether decisions are carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// They are.
    Enforce,
    /// They are made, counted and told, and everything passes.
    Shadow,
}

/// Whether something passes that no policy decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passage {
    /// It does.
    Allow,
    /// It does not.
    Deny,
}

/// Which tools leave the lists of tools.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum List {
    /// Those that the policy hides.
    Hidden,
    /// Those, and those that no call can reach.
    Callable,
}

/// Where limits are counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Store {
    /// Where the host keeps its counters: all workers of one process see the same.
    Shared,
    /// In a service that several proxies ask.
    Service(Service),
}

/// A rate-limit service (`envoy.service.ratelimit.v3`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// The proxy's name for where it is.
    pub cluster: String,
    /// The domain of the limits there.
    pub domain: String,
    /// How long an answer is awaited, in milliseconds.
    pub timeout_ms: u32,
}

#[derive(Clone, Debug)]
struct Grant {
    /// None for every server.
    server: Option<String>,
    identity: Identity,
}

/// Whose a request is.
#[derive(Clone, Debug)]
pub struct Identity {
    /// The label of the grant.
    pub label: Label,
    /// The policy for it; with none every call is denied with `(no policy)`.
    pub policy: Option<Arc<Named>>,
}

#[derive(Clone, Debug)]
struct Server {
    name: String,
    /// Begins with `/` and does not end with one; empty for all paths.
    path: String,
    /// Its lock, if it has one.
    watch: Option<Arc<Watch>>,
}

/// Which of the servers a path leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The one server there is, which has no name.
    Only,
    /// The server with this name.
    Server(String),
    /// None, or the path may be read in several ways.
    Nowhere,
}

impl Settings {
    /// The policies in the order of the configuration.
    #[must_use]
    pub fn policies(&self) -> &[Arc<Named>] {
        &self.policies
    }

    /// The names and paths of the servers, those with longer paths first; a path that is empty is every
    /// one. None if there is one server, without a name.
    pub fn servers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.servers.iter().map(|server| (server.name.as_str(), server.path.as_str()))
    }

    /// The lock of a server's tools, if it has one; without a name, of the only server.
    #[must_use]
    pub fn watch(&self, server: Option<&str>) -> Option<&Arc<Watch>> {
        match server {
            None => self.watch.as_ref(),
            Some(name) => self.servers.iter().find(|server| server.name == name)?.watch.as_ref(),
        }
    }

    /// All locks, in the order of the servers.
    pub fn watches(&self) -> impl Iterator<Item = &Arc<Watch>> {
        self.watch.iter().chain(self.servers.iter().filter_map(|server| server.watch.as_ref()))
    }

    /// Whose a request is by its `authorization` header; `None` for a token that is missing or not
    /// known. A token that is known for other servers alone is a grant without a policy.
    #[must_use]
    pub fn identity(&self, authorization: Option<&str>, server: Option<&str>) -> Option<Identity> {
        let Some(authorization) = authorization.filter(|_| self.wants_tokens()) else {
            return self.anonymous.clone();
        };
        let (scheme, token) = authorization.split_once(' ')?;
        let token = token.trim_matches(' ');
        if !scheme.eq_ignore_ascii_case("bearer") || token.is_empty() {
            return None;
        }
        let digest: [u8; 32] = Sha256::digest(token).into();
        let grants = self.grants.get(&digest)?;
        let own = |grant: &&Grant| grant.server.is_some() && grant.server.as_deref() == server;
        let general = |grant: &&Grant| grant.server.is_none();
        let found = grants.iter().find(own).or_else(|| grants.iter().find(general));
        let unknown_here = || {
            let label = grants.first().map(|grant| grant.identity.label.clone());
            Identity { label: label.unwrap_or_else(|| Label::new("")), policy: None }
        };
        Some(found.map_or_else(unknown_here, |grant| grant.identity.clone()))
    }

    /// Whether requests bring the tokens of grants. The tokens are then ours, and no business of the
    /// servers.
    #[must_use]
    pub fn wants_tokens(&self) -> bool {
        !self.grants.is_empty() || self.anonymous.is_none()
    }

    /// The server that a request's path leads to.
    #[must_use]
    pub fn server(&self, path: &str) -> Place {
        if self.servers.is_empty() {
            return Place::Only;
        }
        let path = path.split(['?', '#']).next().unwrap_or_default();
        if !has_one_reading(path) {
            return Place::Nowhere;
        }
        let leads = |server: &&Server| {
            let rest = path.strip_prefix(server.path.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        match self.servers.iter().find(leads) {
            Some(server) => Place::Server(server.name.clone()),
            None => Place::Nowhere,
        }
    }

    /// Whether a message passes that is no call of a tool and no list of them.
    #[must_use]
    pub fn lets_pass(&self, message: &Message) -> bool {
        let Some(method) = message.method() else {
            return true;
        };
        if !is_known_method(method) && self.unknown_methods == Passage::Deny {
            return false;
        }
        let denied = |passage, kind| passage == Passage::Deny && concerns(message, method, kind);
        !denied(self.resources, "resources") && !denied(self.prompts, "prompts")
    }

    /// Whether a tool may stand in the lists that a grant with this policy sees.
    #[must_use]
    pub fn shows(&self, policy: &CompiledPolicy, tool: &str) -> bool {
        match self.list {
            List::Hidden => !policy.is_hidden(tool),
            List::Callable => {
                !matches!(tool_state(policy, tool).0, ToolState::Hide | ToolState::Deny)
            }
        }
    }
}

/// Whether a message is about resources or prompts.
fn concerns(message: &Message, method: &str, kind: &str) -> bool {
    let own = |method: &str| method.split('/').next() == Some(kind);
    match method.strip_prefix("notifications/") {
        Some(about) => own(about),
        // A completion is of the one or of the other; of which, its reference says.
        None if method == "completion/complete" => match message.completes() {
            Some("ref/prompt") => kind == "prompts",
            Some("ref/resource") => kind == "resources",
            _ => true,
        },
        None => own(method),
    }
}

/// Whether every server and proxy takes a path for the same: no escapes, no empty or dotted segments,
/// no parameters.
fn has_one_reading(path: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'-' | b'_' | b'.' | b'~');
    path.starts_with('/')
        && path.bytes().all(plain)
        && !path.contains("//")
        && path.split('/').all(|segment| segment != "." && segment != "..")
}
