//! Bytes of compiled policies are refused or decide; nothing panics, and nothing takes long.

use cattlegrid::compile::{StoredFault, from_bytes, to_bytes};
use cattlegrid::evaluate::{Env, Scratch, decide_text, evaluate, explain};
use cattlegrid::model::Time;
use cattlegrid::parse;
use cattlegrid::quota::MemoryStore;

use super::cases;
use super::evaluate::same;
use super::text::said;

const MARK: &[u8] = b"\0cattlegrid\x03";

/// The bytes of a sum.
const SUM: usize = 8;
/// What there is before the policy: the mark, the sum, the hash of the policy's document.
const HEADER: usize = MARK.len() + SUM + 32;

/// These bytes as they are; as what stands behind a sum that fits; and as changes of a policy that was written,
/// with the sum made to fit. Whether the last was a policy all the same.
pub fn check(bytes: &[u8]) -> bool {
    let case = cases::case(bytes);
    let calls: Vec<&str> = case.steps.iter().map(|step| step.call.as_str()).collect();
    ask(bytes, &calls);
    ask(&sealed(bytes), &calls);
    let policy = parse::parse(case.policy.as_bytes()).policy.expect("the policy is one");
    let mut changed = to_bytes(&policy);
    assert!(ask(&changed, &calls));
    assert!(!ask(&changed[..changed.len() - 1], &calls));
    for change in bytes.rchunks_exact(3).take(1 + bytes.len() % 3) {
        let body = changed.len() - HEADER;
        let at = HEADER + usize::from(change[0]) * 256 % body + usize::from(change[1]) % body;
        match changed.get_mut(at) {
            Some(byte) if change[2] < 250 => *byte = byte.wrapping_add(change[2]),
            Some(_) => changed.truncate(at),
            None => changed.push(change[2]),
        }
        if changed.len() <= HEADER {
            break;
        }
    }
    let again = sealed(&changed[MARK.len() + SUM..]);
    assert!(again == changed || !ask(&changed, &calls));
    ask(&again, &calls)
}

/// Bytes behind a sum that fits.
fn sealed(body: &[u8]) -> Vec<u8> {
    [MARK, &sum(body).to_le_bytes(), body].concat()
}

/// The sum: whole words of eight bytes, and what is left, or the last eight bytes again.
fn sum(body: &[u8]) -> u64 {
    const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;
    let word = |bytes: &[u8]| bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte));
    let last = match body.len() {
        8.. => word(&body[body.len() - 8..]),
        long @ 4.. => word(&body[..4]) << 32 | word(&body[long - 4..]),
        _ => body.iter().fold(0, |word, byte| word << 8 | u64::from(*byte)),
    };
    let mut all = body.len() as u64;
    for next in body.chunks_exact(8).map(word).chain([last]) {
        all = (all ^ next).wrapping_mul(SPREAD);
        all ^= all >> 29;
    }
    all.wrapping_mul(SPREAD)
}

/// Whether it is a policy; if so, it decides calls, in all ways alike.
fn ask(bytes: &[u8], calls: &[&str]) -> bool {
    let policy = match from_bytes(bytes) {
        Ok(policy) => policy,
        Err(StoredFault::Foreign) => {
            assert!(!bytes.starts_with(&MARK[..MARK.len() - 1]));
            return false;
        }
        Err(_) => return false,
    };
    let mut counters = MemoryStore::new();
    let mut scratch = Scratch::default();
    for text in calls {
        let now = Time(1_767_225_600_000);
        let mut copy = counters.clone();
        let mut env = Env { now, counters: &mut copy, approvals: None };
        let quickly = said(&decide_text(Some(&policy), text.as_bytes(), &mut env, &mut scratch));
        let Ok(call) = parse::call_text(text.as_bytes()) else { continue };
        let mut env = Env { now, counters: &mut counters, approvals: None };
        let explanation = explain(Some(&policy), &call, &mut env);
        let evaluation = evaluate(Some(&policy), &call, &mut env);
        assert!(same(&explanation.decision, &evaluation.decision), "{explanation:#?}");
        assert_eq!(quickly.0, evaluation.decision.effect, "{text}");
    }
    true
}
