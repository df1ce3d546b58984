//! What changed in a text, word by word.

/// A part of two texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// In both.
    Same(String),
    /// In the first only.
    Removed(String),
    /// In the second only.
    Added(String),
}

/// So many pairs of words are compared, after what the texts begin and end with alike; of texts with
/// more the whole middle counts as changed.
const MOST: usize = 1 << 20;

/// The pieces that two texts are made of.
pub(super) fn words(before: &str, after: &str) -> Vec<Piece> {
    let (mut old, mut new) = (split(before), split(after));
    let alike = |a: &[&str], b: &[&str]| a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let head = alike(&old, &new);
    let mut pieces = Vec::new();
    for word in old.drain(..head) {
        put(&mut pieces, Piece::Same(word.to_owned()));
    }
    new.drain(..head);
    old.reverse();
    new.reverse();
    let tail = alike(&old, &new);
    let mut same: Vec<&str> = old.drain(..tail).collect();
    new.drain(..tail);
    old.reverse();
    new.reverse();
    same.reverse();
    middle(&old, &new, &mut pieces);
    for word in same {
        put(&mut pieces, Piece::Same(word.to_owned()));
    }
    pieces
}

/// By the longest list of words that is in both.
fn middle(old: &[&str], new: &[&str], pieces: &mut Vec<Piece>) {
    let width = new.len().saturating_add(1);
    let cells = old.len().saturating_add(1).saturating_mul(width);
    // How many words the rests of both have in common, from each pair of places on.
    let mut common: Vec<u32> = Vec::new();
    if cells <= MOST {
        common = vec![0; cells];
        for (row, a) in old.iter().enumerate().rev() {
            for (column, b) in new.iter().enumerate().rev() {
                let at =
                    |row: usize, column: usize| row.saturating_mul(width).saturating_add(column);
                let of = |at: usize| common.get(at).copied().unwrap_or(0);
                let (down, right) = (row.saturating_add(1), column.saturating_add(1));
                let value = if a == b {
                    of(at(down, right)).saturating_add(1)
                } else {
                    of(at(down, column)).max(of(at(row, right)))
                };
                if let Some(cell) = common.get_mut(at(row, column)) {
                    *cell = value;
                }
            }
        }
    }
    let of = |row: usize, column: usize| {
        let at = row.saturating_mul(width).saturating_add(column);
        common.get(at).copied().unwrap_or(0)
    };
    let (mut row, mut column) = (0usize, 0usize);
    loop {
        match (old.get(row), new.get(column)) {
            (Some(a), Some(b)) if a == b && !common.is_empty() => {
                put(pieces, Piece::Same((*a).to_owned()));
                (row, column) = (row.saturating_add(1), column.saturating_add(1));
            }
            (Some(a), b)
                if b.is_none()
                    || of(row.saturating_add(1), column) >= of(row, column.saturating_add(1)) =>
            {
                put(pieces, Piece::Removed((*a).to_owned()));
                row = row.saturating_add(1);
            }
            (_, Some(b)) => {
                put(pieces, Piece::Added((*b).to_owned()));
                column = column.saturating_add(1);
            }
            _ => break,
        }
    }
}

/// Adds a piece; of one kind in a row there is one.
fn put(pieces: &mut Vec<Piece>, piece: Piece) {
    match (pieces.last_mut(), piece) {
        (Some(Piece::Same(all)), Piece::Same(more))
        | (Some(Piece::Removed(all)), Piece::Removed(more))
        | (Some(Piece::Added(all)), Piece::Added(more)) => all.push_str(&more),
        (_, piece) => pieces.push(piece),
    }
}

/// The words of a text, each with the white space behind it. Writing without spaces is cut into its
/// characters.
fn split(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let (mut start, mut blank) = (0, false);
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        let alone = |c: char| matches!(c, '\u{2e80}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' | '\u{e00}'..='\u{eff}');
        if at > start && (blank && !c.is_whitespace() || alone(c) || alone(before)) {
            words.extend(text.get(start..at));
            start = at;
        }
        (blank, before) = (c.is_whitespace(), c);
    }
    words.extend(text.get(start..).filter(|rest| !rest.is_empty()));
    words
}
