//! `cattlegrid approve`: the side of the person who approves.

use base64ct::{Base64, Base64UrlUnpadded, Encoding};
use cattlegrid::approval::{Key, without_line_end};
use cattlegrid::simulate;
use ed25519_dalek::{Signer, SigningKey};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::decide::clock;
use super::files::Reader;
use super::{Answer, Failure, print};

#[derive(clap::Args)]
#[command(
    after_help = "A key is made by `openssl genpkey -algorithm ed25519 -out approver.pem`; whoever checks approvals gets \
                  what `openssl pkey -in approver.pem -pubout` writes. A secret that both sides share is made by \
                  `openssl rand -base64 32`."
)]
pub(super) struct Arguments {
    /// What is approved: the digest that a held call was answered with
    digest: String,
    /// The approver's key: an Ed25519 private key in PEM, or a file with a shared secret; `-` reads standard input
    #[arg(long, value_name = "FILE")]
    key: String,
    /// Who approves [default: the user's name on this machine]
    #[arg(long, value_name = "NAME")]
    subject: Option<String>,
    /// How long the approval is good: a number and `s`, `m`, `h` or `d`
    #[arg(long, value_name = "TIME", default_value = "10m")]
    expires: String,
}

pub(super) fn run(arguments: &Arguments) -> Result<Answer, Failure> {
    let digest = arguments.digest.as_str();
    let hexadecimal = |b: u8| matches!(b, b'0'..=b'9' | b'a'..=b'f');
    if digest.len() != 64 || !digest.bytes().all(hexadecimal) {
        return Err(Failure(format!(
            "error: `{digest}` is no digest: a held call is answered with one, 64 hexadecimal digits"
        )));
    }
    let signer = Signing::read(&Reader::default().read(&arguments.key)?.bytes)
        .map_err(|why| Failure(format!("error: {}: {why}", arguments.key)))?;
    let claims = serde_json::json!({
        "digest": digest,
        "sub": subject(arguments.subject.as_deref())?,
        "exp": end(&arguments.expires)?,
        "jti": random_name()?,
    });
    let header = serde_json::json!({ "alg": signer.algorithm(), "typ": "JWT" });
    let part =
        |json: serde_json::Value| Base64UrlUnpadded::encode_string(json.to_string().as_bytes());
    let message = format!("{}.{}", part(header), part(claims));
    let signature = Base64UrlUnpadded::encode_string(&signer.sign(message.as_bytes()));
    print(&format!("{message}.{signature}"))?;
    Ok(Answer::Yes)
}

/// A key that signs.
enum Signing {
    EdDsa(Box<SigningKey>),
    Hs256(Vec<u8>),
}

/// What comes before the 32 bytes of an Ed25519 private key in the form that OpenSSL writes: the DER
/// of a PKCS #8 `PrivateKeyInfo` with the algorithm 1.3.101.112 (RFC 8410).
const PKCS8: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];

impl Signing {
    fn read(file: &[u8]) -> Result<Signing, String> {
        let text = std::str::from_utf8(file).unwrap_or_default().trim();
        if !text.starts_with("-----BEGIN ") {
            let secret = without_line_end(file);
            // Nobody could check what is signed by a secret that is none.
            Key::hs256(secret).map_err(|fault| fault.to_string())?;
            return Ok(Signing::Hs256(secret.to_vec()));
        }
        let not_a_key = || {
            "this is not an unencrypted ed25519 private key as `openssl genpkey -algorithm ed25519` writes it"
                .to_owned()
        };
        let inside = text
            .strip_prefix("-----BEGIN PRIVATE KEY-----")
            .and_then(|text| text.strip_suffix("-----END PRIVATE KEY-----"))
            .ok_or_else(not_a_key)?;
        let base64: String = inside.split_ascii_whitespace().collect();
        let der = Base64::decode_vec(&base64).map_err(|_| not_a_key())?;
        let seed = der.strip_prefix(&PKCS8).and_then(|seed| <&[u8; 32]>::try_from(seed).ok());
        Ok(Signing::EdDsa(Box::new(SigningKey::from_bytes(seed.ok_or_else(not_a_key)?))))
    }

    fn algorithm(&self) -> &'static str {
        match self {
            Signing::EdDsa(_) => "EdDSA",
            Signing::Hs256(_) => "HS256",
        }
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        match self {
            Signing::EdDsa(key) => key.sign(message).to_bytes().to_vec(),
            Signing::Hs256(secret) => Hmac::<Sha256>::new_from_slice(secret)
                .map(|mac| mac.chain_update(message).finalize().into_bytes().to_vec())
                // A secret of any length is a key for HMAC.
                .unwrap_or_default(),
        }
    }
}

fn subject(named: Option<&str>) -> Result<String, Failure> {
    let user = || ["USER", "USERNAME"].iter().find_map(|name| std::env::var(name).ok());
    let subject = named.map(str::to_owned).or_else(user).unwrap_or_default();
    if subject.trim().is_empty() {
        return Err(Failure("error: who approves? say it by `--subject`".to_owned()));
    }
    Ok(subject)
}

/// When the approval is over, in seconds since the epoch.
fn end(expires: &str) -> Result<u64, Failure> {
    let span = simulate::span(expires).filter(|span| *span >= 1000);
    let span = span.ok_or_else(|| {
        Failure(format!("error: `{expires}` is not a span of time: write it as 10m, 2h or 1d"))
    })?;
    Ok(clock()?.0.saturating_add(span).div_euclid(1000))
}

/// A `jti` that no other token has.
fn random_name() -> Result<String, Failure> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| {
        Failure(format!("error: this machine gives no random numbers: {error}"))
    })?;
    Ok(Base64UrlUnpadded::encode_string(&bytes))
}
