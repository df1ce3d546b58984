//! Integration tests of the engine: what only the whole of it can show.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests fail by panicking"
)]
#![allow(
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    reason = "as above"
)]

mod agreement;
mod bodies;
mod classify;
#[cfg(feature = "cli")]
mod cli;
mod codes;
mod complete;
mod foresight;
#[cfg(feature = "import")]
mod import;
mod json_suite;
mod labels;
mod printed;
mod properties;
mod published;
mod rooms;
mod semantics;
mod stored;
mod vectors;

use std::path::PathBuf;

/// A file or folder of the project.
fn project(path: &str) -> PathBuf {
    let root = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| ".".into());
    PathBuf::from(root).join(path)
}
