//! How often the engine and labels of our own agree: on the tools of real servers, and on tools as any
//! server may have them.

use std::collections::BTreeMap;
use std::fs;

use cattlegrid::classify::{Category, Options, classify};
use cattlegrid::model::{Catalog, Tool};
use sha2::{Digest as _, Sha256};

use super::classify::{CATALOGS, real, say};

/// What each tool of a server is, as a list of ours has it.
fn labelled(path: &str) -> Vec<(String, Vec<String>)> {
    let list = fs::read_to_string(super::project(path)).unwrap();
    let mut servers: Vec<(String, Vec<String>)> = Vec::new();
    for line in list.lines().filter(|line| !line.starts_with('#')) {
        match line.strip_prefix('@') {
            Some(server) => servers.push((server.to_owned(), Vec::new())),
            None => servers.last_mut().unwrap().1.push(line.to_owned()),
        }
    }
    servers
}

/// A label and its correction, of which each says why.
fn corrected(line: &str) -> (&str, Option<&str>) {
    let Some((label, correction)) = line.split_once(" ! ") else { return (line, None) };
    let (right, reason) = correction.split_once(' ').unwrap();
    assert!(reason.ends_with('.'), "{line}");
    (label, Some(right))
}

fn share(agreed: usize, all: usize) -> f64 {
    f64::from(u32::try_from(agreed).unwrap()) / f64::from(u32::try_from(all).unwrap())
}

/// The labels were made from the definitions alone, without sight of the engine's answers: 968 of them agreed
/// then, and what they showed to be wrong was mended after.
#[test]
fn labels_of_real_tools_agree() {
    let Some(catalogs) = real() else { return };
    let servers: BTreeMap<String, Vec<String>> =
        labelled("tests/classify/real.txt").into_iter().collect();
    let [mut all, mut raw, mut either, mut right] = [0; 4];
    let mut grave = Vec::new();
    for (file, catalog, found) in &catalogs {
        let lines = &servers[file];
        assert_eq!(lines.len(), catalog.tools.len(), "{CATALOGS}/{file}.json has other tools");
        for found in found {
            let tool = &found.tool;
            let digest = Sha256::digest(tool);
            let print: String = digest.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
            let line = lines.iter().find(|line| line.starts_with(&print)).unwrap();
            let (label, correction) = corrected(line);
            let labels: Vec<&str> = label.split(' ').skip(1).collect();
            let found = found.category.as_str();
            let best = correction.unwrap_or(labels[0]);
            if matches!(best, "Destructive" | "Financial") && found == "Read" {
                grave.push(tool);
            }
            // Money is not counted, as in the public set.
            if labels[0] != "Financial" {
                all += 1;
                raw += usize::from(labels[0] == found);
                either += usize::from(labels.contains(&found));
                right += usize::from(best == found);
            }
        }
    }
    say(&format!(
        "labels of real tools: {raw} of {all}, {right} corrected, {either} with what else would do"
    ));
    assert!(grave.is_empty(), "called Read: {grave:?}");
    assert!(share(raw, all) >= 0.97 && share(right, all) >= 0.97 && share(either, all) >= 0.99);
}

#[test]
fn labels_of_imagined_tools_agree() {
    let [mut all, mut raw, mut right] = [0; 3];
    let mut looks = Vec::new();
    for (server, lines) in labelled("tests/classify/own.txt") {
        let read = |line: &String| {
            let (label, correction) = corrected(line);
            let (categories, rest) = label.split_once(' ').unwrap();
            let (name, description) = rest.split_once(" | ").unwrap_or((rest, ""));
            let description = Some(description.to_owned()).filter(|text| !text.is_empty());
            let tool = Tool { name: name.to_owned(), description, ..Tool::default() };
            (tool, categories.to_owned(), correction.unwrap_or(categories).to_owned())
        };
        let lines: Vec<(Tool, String, String)> = lines.iter().map(read).collect();
        let tools = lines.iter().map(|(tool, _, _)| tool.clone()).collect();
        let catalog = Catalog { server: Some(server), tools };
        for ((tool, label, best), found) in lines.iter().zip(classify(&catalog, Options::default()))
        {
            let letter = &found.category.as_str()[..1];
            all += 1;
            raw += usize::from(label.contains(letter));
            right += usize::from(best.contains(letter));
            if found.category == Category::Read && !best.contains('R') {
                looks.push(tool.name.clone());
            }
        }
    }
    say(&format!("labels of imagined tools: {raw} of {all}, {right} corrected"));
    assert!(looks.is_empty(), "called Read: {looks:?}");
    assert!(share(raw, all) >= 0.82 && share(right, all) >= 0.85);
}
