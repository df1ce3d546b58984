//! What nobody can do without who reads with serde_json: the text to a `Value`, and no decision.

use std::hint::black_box;

use serde_json::Value;

use crate::case::{Call, Case};
use crate::contest::{Contestant, again, work};

const NAME: &str = "floor: serde_json to a Value";

pub fn enter(calls: &[Call]) -> Box<dyn Contestant> {
    work(NAME, calls, |text| drop(black_box(serde_json::from_str::<Value>(text))))
}

pub fn set_up(case: &Case) -> Vec<Box<dyn Contestant>> {
    let document = case.policies.cattlegrid.clone();
    vec![again(NAME, "text", move || serde_json::from_str::<Value>(&document).is_ok())]
}
