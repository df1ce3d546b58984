//! The boundary to JavaScript: text in, codes and plain objects out. Nothing is decided here.
//!
//! What people see of it are `js/` and `index.d.ts`; these functions are for `js/policy.js` alone,
//! which hands over every text through the buffer of [`text`] and says how many bytes it has.

mod text;

#[cfg(test)]
mod tests;

use cattlegrid::compile::{CompiledPolicy, compile};
use cattlegrid::evaluate::{self, Env};
use cattlegrid::json::{self, Limits};
use cattlegrid::model::{Call, Decision, Effect, Explanation, Time};
use cattlegrid::parse;
use cattlegrid::quota::{self, MemoryStore, Reservation};
use cattlegrid::wire::{WireDecision, WireExplanation};
use js_sys::Array;
use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::prelude::*;

/// A policy with its counters.
#[wasm_bindgen]
pub struct Engine {
    policy: CompiledPolicy,
    counters: MemoryStore,
}

/// What an allowed call took of the counters.
#[wasm_bindgen]
pub struct Taken(Reservation);

#[wasm_bindgen]
impl Engine {
    /// Reads a policy; throws the list of its diagnostics if it is none.
    #[wasm_bindgen(constructor)]
    pub fn new(length: usize) -> Result<Engine, JsValue> {
        todo()
    }

    /// The hash of the policy.
    #[wasm_bindgen(getter)]
    pub fn hash(&self) -> String {
        self.policy.hash().to_owned()
    }

    /// Decides a call and counts it: 0 denies, 1 holds, 2 allows.
    pub fn decide(&mut self, length: usize, now: f64) -> u8 {
        let effect = match read_call(length) {
            Ok(call) => {
                let (policy, mut env) = self.ask(now);
                evaluate::decide(Some(policy), &call, &mut env).effect
            }
            Err(malformed) => malformed.effect,
        };
        match effect {
            Effect::Deny => 0,
            Effect::Hold => 1,
            Effect::Allow => 2,
        }
    }

    /// Decides a call and counts it: the decision, and what it took or `null`.
    pub fn evaluate(&mut self, length: usize, now: f64) -> Result<Array, JsValue> {
        let (decision, reservation) = match read_call(length) {
            Ok(call) => {
                let (policy, mut env) = self.ask(now);
                let evaluation = evaluate::evaluate(Some(policy), &call, &mut env);
                (evaluation.decision, evaluation.reservation)
            }
            Err(malformed) => (malformed, Reservation::default()),
        };
        let taken = if reservation.is_empty() { JsValue::NULL } else { Taken(reservation).into() };
        Ok(Array::of2(&to_js(&WireDecision::from(&decision))?, &taken))
    }

    /// Explains a call and counts nothing.
    pub fn explain(&mut self, length: usize, now: f64) -> Result<JsValue, JsValue> {
        let explanation = match read_call(length) {
            Ok(call) => {
                let (policy, mut env) = self.ask(now);
                evaluate::explain(Some(policy), &call, &mut env)
            }
            Err(decision) => Explanation { decision, rules: Vec::new(), limits: Vec::new() },
        };
        to_js(&WireExplanation::from(&explanation))
    }

    /// Gives back what an allowed call took.
    #[wasm_bindgen(js_name = giveBack)]
    pub fn give_back(&mut self, taken: Taken) {
        // The store in memory always answers.
        let _ = quota::give_back(&taken.0, &mut self.counters);
    }

    fn ask(&mut self, now: f64) -> (&CompiledPolicy, Env<'_>) {
        // JavaScript has refused what is no time; a fraction of a millisecond is cut off.
        (&self.policy, Env { now: Time(now as u64), counters: &mut self.counters })
    }
}

/// The most bytes of a call that are read.
#[wasm_bindgen(js_name = messageLimit)]
pub fn message_limit() -> usize {
    Limits::MESSAGE.bytes
}

/// The most bytes of a policy or catalog that are read.
#[wasm_bindgen(js_name = documentLimit)]
pub fn document_limit() -> usize {
    Limits::DOCUMENT.bytes
}

/// The call in the buffer, or the denial of what is none.
fn read_call(length: usize) -> Result<Call, Decision> {
    let node = text::with(length, |text| json::read_strict(text, &Limits::MESSAGE))
        .map_err(|fault| evaluate::malformed("", &fault.kind.to_string()))?;
    parse::call(&node).map_err(|fault| {
        let tool = fault.tool.as_deref().unwrap_or_default();
        evaluate::malformed(tool, &fault.kind.to_string())
    })
}

/// A plain JavaScript object: what JSON would have in its place.
fn to_js(value: &impl Serialize) -> Result<JsValue, JsValue> {
    Ok(value.serialize(&Serializer::json_compatible())?)
}
