//! The answer to a request on its way to the client.

use cattlegrid::edge::{About, Mode, Passing, Pins, Reply, Settled, changes_line};
use cattlegrid::model::Time;
use cattlegrid::protocol::answer::unreadable_answer;
use cattlegrid::protocol::http::{self, Body, ResponseHead, Unfilterable};
use cattlegrid::protocol::sse::{Data, SseFilter, event};
use wasm_bindgen::prelude::*;

use crate::exchange::Exchange;
use crate::step::{AnswerBody, Given, Verdict, text};

#[wasm_bindgen]
impl Exchange {
    /// Judges the headers of an answer. `empty` says that it has no body.
    #[wasm_bindgen(js_name = answerHead)]
    pub fn answer_head(
        &mut self,
        status: u16,
        content_type: Option<String>,
        content_encoding: Option<String>,
        empty: bool,
    ) -> String {
        let head = ResponseHead {
            status,
            content_type: content_type.as_deref(),
            content_encoding: content_encoding.as_deref(),
        };
        let body = match http::response(&head) {
            _ if self.caller.mode == Mode::Shadow => AnswerBody::Pass,
            Err(Unfilterable) => self.withheld(status),
            Ok(_) if empty => AnswerBody::Pass,
            Ok(Body::Json) => AnswerBody::Message,
            Ok(Body::Events) => {
                self.events = Some(SseFilter::new(self.settings.answer.bytes));
                AnswerBody::Events
            }
            Ok(body) if self.asked.may_pass(body, status) => AnswerBody::Pass,
            Ok(_) => self.withheld(status),
        };
        text(&body)
    }

    /// The answer is larger than what is read, or not to be read at all: what is sent in its place.
    pub fn withhold(&mut self, status: u16) -> String {
        text(&self.withheld(status))
    }

    /// In place of an answer that did not come, or broke off.
    #[wasm_bindgen(js_name = noAnswer)]
    pub fn no_answer(&mut self, status: u16, why: &str) -> String {
        let Reply { status, body, .. } = Reply::no_answer(self.asked.id(), status, why);
        self.out = body.into_bytes();
        text(&AnswerBody::Withheld { status })
    }

    /// The same as the last event of a stream that broke off.
    #[wasm_bindgen(js_name = lastEvent)]
    pub fn last_event(&mut self, why: &str) -> Vec<u8> {
        event(&Reply::no_answer(self.asked.id(), 200, why).body).into_bytes()
    }

    /// Judges one message of the server, whole.
    pub fn message(&mut self, message: &[u8]) -> String {
        let mut verdict = Verdict::default();
        if let Some(instead) = self.judge(message, &mut verdict) {
            verdict.replaced = true;
            self.out = instead.into_bytes();
        }
        text(&verdict)
    }

    /// Judges the next piece of a stream of events; what goes on is in the bytes of the exchange.
    pub fn piece(&mut self, piece: &[u8], end: bool) -> String {
        let mut verdict = Verdict { replaced: true, ..Verdict::default() };
        let Some(mut filter) = self.events.take() else {
            verdict.closed = true;
            return text(&verdict);
        };
        let mut out = filter.push(piece, end, &mut |data| match self.judge(data, &mut verdict) {
            Some(text) => Data::Replace(text),
            None => Data::Keep,
        });
        verdict.closed = filter.is_closed();
        if verdict.closed && !end {
            // An event that is too large: the client is told, and nothing more comes.
            verdict.withheld = verdict.withheld.saturating_add(1);
            out.extend(event(&unreadable_answer(self.asked.id())).into_bytes());
        }
        self.events = Some(filter);
        self.out = out;
        text(&verdict)
    }

    /// The call has failed: what is to be given back, once.
    pub fn failed(&mut self) -> String {
        let taken = std::mem::take(&mut self.taken);
        text(&taken.iter().map(Given::from).collect::<Vec<_>>())
    }
}

impl Exchange {
    fn withheld(&mut self, status: u16) -> AnswerBody {
        let Reply { status, body, .. } = self.asked.withheld(status);
        self.out = body.into_bytes();
        AnswerBody::Withheld { status }
    }

    /// What goes on in the place of a message of the server, if it may not pass.
    pub(crate) fn judge(&mut self, message: &[u8], verdict: &mut Verdict) -> Option<String> {
        let policy = self.caller.identity.policy.as_deref();
        let (id, reserved) = (self.asked.id(), !self.taken.is_empty());
        let watch = self.settings.watch(self.caller.server.as_deref());
        let mut memory = self.pins.borrow_mut();
        let now = Time(js_sys::Date::now() as u64);
        let pins = watch.map(|watch| Pins { watch, memory: &mut *memory, now });
        let (passing, settled) = self.settings.judge_answer(policy, pins, message, id, reserved);
        drop(memory);
        if let (Passing::List { seen, .. }, Some(watch)) = (&passing, watch)
            && !seen.is_empty()
        {
            let about = About { method: Some("tools/list"), ..self.about() };
            verdict.lines.push(changes_line(seen, watch.denies(), &about));
        }
        match settled {
            Settled::Not => {}
            Settled::Kept => self.taken.clear(),
            Settled::Failed => {
                let taken = std::mem::take(&mut self.taken);
                verdict.give_back.extend(taken.iter().map(Given::from));
            }
        }
        // In shadow the bytes pass, and what they say of a call counts all the same.
        match passing {
            _ if self.caller.mode == Mode::Shadow => None,
            Passing::AsItCame => None,
            Passing::List { text, hidden, .. } => {
                verdict.hidden = verdict.hidden.saturating_add(hidden);
                Some(text)
            }
            Passing::Withheld(text) => {
                verdict.withheld = verdict.withheld.saturating_add(1);
                Some(text)
            }
        }
    }
}
