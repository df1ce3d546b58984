//! One request and its answer.

use std::rc::Rc;

use cattlegrid::model::Time;
use cattlegrid::protocol::Id;
use cattlegrid::quota::{Reservation, give_back};
use proxy_wasm::traits::{Context, HttpContext};
use proxy_wasm::types::Action;

use crate::config::Settings;
use crate::host::{self, SharedData};
use crate::report::{self, Event};
use crate::response::Answer;
use crate::store::SharedStore;

/// One request and its answer.
///
/// The proxy calls in this order: request headers, body (in pieces), trailers, then the same for the
/// answer, then the end; any of it may be missing. A request is paused at its headers until its body
/// is whole, so that nothing of it reaches the server before it is decided.
pub struct Exchange {
    pub(crate) settings: Option<Rc<Settings>>,
    pub(crate) caller: Caller,
    pub(crate) request: Progress,
    /// What the request asks for, once it was read.
    pub(crate) asked: Asked,
    /// What the call took of its counters, until its answer says whether it is kept.
    pub(crate) reservation: Option<Reservation>,
    pub(crate) answer: Answer,
}

/// Who makes the request, by its headers.
#[derive(Default)]
pub struct Caller {
    /// The label of the grant.
    pub grant: String,
    /// The MCP session.
    pub session: Option<String>,
    /// The proxy's own id of the request, for logs.
    pub request_id: String,
    /// The time that a test wants it to be.
    pub now: Option<Time>,
}

/// How far a request is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Its headers have not come.
    New,
    /// Its body is awaited.
    Awaiting,
    /// It went on to the server.
    Passed,
    /// We answered it. The proxy then shows us our own answer as if it were the server's, and may
    /// still bring pieces of the request: nothing of it matters.
    Answered,
}

/// What a request asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// Nothing that names an id: a stream, a notification.
    Nothing,
    /// A list of tools.
    List(Id),
    /// Something else.
    Other(Id),
}

impl Asked {
    /// The id that the answer is to name.
    pub fn id(&self) -> Option<&Id> {
        match self {
            Asked::Nothing => None,
            Asked::List(id) | Asked::Other(id) => Some(id),
        }
    }
}

/// An answer in the server's place.
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// A header beside the content type.
    pub header: Option<(&'static str, &'static str)>,
    /// JSON, or nothing.
    pub body: String,
}

impl Reply {
    /// JSON with a status.
    pub fn json(status: u16, body: String) -> Reply {
        Reply { status, header: None, body }
    }
}

impl Exchange {
    /// An exchange that has not begun.
    pub fn new(settings: Option<Rc<Settings>>) -> Exchange {
        Exchange {
            settings,
            caller: Caller::default(),
            request: Progress::New,
            asked: Asked::Nothing,
            reservation: None,
            answer: Answer::Awaiting,
        }
    }

    /// Answers in the server's place, at most once.
    pub(crate) fn reply(&mut self, reply: &Reply) -> Action {
        if self.request != Progress::Answered {
            self.request = Progress::Answered;
            let kind = (!reply.body.is_empty()).then_some(("content-type", "application/json"));
            let headers = kind.into_iter().chain(reply.header).collect();
            host::answer(reply.status, headers, &reply.body);
        }
        Action::Pause
    }

    /// The time of the call.
    pub(crate) fn now(&self) -> Option<Time> {
        self.caller.now.or_else(host::now)
    }

    /// The call has failed: what it took is given back.
    pub(crate) fn give_back(&mut self) {
        let (Some(reservation), Some(now)) = (self.reservation.take(), self.now()) else {
            return;
        };
        match give_back(&reservation, &mut SharedStore::new(SharedData, now)) {
            Ok(()) => report::count(Event::GivenBack),
            // It stays counted, which can only deny.
            Err(error) => host::log_warning(&format!("cattlegrid: not given back: {error}")),
        }
    }
}

impl Context for Exchange {}

impl HttpContext for Exchange {
    fn on_http_request_headers(&mut self, _count: usize, end: bool) -> Action {
        self.request_headers(end)
    }

    fn on_http_request_body(&mut self, size: usize, end: bool) -> Action {
        self.request_body(size, end)
    }

    fn on_http_request_trailers(&mut self, _count: usize) -> Action {
        self.request_end()
    }

    fn on_http_response_headers(&mut self, _count: usize, end: bool) -> Action {
        self.response_headers(end)
    }

    fn on_http_response_body(&mut self, size: usize, end: bool) -> Action {
        self.response_body(size, end)
    }

    fn on_http_response_trailers(&mut self, _count: usize) -> Action {
        self.response_end()
    }

    fn on_log(&mut self) {
        // An answer that never came, or broke off. If it was the client who went away, the tool may
        // well have run, and hanging up would otherwise be a way around a limit.
        if self.reservation.is_some() && host::upstream_failed() {
            self.give_back();
        }
    }
}
