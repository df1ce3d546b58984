//! `cattlegrid learn`: the least policy that lets recorded calls through.

use cattlegrid::diagnostic::render;
use cattlegrid::parse;
use cattlegrid::replay::Learner;

use super::files::{Reader, create};
use super::logs::{self, Log};
use super::replay::malformed;
use super::{Answer, Failure, note, print_exactly};

#[derive(clap::Args)]
#[command(
    after_help = "The policy is a draft: it allows what was seen, with a quarter more for numbers and half as much more for rates, and says of each rule what was seen for it \
                  (`x-evidence`, `x-reason`). The logs are those that `cattlegrid replay` reads; calls that were denied or held are left out."
)]
pub(super) struct Arguments {
    /// Logs of calls; `-` reads standard input
    #[arg(value_name = "LOG", required = true)]
    logs: Vec<String>,
    /// The server's answer to `tools/list`: what was never called is named
    #[arg(long, value_name = "FILE")]
    catalog: Option<String>,
    /// Where the policy is written; without it, to standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<String>,
    /// How the lines are written
    #[arg(long, value_enum, default_value_t = Log::Any)]
    log: Log,
}

pub(super) fn run(arguments: &Arguments) -> Result<Answer, Failure> {
    let catalog = match &arguments.catalog {
        None => None,
        Some(path) => {
            let source = Reader::default().read(path)?;
            let catalog = parse::catalog(&source.bytes);
            Some(catalog.map_err(|faults| Failure(render(&source.name, &source.text(), &faults)))?)
        }
    };
    let mut learner = Learner::default();
    let files = logs::read(&arguments.logs, arguments.log, |entry| learner.take(entry))?;
    let learnt = learner.finish(catalog.as_ref());
    let seen = &learnt.seen;
    if seen.calls == 0 {
        let mut why =
            vec![format!("error: none of the {} lines is a call to learn from", seen.lines)];
        why.extend(malformed(&seen.malformed, &files));
        return Err(Failure(why.join("\n")));
    }
    match &arguments.output {
        Some(path) => create(path, &learnt.text)?,
        None => print_exactly(learnt.text.as_bytes())?,
    }
    note(&format!("learnt from {} calls in {} lines", seen.calls, seen.lines));
    for (number, what) in [
        (seen.not_allowed, "calls were denied or held, and are left out"),
        (seen.left_out, "calls are of more tools than are learnt, or of none, and are left out"),
    ] {
        if number > 0 {
            note(&format!("{number} {what}"));
        }
    }
    learnt.notes.iter().chain(&malformed(&seen.malformed, &files)).for_each(|one| note(one));
    Ok(Answer::Yes)
}
