//! `cattlegrid check`

use cattlegrid::diagnostic::render;
use cattlegrid::model::{Fallback, Policy};
use cattlegrid::validate::{Checked, Done};
use cattlegrid::{parse, validate};

use super::files::{Reader, Source, replace};
use super::report::{self, Format, count};
use super::{Answer, Failure, note, print, print_exactly};

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

fn shown(source: &Source, checked: &Checked, format: Format) -> Result<String, Failure> {
    let summary = checked.policy.as_ref().map(summary);
    report::shown(source, &checked.diagnostics, summary.as_deref(), format)
}

fn answer(checked: &Checked) -> Answer {
    if checked.policy.is_some() { Answer::Yes } else { Answer::No }
}

/// What a policy was understood to be.
pub(super) fn summary(policy: &Policy) -> String {
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
