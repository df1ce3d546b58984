//! Keys that two readers could take for two different ones.

/// The known name that a careless reader could take `name` for, though it is another text: by case
/// (with the two characters outside ASCII that have an ASCII letter for their other case, the long
/// s and the Kelvin sign), by characters that are no letters or digits, or by a NUL at its end.
pub(crate) fn mistakable<'k>(name: &str, known: &[&'k str]) -> Option<&'k str> {
    if known.contains(&name) {
        return None;
    }
    known.iter().find(|known| folded(name).eq(folded(known))).copied()
}

fn folded(name: &str) -> impl Iterator<Item = char> + '_ {
    name.chars().filter_map(|c| match c {
        '\u{17f}' => Some('s'),
        '\u{212a}' => Some('k'),
        c if c.is_ascii() && !c.is_ascii_alphanumeric() => None,
        c => Some(c.to_ascii_lowercase()),
    })
}

/// Whether a name has printable ASCII characters only. Keys of the envelope and methods must: then
/// no normalisation form and no end of a C string can make another name of it.
pub(crate) fn is_plain(name: &str) -> bool {
    name.bytes().all(|b| matches!(b, b' '..=b'~'))
}
