//! From the client to the server: a request is held until it is whole, read once, decided, and goes
//! on as it was read; or it is answered here.

use cattlegrid::evaluate::{Env, evaluate};
use cattlegrid::json::Limits;
use cattlegrid::model::{Call, Decision, Effect};
use cattlegrid::protocol::http::{self, Next, RequestHead};
use cattlegrid::protocol::{Era, Id, Kind, Message, Refusal, RefusalKind, answer, is_known_method};
use proxy_wasm::types::Action;

use crate::exchange::{Asked, Exchange, Progress, Reply};
use crate::host::{self, Headers, SharedData, Way};
use crate::report::{self, About, Event};
use crate::store::SharedStore;

/// How large a request's body may be.
const LIMITS: Limits = Limits::MESSAGE;

/// The header in which an approval can come.
const APPROVAL: &str = "cattlegrid-approval";

/// The JSON-RPC code for a request without a known grant. Ours, as [`answer::UNREADABLE_ANSWER`] is.
const UNKNOWN_GRANT: i32 = -31_002;
/// The JSON-RPC code for a method that is not let through.
const METHOD_NOT_FOUND: i32 = -32_601;
/// The JSON-RPC code for what should never happen.
const INTERNAL_ERROR: i32 = -32_603;

impl Exchange {
    pub(crate) fn request_headers(&mut self, end: bool) -> Action {
        match self.judge_headers(end) {
            Ok(Next::Pass) => {
                self.progress = Progress::Passed;
                Action::Continue
            }
            Ok(Next::Body) if end => self.request_end(),
            Ok(Next::Body) => Action::Pause,
            Err(reply) => {
                self.count(Event::Refused);
                self.reply(&reply)
            }
        }
    }

    fn judge_headers(&mut self, end: bool) -> Result<Next, Reply> {
        let headers = Headers::of(Way::Request).ok_or_else(broken)?;
        self.know_caller(&headers)?;
        let head = RequestHead {
            method: headers.get(":method").unwrap_or_default(),
            content_type: headers.get("content-type"),
            content_encoding: headers.get("content-encoding"),
            content_length: headers.get("content-length"),
            has_body: !end,
        };
        let next = http::request(&head, &LIMITS).map_err(|refusal| refused(&refusal))?;
        // An encoded answer could not be filtered.
        // An approval is the proxy's, and none of the server's business.
        let mut unwanted = vec!["accept-encoding", APPROVAL];
        if self.shared.settings.wants_grants() {
            // As an approval is.
            unwanted.push("authorization");
        }
        if next == Next::Body {
            // The body goes on with a length.
            unwanted.push("transfer-encoding");
        }
        for name in unwanted {
            if headers.get(name).is_some() && !host::remove_header(Way::Request, name) {
                return Err(broken());
            }
        }
        Ok(next)
    }

    /// Who makes the request.
    fn know_caller(&mut self, headers: &Headers) -> Result<(), Reply> {
        let grant = self.shared.settings.grant(headers.get("authorization"));
        self.caller.grant = grant.ok_or_else(unknown_grant)?.to_owned();
        self.caller.request_id = headers.get("x-request-id").unwrap_or_default().to_owned();
        if let Some(session) = headers.get("mcp-session-id") {
            // As MCP writes it: visible ASCII. What came in two lines has a space here, and servers
            // differ in which of the two they take.
            if session.is_empty() || !session.bytes().all(|b| b.is_ascii_graphic()) {
                let message = "invalid request: `mcp-session-id` must be one visible ascii text";
                return Err(Reply::json(400, answer::error(None, -32_600, message)));
            }
            self.caller.session = Some(session.to_owned());
        }
        self.caller.approval = headers.get(APPROVAL).map(str::to_owned);
        #[cfg(feature = "test-clock")]
        if let Some(now) = headers.get("x-cattlegrid-test-now") {
            self.caller.now = now.parse().ok().map(cattlegrid::model::Time);
        }
        Ok(())
    }

    /// `size` is that of all pieces so far.
    pub(crate) fn request_body(&mut self, size: usize, end: bool) -> Action {
        match self.progress {
            Progress::Passed => Action::Continue,
            Progress::Answered => Action::Pause,
            Progress::Awaited if size > LIMITS.bytes => {
                self.count(Event::Refused);
                self.reply(&refused(&Refusal { id: None, kind: RefusalKind::TooLarge, span: None }))
            }
            Progress::Awaited if end => self.request_end(),
            Progress::Awaited => Action::Pause,
        }
    }

    /// The request is whole, or its trailers came, behind which there is no body either.
    pub(crate) fn request_end(&mut self) -> Action {
        match self.progress {
            Progress::Passed => return Action::Continue,
            Progress::Answered => return Action::Pause,
            Progress::Awaited => {}
        }
        let body = host::body(Way::Request, LIMITS.bytes.saturating_add(1));
        let outcome = match Message::read(&body, &LIMITS) {
            Ok(message) => self.judge_message(message),
            Err(refusal) => {
                self.count(Event::Refused);
                Err(refused(&refusal))
            }
        };
        match outcome.and_then(|text| forward(&text)) {
            Ok(()) => {
                self.progress = Progress::Passed;
                Action::Continue
            }
            Err(reply) => {
                // What does not go on has not failed at the server's, but it has not run either.
                self.give_back();
                self.reply(&reply)
            }
        }
    }

    /// What of a message goes on to the server, or the answer in the server's place.
    fn judge_message(&mut self, message: Message) -> Result<String, Reply> {
        match message.kind.clone() {
            Kind::Call { id } => {
                self.asked = Asked::Other(id.clone());
                self.judge_call(message, &id)
            }
            Kind::MalformedCall { id } => {
                let decision = answer::malformed_call(message.tool().unwrap_or_default());
                self.tell(&decision, None, Vec::new());
                Err(self.denied(&id, &decision, message.era()))
            }
            // Nobody waits for an answer, and nobody could be told a denial.
            Kind::CallWithoutId => {
                self.count(Event::Refused);
                Err(dropped())
            }
            Kind::ListTools { id } => {
                self.asked = Asked::List(id);
                Ok(message.forward())
            }
            Kind::Request { id } => {
                if !message.method().is_some_and(is_known_method) {
                    self.count(Event::Refused);
                    return Err(unknown_method(&id, message.era()));
                }
                self.asked = Asked::Other(id);
                Ok(message.forward())
            }
            Kind::Notification if !message.method().is_some_and(is_known_method) => {
                self.count(Event::Refused);
                Err(dropped())
            }
            Kind::Notification | Kind::Response => Ok(message.forward()),
        }
    }

    fn judge_call(&mut self, message: Message, id: &Id) -> Result<String, Reply> {
        let era = message.era();
        let text = message.forward();
        let call = message.into_call().ok_or_else(broken)?;
        let call = Call {
            grant: Some(self.caller.grant.clone()),
            // There are none since 2026-07-28: a header that says otherwise opens no new budget.
            session: self.caller.session.clone().filter(|_| era == Era::Sessions),
            approval: call.approval.or_else(|| self.caller.approval.clone()),
            ..call
        };
        let now = self.now().ok_or_else(broken)?;
        let mut counters = SharedStore::new(SharedData, now);
        let settings = &self.shared.settings;
        let approvals = Some(&settings.approvals);
        let mut env = Env { now, counters: &mut counters, approvals };
        let evaluation = evaluate(Some(&settings.policy), &call, &mut env);
        let approver = evaluation.approver.as_deref();
        self.tell(&evaluation.decision, approver, report::argument_keys(&call));
        if evaluation.decision.effect != Effect::Allow {
            return Err(self.denied(id, &evaluation.decision, era));
        }
        self.reservation = Some(evaluation.reservation).filter(|taken| !taken.is_empty());
        Ok(text)
    }

    fn denied(&self, id: &Id, decision: &Decision, era: Era) -> Reply {
        let policy = self.shared.settings.policy.hash();
        Reply::json(200, answer::decision(id, decision, policy, era))
    }

    /// Counts a decision and logs it.
    fn tell(&self, decision: &Decision, approver: Option<&str>, keys: Vec<String>) {
        self.count(match decision.effect {
            Effect::Allow => Event::Allowed,
            Effect::Deny => Event::Denied,
            Effect::Hold => Event::Held,
        });
        if decision.limits.iter().any(|limit| limit.remaining.is_none()) {
            self.count(Event::StoreFailed);
        }
        let about = About {
            grant: &self.caller.grant,
            request_id: &self.caller.request_id,
            policy: self.shared.settings.policy.hash(),
            approver,
            keys,
        };
        host::log(&report::line(decision, &about));
    }
}

/// Sends a message on in place of the body that came.
fn forward(text: &str) -> Result<(), Reply> {
    let length = text.len().to_string();
    let sent = host::set_body(Way::Request, text.as_bytes())
        && host::set_header(Way::Request, "content-length", &length);
    if sent { Ok(()) } else { Err(broken()) }
}

fn refused(refusal: &Refusal) -> Reply {
    let (status, header) = match refusal.kind {
        RefusalKind::HttpMethod => (405, Some(("allow", "POST, GET, DELETE"))),
        RefusalKind::TooLarge => (413, None),
        _ => (400, None),
    };
    Reply { status, header, body: refusal.body() }
}

fn unknown_grant() -> Reply {
    let body = answer::error(None, UNKNOWN_GRANT, "the bearer token is missing or not known");
    Reply { status: 401, header: Some(("www-authenticate", "Bearer")), body }
}

fn unknown_method(id: &Id, era: Era) -> Reply {
    let body =
        answer::error(Some(id), METHOD_NOT_FOUND, "the method is not one that may pass here");
    // What the specification of each era has a server say.
    let status = if era == Era::Stateless { 404 } else { 200 };
    Reply::json(status, body)
}

fn dropped() -> Reply {
    Reply { status: 202, header: None, body: String::new() }
}

/// Something did not work that always does: nothing passes.
fn broken() -> Reply {
    Reply::json(500, answer::error(None, INTERNAL_ERROR, "the policy filter failed"))
}
