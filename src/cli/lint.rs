//! `cattlegrid lint`

use cattlegrid::analyze::lint;
use cattlegrid::diagnostic::{printable, render};
use cattlegrid::{parse, validate};

use super::check::summary;
use super::files::Reader;
use super::report::{self, Format, count};
use super::{Answer, Failure, note, print};

#[derive(clap::Args)]
#[command(
    after_help = "What is said is proved: a rule that is said to do nothing does nothing for any call, and a call that is shown is decided so by the engine. \
                  `check` says what can be seen without a proof, and `lint` does not say it again.\n\n\
                  Exit codes: 0 nothing is to be said, 1 something is, 2 the command could not run."
)]
pub(super) struct Arguments {
    /// The policy, a JSON file; `-` reads standard input
    policy: String,
    /// The tools that the policy is for, a server's `tools/list`: calls that do not fit their input schemas are left out
    #[arg(long, value_name = "TOOLS")]
    catalog: Option<String>,
    /// How the diagnostics are printed
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

pub(super) fn run(arguments: &Arguments) -> Result<Answer, Failure> {
    let mut reader = Reader::default();
    let source = reader.read(&arguments.policy)?;
    let parsed = parse::parse(&source.bytes);
    let Some(policy) = &parsed.policy else {
        return Err(Failure(render(&source.name, &source.text(), &parsed.diagnostics)));
    };
    let catalog = arguments.catalog.as_ref();
    let catalog = catalog.map(|path| super::diff::catalog(&mut reader, path)).transpose()?;
    let linted = lint(&parsed, catalog.as_ref());
    let said = validate::said(&parsed, catalog.as_ref());
    let seen = said.diagnostics.len().saturating_add(said.omitted);
    let summary = summary(policy);
    print(&report::shown(&source, &linted.diagnostics, Some(&summary), arguments.format)?)?;
    for (pointer, why) in &linted.unknown {
        note(&format!("{}: unknown of {}: {why}", source.name, printable(pointer)));
    }
    if seen > 0 {
        let seen = count(seen, "warning");
        note(&format!("{}: `cattlegrid check` says {seen} beside this", source.name));
    }
    Ok(if linted.diagnostics.is_empty() { Answer::Yes } else { Answer::No })
}
