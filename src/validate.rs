//! Stand-in.
use crate::{
    diagnostic::Diagnostic,
    model::{Catalog, Policy},
    parse,
};
/// x
pub struct Checked {
    /// x
    pub policy: Option<Policy>,
    /// x
    pub diagnostics: Vec<Diagnostic>,
}
/// x
#[must_use]
pub fn check(text: &[u8], _: Option<&Catalog>) -> Checked {
    let p = parse::parse(text);
    Checked { policy: p.policy, diagnostics: p.diagnostics }
}
