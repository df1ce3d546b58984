//! Texts that are put together of others.

/// The text with the parts in the places of its `{}`. As `format!`, for texts alone: what that brings along
/// to show anything is 3 KB of wasm, and most hosts show nothing else.
#[must_use]
pub fn fill(text: &str, parts: &[&str]) -> String {
    let (mut out, mut rest) = (String::new(), text);
    for part in parts {
        let (before, behind) = rest.split_once('{').unwrap_or((rest, ""));
        out.push_str(before);
        out.push_str(part);
        rest = behind.strip_prefix('}').unwrap_or(behind);
    }
    debug_assert!(!rest.contains(['{', '}']), "{text} has another part");
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_stand_in_their_places() {
        assert_eq!(fill("no gap", &[]), "no gap");
        assert_eq!(fill("{} wants {}", &["`in`", "a {list}"]), "`in` wants a {list}");
        assert_eq!(fill("a{}", &[""]), "a");
    }
}
