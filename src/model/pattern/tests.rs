//! Each row is reasoned from RE2's documented syntax, as Go's `regexp` reads it.

use super::program::{Program, Step};
use super::{MAX_DEPTH, MAX_LENGTH, Pattern};
use crate::bytes::{Bytes, Out};

mod refused;
mod second;

/// A pattern, texts it matches, texts it does not match.
type Row = (&'static str, &'static [&'static str], &'static [&'static str]);

const WITHOUT: &[&str] = &[];

#[track_caller]
fn check(rows: &[Row]) {
    let mut wrong = Vec::new();
    for (pattern, matched, others) in rows {
        match Pattern::parse(pattern) {
            Err(fault) => wrong.push(format!("{pattern}: {}", fault.kind)),
            Ok(regex) => {
                let again = read_again(&regex);
                for text in matched.iter().chain(*others) {
                    if again.is_match(text) != regex.is_match(text) {
                        wrong.push(format!(
                            "{pattern} in {text:?} is another when it is read again"
                        ));
                    }
                }
                for text in matched.iter().filter(|text| !regex.is_match(text)) {
                    wrong.push(format!("{pattern} should match {text:?}"));
                }
                for text in others.iter().filter(|text| regex.is_match(text)) {
                    wrong.push(format!("{pattern} should not match {text:?}"));
                }
            }
        }
    }
    assert_eq!(wrong, WITHOUT);
}

/// The pattern, written and read again: it has the same program.
fn read_again(pattern: &Pattern) -> Pattern {
    let mut out = Out::default();
    pattern.put(&mut out);
    let mut bytes = Bytes::new(&out.0);
    let again = Pattern::take(&mut bytes);
    assert!(bytes.is_read(), "{pattern:?}");
    let program = |pattern: &Pattern| format!("{:?}", pattern.0.program());
    assert_eq!(program(&again), program(pattern));
    assert_eq!(&again, pattern);
    again
}

#[test]
fn programs_that_go_elsewhere_are_refused() {
    let mut out = Out::default();
    Pattern::parse("(a|\\bc)*d$").unwrap().put(&mut out);
    // Behind the text: what no step may be is only refused, and what is one changes what is found.
    for (at, bit) in (13..out.0.len()).flat_map(|at| (0..8).map(move |bit| (at, bit))) {
        let mut changed = out.0.clone();
        changed[at] ^= 1 << bit;
        let mut bytes = Bytes::new(&changed);
        let pattern = Pattern::take(&mut bytes);
        let Program { steps, sets, .. } = &pattern.0.program();
        let stays = |step: &Step| match step {
            Step::One(set) => (*set as usize) < sets.len(),
            Step::Jump(to) | Step::Fork(to) => (*to as usize) < steps.len(),
            Step::At(_) | Step::Found => true,
        };
        if bytes.is_read() {
            assert!(steps.iter().all(stays), "{at}: {steps:?}");
            assert!(matches!(steps.last(), Some(Step::Found)));
            let _ = ["", "d", "acd", "aaaa", "é d"].map(|text| pattern.is_match(text));
        }
    }
}

#[test]
fn literals_and_the_dot() {
    check(&[
        ("", &["", "a", "é"], &[]),
        ("abc", &["abc", "xabcx"], &["ab", "ABC", ""]),
        ("é", &["é", "caf\u{e9}s"], &["e", "e\u{301}"]),
        ("日本", &["日本語"], &["日x本"]),
        ("^😀$", &["😀"], &["😀😀"]),
        (".", &["a", "é", "\r", "\0", "\u{2028}"], &["", "\n"]),
        ("^.$", &["é", "😀"], &["ab", "\n", "e\u{301}"]),
        ("(?s)^.$", &["\n", "a"], &["ab", ""]),
        ("a.b", &["a-b", "aéb"], &["ab", "a\nb", "a--b"]),
        ("]", &["]"], &["["]),
        ("}", &["}"], &["{"]),
        ("a]b}", &["a]b}"], &["ab"]),
        ("-", &["-"], &["_"]),
        ("a b", &["a b"], &["ab"]),
        ("#a", &["#a"], &["a"]),
        ("a&&b~~c--d", &["a&&b~~c--d"], &["a&b"]),
    ]);
}

#[test]
fn braces_that_count_nothing() {
    check(&[
        ("a{", &["a{"], &["a"]),
        ("{x}", &["{x}"], &["x"]),
        ("^a{,2}$", &["a{,2}"], &["a", "aa"]),
        ("^a{}$", &["a{}"], &["a"]),
        ("^a{2$", &["a{2"], &["aa"]),
        ("^a{2,$", &["a{2,"], &["aa"]),
        ("^a{ 2}$", &["a{ 2}"], &["aa"]),
        ("^a{2 }$", &["a{2 }"], &["aa"]),
        ("^a{2, 3}$", &["a{2, 3}"], &["aa"]),
        ("^a{02}$", &["a{02}"], &["aa"]),
        ("^a{2,03}$", &["a{2,03}"], &["aa"]),
        ("^a{+2}$", &["a{2}", "a{{2}"], &["aa"]),
        ("^a{-2}$", &["a{-2}"], &["aa"]),
        ("^a{2,3,4}$", &["a{2,3,4}"], &["aa"]),
        ("{", &["{"], &["}"]),
        ("{,}", &["{,}"], &[","]),
        ("^a{{2}$", &["a{{"], &["aa"]),
        ("^a*{$", &["{", "aa{"], &["a"]),
        ("^a{2}{$", &["aa{"], &["aa"]),
    ]);
}

#[test]
fn repetition() {
    check(&[
        ("^a*$", &["", "a", "aaa"], &["b", "ab"]),
        ("^a+$", &["a", "aaa"], &["", "b"]),
        ("^a?$", &["", "a"], &["aa"]),
        ("^a*?$", &["", "aaa"], &["b"]),
        ("^a+?$", &["a", "aaa"], &[""]),
        ("^a??$", &["", "a"], &["aa"]),
        ("^a{2}$", &["aa"], &["a", "aaa"]),
        ("^a{2}?$", &["aa"], &["a", "aaa", ""]),
        ("^a{2,}$", &["aa", "aaaa"], &["a"]),
        ("^a{2,}?$", &["aa", "aaaa"], &["a"]),
        ("^a{2,3}$", &["aa", "aaa"], &["a", "aaaa"]),
        ("^a{2,3}?$", &["aa", "aaa"], &["a", "aaaa"]),
        ("^a{0}$", &[""], &["a"]),
        ("^a{0}b$", &["b"], &["ab"]),
        ("^a{0,}$", &["", "aa"], &["b"]),
        ("^a{0,1}$", &["", "a"], &["aa"]),
        ("^(?:a{2}){3}$", &["aaaaaa"], &["aaaaa", "aaaaaaa"]),
        ("^(?:a*)*$", &["", "aaa"], &["b"]),
        ("^(?:a|b)*$", &["", "abba"], &["abc"]),
        ("^ab*$", &["a", "abb"], &["abab"]),
        ("^(?:ab)*$", &["", "abab"], &["abb"]),
        ("^é{2}$", &["éé"], &["é", "e\u{301}e\u{301}"]),
        ("^()*$", &[""], &["a"]),
        ("^*", &["", "x"], &[]),
        ("^*a$", &["a", "ba"], &["ab"]),
        ("^+a", &["a"], &["ba"]),
        ("a$*", &["a", "ab"], &["b"]),
        ("a$?$", &["a"], &["ab"]),
        (r"\b+a", &["a", "b a"], &["ba"]),
        ("(?:^a|b){2}", &["ab", "bb"], &["xab"]),
        // What separates two operators may be nothing but flags or an empty quotation.
        ("^a*(?i)*$", &["", "aa"], &["A"]),
        (r"^a+\Q\E*$", &["", "aa"], &["b"]),
        // A count of zero copies nothing.
        ("^(?:a{1000}){0}$", &[""], &["a"]),
        ("^(?:a{500}){0,2}$", &[""], &["a"]),
        ("^(?:a{1000}){1}b?", &[], &["a"]),
        ("^(?:(?:a{10}){10}){10}", &[], &["aaa"]),
        ("^(?:a{1000})*$", &[""], &["a"]),
    ]);
}

#[test]
fn alternatives_and_groups() {
    check(&[
        ("^(?:a|b)$", &["a", "b"], &["ab", "c"]),
        ("a|b", &["xa", "bx"], &["c"]),
        ("^prod|dev$", &["prod-x", "xdev"], &["xprod", "devx"]),
        ("^(?:a|)$", &["a", ""], &["b"]),
        ("^(?:|a)$", &["a", ""], &["b"]),
        ("^(?:a||b)$", &["a", "", "b"], &["c"]),
        ("|", &["", "x"], &[]),
        ("^(|a)+$", &["", "aa"], &["b"]),
        ("^(a)(b)$", &["ab"], &["a"]),
        ("^()$", &[""], &["a"]),
        ("^(?:)$", &[""], &["a"]),
        ("^(?:(?:a))$", &["a"], &["aa"]),
        ("^(?P<x>a)(?<y>b)$", &["ab"], &["a"]),
        ("^(?P<x_1>a)(?P<X_1>b)$", &["ab"], &["ba"]),
        ("^(?P<1>a)$", &["a"], &["1"]),
        ("^(?P<n>a)(?P<n>b)(?<n>c)$", &["abc"], &["ab"]),
        ("^(a|ab)(c|bcd)$", &["abcd", "ac", "abc"], &["abd"]),
        ("^(?:abc|abd|ab)$", &["abc", "abd", "ab"], &["abe", "a"]),
    ]);
}

#[test]
fn flags() {
    check(&[
        ("(?i)abc", &["ABC", "aBc"], &["ab"]),
        ("a(?i)b", &["ab", "aB"], &["Ab", "AB"]),
        ("a(?i:b)c", &["aBc", "abc"], &["aBC", "ABc"]),
        ("a(?:(?i)b)c", &["aBc"], &["aBC"]),
        ("(a(?i)b)c", &["aBc"], &["aBC", "ABc"]),
        ("^(?:a(?i)b|c)$", &["aB", "C"], &["AB"]),
        ("^(?:a|(?i)b|c)d$", &["C\u{64}", "Bd", "ad"], &["Ad", "bD"]),
        ("(?i)a(?-i)b", &["Ab", "ab"], &["AB"]),
        ("(?i)a(?-i:b)c", &["AbC"], &["ABC"]),
        ("(?i-s)a.", &["Ab"], &["A\n"]),
        ("(?s-i:a.)", &["a\n"], &["A\n"]),
        ("(?is)A.B", &["a\nb"], &["ab"]),
        ("(?i-i)a", &["a"], &["A"]),
        ("(?ii)a", &["A"], &["b"]),
        ("(?)a", &["a"], &["A"]),
        ("(?i)", &["", "x"], &[]),
        ("(?U)^a+$", &["aa"], &[""]),
        ("(?U:^a+?$)", &["aa"], &[""]),
        ("(?-U)^a$", &["a"], &[""]),
        ("(?imsU-imsU)^a$", &["a"], &["A", "b\na"]),
        ("(?s).(?-s).", &["\na"], &["\n\n", "a\n"]),
        ("(?s:.)b", &["\nb"], &["b"]),
    ]);
}

#[test]
fn ends_and_boundaries() {
    check(&[
        ("^a", &["ab"], &["ba", "b\na"]),
        ("a$", &["ba"], &["ab", "a\n"]),
        ("^$", &[""], &["\n", "a"]),
        ("(?m)^a$", &["b\na", "a\nb", "b\na\nc"], &["a\r\nb", "ab"]),
        ("(?m)^$", &["", "a\n", "a\n\nb"], &["a", "a\nb"]),
        ("(?m:^)a$", &["b\na"], &["a\nb"]),
        (r"\Ab\z", &["b"], &["b\n", "ab", "bc"]),
        (r"(?m)\Ab", &["b\na"], &["a\nb"]),
        (r"(?m)b\z", &["a\nb"], &["b\na"]),
        (r"(?m)a\n^b", &["a\nb"], &["ab"]),
        (r"\bfoo\b", &["foo", "a foo.", "éfooé"], &["foobar", "foo_"]),
        (r"\bé", &["aé"], &["é", " é"]),
        (r"a\Bb", &["ab"], &["a b"]),
        (r"\B", &["", " ", "ab", "é", "a  b"], &["a", "a b"]),
        // Between the bytes of a character there is no place that could be a boundary or none.
        (r"\B", &["ééa", "a日本"], &["aéb", "a😀b", "aéb日c"]),
        (r"aéb|\B", &["aéb"], &["aéc"]),
        (r"\Bb", &["ab"], &["éb", "a b"]),
        (r"é\B", &["éé", "é "], &["éa"]),
        (r"^\B$", &[""], &["a", "é"]),
        (r"(?:\B|x)$", &["é", "x", "ab "], &["aé a"]),
        (r"\b", &["a", "éa"], &["", "é", "日本"]),
        (r"a\b", &["aé", "a"], &["ab"]),
        ("a^b", &[], &["ab", "a\nb"]),
        ("a$b", &[], &["ab", "a\nb"]),
    ]);
}

#[test]
fn escapes() {
    check(&[
        (r"^\a\f\t\n\r\v$", &["\x07\x0C\t\n\r\x0B"], &["aftnrv"]),
        (r"^\0$", &["\0"], &["0", "\\0"]),
        (r"^\07$", &["\x07"], &["\x007"]),
        (r"^\012$", &["\n"], &["\x012"]),
        (r"^\0123$", &["\n3"], &["S"]),
        (r"^\08$", &["\x008"], &["8"]),
        (r"^\12$", &["\n"], &["\x012"]),
        (r"^\123$", &["S"], &["\n3"]),
        (r"^\1234$", &["S4"], &["S"]),
        (r"^\777$", &["\u{1FF}"], &["7"]),
        (r"^\128$", &["\n8"], &["\x0128"]),
        (r"^\x41$", &["A"], &["x41"]),
        (r"^\x7F\xe9$", &["\x7Fé"], &["\x7F"]),
        (r"^\x{41}\x{00041}$", &["AA"], &["A"]),
        (r"^\x{10FFFF}$", &["\u{10FFFF}"], &["\u{FFFF}"]),
        (r"^\x{1F600}$", &["😀"], &["1"]),
        (r"\x{D800}", &[], &["", "\u{FFFD}", "\u{D7FF}"]),
        (r"^a|\x{DFFF}$", &["a"], &["\u{E000}"]),
        (r"\.\*\+\?\(\)\[\]\{\}\|\^\$\\", &[r".*+?()[]{}|^$\"], &["a"]),
        (r"\-\_\/\#\&\~\<\>\'\ \@\!\%", &[r"-_/#&~<>' @!%"], &["a"]),
        ("\\\n", &["\n"], &["n"]),
        (r"^\Qa.b\E.$", &["a.bc"], &["axbc"]),
        (r"^\Q*+?{[\E$", &["*+?{["], &["*"]),
        (r"^\Q\\E$", &[r"\"], &["E"]),
        (r"^\Q\d\E$", &[r"\d"], &["1"]),
        (r"\Qa|b", &["a|b"], &["a", "b"]),
        (r"a\Q", &["a"], &["Q"]),
        (r"^\Qab\E*$", &["a", "abb"], &["abab", ""]),
        (r"^\Qab\E{2}$", &["abb"], &["abab"]),
        (r"(?i)^\Qa.\E$", &["A."], &["Ab"]),
    ]);
}

#[test]
fn classes() {
    check(&[
        ("^[abc]$", &["a", "b", "c"], &["d", "A"]),
        ("^[a-c]$", &["b"], &["d", "-"]),
        ("^[^a-c]$", &["d", "\n", "é"], &["a", ""]),
        ("^[]a]$", &["]", "a"], &["[", "b"]),
        ("^[^]a]$", &["b", "["], &["]", "a"]),
        ("^[]-a]$", &["]", "^", "_", "`", "a"], &["-", "[", "b"]),
        ("^[a]]$", &["a]"], &["a", "]"]),
        ("^[[]$", &["["], &["]", "x"]),
        ("^[[a]$", &["[", "a"], &["b"]),
        ("^[[a]]$", &["[]", "a]"], &["[", "a"]),
        ("^[a~~b]$", &["a", "~", "b"], &["c"]),
        ("^[a&&b]$", &["a", "&", "b"], &["c"]),
        ("^[a||b]$", &["a", "|", "b"], &["c"]),
        ("^[+--]$", &["+", ",", "-"], &[".", "*"]),
        ("^[---]$", &["-"], &["+", "."]),
        ("^[--a]$", &["-", "0", "A", "a"], &[",", "b"]),
        ("^[a-]$", &["a", "-"], &["b"]),
        ("^[-a]$", &["a", "-"], &["b"]),
        ("^[a-b-c]$", &["a", "b", "-", "c"], &["d"]),
        (r"^[a\-c]$", &["a", "-", "c"], &["b"]),
        (r"^[\]\\\^]$", &["]", "\\", "^"], &["a"]),
        ("^[a^]$", &["a", "^"], &["b"]),
        ("^[^^]$", &["a"], &["^"]),
        ("^[.*+?$(){}|]+$", &["$.*+?(){}|"], &["a"]),
        (r"^[\n\t\x41\x{42}\103\0]+$", &["\n\tABC\0"], &["n", "x"]),
        (r"^[\x00-\x{10FFFF}]$", &["a", "\n", "😀"], &[""]),
        (r"[^\x00-\x{10FFFF}]", &[], &["", "a", "\n", "😀"]),
        (r"^[\x{D000}-\x{E000}]$", &["\u{D7FF}", "\u{E000}"], &["a"]),
        (r"^[^\x{D800}-\x{DFFF}]$", &["a", "\u{E000}"], &[""]),
        (r"[\x{D800}]", &[], &["a", "\u{FFFD}"]),
        ("^[é-ü]$", &["é", "ö"], &["e", "a"]),
        ("^[a-z0-9_]+$", &["ab_9"], &["aB"]),
        ("^[ a]$", &[" "], &[""]),
        ("^[#]$", &["#"], &["a"]),
    ]);
}

#[test]
fn named_classes() {
    check(&[
        (r"^\d$", &["0", "9"], &["a", "٣", "½"]),
        (r"^\D$", &["a", "٣", "\n"], &["0"]),
        (r"^\w+$", &["e_9Z"], &["é", "ß", "-", "a-b"]),
        (r"^\W$", &["é", "-", "\n"], &["a", "_", "0"]),
        (r"^\s+$", &[" \t\n\r\x0C"], &["\x0B", "\u{a0}", "\u{85}", "\u{2028}"]),
        (r"^\S+$", &["a\x0B\u{a0}"], &[" ", "\n"]),
        (r"^[\d_]+$", &["1_2"], &["a"]),
        (r"^[^\d]$", &["a", "\n"], &["1"]),
        (r"^[\D1]$", &["a", "1"], &["2"]),
        (r"^[\s\S]$", &["a", "\n", "\x0B"], &["", "ab"]),
        (r"^[^\s\S]$", &[], &["a", "\n"]),
        (r"^[\d-z]$", &["1", "-", "z"], &["a"]),
        (r"^[\w.-]+$", &["a.b-c"], &["a b"]),
        ("^[[:alpha:]][[:^digit:]]$", &["ab", "a\n"], &["a1", "éb"]),
        ("^[[:alnum:]]+$", &["aZ9"], &["_", "é"]),
        ("^[[:ascii:]]+$", &["a\0\x7F"], &["é", "\u{80}"]),
        ("^[[:blank:]]+$", &[" \t"], &["\n"]),
        ("^[[:cntrl:]]+$", &["\0\x1F\x7F"], &[" ", "\u{85}"]),
        ("^[[:digit:]]+$", &["09"], &["a"]),
        ("^[[:graph:]]+$", &["!a~"], &[" ", "\x7F"]),
        ("^[[:lower:]]+$", &["az"], &["A", "é"]),
        ("^[[:print:]]+$", &[" a~"], &["\n", "é"]),
        ("^[[:punct:]]+$", &["!/:@[`{~_"], &["a", "0", " "]),
        ("^[[:space:]]+$", &["\t\n\x0B\x0C\r "], &["\u{85}", "\u{a0}"]),
        ("^[[:upper:]]+$", &["AZ"], &["a"]),
        ("^[[:word:]]+$", &["aZ_9"], &["-"]),
        ("^[[:xdigit:]]+$", &["09afAF"], &["g"]),
        ("^[^[:alpha:]]$", &["1"], &["a"]),
        ("^[^[:^alpha:]]$", &["a"], &["1"]),
        ("^[[:alpha:][:digit:]-]+$", &["a-1"], &["_"]),
        ("^[a[:digit:]]$", &["a", "1"], &["b"]),
        // Not names: nothing ends them, or they are not inside of a class.
        ("^[[:]$", &["[", ":"], &["a"]),
        ("^[[:]]$", &["[]", ":]"], &["["]),
        ("^[[:alpha]$", &["[", ":", "a", "h"], &["b"]),
        ("^[:alpha:]$", &[":", "a"], &["b", "["]),
        ("^[A-[:digit:]]$", &["Z]", ":]", "[]", "d]"], &["1", "1]"]),
        (r"^\p{Any}$", &["a", "\n", "😀"], &["", "ab"]),
        (r"^[\p{Any}]$", &["a"], &[""]),
        (r"\P{Any}", &[], &["", "a"]),
        (r"\p{^Any}", &[], &["", "a"]),
        (r"^\P{^Any}$", &["é"], &[""]),
        (r"^[\P{Any}a]$", &["a"], &["b"]),
    ]);
}

#[test]
fn case_folding() {
    check(&[
        ("(?i)^k$", &["k", "K", "\u{212A}"], &["l"]),
        ("(?i)^\u{212A}$", &["k", "K"], &["l"]),
        ("(?i)^s$", &["s", "S", "ſ"], &["ß"]),
        ("(?i)^[a-z]$", &["K", "\u{212A}", "ſ"], &["é"]),
        ("(?i)^[^k]$", &["a"], &["k", "K", "\u{212A}"]),
        ("(?i)^é$", &["é", "É"], &["e"]),
        ("(?i)^σ$", &["σ", "ς", "Σ"], &["s"]),
        ("(?i)^ß$", &["ß", "ẞ"], &["ss", "SS"]),
        ("(?i)^[à-ý]$", &["É", "é"], &["E"]),
        ("(?i)^İ$", &["İ"], &["i", "I"]),
        ("(?i)^i$", &["i", "I"], &["ı", "İ"]),
        (r"(?i)^\w$", &["a", "\u{212A}", "ſ"], &["é"]),
        (r"(?i)^\W$", &["é"], &["a", "\u{212A}", "ſ"]),
        (r"(?i)^[\W]$", &["é"], &["K", "\u{212A}"]),
        (r"(?i)^[^\W]$", &["k", "\u{212A}"], &["é"]),
        ("(?i)^[[:lower:]]$", &["a", "A", "\u{212A}"], &["1"]),
        ("(?i)^[[:^lower:]]$", &["1"], &["a", "A", "\u{212A}"]),
        ("(?i)^[[:upper:]]$", &["a", "A"], &["1"]),
        (r"(?i)^\x41\101$", &["aa", "AA"], &["b"]),
        (r"(?i)^\d\s$", &["1 "], &["a"]),
        ("(?i)^1-2$", &["1-2"], &["1_2"]),
        ("^k$", &["k"], &["K", "\u{212A}"]),
    ]);
}

/// Parses and searches on a stack of the size that wasm hosts have.
fn on_small_stack(work: impl FnOnce() -> Option<String> + Send + 'static) -> Option<String> {
    let thread = std::thread::Builder::new().stack_size(1 << 20).spawn(work);
    thread
        .ok()
        .and_then(|thread| thread.join().ok())
        .unwrap_or_else(|| Some("the thread did not end well".to_owned()))
}

fn fault_of(pattern: &str) -> Option<String> {
    let fault = Pattern::parse(pattern).err()?;
    Some(format!("{} {}..{}", fault.kind, fault.start, fault.end))
}

#[test]
fn limits_of_length_and_depth() {
    assert_eq!(fault_of(&"a".repeat(MAX_LENGTH)), None);
    let long = "é".repeat(MAX_LENGTH / 2) + "a";
    let message = "the pattern is longer than 4096 bytes 0..4097";
    assert_eq!(fault_of(&long).as_deref(), Some(message));

    let groups = |n: usize| "(".repeat(n) + "a" + &")".repeat(n);
    let stars = |n: usize| "(?:".repeat(n) + "a" + &")*".repeat(n);
    let branches = |n: usize| "(b|c".repeat(n) + "a" + &"d)+".repeat(n);
    let flags = |n: usize| "a*".to_owned() + &"(?i)*".repeat(n);
    let message = "the pattern nests more than 250 deep";
    for (pattern, most) in [
        (&groups as &dyn Fn(usize) -> String, MAX_DEPTH - 1),
        (&stars, MAX_DEPTH / 2 - 1),
        (&branches, MAX_DEPTH / 4),
        (&flags, MAX_DEPTH - 2),
    ] {
        let (fits, over) = (pattern(most), pattern(most + 1));
        assert_eq!(on_small_stack(move || fault_of(&fits)), None);
        let fault = on_small_stack(move || fault_of(&over));
        assert!(fault.is_some_and(|fault| fault.starts_with(message)));
    }
    let open = on_small_stack(|| fault_of(&"(".repeat(MAX_LENGTH)));
    assert_eq!(open.as_deref(), Some("missing closing `)` 4095..4096"));
}

#[test]
fn limit_of_size() {
    for pattern in ["a{1000}", ".{1000}", ".{0,1000}", "[^a]{1000}", r"\W{1000}", "(?i)k{1000}"] {
        assert_eq!(fault_of(pattern), None, "{pattern}");
    }
    let message = "the pattern is too large; shorten it or lower its repeat counts 0..469";
    assert_eq!(fault_of(&"a{1000}".repeat(65)), None);
    assert_eq!(fault_of(&("a{1000}".repeat(66) + "(a{9})?")).as_deref(), Some(message));
    assert!(fault_of(&".{1000}".repeat(500)).is_some());
    assert!(fault_of(&"(xx?){1000}".repeat(300)).is_some());
    assert!(fault_of(&("(".to_owned() + &"(xx?)".repeat(800) + "){1000}")).is_some());
}

#[test]
fn time_is_linear() {
    let a = "a".repeat(50_000);
    let x = "x".repeat(50_000);
    let words = "a-".repeat(25_000) + "aéa";
    for (pattern, text) in [
        ("(a*)*b", &a),
        ("(a|aa)+$b", &a),
        ("(x+x+)+y", &x),
        ("(.*){1,32}[bc]", &a),
        ("(.*)(.*)(.*)(.*)(.*)[bc]", &a),
        ("(?:a?){500}a{500}b", &a),
        ("[ab]*a[ab]{900}c", &a),
        (r"\B", &words),
    ] {
        let found = Pattern::parse(pattern).is_ok_and(|regex| regex.is_match(text));
        assert!(!found, "{pattern}");
    }
}

#[test]
fn patterns_are_shared_and_compared_by_their_text() {
    let parsed = ["a+", "a+", "aa*"].map(Pattern::parse);
    assert!(parsed[0] == parsed[1] && parsed[0] != parsed[2]);
    let debug = format!("{:?}", parsed[0].clone());
    assert_eq!(debug, r#"Ok(Pattern("a+"))"#);
    assert!(matches!(&parsed[2], Ok(regex) if regex.as_str() == "aa*"));
}
