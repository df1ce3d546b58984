//! What commands read: files, and standard input in the place of one.

use std::io::Read;

use super::Failure;

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
        Ok(Source { name: "<stdin>".to_owned(), bytes })
    }
}

fn reason(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
        std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        std::io::ErrorKind::IsADirectory => "it is a folder".to_owned(),
        _ => error.to_string(),
    }
}
