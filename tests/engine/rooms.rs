//! The rooms of src/ look upstream only: each may use those before it and none behind it.

use std::fs;
use std::path::{Path, PathBuf};

/// The rooms in the order in which data flows.
const ROOMS: [&str; 29] = [
    "order",
    "digits",
    "bytes",
    "words",
    "source",
    "diagnostic",
    "json",
    "yaml",
    "model",
    "parse",
    "validate",
    "quota",
    "compile",
    "approval",
    "evaluate",
    "edit",
    "form",
    "simulate",
    "replay",
    "complete",
    "analyze",
    "classify",
    "pin",
    "report",
    "import",
    "protocol",
    "edge",
    "export",
    "wire",
];

/// All Rust files below a folder, unit tests aside: those may look anywhere.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let tests = path.file_stem().is_some_and(|name| name == "tests");
        if path.is_dir() && !tests {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") && !tests {
            found.push(path);
        }
    }
}

/// The rooms that a text names behind `crate::`, comments and unit tests at its end aside.
fn used(text: &str) -> Vec<String> {
    let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let lines = code.lines().map(|line| line.split("//").next().unwrap_or_default());
    let code = lines.collect::<Vec<_>>().join("\n");
    let name = |text: &str| {
        let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
        text[..end].to_owned()
    };
    let mut rooms = Vec::new();
    for behind in code.split("crate::").skip(1) {
        match behind.strip_prefix('{') {
            // `use crate::{a::b, c}`: the names at the first level.
            Some(list) => {
                let mut depth = 1;
                let mut start = true;
                for (at, c) in list.char_indices() {
                    match c {
                        '{' => depth += 1,
                        '}' => depth -= 1,
                        ',' if depth == 1 => start = true,
                        c if start && depth == 1 && !c.is_whitespace() => {
                            rooms.push(name(&list[at..]));
                            start = false;
                        }
                        _ => {}
                    }
                    if depth == 0 {
                        break;
                    }
                }
            }
            None => rooms.push(name(behind)),
        }
    }
    rooms
}

#[test]
fn rooms_look_upstream_only() {
    let root = super::project("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    let place = |room: &str| ROOMS.iter().position(|known| *known == room);
    let mut faults = Vec::new();
    for file in files {
        let inside = file.strip_prefix(&root).unwrap();
        let first = inside.components().next().unwrap().as_os_str().to_string_lossy();
        let room = first.trim_end_matches(".rs");
        // The library's list of rooms, and the command line, which uses the library as others do.
        if ["lib", "main", "cli"].contains(&room) {
            continue;
        }
        let here = inside.display();
        let Some(own) = place(room) else {
            faults.push(format!("{here}: `{room}` is not a room"));
            continue;
        };
        for other in used(&fs::read_to_string(&file).unwrap()) {
            match place(&other) {
                None => faults.push(format!("{here}: `crate::{other}` is not a room")),
                Some(at) if at > own => {
                    faults.push(format!("{here}: `{room}` uses `{other}`, which comes after it"));
                }
                Some(_) => {}
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn uses_are_found_in_every_form() {
    let text = "use crate::{a::{b, c}, d,\n    e::f};\nuse crate::g;\nlet x = crate::h::i(); // crate::j\n\
                pub(crate) fn k() {}\n#[cfg(test)]\nmod tests {\n    use crate::l;\n}\n";
    assert_eq!(used(text), ["a", "d", "e", "g", "h"]);
}
