//! `cattlegrid classify`

use cattlegrid::classify::{
    Category, Classified, Evidence, Options, Place, Risk, Says, attacks, classify,
};
use cattlegrid::diagnostic::{name, render};
use cattlegrid::parse;
use cattlegrid::wire::WireClassified;

use super::files::Reader;
use super::report::count;
use super::{Answer, Failure, print, print_json};

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The tools, a server's `tools/list`, a JSON file; `-` reads standard input
    tools: String,
    /// How the answer is printed
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Believe the server's annotations also where they say that a tool is harmless
    #[arg(long)]
    trust_annotations: bool,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Format {
    /// For people
    Text,
    /// All of it, a list of tools
    Json,
}

pub(super) fn run(arguments: &Arguments) -> Result<Answer, Failure> {
    let source = Reader::default().read(&arguments.tools)?;
    let catalog = parse::catalog(&source.bytes)
        .map_err(|wrong| Failure(render(&source.name, &source.text(), &wrong)))?;
    let options = Options { trust_annotations: arguments.trust_annotations };
    let tools = classify(&catalog, options);
    match arguments.format {
        Format::Json => {
            print_json(&tools.iter().map(WireClassified::from).collect::<Vec<_>>())?;
        }
        Format::Text => print(&in_words(&tools))?,
    }
    Ok(Answer::Yes)
}

fn in_words(tools: &[Classified]) -> String {
    let mut lines: Vec<String> = tools.iter().map(tool_in_words).collect();
    let of = |category| tools.iter().filter(|tool| tool.category == category).count();
    let categories = Category::ALL.into_iter().filter(|category| of(*category) > 0);
    let counts = categories.map(|category| format!("{} {}", of(category), category.as_str()));
    let counts = counts.collect::<Vec<_>>().join(", ");
    let critical = tools.iter().filter(|tool| tool.risk == Risk::Critical).count();
    let counts = if counts.is_empty() { String::new() } else { format!(": {counts}") };
    lines.push(format!("{}{counts}; {critical} critical", count(tools.len(), "tool")));
    lines.join("\n\n")
}

fn tool_in_words(tool: &Classified) -> String {
    let Classified { tool: tool_name, category, risk, confidence, .. } = tool;
    let mut lines = vec![format!(
        "{}: {}, {} ({confidence} % sure)",
        name(tool_name),
        category.as_str(),
        risk.as_str()
    )];
    lines.extend(tool.evidence.iter().map(evidence_in_words));
    let names: Vec<&str> = attacks(tool).iter().map(|abuse| abuse.attack.name).collect();
    if !names.is_empty() {
        lines.push(format!("  attacks: {}", names.join(", ")));
    }
    lines.join("\n")
}

fn evidence_in_words(evidence: &Evidence) -> String {
    let Evidence { place, words, says } = evidence;
    let said = match says {
        Says::Category(category) => category.as_str(),
        Says::Trait(one) => one.meaning(),
        Says::Risk(risk) => {
            return format!("  {}: the risk is {}", whence(place, words), risk.as_str());
        }
        Says::Nothing => return format!("  {}: not believed", whence(place, words)),
    };
    format!("  {}: {said}", whence(place, words))
}

fn whence(place: &Place, words: &str) -> String {
    let words_in = |what: &str| format!("{what} {}", name(words));
    match place {
        Place::Name => words_in("name"),
        Place::Description => words_in("description"),
        Place::Argument(argument) if argument == words => words_in("argument"),
        Place::Argument(argument) => format!("argument {}, {}", name(argument), name(words)),
        Place::Annotation(annotation) => format!("annotation `{annotation}: {words}`"),
        Place::Sibling(tool) => format!("beside {}", name(tool)),
        Place::Nowhere => words.to_owned(),
    }
}
