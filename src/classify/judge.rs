//! The judgement of a tool, from what its name, description, arguments, annotations and the tools
//! beside it say.

use super::argument::{self, Arguments};
use super::evidence::{Evidence, Place, Says};
use super::name::{Heard, Name, OBJECTS};
use super::text::{Said, Text, Weight};
use super::traits;
use super::{Category, Classified, Options, Risk, foreign, text};
use crate::json::Value;
use crate::model::{Catalog, Tool};
use crate::order::sort_by;
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

/// The tools of a catalog, as one of them sees the others.
pub(super) struct Around<'c> {
    /// What each is about and what it does to it, sorted.
    family: Vec<(&'c str, Option<&'c Heard>, usize)>,
    tools: &'c [Tool],
    /// Whether the server deals with money.
    money: bool,
}

impl<'c> Around<'c> {
    pub(super) fn new(catalog: &'c Catalog, names: &'c [Name]) -> Around<'c> {
        let family = names
            .iter()
            .enumerate()
            .map(|(at, name)| (name.about.as_str(), name.verbs.first(), at));
        let mut family: Vec<_> = family.collect();
        sort_by(&mut family, |a, b| a.0.cmp(b.0).then(a.2.cmp(&b.2)));
        let about_money = |name: &&Name| name.objects.any(Nouns::MONEY);
        let certain = names.iter().filter(about_money).take(2).count() == 2;
        // Orders alone are of any kind, and orders, trades and positions of one.
        let words = names.iter().flat_map(|name| &name.words);
        let words = words.filter(|word| entry(word).nouns.any(Nouns::MAYBE_MONEY));
        let mut words: Vec<&str> =
            words.map(|word| word.strip_suffix('s').unwrap_or(word)).collect();
        sort_by(&mut words, Ord::cmp);
        words.dedup();
        let money = certain || words.len() >= 3;
        Around { family, tools: &catalog.tools, money }
    }

    /// Another tool about the same that does one of these.
    fn sibling(&self, about: &str, at: usize, wanted: impl Fn(&Heard) -> bool) -> Option<&'c str> {
        if about.is_empty() {
            return None;
        }
        let from = self.family.partition_point(|(one, _, _)| *one < about);
        let same = self.family.get(from..)?.iter().take_while(|(one, _, _)| *one == about);
        let (_, _, other) = same
            .filter(|(_, _, other)| *other != at)
            .find(|(_, sense, _)| sense.is_some_and(&wanted))?;
        self.tools.get(*other).map(|tool| tool.name.as_str())
    }
}

/// All that is said of a tool.
pub(super) struct Case<'c> {
    pub(super) tool: &'c Tool,
    pub(super) name: &'c Name,
    pub(super) text: Text<'c>,
    pub(super) arguments: Arguments,
    /// Whether money is spoken of here or around.
    pub(super) money: bool,
}

/// A category and how sure it is, with its reasons.
struct Verdict {
    category: Category,
    confidence: u8,
    evidence: Vec<Evidence>,
}

pub(super) fn judge(
    tool: &Tool,
    name: &Name,
    at: usize,
    around: &Around<'_>,
    options: Options,
) -> Classified {
    let text = text::read(tool.description.as_deref().unwrap_or_default());
    let arguments = argument::read(tool);
    let money = around.money || text.money || arguments.money;
    let case = Case { tool, name, text, arguments, money };
    let mut verdict = case.verdict(at, around);
    let hints = Hints::of(tool);
    let keeps = name
        .verbs
        .first()
        .is_some_and(|heard| matches!(heard.word.as_str(), "export" | "download"));
    hints.apply(&mut verdict, keeps, options);
    let (traits, more) = traits::find(&case, verdict.category);
    verdict.evidence.extend(more);
    let mut risk = traits::risk(&case, verdict.category, &traits);
    if hints.destructive == Some(true) && hints.read_only != Some(true) && risk < Risk::High {
        risk = if verdict.category == Category::Read { Risk::Medium } else { Risk::High };
        let place = Place::Annotation("destructiveHint");
        verdict.evidence.push(Evidence::new(place, "true", Says::Risk(risk)));
    }
    if hints.read_only == Some(false) && risk == Risk::Low {
        risk = Risk::Medium;
        let place = Place::Annotation("readOnlyHint");
        verdict.evidence.push(Evidence::new(place, "false", Says::Risk(risk)));
    }
    if case.text.cut && risk == Risk::Low {
        risk = Risk::Medium;
    }
    if case.text.cut {
        let words = format!("only the first {} bytes of the description were read", text::READ);
        verdict.evidence.push(Evidence::new(Place::Description, &words, Says::Risk(risk)));
    }
    let Verdict { category, confidence, evidence } = verdict;
    Classified { tool: tool.name.clone(), category, risk, confidence, traits, evidence }
}

impl Case<'_> {
    /// What a verb means with these objects.
    fn means(&self, verb: Verb, word: &str, objects: Nouns) -> Option<Category> {
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

    fn of_heard(&self, heard: &Heard) -> Option<Category> {
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
    fn names_result(&self) -> bool {
        self.name.words.last().is_some_and(|last| entry(last).nouns.any(Nouns::RESULT))
    }

    /// Whether the description says that a query only looks.
    fn only_looks(&self) -> bool {
        let description = self.tool.description.as_deref().unwrap_or_default();
        let filters = || description.to_ascii_lowercase().contains("filter");
        self.text.only_reads.is_some() || self.text.said.iter().any(|said| said.looks) || filters()
    }

    fn of_said(&self, said: &Said<'_>) -> Option<Category> {
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
    fn worst(&self, weight: Weight) -> Option<(Category, &Said<'_>)> {
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

    fn verdict(&self, at: usize, around: &Around<'_>) -> Verdict {
        let mut verdict = self.spoken(at, around);
        if let Some((name, category, operations)) = &self.arguments.operations
            && *category > verdict.category
            && !self.is_about(verdict.category)
        {
            let some = operations.iter().take(5).cloned().collect::<Vec<_>>().join(", ");
            let place = Place::Argument(name.clone());
            verdict.raise(Evidence::new(place, &some, Says::Category(*category)), 85);
        }
        // A text that is run, unless all there is says that it only looks.
        if let Some(argument) = &self.arguments.run
            && verdict.category < Category::Execute
            && !(verdict.category == Category::Write && verdict.confidence > 90)
        {
            let looks = self.name.verbs.first().is_some_and(|heard| {
                heard.verb.sense == Sense::Read && heard.sure && heard.word != "query"
            });
            // `executes a SELECT query`
            let only_looks = self.text.said.iter().any(|said| {
                said.weight == Weight::Main && said.looks && said.objects.any(Nouns::CODE)
            });
            if !looks && !only_looks && self.text.only_reads.is_none() {
                let says = Says::Category(Category::Execute);
                let place = Place::Argument(argument.clone());
                verdict.raise(Evidence::new(place, argument, says), 80);
            }
        }
        // `delete_after_read`: a look that a flag makes something else.
        if let Some(argument) = &self.arguments.deletes
            && verdict.category == Category::Read
            && !self.is_about(verdict.category)
        {
            let says = Says::Category(Category::Destructive);
            verdict.raise(Evidence::new(Place::Argument(argument.clone()), argument, says), 60);
        }
        // What is made of what was read, and is written into a file.
        let made = self.name.verbs.first().is_none_or(|heard| {
            !heard.sure
                || matches!(heard.word.as_str(), "generate" | "export" | "capture" | "download")
        });
        if let Some(argument) = &self.arguments.output
            && verdict.category == Category::Read
            && made
        {
            let says = Says::Category(Category::Write);
            verdict.raise(Evidence::new(Place::Argument(argument.clone()), argument, says), 60);
        }
        verdict
    }

    /// Whether it looks at what operations would do, and does none: `check_permissions`.
    fn is_about(&self, category: Category) -> bool {
        const ABOUT: [&str; 6] = ["check", "estimate", "explain", "simulate", "validate", "verify"];
        category == Category::Read
            && self
                .name
                .verbs
                .iter()
                .all(|heard| heard.sure && ABOUT.contains(&heard.word.as_str()))
            && !self.name.verbs.is_empty()
    }

    /// What name and description say.
    fn spoken(&self, at: usize, around: &Around<'_>) -> Verdict {
        // Where the first sentence says nothing, the next ones do.
        let main = self.worst(Weight::Main).or_else(|| self.worst(Weight::Also));
        // What comes back is not what is done: `Frobnicates a widget. Returns its id.`
        let only_returns = main.is_some_and(|(told, said)| {
            let word = said.phrase.get(..6).unwrap_or_default();
            told == Category::Read && said.sentence > 0 && word.eq_ignore_ascii_case("return")
        });
        let main = main.filter(|_| !(only_returns && self.text.strange));
        let in_text = |(category, said): (Category, &Said<'_>)| {
            Evidence::new(Place::Description, said.phrase, Says::Category(category))
        };
        let mut heard: Option<(Category, &Heard)> = None;
        for one in &self.name.verbs {
            if let Some(category) = self.of_heard(one)
                && heard.is_none_or(|(known, _)| known < category)
            {
                heard = Some((category, one));
            }
        }
        let in_name = |named: Category, heard: &Heard| {
            // Where the verb alone does not say it, its object does.
            let plain = category(heard.verb.sense) == Some(named);
            let words = if plain { &heard.word } else { &self.tool.name };
            Evidence::new(Place::Name, words, Says::Category(named))
        };
        // `repair_manual_search` looks, if the description says the same, or says what is shown.
        let last = self.name.words.last().map_or("", String::as_str);
        let last = entry(last);
        let ends_look = self.names_result()
            || last.nouns.any(Nouns::QUERY)
            || last.verb.is_some_and(|verb| verb.sense == Sense::Read);
        let shows = self.text.topics.any(Nouns::RESULT) && !self.text.strange;
        let told_look =
            main.map_or(self.names_result() && shows, |(told, _)| told == Category::Read);
        let is_noun = |heard: &Heard| {
            let word = heard.word.as_str();
            // `open_orders`: a list of them.
            let is_object = ends_look || OBJECTS.contains(&word) || word == "open";
            heard.verb.noun && is_object && told_look
        };
        let mut verdict = match (heard, main) {
            (Some((named, heard)), main)
                if heard.sure && !is_noun(heard)
                    || heard.word == "query" && named == Category::Execute =>
            {
                let mut verdict = Verdict {
                    category: named,
                    confidence: 85,
                    evidence: vec![in_name(named, heard)],
                };
                if let Some((told, said)) = main {
                    if told > named {
                        if self.believes(named, told, said) {
                            verdict.raise(in_text((told, said)), 75);
                        } else {
                            verdict.confidence = 80;
                        }
                    } else {
                        verdict.confidence = if told == named { 95 } else { 80 };
                        verdict.evidence.push(in_text((told, said)));
                    }
                }
                verdict
            }
            // `charge_details`: Details of a charge.
            (Some((_, heard)), None) if is_noun(heard) => self.unspoken(at, around),
            (heard, Some((told, said))) => {
                let mut verdict = Verdict {
                    category: told,
                    confidence: 75,
                    evidence: vec![in_text((told, said))],
                };
                if let Some((named, heard)) = heard {
                    if named == told {
                        verdict.confidence = 90;
                        verdict.evidence.push(in_name(named, heard));
                    } else if named > told
                        && told == Category::Read
                        && (!heard.verb.noun || only_returns || said.looks)
                    {
                        verdict.raise(in_name(named, heard), 60);
                    }
                }
                verdict
            }
            (Some((named, heard)), None) => {
                Verdict { category: named, confidence: 65, evidence: vec![in_name(named, heard)] }
            }
            (None, None) => self.unspoken(at, around),
        };
        if main.is_none()
            && let Some((told, evidence)) = self.foreign()
            && told > verdict.category
        {
            verdict.raise(evidence, 60);
        }
        // `Reads a note, which is then deleted.`
        if verdict.category == Category::Read
            && let Some((Category::Destructive, said)) = self.worst(Weight::Passing)
            && said.whole
        {
            verdict.raise(in_text((Category::Destructive, said)), 55);
        }
        // What it does beside makes it worse where that is plainly said, and takes away or pays.
        if let Some((also, said)) = self.worst(Weight::Also)
            && also > verdict.category
            && also >= Category::Destructive
            && !said.verb.noun
            && !ENDS.iter().any(|word| said.phrase.to_ascii_lowercase().starts_with(word))
        {
            verdict.raise(in_text((also, said)), 60);
        }
        self.of_family(at, around, &mut verdict);
        verdict
    }

    /// Whether a description is believed that says worse than a name.
    fn believes(&self, named: Category, told: Category, said: &Said<'_>) -> bool {
        match (named, told) {
            // `Retrieves and formats prices.`
            (Category::Read, _) if said.phrase.to_ascii_lowercase().starts_with("formats ") => {
                false
            }
            // `search`: executes a query over logs. `list`: creates a list.
            // `get`: authenticates and lists.
            (Category::Read, Category::Execute) => {
                let looks = |said: &&Said<'_>| self.of_said(said) == Some(Category::Read);
                let mut main = self.text.said.iter().filter(|said| said.weight == Weight::Main);
                // `read_query`: executes a query.
                let reads = self
                    .name
                    .verbs
                    .iter()
                    .all(|heard| matches!(heard.word.as_str(), "read" | "select" | "readonly"));
                !(said.queries && reads)
                    && (self.arguments.run.is_some() || !main.any(|said| looks(&said)))
            }
            // `Index of all pages` is no verb; what is done beside it is.
            (Category::Read, Category::Write) => {
                let is_first =
                    self.text.said.first().is_some_and(|first| first.phrase == said.phrase);
                said.sentence == 0 && !(is_first && said.verb.noun)
            }
            // `set_type`: sets or removes the type, which is a change of what has it.
            (Category::Write, Category::Destructive) => {
                let is_first =
                    self.text.said.first().is_some_and(|first| first.phrase == said.phrase);
                let changes = self.name.verbs.iter().all(|heard| {
                    matches!(heard.word.as_str(), "change" | "edit" | "modify" | "set" | "update")
                });
                is_first || !changes
            }
            // `create_call`: initiates a call.
            (Category::Write, Category::Execute) => {
                !["initiat", "start", "begin"].iter().any(|word| {
                    said.phrase.get(..word.len()).is_some_and(|w| w.eq_ignore_ascii_case(word))
                })
            }
            _ => true,
        }
    }

    /// What the description says in another language, or else the name.
    fn foreign(&self) -> Option<(Category, Evidence)> {
        let description = self.tool.description.as_deref().unwrap_or_default();
        let said = |place, text| {
            let (verb, words) = foreign::verb(text)?;
            let category = self.means(verb, words, self.name.objects)?;
            Some((category, Evidence::new(place, words, Says::Category(category))))
        };
        said(Place::Description, description).or_else(|| said(Place::Name, &self.tool.name))
    }

    /// What is left where neither name nor description has a verb.
    fn unspoken(&self, at: usize, around: &Around<'_>) -> Verdict {
        let one = |category, confidence, evidence| Verdict {
            category,
            confidence,
            evidence: vec![evidence],
        };
        if let Some((told, said)) = self.worst(Weight::Passing)
            && !(told == Category::Read && self.text.strange)
        {
            let evidence = Evidence::new(Place::Description, said.phrase, Says::Category(told));
            return one(told, 60, evidence);
        }
        if let Some((category, evidence)) = self.foreign() {
            return one(category, 50, evidence);
        }
        let last = self.name.words.last().map_or("", String::as_str);
        if let Some(phrase) = self.text.only_reads {
            let says = Says::Category(Category::Read);
            return one(Category::Read, 60, Evidence::new(Place::Description, phrase, says));
        }
        if entry(last).nouns.any(Nouns::RESULT) {
            let says = Says::Category(Category::Read);
            return one(Category::Read, 55, Evidence::new(Place::Name, last, says));
        }
        // `sql`, `python_repl`: a text that is run, and not a `zip_code`.
        let is_code = |word: &String| {
            entry(word).nouns.any(Nouns::CODE)
                && !["code", "snippet", "statement"].contains(&word.as_str())
        };
        if self.name.objects.any(Nouns::WIDGET) || self.name.words.iter().any(is_code) {
            let words = &self.tool.name;
            let says = Says::Category(Category::Execute);
            return one(Category::Execute, 45, Evidence::new(Place::Name, words, says));
        }
        // The alarms beside `delete_alarm` are looked at.
        if let Some(sibling) =
            around.sibling(&self.name.about, at, |heard| argument::changes(heard.verb.sense))
        {
            let place = Place::Sibling(sibling.to_owned());
            return one(
                Category::Read,
                45,
                Evidence::new(place, sibling, Says::Category(Category::Read)),
            );
        }
        if self.text.topics.any(Nouns::RESULT) && !self.text.strange {
            let says = Says::Category(Category::Read);
            let beginning = self.tool.description.as_deref().unwrap_or_default();
            let beginning: Vec<&str> = beginning.split_whitespace().take(6).collect();
            let evidence = Evidence::new(Place::Description, &beginning.join(" "), says);
            return one(Category::Read, 45, evidence);
        }
        // What is done to money is not said.
        if self.name.objects.any(Nouns::MONEY) {
            let says = Says::Category(Category::Financial);
            return one(Category::Financial, 30, Evidence::new(Place::Name, &self.tool.name, says));
        }
        let words = "neither name nor description says what it does";
        one(
            Category::Write,
            20,
            Evidence::new(Place::Nowhere, words, Says::Category(Category::Write)),
        )
    }

    /// What the tools beside it say: what undoes it, and what it undoes.
    fn of_family(&self, at: usize, around: &Around<'_>, verdict: &mut Verdict) {
        let makes = |heard: &Heard| MAKERS.contains(&heard.word.as_str());
        let makes_own = self.name.verbs.first().is_some_and(makes);
        let deletes = |heard: &Heard| heard.verb.sense == Sense::Delete;
        let other = match verdict.category {
            Category::Write if makes_own => around.sibling(&self.name.about, at, deletes),
            Category::Destructive => around.sibling(&self.name.about, at, makes),
            _ => None,
        };
        if let Some(other) = other {
            let place = Place::Sibling(other.to_owned());
            let says = Says::Category(verdict.category);
            verdict.evidence.push(Evidence::new(place, other, says));
            verdict.confidence = verdict.confidence.saturating_add(3).min(98);
        }
    }
}

/// What is undone by deleting.
const MAKERS: [&str; 13] = [
    "add", "append", "apply", "attach", "create", "enable", "insert", "install", "put", "register",
    "set", "upload", "write",
];

/// What ends or empties something for a while, as a session or a field, and loses no more than that.
const ENDS: [&str; 4] = ["terminat", "clear", "reset", "clean"];

impl Verdict {
    fn raise(&mut self, evidence: Evidence, confidence: u8) {
        if let Says::Category(category) = evidence.says {
            self.category = category;
        }
        self.confidence = confidence;
        self.evidence.insert(0, evidence);
    }
}

/// The annotations of a tool that say what it does.
struct Hints {
    read_only: Option<bool>,
    destructive: Option<bool>,
}

impl Hints {
    fn of(tool: &Tool) -> Hints {
        let hint = |key| match tool.annotations.as_ref()?.get(key)?.value {
            Value::Bool(hint) => Some(hint),
            _ => None,
        };
        Hints { read_only: hint("readOnlyHint"), destructive: hint("destructiveHint") }
    }

    /// Lets the hints say what they may.
    fn apply(&self, verdict: &mut Verdict, keeps: bool, options: Options) {
        let of = |name, hint: bool, says| {
            let words = if hint { "true" } else { "false" };
            Evidence::new(Place::Annotation(name), words, says)
        };
        match self.read_only {
            Some(true) if verdict.category == Category::Read => {
                let says = Says::Category(Category::Read);
                verdict.evidence.push(of("readOnlyHint", true, says));
                if options.trust_annotations {
                    verdict.confidence = verdict.confidence.max(95);
                }
            }
            Some(true) if options.trust_annotations => {
                verdict.raise(of("readOnlyHint", true, Says::Category(Category::Read)), 90);
            }
            Some(true) => verdict.evidence.push(of("readOnlyHint", true, Says::Nothing)),
            // Who says of himself that he changes things is believed where nothing surer says
            // otherwise, and where what is read may be kept.
            Some(false)
                if verdict.category == Category::Read && (verdict.confidence < 75 || keeps) =>
            {
                verdict.raise(of("readOnlyHint", false, Says::Category(Category::Write)), 65);
            }
            _ => {}
        }
        if self.destructive == Some(false) && verdict.category == Category::Destructive {
            if options.trust_annotations {
                verdict.raise(of("destructiveHint", false, Says::Category(Category::Write)), 80);
            } else {
                verdict.evidence.push(of("destructiveHint", false, Says::Nothing));
            }
        }
    }
}
