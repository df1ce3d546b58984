//! The words in names and descriptions, by which tools and arguments say what they do: a lexicon as
//! data, and the inflections of English. What is not in it says nothing.

mod lexicon;
mod table;

use crate::order::sort_by;

pub(crate) use table::{Class, Entry, Form, Nouns, Sense, Verb, entry, phrase};

/// The words of a name or sentence, those of ASCII in lower case: `subCommand`, `sub_command` and
/// `SUBCommand` have two.
pub(crate) fn split(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let is_upper = |c: char| c.is_ascii_uppercase();
        let ends_acronym = is_upper(before) && chars.peek().is_some_and(char::is_ascii_lowercase);
        let begins = is_upper(c) && (!is_upper(before) || ends_acronym);
        // The plural of an acronym is one word: `APIs`.
        let plural = ends_acronym && chars.peek() == Some(&'s') && ends_word(chars.clone());
        if begins && !plural || !is_of_word(c) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| is_of_word(c)) {
            word.push(c.to_ascii_lowercase());
        }
        before = c;
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Whether a character is of a word: in ASCII a letter or digit, beyond it all that is not in a block of
/// signs. The words of the lexicon are ASCII, and the tables of all letters larger than it.
pub(crate) fn is_of_word(c: char) -> bool {
    c.is_ascii_alphanumeric()
        || c >= '\u{c0}'
            && !matches!(c,
                '\u{d7}' | '\u{f7}'
                | '\u{300}'..='\u{36f}'
                | '\u{2000}'..='\u{2bff}'
                | '\u{2e00}'..='\u{303f}'
                | '\u{e000}'..='\u{f8ff}'
                | '\u{fe00}'..='\u{fe6f}'
                | '\u{feff}'..='\u{ff0f}'
                | '\u{1f000}'..='\u{1ffff}'
                | '\u{e0000}'..)
}

/// Whether no letter follows on the next.
fn ends_word(mut chars: impl Iterator<Item = char>) -> bool {
    chars.next();
    chars.next().is_none_or(|c| !c.is_ascii_lowercase())
}

/// What names and descriptions of operations call looking at something. As everywhere in the lexicon,
/// a verb with `~` is as often a noun.
const LOOKS: &str =
    "analyze audit~ check~ describe explain fetch find get lint list look~ read readonly
    search~ show~ simulate validate";

/// Nouns that name a look.
const LOOKED_AT: &str = "history status";

/// What they call making or changing something.
const WRITES: &str = "add create insert modify patch~ put replace undo update~ upsert write";

/// What they call setting something going, or stopping it.
const RUNS: &str =
    "cancel cordon deploy drain~ pause~ restart~ resume~ start~ stop~ transact uncordon";

/// What they call taking something away.
const DELETES: &str = "delete destroy drop~ flush purge remove terminate";

/// Whether a list has a word.
fn has(list: &str, word: &str) -> bool {
    list.split_whitespace().any(|known| known.trim_end_matches('~') == word)
}

/// The words that call something a change, and those that call it a look, in their order.
///
/// It knows few words, which are beyond doubt, and none of the lexicon's others.
pub(crate) fn verbs(words: &[String]) -> (Vec<&str>, Vec<&str>) {
    let of = |lists: &[&str]| {
        let words = words.iter().map(String::as_str);
        let mut found: Vec<&str> =
            words.filter(|word| lists.iter().any(|list| has(list, word))).collect();
        sort_by(&mut found, Ord::cmp);
        found.dedup();
        found
    };
    (of(&[WRITES, RUNS, DELETES]), of(&[LOOKS, LOOKED_AT]))
}

/// Whether one of several operations changes something: `get_update` does not, `get_or_create` does.
pub(crate) fn is_change(operation: &str) -> bool {
    let words = split(operation);
    let begins = words.first().is_none_or(|first| !has(LOOKS, first));
    let joined = words.iter().any(|word| matches!(word.as_str(), "and" | "or"));
    (begins || joined) && !verbs(&words).0.is_empty()
}

/// What an operation of this name does at worst, with all the words of the lexicon.
pub(crate) fn senses(operation: &str) -> Vec<Sense> {
    let words = split(operation);
    let named = |word: &str| [LOOKS, WRITES, RUNS, DELETES].iter().any(|list| has(list, word));
    let looks = words.first().is_some_and(|first| has(LOOKS, first));
    let only_looks = looks && !is_change(operation);
    let senses = words.iter().filter_map(|word| {
        let known = entry(word);
        let verb = known.verb.filter(|_| known.form == Some(Form::Base))?;
        (!verb.noun || named(word)).then_some(verb.sense)
    });
    senses.filter(|sense| !only_looks || *sense == Sense::Read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_words() {
        for (name, expected) in [
            ("subCommand", vec!["sub", "command"]),
            ("dry_run", vec!["dry", "run"]),
            ("SQLQuery text", vec!["sql", "query", "text"]),
            ("ListAHORuns", vec!["list", "aho", "runs"]),
            ("listAPIs", vec!["list", "apis"]),
            ("a.b/c-d", vec!["a", "b", "c", "d"]),
            ("DryRun", vec!["dry", "run"]),
            ("", vec![]),
        ] {
            assert_eq!(split(name), expected);
        }
    }

    #[test]
    fn few_words_name_operations() {
        let words = split("gets, drop or create; then list, drop and frob");
        assert_eq!(verbs(&words), (vec!["create", "drop"], vec!["list"]));
        for (operation, expected) in [
            ("delete-table", true),
            ("get_update", false),
            ("get_or_create", true),
            ("list", false),
            ("table_delete", true),
            ("approve", false),
            ("", false),
        ] {
            assert_eq!(is_change(operation), expected, "{operation}");
        }
        assert_eq!(senses("approve_all"), [Sense::Write]);
        assert_eq!(senses("get_update"), [Sense::Read]);
        assert_eq!(senses("drop"), [Sense::Delete]);
        // A noun as often, and none of the few.
        assert_eq!(senses("order"), []);
    }
}
