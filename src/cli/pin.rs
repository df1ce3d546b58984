//! `cattlegrid pin`

use std::path::Path;

use cattlegrid::diagnostic::{Diagnostic, name, printable, render};
use cattlegrid::json::{Limits, read};
use cattlegrid::pin::{Change, Lock, Part, Piece, Review, Reviewed, Sign, Status, Weight, review};
use cattlegrid::wire::review_text;

use super::files::{Reader, Source, create};
use super::report::count;
use super::{Answer, Failure, note, print};

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The tools, a server's `tools/list`, a JSON file; `-` reads standard input
    tools: String,
    /// The lock
    #[arg(
        short = 'o',
        long,
        visible_alias = "output",
        value_name = "FILE",
        default_value = "tools.lock.json"
    )]
    lock: String,
    /// Only say what has changed since the tools were pinned: exit code 1 if anything has
    #[arg(long, conflicts_with = "accept")]
    review: bool,
    /// Pin the tools as they are now though they have changed
    #[arg(long)]
    accept: bool,
    /// Say it as data
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<Answer, Failure> {
    let mut reader = Reader::default();
    let source = reader.read(&arguments.tools)?;
    let now = Lock::of(&source.bytes).map_err(|wrong| said(&source, &wrong))?;
    if has_more(&source.bytes) {
        note(
            "note: the list says that it goes on (`nextCursor`): what is on its other pages is not in it",
        );
    }
    let is_there = arguments.review || Path::new(&arguments.lock).exists();
    let before = match is_there {
        true => {
            let source = reader.read(&arguments.lock)?;
            Lock::read(&source.bytes).map_err(|wrong| said(&source, &wrong))?
        }
        false => Lock::default(),
    };
    let review = review(&before, &now);
    let writes = !arguments.review && (arguments.accept || !is_there);
    let writes = writes && (!is_there || before != now);
    if writes {
        let text = now.write();
        // What is written is what will be read, or it is not written.
        if Lock::read(text.as_bytes()).is_ok_and(|read| read == now) {
            create(&arguments.lock, &text)?;
        } else {
            return Err(Failure("error: the tools are nested too deeply for a lock".to_owned()));
        }
    }
    if arguments.json {
        print(&review_text(&review))?;
    } else if is_there {
        print(&in_words(&review))?;
    } else {
        alarms(&review);
    }
    if writes {
        note(&format!("{}: {} pinned", arguments.lock, count(now.tools.len(), "tool")));
        return Ok(Answer::Yes);
    }
    if review.tools.is_empty() {
        return Ok(Answer::Yes);
    }
    if !arguments.review {
        let lock = &arguments.lock;
        note(&format!("{lock} is unchanged: `--accept` pins the tools as they are now"));
    }
    Ok(Answer::No)
}

fn said(source: &Source, wrong: &[Diagnostic]) -> Failure {
    Failure(render(&source.name, &source.text(), wrong))
}

/// Whether a list is one page of several.
fn has_more(text: &[u8]) -> bool {
    let node = read(text, &Limits::CATALOG).node;
    let of = |pointer| node.as_ref().and_then(|node| node.at(pointer)?.value.as_str());
    ["/nextCursor", "/result/nextCursor"]
        .into_iter()
        .filter_map(of)
        .any(|cursor| !cursor.is_empty())
}

/// What looks like an attack in tools that are pinned for the first time.
fn alarms(review: &Review) {
    for tool in &review.tools {
        for sign in tool.signs.iter().filter(|sign| sign.weight == Weight::Alarm) {
            note(&format!("{}:\n{}", name(&tool.name), sign_in_words(sign)));
        }
    }
}

fn in_words(review: &Review) -> String {
    let mut parts: Vec<String> = review.tools.iter().map(tool_in_words).collect();
    let of = |status| review.tools.iter().filter(|tool| tool.status == status).count();
    let all = [Status::New, Status::Changed, Status::Removed];
    let counts = all.map(|status| (of(status), status.as_str())).into_iter();
    let mut counts: Vec<String> =
        counts.filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
    if counts.is_empty() {
        counts.push("nothing changed".to_owned());
    }
    let signs = review.tools.iter().flat_map(|tool| &tool.signs);
    let alarms = signs.filter(|sign| sign.weight == Weight::Alarm).count();
    let alarms = match alarms {
        0 => String::new(),
        n => format!("; {} of an attack", count(n, "sign")),
    };
    let pinned = count(review.unchanged, "tool");
    parts.push(format!("{pinned} as pinned: {}{alarms}", counts.join(", ")));
    parts.join("\n\n")
}

fn tool_in_words(tool: &Reviewed) -> String {
    let Reviewed { status, before, now, changes, signs, .. } = tool;
    let can = match (before, now) {
        (Some(before), Some(now)) if before.category != now.category || before.risk != now.risk => {
            format!(
                "; {}, {} → {}, {}",
                before.category.as_str(),
                before.risk.as_str(),
                now.category.as_str(),
                now.risk.as_str()
            )
        }
        (_, Some(now)) => format!("; {}, {}", now.category.as_str(), now.risk.as_str()),
        _ => String::new(),
    };
    let mut lines = vec![format!("{}: {}{can}", name(&tool.name), status.as_str())];
    lines.extend(signs.iter().map(sign_in_words));
    lines.extend(changes.iter().map(change_in_words));
    lines.join("\n")
}

fn sign_in_words(sign: &Sign) -> String {
    let mark =
        if sign.weight == Weight::Alarm { "! looks like an attack" } else { "? look at this" };
    let place = place(sign.part, sign.of.as_deref(), None);
    format!("  {mark}: {place}: {}: {}", sign.says, shown(&sign.words))
}

fn change_in_words(change: &Change) -> String {
    let Change { part, of, what, before, after, words } = change;
    if *part == Part::Form {
        return "  only its form: the order of a list, or an empty one".to_owned();
    }
    let place = place(*part, of.as_deref(), what.as_deref());
    match (before, after) {
        (None, Some(after)) => format!("  {place} added: {}", shown(after)),
        (Some(before), None) => format!("  {place} removed: {}", shown(before)),
        _ if !words.is_empty() => format!("  {place}: {}", words_in_words(words)),
        (before, after) => {
            let of = |value: &Option<String>| shown(value.as_deref().unwrap_or_default());
            format!("  {place}: {} → {}", of(before), of(after))
        }
    }
}

fn place(part: Part, of: Option<&str>, what: Option<&str>) -> String {
    let mut place = match (part, of) {
        (Part::Argument, None) => "arguments".to_owned(),
        (part, _) => part.as_str().to_owned(),
    };
    for more in [of, what].into_iter().flatten() {
        place.push_str(&format!(" {}", name(more)));
    }
    place
}

/// So many characters of a text are shown: the data have all of it.
const SHOWN: usize = 400;

/// A text on one line.
fn shown(text: &str) -> String {
    let text = printable(text);
    match text.char_indices().nth(SHOWN) {
        Some((at, _)) => text.get(..at).unwrap_or_default().to_owned() + "…",
        None => text,
    }
}

/// So many characters are shown before and behind what changed.
const AROUND: usize = 40;

/// `[-removed-]` and `{+added+}`, with a little around them.
fn words_in_words(words: &[Piece]) -> String {
    let last = words.len().saturating_sub(1);
    let pieces = words.iter().enumerate().map(|(at, piece)| match piece {
        Piece::Removed(text) => format!("[-{}-]", printable(text)),
        Piece::Added(text) => format!("{{+{}+}}", printable(text)),
        Piece::Same(text) => {
            let length = text.chars().count();
            let head: String = text.chars().take(if at == 0 { 0 } else { AROUND }).collect();
            let kept = head.chars().count().saturating_add(if at == last { 0 } else { AROUND });
            if length <= kept {
                return printable(text);
            }
            let behind = if at == last { length } else { length.saturating_sub(AROUND) };
            let tail: String = text.chars().skip(behind).collect();
            format!("{}…{}", printable(&head), printable(&tail))
        }
    });
    pieces.collect()
}
