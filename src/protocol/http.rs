//! What the headers tell before a body is awaited. They can only refuse: what a request is, its
//! body says.

#[cfg(test)]
mod tests;

use super::{Refusal, RefusalKind};
use crate::json::Limits;

/// The headers of a request that matter. Of a header that came in several lines a host gives all
/// values, joined by `, ` as HTTP does: that is no content type, and is refused.
#[derive(Clone, Copy, Debug, Default)]
pub struct RequestHead<'h> {
    /// The method.
    pub method: &'h str,
    /// `content-type`
    pub content_type: Option<&'h str>,
    /// `content-encoding`
    pub content_encoding: Option<&'h str>,
    /// `content-length`
    pub content_length: Option<&'h str>,
    /// Whether a body follows the headers, or may.
    pub has_body: bool,
}

/// What a host does after the headers of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Await the body, whole, and read it.
    Body,
    /// Let the request go on: a `GET` that opens a stream. Some clients read whatever it is answered
    /// with as events, so that a [`Body::Other`] must not pass.
    Stream,
    /// Let the request go on: a `DELETE` that ends a session.
    Pass,
}

/// Judges the headers of a request. `limits` is what the body will be read with.
///
/// # Errors
/// If the request cannot be one that [`super::Message::read`] could read, or that has none to read.
pub fn request(head: &RequestHead<'_>, limits: &Limits) -> Result<Next, Refusal> {
    let refuse = |kind| Err(Refusal::of_headers(kind));
    let length = match head.content_length.map(str::trim) {
        None => None,
        Some(text) if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) => {
            return refuse(RefusalKind::ContentLength);
        }
        // Only digits: what does not fit is too large.
        Some(text) => Some(text.parse::<usize>().unwrap_or(usize::MAX)),
    };
    match head.method {
        "POST" => {}
        "GET" | "DELETE" if head.has_body || length.is_some_and(|length| length > 0) => {
            return refuse(RefusalKind::UnexpectedBody);
        }
        "GET" => return Ok(Next::Stream),
        "DELETE" => return Ok(Next::Pass),
        _ => return refuse(RefusalKind::HttpMethod),
    }
    if !head.content_type.is_some_and(is_json_in_utf8) {
        return refuse(RefusalKind::ContentType);
    }
    if !is_plain(head.content_encoding) {
        return refuse(RefusalKind::ContentEncoding);
    }
    if length.is_some_and(|length| length > limits.bytes) {
        return refuse(RefusalKind::TooLarge);
    }
    Ok(Next::Body)
}

/// `application/json`, with no parameter but `charset=utf-8`.
fn is_json_in_utf8(content_type: &str) -> bool {
    // What nearly all say.
    if content_type.eq_ignore_ascii_case("application/json") {
        return true;
    }
    let mut parts = content_type.split(';').map(str::trim);
    let json = parts.next().is_some_and(|kind| kind.eq_ignore_ascii_case("application/json"));
    json && parts.all(|parameter| {
        ["", "charset=utf-8", "charset=\"utf-8\""]
            .iter()
            .any(|known| parameter.eq_ignore_ascii_case(known))
    })
}

fn is_plain(content_encoding: Option<&str>) -> bool {
    content_encoding.is_none_or(|encoding| encoding.trim().eq_ignore_ascii_case("identity"))
}

/// The headers of an answer that matter; several lines of one joined by `, `.
#[derive(Clone, Copy, Debug, Default)]
pub struct ResponseHead<'h> {
    /// The status.
    pub status: u16,
    /// `content-type`
    pub content_type: Option<&'h str>,
    /// `content-encoding`
    pub content_encoding: Option<&'h str>,
}

/// What the body of an answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Body {
    /// One message, for [`super::list::filter_tools`].
    Json,
    /// A stream of messages, for an [`super::sse::SseFilter`].
    Events,
    /// Nothing that a client takes for a message: it may pass, but never as the answer to
    /// `tools/list`, nor as a [`Next::Stream`].
    Other,
}

/// The answer cannot be filtered and must be replaced by [`super::answer::unreadable_answer`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unfilterable;

/// Judges the headers of an answer.
///
/// # Errors
/// If the body is encoded, if it is a connection of another protocol (status 101), if clients could
/// disagree on whether it is a message or a stream, or if it is said to be in another charset than
/// UTF-8.
pub fn response(head: &ResponseHead<'_>) -> Result<Body, Unfilterable> {
    if head.status == 101 || !is_plain(head.content_encoding) {
        return Err(Unfilterable);
    }
    // What nearly all say.
    if head.content_type.is_some_and(|kind| kind.eq_ignore_ascii_case("application/json")) {
        return Ok(Body::Json);
    }
    // Official clients look for the words anywhere in the header, so this does too.
    let content_type = head.content_type.unwrap_or("").to_ascii_lowercase();
    let says = |kind| content_type.contains(kind);
    match (says("application/json"), says("text/event-stream")) {
        (true, true) => Err(Unfilterable),
        (false, false) => Ok(Body::Other),
        // The official Python client reads a stream in any charset that it is said to be in.
        _ if !is_utf_8(&content_type) => Err(Unfilterable),
        (true, false) => Ok(Body::Json),
        (false, true) => Ok(Body::Events),
    }
}

/// Whether a content type, in lower case, names no charset, or UTF-8.
fn is_utf_8(content_type: &str) -> bool {
    content_type.split(';').map(str::trim).all(|parameter| {
        !parameter.contains("charset")
            || ["charset=utf-8", "charset=\"utf-8\"", "charset=utf8"].contains(&parameter)
    })
}
