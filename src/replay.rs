//! Recorded calls: read from logs line by line, run through policies in the order of time, and learnt from.
//!
//! Nothing here grows with the number of lines. What was not recorded is never guessed: a decision that
//! depends on it is unknown, and says on what.

mod compare;
mod feed;
mod learn;
mod line;
mod order;
mod report;
mod side;
#[cfg(test)]
mod tests;

pub use compare::Replay;
pub use feed::Feed;
pub use learn::{Learner, Learnt};
pub use line::{Answer, Entry, Format, Line, Lines, MAX_LINE, Past, Recorded};
pub use order::Merge;
pub use report::{Change, Example, Group, Kind, Malformed, Report};
