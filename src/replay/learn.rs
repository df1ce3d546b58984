//! The least policy that lets recorded calls through: a draft for people, with its evidence.

use std::collections::{BTreeMap, BTreeSet};

use super::line::{Entry, Line, Recorded};
use super::order::Merge;
use super::report::Malformed;
use crate::evaluate::Arguments;
use crate::json::{Number, Object, Value, quote, write};
use crate::model::{Catalog, Effect, Time, Window};
use crate::parse;
use crate::simulate::written;

/// So many tools are learnt.
const TOOLS: usize = 5_000;
/// So many arguments of a tool are.
const PATHS: usize = 200;
/// So many steps deep.
const DEPTH: usize = 4;
/// So many values of an argument are told apart.
const VALUES: usize = 12;
/// A value that is longer is not one of a few that repeat.
const LONGEST: usize = 100;
/// Each value of an argument must have come so many times on average, to be one of a few.
const REPEATED: u64 = 4;
/// So many callers of a tool are told apart for its evidence.
const GRANTS: usize = 1_000;
/// So many callers of a tool have their rates measured at once.
const CALLERS: usize = 20_000;

/// Learns from calls, one after another. Its memory depends on how many tools, arguments and callers there
/// are, within bounds, and not on how many calls.
#[derive(Debug, Default)]
pub struct Learner {
    tools: BTreeMap<String, Tool>,
    merge: Merge,
    now: Time,
    seen: Seen,
}

/// What was read.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// Lines.
    pub lines: u64,
    /// Calls that were learnt from.
    pub calls: u64,
    /// Calls that were recorded as denied or held, which nothing is learnt from.
    pub not_allowed: u64,
    /// Calls of which no arguments were recorded, or only their keys.
    pub partial: u64,
    /// Calls of more tools than are learnt.
    pub left_out: u64,
    /// The first and the last time.
    pub span: Option<(Time, Time)>,
    /// Lines that could not be understood.
    pub malformed: Malformed,
}

/// A policy that was learnt.
#[derive(Clone, Debug)]
pub struct Learnt {
    /// The document, which is a policy without errors.
    pub text: String,
    /// What was read for it.
    pub seen: Seen,
    /// What its reader should know, in sentences.
    pub notes: Vec<String>,
}

#[derive(Debug, Default)]
struct Tool {
    calls: u64,
    /// Calls of which all arguments are known.
    whole: u64,
    grants: BTreeSet<String>,
    arguments: BTreeMap<Vec<String>, Argument>,
    /// There were more arguments than are told apart.
    more: bool,
    /// What each caller did in the present windows.
    callers: BTreeMap<Option<String>, [(Time, u64); 3]>,
    /// The most in one window of each length.
    most: [u64; 3],
    /// There were too many callers at once.
    crowded: bool,
}

const WINDOWS: [Window; 3] = [Window::MINUTE, Window::HOUR, Window::DAY];

/// What was seen at a path.
#[derive(Debug, Default)]
struct Argument {
    /// Calls that had something there, be it null.
    present: u64,
    nulls: u64,
    numbers: u64,
    lists: u64,
    least: Option<Number>,
    greatest: Option<Number>,
    /// The values, as JSON text, and how often each; none if there are too many.
    values: Option<BTreeMap<String, (Value, u64)>>,
    many: bool,
}

impl Learner {
    /// Takes the next entry.
    pub fn take(&mut self, entry: Entry) {
        let seen = &mut self.seen;
        seen.lines = seen.lines.saturating_add(1);
        match &entry.says {
            Line::Malformed(why) => seen.malformed.note(entry.file, entry.line, why),
            Line::Call(_) => {
                if let Some(next) = self.merge.push(entry) {
                    self.run(next);
                }
            }
            Line::Answer(_) | Line::Nothing => {}
        }
    }

    fn run(&mut self, entry: Entry) {
        let Line::Call(recorded) = entry.says else { return };
        let one = |count: &mut u64| *count = count.saturating_add(1);
        if recorded.past.as_ref().is_some_and(|past| past.effect != Effect::Allow) {
            return one(&mut self.seen.not_allowed);
        }
        self.now = self.now.max(entry.at);
        let full = self.tools.len() >= TOOLS && !self.tools.contains_key(&recorded.call.tool);
        // A name that is blank cannot stand in a policy.
        if full || recorded.call.tool.trim().is_empty() {
            return one(&mut self.seen.left_out);
        }
        one(&mut self.seen.calls);
        if entry.timed {
            let (first, _) = self.seen.span.unwrap_or((entry.at, entry.at));
            self.seen.span = Some((first.min(entry.at), self.now));
        }
        if recorded.arguments != Arguments::All {
            one(&mut self.seen.partial);
        }
        let tool = self.tools.entry(recorded.call.tool.clone()).or_default();
        tool.see(&recorded, self.now);
    }

    /// The policy.
    #[must_use]
    pub fn finish(mut self, catalog: Option<&Catalog>) -> Learnt {
        while let Some(next) = self.merge.pop() {
            self.run(next);
        }
        draft(&self.tools, self.seen, catalog)
    }
}

impl Tool {
    fn see(&mut self, recorded: &Recorded, now: Time) {
        self.calls = self.calls.saturating_add(1);
        let new = |grant: &&String| self.grants.len() < GRANTS && !self.grants.contains(*grant);
        if let Some(grant) = recorded.call.grant.as_ref().filter(new) {
            self.grants.insert(grant.clone());
        }
        self.rate(recorded, now);
        if recorded.arguments == Arguments::All {
            self.whole = self.whole.saturating_add(1);
            self.walk(&recorded.call.arguments, &mut Vec::new());
        }
    }

    fn rate(&mut self, recorded: &Recorded, now: Time) {
        let grant = if recorded.grant { recorded.call.grant.clone() } else { None };
        if self.callers.len() >= CALLERS && !self.callers.contains_key(&grant) {
            // Who did nothing for a day has no window that still counts.
            self.callers.retain(|_, [_, _, (day, _)]| *day >= Window::DAY.start(now));
            self.crowded |= self.callers.len() >= CALLERS;
            if self.crowded {
                return;
            }
        }
        let windows = self.callers.entry(grant).or_default();
        for ((window, (start, count)), most) in
            WINDOWS.iter().zip(windows.iter_mut()).zip(&mut self.most)
        {
            let present = window.start(now);
            if *start != present {
                (*start, *count) = (present, 0);
            }
            *count = count.saturating_add(1);
            *most = (*most).max(*count);
        }
    }

    fn walk(&mut self, object: &Object, path: &mut Vec<String>) {
        for member in object.members() {
            path.push(member.key.to_string());
            if self.arguments.contains_key(path) || self.arguments.len() < PATHS {
                let value = &member.node.value;
                self.arguments.entry(path.clone()).or_default().see(value);
                if let Some(inner) = value.as_object().filter(|_| path.len() < DEPTH) {
                    self.walk(inner, path);
                }
            } else {
                self.more = true;
            }
            path.pop();
        }
    }
}

impl Argument {
    fn see(&mut self, value: &Value) {
        let one = |count: &mut u64| *count = count.saturating_add(1);
        one(&mut self.present);
        match value {
            Value::Null => return one(&mut self.nulls),
            Value::Number(number) => {
                one(&mut self.numbers);
                let decimal = number.as_decimal();
                if self.least.as_ref().is_none_or(|least| decimal < least.as_decimal()) {
                    self.least = Some(number.clone());
                }
                if self.greatest.as_ref().is_none_or(|most| decimal > most.as_decimal()) {
                    self.greatest = Some(number.clone());
                }
            }
            Value::List(_) | Value::Object(_) => {
                one(&mut self.lists);
                self.many = true;
            }
            Value::String(_) | Value::Bool(_) => {}
        }
        if self.many {
            return;
        }
        let text = write(value);
        let values = self.values.get_or_insert_default();
        let full = values.len() >= VALUES || text.len() > LONGEST;
        match values.get_mut(&text) {
            Some((_, count)) => one(count),
            None if full => {
                self.many = true;
                self.values = None;
            }
            None => {
                values.insert(text, (value.clone(), 1));
            }
        }
    }

    /// The values, if they are few and repeat.
    fn few(&self) -> Option<Vec<&(Value, u64)>> {
        let values = self.values.as_ref().filter(|_| !self.many)?;
        let distinct = u64::try_from(values.len()).unwrap_or(u64::MAX);
        let told = self.present.saturating_sub(self.nulls);
        (distinct > 0 && told >= distinct.saturating_mul(REPEATED))
            .then(|| values.values().collect())
    }
}

fn draft(tools: &BTreeMap<String, Tool>, seen: Seen, catalog: Option<&Catalog>) -> Learnt {
    let mut notes = Vec::new();
    let mut members = Vec::new();
    for (name, tool) in tools {
        let known = catalog.map(|catalog| catalog.tool(name).is_some());
        if known == Some(false) {
            notes.push(format!("{} is not a tool of the catalog", crate::diagnostic::name(name)));
        }
        members.push((name.clone(), rules(tool, &seen, known)));
    }
    let unseen = |catalog: &Catalog| {
        let names = catalog.tools.iter().map(|tool| tool.name.as_str());
        names.filter(|name| !tools.contains_key(*name)).map(string).collect::<Vec<_>>()
    };
    let unseen = catalog.map(unseen).unwrap_or_default();
    if !unseen.is_empty() {
        notes.push(format!(
            "{} tools of the catalog were never called: they are denied",
            unseen.len()
        ));
    }
    if tools.values().any(|tool| tool.crowded) {
        notes.push(
            "some tools have too many callers at once to measure rates: they have no limits"
                .to_owned(),
        );
    }
    if seen.span.is_none() {
        notes.push("no line has a time, so there are no limits".to_owned());
    }
    if seen.partial > 0 {
        let partial = seen.partial;
        notes.push(format!("{partial} calls were recorded without the values of their arguments: rules are learnt from the others alone, and may deny these"));
    }
    if tools.values().any(|tool| tool.more) {
        notes.push(
            "some tools have more arguments than are learnt: what is left out is not restricted"
                .to_owned(),
        );
    }
    notes.push(
        "arguments that were never seen are not forbidden: the language has no rule for them"
            .to_owned(),
    );
    let span = seen.span.map(|(from, to)| format!(", {} to {}", written(from), written(to)));
    let description = format!(
        "A draft, learnt from {} calls{}. Read every rule before you use it: what was seen is not all that is meant, and what was seen may be an attack.",
        seen.calls,
        span.unwrap_or_default()
    );
    let document = |tools: Vec<(String, Value)>| {
        let mut document = vec![
            ("version", string("1")),
            ("description", string(&description)),
            ("x-draft", Value::Bool(true)),
            ("default", string("deny")),
        ];
        if !unseen.is_empty() {
            document.push(("x-never-called", list(unseen.clone())));
        }
        document.push(("tools", Value::Object(tools.into_iter().collect::<Object>())));
        let policy = parse::parse(write(&object(document)).as_bytes()).policy;
        policy.as_ref().map(parse::print)
    };
    // More than a document may have: the tools alone are the least that can be said.
    let text = document(members).or_else(|| {
        notes.push(
            "there are more rules than a policy may have: only the tools are listed".to_owned(),
        );
        document(tools.keys().map(|name| (name.clone(), object(Vec::new()))).collect())
    });
    Learnt { text: text.unwrap_or_default(), seen, notes }
}

/// The rules of one tool.
fn rules(tool: &Tool, seen: &Seen, known: Option<bool>) -> Value {
    let mut evidence = vec![("calls", count(tool.calls))];
    evidence.push(("grants", count(u64::try_from(tool.grants.len()).unwrap_or(u64::MAX))));
    if known == Some(false) {
        evidence.push(("in_catalog", Value::Bool(false)));
    }
    let mut out = vec![("x-evidence", object(evidence))];
    let (mut require, mut deny) = (Vec::new(), Vec::new());
    for (path, argument) in &tool.arguments {
        // Whatever is below something that may be missing may be missing too.
        let always = argument.present == tool.whole && tool.whole == tool.calls;
        restrict(path, argument, always, &mut require, &mut deny);
    }
    let limits = limits(tool, seen);
    for (key, rules) in [("require", require), ("deny_if", deny), ("limits", limits)] {
        if !rules.is_empty() {
            out.push((key, list(rules)));
        }
    }
    object(out)
}

/// The rules about one argument. One that was always there must be; one that was not may be missing, and has
/// its bounds all the same.
fn restrict(
    path: &[String],
    argument: &Argument,
    always: bool,
    require: &mut Vec<Value>,
    deny: &mut Vec<Value>,
) {
    let path = written_path(path);
    let condition = |op: &str, value: Value| {
        object(vec![("path", string(&path)), ("op", string(op)), ("value", value)])
    };
    let rule = |conditions: Vec<Value>, reason: String| {
        object(vec![("conditions", list(conditions)), ("x-reason", string(&reason))])
    };
    let Argument { present, nulls, numbers, .. } = argument;
    let told = present.saturating_sub(*nulls);
    let only_numbers = *numbers == told && told > 0;
    if let Some(values) = argument.few() {
        let counted: Vec<String> =
            values.iter().map(|(value, count)| format!("{} × {count}", write(value))).collect();
        let reason =
            format!("{told} of {present} calls with it have one of these: {}", counted.join(", "));
        let mut allowed: Vec<Value> = values.iter().map(|(value, _)| value.clone()).collect();
        if *nulls > 0 {
            allowed.push(Value::Null);
        }
        if always {
            require.push(rule(vec![condition("in", list(allowed))], reason));
        } else {
            deny.push(rule(vec![condition("not_in", list(allowed))], reason));
        }
    } else if let (true, 0, Some(least), Some(most)) =
        (only_numbers, *nulls, &argument.least, &argument.greatest)
    {
        let (low, high) = (below(least), above(most));
        let reason = format!(
            "{told} calls have {} to {}; a quarter more is let through",
            least.as_str(),
            most.as_str()
        );
        let (low, high) = (Value::Number(low), Value::Number(high));
        if always {
            require.push(rule(vec![condition("gte", low), condition("lte", high)], reason));
        } else {
            deny.push(rule(vec![condition("lt", low)], reason.clone()));
            deny.push(rule(vec![condition("gt", high)], reason));
        }
    } else if always && *nulls == 0 {
        let reason = match present {
            1 => "the one call that was seen has it".to_owned(),
            _ => format!("all {present} calls have it"),
        };
        require.push(rule(vec![condition("exists", Value::Bool(true))], reason));
    }
}

/// How often one caller may call: half as often again as was seen. Windows that are longer than all that was
/// recorded are left alone.
fn limits(tool: &Tool, seen: &Seen) -> Vec<Value> {
    let Some((first, last)) = seen.span.filter(|_| !tool.crowded) else { return Vec::new() };
    let recorded = last.0.saturating_sub(first.0);
    let mut limits = Vec::new();
    for (window, most) in WINDOWS.iter().zip(tool.most) {
        let length = u64::from(window.seconds()).saturating_mul(1000);
        let Some(word) = window.word().filter(|_| recorded >= length && most > 0) else { continue };
        let max = most.saturating_add(most.div_ceil(2));
        let reason = format!(
            "the most of one caller in a {word} is {most}; half as many more are let through"
        );
        limits.push(object(vec![
            ("counter", string(format!("calls_per_{word}"))),
            ("window", string(word)),
            ("max", count(max)),
            ("x-reason", string(&reason)),
        ]));
    }
    limits
}

/// A bound under a number: a quarter of it away, a whole number; zero stays.
fn below(number: &Number) -> Number {
    if number.is_negative() { away(number) } else { zero() }
}

/// A bound over a number, likewise.
fn above(number: &Number) -> Number {
    if number.is_negative() { zero() } else { away(number) }
}

fn zero() -> Number {
    Number::from(0)
}

fn away(number: &Number) -> Number {
    let value = number.to_f64();
    let bound = (value * 1.25).abs().ceil();
    // What a double cannot say exactly is its own bound.
    if bound > 9e15 {
        return number.clone();
    }
    let sign = if number.is_negative() { "-" } else { "" };
    Number::parse(&format!("{sign}{bound}")).unwrap_or_else(|_| number.clone())
}

/// A path as conditions write it.
fn written_path(keys: &[String]) -> String {
    let mut path = "args".to_owned();
    for key in keys {
        let plain = !key.is_empty()
            && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
        if plain {
            path.push('.');
            path.push_str(key);
        } else {
            path.push_str(&format!("[{}]", quote(key)));
        }
    }
    path
}

fn string(text: impl AsRef<str>) -> Value {
    Value::String(text.as_ref().to_owned())
}

fn count(number: u64) -> Value {
    Value::Number(Number::from(number))
}

fn list(items: Vec<Value>) -> Value {
    Value::List(items.into_iter().map(Into::into).collect())
}

fn object(members: Vec<(&str, Value)>) -> Value {
    Value::Object(
        members.into_iter().map(|(key, value)| (key.to_owned(), value)).collect::<Object>(),
    )
}
