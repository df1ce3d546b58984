//! What in a new or changed definition looks like an attack.
//!
//! Most attacks by definitions are texts that a model takes for its task, so texts are read for whom
//! they speak to. Of a changed tool only what was not there before is told. Nothing found proves
//! nothing: whoever writes the text knows of this list too.

use std::collections::BTreeSet;

use super::hidden::{Hidden, emptiness, find, plain, visible};
use super::phrase;
use super::review::Part;
use super::schema::{Step, arguments, is_free_text, shown};
use super::{Lock, Pin};
use crate::classify::{Category, Classified, Place, Says, Trait};
use crate::json::{Value, mistakable};
use crate::order::sort_by_key;
use crate::words::split;

/// How much a sign says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// An honest server has hardly a reason for it.
    Alarm,
    /// Honest servers do it too; whoever reviews the change looks at it first.
    Caution,
}

impl Weight {
    /// `alarm` or `caution`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Weight::Alarm => "alarm",
            Weight::Caution => "caution",
        }
    }
}

/// What a sign is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SignKind {
    /// A text that speaks to a model and not of the tool.
    Instructions,
    /// Characters that a model reads and a person does not see.
    HiddenCharacters,
    /// So much white space that what follows is out of sight.
    WhiteSpace,
    /// A name that could be mistaken for that of a pinned tool.
    LookAlike,
    /// A text about when or how another tool is called.
    OtherTool,
    /// An annotation that says less harm than before.
    SoftenedHint,
    /// A new argument that takes any text.
    FreeText,
    /// A new argument that says which address is reached.
    AddressArgument,
    /// A new address in a text.
    Address,
    /// It can do more harm than before.
    Worse,
}

impl SignKind {
    /// Its name in data: `hidden_characters`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            SignKind::Instructions => "instructions",
            SignKind::HiddenCharacters => "hidden_characters",
            SignKind::WhiteSpace => "white_space",
            SignKind::LookAlike => "look_alike",
            SignKind::OtherTool => "other_tool",
            SignKind::SoftenedHint => "softened_hint",
            SignKind::FreeText => "free_text_argument",
            SignKind::AddressArgument => "address_argument",
            SignKind::Address => "address",
            SignKind::Worse => "worse",
        }
    }
}

/// A sign of an attack, and where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sign {
    /// How much it says.
    pub weight: Weight,
    /// What it is.
    pub kind: SignKind,
    /// Where.
    pub part: Part,
    /// In which argument or annotation.
    pub of: Option<String>,
    /// The words, made [`visible`] and cut.
    pub words: String,
    /// What they do, as a clause.
    pub says: String,
}

/// A tool as it is seen beside what is pinned.
pub(super) struct Seen<'a> {
    pub(super) name: &'a str,
    pub(super) before: Option<(&'a Pin, Option<&'a Classified>)>,
    pub(super) now: (&'a Pin, Option<&'a Classified>),
    /// The names of all tools, pinned and new.
    pub(super) names: &'a [&'a str],
    pub(super) pinned: &'a Lock,
}

/// A text in a definition.
struct Text<'a> {
    part: Part,
    of: Option<String>,
    text: &'a str,
}

/// The signs of a new or changed tool, alarms first.
pub(super) fn signs(seen: &Seen<'_>) -> Vec<Sign> {
    let (now, can) = seen.now;
    let mut out = in_texts(now, seen, seen.before.is_some());
    match seen.before {
        None => look_alike(seen, &mut out),
        Some((was, could)) => {
            let known = in_texts(was, seen, true);
            let is_known = |sign: &Sign| {
                known.iter().any(|old| old.kind == sign.kind && old.words == sign.words)
            };
            out.retain(|sign| !is_known(sign));
            new_arguments(was, now, &mut out);
            if let (Some(could), Some(can)) = (could, can) {
                grown(could, can, &mut out);
                softened(was, now, could, can, &mut out);
            }
        }
    }
    sort_by_key(&mut out, |sign| (sign.weight, sign.kind));
    out.dedup();
    out
}

/// So many characters of the words are shown.
const SHOWN: usize = 120;

fn sign(
    weight: Weight,
    kind: SignKind,
    text: (Part, Option<String>),
    words: &str,
    says: &str,
) -> Sign {
    let whole = visible(words);
    let mut words: String = whole.chars().take(SHOWN).collect();
    if words.len() < whole.len() {
        words.push('…');
    }
    let (part, of) = text;
    Sign { weight, kind, part, of, words, says: says.to_owned() }
}

/// The signs in the texts of one definition.
fn in_texts(pin: &Pin, seen: &Seen<'_>, changed: bool) -> Vec<Sign> {
    use SignKind::{HiddenCharacters, Instructions, WhiteSpace};
    use Weight::Alarm;
    let mut out = Vec::new();
    for text in texts(pin) {
        let place = || (text.part, text.of.clone());
        let hidden = find(text.text);
        let kinds = [
            Hidden::Invisible,
            Hidden::Direction,
            Hidden::Spelling,
            Hidden::Private,
            Hidden::Control,
        ];
        for kind in kinds {
            let of_kind: Vec<char> =
                hidden.iter().filter(|(_, other)| *other == kind).map(|(c, _)| *c).collect();
            if !of_kind.is_empty() {
                let mut points: Vec<String> =
                    of_kind.iter().map(|c| format!("U+{:04X}", u32::from(*c))).collect();
                points.dedup();
                let shown = points.into_iter().take(8).collect::<Vec<_>>().join(" ");
                let words = format!("{} × {shown}", of_kind.len());
                out.push(sign(Alarm, HiddenCharacters, place(), &words, kind.meaning()));
            }
        }
        let (blanks, lines) = emptiness(text.text);
        let many = [(blanks, MANY_BLANKS, "blanks"), (lines, MANY_LINES, "line ends")];
        let many: Vec<String> = many
            .iter()
            .filter(|(count, least, _)| count >= least)
            .map(|(count, _, what)| format!("{count} {what} in a row"))
            .collect();
        if !many.is_empty() {
            let words = many.join(", ");
            out.push(sign(Alarm, WhiteSpace, place(), &words, "puts what follows out of sight"));
        }
        let plain = plain(text.text);
        for phrase in phrase::find(&plain) {
            out.push(sign(Alarm, Instructions, place(), &phrase.words, phrase.aim.meaning()));
        }
        other_tools(&text, &plain, seen, changed, &mut out);
        if changed {
            for address in addresses(&plain) {
                let says = "names an address that was not there before";
                out.push(sign(Weight::Caution, SignKind::Address, place(), &address, says));
            }
        }
    }
    out
}

/// From so many blanks in a row on a text is pushed aside.
const MANY_BLANKS: usize = 100;
/// From so many line ends in a row on a text is pushed down.
const MANY_LINES: usize = 12;

/// All texts in a definition, the names of arguments among them.
fn texts(pin: &Pin) -> Vec<Text<'_>> {
    let mut out = Vec::new();
    for (key, part) in [
        ("name", Part::Name),
        ("title", Part::Title),
        ("description", Part::Description),
        ("inputSchema", Part::Argument),
        ("outputSchema", Part::Result),
        ("annotations", Part::Annotation),
    ] {
        if let Some(value) = pin.member(key) {
            collect(part, value, &mut Vec::new(), &mut out);
        }
    }
    out
}

/// So many steps are told of a place.
const DEEPEST: usize = 24;

fn collect<'a>(part: Part, value: &'a Value, path: &mut Vec<Step>, out: &mut Vec<Text<'a>>) {
    let of = |path: &[Step]| {
        Some(shown(path)).filter(|path| !path.is_empty()).map(|path| visible(&path))
    };
    match value {
        Value::String(text) => out.push(Text { part, of: of(path), text }),
        Value::List(items) => {
            for item in items {
                collect(part, &item.value, path, out);
            }
        }
        Value::Object(object) => {
            for member in object.members() {
                let (key, value) = (&*member.key, &member.node.value);
                let schema = matches!(part, Part::Argument | Part::Result);
                let step = match (key, value) {
                    ("properties", Value::Object(properties)) if schema => {
                        for property in properties.members() {
                            path.push(Step::Property(property.key.to_string()));
                            out.push(Text { part, of: of(path), text: &property.key });
                            collect(part, &property.node.value, path, out);
                            path.pop();
                        }
                        continue;
                    }
                    ("items", _) if schema => Some(Step::Element),
                    _ if part == Part::Annotation => Some(Step::Property(key.to_owned())),
                    _ => None,
                };
                out.push(Text { part, of: of(path), text: key });
                let steps = path.len();
                path.extend(step.filter(|_| steps < DEEPEST));
                collect(part, value, path, out);
                path.truncate(steps);
            }
        }
        _ => {}
    }
}

/// Sentences about other tools. Honest servers have them; of a tool that was changed, or with somewhere
/// else to send things to, they are told.
fn other_tools(text: &Text<'_>, plain: &str, seen: &Seen<'_>, changed: bool, out: &mut Vec<Sign>) {
    const ORDERS: [&str; 10] = [
        "must", "always", "never", "instead", "whenever", "every", "should", "dont", "not", "also",
    ];
    const TURNS: [&str; 9] = [
        "redirect",
        "bcc",
        "intercept",
        "rewrite",
        "replace",
        "recipient",
        "recipients",
        "forward",
        "override",
    ];
    for sentence in plain.split(['\n', '!', '?', ';']).flat_map(|line| line.split(". ")) {
        let mut tokens = sentence.split(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-')));
        let is_other = |token: &str| {
            token.len() > 3
                && token != seen.name
                && token.chars().any(|c| matches!(c, '_' | '-') || c.is_uppercase())
                && seen.names.binary_search(&token).is_ok()
        };
        let Some(other) = tokens.find(|token| is_other(token)) else { continue };
        let lower = sentence.to_lowercase();
        let words = phrase::words(&lower);
        let has = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
        let orders = has(&ORDERS);
        let turned = orders && (has(&TURNS) || !addresses(sentence).is_empty());
        let weight = if turned { Weight::Alarm } else { Weight::Caution };
        if turned || changed && orders {
            let place = (text.part, text.of.clone());
            let says = format!("says when or how `{}` is to be called", visible(other));
            out.push(sign(weight, SignKind::OtherTool, place, sentence.trim(), &says));
        }
    }
}

/// Hosts of URLs, addresses of mail and numbers of phones in a text.
fn addresses(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (at, _) in text.match_indices("://") {
        let rest = text.get(at.saturating_add(3)..).unwrap_or_default();
        let end =
            rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '@')));
        let host = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
        let host = host.trim_end_matches(['.', ':']);
        if !host.is_empty() {
            found.insert(host.to_lowercase());
        }
    }
    let blank = |c: char| {
        c.is_whitespace() || matches!(c, '<' | '>' | '(' | ')' | '"' | '\'' | ',' | ';' | '`')
    };
    for word in text.split(blank) {
        let word = word.trim_matches(['.', ':', '[', ']']);
        if let Some((name, host)) = word.split_once('@')
            && !name.is_empty()
            && !word.contains("://")
            && host.split('.').count() > 1
            && host.split('.').all(|label| {
                !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-')
            })
        {
            found.insert(word.to_lowercase());
        }
        let digits = word.strip_prefix('+').unwrap_or_default();
        if digits.len() >= 9 && digits.bytes().all(|b| b.is_ascii_digit() || b == b'-') {
            found.insert(word.to_owned());
        }
    }
    found
}

/// A new tool by a name that is nearly another's.
fn look_alike(seen: &Seen<'_>, out: &mut Vec<Sign>) {
    let pinned: Vec<&str> = seen.pinned.tools.keys().map(String::as_str).collect();
    // What looks like a letter of Latin and is one of Cyrillic or Greek.
    let latin: String = seen.name.chars().map(as_latin).collect();
    let same = (latin != seen.name).then(|| pinned.iter().find(|name| **name == latin)).flatten();
    let alike = same.copied();
    // Among thousands of tools whoever reviews has other worries.
    const MOST: usize = 5_000;
    let pinned = pinned.get(..pinned.len().min(MOST)).unwrap_or_default();
    // The names of one server may be told apart by a sign; a new one that is not, hardly.
    if let Some(alike) = alike.or_else(|| {
        pinned
            .iter()
            .copied()
            .find(|known| mistakable(&latin, std::slice::from_ref(known)).is_some())
    }) {
        let says = format!("could be mistaken for the pinned `{}`", visible(alike));
        out.push(sign(Weight::Alarm, SignKind::LookAlike, (Part::Name, None), seen.name, &says));
    }
}

fn as_latin(c: char) -> char {
    match c {
        'а' | 'α' => 'a',
        'е' | 'ε' => 'e',
        'о' | 'ο' => 'o',
        'р' | 'ρ' => 'p',
        'с' => 'c',
        'у' => 'y',
        'х' => 'x',
        'і' | 'ι' => 'i',
        'ѕ' => 's',
        'ԁ' => 'd',
        'ո' => 'n',
        'ν' => 'v',
        'к' | 'κ' => 'k',
        'т' | 'τ' => 't',
        c => c,
    }
}

/// Names of arguments that carry what the agent knows, and not what the tool needs.
const SIDE: [&str; 16] = [
    "sidenote",
    "context",
    "conversation",
    "history",
    "reasoning",
    "thought",
    "thoughts",
    "note",
    "notes",
    "memo",
    "transcript",
    "summary",
    "background",
    "metadata",
    "feedback",
    "extra",
];

/// What such an argument asks for, if it is an attack.
const CARRIED: [&str; 14] = [
    "conversation",
    "chat",
    "history",
    "messages",
    "secret",
    "secrets",
    "credentials",
    "password",
    "passwords",
    "environment",
    "prompt",
    "everything",
    "reasoning",
    "contents",
];

fn new_arguments(was: &Pin, now: &Pin, out: &mut Vec<Sign>) {
    let (old, new) = (arguments(was.member("inputSchema")), arguments(now.member("inputSchema")));
    for (path, facets) in &new {
        if !is_free_text(facets) || path.is_empty() || old.get(path).is_some_and(is_free_text) {
            continue;
        }
        // A list is told by its elements.
        if facets.get("=type").is_some_and(|kind| kind.json.contains("array")) {
            continue;
        }
        let called = shown(path);
        let last = path.iter().rev().find_map(|step| match step {
            Step::Property(name) => Some(name.as_str()),
            Step::Element => None,
        });
        let parts = split(last.unwrap_or_default());
        let has = |list: &[&str], words: &[String]| {
            words.iter().any(|word| list.contains(&word.as_str()))
        };
        let about =
            facets.get("=description").and_then(|facet| facet.text.as_deref()).unwrap_or_default();
        let about = phrase::words(&about.to_lowercase());
        let side = has(&SIDE, &parts);
        let sidenote = parts.concat() == "sidenote";
        let carries = side && has(&CARRIED, &about) || sidenote;
        let (weight, says) = if carries {
            (Weight::Alarm, "a new argument that carries out what the agent knows")
        } else if old.contains_key(path) {
            (Weight::Caution, "an argument that takes any text now")
        } else {
            (Weight::Caution, "a new argument that takes any text")
        };
        let place = (Part::Argument, Some(visible(&called)));
        out.push(sign(weight, SignKind::FreeText, place, &called, says));
    }
}

/// What a tool can do that it could not.
fn grown(could: &Classified, can: &Classified, out: &mut Vec<Sign>) {
    let caution = |part, words: &str, says: &str| {
        sign(Weight::Caution, SignKind::Worse, (part, None), words, says)
    };
    let is_new = |evidence: &&crate::classify::Evidence| {
        evidence.says == Says::Trait(Trait::Address)
            && could
                .evidence
                .iter()
                .all(|old| old.place != evidence.place || old.says != evidence.says)
    };
    for evidence in can.evidence.iter().filter(is_new) {
        if let Place::Argument(name) = &evidence.place {
            let place = (Part::Argument, Some(visible(name)));
            let says = "a new argument that says which address is reached";
            out.push(sign(Weight::Caution, SignKind::AddressArgument, place, name, says));
        }
    }
    if can.category > could.category {
        let words = format!("{} → {}", could.category.as_str(), can.category.as_str());
        out.push(caution(Part::Description, &words, "its category is worse than it was"));
    } else if can.risk > could.risk {
        let words = format!("{} → {}", could.risk.as_str(), can.risk.as_str());
        out.push(caution(Part::Description, &words, "its risk is higher than it was"));
    }
    for one in can.traits.iter().filter(|one| !could.has(**one) && **one != Trait::Address) {
        out.push(caution(Part::Description, one.as_str(), one.meaning()));
    }
}

/// Annotations that promise more than they did.
fn softened(was: &Pin, now: &Pin, could: &Classified, can: &Classified, out: &mut Vec<Sign>) {
    let hint = |pin: &Pin, key: &str| {
        let notes = pin.member("annotations").and_then(Value::as_object);
        notes.and_then(|notes| notes.get(key)?.value.as_bool())
    };
    // What is true where nothing is said, and what promises less harm.
    for (key, usual, mild) in [
        ("readOnlyHint", false, true),
        ("destructiveHint", true, false),
        ("openWorldHint", true, false),
        ("idempotentHint", false, true),
    ] {
        let (before, after) = (hint(was, key), hint(now, key));
        let turned = before.unwrap_or(usual) != mild && after == Some(mild);
        let dropped = before == Some(!mild) && after.is_none();
        if !turned && !dropped {
            continue;
        }
        let written =
            |hint: Option<bool>| hint.map_or("nothing", |hint| if hint { "true" } else { "false" });
        let words = format!("{} → {}", written(before), written(after));
        // What it says now is against what else it says.
        let lies = turned
            && match key {
                "readOnlyHint" => can.category > Category::Read && can.category > could.category,
                "destructiveHint" => can.category >= Category::Destructive,
                _ => false,
            };
        let weight = if lies { Weight::Alarm } else { Weight::Caution };
        let place = (Part::Annotation, Some(key.to_owned()));
        let says = if lies {
            "promises less harm than before, against what the definition says"
        } else {
            "promises less harm than before"
        };
        out.push(sign(weight, SignKind::SoftenedHint, place, &words, says));
    }
}
