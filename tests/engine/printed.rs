//! The canonical text of every policy of the vectors means what the policy means.

use std::fs;

use cattlegrid::json::{Limits, Node, Value, canonical, read_strict, write};
use cattlegrid::parse;

/// Policies of the scenarios, as they are written there.
fn policies() -> Vec<(String, String)> {
    let mut found = Vec::new();
    for folder in ["tests/vectors", "tests/vectors/policies"] {
        for entry in fs::read_dir(super::project(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_none_or(|extension| extension != "json") {
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            let node = read_strict(text.as_bytes(), &Limits::DOCUMENT).unwrap();
            let policy = match node.value.as_object().unwrap().get("policy") {
                Some(Node { value: Value::String(_), .. }) => continue,
                Some(policy) => policy,
                None => &node,
            };
            found.push((path.display().to_string(), policy.span.of(&text).to_owned()));
        }
    }
    found
}

#[test]
fn printing_changes_no_meaning_and_ends_at_once() {
    let policies = policies();
    assert!(policies.len() >= 60, "{}", policies.len());
    for (name, text) in policies {
        let policy = parse::parse(text.as_bytes()).policy.unwrap_or_else(|| panic!("{name}"));
        let printed = parse::print(&policy);
        let again = parse::parse(printed.as_bytes()).policy;
        let again = again.unwrap_or_else(|| panic!("{name}:\n{printed}"));
        let same = |policy: &Node| canonical(&policy.value);
        assert_eq!(same(&again.document), same(&policy.document), "{name}");
        // Numbers keep their text, which the canonical form does not show.
        let digits = |policy: &Node| {
            let mut digits: Vec<char> = write(&policy.value).chars().collect();
            digits.sort_unstable();
            digits
        };
        assert_eq!(digits(&again.document), digits(&policy.document), "{name}");
        assert_eq!(parse::print(&again), printed, "{name}");
    }
}
