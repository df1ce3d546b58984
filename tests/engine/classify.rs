//! What real tools can do: a public product's labels, and the tools of real servers.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::time::{Duration, Instant};

use cattlegrid::classify::{Category, Classified, Options, Trait, classify};
use cattlegrid::json::{Limits, Value, read_strict};
use cattlegrid::model::{Catalog, Tool};
use cattlegrid::parse;

/// Not part of the project: other people's texts.
const LABELS: &str = "../shared/data/labels/tools.json";
const CATALOGS: &str = "../shared/data/catalog";
/// Ours: where those labels are wrong, and why.
const CORRECTIONS: &str = "tests/classify/corrections.json";

/// Past the capture of tests' output, so that it can be seen.
fn say(line: &str) {
    std::io::stderr().write_all(format!("{line}\n").as_bytes()).unwrap();
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value.as_object().unwrap().get(key).unwrap().value.as_str().unwrap()
}

/// The corrections by server and tool.
fn corrections() -> BTreeMap<(String, String), String> {
    let file = fs::read(super::project(CORRECTIONS)).unwrap();
    let file = read_strict(&file, &Limits::DOCUMENT).unwrap();
    let list = file.value.as_object().unwrap().get("corrections").unwrap().value.as_list().unwrap();
    let one = |node: &cattlegrid::json::Node| {
        assert!(!text(&node.value, "reason").is_empty());
        let key = (text(&node.value, "server").to_owned(), text(&node.value, "tool").to_owned());
        (key, text(&node.value, "category").to_owned())
    };
    list.iter().map(one).collect()
}

/// How often a label and the engine agree.
#[derive(Default)]
struct Agreement {
    agreed: usize,
    all: usize,
}

impl Agreement {
    fn add(&mut self, label: &str, found: Category) {
        // Money is too noisy in the labels to be counted, and the rest has none.
        if ["Read", "Write", "Execute", "Destructive"].contains(&label) {
            self.all += 1;
            self.agreed += usize::from(label == found.as_str());
        }
    }

    fn share(&self) -> f64 {
        f64::from(u32::try_from(self.agreed).unwrap()) / f64::from(u32::try_from(self.all).unwrap())
    }
}

#[test]
fn labels_of_a_public_set_agree() {
    let Ok(labels) = fs::read(super::project(LABELS)) else {
        say(&format!("skipped: {LABELS} is not there"));
        return;
    };
    let labels = read_strict(&labels, &Limits::DOCUMENT).unwrap();
    let mut servers: BTreeMap<&str, Vec<&Value>> = BTreeMap::new();
    for label in labels.value.as_list().unwrap() {
        servers.entry(text(&label.value, "server")).or_default().push(&label.value);
    }
    let mut corrections = corrections();
    let (mut raw, mut corrected) = (Agreement::default(), Agreement::default());
    let mut grave = Vec::new();
    for (server, labels) in servers {
        let tool = |label: &&Value| Tool {
            name: text(label, "tool").to_owned(),
            description: Some(text(label, "description").to_owned()),
            ..Tool::default()
        };
        let tools = labels.iter().map(tool).collect();
        let catalog = Catalog { server: Some(server.to_owned()), tools };
        for (label, found) in labels.iter().zip(classify(&catalog, Options::default())) {
            let given = text(label, "category");
            let key = (server.to_owned(), found.tool.clone());
            let correction = corrections.remove(&key);
            assert_ne!(correction.as_deref(), Some(given), "{server}/{}", found.tool);
            let right = correction.as_deref().unwrap_or(given);
            raw.add(given, found.category);
            corrected.add(right, found.category);
            if matches!(right, "Destructive" | "Financial") && found.category == Category::Read {
                grave.push(format!("{server}/{} is {right}", found.tool));
            }
        }
    }
    assert!(corrections.is_empty(), "corrected, but not labelled: {:?}", corrections.keys());
    assert!(grave.is_empty(), "called Read: {}", grave.join(", "));
    say(&format!(
        "labels: {} of {} as they are, {} of {} corrected",
        raw.agreed, raw.all, corrected.agreed, corrected.all
    ));
    assert!(raw.share() >= 0.97 && corrected.share() >= 0.99);
}

/// All tools of the real servers, with the servers' names.
fn real() -> Option<Vec<(String, Catalog, Vec<Classified>)>> {
    let Ok(files) = fs::read_dir(super::project(CATALOGS)) else {
        say(&format!("skipped: {CATALOGS} is not there"));
        return None;
    };
    let mut all = Vec::new();
    for file in files {
        let catalog = parse::catalog(&fs::read(file.unwrap().path()).unwrap()).unwrap();
        let found = classify(&catalog, Options::default());
        assert_eq!(found.len(), catalog.tools.len());
        all.push((catalog.server.clone().unwrap_or_default(), catalog, found));
    }
    assert!(all.len() >= 48);
    Some(all)
}

/// What the names alone leave no doubt of.
#[test]
fn nothing_dangerous_among_real_tools_is_called_a_look() {
    const DANGEROUS: [&str; 12] = [
        "delete",
        "drop",
        "purge",
        "destroy",
        "flush",
        "remove",
        "uninstall",
        "attach",
        "detach",
        "grant",
        "refund",
        "exec",
    ];
    let Some(all) = real() else { return };
    let mut wrong = Vec::new();
    for (server, _, found) in &all {
        for tool in found.iter().filter(|tool| tool.category == Category::Read) {
            let name = tool.tool.to_ascii_lowercase();
            let mut words = name.split(|c: char| !c.is_alphanumeric());
            if words.any(|word| DANGEROUS.contains(&word)) {
                wrong.push(format!("{server}/{}", tool.tool));
            }
        }
    }
    assert!(wrong.is_empty(), "called Read: {}", wrong.join(", "));
}

/// The tool that the published pages are about.
#[test]
fn the_tool_of_the_pages_is_what_they_say() {
    let Some(all) = real() else { return };
    let mut tools = all.iter().flat_map(|(_, _, found)| found);
    let tool = tools.find(|tool| tool.tool == "policy_generation_start").unwrap();
    assert_eq!((tool.category.as_str(), tool.risk.as_str()), ("Execute", "high"));
    assert!(tool.has(Trait::Cost) && tool.has(Trait::FreeForm));
}

#[test]
fn many_long_descriptions_take_no_time() {
    let sentence = "Deletes the records that match and returns how many there were, unless the table is locked. ";
    let tool = |at: usize| Tool {
        name: format!("delete_records_{at}"),
        description: Some(sentence.repeat(22)),
        ..Tool::default()
    };
    let catalog = Catalog { server: None, tools: (0..10_000).map(tool).collect() };
    let begun = Instant::now();
    let found = classify(&catalog, Options::default());
    let took = begun.elapsed();
    assert!(found.iter().all(|tool| tool.category == Category::Destructive));
    say(&format!("10,000 tools with 2 KB of description each: {} ms", took.as_millis()));
    // A debug build on a busy machine; the figure that counts is that of a release build.
    assert!(took < Duration::from_secs(60));
}
