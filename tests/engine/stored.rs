//! A compiled policy that was written and read again is the one that was compiled.

use std::fs;
use std::io::Write;
use std::path::Path;

use cattlegrid::compile::{compile, from_bytes, to_bytes};
use cattlegrid::json::{Limits, Value, quote, read_strict, write};
use cattlegrid::parse;

/// Not part of the project: they are other people's texts.
const PUBLISHED: &str = "../shared/data/published-policies.json";
const CATALOGS: &str = "../shared/data/catalog";

/// Whether a text is a policy; if so, what is read of its bytes is to be what was compiled.
fn check(name: &str, text: &str) -> bool {
    let Some(policy) = parse::parse(text.as_bytes()).policy else { return false };
    let read = from_bytes(&to_bytes(&policy)).unwrap_or_else(|fault| panic!("{name}: {fault}"));
    let compiled = compile(&policy);
    assert_eq!(
        without_places(&format!("{read:?}")),
        without_places(&format!("{compiled:?}")),
        "{name}"
    );
    assert_eq!(read.hash(), compiled.hash(), "{name}");
    true
}

/// What has no document has no places.
fn without_places(text: &str) -> String {
    let mut parts = text.split("Span {");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |all, part| all + part.split_once('}').map_or("", |(_, rest)| rest))
}

/// All that may be policies in a value: objects with a version, and texts of such.
fn look(name: &str, value: &Value, found: &mut usize) {
    match value {
        Value::String(text) if text.contains("version") => *found += usize::from(check(name, text)),
        Value::List(items) => items.iter().for_each(|item| look(name, &item.value, found)),
        Value::Object(object) => {
            if object.get("version").is_some() {
                *found += usize::from(check(name, &write(value)));
            }
            object.members().iter().for_each(|member| look(name, &member.node.value, found));
        }
        _ => {}
    }
}

fn look_in_files(folder: &Path, found: &mut usize) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("node_modules") && !path.ends_with("target") {
            look_in_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "json") {
            let text = fs::read(&path).unwrap();
            if let Ok(node) = read_strict(&text, &Limits::DOCUMENT) {
                look(&path.display().to_string(), &node.value, found);
            }
        }
    }
}

#[test]
fn every_policy_of_the_tests_is_read_as_it_was_compiled() {
    let mut found = 0;
    look_in_files(&super::project("tests"), &mut found);
    assert!(found >= 60, "only {found} policies were found");
}

/// Past the capture of tests' output, so that it can be seen.
#[expect(clippy::explicit_write, reason = "eprintln! is swallowed when the test passes")]
fn skipped(what: &str) {
    writeln!(std::io::stderr(), "skipped: {what} is not there").unwrap();
}

#[test]
fn every_published_policy_is_read_as_it_was_compiled() {
    let Ok(text) = fs::read(super::project(PUBLISHED)) else { return skipped(PUBLISHED) };
    let mut found = 0;
    look(PUBLISHED, &read_strict(&text, &Limits::DOCUMENT).unwrap().value, &mut found);
    assert!(found > 0, "no policy was found");
}

#[test]
fn policies_of_real_catalogs_are_read_as_they_were_compiled() {
    if !super::project(CATALOGS).exists() {
        return skipped(CATALOGS);
    }
    for file in fs::read_dir(super::project(CATALOGS)).unwrap() {
        let path = file.unwrap().path();
        let catalog = parse::catalog(&fs::read(&path).unwrap()).unwrap();
        let tool = |(at, name): (usize, &str)| {
            let rules = [
                "{}",
                r#"{"action":"deny"}"#,
                r#"{"rate_limit":{"window":"hour","max":5}}"#,
                r#"{"deny_if":[{"conditions":[{"path":"args.path","op":"regex","value":"\\.\\."}]}]}"#,
            ];
            format!("{}: {}", quote(name), rules[at % rules.len()])
        };
        let tools: Vec<String> =
            catalog.tools.iter().map(|tool| tool.name.as_str()).enumerate().map(tool).collect();
        let hidden: Vec<String> =
            catalog.tools.iter().step_by(3).map(|tool| quote(&tool.name)).collect();
        let text = format!(
            r#"{{"version": "1", "default": "deny", "hide": [{}], "tools": {{{}}}}}"#,
            hidden.join(", "),
            tools.join(", ")
        );
        assert!(check(&path.display().to_string(), &text), "{text}");
    }
}
