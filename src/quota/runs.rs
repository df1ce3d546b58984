//! A map in runs: sorted lists, one behind the other.

/// So many entries make a run into two.
const MOST: usize = 128;

/// Values by number, found in the time that a tree takes, with a fifth of the code: the standard
/// library's tree is 7 KB of a small module.
#[derive(Clone, Debug)]
pub(super) struct Runs<V> {
    /// None is empty. All keys of one come before those of the next.
    runs: Vec<Vec<(u128, V)>>,
    length: usize,
}

impl<V> Default for Runs<V> {
    fn default() -> Runs<V> {
        Runs { runs: Vec::new(), length: 0 }
    }
}

impl<V> Runs<V> {
    pub(super) fn len(&self) -> usize {
        self.length
    }

    /// The run in which a key is, if it is there at all, and its place there or the one where it belongs.
    fn place(&self, key: u128) -> (usize, Result<usize, usize>) {
        let begins = |run: &Vec<(u128, V)>| run.first().is_some_and(|(first, _)| *first <= key);
        let at = self.runs.partition_point(begins).saturating_sub(1);
        let run = self.runs.get(at).map_or(&[][..], Vec::as_slice);
        (at, run.binary_search_by(|(other, _)| other.cmp(&key)))
    }

    pub(super) fn get(&self, key: u128) -> Option<&V> {
        let (run, place) = self.place(key);
        self.runs.get(run)?.get(place.ok()?).map(|(_, value)| value)
    }

    pub(super) fn get_mut(&mut self, key: u128) -> Option<&mut V> {
        let (run, place) = self.place(key);
        self.runs.get_mut(run)?.get_mut(place.ok()?).map(|(_, value)| value)
    }

    /// Adds a key that is not there yet.
    pub(super) fn insert(&mut self, key: u128, value: V) {
        let (at, place) = self.place(key);
        let (Ok(place) | Err(place)) = place;
        self.length = self.length.saturating_add(1);
        let Some(run) = self.runs.get_mut(at) else {
            self.runs.push(vec![(key, value)]);
            return;
        };
        run.insert(place.min(run.len()), (key, value));
        if run.len() >= MOST {
            let behind = run.split_off(MOST / 2);
            self.runs.insert(at.saturating_add(1), behind);
        }
    }

    /// Keeps the values that `keep` says.
    pub(super) fn retain(&mut self, mut keep: impl FnMut(&V) -> bool) {
        for run in &mut self.runs {
            run.retain(|(_, value)| keep(value));
        }
        self.runs.retain(|run| !run.is_empty());
        self.length = self.runs.iter().map(Vec::len).sum();
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn keeps_what_a_tree_keeps() {
        let (mut runs, mut tree) = (Runs::default(), BTreeMap::new());
        let mut random: u32 = 1;
        for round in 0..20_000u32 {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            // Few enough that many come again; some rounds in order, up and down.
            let key = u128::from(match round / 4000 {
                0 => round,
                1 => 100_000 - round,
                _ => random >> 16,
            });
            assert_eq!(runs.get(key), tree.get(&key));
            match runs.get_mut(key) {
                Some(value) => *value = round,
                None => runs.insert(key, round),
            }
            tree.insert(key, round);
            if round % 3000 == 2999 {
                runs.retain(|value| value % 3 != 0);
                tree.retain(|_, value| *value % 3 != 0);
            }
            assert_eq!(runs.len(), tree.len());
        }
        let kept: Vec<(u128, u32)> = runs.runs.concat();
        assert_eq!(kept, tree.into_iter().collect::<Vec<_>>());
        assert!(runs.runs.iter().all(|run| !run.is_empty() && run.len() < MOST));
        runs.retain(|_| false);
        assert_eq!((runs.len(), runs.get(1)), (0, None));
    }
}
