//! What the operator wrote: `{ "policy": {…}, "grants"?: [{ "label": …, "token_sha256": … }] }`.

use std::collections::BTreeMap;

use cattlegrid::compile::{CompiledPolicy, compile};
use cattlegrid::diagnostic::{Code, Diagnostic, nearest, sort};
use cattlegrid::json::{Limits, Node, Object, Value, pointer_token};
use cattlegrid::parse;
use cattlegrid::source::{LineIndex, Span};
use sha2::{Digest, Sha256};

/// The grant of all requests where the configuration has no grants.
const ANONYMOUS: &str = "anonymous";

/// An accepted configuration.
pub struct Settings {
    /// What decides.
    pub policy: CompiledPolicy,
    /// Labels by the SHA-256 of their tokens; `None` if requests need none.
    grants: Option<BTreeMap<[u8; 32], String>>,
}

impl Settings {
    /// Whether a request must bring the token of a grant.
    pub fn wants_grants(&self) -> bool {
        self.grants.is_some()
    }

    /// The label of the grant that an `authorization` header stands for, if any.
    pub fn grant(&self, authorization: Option<&str>) -> Option<&str> {
        let Some(grants) = &self.grants else {
            return Some(ANONYMOUS);
        };
        let (scheme, token) = authorization?.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return None;
        }
        let token = token.trim_matches(' ');
        let digest: [u8; 32] = Sha256::digest(token).into();
        grants.get(&digest).map(String::as_str).filter(|_| !token.is_empty())
    }
}

/// Reads the text of a configuration.
///
/// # Errors
/// All that is wrong with it, a line each, with its place in the text.
pub fn read(text: &[u8]) -> Result<Settings, Vec<String>> {
    // A policy with little around it: the same bounds.
    let (node, mut diagnostics) = parse::json(text, &Limits::DOCUMENT);
    let settings = node.and_then(|node| Reader { diagnostics: &mut diagnostics }.settings(&node));
    match settings {
        Some(settings) if diagnostics.is_empty() => Ok(settings),
        _ => {
            sort(&mut diagnostics);
            let text = String::from_utf8_lossy(text);
            let index = LineIndex::new(&text);
            Err(diagnostics.iter().map(|diagnostic| diagnostic.in_one_line(&index)).collect())
        }
    }
}

/// Understands what it can and says what it cannot.
struct Reader<'d> {
    diagnostics: &'d mut Vec<Diagnostic>,
}

impl Reader<'_> {
    fn settings(&mut self, node: &Node) -> Option<Settings> {
        let object = self.object(node, "", &["policy", "grants"])?;
        let grants = object.get("grants").map(|node| self.grants(node));
        let policy = self.member(node, object, "", "policy")?;
        let parsed = parse::policy(policy);
        self.diagnostics.extend(parsed.diagnostics.into_iter().map(|mut diagnostic| {
            diagnostic.pointer.insert_str(0, "/policy");
            diagnostic
        }));
        Some(Settings { policy: compile(&parsed.policy?), grants })
    }

    /// Two grants may have one label: a token that is being replaced stays good beside the new one.
    fn grants(&mut self, node: &Node) -> BTreeMap<[u8; 32], String> {
        let mut grants = BTreeMap::new();
        let Value::List(list) = &node.value else {
            self.wrong_type(node, "/grants", "a list");
            return grants;
        };
        for (at, item) in list.iter().enumerate() {
            let pointer = format!("/grants/{at}");
            let Some(object) = self.object(item, &pointer, &["label", "token_sha256"]) else {
                continue;
            };
            let label = self.label(item, object, &pointer);
            let digest = self.digest(item, object, &pointer);
            let (Some(label), Some((digest, span))) = (label, digest) else {
                continue;
            };
            if grants.insert(digest, label).is_some() {
                let message = "another grant has this token already";
                self.report(Code::InvalidDigest, span, &format!("{pointer}/token_sha256"), message);
            }
        }
        grants
    }

    fn label(&mut self, item: &Node, object: &Object, pointer: &str) -> Option<String> {
        let node = self.member(item, object, pointer, "label")?;
        let pointer = format!("{pointer}/label");
        match node.value.as_str() {
            None => self.wrong_type(node, &pointer, "a string"),
            Some(text) if text.trim().is_empty() => {
                self.report(Code::BlankName, node.span, &pointer, "the label is blank");
            }
            Some(text) => return Some(text.to_owned()),
        }
        None
    }

    fn digest(&mut self, item: &Node, object: &Object, pointer: &str) -> Option<([u8; 32], Span)> {
        let node = self.member(item, object, pointer, "token_sha256")?;
        let pointer = format!("{pointer}/token_sha256");
        match node.value.as_str().map(bytes_of) {
            None => self.wrong_type(node, &pointer, "a string"),
            Some(None) => {
                let message = "not a SHA-256 in 64 hexadecimal digits";
                let help = "write what `printf %s \"$TOKEN\" | sha256sum` prints";
                self.diagnostics.push(
                    Diagnostic::new(Code::InvalidDigest, node.span, &pointer, message).help(help),
                );
            }
            Some(Some(digest)) => return Some((digest, node.span)),
        }
        None
    }

    /// An object with none but the known keys; others are reported.
    fn object<'n>(&mut self, node: &'n Node, pointer: &str, known: &[&str]) -> Option<&'n Object> {
        let Value::Object(object) = &node.value else {
            self.wrong_type(node, pointer, "an object");
            return None;
        };
        for member in object.members() {
            let key = member.key.as_str();
            if known.contains(&key) {
                continue;
            }
            let at = format!("{pointer}/{}", pointer_token(key));
            let message = format!("unknown key `{key}`");
            let mut diagnostic = Diagnostic::new(Code::UnknownKey, member.key_span, &at, message);
            if let Some(near) = nearest(key, known.iter().copied()) {
                diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
            }
            self.diagnostics.push(diagnostic);
        }
        Some(object)
    }

    fn member<'n>(
        &mut self,
        node: &Node,
        object: &'n Object,
        pointer: &str,
        key: &str,
    ) -> Option<&'n Node> {
        let member = object.get(key);
        if member.is_none() {
            let message = format!("missing key `{key}`");
            self.report(Code::MissingKey, node.span, pointer, &message);
        }
        member
    }

    fn wrong_type(&mut self, node: &Node, pointer: &str, wanted: &str) {
        let message = format!("expected {wanted}, found {}", node.value.kind());
        self.report(Code::WrongType, node.span, pointer, &message);
    }

    fn report(&mut self, code: Code, span: Span, pointer: &str, message: &str) {
        self.diagnostics.push(Diagnostic::new(code, span, pointer, message));
    }
}

/// The bytes that 64 hexadecimal digits stand for.
fn bytes_of(digits: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    let (pairs, rest) = digits.as_bytes().as_chunks::<2>();
    if pairs.len() != bytes.len() || !rest.is_empty() {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(pairs) {
        let [high, low] = pair.map(|digit| char::from(digit).to_digit(16));
        *byte = u8::try_from(high?.checked_mul(16)?.checked_add(low?)?).ok()?;
    }
    Some(bytes)
}
