//! What a policy does over time: the scenario file, and its steps through `evaluate`.
//!
//! One format serves our own vectors and users' tests of their policies.

mod approve;
mod coverage;
mod observe;
mod read;
mod record;
mod run;
mod scenario;
#[cfg(test)]
mod tests;
mod time;

pub use coverage::{Coverage, Part, PartKind, Wanted};
pub use observe::{Common, Observed, observe};
pub use record::{
    CallRecord, Counter, GroupRecord, LeftOut, Level, Record, Tally, record, record_covered,
};
pub use run::{Difference, Member, StepResult, run};
pub use scenario::{
    Document, Expected, Group, MAX_CALLS, Moment, Moments, Scenario, Step, Upstream,
};
pub use time::{moment, span, written};
