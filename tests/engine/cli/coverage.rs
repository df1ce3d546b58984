//! `cattlegrid test --coverage`

use super::{Folder, nothing};

const PAY: &str = r#"{ "policy": "policy.json", "steps": [
  { "call": { "tool": "pay", "arguments": { "amount": 101 } }, "expect": { "decision": "deny" } },
  { "call": { "tool": "pay", "arguments": { "amount": "1" } }, "expect": { "decision": "deny" } }
] }"#;

const LOOP: &str = r#"{ "policy": "./b/../policy.json", "steps": [
  { "call": { "tool": "pay", "arguments": { "amount": 1 } }, "times": 11 },
  { "call": { "tool": "drop" } }
] }"#;

fn folder(test: &str) -> Folder {
    let folder = Folder::new(test);
    std::fs::create_dir_all(folder.0.join("b")).unwrap();
    folder.file("a.scenario.json", PAY);
    folder.file("b.scenario.json", LOOP);
    folder
}

#[test]
fn shows_what_was_not_exercised() {
    let folder = folder("coverage-text");
    let (code, out, err) = folder.run(&["test", "--coverage"], "");
    assert_eq!((code, err), (0, nothing()));
    let expected = "\
coverage of policy.json: 72.7 % (8 of 11)

   line     asked satisfied      not  errored  part
      4         1                              hidden `drop`
      6         0                              tool `search`  never called
      7        13                              tool `pay`
      8        13         1       11        1    rule /tools/pay/deny_if/0
      8        13         1       11        1    condition /tools/pay/deny_if/0/conditions/0
      9        11        10        1        0    limit /tools/pay/limits/0
     11         0                              tool `close`  never called
     11         0                                action /tools/close/action  never asked
";
    assert!(out.contains("a.scenario.json") && !out.contains("all policies"), "{out}");
    let place = out.find("coverage of").unwrap();
    assert!(out[place..].starts_with(expected), "{out}");
}

#[test]
fn fails_below_a_threshold() {
    let folder = folder("coverage-threshold");
    let with = |percent: &str| folder.run(&["test", "--coverage-threshold", percent], "");
    assert_eq!((with("72").0, with("0").0), (0, 0));
    let (code, out, err) = with("73");
    assert_eq!(code, 1);
    assert!(!out.contains("coverage"), "{out}");
    assert_eq!(err, "error: the coverage is 72.7 % (8 of 11), less than 73 %\n");
    assert_eq!(with("101").0, 2);
}

#[test]
fn writes_lcov_and_json() {
    let folder = folder("coverage-files");
    folder.file(
        "own.scenario.json",
        r#"{"policy": {"version": "1", "default": "deny"}, "steps": []}"#,
    );
    let arguments = ["test", "--coverage", "--coverage-lcov", "out.info", "--format", "json"];
    let (code, out, err) = folder.run(&arguments, "");
    assert_eq!((code, err), (0, nothing()));
    let lcov = std::fs::read_to_string(folder.0.join("out.info")).unwrap();
    let expected = "\
TN:
SF:policy.json
FN:6,search
FN:7,pay
FN:11,close
FNDA:0,search
FNDA:13,pay
FNDA:0,close
FNF:3
FNH:1
BRDA:8,3,0,1
BRDA:8,3,1,11
BRDA:8,4,0,1
BRDA:8,4,1,11
BRDA:9,5,0,10
BRDA:9,5,1,1
BRF:6
BRH:6
DA:4,1
DA:6,0
DA:7,13
DA:8,13
DA:9,11
DA:11,0
LF:6
LH:4
end_of_record
";
    assert!(lcov.starts_with(expected), "{lcov}");
    assert_eq!(
        &lcov[expected.len()..],
        "SF:own.scenario.json\nFNF:0\nFNH:0\nBRF:0\nBRH:0\nLF:0\nLH:0\nend_of_record\n"
    );
    let json: serde_json::Value = serde_json::from_str(&out).unwrap();
    let (policy, coverage) = (&json["coverage"][0]["policy"], &json["coverage"][0]["coverage"]);
    assert_eq!(
        (policy, &coverage["reached"], &coverage["of"]),
        (&"policy.json".into(), &8.into(), &11.into())
    );
    let part = &coverage["parts"][5];
    assert_eq!(
        (&part["part"], &part["room"], &part["full"]),
        (&"limit".into(), &10.into(), &1.into())
    );
    assert_eq!(
        (&part["span"]["from"]["line"], &part["missing"]),
        (&9.into(), &serde_json::json!([]))
    );
}
