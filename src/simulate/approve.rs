//! The person of a scenario, who approves calls: real tokens, signed with a key that only the
//! simulation believes.

use base64ct::{Base64UrlUnpadded, Encoding};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::approval::{self, Key, Keys};
use crate::json::quote;
use crate::model::{Call, Time};

/// Known to everybody, and so the key of no host.
const SECRET: &[u8] = b"who approves in a simulation approves nothing elsewhere";

/// So many seconds a token is good.
const GOOD_FOR: u64 = 60;

/// The keys of the host, and beside them that of the person. A host without keys has none: there
/// nobody can approve.
pub(super) fn keys(of_host: Option<&Keys>) -> Option<Keys> {
    match of_host {
        Some(keys) if keys.is_empty() => Some(keys.clone()),
        keys => {
            let all = keys.cloned().unwrap_or_default();
            Key::hs256(SECRET).ok().map(|key| all.and(key))
        }
    }
}

/// An approval of this call that was signed at this time. No other may have the same `id`.
pub(super) fn token(call: &Call, by: &str, now: Time, id: &str) -> String {
    let part = |json: &str| Base64UrlUnpadded::encode_string(json.as_bytes());
    let header = part(r#"{"alg":"HS256","typ":"JWT"}"#);
    let (digest, by, id) = (approval::digest(call), quote(by), quote(id));
    let end = now.0.div_euclid(1000).saturating_add(GOOD_FOR);
    let claims = part(&format!(r#"{{"digest":"{digest}","sub":{by},"exp":{end},"jti":{id}}}"#));
    let message = format!("{header}.{claims}");
    // A secret of any length is a key for HMAC.
    let signature = Hmac::<Sha256>::new_from_slice(SECRET)
        .map(|mac| mac.chain_update(&message).finalize().into_bytes().to_vec())
        .unwrap_or_default();
    format!("{message}.{}", Base64UrlUnpadded::encode_string(&signature))
}
