//! One call before one policy: what each part of the policy makes of it.

use super::Env;
use super::condition;
use super::judge::{Cause, Short};
use crate::approval::{Approval, Refusal};
use crate::compile::{CompiledLimit, CompiledPolicy, CompiledPrecondition, CompiledRule, Found};
use crate::json::{Number, Object, Value};
use crate::model::{Amount, Call, Effect, Fallback, Limit, LimitState, Outcome, RuleKind, Time};
use crate::quota::{self, Grant, Request, Requests, Reservation, Reserved, Shortage};

/// A call without its arguments.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked<'c> {
    pub(super) tool: &'c str,
    pub(super) grant: Grant<'c>,
    pub(super) session: Option<&'c str>,
}

/// The arguments of a call, as far as the rules look at them.
pub(super) trait Arguments {
    /// The outcome of a rule; its first condition is the one with this number among those of the tool
    /// and, behind them, of `all_tools`.
    fn outcome(&self, policy: &CompiledPolicy, rule: &CompiledRule, first: usize) -> Outcome;

    /// What a limit of the tool, with this number, finds to count where it looks for an amount.
    fn amount(&self, limit: &CompiledLimit, at: usize) -> Option<Amount>;
}

impl Arguments for Object {
    fn outcome(&self, policy: &CompiledPolicy, rule: &CompiledRule, _: usize) -> Outcome {
        condition::all(policy, rule, self)
    }

    fn amount(&self, limit: &CompiledLimit, _: usize) -> Option<Amount> {
        match limit.limit.increment_from.as_ref()?.find(self) {
            Some(Value::Number(number)) => Amount::taken(number.as_decimal()),
            _ => None,
        }
    }
}

/// One call before one policy.
pub(super) struct Case<'p, 'c, A: ?Sized> {
    pub(super) policy: &'p CompiledPolicy,
    pub(super) found: Found<'p>,
    pub(super) asked: Asked<'c>,
    pub(super) arguments: &'c A,
}

/// The case of a call that was read, and of one whose arguments are cells: each judged by code of its own,
/// which is quicker, or in WebAssembly, where code must be small, both by the same.
#[cfg(not(target_family = "wasm"))]
mod judged {
    pub(in crate::evaluate) type ReadCase<'p, 'c> = super::Case<'p, 'c, crate::json::Object>;
    pub(in crate::evaluate) type SeenCase<'p, 'c, 's> =
        super::Case<'p, 'c, crate::evaluate::cells::Cells<'p, 's>>;
}
#[cfg(target_family = "wasm")]
mod judged {
    pub(in crate::evaluate) type ReadCase<'p, 'c> = super::Case<'p, 'c, dyn super::Arguments + 'c>;
    pub(in crate::evaluate) type SeenCase<'p, 'c, 's> =
        super::Case<'p, 'c, dyn super::Arguments + 'c>;
}
pub(super) use judged::{ReadCase, SeenCase};

impl<'p, 'c> ReadCase<'p, 'c> {
    /// The case of a call.
    #[inline]
    pub(super) fn of(policy: &'p CompiledPolicy, call: &'c Call) -> ReadCase<'p, 'c> {
        let (grant, session) = (call.grant.as_deref().into(), call.session.as_deref());
        let asked = Asked { tool: &call.tool, grant, session };
        Case { policy, found: policy.find(&call.tool), asked, arguments: &call.arguments }
    }
}

impl<'p, 'c, A: Arguments + ?Sized> Case<'p, 'c, A> {
    /// Steps 2 to 7 of deciding: everything but the limits; `None` if nothing spoke against the
    /// call.
    pub(super) fn rules(&self) -> Option<(Effect, Cause<'p>)> {
        let Found { hidden, tool, .. } = self.found;
        if hidden {
            return Some((Effect::Deny, Cause::Hidden));
        }
        if tool.is_none() && self.policy.default() == Fallback::Deny {
            return Some((Effect::Deny, Cause::DefaultDeny));
        }
        let action = tool.and_then(|tool| tool.action.as_ref());
        if let Some(action) = action.filter(|action| !action.holds) {
            return Some((Effect::Deny, Cause::Action(action)));
        }
        // Nothing holds a call that something later would deny: a person is asked only about calls
        // that an approval would let through, limits aside.
        let mut held = action.map(Cause::Action);
        let policy = self.policy;
        let mut first = 0usize;
        for rules in [policy.rules_of(tool), policy.rules()] {
            for rule in rules {
                let outcome = self.arguments.outcome(policy, rule, first);
                first = first.saturating_add(rule.conditions.len());
                match effect(rule.kind, outcome) {
                    Effect::Allow => {}
                    Effect::Deny => {
                        return Some((Effect::Deny, Cause::Rule(policy, rule, Effect::Deny)));
                    }
                    Effect::Hold => held = held.or(Some(Cause::Rule(policy, rule, Effect::Hold))),
                }
            }
        }
        held.map(|cause| (Effect::Hold, cause))
    }

    /// The preconditions of the call, in the order of deciding.
    pub(super) fn preconditions(
        &self,
    ) -> impl Iterator<Item = &'p CompiledPrecondition> + use<'p, A> {
        let own = self.found.tool.map_or(&[][..], |tool| &tool.preconditions);
        own.iter().chain(self.policy.preconditions())
    }

    /// The first precondition that is not satisfied.
    fn unmet(&self, env: &mut Env<'_>) -> Option<Cause<'p>> {
        let unmet = self
            .preconditions()
            .find(|precondition| precondition.outcome(self.asked, env).0 != Outcome::Satisfied);
        unmet.map(Cause::Precondition)
    }

    /// The limits that hold for the call, in the order of reserving.
    pub(super) fn limits(&self) -> impl Iterator<Item = Holding<'p, 'c>> + use<'p, 'c, A> {
        let asked = self.asked;
        let own = self.found.tool.map_or(&[][..], |tool| &tool.limits);
        let all = self.policy.all_tools();
        // A chain of both would be five times as much code.
        (0..).map_while(move |number: usize| {
            let (limits, at) = match number.checked_sub(own.len()) {
                None => (own, number),
                Some(at) => (all, at),
            };
            limits.get(at).map(|limit| Holding { limit, at, asked })
        })
    }

    /// How much the call counts for a limit.
    pub(super) fn amount(&self, held: &Holding<'p, '_>) -> Result<Amount, Short<'p>> {
        match &held.limit.limit.increment_from {
            None => Ok(Amount::ONE),
            Some(path) => {
                let amount = self.arguments.amount(held.limit, held.at);
                amount.ok_or(Short::Amount(path.as_str()))
            }
        }
    }

    fn request(&self, held: &Holding<'p, '_>) -> Result<Request, Short<'p>> {
        let amount = self.amount(held)?;
        Ok(Request { amount, ..held.counter() })
    }

    /// Whether no limit and no precondition holds for the call.
    #[inline]
    pub(super) fn counts_nothing(&self) -> bool {
        self.policy.counts_nothing(self.found.tool)
    }

    /// Reserves what the limits ask for and burns the approval, all or nothing: an approval is not
    /// lost to a call that a limit denies.
    pub(super) fn reserve(
        &self,
        approval: Option<&Approval>,
        env: &mut Env<'_>,
    ) -> Result<Reservation, NotReserved<'p>> {
        // There can be none, which the compiler does not see behind a reference.
        let approval = approval.filter(|_| cfg!(feature = "approvals"));
        if approval.is_none() && self.counts_nothing() {
            return Ok(Reservation::default());
        }
        if let Some(cause) = self.unmet(env) {
            return Err(NotReserved::Limit(cause));
        }
        // The approval comes first: without it the call is held, whatever the limits say.
        let mut requests = Requests::default();
        if let Some(approval) = approval {
            requests.push(approval.burn());
        }
        for held in self.limits() {
            let Ok(request) = self.request(&held) else {
                // This limit cannot count the call, but one before it may be the first that denies.
                let cause = self.first_short(env).unwrap_or(Cause::DefaultDeny);
                return Err(NotReserved::Limit(cause));
            };
            requests.push(request);
        }
        let reserved = quota::reserve(requests, env.now, env.counters);
        let Some(approval) = approval else {
            return reserved
                .map_err(|refused| NotReserved::Limit(self.short(refused.at, refused.why)));
        };
        match reserved {
            Ok(mut reservation) => {
                let burnt = reservation.states().next();
                let in_time = burnt.map_or(Ok(()), |burnt| approval.in_time(&burnt, env.now));
                if let Err(refusal) = in_time {
                    // What cannot be given back stays counted: that can only deny.
                    let _ = quota::give_back(&reservation, env.counters);
                    return Err(NotReserved::Approval(refusal));
                }
                reservation.keep(&approval.burn().key);
                Ok(reservation)
            }
            Err(refused) => Err(match (refused.at.checked_sub(1), refused.why) {
                (Some(at), why) => NotReserved::Limit(self.short(at, why)),
                (None, Shortage::Full(_)) => NotReserved::Approval(Refusal::Used),
                (None, Shortage::Store(error)) => NotReserved::Approval(Refusal::Store(error)),
            }),
        }
    }

    /// The limit in this place as the one that denies.
    fn short(&self, at: usize, why: Shortage) -> Cause<'p> {
        // Only a limit can have refused; were there none, it would be a denial all the same.
        let limit = self.limits().nth(at);
        limit.map_or(Cause::DefaultDeny, |held| Cause::Limit(held.limit, Short::Counter(why)))
    }

    /// The first precondition or limit that would deny the call. Counts nothing.
    pub(super) fn first_short(&self, env: &mut Env<'_>) -> Option<Cause<'p>> {
        if let Some(cause) = self.unmet(env) {
            return Some(cause);
        }
        self.limits().find_map(|held| {
            let short = match self.request(&held) {
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
}

/// What a rule makes of a call by its outcome.
pub(super) fn effect(kind: RuleKind, outcome: Outcome) -> Effect {
    match (kind, outcome) {
        (RuleKind::Require | RuleKind::Precondition, Outcome::Satisfied) => Effect::Allow,
        (RuleKind::Require | RuleKind::Precondition, _) => Effect::Deny,
        (_, Outcome::NotSatisfied) => Effect::Allow,
        (RuleKind::RequireApprovalIf, Outcome::Satisfied) => Effect::Hold,
        (_, Outcome::Satisfied | Outcome::Errored) => Effect::Deny,
    }
}

impl CompiledPrecondition {
    /// The outcome for what is counted now, and that number.
    pub(super) fn outcome(&self, asked: Asked<'_>, env: &mut Env<'_>) -> (Outcome, Option<Value>) {
        let counted = self.counted(asked, env).map(Value::Number);
        let outcome = match &counted {
            Some(number) => self.test.outcome(Some(number)),
            None => Outcome::Errored,
        };
        (outcome, counted)
    }

    fn counted(&self, asked: Asked<'_>, env: &mut Env<'_>) -> Option<Number> {
        let (Limit { window, scope, .. }, counters) = self.limit.as_ref()?;
        let key = counters.of(asked.grant.owner(*scope, asked.session));
        let request = Request { key, window: *window, max: Amount::MAX, amount: Amount::ZERO };
        let (state, _) = quota::look(&request, env.now, env.counters).ok()?;
        Number::parse(&Amount::MAX.minus(state.remaining).plain()).ok()
    }
}

/// A limit that holds for a call.
#[derive(Clone, Copy)]
pub(super) struct Holding<'p, 'c> {
    pub(super) limit: &'p CompiledLimit,
    /// Among those of the tool, or of `all_tools`.
    at: usize,
    asked: Asked<'c>,
}

impl Holding<'_, '_> {
    /// The counter of the limit for this call, with nothing to count yet.
    pub(super) fn counter(&self) -> Request {
        let Limit { window, max, scope, .. } = &self.limit.limit;
        let key = self.limit.counters.of(self.asked.grant.owner(*scope, self.asked.session));
        Request { key, window: *window, max: *max, amount: Amount::ZERO }
    }
}

/// Why nothing was reserved.
pub(super) enum NotReserved<'p> {
    /// A limit denies.
    Limit(Cause<'p>),
    /// The approval was used, or ran out, since it was looked at.
    Approval(Refusal),
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
