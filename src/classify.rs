//! What a tool can do, from its definition alone: a category, a risk, traits that change what a policy
//! should do, and the words that say so.
//!
//! A definition is the word of its server and proves nothing. So doubt is never called harmless: of all
//! that applies the most severe counts, annotations may raise a risk and do not lower one unless the
//! server is trusted, and a tool that says nothing of itself is not called a look.

mod answer;
mod argument;
mod around;
mod attack;
mod evidence;
mod foreign;
mod hints;
mod judge;
mod meaning;
mod name;
mod notes;
mod recommend;
mod rehearse;
mod sentence;
mod text;
mod traits;

pub use answer::{Answer, Question, answers};
pub use attack::{ATTACKS, Abuse, Abused, Attack, attacks};
pub use evidence::{Evidence, Place, Says};
pub use recommend::{Profile, Wanted, recommend, recommend_for};
pub use rehearse::rehearse;
pub use text::READ;

use crate::model::Catalog;

/// What a tool does at worst, from the mildest to the most severe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Category {
    /// It looks and changes nothing.
    Read,
    /// It makes or changes something.
    Write,
    /// It sets something going: code, a query, a job, a page.
    Execute,
    /// It takes something away.
    Destructive,
    /// It moves money, or asks for it.
    Financial,
}

impl Category {
    /// All of them, from the mildest.
    pub const ALL: [Category; 5] = [
        Category::Read,
        Category::Write,
        Category::Execute,
        Category::Destructive,
        Category::Financial,
    ];

    /// Its name: `Read`, and so on.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Category::Read => "Read",
            Category::Write => "Write",
            Category::Execute => "Execute",
            Category::Destructive => "Destructive",
            Category::Financial => "Financial",
        }
    }
}

/// How much harm a tool may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Risk {
    /// Little.
    Low,
    /// Some, which can be mended.
    Medium,
    /// Much.
    High,
    /// Everything that is within its reach.
    Critical,
}

impl Risk {
    /// In words: `low`, `medium`, `high`, `critical`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Risk::Low => "low",
            Risk::Medium => "medium",
            Risk::High => "high",
            Risk::Critical => "critical",
        }
    }
}

/// What a policy should know of a tool beside its category.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trait {
    /// It takes passwords, keys or tokens as arguments.
    Credentials,
    /// An argument says which address is reached.
    Address,
    /// An argument says which file is used.
    Path,
    /// It runs a text: a query, code, a command.
    RawText,
    /// It sends something to people or to the outside.
    Egress,
    /// It changes who may do what.
    Identity,
    /// A call costs money.
    Cost,
    /// An argument chooses among operations.
    Multiplexing,
    /// An argument with which the agent itself says that somebody agreed.
    SelfConfirmed,
    /// An argument may be any object.
    FreeForm,
    /// What it gives back is written by strangers.
    Untrusted,
    /// What it gives back are passwords, keys or tokens.
    Secrets,
}

impl Trait {
    /// All of them.
    pub const ALL: [Trait; 12] = [
        Trait::Credentials,
        Trait::Address,
        Trait::Path,
        Trait::RawText,
        Trait::Egress,
        Trait::Identity,
        Trait::Cost,
        Trait::Multiplexing,
        Trait::SelfConfirmed,
        Trait::FreeForm,
        Trait::Untrusted,
        Trait::Secrets,
    ];

    /// Its name in data: `raw_text`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Trait::Credentials => "credentials",
            Trait::Address => "address",
            Trait::Path => "path",
            Trait::RawText => "raw_text",
            Trait::Egress => "egress",
            Trait::Identity => "identity",
            Trait::Cost => "cost",
            Trait::Multiplexing => "multiplexing",
            Trait::SelfConfirmed => "self_confirmed",
            Trait::FreeForm => "free_form",
            Trait::Untrusted => "untrusted_content",
            Trait::Secrets => "secrets",
        }
    }

    /// What it means, as a sentence about the tool.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            Trait::Credentials => "it takes passwords, keys or tokens as arguments",
            Trait::Address => "an argument says which address is reached",
            Trait::Path => "an argument says which file is used",
            Trait::RawText => "it runs a text: a query, code or a command",
            Trait::Egress => "it sends something to people or to the outside",
            Trait::Identity => "it changes who may do what",
            Trait::Cost => "a call costs money",
            Trait::Multiplexing => "an argument chooses among operations",
            Trait::SelfConfirmed => "the agent itself says that somebody agreed",
            Trait::FreeForm => "an argument may be any object",
            Trait::Untrusted => "what it gives back is written by strangers",
            Trait::Secrets => "what it gives back are passwords, keys or tokens",
        }
    }
}

/// How to read definitions.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Whether the server's annotations are believed: then they may lower a category and a risk too.
    pub trust_annotations: bool,
}

/// What a tool can do.
#[derive(Clone, Debug)]
pub struct Classified {
    /// The tool's name.
    pub tool: String,
    /// The worst that it does.
    pub category: Category,
    /// How much harm that may do.
    pub risk: Risk,
    /// How sure the category is, in percent: 95 where name and description say the same, 20 where
    /// nothing says anything.
    pub confidence: u8,
    /// What else a policy should know, in the order of [`Trait::ALL`].
    pub traits: Vec<Trait>,
    /// What says so, the reasons for the category first.
    pub evidence: Vec<Evidence>,
}

impl Classified {
    /// Whether the tool has this trait.
    #[must_use]
    pub fn has(&self, wanted: Trait) -> bool {
        self.traits.contains(&wanted)
    }
}

/// Says of each tool of a catalog what it can do, in the catalog's order. Each is read beside the
/// others: what is created by one and deleted by another, and whether the server deals with money.
///
/// Of a description the first [`READ`] bytes are read; of a longer one that is said in the evidence, and its
/// risk is not low.
#[must_use]
pub fn classify(catalog: &Catalog, options: Options) -> Vec<Classified> {
    let server = name::server_words(catalog);
    let names: Vec<name::Name> =
        catalog.tools.iter().map(|tool| name::read(&tool.name, &server)).collect();
    let around = around::Around::new(catalog, &names);
    let tools = catalog.tools.iter().zip(&names).enumerate();
    tools.map(|(at, (tool, name))| judge::judge(tool, name, at, &around, options)).collect()
}

/// What a name is about: its words but the verbs, in the singular.
#[must_use]
pub fn objects(name: &str) -> Vec<String> {
    let words = crate::words::split(name);
    let is_verb = |word: &String| crate::words::entry(word).verb.is_some_and(|verb| !verb.noun);
    let words = words.into_iter().filter(|word| !is_verb(word));
    words.map(|word| word.strip_suffix('s').map_or(word.clone(), str::to_owned)).collect()
}

#[cfg(test)]
mod tests;
