//! Limits compared: which of two lets more through, whatever the calls and their times.

use crate::model::{Limit, Precondition, Scope, Test};

/// How a part of a policy has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// It lets through what it did.
    Same,
    /// It lets through all that it did, and more.
    Looser,
    /// It lets through only what it did, and less.
    Tighter,
    /// Neither could be shown.
    Unknown,
}

impl Comparison {
    /// `same`, `looser`, `tighter` or `unknown`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Comparison::Same => "same",
            Comparison::Looser => "looser",
            Comparison::Tighter => "tighter",
            Comparison::Unknown => "unknown",
        }
    }
}

/// A limit, or a precondition, that is another in the new policy.
#[derive(Clone, Debug)]
pub struct LimitChange {
    /// The counter's name.
    pub counter: String,
    /// What the change does.
    pub comparison: Comparison,
    /// What it was, in words; `None` if it is new.
    pub old: Option<String>,
    /// What it is; `None` if it is gone.
    pub new: Option<String>,
    /// Why it cannot be told what the change does.
    pub why: Option<&'static str>,
}

/// Whether `wide` lets through whatever `narrow` lets through.
fn covers(wide: &Limit, narrow: &Limit) -> bool {
    let counted = |limit: &Limit| limit.increment_from.as_ref().map(|path| path.steps().to_vec());
    let shared = |limit: &Limit| match limit.scope {
        Scope::Session => 0,
        Scope::Grant => 1,
        Scope::All => 2,
    };
    if counted(wide) != counted(narrow) || shared(wide) > shared(narrow) {
        return false;
    }
    let (long, short) = (wide.window.seconds(), narrow.window.seconds());
    let (most, least) = (wide.max.millionths(), narrow.max.millionths());
    // Windows are aligned, so that a long one is filled by short ones if their lengths divide.
    if short.checked_rem(long) == Some(0) {
        return most >= least;
    }
    let times = long.checked_div(short).filter(|_| long.checked_rem(short) == Some(0));
    let all = times.and_then(|times| least.checked_mul(times.into()));
    all.is_some_and(|all| most >= all)
}

fn compare(old: &Limit, new: &Limit) -> Comparison {
    match (covers(new, old), covers(old, new)) {
        (true, true) => Comparison::Same,
        (true, false) => Comparison::Looser,
        (false, true) => Comparison::Tighter,
        (false, false) => Comparison::Unknown,
    }
}

/// What changed in a list of limits, of which all must have room for a call.
pub(super) fn compare_all(old: &[&Limit], new: &[&Limit]) -> Vec<LimitChange> {
    let mut changes = Vec::new();
    let same_name = |one: &Limit, list: &[&Limit]| {
        list.iter().copied().find(|other| other.counter.value == one.counter.value).cloned()
    };
    let mut change = |comparison, old: Option<&Limit>, new: Option<&Limit>, why| {
        let counter = old.or(new).map(|limit| limit.counter.value.clone()).unwrap_or_default();
        if comparison != Comparison::Same {
            let (old, new) = (old.map(in_words), new.map(in_words));
            changes.push(LimitChange { counter, comparison, old, new, why });
        }
    };
    for limit in old {
        match same_name(limit, new) {
            Some(other) => {
                let comparison = compare(limit, &other);
                let why = (comparison == Comparison::Unknown).then(|| why(limit, &other));
                change(comparison, Some(limit), Some(&other), why);
            }
            // Another may hold back all that it did.
            None if new.iter().any(|other| covers(limit, other)) => {}
            None => change(Comparison::Looser, Some(limit), None, None),
        }
    }
    for limit in new {
        if same_name(limit, old).is_none() && !old.iter().any(|other| covers(limit, other)) {
            change(Comparison::Tighter, None, Some(limit), None);
        }
    }
    changes
}

fn why(old: &Limit, new: &Limit) -> &'static str {
    let counted = |limit: &Limit| limit.increment_from.as_ref().map(|path| path.steps().to_vec());
    if counted(old) != counted(new) {
        return "it counts something else";
    }
    let (one, other) = (old.window.seconds(), new.window.seconds());
    match one.checked_rem(other) == Some(0) || other.checked_rem(one) == Some(0) {
        false => "the windows do not divide each other",
        true if one != other => {
            "it lets more through at once and less over time, or the other way round"
        }
        true => "it is looser in one way and tighter in another",
    }
}

/// `10 per minute, per grant`.
fn in_words(limit: &Limit) -> String {
    let of = limit.increment_from.as_ref().map(|path| format!(" of `{}`", path.as_str()));
    let scope = match limit.scope {
        Scope::Grant => "",
        Scope::Session => ", each session",
        Scope::All => ", all together",
    };
    format!("{}{} per {}{scope}", limit.max, of.unwrap_or_default(), limit.window)
}

/// What changed in a list of preconditions, of which all must be satisfied. They are compared as they
/// are written, with the limits that they ask about.
pub(super) fn compare_preconditions(
    old: &[(&Precondition, Option<&Limit>)],
    new: &[(&Precondition, Option<&Limit>)],
) -> Vec<LimitChange> {
    let written = |list: &[(&Precondition, Option<&Limit>)]| -> Vec<(String, String)> {
        let one = |(precondition, limit): &(&Precondition, Option<&Limit>)| {
            let tool = precondition.tool.as_ref().map_or("all_tools", |tool| &tool.value);
            let (counter, test) = (&precondition.counter.value, &*precondition.test);
            let bound = match test {
                Test::Lt(bound) | Test::Lte(bound) | Test::Gt(bound) | Test::Gte(bound) => {
                    bound.plain()
                }
                Test::Eq(value) | Test::Neq(value) => crate::json::write(value),
                other => format!("{other:?}"),
            };
            let counted = limit.map_or_else(String::new, in_words);
            let text = format!("{tool}.{counter} {} {bound} ({counted})", test.operator());
            (format!("{tool}.{counter}"), text)
        };
        list.iter().map(one).collect()
    };
    let (old, new) = (written(old), written(new));
    let only = |these: &[(String, String)], others: &[(String, String)]| -> Vec<(String, String)> {
        these.iter().filter(|one| !others.contains(one)).cloned().collect()
    };
    let (gone, added) = (only(&old, &new), only(&new, &old));
    let comparison = match (gone.is_empty(), added.is_empty()) {
        (true, true) => return Vec::new(),
        (false, true) => Comparison::Looser,
        (true, false) => Comparison::Tighter,
        (false, false) => Comparison::Unknown,
    };
    let why = (comparison == Comparison::Unknown)
        .then_some("what is asked of counters is compared as it is written");
    let change = |counter: &str, old, new| LimitChange {
        counter: counter.to_owned(),
        comparison,
        old,
        new,
        why,
    };
    let gone = gone.into_iter().map(|(counter, text)| change(&counter, Some(text), None));
    let added = added.into_iter().map(|(counter, text)| change(&counter, None, Some(text)));
    gone.chain(added).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::parse;

    fn changes(old: &str, new: &str) -> Vec<String> {
        let policy = |limits: &str| {
            let text = format!(
                r#"{{"version":"1","default":"deny","tools":{{"t":{{"limits":[{limits}]}}}}}}"#
            );
            parse(text.as_bytes()).policy.unwrap()
        };
        let (old, new) = (policy(old), policy(new));
        let old: Vec<&Limit> = old.limits_of(Some("t")).collect();
        let new: Vec<&Limit> = new.limits_of(Some("t")).collect();
        let all = compare_all(&old, &new);
        all.iter().map(|one| format!("{} {}", one.counter, one.comparison.as_str())).collect()
    }

    #[test]
    fn limits_are_compared_by_what_they_let_through() {
        let limit = |window: &str, max: u32, more: &str| {
            format!(r#"{{"counter":"c","window":{window},"max":{max}{more}}}"#)
        };
        let minute = |max| limit("\"minute\"", max, "");
        let hour = |max| limit("\"hour\"", max, "");
        for (old, new, expected) in [
            (minute(10), minute(10), ""),
            (minute(10), limit("60", 10, ""), ""),
            (minute(10), minute(11), "c looser"),
            (minute(10), minute(9), "c tighter"),
            // 60 in an hour could be made in one minute; 1 in each minute are no more than that.
            (hour(60), minute(1), "c tighter"),
            (minute(1), hour(60), "c looser"),
            (hour(60), minute(2), "c unknown"),
            (minute(10), hour(10), "c tighter"),
            (hour(10), minute(10), "c looser"),
            (minute(10), limit("90", 100, ""), "c unknown"),
            (minute(10), limit("\"minute\"", 10, r#","scope":"session""#), "c looser"),
            (minute(10), limit("\"minute\"", 10, r#","scope":"all""#), "c tighter"),
            (minute(10), limit("\"minute\"", 11, r#","scope":"all""#), "c unknown"),
            (minute(10), limit("\"minute\"", 10, r#","increment_from":"args.n""#), "c unknown"),
            (minute(10), String::new(), "c looser"),
            (String::new(), minute(10), "c tighter"),
        ] {
            assert_eq!(changes(&old, &new).join(" "), expected, "{old} {new}");
        }
    }

    #[test]
    fn another_limit_may_hold_back_as_much() {
        let renamed = r#"{"counter":"d","window":"minute","max":10}"#;
        let old = r#"{"counter":"c","window":"minute","max":10}"#;
        assert!(changes(old, renamed).is_empty());
        let tighter = r#"{"counter":"d","window":"minute","max":5}"#;
        assert_eq!(changes(old, tighter), ["d tighter"]);
    }
}
