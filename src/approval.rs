//! Approvals: what exactly a person is asked to approve, and whether a token approves it.
//!
//! A held call is answered with its [`digest`]. A person who has a key signs a token that names it: a
//! JWT (RFC 7519) with the claims `{digest, sub, exp, jti}`, under `EdDSA` (Ed25519) or `HS256`. The
//! call that comes again with the token goes through once: with it the token is burnt in the counter
//! store, together with what the limits reserve or not at all.
//!
//! The room checks and never signs. Who signs is outside: the command line's `approve`, the npm
//! package's, or any program that can make a JWT.

mod elsewhere;
mod key;
#[cfg(test)]
mod tests;
mod token;

use sha2::{Digest, Sha256};

pub use elsewhere::{Elsewhere, to_bytes};
pub use key::{Key, KeyFault, KeyFaultKind, Keys, MAX_KEYS, MIN_SECRET, Secrets, without_line_end};
pub use token::{Approval, MAX_TOKEN, Refusal, SKEW, check};

use crate::compile::hexadecimal;
use crate::json::{canonical_exact, quote};
use crate::model::Call;

/// What an approval of this call must name: the SHA-256, in hexadecimal digits, of the canonical
/// JSON (RFC 8785) of `{arguments, grant, server, tool}`; an absent grant or server is `null`. Numbers
/// are exact where the RFC would round them, so that another argument always has another digest.
#[must_use]
pub fn digest(call: &Call) -> String {
    let text = |text: &Option<String>| text.as_deref().map_or("null".to_owned(), quote);
    let arguments = canonical_exact(&call.arguments);
    let (grant, server, tool) = (text(&call.grant), text(&call.server), quote(&call.tool));
    // Its keys are in order.
    let parts = ["{\"arguments\":", &arguments, ",\"grant\":", &grant, ",\"server\":", &server];
    hexadecimal(&Sha256::digest([&parts.concat(), ",\"tool\":", &tool, "}"].concat()))
}
