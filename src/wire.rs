//! What leaves the engine, as serialisable shapes: one set for the command line, the npm package,
//! logs and files. The shapes are those of the specification's section 8.
//!
//! Mirrors are made by hand, so that a change of the model is no change of the format by accident.

mod amount;
mod author;
mod classified;
mod complete;
mod coverage;
mod decision;
mod diagnostic;
mod foreseen;
mod outline;
mod pattern;
mod pin;
mod replay;
#[cfg(feature = "cli")]
mod sarif;
mod simulation;
mod text;
mod tool;

pub use amount::WireAmount;
pub use author::{analysis_text, arguments_text, edited_text, form_text, rows_text};
pub use classified::{WireAbuse, WireClassified, WireEvidence};
pub use complete::{complete_text, hover_text};
pub use coverage::{coverage_text, simulate_covered_text};
pub use decision::{
    WireApproval, WireConditionOutcome, WireDecision, WireExplanation, WireLimitOutcome,
    WireLimitState, WireRuleOutcome, WireWindow,
};
pub use diagnostic::{WireDiagnostic, WireEdit, WireFix, WireLabel, WirePosition, WireSpan};
pub use foreseen::{call_text, diff_text, linted_text, proof_text};
pub use outline::outline;
pub use pattern::match_text;
pub use pin::review_text;
pub use replay::{learnt_text, report_text};
#[cfg(feature = "cli")]
pub use sarif::sarif;
pub use simulation::{record_text, simulate_text};
pub use text::{
    classified_text, decision_text, diagnostics_text, explanation_text, span_text, tools_text,
};
pub use tool::WireToolState;
