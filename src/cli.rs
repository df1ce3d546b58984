//! The command line: one file a command. All words to people are made here or in the engine's
//! `message` and `diagnostic` rooms.

mod check;
mod decide;
mod evaluate;
mod explain;
mod files;
mod import;

use std::io::Write;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Check policies for AI agents' tool calls, and see what they decide.
#[derive(Parser)]
#[command(
    version,
    about,
    after_help = "Exit codes: 0 allowed or valid, 1 denied, held or invalid, 2 the command could not run."
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Say what is wrong with a policy, where, and what to do about it
    Check(check::Arguments),
    /// Decide one call under a policy, with all limits unused
    Evaluate(decide::Arguments),
    /// Decide one call and show the outcome of every rule, with the values that it saw
    Explain(decide::Arguments),
    /// Make a policy of one in another format, and say what could not be carried over
    Import(import::Arguments),
}

/// How a command that ran has ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Answer {
    /// Allowed, or valid: exit code 0.
    Yes,
    /// Denied, held, or invalid: exit code 1.
    No,
}

/// Why a command could not run, in one sentence or in diagnostics: exit code 2.
struct Failure(String);

/// Runs the command that the process was started with.
pub fn run() -> ExitCode {
    // Wrong flags end the process with code 2 and a message, help with code 0.
    let outcome = match Arguments::parse().command {
        Command::Check(arguments) => check::run(&arguments),
        Command::Evaluate(arguments) => evaluate::run(&arguments),
        Command::Explain(arguments) => explain::run(&arguments),
        Command::Import(arguments) => import::run(&arguments),
    };
    match outcome {
        Ok(Answer::Yes) => ExitCode::SUCCESS,
        Ok(Answer::No) => ExitCode::from(1),
        Err(Failure(why)) => {
            // Whoever does not listen any more need not be told.
            let _ = writeln!(anstream::stderr(), "{}", why.trim_end());
            ExitCode::from(2)
        }
    }
}

/// Writes to standard output, without colour unless it is a terminal.
///
/// # Errors
/// If it cannot be written. A reader that has gone, as `head` does, is no failure.
fn print(text: &str) -> Result<(), Failure> {
    let mut out = anstream::stdout();
    match writeln!(out, "{}", text.trim_end()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Failure(format!("error: cannot write the answer: {error}")))
        }
        _ => Ok(()),
    }
}

/// Writes the wire form of an answer.
fn print_json(value: &impl serde::Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value);
    print(&text.map_err(|error| Failure(format!("error: cannot write the answer: {error}")))?)
}
