//! From the server to the client: hidden tools leave every list, wherever it comes, and what cannot
//! be read is withheld; a call that failed gives back what it took.

use cattlegrid::edge::{About, Mode, Passing, Pins, Settled, changes_line};
use cattlegrid::json::Limits;
use cattlegrid::model::Time;
use cattlegrid::pin::Seen;
use cattlegrid::protocol::answer;
use cattlegrid::protocol::http::{self, Body, ResponseHead, Unfilterable};
use cattlegrid::protocol::sse::{Data, SseFilter, event};
use proxy_wasm::types::Action;

use crate::exchange::{Exchange, Progress};
use crate::host::{self, SharedData, Way};
use crate::report::Event;

/// So much of a message is held by the proxy, in its own buffers. What is larger is held here, and
/// leaves as an answer of our own with the server's headers: a proxy that is given more than the limit
/// of its buffers ends the exchange while we are running, which Envoy does not survive.
const LEFT_TO_THE_PROXY: usize = 256 << 10;
/// No proxy's limit is below this.
const SMALL: usize = 4 << 10;

/// What becomes of an answer's body.
pub enum Answer {
    /// It passes as it comes.
    Passing,
    /// One message: held until it is whole, its headers with it. What of it the proxy no longer holds.
    Message(Vec<u8>),
    /// A stream of events, filtered one by one.
    Events(SseFilter),
}

impl Exchange {
    pub(crate) fn response_headers(&mut self, end: bool) -> Action {
        // Ours; or, where the request never went on, the proxy's own.
        if self.progress != Progress::Passed {
            return Action::Continue;
        }
        let Some(headers) = host::headers(Way::Response) else {
            return self.withhold(502);
        };
        let status = headers.get(":status").and_then(|status| status.parse().ok()).unwrap_or(0);
        if status >= 400 {
            self.give_back();
        }
        if self.caller.mode == Mode::Shadow {
            return Action::Continue;
        }
        let (kind, encoding) = (headers.get("content-type"), headers.get("content-encoding"));
        let head = ResponseHead {
            status,
            content_type: kind.as_deref(),
            content_encoding: encoding.as_deref(),
        };
        match http::response(&head) {
            Err(Unfilterable) => self.withhold(status),
            Ok(_) if end => Action::Continue,
            Ok(Body::Json) => {
                self.answer = Answer::Message(Vec::new());
                Action::Pause
            }
            Ok(Body::Events) => {
                // Filtered events are of another length.
                if headers.has("content-length")
                    && !host::remove_header(Way::Response, "content-length")
                {
                    return self.withhold(502);
                }
                self.answer = Answer::Events(SseFilter::new(self.limits().bytes));
                Action::Continue
            }
            Ok(body) if self.asked.may_pass(body, status) => Action::Continue,
            Ok(_) => self.withhold(status),
        }
    }

    /// What of the server is read.
    fn limits(&self) -> Limits {
        self.shared.settings.answer
    }

    /// Answers in place of an answer of which nothing has gone on.
    #[cold] // Out of the way of usual calls: see `host`.
    #[inline(never)]
    fn withhold(&mut self, status: u16) -> Action {
        self.count(Event::Withheld);
        self.reply(&self.asked.withheld(status))
    }

    /// A piece of the answer. `size` is that of all that the proxy holds.
    pub(crate) fn response_body(&mut self, size: usize, end: bool) -> Action {
        if self.progress == Progress::Answered {
            return Action::Continue;
        }
        match std::mem::replace(&mut self.answer, Answer::Passing) {
            Answer::Passing => Action::Continue,
            Answer::Message(held) => self.message(held, size, end),
            Answer::Events(filter) => self.events(filter, size, end),
        }
    }

    fn message(&mut self, mut held: Vec<u8>, size: usize, end: bool) -> Action {
        if !end && held.is_empty() && size <= LEFT_TO_THE_PROXY {
            self.answer = Answer::Message(held);
            return Action::Pause;
        }
        let piece = host::body(Way::Response, size);
        if held.len().saturating_add(piece.len()) > self.limits().bytes {
            return self.withhold(200);
        }
        let all_with_the_proxy = held.is_empty();
        if all_with_the_proxy {
            held = piece;
        } else {
            held.extend_from_slice(&piece);
        }
        if !end {
            self.answer = Answer::Message(held);
            return if host::set_body(Way::Response, &[]) {
                Action::Pause
            } else {
                self.withhold(502)
            };
        }
        let replacement = if held.is_empty() { None } else { self.judge(&held) };
        match replacement {
            None if all_with_the_proxy => Action::Continue,
            Some(text) if all_with_the_proxy && text.len() <= held.len().max(SMALL) => {
                let length = text.len().to_string();
                let sent = host::set_header(Way::Response, "content-length", &length)
                    && host::set_body(Way::Response, text.as_bytes());
                if sent { Action::Continue } else { self.withhold(502) }
            }
            None => self.resend(&held),
            Some(text) => self.resend(text.as_bytes()),
        }
    }

    /// Answers with the server's headers and this body, which is more than the proxy may hold.
    #[cold] // Out of the way of usual calls: see `host`.
    #[inline(never)]
    fn resend(&mut self, body: &[u8]) -> Action {
        self.progress = Progress::Answered;
        host::resend(body);
        Action::Pause
    }

    fn events(&mut self, mut filter: SseFilter, size: usize, end: bool) -> Action {
        let piece = host::body(Way::Response, size);
        let was_closed = filter.is_closed();
        let mut out = filter.push(&piece, end, &mut |data| match self.judge(data) {
            Some(text) => Data::Replace(text),
            None => Data::Keep,
        });
        if filter.is_closed() && !was_closed && !end {
            // An event that is too large: the client is told, and nothing more comes.
            self.count(Event::Withheld);
            out.extend(event(&answer::unreadable_answer(self.asked.id())).into_bytes());
        }
        self.answer = Answer::Events(filter);
        // With nothing to put in the place of nothing there may be no body at all.
        if out != piece && !host::set_body(Way::Response, &out) {
            // The headers are gone: all that is left is to send nothing.
            return Action::Pause;
        }
        Action::Continue
    }

    /// Counts and logs what a list shows that is not as it is pinned.
    #[cold] // Out of the way of usual calls: see `host`.
    #[inline(never)]
    fn tell_changes(&self, seen: &Seen, denies: bool) {
        if seen.is_empty() {
            return;
        }
        let differ = seen.changed.len().saturating_add(seen.new.len());
        self.shared.metrics.count(Event::Changed, differ);
        if self.shared.is_logging.get() {
            let about = About { method: Some("tools/list"), ..self.about(None) };
            host::log(&changes_line(seen, denies, &about));
        }
    }

    /// Judges one message of the server: what is to be sent in its place, if it may not pass.
    fn judge(&mut self, message: &[u8]) -> Option<String> {
        let settings = &self.shared.settings;
        let policy = self.caller.identity.policy.as_deref();
        let watch = settings.watch(self.caller.server.as_deref());
        let (mut memory, now) = (SharedData, watch.and_then(|_| self.now()));
        // Without a time nothing is forgotten, which can only deny.
        let now = now.unwrap_or(Time(0));
        let pins = watch.map(|watch| Pins { watch, memory: &mut memory, now });
        let (id, reserved) = (self.asked.id(), self.reservation.is_some());
        let (passing, settled) = settings.judge_answer(policy, pins, message, id, reserved);
        if let (Passing::List { seen, .. }, Some(watch)) = (&passing, watch) {
            self.tell_changes(seen, watch.denies());
        }
        match settled {
            Settled::Not => {}
            Settled::Kept => self.reservation = None,
            Settled::Failed => self.give_back(),
        }
        match passing {
            Passing::AsItCame => None,
            Passing::List { text, hidden, .. } => {
                self.shared.metrics.count(Event::Hidden, hidden);
                Some(text)
            }
            Passing::Withheld(text) => {
                self.count(Event::Withheld);
                Some(text)
            }
        }
    }
}
