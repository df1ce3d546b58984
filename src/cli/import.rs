//! `cattlegrid import`

use std::io::Write;

use cattlegrid::diagnostic::render;
use cattlegrid::import::{self, Imported};

use super::files::{Reader, Source};
use super::{Answer, Failure, print};

#[derive(clap::Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    format: Format,
    /// Write the policy to this file, in place of standard output
    #[arg(short, long, value_name = "FILE", global = true)]
    output: Option<String>,
}

#[derive(clap::Subcommand)]
enum Format {
    /// A policy of the proxy Intercept
    Intercept {
        /// The policy, a YAML file; `-` reads standard input
        policy: String,
    },
    /// A list of tools: a policy that allows these and no other
    Tools {
        /// A server's `tools/list`, a JSON list of names, or one name a line; `-` reads standard input
        tools: String,
    },
    /// The permissions in the settings of Claude Code or Cursor
    Permissions {
        /// The settings, a JSON file; `-` reads standard input
        settings: String,
        /// The server whose tools are meant, as in `mcp__NAME__tool`
        #[arg(long, value_name = "NAME")]
        server: String,
    },
}

pub(super) fn run(arguments: &Arguments) -> Result<Answer, Failure> {
    let mut reader = Reader::default();
    let (source, imported) = match &arguments.format {
        Format::Intercept { policy } => read(&mut reader, policy, import::intercept)?,
        Format::Tools { tools } => read(&mut reader, tools, import::tools)?,
        Format::Permissions { settings, server } => {
            read(&mut reader, settings, |text| import::permissions(text, server))?
        }
    };
    // Beside the policy, which goes to standard output.
    if !imported.diagnostics.is_empty() {
        let report = render(&source.name, &source.text(), &imported.diagnostics);
        let _ = writeln!(anstream::stderr(), "{report}\n");
    }
    let Some(policy) = imported.policy else {
        return Ok(Answer::No);
    };
    match &arguments.output {
        None => print(&policy)?,
        Some(path) => std::fs::write(path, policy)
            .map_err(|error| Failure(format!("error: cannot write {path}: {error}")))?,
    }
    Ok(Answer::Yes)
}

fn read(
    reader: &mut Reader,
    path: &str,
    import: impl Fn(&[u8]) -> Imported,
) -> Result<(Source, Imported), Failure> {
    let source = reader.read(path)?;
    let imported = import(&source.bytes);
    Ok((source, imported))
}
