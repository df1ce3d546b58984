//! Answers that come through one pipe for many requests.

use std::collections::BTreeMap;

use cattlegrid::json::{Node, Object, Value, read_strict};
use cattlegrid::protocol::Id;
use wasm_bindgen::prelude::*;

use crate::exchange::Exchange;
use crate::guard::Guard;
use crate::step::{Verdict, id_text, text};

/// The requests that wait for their answers.
#[wasm_bindgen]
pub struct Pipe {
    /// For messages that answer none of them.
    other: Exchange,
    /// Whether somebody is known by the pipe's authorization.
    is_known: bool,
    waiting: BTreeMap<String, Exchange>,
    out: Vec<u8>,
}

#[wasm_bindgen]
impl Pipe {
    /// A pipe with nothing in it. `authorization` is as for an exchange; who is not known by it sees no
    /// tool in messages that nobody has asked for.
    #[wasm_bindgen(constructor)]
    pub fn new(guard: &Guard, authorization: Option<String>) -> Pipe {
        let mut other = guard.exchange();
        let whose = other.settings.whose(authorization.as_deref(), None);
        let is_known = whose.is_ok();
        if let Ok((identity, mode)) = whose {
            (other.caller.identity, other.caller.mode) = (identity, mode);
        }
        Pipe { other, is_known, waiting: BTreeMap::new(), out: Vec::new() }
    }

    /// One request of whom the pipe is, begun: as [`Exchange::open`] with the pipe's authorization, which is
    /// not looked up again. Nothing if nobody is known by that.
    pub fn exchange(&self, session: Option<String>, approval: Option<String>) -> Option<Exchange> {
        self.is_known.then(|| self.other.another(session, approval))
    }

    /// Whether a request with this id (JSON) waits for its answer. Another with the same could not be told
    /// from it: see [`Exchange::in_use`].
    #[wasm_bindgen(js_name = waitsFor)]
    pub fn waits_for(&self, id: &str) -> bool {
        self.waiting.contains_key(id)
    }

    /// Waits for the answer to a request that goes on.
    pub fn wait(&mut self, exchange: Exchange) {
        if let Some(id) = exchange.asked.id().map(id_text) {
            self.waiting.insert(id, exchange);
        }
    }

    /// Waits no more for the answer to the request with this id (JSON): the exchange, to give back
    /// what it took if the call has failed.
    pub fn forget(&mut self, id: &str) -> Option<Exchange> {
        self.waiting.remove(id)
    }

    /// How many are waited for.
    #[wasm_bindgen(getter)]
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// The ids (a JSON list of JSON texts) that are waited for.
    pub fn ids(&self) -> String {
        text(&self.waiting.keys().collect::<Vec<_>>())
    }

    /// Judges one message of the server, whole.
    pub fn message(&mut self, message: &[u8]) -> String {
        let (id, method) = self.head_of(message);
        let mut verdict = Verdict { method, ..Verdict::default() };
        let own = id.as_ref().filter(|_| verdict.method.is_none());
        let mut answered = own.and_then(|id| self.waiting.remove(id));
        let exchange = answered.as_mut().unwrap_or(&mut self.other);
        if let Some(instead) = exchange.judge(message, &mut verdict) {
            verdict.replaced = true;
            self.out = instead.into_bytes();
        }
        verdict.id = id;
        text(&verdict)
    }

    /// The bytes that belong to what was said last. They are there once.
    pub fn bytes(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.out)
    }
}

impl Pipe {
    /// The id and the method of a message of the server, if it has them.
    fn head_of(&self, message: &[u8]) -> (Option<String>, Option<String>) {
        let limits = &self.other.settings.answer;
        let Ok(Node { value: Value::Object(message), .. }) = read_strict(message, limits) else {
            return (None, None);
        };
        let id = message.get("id").and_then(|node| Id::from_value(&node.value));
        (id.as_ref().map(id_text), method_of(&message))
    }
}

fn method_of(message: &Object) -> Option<String> {
    message.get("method").map(|node| node.value.as_str().unwrap_or_default().to_owned())
}
