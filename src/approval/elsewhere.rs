//! Tokens that another program checks, for one that has no cryptography in it. What it answers crosses in
//! bytes, and what is no answer is no approval.

use super::key::Keys;
use super::token::{Approval, CHECKED, Refusal};
use crate::model::{Time, Window};
use crate::quota::CounterKey;

/// Another program, which has keys and checks tokens with them.
pub trait Elsewhere: Send + Sync {
    /// What [`to_bytes`] makes of what [`check`](super::check) says there; none if it says nothing.
    fn check(&self, token: &str, digest: &str, now: Time) -> Option<Vec<u8>>;
}

/// As [`check`](super::check), with keys that are elsewhere.
pub(super) fn check_elsewhere(
    token: &str,
    digest: &str,
    keys: &Keys,
    now: Time,
) -> Result<Approval, Refusal> {
    let answer = keys.other().and_then(|other| other.check(token, digest, now));
    answer.and_then(|bytes| from_bytes(&bytes)).unwrap_or(Err(Refusal::Elsewhere))
}

/// The first byte of an approval; refusals have their places in [`REFUSALS`], counted from 1.
const APPROVED: u8 = 0;

/// Why another program may refuse a token, where a number of seconds is 0.
const REFUSALS: [Refusal; 20] = [
    Refusal::NoKey,
    Refusal::Algorithm,
    Refusal::Signature,
    Refusal::Audience,
    Refusal::OtherCall,
    Refusal::TooLate,
    Refusal::Expired(0),
    Refusal::TooEarly(0),
    Refusal::Claim("digest"),
    Refusal::Claim("sub"),
    Refusal::Claim("exp"),
    Refusal::Claim("nbf"),
    Refusal::Claim("jti"),
    Refusal::Malformed("it is too long"),
    Refusal::Malformed("it does not have three parts"),
    Refusal::Malformed("it is not base64url"),
    Refusal::Malformed("its parts are not json objects"),
    Refusal::Malformed("its header asks for an extension"),
    Refusal::Malformed("its `typ` is not `JWT`"),
    Refusal::Malformed("its header has no `alg`"),
];

/// What is said of a token, for a program that cannot check it itself.
#[must_use]
pub fn to_bytes(said: &Result<Approval, Refusal>) -> Vec<u8> {
    let refusal = match said {
        Ok(Approval { approver, jti, window, checked: _ }) => {
            let window = window.seconds().to_le_bytes();
            return [&[APPROVED][..], &jti.0, &window, approver.as_bytes()].concat();
        }
        Err(refusal) => refusal,
    };
    let (known, seconds) = match refusal {
        Refusal::Expired(seconds) => (&Refusal::Expired(0), *seconds),
        Refusal::TooEarly(seconds) => (&Refusal::TooEarly(0), *seconds),
        other => (other, 0),
    };
    let place = (1..).zip(&REFUSALS).find(|(_, other)| *other == known);
    // What has no place is not understood there.
    [&[place.map_or(u8::MAX, |(place, _)| place)][..], &seconds.to_le_bytes()].concat()
}

/// What [`to_bytes`] wrote; none if they are other bytes.
fn from_bytes(bytes: &[u8]) -> Option<Result<Approval, Refusal>> {
    let (kind, rest) = bytes.split_first()?;
    if *kind == APPROVED {
        let (jti, rest) = rest.split_first_chunk()?;
        let (window, approver) = rest.split_first_chunk()?;
        let window = Window::from_seconds(u32::from_le_bytes(*window).into())?;
        let approver = std::str::from_utf8(approver).ok().filter(|text| !text.is_empty())?;
        let (approver, jti, checked) = (approver.to_owned(), CounterKey(*jti), CHECKED.ok()?);
        return Some(Ok(Approval { approver, jti, window, checked }));
    }
    let seconds = u64::from_le_bytes(rest.try_into().ok()?);
    Some(Err(match REFUSALS.get(usize::from(*kind).checked_sub(1)?)? {
        Refusal::Expired(_) => Refusal::Expired(seconds),
        Refusal::TooEarly(_) => Refusal::TooEarly(seconds),
        other => other.clone(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_come_back_as_they_were() {
        let approval = Approval {
            approver: "añá".to_owned(),
            jti: CounterKey([7; 16]),
            window: Window::from_seconds(1_767_225_660).unwrap(),
            checked: (),
        };
        let later = [Refusal::Expired(5), Refusal::TooEarly(u64::MAX)].map(Err);
        for said in REFUSALS.map(Err).into_iter().chain(later).chain([Ok(approval)]) {
            assert_eq!(from_bytes(&to_bytes(&said)), Some(said));
        }
        assert_eq!(from_bytes(&to_bytes(&Err(Refusal::Used))), None);
        // Whatever a token is refused for has a place.
        let source = include_str!("token.rs");
        for (begin, refusal_of) in [
            ("Malformed(\"", Refusal::Malformed as fn(&'static str) -> Refusal),
            ("self.text(\"", Refusal::Claim),
            ("self.seconds(\"", Refusal::Claim),
        ] {
            let texts: Vec<&str> =
                source.split(begin).skip(1).filter_map(|rest| rest.split('"').next()).collect();
            assert!(texts.len() > 1);
            for text in texts {
                let refusal = refusal_of(text.to_owned().leak());
                assert!(REFUSALS.contains(&refusal), "{refusal:?}");
            }
        }
    }

    #[test]
    fn other_bytes_are_no_answer() {
        let approved = [&[0_u8; 1][..], &[1; 20], b"ada"].concat();
        assert!(matches!(from_bytes(&approved), Some(Ok(_))));
        for length in 0..=21 {
            assert_eq!(from_bytes(&approved[..length]), None);
        }
        assert_eq!(from_bytes(&[&[0; 21][..], b"ada"].concat()), None, "a window of no time");
        assert_eq!(from_bytes(&[&approved[..21], b"\xff"].concat()), None);
        for kind in [1, 20, 21, 255] {
            assert_eq!(from_bytes(&[kind]), None);
            assert_eq!(from_bytes(&[kind, 0, 0, 0, 0, 0, 0, 0, 0]).is_some(), kind <= 20);
        }
    }
}
