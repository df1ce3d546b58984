//! From the client to the server: a request is held until it is whole, read once, decided, and goes
//! on as it was read, or is answered here.

use cattlegrid::evaluate::{Env, Evaluation, evaluate};
use cattlegrid::json::Limits;
use cattlegrid::model::{Call, Decision, Effect};
use cattlegrid::protocol::http::{self, Next, RequestHead};
use cattlegrid::protocol::{Era, Id, Kind, Message, Refusal, RefusalKind, answer, is_known_method};
use proxy_wasm::types::Action;

use crate::exchange::{Asked, Exchange, Progress, Reply};
use crate::host::{self, Headers, SharedData, Way};
use crate::report::{self, Event};
use crate::store::SharedStore;

/// What a body may be.
const LIMITS: Limits = Limits::MESSAGE;

/// JSON-RPC codes of our own; those from -32768 to -32000 belong to JSON-RPC and MCP.
const UNKNOWN_GRANT: i32 = -31_002;
const UNKNOWN_METHOD: i32 = -31_003;
const BROKEN: i32 = -31_004;

impl Exchange {
    pub(crate) fn request_headers(&mut self, end: bool) -> Action {
        let Some(headers) = Headers::of(Way::Request) else {
            return self.broken("the request's headers cannot be read");
        };
        match self.judge_headers(&headers, end) {
            Ok(Next::Pass) => {
                self.request = Progress::Passed;
                Action::Continue
            }
            Ok(Next::Body) if end => self.request_end(),
            Ok(Next::Body) => {
                self.request = Progress::Awaiting;
                Action::Pause
            }
            Err(reply) => self.reply(&reply),
        }
    }

    fn judge_headers(&mut self, headers: &Headers, end: bool) -> Result<Next, Reply> {
        let joined = |name| headers.joined(name);
        let settings = self.settings.clone().ok_or_else(|| broken("there is no configuration"))?;
        self.caller.request_id = joined("x-request-id").unwrap_or_default();
        let authorization = joined("authorization");
        let Some(grant) = settings.grant(authorization.as_deref()) else {
            report::count(Event::Refused);
            return Err(unknown_grant());
        };
        grant.clone_into(&mut self.caller.grant);
        let head = RequestHead {
            method: joined(":method").as_deref().unwrap_or_default(),
            content_type: joined("content-type").as_deref(),
            content_encoding: joined("content-encoding").as_deref(),
            content_length: joined("content-length").as_deref(),
            has_body: !end,
        };
        todo!()
    }
}
