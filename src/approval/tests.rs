use base64ct::{Base64, Base64UrlUnpadded, Encoding};
use ed25519_dalek::{Signer, SigningKey};
use hmac::{Hmac, KeyInit, Mac};

use super::*;
use crate::json::{Limits, read_strict};
use crate::model::{Amount, Time};
use crate::quota::{self, CounterKey, MemoryStore, Owner, Request};

const SECRET: &[u8; 32] = b"0123456789abcdef0123456789abcdef";
const NOW: u64 = 1_767_225_600;

fn node(text: &str) -> crate::json::Node {
    read_strict(text.as_bytes(), &Limits::MESSAGE).unwrap()
}

fn call(arguments: &str) -> Call {
    let arguments = node(arguments).value.as_object().unwrap().clone();
    Call { tool: "t".into(), arguments, ..Call::default() }
}

fn base64url(bytes: impl AsRef<[u8]>) -> String {
    Base64UrlUnpadded::encode_string(bytes.as_ref())
}

fn unbase64url(text: &str) -> Vec<u8> {
    Base64UrlUnpadded::decode_vec(text).unwrap()
}

fn signer() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

/// Both kinds of key.
fn keys() -> Keys {
    let public = Key::ed25519_point(signer().verifying_key().as_bytes()).unwrap();
    Keys::new(vec![public, Key::hs256(SECRET).unwrap()]).unwrap()
}

fn eddsa(header: &str, claims: &str) -> String {
    let message = format!("{}.{}", base64url(header), base64url(claims));
    let signature = signer().sign(message.as_bytes()).to_bytes();
    format!("{message}.{}", base64url(signature))
}

fn hs256(header: &str, claims: &str) -> String {
    let message = format!("{}.{}", base64url(header), base64url(claims));
    let mac = Hmac::<Sha256>::new_from_slice(SECRET).unwrap().chain_update(&message);
    format!("{message}.{}", base64url(mac.finalize().into_bytes()))
}

const EDDSA: &str = r#"{"alg":"EdDSA","typ":"JWT"}"#;
const HS256: &str = r#"{"alg":"HS256"}"#;

fn claims(exp: u64) -> String {
    format!(r#"{{"digest":"d","sub":"ada","exp":{exp},"jti":"j"}}"#)
}

fn refusal(token: &str) -> Refusal {
    check(token, "d", &keys(), Time(NOW * 1000)).unwrap_err()
}

#[test]
fn the_same_call_has_the_same_digest_and_no_other_has() {
    let digest_of = |arguments: &str| digest(&call(arguments));
    assert_eq!(digest_of(r#"{"a":1.0,"b":"\u0078"}"#), digest_of(r#"{ "b":"x", "a":1e0 }"#));
    assert_ne!(digest_of(r#"{"a":9007199254740992}"#), digest_of(r#"{"a":9007199254740993}"#));
    assert_ne!(digest_of(r#"{"a":50000}"#), digest_of(r#"{"a":50000.0000000000001}"#));
    assert_ne!(digest_of(r#"{"a":1}"#), digest_of(r#"{"a":"1"}"#));
    let grant = Call { grant: Some("g".into()), ..call("{}") };
    let server = Call { server: Some("g".into()), ..call("{}") };
    assert_ne!(digest(&grant), digest(&call("{}")));
    assert_ne!(digest(&grant), digest(&server));
    // sha256sum of the canonical text, by another program.
    let known = Call { grant: Some("ada".into()), ..call(r#"{"b":1.50,"a":"x"}"#) };
    let text = r#"{"arguments":{"a":"x","b":1.5},"grant":"ada","server":null,"tool":"t"}"#;
    assert_eq!(digest(&known), hexadecimal(&Sha256::digest(text)));
}

/// RFC 8037, appendix A.
#[test]
fn knows_the_published_signature_of_ed25519() {
    let x = unbase64url("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
    let key = Key::ed25519_point(x.as_slice().try_into().unwrap()).unwrap();
    let message = b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
    let mut signature = unbase64url(
        "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg",
    );
    assert!(key.has_signed(message, &signature));
    assert!(!key.has_signed(&message[1..], &signature));
    assert!(!key.has_signed(message, &signature[1..]));
    signature[0] ^= 1;
    assert!(!key.has_signed(message, &signature));
}

/// RFC 7515, appendix A.1.
#[test]
fn knows_the_published_signature_of_hs256() {
    let secret = unbase64url(
        "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow",
    );
    let token = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9\
        .eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ\
        .dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    let keys = Keys::new(vec![Key::hs256(&secret).unwrap()]).unwrap();
    // It is signed, and is no approval.
    let refused = |token: &str| check(token, "d", &keys, Time(0)).unwrap_err();
    assert_eq!(refused(token), Refusal::Claim("digest"));
    assert_eq!(refused(&token.replace("9.eyJpc3", "9.eyJpc2")), Refusal::Signature);
    assert_eq!(refused(&token.replace("OEjXk", "OEjXg")), Refusal::Signature);
    // The last character has two bits that stand for nothing: one spelling only is a token.
    let other = Refusal::Malformed("it is not base64url");
    assert_eq!(refused(&token.replace("OEjXk", "OEjXl")), other);
    assert_eq!(refused(&format!("{token}=")), other);
}

#[test]
fn accepts_what_a_key_has_signed() {
    for token in [eddsa(EDDSA, &claims(NOW + 60)), hs256(HS256, &claims(NOW + 60))] {
        let approval = check(&token, "d", &keys(), Time(NOW * 1000)).unwrap();
        assert_eq!(approval.approver, "ada");
    }
    let more = format!(
        r#"{{"iss":"x","iat":{NOW},"nbf":{NOW},"digest":"d","sub":"ada","exp":{NOW}.0e0,"jti":"j"}}"#
    );
    for header in [r#"{"alg":"EdDSA","typ":"jwt","kid":"1"}"#, r#"{"alg":"EdDSA"}"#] {
        assert!(check(&eddsa(header, &more), "d", &keys(), Time(NOW * 1000)).is_ok());
    }
}

#[test]
fn refuses_headers_that_ask_for_more_or_other() {
    let good = claims(NOW + 60);
    for alg in ["none", "None", "eddsa", "HS512", "ES256", "RS256", "", "Ed25519"] {
        let header = format!(r#"{{"alg":"{alg}"}}"#);
        assert_eq!(refusal(&eddsa(&header, &good)), Refusal::Algorithm, "{alg}");
        let unsigned = format!("{}.{}.", base64url(&header), base64url(&good));
        assert_eq!(refusal(&unsigned), Refusal::Algorithm, "{alg}");
    }
    for (header, what) in [
        (r#"{"alg":"EdDSA","crit":["exp"]}"#, "its header asks for an extension"),
        (r#"{"alg":"EdDSA","crit":[]}"#, "its header asks for an extension"),
        (r#"{"alg":"EdDSA","b64":false}"#, "its header asks for an extension"),
        (r#"{"alg":"EdDSA","typ":"at+jwt"}"#, "its `typ` is not `JWT`"),
        (r#"{"alg":"EdDSA","typ":null}"#, "its `typ` is not `JWT`"),
        (r#"{"typ":"JWT"}"#, "its header has no `alg`"),
        (r#"{"alg":["EdDSA"]}"#, "its header has no `alg`"),
        (r#"{"alg":"none","alg":"EdDSA"}"#, "its parts are not json objects"),
        (r#"["EdDSA"]"#, "its parts are not json objects"),
        ("", "its parts are not json objects"),
    ] {
        assert_eq!(refusal(&eddsa(header, &good)), Refusal::Malformed(what), "{header}");
    }
}

#[test]
fn refuses_what_no_key_has_signed() {
    let (good, later) = (claims(NOW + 60), claims(NOW + 61));
    // A public key as the secret of an HMAC, and each algorithm under the other's name.
    let public = signer().verifying_key();
    let message = format!("{}.{}", base64url(HS256), base64url(&good));
    let mac = Hmac::<Sha256>::new_from_slice(public.as_bytes()).unwrap().chain_update(&message);
    let confused = format!("{message}.{}", base64url(mac.finalize().into_bytes()));
    for token in [confused, eddsa(HS256, &good), hs256(EDDSA, &good)] {
        assert_eq!(refusal(&token), Refusal::Signature);
    }
    let token = eddsa(EDDSA, &good);
    let changed = token.replace(&base64url(&good), &base64url(&later));
    assert_eq!(refusal(&changed), Refusal::Signature);
    let (message, _) = token.rsplit_once('.').unwrap();
    assert_eq!(refusal(&format!("{message}.")), Refusal::Signature);
    let other = SigningKey::from_bytes(&[8; 32]).sign(message.as_bytes()).to_bytes();
    assert_eq!(refusal(&format!("{message}.{}", base64url(other))), Refusal::Signature);
    // One kind of key only, and none.
    let secret = Keys::new(vec![Key::hs256(SECRET).unwrap()]).unwrap();
    assert_eq!(check(&token, "d", &secret, Time(0)), Err(Refusal::Algorithm));
    assert_eq!(check(&token, "d", &Keys::default(), Time(0)), Err(Refusal::NoKey));
}

#[test]
fn refuses_what_is_no_token() {
    let token = eddsa(EDDSA, &claims(NOW + 60));
    let malformed = |what| Refusal::Malformed(what);
    assert_eq!(refusal(""), malformed("it does not have three parts"));
    assert_eq!(refusal("a.b"), malformed("it does not have three parts"));
    assert_eq!(refusal(&format!("Bearer {token}")), malformed("it is not base64url"));
    assert_eq!(refusal(&format!("{token} ")), malformed("it is not base64url"));
    assert_eq!(refusal(&format!("a.{token}")), malformed("it is not base64url"));
    assert_eq!(refusal(&"a".repeat(MAX_TOKEN + 1)), malformed("it is too long"));
    // Five parts, as an encrypted token has.
    assert!(matches!(refusal(&format!("{token}.a.b")), Refusal::Malformed(_)));
}

#[test]
fn reads_claims_strictly() {
    let with = |from: &str, to: &str| eddsa(EDDSA, &claims(NOW + 60).replace(from, to));
    let exp = &format!("{}", NOW + 60);
    for (token, claim) in [
        (with(r#""sub":"ada","#, ""), "sub"),
        (with(r#""ada""#, r#"" ""#), "sub"),
        (with(r#""ada""#, "1"), "sub"),
        (with(r#""d""#, "null"), "digest"),
        (with(r#""jti":"j""#, r#""jti":"""#), "jti"),
        (with(r#","jti":"j""#, ""), "jti"),
        (with(exp, r#""1""#), "exp"),
        (with(exp, "-1"), "exp"),
        (with(exp, "1e9.5"), "parts"),
        (with(exp, "1799999999.5"), "exp"),
        (with(exp, "null"), "exp"),
        (with(r#""exp""#, r#""Exp""#), "exp"),
        (with(r#""jti""#, r#""nbf":"1","jti""#), "nbf"),
    ] {
        let expected = match claim {
            "parts" => Refusal::Malformed("its parts are not json objects"),
            claim => Refusal::Claim(claim),
        };
        assert_eq!(refusal(&token), expected);
    }
    let twice = with(r#""jti""#, r#""digest":"e","jti""#);
    assert_eq!(refusal(&twice), Refusal::Malformed("its parts are not json objects"));
    assert_eq!(refusal(&with(r#""d""#, r#""D""#)), Refusal::OtherCall);
    assert_eq!(refusal(&with(r#""jti""#, r#""aud":"x","jti""#)), Refusal::Audience);
    // Milliseconds in the place of seconds, and what no number of the machine holds.
    assert_eq!(refusal(&eddsa(EDDSA, &claims(NOW * 1000))), Refusal::TooLate);
    assert_eq!(refusal(&with(exp, "1e400")), Refusal::TooLate);
    let end = u64::from(u32::MAX) - SKEW;
    assert!(check(&eddsa(EDDSA, &claims(end)), "d", &keys(), Time(NOW * 1000)).is_ok());
    assert_eq!(refusal(&eddsa(EDDSA, &claims(end + 1))), Refusal::TooLate);
}

#[test]
fn is_good_a_minute_beyond_its_times() {
    let token = eddsa(EDDSA, &claims(NOW));
    let at = |millis: u64| check(&token, "d", &keys(), Time(NOW * 1000 + millis)).map(|_| ());
    assert_eq!(at(59_999), Ok(()));
    assert_eq!(at(60_000), Err(Refusal::Expired(60)));
    assert_eq!(at(61_000), Err(Refusal::Expired(61)));
    assert!(check(&token, "d", &keys(), Time(u64::MAX)).is_err());
    let nbf = claims(NOW + 600).replace(r#""jti""#, &format!(r#""nbf":{NOW},"jti""#));
    let token = eddsa(EDDSA, &nbf);
    let before = |millis: u64| check(&token, "d", &keys(), Time(NOW * 1000 - millis)).map(|_| ());
    assert_eq!(before(60_000), Ok(()));
    assert_eq!(before(60_001), Err(Refusal::TooEarly(1)));
}

fn approval(exp: u64, now: Time) -> Approval {
    check(&eddsa(EDDSA, &claims(exp)), "d", &keys(), now).unwrap()
}

#[test]
fn a_burnt_token_stays_burnt_until_it_is_over() {
    // The lives begin and end within a minute, an hour, a day and over midnight.
    for life in [0, 1, 60, 3_600, 86_400, 400 * 86_400] {
        for begin in [NOW, NOW + 1, NOW + 86_399] {
            let exp = begin + life;
            let mut store = MemoryStore::new();
            let approval = approval(exp, Time(begin * 1000));
            let (first, last) = (Time(begin * 1000), Time((exp + SKEW) * 1000 - 1));
            assert_eq!(approval.unused(first, &mut store), Ok(()));
            quota::reserve([approval.burn()].into(), first, &mut store).unwrap();
            for now in [first, Time(0), Time(first.0 + 1), last, Time(last.0 - 60_000)] {
                assert_eq!(approval.unused(now, &mut store), Err(Refusal::Used), "{now:?}");
                assert!(quota::reserve([approval.burn()].into(), now, &mut store).is_err());
            }
        }
    }
}

#[test]
fn a_clock_that_steps_back_finds_a_forgotten_token_over() {
    let mut store = MemoryStore::new();
    let now = Time(NOW * 1000);
    let approval = approval(NOW + 60, now);
    quota::reserve([approval.burn()].into(), now, &mut store).unwrap();
    // So many counters later, and when it is over, the store has forgotten that it was burnt.
    for n in 0..5000u64 {
        let window = crate::model::Window::MINUTE;
        let key = CounterKey::new(Owner::All, None, &n.to_string(), window);
        let request = Request { key, window, max: Amount::ONE, amount: Amount::ONE };
        quota::reserve([request].into(), Time(now.0 + n * 1000), &mut store).unwrap();
    }
    assert!(quota::look(&approval.burn(), now, &mut store).unwrap().1, "it was not forgotten");
    assert!(matches!(approval.unused(now, &mut store), Err(Refusal::Expired(_))));
}

#[test]
fn a_jti_is_burnt_whatever_else_the_token_says() {
    let mut store = MemoryStore::new();
    let now = Time(NOW * 1000);
    let (short, long) = (approval(NOW + 60, now), approval(NOW + 6000, now));
    quota::reserve([short.burn()].into(), now, &mut store).unwrap();
    assert_eq!(long.unused(now, &mut store), Err(Refusal::Used));
    let mut store = MemoryStore::new();
    quota::reserve([long.burn()].into(), now, &mut store).unwrap();
    assert_eq!(short.unused(now, &mut store), Err(Refusal::Used));
}

#[test]
fn keys_are_read_as_openssl_writes_them() {
    let point = signer().verifying_key().to_bytes();
    let mut der = vec![0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
    der.extend(point);
    let base64 = Base64::encode_string(&der);
    let pem =
        |base64: &str| format!("-----BEGIN PUBLIC KEY-----\n{base64}\n-----END PUBLIC KEY-----\n");
    for text in [base64.clone(), pem(&base64), pem(&base64).replace('\n', "\r\n")] {
        assert!(Key::ed25519(&text).is_ok(), "{text}");
        // A public key is everybody's, and no secret.
        assert_eq!(Key::hs256(text.as_bytes()).unwrap_err(), KeyFaultKind::NotASecret);
    }
    let private = "-----BEGIN PRIVATE KEY-----\nMC4CAQ\n-----END PRIVATE KEY-----\n";
    assert_eq!(Key::ed25519(private).unwrap_err(), KeyFaultKind::PrivateKey);
    assert!(Key::hs256(private.as_bytes()).is_err());
    for text in ["", "-----BEGIN PUBLIC KEY-----", &pem(""), &pem(&base64[4..]), &base64[..56]] {
        assert_eq!(Key::ed25519(text).unwrap_err(), KeyFaultKind::NotAPublicKey, "{text}");
    }
    // The neutral element: everything is signed by it.
    let mut neutral = [0; 32];
    neutral[0] = 1;
    assert_eq!(Key::ed25519_point(&neutral).unwrap_err(), KeyFaultKind::NotAPublicKey);
    assert_eq!(Key::hs256(&SECRET[1..]).unwrap_err(), KeyFaultKind::ShortSecret);
    assert_eq!(without_line_end(b"secret\r\n"), b"secret");
    assert_eq!(without_line_end(b"secret\n\n"), b"secret\n");
    assert_eq!(format!("{:?}", keys()), "Keys([EdDSA, HS256])");
}

#[test]
fn lists_of_keys_say_all_that_is_wrong_and_where() {
    let secret = std::str::from_utf8(SECRET).unwrap();
    let text = format!(
        r#"[{{"hs256":"{secret}\n"}},{{"hs256":"short"}},{{"ed25519":1}},{{"hs265":"x"}},{{}},"k"]"#
    );
    let faults = Keys::from_node(&node(&text)).unwrap_err();
    let said: Vec<_> = faults
        .iter()
        .map(|fault| format!("{} {} {}", fault.pointer, fault.span.of(&text), fault.kind))
        .collect();
    assert_eq!(
        said,
        [
            r#"/1/hs256 "short" a secret for hs256 has at least 32 bytes"#,
            "/2/ed25519 1 the key must be a string, not a number",
            r#"/3/hs265 "hs265" an approval key is for `ed25519` or `hs256`: did you mean `hs256`?"#,
            "/4 {} an approval key has exactly one of `ed25519` and `hs256`",
            r#"/5 "k" an approval key is an object with `ed25519` or `hs256`, not a string"#,
        ]
    );
    assert!(Keys::from_node(&node("[]")).unwrap().is_empty());
    assert!(Keys::from_node(&node("{}")).is_err());
    let many = vec![format!(r#"{{"hs256":"{secret}"}}"#); MAX_KEYS + 1].join(",");
    let faults = Keys::from_node(&node(&format!("[{many}]"))).unwrap_err();
    assert_eq!(faults[0].kind, KeyFaultKind::TooMany);
}

/// Another program with the same keys.
struct Other;

impl Elsewhere for Other {
    fn check(&self, token: &str, digest: &str, now: Time) -> Option<Vec<u8>> {
        (token != "broken").then(|| to_bytes(&check(token, digest, &keys(), now)))
    }
}

#[test]
fn another_program_says_the_same_of_a_token() {
    let elsewhere = Keys::elsewhere(std::sync::Arc::new(Other));
    assert!(!elsewhere.is_empty());
    let now = Time(NOW * 1000);
    let good = eddsa(EDDSA, &claims(NOW + 60));
    let tokens = [
        (&*good, "d"),
        (&good, "e"),
        ("", "d"),
        (&eddsa(EDDSA, &claims(NOW - 100)), "d"),
        (&hs256(EDDSA, &claims(NOW + 60)), "d"),
    ];
    for (token, digest) in tokens {
        let [here, there] = [&keys(), &elsewhere].map(|keys| check(token, digest, keys, now));
        assert_eq!(there, here);
    }
    assert_eq!(check("broken", "d", &elsewhere, now), Err(Refusal::Elsewhere));
}
