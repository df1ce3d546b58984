//! An answer on its way to the client: what may pass, what is sent in its place, and whether what a call
//! took of its counters is kept.

use super::{Named, Reply, Settings};
use crate::json::{Node, Object, Value, read_strict};
use crate::model::Time;
use crate::pin::{PinMemory, Seen, Watch};
use crate::protocol::http::Body;
use crate::protocol::list::{Filtered, filter_entries};
use crate::protocol::quick::{Plain, plain_answer};
use crate::protocol::{Id, answer};

/// What a request asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// Nothing that has an id: a notification, the end of a session.
    Nothing,
    /// A stream, which may bring anything.
    Stream,
    /// A list of tools.
    List(Id),
    /// Something else.
    Other(Id),
}

impl Asked {
    /// The id that the answer is to name.
    #[must_use]
    pub fn id(&self) -> Option<&Id> {
        match self {
            Asked::Nothing | Asked::Stream => None,
            Asked::List(id) | Asked::Other(id) => Some(id),
        }
    }

    /// Whether an answer with such a body and status may pass unread.
    #[must_use]
    pub fn may_pass(&self, body: Body, status: u16) -> bool {
        match (body, self, status) {
            (Body::Json | Body::Events, ..) => false,
            // No list, whatever the server calls it, passes unread.
            (Body::Other, Asked::List(_), 0..=399) => false,
            // Nor what a GET opens: the official TypeScript clients read that as a stream of
            // events without a look at its type.
            (Body::Other, Asked::Stream, 0..=299) => false,
            _ => true,
        }
    }

    /// The answer in place of one with this status, of which nothing has gone on.
    #[must_use]
    pub fn withheld(&self, status: u16) -> Reply {
        let body = answer::unreadable_answer(self.id());
        // Clients hand an error on from an answer of status 200; one that asked for nothing with an
        // id has no use for it.
        let status = match (self.id(), status) {
            (_, 400..) => status,
            (Some(_), _) => 200,
            (None, _) => 502,
        };
        Reply::json(status, body)
    }
}

/// What becomes of what a call took of its counters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// Nothing yet: this was not its answer.
    Not,
    /// It is kept: the tool ran.
    Kept,
    /// It is given back: the call failed, or comes again.
    Failed,
}

/// What becomes of one message of the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Passing {
    /// It passes with the bytes that it came with.
    AsItCame,
    /// It lists tools, and this goes on in its place.
    List {
        /// The list, written anew.
        text: String,
        /// How many entries were taken out.
        hidden: usize,
        /// What in it is not as it is pinned.
        seen: Seen,
    },
    /// It could not be read and does not pass; this goes on in its place.
    Withheld(String),
}

/// The lock of the server that answers, and where it is remembered what differs from it.
pub struct Pins<'a> {
    /// See [`Settings::watch`].
    pub watch: &'a Watch,
    /// The memory.
    pub memory: &'a mut dyn PinMemory,
    /// When the message came.
    pub now: Time,
}

impl Settings {
    /// Judges one message of the server for who has this policy; `id` is that of the request that waits
    /// for it, and `reserved` whether it took something of its counters. A list is compared with the pins
    /// of the server, and withheld if it cannot be remembered what differs.
    #[must_use]
    pub fn judge_answer(
        &self,
        policy: Option<&Named>,
        pins: Option<Pins<'_>>,
        message: &[u8],
        id: Option<&Id>,
        reserved: bool,
    ) -> (Passing, Settled) {
        if let Some(plain) = plain_answer(message, &self.answer, id) {
            let settled = match plain {
                Plain::Result => Settled::Kept,
                Plain::Error => Settled::Failed,
                Plain::Other => Settled::Not,
            };
            return (Passing::AsItCame, settled);
        }
        self.judge_whole(policy, pins, message, id, reserved)
    }

    /// The same of one that may list tools, by all that is in it.
    #[cold] // Lists are seldom, and the code that usual answers run stays short.
    #[inline(never)]
    fn judge_whole(
        &self,
        policy: Option<&Named>,
        pins: Option<Pins<'_>>,
        message: &[u8],
        id: Option<&Id>,
        reserved: bool,
    ) -> (Passing, Settled) {
        let mut listing = pins.as_ref().map(|pins| pins.watch.listing());
        let mut visible = |name: &str, tool: &Object| {
            // Hidden tools are compared too: another grant may see them.
            let is_pinned = listing.as_mut().is_none_or(|listing| listing.shows(name, tool));
            is_pinned && policy.is_some_and(|policy| self.shows(&policy.policy, name))
        };
        let filtered = filter_entries(message, &self.answer, &mut visible);
        let seen = match (&filtered, listing, pins) {
            (Ok(Filtered::List { .. }), Some(listing), Some(pins)) => {
                listing.finish(pins.now, pins.memory).ok()
            }
            _ => Some(Seen::default()),
        };
        match (filtered, seen) {
            (Ok(filtered), Some(seen)) => {
                let settled = match id {
                    Some(id) if reserved => self.settle(message, id),
                    _ => Settled::Not,
                };
                let passing = match filtered {
                    Filtered::Untouched => Passing::AsItCame,
                    Filtered::List { text, hidden } => Passing::List { text, hidden, seen },
                };
                (passing, settled)
            }
            _ => (Passing::Withheld(answer::unreadable_answer(id)), Settled::Not),
        }
    }

    /// If this message is the answer to the call with this id, what the call took is kept, or given back
    /// if the answer is an error. A result that says `isError` is a result: the tool ran.
    fn settle(&self, message: &[u8], id: &Id) -> Settled {
        let Ok(Value::Object(message)) = read_strict(message, &self.answer).map(|node| node.value)
        else {
            return Settled::Not;
        };
        let names_it = |node: &Node| Id::from_value(&node.value).as_ref() == Some(id);
        // A request of the server may have the same id.
        if !message.get("id").is_some_and(names_it) || message.get("method").is_some() {
            return Settled::Not;
        }
        // A call that waits for more input comes again, and is counted when it comes for the last time.
        let result = message.get("result").and_then(|result| result.value.as_object());
        let kind = result.and_then(|result| result.get("resultType")?.value.as_str());
        if message.get("error").is_some() || kind == Some("input_required") {
            Settled::Failed
        } else {
            Settled::Kept
        }
    }
}
