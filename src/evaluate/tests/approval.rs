//! An approval and the limits of its call are taken together or not at all.

use base64ct::{Base64UrlUnpadded, Encoding};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::approval::{Key, Keys, digest};
use crate::compile::{CompiledPolicy, compile};
use crate::evaluate::{Env, Evaluation, evaluate};
use crate::model::{Call, Effect, Time};
use crate::parse;
use crate::quota::{self, Count, CounterKey, CounterStore, Loaded, MemoryStore, StoreError, Swap};

const SECRET: &[u8; 32] = b"0123456789abcdef0123456789abcdef";
const NOW: Time = Time(1_767_225_600_000);

fn policy() -> CompiledPolicy {
    let text = br#"{"version":"1","default":"deny","tools":{"t":{"action":"require_approval",
        "limits":[{"counter":"c","window":"minute","max":1}]}}}"#;
    compile(&parse::parse(text).policy.unwrap())
}

/// A call with its approval.
fn approved(jti: &str) -> Call {
    let call = Call { tool: "t".into(), ..Call::default() };
    let claims =
        format!(r#"{{"digest":"{}","sub":"ada","exp":1767225660,"jti":"{jti}"}}"#, digest(&call));
    let part = |text: &str| Base64UrlUnpadded::encode_string(text.as_bytes());
    let message = format!("{}.{}", part(r#"{"alg":"HS256"}"#), part(&claims));
    let mac = Hmac::<Sha256>::new_from_slice(SECRET).unwrap().chain_update(&message);
    let signature = Base64UrlUnpadded::encode_string(&mac.finalize().into_bytes());
    Call { approval: Some(format!("{message}.{signature}")), ..call }
}

fn ask(call: &Call, now: Time, counters: &mut dyn CounterStore) -> Evaluation {
    let keys = Keys::new(vec![Key::hs256(SECRET).unwrap()]).unwrap();
    evaluate(Some(&policy()), call, &mut Env { now, counters, approvals: Some(&keys) })
}

fn message(evaluation: &Evaluation) -> &str {
    evaluation.decision.message.as_deref().unwrap_or_default()
}

#[test]
fn who_approved_is_told_and_what_is_given_back_is_not_the_approval() {
    let mut store = MemoryStore::new();
    let first = ask(&approved("1"), NOW, &mut store);
    assert_eq!((first.decision.effect, first.approver.as_deref()), (Effect::Allow, Some("ada")));
    assert_eq!(first.decision.limits.len(), 1);
    quota::give_back(&first.reservation, &mut store).unwrap();
    let again = ask(&approved("1"), NOW, &mut store);
    assert_eq!((again.decision.effect, again.approver.as_deref()), (Effect::Hold, None));
    assert!(message(&again).ends_with("it was used before)"));
    // The limit was given back.
    assert_eq!(ask(&approved("2"), NOW, &mut store).decision.effect, Effect::Allow);
}

#[test]
fn a_limit_that_denies_leaves_the_approval_for_later() {
    let mut store = MemoryStore::new();
    assert_eq!(ask(&approved("1"), NOW, &mut store).decision.effect, Effect::Allow);
    let denied = ask(&approved("2"), NOW, &mut store);
    let rule = denied.decision.id.as_ref().map(|id| id.rule.as_str());
    assert_eq!((denied.decision.effect, rule), (Effect::Deny, Some("/tools/t/limits/0")));
    assert_eq!(denied.decision.short, Some(0));
    let later = Time(NOW.0 + 60_000);
    assert_eq!(ask(&approved("2"), later, &mut store).decision.effect, Effect::Allow);
}

/// A store in which something is done before the so-manieth question.
struct Between<F>(MemoryStore, usize, F);

impl<F: FnMut(&mut MemoryStore) -> Result<(), StoreError>> Between<F> {
    fn tick(&mut self) -> Result<(), StoreError> {
        match self.1.checked_sub(1) {
            Some(left) => self.1 = left,
            None => (self.2)(&mut self.0)?,
        }
        Ok(())
    }
}

impl<F: FnMut(&mut MemoryStore) -> Result<(), StoreError>> CounterStore for Between<F> {
    fn load(&mut self, key: &CounterKey) -> Result<Loaded, StoreError> {
        self.tick()?;
        self.0.load(key)
    }

    fn compare_and_set(
        &mut self,
        key: &CounterKey,
        seen: &Loaded,
        new: Count,
    ) -> Result<Swap, StoreError> {
        self.tick()?;
        self.0.compare_and_set(key, seen, new)
    }
}

/// Two engines are asked with one approval at the same time: whenever the second comes, one of them
/// lets the call through, and the other does not.
#[test]
fn of_two_at_once_one_is_let_through() {
    for step in 0..20 {
        let mut other = None;
        let mut between = Between(MemoryStore::new(), step, |store: &mut MemoryStore| {
            other.get_or_insert_with(|| ask(&approved("1"), NOW, store).decision.effect);
            Ok(())
        });
        let own = ask(&approved("1"), NOW, &mut between).decision.effect;
        let Between(mut store, ..) = between;
        let other = other.unwrap_or_else(|| ask(&approved("1"), NOW, &mut store).decision.effect);
        let allowed = [own, other].iter().filter(|effect| **effect == Effect::Allow).count();
        assert_eq!(allowed, 1, "{step}: {own:?} {other:?}");
    }
}

#[test]
fn a_store_that_fails_lets_nothing_through() {
    let mut answered = 0;
    for answers in 0..20 {
        let fail = |_: &mut MemoryStore| Err(StoreError::Unavailable);
        let mut store = Between(MemoryStore::new(), answers, fail);
        let evaluation = ask(&approved("1"), NOW, &mut store);
        answered += usize::from(evaluation.decision.effect == Effect::Allow);
        if evaluation.decision.effect == Effect::Hold {
            assert!(message(&evaluation).contains("the counters cannot be reached"));
        }
    }
    // A look whether it was used, one at it and at the limit, and both are taken.
    assert_eq!(answered, 20 - 5);
}
