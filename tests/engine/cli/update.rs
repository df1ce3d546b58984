//! `cattlegrid test --update` and `--watch`

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use super::{Folder, nothing};

const BEFORE: &str = r#"{
  // not json
}"#;

const JSON: &str = r#"{
  "policy":   "policy.json",
  "x-why": "kept as it is",
  "steps": [
    { "call": { "tool": "search" }, "expect": { "decision": "deny", "rule": "(hidden)" } },
    { "call": { "tool": "pay", "arguments": { "amount": 101 } },
      "expect": { "decision": "deny", "message": "tu much" } },
    { "call": { "tool": "drop" } },
    { "call": { "tool": "pay" }, "times": 11, "expect": { "decision": "allow", "remaining": 3 } },
    { "call": { "tool": "pay" }, "at": "+1m", "times": 11 }
  ]
}
"#;

const UPDATED: &str = r#"{
  "policy":   "policy.json",
  "x-why": "kept as it is",
  "steps": [
    { "call": { "tool": "search" }, "expect": { "decision": "allow" } },
    { "call": { "tool": "pay", "arguments": { "amount": 101 } },
      "expect": { "decision": "deny", "message": "too much" } },
    { "call": { "tool": "drop" }, "expect": { "decision": "deny", "rule": "(hidden)" } },
    { "call": { "tool": "pay" }, "times": 11, "expect": { "decision": "allow", "remaining": 3 } },
    { "call": { "tool": "pay" }, "at": "+1m", "times": 11 }
  ]
}
"#;

#[test]
fn writes_what_the_calls_are_decided_as() {
    let folder = Folder::new("update-json");
    folder.file("a.scenario.json", JSON);
    folder.file("broken.json", BEFORE);
    let (code, out, err) = folder.run(&["test", "a.scenario.json", "--update"], "");
    let said = "a.scenario.json: step 4: its calls are decided differently; split it to expect something of each\n\
                a.scenario.json: 5 expectations written\n";
    assert_eq!((code, err.as_str()), (1, said), "{out}");
    assert!(out.starts_with("FAILED  a.scenario.json  (4 of 14 calls as expected)\n"), "{out}");
    let text = |name: &str| std::fs::read_to_string(folder.0.join(name)).unwrap();
    assert_eq!(text("a.scenario.json"), UPDATED);
    // What is as expected is left alone, and what cannot be run too.
    let (_, _, err) = folder.run(&["test", "a.scenario.json", "--update"], "");
    assert!(!err.contains("written"), "{err}");
    let (code, _, _) = folder.run(&["test", "broken.json", "--update"], "");
    assert_eq!((code, text("broken.json").as_str()), (2, BEFORE));
    let (code, _, err) = folder.run(&["test", "-", "--update"], JSON);
    assert_eq!(code, 2);
    assert!(err.starts_with("error: `--update` writes into files"), "{err}");
}

#[test]
fn keeps_yaml_as_it_is_around_the_values() {
    let folder = Folder::new("update-yaml");
    let yaml = "\
policy: policy.json   # theirs
steps:
  - call: {tool: pay, arguments: {amount: 101}}
    # too much of it
    expect: {decision: hold, message: 'tu much', rule: (hidden)}
  - call: {tool: pay, arguments: {amount: 100}}
    expect:
      decision: \"deny\"
      remaining: 1   # one
";
    let updated = yaml
        .replace(
            "hold, message: 'tu much', rule: (hidden)",
            "deny, message: too much, rule: /tools/pay/deny_if/0",
        )
        .replace("\"deny\"", "allow")
        .replace("remaining: 1 ", "remaining: 9 ");
    folder.file("a.yaml", yaml);
    let (code, out, err) = folder.run(&["test", "a.yaml", "--update"], "");
    assert_eq!((code, err.as_str()), (0, "a.yaml: 5 expectations written\n"), "{out}");
    assert_eq!(std::fs::read_to_string(folder.0.join("a.yaml")).unwrap(), updated);
    // What would have to be added, and what several steps share, is left to its author.
    for (text, why) in [
        (
            "policy: policy.json\nsteps: [{call: {tool: search}}]\n",
            "in yaml only what stands there is replaced, and `decision` would be added in `/steps/0`",
        ),
        (
            "policy: policy.json\nsteps:\n  - {call: {tool: search}, expect: &it {decision: deny}}\n  - {call: {tool: drop}, expect: *it}\n",
            "what would change is used in several places, so write it by hand",
        ),
    ] {
        folder.file("b.yaml", text);
        let (_, _, err) = folder.run(&["test", "b.yaml", "--update"], "");
        assert_eq!(err, format!("b.yaml: not updated: {why}\n"));
        assert_eq!(std::fs::read_to_string(folder.0.join("b.yaml")).unwrap(), text);
    }
}

#[test]
fn runs_again_when_something_changes() {
    let folder = Folder::new("watch");
    let scenario = r#"{"policy": "policy.json", "steps": [{"call": {"tool": "search"}, "expect": {"decision": "allow"}}]}"#;
    folder.file("a.scenario.json", scenario);
    let mut child = Command::new(env!("CARGO_BIN_EXE_cattlegrid"))
        .args(["test", "--watch"])
        .current_dir(&folder.0)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let (lines, seen) = mpsc::channel();
    let out = BufReader::new(child.stdout.take().unwrap());
    let reader = std::thread::spawn(move || {
        out.lines().map_while(Result::ok).for_each(|line| drop(lines.send(line)));
    });
    let wait = |words: &str| {
        let end = Instant::now() + Duration::from_secs(60);
        loop {
            let left = end.saturating_duration_since(Instant::now());
            let line = seen.recv_timeout(left).unwrap_or_else(|_| panic!("no line with {words}"));
            if line.contains(words) {
                break;
            }
        }
    };
    wait("1 file: 1 ok");
    // A policy that is written into,
    let policy = std::fs::read_to_string(folder.0.join("policy.json")).unwrap();
    folder
        .file("policy.json", policy.replace("\"search\": {}", "\"search\": {\"action\":\"deny\"}"));
    wait("1 failed");
    // a file that takes its place, as editors save,
    folder.file("new", &policy);
    std::fs::rename(folder.0.join("new"), folder.0.join("policy.json")).unwrap();
    wait("1 file: 1 ok");
    // a policy that is broken, and mended,
    folder.file("policy.json", "{");
    wait("1 could not be run");
    folder.file("policy.json", &policy);
    wait("1 file: 1 ok");
    // and a scenario that was not there.
    folder.file("b.scenario.json", scenario);
    wait("2 files: 2 ok");
    child.kill().unwrap();
    child.wait().unwrap();
    reader.join().unwrap();
    let (code, _, err) = folder.run(&["test", "--watch", "-"], scenario);
    assert_eq!(
        (code, err.as_str()),
        (2, "error: `--watch` looks at files: standard input is read once\n")
    );
    assert_eq!(folder.run(&["test", "--watch", "none"], "").1, nothing());
}
