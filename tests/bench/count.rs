//! One piece of the engine's work, many times over, to be counted under callgrind: `check.mjs` runs it.
//!
//! ```text
//! count FOLDER WORK REPEATS
//! ```
//!
//! The folder has the cases that `cases.mjs` writes.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::panic,
    missing_docs,
    reason = "a benchmark that cannot run may well stop"
)]

use std::hint::black_box;

use cattlegrid::evaluate::{Env, Scratch, decide, decide_text};
use cattlegrid::model::{Call, Effect, Policy, Time};
use cattlegrid::quota::MemoryStore;
use cattlegrid::{compile, parse};
use serde_json::Value;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, work, repeats] = arguments.as_slice() else {
        panic!("a folder, a piece of work and a number are wanted")
    };
    let (case, work) = work.split_once(' ').unwrap();
    let case: Value =
        serde_json::from_slice(&std::fs::read(format!("{folder}/{case}.json")).unwrap()).unwrap();
    let document = case["policies"]["cattlegrid"].as_str().unwrap().as_bytes();
    let texts: Vec<&[u8]> = case["timed"]
        .as_array()
        .unwrap()
        .iter()
        .map(|call| call["text"].as_str().unwrap().as_bytes())
        .collect();
    let repeats: usize = repeats.parse().unwrap();

    let read = || -> Policy { parse::parse(black_box(document)).policy.unwrap() };
    let (parsed, policy) = (read(), compile::compile(&read()));
    let calls: Vec<Call> = texts.iter().map(|text| parse::call_text(text).unwrap()).collect();
    let (mut counters, mut scratch) = (MemoryStore::new(), Scratch::default());
    let mut env = Env { now: Time(0), counters: &mut counters, approvals: None };
    let mut run: Box<dyn FnMut(usize)> = match work {
        "decide" => Box::new(|at| {
            let call = black_box(&calls[at % calls.len()]);
            assert_eq!(decide(Some(&policy), call, &mut env).effect, Effect::Allow);
        }),
        "decide-text" => Box::new(|at| {
            let text = black_box(texts[at % texts.len()]);
            let decided = decide_text(Some(&policy), text, &mut env, &mut scratch);
            assert_eq!(decided.effect, Effect::Allow);
        }),
        "read" => Box::new(|at| {
            drop(black_box(parse::call_text(black_box(texts[at % texts.len()])).unwrap()));
        }),
        "compile" => Box::new(|_| drop(black_box(compile::compile(black_box(&parsed))))),
        "parse" => Box::new(|_| drop(black_box(read()))),
        _ => panic!("no work is called `{work}`"),
    };
    for at in 0..repeats {
        run(at);
    }
}
