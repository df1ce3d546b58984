//! The annotations of a tool: the word of its server on what it does.

use super::Category;
use super::Options;
use super::evidence::{Evidence, Place, Says};
use super::judge::Verdict;
use crate::json::Value;
use crate::model::Tool;

/// The annotations of a tool that say what it does.
pub(super) struct Hints {
    pub(super) read_only: Option<bool>,
    pub(super) destructive: Option<bool>,
}

impl Hints {
    pub(super) fn of(tool: &Tool) -> Hints {
        let hint = |key| match tool.annotations.as_ref()?.get(key)?.value {
            Value::Bool(hint) => Some(hint),
            _ => None,
        };
        Hints { read_only: hint("readOnlyHint"), destructive: hint("destructiveHint") }
    }

    /// Lets the hints say what they may.
    pub(super) fn apply(&self, verdict: &mut Verdict, keeps: bool, options: Options) {
        let of = |name, hint: bool, says| {
            let words = if hint { "true" } else { "false" };
            Evidence::new(Place::Annotation(name), words, says)
        };
        match self.read_only {
            Some(true) if verdict.category == Category::Read => {
                let says = Says::Category(Category::Read);
                verdict.evidence.push(of("readOnlyHint", true, says));
                if options.trust_annotations {
                    verdict.confidence = verdict.confidence.max(95);
                }
            }
            Some(true) if options.trust_annotations => {
                verdict.raise(of("readOnlyHint", true, Says::Category(Category::Read)), 90);
            }
            Some(true) => verdict.evidence.push(of("readOnlyHint", true, Says::Nothing)),
            // Who says of himself that he changes things is believed where nothing surer says
            // otherwise, and where what is read may be kept.
            Some(false)
                if verdict.category == Category::Read && (verdict.confidence < 75 || keeps) =>
            {
                verdict.raise(of("readOnlyHint", false, Says::Category(Category::Write)), 65);
            }
            _ => {}
        }
        if self.destructive == Some(false) && verdict.category == Category::Destructive {
            if options.trust_annotations {
                verdict.raise(of("destructiveHint", false, Says::Category(Category::Write)), 80);
            } else {
                verdict.evidence.push(of("destructiveHint", false, Says::Nothing));
            }
        }
    }
}
