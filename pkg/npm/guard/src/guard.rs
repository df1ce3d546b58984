//! An accepted configuration.

use std::cell::RefCell;
use std::rc::Rc;

use cattlegrid::approval::Secrets;
use cattlegrid::edge::{self, Settings, Store};
use cattlegrid::json::Limits;
use cattlegrid::pin::MemoryPins;
use cattlegrid::wire::diagnostics_text;
use js_sys::{Function, JsString, TypeError};
use wasm_bindgen::prelude::*;

use crate::exchange::Exchange;
use crate::step::{PolicyShown, text};

/// What decides for clients and servers.
#[wasm_bindgen]
pub struct Guard {
    settings: Rc<Settings>,
    pins: Rc<RefCell<MemoryPins>>,
    quiet: bool,
}

#[wasm_bindgen]
impl Guard {
    /// Reads a configuration; throws the list of its diagnostics if it is none. `secret` finds the value of a
    /// secret that it only names.
    #[wasm_bindgen(constructor)]
    pub fn new(configuration: &[u8], secret: &Function) -> Result<Guard, JsValue> {
        let find = |name: &str| {
            let found = secret.call1(&JsValue::NULL, &JsValue::from_str(name)).ok()?;
            let found: JsString = found.dyn_into().ok()?;
            Some(String::from(found).into_bytes())
        };
        match edge::read_with(configuration, Secrets::Found(&find)) {
            Ok(Settings { store: Store::Service(_), .. }) => Err(TypeError::new(
                "a rate-limit service is asked by the filter only: give a store",
            )
            .into()),
            Ok(settings) => {
                Ok(Guard { settings: Rc::new(settings), pins: Rc::default(), quiet: false })
            }
            Err(diagnostics) => Err(diagnostics_text(configuration, &diagnostics).into()),
        }
    }

    /// The policies with their hashes and modes.
    #[wasm_bindgen(getter)]
    pub fn policies(&self) -> String {
        let policies = self.settings.policies().iter().map(|named| PolicyShown {
            name: &named.name,
            hash: named.policy.hash(),
            mode: named.mode.as_str(),
        });
        text(&policies.collect::<Vec<_>>())
    }

    /// Remembers of tools what another remembers, and that with it: for one that takes the other's place. To
    /// be called before there is an exchange.
    pub fn succeed(&mut self, other: &Guard) {
        self.pins = Rc::clone(&other.pins);
    }

    /// Nobody reads the lines about calls that go on: they are not written. To be called before there is an
    /// exchange.
    pub fn quiet(&mut self) {
        self.quiet = true;
    }

    /// The most bytes of a request that are read.
    #[wasm_bindgen(getter, js_name = requestBytes)]
    pub fn request_bytes(&self) -> usize {
        self.settings.request.bytes
    }

    /// The most bytes of one message of a server that are read.
    #[wasm_bindgen(getter, js_name = answerBytes)]
    pub fn answer_bytes(&self) -> usize {
        self.settings.answer.bytes
    }

    /// One request.
    pub fn exchange(&self) -> Exchange {
        Exchange::new(Rc::clone(&self.settings), Rc::clone(&self.pins), self.quiet)
    }
}

/// The most bytes of a configuration that are read.
#[wasm_bindgen(js_name = configurationLimit)]
pub fn configuration_limit() -> usize {
    Limits::DOCUMENT.bytes
}
