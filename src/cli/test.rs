//! `cattlegrid test`: people's own tests of their policies.

mod covered;
mod find;
mod people;
mod play;
mod tools;
mod update;
mod watch;

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use self::play::{File, Found};
use super::files::{Reader, Sign};
use super::{Answer, Failure, note, print};

#[derive(clap::Args)]
#[command(
    after_help = "A scenario has a policy and calls in time, each with what is expected of it:\n\n  \
                  { \"policy\": \"policy.json\",\n    \
                  \"steps\": [{ \"call\": { \"tool\": \"pay\", \"arguments\": { \"amount\": 500 } }, \"expect\": { \"decision\": \"hold\" } }] }\n\n\
                  `assert` keeps questions about all calls, as `cattlegrid ask` takes them:\n\n  \
                  { \"policy\": \"policy.json\", \"assert\": [\"never allow any tool where args.amount > 500\"] }\n\n\
                  Exit codes: 0 all is decided as expected and every question proved, 1 something is not, 2 some file could not be run."
)]
pub(super) struct Arguments {
    /// Scenario files, in JSON or, by their ending, YAML, and folders in which all `*.scenario.json`,
    /// `*.scenario.yaml` and `*.scenario.yml` are run; `-` reads standard input
    #[arg(value_name = "FILE-OR-FOLDER", default_value = ".")]
    paths: Vec<String>,
    /// How the results are printed
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Run again whenever a scenario, a policy or a catalog changes, until ctrl-c
    #[arg(long)]
    watch: bool,
    /// Write what the calls are decided as into the scenarios: in place of what they expect, and into
    /// steps that expect nothing. Look at the difference before you keep it
    #[arg(long)]
    update: bool,
    /// Show which tools, rules, conditions and limits the calls came to, and which outcomes are missing
    #[arg(long)]
    coverage: bool,
    /// Fail if less than so many percent of what is to happen to the policies has happened
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(0..=100))]
    coverage_threshold: Option<u8>,
    /// Write the coverage as an LCOV file, which genhtml and code hosts read
    #[arg(long, value_name = "FILE")]
    coverage_lcov: Option<String>,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Format {
    /// For people
    Text,
    /// All that came of each file
    Json,
    /// JUnit's XML, a test a step and a question, for CI
    Junit,
    /// TAP 14, a test a step and a question
    Tap,
}

pub(super) fn run(arguments: &Arguments) -> Result<Answer, Failure> {
    if arguments.watch {
        watch::run(arguments)?;
    }
    pass(arguments)?.outcome
}

/// What came of running all scenarios once.
struct Pass {
    /// The policies and catalogs that were read, or were to be, as they were before that.
    read: Vec<(PathBuf, Option<Sign>)>,
    outcome: Result<Answer, Failure>,
}

/// Runs all scenarios once, and prints what came of them.
fn pass(arguments: &Arguments) -> Result<Pass, Failure> {
    let Arguments { coverage, coverage_threshold, coverage_lcov, .. } = arguments;
    let covers = *coverage || coverage_threshold.is_some() || coverage_lcov.is_some();
    let found = find::scenarios(&arguments.paths, &mut Reader::default())?;
    if arguments.update {
        update::all(&found)?;
    }
    let files = play_all(&found, covers);
    let read = files.iter().flat_map(|file| file.read.iter().cloned()).collect();
    Ok(Pass { read, outcome: report(arguments, &files) })
}

fn report(arguments: &Arguments, files: &[File]) -> Result<Answer, Failure> {
    let covered = covered::of(files);
    let shown = arguments.coverage;
    print(&match arguments.format {
        Format::Text if shown => people::text(files) + &covered::text(&covered),
        Format::Text => people::text(files),
        Format::Json => tools::json(files, shown.then(|| covered::json(&covered)).as_deref())?,
        Format::Junit => tools::junit(files),
        Format::Tap => tools::tap(files),
    })?;
    if let Some(path) = &arguments.coverage_lcov {
        super::files::create(path, &covered::lcov(&covered))?;
    }
    let not_run = files.iter().filter(|file| file.played.is_err()).count();
    if not_run > 0 {
        let all = super::report::count(files.len(), "file");
        return Err(Failure(format!("error: {not_run} of {all} could not be run")));
    }
    let threshold = arguments.coverage_threshold;
    let short = threshold.and_then(|percent| covered::short_of(&covered, percent));
    if let Some(why) = &short {
        note(why);
    }
    let is_met = short.is_none() && files.iter().all(File::is_met);
    Ok(if is_met { Answer::Yes } else { Answer::No })
}

/// Runs files, as many at once as the machine can; the results are in their order.
fn play_all(found: &[Found], covers: bool) -> Vec<File> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut played = Vec::new();
        while let Some((at, found)) = {
            let at = next.fetch_add(1, Ordering::Relaxed);
            found.get(at).map(|found| (at, found))
        } {
            played.push((at, play::play(found, covers)));
        }
        played
    };
    let workers = thread::available_parallelism().map_or(1, usize::from).min(found.len());
    let mut played: Vec<(usize, File)> = thread::scope(|scope| {
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        // None of them panics.
        workers.into_iter().flat_map(|worker| worker.join().unwrap_or_default()).collect()
    });
    played.sort_by_key(|(at, _)| *at);
    played.into_iter().map(|(_, file)| file).collect()
}
