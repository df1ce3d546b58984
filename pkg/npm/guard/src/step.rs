//! What JavaScript is told, and tells, in small JSON texts.

use cattlegrid::edge::{Stop, Taken};
use cattlegrid::json::quote;
use cattlegrid::model::{Amount, Time};
use cattlegrid::protocol::Id;
use cattlegrid::quota::{CounterKey, Request};
use serde::{Deserialize, Serialize};

/// What happens next. Bytes that belong to it are taken from the exchange.
#[derive(Serialize)]
#[serde(tag = "next", rename_all = "camelCase")]
pub enum Step {
    /// The body is to be read, whole.
    Body,
    /// The request goes on without a body, and opens a stream.
    Stream,
    /// The request goes on without a body.
    Pass,
    /// The store is to reserve all of this or nothing.
    Reserve {
        /// What.
        requests: Vec<Wanted>,
    },
    /// The message goes on.
    #[serde(rename_all = "camelCase")]
    Forward {
        /// The id that the answer will name, as JSON; none if nobody waits.
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<String>,
        /// With the bytes that it came with, and in none other: nothing is carried out in shadow.
        as_it_came: bool,
        /// The headers that it is to have.
        headers: Vec<(&'static str, String)>,
        /// The id of the request, as JSON, that this cancels.
        #[serde(skip_serializing_if = "Option::is_none")]
        cancels: Option<String>,
        /// What there is to tell.
        #[serde(flatten)]
        told: Told,
    },
    /// It is answered here.
    #[serde(rename_all = "camelCase")]
    Answer {
        /// The HTTP status.
        status: u16,
        /// A header beside the content type.
        #[serde(skip_serializing_if = "Option::is_none")]
        header: Option<(&'static str, &'static str)>,
        /// What there is to tell.
        #[serde(flatten)]
        told: Told,
    },
}

/// What there is to tell about a request.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Told {
    /// One line of JSON, as the filter logs it; not where nobody reads it, see `Guard::quiet`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<String>,
    /// What an approval of a held call must name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub held: Option<String>,
    /// What was reserved for nothing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub give_back: Vec<Given>,
}

/// What becomes of a piece of an answer.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Verdict {
    /// Whether other bytes go on in its place.
    pub replaced: bool,
    /// How many entries left a list.
    #[serde(skip_serializing_if = "is_zero")]
    pub hidden: usize,
    /// Lines of JSON about tools that are not what is pinned, as the filter logs them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<String>,
    /// How many messages were withheld.
    #[serde(skip_serializing_if = "is_zero")]
    pub withheld: usize,
    /// What the call took and did not use.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub give_back: Vec<Given>,
    /// The id, as JSON, of the request that this answers, or of the server's own request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The method, if it is no answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// Whether nothing more of a stream goes on.
    pub closed: bool,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "what serde asks for")]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

/// What becomes of an answer, by its headers.
#[derive(Serialize)]
#[serde(tag = "body", rename_all = "camelCase")]
pub enum AnswerBody {
    /// It passes as it comes.
    Pass,
    /// It is one message: to be read whole.
    Message,
    /// It is a stream of events.
    Events,
    /// It does not pass: this status is sent, with the bytes of the exchange.
    Withheld {
        /// The HTTP status.
        status: u16,
    },
}

/// What one limit wants of one counter.
#[derive(Serialize)]
pub struct Wanted {
    key: String,
    window: u32,
    max: String,
    amount: String,
}

impl From<&Request> for Wanted {
    fn from(request: &Request) -> Wanted {
        Wanted {
            key: digits(&request.key),
            window: request.window.seconds(),
            max: request.max.millionths().to_string(),
            amount: request.amount.millionths().to_string(),
        }
    }
}

/// What is given back.
#[derive(Clone, Serialize)]
pub struct Given {
    key: String,
    start: u64,
    amount: String,
}

impl From<&Taken> for Given {
    fn from(taken: &Taken) -> Given {
        let (start, amount) = (taken.start.0, taken.amount.millionths().to_string());
        Given { key: digits(&taken.key), start, amount }
    }
}

fn digits(key: &CounterKey) -> String {
    let digits = key.0.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
}

/// What a store did.
#[derive(Deserialize)]
pub struct Outcome {
    /// Which request could not be met; none if all were reserved.
    #[serde(default)]
    refused: Option<u32>,
    counts: Vec<Counted>,
}

#[derive(Deserialize)]
struct Counted {
    start: u64,
    used: String,
}

impl Outcome {
    /// Whether all was reserved, and the counters; `None` if a number is none.
    pub fn read(text: &str) -> Option<(bool, Vec<(Time, Amount)>)> {
        let Outcome { refused, counts } = serde_json::from_str(text).ok()?;
        let counts = counts.iter().map(|counted| {
            let used = counted.used.parse().ok().and_then(Amount::from_millionths)?;
            Some((Time(counted.start), used))
        });
        Some((refused.is_none(), counts.collect::<Option<_>>()?))
    }
}

/// The headers of a request.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Head {
    pub method: String,
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub has_body: bool,
}

impl Head {
    /// The value of a header; of one that comes several times, all of them.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }
}

/// A policy, as the host may show it.
#[derive(Serialize)]
pub struct PolicyShown<'p> {
    pub name: &'p str,
    pub hash: &'p str,
    pub mode: &'p str,
}

/// A value as JSON. What is written here always can be.
pub fn text(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// An id as JSON.
pub fn id_text(id: &Id) -> String {
    match id {
        Id::Text(text) => quote(text),
        Id::Integer(number) => number.as_str().to_owned(),
    }
}

/// The step that answers with this, and the body.
pub fn answer(stop: Stop, told: Told) -> (Step, Vec<u8>) {
    let Stop { reply, .. } = stop;
    let step = Step::Answer { status: reply.status, header: reply.header, told };
    (step, reply.body.into_bytes())
}
