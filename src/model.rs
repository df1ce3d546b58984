//! What a policy is made of.

pub mod pattern;
