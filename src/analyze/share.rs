//! Work that is shared among threads, where there are any.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{Builder, available_parallelism, scope};

use crate::order::sort_by_key;

/// So many items are taken at once.
const TAKEN: usize = 16;
/// So many threads work at most, however many the machine has.
const MAX_THREADS: usize = 16;
/// As much as the first thread has mostly.
const STACK: usize = 8 << 20;

/// What `work` makes of each item, in the order of the items; each thread has a `tool` of its own to work
/// with. Fewer threads, or one, do the same.
pub(super) fn map<T: Sync, S, R: Send>(
    items: &[T],
    tool: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, &T) -> R + Sync,
) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let take = || {
        let (mut tool, mut made) = (tool(), Vec::new());
        loop {
            let from = next.fetch_add(TAKEN, Ordering::Relaxed);
            let rest = items.get(from..).unwrap_or_default();
            if rest.is_empty() {
                return made;
            }
            let taken = rest.iter().take(TAKEN).enumerate();
            made.extend(taken.map(|(at, item)| (from.saturating_add(at), work(&mut tool, item))));
        }
    };
    // WebAssembly says that it knows of none.
    let threads = available_parallelism().map_or(1, |threads| threads.get().min(MAX_THREADS));
    let threads = threads.min(items.len().div_ceil(TAKEN));
    let builder = || Builder::new().stack_size(STACK);
    let mut made = scope(|scope| {
        let others: Vec<_> =
            (1..threads).map_while(|_| builder().spawn_scoped(scope, take).ok()).collect();
        let mut made = take();
        for other in others {
            // Nothing in there can panic; what did would go on here.
            made.extend(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        made
    });
    sort_by_key(&mut made, |(at, _)| *at);
    made.into_iter().map(|(_, one)| one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_lost_and_the_order_stays() {
        for count in [0, 1, 15, 16, 17, 1000] {
            let items: Vec<usize> = (0..count).collect();
            let made = map(&items, || 0, |seen, item| (*seen += 1, item * 2).1);
            assert_eq!(made, items.iter().map(|item| item * 2).collect::<Vec<_>>());
        }
    }
}
