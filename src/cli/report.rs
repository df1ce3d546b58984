//! Diagnostics of a file, as the commands that check files print them.

use cattlegrid::diagnostic::{Diagnostic, github, render};
use cattlegrid::source::LineIndex;
use cattlegrid::wire::{WireDiagnostic, sarif};

use super::files::Source;
use super::{Failure, in_json};

#[derive(Clone, Copy, clap::ValueEnum)]
pub(super) enum Format {
    /// For people
    Human,
    /// A list of diagnostics
    Json,
    /// SARIF 2.1.0, for code hosts and editors
    Sarif,
    /// Workflow commands of GitHub Actions
    Github,
}

/// All that is to be said of a file. `valid` is what it was understood to be, if it is no less than valid.
pub(super) fn shown(
    source: &Source,
    diagnostics: &[Diagnostic],
    valid: Option<&str>,
    format: Format,
) -> Result<String, Failure> {
    let text = source.text();
    match format {
        Format::Human => Ok(for_people(source, diagnostics, valid)),
        Format::Github => Ok(github(&source.name, &text, diagnostics)),
        Format::Sarif => in_json(&sarif(&source.name, &text, diagnostics)),
        Format::Json => {
            let index = LineIndex::new(&text);
            let wire = |diagnostic| WireDiagnostic::new(diagnostic, &index);
            in_json(&diagnostics.iter().map(wire).collect::<Vec<_>>())
        }
    }
}

/// So many diagnostics are drawn; nobody reads more at once.
const SHOWN: usize = 100;

fn for_people(source: &Source, diagnostics: &[Diagnostic], valid: Option<&str>) -> String {
    let shown = diagnostics.get(..SHOWN).unwrap_or(diagnostics);
    let mut out = render(&source.name, &source.text(), shown);
    let more = diagnostics.len().saturating_sub(shown.len());
    if more > 0 {
        out.push_str(&format!("\n\n… and {more} more, which `--format json` lists"));
    }
    if !out.is_empty() {
        out.push_str("\n\n");
    }
    let errors = diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).count();
    let warnings = diagnostics.len().saturating_sub(errors);
    let mut counts = vec![];
    counts.extend((errors > 0).then(|| count(errors, "error")));
    counts.extend((warnings > 0).then(|| count(warnings, "warning")));
    let verdict = match valid {
        Some(summary) => format!("valid: {summary}"),
        None => "invalid".to_owned(),
    };
    let counts =
        if counts.is_empty() { String::new() } else { format!(" ({})", counts.join(", ")) };
    out.push_str(&format!("{}: {verdict}{counts}", source.name));
    out
}

/// A number of things in words.
pub(super) fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}
