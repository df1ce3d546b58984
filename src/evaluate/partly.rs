//! What a policy makes of a call of which not everything is known, as records of calls have them: never a
//! guess, and where it depends on what is not known, on what that is.

use std::fmt;
use std::sync::Arc;

use super::case::{self, NotReserved, ReadCase};
use super::judge::{Cause, Short};
use super::{Env, condition};
use crate::compile::{CompiledPolicy, CompiledRule};
use crate::json::Object;
use crate::model::{Amount, Call, Effect, Fallback, Limit, Outcome, Path, RuleId, Scope, Step};
use crate::quota::{self, Request, Reservation, Shortage};

/// What is known of the arguments of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arguments {
    /// All of them, as they stand in the call.
    All,
    /// Their keys, which stand in the call with any value. Without the second, there may be others.
    Keys {
        /// Whether these are all.
        all: bool,
    },
    /// Nothing.
    Nothing,
}

/// A call of which not everything need be known.
#[derive(Clone, Copy, Debug)]
pub struct Partial<'c> {
    /// What is known.
    pub call: &'c Call,
    /// How much of its arguments.
    pub arguments: Arguments,
    /// Whether it is known who calls.
    pub grant: bool,
    /// Whether it is known in which session.
    pub session: bool,
}

/// What a decision depends on that is not known.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Doubt {
    /// The value at this path.
    Argument(String),
    /// Who calls.
    Grant,
    /// In which session.
    Session,
    /// How much calls before it counted that could not be decided.
    Counted,
    /// Whether the approval that came with the call is good.
    Approval,
    /// What a counter has counted for which the store has no room.
    Room,
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Doubt::Argument(path) => write!(f, "the value of `{path}` was not recorded"),
            Doubt::Grant => f.write_str("who called was not recorded"),
            Doubt::Session => f.write_str("the session was not recorded"),
            Doubt::Counted => {
                f.write_str("how much was counted before depends on calls that are unknown")
            }
            Doubt::Room => f.write_str("more counters are in use at once than are kept"),
            Doubt::Approval => f.write_str("the approval that came with it cannot be checked here"),
        }
    }
}

/// What the rules make of a call.
#[derive(Clone, Debug)]
pub enum RulesSay {
    /// It is denied, by this rule; `None` if it is not known by which of several.
    Denies(Option<Arc<RuleId>>),
    /// It waits for a person.
    Holds(Arc<RuleId>),
    /// Nothing speaks against it, limits aside.
    Passes,
    /// That depends on something.
    Unknown(Doubt),
}

/// What all but the limits makes of a call.
#[must_use]
pub fn rules_say(policy: &CompiledPolicy, partial: &Partial<'_>) -> RulesSay {
    let case = ReadCase::of(policy, partial.call);
    if partial.arguments == Arguments::All {
        return match case.rules() {
            None => RulesSay::Passes,
            Some((Effect::Hold, cause)) => holds(&cause),
            Some((_, cause)) => RulesSay::Denies(cause.id()),
        };
    }
    if case.found.hidden {
        return RulesSay::Denies(Cause::Hidden.id());
    }
    if case.found.tool.is_none() && policy.default() == Fallback::Deny {
        return RulesSay::Denies(Cause::DefaultDeny.id());
    }
    let action = case.found.tool.and_then(|tool| tool.action.as_ref());
    if let Some(action) = action.filter(|action| !action.holds) {
        return RulesSay::Denies(Some(action.id.clone()));
    }
    let mut held = action.map(|action| action.id.clone());
    let mut doubt = None;
    for rule in policy.rules_of(case.found.tool).iter().chain(policy.rules()) {
        match outcome(rule, partial) {
            Err(path) => doubt = doubt.or(Some(Doubt::Argument(path))),
            Ok(outcome) => match case::effect(rule.kind, outcome) {
                Effect::Allow => {}
                // Whatever the rules before it say, it is denied.
                Effect::Deny => {
                    return RulesSay::Denies(doubt.is_none().then(|| policy.id_of(rule)));
                }
                Effect::Hold => held = held.or_else(|| Some(policy.id_of(rule))),
            },
        }
    }
    match (doubt, held) {
        (Some(doubt), _) => RulesSay::Unknown(doubt),
        (None, Some(held)) => RulesSay::Holds(held),
        (None, None) => RulesSay::Passes,
    }
}

fn holds(cause: &Cause<'_>) -> RulesSay {
    cause.id().map_or(RulesSay::Denies(None), RulesSay::Holds)
}

/// The outcome of a rule, or what it depends on.
fn outcome(rule: &CompiledRule, partial: &Partial<'_>) -> Result<Outcome, String> {
    let (mut outcome, mut unknown) = (Outcome::Satisfied, None);
    for one in rule.conditions.iter() {
        let path = &one.path.value;
        if !is_missing(path, partial) {
            unknown = unknown.or(Some(path.as_str().to_owned()));
            continue;
        }
        match condition::one(one, rule.kind, &Object::default()).0 {
            Outcome::Satisfied => {}
            // One that is not satisfied is enough, whatever the others are.
            Outcome::NotSatisfied => return Ok(Outcome::NotSatisfied),
            Outcome::Errored => outcome = Outcome::Errored,
        }
    }
    unknown.map_or(Ok(outcome), Err)
}

/// Whether it is known that nothing stands at a path.
fn is_missing(path: &Path, partial: &Partial<'_>) -> bool {
    match (partial.arguments, path.steps().first()) {
        (Arguments::Keys { all: true }, Some(Step::Key(key))) => {
            partial.call.arguments.get(key).is_none()
        }
        _ => false,
    }
}

/// What the limits make of a call that the rules let through, or a person approved.
#[derive(Clone, Debug)]
pub enum LimitsSay {
    /// There is room, and this was taken.
    Room(Reservation),
    /// There is none, in this limit or precondition.
    Full(Option<Arc<RuleId>>),
    /// That cannot be told.
    Unknown(Doubt),
}

/// Counts a call that the rules let through, or a person approved.
pub fn count_partly(
    policy: &CompiledPolicy,
    partial: &Partial<'_>,
    env: &mut Env<'_>,
) -> LimitsSay {
    let case = ReadCase::of(policy, partial.call);
    let limits = || case.limits().map(|held| &held.limit.limit);
    if let Some(doubt) = limits().find_map(|limit| doubt(limit, partial)) {
        return LimitsSay::Unknown(doubt);
    }
    // A precondition asks about the counter of a limit that may be another tool's.
    let asked = case.preconditions().filter_map(|one| one.limit.as_ref());
    if let Some(doubt) = asked.map(|(limit, _)| limit).find_map(|limit| of_owner(limit, partial)) {
        return LimitsSay::Unknown(doubt);
    }
    match case.reserve(None, env) {
        Ok(reservation) => LimitsSay::Room(reservation),
        Err(NotReserved::Limit(Cause::Limit(_, Short::Counter(Shortage::Store(_))))) => {
            LimitsSay::Unknown(Doubt::Room)
        }
        Err(NotReserved::Limit(cause)) => LimitsSay::Full(cause.id()),
        Err(NotReserved::Approval(_)) => LimitsSay::Full(None),
    }
}

/// What must be known for a limit to count a call.
fn doubt(limit: &Limit, partial: &Partial<'_>) -> Option<Doubt> {
    of_owner(limit, partial).or_else(|| {
        let path = limit.increment_from.as_ref()?;
        let known = partial.arguments == Arguments::All || is_missing(path, partial);
        (!known).then(|| Doubt::Argument(path.as_str().to_owned()))
    })
}

fn of_owner(limit: &Limit, partial: &Partial<'_>) -> Option<Doubt> {
    match limit.scope {
        Scope::All => None,
        _ if !partial.grant => Some(Doubt::Grant),
        Scope::Session if !partial.session => Some(Doubt::Session),
        _ => None,
    }
}

/// Whether what other calls counted matters to this one in more ways than that less leaves more room.
#[must_use]
pub fn asks_counters(policy: &CompiledPolicy, call: &Call) -> bool {
    ReadCase::of(policy, call).preconditions().next().is_some()
}

/// Fills all limits that could have counted a call of which it is not known whether they did, or how much:
/// from here on nobody can rely on room in them until their window is over. Gives the limits whose
/// counter cannot be told, since it is not known who called.
pub fn fill(policy: &CompiledPolicy, partial: &Partial<'_>, env: &mut Env<'_>) -> Vec<Arc<RuleId>> {
    let mut untold = Vec::new();
    for held in ReadCase::of(policy, partial.call).limits() {
        if of_owner(&held.limit.limit, partial).is_some() {
            untold.push(held.limit.id.clone());
            continue;
        }
        let counter = held.counter();
        let Ok((state, _)) = quota::look(&counter, env.now, env.counters) else { continue };
        if state.remaining > Amount::ZERO {
            let all = Request { amount: state.remaining, ..counter };
            // What a store in memory has room for, it counts.
            let _ = quota::reserve([all].into(), env.now, env.counters);
        }
    }
    untold
}

/// Whether one of these limits holds for a call.
#[must_use]
pub fn is_under(policy: &CompiledPolicy, call: &Call, limits: &[Arc<RuleId>]) -> bool {
    let case = ReadCase::of(policy, call);
    !limits.is_empty()
        && case.limits().any(|held| limits.iter().any(|known| known.rule == held.limit.id.rule))
}
