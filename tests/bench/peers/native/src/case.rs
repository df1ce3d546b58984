//! A case as `cases.mjs` writes it.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

#[derive(Deserialize)]
pub struct Case {
    pub id: String,
    /// Calls that are timed.
    pub timed: Vec<Call>,
    /// Calls that every contestant must answer rightly, the timed ones among them.
    pub checks: Vec<Call>,
    pub policies: Policies,
}

#[derive(Deserialize)]
pub struct Call {
    /// The JSON-RPC message.
    pub text: String,
    /// The right answer.
    pub allowed: bool,
}

/// The policy in the languages that are spoken here; `None` where a language cannot say it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Policies {
    pub cattlegrid: String,
    pub cedar: Option<String>,
    pub cedar_data: Option<CedarData>,
    pub rego: Option<Rego>,
    pub cel: Option<BTreeMap<String, String>>,
}

#[derive(Deserialize)]
pub struct CedarData {
    pub text: String,
    pub entities: Value,
}

#[derive(Deserialize)]
pub struct Rego {
    pub text: String,
    pub data: Value,
}

pub fn read<T: DeserializeOwned>(path: &str) -> T {
    let text = std::fs::read(path).unwrap_or_else(|error| panic!("{path}: {error}"));
    serde_json::from_slice(&text).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The name of the tool and the arguments of a message that was read.
pub fn parts(message: &mut Value) -> (String, Value) {
    let params = &mut message["params"];
    let name = params["name"].as_str().unwrap_or_default().to_owned();
    (name, params["arguments"].take())
}
