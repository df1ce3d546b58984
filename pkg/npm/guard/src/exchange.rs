//! One request on its way to the server.

use std::cell::RefCell;
use std::rc::Rc;

use cattlegrid::edge::{
    self, APPROVAL_HEADER, About, Asked, Deciding, Identity, Judged, Mode, Settings, Stop, Taken,
    argument_keys, call_of, line, refusal_line,
};
use cattlegrid::evaluate::Evaluation;
use cattlegrid::model::{Decision, Effect, Time};
use cattlegrid::pin::MemoryPins;
use cattlegrid::protocol::answer::changed_tool;
use cattlegrid::protocol::http::{self, Next, RequestHead};
use cattlegrid::protocol::sse::SseFilter;
use cattlegrid::protocol::{Era, Id, Message, Refusal, RefusalKind, mirror};
use cattlegrid::quota::Label;
use wasm_bindgen::prelude::*;

use crate::step::{Head, Outcome, Step, Told, answer, id_text, text};

/// One request and its answer. A host calls `head` (over HTTP) or `open` (over a pipe), then `body`, then
/// `reserved` or `unreserved` as often as it is told to reserve; behind that what is for the answer.
#[wasm_bindgen]
pub struct Exchange {
    pub(crate) settings: Rc<Settings>,
    /// What is remembered of tools that are not what is pinned.
    pub(crate) pins: Rc<RefCell<MemoryPins>>,
    /// Whether nobody reads the lines about calls that go on.
    quiet: bool,
    pub(crate) caller: Caller,
    pub(crate) asked: Asked,
    waiting: Option<Waiting>,
    /// What the call took of its counters, until its answer says whether it is kept.
    pub(crate) taken: Vec<Taken>,
    pub(crate) events: Option<SseFilter>,
    /// The bytes that belong to what was said last.
    pub(crate) out: Vec<u8>,
}

/// Who makes the request.
pub struct Caller {
    pub identity: Identity,
    pub server: Option<String>,
    pub mode: Mode,
    session: Option<String>,
    approval: Option<String>,
    request_id: String,
    /// The headers that say again what the body says; `None` where there are no headers.
    mirrors: Option<Vec<(String, String)>>,
}

/// A call that is being decided.
struct Waiting {
    deciding: Deciding,
    id: Id,
    era: Era,
    /// What goes on if it is allowed, and with which headers.
    text: String,
    headers: Vec<(&'static str, String)>,
    /// The keys of the arguments, for the line about it.
    keys: Vec<String>,
    /// How the tool is not what is pinned, where that is only told.
    pin: Option<&'static str>,
}

impl Exchange {
    /// An exchange that has not begun.
    pub fn new(settings: Rc<Settings>, pins: Rc<RefCell<MemoryPins>>, quiet: bool) -> Exchange {
        let mode = settings.mode;
        let identity = Identity { label: Label::new(""), policy: None };
        Exchange {
            settings,
            pins,
            quiet,
            caller: Caller {
                identity,
                server: None,
                mode,
                session: None,
                approval: None,
                request_id: String::new(),
                mirrors: None,
            },
            asked: Asked::Nothing,
            waiting: None,
            taken: Vec::new(),
            events: None,
            out: Vec::new(),
        }
    }
}

impl Exchange {
    /// Another one, begun, of the same caller as this.
    pub fn another(&self, session: Option<String>, approval: Option<String>) -> Exchange {
        let (settings, pins) = (Rc::clone(&self.settings), Rc::clone(&self.pins));
        let mut other = Exchange::new(settings, pins, self.quiet);
        (other.caller.identity, other.caller.mode) =
            (self.caller.identity.clone(), self.caller.mode);
        (other.caller.session, other.caller.approval) = (session, approval);
        other
    }
}

#[wasm_bindgen]
impl Exchange {
    /// Judges the headers of a request, names in lower case.
    pub fn head(&mut self, head: &str) -> String {
        let judged = match serde_json::from_str::<Head>(head) {
            Ok(head) => self.judge_head(&head),
            Err(_) => Err(Stop::broken()),
        };
        let step = match judged {
            Ok(Next::Body) => Step::Body,
            Ok(Next::Stream) => {
                self.asked = Asked::Stream;
                Step::Stream
            }
            Ok(Next::Pass) => Step::Pass,
            Err(stop) => self.stop(stop),
        };
        text(&step)
    }

    /// In place of headers, for a message that comes through a pipe: whose it is by the `authorization` that
    /// the host has for it, the session that it belongs to, and an approval, if the host has one.
    pub fn open(
        &mut self,
        authorization: Option<String>,
        session: Option<String>,
        approval: Option<String>,
    ) -> String {
        let step = match self.settings.whose(authorization.as_deref(), None) {
            Ok((identity, mode)) => {
                (self.caller.identity, self.caller.mode) = (identity, mode);
                (self.caller.session, self.caller.approval) = (session, approval);
                Step::Body
            }
            Err(stop) => self.stop(stop),
        };
        text(&step)
    }

    /// Judges the message, whole. `now` is in milliseconds of UTC.
    pub fn body(&mut self, body: &[u8], now: f64) -> String {
        let step = self.judge_body(body, Time(now as u64)).unwrap_or_else(|stop| self.stop(stop));
        text(&step)
    }

    /// The body is larger than what is read.
    #[wasm_bindgen(js_name = tooLarge)]
    pub fn too_large(&mut self) -> String {
        let refusal = Refusal { id: None, kind: RefusalKind::TooLarge, span: None };
        text(&self.stop(Stop::refused(&refusal)))
    }

    /// What the store did.
    pub fn reserved(&mut self, outcome: &str) -> String {
        let outcome = Outcome::read(outcome);
        if let Some(waiting) = &mut self.waiting {
            match outcome {
                Some((reserved, counts)) => waiting.deciding.answered(reserved, &counts),
                None => waiting.deciding.failed(self.settings.on_store_failure),
            }
        }
        text(&self.go_on())
    }

    /// The store did not answer.
    pub fn unreserved(&mut self) -> String {
        if let Some(waiting) = &mut self.waiting {
            waiting.deciding.failed(self.settings.on_store_failure);
        }
        text(&self.go_on())
    }

    /// Another request with this id is not answered yet: it does not go on after all.
    #[wasm_bindgen(js_name = inUse)]
    pub fn in_use(&mut self) -> String {
        let Some(id) = self.asked.id().cloned() else {
            return text(&self.stop(Stop::broken()));
        };
        let (step, body) = answer(
            Stop::id_in_use(&id),
            Told {
                give_back: std::mem::take(&mut self.taken).iter().map(Into::into).collect(),
                ..Told::default()
            },
        );
        self.out = body;
        text(&step)
    }

    /// The bytes that belong to what was said last. They are there once.
    pub fn bytes(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.out)
    }

    /// The name of the server that it is for, if servers have names.
    #[wasm_bindgen(getter)]
    pub fn server(&self) -> Option<String> {
        self.caller.server.clone()
    }

    /// Whether what is decided is carried out.
    #[wasm_bindgen(getter)]
    pub fn enforced(&self) -> bool {
        self.caller.mode == Mode::Enforce
    }

    /// Whether the `authorization` of requests is a grant's, and no business of the server.
    #[wasm_bindgen(getter, js_name = ownsToken)]
    pub fn owns_token(&self) -> bool {
        self.settings.wants_tokens()
    }
}

impl Exchange {
    fn judge_head(&mut self, head: &Head) -> Result<Next, Stop> {
        let settings = Rc::clone(&self.settings);
        self.caller.request_id = head.get("x-request-id").unwrap_or_default().to_owned();
        self.caller.server = settings.server_at(&head.path)?;
        let server = self.caller.server.as_deref();
        let (identity, mode) = settings.whose(head.get("authorization"), server)?;
        (self.caller.identity, self.caller.mode) = (identity, mode);
        self.caller.approval = head.get(APPROVAL_HEADER).map(str::to_owned);
        self.caller.session = head.get("mcp-session-id").map(edge::session).transpose()?;
        let mirrors = head.headers.iter().filter(|(name, _)| mirror::is_mirror(name));
        self.caller.mirrors = Some(mirrors.cloned().collect());
        let judged = RequestHead {
            method: &head.method,
            content_type: head.get("content-type"),
            content_encoding: head.get("content-encoding"),
            content_length: head.get("content-length"),
            has_body: head.has_body,
        };
        http::request(&judged, &settings.request).map_err(|refusal| Stop::refused(&refusal))
    }

    fn judge_body(&mut self, body: &[u8], now: Time) -> Result<Step, Stop> {
        let settings = Rc::clone(&self.settings);
        let refused = |refusal: Refusal| Stop::refused(&refusal);
        let message = Message::read(body, &settings.request).map_err(refused)?;
        if let Some(mirrors) = &self.caller.mirrors {
            let mirrors = mirrors.iter().map(|(name, value)| (name.as_str(), value.as_str()));
            mirror::check(mirrors, &message).map_err(refused)?;
        }
        let headers = mirror::headers_of(&message);
        match settings.judge(&message)? {
            Judged::Call { id } => self.call(message, id, headers, now),
            Judged::Denied { id, decision } => {
                let line = line(&decision, &About { method: message.method(), ..self.about() });
                let told = Told { line: Some(line), ..Told::default() };
                Ok(self.denied(&id, &decision, message.era(), told))
            }
            Judged::Forward(asked) => {
                let id = asked.id().map(id_text);
                self.asked = asked;
                let cancels = message.cancels().map(|id| id_text(&id));
                self.out = message.forward().into_bytes();
                let as_it_came = self.caller.mode == Mode::Shadow;
                Ok(Step::Forward { id, as_it_came, headers, cancels, told: Told::default() })
            }
        }
    }

    fn call(
        &mut self,
        message: Message,
        id: Id,
        headers: Vec<(&'static str, String)>,
        now: Time,
    ) -> Result<Step, Stop> {
        self.asked = Asked::Other(id.clone());
        let (era, text) = (message.era(), message.forward());
        let Caller { identity, server, session, approval, .. } = &self.caller;
        let (session, approval) = (session.as_deref(), approval.as_deref());
        let call = call_of(message, identity, server.as_deref(), session, approval);
        let call = call.ok_or_else(Stop::broken)?;
        let keys = argument_keys(call.arguments.members().iter().map(|m| &*m.key));
        let settings = &self.settings;
        let pin = settings.unpinned(
            identity,
            server.as_deref(),
            &call.tool,
            &mut *self.pins.borrow_mut(),
        );
        if let Some((how, true)) = pin {
            let decision = changed_tool(&call.tool, how);
            let (method, pin) = (Some("tools/call"), Some(how.as_str()));
            let line = line(&decision, &About { method, keys, pin, ..self.about() });
            // In shadow it goes on.
            self.out = text.into_bytes();
            let told = Told { line: Some(line), ..Told::default() };
            return Ok(self.denied(&id, &decision, era, told));
        }
        let pin = pin.map(|(how, _)| how.as_str());
        let deciding = Deciding::new(identity.policy.clone(), server.as_deref(), call, now);
        self.waiting = Some(Waiting { deciding, id, era, text, headers, keys, pin });
        Ok(self.go_on())
    }

    /// Asks for what the call wants of its counters, or says what becomes of it.
    fn go_on(&mut self) -> Step {
        let Some(mut waiting) = self.waiting.take() else {
            return self.stop(Stop::broken());
        };
        match waiting.deciding.go_on(&self.settings.approvals) {
            edge::Step::Reserve(requests) => {
                self.waiting = Some(waiting);
                Step::Reserve { requests: requests.iter().map(Into::into).collect() }
            }
            edge::Step::Decided { evaluation, taken, in_vain } => {
                self.taken = taken;
                self.conclude(waiting, &evaluation, &in_vain)
            }
        }
    }

    fn conclude(&mut self, waiting: Waiting, evaluation: &Evaluation, in_vain: &[Taken]) -> Step {
        let Waiting { id, era, text, headers, keys, pin, .. } = waiting;
        let Evaluation { decision, approver, .. } = evaluation;
        let told_line = (!self.quiet || decision.effect != Effect::Allow).then(|| {
            let (method, approver) = (Some("tools/call"), approver.as_deref());
            line(decision, &About { method, keys, approver, pin, ..self.about() })
        });
        let told = Told {
            line: told_line,
            held: decision.digest.clone(),
            give_back: in_vain.iter().map(Into::into).collect(),
        };
        if decision.effect != Effect::Allow {
            return self.denied(&id, decision, era, told);
        }
        self.out = text.into_bytes();
        let as_it_came = self.caller.mode == Mode::Shadow;
        Step::Forward { id: Some(id_text(&id)), as_it_came, headers, cancels: None, told }
    }

    /// A call that does not go on; in shadow it does.
    fn denied(&mut self, id: &Id, decision: &Decision, era: Era, told: Told) -> Step {
        if self.caller.mode == Mode::Shadow {
            return as_it_came(Some(id_text(id)), told);
        }
        let policy = self.caller.identity.policy.as_ref();
        let hash = policy.map_or("", |policy| policy.policy.hash());
        let (step, body) = answer(Stop::decided(id, decision, hash, era), told);
        self.out = body;
        step
    }

    /// Answers in the server's place; in shadow mode only tells that it would.
    fn stop(&mut self, stop: Stop) -> Step {
        let line = stop.cause.as_ref().map(|(cause, why)| refusal_line(cause, why, &self.about()));
        let told = Told { line, ..Told::default() };
        if self.caller.mode == Mode::Shadow {
            return as_it_came(None, told);
        }
        let (step, body) = answer(stop, told);
        self.out = body;
        step
    }

    pub(crate) fn about(&self) -> About<'_> {
        let policy = self.caller.identity.policy.as_ref();
        About {
            grant: self.caller.identity.label.as_str(),
            server: self.caller.server.as_deref(),
            request_id: &self.caller.request_id,
            mode: self.caller.mode.as_str(),
            policy: policy.map(|policy| policy.name.as_str()),
            hash: policy.map(|policy| policy.policy.hash()),
            ..About::default()
        }
    }
}

/// Nothing is carried out in shadow.
fn as_it_came(id: Option<String>, told: Told) -> Step {
    Step::Forward { id, as_it_came: true, headers: Vec::new(), cancels: None, told }
}
