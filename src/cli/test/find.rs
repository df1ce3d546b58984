//! Which scenarios are meant.

use std::fs;
use std::path::Path;

use super::play::Found;
use crate::cli::Failure;
use crate::cli::files::{Reader, reason};

/// How the name of a scenario ends that is found in a folder.
const ENDINGS: [&str; 3] = [".scenario.json", ".scenario.yaml", ".scenario.yml"];

/// The scenarios of some paths: files as they are named, and those in folders in the order of their
/// names.
///
/// # Errors
/// If a path leads nowhere, a folder cannot be read, or there is no scenario at all.
pub(super) fn scenarios(paths: &[String], reader: &mut Reader) -> Result<Vec<Found>, Failure> {
    let mut found = Vec::new();
    for path in paths {
        if path == "-" {
            let source = reader.read(path)?;
            found.push(Found { name: source.name, folder: ".".into(), text: Some(source.bytes) });
            continue;
        }
        let meta = fs::metadata(path).map_err(|error| cannot(Path::new(path), &error))?;
        if meta.is_dir() {
            within(Path::new(path), &mut found)?;
        } else {
            found.push(Found::file(Path::new(path)));
        }
    }
    if found.is_empty() {
        let paths = paths.join(", ");
        return Err(Failure(format!(
            "error: there is no `*.scenario.json` and no `*.scenario.yaml` in {paths}"
        )));
    }
    Ok(found)
}

/// All in a folder and those below it. Links to folders are not followed, and what is hidden or
/// installed is passed over.
fn within(folder: &Path, found: &mut Vec<Found>) -> Result<(), Failure> {
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        let mut entries = Vec::new();
        for entry in fs::read_dir(&folder).map_err(|error| cannot(&folder, &error))? {
            let entry = entry.map_err(|error| cannot(&folder, &error))?;
            let kind = entry.file_type().map_err(|error| cannot(&entry.path(), &error))?;
            entries.push((entry.file_name(), kind.is_dir(), entry.path()));
        }
        entries.sort();
        let mut below = Vec::new();
        for (name, is_folder, path) in entries {
            let name = name.to_string_lossy();
            if is_folder && !name.starts_with('.') && name != "node_modules" {
                below.push(path);
            } else if !is_folder && ENDINGS.iter().any(|ending| name.ends_with(ending)) {
                found.push(Found::file(path.strip_prefix(".").unwrap_or(&path)));
            }
        }
        // The first is taken from the end.
        open.extend(below.into_iter().rev());
    }
    Ok(())
}

fn cannot(path: &Path, error: &std::io::Error) -> Failure {
    Failure(format!("error: cannot read {}: {}", path.display(), reason(error)))
}
