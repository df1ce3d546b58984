//! What a replay has found.

use std::collections::{BTreeMap, BTreeSet};

use super::line::Entry;
use crate::model::{Effect, Time};

/// So many examples a group has.
const EXAMPLES: usize = 3;
/// So many groups are told apart.
const GROUPS: usize = 10_000;
/// So many lines that cannot be understood are named.
const NAMED: usize = 10;
/// So many kinds of them are.
const REASONS: usize = 100;

/// What a replay has found.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Lines that were read.
    pub lines: u64,
    /// Calls among them.
    pub calls: u64,
    /// Calls that are decided as before.
    pub unchanged: u64,
    /// Calls that are not.
    pub changed: u64,
    /// Calls of which that is not known.
    pub unknown: u64,
    /// Calls of which no decision was recorded to compare with, and that the policy allows.
    pub allowed: u64,
    /// Calls that failed, and gave back what they took.
    pub given_back: u64,
    /// Lines that came so much later than their time that others had been decided meanwhile; they count at the
    /// time that it was then.
    pub late: u64,
    /// Calls before any line had a time; they happen at one moment.
    pub untimed: u64,
    /// The first and the last time.
    pub span: Option<(Time, Time)>,
    /// Changes and what is unknown, by tool and rule; the most frequent first when the report is finished.
    pub groups: Vec<Group>,
    /// Calls that would belong to further groups, which are not told apart.
    pub other_groups: u64,
    /// The names of the policies by which the recorded calls were decided, the first twenty: with more than one,
    /// calls are compared that the policy was never meant for.
    pub policies: BTreeSet<String>,
    /// Calls that were decided by another policy than the one whose calls are meant; they are left out.
    pub of_others: u64,
    /// Lines that could not be understood.
    pub malformed: Malformed,
    places: BTreeMap<(String, Kind, String), usize>,
}

/// Lines that could not be understood.
#[derive(Clone, Debug, Default)]
pub struct Malformed {
    /// How many.
    pub lines: u64,
    /// The first: the file, the line, and why.
    pub first: Vec<(u32, u64, String)>,
    /// How many for each reason.
    pub reasons: BTreeMap<String, u64>,
}

/// What becomes of a call otherwise than before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// It is allowed.
    Allowed,
    /// It is denied.
    Denied,
    /// It waits for a person.
    Held,
}

/// What a group is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Calls with another decision than before.
    Changed(Change),
    /// Calls of which no decision was recorded, that are not allowed.
    Decided(Change),
    /// Calls whose decision is not known.
    Unknown,
}

/// Calls of one tool with one fate.
#[derive(Clone, Debug)]
pub struct Group {
    /// The tool.
    pub tool: String,
    /// What becomes of them.
    pub kind: Kind,
    /// The rule that makes the change, in whichever policy; or what the decision depends on.
    pub by: String,
    /// How many.
    pub calls: u64,
    /// The first of them.
    pub examples: Vec<Example>,
}

/// A recorded call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// The file, from 0.
    pub file: u32,
    /// The line, from 1.
    pub line: u64,
    /// When.
    pub at: Option<Time>,
    /// The arguments as far as they are known, as JSON text that may be cut.
    pub arguments: Option<String>,
}

impl Change {
    pub(super) fn to(effect: Effect) -> Change {
        match effect {
            Effect::Allow => Change::Allowed,
            Effect::Deny => Change::Denied,
            Effect::Hold => Change::Held,
        }
    }

    /// In a word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Change::Allowed => "allowed",
            Change::Denied => "denied",
            Change::Held => "held",
        }
    }
}

impl Kind {
    /// In words.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Changed(Change::Allowed) => "newly allowed",
            Kind::Changed(Change::Denied) => "newly denied",
            Kind::Changed(Change::Held) => "newly held",
            Kind::Decided(Change::Allowed) => "allowed",
            Kind::Decided(Change::Denied) => "denied",
            Kind::Decided(Change::Held) => "held",
            Kind::Unknown => "unknown",
        }
    }
}

impl Report {
    pub(super) fn malformed(&mut self, entry: &Entry, why: &str) {
        self.malformed.note(entry.file, entry.line, why);
    }

    pub(super) fn group(
        &mut self,
        tool: &str,
        kind: Kind,
        by: &str,
        example: impl FnOnce() -> Example,
    ) {
        let key = (tool.to_owned(), kind, by.to_owned());
        let place = match self.places.get(&key) {
            Some(at) => *at,
            None if self.groups.len() >= GROUPS => {
                self.other_groups = self.other_groups.saturating_add(1);
                return;
            }
            None => {
                let (tool, kind, by) = key.clone();
                self.groups.push(Group { tool, kind, by, calls: 0, examples: Vec::new() });
                let at = self.groups.len().saturating_sub(1);
                self.places.insert(key, at);
                at
            }
        };
        let Some(group) = self.groups.get_mut(place) else { return };
        group.calls = group.calls.saturating_add(1);
        if group.examples.len() < EXAMPLES {
            group.examples.push(example());
        }
    }

    pub(super) fn finish(mut self) -> Report {
        self.places.clear();
        self.groups.sort_by(|a, b| {
            let order = |group: &Group| (group.kind, std::cmp::Reverse(group.calls));
            order(a).cmp(&order(b)).then_with(|| (&a.tool, &a.by).cmp(&(&b.tool, &b.by)))
        });
        self
    }
}

impl Malformed {
    pub(super) fn note(&mut self, file: u32, line: u64, why: &str) {
        self.lines = self.lines.saturating_add(1);
        if self.first.len() < NAMED {
            self.first.push((file, line, why.to_owned()));
        }
        let full = self.reasons.len() >= REASONS && !self.reasons.contains_key(why);
        let why = if full { "other reasons" } else { why };
        let count = self.reasons.entry(why.to_owned()).or_default();
        *count = count.saturating_add(1);
    }
}
