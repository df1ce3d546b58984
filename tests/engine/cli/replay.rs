//! `cattlegrid replay`

use super::{Folder, nothing};

const LOG: &str = r#"{"at":"2026-01-01T00:00:00Z","tool":"pay","arguments":{"amount":50},"decision":"allow"}
{"at":"2026-01-01T00:00:01Z","tool":"pay","arguments":{"amount":500},"decision":"allow"}
oops
{"at":"2026-01-01T00:00:02Z","tool":"drop","arguments":{"a|b":"`x`"},"decision":"allow"}
[2026-01-01 00:00:03.500][1][info][wasm] [x.cc:1] wasm log cattlegrid cattlegrid: {"grant":"ada","server":null,"method":"tools/call","request_id":"r","mode":"enforce","policy_name":"shop","policy":"abc","tool":"pay","arguments":["amount"],"decision":"allow","rule":null,"message":null,"limits":[],"approver":null}
"#;

const EXPECTED: &str = r#"4 calls in 5 lines, 2026-01-01T00:00:00Z to 2026-01-01T00:00:03.500Z
          1  as before
          2  not as before
          1  unknown: it depends on what was not recorded

newly denied
  `drop`  1 call, by (hidden)
      log.jsonl:4 at 2026-01-01T00:00:02Z  {"a|b":"`x`"}
  `pay`  1 call, by /tools/pay/deny_if/0
      log.jsonl:2 at 2026-01-01T00:00:01Z  {"amount":500}

unknown
  `pay`  1 call, the value of `args.amount` was not recorded
      log.jsonl:5 at 2026-01-01T00:00:03.500Z  keys: amount

1 line could not be understood:
  1 × there is no json in this line
  log.jsonl:3: there is no json in this line
"#;

#[test]
fn says_what_would_change() {
    let folder = Folder::new("replay");
    folder.file("log.jsonl", LOG);
    let run = |arguments: &[&str]| {
        let all = [&["replay", "--policy", "policy.json"], arguments].concat();
        folder.run(&all, LOG)
    };
    assert_eq!(run(&["log.jsonl"]), (1, EXPECTED.to_owned(), nothing()));
    let (code, out, _) = run(&["-"]);
    assert_eq!((code, out), (1, EXPECTED.replace("log.jsonl", "<stdin>")));
    // The same policy changes nothing, whatever was recorded.
    let (code, out, _) = run(&["log.jsonl", "--against", "policy.json"]);
    assert_eq!(code, 0);
    assert!(out.contains("\n          3  as before\n          1  unknown"), "{out}");
    let (code, out, _) = run(&["log.jsonl", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &report["calls"], &report["changed"]), (1, &4.into(), &2.into()));
    assert_eq!(report["groups"][0]["examples"][0]["line"], 4);
    assert_eq!(report["malformed"]["first"][0]["file"], "log.jsonl");
    let (_, out, _) = run(&["log.jsonl", "--format", "markdown"]);
    assert!(out.starts_with("## Replay of 4 recorded calls\n\n* **1** as before\n"), "{out}");
    let row = "| newly denied | `drop` | 1 | `by (hidden)` | `` log.jsonl:4 at 2026-01-01T00:00:02Z  {\"a\\|b\":\"`x`\"} `` |\n";
    assert!(out.contains(row), "{out}");
    let (code, _, err) = run(&["none.jsonl"]);
    assert_eq!((code, err.as_str()), (2, "error: cannot read none.jsonl: there is no such file\n"));
}

#[test]
fn several_logs_are_one_in_time() {
    let folder = Folder::new("replay-several");
    let line = |second: u32| format!(r#"{{"at":"2026-01-01T00:00:{second:02}Z","tool":"pay"}}"#);
    let lines = |seconds: &[u32]| seconds.iter().map(|one| line(*one) + "\n").collect::<String>();
    folder.file("a.jsonl", lines(&[0, 2, 4, 6, 8, 20]));
    folder.file("b.jsonl", lines(&[1, 3, 5, 7, 9, 11]));
    let arguments = ["replay", "--policy", "policy.json", "b.jsonl", "a.jsonl", "--log", "plain"];
    let (code, out, _) = folder.run(&arguments, "");
    assert_eq!(code, 1);
    // Ten a minute: the last of each are the eleventh and the twelfth.
    assert!(out.contains("`pay`  2 calls, by /tools/pay/limits/0\n      b.jsonl:6"), "{out}");
    assert!(out.contains("\n      a.jsonl:6"), "{out}");
}

#[test]
fn one_policy_of_several() {
    let folder = Folder::new("replay-name");
    let envoy = LOG.lines().last().unwrap();
    let log = [envoy, &envoy.replace("\"shop\"", "\"other\"")].join("\n");
    let run = |more: &[&str]| {
        folder.run(&[&["replay", "--policy", "policy.json", "-"], more].concat(), &log).1
    };
    assert!(run(&[]).contains("the calls were decided by several policies (`other`, `shop`)"));
    let out = run(&["--policy-name", "shop"]);
    assert!(
        out.starts_with("1 calls in 2 lines")
            && out.contains("1 calls were decided by another policy"),
        "{out}"
    );
}

#[test]
fn a_line_without_an_end_takes_no_memory() {
    let folder = Folder::new("replay-long");
    let long = format!("{{\"tool\":\"{}\"}}\n", "x".repeat(9 << 20));
    folder.file("log.jsonl", format!("{long}{}{long}", "{\"tool\":\"search\"}\n"));
    let (code, out, _) = folder.run(&["replay", "--policy", "policy.json", "log.jsonl"], "");
    assert_eq!(code, 0);
    assert!(out.starts_with("1 calls in 3 lines"), "{out}");
    assert!(out.contains("log.jsonl:1: the line has more than 4194304 bytes\n"), "{out}");
    assert!(out.contains("log.jsonl:3: the line"), "{out}");
}

#[test]
fn a_policy_is_learnt_and_passes() {
    let folder = Folder::new("learn");
    let line = |n: u32| {
        let (minute, second) = (n / 60, n % 60);
        format!(
            r#"{{"at":"2026-01-01T00:{minute:02}:{second:02}Z","grant":"ada","tool":"pay","arguments":{{"amount":{n},"to":"{}"}}}}"#,
            ["eu", "us"][n as usize % 2]
        )
    };
    folder.file("log.jsonl", (0..130).map(|n| line(n) + "\n").collect::<String>() + "oops\n");
    folder.file("catalog.json", r#"{"tools":[{"name":"pay"},{"name":"drop"}]}"#);
    let arguments = ["learn", "log.jsonl", "--catalog", "catalog.json", "-o", "learnt.json"];
    let (code, out, err) = folder.run(&arguments, "");
    assert_eq!((code, out), (0, nothing()), "{err}");
    assert!(
        err.starts_with(
            "learnt from 130 calls in 131 lines\n1 tools of the catalog were never called"
        ),
        "{err}"
    );
    assert!(err.ends_with("  log.jsonl:131: there is no json in this line\n"), "{err}");
    let (code, out, _) = folder.run(&["check", "learnt.json", "--catalog", "catalog.json"], "");
    assert_eq!(code, 0, "{out}");
    let (code, out, _) = folder.run(&["replay", "--policy", "learnt.json", "log.jsonl"], "");
    assert_eq!(code, 0);
    assert!(
        out.contains("\n        130  allowed; nothing was recorded to compare with\n"),
        "{out}"
    );
    let text = std::fs::read_to_string(folder.0.join("learnt.json")).unwrap();
    for words in [
        "130 calls have 0 to 129; a quarter more",
        "\"max\": 90",
        "the most of one caller in a minute is 60",
    ] {
        assert!(text.contains(words), "{words}\n{text}");
    }
    let (code, out, err) = folder.run(&["learn", "-"], "oops\n");
    assert_eq!((code, out), (2, nothing()));
    assert!(err.starts_with("error: none of the 1 lines is a call to learn from\n"), "{err}");
}
