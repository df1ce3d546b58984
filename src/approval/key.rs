//! The keys by which approvals are known.

use std::fmt;
use std::sync::Arc;

use base64ct::{Base64, Encoding};
use ed25519_dalek::{Signature, VerifyingKey};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::elsewhere::{Elsewhere, check_elsewhere};
use super::token::{Approval, Refusal, check_signed};
use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::json::{Node, Object, Value, pointer_token};
use crate::model::{Time, contains};
use crate::source::Span;

/// So many keys may be configured, for a token may be tried with each.
pub const MAX_KEYS: usize = 16;
/// The fewest bytes of a secret: as many as the hash has (RFC 7518, section 3.2).
pub const MIN_SECRET: usize = 32;

/// What comes before the 32 bytes of an Ed25519 public key in the form that OpenSSL writes: the DER
/// of a `SubjectPublicKeyInfo` with the algorithm 1.3.101.112 (RFC 8410).
const SPKI: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
const BEGIN: &str = "-----BEGIN PUBLIC KEY-----";
const END: &str = "-----END PUBLIC KEY-----";
/// How every PEM text begins.
const ARMOUR: &str = "-----BEGIN ";

/// A key by which approvals are known. It is good for one algorithm only, so that a public key is
/// never taken for a secret.
#[derive(Clone)]
pub struct Key(Kind);

#[derive(Clone)]
enum Kind {
    Ed25519(Box<VerifyingKey>),
    Hs256(Vec<u8>),
}

impl fmt::Debug for Key {
    /// The algorithm. A secret is not shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.algorithm())
    }
}

impl Key {
    /// A public key as OpenSSL writes it: PEM (`-----BEGIN PUBLIC KEY-----`), or the base64 between
    /// its lines alone. Approvals by it are signed with `EdDSA`.
    ///
    /// # Errors
    /// If it is no public key for Ed25519, or one under which signatures mean nothing.
    pub fn ed25519(text: &str) -> Result<Key, KeyFaultKind> {
        let text = text.trim();
        let inside = match text.strip_prefix(BEGIN) {
            Some(rest) => rest.strip_suffix(END).ok_or(KeyFaultKind::NotAPublicKey)?,
            None if text.starts_with(ARMOUR) && contains(text, "PRIVATE KEY-----") => {
                return Err(KeyFaultKind::PrivateKey);
            }
            None => text,
        };
        let base64: String = inside.split_ascii_whitespace().collect();
        let mut der = [0; SPKI.len() + 32];
        let bytes = Base64::decode(&base64, &mut der).map_err(|_| KeyFaultKind::NotAPublicKey)?;
        let point = bytes.strip_prefix(&SPKI).and_then(|point| <&[u8; 32]>::try_from(point).ok());
        Key::ed25519_point(point.ok_or(KeyFaultKind::NotAPublicKey)?)
    }

    /// A public key for Ed25519 in its 32 bytes (RFC 8032).
    ///
    /// # Errors
    /// As [`Key::ed25519`].
    pub fn ed25519_point(point: &[u8; 32]) -> Result<Key, KeyFaultKind> {
        match VerifyingKey::from_bytes(point) {
            Ok(key) if !key.is_weak() => Ok(Key(Kind::Ed25519(Box::new(key)))),
            _ => Err(KeyFaultKind::NotAPublicKey),
        }
    }

    /// A shared secret. Approvals by it are signed with `HS256`; whoever can check them can make
    /// them.
    ///
    /// # Errors
    /// If it has fewer than [`MIN_SECRET`] bytes, or is a key that others may know.
    pub fn hs256(secret: &[u8]) -> Result<Key, KeyFaultKind> {
        if secret.len() < MIN_SECRET {
            return Err(KeyFaultKind::ShortSecret);
        }
        // With a public key for a secret, everybody could sign.
        let text = std::str::from_utf8(secret).unwrap_or_default();
        if text.trim_start().starts_with(ARMOUR) || Key::ed25519(text).is_ok() {
            return Err(KeyFaultKind::NotASecret);
        }
        Ok(Key(Kind::Hs256(secret.to_vec())))
    }

    /// A shared secret as a text or a file has it: without the line end that editors and `echo` put
    /// behind it.
    ///
    /// # Errors
    /// As [`Key::hs256`].
    pub fn hs256_line(secret: &[u8]) -> Result<Key, KeyFaultKind> {
        Key::hs256(without_line_end(secret))
    }

    /// `EdDSA` or `HS256`: the `alg` of the tokens that it is good for.
    #[must_use]
    pub fn algorithm(&self) -> &'static str {
        match self.0 {
            Kind::Ed25519(_) => "EdDSA",
            Kind::Hs256(_) => "HS256",
        }
    }

    /// Whether the signature is this key's for these bytes. HMACs are compared in constant time;
    /// Ed25519 is checked strictly, so that nobody can make a second signature out of one.
    pub(super) fn has_signed(&self, message: &[u8], signature: &[u8]) -> bool {
        match &self.0 {
            Kind::Ed25519(key) => Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify_strict(message, &signature).is_ok()),
            // A secret of any length is a key for HMAC.
            Kind::Hs256(secret) => Hmac::<Sha256>::new_from_slice(secret)
                .is_ok_and(|mac| mac.chain_update(message).verify_slice(signature).is_ok()),
        }
    }
}

/// The secret that stands in a file or a text: all of it but one line end behind it.
#[must_use]
pub fn without_line_end(secret: &[u8]) -> &[u8] {
    let secret = secret.strip_suffix(b"\n").unwrap_or(secret);
    secret.strip_suffix(b"\r").unwrap_or(secret)
}

/// The keys of a host. Without any, nobody can approve anything there.
#[derive(Clone, Default)]
pub struct Keys {
    keys: Vec<Key>,
    /// The program that has them, if they are not here.
    other: Option<Arc<dyn Elsewhere>>,
    /// How a token is checked with them; none if there is no key. Only who makes keys names this function:
    /// a program that never does, as the part of the npm package that only decides, has no cryptography
    /// in it.
    check: Option<Check>,
}

/// As [`super::check`].
type Check = fn(&str, &str, &Keys, Time) -> Result<Approval, Refusal>;

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Keys").field(&self.keys).finish()
    }
}

impl Keys {
    /// These keys.
    ///
    /// # Errors
    /// If there are more than [`MAX_KEYS`].
    pub fn new(keys: Vec<Key>) -> Result<Keys, KeyFaultKind> {
        if keys.len() > MAX_KEYS { Err(KeyFaultKind::TooMany) } else { Ok(Keys::of(keys)) }
    }

    /// These keys and one more, which may be one more than [`MAX_KEYS`].
    pub(crate) fn and(self, key: Key) -> Keys {
        let mut keys = self.keys;
        keys.push(key);
        Keys::of(keys)
    }

    fn of(keys: Vec<Key>) -> Keys {
        let check: Option<Check> = if keys.is_empty() { None } else { Some(check_signed) };
        Keys { keys, other: None, check }
    }

    /// Keys that another program has, and checks tokens with.
    #[must_use]
    pub fn elsewhere(other: Arc<dyn Elsewhere>) -> Keys {
        Keys { keys: Vec::new(), other: Some(other), check: Some(check_elsewhere) }
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.check.is_none()
    }

    pub(super) fn iter(&self) -> std::slice::Iter<'_, Key> {
        self.keys.iter()
    }

    /// The program that has the keys, if they are not here.
    pub(super) fn other(&self) -> Option<&dyn Elsewhere> {
        self.other.as_deref()
    }

    pub(super) fn check(&self) -> Option<Check> {
        self.check.filter(|_| cfg!(feature = "approvals"))
    }

    /// Reads keys as configurations and scenarios write them: a list of `{"ed25519": text}` (see
    /// [`Key::ed25519`]) and `{"hs256": text}` (the secret's UTF-8, see [`Key::hs256_line`]).
    ///
    /// The algorithm is always named: if it had to be guessed, a public key could be taken for a
    /// secret.
    ///
    /// # Errors
    /// Everything that is wrong with them, in the order of the text.
    pub fn from_node(node: &Node) -> Result<Keys, Vec<KeyFault>> {
        Keys::from_node_with(node, Secrets::None)
    }

    /// As [`Keys::from_node`], where secrets need not stand in the document: `{"hs256_env": name}` is the
    /// secret of this name.
    ///
    /// # Errors
    /// As [`Keys::from_node`]; and if there is no secret of a name.
    pub fn from_node_with(node: &Node, secrets: Secrets<'_>) -> Result<Keys, Vec<KeyFault>> {
        let fault = |kind, span, pointer: &str| KeyFault { kind, span, pointer: pointer.into() };
        let Some(list) = node.value.as_list() else {
            let kind = KeyFaultKind::NotAList(node.value.kind());
            return Err(vec![fault(kind, node.span, "")]);
        };
        if list.len() > MAX_KEYS {
            return Err(vec![fault(KeyFaultKind::TooMany, node.span, "")]);
        }
        let (mut keys, mut faults) = (Vec::new(), Vec::new());
        for (at, node) in list.iter().enumerate() {
            let pointer = format!("/{at}");
            match &node.value {
                Value::Object(object) if object.len() == 1 => {
                    match member(object, &pointer, secrets) {
                        Ok(key) => keys.extend(key),
                        Err(wrong) => faults.push(wrong),
                    }
                }
                Value::Object(_) => {
                    faults.push(fault(KeyFaultKind::NotOneAlgorithm, node.span, &pointer));
                }
                other => {
                    let kind = KeyFaultKind::NotAnObject(other.kind());
                    faults.push(fault(kind, node.span, &pointer));
                }
            }
        }
        if faults.is_empty() { Ok(Keys::of(keys)) } else { Err(faults) }
    }
}

/// The secrets that a document only names, such as variables of an environment.
#[derive(Clone, Copy)]
pub enum Secrets<'s> {
    /// It can name none.
    None,
    /// They are not looked for, and left out: nobody can approve by them here.
    Unread,
    /// They are found by their names.
    Found(&'s dyn Fn(&str) -> Option<Vec<u8>>),
}

/// The key in an object that has one member.
fn member(object: &Object, pointer: &str, secrets: Secrets<'_>) -> Result<Option<Key>, KeyFault> {
    let Some(member) = object.members().first() else {
        return Ok(None);
    };
    let name = &*member.key;
    let (span, key) = match (name, &member.node.value) {
        ("ed25519", Value::String(text)) => (member.node.span, Key::ed25519(text)),
        ("hs256", Value::String(text)) => (member.node.span, Key::hs256_line(text.as_bytes())),
        ("hs256_env", Value::String(called)) if !matches!(secrets, Secrets::None) => {
            let Secrets::Found(find) = secrets else { return Ok(None) };
            let key = find(called).ok_or(KeyFaultKind::NoSecret);
            (member.node.span, key.and_then(|secret| Key::hs256_line(&secret)))
        }
        ("ed25519" | "hs256", other) => {
            (member.node.span, Err(KeyFaultKind::NotAText(other.kind())))
        }
        _ => {
            let near = nearest(name, ["ed25519", "hs256"]);
            (member.key_span, Err(KeyFaultKind::UnknownAlgorithm(near)))
        }
    };
    let pointer = || format!("{pointer}/{}", pointer_token(name));
    key.map(Some).map_err(|kind| KeyFault { kind, span, pointer: pointer() })
}

/// What is wrong with a key, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyFault {
    /// What; its `Display` is the message.
    pub kind: KeyFaultKind,
    /// Where in the text.
    pub span: Span,
    /// JSON Pointer of the place, from the list of keys on.
    pub pointer: String,
}

impl KeyFault {
    /// The fault as a diagnostic of the document in which the list of keys stands at this pointer.
    #[must_use]
    pub fn diagnostic(&self, list: &str) -> Diagnostic {
        let code = match self.kind {
            KeyFaultKind::NotAList(_)
            | KeyFaultKind::NotAnObject(_)
            | KeyFaultKind::NotAText(_) => Code::WrongType,
            KeyFaultKind::UnknownAlgorithm(_) => Code::UnknownKey,
            _ => Code::InvalidApprovalKey,
        };
        let pointer = format!("{list}{}", self.pointer);
        Diagnostic::new(code, self.span, &pointer, self.kind.to_string())
    }
}

/// What can be wrong with a key. Type names are those of [`Value::kind`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyFaultKind {
    /// The keys are no list but this.
    NotAList(&'static str),
    /// A key is no object but this.
    NotAnObject(&'static str),
    /// A key names no algorithm, or several.
    NotOneAlgorithm,
    /// There is no such algorithm here; and the one that was likely meant.
    UnknownAlgorithm(Option<&'static str>),
    /// The key itself is no text but this.
    NotAText(&'static str),
    /// It is not a public key for Ed25519.
    NotAPublicKey,
    /// It is the private key, which stays with the person who approves.
    PrivateKey,
    /// The secret has fewer than [`MIN_SECRET`] bytes.
    ShortSecret,
    /// The secret is a key in PEM form, or a public key.
    NotASecret,
    /// There are more than [`MAX_KEYS`].
    TooMany,
    /// There is no secret with this name.
    NoSecret,
}

impl fmt::Display for KeyFaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            KeyFaultKind::NotAList(found) => write!(f, "approval keys are a list, not {found}"),
            KeyFaultKind::NotAnObject(found) => {
                write!(f, "an approval key is an object with `ed25519` or `hs256`, not {found}")
            }
            KeyFaultKind::NotOneAlgorithm => {
                f.write_str("an approval key has exactly one of `ed25519` and `hs256`")
            }
            KeyFaultKind::UnknownAlgorithm(near) => {
                f.write_str("an approval key is for `ed25519` or `hs256`")?;
                near.map_or(Ok(()), |near| write!(f, ": did you mean `{near}`?"))
            }
            KeyFaultKind::NotAText(found) => write!(f, "the key must be a string, not {found}"),
            KeyFaultKind::NotAPublicKey => {
                f.write_str("this is not a public key for ed25519 as openssl writes it")
            }
            KeyFaultKind::PrivateKey => f.write_str(
                "this is a private key, which stays with the person who approves: \
                 `openssl pkey -pubout` writes the public one",
            ),
            KeyFaultKind::ShortSecret => {
                write!(f, "a secret for hs256 has at least {MIN_SECRET} bytes")
            }
            KeyFaultKind::NotASecret => {
                f.write_str("this is a key of another kind, not a secret for hs256")
            }
            KeyFaultKind::TooMany => write!(f, "there are more than {MAX_KEYS} approval keys"),
            KeyFaultKind::NoSecret => f.write_str("there is no secret with this name"),
        }
    }
}
