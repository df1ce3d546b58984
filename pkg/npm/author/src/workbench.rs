//! A policy that is being written: its text, the catalog that it is for, and what the engine says of
//! them. What is known of them is read once, whatever is asked then.

use cattlegrid::compile::{CompiledPolicy, compile};
use cattlegrid::edit::{self, Change, EditFault};
use cattlegrid::evaluate::{self, Env};
use cattlegrid::form::{self, Sources};
use cattlegrid::model::{Catalog, Explanation, Time};
use cattlegrid::parse::Again;
use cattlegrid::quota::MemoryStore;
use cattlegrid::validate::{self, Said};
use cattlegrid::wire::{
    analysis_text, arguments_text, complete_text, decision_text, diagnostics_text, edited_text,
    explanation_text, form_text, hover_text, match_text, rows_text, simulate_covered_text,
    simulate_text, span_text,
};
use wasm_bindgen::prelude::*;

use crate::catalog;
use crate::engine::read_call;
use crate::fault::TypeError;
use crate::text;

/// A policy that is being written.
#[wasm_bindgen]
#[derive(Default)]
pub struct Workbench {
    read: Again,
    catalog: Option<Catalog>,
    said: Option<Said>,
    /// The policy, as soon as somebody asks for it.
    policy: Option<CompiledPolicy>,
    counters: MemoryStore,
    /// The hash of the policy that the counters count for.
    counted: Option<String>,
}

#[wasm_bindgen]
impl Workbench {
    /// One with an empty text.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new() -> Workbench {
        Workbench::default()
    }

    /// Takes the catalog in the buffer; throws a message if it is none, and keeps the one it has.
    #[wasm_bindgen(js_name = setCatalog)]
    pub fn set_catalog(&mut self, length: usize) -> Result<(), JsValue> {
        self.catalog = Some(text::with(length, catalog::read)?);
        self.said = None;
        self.read.forget_said();
        Ok(())
    }

    /// Goes on without a catalog.
    #[wasm_bindgen(js_name = dropCatalog)]
    pub fn drop_catalog(&mut self) {
        self.catalog = None;
        self.said = None;
        self.read.forget_said();
    }

    /// Takes the text in the buffer.
    #[wasm_bindgen(js_name = setText)]
    pub fn set_text(&mut self, length: usize) {
        self.said = None;
        // It holds parts of what was read, which can be taken over only when nobody holds them.
        self.policy = None;
        self.read.read(text::with(length, <[u8]>::to_vec));
    }

    /// What there is to say about the text, with no more than so many diagnostics.
    pub fn analysis(&mut self, most: Option<usize>) -> String {
        let loads = self.read.parsed().policy.is_some();
        self.said();
        let none = Said { diagnostics: Vec::new(), omitted: 0 };
        analysis_text(self.read.text(), self.said.as_ref().unwrap_or(&none), loads, most)
    }

    /// The hash of the policy, if the text is one.
    pub fn hash(&mut self) -> Option<String> {
        Some(self.compiled()?.hash().to_owned())
    }

    /// The table of tools.
    pub fn tools(&mut self, short: bool) -> String {
        self.compiled();
        let (policy, catalog) = (self.policy.as_ref(), self.catalog.as_ref());
        rows_text(&form::rows(self.read.parsed().document(), policy, catalog), short)
    }

    /// Where the value of a JSON Pointer stands.
    #[must_use]
    pub fn locate(&self, pointer: &str) -> Option<String> {
        Some(span_text(self.read.text(), self.read.parsed().document()?.at(pointer)?.span))
    }

    /// The form of a tool, or without one that of all tools; none if nothing was read of the text.
    pub fn form(&mut self, tool: Option<String>) -> Option<String> {
        self.compiled();
        self.said();
        let text = std::str::from_utf8(self.read.text()).unwrap_or("");
        let sources = Sources {
            text,
            parsed: self.read.parsed(),
            policy: self.policy.as_ref(),
            catalog: self.catalog.as_ref(),
            diagnostics: self.said.as_ref().map_or(&[], |said| &said.diagnostics),
        };
        Some(form_text(text, &sources.form(tool.as_deref())?))
    }

    /// The arguments of a tool.
    pub fn arguments(&self, tool: &str) -> String {
        let tool = self.catalog.as_ref().and_then(|catalog| catalog.tool(tool));
        arguments_text(&tool.map(form::arguments).unwrap_or_default())
    }

    /// The edits that bring the change in the buffer about; throws why it cannot be made.
    pub fn edit(&self, length: usize) -> Result<String, JsValue> {
        let change = text::with(length, Change::from_text);
        let change = change.map_err(|why| TypeError::new(&format!("this is no change: {why}")))?;
        let edited = match std::str::from_utf8(self.read.text()) {
            Ok(text) => edit::edit(text, self.read.parsed(), self.catalog.as_ref(), &change)
                .map(|edited| edited_text(text, &edited)),
            Err(_) => Err(EditFault::Broken),
        };
        edited.map_err(|why| JsError::new(&why.to_string()).into())
    }

    /// Decides a call and counts it: the decision.
    pub fn evaluate(&mut self, length: usize, now: f64) -> String {
        let decision = match read_call(length) {
            Ok(call) => {
                let (policy, mut env) = self.ask(now);
                evaluate::evaluate(policy, &call, &mut env).decision
            }
            Err(fault) => evaluate::not_a_call(&fault),
        };
        decision_text(&decision)
    }

    /// Explains a call and counts nothing.
    pub fn explain(&mut self, length: usize, now: f64) -> String {
        let explanation = match read_call(length) {
            Ok(call) => {
                let (policy, mut env) = self.ask(now);
                evaluate::explain(policy, &call, &mut env)
            }
            Err(fault) => {
                let decision = evaluate::not_a_call(&fault);
                Explanation { decision, rules: Vec::new(), limits: Vec::new() }
            }
        };
        explanation_text(&explanation)
    }

    /// What can stand at a place of the text, in units of UTF-16.
    #[must_use]
    pub fn complete(&self, at: u32) -> Option<String> {
        complete_text(std::str::from_utf8(self.read.text()).ok()?, at, self.catalog.as_ref())
    }

    /// What stands at a place of the text, in units of UTF-16.
    #[must_use]
    pub fn hover(&self, at: u32) -> Option<String> {
        hover_text(std::str::from_utf8(self.read.text()).ok()?, at, self.catalog.as_ref())
    }

    /// Runs the scenario in the buffer through the policy in the text, or, while that is none, through
    /// its own, and says what that exercises if it is asked to; throws the list of its diagnostics if it is
    /// none.
    pub fn simulate(&mut self, length: usize, coverage: bool) -> Result<String, String> {
        self.compiled();
        text::with(length, |scenario| {
            let result = if coverage {
                let text = String::from_utf8_lossy(self.read.text());
                let policy = self.read.parsed().policy.as_ref();
                simulate_covered_text(policy.map(|policy| (policy, &*text)), scenario)
            } else {
                simulate_text(self.policy.as_ref(), scenario)
            };
            result.map_err(|faults| diagnostics_text(scenario, &faults))
        })
    }

    /// Sets all counters back to nothing.
    pub fn reset(&mut self) {
        self.counters = MemoryStore::new();
    }

    /// Sees that it is known what there is to say about the text.
    fn said(&mut self) {
        if self.said.is_none() {
            self.said = Some(validate::said_again(&mut self.read, self.catalog.as_ref()));
        }
    }

    /// The policy in the text, compiled once.
    fn compiled(&mut self) -> Option<&CompiledPolicy> {
        if self.policy.is_none() {
            self.policy = self.read.parsed().policy.as_ref().map(compile);
        }
        self.policy.as_ref()
    }

    /// What a call is decided by: counters of this policy, new ones if the last call was another's.
    fn ask(&mut self, now: f64) -> (Option<&CompiledPolicy>, Env<'_>) {
        if let Some(hash) = self.hash()
            && self.counted.as_ref() != Some(&hash)
        {
            self.counted = Some(hash);
            self.counters = MemoryStore::new();
        }
        let (now, counters) = (Time(now as u64), &mut self.counters);
        (self.policy.as_ref(), Env { now, counters, approvals: None })
    }
}

/// How a pattern fares with a text.
#[wasm_bindgen(js_name = matchPattern)]
#[must_use]
pub fn match_pattern(pattern: &str, text: &str) -> String {
    match_text(pattern, text)
}
