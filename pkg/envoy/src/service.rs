//! Envoy's rate-limit service protocol, `envoy.service.ratelimit.v3`: one question for some limits, and
//! what the answer says about each of them.
//!
//! What the protocol can and cannot say is in `pkg/envoy/rate-limit.md`.

use cattlegrid::edge::SharedLimit;

use crate::protobuf::{Value, Writer, fields};

/// The service.
pub const SERVICE: &str = "envoy.service.ratelimit.v3.RateLimitService";
/// The one method it has.
pub const METHOD: &str = "ShouldRateLimit";

/// An answer is shorter than this in bytes, whatever it says.
pub const MAX_ANSWER: usize = 64 << 10;

/// Where the service is, as the proxy is to be told it: a serialised `GrpcService`. `None` if the name of
/// the cluster is too long (the ABI wants a text, and lengths from 128 on are none).
///
/// Never the name itself, which Envoy takes too: one that happens to be a message (`empty` did) ends it.
pub fn address(cluster: &str) -> Option<String> {
    let envoy_grpc = Writer::default().bytes(1, cluster.as_bytes()).finish();
    String::from_utf8(Writer::default().bytes(1, &envoy_grpc).finish()).ok()
}

/// One limit of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Descriptor {
    /// The limit.
    pub limit: SharedLimit,
    /// Whose counter it is, and of which window.
    pub counter: String,
}

/// A `RateLimitRequest`: whether there is room for so many units under each limit, and to count them.
pub fn request(domain: &str, descriptors: &[&Descriptor], hits: u32) -> Vec<u8> {
    let mut request = Writer::default();
    request.bytes(1, domain.as_bytes());
    for descriptor in descriptors {
        let mut entries = Writer::default();
        for (key, value) in [("limit", &descriptor.limit.name), ("counter", &descriptor.counter)] {
            let entry =
                Writer::default().bytes(1, key.as_bytes()).bytes(2, value.as_bytes()).finish();
            entries.bytes(1, &entry);
        }
        request.bytes(2, &entries.finish());
    }
    request.number(3, hits.into());
    request.finish()
}

/// What a service said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// There was room under all limits, and the call is counted.
    Room,
    /// There was none under one of them.
    Full {
        /// Which, from 0 in the order of the question.
        at: usize,
        /// How many whole units there still is room for, if it was told.
        remaining: Option<u64>,
    },
    /// It cannot be known: why.
    Unclear(&'static str),
}

/// Reads a `RateLimitResponse` to a question for these limits.
///
/// That there is room is only believed of limits that the answer names with a number that is not above
/// the policy's: a service says `OK` to limits that it does not know. Limitador names them in headers
/// (`--rate-limit-headers DRAFT_VERSION_03`), others in their statuses. Without a word about which limit
/// has no room it is taken for the one with the longest window, after which there is room for sure.
pub fn verdict(answer: &[u8], asked: &[&Descriptor]) -> Verdict {
    let Some(response) = Response::read(answer) else {
        return Verdict::Unclear("the answer cannot be read");
    };
    let told = match response.told(asked) {
        Some(told) => told,
        None => vec![Told { at: None, confirmed: false, over: false }; asked.len()],
    };
    let all_confirmed = !told.is_empty()
        && (0..asked.len()).all(|at| told.iter().any(|one| one.at == Some(at) && one.confirmed));
    match response.code {
        OK if told.iter().any(|one| one.over) => full(&response, &told, asked),
        OK if all_confirmed => Verdict::Room,
        OK => Verdict::Unclear("it does not say that it knows these limits with these numbers"),
        OVER_LIMIT => full(&response, &told, asked),
        _ => Verdict::Unclear("it does not know"),
    }
}

fn full(response: &Response<'_>, told: &[Told], asked: &[&Descriptor]) -> Verdict {
    let known = told.iter().position(|one| one.over);
    if let Some((at, one)) = known.and_then(|at| Some((at, told.get(at)?)))
        && let Some(which) = one.at
    {
        return Verdict::Full { at: which, remaining: response.remaining(at) };
    }
    let longest = asked.iter().enumerate().max_by_key(|(_, one)| one.limit.seconds);
    Verdict::Full { at: longest.map_or(0, |(at, _)| at), remaining: None }
}

/// What an answer says of one limit.
#[derive(Clone, Debug)]
struct Told {
    /// Which of those that were asked for; `None` for another, for services may have limits of their
    /// own.
    at: Option<usize>,
    /// Whether it counts as the policy wants it.
    confirmed: bool,
    /// Whether there is no room.
    over: bool,
}

const OK: u64 = 1;
const OVER_LIMIT: u64 = 2;

/// A `RateLimitResponse`.
struct Response<'a> {
    code: u64,
    statuses: Vec<Status>,
    /// The values of the headers `x-ratelimit-limit` and `x-ratelimit-remaining`.
    limits: Option<&'a str>,
    left: Option<&'a str>,
}

/// A `DescriptorStatus`.
#[derive(Default)]
struct Status {
    code: u64,
    /// The number of the limit; `None` if there is none.
    max: Option<u64>,
    remaining: u64,
}

impl<'a> Response<'a> {
    fn read(answer: &'a [u8]) -> Option<Response<'a>> {
        let mut response = Response { code: 0, statuses: Vec::new(), limits: None, left: None };
        for (field, value) in fields(answer)? {
            match field {
                1 => response.code = value.number()?,
                2 => response.statuses.push(Status::read(value.bytes()?)?),
                3 => {
                    let (mut name, mut text) = ("", "");
                    for (field, value) in fields(value.bytes()?)? {
                        match field {
                            1 => name = value.text()?,
                            2 => text = value.text()?,
                            _ => {}
                        }
                    }
                    if name.eq_ignore_ascii_case("x-ratelimit-limit") {
                        response.limits = Some(text);
                    } else if name.eq_ignore_ascii_case("x-ratelimit-remaining") {
                        response.left = Some(text);
                    }
                }
                _ => {}
            }
        }
        Some(response)
    }

    /// What it says of limits; `None` if it says nothing of any, or nothing that can be understood.
    fn told(&self, asked: &[&Descriptor]) -> Option<Vec<Told>> {
        if !self.statuses.is_empty() {
            // One for each descriptor, in their order.
            if self.statuses.len() != asked.len() {
                return None;
            }
            let told =
                self.statuses.iter().zip(asked).enumerate().map(|(at, (status, one))| Told {
                    at: Some(at),
                    confirmed: status.max.is_some_and(|max| max <= one.limit.max),
                    over: status.code == OVER_LIMIT,
                });
            return Some(told.collect());
        }
        // `10, 10;w=120;name="a", 20;w=120;name="b"`: first the number of the limit with the least room,
        // then all of them in that order.
        let (_, list) = self.limits?.split_once(", ")?;
        let mut told = Vec::new();
        for (position, item) in list.split(", ").enumerate() {
            let mut parts = item.split(';');
            let max: u64 = parts.next()?.parse().ok()?;
            let seconds: u64 = parts.next()?.strip_prefix("w=")?.parse().ok()?;
            let name = parts.next().and_then(|part| part.strip_prefix("name=\""));
            let name = name.and_then(|name| name.strip_suffix('"'));
            let at = asked.iter().position(|one| Some(one.limit.name.as_str()) == name);
            let limit = at.and_then(|at| asked.get(at)).map(|one| &one.limit);
            told.push(Told {
                at,
                confirmed: limit.is_some_and(|l| max <= l.max && seconds == l.seconds),
                // All are asked for as much: if any has no room, the one with the least has none.
                over: position == 0 && self.code == OVER_LIMIT,
            });
        }
        Some(told)
    }

    /// How many units there is room for under the limit in this place of what was told.
    fn remaining(&self, at: usize) -> Option<u64> {
        match self.statuses.get(at) {
            Some(status) => Some(status.remaining),
            None if at == 0 => self.left?.parse().ok(),
            None => None,
        }
    }
}

impl Status {
    fn read(message: &[u8]) -> Option<Status> {
        let mut status = Status::default();
        for (field, value) in fields(message)? {
            match field {
                1 => status.code = value.number()?,
                2 => {
                    let number = fields(value.bytes()?)?.into_iter().find(|(field, _)| *field == 1);
                    // What is left out is 0.
                    status.max = Some(number.map_or(Some(0), |(_, value)| Value::number(value))?);
                }
                3 => status.remaining = value.number()?,
                _ => {}
            }
        }
        Some(status)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn descriptor(name: &str, max: u64, seconds: u64) -> Descriptor {
        let limit = SharedLimit { name: name.to_owned(), max, seconds };
        Descriptor { limit, counter: "c@0".to_owned() }
    }

    fn header(name: &str, value: &str) -> Vec<u8> {
        Writer::default().bytes(1, name.as_bytes()).bytes(2, value.as_bytes()).finish()
    }

    /// An answer as Limitador gives it.
    fn limitador(code: u64, limits: &str, left: &str) -> Vec<u8> {
        let mut answer = Writer::default();
        answer.number(1, code);
        answer.bytes(3, &header("X-RateLimit-Limit", limits));
        answer.bytes(3, &header("X-RateLimit-Remaining", left));
        answer.bytes(3, &header("X-RateLimit-Reset", "60"));
        answer.finish()
    }

    /// An answer with a status for each: code, number of the limit, what remains.
    fn statuses(code: u64, each: &[(u64, Option<u64>, u64)]) -> Vec<u8> {
        let mut answer = Writer::default();
        answer.number(1, code);
        for (code, max, remaining) in each {
            let mut status = Writer::default();
            status.number(1, *code);
            if let Some(max) = max {
                let limit = Writer::default().number(1, *max).number(2, 2).finish();
                status.bytes(2, &limit);
            }
            status.number(3, *remaining);
            answer.bytes(2, &status.finish());
        }
        answer.finish()
    }

    fn of(answer: &[u8]) -> Verdict {
        let (a, b) = (descriptor("p/a", 10, 120), descriptor("p/b", 100, 172_800));
        verdict(answer, &[&a, &b])
    }

    #[test]
    fn a_service_is_addressed_by_a_message() {
        assert_eq!(address("limits").unwrap().as_bytes(), b"\x0a\x08\x0a\x06limits");
        assert_eq!(address(&"x".repeat(125)).unwrap().len(), 129);
        assert_eq!(address(&"x".repeat(126)), None);
    }

    #[test]
    fn a_question_is_as_the_protocol_wants_it() {
        // By hand, from the definitions of the messages.
        let one = b"\x12\x1e\x0a\x0c\x0a\x05limit\x12\x03p/a\x0a\x0e\x0a\x07counter\x12\x03c@0";
        let expected = [b"\x0a\x01d", &one[..], one, b"\x18\xac\x02"].concat();
        let limit = descriptor("p/a", 1, 1);
        assert_eq!(request("d", &[&limit, &limit], 300), expected);
    }

    #[test]
    fn room_is_believed_of_limits_that_are_confirmed() {
        let unclear =
            Verdict::Unclear("it does not say that it knows these limits with these numbers");
        let both = r#"5, 5;w=120;name="p/a", 100;w=172800;name="p/b", 7;w=1"#;
        assert_eq!(of(&limitador(OK, both, "4")), Verdict::Room);
        for limits in [
            r#"10, 10;w=120;name="p/a""#,
            r#"10, 11;w=120;name="p/a", 100;w=172800;name="p/b""#,
            r#"10, 10;w=60;name="p/a", 100;w=172800;name="p/b""#,
            r#"10, 10;w=120;name="p/a", 100;w=172800"#,
            r#"10, 10;w=120;name="p/a", x;w=172800;name="p/b""#,
            r#"10;w=120;name="p/a", 100;w=172800;name="p/b""#,
            "",
        ] {
            assert_eq!(of(&limitador(OK, limits, "4")), unclear, "{limits}");
        }
        assert_eq!(of(&Writer::default().number(1, OK).finish()), unclear);
        assert_eq!(of(&statuses(OK, &[(OK, Some(10), 3), (OK, Some(99), 3)])), Verdict::Room);
        for each in [
            &[(OK, Some(11), 3), (OK, Some(99), 3)][..],
            &[(OK, None, 3), (OK, Some(99), 3)],
            &[(OK, Some(10), 3)],
        ] {
            assert_eq!(of(&statuses(OK, each)), unclear, "{each:?}");
        }
    }

    #[test]
    fn no_room_is_believed_of_everybody() {
        let full = |at, remaining| Verdict::Full { at, remaining };
        let first = r#"10, 10;w=120;name="p/a", 100;w=172800;name="p/b""#;
        assert_eq!(of(&limitador(OVER_LIMIT, first, "0")), full(0, Some(0)));
        let second = r#"100, 100;w=172800;name="p/b", 10;w=120;name="p/a""#;
        assert_eq!(of(&limitador(OVER_LIMIT, second, "2")), full(1, Some(2)));
        assert_eq!(of(&limitador(OVER_LIMIT, second, "-2")), full(1, None));
        // Of another's limit, or of nobody knows which.
        assert_eq!(of(&limitador(OVER_LIMIT, r#"1, 1;w=1;name="x""#, "0")), full(1, None));
        assert_eq!(of(&Writer::default().number(1, OVER_LIMIT).finish()), full(1, None));
        let each = [(OVER_LIMIT, Some(10), 1), (OVER_LIMIT, Some(99), 3)];
        assert_eq!(of(&statuses(OVER_LIMIT, &each)), full(0, Some(1)));
        // Some services only try a limit, and say `OK` beside it: we asked, and it is full.
        assert_eq!(
            of(&statuses(OK, &[(OK, Some(10), 1), (OVER_LIMIT, Some(99), 0)])),
            full(1, Some(0))
        );
    }

    #[test]
    fn what_is_no_answer_says_nothing() {
        assert_eq!(of(&[]), Verdict::Unclear("it does not know"));
        assert_eq!(of(&[0x08]), Verdict::Unclear("the answer cannot be read"));
        assert_eq!(of(&[0x0a, 0x01, 0x01]), Verdict::Unclear("the answer cannot be read"));
        let not_utf8 = Writer::default().number(1, OK).bytes(3, b"\x0a\x01\xff").finish();
        assert_eq!(of(&not_utf8), Verdict::Unclear("the answer cannot be read"));
    }

    #[test]
    fn whatever_is_changed_in_an_answer_it_has_a_verdict() {
        let answers = [
            limitador(OK, r#"5, 5;w=120;name="p/a", 100;w=172800;name="p/b""#, "4"),
            statuses(OVER_LIMIT, &[(OK, Some(10), 3), (OVER_LIMIT, Some(99), 3)]),
        ];
        let mut rooms = 0;
        for answer in &answers {
            for at in 0..answer.len() {
                for byte in 0..=255 {
                    let mut changed = answer.clone();
                    changed[at] = byte;
                    rooms += usize::from(of(&changed) == Verdict::Room);
                    changed.truncate(at);
                    let _ = of(&changed);
                }
            }
        }
        assert!(rooms > 0);
    }
}
