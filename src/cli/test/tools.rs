//! Results as other programs read them.

use std::fmt::Write;

use cattlegrid::diagnostic::Diagnostic;
use cattlegrid::json::quote;
use cattlegrid::simulate::CallRecord;
use cattlegrid::source::LineIndex;
use cattlegrid::wire::{WireDiagnostic, proof_text, record_text};

use super::play::{Asked, File, NotRun, Played, Test};
use crate::cli::{Failure, in_json};

/// One object: `files`, each with its `result` and the answers to its `questions`, or what is wrong, and the `coverage` of each policy if it
/// was asked for.
pub(super) fn json(files: &[File], coverage: Option<&str>) -> Result<String, Failure> {
    let mut out = Vec::new();
    for file in files {
        let name = quote(&file.name);
        out.push(match &file.played {
            Ok(played) => {
                let met = file.is_met();
                let result = record_text(&played.scenario, &played.record);
                let warnings = diagnostics(&file.text, &played.warnings)?;
                format!(
                    "{{\"file\":{name},\"met\":{met},\"warnings\":{warnings},\"questions\":{},\"result\":{result}}}",
                    questions(played)
                )
            }
            Err(NotRun::Unreadable(why)) => format!("{{\"file\":{name},\"error\":{}}}", quote(why)),
            Err(NotRun::Wrong { name: of, text, diagnostics: wrong }) => {
                let (of, wrong) = (quote(of), diagnostics(text, wrong)?);
                format!("{{\"file\":{name},\"wrong\":{{\"file\":{of},\"diagnostics\":{wrong}}}}}")
            }
        });
    }
    let coverage = coverage.map_or_else(String::new, |text| format!(",\n\"coverage\":{text}"));
    Ok(format!("{{\"files\":[{}]{coverage}}}", out.join(",\n")))
}

/// Each question as it is written, where it stands, whether it is proved, and the answer as
/// `cattlegrid ask --json` has it.
fn questions(played: &Played) -> String {
    let one = |asked: Asked<'_>| {
        let written = &asked.written.value;
        let pointer = format!("/assert/{}", asked.number.saturating_sub(1));
        let (met, proof) = (asked.is_met(), proof_text(written, Ok(asked.proof)));
        format!(
            "{{\"question\":{},\"pointer\":\"{pointer}\",\"met\":{met},\"proof\":{proof}}}",
            quote(written)
        )
    };
    format!("[{}]", played.questions().map(one).collect::<Vec<_>>().join(","))
}

fn diagnostics(text: &str, diagnostics: &[Diagnostic]) -> Result<String, Failure> {
    let index = LineIndex::new(text);
    let wire = |diagnostic| WireDiagnostic::new(diagnostic, &index);
    in_json(&diagnostics.iter().map(wire).collect::<Vec<_>>())
}

/// JUnit's XML: a suite a file, a test a question and a step that expects something.
pub(super) fn junit(files: &[File]) -> String {
    let suites: Vec<Suite> = files.iter().map(suite).collect();
    let sum = |of: fn(&Suite) -> usize| suites.iter().map(of).fold(0, usize::saturating_add);
    let (tests, failures, errors) =
        (sum(|one| one.tests), sum(|one| one.failures), sum(|one| one.errors));
    let texts: String = suites.iter().map(|one| one.text.as_str()).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>
<testsuites name=\"cattlegrid test\" tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\">
{texts}</testsuites>
"
    )
}

/// The tests of a file.
struct Suite {
    text: String,
    tests: usize,
    failures: usize,
    errors: usize,
}

fn suite(file: &File) -> Suite {
    let class = attribute(&file.name);
    let mut cases = String::new();
    let mut case = |name: &str, line: u32, what: &str, why: &[String]| {
        let name = attribute(name);
        let open =
            format!("    <testcase classname={class} name={name} file={class} line=\"{line}\"");
        if why.is_empty() {
            cases.push_str(&format!("{open}/>\n"));
            return;
        }
        let first = attribute(why.first().map_or("", String::as_str));
        let all = escaped(&why.join("\n"));
        cases.push_str(&format!(
            "{open}>\n      <{what} message={first}>{all}</{what}>\n    </testcase>\n"
        ));
    };
    let (mut tests, mut failures, mut errors) = (0usize, 0usize, 0usize);
    match &file.played {
        Ok(played) => {
            let index = LineIndex::new(&file.text);
            for asked in played.questions() {
                tests = tests.saturating_add(1);
                failures = failures.saturating_add(usize::from(!asked.is_met()));
                let line = index.position(asked.written.span.start).line;
                case(&asked.title(), line, "failure", &unproved(&asked));
            }
            for test in played.tests() {
                tests = tests.saturating_add(1);
                failures = failures.saturating_add(usize::from(test.fault.is_some()));
                let why = test.fault.map(|call| difference(call, &test)).unwrap_or_default();
                let line = index.position(test.step.span.start).line;
                case(&test.title(), line, "failure", &why);
            }
        }
        Err(why) => {
            (tests, errors) = (1, 1);
            case("can be run", 1, "error", &in_lines(why));
        }
    }
    let text = format!(
        "  <testsuite name={class} tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\">\n{cases}  </testsuite>\n"
    );
    Suite { text, tests, failures, errors }
}

/// TAP 14: a test a question and a step that expects something, and one for each file that could not be
/// run.
pub(super) fn tap(files: &[File]) -> String {
    let (mut lines, mut number) = (String::new(), 0usize);
    let mut test = |is_met: bool, title: &str, why: &[String]| {
        number = number.saturating_add(1);
        let not = if is_met { "" } else { "not " };
        // Writing to a string cannot fail.
        let _ = writeln!(lines, "{not}ok {number} - {}", description(title));
        if !why.is_empty() {
            let why: Vec<String> =
                why.iter().map(|line| format!("  - {}\n", quote(line))).collect();
            let _ = write!(lines, "  ---\n{}  ...\n", why.concat());
        }
    };
    for file in files {
        match &file.played {
            Ok(played) => {
                let index = LineIndex::new(&file.text);
                for asked in played.questions() {
                    let line = index.position(asked.written.span.start).line;
                    let title = format!("{}:{line}: {}", file.name, asked.title());
                    test(asked.is_met(), &title, &unproved(&asked));
                }
                for one in played.tests() {
                    let why = one.fault.map(|call| difference(call, &one)).unwrap_or_default();
                    let line = index.position(one.step.span.start).line;
                    let title = format!("{}:{line}: {}", file.name, one.title());
                    test(one.fault.is_none(), &title, &why);
                }
            }
            Err(why) => test(false, &format!("{}: can be run", file.name), &in_lines(why)),
        }
    }
    format!("TAP version 14\n1..{number}\n{lines}")
}

/// Why a question is not proved, in lines.
fn unproved(asked: &Asked<'_>) -> Vec<String> {
    asked.why().into_iter().map(|(part, text)| format!("{part}: {text}")).collect()
}

/// In what the first call differs that was not decided as expected, and how many there are.
fn difference(call: &CallRecord, test: &Test<'_>) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for one in &call.result.differences {
        let got = one.got.as_deref().unwrap_or("nothing");
        lines.push(format!("{}: expected {}, got {got}", one.member.as_str(), one.expected));
    }
    if test.step.times > 1 {
        let at = call.result.repetition.saturating_add(1);
        let (times, not_met) = (test.step.times, test.tally.not_met);
        lines.push(format!("call {at} of {times}, {not_met} of them not as expected"));
    }
    lines
}

/// Why a file could not be run, in lines.
fn in_lines(why: &NotRun) -> Vec<String> {
    match why {
        NotRun::Unreadable(why) => vec![why.clone()],
        NotRun::Wrong { name, text, diagnostics } => {
            let index = LineIndex::new(text);
            let line = |one: &Diagnostic| format!("{name}:{}", one.in_one_line(&index));
            diagnostics.iter().map(line).collect()
        }
    }
}

/// A text as the value of an attribute, in quotes.
fn attribute(text: &str) -> String {
    format!("\"{}\"", escaped(text).replace('"', "&quot;").replace('\n', "&#10;"))
}

/// A text in XML. What XML cannot say at all is shown as `�`.
fn escaped(text: &str) -> String {
    let allowed = |c: char| matches!(c, '\t' | '\n' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    let shown: String =
        text.chars().map(|c| if allowed(c) { c } else { char::REPLACEMENT_CHARACTER }).collect();
    shown.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// A title in TAP, in which `#` begins a directive and a line ends the test.
fn description(title: &str) -> String {
    let one_line: String = title.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    one_line.replace('\\', "\\\\").replace('#', "\\#")
}
