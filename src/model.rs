//! What the engine talks about: policies, calls, catalogs, decisions.
//!
//! These types are not serialisable; the `wire` room mirrors those that leave the engine.

mod amount;
mod call;
mod catalog;
mod decision;
mod operator;
mod path;
pub mod pattern;
mod policy;
mod stored;
mod window;

pub use amount::Amount;
pub use call::Call;
pub use catalog::{Catalog, Tool};
pub use decision::{
    ConditionOutcome, Decision, Effect, Explanation, LimitOutcome, LimitState, Outcome, RuleId,
    RuleOutcome,
};
pub(crate) use operator::contains;
pub use operator::{Seen, equal, plain_text};
pub use path::{Path, PathFault, PathFaultKind, Step};
pub use pattern::{Found, Pattern, PatternFault, match_pattern};
pub use policy::{
    Action, Condition, Fallback, Limit, Policy, Precondition, Rule, RuleKind, Scope, Spanned, Test,
    ToolRules,
};
pub use window::{Time, Window};
