//! `cattlegrid diff`.

use super::{Folder, POLICY};

#[test]
fn what_is_loosened_is_said_and_fails() {
    let folder = Folder::new("diff");
    folder.file("new.json", POLICY.replace("\"value\": 100", "\"value\": 200"));
    let (code, out, _) = folder.run(&["diff", "policy.json", "new.json"], "");
    let shown = "`pay`\n  newly allowed (it was denied)\n    call  {\"tool\":\"pay\",\"arguments\":{\"amount\":101}}\n    \
                 old   deny  /tools/pay/deny_if/0\n    new   allow\n\n\
                 of 4 named tools and all others together: 1 loosened, 4 proved to be as before\n";
    assert_eq!((code, out.as_str()), (1, shown));
    assert_eq!(folder.run(&["diff", "new.json", "policy.json"], "").0, 0);
    assert_eq!(folder.run(&["diff", "new.json", "policy.json", "--fail-on", "changed"], "").0, 1);
    assert_eq!(folder.run(&["diff", "policy.json", "new.json", "--fail-on", "never"], "").0, 0);
    let (code, out, _) = folder.run(&["diff", "policy.json", "-", "--fail-on", "changed"], POLICY);
    let same = "proved: every call of 4 named tools and of every other tool is decided as before\n";
    assert_eq!((code, out.as_str()), (0, same));
}

#[test]
fn changes_are_printed_for_machines_and_for_reviewers() {
    let folder = Folder::new("diff-formats");
    let new = POLICY.replace("\"max\": 10", "\"max\": 20").replace("\"drop\"", "\"dr|op\"");
    folder.file("new.json", new);
    let (_, out, _) = folder.run(&["diff", "policy.json", "new.json", "--format", "json"], "");
    let diff: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(diff["loosened"], true);
    assert_eq!(diff["tools"][1]["limits"][0]["change"], "looser");
    assert_eq!(diff["tools"][1]["limits"][0]["new"], "20 per minute");
    let (_, out, _) = folder.run(&["diff", "policy.json", "new.json", "--format", "markdown"], "");
    assert!(out.starts_with("**Policy:** of 5 named tools"), "{out}");
    assert!(out.contains("- <code>pay</code>: limit &#96;payments&#96; is looser: 10 per minute, now 20 per minute"), "{out}");
}

#[test]
fn what_is_no_policy_is_not_compared() {
    let folder = Folder::new("diff-broken");
    let (code, out, errors) = folder.run(&["diff", "policy.json", "broken.json"], "");
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(errors.contains("unknown-key"), "{errors}");
    assert_eq!(folder.run(&["diff", "policy.json", "nowhere.json"], "").0, 2);
    let (code, ..) =
        folder.run(&["diff", "policy.json", "policy.json", "--catalog", "tools.json"], "");
    assert_eq!(code, 0);
}

#[test]
fn rules_that_do_nothing_are_shown() {
    let folder = Folder::new("lint");
    let (code, out, _) = folder.run(&["lint", "policy.json"], "");
    assert_eq!(
        (code, out.as_str()),
        (0, "policy.json: valid: 3 tools listed, 1 hidden, default deny\n")
    );
    let twice = r#"{ "path": "args.amount", "op": "gt", "value": 100 }, { "path": "args.amount", "op": "exists", "value": true }"#;
    let old = r#"{ "path": "args.amount", "op": "gt", "value": 100 }"#;
    folder.file(
        "new.json",
        POLICY.replace(old, twice).replace("\"drop\"", "\"x\"").replace("\"search\"", "\"delete\""),
    );
    let (code, out, _) = folder.run(&["lint", "new.json", "--format", "json"], "");
    let said: serde_json::Value = serde_json::from_str(&out).unwrap();
    let said: Vec<_> = said.as_array().unwrap().iter().map(|one| one["code"].as_str()).collect();
    assert_eq!((code, said), (1, vec![Some("deletion-allowed")]));
    assert_eq!(folder.run(&["lint", "broken.json"], "").0, 2);

    // What is seen without a proof is not said again, but that there is something is.
    let covered = r#"{"version":"1","default":"deny","tools":{"pay":{"deny_if":[
        {"conditions":[{"path":"args.amount","op":"gt","value":1}]},
        {"conditions":[{"path":"args.amount","op":"gt","value":2}]}]}}}"#;
    let (code, _, said) = folder.run(&["lint", "-"], covered);
    assert_eq!(code, 0);
    assert!(said.contains("`cattlegrid check` says 1 warning beside this"), "{said}");
}

#[test]
fn questions_are_answered() {
    let folder = Folder::new("ask");
    let ask = |question: &str| folder.run(&["ask", "policy.json", question], "");
    let (code, out, _) = ask("never allow tool == \"pay\" where args.amount > 100");
    assert_eq!((code, out.as_str()), (0, "proved\n"));
    let (code, out, _) = ask("never allow tool ~ \"^p\"");
    let shown = "refuted: allow\n  call  {\"tool\":\"pay\",\"arguments\":{}}\n";
    assert_eq!((code, out.as_str()), (1, shown));
    let (code, _, errors) = ask("never permit any tool");
    assert_eq!(code, 2);
    let shown = "error: this is no question: expected one of `allow`, `deny`, `hold`\n  never permit any tool\n        ^\n";
    assert_eq!(errors, shown);
}
