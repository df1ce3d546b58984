//! The counters that deciding a call may look at, for hosts that must ask for them.

use super::case::ReadCase;
use crate::approval::{self, Keys};
use crate::compile::CompiledPolicy;
use crate::model::{Amount, Call, Limit, Time};
use crate::quota::Request;

/// All counters that deciding this call may look at, each once, as a request for nothing, which always
/// has room: those of its approval, of its preconditions and of its limits.
#[must_use]
pub fn looks(policy: &CompiledPolicy, call: &Call, keys: &Keys, now: Time) -> Vec<Request> {
    let case = ReadCase::of(policy, call);
    let token = call.approval.as_deref();
    let approval =
        token.and_then(|token| approval::check(token, &approval::digest(call), keys, now).ok());
    let preconditions = case.preconditions().filter_map(|precondition| {
        let (Limit { window, max, scope, .. }, counters) = precondition.limit.as_ref()?;
        let key = counters.of(case.asked.grant.owner(*scope, case.asked.session));
        Some(Request { key, window: *window, max: *max, amount: Amount::ZERO })
    });
    let burn = approval.map(|approval| approval.burn());
    let limits = case.limits().map(|held| held.counter());
    let mut looks: Vec<Request> = Vec::new();
    for request in burn.into_iter().chain(preconditions).chain(limits) {
        if looks.iter().all(|other| other.key != request.key) {
            looks.push(Request { max: Amount::MAX, amount: Amount::ZERO, ..request });
        }
    }
    looks
}
