//! `cattlegrid ask`

use cattlegrid::analyze::{Proof, Question, ask};
use cattlegrid::diagnostic::printable;
use cattlegrid::model::Decision;
use cattlegrid::wire::{call_text, proof_text};

use super::diff::{catalog, policy};
use super::files::Reader;
use super::{Answer, Failure, print};

#[derive(clap::Args)]
#[command(after_help = "A question is what is never or always to be:\n\n  \
                  never allow tool ~ \"delete_.*\" where args.env == \"prod\"\n  \
                  always hold tool == \"pay\" where args.amount > 500 and args.currency in [\"usd\", \"eur\"]\n  \
                  never deny any tool where args.dry_run == true\n\n\
                  Operators are == != < <= > >= ~ in, not in, contains, exists; values are JSON. They mean what they mean in `deny_if`.\n\n\
                  Exit codes: 0 it is proved, 1 it is refuted by a call, or unknown, 2 the command could not run.")]
pub(super) struct Arguments {
    /// The policy, a JSON file; `-` reads standard input
    policy: String,
    /// The question
    question: String,
    /// The tools that the policy is for, a server's `tools/list`: calls that do not fit their input schemas are left out
    #[arg(long, value_name = "TOOLS")]
    catalog: Option<String>,
    /// Print the answer as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<Answer, Failure> {
    let mut reader = Reader::default();
    let asked = policy(&mut reader, &arguments.policy)?;
    let catalog = arguments.catalog.as_ref().map(|path| catalog(&mut reader, path)).transpose()?;
    let question = Question::parse(&arguments.question).map_err(|fault| {
        let before = arguments.question.get(..fault.start).unwrap_or_default().chars().count();
        let place = " ".repeat(before);
        let question = printable(&arguments.question);
        Failure(format!("error: this is no question: {fault}\n  {question}\n  {place}^"))
    })?;
    let proof = ask(&asked, &question, catalog.as_ref());
    print(&match arguments.json {
        true => proof_text(&arguments.question, Ok(&proof)),
        false => in_words(&proof),
    })?;
    Ok(if matches!(proof, Proof::Proved) { Answer::Yes } else { Answer::No })
}

/// An answer as people read it.
pub(super) fn in_words(proof: &Proof) -> String {
    match proof {
        Proof::Proved => "proved".to_owned(),
        Proof::Unknown(why) => format!("unknown: {why}"),
        Proof::Refuted(found) => {
            let (call, Decision { effect, id, .. }) = found.as_ref();
            let rule = id.as_ref().map(|id| format!("  {}", printable(&id.rule)));
            let call = printable(&call_text(call));
            format!("refuted: {}{}\n  call  {call}", effect.as_str(), rule.unwrap_or_default())
        }
    }
}
