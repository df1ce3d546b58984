//! What a verb means with its objects, in a name and in a description.

use super::Category;
use super::judge::Case;
use super::name::Heard;
use super::text::{Said, Weight};
use crate::words::{Nouns, Sense, Verb, entry};

/// What a tool does that does this, its object aside; `None` of what says nothing.
pub(super) fn category(sense: Sense) -> Option<Category> {
    match sense {
        Sense::Read => Some(Category::Read),
        Sense::Write | Sense::Send | Sense::Grant => Some(Category::Write),
        Sense::Execute => Some(Category::Execute),
        Sense::Delete => Some(Category::Destructive),
        Sense::Pay => Some(Category::Financial),
        Sense::Generic => None,
    }
}

impl Case<'_> {
    /// What a verb means with these objects.
    pub(super) fn means(&self, verb: Verb, word: &str, objects: Nouns) -> Option<Category> {
        let operated = matches!(
            word,
            "select"
                | "open"
                | "fill"
                | "close"
                | "check"
                | "uncheck"
                | "handle"
                | "accept"
                | "dismiss"
                | "solve"
        );
        if operated && objects.any(Nouns::WIDGET) {
            return Some(Category::Execute);
        }
        let plain = category(verb.sense)?;
        // What is generated is made, unless it is another view of what is there.
        if word == "generate" && objects.any(Nouns::VIEW) && !objects.any(Nouns::MONEY) {
            return Some(Category::Read);
        }
        let runs = objects.any(Nouns::CODE) || self.arguments.run.is_some();
        if word == "evaluate" && runs {
            return Some(Category::Execute);
        }
        let maybe = objects.any(Nouns::MAYBE_MONEY);
        let money = objects.any(Nouns::MONEY) || maybe && self.money;
        let settles =
            matches!(word, "capture" | "collect" | "resolve" | "open" | "settle" | "load");
        if settles && (money || word == "capture" && maybe) {
            return Some(Category::Financial);
        }
        let exchanges = word == "swap" && objects.any(Nouns::SECRET);
        if exchanges || word == "convert" && objects.any(Nouns::MONEY) {
            return Some(Category::Financial);
        }
        if word == "collect" && objects.any(Nouns::GARBAGE)
            || word == "format" && objects.any(Nouns::DISK)
            || word == "close" && objects.any(Nouns::PEOPLE) && !money
        {
            return Some(Category::Destructive);
        }
        // A name is resolved by looking, an issue by closing it. A lead is made a customer, and a person
        // is reported to others.
        if matches!(word, "resolve" | "solve" | "open") && objects.any(Nouns::CASE)
            || word == "convert" && objects.any(Nouns::PROSPECT)
            || word == "report" && objects.any(Nouns::PEOPLE) && !objects.any(Nouns::RESULT)
        {
            return Some(Category::Write);
        }
        if word == "open" && objects.any(Nouns::OPENED) {
            return Some(Category::Execute);
        }
        if plain == Category::Read {
            return Some(plain);
        }
        if verb.sense == Sense::Pay {
            // An issue is transferred and a list ordered where nobody speaks of money.
            let certain = matches!(
                word,
                "pay"
                    | "buy"
                    | "refund"
                    | "purchase"
                    | "payout"
                    | "invoice"
                    | "charge"
                    | "donate"
                    | "remit"
                    | "reimburse"
                    | "repay"
                    | "prepay"
                    | "disburse"
                    | "withdraw"
                    | "airdrop"
                    | "cashout"
                    | "invest"
                    | "lend"
                    | "topup"
                    | "cash"
                    | "top"
            );
            return Some(if certain || money || self.money { plain } else { Category::Write });
        }
        Some(if money { Category::Financial } else { plain })
    }

    pub(super) fn of_heard(&self, heard: &Heard) -> Option<Category> {
        let objects = self.name.objects;
        match heard.word.as_str() {
            // What is given are rights, or else it says nothing.
            "give" if !objects.any(Nouns::RIGHTS) => None,
            // A query of a database is in a language that can change it, unless it is said to look.
            "query"
                if objects.any(Nouns::DATABASE) && !self.names_result() && !self.only_looks() =>
            {
                Some(Category::Execute)
            }
            word => self.means(heard.verb, word, objects),
        }
    }

    /// Whether the name ends with what is looked at: `place_details` is no order.
    pub(super) fn names_result(&self) -> bool {
        self.name.words.last().is_some_and(|last| entry(last).nouns.any(Nouns::RESULT))
    }

    /// Whether the description says that a query only looks.
    pub(super) fn only_looks(&self) -> bool {
        let description = self.tool.description.as_deref().unwrap_or_default();
        let filters = || description.to_ascii_lowercase().contains("filter");
        self.text.only_reads.is_some() || self.text.said.iter().any(|said| said.looks) || filters()
    }

    pub(super) fn of_said(&self, said: &Said<'_>) -> Option<Category> {
        if said.looks || said.queries && self.text.only_reads.is_some() {
            return Some(Category::Read);
        }
        let word = said.phrase.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
        let word = word.to_ascii_lowercase();
        let word = word.strip_suffix('s').unwrap_or(&word);
        // What is given by a description is an answer.
        if word == "give" {
            return None;
        }
        self.means(said.verb, word, said.objects)
    }

    /// The worst that the description says in this way, with its words.
    pub(super) fn worst(&self, weight: Weight) -> Option<(Category, &Said<'_>)> {
        let said = self.text.said.iter().filter(|said| said.weight == weight);
        let mut worst: Option<(Category, &Said<'_>)> = None;
        for said in said {
            if let Some(category) = self.of_said(said)
                && worst.is_none_or(|(known, _)| known < category)
            {
                worst = Some((category, said));
            }
        }
        worst
    }
}
