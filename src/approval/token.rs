//! Tokens: a JWT in its compact form, read strictly and believed only when a key has signed it.

use std::borrow::Cow;
use std::fmt;

use base64ct::{Base64UrlUnpadded, Encoding};

use super::key::Keys;
use crate::digits::in_digits;
use crate::json::{Limits, Node, Number, Object, Value, read_strict};
use crate::model::{Amount, Time, Window};
use crate::quota::{self, CounterKey, CounterStore, Request, Reserved, StoreError};

/// So many seconds the clocks of who signs and who checks may differ.
pub const SKEW: u64 = 60;
/// The most bytes of a token that are looked at.
pub const MAX_TOKEN: usize = 4096;

/// The parts are flat, or nearly so.
const PART: Limits = Limits { bytes: MAX_TOKEN, depth: 8 };

/// A token that a key has signed for this very call and that is in time.
///
/// # How it is used once
///
/// It is burnt by counting one in a counter of its own, with room for one. Limits count in windows
/// that begin again; this counter must not while the token is good. So its window is as long as the
/// time from the epoch to the token's end (`exp` and the allowed skew): the window that begins at the
/// epoch is then the only one that the token ever lies in, whatever the time at which it is used, and
/// it is over when the token is. A store may forget the counter only after that, and then says so by
/// its floor ([`quota::Loaded::floor`]): a clock that steps back finds the token over, not unused.
/// A token with the `jti` of another finds the other's counter.
#[derive(Clone, Debug, PartialEq)]
pub struct Approval {
    /// Who approved: the claim `sub`.
    pub approver: String,
    pub(super) jti: CounterKey,
    pub(super) window: Window,
    pub(super) checked: Checked,
}

/// What every approval has. A program that is built to check none can have no approval: then nothing is
/// compiled of what would be done with one.
#[cfg(feature = "approvals")]
pub(super) type Checked = ();
#[cfg(not(feature = "approvals"))]
pub(super) type Checked = std::convert::Infallible;

#[cfg(feature = "approvals")]
pub(super) const CHECKED: Result<Checked, Refusal> = Ok(());
#[cfg(not(feature = "approvals"))]
pub(super) const CHECKED: Result<Checked, Refusal> = Err(Refusal::NoKey);

/// Why a token was not accepted; its `Display` goes on after "the approval was not accepted: ".
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// There is no key to check it with.
    NoKey,
    /// It is not a token: what is wrong with it.
    Malformed(&'static str),
    /// Its algorithm is none for which there is a key.
    Algorithm,
    /// No key has signed it, or it was changed since.
    Signature,
    /// A claim is missing or not what it must be: which.
    Claim(&'static str),
    /// It is for an audience, and so for somebody else.
    Audience,
    /// It approves another call.
    OtherCall,
    /// It expired so many seconds ago.
    Expired(u64),
    /// It is good in so many seconds.
    TooEarly(u64),
    /// Its end is too far off.
    TooLate,
    /// It was used before.
    Used,
    /// Whether it was used cannot be told.
    Store(StoreError),
    /// Another program has the keys, and it is not known what it says.
    Elsewhere,
}

impl Refusal {
    const NO_KEY: &str = "there is no key to check it with";

    /// What people read; also its `Display`.
    #[must_use]
    pub fn message(&self) -> Cow<'static, str> {
        match self {
            _ if !cfg!(feature = "approvals") => Refusal::NO_KEY.into(),
            Refusal::NoKey => Refusal::NO_KEY.into(),
            Refusal::Malformed(what) => ["it is not a token: ", what].concat().into(),
            Refusal::Algorithm => "it is signed in a way for which there is no key here".into(),
            Refusal::Signature => "it is not signed by a key that is known here".into(),
            Refusal::Claim(name) => ["its `", name, "` is missing or wrong"].concat().into(),
            Refusal::Audience => "it is meant for another audience".into(),
            Refusal::OtherCall => "it approves another call".into(),
            Refusal::Expired(seconds) => {
                ["it expired ", &in_digits(*seconds), " seconds ago"].concat().into()
            }
            Refusal::TooEarly(seconds) => {
                ["it is good only in ", &in_digits(*seconds), " seconds"].concat().into()
            }
            Refusal::TooLate => "its `exp` is too far off".into(),
            Refusal::Used => "it was used before".into(),
            Refusal::Store(error) => error.message().into(),
            Refusal::Elsewhere => "it could not be checked".into(),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message())
    }
}

/// Whether the token approves the call with this digest at this time. Whether it was used before is
/// another question: see [`Approval::unused`].
///
/// # Errors
/// Why it does not. Nothing in the token but its `alg` is looked at before a key was found that has
/// signed it.
pub fn check(token: &str, digest: &str, keys: &Keys, now: Time) -> Result<Approval, Refusal> {
    let check = keys.check().ok_or(Refusal::NoKey)?;
    check(token, digest, keys, now)
}

/// As [`check`], with keys that are here.
pub(super) fn check_signed(
    token: &str,
    digest: &str,
    keys: &Keys,
    now: Time,
) -> Result<Approval, Refusal> {
    signed(token, keys)?.approval(digest, now)
}

/// The claims of a token that a key has signed.
fn signed(token: &str, keys: &Keys) -> Result<Claims, Refusal> {
    if token.len() > MAX_TOKEN {
        return Err(Refusal::Malformed("it is too long"));
    }
    // A fourth part would be a point in the second, which base64url does not have.
    let three = Refusal::Malformed("it does not have three parts");
    let (message, signature) = token.rsplit_once('.').ok_or_else(|| three.clone())?;
    let (header, claims) = message.split_once('.').ok_or(three)?;
    let algorithm = algorithm(&object(header)?)?;
    let signature = bytes(signature)?;
    let mut fitting = keys.iter().filter(|key| key.algorithm() == algorithm).peekable();
    if fitting.peek().is_none() {
        return Err(Refusal::Algorithm);
    }
    if !fitting.any(|key| key.has_signed(message.as_bytes(), &signature)) {
        return Err(Refusal::Signature);
    }
    object(claims).map(Claims)
}

fn bytes(part: &str) -> Result<Vec<u8>, Refusal> {
    Base64UrlUnpadded::decode_vec(part).map_err(|_| Refusal::Malformed("it is not base64url"))
}

fn object(part: &str) -> Result<Object, Refusal> {
    match read_strict(&bytes(part)?, &PART) {
        Ok(Node { value: Value::Object(object), .. }) => Ok(object),
        _ => Err(Refusal::Malformed("its parts are not json objects")),
    }
}

/// The algorithm that a header names, if the header asks for nothing that is not known here.
fn algorithm(header: &Object) -> Result<String, Refusal> {
    // What is critical must be understood (RFC 7515, section 4.1.11), and nothing is; with `b64` the
    // signature is one of other bytes (RFC 7797).
    if header.get("crit").is_some() || header.get("b64").is_some() {
        return Err(Refusal::Malformed("its header asks for an extension"));
    }
    // A token of another kind may say so there (RFC 8725, section 3.11).
    let is_jwt = |typ: &Node| typ.value.as_str().is_some_and(|typ| typ.eq_ignore_ascii_case("jwt"));
    if header.get("typ").is_some_and(|typ| !is_jwt(typ)) {
        return Err(Refusal::Malformed("its `typ` is not `JWT`"));
    }
    let algorithm = header.get("alg").and_then(|node| node.value.as_str());
    algorithm.map(str::to_owned).ok_or(Refusal::Malformed("its header has no `alg`"))
}

/// Claims that were signed.
struct Claims(Object);

impl Claims {
    fn text(&self, name: &'static str) -> Result<&str, Refusal> {
        let text = self.0.get(name).and_then(|node| node.value.as_str());
        text.filter(|text| !text.trim().is_empty()).ok_or(Refusal::Claim(name))
    }

    /// A time in whole seconds since the epoch; `None` if there is no such claim.
    fn seconds(&self, name: &'static str) -> Result<Option<u64>, Refusal> {
        let Some(node) = self.0.get(name) else {
            return Ok(None);
        };
        let whole = |number: &&Number| number.is_integer() && !number.is_negative();
        let number = node.value.as_number().filter(whole).ok_or(Refusal::Claim(name))?;
        // What does not fit is later than all that does.
        Ok(Some(number.to_u64().unwrap_or(u64::MAX)))
    }

    fn approval(&self, digest: &str, now: Time) -> Result<Approval, Refusal> {
        // Who names an audience wants nobody else to take the token (RFC 7519, section 4.1.3), and
        // here nobody has a name: the digest says what an approval is for.
        if self.0.get("aud").is_some() {
            return Err(Refusal::Audience);
        }
        let (approved, approver) = (self.text("digest")?, self.text("sub")?);
        let jti = CounterKey::of_token(self.text("jti")?);
        let exp = self.seconds("exp")?.ok_or(Refusal::Claim("exp"))?;
        let nbf = self.seconds("nbf")?.unwrap_or(0);
        if approved != digest {
            return Err(Refusal::OtherCall);
        }
        // Windows have an end in 2106.
        let window = exp.checked_add(SKEW).and_then(Window::from_seconds);
        let window = window.ok_or(Refusal::TooLate)?;
        let approval = Approval { approver: approver.to_owned(), jti, window, checked: CHECKED? };
        if now >= approval.end() {
            return Err(approval.expired(now));
        }
        let begin = Time(nbf.saturating_sub(SKEW).saturating_mul(1000));
        if now < begin {
            return Err(Refusal::TooEarly(now.seconds_until(begin)));
        }
        Ok(approval)
    }
}

impl Approval {
    /// What burns the token, to be reserved together with the limits of the call.
    #[must_use]
    pub fn burn(&self) -> Request {
        Request { key: self.jti, window: self.window, max: Amount::ONE, amount: Amount::ONE }
    }

    /// Looks whether the token can still be used, and burns nothing.
    ///
    /// # Errors
    /// If it was used, or is over by the store's clock, or the store does not answer.
    pub fn unused(&self, now: Time, store: &mut dyn CounterStore) -> Result<(), Refusal> {
        match quota::look(&self.burn(), now, store) {
            Ok((_, false)) => Err(Refusal::Used),
            Ok((state, true)) => self.in_time(&state, now),
            Err(error) => Err(Refusal::Store(error)),
        }
    }

    /// Whether the counter in this state counts in the token's window.
    ///
    /// # Errors
    /// If it does not: then the store knows of a time at which the token was over, and may have
    /// forgotten that it was burnt.
    pub fn in_time(&self, state: &Reserved, now: Time) -> Result<(), Refusal> {
        if state.end <= self.end() { Ok(()) } else { Err(self.expired(now)) }
    }

    /// When it is over, the skew included.
    fn end(&self) -> Time {
        self.window.end(Time(0))
    }

    fn expired(&self, now: Time) -> Refusal {
        let exp = Time(self.end().0.saturating_sub(SKEW.saturating_mul(1000)));
        Refusal::Expired(exp.seconds_until(now))
    }
}
