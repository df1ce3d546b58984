//! The nearest of several names, for "did you mean".

/// The candidate that differs from `name` by the fewest insertions, deletions, replacements and
/// swaps of neighbours, when few enough that it is likely what was meant: at most a third of the
/// longer name's characters. The case of ASCII letters and the separators `-`, `_`, `.` count for nothing.
#[must_use]
pub fn nearest<'c>(name: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    Candidates::new(candidates).nearest(name)
}

/// Names, made ready to look for the [`nearest`] of many others among them.
pub(crate) struct Candidates<'c> {
    names: Vec<(Folded, &'c str)>,
}

impl<'c> Candidates<'c> {
    pub(crate) fn new(names: impl IntoIterator<Item = &'c str>) -> Candidates<'c> {
        let ready = |name: &'c str| (Folded::new(name), name);
        Candidates { names: names.into_iter().map(ready).collect() }
    }

    /// For so many names, and not for all that somebody may come with, the nearest is looked for in a
    /// time that nobody notices.
    pub(crate) fn quickly(&self) -> usize {
        const PAIRS: usize = 60_000;
        PAIRS.checked_div(self.names.len()).unwrap_or(PAIRS)
    }

    /// The nearest of them; of equally near ones the first in the order of the alphabet.
    pub(crate) fn nearest(&self, name: &str) -> Option<&'c str> {
        let name = Folded::new(name);
        // A bound on the work: a name this long is no misspelling.
        if name.chars.len() > 128 {
            return None;
        }
        let mut best: Option<(usize, &'c str)> = None;
        for (folded, candidate) in &self.names {
            let allowed = folded.chars.len().max(name.chars.len()).div_ceil(3);
            let most = best.map_or(allowed, |(best, _)| best.min(allowed));
            if name.at_least(folded) > most {
                continue;
            }
            let distance = distance(&name.chars, &folded.chars);
            let found = (distance, *candidate);
            if distance <= allowed && best.is_none_or(|best| found < best) {
                best = Some(found);
            }
        }
        best.map(|(_, candidate)| candidate)
    }
}

/// A name as it is compared.
struct Folded {
    chars: Vec<char>,
    /// How many characters it has of each kind.
    kinds: [u8; 32],
}

impl Folded {
    fn new(name: &str) -> Folded {
        let chars = fold(name);
        let mut kinds = [0u8; 32];
        for c in &chars {
            // Letters are of a kind each.
            if let Some(count) = kinds.get_mut((u32::from(*c) & 31) as usize) {
                *count = count.saturating_add(1);
            }
        }
        Folded { chars, kinds }
    }

    /// No fewer changes make the other name of it: a replacement brings one character of some kind and
    /// takes one, all else does less.
    fn at_least(&self, other: &Folded) -> usize {
        let (mut more, mut less) = (0usize, 0usize);
        for (a, b) in self.kinds.iter().zip(&other.kinds) {
            more = more.saturating_add(usize::from(a.saturating_sub(*b)));
            less = less.saturating_add(usize::from(b.saturating_sub(*a)));
        }
        more.max(less)
    }
}

/// Whether `name` is `meant` but for case, separators or one slip of the fingers (two in a longer
/// word). Of short words, and of words that say the opposite, only the first: `lt` is no `gt`, and
/// `not_contains` no `contains`.
#[must_use]
pub fn is_slip(name: &str, meant: &str) -> bool {
    let (name, meant) = (fold(name), fold(meant));
    let slips = match meant.len() {
        0..=3 => 0,
        4..=6 => 1,
        _ => 2,
    };
    let opposite = |word: &[char]| {
        ["not", "no", "un", "non"]
            .iter()
            .any(|prefix| word.iter().copied().take(prefix.len()).eq(prefix.chars()))
    };
    name.len() <= 128 && opposite(&name) == opposite(&meant) && distance(&name, &meant) <= slips
}

fn fold(name: &str) -> Vec<char> {
    name.chars().filter(|c| !matches!(c, '-' | '_' | '.')).map(|c| c.to_ascii_lowercase()).collect()
}

/// Optimal string alignment distance, three rows at a time.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    let mut previous_a = None;
    for (i, &ca) in a.iter().enumerate() {
        let mut row = Vec::with_capacity(last.len());
        row.push(i.saturating_add(1));
        let mut previous_b = None;
        for (j, &cb) in b.iter().enumerate() {
            let get = |row: &[usize], at: usize| row.get(at).copied().unwrap_or(usize::MAX);
            let replaced = get(&last, j).saturating_add(usize::from(ca != cb));
            let deleted = get(&last, j.saturating_add(1)).saturating_add(1);
            let inserted = get(&row, j).saturating_add(1);
            let mut best = replaced.min(deleted).min(inserted);
            if previous_a == Some(cb) && previous_b == Some(ca) {
                best = best.min(get(&before_last, j.saturating_sub(1)).saturating_add(1));
            }
            row.push(best);
            previous_b = Some(cb);
        }
        before_last = std::mem::replace(&mut last, row);
        previous_a = Some(ca);
    }
    last.last().copied().unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::{distance, fold, is_slip, nearest};

    #[test]
    fn finds_what_was_meant_and_nothing_else() {
        let keys = ["default", "description", "hide", "tools", "all_tools", "version"];
        assert_eq!(nearest("defualt", keys), Some("default"));
        assert_eq!(nearest("allTools", keys), Some("all_tools"));
        assert_eq!(nearest("tool", keys), Some("tools"));
        assert_eq!(nearest("limits", keys), None);
        assert_eq!(nearest("", keys), None);
    }

    /// What is passed over without being compared is what is farther.
    #[test]
    fn finds_the_same_as_looking_at_each() {
        let parts =
            ["get", "list", "delete", "user", "users", "order", "a", "ab", "é", "x1", "_", "-"];
        let mut seed = 3u32;
        let mut next = |below: usize| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 8) as usize % below
        };
        let mut word = || (0..=next(4)).map(|_| parts[next(parts.len())]).collect::<String>();
        let names: Vec<String> = (0..400).map(|_| word()).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut found = 0;
        for _ in 0..300 {
            let name = word();
            let wanted = fold(&name);
            let each = names.iter().filter_map(|candidate| {
                let folded = fold(candidate);
                let distance = distance(&wanted, &folded);
                let allowed = folded.len().max(wanted.len()).div_ceil(3);
                (distance <= allowed).then_some((distance, *candidate))
            });
            let expected = each.min().map(|(_, candidate)| candidate);
            assert_eq!(nearest(&name, names.iter().copied()), expected, "{name}");
            found += usize::from(expected.is_some());
        }
        assert!(found > 100);
    }

    #[test]
    fn a_slip_is_no_other_word() {
        for (name, meant) in [("Deny", "deny"), ("denyIf", "deny_if"), ("defualt", "default")] {
            assert!(is_slip(name, meant), "{name}");
        }
        for (name, meant) in [
            ("lt", "gt"),
            ("not_contains", "contains"),
            ("deny_if_not", "deny_if"),
            ("unrequire", "require"),
            ("deny", "deny_if"),
        ] {
            assert!(!is_slip(name, meant), "{name}");
        }
    }
}
