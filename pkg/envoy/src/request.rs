//! From the client to the server: a request is held until it is whole, read once, decided, and goes
//! on as it was read; or it is answered here. In shadow mode it goes on as it came, whatever was found.

use std::borrow::Cow;
use std::time::SystemTime;

use cattlegrid::edge::{
    APPROVAL_HEADER, About, Asked, Identity, Judged, Mode, Passage, Stop, Store, argument_keys,
    call_of, line, refusal_line, session,
};
use cattlegrid::evaluate::{Env, Evaluation, evaluate};
use cattlegrid::model::{Call, Decision, Effect, LimitState};
use cattlegrid::pin::Unpinned;
use cattlegrid::protocol::http::{self, Next, RequestHead};
use cattlegrid::protocol::mirror;
use cattlegrid::protocol::quick::{self, PassedCall};
use cattlegrid::protocol::{Era, Id, Message, Refusal, RefusalKind, answer};
use cattlegrid::quota::{CounterStore, Reservation};
use proxy_wasm::types::Action;

use crate::ask::{Ask, Noted, Nowhere};
use crate::counters::Counters;
use crate::exchange::{Caller, Exchange, Progress};
use crate::headers::Headers;
use crate::host::{self, SharedData, Way};
use crate::recall::Recalling;
use crate::report::{self, Event};
use crate::wait::Waiting;

impl Exchange {
    pub(crate) fn request_headers(&mut self, end: bool) -> Action {
        match self.judge_headers(end) {
            Ok(next @ (Next::Stream | Next::Pass)) => {
                if next == Next::Stream {
                    self.asked = Asked::Stream;
                }
                self.progress = Progress::Passed;
                Action::Continue
            }
            Ok(Next::Body) if end => self.request_end(),
            Ok(Next::Body) => {
                self.is_silent = true;
                Action::Pause
            }
            Err(stop) => self.stop(stop),
        }
    }

    /// Answers in the server's place; in shadow mode only tells that it would.
    #[cold] // Out of the way of usual calls: see `host`.
    #[inline(never)]
    pub(crate) fn stop(&mut self, stop: Stop) -> Action {
        let mode = self.caller.mode;
        if let Some((cause, why)) = stop.cause {
            self.count(Event::Refused { cause, mode });
            host::log(&refusal_line(cause, &why, &self.about(None)));
        }
        if mode == Mode::Shadow {
            self.progress = Progress::Passed;
            return Action::Continue;
        }
        self.reply(&stop.reply)
    }

    fn judge_headers(&mut self, end: bool) -> Result<Next, Stop> {
        let shared = self.shared.clone();
        let settings = &shared.settings;
        self.caller.mode = settings.mode;
        let headers = host::headers(Way::Request).ok_or_else(Stop::broken)?;
        if shared.is_logging.get() {
            self.caller.request_id = headers.get("x-request-id").unwrap_or_default().into_owned();
        }
        self.caller.server = settings.server_at(&headers.get(":path").unwrap_or_default())?;
        let server = self.caller.server.as_deref();
        let (identity, mode) = settings.whose(headers.get("authorization").as_deref(), server)?;
        (self.caller.identity, self.caller.mode) = (identity, mode);
        // An approval is the proxy's, and none of the server's business; as are the tokens of grants.
        // First of all: in shadow a request goes on whatever is found in it.
        remove(&headers, APPROVAL_HEADER)?;
        if settings.wants_tokens() {
            remove(&headers, "authorization")?;
        }
        self.know_session(&headers)?;
        let (method, length) = (headers.get(":method"), headers.get("content-length"));
        let (kind, encoding) = (headers.get("content-type"), headers.get("content-encoding"));
        let head = RequestHead {
            method: method.as_deref().unwrap_or_default(),
            content_type: kind.as_deref(),
            content_encoding: encoding.as_deref(),
            content_length: length.as_deref(),
            has_body: !end,
        };
        let judged = http::request(&head, &settings.request);
        self.caller.content_length = head.content_length.and_then(|length| length.parse().ok());
        self.caller.mirrors = headers.such_as(mirror::BEGIN, mirror::is_mirror);
        if self.caller.mode == Mode::Enforce {
            // An encoded answer could not be filtered.
            remove(&headers, "accept-encoding")?;
            if judged == Ok(Next::Body) {
                // The body goes on with a length.
                remove(&headers, "transfer-encoding")?;
            }
        }
        judged.map_err(|refusal| Stop::refused(&refusal))
    }

    /// What else the headers tell of who makes the request.
    fn know_session(&mut self, headers: &Headers) -> Result<(), Stop> {
        self.caller.approval = headers.get(APPROVAL_HEADER).map(Cow::into_owned);
        #[cfg(feature = "test-clock")]
        if let Some(now) = headers.get("x-cattlegrid-test-now") {
            self.caller.now = now.parse().ok().map(cattlegrid::model::Time);
        }
        if let Some(header) = headers.get("mcp-session-id") {
            self.caller.session = Some(session(&header)?);
        }
        Ok(())
    }

    /// `size` is that of all pieces so far.
    pub(crate) fn request_body(&mut self, size: usize, end: bool) -> Action {
        match self.progress {
            Progress::Passed => Action::Continue,
            Progress::Asking | Progress::Answered => Action::Pause,
            Progress::Awaited if size > self.shared.settings.request.bytes => {
                let refusal = Refusal { id: None, kind: RefusalKind::TooLarge, span: None };
                self.stop(Stop::refused(&refusal))
            }
            Progress::Awaited if end => self.request_end(),
            Progress::Awaited => Action::Pause,
        }
    }

    /// The request is whole, or its trailers came, behind which there is no body either.
    pub(crate) fn request_end(&mut self) -> Action {
        match self.progress {
            Progress::Passed => return Action::Continue,
            Progress::Asking | Progress::Answered => return Action::Pause,
            Progress::Awaited => {}
        }
        let judged = match (self.judge_body(), self.waiting.take()) {
            (Ok(()), Some(waiting)) => self.go_on(waiting),
            (judged, _) => Some(judged),
        };
        match judged {
            None => {
                self.progress = Progress::Asking;
                Action::Pause
            }
            Some(Ok(())) => {
                self.progress = Progress::Passed;
                Action::Continue
            }
            Some(Err(stop)) => {
                // What does not go on has not failed at the server's, but it has not run either.
                self.give_back();
                self.stop(stop)
            }
        }
    }

    fn judge_body(&mut self) -> Result<(), Stop> {
        let limits = self.shared.settings.request;
        let body = host::body(Way::Request, limits.bytes.saturating_add(1));
        match self.pass(&body) {
            Some(outcome) => outcome,
            None => self.judge_whole(&body),
        }
    }

    /// Judges a message by all that is in it.
    #[cold] // Out of the way of usual calls: see `host`.
    #[inline(never)]
    fn judge_whole(&mut self, body: &[u8]) -> Result<(), Stop> {
        let limits = self.shared.settings.request;
        let message = Message::read(body, &limits).map_err(|refusal| Stop::refused(&refusal))?;
        let mirrors = self.caller.mirrors.iter();
        let mirrors = mirrors.map(|(name, value)| (name.as_str(), value.as_str()));
        mirror::check(mirrors, &message).map_err(|refusal| Stop::refused(&refusal))?;
        let headers = mirror::headers_of(&message);
        let text = self.judge_message(message)?;
        if self.caller.mode == Mode::Shadow {
            return Ok(());
        }
        forward(text.as_bytes(), &headers)
    }

    /// Lets an ordinary call pass that nothing is to be said about; `None` if the message is to be looked
    /// at as any other.
    fn pass(&mut self, body: &[u8]) -> Option<Result<(), Stop>> {
        let shared = self.shared.clone();
        let (settings, caller) = (&shared.settings, &self.caller);
        let policy = caller.identity.policy.as_ref()?;
        if caller.mode == Mode::Shadow || caller.approval.is_some() {
            return None;
        }
        let began = host::moment();
        let now = caller.now.or_else(|| host::time_of(began?))?;
        let is_logging = shared.is_logging.get();
        // A call that is not let pass here is decided anew, by what is then read.
        let recall = Some(&shared.recall).filter(|_| !policy.policy.has_preconditions());
        let slots = Recalling { slots: SharedData, recall, now };
        let (server, on_failure) = (caller.server.as_deref(), settings.on_store_failure);
        let mut counters = Counters::among(slots, policy, server, now, on_failure);
        // A call with limits that are counted elsewhere waits for that: it is no ordinary one.
        let counts: &mut dyn CounterStore = match settings.store {
            Store::Shared => &mut counters,
            Store::Service(_) => &mut Nowhere,
        };
        let approvals = Some(&settings.approvals);
        let mut env = Env { now, counters: counts, approvals };
        let asked = quick::Asked {
            grant: caller.identity.label.grant(),
            session: caller.session.as_deref(),
            mirrors: caller.mirrors.iter().map(|(name, value)| (name.as_str(), value.as_str())),
            // Also where that is only told: what is told of it is told elsewhere.
            is_pinned: |tool: &str| self.unpinned(tool).is_none(),
            details: is_logging,
        };
        let mut scratch = shared.scratch.borrow_mut();
        let passed = quick::pass_call(
            &policy.policy,
            body,
            &settings.request,
            asked,
            &mut env,
            &mut scratch,
        );
        let PassedCall { id, tool, keys, text, reservation, limits } = passed?;
        if counters.failed() {
            self.count(Event::StoreFailed);
        }
        self.took(began);
        shared.metrics.passed(policy);
        if is_logging {
            self.log_passed(tool, &keys, limits);
        }
        let unchanged = text.is_none() && caller.content_length == Some(body.len());
        self.asked = Asked::Other(id);
        self.reservation = Some(reservation).filter(|taken| !taken.is_empty());
        if unchanged {
            return Some(Ok(()));
        }
        let text = text.as_deref().map_or(body, str::as_bytes);
        Some(forward(text, &[]))
    }

    /// Writes the line of a call that was let pass.
    #[cold] // Out of the way of usual calls: see `host`.
    #[inline(never)]
    fn log_passed(&self, tool: &str, keys: &[String], limits: Vec<LimitState>) {
        let decision = Decision {
            effect: Effect::Allow,
            tool: tool.to_owned(),
            id: None,
            message: None,
            digest: None,
            limits,
            short: None,
        };
        let keys = argument_keys(keys.iter().map(String::as_str));
        let about = About { method: Some("tools/call"), keys, ..self.about(None) };
        host::log(&line(&decision, &about));
    }

    /// Tells how long a decision took, if it is one that is timed.
    fn took(&self, began: Option<SystemTime>) {
        if !self.shared.metrics.is_timed() {
            return;
        }
        if let (Some(began), Some(done)) = (began, host::moment()) {
            let took = done.duration_since(began).unwrap_or_default();
            self.shared.metrics.took(u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
        }
    }

    /// What of a message goes on to the server, or the answer in the server's place.
    fn judge_message(&mut self, message: Message) -> Result<String, Stop> {
        match self.shared.settings.judge(&message)? {
            Judged::Call { id } => {
                self.asked = Asked::Other(id.clone());
                self.judge_call(message, &id)
            }
            Judged::Denied { id, decision } => {
                self.tell(&decision, &About { method: message.method(), ..self.about(None) });
                Err(self.denied(&id, &decision, message.era()))
            }
            Judged::Forward(asked) => {
                self.asked = asked;
                Ok(message.forward())
            }
        }
    }

    fn judge_call(&mut self, message: Message, id: &Id) -> Result<String, Stop> {
        let began = host::moment();
        let era = message.era();
        let text = message.forward();
        let Caller { identity, server, session, approval, .. } = &self.caller;
        let (server, session, approval) =
            (server.as_deref(), session.as_deref(), approval.as_deref());
        let call = call_of(message, identity, server, session, approval);
        let call = call.ok_or_else(Stop::broken)?;
        if let Some((how, true)) = self.unpinned(&call.tool) {
            self.took(began);
            let decision = answer::changed_tool(&call.tool, how);
            let reservation = Reservation::default();
            self.tell_call(
                &call,
                &Evaluation { decision: decision.clone(), reservation, approver: None },
            );
            return Err(self.denied(id, &decision, era));
        }
        let evaluation = match &self.shared.settings.store {
            Store::Service(_) if self.caller.mode == Mode::Enforce => {
                self.evaluate_before_asking(&call, id, era)?
            }
            _ => self.evaluate(&call)?,
        };
        self.took(began);
        // What becomes of it is told when that is known.
        if self.waiting.is_some() {
            return Ok(text);
        }
        self.tell_call(&call, &evaluation);
        let Evaluation { decision, reservation, .. } = evaluation;
        if decision.effect != Effect::Allow {
            return Err(self.denied(id, &decision, era));
        }
        self.reservation = Some(reservation).filter(|taken| !taken.is_empty());
        Ok(text)
    }

    fn unpinned(&self, tool: &str) -> Option<(Unpinned, bool)> {
        let (settings, server) = (&self.shared.settings, self.caller.server.as_deref());
        settings.unpinned(&self.caller.identity, server, tool, &mut SharedData)
    }

    /// Decides a call as if there were room under all its limits. If it depends on them, it waits.
    fn evaluate_before_asking(
        &mut self,
        call: &Call,
        id: &Id,
        era: Era,
    ) -> Result<Evaluation, Stop> {
        let Some(policy) = self.caller.identity.policy.clone() else {
            return self.evaluate(call);
        };
        let now = self.now().ok_or_else(Stop::broken)?;
        let mut home = self.home(call, now);
        let mut counters = Noted::new(home.as_mut().map(|home| home as _));
        let approvals = Some(&self.shared.settings.approvals);
        let mut env = Env { now, counters: &mut counters, approvals };
        let evaluation = evaluate(Some(&policy.policy), call, &mut env);
        let limits = &evaluation.decision.limits;
        // Nothing was counted or burnt yet: an allowed call is decided again, by the service's answer.
        if evaluation.decision.effect == Effect::Allow
            && !(limits.is_empty() && call.approval.is_none())
        {
            let server = self.caller.server.as_deref();
            let ask =
                Ask::new(&policy, server, &call.tool, limits, counters).ok_or_else(Stop::broken)?;
            let (id, call) = (id.clone(), call.clone());
            self.waiting = Some(Waiting { id, era, call, now, ask, deadline: None, token: None });
        }
        if home.is_some_and(|home| home.failed()) {
            self.count(Event::StoreFailed);
        }
        Ok(evaluation)
    }

    /// Counts the decision on a call and logs it.
    pub(crate) fn tell_call(&self, call: &Call, evaluation: &Evaluation) {
        let about = About {
            method: Some("tools/call"),
            keys: argument_keys(call.arguments.members().iter().map(|m| &*m.key)),
            pin: self.unpinned(&call.tool).map(|(how, _)| how.as_str()),
            ..self.about(evaluation.approver.as_deref())
        };
        self.tell(&evaluation.decision, &about);
    }

    fn evaluate(&self, call: &Call) -> Result<Evaluation, Stop> {
        let settings = &self.shared.settings;
        let now = self.now().ok_or_else(Stop::broken)?;
        let approvals = Some(&settings.approvals);
        let Identity { policy, .. } = &self.caller.identity;
        let Some(policy) = policy else {
            let mut counters = cattlegrid::quota::MemoryStore::new();
            return Ok(evaluate(None, call, &mut Env { now, counters: &mut counters, approvals }));
        };
        // What was burnt where nobody sees it could be used again.
        let on_failure =
            if call.approval.is_some() { Passage::Deny } else { settings.on_store_failure };
        let server = self.caller.server.as_deref();
        let mut counters = Counters::new(policy, server, now, on_failure);
        let mut env = Env { now, counters: &mut counters, approvals };
        let evaluation = evaluate(Some(&policy.policy), call, &mut env);
        if counters.failed() {
            self.count(Event::StoreFailed);
        }
        Ok(evaluation)
    }

    pub(crate) fn denied(&self, id: &Id, decision: &Decision, era: Era) -> Stop {
        let policy = self.caller.identity.policy.as_ref();
        let hash = policy.map_or("", |policy| policy.policy.hash());
        Stop::decided(id, decision, hash, era)
    }

    /// Counts a decision and logs it.
    fn tell(&self, decision: &Decision, about: &About<'_>) {
        let policy = self.caller.identity.policy.as_ref().map(|policy| policy.name.as_str());
        let kind = report::kind(decision.id.as_ref().map_or("", |id| id.rule.as_str()));
        let (mode, effect) = (self.caller.mode, decision.effect);
        self.count(Event::Decided { policy, mode, effect, kind });
        if self.shared.is_logging.get() {
            host::log(&line(decision, about));
        }
    }

    pub(crate) fn about<'a>(&'a self, approver: Option<&'a str>) -> About<'a> {
        let policy = self.caller.identity.policy.as_ref();
        About {
            grant: self.caller.identity.label.as_str(),
            server: self.caller.server.as_deref(),
            request_id: &self.caller.request_id,
            mode: self.caller.mode.as_str(),
            policy: policy.map(|policy| policy.name.as_str()),
            hash: policy.map(|policy| policy.policy.hash()),
            approver,
            ..About::default()
        }
    }
}

/// Removes a header of the request, if it is there.
#[inline(always)]
fn remove(headers: &Headers, name: &str) -> Result<(), Stop> {
    if headers.has(name) && !host::remove_header(Way::Request, name) {
        return Err(Stop::broken());
    }
    Ok(())
}

/// Sends a message on in place of the body that came, with headers that say what it says.
#[cold] // Out of the way of usual calls: see `host`.
#[inline(never)]
fn forward(text: &[u8], headers: &[(&'static str, String)]) -> Result<(), Stop> {
    let length = text.len().to_string();
    let set = |(name, value): &(&'static str, String)| host::set_header(Way::Request, name, value);
    let sent = host::set_body(Way::Request, text)
        && host::set_header(Way::Request, "content-length", &length)
        && headers.iter().all(set);
    if sent { Ok(()) } else { Err(Stop::broken()) }
}
