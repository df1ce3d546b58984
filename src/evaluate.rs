//! The decision: three verbs of rising cost.
//!
//! [`decide`] answers and counts; [`evaluate`] does the same and says why, in words; [`explain`]
//! gives the outcome of every rule and limit and counts nothing.

mod case;
mod cells;
mod condition;
mod explain;
mod judge;
mod look;
mod message;
mod partly;
mod seen;
mod state;
#[cfg(test)]
mod tests;
mod text;

pub(crate) use condition::one as condition_outcome;
pub use explain::{Standing, explain, standings};
pub use judge::{Decided, decide};
pub use look::looks;
pub(crate) use message::NOBODY_CAN_APPROVE;
pub use partly::{
    Arguments, Doubt, LimitsSay, Partial, RulesSay, asks_counters, count_partly, fill, is_under,
    rules_say,
};
pub use seen::decide_seen;
pub use state::{ToolState, tool_state};
pub use text::{Accepted, Passed, Said, SaidId, Scratch, decide_text, pass_message};

use std::sync::Arc;

use self::case::ReadCase;
use self::judge::Cause;
use crate::approval::{self, Keys};
use crate::compile::CompiledPolicy;
use crate::model::{Call, Decision, Effect, LimitOutcome, LimitState, RuleId, Time};
use crate::parse::CallFault;
use crate::quota::{CounterStore, Reservation};

/// The world as an evaluation sees it.
pub struct Env<'a> {
    /// The time at which the call is decided.
    pub now: Time,
    /// Where the counters are.
    pub counters: &'a mut dyn CounterStore,
    /// The keys by which approvals are known. `None` where nothing is enforced and a policy is only
    /// looked at: a hold is then shown as one. A host that enforces has keys, be it none: with
    /// `Some` of no key nobody could ever approve, so every hold is a denial that says so.
    pub approvals: Option<&'a Keys>,
}

/// A decision, and what it took of the counters.
#[derive(Clone, Debug)]
pub struct Evaluation {
    /// The decision.
    pub decision: Decision,
    /// To be given back if the call fails upstream; empty unless the call is allowed. An approval
    /// that was used is not in it: it stays used, for the tool may have run all the same.
    pub reservation: Reservation,
    /// Who approved the call, if a rule would have held it and an approval let it through.
    pub approver: Option<String>,
}

/// Decides a call under a policy (`None`: the grant has none) and says why. Counts.
pub fn evaluate(policy: Option<&CompiledPolicy>, call: &Call, env: &mut Env<'_>) -> Evaluation {
    let now = env.now;
    let mut decided = decide(policy, call, env);
    let (limits, short) = match (policy, decided.effect) {
        (Some(policy), Effect::Allow) => (limit_states(policy, call, &decided, now), None),
        (Some(policy), _) if matches!(decided.cause, Cause::Limit(..)) => {
            let limits = explain::look_at_limits(&ReadCase::of(policy, call), env);
            in_short(limits, decided.id().as_ref())
        }
        _ => (Vec::new(), None),
    };
    let decision = Decision { limits, short, ..put_into_words(call, &decided, now) };
    let approver = decided.approver.take();
    Evaluation { decision, reservation: decided.reservation, approver }
}

const MALFORMED: &str = "(malformed call)";

/// The answer to a call that could not be read as one, with what is wrong with it.
#[must_use]
pub fn malformed(tool: &str, why: &str) -> Decision {
    Decision {
        effect: Effect::Deny,
        tool: tool.to_owned(),
        id: Some(Arc::new(RuleId { rule: MALFORMED.into(), label: MALFORMED.into() })),
        message: Some(["Call to \"", tool, "\" is malformed: ", why].concat()),
        digest: None,
        limits: Vec::new(),
        short: None,
    }
}

/// The answer to a text that is no call, by what is wrong with it.
#[must_use]
pub fn not_a_call(fault: &CallFault) -> Decision {
    malformed(fault.tool.as_deref().unwrap_or_default(), &fault.kind.message())
}

/// The states of limits, and which of them is the one of this id.
fn in_short(
    limits: Vec<LimitOutcome>,
    id: Option<&Arc<RuleId>>,
) -> (Vec<LimitState>, Option<usize>) {
    let short = limits.iter().position(|limit| Some(&limit.id) == id);
    (limits.into_iter().map(|limit| limit.state).collect(), short)
}

/// The decision without its limits.
fn put_into_words(call: &Call, decided: &Decided<'_>, now: Time) -> Decision {
    Decision {
        effect: decided.effect,
        tool: call.tool.clone(),
        id: decided.id(),
        message: message::of(&decided.cause, decided.unapproved.as_ref(), &call.tool, now),
        digest: (decided.effect == Effect::Hold).then(|| approval::digest(call)),
        limits: Vec::new(),
        short: None,
    }
}

/// The limits of an allowed call as the reservation left them.
fn limit_states(
    policy: &CompiledPolicy,
    call: &Call,
    decided: &Decided<'_>,
    now: Time,
) -> Vec<LimitState> {
    let limits = ReadCase::of(policy, call).limits().zip(decided.reservation.states());
    limits.map(|(held, state)| case::limit_state(held.limit, Some(&state), now)).collect()
}
