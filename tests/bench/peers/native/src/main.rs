//! The native contestants.
//!
//! ```text
//! bench-native agree FOLDER    every contestant's answers to every call, as lines of JSON
//! bench-native time FOLDER     nanoseconds a decision of every round, likewise
//! ```
//!
//! The folder has the files that `cases.mjs` writes; their order is that of `index.json`. All of one case
//! take turns, round by round, so that a machine whose speed drifts favours nobody.

mod case;
mod cattlegrid;
mod cedar;
mod cel;
mod contest;
mod floor;
mod rego;

use std::time::Instant;

use serde_json::json;

use crate::case::{Call, Case};
use crate::contest::Contestant;

/// Rounds of deciding, and of what takes milliseconds each time.
const ROUNDS: usize = 31;
const SLOW_ROUNDS: usize = 11;
/// A contestant's turn in a round lasts about so long.
const TURN: f64 = 2e6;

fn contestants(case: &Case, calls: &[Call]) -> Vec<Box<dyn Contestant>> {
    let all = [cattlegrid::enter, cedar::enter, rego::enter, cel::enter];
    all.iter().flat_map(|enter| enter(case, calls)).collect()
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [mode, folder] = arguments.as_slice() else { panic!("a mode and a folder are wanted") };
    let names: Vec<String> = case::read(&format!("{folder}/index.json"));
    for name in names {
        let case: Case = case::read(&format!("{folder}/{name}"));
        match mode.as_str() {
            "agree" => agree(&case),
            "time" => time(&case),
            _ => panic!("the mode is `agree` or `time`"),
        }
    }
    if mode == "time" {
        println!("{}", json!({"waited": waited()}));
    }
}

/// Of the time that it wanted to run, the part that the machine gave to others.
fn waited() -> f64 {
    let schedule = std::fs::read_to_string("/proc/self/schedstat").expect("this is Linux");
    let times: Vec<f64> = schedule.split_whitespace().flat_map(str::parse).collect();
    times[1] / (times[0] + times[1])
}

fn agree(case: &Case) {
    for mut contestant in contestants(case, &case.checks) {
        let answers: Vec<bool> = (0..case.checks.len()).map(|at| contestant.answer(at)).collect();
        let (name, input) = (contestant.name(), contestant.input());
        println!("{}", json!({"case": case.id, "name": name, "input": input, "answers": answers}));
    }
}

fn time(case: &Case) {
    let mut all = contestants(case, &case.timed);
    all.push(floor::enter(&case.timed));
    race(&case.id, all, ROUNDS);
    match case.id.as_str() {
        "allowed-10000" => set_up(case),
        "limits" => race("simulate", vec![cattlegrid::simulation(case)], SLOW_ROUNDS),
        _ => {}
    }
}

/// Making a policy ready, from what is the policy of each.
fn set_up(case: &Case) {
    let all = [cattlegrid::set_up, cedar::set_up, rego::set_up, cel::set_up, floor::set_up];
    race("set-up", all.iter().flat_map(|enter| enter(case)).collect(), SLOW_ROUNDS);
}

fn race(case: &str, mut contestants: Vec<Box<dyn Contestant>>, rounds: usize) {
    let turn = |contestant: &mut Box<dyn Contestant>, repeats: u32| {
        let start = Instant::now();
        let right = contestant.turn(repeats);
        let time = start.elapsed().as_nanos() as f64 / f64::from(repeats);
        assert_eq!(right, repeats, "{case}: {} answered otherwise", contestant.name());
        time
    };
    let repeats: Vec<u32> = contestants
        .iter_mut()
        .map(|contestant| {
            // Each call as often as the others; the first time is cold.
            let calls = contestant.calls();
            let cold = turn(contestant, calls);
            let warm =
                turn(contestant, (TURN / 10.0 / cold / f64::from(calls)).ceil() as u32 * calls);
            (TURN / warm / f64::from(calls)).round().clamp(1.0, 1e6) as u32 * calls
        })
        .collect();
    let mut times: Vec<Vec<f64>> = vec![vec![]; contestants.len()];
    for _ in 0..rounds {
        for ((contestant, times), &repeats) in contestants.iter_mut().zip(&mut times).zip(&repeats)
        {
            times.push((turn(contestant, repeats) * 10.0).round() / 10.0);
        }
    }
    for (contestant, times) in contestants.iter().zip(times) {
        let (name, input) = (contestant.name(), contestant.input());
        println!("{}", json!({"case": case, "name": name, "input": input, "times": times}));
    }
}
