//! The hot path: one call, one answer, no words.

use std::sync::Arc;

use super::Env;
use super::case::{Arguments, Case, NotReserved, ReadCase};
use crate::approval::{self, Approval, Keys, Refusal};
use crate::compile::{
    CompiledAction, CompiledLimit, CompiledPolicy, CompiledPrecondition, CompiledRule,
};
use crate::model::{Call, Effect, RuleId};
use crate::quota::{Reservation, Shortage};

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
}

impl Decided<'_> {
    /// The id of what decided; `None` for an allowed call.
    #[must_use]
    pub fn id(&self) -> Option<Arc<RuleId>> {
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
        Decided { effect, reservation, approver: None, cause, unapproved }
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
    /// It could not be read as a call.
    Malformed,
    /// The grant has no policy.
    NoPolicy,
    /// The tool is hidden.
    Hidden,
    /// The tool is not listed and the default is to deny.
    DefaultDeny,
    Action(&'p CompiledAction),
    Rule(&'p CompiledPolicy, &'p CompiledRule, Effect),
    Precondition(&'p CompiledPrecondition),
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
    pub(super) fn id(&self) -> Option<Arc<RuleId>> {
        let sentinel =
            |text: &str| Some(Arc::new(RuleId { rule: text.into(), label: text.into() }));
        match self {
            Cause::Allowed => None,
            Cause::Malformed => sentinel("(malformed call)"),
            Cause::NoPolicy => sentinel("(no policy)"),
            Cause::Hidden => sentinel("(hidden)"),
            Cause::DefaultDeny => sentinel("(default deny)"),
            Cause::Action(action) => Some(action.id.clone()),
            Cause::Rule(policy, rule, _) => Some(policy.id_of(rule)),
            Cause::Precondition(precondition) => Some(precondition.id.clone()),
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
    let case = ReadCase::of(policy, call);
    match case.rules() {
        None if case.counts_nothing() => Decided::not_counted(Effect::Allow, Cause::Allowed, None),
        None => count(&case, None, env),
        Some((Effect::Hold, cause)) => match approval(call, env) {
            Ok(approval) => count(&case, Some((approval, cause)), env),
            Err(why) => Decided::not_counted(why.effect(), cause, Some(why)),
        },
        Some((effect, cause)) => Decided::not_counted(effect, cause, None),
    }
}

/// The answer to a call that no rule speaks against, or that was approved all the same.
pub(super) fn count<'p, A: Arguments + ?Sized>(
    case: &Case<'p, '_, A>,
    approval: Option<(Approval, Cause<'p>)>,
    env: &mut Env<'_>,
) -> Decided<'p> {
    match case.reserve(approval.as_ref().map(|(approval, _)| approval), env) {
        Ok(reservation) => Decided {
            effect: Effect::Allow,
            reservation,
            approver: approval.map(|(approval, _)| approval.approver),
            cause: Cause::Allowed,
            unapproved: None,
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
    let Some(token) = &call.approval else {
        return Err(without_approval(env));
    };
    let nobodys = Keys::default();
    let keys = env.approvals.unwrap_or(&nobodys);
    if env.approvals.is_some() && keys.is_empty() {
        return Err(Unapproved::NoKeys);
    }
    approval::check(token, &approval::digest(call), keys, env.now)
        .and_then(|approval| approval.unused(env.now, env.counters).map(|()| approval))
        .map_err(Unapproved::Refused)
}

/// Why a call that came without an approval has none.
pub(super) fn without_approval(env: &Env<'_>) -> Unapproved {
    match env.approvals {
        Some(keys) if keys.is_empty() => Unapproved::NoKeys,
        _ => Unapproved::Missing,
    }
}
