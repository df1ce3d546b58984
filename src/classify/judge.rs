//! The judgement of a tool, from what its name, description, arguments, annotations and the tools
//! beside it say.

use super::argument::{self, Arguments};
use super::around::Around;
use super::evidence::{Evidence, Place, Says};
use super::hints::Hints;
use super::meaning::category;
use super::name::{Heard, Name, OBJECTS};
use super::text::{Said, Text, Weight};
use super::traits;
use super::{Category, Classified, Options, Risk, foreign, text};
use crate::model::Tool;
use crate::words::{Nouns, Sense, entry};

/// All that is said of a tool.
pub(super) struct Case<'c> {
    pub(super) tool: &'c Tool,
    pub(super) name: &'c Name,
    pub(super) text: Text<'c>,
    pub(super) arguments: Arguments,
    /// Whether money is spoken of here or around.
    pub(super) money: bool,
    /// Whether it is around, where more tools deal with it.
    pub(super) trades: bool,
    /// Whether it operates a page or screen, as others around it do.
    pub(super) on_screen: bool,
}

/// A category and how sure it is, with its reasons.
pub(super) struct Verdict {
    pub(super) category: Category,
    pub(super) confidence: u8,
    pub(super) evidence: Vec<Evidence>,
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
    let on_screen = around.screen && (name.screen || text.topics.any(Nouns::WIDGET));
    let case = Case { tool, name, text, arguments, money, trades: around.money, on_screen };
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
            let only_reads = self.text.only_reads.or(self.text.reading);
            if !looks && !only_looks && only_reads.is_none() {
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
        // `text_to_speech`, `chat_completion`: what a model is asked for.
        let turns =
            self.name.words.iter().any(|word| word == "to") && entry(last).nouns.any(Nouns::MEDIA);
        let asked =
            turns || ["completion", "generation", "inference", "prediction"].contains(&last);
        let runs = asked || self.name.words.iter().any(is_code);
        if runs || self.name.objects.any(Nouns::WIDGET) {
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
    pub(super) fn raise(&mut self, evidence: Evidence, confidence: u8) {
        if let Says::Category(category) = evidence.says {
            self.category = category;
        }
        self.confidence = confidence;
        self.evidence.insert(0, evidence);
    }
}
