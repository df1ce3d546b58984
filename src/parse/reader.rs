//! Reading objects with known keys, and complaining about the rest.

use crate::diagnostic::{Code, Diagnostic, Saying, fill, is_slip, name, names, nearest};
use crate::json::{Fault, FaultKind, MAX_FAULTS, Member, Node, Number, Object, Value, quote};
use crate::model::{Path, PathFault, Pattern, PatternFault};
use crate::order::sort_by_key;
use crate::source::Span;

use super::faults::{is_one, wrap};
use super::place::{pointer_at, whole};

/// So many diagnostics are kept; a document with more is not a policy at all.
const MAX_DIAGNOSTICS: usize = 1000;

/// The type that a key's value must have.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    List,
    Object,
    /// Whoever reads the value looks at its type.
    Any,
}

impl Kind {
    fn as_str(self) -> &'static str {
        match self {
            Kind::Text => "a string",
            Kind::List => "a list",
            Kind::Object => "an object",
            Kind::Any => "a value",
        }
    }

    fn fits(self, value: &Value) -> bool {
        match self {
            Kind::Text => matches!(value, Value::String(_)),
            Kind::List => matches!(value, Value::List(_)),
            Kind::Object => matches!(value, Value::Object(_)),
            Kind::Any => true,
        }
    }
}

/// A key that an object of the language may have.
#[derive(Clone, Copy)]
pub(crate) struct Key {
    name: &'static str,
    kind: Kind,
    required: bool,
    /// What a fix puts there when it is missing, as JSON text.
    usual: Option<&'static str>,
}

impl Key {
    pub(crate) const fn new(name: &'static str, kind: Kind) -> Key {
        Key { name, kind, required: false, usual: None }
    }

    pub(super) fn name(&self) -> &'static str {
        self.name
    }

    pub(crate) const fn required(self) -> Key {
        Key { required: true, ..self }
    }

    pub(super) const fn usually(self, json: &'static str) -> Key {
        Key { usual: Some(json), ..self }
    }
}

/// The value of a known key.
#[derive(Clone)]
pub(crate) struct Field<'d> {
    pub(crate) key_span: Span,
    pub(crate) node: &'d Node,
}

/// What an object has of the keys that it may have, each of the right type.
pub(crate) struct Fields<'d> {
    keys: &'static [Key],
    /// In the order of the keys.
    found: [Option<Field<'d>>; MOST_KEYS],
}

/// No object of the language has more keys. A list of those that there are, asked for and given back for each
/// object, was a fifth of what is asked for to read a policy.
const MOST_KEYS: usize = 16;

impl<'d> Fields<'d> {
    // Many ask: in WebAssembly it is not written out for each.
    #[cfg_attr(target_family = "wasm", inline(never))]
    pub(crate) fn get(&self, key: &str) -> Option<&Field<'d>> {
        let at = self.keys.iter().position(|known| known.name == key)?;
        self.found.get(at)?.as_ref()
    }

    /// The text under a key of `Kind::Text`.
    pub(crate) fn text(&self, key: &str) -> Option<&'d str> {
        self.get(key)?.node.value.as_str()
    }

    /// The elements under a key of `Kind::List`.
    pub(crate) fn items(&self, key: &str) -> &'d [Node] {
        self.get(key).and_then(|field| field.node.value.as_list()).unwrap_or_default()
    }
}

/// Which keys of an object are there, a bit for each.
#[derive(Clone, Copy)]
struct Present(u32);

impl Present {
    fn and(self, at: usize) -> Present {
        Present(self.0 | 1u32.wrapping_shl(at as u32))
    }

    fn has(self, at: usize) -> bool {
        self.and(at).0 == self.0
    }
}

/// Words of the language that may stand in one place.
pub(crate) struct Words<'w, T> {
    pub(crate) code: Code,
    /// What kind of word it is.
    pub(crate) what: &'static str,
    pub(crate) known: &'w [(&'static str, T)],
    /// What people write for them, in lower case.
    pub(crate) synonyms: &'w [(&'static str, &'static str)],
    /// Advice for who wrote something else.
    pub(crate) help: &'static str,
}

impl<T> Words<'_, T> {
    /// What is to be said of a word that is none of these.
    pub(super) fn unknown<'d>(&self, said: Saying<'d>, written: &str, span: Span) -> Saying<'d> {
        let said = said.message(fill("unknown {} {}", &[self.what, &name(written)]));
        match self.meant(written) {
            Some(meant) => said
                .help(fill("did you mean `{}`?", &[meant]))
                .replace(fill("replace by `{}`", &[meant]), span, meant)
                .safe_if(self.is_certain(written, meant)),
            None => said.help(self.help),
        }
    }

    /// The word that was likely meant.
    fn meant(&self, written: &str) -> Option<&'static str> {
        let folded = written.trim().to_ascii_lowercase();
        let synonym = |text: &str| {
            self.synonyms.iter().find(|(synonym, _)| *synonym == text).map(|(_, word)| *word)
        };
        // A short synonym is near to everything.
        let long = self.synonyms.iter().map(|(synonym, _)| *synonym).filter(|s| s.len() > 3);
        synonym(&folded)
            .or_else(|| nearest(written, self.known.iter().map(|(word, _)| *word)))
            .or_else(|| nearest(written, long).and_then(synonym))
            // `not_contains` is far from `contains`, however near it is.
            .filter(|meant| is_negated(&folded) == is_negated(meant))
    }

    /// Whether what was likely meant was meant beyond doubt. A guess never allows.
    fn is_certain(&self, written: &str, meant: &str) -> bool {
        let folded = written.trim().to_ascii_lowercase();
        let same_meaning = || {
            !GUESSES.contains(&folded.as_str())
                && self.synonyms.iter().any(|(synonym, _)| *synonym == folded)
        };
        folded == meant || meant != "allow" && (is_slip(written, meant) || same_meaning())
    }
}

/// Collects what is wrong while a document is read.
pub(crate) struct Reader<'t> {
    pub(super) text: &'t str,
    faults: &'t [Fault],
    diagnostics: Vec<Diagnostic>,
    /// How many more there are.
    omitted: usize,
    /// Some of the patterns that were read, in the order of their texts.
    patterns: Vec<Pattern>,
    /// Some of the paths that were read, likewise.
    paths: Vec<Path>,
}

/// So many patterns are remembered, and so many paths: many tools ask for the same few.
const MAX_REMEMBERED: usize = 256;

impl<'t> Reader<'t> {
    pub(crate) fn new(text: &'t str, faults: &'t [Fault]) -> Reader<'t> {
        let (patterns, paths) = (Vec::new(), Vec::new());
        Reader { text, faults, diagnostics: Vec::new(), omitted: 0, patterns, paths }
    }

    /// What was reported, and how much more was. What each is about follows from its place: a pointer
    /// for every value that is read would be half the work of reading a policy.
    pub(crate) fn finish(self, root: &Node) -> (Vec<Diagnostic>, usize) {
        let mut diagnostics = self.diagnostics;
        for diagnostic in &mut diagnostics {
            diagnostic.pointer = pointer_at(root, diagnostic.span, whole);
        }
        (diagnostics, self.omitted)
    }

    /// What was reported, for those who do nothing but list it: if there is more, the last one says so.
    pub(crate) fn finish_list(self, root: &Node) -> Vec<Diagnostic> {
        let (mut list, omitted) = self.finish(root);
        if omitted > 0 {
            let end = Span { start: root.span.end, end: root.span.end };
            list.push(fault(Code::TooManyFaults, end).say(|said| {
                let faults = if omitted == 1 { "fault is" } else { "faults are" };
                said.message(fill("{} more {} not listed", &[&omitted.to_string(), faults]))
                    .help("mend those that are and look again")
            }));
        }
        list
    }

    /// A pattern; what is written twice is compiled once.
    pub(super) fn pattern(&mut self, text: &str) -> Result<Pattern, PatternFault> {
        let place = self.patterns.binary_search_by(|known| known.as_str().cmp(text));
        let place = match place.map(|at| self.patterns.get(at).cloned()) {
            Ok(Some(known)) => return Ok(known),
            Ok(None) => self.patterns.len(),
            Err(place) => place,
        };
        let pattern = Pattern::parse(text)?;
        if self.patterns.len() < MAX_REMEMBERED {
            self.patterns.insert(place, pattern.clone());
        }
        Ok(pattern)
    }

    /// A path; what is written twice is kept once, but for WebAssembly, where code must be small.
    pub(super) fn path(&mut self, text: &str) -> Result<Path, PathFault> {
        if cfg!(target_family = "wasm") {
            return Path::parse(text);
        }
        let place = self.paths.binary_search_by(|known| known.as_str().cmp(text));
        let place = match place.map(|at| self.paths.get(at).cloned()) {
            Ok(Some(known)) => return Ok(known),
            Ok(None) => self.paths.len(),
            Err(place) => place,
        };
        let path = Path::parse(text)?;
        if self.paths.len() < MAX_REMEMBERED {
            self.paths.insert(place, path.clone());
        }
        Ok(path)
    }

    /// The places of all that was reported.
    pub(super) fn places(&self) -> impl Iterator<Item = Span> {
        self.diagnostics.iter().map(|diagnostic| diagnostic.span)
    }

    pub(crate) fn report(&mut self, diagnostic: Diagnostic) {
        if self.diagnostics.len() < MAX_DIAGNOSTICS {
            self.diagnostics.push(diagnostic);
        } else {
            self.omitted = self.omitted.saturating_add(1);
        }
    }

    /// Whether the JSON of this place has faults, so that what was read of it is not what is meant.
    pub(super) fn is_damaged(&self, place: Span) -> bool {
        self.faults
            .iter()
            .any(|fault| !loses_nothing(fault, self.text) && within(fault.span, place))
    }

    /// Whether a key may stand in `node` in a part that was not understood.
    fn may_have_lost_a_key(&self, node: &Node, object: &Object) -> bool {
        // With the last fault that is reported, reading ended.
        let ended = self.faults.len() >= MAX_FAULTS;
        ended
            || self.faults.iter().any(|fault| {
                let in_a_member =
                    || object.members().iter().any(|member| within(fault.span, member.node.span));
                within(fault.span, node.span)
                    && !loses_nothing(fault, self.text)
                    && !(loses_one_value(fault) && in_a_member())
            })
    }

    /// The object that `node` must be; `what` names it with its article.
    pub(crate) fn object<'d>(&mut self, node: &'d Node, what: &str) -> Option<&'d Object> {
        let object = node.value.as_object();
        if object.is_none() {
            let diagnostic = fault(Code::WrongType, node.span);
            self.report(diagnostic.say(|said| {
                said.message(fill("{} must be an object, not {}", &[what, node.value.kind()]))
            }));
        }
        object
    }

    /// Looks through the keys of an object and reports those that are unknown, missing, or have a
    /// value of the wrong type. Keys that begin with `x-` are the author's.
    ///
    /// A misspelt key counts as the one that was likely meant, so that its value is read too and
    /// the right one is not missed.
    pub(crate) fn fields<'d>(
        &mut self,
        node: &'d Node,
        object: &'d Object,
        what: &str,
        keys: &'static [Key],
    ) -> Fields<'d> {
        debug_assert!(keys.len() <= MOST_KEYS, "too many keys for {what}");
        let mut fields = Fields { keys, found: [const { None }; MOST_KEYS] };
        let known = |member: &Member| keys.iter().position(|key| key.name == member.key);
        let mut present = Present(0);
        for member in object.members() {
            let mut at = known(member);
            if at.is_none() {
                if member.key.starts_with("x-") || self.is_damaged(member.key_span) {
                    continue;
                }
                let there = object.members().iter().filter_map(known);
                let there = there.fold(present, |present, at| present.and(at));
                at = self.unknown_key(member, what, keys, there);
            }
            let Some((at, key)) = at.and_then(|at| Some((at, keys.get(at)?))) else { continue };
            present = present.and(at);
            let field = Field { key_span: member.key_span, node: &member.node };
            if key.kind.fits(&member.node.value) {
                if let Some(found) = fields.found.get_mut(at) {
                    *found = Some(field);
                }
            } else if key.name == member.key {
                self.wrong_type(key, &field);
            }
        }
        for (at, key) in keys.iter().enumerate() {
            let is_missing = key.required && !present.has(at);
            if is_missing && !self.may_have_lost_a_key(node, object) {
                self.missing_key(key, node, object, what);
            }
        }
        fields
    }

    fn wrong_type(&mut self, key: &Key, field: &Field<'_>) {
        let (value, span) = (&field.node.value, field.node.span);
        let diagnostic = fault(Code::WrongType, span);
        self.report(diagnostic.say(|said| {
            let (wanted, kind) = (key.kind.as_str(), value.kind());
            let said =
                said.message(fill("{} must be {}, not {}", &[&name(key.name), wanted, kind]));
            right_type(said, key, field.node)
        }));
    }

    /// Reports the key, and gives the one that was likely meant, unless that is there already.
    fn unknown_key(
        &mut self,
        member: &Member,
        what: &str,
        keys: &[Key],
        present: Present,
    ) -> Option<usize> {
        let written = &*member.key;
        let span = member.key_span.inner();
        let diagnostic = fault(Code::UnknownKey, span).say(|said| {
            said.message(match written {
                "" => "a key without a name".to_owned(),
                written => fill("unknown key {}", &[&name(written)]),
            })
        });
        let which = |wanted| {
            let keys = keys.iter().enumerate().filter(move |(at, _)| present.has(*at) == wanted);
            keys.map(|(_, key)| key.name)
        };
        let meant = nearest(written, which(false));
        // A word of the language in the wrong place is no misspelling of another.
        let meant = meant.filter(|meant| place_of(written).is_none() || is_slip(written, meant));
        if let Some(meant) = meant {
            self.report(diagnostic.say(|said| {
                said.help(fill("did you mean `{}`?", &[meant]))
                    .replace(fill("rename it to `{}`", &[meant]), span, meant)
                    .safe_if(is_slip(written, meant))
            }));
            return keys.iter().position(|key| key.name == meant);
        }
        self.report(diagnostic.say(|said| {
            said.help(if let Some(there) = nearest(written, which(true)) {
                fill("`{}` is there already", &[there])
            } else if let Some(place) = place_of(written) {
                fill("`{}` belongs in {}", &[written, place])
            } else {
                let all = names(keys.iter().map(|key| key.name), "and");
                fill("{} knows {}; keys for your own use begin with `x-`", &[what, &all])
            })
        }));
        None
    }

    fn missing_key(&mut self, key: &Key, node: &Node, object: &Object, what: &str) {
        let brace = node.span.first();
        let diagnostic = fault(Code::MissingKey, brace);
        self.report(diagnostic.say(|said| {
            let said = said.message(fill("{} needs {}", &[what, &name(key.name)]));
            let Some(usual) = key.usual else { return said };
            let member = fill("\"{}\": {}", &[key.name, usual]);
            // As the first key, laid out as the one that is first now.
            let text = match object.members().first() {
                None => member.clone(),
                Some(first) => {
                    let gap = Span { start: brace.end, end: first.key_span.start }.of(self.text);
                    let (before, behind) = if gap.contains('\n') { (gap, "") } else { ("", " ") };
                    fill("{}{},{}", &[before, &member, behind])
                }
            };
            let span = Span { start: brace.end, end: brace.end };
            // What is usual for `default` lets nothing through.
            said.replace(fill("add `{}`", &[&member]), span, text).safe_if(true)
        }));
    }

    /// The meaning of a word of the language. Reports a word that is none.
    pub(crate) fn word<T: Copy>(&mut self, field: &Field<'_>, words: &Words<'_, T>) -> Option<T> {
        let written = field.node.value.as_str()?;
        if let Some((_, meaning)) = words.known.iter().find(|(word, _)| *word == written) {
            return Some(*meaning);
        }
        if self.is_damaged(field.node.span) {
            return None;
        }
        let span = field.node.span.inner();
        let diagnostic = fault(words.code, span);
        self.report(diagnostic.say(|said| words.unknown(said, written, span)));
        None
    }

    /// The element of a list that must be a string.
    pub(crate) fn string<'d>(&mut self, node: &'d Node, what: &str) -> Option<&'d str> {
        let text = node.value.as_str();
        if text.is_none() {
            let diagnostic = fault(Code::WrongType, node.span);
            self.report(diagnostic.say(|said| {
                said.message(fill("{} must be a string, not {}", &[what, node.value.kind()]))
            }));
        }
        text
    }

    /// Whether a name has something in it. Reports it if not.
    pub(crate) fn is_named(&mut self, written: &str, quoted: Span, what: &str) -> bool {
        let blank = written.trim().is_empty();
        if blank && !self.is_damaged(quoted) {
            // Between empty quotes there is nothing to underline.
            let span = if written.is_empty() { quoted } else { quoted.inner() };
            let diagnostic = fault(Code::BlankName, span);
            self.report(diagnostic.say(|said| said.message(fill("{} is blank", &[what]))));
        }
        !blank
    }
}

/// A diagnostic about the value at a place; [`Reader::finish`] gives it its pointer.
pub(crate) fn fault(code: Code, span: Span) -> Diagnostic {
    Diagnostic::at(code, span, "")
}

/// What to do about a value of the wrong type.
fn right_type<'d>(said: Saying<'d>, key: &Key, node: &Node) -> Saying<'d> {
    let (value, span) = (&node.value, node.span);
    match (key.kind, value) {
        (Kind::List, Value::String(_) | Value::Object(_)) => {
            let fix = wrap("put it in a list", span, "[", "]");
            said.fix(fix).safe_if(is_one(value))
        }
        (Kind::Object, Value::List(items)) if key.name == "tools" => {
            let said = said.help("each tool is a key: `{\"tools\": {\"a\": {}}}`");
            let named = |item: &Node| Some(quote(item.value.as_str()?) + ": {}");
            match items.iter().map(named).collect::<Option<Vec<String>>>() {
                Some(tools) => {
                    said.replace("make each a key", span, ["{", &tools.join(", "), "}"].concat())
                }
                None => said,
            }
        }
        (Kind::Object, Value::List(_)) if key.name == "all_tools" => {
            let fix = wrap("put it under `limits`", span, "{\"limits\": ", "}");
            said.fix(fix)
        }
        (Kind::Text, Value::Number(number)) if key.name == "version" => {
            let one = *number == Number::from(1);
            let said = said.help("the only version is `\"1\"`, in quotes");
            if one { said.replace("put it in quotes", span, "\"1\"").safe_if(true) } else { said }
        }
        (_, Value::Null) => said.help("leave the key out instead"),
        _ => said,
    }
}

/// What people write for a word of the language and for other things too: a pattern that is no
/// regular expression, a user with several tokens, a month.
const GUESSES: [&str; 18] = [
    "agent",
    "connection",
    "everyone",
    "global",
    "has",
    "includes",
    "is",
    "m",
    "match",
    "matches",
    "max",
    "min",
    "monthly",
    "none",
    "present",
    "token",
    "user",
    "ask",
];

/// Whether a word of the language, or what somebody wrote for one, says what must not be.
fn is_negated(word: &str) -> bool {
    let says_not = word.starts_with("not") || word.starts_with("does");
    says_not || matches!(word, "!=" | "<>" | "ne" | "neq" | "nin")
}

/// Where a known key belongs, for those that look for it in the wrong place.
fn place_of(key: &str) -> Option<&'static str> {
    Some(match key {
        "default" | "hide" | "tools" | "all_tools" | "version" => "the policy itself",
        "action" | "reason" | "require_approval_if" | "rate_limit" => {
            "the rules of a tool, under `tools`"
        }
        "require" | "deny_if" | "preconditions" | "limits" => {
            "the rules of a tool, or in `all_tools`"
        }
        "conditions" => "a rule, in `require`, `deny_if` or `require_approval_if`",
        "path" | "op" | "value" => "a condition",
        "counter" | "scope" | "increment_from" | "window" | "max" => "a limit",
        "on_deny" => "a rule, a precondition or a limit",
        _ => return None,
    })
}

/// For each of so many names the number of the first that is the same, if that is not itself.
pub(crate) fn repeated<'n>(
    count: usize,
    name: impl Fn(usize) -> Option<&'n str>,
) -> Vec<Option<usize>> {
    let mut earlier = vec![None; count];
    let mut first: Option<usize> = None;
    let mut order: Vec<usize> = (0..count).collect();
    sort_by_key(&mut order, |at| name(*at));
    for at in order {
        match first {
            Some(first) if name(first) == name(at) => {
                if let Some(earlier) = earlier.get_mut(at) {
                    *earlier = Some(first);
                }
            }
            _ => first = Some(at),
        }
    }
    earlier
}

fn within(inner: Span, outer: Span) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

/// Whether all of the text around the fault was understood as it is meant.
fn loses_nothing(fault: &Fault, text: &str) -> bool {
    match fault.kind {
        FaultKind::ByteOrderMark
        | FaultKind::TrailingComma
        | FaultKind::Comment
        | FaultKind::DuplicateKey(_)
        | FaultKind::TrailingText => true,
        FaultKind::Expected("`:`") => true,
        // A forgotten comma, and not a forgotten end.
        FaultKind::Expected(what) => {
            let more = (fault.span.start as usize) < text.trim_end().len();
            what.starts_with("`,`") && fault.span.start == fault.span.end && more
        }
        _ => false,
    }
}

/// Whether what was not understood is one value at most.
fn loses_one_value(fault: &Fault) -> bool {
    matches!(
        fault.kind,
        FaultKind::ControlCharacter
            | FaultKind::InvalidEscape
            | FaultKind::LoneSurrogate
            | FaultKind::InvalidNumber
            | FaultKind::NumberTooLarge
            | FaultKind::Expected("a value")
    )
}
