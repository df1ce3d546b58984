//! `cattlegrid replay`: recorded calls through a policy.

use std::fmt::Write;
use std::sync::Arc;

use cattlegrid::compile::{CompiledPolicy, compile};
use cattlegrid::diagnostic::{name, printable, render};
use cattlegrid::parse;
use cattlegrid::replay::{Example, Group, Kind, Replay, Report};
use cattlegrid::simulate::written;
use cattlegrid::wire::report_text;

use super::files::Reader;
use super::logs::{self, Log};
use super::report::count;
use super::{Answer, Failure, print};

#[derive(clap::Args)]
#[command(
    after_help = "Lines are known by what is in them: the filter's decision log as Envoy writes it, access logs of Envoy in JSON, messages of MCP, or\n\n  \
                  { \"at\": \"2026-01-01T12:00:00Z\", \"grant\": \"ada\", \"session\": \"1\", \"tool\": \"pay\", \"arguments\": { \"amount\": 5 } }\n\n\
                  What was not recorded is never guessed: such a call is unknown. Exit codes: 0 nothing changes, 1 something does, 2 the replay could not run."
)]
pub(super) struct Arguments {
    /// The policy that the calls are run through
    #[arg(long, value_name = "FILE")]
    policy: String,
    /// The policy to compare with; without it, what was recorded
    #[arg(long, value_name = "FILE")]
    against: Option<String>,
    /// Logs; of several the earliest line is the next; `-` reads standard input
    #[arg(value_name = "LOG", required = true)]
    logs: Vec<String>,
    /// How the lines are written
    #[arg(long, value_enum, default_value_t = Log::Any)]
    log: Log,
    /// Only the calls that the log says were decided by the policy of this name
    #[arg(long, value_name = "NAME")]
    policy_name: Option<String>,
    /// How the report is printed
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Format {
    /// For people
    Text,
    /// For programs
    Json,
    /// For a pull request
    Markdown,
}

pub(super) fn run(arguments: &Arguments) -> Result<Answer, Failure> {
    let mut reader = Reader::default();
    let new = policy(&arguments.policy, &mut reader)?;
    let old = arguments.against.as_ref().map(|path| policy(path, &mut reader)).transpose()?;
    let mut replay = Replay::new(new, old).only(arguments.policy_name.clone());
    let files = logs::read(&arguments.logs, arguments.log, |entry| replay.take(entry))?;
    let report = replay.finish();
    print(&match arguments.format {
        Format::Text => text(&report, &files),
        Format::Json => report_text(&report, &files),
        Format::Markdown => markdown(&report, &files),
    })?;
    Ok(if report.changed == 0 { Answer::Yes } else { Answer::No })
}

fn policy(path: &str, reader: &mut Reader) -> Result<Arc<CompiledPolicy>, Failure> {
    let source = reader.read(path)?;
    let parsed = parse::parse(&source.bytes);
    let policy = parsed.policy.as_ref().map(|policy| Arc::new(compile(policy)));
    policy.ok_or_else(|| Failure(render(&source.name, &source.text(), &parsed.diagnostics)))
}

/// The counts, each with its words; nothing of which there is nothing.
fn counts(report: &Report) -> Vec<(u64, &'static str)> {
    let all = [
        (report.unchanged, "as before"),
        (report.changed, "not as before"),
        (report.unknown, "unknown: it depends on what was not recorded"),
        (report.allowed, "allowed; nothing was recorded to compare with"),
    ];
    all.into_iter().filter(|(number, _)| *number > 0).collect()
}

/// What else is to be known of a replay.
pub(super) fn notes(report: &Report, files: &[String]) -> Vec<String> {
    let mut notes = Vec::new();
    let mut say = |number: u64, what: &str| {
        if number > 0 {
            notes.push(format!("{number} {what}"));
        }
    };
    say(
        report.given_back,
        "calls failed on their way and gave back what they took of limits; without a record of that a call counts",
    );
    say(
        report.late,
        "lines came so late that calls of later times were decided before them: they count at the time that it was then",
    );
    say(report.untimed, "calls stand before any time: they happen at one moment");
    say(report.of_others, "calls were decided by another policy, and are left out");
    say(report.other_groups, "calls belong to further groups that are not told apart");
    if report.policies.len() > 1 {
        let names: Vec<String> = report.policies.iter().map(|one| name(one)).collect();
        let names = names.join(", ");
        notes.push(format!("the calls were decided by several policies ({names}): `--policy-name` takes those of one"));
    }
    notes.extend(malformed(&report.malformed, files));
    notes
}

/// What is to be said of lines that could not be understood.
pub(super) fn malformed(
    malformed: &cattlegrid::replay::Malformed,
    files: &[String],
) -> Vec<String> {
    if malformed.lines == 0 {
        return Vec::new();
    }
    let lines = if malformed.lines == 1 { "line" } else { "lines" };
    let mut notes = vec![format!("{} {lines} could not be understood:", malformed.lines)];
    for (why, lines) in &malformed.reasons {
        notes.push(format!("  {lines} × {}", printable(why)));
    }
    for (file, line, why) in &malformed.first {
        notes.push(format!("  {}: {}", place(*file, *line, files), printable(why)));
    }
    notes
}

fn place(file: u32, line: u64, files: &[String]) -> String {
    let file = files.get(file as usize).map_or("?", String::as_str);
    format!("{}:{line}", printable(file))
}

fn text(report: &Report, files: &[String]) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let span = report.span.map(|(from, to)| format!(", {} to {}", written(from), written(to)));
    let span = span.unwrap_or_default();
    let _ = writeln!(out, "{} calls in {} lines{span}", report.calls, report.lines);
    for (number, what) in counts(report) {
        let _ = writeln!(out, "  {number:>9}  {what}");
    }
    let mut kind: Option<Kind> = None;
    for group in &report.groups {
        if kind != Some(group.kind) {
            let _ = writeln!(out, "\n{}", group.kind.as_str());
            kind = Some(group.kind);
        }
        let Group { tool, by, calls, examples, .. } = group;
        let calls = count(usize::try_from(*calls).unwrap_or(usize::MAX), "call");
        let _ = writeln!(out, "  {}  {calls}, {}", name(tool), because(group.kind, by));
        for one in examples {
            let _ = writeln!(out, "      {}", example(one, files));
        }
    }
    let notes = notes(report, files);
    if !notes.is_empty() {
        let _ = writeln!(out, "\n{}", notes.join("\n"));
    }
    out
}

fn because(kind: Kind, by: &str) -> String {
    match kind {
        Kind::Unknown => printable(by),
        Kind::Changed(cattlegrid::replay::Change::Allowed) => {
            format!("before by {}", printable(by))
        }
        _ => format!("by {}", printable(by)),
    }
}

fn example(one: &Example, files: &[String]) -> String {
    let place = place(one.file, one.line, files);
    let at = one.at.map(|at| format!(" at {}", written(at))).unwrap_or_default();
    let arguments = one.arguments.as_deref().map(|text| format!("  {}", printable(text)));
    format!("{place}{at}{}", arguments.unwrap_or_default())
}

fn markdown(report: &Report, files: &[String]) -> String {
    let mut out = format!("## Replay of {} recorded calls\n\n", report.calls);
    for (number, what) in counts(report) {
        let _ = writeln!(out, "* **{number}** {what}");
    }
    if !report.groups.is_empty() {
        out.push_str("\n| | tool | calls | | first |\n|---|---|---:|---|---|\n");
        for group in &report.groups {
            let (kind, tool) = (group.kind.as_str(), cell(&group.tool));
            let because = cell(&because(group.kind, &group.by));
            let first = group.examples.first().map(|one| cell(&example(one, files)));
            let (calls, first) = (group.calls, first.unwrap_or_default());
            let _ = writeln!(out, "| {kind} | {tool} | {calls} | {because} | {first} |");
        }
    }
    for note in notes(report, files) {
        let _ = write!(out, "\n{}\n", plain(&note));
    }
    out
}

/// A text in a table, as code: nothing in it is read as Markdown.
fn cell(text: &str) -> String {
    let text = printable(text).replace('|', "\\|");
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.saturating_add(1));
    if longest == 0 { format!("`{text}`") } else { format!("{fence} {text} {fence}") }
}

/// A text in which nothing is read as Markdown but what our own words have.
fn plain(text: &str) -> String {
    text.replace('<', "&lt;").replace('[', "\\[").replace('*', "\\*").trim_start().to_owned()
}
