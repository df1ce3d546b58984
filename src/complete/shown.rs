//! What a server says, as it is shown: as text, and not more of it than people read.

use crate::diagnostic::printable;

/// So many characters of a description are shown.
const DESCRIPTION: usize = 600;
/// So many characters of a name.
const NAME: usize = 100;

/// A description, cut. Line ends stay; what could move or hide text is shown as an escape.
pub(super) fn cut(text: &str) -> String {
    let mut lines = Vec::new();
    let mut left = DESCRIPTION;
    for line in text.trim().split('\n') {
        let line = line.trim_end_matches('\r');
        let shown: String = line.chars().take(left).collect();
        left = left.saturating_sub(shown.chars().count().saturating_add(1));
        let whole = shown.len() == line.len();
        lines.push(printable(&shown.replace('\t', " ")));
        if !whole || left == 0 {
            if let Some(last) = lines.last_mut() {
                last.push('…');
            }
            break;
        }
    }
    lines.join("\n")
}

/// A name on one line, cut.
pub(super) fn label(name: &str) -> String {
    let more = if name.chars().nth(NAME).is_some() { "…" } else { "" };
    format!("{}{more}", printable(&name.chars().take(NAME).collect::<String>()))
}
