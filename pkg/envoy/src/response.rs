//! From the server to the client: hidden tools leave every list, wherever it comes, and what cannot
//! be read is withheld; a call that failed gives back what it took.

use cattlegrid::edge::Mode;
use cattlegrid::json::{Limits, Node, Value, read_strict};
use cattlegrid::protocol::http::{self, Body, ResponseHead, Unfilterable};
use cattlegrid::protocol::list::{Filtered, filter_tools};
use cattlegrid::protocol::quick::{Plain, plain_answer};
use cattlegrid::protocol::sse::{Data, SseFilter, event};
use cattlegrid::protocol::{Id, answer};
use proxy_wasm::types::Action;

use crate::exchange::{Asked, Exchange, Progress, Reply};
use crate::host::{self, Headers, Way};
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
        let Some(headers) = Headers::of(Way::Response) else {
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
                if headers.get("content-length").is_some()
                    && !host::remove_header(Way::Response, "content-length")
                {
                    return self.withhold(502);
                }
                self.answer = Answer::Events(SseFilter::new(self.limits().bytes));
                Action::Continue
            }
            Ok(Body::Other) => match (&self.asked, status) {
                // No list, whatever the server calls it, passes unread.
                (Asked::List(_), 0..=399) => self.withhold(status),
                // Nor what a GET opens: the official TypeScript clients read that as a stream of
                // events without a look at its type.
                (Asked::Stream, 0..=299) => self.withhold(status),
                _ => Action::Continue,
            },
        }
    }

    /// What of the server is read.
    fn limits(&self) -> Limits {
        self.shared.settings.answer
    }

    /// Answers in place of an answer of which nothing has gone on.
    fn withhold(&mut self, status: u16) -> Action {
        self.count(Event::Withheld);
        let body = answer::unreadable_answer(self.asked.id());
        // Clients hand an error on from an answer of status 200; one that asked for nothing with an
        // id has no use for it.
        let status = match (self.asked.id(), status) {
            (_, 400..) => status,
            (Some(_), _) => 200,
            (None, _) => 502,
        };
        self.reply(&Reply::json(status, body))
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
        held.extend_from_slice(&piece);
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

    /// Judges one message of the server: what is to be sent in its place, if it may not pass.
    fn judge(&mut self, message: &[u8]) -> Option<String> {
        if let Some(plain) = plain_answer(message, &self.limits(), self.asked.id()) {
            match plain {
                Plain::Result => self.reservation = None,
                Plain::Error => self.give_back(),
                Plain::Other => {}
            }
            return None;
        }
        let settings = &self.shared.settings;
        let policy = self.caller.identity.policy.as_ref();
        let visible =
            |tool: &str| policy.is_some_and(|policy| settings.shows(&policy.policy, tool));
        match filter_tools(message, &settings.answer, &visible) {
            Ok(filtered) => {
                self.settle(message);
                let Filtered::List { text, hidden } = filtered else {
                    return None;
                };
                self.shared.metrics.count(Event::Hidden, hidden);
                Some(text)
            }
            Err(_) => {
                self.count(Event::Withheld);
                Some(answer::unreadable_answer(self.asked.id()))
            }
        }
    }

    /// If this message is the answer to the call, what the call took is kept, or given back if the
    /// answer is an error. A result that says `isError` is a result: the tool ran.
    fn settle(&mut self, message: &[u8]) {
        let (Some(_), Some(id)) = (&self.reservation, self.asked.id()) else {
            return;
        };
        let Ok(Value::Object(message)) =
            read_strict(message, &self.limits()).map(|node| node.value)
        else {
            return;
        };
        let names_it = |node: &Node| Id::from_value(&node.value).as_ref() == Some(id);
        // A request of the server may have the same id.
        if !message.get("id").is_some_and(names_it) || message.get("method").is_some() {
            return;
        }
        // A call that waits for more input comes again, and is counted when it comes for the last time.
        let result = message.get("result").and_then(|result| result.value.as_object());
        let kind = result.and_then(|result| result.get("resultType")?.value.as_str());
        if message.get("error").is_some() || kind == Some("input_required") {
            self.give_back();
        } else {
            self.reservation = None;
        }
    }
}
