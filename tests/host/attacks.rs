//! The corpus of tests/attacks: nothing goes on that would execute what the policy denies, and nothing that is
//! hidden comes back, in whatever pieces it comes.
//!
//! What is left out: requests and answers that are written as bytes of HTTP/1.1, which the proxy reads and not
//! the filter, and texts in EBCDIC.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Value, json};

use crate::data::{Words, bytes_of, shows};
use crate::proxy::{Build, Filter, MANNERS, Message, Seen, project};
use crate::store::Store;

const MARKER: &str = "marker-of-what-is-hidden";

fn read(path: &str) -> Value {
    serde_json::from_slice(&std::fs::read(project("tests/attacks").join(path)).unwrap()).unwrap()
}

/// The cases of a kind, each with its name.
fn cases(kind: &str) -> Vec<(String, Value)> {
    let mut cases = Vec::new();
    for entry in std::fs::read_dir(project("tests/attacks").join(kind)).unwrap() {
        let file = entry.unwrap().file_name();
        let family = read(&format!("{kind}/{}", file.to_str().unwrap()));
        for case in family["cases"].as_array().unwrap() {
            let name = format!("{kind}, {}: {}", family["family"], case["name"]);
            cases.push((name, case.clone()));
        }
    }
    cases
}

fn filter() -> Filter {
    let configuration = json!({ "policy": read("policy.json") }).to_string();
    Filter::start(Build::Shipped, &configuration, &Arc::new(Store::new())).unwrap()
}

/// A case as a request, if it is one before it is bytes.
fn request(case: &Value) -> Option<Message> {
    let body = bytes_of(&case["body"], &Words::new())?;
    if case.get("raw").is_some() {
        return None;
    }
    let text = |name: &str, usual: &str| case[name].as_str().unwrap_or(usual).to_owned();
    let length = body.len().to_string();
    let mut headers = vec![
        (":method".to_owned(), text("method", "POST").into_bytes()),
        (":path".to_owned(), text("path", "/mcp").into_bytes()),
        (":authority".to_owned(), b"127.0.0.1".to_vec()),
    ];
    let none = Vec::new();
    let own = case["headers"].as_array().unwrap_or(&none);
    let name_of = |pair: &Value| pair[0].as_str().unwrap().to_lowercase();
    let replaced: BTreeSet<String> = own.iter().map(name_of).collect();
    let mut usual = vec![
        ("accept", "application/json, text/event-stream"),
        ("content-type", "application/json"),
        ("mcp-session-id", "a-session"),
    ];
    if case.get("framing").is_none() && !body.is_empty() {
        usual.push(("content-length", &length));
    }
    for (name, value) in usual {
        if !replaced.contains(name) {
            headers.push((name.to_owned(), value.as_bytes().to_vec()));
        }
    }
    for pair in own.iter().filter(|pair| !pair[1].is_null()) {
        let name = name_of(pair);
        let name = if name == "host" { ":authority".to_owned() } else { name };
        headers.push((name, bytes_of(&pair[1], &Words::new())?));
    }
    Some(Message { headers, body })
}

/// What the policy denies, in other words than its own.
fn is_denied(message: &Value) -> bool {
    let params = &message["params"];
    let arguments = &params["arguments"];
    match params["name"].as_str() {
        Some("greet") => false,
        Some("pay") => {
            let amount = arguments["amount"].as_f64().filter(|_| arguments["amount"].is_number());
            !(amount.is_some_and(|amount| (0.0..=100.0).contains(&amount))
                && arguments["to"]["place"] == "home")
        }
        _ => true,
    }
}

/// JSON in which no object has two members with one name.
struct Once;

impl<'de> Deserialize<'de> for Once {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Once, D::Error> {
        deserializer.deserialize_any(Once)
    }
}

impl<'de> Visitor<'de> for Once {
    type Value = Once;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Once, A::Error> {
        let mut names = BTreeSet::new();
        while let Some(name) = map.next_key::<String>()? {
            if !names.insert(name) {
                return Err(A::Error::custom("a name comes twice"));
            }
            map.next_value::<Once>()?;
        }
        Ok(Once)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Once, A::Error> {
        while seq.next_element::<Once>()?.is_some() {}
        Ok(Once)
    }

    fn visit_str<E>(self, _: &str) -> Result<Once, E> {
        Ok(Once)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Once, E> {
        Ok(Once)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Once, E> {
        Ok(Once)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Once, E> {
        Ok(Once)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Once, E> {
        Ok(Once)
    }

    fn visit_unit<E>(self) -> Result<Once, E> {
        Ok(Once)
    }
}

#[test]
fn a_name_that_comes_twice_is_seen() {
    let read = |text| serde_json::from_str::<Once>(text).is_ok();
    assert!(read(r#"{"a":[{"a":1.0e2,"b":null,"c":-1}],"b":{"a":true,"b":""}}"#));
    assert!(!read(r#"{"a":[{"b":1,"\u0062":2}]}"#) && !read(r#"{"a":1,"b":2,"a":1}"#));
}

/// Why what goes on might execute what is denied: it is one strict message, and says in its headers what it is.
fn danger(message: &Message) -> Option<String> {
    if message.body.is_empty() {
        return None;
    }
    let text = std::str::from_utf8(&message.body).ok();
    let Some(json) = text.and_then(|text| serde_json::from_str::<Value>(text).ok()) else {
        return Some("it is no JSON".to_owned());
    };
    let once = serde_json::from_slice::<Once>(&message.body).is_ok();
    let length = message.header("content-length") == Some(&message.body.len().to_string());
    let plain =
        message.header("content-encoding").is_none() && message.header(":method") == Some("POST");
    let denied = match json["method"].as_str() {
        Some("tools/call") => is_denied(&json),
        Some(_) => false,
        None => json.get("result").is_none() && json.get("error").is_none(),
    };
    let reasons = [
        (!json.is_object(), "it is no object"),
        (!once, "it has another reading"),
        (!length || !plain, "its headers say something else"),
        (denied, "it is denied"),
    ];
    reasons.iter().find_map(|&(is, why)| is.then(|| why.to_owned()))
}

/// What an honest server answers, with all its tools.
fn honest(request: &Message) -> Option<Message> {
    let Ok(message) = serde_json::from_slice::<Value>(&request.body) else {
        return Some(Message::new(&[(":status", "405")], ""));
    };
    let result = match message["method"].as_str() {
        Some("tools/list") => json!({ "tools": read("tools.json") }),
        _ => json!({ "content": [{ "type": "text", "text": "done" }] }),
    };
    let answer = json!({ "jsonrpc": "2.0", "id": message["id"], "result": result });
    Some(Message::answer("application/json", answer.to_string()))
}

#[test]
fn no_request_gets_a_denied_tool_executed() {
    let mut filter = filter();
    let (mut run, mut ran, mut faults) = (0, 0, Vec::new());
    for (name, case) in cases("requests") {
        let Some(request) = request(&case) else { continue };
        run += 1;
        for manner in MANNERS {
            let seen = filter.exchange(&request, manner, honest);
            if case.get("runs").is_some() {
                ran += 1;
                let text =
                    seen.forwarded.as_ref().map(|message| message.json()["params"]["name"].clone());
                if text.as_ref() != Some(&case["runs"]) {
                    faults.push(format!("{name}, {manner:?}: it does not run: {seen:?}"));
                }
            }
            if let Some(why) = what_is_wrong(&seen, &filter) {
                faults.push(format!("{name}, {manner:?}: {why}: {seen:?}"));
            }
        }
    }
    println!("{run} requests, each in {} manners; {ran} ran", MANNERS.len());
    assert!(run >= 400 && ran >= MANNERS.len(), "{run}, {ran}");
    none(&faults);
}

fn what_is_wrong(seen: &Seen, filter: &Filter) -> Option<String> {
    if seen.trapped || !filter.serves() {
        return Some("the filter trapped".to_owned());
    }
    if shows(&seen.shown.body, MARKER) {
        return Some("it shows what is hidden".to_owned());
    }
    match &seen.forwarded {
        Some(forwarded) => danger(forwarded),
        None if seen.began != Message::default() => Some("a part of it went on".to_owned()),
        None => None,
    }
}

/// An answer of the data, if it is one before it is bytes.
fn answer(data: &Value, id: &Value, words: &Words) -> Option<Message> {
    data.get("body")?;
    let words: Words = [words.clone(), vec![("@id@".to_owned(), id.to_string())]].concat();
    let status = data["status"].as_u64().unwrap_or(200).to_string();
    let mut message = Message::new(&[(":status", &status)], bytes_of(&data["body"], &words)?);
    let usual = json!({ "content-type": "application/json" });
    for (name, value) in data.get("headers").unwrap_or(&usual).as_object().unwrap() {
        message.headers.push((name.clone(), bytes_of(value, &words)?));
    }
    Some(message)
}

#[test]
fn no_answer_shows_a_hidden_tool() {
    let words = read("words.json");
    let words: Words = words
        .as_object()
        .unwrap()
        .iter()
        .map(|(word, text)| (word.clone(), text.as_str().unwrap().to_owned()))
        .collect();
    let mut filter = filter();
    let (mut run, mut shown, mut faults) = (0, 0, Vec::new());
    for (name, case) in cases("answers") {
        // Its words may be shown where no list is.
        if case.get("prose").is_some() {
            continue;
        }
        for (method, data) in case["to"].as_object().unwrap() {
            let Some(answer) = answer(data, &json!(1), &words) else { continue };
            run += 1;
            shown += usize::from(shows(&answer.body, MARKER));
            let message =
                json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params_of(method) });
            let request = match &**method {
                "GET" => Message::new(&[(":method", "GET"), (":path", "/mcp")], ""),
                _ => Message::post(message.to_string()),
            };
            for manner in MANNERS {
                let seen = filter.exchange(&request, manner, |_| Some(answer.clone()));
                if seen.trapped || shows(&seen.shown.body, MARKER) {
                    faults.push(format!("{name}, to {method}, {manner:?}: {seen:?}"));
                }
                if seen.trapped {
                    filter = self::filter();
                }
            }
        }
    }
    println!(
        "{run} answers, each in {} manners; {shown} show what is hidden as they are",
        MANNERS.len()
    );
    assert!(run >= 150 && shown >= 100, "{run}, {shown}");
    none(&faults);
}

/// Nothing is wrong; or the first of what is.
fn none(faults: &[String]) {
    let shown: Vec<&str> = faults.iter().take(10).map(String::as_str).collect();
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), shown.join("\n"));
}

fn params_of(method: &str) -> Value {
    if method == "tools/call" { json!({ "name": "greet" }) } else { json!({}) }
}
