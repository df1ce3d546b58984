//! The hot path: one call, one answer, no words.

use super::{Env, condition};
use crate::compile::{
    CompiledAction, CompiledLimit, CompiledPolicy, CompiledPrecondition, CompiledRule,
};
use crate::json::{Number, Value};
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
    pub(super) cause: Cause<'p>,
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
    fn id(&self) -> Option<RuleId> {
        let sentinel = |text: &str| Some(RuleId { rule: text.to_owned(), label: text.to_owned() });
        match self {
            Cause::Allowed => None,
            Cause::NoPolicy => sentinel("(no policy)"),
            Cause::Hidden => sentinel("(hidden)"),
            Cause::DefaultDeny => sentinel("(default deny)"),
            Cause::Action(action) => Some(action.id.clone()),
            Cause::Rule(rule, _) => Some(rule.id.clone()),
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
    let answer = |(effect, cause)| Decided {
        effect,
        reservation: Reservation::default(),
        cause,
        states: Vec::new(),
    };
    let Some(policy) = policy else {
        return answer((Effect::Deny, Cause::NoPolicy));
    };
    if let Some(spoken) = rules(policy, call) {
        return answer(spoken);
    }
    match reserve(policy, call, env) {
        Ok((reservation, states)) => {
            Decided { effect: Effect::Allow, reservation, cause: Cause::Allowed, states }
        }
        Err(cause) => answer((Effect::Deny, cause)),
    }
}

/// Steps 2 to 7 of deciding: everything but the limits; `None` if nothing spoke against the call.
pub(super) fn rules<'p>(policy: &'p CompiledPolicy, call: &Call) -> Option<(Effect, Cause<'p>)> {
    if policy.is_hidden(&call.tool) {
        return Some((Effect::Deny, Cause::Hidden));
    }
    let tool = policy.tool(&call.tool);
    if tool.is_none() && policy.default() == Fallback::Deny {
        return Some((Effect::Deny, Cause::DefaultDeny));
    }
    let action = tool.and_then(|tool| tool.action.as_ref());
    if let Some(action) = action.filter(|action| !action.holds) {
        return Some((Effect::Deny, Cause::Action(action)));
    }
    // Nothing holds a call that something later would deny: a person is asked only about calls that
    // an approval would let through, limits aside.
    let mut held = action.map(Cause::Action);
    let own = tool.map_or(&[][..], |tool| &tool.rules);
    for rule in own.iter().chain(policy.rules()) {
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
        (RuleKind::Require | RuleKind::Precondition, Outcome::Satisfied) => Effect::Allow,
        (RuleKind::Require | RuleKind::Precondition, _) => Effect::Deny,
        (_, Outcome::NotSatisfied) => Effect::Allow,
        (RuleKind::RequireApprovalIf, Outcome::Satisfied) => Effect::Hold,
        (_, Outcome::Satisfied | Outcome::Errored) => Effect::Deny,
    }
}

/// The preconditions of a call, in the order of deciding.
pub(super) fn preconditions<'p>(
    policy: &'p CompiledPolicy,
    call: &Call,
) -> impl Iterator<Item = &'p CompiledPrecondition> + use<'p> {
    let own = policy.tool(&call.tool).map_or(&[][..], |tool| &tool.preconditions);
    own.iter().chain(policy.preconditions())
}

impl CompiledPrecondition {
    /// The outcome for what is counted now, and that number.
    pub(super) fn outcome(&self, call: &Call, env: &mut Env<'_>) -> (Outcome, Option<Value>) {
        let counted = self.counted(call, env).map(Value::Number);
        let outcome = match &counted {
            Some(number) => self.test.outcome(Some(number)),
            None => Outcome::Errored,
        };
        (outcome, counted)
    }

    fn counted(&self, call: &Call, env: &mut Env<'_>) -> Option<Number> {
        let Limit { counter, window, scope, .. } = self.limit.as_ref()?;
        let key =
            CounterKey::new(owner(*scope, call), self.tool.as_deref(), &counter.value, *window);
        let request = Request { key, window: *window, max: Amount::MAX, amount: Amount::ZERO };
        let (state, _) = quota::look(&request, env.now, env.counters).ok()?;
        Number::parse(&Amount::MAX.minus(state.remaining).to_string()).ok()
    }
}

/// The first precondition that is not satisfied.
fn unmet<'p>(policy: &'p CompiledPolicy, call: &Call, env: &mut Env<'_>) -> Option<Cause<'p>> {
    let unmet = preconditions(policy, call)
        .find(|precondition| precondition.outcome(call, env).0 != Outcome::Satisfied);
    unmet.map(Cause::Precondition)
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

fn reserve<'p>(
    policy: &'p CompiledPolicy,
    call: &Call,
    env: &mut Env<'_>,
) -> Result<(Reservation, Vec<Reserved>), Cause<'p>> {
    if let Some(cause) = unmet(policy, call, env) {
        return Err(cause);
    }
    let requests: Result<Vec<Request>, Short<'p>> =
        limits(policy, call).map(|held| held.request(call)).collect();
    let Ok(requests) = requests else {
        // Some limit cannot count the call, but one before it may be the first that denies.
        return Err(first_short(policy, call, env).unwrap_or(Cause::DefaultDeny));
    };
    quota::reserve(&requests, env.now, env.counters).map_err(|refused| {
        let limit = limits(policy, call).nth(refused.at);
        // Only a limit can have refused; were there none, it would be a denial all the same.
        limit.map_or(Cause::DefaultDeny, |held| {
            Cause::Limit(held.limit, Short::Counter(refused.why))
        })
    })
}

/// The first precondition or limit that would deny the call. Counts nothing.
pub(super) fn first_short<'p>(
    policy: &'p CompiledPolicy,
    call: &Call,
    env: &mut Env<'_>,
) -> Option<Cause<'p>> {
    if let Some(cause) = unmet(policy, call, env) {
        return Some(cause);
    }
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
