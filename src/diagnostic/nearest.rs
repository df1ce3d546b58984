//! The nearest of several names, for "did you mean".

/// The candidate that differs from `name` by the fewest insertions, deletions, replacements and
/// swaps of neighbours, when few enough that it is likely what was meant: at most a third of the
/// longer name's characters. The case of ASCII letters and the separators `-`, `_`, `.` count for nothing.
#[must_use]
pub fn nearest<'c>(name: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let name = fold(name);
    // A bound on the work: a name this long is no misspelling.
    if name.len() > 128 {
        return None;
    }
    candidates
        .into_iter()
        .filter_map(|candidate| {
            let folded = fold(candidate);
            let allowed = folded.len().max(name.len()).div_ceil(3);
            if folded.len().abs_diff(name.len()) > allowed {
                return None;
            }
            let distance = distance(&name, &folded);
            (distance <= allowed).then_some((distance, candidate))
        })
        .min()
        .map(|(_, candidate)| candidate)
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
    use super::{is_slip, nearest};

    #[test]
    fn finds_what_was_meant_and_nothing_else() {
        let keys = ["default", "description", "hide", "tools", "all_tools", "version"];
        assert_eq!(nearest("defualt", keys), Some("default"));
        assert_eq!(nearest("allTools", keys), Some("all_tools"));
        assert_eq!(nearest("tool", keys), Some("tools"));
        assert_eq!(nearest("limits", keys), None);
        assert_eq!(nearest("", keys), None);
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
