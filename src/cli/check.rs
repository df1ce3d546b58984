//! `cattlegrid check`

use cattlegrid::diagnostic::{Diagnostic, github, render};
use cattlegrid::model::{Fallback, Policy};
use cattlegrid::source::LineIndex;
use cattlegrid::validate::{Checked, Done};
use cattlegrid::wire::{WireDiagnostic, sarif};
use cattlegrid::{parse, validate};

use super::files::{Reader, Source, replace};
use super::{Answer, Failure, in_json, note, print, print_exactly};

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The policy, a JSON file; `-` reads standard input
    policy: String,
    /// The tools that the policy is for: a server's `tools/list`, a JSON file; `-` reads standard input
    #[arg(long, value_name = "TOOLS")]
    catalog: Option<String>,
    /// How the diagnostics are printed
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// The same as `--format json`
    #[arg(long, conflicts_with = "format")]
    json: bool,
    /// Make the fixes that are safe; of standard input, print the mended text
    #[arg(long)]
    fix: bool,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Format {
    /// For people
    Human,
    /// A list of diagnostics
    Json,
    /// SARIF 2.1.0, for code hosts and editors
    Sarif,
    /// Workflow commands of GitHub Actions
    Github,
}

pub(super) fn run(arguments: &Arguments) -> Result<Answer, Failure> {
    let mut reader = Reader::default();
    let mut source = reader.read(&arguments.policy)?;
    let catalog = match &arguments.catalog {
        None => None,
        Some(path) => {
            let source = reader.read(path)?;
            let catalog = parse::catalog(&source.bytes);
            Some(catalog.map_err(|wrong| Failure(render(&source.name, &source.text(), &wrong)))?)
        }
    };
    let format = if arguments.json { Format::Json } else { arguments.format };
    if !arguments.fix {
        let checked = validate::check(&source.bytes, catalog.as_ref());
        print(&shown(&source, &checked, format)?)?;
        return Ok(answer(&checked));
    }
    let mended = validate::mend(&source.bytes, catalog.as_ref());
    for Done { line, title } in &mended.done {
        note(&format!("{}:{line}: fixed: {title}", source.name));
    }
    if !mended.done.is_empty() {
        if arguments.policy != "-" {
            replace(&arguments.policy, &mended.text)?;
        }
        source.bytes = mended.text.into_bytes();
    }
    let shown = shown(&source, &mended.checked, format)?;
    if arguments.policy == "-" {
        print_exactly(&source.bytes)?;
        note(&shown);
    } else {
        print(&shown)?;
    }
    Ok(answer(&mended.checked))
}

fn answer(checked: &Checked) -> Answer {
    if checked.policy.is_some() { Answer::Yes } else { Answer::No }
}

fn shown(source: &Source, checked: &Checked, format: Format) -> Result<String, Failure> {
    let (text, diagnostics) = (source.text(), &checked.diagnostics);
    match format {
        Format::Human => Ok(report(source, diagnostics, checked.policy.as_ref())),
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

fn report(source: &Source, diagnostics: &[Diagnostic], policy: Option<&Policy>) -> String {
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
    let hidden = match policy.hide.iter().any(|name| name.value == "*") {
        true => "all".to_owned(),
        false => policy.hide.len().to_string(),
    };
    format!("{} listed, {hidden} hidden, {default}", count(policy.tools.len(), "tool"))
}

fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}
