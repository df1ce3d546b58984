//! Texts that are nearly what a reader wants: words of its language in random order.

use super::cases;
use super::choices::Choices;

#[derive(Clone, Copy)]
pub enum Dictionary {
    Json,
    Pin,
    Policy,
    Protocol,
    Stream,
    Pattern,
}

const JSON: &str = r#"{ } [ ] [ ] , : "a": "b": "a":1, 0 -0 1 12 -1.5 1e5 1E-400 1e401 0.10 01 1. .5 - + null true
    false nul "" "x" "\u0041" "\ud800" "\ud83d\ude00" "\n" "\x" "é" é NaN Infinity "\u0000" // /* 1,1 {"a":1} [[]] " \ 'a'"#;
const PIN: &str = r#"{ } { } [ ] , : {"version":"1","tools":{ {"version":"1","tools":{ "server":"s" "a":{"sha256":"e3b0" ,"definition":{"name":"a"}
    "definition":{ "name":"a" {"name":"a"} {"name":"a","description":"x"} [{"name":"a"}, {"tools":[{"name":"b"}]} "title":null "inputSchema":{"properties":{"a":{}}}
    "a":{"sha256":"ca978112ca1bbdcafac231b39a23dc4da786eff8147c4f72b9807785afee48bb","definition":{"name":"a"}} }} }}} ]} "\u200b" "\ud800" 1 é"#;
const POLICY: &str = r#"{ } { } [ ] , , : {"version":"1","default":"deny", "default":"allow" "version" "1" 1 "tools":{"a":{
    "hide":["*"] "hide": "all_tools":{"limits":[ "action":"deny" "reason":"é" "require":[{"conditions":[ "deny_if":[ {
    "conditions":[ {"path":"args.a","op":"eq","value":1} "path":"args.l[*].a" "path":"arg.a" "op":"gte" "op":"regex"
    "value":"(" "value":[1] "limits":[ {"counter":"c","window":"minute","max":1} "counter":"c" "window":"our" "max":-1
    "max":1e30 "scope":"sesion" "increment_from":"args.l[*]" "on_deny":"x" "rate_limit":{"max":1,"window":60} "defualt"
    "x-a":1 "$schema":"" "description":"" "action":"denny" "tools":{ ]}]}}} }] é " null 'a' /*"#;
const PROTOCOL: &str = r#"{ } { } [ ] , : {"jsonrpc":"2.0", "jsonrpc":"2.0" "id":1 ,"id":"x" "id":1.0 "id":null "method":"tools/call"
    "method":"tools/list" "method":"notifications/x" ,"params":{ "params":{"name":"a","arguments":{"a":1}}
    "name":"a" "name":1 "arguments":{} "arguments":[] "_meta":{ "cattlegrid/approval":"t" "Method":"x" "m\u0065thod":"x"
    {"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","arguments":{"x":[1e2,"\u2028"]}}}
    {"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"a"},{"name":"bb"},{"x":1}]}} "result":{"tools":[ {"name":"bb"}
    "result":{} "error":{} }} }} ]}} null 1 "é" "io.modelcontextprotocol/protocolVersion":"2026-07-28" "nextCursor":"x""#;
const STREAM: &str =
    "data: \ndata:x \n\n \r \r\n event: id:1 : \u{feff} x \u{85} \u{2028} \0 data data: retry:5 é";
const PATTERN: &str = r"( ) (?: (?i) (?P<a> [ ] [^ - a b z 0 \d \w \b \B \A \z \Z . * + ? {2} {1,3} {2,1} {1000} | ^ $ \ \\ \x{1F600} \x41
    \Q \E \pL \p{Greek} [[:alpha:]] (?= (?s) (?U) é , } \1 \C \n ß";

pub fn of(bytes: &[u8], dictionary: Dictionary) -> Vec<u8> {
    let words = match dictionary {
        Dictionary::Json => JSON,
        Dictionary::Pin => PIN,
        Dictionary::Policy => POLICY,
        Dictionary::Protocol => PROTOCOL,
        Dictionary::Stream => STREAM,
        Dictionary::Pattern => PATTERN,
    };
    // In a stream the ends of lines are words, elsewhere they only part them.
    let words: Vec<&str> = match dictionary {
        Dictionary::Stream => words.split(' ').collect(),
        _ => words.split_ascii_whitespace().collect(),
    };
    let mut text = Vec::new();
    for byte in bytes {
        match usize::from(*byte) {
            // Now and then a byte as it is.
            byte if byte % 41 == 40 => text.push(byte as u8),
            byte => text.extend_from_slice(words[byte % words.len()].as_bytes()),
        }
    }
    text
}

/// A policy of which a piece is missing, doubled, or something else.
pub fn damaged_policy(bytes: &[u8]) -> Vec<u8> {
    let (damage, bytes) = bytes.split_at(bytes.len().min(8));
    let mut text = cases::case(bytes).policy.into_bytes();
    let mut c = Choices::new(damage);
    for _ in 0..c.below(3) {
        let at = (c.below(256) * 256 + c.below(256)) % text.len();
        let piece = at..(at + 1 + c.below(12)).min(text.len());
        match c.below(3) {
            0 => drop(text.drain(piece)),
            1 => drop(text.splice(at..at, text[piece].to_vec())),
            _ => drop(text.splice(piece, of(&[c.below(256) as u8], Dictionary::Policy))),
        }
    }
    text
}
