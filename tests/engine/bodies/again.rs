//! A text that is read again after an edit is read as if nothing had been read before.

use std::sync::LazyLock;

use cattlegrid::compile::compile;
use cattlegrid::model::Catalog;
use cattlegrid::parse::{self, Again};
use cattlegrid::validate::{said, said_again};

use super::cases;
use super::choices::Choices;
use super::edit::laid_out;

static CATALOGS: LazyLock<[Catalog; 2]> = LazyLock::new(|| {
    let texts = [
        r#"[{"name":"a","inputSchema":{"type":"object","required":["a"],"properties":{
            "a":{"type":"integer"},"b":{"enum":["a",1]},"command":{"type":"string"},"confirm":{"type":"boolean"}}}},
            {"name":"b","inputSchema":{"type":"object","properties":{"a":{"type":"string"}}}},{"name":"run"}]"#,
        r#"{"tools":[{"name":"b"},{"name":"a","description":"Runs it.","inputSchema":{"properties":{"a":{"type":"array"}}}}]}"#,
    ];
    texts.map(|text| parse::catalog(text.as_bytes()).unwrap())
});

/// What people and programs put into a policy, whole and in parts.
const WORDS: [&str; 28] = [
    "x",
    "\"",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "é",
    " ",
    "\n",
    "1",
    "\\",
    "//",
    "\u{feff}",
    "\"b\":{},",
    "\"c\":{\"require\":[{\"conditions\":[{\"path\":\"args.a\",\"op\":\"eq\",\"value\":[1,{\"x\":2}]}]}]},",
    "\"hide\":[\"a\"],",
    "\"all_tools\":{\"deny_if\":[{\"conditions\":[{\"path\":\"args.command\",\"op\":\"eq\",\"value\":1}]}]},",
    "\"run\":{\"deny_if\":[{\"conditions\":[{\"path\":\"args.b\",\"op\":\"in\",\"value\":[\"a\",2]}]},{\"conditions\":[]}]},",
    "\"action\":\"deny\",",
    "\"limits\":[{\"counter\":\"n\",\"window\":\"day\",\"max\":9,\"increment_from\":\"args.a\"}],",
    "\"preconditions\":[{\"tool\":\"a\",\"counter\":\"calls\",\"op\":\"gt\",\"value\":1}],",
    "\"require\":[{\"conditions\":[{\"path\":\"args.confirm\",\"op\":\"eq\",\"value\":true}]}],",
    "args.b",
    "deny",
    "{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{",
    "1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 ",
];

/// Edits a policy some times. How many times it was one afterwards.
pub fn check(bytes: &[u8]) -> usize {
    let mut choices = Choices::new(bytes);
    let c = &mut choices;
    let mut again = Again::default();
    let policy = cases::policy(c);
    let mut text = laid_out(c, &policy);
    let mut before = text.clone();
    let mut catalog = None;
    let mut held = None;
    let mut policies = 0;
    for _ in 0..=c.below(12) {
        if c.once_in(6) {
            catalog = [None, Some(&CATALOGS[0]), Some(&CATALOGS[1])][c.below(3)];
            again.forget_said();
        }
        again.read(text.clone().into_bytes());
        let read = parse::parse(text.as_bytes());
        assert_eq!(format!("{:?}", again.parsed()), format!("{read:?}"), "{text}");
        // Not each text is looked at, as not each is in the builder.
        if !c.once_in(4) {
            let known = format!("{:?}", said_again(&mut again, catalog));
            assert_eq!(known, format!("{:?}", said(&read, catalog)), "{text}");
        }
        // Who decides with it has parts of it too.
        held = again.parsed().policy.as_ref().map(compile).filter(|_| c.once_in(3));
        policies += usize::from(read.policy.is_some());
        text = if c.once_in(3) {
            // As undo does.
            std::mem::replace(&mut before, text)
        } else {
            before.clone_from(&text);
            edited(c, &text)
        };
    }
    drop(held);
    policies
}

/// The text with something else in some place of it.
fn edited(c: &mut Choices<'_>, text: &str) -> String {
    let place = |c: &mut Choices<'_>| {
        let at = (c.below(256) * 256 + c.below(256)) % (text.len() + 1);
        (at..=text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(0)
    };
    // Where something begins, most of the time: there it may be what is wanted there.
    let mut from = place(c);
    if !c.once_in(4) {
        from = text[from..].find(['"', '{', ',']).map_or(from, |at| from + at);
    }
    let to = match c.below(4) {
        0 => from,
        1 => (from + 1..=text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(from),
        2 => from + text[from..].find([',', '}']).unwrap_or(0),
        _ => place(c).max(from),
    };
    let word = if c.once_in(3) { "" } else { c.of(&WORDS) };
    format!("{}{word}{}", &text[..from], &text[to..])
}
