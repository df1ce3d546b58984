//! `cattlegrid recommend`

use cattlegrid::classify::{Options, Profile, Wanted, recommend, rehearse};
use cattlegrid::diagnostic::{name, render};
use cattlegrid::parse;

use super::files::{Reader, create};
use super::{Answer, Failure, note, print};

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The tools, a server's `tools/list`, a JSON file; `-` reads standard input
    tools: String,
    /// How much an agent may do
    #[arg(long, value_enum, default_value_t = Choice::Careful)]
    profile: Choice,
    /// Only for this tool; may be given several times
    #[arg(long = "tool", value_name = "NAME")]
    only: Vec<String>,
    /// Leave out the reasons, which stand under `x-reason`
    #[arg(long)]
    no_reasons: bool,
    /// Believe the server's annotations also where they say that a tool is harmless
    #[arg(long)]
    trust_annotations: bool,
    /// Write the policy to this file, in place of standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<String>,
    /// Write a scenario for the policy to this file: calls as they should be, and too many of them
    #[arg(long, value_name = "FILE", requires = "output")]
    scenario: Option<String>,
}

/// A profile, as the command line names it.
#[derive(Clone, Copy, clap::ValueEnum)]
pub(super) enum Choice {
    /// Look, and nothing else
    ReadOnly,
    /// Work, with a person for what reaches others, runs code or changes rights
    Careful,
    /// Work, with a person for money, for rights and for what runs any text
    Working,
}

impl From<Choice> for Profile {
    fn from(choice: Choice) -> Profile {
        match choice {
            Choice::ReadOnly => Profile::ReadOnly,
            Choice::Careful => Profile::Careful,
            Choice::Working => Profile::Working,
        }
    }
}

pub(super) fn run(arguments: &Arguments) -> Result<Answer, Failure> {
    let source = Reader::default().read(&arguments.tools)?;
    let catalog = parse::catalog(&source.bytes)
        .map_err(|wrong| Failure(render(&source.name, &source.text(), &wrong)))?;
    if let Some(unknown) = arguments.only.iter().find(|name| catalog.tool(name).is_none()) {
        return Err(Failure(format!("error: {} has no tool {}", source.name, name(unknown))));
    }
    let tools: Vec<&str> = arguments.only.iter().map(String::as_str).collect();
    let profile = Profile::from(arguments.profile);
    let wanted = Wanted { profile, tools: &tools, reasons: !arguments.no_reasons };
    let options = Options { trust_annotations: arguments.trust_annotations };
    let policy = recommend(&catalog, options, wanted);
    if parse::parse(policy.as_bytes()).policy.is_some_and(|policy| policy.tools.is_empty()) {
        let profile = profile.as_str();
        note(&format!("note: nothing can be called: no tool of these is left by `{profile}`"));
    }
    match &arguments.output {
        None => print(&policy)?,
        Some(path) => create(path, &policy)?,
    }
    if let (Some(path), Some(policy)) = (&arguments.scenario, &arguments.output) {
        // The scenario finds the policy from its own folder.
        let absolute = |path: &str| std::path::absolute(path).ok();
        let folder = |path: &str| absolute(path)?.parent().map(std::path::Path::to_owned);
        let named = match std::path::Path::new(policy).file_name() {
            Some(name) if folder(path) == folder(policy) => name.to_string_lossy().into_owned(),
            _ => {
                absolute(policy).map_or(policy.clone(), |path| path.to_string_lossy().into_owned())
            }
        };
        create(path, &rehearse(&catalog, options, wanted, &named))?;
    }
    Ok(Answer::Yes)
}
