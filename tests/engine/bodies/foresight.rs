//! What is proved of two policies holds for calls of all kinds.

use std::collections::BTreeSet;

use cattlegrid::analyze::{Diff, diff};
use cattlegrid::compile::compile;
use cattlegrid::evaluate::{Env, evaluate};
use cattlegrid::json::{Limits, Value, read_strict, write};
use cattlegrid::model::{Call, Effect, Policy, Time};
use cattlegrid::parse;
use cattlegrid::quota::MemoryStore;

use super::cases;
use super::choices::Choices;
use super::oracle::Oracle;

/// What was found out of pairs of policies.
#[derive(Debug, Default)]
pub struct Learnt {
    pub pairs: usize,
    /// Ways in which calls are decided otherwise, each with a witness.
    pub changes: usize,
    /// Tools of which it is proved that every call is decided as before, though it could differ.
    pub proved: usize,
    /// Ways of which nothing is known.
    pub unknown: usize,
    /// Calls that were tried.
    pub calls: usize,
}

impl Learnt {
    pub fn and(self, other: Learnt) -> Learnt {
        Learnt {
            pairs: self.pairs + other.pairs,
            changes: self.changes + other.changes,
            proved: self.proved + other.proved,
            unknown: self.unknown + other.unknown,
            calls: self.calls + other.calls,
        }
    }
}

/// Holds the comparison of two policies to calls; the first bytes say which policies, the rest which calls.
pub fn check(bytes: &[u8], learnt: &mut Learnt) {
    learnt.pairs += 1;
    let (first, rest) = bytes.split_at(bytes.len() / 2);
    let one = cases::policy(&mut Choices::new(first));
    // Half of the pairs differ in a few choices only.
    let mut other = first.to_vec();
    let edits = rest.first().map_or(0, |byte| usize::from(byte % 4));
    for edit in rest.iter().skip(1).take(2 * edits).collect::<Vec<_>>().chunks_exact(2) {
        let at = usize::from(*edit[0]) % other.len().max(1);
        if let Some(byte) = other.get_mut(at) {
            *byte = *edit[1];
        }
    }
    let other = if edits == 0 { rest } else { &other };
    let two = cases::policy(&mut Choices::new(other));
    let (old, new) = (policy(&one), policy(&two));
    let found = diff(&old, &new, None);
    let here = || format!("\nold {one}\nnew {two}\n{}", in_short(&found));
    for tool in &found.tools {
        learnt.changes += tool.changes.len();
        learnt.unknown += tool.unknown.len();
        for change in &tool.changes {
            let effects = (change.old.effect, change.new.effect);
            assert_eq!(said(&old, &new, &change.call), effects, "{}", here());
            assert_ne!(effects.0, effects.1, "{}", here());
        }
    }
    let mut tried = BTreeSet::new();
    let (engine_old, engine_new) = (compile(&old), compile(&new));
    for call in calls(rest, &[&one, &two]) {
        let decide = |policy| {
            let mut env = Env { now: Time(0), counters: &mut MemoryStore::new(), approvals: None };
            evaluate(Some(policy), &call, &mut env).decision.effect
        };
        let effects = (decide(&engine_old), decide(&engine_new));
        learnt.calls += 1;
        tried.insert(call.tool.clone());
        if effects.0 != effects.1 {
            assert!(
                is_foreseen(&found, &call.tool, effects),
                "{effects:?} {} {}{}",
                call.tool,
                write(&Value::Object(call.arguments.clone())),
                here()
            );
        }
    }
    let quiet = found.tools.iter().filter(|tool| {
        tool.changes.is_empty()
            && tool.unknown.is_empty()
            && tool.tool.as_ref().is_some_and(|name| tried.contains(name))
    });
    learnt.proved += quiet.count();
}

pub fn in_short(found: &Diff) -> String {
    let mut text = String::new();
    for tool in &found.tools {
        text += &format!("{:?}:", tool.tool);
        for change in &tool.changes {
            let arguments = Value::Object(change.call.arguments.clone());
            let (from, to) = (change.old.effect, change.new.effect);
            text += &format!(" {from:?}-{to:?} {}", write(&arguments));
        }
        text += &format!(" {:?}\n", tool.unknown);
    }
    text
}

pub fn is_foreseen(found: &Diff, name: &str, effects: (Effect, Effect)) -> bool {
    let own = found.tools.iter().find(|tool| tool.tool.as_deref() == Some(name));
    let tool = own.or(found.tools.last()).unwrap();
    tool.changes.iter().any(|change| (change.old.effect, change.new.effect) == effects)
        || tool.unknown.iter().any(|doubt| (doubt.from, doubt.to) == effects)
}

/// What the oracle says of a call.
pub fn said(old: &Policy, new: &Policy, call: &Call) -> (Effect, Effect) {
    let decide = |policy| Oracle::default().decide(policy, call, Time(0)).effect;
    (decide(old), decide(new))
}

pub fn policy(text: &str) -> Policy {
    parse::parse(text.as_bytes()).policy.unwrap_or_else(|| panic!("{text}"))
}

/// Random calls, and calls whose arguments are values that the policies compare with, or next to them.
fn calls(bytes: &[u8], policies: &[&str]) -> Vec<Call> {
    let mut calls = Vec::new();
    let stretched = stretched(bytes, 0);
    let mut constants = Vec::new();
    for text in policies {
        let node = read_strict(text.as_bytes(), &Limits::DOCUMENT).unwrap();
        gather(&node.value, &mut constants);
    }
    let mut c = Choices::new(&stretched);
    for number in 0..16 {
        let mut call = read(&cases::call(&mut c));
        if number % 2 == 1 && !constants.is_empty() {
            // What is compared with stands where it is looked for, or anywhere else.
            let mut members = call.arguments.clone().into_members();
            for member in &mut members {
                if c.once_in(2) {
                    member.node.value = constants[c.below(constants.len())].clone();
                }
            }
            call.arguments = members
                .into_iter()
                .map(|member| (member.key.into_owned(), member.node.value))
                .collect();
        }
        calls.push(call);
    }
    calls
}

/// Many bytes of few, others for each salt.
pub fn stretched(bytes: &[u8], salt: u8) -> Vec<u8> {
    let salted = std::iter::once(&salt).filter(|salt| **salt > 0).chain(bytes);
    let mut seed = salted.fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| {
        (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    }) | 1;
    let mut more = Vec::new();
    for _ in 0..1000 {
        seed ^= seed >> 12;
        seed ^= seed << 25;
        seed ^= seed >> 27;
        more.push((seed.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 32) as u8);
    }
    more
}

/// The values of all conditions, and what is in them.
pub fn gather(value: &Value, out: &mut Vec<Value>) {
    match value {
        Value::Object(object) => {
            if let Some(wanted) = object.get("op").and(object.get("value")) {
                out.push(wanted.value.clone());
                out.extend(wanted.value.as_list().into_iter().flatten().map(|n| n.value.clone()));
            }
            object.members().iter().for_each(|member| gather(&member.node.value, out));
        }
        Value::List(items) => items.iter().for_each(|item| gather(&item.value, out)),
        _ => {}
    }
}

fn read(text: &str) -> Call {
    parse::call(&read_strict(text.as_bytes(), &Limits::MESSAGE).unwrap()).unwrap()
}
