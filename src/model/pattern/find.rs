//! Where a pattern is found: for people who look at it, and never to decide.

use super::program::{Program, Step};
use super::tree::Side;

/// Where the program is found first in a text, as far as the work reaches: `None` if it does not.
///
/// Of the places where it can begin it is the first, and from there it reaches as far as it can. All
/// ways through the program are followed at once, each with the place at which it began; of two that
/// meet, the one that began later is dropped.
pub(super) fn find(program: &Program, text: &str, mut work: usize) -> Option<(usize, usize)> {
    let mut best: Option<(usize, usize)> = None;
    let mut before = Side::Edge;
    // Where each way began, and the step that it takes next, those that began earlier first.
    let mut ways: Vec<(usize, usize)> = Vec::new();
    let mut seen = vec![0u64; program.steps.len().div_ceil(64)];
    let places = text.char_indices().map(|(at, c)| (at, Some(c))).chain([(text.len(), None)]);
    for (at, c) in places {
        let class = c.map_or(program.alphabet.end(), |c| program.alphabet.class(c));
        let behind = program.alphabet.side(class);
        if best.is_none() && (at == 0 || !program.at_start) {
            ways.push((at, 0));
        }
        seen.fill(0);
        let mut next = Vec::new();
        for &(start, step) in &ways {
            if best.is_some_and(|(first, _)| start > first) {
                break;
            }
            let mut open = vec![step];
            while let Some(step) = open.pop() {
                let bit = 1 << (step % 64);
                let Some(word) = seen.get_mut(step / 64).filter(|word| **word & bit == 0) else {
                    continue;
                };
                *word |= bit;
                work = work.checked_sub(1)?;
                let following = step.saturating_add(1);
                match program.step(step) {
                    Step::Jump(to) => open.push(to as usize),
                    Step::Fork(to) => open.extend([to as usize, following]),
                    Step::At(place) if place.is_between(before, behind) => open.push(following),
                    Step::At(_) => {}
                    Step::Found => best = Some((start, at)),
                    Step::One(set) => {
                        let set = program.sets.get(set as usize);
                        if set.zip(c).is_some_and(|(set, c)| set.contains(u32::from(c))) {
                            next.push((start, following));
                        }
                    }
                }
            }
        }
        if next.is_empty() && best.is_some() {
            break;
        }
        (ways, before) = (next, behind);
    }
    best
}
