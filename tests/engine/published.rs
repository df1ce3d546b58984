//! The documents that the format's product has published.

use std::fs;
use std::io::Write;

use cattlegrid::diagnostic::Code;
use cattlegrid::json::{Limits, quote, read_strict, write};
use cattlegrid::source::LineIndex;
use cattlegrid::{parse, validate};

/// Not part of the project: they are other people's texts.
const FILE: &str = "../shared/data/published-policies.json";

#[test]
fn every_published_document_loads() {
    let Ok(text) = fs::read(super::project(FILE)) else {
        // Past the capture of tests' output, so that it can be seen.
        writeln!(std::io::stderr(), "skipped: {FILE} is not there").unwrap();
        return;
    };
    let documents = read_strict(&text, &Limits::DOCUMENT).unwrap();
    let mut faults = Vec::new();
    let mut loaded = 0;
    for document in documents.value.as_list().unwrap() {
        let document = document.value.as_object().unwrap();
        let title = document.get("title").unwrap().value.as_str().unwrap();
        if document.get("fragment").and_then(|fragment| fragment.value.as_bool()) == Some(true) {
            continue;
        }
        let text = write(&document.get("document").unwrap().value);
        let parsed = parse::parse(text.as_bytes());
        let index = LineIndex::new(&text);
        let errors = parsed.diagnostics.iter().filter(|diagnostic| diagnostic.is_error());
        faults.extend(errors.map(|error| format!("{title}: {}", error.in_one_line(&index))));
        loaded += usize::from(parsed.policy.is_some());
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(loaded > 0, "no document was found");
}

/// The policy of the published pages names a tool that the servers of those pages do not have.
#[test]
fn nothing_can_be_called_on_the_servers_of_the_pages() {
    const POLICY: &str = r#"{"version":"1","default":"deny","tools":{"policy_generation_start":{"limits":[{"counter":"policy_generation_start_rate","window":"minute","max":10,"scope":"grant"}]}}}"#;
    const SERVERS: [&str; 5] =
        ["cloudwatch-applicationsignals", "prometheus", "aws-dataprocessing", "eks", "amazon-mq"];
    let warnings = |server: &str| {
        let file = format!("{CATALOGS}/awslabs.{server}-mcp-server.json");
        let catalog = parse::catalog(&fs::read(super::project(&file)).unwrap()).unwrap();
        let found = validate::check(POLICY.as_bytes(), Some(&catalog)).diagnostics;
        found.iter().map(|one| one.message.clone()).collect::<Vec<_>>()
    };
    if no_catalogs() {
        return;
    }
    for server in SERVERS {
        let found = warnings(server);
        let name = format!("`awslabs.{server}-mcp-server`");
        assert_eq!(
            found,
            [
                format!(
                    "nothing can be called on {name}: `default` is `deny` and `policy_generation_start`, the only tool listed, is not one of its tools"
                ),
                format!("`policy_generation_start` is not a tool of {name}"),
            ]
        );
    }
    assert_eq!(warnings("amazon-bedrock-agentcore"), [""; 0]);
}

const CATALOGS: &str = "../shared/data/catalog";

/// Whether the catalogs are missing, which is then said.
#[expect(clippy::explicit_write, reason = "eprintln! is swallowed when the test passes")]
fn no_catalogs() -> bool {
    let missing = !super::project(CATALOGS).exists();
    if missing {
        writeln!(std::io::stderr(), "skipped: {CATALOGS} is not there").unwrap();
    }
    missing
}

/// Listing the tools of a server is no reason to warn, whatever their schemas are, but for the few
/// that take any operation or text.
#[test]
fn real_catalogs_are_understood() {
    if no_catalogs() {
        return;
    }
    let (mut all, mut open) = (0, 0);
    for file in fs::read_dir(super::project(CATALOGS)).unwrap() {
        let path = file.unwrap().path();
        let catalog = parse::catalog(&fs::read(&path).unwrap()).unwrap();
        let tools: Vec<String> =
            catalog.tools.iter().map(|tool| format!("{}: {{}}", quote(&tool.name))).collect();
        let policy =
            format!(r#"{{"version": "1", "default": "deny", "tools": {{{}}}}}"#, tools.join(", "));
        let found = validate::check(policy.as_bytes(), Some(&catalog)).diagnostics;
        all += catalog.tools.len();
        open += found.len();
        let expected = [Code::UnrestrictedOperation, Code::UnrestrictedText];
        let other: Vec<_> = found.iter().filter(|one| !expected.contains(&one.code)).collect();
        assert!(other.is_empty(), "{}: {other:?}", path.display());
    }
    assert!(open * 10 < all, "{open} of {all} tools are warned of");
}
