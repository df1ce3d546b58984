//! What RE2 refuses, and the little that only we refuse.

use super::{Pattern, WITHOUT};

/// A pattern, the part of it that is underlined, the start of the message.
type Refused = (&'static str, &'static str, &'static str);

#[track_caller]
fn check_refused(rows: &[Refused]) {
    let mut wrong = Vec::new();
    for (pattern, part, message) in rows {
        match Pattern::parse(pattern) {
            Ok(_) => wrong.push(format!("{pattern} should be refused")),
            Err(fault) => {
                let found = pattern.get(fault.start..fault.end);
                if found != Some(part) || !fault.kind.to_string().starts_with(message) {
                    wrong.push(format!("{pattern}: {found:?}: {}", fault.kind));
                }
            }
        }
    }
    assert_eq!(wrong, WITHOUT);
}

#[test]
fn refused_groups() {
    check_refused(&[
        ("(", "(", "missing closing `)`"),
        ("(a(b)", "(", "missing closing `)`"),
        ("a(?i:b(?P<n>c", "(?P<n>", "missing closing `)`"),
        ("(a|b|", "(", "missing closing `)`"),
        ("a(?i", "(?i", "missing closing `)`"),
        ("a(?", "(?", "missing closing `)`"),
        (")", ")", "unexpected `)`"),
        ("(a))b", ")", "unexpected `)`"),
        ("a|b)", ")", "unexpected `)`"),
        ("a(?=b)", "(?=", "look-ahead and look-behind are not supported"),
        ("a(?!b)", "(?!", "look-ahead"),
        ("(?<=a)b", "(?<=", "look-ahead"),
        ("(?<!a)b>", "(?<!", "look-ahead"),
        ("(?>a)", "(?>", "unknown group after `(?`"),
        ("(?#a)", "(?#", "unknown group"),
        ("(?|a)", "(?|", "unknown group"),
        ("(?x)a", "(?x", "unknown group"),
        ("(?é)", "(?é", "unknown group"),
        ("(?-)a", "(?-)", "unknown group"),
        ("(?i-)a", "(?i-)", "unknown group"),
        ("(?-:a)", "(?-:", "unknown group"),
        ("(?i--s)a", "(?i--", "unknown group"),
        ("(?'n'a)", "(?'", "unknown group"),
        ("(?P=n)", "(?P", "unknown group"),
        ("(?P>n)", "(?P", "unknown group"),
        ("(?P<>a)", "(?P<>", "a group name is made of"),
        ("(?<x y>a)", "(?<x y>", "a group name"),
        ("(?P<é>a)", "(?P<é>", "a group name"),
        ("(?<n", "(?<n", "a group name"),
        ("a(?P<", "(?P<", "a group name"),
    ]);
}

#[test]
fn refused_repetition() {
    check_refused(&[
        ("*", "*", "missing argument to repetition operator"),
        ("+a", "+", "missing argument"),
        ("??", "??", "missing argument"),
        ("{2}", "{2}", "missing argument"),
        ("a|*", "*", "missing argument"),
        ("(*a)", "*", "missing argument"),
        ("(?:+?)", "+?", "missing argument"),
        ("(|{1,2}?)", "{1,2}?", "missing argument"),
        ("(?i)*", "*", "missing argument"),
        (r"\Q\E*", "*", "missing argument"),
        ("a**", "**", "invalid nested repetition operator"),
        ("a++b", "++", "invalid nested"),
        ("a?+", "?+", "invalid nested"),
        ("a*?*", "*?*", "invalid nested"),
        ("a???", "???", "invalid nested"),
        ("a**?", "**?", "invalid nested"),
        ("a***", "**", "invalid nested"),
        ("a{1}{2}.{3}", "{1}{2}", "invalid nested"),
        ("a{2}*", "{2}*", "invalid nested"),
        ("a*{2,3}", "*{2,3}", "invalid nested"),
        ("^**", "**", "invalid nested"),
        ("a{1001}", "{1001}", "a repeat count is at most 1000"),
        ("a{1001,}", "{1001,}", "a repeat count"),
        ("a{1,1001}b", "{1,1001}", "a repeat count"),
        ("a{99999999999999999999}", "{99999999999999999999}", "a repeat count"),
        ("{1001}", "{1001}", "a repeat count"),
        ("a{2,1}", "{2,1}", "the lower repeat count comes first"),
        ("(?:a{2}){501}", "{501}", "repeat counts within one another multiply to more than 1000"),
        ("((a{100}){10}){2}?", "{2}?", "repeat counts within"),
        ("(b|(a{1000})*)?{2}", "?{2}", "invalid nested"),
        ("(b|(a{1000})*c){2}", "{2}", "repeat counts within"),
        ("(?:[a-z]{4}){0,251}", "{0,251}", "repeat counts within"),
    ]);
}

#[test]
fn refused_escapes_and_classes() {
    check_refused(&[
        ("a\\", "\\", "trailing backslash"),
        ("[a\\", "\\", "trailing backslash"),
        (r"a\1", r"\1", "backreferences are not supported"),
        (r"(a)\8", r"\8", "backreferences"),
        (r"[\1]", r"\1", "backreferences"),
        (r"\19", r"\1", "backreferences"),
        (r"\C", r"\C", "`\\C` is not supported"),
        (r"a\Z", r"\Z", "`\\Z` is not supported; write `\\z`"),
        (r"\q", r"\q", "unknown escape sequence"),
        (r"\E", r"\E", "unknown escape"),
        (r"\G", r"\G", "unknown escape"),
        (r"\K", r"\K", "unknown escape"),
        (r"\h", r"\h", "unknown escape"),
        (r"\R", r"\R", "unknown escape"),
        (r"\u0041", r"\u", "unknown escape"),
        (r"\cA", r"\c", "unknown escape"),
        (r"\k<n>", r"\k", "unknown escape"),
        (r"\é", r"\é", "unknown escape"),
        (r"[\b]", r"\b", "unknown escape"),
        (r"[\Qa\E]", r"\Q", "unknown escape"),
        (r"[\A]", r"\A", "unknown escape"),
        (r"a\x", r"\x", "unknown escape"),
        (r"\x4", r"\x4", "unknown escape"),
        (r"\x4g", r"\x4g", "unknown escape"),
        (r"\xég", r"\xé", "unknown escape"),
        (r"\x{}", r"\x{}", "unknown escape"),
        (r"\x{41", r"\x{41", "unknown escape"),
        (r"\x{4g}", r"\x{4g", "unknown escape"),
        (r"a\x{110000}", r"\x{110000}", "not a character"),
        (r"[\x{fffffffffffff}]", r"\x{fffffffffffff}", "not a character"),
        (
            r"\pN",
            r"\pN",
            "unicode classes such as `\\p{Greek}` are not supported; write the ranges",
        ),
        (r"a\p{Greek}b", r"\p{Greek}", "unicode classes"),
        (r"\P{^Lu}", r"\P{^Lu}", "unicode classes"),
        (r"[a\pL]", r"\pL", "unicode classes"),
        (r"\p{Greek", r"\p{Greek", "unicode classes"),
        (r"\p", r"\p", "unicode classes"),
        (r"\p{}", r"\p{}", "unicode classes"),
        (r"\pé", r"\pé", "unicode classes"),
        ("a[", "[", "missing closing `]`"),
        ("[]", "[", "missing closing `]`"),
        ("[^]", "[", "missing closing `]`"),
        ("([a-z)", "[", "missing closing `]`"),
        ("[a-", "[", "missing closing `]`"),
        ("x[[:alpha:]", "[", "missing closing `]`"),
        ("[z-a]", "z-a", "the range ends before it starts"),
        ("[a--]", "a--", "the range ends"),
        ("(?i)[a-Z]", "a-Z", "the range ends"),
        (r"[\x62-\x61]", r"\x62-\x61", "the range ends"),
        ("[a-[:digit:]]", "a-[", "the range ends"),
        (r"[a-\d]", r"\d", "a range ends with one character"),
        ("[[:alfa:]]", "[:alfa:]", "unknown class name"),
        ("[[:Alpha:]]", "[:Alpha:]", "unknown class name"),
        ("[[::]]", "[::]", "unknown class name"),
        ("[[:^:]]", "[:^:]", "unknown class name"),
        ("[[:a]x:]", "[:a]x:]", "unknown class name"),
    ]);
}
