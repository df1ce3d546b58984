//! The boundary to JavaScript of a module that writes what other programs run.

use cattlegrid::compile;
use cattlegrid::export::{Envoy, EnvoyFault, Filter, Upstream, envoy, filter};
use cattlegrid::parse;
use cattlegrid::source::LineIndex;
use wasm_bindgen::prelude::*;

/// The whole configuration of Envoy with a policy in its filter, in front of one server; throws what is
/// wrong with the parts.
#[wasm_bindgen(js_name = envoyConfiguration)]
pub fn envoy_configuration(
    policy: &str,
    upstream: &str,
    hosts: Vec<String>,
    wasm: &str,
) -> Result<String, JsValue> {
    let wrong = |what: &str| JsValue::from(JsError::new(what));
    let upstream =
        Upstream::new("", upstream).map_err(|fault| wrong(&format!("upstream: {fault}")))?;
    let configuration = filter(&Filter { policies: &[("policy", policy)], ..Filter::default() });
    let upstreams = [upstream];
    let parts = Envoy { wasm, ..Envoy::usual(&configuration, &upstreams, &hosts) };
    match envoy(&parts) {
        Ok(files) => Ok(files.envoy),
        Err(EnvoyFault::Configuration(faults)) => {
            Err(wrong(faults.first().map_or("the policy is none", |fault| &fault.message)))
        }
        Err(fault) => Err(wrong(&fault.to_string())),
    }
}

/// The bytes of a policy for the module that reads no texts; throws what is wrong with the policy.
#[wasm_bindgen]
pub fn compile(policy: &str) -> Result<Vec<u8>, JsValue> {
    let parsed = parse::parse(policy.as_bytes());
    parsed.policy.map(|policy| compile::to_bytes(&policy)).ok_or_else(|| {
        let index = LineIndex::new(policy);
        let first = parsed.diagnostics.iter().find(|diagnostic| diagnostic.is_error());
        let what = first.map(|diagnostic| diagnostic.in_one_line(&index));
        JsError::new(what.as_deref().unwrap_or("the policy is none")).into()
    })
}
