//! The command line: one file a command. All words to people are made here or in the engine's
//! `message` and `diagnostic` rooms.

mod approve;
mod ask;
mod check;
mod check_envoy;
mod classify;
mod codes;
mod compile;
mod decide;
mod diff;
mod envoy_config;
mod evaluate;
mod explain;
mod files;
mod fmt;
mod import;
mod learn;
mod limitador_limits;
mod lint;
mod logs;
mod pages;
mod pin;
mod recommend;
mod replay;
mod report;
mod test;

use std::io::Write;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Check policies for AI agents' tool calls, and see what they decide.
#[derive(Parser)]
#[command(
    version,
    about,
    after_help = "Exit codes: 0 allowed, valid or as expected, 1 denied, held, invalid or not as expected, 2 the command could not run."
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Say what is wrong with a policy, where, and what to do about it
    Check(check::Arguments),
    /// Print a policy's canonical text into its file
    Fmt(fmt::Arguments),
    /// Write a policy in the form that the smallest module of the npm package decides by
    Compile(compile::Arguments),
    /// List the codes of all errors and warnings, or explain one
    Codes(codes::Arguments),
    /// Decide one call under a policy, with all limits unused
    Evaluate(decide::Arguments),
    /// Decide one call and show the outcome of every rule, with the values that it saw
    Explain(decide::Arguments),
    /// Run scenarios: calls in time through a policy, each decided as expected or not
    Test(test::Arguments),
    /// Compare what two policies make of all calls: what is let through more easily, each with a call that shows it
    Diff(diff::Arguments),
    /// Run recorded calls through a policy, and say what would change
    Replay(replay::Arguments),
    /// Write the least policy that lets recorded calls through, as a draft with its evidence
    Learn(learn::Arguments),
    /// Say which rules do nothing and which calls pass that should perhaps not, as far as it is proved
    Lint(lint::Arguments),
    /// Prove that some calls never pass, or always, or show one that refutes it
    Ask(ask::Arguments),
    /// Say what the tools of a server can do at worst, and why
    Classify(classify::Arguments),
    /// Write a policy for the tools of a server, with the reasons
    Recommend(recommend::Arguments),
    /// Pin the tools of a server as they are, or say what has changed in them since
    Pin(pin::Arguments),
    /// Write pages about the tools of servers: what they can do, attacks, policies, answers
    Report(pages::Arguments),
    /// Approve a call that was held: prints the token to send with it
    Approve(approve::Arguments),
    /// Say what is wrong with a configuration of the proxy's filter
    CheckEnvoy(check_envoy::Arguments),
    /// Write the whole configuration of Envoy, with the filter in front of given servers
    EnvoyConfig(envoy_config::Arguments),
    /// Write the limits of a configuration of the filter as a file for Limitador
    LimitadorLimits(limitador_limits::Arguments),
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
        Command::Fmt(arguments) => fmt::run(&arguments),
        Command::Compile(arguments) => compile::run(&arguments),
        Command::Codes(arguments) => codes::run(&arguments),
        Command::Evaluate(arguments) => evaluate::run(&arguments),
        Command::Explain(arguments) => explain::run(&arguments),
        Command::Test(arguments) => test::run(&arguments),
        Command::Diff(arguments) => diff::run(&arguments),
        Command::Replay(arguments) => replay::run(&arguments),
        Command::Learn(arguments) => learn::run(&arguments),
        Command::Lint(arguments) => lint::run(&arguments),
        Command::Ask(arguments) => ask::run(&arguments),
        Command::Classify(arguments) => classify::run(&arguments),
        Command::Recommend(arguments) => recommend::run(&arguments),
        Command::Pin(arguments) => pin::run(&arguments),
        Command::Report(arguments) => pages::run(&arguments),
        Command::Approve(arguments) => approve::run(&arguments),
        Command::CheckEnvoy(arguments) => check_envoy::run(&arguments),
        Command::EnvoyConfig(arguments) => envoy_config::run(&arguments),
        Command::LimitadorLimits(arguments) => limitador_limits::run(&arguments),
        Command::Import(arguments) => import::run(&arguments),
    };
    match outcome {
        Ok(Answer::Yes) => ExitCode::SUCCESS,
        Ok(Answer::No) => ExitCode::from(1),
        Err(Failure(why)) => {
            note(&why);
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

/// Writes a text to standard output as it is.
///
/// # Errors
/// As [`print`].
fn print_exactly(text: &[u8]) -> Result<(), Failure> {
    let mut out = std::io::stdout();
    match out.write_all(text).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Failure(format!("error: cannot write the answer: {error}")))
        }
        _ => Ok(()),
    }
}

/// Says something beside the answer, on standard error.
fn note(text: &str) {
    // Whoever does not listen need not be told.
    let _ = writeln!(anstream::stderr(), "{}", text.trim_end());
}

/// Writes the wire form of an answer.
fn print_json(value: &impl serde::Serialize) -> Result<(), Failure> {
    print(&in_json(value)?)
}

/// The wire form of an answer.
fn in_json(value: &impl serde::Serialize) -> Result<String, Failure> {
    let text = serde_json::to_string_pretty(value);
    text.map_err(|error| Failure(format!("error: cannot write the answer: {error}")))
}
