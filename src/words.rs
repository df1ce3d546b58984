//! The words in names and descriptions, by which tools and arguments say what they do: a lexicon as
//! data, and the inflections of English. What is not in it says nothing.

mod lexicon;
mod table;

pub(crate) use table::{Class, Entry, Form, Nouns, Sense, Verb, entry};

/// The words of a name or sentence, those of ASCII in lower case: `subCommand`, `sub_command` and
/// `SUBCommand` have two.
pub(crate) fn split(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let ends_acronym = before.is_uppercase() && chars.peek().is_some_and(|c| c.is_lowercase());
        let begins = c.is_uppercase() && (!before.is_uppercase() || ends_acronym);
        // The plural of an acronym is one word: `APIs`.
        let plural = ends_acronym && chars.peek() == Some(&'s') && ends_word(chars.clone());
        if begins && !plural || !c.is_alphanumeric() {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| c.is_alphanumeric()) {
            word.push(c.to_ascii_lowercase());
        }
        before = c;
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Whether no letter follows on the next.
fn ends_word(mut chars: impl Iterator<Item = char>) -> bool {
    chars.next();
    chars.next().is_none_or(|c| !c.is_lowercase())
}

/// What is a noun as often, and is a verb where operations are named.
const OPERATIONS: [&str; 20] = [
    "audit", "check", "drain", "drop", "flush", "history", "kill", "look", "patch", "pause",
    "push", "restart", "resume", "search", "select", "show", "start", "status", "stop", "update",
];

/// What says that something is done and not what, or how one thing is done: no operations to choose from.
const MANNERS: [&str; 10] = [
    "accept", "dismiss", "exec", "execute", "eval", "generate", "invoke", "merge", "rebase",
    "unmerge",
];

/// The words that call something a change, and those that call it a look.
pub(crate) fn verbs(words: &[String]) -> (Vec<&str>, Vec<&str>) {
    let (mut changes, mut looks) = (Vec::new(), Vec::new());
    for word in words.iter().map(String::as_str) {
        let known = entry(word);
        let listed = OPERATIONS.contains(&word);
        let verb = known.verb.filter(|verb| listed || !verb.noun && known.form == Some(Form::Base));
        let list = match verb.map(|verb| verb.sense) {
            Some(Sense::Generic) => continue,
            Some(_) if MANNERS.contains(&word) => continue,
            None if !listed => continue,
            Some(Sense::Read) | None => &mut looks,
            Some(_) => &mut changes,
        };
        if !list.contains(&word) {
            list.push(word);
        }
    }
    (changes, looks)
}

/// Whether one of several operations changes something: `get_update` does not, `get_or_create` does.
pub(crate) fn is_change(operation: &str) -> bool {
    let words = split(operation);
    let first = words.first().map(String::as_str).unwrap_or_default();
    let looks = entry(first).verb.is_some_and(|verb| verb.sense == Sense::Read && !verb.noun);
    let joined = words.iter().any(|word| matches!(word.as_str(), "and" | "or"));
    !(looks && !joined) && !verbs(&words).0.is_empty()
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
}
