//! The hot path: one call, one answer, no words.

use super::{Env, condition};
use crate::approval::{self, Approval, Keys, Refusal};
use crate::compile::{CompiledAction, CompiledLimit, CompiledPolicy, CompiledRule};
use crate::json::Value;
use crate::model::{
    Amount, Call, Effect, Fallback, Limit, LimitState, Outcome, RuleId, RuleKind, Scope, Time,
};
use crate::quota::{self, CounterKey, Owner, Request, Reservation, Reserved, Shortage};

/// The answer to a call, with references into the policy in place of words.
#[derive(Clone, Debug)]
pub struct Decided<'p> {
    /// What becomes of the call.
    pub effect: Effect,
    /// What was counted; empty unless the call is allowed.
    pub reservation: Reservation,
    /// Who approved the call, if it would have been held.
    pub approver: Option<String>,
    pub(super) cause: Cause<'p>,
    /// Why no approval lets a call through that a rule holds.
    pub(super) unapproved: Option<Unapproved>,
    /// The limits of an allowed call after it, in the order of reserving.
    pub(super) states: Vec<Reserved>,
}

impl Decided<'_> {
    /// The id of what decided; `None` for an allowed call.
    #[must_use]
    pub fn id(&self) -> Option<RuleId> {
        self.cause.id()
    }
}

impl<'p> Decided<'p> {
    /// The answer to a call for which nothing is counted.
    pub(super) fn not_counted(
        effect: Effect,
        cause: Cause<'p>,
        unapproved: Option<Unapproved>,
    ) -> Decided<'p> {
        let reservation = Reservation::default();
        Decided { effect, reservation, approver: None, cause, unapproved, states: Vec::new() }
    }
}

/// Why no approval lets a call through that a rule holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unapproved {
    /// None came with it.
    Missing,
    /// The one that came with it was not accepted.
    Refused(Refusal),
    /// There can be none: the host has no keys.
    NoKeys,
}

impl Unapproved {
    /// What becomes of the call.
    pub(super) fn effect(&self) -> Effect {
        match self {
            Unapproved::Missing | Unapproved::Refused(_) => Effect::Hold,
            Unapproved::NoKeys => Effect::Deny,
        }
    }
}

/// What decided about a call.
#[derive(Clone, Copy, Debug)]
pub(super) enum Cause<'p> {
    /// Nothing spoke against it.
    Allowed,
    /// The grant has no policy.
    NoPolicy,
    /// The tool is hidden.
    Hidden,
    /// The tool is not listed and the default is to deny.
    DefaultDeny,
    Action(&'p CompiledAction),
    Rule(&'p CompiledRule, Effect),
    Limit(&'p CompiledLimit, Short<'p>),
}

/// Why a limit denied.
#[derive(Clone, Copy, Debug)]
pub(super) enum Short<'p> {
    /// The counter had no room, or the store did not answer.
    Counter(Shortage),
    /// The argument at this path is no amount.
    Amount(&'p str),
}

impl Cause<'_> {
    fn id(&self) -> Option<RuleId> {
        let sentinel = |text: &str| Some(RuleId { rule: text.to_owned(), label: text.to_owned() });
        match self {
            Cause::Allowed => None,
            Cause::NoPolicy => sentinel("(no policy)"),
            Cause::Hidden => sentinel("(hidden)"),
            Cause::DefaultDeny => sentinel("(default deny)"),
            Cause::Action(action) => Some(action.id.clone()),
            Cause::Rule(rule, _) => Some(rule.id.clone()),
            Cause::Limit(limit, _) => Some(limit.id.clone()),
        }
    }
}

/// Decides a call under a policy (`None`: the grant has none). Counts if the call is allowed.
pub fn decide<'p>(
    policy: Option<&'p CompiledPolicy>,
    call: &Call,
    env: &mut Env<'_>,
) -> Decided<'p> {
    let Some(policy) = policy else {
        return Decided::not_counted(Effect::Deny, Cause::NoPolicy, None);
    };
    let approval = match rules(policy, call) {
        None => None,
        Some((Effect::Hold, cause)) => match approval(call, env) {
            Ok(approval) => Some((approval, cause)),
            Err(why) => return Decided::not_counted(why.effect(), cause, Some(why)),
        },
        Some((effect, cause)) => return Decided::not_counted(effect, cause, None),
    };
    match reserve(policy, call, approval.as_ref().map(|(approval, _)| approval), env) {
        Ok((reservation, states)) => Decided {
            effect: Effect::Allow,
            reservation,
            approver: approval.map(|(approval, _)| approval.approver),
            cause: Cause::Allowed,
            unapproved: None,
            states,
        },
        Err(NotReserved::Limit(cause)) => Decided::not_counted(Effect::Deny, cause, None),
        Err(NotReserved::Approval(refusal)) => {
            let cause = approval.map_or(Cause::DefaultDeny, |(_, cause)| cause);
            Decided::not_counted(Effect::Hold, cause, Some(Unapproved::Refused(refusal)))
        }
    }
}

/// The approval that came with a call and was not used yet. Burns nothing.
pub(super) fn approval(call: &Call, env: &mut Env<'_>) -> Result<Approval, Unapproved> {
    let token = match (env.approvals, &call.approval) {
        (Some(keys), _) if keys.is_empty() => return Err(Unapproved::NoKeys),
        (_, None) => return Err(Unapproved::Missing),
        (_, Some(token)) => token,
    };
    let nobodys = Keys::default();
    let keys = env.approvals.unwrap_or(&nobodys);
    approval::check(token, &approval::digest(call), keys, env.now)
        .and_then(|approval| approval.unused(env.now, env.counters).map(|()| approval))
        .map_err(Unapproved::Refused)
}

/// Steps 2 to 7 of deciding: everything but the limits; `None` if nothing spoke against the call.
pub(super) fn rules<'p>(policy: &'p CompiledPolicy, call: &Call) -> Option<(Effect, Cause<'p>)> {
    if policy.is_hidden(&call.tool) {
        return Some((Effect::Deny, Cause::Hidden));
    }
    let Some(tool) = policy.tool(&call.tool) else {
        return match policy.default() {
            Fallback::Deny => Some((Effect::Deny, Cause::DefaultDeny)),
            Fallback::Allow => None,
        };
    };
    if let Some(action) = tool.action.as_ref().filter(|action| !action.holds) {
        return Some((Effect::Deny, Cause::Action(action)));
    }
    // Nothing holds a call that something later would deny: a person is asked only about calls that
    // an approval would let through, limits aside.
    let mut held = tool.action.as_ref().map(Cause::Action);
    for rule in &tool.rules {
        let outcome = condition::all(&rule.conditions, rule.kind, &call.arguments);
        match effect(rule.kind, outcome) {
            Effect::Allow => {}
            Effect::Deny => return Some((Effect::Deny, Cause::Rule(rule, Effect::Deny))),
            Effect::Hold => held = held.or(Some(Cause::Rule(rule, Effect::Hold))),
        }
    }
    held.map(|cause| (Effect::Hold, cause))
}

/// What a rule makes of a call by its outcome.
pub(super) fn effect(kind: RuleKind, outcome: Outcome) -> Effect {
    match (kind, outcome) {
        (RuleKind::Require, Outcome::Satisfied) => Effect::Allow,
        (RuleKind::Require, _) => Effect::Deny,
        (_, Outcome::NotSatisfied) => Effect::Allow,
        (RuleKind::RequireApprovalIf, Outcome::Satisfied) => Effect::Hold,
        (_, Outcome::Satisfied | Outcome::Errored) => Effect::Deny,
    }
}

/// A limit that holds for a call.
#[derive(Clone, Copy)]
pub(super) struct Holding<'p, 'c> {
    pub(super) limit: &'p CompiledLimit,
    /// The tool whose limit it is; `None` for one of all tools.
    tool: Option<&'c str>,
}

/// The limits that hold for a call, in the order of reserving.
pub(super) fn limits<'p, 'c>(
    policy: &'p CompiledPolicy,
    call: &'c Call,
) -> impl Iterator<Item = Holding<'p, 'c>> {
    let own = policy.tool(&call.tool).map_or(&[][..], |tool| &tool.limits);
    let own = own.iter().map(|limit| Holding { limit, tool: Some(call.tool.as_str()) });
    own.chain(policy.all_tools().iter().map(|limit| Holding { limit, tool: None }))
}

impl<'p> Holding<'p, '_> {
    /// The counter of the limit for this call, with nothing to count yet.
    pub(super) fn counter(&self, call: &Call) -> Request {
        let Limit { counter, window, max, scope, .. } = &self.limit.limit;
        let key = CounterKey::new(owner(*scope, call), self.tool, &counter.value, *window);
        Request { key, window: *window, max: *max, amount: Amount::ZERO }
    }

    /// How much the call counts.
    pub(super) fn amount(&self, call: &Call) -> Result<Amount, Short<'p>> {
        let Some(path) = &self.limit.limit.increment_from else {
            return Ok(Amount::ONE);
        };
        match path.find(&call.arguments) {
            Some(Value::Number(number)) => Amount::taken(number),
            _ => None,
        }
        .ok_or(Short::Amount(path.as_str()))
    }

    fn request(&self, call: &Call) -> Result<Request, Short<'p>> {
        let amount = self.amount(call)?;
        Ok(Request { amount, ..self.counter(call) })
    }
}

/// Whose counter it is. A call without a session counts with its grant's other calls without one,
/// so that leaving the session out opens no new budget.
fn owner(scope: Scope, call: &Call) -> Owner<'_> {
    let grant = call.grant.as_deref();
    match (scope, &call.session) {
        (Scope::All, _) => Owner::All,
        (Scope::Session, Some(session)) => Owner::Session(grant, session),
        (Scope::Grant, _) | (Scope::Session, None) => Owner::Grant(grant),
    }
}

/// Why nothing was reserved.
enum NotReserved<'p> {
    /// A limit denies.
    Limit(Cause<'p>),
    /// The approval was used, or ran out, since it was looked at.
    Approval(Refusal),
}

/// Reserves what the limits ask for and burns the approval, all or nothing: an approval is not lost
/// to a call that a limit denies.
fn reserve<'p>(
    policy: &'p CompiledPolicy,
    call: &Call,
    approval: Option<&Approval>,
    env: &mut Env<'_>,
) -> Result<(Reservation, Vec<Reserved>), NotReserved<'p>> {
    // The approval comes first: without it the call is held, whatever the limits say.
    let burn = approval.map(|approval| Ok(approval.burn()));
    let asked = limits(policy, call).map(|held| held.request(call));
    let requests: Result<Vec<Request>, Short<'p>> = burn.into_iter().chain(asked).collect();
    let Ok(requests) = requests else {
        // Some limit cannot count the call, but one before it may be the first that denies.
        let cause = first_short(policy, call, env).unwrap_or(Cause::DefaultDeny);
        return Err(NotReserved::Limit(cause));
    };
    let reserved = quota::reserve(&requests, env.now, env.counters);
    let Some(approval) = approval else {
        return reserved
            .map_err(|refused| NotReserved::Limit(short(policy, call, refused.at, refused.why)));
    };
    match reserved {
        Ok((mut reservation, mut states)) => {
            let burnt = if states.is_empty() { None } else { Some(states.remove(0)) };
            let in_time = burnt.map_or(Ok(()), |burnt| approval.in_time(&burnt, env.now));
            if let Err(refusal) = in_time {
                // What cannot be given back stays counted: that can only deny.
                let _ = quota::give_back(&reservation, env.counters);
                return Err(NotReserved::Approval(refusal));
            }
            reservation.keep(&approval.burn().key);
            Ok((reservation, states))
        }
        Err(refused) => Err(match (refused.at.checked_sub(1), refused.why) {
            (Some(at), why) => NotReserved::Limit(short(policy, call, at, why)),
            (None, Shortage::Full(_)) => NotReserved::Approval(Refusal::Used),
            (None, Shortage::Store(error)) => NotReserved::Approval(Refusal::Store(error)),
        }),
    }
}

/// The limit in this place as the one that denies.
fn short<'p>(policy: &'p CompiledPolicy, call: &Call, at: usize, why: Shortage) -> Cause<'p> {
    let limit = limits(policy, call).nth(at);
    // Only a limit can have refused; were there none, it would be a denial all the same.
    limit.map_or(Cause::DefaultDeny, |held| Cause::Limit(held.limit, Short::Counter(why)))
}

/// The first limit that would deny the call. Counts nothing.
pub(super) fn first_short<'p>(
    policy: &'p CompiledPolicy,
    call: &Call,
    env: &mut Env<'_>,
) -> Option<Cause<'p>> {
    limits(policy, call).find_map(|held| {
        let short = match held.request(call) {
            Err(short) => short,
            Ok(request) => match quota::look(&request, env.now, env.counters) {
                Ok((_, true)) => return None,
                Ok((state, false)) => Short::Counter(Shortage::Full(state)),
                Err(error) => Short::Counter(Shortage::Store(error)),
            },
        };
        Some(Cause::Limit(held.limit, short))
    })
}

/// A limit's state as a decision reports it.
pub(super) fn limit_state(
    limit: &CompiledLimit,
    state: Option<&Reserved>,
    now: Time,
) -> LimitState {
    let Limit { counter, window, max, scope, .. } = &limit.limit;
    let end = state.map_or_else(|| window.end(window.start(now)), |state| state.end);
    LimitState {
        counter: counter.value.clone(),
        scope: *scope,
        window: *window,
        max: *max,
        remaining: state.map(|state| state.remaining),
        reset_after: now.seconds_until(end),
    }
}
