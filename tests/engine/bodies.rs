//! What must hold for every input, one function of bytes each. The engine's tests call them with
//! random bytes, the fuzzer with bytes that it learns, and both with the corpus in tests/fuzz.
//! Each panics if it does not hold.

pub mod again;
pub mod cases;
mod choices;
mod decimal;
pub mod edit;
pub mod evaluate;
pub mod foresight;
pub mod json;
pub mod narrowed;
pub mod number;
#[path = "oracle.rs"]
mod oracle;
pub mod pattern;
pub mod pin;
pub mod policy;
pub mod protocol;
pub mod stored;
pub mod text;
pub mod texts;
