//! What a description says beside what the tool does: that it only looks, what it costs, and that it
//! cannot be undone.

use super::text::{Reader, Token, is};
use crate::words::{Class, Nouns, Sense};

/// Languages that have no word for changing anything.
const READING: [&str; 4] = ["jql", "logql", "promql", "traceql"];

impl<'t> Reader<'t, '_> {
    /// What it says of reading, of cost, and for how long.
    pub(super) fn notes(&mut self, tokens: &[Token<'t>]) {
        let mut denied = usize::MAX;
        for (at, token) in tokens.iter().enumerate() {
            if token.known.class == Class::Negation || is(token.text, &["free"]) {
                denied = at;
            }
            let is_denied = denied <= at && at.saturating_sub(denied) <= 4;
            let before = at.checked_sub(1).and_then(|at| tokens.get(at));
            let after = tokens.get(at.saturating_add(1));
            let pays = token.known.verb.is_some_and(|verb| verb.sense == Sense::Pay)
                && is(
                    token.text,
                    &["pay", "pays", "buy", "buys", "sell", "sells", "paying", "purchase"],
                )
                || is(token.text, &["stock", "stocks", "shares", "crypto", "brokerage", "trading"]);
            if token.known.nouns.any(Nouns::MONEY) || pays {
                self.out.money = true;
            }
            if token.known.nouns.any(Nouns::COST) && !is_denied && self.out.costs.is_none() {
                let word = token.text.to_ascii_lowercase();
                let beside = |words: &[&str]| {
                    [before, after]
                        .into_iter()
                        .flatten()
                        .any(|token| words.iter().any(|word| token.text.eq_ignore_ascii_case(word)))
                };
                let says = match word.as_str() {
                    "billable" | "incur" | "incurs" | "billed" => true,
                    "charged" => beside(&["be", "are", "is", "get"]),
                    "charges" => beside(&["apply", "may", "additional", "extra"]),
                    "cost" | "costs" => beside(&[
                        "warning",
                        "implications",
                        "additional",
                        "extra",
                        "may",
                        "will",
                        "money",
                        "consumes",
                        "api",
                        "each",
                        "increase",
                    ]),
                    "credits" => beside(&["uses", "consumes", "costs", "api", "spends"]),
                    "paid" => beside(&["feature", "plan", "api", "service"]),
                    _ => false,
                };
                if says {
                    self.out.costs = Some(self.phrase(tokens, at, 4));
                }
            }
            let reads_only = token.known.verb.is_some_and(|verb| verb.sense == Sense::Read)
                && token.text.len() > 7
                && (token.text.eq_ignore_ascii_case("read-only")
                    || token.text.eq_ignore_ascii_case("readonly"));
            if reads_only && !is_denied && self.out.only_reads.is_none() {
                // A mode that others choose is no promise.
                let mode = tokens.iter().skip(at).take(5).any(|token| {
                    ["mode", "default", "unless", "replica", "flag", "user", "if", "properties"]
                        .iter()
                        .any(|word| token.text.eq_ignore_ascii_case(word))
                });
                if !mode {
                    self.out.only_reads = Some(self.phrase(tokens, at, 2));
                }
            }
            let asks = token.known.nouns.any(Nouns::QUERY) && is(token.text, &READING);
            if asks && !is_denied && self.out.reading.is_none() {
                self.out.reading = Some(token.text);
            }
            // `cannot be undone`, and not `permanently`, needs its negation.
            if token.known.nouns.any(Nouns::FOREVER)
                && self.out.forever.is_none()
                && is(token.text, &["undone"]) == is_denied
            {
                self.out.forever = Some(self.phrase(tokens, at.saturating_sub(1), 2));
            }
        }
    }
}
