//! The reference page of all codes, made of the codes' own documentation.

use std::fmt::Write;
use std::{env, fs};

use cattlegrid::diagnostic::{Code, Severity};
use cattlegrid::validate::check;
use cattlegrid::{analyze, edge, parse, pin, simulate};

const PAGE: &str = "tests/semantics/codes.md";

/// With this variable set the page is written and not compared.
const UPDATE: &str = "CATTLEGRID_UPDATE";

fn page() -> String {
    let mut page = String::from(
        "# Codes\n\nEverything that `cattlegrid check` and `cattlegrid lint` may say, by its code. A document with an error is no policy; \
         a document with a warning is one, and may do other than its author wants.\n\n\
         This page is made of the engine's source (`src/diagnostic/code.rs`); \
         `cattlegrid codes unknown-key` shows one part of it.\n",
    );
    for (title, severity) in [("Errors", Severity::Error), ("Warnings", Severity::Warning)] {
        write!(page, "\n## {title}\n").unwrap();
        for code in Code::ALL.iter().filter(|code| code.severity() == severity) {
            write!(page, "\n### `{}`\n\n{}\n", code.as_str(), code.explain().trim()).unwrap();
        }
    }
    page
}

#[test]
fn the_page_is_current() {
    let file = super::project(PAGE);
    if env::var_os(UPDATE).is_some() {
        fs::write(&file, page()).unwrap();
    }
    let written = fs::read_to_string(&file).unwrap_or_default();
    assert!(written == page(), "{PAGE} is old: run the tests once with {UPDATE}=1");
}

/// Those whose fault a small text cannot show, or shows elsewhere.
const UNSEEN: [&str; 12] = [
    "invalid-yaml",
    "not-carried-over",
    "stricter-meaning",
    "misspelt-key",
    "without-effect",
    "byte-order-mark",
    "invalid-utf8",
    "too-large",
    "too-deep",
    "number-too-large",
    "too-many-calls",
    "too-many-faults",
];

/// What a part of a policy stands in, to be whole: the part is put in the place of `…`.
const AROUND: [&str; 6] = [
    "…",
    r#"{ "version": "1", "default": "deny", … }"#,
    r#"{ "version": "1", "default": "deny", "tools": { "pay": {}, … } }"#,
    r#"{ "version": "1", "default": "deny", "tools": { "pay": { … } } }"#,
    r#"{ "version": "1", "default": "deny", "tools": { "pay": { "deny_if": [{ "conditions": […] }] } } }"#,
    r#"{ "version": "1", "default": "deny", "tools": { "pay": { "limits": […] } } }"#,
];

const CATALOG: &str = include_str!("codes.json");

/// What is said of the part, wherever it fits.
fn said(example: &str) -> Vec<Code> {
    let catalog = parse::catalog(CATALOG.as_bytes()).unwrap();
    let mut codes = Vec::new();
    for around in AROUND {
        let text = around.replace('…', example);
        let checked = check(text.as_bytes(), Some(&catalog));
        codes.extend(checked.diagnostics.iter().map(|one| one.code));
        let linted = analyze::lint(&parse::parse(text.as_bytes()), Some(&catalog));
        codes.extend(linted.diagnostics.iter().map(|one| one.code));
    }
    let faults = |text: &str| match simulate::Scenario::parse(text.as_bytes()) {
        Ok(scenario) => analyze::questions(&scenario, text).err().unwrap_or_default(),
        Err(faults) => faults,
    };
    let step = format!(
        r#"{{ "policy": {{ "version": "1", "default": "deny" }}, "steps": [{{ "call": {{ "tool": "pay" }}, {example} }}] }}"#
    );
    let alone = step.replace(r#""call": { "tool": "pay" }, "#, "");
    let top = format!(r#"{{ "policy": "policy.json", "steps": [], {example} }}"#);
    let scenarios = [step, alone, top];
    codes.extend(scenarios.iter().flat_map(|text| faults(text)).map(|one| one.code));
    // What an enforcer is told.
    let policy = r#""policy": { "version": "1", "default": "deny" }"#;
    let grants = format!(r#"{{ {policy}, "grants": [{example}] }}"#);
    let servers = format!(r#"{{ {policy}, "servers": [{example}] }}"#);
    let whole = example.replace("\"policy\": …", policy);
    for text in [format!("{{ {policy}, {example} }}"), grants, servers, whole] {
        codes.extend(edge::read(text.as_bytes()).err().into_iter().flatten().map(|one| one.code));
    }
    codes.extend(
        pin::Lock::read(example.as_bytes()).err().into_iter().flatten().map(|one| one.code),
    );
    codes
        .extend(parse::catalog(example.as_bytes()).err().into_iter().flatten().map(|one| one.code));
    codes
}

#[test]
fn every_code_is_explained_and_its_example_shows_it() {
    let mut faults = String::new();
    for code in Code::ALL {
        let (name, text) = (code.as_str(), code.explain());
        let paragraphs = text.split("\n\n").count();
        if paragraphs < 2 {
            writeln!(faults, "{name}: says too little").unwrap();
        }
        let example = text.split("```json\n").nth(1).and_then(|rest| rest.split("```").next());
        match example {
            _ if UNSEEN.contains(&name) => {}
            None => writeln!(faults, "{name}: has no example").unwrap(),
            Some(example) if said(example.trim()).contains(code) => {}
            Some(example) => writeln!(faults, "{name}: is not what is said of {example}").unwrap(),
        }
    }
    assert!(faults.is_empty(), "{faults}");
}
