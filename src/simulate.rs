//! What a policy does over time: the scenario file, and its steps through `evaluate`.
//!
//! One format serves our own vectors and users' tests of their policies.

mod run;
mod scenario;
#[cfg(test)]
mod tests;
mod time;

pub use run::{Difference, Member, StepResult, run};
pub use scenario::{Document, Expected, MAX_CALLS, Moment, Scenario, Step, Upstream};
pub use time::{moment, span};
