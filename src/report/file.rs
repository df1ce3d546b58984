//! Names of files for names of tools, which may be anything.

use std::collections::BTreeSet;

use sha2::{Digest, Sha256};

/// So many characters of a name stand in the name of its file.
const LONGEST: usize = 60;

/// Names that some systems keep for themselves, and the page of the server.
const TAKEN: [&str; 5] = ["index", "con", "prn", "aux", "nul"];

/// The name of the file for a tool of this name, without its ending: the name itself where every system takes
/// it as it is, and otherwise what is left of it with a mark of the whole name. Different names have different
/// ones, also where capitals do not count.
#[must_use]
pub fn file_name(name: &str) -> String {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-');
    let port = name.len() == 4 && (name.starts_with("com") || name.starts_with("lpt"));
    if !name.is_empty()
        && name.len() <= LONGEST
        && name.chars().all(plain)
        && !TAKEN.contains(&name)
        && !port
    {
        return name.to_owned();
    }
    let mut left = String::new();
    for c in name.chars().take(LONGEST) {
        let c = c.to_ascii_lowercase();
        if plain(c) {
            left.push(c);
        } else if !left.ends_with('-') {
            left.push('-');
        }
    }
    let left = left.trim_matches('-');
    let digest = Sha256::digest(name.as_bytes());
    let mark: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    // No plain name has a dot.
    format!("{left}.{mark}").trim_start_matches('.').to_owned()
}

/// Names of files of one folder, each once.
#[derive(Default)]
pub(super) struct Names {
    taken: BTreeSet<String>,
}

impl Names {
    /// The file for a name; another one if the same name was here before.
    pub(super) fn take(&mut self, name: &str) -> String {
        let mut file = file_name(name);
        let mut number = 2u32;
        while !self.taken.insert(file.clone()) {
            file = file_name(&format!("{name} {number}"));
            number = number.saturating_add(1);
        }
        file
    }
}
