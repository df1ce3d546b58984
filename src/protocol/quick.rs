//! Calls that pass and answers that list nothing, without building anything of their texts: what most of
//! the traffic is. Each answers for ordinary texts only and leaves all else to who reads them whole, so
//! that it never has to be wider; the tests hold it to that.

#[cfg(test)]
mod tests;

use super::mirror::{is_plain_call, is_second_era};
use super::{Id, VERSION_KEY, has_line_ends};
use crate::compile::CompiledPolicy;
use crate::evaluate::{Env, Passed, Said, SaidId, Scratch, pass_message};
use crate::json::{Limits, Next, Number, Scanner, Shape, Written, without_space};
use crate::model::LimitState;
use crate::quota::Reservation;

/// A call that passes.
#[derive(Clone, Debug)]
pub struct PassedCall {
    /// What the answer will name.
    pub id: Id,
    /// The tool.
    pub tool: String,
    /// The keys of the arguments, if they were asked for.
    pub keys: Vec<String>,
    /// What is to be sent on in place of what came; `None` if that is what came.
    pub text: Option<String>,
    /// What was counted.
    pub reservation: Reservation,
    /// The limits as they are now.
    pub limits: Vec<LimitState>,
}

/// Whose a call is, and what came with it in headers.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a, H> {
    /// The grant.
    pub grant: &'a str,
    /// The session that a header names; none is one since 2026-07-28.
    pub session: Option<&'a str>,
    /// The headers that say again what the body says, as [`super::mirror::check`] wants them.
    pub mirrors: H,
    /// Whether the keys of the arguments are asked for.
    pub keys: bool,
}

/// Lets a `tools/call` pass and counts it, if its text is an ordinary one, its headers say what it
/// says and the policy has nothing against it. Else nothing was counted, and the message is to be
/// read as any other.
pub fn pass_call<'a>(
    policy: &CompiledPolicy,
    body: &'a [u8],
    bounds: &Limits,
    asked: Asked<'a, impl Iterator<Item = (&'a str, &'a str)>>,
    env: &mut Env<'_>,
    scratch: &mut Scratch,
) -> Option<PassedCall> {
    let text = std::str::from_utf8(body).ok()?;
    let Asked { grant, session, mirrors, keys } = asked;
    let accept = |said: &Said<'_>| {
        let id = match said.id {
            SaidId::Text(text) => Id::Text(text.to_owned()),
            SaidId::Integer(digits) => Id::Integer(Number::parse(digits).ok()?),
        };
        if !is_plain_call(mirrors, said.version, said.tool) || has_line_ends(text) {
            return None;
        }
        Some((session.filter(|_| !is_second_era(said.version)), id))
    };
    let passed =
        pass_message(policy, body, bounds, VERSION_KEY, Some(grant), env, scratch, accept)?;
    let Passed { said, accepted: id, reservation, limits } = passed;
    Some(PassedCall {
        id,
        tool: said.tool.to_owned(),
        keys: if keys { keys_of(said.arguments, bounds) } else { Vec::new() },
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
    if !body.is_ascii() || has_word(body, b"tools") {
        return None;
    }
    let mut room = Vec::new();
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
        (true, true, false) if has_word(body, b"input_required") => return None,
        (true, true, false) => Plain::Result,
        (true, false, true) => Plain::Error,
        (true, true, true) => return None,
        _ => Plain::Other,
    })
}

/// Whether a word stands somewhere in a text, in any case.
fn has_word(text: &[u8], word: &[u8]) -> bool {
    let Some(first) = word.first() else { return true };
    let mut rest = text;
    loop {
        let at = rest.iter().position(|byte| byte.eq_ignore_ascii_case(first));
        let Some(found) = at.and_then(|at| rest.get(at..)) else { return false };
        if found.get(..word.len()).is_some_and(|part| part.eq_ignore_ascii_case(word)) {
            return true;
        }
        rest = found.get(1..).unwrap_or_default();
    }
}
