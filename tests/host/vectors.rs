//! The vectors of tests/vectors that HTTP can carry, as tests/e2e/vectors.py has them: what a vector says of a
//! grant is a bearer token here, of a session the MCP header, of an approval its header or `_meta`. A decision is
//! read from the answer to a denied or held call, and from the filter's log for each.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::proxy::{Build, Filter, MANNERS, Manner, Message, Seen, project};
use crate::store::Store;

/// What no call is here: not enforced, to a server with a name, or approved without a grant.
const ELSEWHERE: [&str; 3] =
    ["approval-not-enforced", "approval-of-another-server", "approval-in-a-message"];
/// The first moment of 2026, in milliseconds.
const START: u64 = 1_767_225_600_000;

fn read(path: &PathBuf) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// Milliseconds of `+90s` or `6s`.
fn span(text: &str) -> u64 {
    let text = text.trim_start_matches('+');
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let number: u64 = text[..text.len() - unit.len()].parse().unwrap();
    number
        * [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)]
            .iter()
            .find_map(|&(name, length)| (name == unit).then_some(length))
            .unwrap()
}

/// Milliseconds of `2026-01-01T10:15:30.250+02:00`.
fn moment(text: &str) -> u64 {
    let number = |from: usize, to: usize| text[from..to].parse::<i64>().unwrap();
    let (year, month, day) = (number(0, 4), number(5, 7), number(8, 10));
    // Years that begin in March have their odd day at the end.
    let (years, months) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = years * 365 + years / 4 - years / 100 + years / 400 + (months * 153 + 2) / 5 + day
        - 719_469;
    let seconds = days * 86_400 + number(11, 13) * 3600 + number(14, 16) * 60 + number(17, 19);
    let rest = text[19..].trim_end_matches('Z');
    let (fraction, zone) = rest.split_at(rest.find(['+', '-']).unwrap_or(rest.len()));
    let milliseconds =
        fraction.strip_prefix('.').map_or(0, |digits| digits.parse::<i64>().unwrap());
    assert!(fraction.is_empty() || fraction.len() == 4, "{text}");
    let zone = match zone.split_once(':') {
        Some((hours, minutes)) => {
            let minutes = hours[1..].parse::<i64>().unwrap() * 60 + minutes.parse::<i64>().unwrap();
            if hours.starts_with('-') { -minutes } else { minutes }
        }
        None => 0,
    };
    u64::try_from((seconds - zone * 60) * 1000 + milliseconds).unwrap()
}

/// Each step with its time, repetitions written out.
fn calls(vector: &Value) -> Vec<(u64, &Value)> {
    let (mut now, mut calls) = (START, Vec::new());
    for step in vector["steps"].as_array().unwrap() {
        now = match step["at"].as_str() {
            None => now,
            Some(text) if text.starts_with('+') => now + span(text),
            Some(text) => moment(text),
        };
        for turn in 0..step["times"].as_u64().unwrap_or(1) {
            if turn > 0 {
                now += step["every"].as_str().map_or(0, span);
            }
            calls.push((now, step));
        }
    }
    calls
}

fn quoted(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"_.-~/".contains(&b);
    text.bytes()
        .map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect()
}

fn token(grant: Option<&str>) -> String {
    grant.map_or("of nobody".to_owned(), |grant| format!("the token of {}", quoted(grant)))
}

fn configuration(vector: &Value) -> String {
    let grants: BTreeSet<_> =
        calls(vector).iter().map(|(_, step)| step["call"]["grant"].as_str()).collect();
    let grants: Vec<Value> = grants
        .into_iter()
        .map(|grant| {
            let digest = Sha256::digest(token(grant));
            let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
            json!({ "label": grant.unwrap_or("(none)"), "token_sha256": digest })
        })
        .collect();
    // Without a key nothing would be held here: see the vector that has none.
    let keys = vector.get("approval_keys").cloned();
    let keys = keys.unwrap_or_else(|| json!([{ "hs256": "a secret that nobody uses to sign" }]));
    json!({ "policy": vector["policy"], "grants": grants, "approval_keys": keys }).to_string()
}

/// What the server answers when a call gets through.
fn outcome(step: &Value, id: &Value) -> Message {
    let done = json!({ "content": [{ "type": "text", "text": "done" }] });
    let answer = match step["outcome"].as_str() {
        Some("error") => {
            json!({ "jsonrpc": "2.0", "id": id, "error": { "code": 1, "message": "no" } })
        }
        Some("tool-error") => {
            let result = json!({ "content": [{ "type": "text", "text": "no" }], "isError": true });
            json!({ "jsonrpc": "2.0", "id": id, "result": result })
        }
        _ => json!({ "jsonrpc": "2.0", "id": id, "result": done }),
    };
    Message::answer("application/json", answer.to_string())
}

fn message_of(call: &Value, number: usize) -> Value {
    if call.get("jsonrpc").is_some() {
        return call.clone();
    }
    let mut params = json!({ "name": call["tool"] });
    if let Some(arguments) = call.get("arguments") {
        params["arguments"] = arguments.clone();
    }
    json!({ "jsonrpc": "2.0", "id": number, "method": "tools/call", "params": params })
}

/// The request for a call.
fn request(call: &Value, number: usize) -> (Value, Message) {
    let mut message = message_of(call, number);
    let approval = call["approval"].as_str();
    if let (Some(approval), 0) = (approval, number % 2) {
        message["params"]["_meta"] = json!({ "cattlegrid/approval": approval });
    }
    let bearer = format!("Bearer {}", token(call["grant"].as_str()));
    let mut request = Message::post(message.to_string()).with("authorization", &bearer);
    if let (Some(approval), 1) = (approval, number % 2) {
        request = request.with("cattlegrid-approval", approval);
    }
    if let Some(session) = call["session"].as_str() {
        request = request.with("mcp-session-id", &quoted(session));
    }
    (message, request)
}

/// How a decision differs from what is expected.
fn differs(decision: &Value, expect: &Value) -> bool {
    let remaining = |value: &Value| value.to_string().trim_matches('"').parse::<f64>().unwrap();
    decision["decision"] != expect["decision"]
        || expect.get("rule").is_some_and(|rule| *rule != decision["rule"])
        || expect.get("remaining").is_some_and(|expected| {
            remaining(&decision["limits"][0]["remaining"]) != remaining(expected)
        })
}

/// Whether what came of a call is what is expected of it.
fn is_right(seen: &Seen, message: &Value, expect: &Value) -> bool {
    if seen.trapped {
        return false;
    }
    if message.get("id").is_none() {
        return seen.own && seen.answered().status() == 202 && seen.began == Message::default();
    }
    if expect["decision"] == "allow" {
        let forwarded = seen.forwarded.as_ref();
        return forwarded.is_some_and(|forwarded| {
            forwarded.json() == *message
                && forwarded.header("content-length") == Some(&forwarded.body.len().to_string())
                && forwarded.header("authorization").is_none()
        }) && !seen.own;
    }
    let prefix =
        if expect["decision"] == "hold" { "[APPROVAL REQUIRED] " } else { "[POLICY DENIED] " };
    let answer = seen.answered().json();
    let text =
        answer["result"]["content"][0]["text"].as_str().and_then(|text| text.strip_prefix(prefix));
    seen.began == Message::default()
        && seen.answered().status() == 200
        && answer["id"] == message["id"]
        && answer["result"]["isError"] == true
        && text.is_some_and(|text| expect.get("message").is_none_or(|message| message == text))
        && !differs(&answer["result"]["_meta"]["cattlegrid/decision"], expect)
}

/// What is wrong with a vector when its requests and answers come in this manner.
fn faults_of(vector: &Value, manner: Manner) -> Vec<String> {
    let mut filter =
        Filter::start(Build::Shipped, &configuration(vector), &Arc::new(Store::new())).unwrap();
    let (mut faults, mut expected) = (Vec::new(), Vec::new());
    filter.world.log.lock().unwrap().clear();
    for (number, (now, step)) in calls(vector).into_iter().enumerate() {
        let (message, request) = request(&step["call"], number);
        filter.world.now.store(now, Ordering::Relaxed);
        let seen = filter.exchange(&request, manner, |_| Some(outcome(step, &message["id"])));
        if !is_right(&seen, &message, &step["expect"]) {
            faults.push(format!("call {number} at {now}: {message}: {seen:?}"));
        }
        if message.get("id").is_some() {
            expected.push(&step["expect"]);
        }
    }
    let log = filter.world.log.lock().unwrap();
    let told = log.iter().map(|line| serde_json::from_str::<Value>(line).unwrap());
    // What is refused is told on a line of its own.
    let told: Vec<Value> = told.filter(|line| line["decision"] != "refuse").collect();
    if told.len() != expected.len() {
        faults.push(format!("{} decisions were told of {}", told.len(), expected.len()));
    }
    for (number, (told, expect)) in told.iter().zip(expected).enumerate() {
        if differs(told, expect) {
            faults.push(format!("decision {number}: {told} is told, {expect} expected"));
        }
    }
    faults
}

#[test]
fn every_vector_in_every_manner() {
    let folder = project("tests/vectors");
    let (mut run, mut faults) = (0, Vec::new());
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        if path.extension().is_none_or(|extension| extension != "json")
            || ELSEWHERE.contains(&&*name)
        {
            continue;
        }
        let mut vector = read(&path);
        if let Some(policy) = vector["policy"].as_str() {
            vector["policy"] = read(&folder.join(policy));
        }
        run += 1;
        for manner in MANNERS {
            let found = faults_of(&vector, manner);
            faults.extend(found.into_iter().map(|fault| format!("{name}, {manner:?}: {fault}")));
        }
    }
    assert!(run >= 70, "only {run} vectors were found");
    println!("{run} vectors, each in {} manners", MANNERS.len());
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}
