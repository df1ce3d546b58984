//! Questions about all calls at once: what a new policy lets through that an old one did not, which
//! rules do nothing, whether a call of some kind can ever pass.
//!
//! A statement is proved, refuted by a witness that the engine itself decides, or unknown, with the
//! reason. What is unknown may be so or not: who asks for safety reads it as the worse of the two.
//!
//! The arguments of a call are divided into places (a key, an element, every element), and the values of
//! a place into those that no condition tells apart. One value stands for all of its kind, and what a
//! condition makes of it is asked of the engine. What is left is a search through combinations.

mod cell;
mod diff;
mod kept;
mod limit;
mod lint;
mod node;
mod number;
mod policy;
mod question;
mod schema;
mod search;
mod share;
mod space;
mod text;

pub use diff::{Change, Diff, Doubt, ToolDiff, diff};
pub use kept::questions;
pub use limit::{Comparison, LimitChange};
pub use lint::{Linted, lint};
pub use question::{Proof, Question, QuestionFault, ask};
