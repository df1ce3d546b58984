//! What the caller reads.

use super::judge::{Cause, Short, Unapproved};
use crate::digits::in_digits;
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
            [&message, " (the approval was not accepted: ", &why.message(), ")"].concat()
        }
        Some(Unapproved::NoKeys) => [&message, NOBODY_CAN_APPROVE].concat(),
    })
}

fn of_cause(cause: &Cause<'_>, tool: &str, now: Time) -> Option<String> {
    // Joined and not formatted, here and in what is asked here: formatting is 2 KB of a small module.
    let of_tool = |what: &str| ["Tool \"", tool, what].concat();
    let of_call = |what: &[&str]| ["Call to \"", tool, "\" ", &what.concat()].concat();
    let not_permitted = || of_tool("\" is not permitted by policy");
    let needs_approval = || of_call(&["needs the approval of a person"]);
    let own = match cause {
        Cause::Action(action) => &action.reason,
        Cause::Rule(_, rule, _) => &rule.on_deny,
        Cause::Precondition(precondition) => &precondition.on_deny,
        Cause::Limit(limit, _) => &limit.limit.on_deny,
        _ => &None,
    };
    if let Some(text) = own {
        return Some(text.clone());
    }
    Some(match cause {
        Cause::Allowed => return None,
        Cause::Malformed => of_call(&["is malformed"]),
        Cause::NoPolicy => of_tool("\" is not permitted: there is no policy for this grant"),
        Cause::Hidden => of_tool("\" is hidden by policy"),
        Cause::DefaultDeny => not_permitted(),
        Cause::Action(action) if action.holds => needs_approval(),
        Cause::Action(_) => not_permitted(),
        Cause::Rule(_, _, Effect::Hold) => needs_approval(),
        Cause::Rule(..) | Cause::Precondition(_) => of_call(&["does not meet the policy"]),
        Cause::Limit(_, Short::Amount(path)) => {
            of_call(&["has no amount that can be counted at ", path])
        }
        Cause::Limit(_, Short::Counter(Shortage::Store(error))) => {
            of_call(&["cannot be counted: ", error.message(), ". Try again."])
        }
        Cause::Limit(limit, Short::Counter(Shortage::Full(state))) => {
            let (max, window) = (limit.limit.max.plain(), limit.limit.window.in_words());
            let seconds = in_digits(now.seconds_until(state.end));
            let reached = ["Limit of ", &max, " per ", &window, " reached for \"", tool];
            [&reached.concat(), "\". Try again in ", &seconds, " seconds."].concat()
        }
    })
}
