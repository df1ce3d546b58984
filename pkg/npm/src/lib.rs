//! The boundary to JavaScript: text in, codes and plain objects out. Nothing is decided here.
//!
//! What people see of it are `js/` and `index.d.ts`; these functions are for `js/policy.js` alone,
//! which hands over every text through the buffer of `text` and says how many bytes it has.

mod text;

#[cfg(test)]
mod tests;

use cattlegrid::approval::Keys;
use cattlegrid::compile::{CompiledPolicy, compile};
use cattlegrid::diagnostic::Diagnostic;
use cattlegrid::evaluate::{self, Env, Scratch};
use cattlegrid::json::{self, Limits};
use cattlegrid::model::{Call, Catalog, Effect, Explanation, Time, Tool};
use cattlegrid::parse::{self, CallFault, Parsed};
use cattlegrid::quota::{self, MemoryStore, Reservation};
use cattlegrid::source::LineIndex;
use cattlegrid::validate;
use cattlegrid::wire::{
    WireDecision, WireDiagnostic, WireExplanation, WireSpan, WireToolState, outline,
};
use js_sys::{Array, TypeError};
use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::prelude::*;

/// A policy with its counters.
#[wasm_bindgen]
pub struct Engine {
    policy: CompiledPolicy,
    counters: MemoryStore,
    /// None unless the program gave them: then a hold is shown as one.
    approvals: Option<Keys>,
    scratch: Scratch,
}

/// What an allowed call took of the counters.
#[wasm_bindgen]
pub struct Taken(Reservation);

#[wasm_bindgen]
impl Engine {
    /// Reads a policy; throws the list of its diagnostics if it is none.
    #[wasm_bindgen(constructor)]
    pub fn new(length: usize) -> Result<Engine, JsValue> {
        text::with(length, |text| match parse::parse(text) {
            Parsed { policy: Some(policy), .. } => {
                let (policy, counters) = (compile(&policy), MemoryStore::new());
                Ok(Engine { policy, counters, approvals: None, scratch: Scratch::default() })
            }
            Parsed { diagnostics, .. } => Err(diagnostics_of(text, &diagnostics)?),
        })
    }

    /// Takes the keys by which approvals are known, as JSON; throws what is wrong with them.
    #[wasm_bindgen(js_name = takeApprovalKeys)]
    pub fn take_approval_keys(&mut self, keys: &str) -> Result<(), JsValue> {
        let wrong = |pointer: &str, why: &dyn std::fmt::Display| {
            JsValue::from(TypeError::new(&format!("approvalKeys{pointer}: {why}")))
        };
        let node = json::read_strict(keys.as_bytes(), &Limits::MESSAGE)
            .map_err(|fault| wrong("", &fault.kind))?;
        let keys = Keys::from_node(&node).map_err(|faults| match faults.first() {
            Some(fault) => wrong(&fault.pointer, &fault.kind),
            None => wrong("", &"they cannot be read"),
        })?;
        self.approvals = Some(keys);
        Ok(())
    }

    /// The hash of the policy.
    #[wasm_bindgen(getter)]
    pub fn hash(&self) -> String {
        self.policy.hash().to_owned()
    }

    /// Decides a call and counts it: 0 denies, 1 holds, 2 allows.
    pub fn decide(&mut self, length: usize, now: f64) -> u8 {
        // JavaScript has refused what is no time; a fraction of a millisecond is cut off.
        let (now, counters) = (Time(now as u64), &mut self.counters);
        let mut env = Env { now, counters, approvals: self.approvals.as_ref() };
        let policy = Some(&self.policy);
        let effect = text::with(length, |text| {
            evaluate::decide_text(policy, text, &mut env, &mut self.scratch).effect
        });
        match effect {
            Effect::Deny => 0,
            Effect::Hold => 1,
            Effect::Allow => 2,
        }
    }

    /// The places that the policy looks at in the arguments of a tool's calls, as JSON; none if a call
    /// is to be given whole.
    pub fn outline(&self, tool: &str) -> Option<String> {
        outline(&self.policy, tool)
    }

    /// Decides a call and counts it: the decision, and what it took or `null`.
    pub fn evaluate(&mut self, length: usize, now: f64) -> Result<Array, JsValue> {
        let (decision, reservation) = match read_call(length) {
            Ok(call) => {
                let (policy, mut env) = self.ask(now);
                let evaluation = evaluate::evaluate(Some(policy), &call, &mut env);
                (evaluation.decision, evaluation.reservation)
            }
            Err(fault) => (evaluate::not_a_call(&fault), Reservation::default()),
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
            Err(fault) => {
                let decision = evaluate::not_a_call(&fault);
                Explanation { decision, rules: Vec::new(), limits: Vec::new() }
            }
        };
        to_js(&WireExplanation::from(&explanation))
    }

    /// Gives back what an allowed call took.
    #[wasm_bindgen(js_name = giveBack)]
    pub fn give_back(&mut self, taken: Taken) {
        // The store in memory always answers.
        let _ = quota::give_back(&taken.0, &mut self.counters);
    }

    /// The state of each tool of the catalog in the buffer; throws a message if it is none.
    pub fn tools(&self, length: usize) -> Result<JsValue, JsValue> {
        let catalog = text::with(length, read_catalog)?;
        let state = |tool: &Tool| WireToolState::new(tool, &self.policy);
        to_js(&catalog.tools.iter().map(state).collect::<Vec<_>>())
    }

    fn ask(&mut self, now: f64) -> (&CompiledPolicy, Env<'_>) {
        // JavaScript has refused what is no time; a fraction of a millisecond is cut off.
        let (now, counters) = (Time(now as u64), &mut self.counters);
        (&self.policy, Env { now, counters, approvals: self.approvals.as_ref() })
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

/// The decision about what has no text at all, and so is no call.
#[wasm_bindgen]
pub fn malformed(why: &str) -> Result<JsValue, JsValue> {
    to_js(&WireDecision::from(&evaluate::malformed("", why)))
}

/// The call in the buffer.
fn read_call(length: usize) -> Result<Call, CallFault> {
    text::with(length, parse::call_text)
}

/// Everything that is to be said about the policy in the buffer.
#[wasm_bindgen]
pub fn check(length: usize, catalog: Option<String>) -> Result<JsValue, JsValue> {
    let catalog = catalog.map(|catalog| read_catalog(catalog.as_bytes())).transpose()?;
    text::with(length, |text| {
        diagnostics_of(text, &validate::check(text, catalog.as_ref()).diagnostics)
    })
}

/// The canonical text of the policy in the buffer; throws the list of its diagnostics if it is none.
#[wasm_bindgen]
pub fn format(length: usize) -> Result<String, JsValue> {
    text::with(length, |text| match parse::parse(text) {
        Parsed { policy: Some(policy), .. } => Ok(parse::print(&policy)),
        Parsed { diagnostics, .. } => Err(diagnostics_of(text, &diagnostics)?),
    })
}

/// Where in the text in the buffer the value of a JSON Pointer stands.
#[wasm_bindgen]
pub fn locate(length: usize, pointer: &str) -> Result<JsValue, JsValue> {
    text::with(length, |text| match parse::locate(text, pointer) {
        Some(span) => to_js(&WireSpan::new(span, &LineIndex::new(&String::from_utf8_lossy(text)))),
        None => Ok(JsValue::UNDEFINED),
    })
}

fn diagnostics_of(text: &[u8], diagnostics: &[Diagnostic]) -> Result<JsValue, JsValue> {
    // What is no UTF-8 becomes what JavaScript makes of it, so that places fit there.
    let text = String::from_utf8_lossy(text);
    let index = LineIndex::new(&text);
    let mirror = |diagnostic| WireDiagnostic::new(diagnostic, &index);
    to_js(&diagnostics.iter().map(mirror).collect::<Vec<_>>())
}

fn read_catalog(text: &[u8]) -> Result<Catalog, JsValue> {
    parse::catalog(text).map_err(|faults| {
        let why = faults.first().map_or("", |fault| &fault.message);
        TypeError::new(&format!("this is no catalog: {why}")).into()
    })
}

/// A plain JavaScript object: what JSON would have in its place.
fn to_js(value: &impl Serialize) -> Result<JsValue, JsValue> {
    Ok(value.serialize(&Serializer::json_compatible())?)
}
