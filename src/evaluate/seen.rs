//! A call decided by what a host has seen of it that has it as values of its own: only what the policy
//! looks at, as records, so that no text is written and read again. To write one and to read it took
//! two thirds of the time of such a decision.
//!
//! Each record is a kind, a place (two bytes) and what the kind says; numbers of several bytes begin with
//! the lowest. The places are those of [`crate::wire::outline`].

use super::Env;
use super::Scratch;
use super::case::{Asked, Case, SeenCase};
use super::cells::Cells;
use super::text::settle;
use crate::compile::CompiledPolicy;
use crate::json::{Decimal, Limits, read_strict};
use crate::model::{Effect, Seen};
use crate::quota::Grant;

/// The kinds of records. Behind a kind from [`NUMBER`] on are two bytes of length and a text.
const NULL: u8 = 0;
const FALSE: u8 = 1;
const TRUE: u8 = 2;
/// A list or an object, or whatever else but `null`, of which no more matters.
const PASSED_OVER: u8 = 3;
/// An element of the list whose `[*]` has the number in the place of a place begins.
const ELEMENT: u8 = 4;
/// It ends.
const ELEMENT_END: u8 = 5;
/// A number as JSON writes it.
const NUMBER: u8 = 6;
/// A string, without quotes and escapes.
const STRING: u8 = 7;
/// A list or an object as JSON text.
const WHOLE: u8 = 8;
/// The grant; the place does not matter.
const GRANT: u8 = 9;
/// The session, likewise.
const SESSION: u8 = 10;

/// Decides a call of the tool with this number by its records; as [`super::decide_text`] would decide
/// its text. `None` if they are no such records: nothing was counted then.
#[inline]
pub fn decide_seen(
    policy: &CompiledPolicy,
    tool: u32,
    records: &[u8],
    env: &mut Env<'_>,
    scratch: &mut Scratch,
) -> Option<Effect> {
    let found = policy.found(tool);
    let mut cells = Cells::new(policy, found, &mut scratch.cells)?;
    let plan = cells.plan;
    let mut asked = Asked { tool: "", grant: Grant::default(), session: None };
    let mut left = records;
    while let Some((&[kind, low, high], rest)) = left.split_first_chunk() {
        left = rest;
        let place = u16::from_le_bytes([low, high]).into();
        let whole;
        let seen = match kind {
            NULL => Seen::Null,
            FALSE => Seen::Bool(false),
            TRUE => Seen::Bool(true),
            PASSED_OVER => Seen::PassedOver,
            ELEMENT => {
                cells.enter(place);
                cells.begin(Some(place));
                continue;
            }
            ELEMENT_END => {
                cells.end(Some(place));
                continue;
            }
            _ => {
                let (length, bytes) = left.split_first_chunk()?;
                let (text, rest) = bytes.split_at_checked(u16::from_le_bytes(*length).into())?;
                left = rest;
                let text = std::str::from_utf8(text).ok()?;
                match kind {
                    NUMBER => Seen::Number(Decimal::all_of(text, bytes)?),
                    STRING => Seen::String(text),
                    WHOLE => {
                        whole = read_strict(text.as_bytes(), &Limits::MESSAGE).ok()?.value;
                        Seen::from(&whole)
                    }
                    GRANT => {
                        asked.grant = Some(text).into();
                        continue;
                    }
                    SESSION => {
                        asked.session = Some(text);
                        continue;
                    }
                    _ => return None,
                }
            }
        };
        cells.see(plan.node(place)?, seen);
    }
    cells.end(None);
    if !left.is_empty() {
        return None;
    }
    if cells.let_pass() {
        return Some(Effect::Allow);
    }
    let case: SeenCase<'_, '_, '_> = Case { policy, found, asked, arguments: &cells };
    Some(effect(&case, env))
}

/// What becomes of a call without an approval. Counts.
// What else a decision has is let go here, and not where it is compiled with each host.
#[inline(never)]
fn effect(case: &SeenCase<'_, '_, '_>, env: &mut Env<'_>) -> Effect {
    settle(case, env).effect
}
