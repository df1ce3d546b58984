//! Other formats to policies, with what could not be carried over.
//!
//! What another program means by its text is taken as far as this language can say it. Where it
//! cannot, or where the other program lets more through than its author can have meant, the import
//! is stricter and says so; where there is no safe reading, nothing is imported.

mod intercept;
mod names;

pub use intercept::intercept;
pub use names::{permissions, tools};

use crate::diagnostic::{Code, Diagnostic, sort};
use crate::json::{Object, Value, write};
use crate::parse;
use crate::source::Span;

/// What came of a text in another format.
#[derive(Clone, Debug)]
pub struct Imported {
    /// The text of the policy, a document that parses; `None` if one of the diagnostics is an error.
    pub policy: Option<String>,
    /// What was refused, read more strictly or left out, in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
}

/// Makes the answer of an import: a policy only without errors, and only one that parses.
fn finish(policy: Option<Value>, mut diagnostics: Vec<Diagnostic>) -> Imported {
    let refused = |diagnostics: &[Diagnostic]| diagnostics.iter().any(Diagnostic::is_error);
    let parsed = policy.map(|policy| parse::parse(write(&policy).as_bytes()));
    let mut policy = None;
    if let Some(parsed) = parsed.filter(|_| !refused(&diagnostics)) {
        for wrong in parsed.diagnostics {
            let message = format!("what was read makes no policy: {}", wrong.message);
            let wrong_part = format!("it is about `{}` of the policy", wrong.pointer);
            let diagnostic = Diagnostic::new(Code::NotCarriedOver, Span::default(), "", message);
            diagnostics.push(diagnostic.help(wrong_part));
        }
        policy = parsed.policy.as_ref().map(parse::print);
    }
    sort(&mut diagnostics);
    Imported { policy, diagnostics }
}

fn object<const N: usize>(members: [(&str, Value); N]) -> Value {
    Value::Object(
        members.into_iter().map(|(key, value)| (key.to_owned(), value)).collect::<Object>(),
    )
}

fn list(items: Vec<Value>) -> Value {
    Value::List(items.into_iter().map(Into::into).collect())
}

fn string(text: impl Into<String>) -> Value {
    Value::String(text.into())
}
