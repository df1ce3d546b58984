//! Times of `decide` in native code, as lines of JSON for `run.py`.
//!
//! The cases run in turn, many rounds, so that a machine whose speed drifts does not favour one;
//! what counts is the median of the rounds and the ratio between cases of one run.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    missing_docs,
    reason = "a benchmark that cannot run may well stop"
)]

use std::hint::black_box;
use std::time::Instant;

use cattlegrid::evaluate::{Env, decide};
use cattlegrid::json::{self, Limits};
use cattlegrid::model::{Call, Effect, Time};
use cattlegrid::quota::MemoryStore;
use cattlegrid::{compile, parse};

const ROUNDS: usize = 31;
const TOOLS: usize = 100;

fn main() {
    let case = json::read_strict(include_bytes!("case.json"), &Limits::DOCUMENT).unwrap();
    let case = case.value.as_object().unwrap();
    let part = |key: &str| json::write(&case.get(key).unwrap().value);
    let (conditions, message) = (part("conditions"), part("call"));

    let tools: Vec<String> = (0..TOOLS)
        .map(|n| format!("\"tool_{n}\":{{\"require\":[{{\"conditions\":{conditions}}}]}}"))
        .collect();
    let text =
        format!("{{\"version\":\"1\",\"default\":\"deny\",\"tools\":{{{}}}}}", tools.join(","));
    let policy = compile::compile(&parse::parse(text.as_bytes()).policy.unwrap());
    let read = |message: &str| {
        let node = json::read_strict(message.as_bytes(), &Limits::MESSAGE).unwrap();
        parse::call(&node).unwrap()
    };
    let judge = |call: &Call, counters: &mut MemoryStore| {
        let mut env = Env { now: Time(0), counters, approvals: None };
        assert_eq!(decide(Some(&policy), call, &mut env).effect, Effect::Allow);
    };
    let call = read(&message);
    let (mut of_parsed, mut of_bytes) = (MemoryStore::new(), MemoryStore::new());
    let mut cases: [(&str, u32, &mut dyn FnMut()); 3] = [
        ("decide, parsed call", 20_000, &mut || judge(black_box(&call), &mut of_parsed)),
        ("decide, from JSON bytes", 2_000, &mut || {
            judge(&read(black_box(&message)), &mut of_bytes);
        }),
        ("serde_json to a Value, same bytes", 2_000, &mut || {
            black_box(serde_json::from_str::<serde_json::Value>(black_box(&message)).unwrap());
        }),
    ];

    let mut times: Vec<Vec<f64>> = vec![vec![]; cases.len()];
    for _ in 0..ROUNDS {
        for ((_, repeats, case), times) in cases.iter_mut().zip(&mut times) {
            let start = Instant::now();
            for _ in 0..*repeats {
                case();
            }
            times.push(start.elapsed().as_nanos() as f64 / f64::from(*repeats));
        }
    }
    for ((name, _, _), mut times) in cases.iter().zip(times) {
        times.sort_by(f64::total_cmp);
        let at = |part: f64| times[(part * (times.len() - 1) as f64) as usize];
        let (median, low, high) = (at(0.5), at(0.1), at(0.9));
        println!(
            "{{\"where\":\"native\",\"case\":\"{name}\",\"bytes\":{},\"ns\":{median:.1},\"low\":{low:.1},\"high\":{high:.1}}}",
            message.len()
        );
    }
}
