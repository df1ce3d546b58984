//! `cattlegrid fmt`

use cattlegrid::diagnostic::render;
use cattlegrid::parse;

use super::files::{Reader, replace};
use super::{Answer, Failure, note, print_exactly};

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The policy, a JSON file; `-` reads standard input and prints to standard output
    policy: String,
    /// Change nothing; exit with code 1 if the text is another than it would become
    #[arg(long)]
    check: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<Answer, Failure> {
    let source = Reader::default().read(&arguments.policy)?;
    let parsed = parse::parse(&source.bytes);
    let Some(policy) = parsed.policy else {
        return Err(Failure(render(&source.name, &source.text(), &parsed.diagnostics)));
    };
    let text = parse::print(&policy);
    let is_canonical = source.bytes == text.as_bytes();
    if arguments.check {
        if !is_canonical {
            note(&format!("{}: not in the canonical form", source.name));
        }
        return Ok(if is_canonical { Answer::Yes } else { Answer::No });
    }
    match arguments.policy.as_str() {
        "-" => print_exactly(text.as_bytes())?,
        path if !is_canonical => replace(path, &text)?,
        _ => {}
    }
    Ok(Answer::Yes)
}
