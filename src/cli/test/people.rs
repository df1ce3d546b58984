//! Results as people read them.

use cattlegrid::diagnostic::{name, printable, render};
use cattlegrid::json::quote;
use cattlegrid::simulate::{CallRecord, Difference, Member, Tally, written};
use cattlegrid::source::LineIndex;

use super::play::{Asked, File, NotRun, Played, Test};
use crate::cli::report::count;

/// So many steps of a file are shown that are not decided as expected, and so many questions that are
/// not proved.
const SHOWN: usize = 20;

const GREEN: &str = "\u{1b}[1;32m";
const RED: &str = "\u{1b}[1;31m";
const PLAIN: &str = "\u{1b}[0m";

/// A line a file, what is wrong with it, and all in one line.
pub(super) fn text(files: &[File]) -> String {
    let mut out = String::new();
    for file in files {
        let (colour, word) = match &file.played {
            Ok(_) if file.is_met() => (GREEN, "ok"),
            Ok(_) => (RED, "FAILED"),
            Err(_) => (RED, "error"),
        };
        let about = match &file.played {
            Ok(played) => format!("  ({})", in_short(&played.record.tally(), proved([played]))),
            Err(_) => String::new(),
        };
        // The escapes that colour a word take no room.
        let word = format!("{colour}{word:<6}{PLAIN}");
        out.push_str(&format!("{word}  {}{about}\n", printable(&file.name)));
        match &file.played {
            Ok(played) => details(file, played, &mut out),
            Err(NotRun::Unreadable(why)) => out.push_str(&format!("\nerror: {why}\n\n")),
            Err(NotRun::Wrong { name, text, diagnostics }) => {
                out.push_str(&format!("\n{}\n\n", render(name, text, diagnostics)));
            }
        }
    }
    out.push_str(&total(files));
    out
}

/// How many questions are proved, of how many.
fn proved<'p>(played: impl IntoIterator<Item = &'p Played>) -> (usize, usize) {
    let all = played.into_iter().flat_map(Played::questions);
    all.fold((0, 0), |(proved, of): (usize, usize), asked| {
        (proved.saturating_add(usize::from(asked.is_met())), of.saturating_add(1))
    })
}

/// What came of calls and questions.
fn in_short(tally: &Tally, (proved, of): (usize, usize)) -> String {
    let questions = match of {
        0 => return calls_in_short(tally),
        of if of == proved => format!("{} proved", count(of, "question")),
        of => format!("{proved} of {} proved", count(of, "question")),
    };
    match tally.calls {
        0 => questions,
        _ => format!("{}, {questions}", calls_in_short(tally)),
    }
}

fn calls_in_short(tally: &Tally) -> String {
    let Tally { calls, met, not_met, .. } = *tally;
    let expecting = met.saturating_add(not_met);
    let of_all = |number: u32| count(number as usize, "call");
    match (calls, expecting) {
        (0, _) => "no calls".to_owned(),
        (_, 0) => format!("{}, nothing is expected", of_all(calls)),
        (_, all) if met == all => format!("{} as expected", of_all(all)),
        (_, all) => format!("{met} of {} as expected", of_all(all)),
    }
}

fn details(file: &File, played: &Played, out: &mut String) {
    if !played.warnings.is_empty() {
        out.push_str(&format!("\n{}\n", render(&file.name, &file.text, &played.warnings)));
    }
    let index = LineIndex::new(&file.text);
    if file.is_met() && played.warnings.is_empty() {
        return;
    }
    let questions = played.questions().filter(|asked| !asked.is_met());
    first(questions, "question", out, |asked, out| unproved(&file.name, &index, &asked, out));
    let faults = played.tests().filter_map(|test| Some((test.fault?, test)));
    first(faults, "step", out, |(call, test), out| fault(&file.name, &index, call, &test, out));
    out.push('\n');
}

/// Shows the first of some faults, and how many more there are.
fn first<T>(
    mut faults: impl Iterator<Item = T>,
    what: &str,
    out: &mut String,
    show: impl Fn(T, &mut String),
) {
    for fault in faults.by_ref().take(SHOWN) {
        show(fault, out);
    }
    let more = faults.count();
    if more > 0 {
        let more = count(more, what);
        out.push_str(&format!("\n  … and {more} more, which `--format json` shows\n"));
    }
}

/// A question that is not proved, and why.
fn unproved(name_of_file: &str, index: &LineIndex<'_>, asked: &Asked<'_>, out: &mut String) {
    let at = index.position(asked.written.span.start);
    let (file, title) = (printable(name_of_file), printable(&asked.title()));
    out.push_str(&format!("\n  {file}:{}:{}: {title}\n", at.line, at.column));
    for (part, text) in asked.why() {
        let text = printable(&text);
        let shown = match part {
            "refuted" | "unknown" => format!("{RED}{text}{PLAIN}"),
            _ => text,
        };
        out.push_str(&format!("    {part:<9} {shown}\n"));
    }
}

/// Where a step is not decided as it expects.
fn fault(
    name_of_file: &str,
    index: &LineIndex<'_>,
    call: &CallRecord,
    test: &Test<'_>,
    out: &mut String,
) {
    let first = call.result.differences.first().map_or(test.step.span, |one| one.span);
    let at = index.position(first.start);
    let place = format!("{}:{}:{}", printable(name_of_file), at.line, at.column);
    let group = test.group.name.as_ref().map(|group| format!("{}: ", name(group)));
    let (tool, time) = (name(&call.result.decision.tool), written(call.result.at));
    let repeated = match test.step.times {
        1 => String::new(),
        times => format!(
            ", call {} of {times} ({} of them not as expected)",
            call.result.repetition.saturating_add(1),
            test.tally.not_met
        ),
    };
    out.push_str(&format!(
        "\n  {place}: {}{tool} at {time}{repeated}\n",
        group.unwrap_or_default()
    ));
    for difference in &call.result.differences {
        out.push_str(&compared(difference));
    }
    // What was decided, where the difference does not say it.
    let said = |member| call.result.differences.iter().any(|one| one.member == member);
    let decision = &call.result.decision;
    if let Some(id) = decision.id.as_ref().filter(|_| !said(Member::Rule)) {
        out.push_str(&format!("    by        {}\n", printable(&id.rule)));
    }
    if let Some(message) = decision.message.as_ref().filter(|_| !said(Member::Message)) {
        out.push_str(&format!("    saying    {}\n", printable(&quote(message))));
    }
}

fn compared(difference: &Difference) -> String {
    let shown = |text: &str| match difference.member {
        Member::Message => printable(&quote(text)),
        _ => printable(text),
    };
    let (member, expected) = (difference.member.as_str(), shown(&difference.expected));
    let got = difference.got.as_deref().map_or("nothing".to_owned(), shown);
    format!(
        "    {member:<9} expected {GREEN}{expected}{PLAIN}\n              got      {RED}{got}{PLAIN}\n"
    )
}

fn total(files: &[File]) -> String {
    let ran = files.iter().filter_map(|file| file.played.as_ref().ok());
    let tallies: Vec<Tally> = ran.clone().map(|played| played.record.tally()).collect();
    let met = files.iter().filter(|file| file.is_met()).count();
    let not_run = files.iter().filter(|file| file.played.is_err()).count();
    let failed = files.len().saturating_sub(met).saturating_sub(not_run);
    let mut parts = vec![format!("{met} ok")];
    parts.extend((failed > 0).then(|| format!("{failed} failed")));
    parts.extend((not_run > 0).then(|| format!("{not_run} could not be run")));
    let all = count(files.len(), "file");
    format!("{all}: {} ({})\n", parts.join(", "), in_short(&Tally::sum(&tallies), proved(ran)))
}
