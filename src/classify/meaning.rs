//! What a verb means with its objects, in a name and in a description.

use super::Category;
use super::judge::Case;
use super::name::Heard;
use super::text::{Said, Weight};
use crate::words::{Form, Nouns, Sense, Verb, entry};

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

/// What verbs mean with these objects, where alone they mean something else. The first that fits counts.
const WITH: [(&[&str], Nouns, Category); 20] = [
    (&["swap"], Nouns::SECRET, Category::Financial),
    (&["convert"], Nouns::MONEY, Category::Financial),
    (&["book", "order", "request", "reserve"], Nouns::BOUGHT, Category::Financial),
    (&["collect"], Nouns::GARBAGE, Category::Destructive),
    (&["format"], Nouns::DISK, Category::Destructive),
    // What is cut off a list is gone, and a text that is trimmed is another.
    (&["drain", "trim"], Nouns::SERIES, Category::Destructive),
    (&["release"], Nouns::LEASED, Category::Destructive),
    (&["cancel"], Nouns::DATED, Category::Destructive),
    // A name is resolved by looking, an issue by closing it. A lead is made a customer.
    (&["resolve", "solve", "open"], Nouns::CASE, Category::Write),
    (&["convert"], Nouns::PROSPECT, Category::Write),
    // A new password is set.
    (&["reset"], Nouns::SECRET, Category::Write),
    (&["open"], Nouns::OPENED, Category::Execute),
    // Into an application, and not to be read: `open_in_editor`.
    (&["open"], Nouns::PROGRAM, Category::Execute),
    // A network is scanned by calling at each of its doors.
    (&["capture", "forward", "scan"], Nouns::PROBED, Category::Execute),
    (&["promote"], Nouns::STANDBY, Category::Execute),
    (&["approve"], Nouns::RUN, Category::Execute),
    // Another view of what is there.
    (&["generate"], Nouns::VIEW, Category::Read),
    // What a model makes, it makes by running.
    (&["generate", "regenerate"], Nouns::MEDIA, Category::Execute),
    (&["track"], Nouns::PARCEL, Category::Read),
    (&["report"], Nouns::RESULT, Category::Read),
];

/// What is done with what stands on a page.
const OPERATED: [&str; 10] =
    ["accept", "check", "close", "dismiss", "fill", "handle", "open", "select", "solve", "uncheck"];

/// What is done with the page itself.
const ON_SCREEN: [&str; 8] =
    ["accept", "close", "dismiss", "move", "resize", "select", "switch", "upload"];

/// What is Financial whatever is said of money: an issue is transferred too, and a list ordered.
const PAYS: [&str; 21] = [
    "airdrop",
    "buy",
    "cash",
    "cashout",
    "charge",
    "disburse",
    "donate",
    "invest",
    "invoice",
    "lend",
    "pay",
    "payout",
    "prepay",
    "purchase",
    "refund",
    "reimburse",
    "remit",
    "repay",
    "top",
    "topup",
    "withdraw",
];

/// What settles a sum, if it is one.
const SETTLES: [&str; 6] = ["capture", "collect", "load", "open", "resolve", "settle"];

impl Case<'_> {
    /// What a verb means with these objects.
    pub(super) fn means(&self, verb: Verb, word: &str, objects: Nouns) -> Option<Category> {
        let operated = OPERATED.contains(&word) && objects.any(Nouns::WIDGET)
            || self.on_screen && ON_SCREEN.contains(&word);
        if operated {
            return Some(Category::Execute);
        }
        let plain = category(verb.sense)?;
        let runs = objects.any(Nouns::CODE) || self.arguments.run.is_some();
        if word == "evaluate" && runs {
            return Some(Category::Execute);
        }
        let maybe = objects.any(Nouns::MAYBE_MONEY);
        let money = objects.any(Nouns::MONEY) || maybe && self.money;
        if SETTLES.contains(&word) && (money || word == "capture" && maybe) {
            return Some(Category::Financial);
        }
        if word == "close" && objects.any(Nouns::PEOPLE) && !money {
            return Some(Category::Destructive);
        }
        let fits = |(words, nouns, _): &&(&[&str], Nouns, Category)| {
            words.contains(&word) && objects.any(*nouns)
        };
        if let Some((_, _, category)) = WITH.iter().find(fits)
            && !(money && *category < Category::Destructive)
        {
            return Some(*category);
        }
        // A person is reported to others.
        if word == "report" && objects.any(Nouns::PEOPLE) {
            return Some(Category::Write);
        }
        if plain == Category::Read {
            return Some(plain);
        }
        if verb.sense == Sense::Pay {
            let pays = PAYS.contains(&word) || money || self.money;
            return Some(if pays { plain } else { Category::Write });
        }
        Some(if money { Category::Financial } else { plain })
    }

    /// What a verb of the name means.
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
            // `generate_from_prompt`: of what, is said by the description.
            "generate" | "regenerate" if self.makes_media() => Some(Category::Execute),
            "execute" | "run" if objects.any(Nouns::QUERY) && self.text.reading.is_some() => {
                Some(Category::Read)
            }
            // `identify_user` is said to who counts users, unless it tells who one is.
            "identify" if objects.any(Nouns::PEOPLE) && !self.tells(&heard.word) => {
                Some(Category::Write)
            }
            "open" if objects.any(Nouns::FILE) && !self.tells(&heard.word) => {
                Some(Category::Execute)
            }
            // `load_card`, where that is not said to be of another kind.
            "load" if objects.any(Nouns::CARD) && (self.money || self.text.said.is_empty()) => {
                Some(Category::Financial)
            }
            // Between what, is not said, and here is traded.
            "convert" if self.trades && self.name.words.len() == 1 => Some(Category::Financial),
            // A request says itself what it is: `http_request`, `fetch_url_post`.
            _ if self.name.requests && category(heard.verb.sense) < Some(Category::Execute) => {
                Some(Category::Execute)
            }
            word => self.means(heard.verb, word, objects),
        }
    }

    /// Whether the description says that something is shown, and says it with another word.
    fn tells(&self, word: &str) -> bool {
        let of_another = |said: &&Said<'_>| {
            let same = said.phrase.get(..word.len());
            !same.is_some_and(|start| start.eq_ignore_ascii_case(word))
        };
        let mut said = self.text.said.iter().filter(of_another);
        said.any(|said| said.verb.sense == Sense::Read)
    }

    /// Whether the description says that what is made is made by a model.
    fn makes_media(&self) -> bool {
        let mut main = self.text.said.iter().filter(|said| said.weight == Weight::Main);
        main.any(|said| said.objects.any(Nouns::MEDIA) && !said.objects.any(Nouns::VIEW))
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
        let reads = self.text.only_reads.or(self.text.reading).is_some();
        if said.looks || said.queries && reads {
            return Some(Category::Read);
        }
        let word = said.phrase.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
        let word = base(word.to_ascii_lowercase());
        let word = word.as_str();
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

/// A verb as it stands in the lists: `closes` is `close`.
fn base(word: String) -> String {
    if !word.ends_with('s') || entry(&word).form != Some(Form::Third) {
        return word;
    }
    let ends = ["s", "es"].into_iter().filter_map(|end| word.strip_suffix(end));
    let mut stems = ends.filter(|stem| entry(stem).form == Some(Form::Base));
    stems.next().map_or_else(|| word.replace("ies", "y"), str::to_owned)
}
