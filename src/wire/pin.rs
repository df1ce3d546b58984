//! What changed in the tools of a server.

use super::text::Members;
use crate::classify::Classified;
use crate::json::quote;
use crate::pin::{Change, Piece, Review, Reviewed, Sign};

/// A review, as JSON text. No text in it has a character that is not seen.
#[must_use]
pub fn review_text(review: &Review) -> String {
    let mut out = Members::default();
    out.json("unchanged", &review.unchanged.to_string());
    out.list("tools", &review.tools, reviewed);
    out.end()
}

fn reviewed(tool: &Reviewed) -> String {
    let mut out = Members::default();
    out.text("name", &tool.name);
    out.text("status", tool.status.as_str());
    for (key, can) in [("before", &tool.before), ("now", &tool.now)] {
        if let Some(can) = can {
            out.json(key, &classified(can));
        }
    }
    out.list("changes", &tool.changes, change);
    out.list("signs", &tool.signs, sign);
    out.end()
}

fn classified(can: &Classified) -> String {
    let mut out = Members::default();
    out.text("category", can.category.as_str());
    out.text("risk", can.risk.as_str());
    out.list("traits", &can.traits, |one| quote(one.as_str()));
    out.end()
}

fn change(change: &Change) -> String {
    let mut out = Members::default();
    out.text("part", change.part.as_str());
    out.some_text("of", change.of.as_deref());
    out.some_text("what", change.what.as_deref());
    out.some_text("before", change.before.as_deref());
    out.some_text("after", change.after.as_deref());
    if !change.words.is_empty() {
        out.list("words", &change.words, piece);
    }
    out.end()
}

fn piece(piece: &Piece) -> String {
    let mut out = Members::default();
    match piece {
        Piece::Same(text) => out.text("same", text),
        Piece::Removed(text) => out.text("removed", text),
        Piece::Added(text) => out.text("added", text),
    }
    out.end()
}

fn sign(sign: &Sign) -> String {
    let mut out = Members::default();
    out.text("weight", sign.weight.as_str());
    out.text("kind", sign.kind.as_str());
    out.text("part", sign.part.as_str());
    out.some_text("of", sign.of.as_deref());
    out.text("words", &sign.words);
    out.text("says", &sign.says);
    out.end()
}
