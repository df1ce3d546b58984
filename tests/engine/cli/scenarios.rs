//! `cattlegrid test`

use super::{Folder, nothing};

const CALLS: &str = r#"{
  "policy": "policy.json",
  "catalog": "tools.json",
  "steps": [{ "call": { "tool": "search" }, "expect": { "decision": "allow" } }],
  "groups": [
    { "name": "ten a minute", "steps": [
      { "call": { "tool": "pay" }, "every": "1s", "times": 20,
        "expect": { "decision": "allow", "message": "é" } }
    ] },
    { "name": "a person <&> \"looks\"", "steps": [
      { "call": { "tool": "close" }, "expect": { "decision": "deny", "rule": "/tools/close/action" } },
      { "call": { "tool": "close" }, "approval": { "by": "ada" }, "expect": { "decision": "allow" } },
      { "call": { "tool": "search" } }
    ] }
  ]
}
"#;

const GOOD: &str = r#"{ "policy": "../policy.json", "steps": [{ "call": { "tool": "drop" }, "expect": { "decision": "deny", "rule": "(hidden)" } }] }"#;

const TOOLS: &str = r#"{"tools": [{"name": "search"}, {"name": "pay"}, {"name": "close"}]}"#;

/// A folder with scenarios in it and below.
fn folder(test: &str) -> Folder {
    let folder = Folder::new(test);
    folder.file("tools.json", TOOLS);
    folder.file("pay.scenario.json", CALLS);
    for below in ["b", "a", ".hidden", "node_modules"] {
        std::fs::create_dir(folder.0.join(below)).unwrap();
        folder.file(&format!("{below}/one.scenario.json"), GOOD);
        folder.file(&format!("{below}/other.json"), "{}");
    }
    folder
}

#[test]
fn says_what_is_not_as_expected_and_where() {
    let folder = folder("test-text");
    let expected = "\
FAILED  pay.scenario.json  (2 of 23 calls as expected)

  pay.scenario.json:8:53: `ten a minute`: `pay` at 2026-01-01T00:00:00Z, call 1 of 20 (20 of them not as expected)
    message   expected \"é\"
              got      nothing

  pay.scenario.json:11:62: `a person <&> \"looks\"`: `close` at 2026-01-01T00:00:00Z
    decision  expected deny
              got      hold
    by        /tools/close/action
    saying    \"Call to \\\"close\\\" needs the approval of a person\"

ok      a/one.scenario.json  (1 call as expected)
ok      b/one.scenario.json  (1 call as expected)
3 files: 2 ok, 1 failed (4 of 25 calls as expected)
";
    assert_eq!(folder.run(&["test"], ""), (1, expected.to_owned(), nothing()));
    let one =
        "ok      b/one.scenario.json  (1 call as expected)\n1 file: 1 ok (1 call as expected)\n";
    assert_eq!(folder.run(&["test", "b"], ""), (0, one.to_owned(), nothing()));
    // A file that is named is run whatever it is called, and standard input as if it stood here.
    folder.file("named", GOOD.replace("../", ""));
    let (code, out, _) = folder.run(&["test", "named", "-"], &GOOD.replace("../policy", "policy"));
    let two = "ok      named  (1 call as expected)\nok      <stdin>  (1 call as expected)\n2 files: 2 ok (2 calls as expected)\n";
    assert_eq!((code, out.as_str()), (0, two));
    let quiet = r#"{"policy": "policy.json", "steps": [{"call": {"tool": "pay"}}]}"#;
    let (code, out, _) = folder.run(&["test", "-"], quiet);
    assert_eq!(code, 0);
    assert!(out.starts_with("ok      <stdin>  (1 call, nothing is expected)\n"), "{out}");
}

#[test]
fn shows_only_the_first_of_many_faults() {
    let folder = Folder::new("test-many");
    let step = r#"{"call": {"tool": "x"}, "expect": {"decision": "allow"}}"#;
    let steps = [step; 30].join(",\n");
    folder.file("many.json", format!(r#"{{"policy": "policy.json", "steps": [{steps}]}}"#));
    let (code, out, _) = folder.run(&["test", "many.json"], "");
    assert_eq!((code, out.matches("expected allow").count()), (1, 20));
    assert!(
        out.contains(
            "\n\n  … and 10 steps more, which `--format json` shows\n\n1 file: 0 ok, 1 failed (0 of 30"
        ),
        "{out}"
    );
}

#[test]
fn runs_the_others_when_one_cannot_be_run() {
    let folder = folder("test-broken");
    folder.file("a/bad.scenario.json", r#"{"policy": "../broken.json", "steps": []}"#);
    folder.file("a/lost.scenario.json", r#"{"policy": "lost.json", "steps": []}"#);
    folder.file("a/wrong.scenario.json", "{\n  \"policy\": {}, \"stpes\": []\n}");
    let (code, out, err) = folder.run(&["test", "a"], "");
    assert_eq!((code, err.as_str()), (2, "error: 3 of 4 files could not be run\n"));
    for words in [
        "error   a/bad.scenario.json\n\nerror[unknown-key]: unknown key `defualt`\n --> a/../broken.json:3:3\n",
        "error   a/lost.scenario.json\n\nerror: cannot read a/lost.json, the policy of a/lost.scenario.json: there is no such file\n",
        "error[unknown-key]: unknown key `stpes`\n --> a/wrong.scenario.json:2:18\n",
        "help: did you mean `steps`?",
        "ok      a/one.scenario.json  (1 call as expected)\n",
        "\n4 files: 1 ok, 3 could not be run (1 call as expected)\n",
    ] {
        assert!(out.contains(words), "{words} is not in\n{out}");
    }
    folder
        .file("no-catalog", r#"{"policy": "policy.json", "catalog": "policy.json", "steps": []}"#);
    let (code, out, _) = folder.run(&["test", "no-catalog"], "");
    assert!(code == 2 && out.contains("error[invalid-catalog]"), "{out}");
    for (path, why) in [
        ("none", "error: cannot read none: there is no such file\n"),
        (".hidden/none", "error: cannot read .hidden/none: there is no such file\n"),
    ] {
        assert_eq!(folder.run(&["test", path], ""), (2, nothing(), why.to_owned()));
    }
    std::fs::create_dir(folder.0.join("empty")).unwrap();
    let (code, _, err) = folder.run(&["test", "empty"], "");
    assert_eq!(
        (code, err.as_str()),
        (2, "error: there is no `*.scenario.json` and no `*.scenario.yaml` in empty\n")
    );
}

#[test]
fn warns_of_tools_that_the_catalog_does_not_have() {
    let folder = folder("test-catalog");
    folder.file("slip", CALLS.replace("\"search\" }, \"expect\"", "\"serch\" }, \"expect\""));
    let (code, out, _) = folder.run(&["test", "slip"], "");
    assert_eq!(code, 1);
    let warning = "warning[unknown-tool]: `serch` is not a tool of the catalog\n --> slip:4:13\n";
    assert!(out.contains(warning) && out.contains("= help: did you mean `search`?"), "{out}");
}

#[test]
fn speaks_to_machines() {
    let folder = folder("test-formats");
    folder.file("b/lost.scenario.json", r#"{"policy": "lost.json", "steps": []}"#);
    let with = |format: &str| {
        let (code, out, err) = folder.run(&["test", "--format", format], "");
        assert_eq!((code, err.as_str()), (2, "error: 1 of 4 files could not be run\n"));
        out
    };
    let json: serde_json::Value = serde_json::from_str(&with("json")).unwrap();
    let files = json["files"].as_array().unwrap();
    assert_eq!((files.len(), &files[0]["file"]), (4, &"pay.scenario.json".into()));
    assert_eq!((&files[0]["met"], &files[1]["met"]), (&false.into(), &true.into()));
    let result = &files[0]["result"];
    assert_eq!((&result["calls"], &result["not_met"]), (&24.into(), &21.into()));
    assert_eq!(result["groups"][1]["results"][19]["limits"][0]["used"], 10);
    assert!(files[2]["error"].as_str().unwrap().starts_with("cannot read b/lost.json"), "{json}");
    let tap = "\
TAP version 14
1..7
ok 1 - pay.scenario.json:4: step 1: search
not ok 2 - pay.scenario.json:7: ten a minute: step 1: pay
  ---
  - \"message: expected é, got nothing\"
  - \"call 1 of 20, 20 of them not as expected\"
  ...
not ok 3 - pay.scenario.json:11: a person <&> \"looks\": step 1: close
  ---
  - \"decision: expected deny, got hold\"
  ...
ok 4 - pay.scenario.json:12: a person <&> \"looks\": step 2: close
ok 5 - a/one.scenario.json:1: step 1: drop
not ok 6 - b/lost.scenario.json: can be run
  ---
  - \"cannot read b/lost.json, the policy of b/lost.scenario.json: there is no such file\"
  ...
ok 7 - b/one.scenario.json:1: step 1: drop
";
    assert_eq!(with("tap"), tap);
    let junit = with("junit");
    for words in [
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"cattlegrid test\" tests=\"7\" failures=\"2\" errors=\"1\">\n",
        "  <testsuite name=\"pay.scenario.json\" tests=\"4\" failures=\"2\" errors=\"0\">\n",
        "name=\"a person &lt;&amp;&gt; &quot;looks&quot;: step 1: close\" file=\"pay.scenario.json\" line=\"11\">\n",
        "      <failure message=\"decision: expected deny, got hold\">decision: expected deny, got hold</failure>\n",
        "      <error message=\"cannot read b/lost.json, the policy of b/lost.scenario.json: there is no such file\">",
        "line=\"1\"/>\n  </testsuite>\n</testsuites>\n",
    ] {
        assert!(junit.contains(words), "{words} is not in\n{junit}");
    }
}

#[test]
fn nothing_in_a_scenario_moves_a_terminal() {
    let folder = Folder::new("test-escapes");
    let text = r#"{"policy": {"version": "1", "default": "deny", "tools": {"\u001b[2J": {"action": "deny", "reason": "\u001b[2J\u202e"}}},
      "groups": [{"name": "\u001b[2J", "steps": [{"call": {"tool": "\u001b[2J"}, "expect": {"decision": "allow", "rule": "\u0007"}}]}]}"#;
    for format in ["text", "tap", "junit", "json"] {
        let (code, out, _) = folder.run(&["test", "--format", format, "-"], text);
        assert_eq!(code, 1);
        assert!(!out.contains(['\u{1b}', '\u{7}']), "{format}: {out:?}");
    }
    let (_, out, _) = folder.run(&["test", "-"], text);
    assert!(out.contains("`\\u{1b}[2J`: `\\u{1b}[2J` at"), "{out}");
}

const IN_YAML: &str = "\
# What people say to each other.
policy: policy.json
steps:
  - call: {tool: search}
    expect: {decision: allow}
  - {call: {tool: drop}, expect: {decision: hold}}   # it is hidden
";

#[test]
fn reads_yaml_by_its_ending() {
    let folder = Folder::new("test-yaml");
    folder.file("a.scenario.yaml", IN_YAML);
    folder.file("b.scenario.yml", IN_YAML.replace("hold", "deny"));
    let (code, out, _) = folder.run(&["test"], "");
    assert_eq!(code, 1);
    assert!(out.starts_with("FAILED  a.scenario.yaml  (1 of 2 calls as expected)\n"), "{out}");
    assert!(out.contains("  a.scenario.yaml:6:45: `drop` at 2026-01-01T00:00:00Z\n"), "{out}");
    assert!(out.contains("\nok      b.scenario.yml  (2 calls as expected)\n"), "{out}");
    let (code, out, _) = folder.run(&["test", "-"], &IN_YAML.replace("hold", "deny"));
    assert_eq!((code, out.lines().count()), (0, 2), "{out}");
    // A policy stays JSON.
    folder.file("policy.yaml", "version: '1'\ndefault: deny\n");
    folder.file("c.yml", "policy: policy.yaml\nsteps: []\n");
    let (code, out, _) = folder.run(&["test", "c.yml"], "");
    assert!(code == 2 && out.contains(" --> policy.yaml:1:1\n"), "{out}");
    folder.file(
        "d.yaml",
        "policy: policy.json\nsteps:\n  - call: {tool: search}\n    outcome: Error\n",
    );
    let (code, out, _) = folder.run(&["test", "d.yaml"], "");
    assert!(code == 2 && out.contains(" --> d.yaml:4:14\n"), "{out}");
    assert!(out.contains("4 |     outcome: Error\n  |              ^^^^^\n"), "{out}");
}

const ASKED: &str = r#"{
  "policy": "policy.json",
  "assert": [
    "never allow tool == \"pay\" where args.amount > 100",
    "never allow tool ~ \"^p\"",
    "never hold any tool where args.a == 1",
    "never deny tool == \"pay\" where args.amount > 0"
  ],
  "steps": [{ "call": { "tool": "search" }, "expect": { "decision": "allow" } }]
}
"#;

#[test]
fn answers_the_questions_that_a_scenario_keeps() {
    let folder = Folder::new("test-asked");
    folder.file("a.scenario.json", ASKED);
    let (code, out, err) = folder.run(&["test"], "");
    let expected = "\
FAILED  a.scenario.json  (1 call as expected, 1 of 4 questions proved)

  a.scenario.json:5:5: question 2: never allow tool ~ \"^p\"
    refuted   allow
    call      {\"tool\":\"pay\",\"arguments\":{}}

  a.scenario.json:6:5: question 3: never hold any tool where args.a == 1
    refuted   hold
    by        /tools/close/action
    saying    \"Call to \\\"close\\\" needs the approval of a person\"
    call      {\"tool\":\"close\",\"arguments\":{\"a\":1}}

  a.scenario.json:7:5: question 4: never deny tool == \"pay\" where args.amount > 0
    refuted   deny
    by        /tools/pay/deny_if/0
    saying    \"too much\"
    call      {\"tool\":\"pay\",\"arguments\":{\"amount\":101}}

1 file: 0 ok, 1 failed (1 call as expected, 1 of 4 questions proved)
";
    assert_eq!((code, out.as_str(), err.as_str()), (1, expected, ""));
    // Nothing but questions, in YAML.
    folder.file("b.yaml", "policy: policy.json\nassert:\n  - always hold tool == \"close\"\n");
    let one = "ok      b.yaml  (1 question proved)\n1 file: 1 ok (1 question proved)\n";
    assert_eq!(folder.run(&["test", "b.yaml"], ""), (0, one.to_owned(), nothing()));
    // A catalog leaves out the calls that no schema lets through, and none of them is a step.
    let asked = "{\"policy\": \"policy.json\", \"catalog\": [{\"name\": \"pay\", \"inputSchema\": {\"type\": \"object\", \
                 \"properties\": {\"amount\": {\"type\": \"number\", \"maximum\": 100}}, \"required\": [\"amount\"]}}], \
                 \"assert\": [\"never deny tool == \\\"pay\\\"\"]}";
    assert_eq!(folder.run(&["test", "-"], asked).0, 0);
    let update = folder.run(&["test", "--update", "a.scenario.json"], "");
    assert_eq!((update.0, update.2.as_str()), (1, ""));
    assert_eq!(std::fs::read_to_string(folder.0.join("a.scenario.json")).unwrap(), ASKED);
}

#[test]
fn what_is_unknown_of_a_question_is_not_met() {
    let folder = Folder::new("test-unknown");
    // Preconditions deny by the calls before, which no question knows.
    let text = r#"{"policy": {"version": "1", "default": "deny", "tools": {
        "plan": {"limits": [{"counter": "plans", "window": "day", "max": 5}]},
        "act": {"preconditions": [{"tool": "plan", "counter": "plans", "op": "gte", "value": 1}]}}},
      "assert": ["never deny tool == \"act\""]}"#;
    let (code, out, _) = folder.run(&["test", "-"], text);
    assert_eq!(code, 1);
    let why = "question 1: never deny tool == \"act\"\n    unknown   preconditions deny calls too, by the calls before\n";
    assert!(out.contains(why) && out.contains("(0 of 1 question proved)"), "{out}");
    let (code, out, _) = folder.run(&["test", "-", "--format", "json"], text);
    let json: serde_json::Value = serde_json::from_str(&out).unwrap();
    let asked = &json["files"][0]["questions"][0];
    assert_eq!(
        (code, &asked["met"], &asked["proof"]["answer"]),
        (1, &false.into(), &"unknown".into())
    );
}

#[test]
fn questions_are_cases_for_machines() {
    let folder = Folder::new("test-asked-formats");
    folder.file("a.scenario.json", ASKED);
    let with = |format: &str| {
        let (code, out, err) = folder.run(&["test", "--format", format], "");
        assert_eq!((code, err.as_str()), (1, ""));
        out
    };
    let tap = "\
TAP version 14
1..5
ok 1 - a.scenario.json:4: question 1: never allow tool == \"pay\" where args.amount > 100
not ok 2 - a.scenario.json:5: question 2: never allow tool ~ \"^p\"
  ---
  - \"refuted: allow\"
  - \"call: {\\\"tool\\\":\\\"pay\\\",\\\"arguments\\\":{}}\"
  ...
";
    let got = with("tap");
    assert!(got.starts_with(tap), "{got}");
    assert!(got.ends_with("\nok 5 - a.scenario.json:9: step 1: search\n"), "{got}");
    let junit = with("junit");
    for words in [
        "<testsuites name=\"cattlegrid test\" tests=\"5\" failures=\"3\" errors=\"0\">\n",
        "name=\"question 2: never allow tool ~ &quot;^p&quot;\" file=\"a.scenario.json\" line=\"5\">\n",
        "      <failure message=\"refuted: hold\">refuted: hold\nby: /tools/close/action\n",
    ] {
        assert!(junit.contains(words), "{words} is not in\n{junit}");
    }
    let json: serde_json::Value = serde_json::from_str(&with("json")).unwrap();
    let file = &json["files"][0];
    assert_eq!((&file["met"], &file["result"]["not_met"]), (&false.into(), &0.into()));
    let asked = file["questions"].as_array().unwrap();
    let met: Vec<_> = asked.iter().map(|one| one["met"].as_bool().unwrap()).collect();
    assert_eq!(met, [true, false, false, false]);
    assert_eq!(asked[3]["pointer"], "/assert/3");
    assert_eq!(asked[3]["question"], "never deny tool == \"pay\" where args.amount > 0");
    assert_eq!(asked[3]["proof"]["call"]["arguments"]["amount"], 101);
    assert_eq!(asked[3]["proof"]["decision"]["rule"], "/tools/pay/deny_if/0");
    // Nothing in a question moves a terminal.
    let text = r#"{"policy": "policy.json", "assert": ["never allow tool == \"pay\" where args.a == \"\u001b[2J\""]}"#;
    for format in ["text", "tap", "junit", "json"] {
        let (code, out, _) = folder.run(&["test", "--format", format, "-"], text);
        assert!(code == 2 || code == 1, "{out}");
        assert!(!out.contains('\u{1b}'), "{format}: {out:?}");
    }
}

#[test]
fn what_is_no_question_is_a_fault_of_the_file() {
    let folder = Folder::new("test-no-question");
    folder.file("a.scenario.json", ASKED.replace("never hold", "never permit"));
    let (code, out, err) = folder.run(&["test"], "");
    assert_eq!((code, err.as_str()), (2, "error: 1 of 1 file could not be run\n"));
    let said = "error   a.scenario.json\n\nerror[invalid-question]: this is no question: expected one of `allow`, `deny`, `hold`\n --> a.scenario.json:6:12\n";
    assert!(out.starts_with(said) && out.contains("  |            ^^^^^^\n"), "{out}");
    folder.file("b.yaml", "policy: policy.json\nassert:\n  - never permit any tool\n  - 7\n");
    let (code, out, _) = folder.run(&["test", "b.yaml"], "");
    assert!(
        code == 2 && out.contains("error[wrong-type]") && out.contains(" --> b.yaml:4:5\n"),
        "{out}"
    );
    folder.file("b.yaml", "policy: policy.json\nassert:\n  - never permit any tool\n");
    let (code, out, _) = folder.run(&["test", "b.yaml"], "");
    assert!(code == 2 && out.contains(" --> b.yaml:3:5\n"), "{out}");
}
