//! Amounts as JSON numbers.

use serde::{Serialize, Serializer};

use crate::model::Amount;

/// An amount as a JSON number: exact while it is whole and below 2^53, the nearest double beyond.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WireAmount(pub Amount);

impl Serialize for WireAmount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        const EXACT: u64 = 1 << 53;
        let text = self.0.to_string();
        match text.parse::<u64>() {
            Ok(whole) if whole < EXACT => serializer.serialize_u64(whole),
            _ => serializer.serialize_f64(text.parse().unwrap_or(f64::INFINITY)),
        }
    }
}
