//! What the scenarios of a run have exercised of their policies, added up.

use std::collections::BTreeMap;
use std::fmt::Write;

use cattlegrid::diagnostic::{name, printable};
use cattlegrid::json::quote;
use cattlegrid::simulate::{Coverage, Part, PartKind};
use cattlegrid::source::LineIndex;
use cattlegrid::wire::coverage_text;

use super::play::{Exercised, File};

/// A policy, its text and what all scenarios together exercised of it.
pub(super) struct Covered<'f> {
    name: &'f str,
    text: &'f str,
    coverage: Coverage,
}

/// The policies in the order in which they are met. One that was changed between two scenarios is two.
pub(super) fn of(files: &[File]) -> Vec<Covered<'_>> {
    let mut all: Vec<Covered<'_>> = Vec::new();
    for file in files {
        let exercised = file.played.as_ref().ok().and_then(|played| played.exercised.as_ref());
        let Some(Exercised { name, text, coverage }) = exercised else { continue };
        match all.iter_mut().find(|known| known.name == name && known.text == text) {
            Some(known) => known.coverage.add(coverage),
            None => all.push(Covered { name, text, coverage: coverage.clone() }),
        }
    }
    all
}

/// As JSON: a list of what was exercised of each policy.
pub(super) fn json(all: &[Covered<'_>]) -> String {
    let one = |one: &Covered<'_>| {
        let (name, text) = (quote(one.name), coverage_text(&one.coverage, one.text));
        format!("{{\"policy\":{name},\"coverage\":{text}}}")
    };
    format!("[{}]", all.iter().map(one).collect::<Vec<_>>().join(",\n"))
}

/// A table for each policy: its parts, how often calls came to them with which outcome, and what is
/// missing.
pub(super) fn text(all: &[Covered<'_>]) -> String {
    let mut out = String::new();
    for Covered { name: file, text, coverage } in all {
        let (reached, of) = coverage.reached();
        let share = percent(reached, of);
        // Writing to a string cannot fail.
        let _ = writeln!(out, "\ncoverage of {}: {share} ({reached} of {of})\n", printable(file));
        let _ = writeln!(
            out,
            "  {:>5}  {:>8} {:>9} {:>8} {:>8}  part",
            "line", "asked", "satisfied", "not", "errored"
        );
        let index = LineIndex::new(text);
        for part in &coverage.parts {
            let line = index.position(part.span.start).line;
            let outcomes = match part.kind {
                PartKind::Tool | PartKind::Hidden | PartKind::Action => {
                    format!("{:>9} {:>8} {:>8}", "", "", "")
                }
                _ => {
                    let Part { satisfied, not_satisfied, errored, .. } = part;
                    format!("{satisfied:>9} {not_satisfied:>8} {errored:>8}")
                }
            };
            let missing: Vec<&str> = part.missing().map(|one| never(part, one)).collect();
            let missing = match missing.is_empty() {
                true => String::new(),
                false => format!("  \u{1b}[1;31mnever {}\u{1b}[0m", missing.join(", ")),
            };
            let asked = part.asked;
            let _ = writeln!(out, "  {line:>5}  {asked:>8} {outcomes}  {}{missing}", title(part));
        }
    }
    let (reached, of) = total(all);
    if all.len() > 1 {
        let _ = writeln!(out, "\nall policies: {} ({reached} of {of})", percent(reached, of));
    }
    if of > 0 {
        out.push_str("\nfor a limit `satisfied` is room, and `not` is full\n");
    }
    out
}

/// What a part is called.
fn title(part: &Part) -> String {
    let kind = part.kind.as_str();
    match part.kind {
        PartKind::Tool | PartKind::Hidden => {
            format!("{kind} {}", name(part.tool.as_deref().unwrap_or("*")))
        }
        _ => format!("  {kind} {}", printable(&part.pointer)),
    }
}

fn never(part: &Part, wanted: cattlegrid::simulate::Wanted) -> &'static str {
    match part.word(wanted) {
        "not_satisfied" => "not satisfied",
        "room" => "with room",
        "asked" if part.kind != PartKind::Action => "called",
        other => other,
    }
}

/// Why the coverage is less than it is to be; `None` if it is not.
pub(super) fn short_of(all: &[Covered<'_>], percentage: u8) -> Option<String> {
    let (reached, of) = total(all);
    let wanted = of.saturating_mul(usize::from(percentage));
    let short = reached.saturating_mul(100) < wanted;
    short.then(|| {
        let share = percent(reached, of);
        format!("error: the coverage is {share} ({reached} of {of}), less than {percentage} %")
    })
}

fn total(all: &[Covered<'_>]) -> (usize, usize) {
    all.iter().map(|one| one.coverage.reached()).fold((0, 0), |(reached, of), (more, of_more)| {
        (reached.saturating_add(more), of.saturating_add(of_more))
    })
}

/// A share in percent with one digit behind the point, rounded down: what is not whole is not 100 %.
fn percent(reached: usize, of: usize) -> String {
    let thousandths = reached.saturating_mul(1000).checked_div(of).unwrap_or(1000);
    let (whole, rest) = (thousandths.div_euclid(10), thousandths.checked_rem(10).unwrap_or(0));
    format!("{whole}.{rest} %")
}

/// As LCOV writes it: a tool is a function, a line counts the calls that came to what begins in it, and
/// each outcome that is to happen is a branch.
pub(super) fn lcov(all: &[Covered<'_>]) -> String {
    let mut out = String::from("TN:\n");
    for Covered { name, text, coverage } in all {
        let index = LineIndex::new(text);
        let line = |part: &Part| index.position(part.span.start).line;
        let mut lines: BTreeMap<u32, u64> = BTreeMap::new();
        let (mut functions, mut counts, mut branches) =
            (String::new(), String::new(), String::new());
        let (mut tools, mut called, mut outcomes, mut had) = (0u64, 0u64, 0u64, 0u64);
        let one = |count: &mut u64, if_so: bool| *count = count.saturating_add(u64::from(if_so));
        for (block, part) in coverage.parts.iter().enumerate() {
            let (line, asked) = (line(part), part.asked);
            let most = lines.entry(line).or_insert(0);
            *most = asked.max(*most);
            if part.kind == PartKind::Tool {
                let tool = printable(part.tool.as_deref().unwrap_or_default());
                let _ = writeln!(functions, "FN:{line},{tool}");
                let _ = writeln!(counts, "FNDA:{asked},{tool}");
                one(&mut tools, true);
                one(&mut called, asked > 0);
            }
            for (branch, wanted) in part.wanted().iter().enumerate() {
                if part.word(*wanted) == "asked" {
                    continue;
                }
                let taken = match part.asked {
                    0 => "-".to_owned(),
                    _ => part.times(*wanted).to_string(),
                };
                let _ = writeln!(branches, "BRDA:{line},{block},{branch},{taken}");
                one(&mut outcomes, true);
                one(&mut had, part.has(*wanted));
            }
        }
        let data: String =
            lines.iter().map(|(line, count)| format!("DA:{line},{count}\n")).collect();
        let hit = lines.values().filter(|count| **count > 0).count();
        let _ = write!(
            out,
            "SF:{}\n{functions}{counts}FNF:{tools}\nFNH:{called}\n{branches}BRF:{outcomes}\nBRH:{had}\n{data}LF:{}\nLH:{hit}\nend_of_record\n",
            printable(name),
            lines.len()
        );
    }
    out
}
