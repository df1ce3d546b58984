//! `--update`: writes what calls are decided as into their scenarios, in place of what they expect.

use std::collections::BTreeMap;

use cattlegrid::compile::compile;
use cattlegrid::diagnostic::Edit;
use cattlegrid::edit::put_all;
use cattlegrid::json::{Limits, Number, Object, Value, quote, read_strict};
use cattlegrid::simulate::{Common, Expected, Group, Observed, Scenario, observe};
use cattlegrid::source::Span;

use super::play::{self, Found};
use crate::cli::report::count;
use crate::cli::{Failure, files, note};

/// Brings all scenarios up to date that can be run. What is done, and what cannot be, is said beside the
/// answer.
///
/// # Errors
/// If a scenario came from standard input, or a file cannot be written.
pub(super) fn all(found: &[Found]) -> Result<(), Failure> {
    for one in found {
        if one.text.is_some() {
            let why = "error: `--update` writes into files: a scenario of standard input has none";
            return Err(Failure(why.to_owned()));
        }
        update(one)?;
    }
    Ok(())
}

/// A scenario that can be run, and the decisions that it is to expect.
struct Written {
    /// The members of `expect` that change: the step's pointer, the member, where its value stands, and
    /// the value; `None` takes the member away.
    members: Vec<(String, &'static str, Option<Span>, Option<Value>)>,
    /// Steps whose calls are decided differently, so that one expectation cannot hold for all.
    differing: Vec<String>,
}

fn update(found: &Found) -> Result<(), Failure> {
    let file = play::play(found, false);
    // What cannot be run is said when it is run.
    let (Ok(played), Ok(bytes)) = (file.played, std::fs::read(&found.name)) else { return Ok(()) };
    let observed = observe(&played.scenario, &compile(&played.policy));
    let written = written(&played.scenario, &observed);
    for step in &written.differing {
        let name = &found.name;
        note(&format!(
            "{name}: {step}: its calls are decided differently; split it to expect something of each"
        ));
    }
    if written.members.is_empty() {
        return Ok(());
    }
    let edits = match found.is_yaml(&bytes) {
        true => in_yaml(&file.text, &written),
        false => in_json(&file.text, &written),
    };
    let edits = match edits {
        Ok(edits) => edits,
        Err(why) => {
            note(&format!("{}: not updated: {why}", found.name));
            return Ok(());
        }
    };
    let text = edited(&file.text, edits);
    // Only a text that says just that is kept: a place in YAML may be used more than once.
    let again = found.with(text.clone().into_bytes());
    let after = play::play(&again, false);
    let same = after.played.as_ref().is_ok_and(|after| {
        let seen = observe(&after.scenario, &compile(&after.policy));
        seen == observed && self::written(&after.scenario, &seen).members.is_empty()
    });
    if !same {
        note(&format!(
            "{}: not updated: what would change is used in several places, so write it by hand",
            found.name
        ));
        return Ok(());
    }
    files::replace(&found.name, &text)?;
    let changed = count(written.members.len(), "expectation");
    note(&format!("{}: {changed} written", found.name));
    Ok(())
}

fn written(scenario: &Scenario, observed: &[Vec<Option<Observed>>]) -> Written {
    let mut out = Written { members: Vec::new(), differing: Vec::new() };
    for (group, observed) in scenario.groups.iter().zip(observed) {
        for (number, (step, observed)) in group.steps.iter().zip(observed).enumerate() {
            let Some(observed) = observed else { continue };
            let pointer = format!("{}/steps/{number}", group.pointer);
            match &step.expected {
                Some(expected) => known(&pointer, expected, observed, group, number, &mut out),
                None => new(&pointer, observed, &mut out),
            }
        }
    }
    out
}

/// What is to be expected where something is: each member that is there.
fn known(
    pointer: &str,
    expected: &Expected,
    observed: &Observed,
    group: &Group,
    number: usize,
    out: &mut Written,
) {
    let text = |text: &Option<String>| text.clone().map(Value::String);
    let mut differs = false;
    let mut member = |key, span, same: Option<Option<Value>>, expected: &Value| match same {
        None => differs = true,
        Some(Some(value)) if value == *expected => {}
        Some(value) => out.members.push((pointer.to_owned(), key, Some(span), value)),
    };
    let effect = observed.effect.same().map(|one| Some(Value::String(one.as_str().to_owned())));
    let is = Value::String(expected.effect.value.as_str().to_owned());
    member("decision", expected.effect.span, effect, &is);
    if let Some(rule) = &expected.rule {
        let is = Value::String(rule.value.clone());
        member("rule", rule.span, observed.rule.same().map(text), &is);
    }
    if let Some(message) = &expected.message {
        let is = Value::String(message.value.clone());
        member("message", message.span, observed.message.same().map(text), &is);
    }
    if let Some(remaining) = &expected.remaining {
        let number = |one: &Option<cattlegrid::model::Amount>| {
            one.and_then(|one| Number::parse(&one.to_string()).ok()).map(Value::Number)
        };
        let is = Value::Number(remaining.value.clone());
        member("remaining", remaining.span, observed.remaining.same().map(number), &is);
    }
    if differs {
        let group = group.name.as_ref().map(|name| format!("{name}: ")).unwrap_or_default();
        out.differing.push(format!("{group}step {}", number.saturating_add(1)));
    }
}

/// What is to be expected where nothing is: the decision, and what denies or holds.
fn new(pointer: &str, observed: &Observed, out: &mut Written) {
    // A loop that runs into its limit is often meant to.
    let Common::Same(effect) = &observed.effect else { return };
    let mut put = |key, value: String| {
        out.members.push((pointer.to_owned(), key, None, Some(Value::String(value))));
    };
    put("decision", effect.as_str().to_owned());
    if let Common::Same(Some(rule)) = &observed.rule {
        put("rule", rule.clone());
    }
}

fn in_json(text: &str, written: &Written) -> Result<Vec<Edit>, String> {
    let root =
        read_strict(text.as_bytes(), &Limits::DOCUMENT).map_err(|why| why.kind.to_string())?;
    let mut changes: Vec<(String, Option<Value>)> = Vec::new();
    let mut added: BTreeMap<&str, Vec<(String, Value)>> = BTreeMap::new();
    for (step, key, span, value) in &written.members {
        match (span, value) {
            (None, Some(value)) => {
                added.entry(step).or_default().push(((*key).to_owned(), value.clone()));
            }
            _ => changes.push((format!("{step}/expect/{key}"), value.clone())),
        }
    }
    for (step, members) in added {
        let expect = Value::Object(members.into_iter().collect::<Object>());
        changes.push((format!("{step}/expect"), Some(expect)));
    }
    put_all(text, &root, &changes).map_err(|why| why.to_string())
}

/// In YAML values are replaced where they stand, and nothing is added: how that would be laid out is the
/// author's.
fn in_yaml(text: &str, written: &Written) -> Result<Vec<Edit>, String> {
    let mut edits = Vec::new();
    for (step, key, span, value) in &written.members {
        let (Some(span), Some(value)) = (span, value) else {
            let what = if value.is_some() { "added" } else { "taken away" };
            return Err(format!(
                "in yaml only what stands there is replaced, and `{key}` would be {what} in `{step}`"
            ));
        };
        let is = span.of(text);
        if is.is_empty() || is.starts_with(['|', '>']) || is.contains('\n') {
            return Err(format!("the `{key}` of `{step}` is a text of several lines"));
        }
        let value = match value {
            Value::String(text) => scalar(text),
            Value::Number(number) => number.as_str().to_owned(),
            _ => continue,
        };
        edits.push(Edit { span: *span, text: value });
    }
    Ok(edits)
}

/// A text in YAML: without quotes where nothing in it could be read as anything else.
fn scalar(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/_-.()+ ".contains(c);
    let begins = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/');
    let words = ["true", "false", "null", "yes", "no", "on", "off"];
    let word = words.iter().any(|word| text.eq_ignore_ascii_case(word));
    if begins && !word && !text.ends_with(' ') && text.chars().all(plain) {
        return text.to_owned();
    }
    quote(text)
}

fn edited(text: &str, mut edits: Vec<Edit>) -> String {
    edits.sort_by_key(|edit| edit.span.start);
    let (mut out, mut at) = (String::with_capacity(text.len()), 0);
    for Edit { span, text: new } in &edits {
        out.push_str(text.get(at..span.start as usize).unwrap_or_default());
        out.push_str(new);
        at = span.end as usize;
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out
}
