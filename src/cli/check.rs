//! `cattlegrid check`

use cattlegrid::diagnostic::{Diagnostic, render};
use cattlegrid::model::{Fallback, Policy};
use cattlegrid::source::LineIndex;
use cattlegrid::wire::WireDiagnostic;
use cattlegrid::{parse, validate};

use super::files::{Reader, Source};
use super::{Answer, Failure, print, print_json};

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The policy, a JSON file; `-` reads standard input
    policy: String,
    /// The tools that the policy is for: a server's `tools/list`, a JSON file; `-` reads standard input
    #[arg(long, value_name = "TOOLS")]
    catalog: Option<String>,
    /// Print the diagnostics as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<Answer, Failure> {
    let mut reader = Reader::default();
    let source = reader.read(&arguments.policy)?;
    let catalog = match &arguments.catalog {
        None => None,
        Some(path) => {
            let source = reader.read(path)?;
            let catalog = parse::catalog(&source.bytes);
            Some(catalog.map_err(|wrong| Failure(render(&source.name, &source.text(), &wrong)))?)
        }
    };
    let checked = validate::check(&source.bytes, catalog.as_ref());
    if arguments.json {
        let text = source.text();
        let index = LineIndex::new(&text);
        let wire = |diagnostic| WireDiagnostic::new(diagnostic, &index);
        print_json(&checked.diagnostics.iter().map(wire).collect::<Vec<_>>())?;
    } else {
        print(&report(&source, &checked.diagnostics, checked.policy.as_ref()))?;
    }
    Ok(if checked.policy.is_some() { Answer::Yes } else { Answer::No })
}

fn report(source: &Source, diagnostics: &[Diagnostic], policy: Option<&Policy>) -> String {
    let mut out = render(&source.name, &source.text(), diagnostics);
    if !out.is_empty() {
        out.push_str("\n\n");
    }
    let errors = diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).count();
    let warnings = diagnostics.len().saturating_sub(errors);
    let mut counts = vec![];
    counts.extend((errors > 0).then(|| count(errors, "error")));
    counts.extend((warnings > 0).then(|| count(warnings, "warning")));
    let verdict = match policy {
        Some(policy) => format!("valid: {}", summary(policy)),
        None => "invalid".to_owned(),
    };
    let counts =
        if counts.is_empty() { String::new() } else { format!(" ({})", counts.join(", ")) };
    out.push_str(&format!("{}: {verdict}{counts}", source.name));
    out
}

/// What a policy was understood to be.
fn summary(policy: &Policy) -> String {
    let default = match policy.default.value {
        Fallback::Allow => "default allow",
        Fallback::Deny => "default deny",
    };
    format!("{} listed, {} hidden, {default}", count(policy.tools.len(), "tool"), policy.hide.len())
}

fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}
