//! Characters that a model reads and a person does not see.

/// What a hidden character does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hidden {
    /// It is not shown at all.
    Invisible,
    /// It turns the direction of what follows.
    Direction,
    /// It spells a text that nothing shows: tags, and variation selectors that select nothing.
    Spelling,
    /// It is whatever a font makes of it.
    Private,
    /// It is for a terminal, not for a reader.
    Control,
}

impl Hidden {
    /// As a clause about characters.
    pub(super) fn meaning(self) -> &'static str {
        match self {
            Hidden::Invisible => "characters that are not shown",
            Hidden::Direction => "marks that turn the direction of writing",
            Hidden::Spelling => "characters that spell a text which nothing shows",
            Hidden::Private => "characters for private use",
            Hidden::Control => "control characters",
        }
    }
}

/// What a character may hide, wherever it stands.
fn kind(c: char) -> Option<Hidden> {
    Some(match c {
        '\n' | '\t' => return None,
        c if c.is_control() => Hidden::Control,
        '\u{2028}' | '\u{2029}' | '\u{fff9}'..='\u{fffb}' => Hidden::Control,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{206f}' => {
            Hidden::Direction
        }
        '\u{fe00}'..='\u{fe0f}' | '\u{e0000}'..='\u{e0fff}' => Hidden::Spelling,
        '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}' => Hidden::Private,
        '\u{ad}'
        | '\u{34f}'
        | '\u{115f}'
        | '\u{1160}'
        | '\u{17b4}'
        | '\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200d}'
        | '\u{2060}'..='\u{2065}'
        | '\u{3164}'
        | '\u{feff}'
        | '\u{ffa0}'
        | '\u{1d173}'..='\u{1d17a}' => Hidden::Invisible,
        _ => return None,
    })
}

/// Whether a character may not be seen as what it is.
pub(super) fn is_hidden(c: char) -> bool {
    kind(c).is_some()
}

/// The characters of a text that hide something: not those that writing needs, as within an emoji, or
/// between letters of Persian.
pub(super) fn find(text: &str) -> Vec<(char, Hidden)> {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\n' | b'\t')) {
        return Vec::new();
    }
    let leftwards = text.chars().any(
        |c| matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}'),
    );
    let mut found = Vec::new();
    let mut before = ' ';
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let next = chars.peek().copied().unwrap_or(' ');
        let joins = |c: char| !c.is_ascii() && kind(c).is_none_or(|kind| kind == Hidden::Spelling);
        let needed = match c {
            '\r' => next == '\n',
            '\u{200c}' | '\u{200d}' => joins(before) && joins(next) && !is_space(next),
            '\u{200e}' | '\u{200f}' | '\u{61c}' => leftwards,
            // One behind a sign, which it makes a picture or a letter of another shape.
            '\u{fe00}'..='\u{fe0f}' => {
                kind(before).is_none()
                    && (!before.is_ascii() && !is_latin(before) && !is_space(before)
                        || next == '\u{20e3}')
            }
            '\u{e0100}'..='\u{e01ef}' => {
                matches!(before, '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}')
            }
            _ => false,
        };
        if let Some(kind) = kind(c).filter(|_| !needed) {
            found.push((c, kind));
        }
        before = c;
    }
    found
}

fn is_latin(c: char) -> bool {
    matches!(c, '\u{c0}'..='\u{24f}') && c.is_alphabetic()
}

/// White space, and what looks like it.
pub(super) fn is_space(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{2800}' | '\u{3164}' | '\u{ffa0}')
}

/// A text that neither a terminal nor a page can be fooled by: what is not seen is escaped as in Rust,
/// `\u{202e}`. Line ends and tabs stay.
#[must_use]
pub fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if is_hidden(c) {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    out
}

/// A text as a model may read it: without what is not seen between its letters, and with what tags and
/// variation selectors spell.
pub(super) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut spelt: Vec<u8> = Vec::new();
    let mut selectors = 0usize;
    for c in text.chars() {
        let byte = match c {
            '\u{e0020}'..='\u{e007e}' => u32::from(c).checked_sub(0xe0000),
            '\u{fe00}'..='\u{fe0f}' => u32::from(c).checked_sub(0xfe00),
            '\u{e0100}'..='\u{e01ef}' => u32::from(c).checked_sub(0xe0100 - 16),
            _ => None,
        };
        match byte.and_then(|byte| u8::try_from(byte).ok()) {
            Some(byte) => {
                selectors = selectors.saturating_add(1);
                spelt.push(byte);
            }
            None if kind(c).is_none() => out.push(c),
            None => {}
        }
    }
    // One of them alone spells nothing.
    if selectors > 3 {
        out.push('\n');
        out.push('\n');
        out.push_str(&String::from_utf8_lossy(&spelt));
    }
    out
}

/// The longest run of blanks in a text, and of empty lines.
pub(super) fn emptiness(text: &str) -> (usize, usize) {
    let (mut blanks, mut lines) = ((0usize, 0usize), (0usize, 0usize));
    for c in text.chars() {
        if c == '\n' {
            lines.0 = lines.0.saturating_add(1);
            blanks.0 = 0;
        } else if is_space(c) {
            blanks.0 = blanks.0.saturating_add(1);
        } else {
            (blanks.0, lines.0) = (0, 0);
        }
        blanks.1 = blanks.1.max(blanks.0);
        lines.1 = lines.1.max(lines.0);
    }
    (blanks.1, lines.1)
}
