//! One request and its answer.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use cattlegrid::edge::{Asked, Identity, Mode, Passage, Reply, Settings};
use cattlegrid::evaluate::Scratch;
use cattlegrid::model::Time;
use cattlegrid::quota::{Reservation, give_back};
use proxy_wasm::traits::{Context, HttpContext};
use proxy_wasm::types::Action;

use crate::counters::Counters;
use crate::host;
use crate::recall::Recall;
use crate::report::{Event, Metrics};
use crate::response::Answer;
use crate::wait::Waiting;

/// What all exchanges of one worker share.
pub struct Shared {
    /// The accepted configuration.
    pub settings: Settings,
    /// The counters of the proxy's telemetry.
    pub metrics: Metrics,
    /// Whether lines that tell what happened are written, as it was a moment ago.
    pub is_logging: Cell<bool>,
    /// Whose requests are of which nothing is known yet.
    pub nobody: Identity,
    /// Room to decide in.
    pub scratch: RefCell<Scratch>,
    /// The slot of the counters that was written last.
    pub recall: Recall,
}

/// One request and its answer.
///
/// The proxy calls in this order: request headers, body (in pieces), trailers; the same for the
/// answer; the end. Any of it may be missing. A request is paused at its headers until its body is
/// whole, so that nothing of it reaches the server before it is decided.
pub struct Exchange {
    pub(crate) shared: Rc<Shared>,
    pub(crate) caller: Caller,
    pub(crate) progress: Progress,
    /// Whether a body is awaited of which nothing was seen yet.
    pub(crate) is_silent: bool,
    pub(crate) asked: Asked,
    /// What the call took of its counters, until its answer says whether it is kept.
    pub(crate) reservation: Option<Reservation>,
    /// The call, while its limits are asked for.
    pub(crate) waiting: Option<Waiting>,
    pub(crate) answer: Answer,
}

/// Who makes the request, by its headers.
pub struct Caller {
    /// Whose it is; nobody's until that is known.
    pub identity: Identity,
    /// The name of the server that it is for, if servers have names.
    pub server: Option<String>,
    /// Whether decisions about it are carried out.
    pub mode: Mode,
    /// How long the body is by its header.
    pub content_length: Option<usize>,
    /// The headers that say again what the body says.
    pub mirrors: Vec<(String, String)>,
    /// The MCP session.
    pub session: Option<String>,
    /// The approval that came in a header.
    pub approval: Option<String>,
    /// The proxy's own id of the request, for logs; empty while none is written.
    pub request_id: String,
    /// The time that a test wants it to be.
    pub now: Option<Time>,
}

/// How far a request is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// It is not whole yet.
    Awaited,
    /// It is whole, and a service is asked for its limits.
    Asking,
    /// It went on to the server.
    Passed,
    /// We answered it. The proxy then shows us our own answer as if it were the server's, and may
    /// still bring pieces of the request: nothing of it matters.
    Answered,
}

impl Exchange {
    /// An exchange that has not begun.
    pub fn new(shared: Rc<Shared>) -> Exchange {
        let nobody = shared.nobody.clone();
        Exchange {
            shared,
            caller: Caller {
                identity: nobody,
                server: None,
                mode: Mode::Enforce,
                content_length: None,
                mirrors: Vec::new(),
                session: None,
                approval: None,
                request_id: String::new(),
                now: None,
            },
            progress: Progress::Awaited,
            is_silent: false,
            asked: Asked::Nothing,
            reservation: None,
            waiting: None,
            answer: Answer::Passing,
        }
    }

    /// Answers in the server's place, at most once.
    #[cold] // Out of the way of usual calls: see `host`.
    #[inline(never)]
    pub(crate) fn reply(&mut self, reply: &Reply) -> Action {
        if self.progress != Progress::Answered {
            self.progress = Progress::Answered;
            let kind = (!reply.body.is_empty()).then_some(("content-type", "application/json"));
            let headers = kind.into_iter().chain(reply.header).collect();
            host::answer(reply.status, headers, &reply.body);
        }
        Action::Pause
    }

    pub(crate) fn count(&self, event: Event<'_>) {
        self.shared.metrics.count(event, 1);
    }

    /// The time of the call.
    pub(crate) fn now(&self) -> Option<Time> {
        self.caller.now.or_else(|| host::time_of(host::moment()?))
    }

    /// The call has failed: what it took is given back.
    #[cold] // Out of the way of usual calls: see `host`.
    #[inline(never)]
    pub(crate) fn give_back(&mut self) {
        let policy = self.caller.identity.policy.as_ref();
        let (Some(reservation), Some(now), Some(policy)) =
            (self.reservation.take(), self.now(), policy)
        else {
            return;
        };
        let server = self.caller.server.as_deref();
        let mut counters = Counters::new(policy, server, now, Passage::Deny);
        match give_back(&reservation, &mut counters) {
            Ok(()) => self.count(Event::GivenBack),
            // It stays counted, which can only deny.
            Err(_) => self.count(Event::StoreFailed),
        }
    }
}

/// Traps, if a request asks for it in this callback: what the proxy does then is part of what is tested.
#[cfg(feature = "test-trap")]
fn trap_if_asked(callback: &str) {
    let headers = host::headers(host::Way::Request);
    if headers
        .is_some_and(|headers| headers.get("x-cattlegrid-test-trap").as_deref() == Some(callback))
    {
        std::process::abort();
    }
}

#[cfg(not(feature = "test-trap"))]
fn trap_if_asked(_: &str) {}

impl Context for Exchange {
    fn on_grpc_call_response(&mut self, token: u32, status: u32, size: usize) {
        self.answered(token, status, size);
    }
}

impl HttpContext for Exchange {
    fn on_http_request_headers(&mut self, _count: usize, end: bool) -> Action {
        trap_if_asked("request headers");
        self.request_headers(end)
    }

    fn on_http_request_body(&mut self, size: usize, end: bool) -> Action {
        trap_if_asked("request body");
        self.is_silent = false;
        self.request_body(size, end)
    }

    fn on_http_request_trailers(&mut self, _count: usize) -> Action {
        self.request_end()
    }

    fn on_http_response_headers(&mut self, _count: usize, end: bool) -> Action {
        trap_if_asked("response headers");
        self.response_headers(end)
    }

    fn on_http_response_body(&mut self, size: usize, end: bool) -> Action {
        trap_if_asked("response body");
        self.response_body(size, end)
    }

    fn on_http_response_trailers(&mut self, _count: usize) -> Action {
        // Nothing comes behind them: what the proxy holds by now is all.
        self.response_body(usize::MAX, true)
    }

    fn on_log(&mut self) {
        trap_if_asked("log");
        // A proxy that holds headers and never shows a body: nothing passes, and somebody should know why.
        if self.is_silent && host::request_timed_out() {
            host::log_error(host::NO_BODY);
            self.count(Event::Refused { cause: "silent", mode: self.caller.mode });
        }
        // No answer to the call came, or it broke off. If it was the client who went away, the tool
        // may well have run, and hanging up would be a way around every limit.
        if self.reservation.is_some() && host::upstream_failed() {
            self.give_back();
        }
    }
}
