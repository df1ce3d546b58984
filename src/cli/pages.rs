//! `cattlegrid report`

use std::fs;
use std::path::Path;

use cattlegrid::classify::Options;
use cattlegrid::diagnostic::render;
use cattlegrid::parse;
use cattlegrid::report::{Report, Settings};

use super::files::{Reader, reason};
use super::recommend::Choice;
use super::report::count;
use super::{Answer, Failure, print};

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The tools of each server, its `tools/list`, JSON files
    #[arg(required = true)]
    tools: Vec<String>,
    /// The folder for the pages; made if it is not there, and files of the same names are replaced
    #[arg(long, value_name = "FOLDER")]
    html: String,
    /// The policy that is recommended first: how much an agent may do
    #[arg(long, value_enum, default_value_t = Choice::Careful)]
    profile: Choice,
    /// Where the visual builder is, to which the pages link
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8088/")]
    builder: String,
    /// Believe the server's annotations also where they say that a tool is harmless
    #[arg(long)]
    trust_annotations: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<Answer, Failure> {
    if !["http://", "https://", "/", "./", "../"]
        .iter()
        .any(|start| arguments.builder.starts_with(start))
        || arguments.builder.contains('#')
    {
        let why = "error: --builder must be an address of http or https, or a path, without `#`";
        return Err(Failure(why.to_owned()));
    }
    let mut reader = Reader::default();
    let mut catalogs = Vec::new();
    for path in &arguments.tools {
        let source = reader.read(path)?;
        let catalog = parse::catalog(&source.bytes)
            .map_err(|wrong| Failure(render(&source.name, &source.text(), &wrong)))?;
        let file = Path::new(path).file_stem().map(|stem| stem.to_string_lossy().into_owned());
        let named = catalog.server.clone().filter(|name| !name.trim().is_empty());
        catalogs.push((named.or(file).unwrap_or_default(), catalog));
    }
    let catalogs: Vec<_> =
        catalogs.iter().map(|(name, catalog)| (name.as_str(), catalog)).collect();
    let settings = Settings {
        options: Options { trust_annotations: arguments.trust_annotations },
        profile: arguments.profile.into(),
        builder: &arguments.builder,
    };
    let report = Report::new(&catalogs, settings);
    let root = Path::new(&arguments.html);
    let mut pages = 0usize;
    for page in report.pages() {
        let path = root.join(&page.path);
        let folder = path.parent().unwrap_or(root);
        fs::create_dir_all(folder).map_err(|error| {
            Failure(format!("error: cannot make {}: {}", folder.display(), reason(&error)))
        })?;
        // Not one by one onto the disk, as a policy is: there may be thousands, and they can be made again.
        fs::write(&path, &page.html).map_err(|error| {
            Failure(format!("error: cannot write {}: {}", path.display(), reason(&error)))
        })?;
        pages = pages.saturating_add(1);
    }
    let first = root.join("index.html");
    print(&format!("{}; begin at {}", count(pages, "page"), first.display()))?;
    Ok(Answer::Yes)
}
