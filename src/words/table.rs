//! What is known of a word, found by its letters.

use std::sync::LazyLock;

use super::lexicon::{ACTS, CLASSES, NOUNS, PHRASES, VERBS};
use crate::order::sort_by;

/// What a verb does to the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sense {
    /// Looks and changes nothing.
    Read,
    /// Makes or changes something.
    Write,
    /// Gives something to people or to the outside.
    Send,
    /// Sets something going, stops it, or operates it.
    Execute,
    /// Takes something away.
    Delete,
    /// Moves money or asks for it.
    Pay,
    /// Gives somebody rights.
    Grant,
    /// Says nothing by itself: `manage`, `perform`.
    Generic,
}

/// A verb as the lexicon has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Verb {
    pub(crate) sense: Sense,
    /// Whether the word is as often a noun: `order`, `report`.
    pub(crate) noun: bool,
}

/// How a verb is inflected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// `delete`
    Base,
    /// `deletes`
    Third,
    /// `deleting`
    Ing,
    /// `deleted`
    Past,
    /// `deletion`
    Act,
}

/// What a noun may be about; several at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Nouns(u32);

impl Nouns {
    /// Money, whatever else is said.
    pub(crate) const MONEY: Nouns = Nouns(1);
    /// Money, where others speak of money.
    pub(crate) const MAYBE_MONEY: Nouns = Nouns(2);
    /// Who may do what.
    pub(crate) const RIGHTS: Nouns = Nouns(4);
    /// People and accounts.
    pub(crate) const PEOPLE: Nouns = Nouns(8);
    /// What proves who one is.
    pub(crate) const SECRET: Nouns = Nouns(16);
    /// What is looked at: a name that ends so is a look.
    pub(crate) const RESULT: Nouns = Nouns(32);
    /// What strangers write.
    pub(crate) const OUTSIDE: Nouns = Nouns(64);
    /// What is looked for: to run one is to look.
    pub(crate) const QUERY: Nouns = Nouns(128);
    /// What costs.
    pub(crate) const COST: Nouns = Nouns(256);
    /// A copy of what is there: to make one is to look.
    pub(crate) const VIEW: Nouns = Nouns(512);
    /// All of something.
    pub(crate) const ALL: Nouns = Nouns(1024);
    /// What is clicked and filled in.
    pub(crate) const WIDGET: Nouns = Nouns(2048);
    /// What can be run.
    pub(crate) const CODE: Nouns = Nouns(4096);
    /// What is open until somebody closes it.
    pub(crate) const CASE: Nouns = Nouns(16384);
    /// What is opened to be used or entered, and not to be looked at.
    pub(crate) const OPENED: Nouns = Nouns(32768);
    /// What is left over and collected to be thrown away.
    pub(crate) const GARBAGE: Nouns = Nouns(65536);
    /// Who may become a customer.
    pub(crate) const PROSPECT: Nouns = Nouns(131_072);
    /// What is queried in a language that can change it as well.
    pub(crate) const DATABASE: Nouns = Nouns(262_144);
    /// What is formatted to be empty.
    pub(crate) const DISK: Nouns = Nouns(524_288);
    /// What is paid for where it is booked or ordered.
    pub(crate) const BOUGHT: Nouns = Nouns(1 << 20);
    /// What has many of a kind, one behind the other.
    pub(crate) const SERIES: Nouns = Nouns(1 << 21);
    /// What is held for a while and given back.
    pub(crate) const LEASED: Nouns = Nouns(1 << 22);
    /// What is at a time, and is not if it is cancelled.
    pub(crate) const DATED: Nouns = Nouns(1 << 23);
    /// Where something is opened to be worked on.
    pub(crate) const PROGRAM: Nouns = Nouns(1 << 24);
    /// What is found out of a network by calling at it.
    pub(crate) const PROBED: Nouns = Nouns(1 << 25);
    /// What waits to be put to work.
    pub(crate) const STANDBY: Nouns = Nouns(1 << 26);
    /// What goes on once it is let.
    pub(crate) const RUN: Nouns = Nouns(1 << 27);
    /// What a model makes.
    pub(crate) const MEDIA: Nouns = Nouns(1 << 28);
    /// What is on its way.
    pub(crate) const PARCEL: Nouns = Nouns(1 << 29);
    /// What is read or edited.
    pub(crate) const FILE: Nouns = Nouns(1 << 30);
    /// With which one pays, or on which one writes.
    pub(crate) const CARD: Nouns = Nouns(1 << 31);
    /// What cannot be undone.
    pub(crate) const FOREVER: Nouns = Nouns(8192);

    /// Whether it is about any of these.
    pub(crate) fn any(self, other: Nouns) -> bool {
        self.0 & other.0 != 0
    }

    /// About both.
    pub(crate) fn and(self, other: Nouns) -> Nouns {
        Nouns(self.0 | other.0)
    }
}

/// What a word does in a sentence.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Class {
    #[default]
    Other,
    /// Stands before the verb and changes nothing: `this tool can safely`.
    Lead,
    /// `the`, `all`: what follows is a noun.
    Determiner,
    /// `not`, `without`.
    Negation,
    /// `and`, `then`.
    And,
    /// `from`, `with`: the object ends.
    Preposition,
    /// `when`, `requires`: the sentence is about something else than what the tool does.
    Aside,
    /// `use`: what to do with the tool.
    Use,
    /// `that`, `which`.
    That,
    /// `to`
    To,
    /// Begins a part of the text that is not about what the tool does.
    AsideHeading,
    /// Begins a part that is.
    Heading,
}

/// All that is known of a word.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Entry {
    pub(crate) verb: Option<Verb>,
    pub(crate) form: Option<Form>,
    pub(crate) nouns: Nouns,
    pub(crate) class: Class,
}

/// Sorted by word, with where the words of each two first letters begin.
struct Table {
    words: Vec<(&'static str, Entry)>,
    starts: Vec<usize>,
}

/// The number of a word's first two letters, in the order of words.
fn bucket(word: &str) -> Option<usize> {
    let letter = |at: usize| match word.as_bytes().get(at) {
        Some(byte @ b'a'..=b'z') => Some(usize::from(byte.saturating_sub(b'`'))),
        None => Some(0),
        // Nothing but letters and dashes stands in the lists.
        Some(b'-' | b'\'') => Some(0),
        Some(_) => None,
    };
    letter(0)?.checked_mul(27)?.checked_add(letter(1)?)
}

static TABLE: LazyLock<Table> = LazyLock::new(build);

fn build() -> Table {
    let mut words: Vec<(&'static str, Entry)> = Vec::new();
    for (sense, list) in VERBS {
        for word in list.split_whitespace() {
            let (word, noun) = word.strip_suffix('~').map_or((word, false), |word| (word, true));
            let verb = Some(Verb { sense, noun });
            words.push((word, Entry { verb, form: Some(Form::Base), ..Entry::default() }));
        }
    }
    for (sense, list) in ACTS {
        for word in list.split_whitespace() {
            let verb = Some(Verb { sense, noun: true });
            words.push((word, Entry { verb, form: Some(Form::Act), ..Entry::default() }));
        }
    }
    for (nouns, list) in NOUNS {
        for word in list.split_whitespace() {
            words.push((word, Entry { nouns, ..Entry::default() }));
        }
    }
    for (class, list) in CLASSES {
        for word in list.split_whitespace() {
            words.push((word, Entry { class, ..Entry::default() }));
        }
    }
    sort_by(&mut words, |a, b| a.0.cmp(b.0));
    // A word of several lists is all that they say; of two verbs, the first list's.
    words.dedup_by(|later, first| {
        let same = later.0 == first.0;
        if same {
            let (first, later) = (&mut first.1, later.1);
            if first.verb.is_none() {
                (first.verb, first.form) = (later.verb, later.form);
            }
            first.nouns = first.nouns.and(later.nouns);
            if first.class == Class::Other {
                first.class = later.class;
            }
        }
        same
    });
    let starts = (0..=27 * 27)
        .map(|of| words.partition_point(|(word, _)| bucket(word) < Some(of)))
        .collect();
    Table { words, starts }
}

fn exactly(word: &str) -> Option<Entry> {
    let table = &*TABLE;
    let bucket = bucket(word)?;
    let from = *table.starts.get(bucket)?;
    let to = *table.starts.get(bucket.checked_add(1)?)?;
    let mut words = table.words.get(from..to)?.iter();
    words.find(|(known, _)| *known == word).map(|(_, entry)| *entry)
}

/// No word of the lexicon is longer, inflected.
const LONGEST: usize = 20;

/// What is known of a word in lower case, in whatever form it stands.
pub(crate) fn entry(word: &str) -> Entry {
    if word.len() > LONGEST {
        return Entry::default();
    }
    let exact = exactly(word).unwrap_or_default();
    let heads = matches!(exact.class, Class::Other | Class::AsideHeading | Class::Heading);
    if exact.verb.is_some() || !heads {
        return exact;
    }
    let mut buffer = [0; LONGEST];
    let mut spelled = |stem: &str, end: &str| -> Option<Entry> {
        let whole = stem.len().checked_add(end.len())?;
        buffer.get_mut(..stem.len())?.copy_from_slice(stem.as_bytes());
        buffer.get_mut(stem.len()..whole)?.copy_from_slice(end.as_bytes());
        exactly(std::str::from_utf8(buffer.get(..whole)?).ok()?)
    };
    let base = |entry: Option<Entry>, form: Form| {
        let entry = entry?;
        let is_verb = entry.verb.is_some() && entry.form == Some(Form::Base);
        let plural = form == Form::Third;
        (is_verb || plural && (entry.nouns != Nouns::default() || entry.verb.is_some())).then(
            || Entry {
                form: if is_verb { Some(form) } else { entry.form },
                nouns: if plural { entry.nouns } else { Nouns::default() },
                class: Class::Other,
                ..entry
            },
        )
    };
    // `stop` makes `stopping`.
    let single = |stem: &'_ str| match stem.as_bytes() {
        [.., a, b] if a == b => stem.len().checked_sub(1),
        _ => None,
    };
    let mut found = None;
    if let Some(stem) = word.strip_suffix("ies").filter(|stem| stem.len() > 1) {
        found = base(spelled(stem, "y"), Form::Third);
    }
    if let Some(stem) = word.strip_suffix('s').filter(|stem| found.is_none() && stem.len() > 1) {
        found = base(spelled(stem, ""), Form::Third)
            .or_else(|| base(spelled(stem.strip_suffix('e')?, ""), Form::Third));
    }
    for (end, form) in [("ing", Form::Ing), ("ed", Form::Past)] {
        if let Some(stem) = word.strip_suffix(end).filter(|stem| found.is_none() && stem.len() > 1)
        {
            found = base(spelled(stem, "e"), form)
                .or_else(|| base(spelled(stem, ""), form))
                .or_else(|| base(spelled(stem.get(..single(stem)?)?, ""), form))
                .or_else(|| base(spelled(stem.strip_suffix('i')?, "y"), form));
        }
    }
    // `returns` is a heading too.
    let found = found.unwrap_or_default();
    Entry { nouns: found.nouns.and(exact.nouns), class: exact.class, ..found }
}

/// What a verb means together with the small word behind it: `tears down`, `turn off`.
pub(crate) fn phrase(verb: &str, particle: &str) -> Option<(Verb, Form)> {
    let (stem, _, sense) = PHRASES.into_iter().find(|(stem, small, _)| {
        particle.eq_ignore_ascii_case(small)
            && verb.get(..stem.len()).is_some_and(|start| start.eq_ignore_ascii_case(stem))
    })?;
    let end = verb.get(stem.len()..)?;
    let doubled = end.strip_prefix(|first| stem.ends_with(first));
    let form = match doubled.unwrap_or(end) {
        "" if doubled.is_none() => Form::Base,
        "s" | "es" => Form::Third,
        "ing" => Form::Ing,
        "ed" => Form::Past,
        _ => return None,
    };
    Some((Verb { sense, noun: false }, form))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inflected_words_are_found() {
        for (word, sense, form) in [
            ("delete", Sense::Delete, Form::Base),
            ("deletes", Sense::Delete, Form::Third),
            ("deleting", Sense::Delete, Form::Ing),
            ("deleted", Sense::Delete, Form::Past),
            ("deletion", Sense::Delete, Form::Act),
            ("dropping", Sense::Delete, Form::Ing),
            ("dropped", Sense::Delete, Form::Past),
            ("retries", Sense::Execute, Form::Third),
            ("applied", Sense::Write, Form::Past),
            ("purchases", Sense::Pay, Form::Third),
            ("flushes", Sense::Delete, Form::Third),
            ("retrieving", Sense::Read, Form::Ing),
        ] {
            let found = entry(word);
            assert_eq!(found.verb.map(|verb| verb.sense), Some(sense), "{word}");
            assert_eq!(found.form, Some(form), "{word}");
        }
        for word in
            ["deleter", "thing", "", "s", "ed", "é", "frobnicate", "interestingly_long_words"]
        {
            assert!(entry(word).verb.is_none(), "{word}");
        }
        assert!(entry("invoices").nouns.any(Nouns::MONEY));
    }

    #[test]
    fn a_small_word_makes_another_verb() {
        for (verb, particle, expected) in [
            ("tear", "down", Some((Sense::Delete, Form::Base))),
            ("Tears", "down", Some((Sense::Delete, Form::Third))),
            ("shutting", "down", Some((Sense::Delete, Form::Ing))),
            ("turn", "off", Some((Sense::Write, Form::Base))),
            ("turnt", "off", None),
            ("tear", "off", None),
            ("tearful", "down", None),
        ] {
            let found = phrase(verb, particle).map(|(verb, form)| (verb.sense, form));
            assert_eq!(found, expected, "{verb} {particle}");
        }
    }

    #[test]
    fn no_word_stands_in_two_lists_of_verbs() {
        let lists = VERBS.iter().chain(&ACTS).flat_map(|(_, list)| list.split_whitespace());
        let mut words: Vec<&str> = lists.map(|word| word.trim_end_matches('~')).collect();
        words.sort_unstable();
        let twice: Vec<&[&str]> = words.windows(2).filter(|pair| pair[0] == pair[1]).collect();
        assert!(twice.is_empty(), "{twice:?}");
        assert!(words.iter().all(|word| word.len() < LONGEST));
    }
}
