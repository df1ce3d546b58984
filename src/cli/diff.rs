//! `cattlegrid diff`

use cattlegrid::analyze::{Change, Comparison, Diff, Doubt, LimitChange, ToolDiff, diff};
use cattlegrid::diagnostic::{name, printable, render};
use cattlegrid::model::{Catalog, Decision, Effect, Policy};
use cattlegrid::parse;
use cattlegrid::wire::{call_text, diff_text};

use super::files::Reader;
use super::report::count;
use super::{Answer, Failure, print};

#[derive(clap::Args)]
#[command(
    after_help = "Every change is shown by a call that the engine decides under both policies, with all limits unused; \
                  what is not listed is proved to be as before, or named as unknown.\n\n\
                  Exit codes: 0 nothing is loosened, 1 something is, or it could not be ruled out, 2 the command could not run."
)]
pub(super) struct Arguments {
    /// The policy as it was, a JSON file; `-` reads standard input
    old: String,
    /// The policy as it is to be
    new: String,
    /// The tools that the policies are for, a server's `tools/list`: calls that do not fit their input schemas are left out
    #[arg(long, value_name = "TOOLS")]
    catalog: Option<String>,
    /// How the changes are printed
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// What ends the command with exit code 1
    #[arg(long, value_enum, default_value_t = FailOn::Loosened, value_name = "WHAT")]
    fail_on: FailOn,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Format {
    /// For people
    Text,
    /// All that is known, as one object
    Json,
    /// For a pull request
    Markdown,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum FailOn {
    /// Something is let through more easily, or that could not be ruled out
    Loosened,
    /// Something is let through more or less easily, or that could not be ruled out
    Changed,
    /// Nothing does
    Never,
}

pub(super) fn run(arguments: &Arguments) -> Result<Answer, Failure> {
    let mut reader = Reader::default();
    let (old, new) = (policy(&mut reader, &arguments.old)?, policy(&mut reader, &arguments.new)?);
    let catalog = arguments.catalog.as_ref().map(|path| catalog(&mut reader, path)).transpose()?;
    let diff = diff(&old, &new, catalog.as_ref());
    print(&match arguments.format {
        Format::Text => text(&diff),
        Format::Json => diff_text(&diff),
        Format::Markdown => markdown(&diff),
    })?;
    let fails = match arguments.fail_on {
        FailOn::Loosened => diff.is_loosened() || diff.may_be_loosened(),
        FailOn::Changed => !diff.is_same(),
        FailOn::Never => false,
    };
    Ok(if fails { Answer::No } else { Answer::Yes })
}

/// A policy that must be one.
pub(super) fn policy(reader: &mut Reader, path: &str) -> Result<Policy, Failure> {
    let source = reader.read(path)?;
    let parsed = parse::parse(&source.bytes);
    let faults = &parsed.diagnostics;
    parsed.policy.ok_or_else(|| Failure(render(&source.name, &source.text(), faults)))
}

/// A catalog that must be one.
pub(super) fn catalog(reader: &mut Reader, path: &str) -> Result<Catalog, Failure> {
    let source = reader.read(path)?;
    parse::catalog(&source.bytes)
        .map_err(|wrong| Failure(render(&source.name, &source.text(), &wrong)))
}

/// The name of a tool, or of those that have none.
fn title(tool: &ToolDiff) -> String {
    tool.tool.as_deref().map_or("every other tool".to_owned(), name)
}

/// `newly allowed (it was denied)`.
fn turn(from: Effect, to: Effect) -> String {
    let past = |effect| match effect {
        Effect::Allow => "allowed",
        Effect::Deny => "denied",
        Effect::Hold => "held",
    };
    format!("newly {} (it was {})", past(to), past(from))
}

fn text(diff: &Diff) -> String {
    let mut out = String::new();
    for tool in diff.tools.iter().filter(|tool| !tool.is_same()) {
        out.push_str(&format!("{}\n", title(tool)));
        for Change { call, old, new } in &tool.changes {
            let decided = |decision: &Decision| {
                let rule = decision.id.as_ref().map(|id| format!("  {}", printable(&id.rule)));
                format!("{}{}", decision.effect.as_str(), rule.unwrap_or_default())
            };
            let (turn, call) = (turn(old.effect, new.effect), printable(&call_text(call)));
            let (old, new) = (decided(old), decided(new));
            out.push_str(&format!(
                "  {turn}\n    call  {call}\n    old   {old}\n    new   {new}\n"
            ));
        }
        for Doubt { from, to, why } in &tool.unknown {
            let turn = turn(*from, *to);
            out.push_str(&format!("  unknown whether any call is {turn}: {why}\n"));
        }
        for (what, limit) in counted(&tool.limits, &tool.preconditions) {
            out.push_str(&format!("  {what} {}\n", changed(limit)));
        }
        out.push('\n');
    }
    let all: Vec<_> = counted(&diff.limits, &diff.preconditions).collect();
    if !all.is_empty() {
        out.push_str("all tools together\n");
        for (what, limit) in all {
            out.push_str(&format!("  {what} {}\n", changed(limit)));
        }
        out.push('\n');
    }
    out.push_str(&summary(diff));
    out
}

fn counted<'d>(
    limits: &'d [LimitChange],
    preconditions: &'d [LimitChange],
) -> impl Iterator<Item = (&'static str, &'d LimitChange)> {
    let preconditions = preconditions.iter().map(|one| ("precondition", one));
    limits.iter().map(|one| ("limit", one)).chain(preconditions)
}

/// `` `calls` is looser: 10 per minute, now 20 per minute ``.
fn changed(change: &LimitChange) -> String {
    let LimitChange { counter, comparison, old, new, why } = change;
    let is = match comparison {
        Comparison::Unknown => "is another, and it is unknown whether it is looser".to_owned(),
        comparison => format!("is {}", comparison.as_str()),
    };
    let from_to = match (old, new) {
        (Some(old), Some(new)) => format!("{old}, now {new}"),
        (Some(old), None) => format!("{old}, now none"),
        (None, Some(new)) => format!("none, now {new}"),
        (None, None) => String::new(),
    };
    let why = why.map(|why| format!(" ({why})")).unwrap_or_default();
    format!("{} {is}: {}{why}", name(counter), printable(&from_to))
}

fn summary(diff: &Diff) -> String {
    if diff.is_same() {
        let all = diff.tools.len().saturating_sub(1);
        return format!(
            "proved: every call of {} and of every other tool is decided as before",
            count(all, "named tool")
        );
    }
    let how_many = |is: fn(&ToolDiff) -> bool| diff.tools.iter().filter(|tool| is(tool)).count();
    let said = [
        (how_many(ToolDiff::is_loosened), "loosened"),
        (how_many(ToolDiff::is_tightened), "tightened"),
        (how_many(|tool| !tool.unknown.is_empty()), "in part unknown"),
        (how_many(ToolDiff::is_same), "proved to be as before"),
    ];
    let said = said.iter().filter(|(number, _)| *number > 0);
    let said: Vec<String> = said.map(|(number, what)| format!("{number} {what}")).collect();
    let of = count(diff.tools.len().saturating_sub(1), "named tool");
    format!("of {of} and all others together: {}", said.join(", "))
}

fn markdown(diff: &Diff) -> String {
    let mut out = format!("**Policy:** {}.\n", summary(diff));
    let changed_tools = || diff.tools.iter().filter(|tool| !tool.changes.is_empty());
    if changed_tools().next().is_some() {
        out.push_str("\n| | tool | calls | such as | old | new |\n|---|---|---|---|---|---|\n");
        for tool in changed_tools() {
            for change in &tool.changes {
                let decided = |decision: &Decision| {
                    let rule = decision.id.as_ref().map(|id| format!("<br>{}", code(&id.rule)));
                    format!("{}{}", decision.effect.as_str(), rule.unwrap_or_default())
                };
                out.push_str(&format!(
                    "| {} | {} | {} | {} | {} | {} |\n",
                    if change.loosens() { "🔓" } else { "🔒" },
                    tool.tool.as_deref().map_or("every other tool".to_owned(), code),
                    turn(change.old.effect, change.new.effect),
                    code(&call_text(&change.call)),
                    decided(&change.old),
                    decided(&change.new)
                ));
            }
        }
    }
    let mut items = Vec::new();
    for tool in &diff.tools {
        let title = tool.tool.as_deref().map_or("every other tool".to_owned(), code);
        for Doubt { from, to, why } in &tool.unknown {
            let turn = turn(*from, *to);
            items.push(format!("{title}: unknown whether any call is {turn}: {why}"));
        }
        for (what, limit) in counted(&tool.limits, &tool.preconditions) {
            items.push(format!("{title}: {what} {}", escaped(&changed(limit))));
        }
    }
    for (what, limit) in counted(&diff.limits, &diff.preconditions) {
        items.push(format!("all tools together: {what} {}", escaped(&changed(limit))));
    }
    if !items.is_empty() {
        out.push('\n');
    }
    for item in items {
        out.push_str(&format!("- {item}\n"));
    }
    out
}

/// A text that Markdown shows as it is, also in a table.
fn code(text: &str) -> String {
    format!("<code>{}</code>", escaped(&printable(text)))
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '`' | '|' | '*' | '_' | '[' | ']' | '\\' | '~' | '#' | '@' => {
                out.push_str(&format!("&#{};", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    out
}
