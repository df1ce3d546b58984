//! `--watch`: runs again whenever something that was read is another.
//!
//! Files are looked at twice a second. That sees a file that an editor puts in the place of another as
//! well as one that is written into, on every system and every kind of disk, and for some hundred files
//! costs less than a thousandth of a core; what systems tell of themselves differs in all of that.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::thread::sleep;
use std::time::Duration;

use super::{Arguments, Pass, find};
use crate::cli::files::{Reader, Sign, sign};
use crate::cli::{Failure, note};

/// How long nothing is looked at.
const PAUSE: Duration = Duration::from_millis(500);
/// How long a change may take that is seen at its beginning.
const SETTLE: Duration = Duration::from_millis(100);

/// Files, and what tells each from what it was.
type Seen = BTreeMap<PathBuf, Option<Sign>>;

/// Runs the scenarios, and again after each change, until the process is ended.
///
/// # Errors
/// If there is nothing to run to begin with.
pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    if arguments.paths.iter().any(|path| path == "-") {
        let why = "error: `--watch` looks at files: standard input is read once";
        return Err(Failure(why.to_owned()));
    }
    find::scenarios(&arguments.paths, &mut Reader::default())?;
    loop {
        let before = look(arguments, &[]);
        let read = match super::pass(arguments) {
            Ok(Pass { read, outcome }) => {
                if let Err(Failure(why)) = outcome {
                    note(&why);
                }
                read
            }
            Err(Failure(why)) => {
                note(&why);
                Vec::new()
            }
        };
        // As they were before they were read: what changed meanwhile is run again.
        let mut seen = before;
        seen.extend(read.iter().cloned());
        let read: Vec<PathBuf> = read.into_iter().map(|(path, _)| path).collect();
        note(&format!("watching {} files; ctrl-c ends it", seen.len()));
        while look(arguments, &read) == seen {
            sleep(PAUSE);
        }
        let mut changed = look(arguments, &read);
        loop {
            sleep(SETTLE);
            let now = look(arguments, &read);
            if now == changed {
                break;
            }
            changed = now;
        }
    }
}

/// The scenarios that there are now, and these files.
fn look(arguments: &Arguments, read: &[PathBuf]) -> Seen {
    // A path that is gone for a moment has no scenarios for that long.
    let found = find::scenarios(&arguments.paths, &mut Reader::default());
    let found = found.unwrap_or_default().into_iter().map(|one| PathBuf::from(one.name));
    found.chain(read.iter().cloned()).map(|path| (path.clone(), sign(&path))).collect()
}
