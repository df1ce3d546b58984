//! What is answered in the server's place, and why: the same words from every host.

use crate::model::Decision;
use crate::protocol::{Era, Id, Refusal, RefusalKind, answer};

/// The header in which an approval can come.
pub const APPROVAL_HEADER: &str = "cattlegrid-approval";

/// The JSON-RPC code for a request without a known grant. Ours, as [`answer::UNREADABLE_ANSWER`] is.
const UNKNOWN_GRANT: i32 = -31_002;
/// The JSON-RPC code for a request to no server. Ours too.
const UNKNOWN_SERVER: i32 = -31_003;
/// The JSON-RPC code for an answer that did not come. Ours too.
const NO_ANSWER: i32 = -31_004;
/// The JSON-RPC code for a method that is not let through.
const METHOD_NOT_FOUND: i32 = -32_601;
/// The JSON-RPC code for what should never happen.
const INTERNAL_ERROR: i32 = -32_603;

const NO_METHOD: &str = "the method is not one that may pass here";

/// An answer in the server's place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// A header beside the content type.
    pub header: Option<(&'static str, &'static str)>,
    /// JSON, or nothing.
    pub body: String,
}

impl Reply {
    /// JSON, with a status.
    #[must_use]
    pub fn json(status: u16, body: String) -> Reply {
        Reply { status, header: None, body }
    }

    /// In place of an answer of the server that did not come, or broke off: `why` says which. As with
    /// answers that are withheld, who waits for one is told with status 200, and all others with this.
    #[must_use]
    pub fn no_answer(id: Option<&Id>, status: u16, why: &str) -> Reply {
        let status = if id.is_some() { 200 } else { status };
        Reply::json(status, answer::error(id, NO_ANSWER, why))
    }
}

/// Why a request goes no further, and what is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop {
    /// The cause in one word and in many, for metrics and the log; `None` for a decision, which is told
    /// otherwise.
    pub cause: Option<(&'static str, String)>,
    /// The answer.
    pub reply: Reply,
}

impl Stop {
    fn new(cause: &'static str, why: impl Into<String>, reply: Reply) -> Stop {
        Stop { cause: Some((cause, why.into())), reply }
    }

    /// With a JSON-RPC error for an answer.
    fn error(cause: &'static str, status: u16, code: i32, message: &str) -> Stop {
        Stop::new(cause, message, Reply::json(status, answer::error(None, code, message)))
    }

    /// For a request that has no single reading.
    #[must_use]
    pub fn refused(refusal: &Refusal) -> Stop {
        let (status, header) = match refusal.kind {
            RefusalKind::HttpMethod => (405, Some(("allow", "POST, GET, DELETE"))),
            RefusalKind::TooLarge => (413, None),
            _ => (400, None),
        };
        let reply = Reply { status, header, body: refusal.body() };
        Stop::new(refusal.kind.cause(), refusal.message(), reply)
    }

    /// For a request whose token is missing or not known.
    #[must_use]
    pub fn unknown_grant() -> Stop {
        let why = "the bearer token is missing or not known";
        let body = answer::error(None, UNKNOWN_GRANT, why);
        let header = Some(("www-authenticate", "Bearer"));
        Stop::new("grant", why, Reply { status: 401, header, body })
    }

    /// For a request to a path of no server.
    #[must_use]
    pub fn unknown_server() -> Stop {
        Stop::error("server", 404, UNKNOWN_SERVER, "there is no server at this path")
    }

    /// For a session that is none.
    pub(super) fn session() -> Stop {
        let message = "invalid request: `mcp-session-id` must be one visible ascii text";
        Stop::error("http", 400, -32_600, message)
    }

    /// For a request whose method is not let through.
    pub(super) fn unknown_method(id: &Id, era: Era) -> Stop {
        let body = answer::error(Some(id), METHOD_NOT_FOUND, NO_METHOD);
        // What the specification of each era has a server say.
        let status = if era == Era::Stateless { 404 } else { 200 };
        Stop::new("method", NO_METHOD, Reply::json(status, body))
    }

    /// For a notification whose method is not let through.
    pub(super) fn dropped_method() -> Stop {
        Stop::dropped("method", NO_METHOD)
    }

    /// Nobody waits for more than that it came.
    pub(super) fn dropped(cause: &'static str, why: &str) -> Stop {
        Stop::new(cause, why, Reply { status: 202, header: None, body: String::new() })
    }

    /// For a call that was denied or held; `hash` is that of the policy, empty if there is none.
    #[must_use]
    pub fn decided(id: &Id, decision: &Decision, hash: &str, era: Era) -> Stop {
        Stop { cause: None, reply: Reply::json(200, answer::decision(id, decision, hash, era)) }
    }

    /// For a request through a pipe in which another with its id waits for the answer: nobody could tell
    /// the two answers apart.
    #[must_use]
    pub fn id_in_use(id: &Id) -> Stop {
        let message = "invalid request: another request with this `id` is not answered yet";
        let reply = Reply::json(400, answer::error(Some(id), -32_600, message));
        Stop::new("envelope", message, reply)
    }

    /// Something did not work that always does: nothing passes.
    #[must_use]
    pub fn broken() -> Stop {
        Stop::error("failure", 500, INTERNAL_ERROR, "the policy filter failed")
    }
}
