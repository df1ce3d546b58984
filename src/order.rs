//! Sorting, stable, with one piece of code for everything in wasm: there each kind of thing that the
//! standard library sorts is 3 to 5 KB of code, and nothing that a module sorts is worth that.

use std::cmp::Ordering;

/// Sorts by keys, equal things staying in their order.
pub(crate) fn sort_by_key<T, K: Ord>(items: &mut [T], key: impl Fn(&T) -> K) {
    sort_by(items, |a, b| key(a).cmp(&key(b)));
}

/// Sorts, equal things staying in their order.
pub(crate) fn sort_by<T>(items: &mut [T], compare: impl Fn(&T, &T) -> Ordering) {
    if cfg!(target_family = "wasm") {
        sort_small(items, compare);
    } else {
        items.sort_by(compare);
    }
}

/// The numbers below `count` in the order that `compare` has them in, equal ones in their own.
pub(crate) fn ordered(count: usize, compare: impl Fn(usize, usize) -> Ordering) -> Vec<u32> {
    if cfg!(target_family = "wasm") {
        return merged(count, &compare);
    }
    let mut order: Vec<u32> = numbers(count).collect();
    order.sort_by(|a, b| compare(*a as usize, *b as usize));
    order
}

/// Sorts with as little code of its own as there can be.
fn sort_small<T>(items: &mut [T], compare: impl Fn(&T, &T) -> Ordering) {
    let mut place = places(items.len(), &|a, b| match (items.get(a), items.get(b)) {
        (Some(a), Some(b)) => compare(a, b),
        _ => Ordering::Equal,
    });
    // Each swap brings one to its place.
    for at in 0..items.len() {
        while let Some(to) = place.get(at).map(|to| *to as usize).filter(|to| *to != at) {
            items.swap(at, to);
            place.swap(at, to);
        }
    }
}

fn numbers(count: usize) -> impl Iterator<Item = u32> {
    0..u32::try_from(count).unwrap_or(u32::MAX)
}

/// The place of each number below `count` in the order that `compare` has them in.
fn places(count: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<u32> {
    let order = merged(count, compare);
    let mut places = order.clone();
    for (place, at) in (0..).zip(&order) {
        if let Some(to) = places.get_mut(*at as usize) {
            *to = place;
        }
    }
    places
}

/// As [`ordered`]: a merge sort, which does not touch what is in order.
fn merged(count: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<u32> {
    let mut order: Vec<u32> = numbers(count).collect();
    let mut merged = order.clone();
    let mut width: usize = 1;
    while width < count {
        for (from, to) in
            order.chunks(width.saturating_mul(2)).zip(merged.chunks_mut(width.saturating_mul(2)))
        {
            let (mut first, mut second) = from.split_at(width.min(from.len()));
            let is_first = |first: &[u32], second: &[u32]| match (first.first(), second.first()) {
                (Some(a), Some(b)) => compare(*a as usize, *b as usize).is_le(),
                (first, _) => first.is_some(),
            };
            if is_first(first.last().map_or(&[], std::slice::from_ref), second) {
                to.copy_from_slice(from);
                continue;
            }
            for to in to {
                let next = if is_first(first, second) { &mut first } else { &mut second };
                if let Some((one, rest)) = next.split_first() {
                    (*to, *next) = (*one, rest);
                }
            }
        }
        std::mem::swap(&mut order, &mut merged);
        width = width.saturating_mul(2);
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sorts_as_the_standard_library_does() {
        let mut random = 1_u32;
        for count in (0..70).chain([1000, 1024, 1025]) {
            for kinds in [1, 2, 5, u32::MAX] {
                let mut items: Vec<(u32, usize)> = Vec::new();
                for at in 0..count {
                    random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    items.push(((random >> 8) % kinds, at));
                }
                let mut sorted = items.clone();
                sorted.sort_by_key(|item| item.0);
                sort_small(&mut items, |a, b| a.0.cmp(&b.0));
                assert_eq!(items, sorted);
                let by_kind = |a: usize, b: usize| items[a].0.cmp(&items[b].0).reverse();
                assert_eq!(merged(count, &by_kind), ordered(count, by_kind));
                sort_small(&mut items, |a, b| b.0.cmp(&a.0));
                sorted.sort_by_key(|item| std::cmp::Reverse(item.0));
                assert_eq!(items, sorted);
            }
        }
    }

    #[test]
    fn what_is_in_order_is_compared_once_a_level() {
        let compared = std::cell::Cell::new(0);
        sort_small(&mut (0..1024).collect::<Vec<u32>>(), |a, b| {
            compared.set(compared.get() + 1);
            a.cmp(b)
        });
        assert_eq!(compared.get(), 1023);
    }
}
