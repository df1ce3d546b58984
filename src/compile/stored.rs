//! Compiled policies as bytes: written where policies are made, read where there is only to decide.
//!
//! A module that decides and reads texts of policies is half as large again as one that does not (see the sizes in
//! the README), and reading a text is most of what it takes until the first decision. So the bytes hold what a text
//! was compiled to, and who reads them has nothing compiled in that compiles: names by their places, rules with
//! patterns as programs, limits with their ids and counters.
//!
//! ```text
//! \0cattlegrid | version | a sum of all behind it | hash of the policy | the compiled policy
//! ```
//!
//! What is worked out again is what could fail to fit the rest and takes little code: the words that conditions
//! compare, the plans of what is looked at in the arguments, where the rules of a tool begin and end. Reading is
//! total: no bytes make it panic, take long or take memory out of proportion, and so it is with deciding by what was
//! read. Each name must be found by its name, and each tool be the one that its name finds; no program of a pattern goes
//! anywhere but to its own steps.
//!
//! All else is believed: that a counter, or an id is the one that the policy would get, that the steps
//! of a path are those of its text, that a program is the one of its pattern. Bytes can say one thing in what is shown to people
//! and another in what is decided; a text cannot. As with a text, who can write the policy decides: give bytes no more
//! trust than whoever could have written them. The sum (64 bits, in which each change within one word of
//! eight bytes shows) tells bytes that were cut off or changed by accident. It is no signature. A SHA-256 in its
//! place was a third of what it takes to read a policy in a program that has just begun.

use std::fmt;
use std::sync::Arc;

use super::index::{Index, hash};
use super::rule::{Rules, put_lists};
use super::{
    CompiledAction, CompiledLimit, CompiledPolicy, CompiledPrecondition, CompiledTool, Name, Plan,
    compile_as, hash_of, hexadecimal, plan,
};
use crate::bytes::{Bytes, Out};
use crate::model::{Fallback, Limit, Policy, RuleId, Test};
use crate::quota::Counters;

/// What no text begins with.
const MARK: &[u8] = b"\0cattlegrid";
/// To be raised whenever what is written changes, or what it means.
const VERSION: u8 = 3;
/// The bytes of the hash of a policy.
const HASH: usize = 32;

/// Why bytes are no compiled policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoredFault {
    /// They are something else.
    Foreign,
    /// They are of another version of the engine: this one.
    Version(u8),
    /// They were cut off or changed.
    Damaged,
}

impl StoredFault {
    /// What people read; also its `Display`.
    #[must_use]
    pub fn message(self) -> &'static str {
        match self {
            StoredFault::Foreign => "these bytes are no compiled policy",
            StoredFault::Version(_) => {
                "the policy was compiled by another version of cattlegrid: compile it again"
            }
            StoredFault::Damaged => {
                "the compiled policy is damaged: bytes are missing or were changed"
            }
        }
    }
}

impl fmt::Display for StoredFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

/// The bytes of a policy, to be read by [`from_bytes`].
#[must_use]
pub fn to_bytes(policy: &Policy) -> Vec<u8> {
    let digest = hash_of(policy);
    let mut body = Out::default();
    body.0.extend_from_slice(&digest);
    compile_as(policy, hexadecimal(&digest)).put(&mut body);
    [MARK, &[VERSION], &hash(&body.0).to_le_bytes(), &body.0].concat()
}

/// The policy of which [`to_bytes`] wrote these bytes, ready to be asked: it decides as one that was compiled
/// of the text does.
///
/// # Errors
/// If they are not bytes that this version of the engine has written.
pub fn from_bytes(bytes: &[u8]) -> Result<CompiledPolicy, StoredFault> {
    let bytes = bytes.strip_prefix(MARK).ok_or(StoredFault::Foreign)?;
    let (version, bytes) = bytes.split_first().ok_or(StoredFault::Damaged)?;
    if *version != VERSION {
        return Err(StoredFault::Version(*version));
    }
    let (sum, body) = bytes.split_first_chunk().ok_or(StoredFault::Damaged)?;
    if hash(body) != u64::from_le_bytes(*sum) {
        return Err(StoredFault::Damaged);
    }
    let mut bytes = Bytes::new(body);
    let policy = CompiledPolicy::take(&mut bytes);
    if bytes.is_read() { Ok(policy) } else { Err(StoredFault::Damaged) }
}

impl CompiledPolicy {
    /// All but the hash.
    fn put(&self, out: &mut Out) {
        let CompiledPolicy {
            hash: _,
            default,
            hide_all,
            names,
            tools,
            others: _,
            rules,
            all_rules,
            preconditions,
            all_tools,
        } = self;
        out.byte((*default == Fallback::Allow).into());
        out.byte((*hide_all).into());
        names.put(out, |out, Name { hidden, listed }| {
            out.byte((*hidden).into());
            out.number(listed.map_or(0, |at| at.saturating_add(1)) as u64);
        });
        put_lists(out, all_rules);
        put_counted(out, preconditions, all_tools);
        out.number(tools.first().map_or(0, |tool| tool.name.0) as u64);
        out.list(tools.iter(), |out, tool| {
            let CompiledTool { action, name, rules: own, preconditions, limits, plan: _ } = tool;
            out.number(name.1.saturating_sub(name.0) as u64);
            out.byte(action.as_ref().map_or(0, |action| 1 | u8::from(action.holds) << 1));
            if let Some(CompiledAction { holds: _, id, reason }) = action {
                id.put(out);
                out.words(reason.as_ref());
            }
            put_lists(out, rules.get(own));
            put_counted(out, preconditions, limits);
        });
    }

    /// A policy that decides as the one that was written, if all of the bytes are read.
    fn take(bytes: &mut Bytes<'_>) -> CompiledPolicy {
        let mut rules = Rules::default();
        let hash = hexadecimal(bytes.take(HASH));
        let default = if bytes.flag() { Fallback::Allow } else { Fallback::Deny };
        let hide_all = bytes.flag();
        let names = Index::take(bytes, |bytes| Name {
            hidden: bytes.flag(),
            listed: bytes.below(usize::MAX).checked_sub(1),
        });
        let all_rules = rules.take_all(bytes);
        let (preconditions, all_tools) = counted(bytes);
        let others = Plan::new(&[], &all_rules, &[]).map(Arc::new);
        let mut start = bytes.below(usize::MAX);
        let mut tools: Vec<CompiledTool> = Vec::new();
        bytes.each(|bytes, at| {
            let name = (start, start.saturating_add(bytes.below(usize::MAX)));
            start = name.1;
            let action = match bytes.below(4) {
                0 => None,
                holds => Some(CompiledAction {
                    holds: holds > 1,
                    id: RuleId::take(bytes).into(),
                    reason: bytes.words(),
                }),
            };
            let own = rules.take(bytes, Some(at));
            let (preconditions, limits) = counted(bytes);
            let mut tool =
                CompiledTool { action, name, rules: own, preconditions, limits, plan: None };
            tool.plan = plan::<true>(&tool, &rules, &all_rules, others.as_ref(), tools.last());
            let known = names.get(names.text(name.0, name.1));
            bytes.expect(known.is_some_and(|known| known.listed == Some(at)));
            tools.push(tool);
        });
        CompiledPolicy {
            hash,
            default,
            hide_all,
            names,
            tools,
            others,
            rules,
            all_rules,
            preconditions,
            all_tools,
        }
    }
}

fn put_counted(out: &mut Out, preconditions: &[CompiledPrecondition], limits: &[CompiledLimit]) {
    out.list(preconditions.iter(), |out, precondition| {
        let CompiledPrecondition { id, tool, limit, test, on_deny } = precondition;
        id.put(out);
        out.words(tool.as_ref());
        out.maybe(limit.as_ref(), |out, (limit, counters)| {
            limit.put(out);
            counters.put(out);
        });
        test.put(out);
        out.words(on_deny.as_ref());
    });
    out.list(limits.iter(), |out, CompiledLimit { id, limit, counters }| {
        id.put(out);
        limit.put(out);
        counters.put(out);
    });
}

/// The preconditions and the limits of a tool, or of all.
fn counted(bytes: &mut Bytes<'_>) -> (Vec<CompiledPrecondition>, Vec<CompiledLimit>) {
    let preconditions = bytes.list(|bytes| CompiledPrecondition {
        id: RuleId::take(bytes).into(),
        tool: bytes.words(),
        limit: bytes.maybe(|bytes| (Limit::take(bytes), Counters::take(bytes))),
        test: Test::take(bytes).into(),
        on_deny: bytes.words(),
    });
    let limits = bytes.list(|bytes| CompiledLimit {
        id: RuleId::take(bytes).into(),
        limit: Limit::take(bytes),
        counters: Counters::take(bytes),
    });
    (preconditions, limits)
}
