//! Recorded calls through a policy, beside another or beside what was decided.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use super::line::{Answer, Entry, Line, Past, Recorded};
use super::order::Merge;
use super::report::{Change, Example, Kind, Report};
use super::side::{Side, Taken, Verdict};
use crate::compile::CompiledPolicy;
use crate::evaluate::Arguments;
use crate::json::{Object, write};
use crate::model::{Effect, Time};

/// So many calls wait for their answers.
const OPEN: usize = 100_000;
/// So many names of policies are told.
const POLICIES: usize = 20;
/// So many characters of arguments an example has.
const SHOWN: usize = 200;

/// A replay that is going on. Takes entries in the order of each file; from several files, best the earliest
/// next.
pub struct Replay {
    new: Side,
    old: Option<Side>,
    merge: Merge,
    now: Time,
    open: BTreeMap<(Option<String>, String), (u64, Open)>,
    /// The calls that wait, the first that was made first.
    queue: VecDeque<(u64, (Option<String>, String))>,
    number: u64,
    /// The name of the policy whose calls are meant.
    only: Option<String>,
    report: Report,
}

/// A call whose answer is not there yet.
struct Open {
    new: Taken,
    old: Taken,
    /// What it is to be compared by, if the answer may say what was decided.
    undecided: Option<Undecided>,
}

struct Undecided {
    tool: String,
    verdict: Verdict,
    example: Example,
}

impl Replay {
    /// A replay through `new`; compared with `old`, or without it with what was recorded.
    #[must_use]
    pub fn new(new: Arc<CompiledPolicy>, old: Option<Arc<CompiledPolicy>>) -> Replay {
        Replay {
            new: Side::new(new),
            old: old.map(Side::new),
            merge: Merge::default(),
            now: Time(0),
            open: BTreeMap::new(),
            queue: VecDeque::new(),
            number: 0,
            only: None,
            report: Report::default(),
        }
    }

    /// Leaves out calls that are recorded as decided by a policy of another name.
    #[must_use]
    pub fn only(self, policy: Option<String>) -> Replay {
        Replay { only: policy, ..self }
    }

    /// How many lines there were up to here.
    #[must_use]
    pub fn lines(&self) -> u64 {
        self.report.lines
    }

    /// Takes the next entry.
    pub fn take(&mut self, entry: Entry) {
        self.report.lines = self.report.lines.saturating_add(1);
        match &entry.says {
            Line::Nothing => {}
            Line::Malformed(why) => self.report.malformed(&entry, why),
            Line::Call(call) if self.is_of_another(call.policy.as_deref()) => {
                self.report.of_others = self.report.of_others.saturating_add(1);
            }
            Line::Call(_) | Line::Answer(_) => {
                if let Some(next) = self.merge.push(entry) {
                    self.run(next);
                }
            }
        }
    }

    /// What was found, when all entries were taken.
    #[must_use]
    pub fn finish(mut self) -> Report {
        while let Some(next) = self.merge.pop() {
            self.run(next);
        }
        while let Some((number, key)) = self.queue.pop_front() {
            self.close(number, &key);
        }
        self.report.finish()
    }

    fn is_of_another(&mut self, policy: Option<&str>) -> bool {
        let Some(policy) = policy else { return false };
        if let Some(only) = &self.only {
            return only != policy;
        }
        let known = &mut self.report.policies;
        if known.len() < POLICIES && !known.contains(policy) {
            known.insert(policy.to_owned());
        }
        false
    }

    fn run(&mut self, entry: Entry) {
        let Entry { file, line, at, timed, says } = entry;
        if at < self.now {
            self.report.late = self.report.late.saturating_add(1);
        }
        self.now = self.now.max(at);
        match says {
            Line::Call(recorded) => {
                if timed {
                    let (first, _) = self.report.span.unwrap_or((at, at));
                    self.report.span = Some((first.min(at), self.now));
                } else {
                    self.report.untimed = self.report.untimed.saturating_add(1);
                }
                self.call(*recorded, file, line, timed.then_some(at));
            }
            Line::Answer(answer) => self.answer(&answer),
            Line::Nothing | Line::Malformed(_) => {}
        }
    }

    fn call(&mut self, recorded: Recorded, file: u32, line: u64, at: Option<Time>) {
        self.report.calls = self.report.calls.saturating_add(1);
        let (verdict, new) = self.new.decide(&recorded, self.now);
        let (before, old) = match &mut self.old {
            None => (None, Taken::default()),
            Some(old) => {
                let (verdict, taken) = old.decide(&recorded, self.now);
                (Some(verdict), taken)
            }
        };
        if recorded.failed {
            self.give_back(&new, &old);
        }
        let Recorded { call, arguments, id, past, .. } = recorded;
        let example = || {
            let shown = arguments != Arguments::Nothing;
            let arguments = shown.then(|| self::shown(&call.arguments, arguments));
            Example { file, line, at, arguments }
        };
        let mut undecided = None;
        match (before, past) {
            (Some(before), _) => self.compare(&call.tool, Some(&before), &verdict, example),
            (None, Some(past)) => {
                self.compare(&call.tool, Some(&known(&past)), &verdict, example);
            }
            // The answer may say what was decided.
            (None, None) if id.is_some() => {
                let (tool, example) = (call.tool.clone(), example());
                undecided = Some(Undecided { tool, verdict, example });
            }
            (None, None) => self.compare(&call.tool, None, &verdict, example),
        }
        let Some(id) = id else { return };
        self.number = self.number.saturating_add(1);
        let (number, key) = (self.number, (call.session, id));
        let earlier = self.open.get(&key).map(|(number, _)| *number);
        // A client that uses an id again does not wait for its first answer any more.
        if let Some(earlier) = earlier {
            self.close(earlier, &key);
        }
        self.open.insert(key.clone(), (number, Open { new, old, undecided }));
        self.queue.push_back((number, key));
        while self.open.len() > OPEN {
            let Some((number, key)) = self.queue.pop_front() else { break };
            self.close(number, &key);
        }
        // Those that were answered stand at its beginning, sooner or later.
        while let Some((number, key)) = self.queue.front() {
            if self.open.get(key).is_some_and(|(open, _)| open == number) {
                break;
            }
            self.queue.pop_front();
        }
        if self.queue.len() > OPEN.saturating_mul(2) {
            let open = &self.open;
            self.queue.retain(|(number, key)| open.get(key).is_some_and(|(one, _)| one == number));
        }
    }

    fn answer(&mut self, answer: &Answer) {
        let whole = (answer.session.clone(), answer.id.clone());
        let Some((_, open)) = self.open.remove(&whole) else { return };
        if answer.failed {
            self.give_back(&open.new, &open.old);
        }
        if let Some(Undecided { tool, verdict, example }) = open.undecided {
            let before = answer.past.as_ref().map(known);
            self.compare(&tool, before.as_ref(), &verdict, || example);
        }
    }

    /// No answer to this call comes any more that could be told from others.
    fn close(&mut self, number: u64, key: &(Option<String>, String)) {
        if self.open.get(key).is_none_or(|(open, _)| *open != number) {
            return;
        }
        let open = self.open.remove(key);
        if let Some((_, Open { undecided: Some(one), .. })) = open {
            let Undecided { tool, verdict, example } = one;
            self.compare(&tool, None, &verdict, || example);
        }
    }

    fn give_back(&mut self, new: &Taken, old: &Taken) {
        let took = !new.is_empty() || !old.is_empty();
        self.report.given_back = self.report.given_back.saturating_add(u64::from(took));
        self.new.give_back(new);
        if let Some(side) = &mut self.old {
            side.give_back(old);
        }
    }

    fn compare(
        &mut self,
        tool: &str,
        before: Option<&Verdict>,
        after: &Verdict,
        example: impl FnOnce() -> Example,
    ) {
        let report = &mut self.report;
        let one = |count: &mut u64| *count = count.saturating_add(1);
        let (effect, rule) = match (before, after) {
            (_, Verdict::Unknown(doubt)) | (Some(Verdict::Unknown(doubt)), _) => {
                one(&mut report.unknown);
                return report.group(tool, Kind::Unknown, &doubt.to_string(), example);
            }
            (_, Verdict::Known(effect, rule)) => (*effect, rule),
        };
        let by = |rule: &Option<Arc<crate::model::RuleId>>| {
            rule.as_ref().map_or("one of several rules".to_owned(), |id| id.rule.clone())
        };
        match before {
            None if effect == Effect::Allow => one(&mut report.allowed),
            None => {
                one(&mut report.changed);
                report.group(tool, Kind::Decided(Change::to(effect)), &by(rule), example);
            }
            Some(Verdict::Known(was, old_rule)) if *was != effect => {
                // Of what is allowed now, the rule that was against it.
                let by = if effect == Effect::Allow { by(old_rule) } else { by(rule) };
                one(&mut report.changed);
                report.group(tool, Kind::Changed(Change::to(effect)), &by, example);
            }
            Some(_) => one(&mut report.unchanged),
        }
    }
}

fn known(past: &Past) -> Verdict {
    let rule = past
        .rule
        .as_ref()
        .map(|rule| Arc::new(crate::model::RuleId { rule: rule.clone(), label: rule.clone() }));
    Verdict::Known(past.effect, rule)
}

fn shown(arguments: &Object, known: Arguments) -> String {
    let text = match known {
        Arguments::Keys { .. } => {
            let keys: Vec<&str> = arguments.members().iter().map(|member| &*member.key).collect();
            format!("keys: {}", keys.join(", "))
        }
        _ => write(&crate::json::Value::Object(arguments.clone())),
    };
    match text.char_indices().nth(SHOWN) {
        None => text,
        Some((cut, _)) => format!("{}…", text.get(..cut).unwrap_or_default()),
    }
}
