//! `cattlegrid compile`

use cattlegrid::compile;
use cattlegrid::diagnostic::render;
use cattlegrid::parse;

use super::files::{Reader, create};
use super::{Answer, Failure, print_exactly};

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The policy, a JSON file; `-` reads standard input
    policy: String,
    /// Write the compiled policy to this file, in place of standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<String>,
}

pub(super) fn run(arguments: &Arguments) -> Result<Answer, Failure> {
    let source = Reader::default().read(&arguments.policy)?;
    let parsed = parse::parse(&source.bytes);
    let Some(policy) = parsed.policy else {
        return Err(Failure(render(&source.name, &source.text(), &parsed.diagnostics)));
    };
    let bytes = compile::to_bytes(&policy);
    match &arguments.output {
        None => print_exactly(&bytes)?,
        Some(path) => create(path, &bytes)?,
    }
    Ok(Answer::Yes)
}
