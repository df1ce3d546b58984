//! `cattlegrid check-envoy`

use cattlegrid::edge::{self, Settings};

use super::files::Reader;
use super::report::{self, Format, count};
use super::{Answer, Failure, print};

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The configuration of the filter, a JSON file; `-` reads standard input
    configuration: String,
    /// How the diagnostics are printed
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

pub(super) fn run(arguments: &Arguments) -> Result<Answer, Failure> {
    let source = Reader::default().read(&arguments.configuration)?;
    let read = edge::read(&source.bytes);
    let (summary, diagnostics) = match &read {
        Ok(settings) => (Some(summary(settings)), &[][..]),
        Err(diagnostics) => (None, diagnostics.as_slice()),
    };
    print(&report::shown(&source, diagnostics, summary.as_deref(), arguments.format)?)?;
    Ok(if read.is_ok() { Answer::Yes } else { Answer::No })
}

/// What a configuration was understood to be.
fn summary(settings: &Settings) -> String {
    let policies = count(settings.policies().len(), "policy").replace("policys", "policies");
    let tokens = if settings.wants_tokens() { "requests bring a token" } else { "no tokens" };
    let pinned: usize = settings.watches().map(|watch| watch.len()).sum();
    let pinned = match settings.watches().count() {
        0 => String::new(),
        _ => format!(", {} pinned", count(pinned, "tool")),
    };
    format!("{policies}, {tokens}{pinned}")
}
