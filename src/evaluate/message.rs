//! What the caller reads.

use super::judge::{Cause, Short, Unapproved};
use crate::model::{Effect, Time};
use crate::quota::Shortage;

/// How the message ends of a call that a rule holds, on a host where nobody could approve it.
pub(crate) const NOBODY_CAN_APPROVE: &str =
    " (nobody can approve it: no approval key is configured)";

/// The author's text, or the language's own, and why an approval does not help; `None` for an
/// allowed call.
pub(super) fn of(
    cause: &Cause<'_>,
    unapproved: Option<&Unapproved>,
    tool: &str,
    now: Time,
) -> Option<String> {
    let message = of_cause(cause, tool, now)?;
    Some(match unapproved {
        None | Some(Unapproved::Missing) => message,
        Some(Unapproved::Refused(why)) => {
            format!("{message} (the approval was not accepted: {why})")
        }
        Some(Unapproved::NoKeys) => {
            format!("{message}{NOBODY_CAN_APPROVE}")
        }
    })
}

fn of_cause(cause: &Cause<'_>, tool: &str, now: Time) -> Option<String> {
    let not_permitted = || format!("Tool \"{tool}\" is not permitted by policy");
    let needs_approval = || format!("Call to \"{tool}\" needs the approval of a person");
    Some(match cause {
        Cause::Allowed => return None,
        Cause::Malformed => format!("Call to \"{tool}\" is malformed"),
        Cause::NoPolicy => {
            format!("Tool \"{tool}\" is not permitted: there is no policy for this grant")
        }
        Cause::Hidden => format!("Tool \"{tool}\" is hidden by policy"),
        Cause::DefaultDeny => not_permitted(),
        Cause::Action(action) => match &action.reason {
            Some(reason) => reason.clone(),
            None if action.holds => needs_approval(),
            None => not_permitted(),
        },
        Cause::Rule(rule, effect) => match (&rule.on_deny, effect) {
            (Some(text), _) => text.clone(),
            (None, Effect::Hold) => needs_approval(),
            (None, _) => format!("Call to \"{tool}\" does not meet the policy"),
        },
        Cause::Precondition(precondition) => match &precondition.on_deny {
            Some(text) => text.clone(),
            None => format!("Call to \"{tool}\" does not meet the policy"),
        },
        Cause::Limit(limit, short) => match (&limit.limit.on_deny, short) {
            (Some(text), _) => text.clone(),
            (None, Short::Amount(path)) => {
                format!("Call to \"{tool}\" has no amount that can be counted at {path}")
            }
            (None, Short::Counter(Shortage::Store(error))) => {
                format!("Call to \"{tool}\" cannot be counted: {error}. Try again.")
            }
            (None, Short::Counter(Shortage::Full(state))) => {
                let (max, window) = (limit.limit.max, limit.limit.window);
                let seconds = now.seconds_until(state.end);
                format!(
                    "Limit of {max} per {window} reached for \"{tool}\". Try again in {seconds} seconds."
                )
            }
        },
    })
}
