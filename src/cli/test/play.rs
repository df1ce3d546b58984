//! One scenario file, run.

use std::fs;
use std::path::{Path, PathBuf};

use cattlegrid::analyze::{self, Proof};
use cattlegrid::compile::compile;
use cattlegrid::diagnostic::Diagnostic;
use cattlegrid::json::quote;
use cattlegrid::model::{Policy, Spanned};
use cattlegrid::parse;
use cattlegrid::simulate::{
    self, CallRecord, Coverage, Document, Group, Record, Scenario, Step, Tally,
};
use cattlegrid::wire::call_text;

use crate::cli::files::{STDIN, Sign, reason, sign};

/// How the names of files in YAML end.
const YAML: [&str; 2] = [".yaml", ".yml"];

/// A scenario that is to be run.
pub(super) struct Found {
    /// What people call it.
    pub(super) name: String,
    /// From where its paths lead.
    pub(super) folder: PathBuf,
    /// Its text, if it was read already.
    pub(super) text: Option<Vec<u8>>,
}

impl Found {
    pub(super) fn file(path: &Path) -> Found {
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        Found { name: path.display().to_string(), folder, text: None }
    }

    /// The same scenario with another text.
    pub(super) fn with(&self, text: Vec<u8>) -> Found {
        Found { name: self.name.clone(), folder: self.folder.clone(), text: Some(text) }
    }

    /// Whether its text is YAML: by the name of the file, or without one by how the text begins.
    pub(super) fn is_yaml(&self, bytes: &[u8]) -> bool {
        match self.name.as_str() {
            STDIN => !bytes.trim_ascii_start().starts_with(b"{"),
            name => YAML.iter().any(|ending| name.ends_with(ending)),
        }
    }
}

/// A scenario that was run, or could not be.
pub(super) struct File {
    pub(super) name: String,
    pub(super) text: String,
    /// The files of its policy and catalog, as they were before they were read.
    pub(super) read: Vec<(PathBuf, Option<Sign>)>,
    pub(super) played: Result<Played, NotRun>,
}

/// What came of it.
pub(super) struct Played {
    pub(super) scenario: Scenario,
    pub(super) policy: Policy,
    pub(super) record: Record,
    /// The answers to its questions, in their order.
    pub(super) proofs: Vec<Proof>,
    pub(super) warnings: Vec<Diagnostic>,
    /// What its calls exercised of the policy, if anybody asks.
    pub(super) exercised: Option<Exercised>,
}

/// What was exercised of a policy.
pub(super) struct Exercised {
    /// The file that the policy stands in, as people call it.
    pub(super) name: String,
    /// The text of that file.
    pub(super) text: String,
    pub(super) coverage: Coverage,
}

/// Why a scenario could not be run.
pub(super) enum NotRun {
    /// A file could not be read: in one sentence.
    Unreadable(String),
    /// What is wrong with a text.
    Wrong { name: String, text: String, diagnostics: Vec<Diagnostic> },
}

/// A step that expects something.
pub(super) struct Test<'f> {
    pub(super) group: &'f Group,
    /// Its number, from 1.
    pub(super) number: usize,
    pub(super) step: &'f Step,
    pub(super) tally: Tally,
    /// Its first call that was not decided as expected.
    pub(super) fault: Option<&'f CallRecord>,
}

/// A question about all calls, with its answer.
pub(super) struct Asked<'f> {
    /// Its number, from 1.
    pub(super) number: usize,
    pub(super) written: &'f Spanned<String>,
    pub(super) proof: &'f Proof,
}

impl File {
    /// Whether it was run, all was decided as expected, and all questions are proved.
    pub(super) fn is_met(&self) -> bool {
        self.played.as_ref().is_ok_and(|played| {
            played.record.tally().not_met == 0 && played.questions().all(|asked| asked.is_met())
        })
    }
}

impl Played {
    /// Its questions, in the order of the file.
    pub(super) fn questions(&self) -> impl Iterator<Item = Asked<'_>> {
        let asked = self.scenario.asserts.iter().zip(&self.proofs).enumerate();
        asked.map(|(number, (written, proof))| Asked {
            number: number.saturating_add(1),
            written,
            proof,
        })
    }

    /// The steps that expect something, in the order of the file.
    pub(super) fn tests(&self) -> impl Iterator<Item = Test<'_>> {
        self.scenario.groups.iter().zip(&self.record.groups).flat_map(|(group, record)| {
            let mut faults = vec![None; group.steps.len()];
            for call in record.calls.iter().filter(|call| call.met == Some(false)) {
                if let Some(first @ None) = faults.get_mut(call.result.step) {
                    *first = Some(call);
                }
            }
            let steps = group.steps.iter().zip(&record.steps).zip(faults).enumerate();
            let expecting = steps.filter(|(_, ((step, _), _))| step.expected.is_some());
            expecting.map(move |(number, ((step, tally), fault))| {
                let (number, tally) = (number.saturating_add(1), *tally);
                Test { group, number, step, tally, fault }
            })
        })
    }
}

impl Asked<'_> {
    /// Whether it is so for every call. What is unknown may not be.
    pub(super) fn is_met(&self) -> bool {
        matches!(self.proof, Proof::Proved)
    }

    /// Its number and what it says.
    pub(super) fn title(&self) -> String {
        format!("question {}: {}", self.number, self.written.value.trim())
    }

    /// Why it is not proved, in parts with their names: the call that refutes it and what decides that,
    /// or why it is not known. Empty if it is proved.
    pub(super) fn why(&self) -> Vec<(&'static str, String)> {
        match self.proof {
            Proof::Proved => Vec::new(),
            Proof::Unknown(why) => vec![("unknown", why.clone())],
            Proof::Refuted(found) => {
                let (call, decision) = found.as_ref();
                let mut parts = vec![("refuted", decision.effect.as_str().to_owned())];
                parts.extend(decision.id.as_ref().map(|id| ("by", id.rule.clone())));
                parts.extend(decision.message.as_ref().map(|message| ("saying", quote(message))));
                parts.push(("call", call_text(call)));
                parts
            }
        }
    }
}

impl Test<'_> {
    /// What it is about: what its group shows, its number and its tool.
    pub(super) fn title(&self) -> String {
        let tool = match &self.step.call {
            Ok(call) => call.tool.as_str(),
            Err(fault) => fault.tool.as_deref().unwrap_or_default(),
        };
        let own = format!("step {}: {tool}", self.number);
        self.group.name.as_ref().map_or(own.clone(), |name| format!("{name}: {own}"))
    }
}

/// Runs a scenario.
pub(super) fn play(found: &Found, covers: bool) -> File {
    let bytes = match &found.text {
        Some(text) => Ok(text.clone()),
        None => read(Path::new(&found.name), ""),
    };
    let name = found.name.clone();
    match bytes {
        Err(why) => File { name, text: String::new(), read: Vec::new(), played: Err(why) },
        Ok(bytes) => {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let mut read = Vec::new();
            let played = played(found, &bytes, &text, covers, &mut read);
            File { name, text, read, played }
        }
    }
}

fn played(
    found: &Found,
    bytes: &[u8],
    text: &str,
    covers: bool,
    needs: &mut Vec<(PathBuf, Option<Sign>)>,
) -> Result<Played, NotRun> {
    let wrong = |diagnostics| NotRun::Wrong {
        name: found.name.clone(),
        text: text.to_owned(),
        diagnostics,
    };
    let parse = if found.is_yaml(bytes) { Scenario::parse_yaml } else { Scenario::parse };
    let scenario = parse(bytes).map_err(wrong)?;
    let questions = analyze::questions(&scenario, text).map_err(wrong)?;
    for document in [Some(&scenario.policy), scenario.catalog.as_ref()].into_iter().flatten() {
        if let Document::Path(path) = document {
            let path = found.folder.join(&path.value);
            needs.push((path.clone(), sign(&path)));
        }
    }
    let (policy, name, its_text) = match &scenario.policy {
        Document::Inline(_) => {
            (scenario.own_document(bytes).map_err(wrong)?, found.name.clone(), text.to_owned())
        }
        Document::Path(path) => policy(&found.folder.join(&path.value), &found.name)?,
    };
    let catalog = match &scenario.catalog {
        None => None,
        Some(Document::Inline(node)) => Some(parse::catalog_from(node).map_err(wrong)?),
        Some(Document::Path(path)) => {
            let path = found.folder.join(&path.value);
            let of = format!(", the catalog of {}", found.name);
            let bytes = read(&path, &of)?;
            let catalog = parse::catalog(&bytes);
            Some(catalog.map_err(|diagnostics| wrong_in(&path, &bytes, diagnostics))?)
        }
    };
    let warnings = catalog.as_ref().map_or_else(Vec::new, |all| scenario.unknown_tools(all));
    let asked = questions.iter().map(|one| analyze::ask(&policy, one, catalog.as_ref()));
    let proofs = asked.collect();
    let ready = compile(&policy);
    let (record, exercised) = if covers {
        let mut coverage = Coverage::new(&policy);
        let record = simulate::record_covered(&scenario, &ready, &mut coverage);
        (record, Some(Exercised { name, text: its_text, coverage }))
    } else {
        (simulate::record(&scenario, &ready), None)
    };
    Ok(Played { scenario, policy, record, proofs, warnings, exercised })
}

/// The policy of a scenario, from its file, with what people call the file, and its text.
fn policy(path: &Path, scenario: &str) -> Result<(Policy, String, String), NotRun> {
    let bytes = read(path, &format!(", the policy of {scenario}"))?;
    let parsed = parse::parse(&bytes);
    let Some(policy) = parsed.policy else {
        return Err(wrong_in(path, &bytes, parsed.diagnostics));
    };
    Ok((policy, shortest(path), String::from_utf8_lossy(&bytes).into_owned()))
}

/// A path without what leads away and back again, from the folder on in which the command runs: the
/// same for all scenarios that name one file.
fn shortest(path: &Path) -> String {
    let whole = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let here = std::env::current_dir().and_then(fs::canonicalize).unwrap_or_default();
    whole.strip_prefix(&here).unwrap_or(&whole).display().to_string()
}

fn wrong_in(path: &Path, bytes: &[u8], diagnostics: Vec<Diagnostic>) -> NotRun {
    let text = String::from_utf8_lossy(bytes).into_owned();
    NotRun::Wrong { name: path.display().to_string(), text, diagnostics }
}

fn read(path: &Path, of: &str) -> Result<Vec<u8>, NotRun> {
    fs::read(path).map_err(|error| {
        let (path, why) = (path.display(), reason(&error));
        NotRun::Unreadable(format!("cannot read {path}{of}: {why}"))
    })
}
