//! Limits as a rate-limit service knows them that several proxies ask.
//!
//! Such a service counts whole units under names, and brings the numbers of its limits itself: so each
//! limit of a policy has a name here that the service is told once and asked for by every call.

use std::fmt::Write;

use super::{Mode, Named, Settings};
use crate::compile::CompiledLimit;
use crate::model::Amount;

/// A limit as a rate-limit service is to have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharedLimit {
    /// Its name: letters, digits and `-_.~/%`. It stays when other limits come and go.
    pub name: String,
    /// How many whole units may pass in a window: those of the policy without what is below one.
    pub max: u64,
    /// How long a counter is kept, in seconds: twice the window, for the window itself is a part of the
    /// counter's name, and proxies whose clocks differ by less than a window count in the same one.
    pub seconds: u64,
}

impl SharedLimit {
    fn new(policy: &Named, limit: &CompiledLimit) -> SharedLimit {
        let mut name = String::new();
        escape(&policy.name, "", &mut name);
        // It names the tool, the counter and the window, and begins with a slash.
        escape(&limit.id.label, "/", &mut name);
        SharedLimit {
            name,
            max: whole(limit.limit.max),
            seconds: u64::from(limit.limit.window.seconds()).saturating_mul(2),
        }
    }
}

/// The whole units in an amount, as far as services can count.
fn whole(amount: Amount) -> u64 {
    let units = amount.millionths().checked_div(Amount::ONE.millionths()).unwrap_or(0);
    i64::try_from(units).unwrap_or(i64::MAX).unsigned_abs()
}

/// Writes a text with percent-escapes for all that is not plain everywhere: in headers, in YAML, in
/// quotes.
fn escape(text: &str, also: &str, out: &mut String) {
    for byte in text.bytes() {
        let c = char::from(byte);
        if c.is_ascii_alphanumeric() || "-_.~".contains(c) || also.contains(c) {
            out.push(c);
        } else {
            // Writing to a string cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
}

impl Named {
    /// The limits that hold for calls of a tool, in the order of deciding.
    pub fn shared_limits_of(&self, tool: &str) -> impl Iterator<Item = SharedLimit> {
        let own = self.policy.tool(tool).map_or(&[][..], |tool| &tool.limits);
        own.iter().chain(self.policy.all_tools()).map(|limit| SharedLimit::new(self, limit))
    }
}

impl Settings {
    /// All limits that a rate-limit service is asked for. What is only tried is counted by each proxy
    /// for itself.
    pub fn shared_limits(&self) -> impl Iterator<Item = SharedLimit> {
        let carried_out = self.policies().iter().filter(|policy| policy.mode == Mode::Enforce);
        carried_out
            .flat_map(|named| named.policy.limits().map(|limit| SharedLimit::new(named, limit)))
    }
}
