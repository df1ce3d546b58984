//! The words in names and descriptions, by which tools and arguments say what they do.

/// What names and descriptions call changing something.
const CHANGES: [&str; 29] = [
    "add",
    "cancel",
    "cordon",
    "create",
    "delete",
    "deploy",
    "destroy",
    "drain",
    "drop",
    "flush",
    "insert",
    "modify",
    "patch",
    "pause",
    "purge",
    "put",
    "remove",
    "replace",
    "restart",
    "resume",
    "start",
    "stop",
    "terminate",
    "transact",
    "uncordon",
    "undo",
    "update",
    "upsert",
    "write",
];

/// What they call looking at something.
const READS: [&str; 19] = [
    "analyze", "audit", "check", "describe", "explain", "fetch", "find", "get", "history", "lint",
    "list", "look", "read", "readonly", "search", "show", "simulate", "status", "validate",
];

/// The words of a name or sentence, those of ASCII in lower case: `subCommand` and `sub_command` have two.
pub(super) fn words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for c in text.chars() {
        let begins = c.is_uppercase() && !before.is_uppercase();
        if begins || !c.is_alphanumeric() {
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

/// The words that call something a change, and those that call it a look.
pub(super) fn verbs(words: &[String]) -> (Vec<&str>, Vec<&str>) {
    let of = |known: &[&'static str]| {
        let known = known.iter().copied();
        known.filter(|verb| words.iter().any(|word| word == verb)).collect::<Vec<_>>()
    };
    (of(&CHANGES), of(&READS))
}

/// Whether a tool, by its name, looks at things and changes none.
pub(super) fn only_reads(tool: &str) -> bool {
    let words = words(tool);
    let (changes, reads) = verbs(&words);
    changes.is_empty() && !reads.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_words() {
        for (name, expected) in [
            ("subCommand", vec!["sub", "command"]),
            ("dry_run", vec!["dry", "run"]),
            ("SQLQuery text", vec!["sqlquery", "text"]),
            ("DryRun", vec!["dry", "run"]),
            ("", vec![]),
        ] {
            assert_eq!(words(name), expected);
        }
        assert!(only_reads("read_query") && only_reads("CheckPermissions"));
        assert!(!only_reads("run_query") && !only_reads("read_or_write"));
    }
}
