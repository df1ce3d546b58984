//! The engine as a proxy-wasm filter: it stands between MCP clients and a server, decides every tool
//! call, and takes hidden tools out of what the server answers.
//!
//! `host` knows the proxy, `config` what the operator wrote, `store` where counters are, `request` and
//! `response` the two ways of an `exchange`, `report` what is told about it. What a message is and what
//! becomes of it is the engine's to say.

mod config;
mod exchange;
mod host;
mod report;
mod request;
mod response;
mod store;

use std::rc::Rc;

use proxy_wasm::traits::{Context, HttpContext, RootContext};
use proxy_wasm::types::ContextType;

use self::config::Settings;
use self::exchange::{Exchange, Shared};
use self::host::SharedData;
use self::report::Metrics;

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

impl Context for Root {}

impl RootContext for Root {
    fn on_configure(&mut self, _size: usize) -> bool {
        match configure() {
            Ok(settings) => {
                self.shared = Some(Rc::new(Shared { settings, metrics: Metrics::new() }));
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
    let settings = config::read(&host::configuration())?;
    store::prepare(&mut SharedData)
        .map_err(|error| vec![format!("the table of counters was not made: {error}")])?;
    host::log(&format!("policy {} is loaded", settings.policy.hash()));
    Ok(settings)
}
