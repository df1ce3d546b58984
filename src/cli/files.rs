//! What commands read: files, and standard input in the place of one.

use std::fs::{self, OpenOptions};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use super::Failure;

/// What people read in the place of the name of a file.
pub(super) const STDIN: &str = "<stdin>";

/// A text and what people call it.
pub(super) struct Source {
    /// The path, or `<stdin>`.
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
}

impl Source {
    /// The text; bytes that are not UTF-8 are shown as `�`.
    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
}

/// Reads files one after another; `-` is standard input, once.
#[derive(Default)]
pub(super) struct Reader {
    stdin_is_read: bool,
}

impl Reader {
    /// Reads a file.
    ///
    /// # Errors
    /// If it cannot be read, or standard input was read already.
    pub(super) fn read(&mut self, path: &str) -> Result<Source, Failure> {
        if path != "-" {
            let bytes = std::fs::read(path).map_err(|error| {
                Failure(format!("error: cannot read {path}: {}", reason(&error)))
            })?;
            return Ok(Source { name: path.to_owned(), bytes });
        }
        if std::mem::replace(&mut self.stdin_is_read, true) {
            let why =
                "error: standard input (`-`) can be read only once: name a file for the other";
            return Err(Failure(why.to_owned()));
        }
        let mut bytes = Vec::new();
        std::io::stdin().read_to_end(&mut bytes).map_err(|error| {
            Failure(format!("error: cannot read standard input: {}", reason(&error)))
        })?;
        Ok(Source { name: STDIN.to_owned(), bytes })
    }
}

/// Writes a file, new or in the place of one that is there: all of it or nothing.
///
/// # Errors
/// If it cannot be written; what was there is then what it was.
pub(super) fn create(path: &str, text: &(impl AsRef<[u8]> + ?Sized)) -> Result<(), Failure> {
    let cannot = |error: std::io::Error| {
        let why = match error.kind() {
            std::io::ErrorKind::NotFound => "its folder does not exist".to_owned(),
            _ => reason(&error),
        };
        Failure(format!("error: cannot write {path}: {why}"))
    };
    if !Path::new(path).exists() {
        fs::write(path, "").map_err(cannot)?;
    }
    replace(path, text)
}

/// Puts a text in the place of a file that is there: all of it or nothing. What reads the file
/// meanwhile reads the old text or the new one.
///
/// # Errors
/// If it cannot be written; the file is then what it was.
pub(super) fn replace(path: &str, text: &(impl AsRef<[u8]> + ?Sized)) -> Result<(), Failure> {
    let cannot = |error: std::io::Error| {
        Failure(format!("error: cannot write {path}: {}; it is unchanged", reason(&error)))
    };
    // The file itself, and not the link that leads to it.
    let file = fs::canonicalize(path).map_err(cannot)?;
    let beside = beside(&file);
    let written =
        write_new(&beside, &file, text.as_ref()).and_then(|()| fs::rename(&beside, &file));
    written.map_err(|error| {
        // If it was made at all.
        let _ = fs::remove_file(&beside);
        cannot(error)
    })
}

/// The name of a file that is to take another's place.
fn beside(file: &Path) -> PathBuf {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    file.with_file_name(format!(".{name}.{}.new", std::process::id()))
}

fn write_new(beside: &Path, file: &Path, text: &[u8]) -> std::io::Result<()> {
    let permissions = fs::metadata(file)?.permissions();
    let mut new = OpenOptions::new().write(true).create_new(true).open(beside)?;
    new.set_permissions(permissions)?;
    new.write_all(text)?;
    new.sync_all()
}

/// What tells a file from what it was: when it was written, its length, and its number on the disk, which is
/// another when another file took its place.
pub(super) type Sign = (std::time::SystemTime, u64, u64);

/// The sign of a file; `None` if there is none.
pub(super) fn sign(path: &Path) -> Option<Sign> {
    let meta = fs::metadata(path).ok()?;
    #[cfg(unix)]
    let number = std::os::unix::fs::MetadataExt::ino(&meta);
    #[cfg(not(unix))]
    let number = 0;
    Some((meta.modified().ok()?, meta.len(), number))
}

pub(super) fn reason(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
        std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        std::io::ErrorKind::IsADirectory => "it is a folder".to_owned(),
        _ => error.to_string(),
    }
}
