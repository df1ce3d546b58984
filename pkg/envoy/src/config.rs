//! What the operator wrote: `{ "policy": {…}, "grants"?: [{ "label": …, "token_sha256": … }],
//! "approval_keys"?: [{ "ed25519": … } | { "hs256": … }] }`.

use std::collections::BTreeMap;

use cattlegrid::approval::Keys;
use cattlegrid::compile::{CompiledPolicy, compile};
use cattlegrid::diagnostic::{Code, Diagnostic, name, nearest, sort};
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
    /// By whom what is held can be approved; with none, what would be held is denied.
    pub approvals: Keys,
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
    let mut settings = None;
    // What is not JSON may mean anything: nothing more is said about it.
    if let (Some(node), true) = (node, diagnostics.is_empty()) {
        let mut reader = Reader { text, diagnostics: Vec::new() };
        settings = reader.settings(&node);
        diagnostics = reader.diagnostics;
    }
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
struct Reader<'t> {
    text: &'t [u8],
    diagnostics: Vec<Diagnostic>,
}

impl Reader<'_> {
    fn settings(&mut self, node: &Node) -> Option<Settings> {
        let known = ["policy", "grants", "approval_keys"];
        let object = self.object(node, "", "the configuration", &known)?;
        let grants = object.get("grants").map(|node| self.grants(node));
        let approvals = object.get("approval_keys").map(Keys::from_node);
        let approvals = approvals.unwrap_or_else(|| Ok(Keys::default())).unwrap_or_else(|faults| {
            let diagnostics = faults.iter().map(|fault| fault.diagnostic("/approval_keys"));
            self.diagnostics.extend(diagnostics);
            Keys::default()
        });
        let Some(policy) = object.get("policy") else {
            self.missing(node, "", "the configuration", "policy");
            return None;
        };
        let parsed = parse::parse_within(self.text, policy);
        self.diagnostics.extend(parsed.diagnostics.into_iter().map(|mut diagnostic| {
            diagnostic.pointer.insert_str(0, "/policy");
            diagnostic
        }));
        Some(Settings { policy: compile(&parsed.policy?), approvals, grants })
    }

    /// Two grants may have one label: a token that is being replaced stays good beside the new one.
    fn grants(&mut self, node: &Node) -> BTreeMap<[u8; 32], String> {
        let mut grants = BTreeMap::new();
        let Value::List(list) = &node.value else {
            self.wrong_type(node, "/grants", "`grants`", "a list");
            return grants;
        };
        for (at, item) in list.iter().enumerate() {
            let pointer = format!("/grants/{at}");
            let known = ["label", "token_sha256"];
            let Some(object) = self.object(item, &pointer, "a grant", &known) else {
                continue;
            };
            let [label, digest] = known.map(|key| self.text(item, object, &pointer, key));
            if let Some((_, span)) = label.filter(|(text, _)| text.trim().is_empty()) {
                let pointer = format!("{pointer}/label");
                self.report(Code::BlankName, span, &pointer, "the label is blank");
            }
            let Some((digest, span)) = digest else {
                continue;
            };
            let pointer = format!("{pointer}/token_sha256");
            match (bytes_of(digest), label) {
                (None, _) => {
                    let message = "not a sha-256 in 64 hexadecimal digits";
                    let help = "write what `printf %s \"$TOKEN\" | sha256sum` prints";
                    let diagnostic = Diagnostic::new(Code::InvalidDigest, span, &pointer, message);
                    self.diagnostics.push(diagnostic.help(help));
                }
                (Some(digest), Some((label, _))) => {
                    if grants.insert(digest, label.to_owned()).is_some() {
                        let message = "another grant has this token already";
                        self.report(Code::InvalidDigest, span, &pointer, message);
                    }
                }
                (Some(_), None) => {}
            }
        }
        grants
    }

    /// An object with none but the known keys; others are reported.
    fn object<'n>(
        &mut self,
        node: &'n Node,
        pointer: &str,
        what: &str,
        known: &[&str],
    ) -> Option<&'n Object> {
        let Value::Object(object) = &node.value else {
            self.wrong_type(node, pointer, what, "an object");
            return None;
        };
        for member in object.members() {
            let key = member.key.as_str();
            if known.contains(&key) {
                continue;
            }
            let pointer = format!("{pointer}/{}", pointer_token(key));
            let message = format!("unknown key {}", name(key));
            let mut diagnostic =
                Diagnostic::new(Code::UnknownKey, member.key_span.inner(), &pointer, message);
            if let Some(meant) = nearest(key, known.iter().copied()) {
                diagnostic = diagnostic.help(format!("did you mean `{meant}`?"));
            }
            self.diagnostics.push(diagnostic);
        }
        Some(object)
    }

    /// The text under a key that must be there.
    fn text<'n>(
        &mut self,
        node: &Node,
        object: &'n Object,
        pointer: &str,
        key: &str,
    ) -> Option<(&'n str, Span)> {
        let Some(member) = object.get(key) else {
            self.missing(node, pointer, "a grant", key);
            return None;
        };
        let text = member.value.as_str().map(|text| (text, member.span));
        if text.is_none() {
            self.wrong_type(member, &format!("{pointer}/{key}"), &name(key), "a string");
        }
        text
    }

    fn missing(&mut self, node: &Node, pointer: &str, what: &str, key: &str) {
        // The brace that opens the object, not all that stands in it.
        let brace = Span { end: node.span.start.saturating_add(1), ..node.span };
        self.report(Code::MissingKey, brace, pointer, &format!("{what} needs {}", name(key)));
    }

    fn wrong_type(&mut self, node: &Node, pointer: &str, what: &str, wanted: &str) {
        let message = format!("{what} must be {wanted}, not {}", node.value.kind());
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

#[cfg(test)]
mod tests {
    use super::*;

    /// `printf %s token | sha256sum`
    const TOKEN: &str = "3c469e9d6c5875d37a43f353d4f88e61fcf812c66eee3457465a40b0da4153e0";
    const POLICY: &str = r#""policy":{"version":"1","default":"deny"}"#;

    fn lines(text: &str) -> Vec<String> {
        read(text.as_bytes()).err().unwrap()
    }

    #[test]
    fn a_token_stands_for_its_grant() {
        let grant = format!(r#"{{"label":"ada","token_sha256":"{TOKEN}"}}"#);
        let settings = read(format!(r#"{{{POLICY},"grants":[{grant}]}}"#).as_bytes()).unwrap();
        assert_eq!(settings.grant(Some("Bearer token")), Some("ada"));
        assert_eq!(settings.grant(Some("bearer  token ")), Some("ada"));
        for other in
            ["token", "Basic token", "Bearer tokens", "Bearer ", "Bearer", "Bearer a, Bearer b"]
        {
            assert_eq!(settings.grant(Some(other)), None, "{other}");
        }
        assert_eq!(settings.grant(None), None);
        let settings = read(format!("{{{POLICY}}}").as_bytes()).unwrap();
        assert_eq!(settings.grant(None), Some("anonymous"));
        let settings = read(format!(r#"{{{POLICY},"grants":[]}}"#).as_bytes()).unwrap();
        assert_eq!(settings.grant(Some("Bearer token")), None);
    }

    #[test]
    fn all_that_is_wrong_is_said_in_its_place() {
        let text = format!(
            "{{\n \"polcy\": 1,\n {POLICY},\n \"grants\": [\n  {{\"label\": \" \", \"token_sha256\": \"ab\"}},\n  {{}},\n  1]}}"
        );
        assert_eq!(
            lines(&text),
            [
                "2:3: error[unknown-key]: unknown key `polcy` (did you mean `policy`?)",
                "5:13: error[blank-name]: the label is blank",
                "5:34: error[invalid-digest]: not a sha-256 in 64 hexadecimal digits \
                 (write what `printf %s \"$TOKEN\" | sha256sum` prints)",
                "6:3: error[missing-key]: a grant needs `label`",
                "6:3: error[missing-key]: a grant needs `token_sha256`",
                "7:3: error[wrong-type]: a grant must be an object, not a number",
            ]
        );
        assert_eq!(lines("{}"), ["1:1: error[missing-key]: the configuration needs `policy`"]);
        assert_eq!(
            lines("[]"),
            ["1:1: error[wrong-type]: the configuration must be an object, not a list"]
        );
        let twice = format!(
            r#"{{{POLICY},"grants":[{{"label":"a","token_sha256":"{TOKEN}"}},{{"label":"b","token_sha256":"{TOKEN}"}}]}}"#
        );
        assert!(lines(&twice)[0].contains("another grant has this token already"));
    }

    #[test]
    fn approval_keys_are_judged_in_their_place() {
        let keys = |keys: &str| format!("{{{POLICY},\n\"approval_keys\":{keys}}}");
        let secret = r#"[{"hs256":"0123456789abcdef0123456789abcdef"}]"#;
        assert!(!read(keys(secret).as_bytes()).unwrap().approvals.is_empty());
        assert!(read(format!("{{{POLICY}}}").as_bytes()).unwrap().approvals.is_empty());
        assert_eq!(
            lines(&keys(r#"[{"hs256":"short"},{"ed25519":7}]"#)),
            [
                "2:27: error[invalid-approval-key]: a secret for hs256 has at least 32 bytes",
                "2:47: error[wrong-type]: the key must be a string, not a number",
            ]
        );
    }

    #[test]
    fn the_policy_is_judged_in_its_place() {
        let line = &lines("{\"policy\":\n  {\"version\":\"1\",\"defualt\":\"deny\"}}")[0];
        assert!(line.starts_with("2:19: error[unknown-key]: unknown key `defualt`"), "{line}");
        assert!(lines("{\"policy\": {").iter().all(|line| line.contains("error[syntax]")));
    }
}
