//! Calls that pass and answers that list nothing, without building anything of their texts: what most of
//! the traffic is. Each answers for ordinary texts only and leaves all else to who reads them whole, so
//! that it never has to be wider; the tests hold it to that.

#[cfg(test)]
mod tests;

use super::mirror::{is_plain_call, is_second_era};
use super::{Id, VERSION_KEY, has_line_ends, is_ascii};
use crate::compile::CompiledPolicy;
use crate::evaluate::{Accepted, Env, Passed, Said, SaidId, Scratch, pass_message};
use crate::json::{Limits, Next, Number, Scanner, Shape, Written, without_space};
use crate::model::LimitState;
use crate::quota::{Grant, Reservation};

/// A call that passes.
#[derive(Clone, Debug)]
pub struct PassedCall<'a> {
    /// What the answer will name.
    pub id: Id,
    /// The tool.
    pub tool: &'a str,
    /// The keys of the arguments, if they were asked for.
    pub keys: Vec<String>,
    /// What is to be sent on in place of what came; `None` if that is what came.
    pub text: Option<String>,
    /// What was counted.
    pub reservation: Reservation,
    /// The limits as they are now, if they were asked for.
    pub limits: Vec<LimitState>,
}

/// Whose a call is, and what came with it in headers.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a, H, P> {
    /// The grant.
    pub grant: Grant<'a>,
    /// The session that a header names; none is one since 2026-07-28.
    pub session: Option<&'a str>,
    /// The headers that say again what the body says, as [`super::mirror::check`] wants them.
    pub mirrors: H,
    /// Whether a tool is known to be what is pinned; asked before anything is counted.
    pub is_pinned: P,
    /// Whether the keys of the arguments and the limits are asked for.
    pub details: bool,
}

/// Lets a `tools/call` pass and counts it, if its text is an ordinary one, its headers say what it
/// says, its tool is what is pinned and the policy has nothing against it. Else nothing was counted, and the message is to be
/// read as any other.
pub fn pass_call<'a>(
    policy: &CompiledPolicy,
    body: &'a [u8],
    bounds: &Limits,
    asked: Asked<'a, impl Iterator<Item = (&'a str, &'a str)>, impl FnOnce(&str) -> bool>,
    env: &mut Env<'_>,
    scratch: &mut Scratch,
) -> Option<PassedCall<'a>> {
    let text = std::str::from_utf8(body).ok()?;
    let Asked { grant, session, mirrors, is_pinned, details } = asked;
    let accept = |said: &Said<'_>| {
        let id = match said.id {
            SaidId::Text(text) => Id::Text(text.to_owned()),
            SaidId::Integer(digits) => Id::Integer(Number::parse(digits).ok()?),
        };
        if !is_plain_call(mirrors, said.version, said.tool)
            || has_line_ends(text)
            || !is_pinned(said.tool)
        {
            return None;
        }
        let session = session.filter(|_| !is_second_era(said.version));
        Some(Accepted { session, limits: details, more: id })
    };
    let passed = pass_message(policy, text, bounds, VERSION_KEY, grant, env, scratch, accept)?;
    let Passed { said, accepted: id, reservation, limits } = passed;
    Some(PassedCall {
        id,
        tool: said.tool,
        keys: if details { keys_of(said.arguments, bounds) } else { Vec::new() },
        text: said.spaced.then(|| without_space(text)),
        reservation,
        limits,
    })
}

/// The keys of an object that was read before.
fn keys_of(object: &str, bounds: &Limits) -> Vec<String> {
    let (mut room, mut keys) = (Vec::new(), Vec::new());
    if let Some(mut scanner) = Scanner::new(object.as_bytes(), bounds, &mut room) {
        let mut member = |scanner: &mut Scanner<'_, '_>, key: &[u8]| {
            keys.push(String::from_utf8_lossy(key).into_owned());
            scanner.skip()
        };
        // It was read before; if it were not, there would be fewer keys.
        let _ = scanner.object(&mut Shape::default(), &mut member);
    }
    keys
}

/// What an answer is that lists no tools.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plain {
    /// A message of the server's own, or the answer to something else.
    Other,
    /// The result that was waited for.
    Result,
    /// The error in the place of a result.
    Error,
}

/// What one message of a server is, if it plainly lists no tools; `id` is the request's. `None` leaves
/// it to [`super::list::filter_tools`].
#[must_use]
pub fn plain_answer(body: &[u8], limits: &Limits, id: Option<&Id>) -> Option<Plain> {
    // No reader finds the word where it is not: not in capitals, not in escapes, not in letters that
    // look or fold like these.
    if !is_ascii(body) || TOOLS.is_in(body) {
        return None;
    }
    // More keys than that are rarely open at once in one that passes.
    let mut room = Vec::with_capacity(16);
    let mut scanner = Scanner::new(body, limits, &mut room)?;
    let (mut method, mut result, mut error, mut own) = (false, false, false, false);
    let mut member = |scanner: &mut Scanner<'_, '_>, key: &[u8]| match key {
        b"jsonrpc" | b"params" => scanner.skip(),
        b"method" => {
            method = true;
            scanner.skip()
        }
        b"result" => {
            result = true;
            scanner.skip()
        }
        b"error" => {
            error = true;
            scanner.skip()
        }
        b"id" => {
            own = match (scanner.next()?, id) {
                (Next::String(Written { text, escaped: false }), Some(Id::Text(id))) => text == id,
                (Next::String(Written { escaped: true, .. }), _) => return None,
                (Next::Number(number), Some(Id::Integer(id))) => number.as_str() == id.as_str(),
                (Next::List | Next::Object, _) => return None,
                _ => false,
            };
            Some(())
        }
        _ => None,
    };
    scanner.object(&mut Shape::default(), &mut member)?;
    if !scanner.at_end() || scanner.form().escaped {
        return None;
    }
    Some(match (own && !method, result, error) {
        // It may ask for more before it is one, if these words are not somewhere in a text.
        (true, true, false) if INPUT_REQUIRED.is_in(body) => return None,
        (true, true, false) => Plain::Result,
        (true, false, true) => Plain::Error,
        (true, true, true) => return None,
        _ => Plain::Other,
    })
}

/// A word that is looked for in any case, from its end on (as Horspool does): most bytes of a text are
/// not in it, and what none of its bytes is at the end of, it does not end in before its length is over.
struct Word {
    word: &'static [u8],
    /// By byte, how far the end of the word may be moved from one such byte on.
    steps: [u8; 256],
}

static TOOLS: Word = Word::new(b"tools");
static INPUT_REQUIRED: Word = Word::new(b"input_required");

impl Word {
    #[allow(
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::cast_possible_truncation,
        reason = "evaluated by the compiler, which would stop at it"
    )]
    const fn new(word: &'static [u8]) -> Word {
        let mut steps = [word.len() as u8; 256];
        let mut at = 0;
        while at + 1 < word.len() {
            let step = (word.len() - 1 - at) as u8;
            steps[word[at].to_ascii_lowercase() as usize] = step;
            steps[word[at].to_ascii_uppercase() as usize] = step;
            at += 1;
        }
        Word { word, steps }
    }

    /// Whether it stands somewhere in a text.
    fn is_in(&self, text: &[u8]) -> bool {
        let mut end = self.word.len();
        while let Some(last) = end.checked_sub(1).and_then(|at| text.get(at)) {
            let from = end.saturating_sub(self.word.len());
            let found = text.get(from..end);
            if self.word.last().is_some_and(|byte| byte.eq_ignore_ascii_case(last))
                && found.is_some_and(|found| found.eq_ignore_ascii_case(self.word))
            {
                return true;
            }
            let step = self.steps.get(usize::from(*last)).copied().unwrap_or(1);
            end = end.saturating_add(step.into());
        }
        false
    }
}
