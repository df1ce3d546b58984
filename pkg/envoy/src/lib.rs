//! The engine as a proxy-wasm filter: it stands between MCP clients and a server, decides every tool
//! call, and takes hidden tools out of what the server answers.
//!
//! `host` knows the proxy, `headers` reads those of a message, `store` where counters are, `recall` the one of them
//! that was written last, and `counters` whose they are, `request` and `response` the
//! two ways of an `exchange`, `report` what is told about it; `ask`, `service` and `wait` are
//! for limits that several proxies share. What the operator wrote, what a message is
//! and what becomes of it is the engine's to say.

mod ask;
mod counters;
mod exchange;
mod headers;
mod host;
mod protobuf;
mod recall;
mod report;
mod request;
mod response;
mod service;
mod store;
mod wait;

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use cattlegrid::approval::Secrets;
use cattlegrid::edge::{self, Identity, Settings};
use cattlegrid::quota::Label;
use cattlegrid::source::LineIndex;
use proxy_wasm::traits::{Context, HttpContext, RootContext};
use proxy_wasm::types::ContextType;

use self::exchange::{Exchange, Shared};
use self::host::SharedData;
use self::recall::Recall;
use self::report::Metrics;

#[cfg(target_family = "wasm")]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

#[allow(missing_docs, reason = "the macro writes a function without a word")]
mod start {
    use super::Root;

    proxy_wasm::main! {{
        proxy_wasm::set_log_level(proxy_wasm::types::LogLevel::Info);
        proxy_wasm::set_root_context(|_| Box::new(Root { shared: None }));
    }}
}

/// What one worker has of the filter.
struct Root {
    /// `None` until a configuration was accepted.
    shared: Option<Rc<Shared>>,
}

/// How often the proxy is asked what need not be known for each call, and told what it need not be told at once.
const TICK: Duration = Duration::from_secs(1);

impl Context for Root {
    fn on_done(&mut self) -> bool {
        // Another configuration takes over, or the proxy ends.
        if let Some(shared) = &self.shared {
            shared.metrics.tell();
        }
        true
    }
}

impl RootContext for Root {
    fn on_configure(&mut self, _size: usize) -> bool {
        match configure() {
            Ok(settings) => {
                host::tick_every(TICK);
                self.shared = Some(Rc::new(Shared {
                    settings,
                    metrics: Metrics::new(),
                    is_logging: Cell::new(host::is_logging()),
                    nobody: Identity { label: Label::new(""), policy: None },
                    scratch: RefCell::default(),
                    recall: Recall::default(),
                }));
                true
            }
            Err(lines) => {
                for line in lines {
                    host::log_error(&line);
                }
                false
            }
        }
    }

    fn on_tick(&mut self) {
        if let Some(shared) = &self.shared {
            shared.is_logging.set(host::is_logging());
            shared.metrics.tell();
        }
    }

    fn get_type(&self) -> Option<ContextType> {
        Some(ContextType::HttpContext)
    }

    fn create_http_context(&self, _id: u32) -> Option<Box<dyn HttpContext>> {
        // Without a configuration there is no exchange: the SDK traps, and the proxy answers 503.
        Some(Box::new(Exchange::new(self.shared.clone()?)))
    }
}

/// Reads the configuration and makes the slots of the counters; or says in lines why not.
fn configure() -> Result<Settings, Vec<String>> {
    let text = host::configuration();
    let secrets = Secrets::Found(&host::variable);
    let settings = edge::read_with(&text, secrets).map_err(|faults| {
        let text = String::from_utf8_lossy(&text);
        let index = LineIndex::new(&text);
        faults.iter().map(|fault| fault.in_one_line(&index)).collect::<Vec<_>>()
    })?;
    store::prepare(&mut SharedData)
        .map_err(|error| vec![format!("the table of counters was not made: {error}")])?;
    for watch in settings.watches() {
        host::prepare_pins(watch.server())
            .map_err(|error| vec![format!("no place was made for pins: {error}")])?;
    }
    for policy in settings.policies() {
        let (name, mode) = (&policy.name, policy.mode.as_str());
        host::log(&format!("policy {} is loaded as `{name}`, to {mode}", policy.policy.hash()));
    }
    Ok(settings)
}
