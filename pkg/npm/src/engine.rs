//! A policy that decides: what all modules of the package have in which one is. Texts come in through the buffer of
//! `text`; what goes out, if it is more than a number, is JSON text.

use cattlegrid::approval::Keys;
use cattlegrid::compile::CompiledPolicy;
use cattlegrid::evaluate::{self, Env, Scratch};
use cattlegrid::json::Limits;
use cattlegrid::model::{Call, Effect, Time};
use cattlegrid::parse::{self, CallFault};
use cattlegrid::quota::{self, MemoryStore, Reservation};
use cattlegrid::wire::{decision_text, outline};
use cattlegrid_npm_quick as quick;
use wasm_bindgen::prelude::*;

use crate::text;

/// A policy with its counters.
#[wasm_bindgen]
pub struct Engine {
    pub(crate) policy: CompiledPolicy,
    counters: MemoryStore,
    /// None unless the program gave them: then a hold is shown as one.
    pub(crate) approvals: Option<Keys>,
    scratch: Scratch,
    taken: Reservation,
}

/// What an allowed call took of the counters.
#[wasm_bindgen]
pub struct Taken(Reservation);

#[wasm_bindgen]
impl Engine {
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
        let scratch = &mut self.scratch;
        number(text::with(length, |text| quick::decide(&self.policy, text, &mut env, scratch)))
    }

    /// The same for a call of which the buffer has what was seen.
    #[wasm_bindgen(js_name = decideSeen)]
    pub fn decide_seen(&mut self, tool: u32, length: usize, now: f64) -> u8 {
        let (now, counters) = (Time(now as u64), &mut self.counters);
        let mut env = Env { now, counters, approvals: self.approvals.as_ref() };
        let (policy, scratch) = (&self.policy, &mut self.scratch);
        number(text::with(length, |records| {
            quick::decide_seen(policy, tool, records, &mut env, scratch)
        }))
    }

    /// The places that the policy looks at in the arguments of a tool's calls; none if a call is to be
    /// given whole.
    pub fn outline(&self, tool: &str) -> Option<String> {
        outline(&self.policy, tool)
    }

    /// Decides a call and counts it: the decision.
    pub fn evaluate(&mut self, length: usize, now: f64) -> String {
        let decision = match read_call(length) {
            Ok(call) => {
                let (policy, mut env) = self.ask(now);
                let evaluation = evaluate::evaluate(Some(policy), &call, &mut env);
                self.taken = evaluation.reservation;
                evaluation.decision
            }
            Err(fault) => {
                self.taken = Reservation::default();
                evaluate::not_a_call(&fault)
            }
        };
        decision_text(&decision)
    }

    /// What the last call that `evaluate` decided took of the counters, if it is asked for the first
    /// time and was anything.
    pub fn taken(&mut self) -> Option<Taken> {
        let taken = std::mem::take(&mut self.taken);
        (!taken.is_empty()).then_some(Taken(taken))
    }

    /// Gives back what an allowed call took.
    #[wasm_bindgen(js_name = giveBack)]
    pub fn give_back(&mut self, taken: Taken) {
        // The store in memory always answers.
        let _ = quota::give_back(&taken.0, &mut self.counters);
    }

    /// The engine of a policy, with nothing counted.
    pub(crate) fn of(policy: CompiledPolicy) -> Engine {
        Engine {
            policy,
            counters: MemoryStore::new(),
            approvals: None,
            scratch: Scratch::default(),
            taken: Reservation::default(),
        }
    }

    pub(crate) fn ask(&mut self, now: f64) -> (&CompiledPolicy, Env<'_>) {
        let (now, counters) = (Time(now as u64), &mut self.counters);
        (&self.policy, Env { now, counters, approvals: self.approvals.as_ref() })
    }
}

/// An effect as it crosses the boundary.
fn number(effect: Effect) -> u8 {
    match effect {
        Effect::Deny => 0,
        Effect::Hold => 1,
        Effect::Allow => 2,
    }
}

/// The most bytes of a call that are read.
#[wasm_bindgen(js_name = messageLimit)]
pub fn message_limit() -> usize {
    Limits::MESSAGE.bytes
}

/// The decision about what has no text at all, and so is no call.
#[wasm_bindgen]
pub fn malformed(why: &str) -> String {
    decision_text(&evaluate::malformed("", why))
}

/// The call in the buffer.
pub(crate) fn read_call(length: usize) -> Result<Call, CallFault> {
    text::with(length, parse::call_text)
}
