//! A description, read for what it says that the tool does. It is read in sentences: who does what,
//! and not what must be done first, what is given back, or what does not happen.

use super::name::STARTS;
use crate::words::{Class, Entry, Form, Nouns, Sense, Verb, entry, phrase};

/// So many bytes of a description are read; a longer one is not judged harmless.
pub const READ: usize = 16 << 10;

/// How a description says something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Weight {
    /// In passing: `operations for deleting`, `is deleted`.
    Passing,
    /// In another sentence: `Also deletes the backups.`
    Also,
    /// In its first sentence.
    Main,
}

/// One thing that a description says that the tool does.
#[derive(Clone, Copy, Debug)]
pub(super) struct Said<'t> {
    pub(super) verb: Verb,
    pub(super) weight: Weight,
    /// In which sentence of what it does; the first is 0.
    pub(super) sentence: usize,
    /// What is done to: the nouns behind the verb.
    pub(super) objects: Nouns,
    /// The verb with some of what follows.
    pub(super) phrase: &'t str,
    /// Of verbs that set something going: that it is a look, as in `run a search`.
    pub(super) looks: bool,
    /// That it is a query, which is a look if nothing but looking is promised.
    pub(super) queries: bool,
    /// Of what happens in passing: that it happens to what the tool is about, as in `which is deleted`.
    pub(super) whole: bool,
}

/// What a description says.
#[derive(Debug, Default)]
pub(super) struct Text<'t> {
    pub(super) said: Vec<Said<'t>>,
    /// Where it says that nothing is changed.
    pub(super) only_reads: Option<&'t str>,
    /// Where it says that it costs.
    pub(super) costs: Option<&'t str>,
    /// Where it says that it cannot be undone.
    pub(super) forever: Option<&'t str>,
    /// What it speaks of at the beginning.
    pub(super) topics: Nouns,
    /// Whether it speaks of money.
    pub(super) money: bool,
    /// Whether it begins with what must be a verb and is not known: `Yanks a version`.
    pub(super) strange: bool,
    /// Whether more follows than was read.
    pub(super) cut: bool,
}

/// A word of a sentence.
#[derive(Clone, Copy)]
struct Token<'t> {
    text: &'t str,
    from: usize,
    to: usize,
    known: Entry,
    /// A comma or slash stands before it.
    comma: bool,
    /// A slash stands before it, or an ampersand.
    slash: bool,
    /// A name of something: `list_users`, `JavaScript`, or what stands in backquotes.
    name: bool,
    /// A name that can be nothing else.
    exact: bool,
}

/// Reads a description.
pub(super) fn read(description: &str) -> Text<'_> {
    let mut end = description.len().min(READ);
    while !description.is_char_boundary(end) {
        end = end.saturating_sub(1);
    }
    let text = description.get(..end).unwrap_or_default();
    let mut out = Text { cut: end < description.len(), ..Text::default() };
    let mut reader = Reader { text, aside: false, sentences: 0, tokens: Vec::new(), out: &mut out };
    reader.read();
    out
}

struct Reader<'t, 'o> {
    text: &'t str,
    /// Within a part that is not about what the tool does.
    aside: bool,
    /// So many sentences about what the tool does are read.
    sentences: usize,
    tokens: Vec<Token<'t>>,
    out: &'o mut Text<'t>,
}

impl<'t> Reader<'t, '_> {
    /// Cuts the text into sentences, and each into words.
    fn read(&mut self) {
        let text = self.text;
        let bytes = text.as_bytes();
        let (mut at, mut comma, mut slash, mut quoted) = (0usize, false, false, false);
        let mut line_begins = true;
        let mut heading_mark = false;
        while let Some(&byte) = bytes.get(at) {
            let next = bytes.get(at.saturating_add(1)).copied();
            let wide = (byte >= 0x80).then(|| text.get(at..)?.chars().next()).flatten();
            if is_letter(byte) || wide.is_some_and(char::is_alphanumeric) {
                let from = at;
                at = word_end(text, at);
                let word = text.get(from..at).unwrap_or_default();
                self.token(word, from, (comma, slash), quoted);
                (comma, slash, line_begins) = (false, false, false);
                continue;
            }
            if let Some(wide) = wide {
                match wide {
                    '—' | '–' | '•' => self.sentence(b'-'),
                    '。' | '！' | '？' | '；' => self.sentence(b'.'),
                    '、' | '，' => comma = true,
                    _ => {}
                }
                at = at.saturating_add(wide.len_utf8());
                continue;
            }
            match byte {
                b'`' => quoted = !quoted,
                b',' => comma = true,
                b'/' | b'&' => slash = true,
                b'#' if line_begins => heading_mark = true,
                b'\n' => {
                    // A line that goes on in lower case is the same sentence.
                    let rest = bytes.get(at.saturating_add(1)..).unwrap_or_default();
                    let rest = rest.iter().position(|byte| !matches!(byte, b' ' | b'\t' | b'\r'));
                    let first = rest.and_then(|gap| {
                        bytes.get(at.saturating_add(1).saturating_add(gap)).copied()
                    });
                    let goes_on = first.is_some_and(|byte| byte.is_ascii_lowercase());
                    if !goes_on || heading_mark {
                        self.sentence(if heading_mark { b'#' } else { b'.' });
                        quoted = false;
                        heading_mark = false;
                        line_begins = true;
                    }
                }
                // The colon of a type or time is none.
                b':' if next.is_none_or(|next| next.is_ascii_whitespace() || next == b'*') => {
                    self.sentence(b':');
                }
                b'.' | b'!' | b'?' | b';' => self.sentence(byte),
                b'(' | b')' => comma = true,
                b'-' if next.is_some_and(|next| next.is_ascii_whitespace())
                    && !self.tokens.is_empty() =>
                {
                    self.sentence(b'-');
                }
                _ => {}
            }
            at = at.saturating_add(1);
        }
        self.sentence(b'.');
    }

    fn token(&mut self, text: &'t str, from: usize, (comma, slash): (bool, bool), quoted: bool) {
        let mut lower = [0u8; 24];
        let known = match lower.get_mut(..text.len()) {
            Some(lower) if text.is_ascii() => {
                lower.copy_from_slice(text.as_bytes());
                lower.make_ascii_lowercase();
                let word = std::str::from_utf8(lower).unwrap_or_default();
                match word {
                    "read-only" | "readonly" | "non-destructive" => entry("readonly"),
                    _ => entry(word),
                }
            }
            _ => Entry::default(),
        };
        let exact = quoted || text.contains('_');
        let name = exact
            || text.bytes().skip(1).any(|byte| byte.is_ascii_uppercase())
                && text.bytes().any(|byte| byte.is_ascii_lowercase());
        let to = from.saturating_add(text.len());
        self.tokens.push(Token { text, from, to, known, comma, slash, name, exact });
    }

    /// A sentence is over; `end` is what ended it.
    fn sentence(&mut self, end: u8) {
        let mut tokens = std::mem::take(&mut self.tokens);
        phrases(&mut tokens);
        if let Some(first) = tokens.first() {
            let heading = end == b'#' || end == b':' && tokens.len() <= 4;
            let class = |wanted| tokens.iter().take(5).any(|token| token.known.class == wanted);
            if heading && class(Class::Heading) {
                self.aside = false;
            } else if heading
                && (first.known.class == Class::AsideHeading
                    || end == b'#' && class(Class::AsideHeading)
                    || class(Class::Use))
            {
                self.aside = true;
            }
            self.notes(&tokens);
            let named = class(Class::Heading) || class(Class::AsideHeading) || class(Class::Use);
            if !self.aside && !(heading && (named || end == b'#')) {
                self.statement(&tokens);
                self.sentences = self.sentences.saturating_add(1);
            }
        }
        self.tokens = tokens;
        self.tokens.clear();
    }

    /// What it says of reading, of cost, and for how long.
    fn notes(&mut self, tokens: &[Token<'t>]) {
        let mut denied = usize::MAX;
        for (at, token) in tokens.iter().enumerate() {
            if token.known.class == Class::Negation || is(token.text, &["free"]) {
                denied = at;
            }
            let is_denied = denied <= at && at.saturating_sub(denied) <= 4;
            let before = at.checked_sub(1).and_then(|at| tokens.get(at));
            let after = tokens.get(at.saturating_add(1));
            let pays = token.known.verb.is_some_and(|verb| verb.sense == Sense::Pay)
                && is(
                    token.text,
                    &["pay", "pays", "buy", "buys", "sell", "sells", "paying", "purchase"],
                )
                || is(token.text, &["stock", "stocks", "shares", "crypto", "brokerage", "trading"]);
            if token.known.nouns.any(Nouns::MONEY) || pays {
                self.out.money = true;
            }
            if token.known.nouns.any(Nouns::COST) && !is_denied && self.out.costs.is_none() {
                let word = token.text.to_ascii_lowercase();
                let beside = |words: &[&str]| {
                    [before, after]
                        .into_iter()
                        .flatten()
                        .any(|token| words.iter().any(|word| token.text.eq_ignore_ascii_case(word)))
                };
                let says = match word.as_str() {
                    "billable" | "incur" | "incurs" | "billed" => true,
                    "charged" => beside(&["be", "are", "is", "get"]),
                    "charges" => beside(&["apply", "may", "additional", "extra"]),
                    "cost" | "costs" => beside(&[
                        "warning",
                        "implications",
                        "additional",
                        "extra",
                        "may",
                        "will",
                        "money",
                        "consumes",
                        "api",
                        "each",
                        "increase",
                    ]),
                    "credits" => beside(&["uses", "consumes", "costs", "api", "spends"]),
                    "paid" => beside(&["feature", "plan", "api", "service"]),
                    _ => false,
                };
                if says {
                    self.out.costs = Some(self.phrase(tokens, at, 4));
                }
            }
            let reads_only = token.known.verb.is_some_and(|verb| verb.sense == Sense::Read)
                && token.text.len() > 7
                && (token.text.eq_ignore_ascii_case("read-only")
                    || token.text.eq_ignore_ascii_case("readonly"));
            if reads_only && !is_denied && self.out.only_reads.is_none() {
                // A mode that others choose is no promise.
                let mode = tokens.iter().skip(at).take(5).any(|token| {
                    ["mode", "default", "unless", "replica", "flag", "user", "if", "properties"]
                        .iter()
                        .any(|word| token.text.eq_ignore_ascii_case(word))
                });
                if !mode {
                    self.out.only_reads = Some(self.phrase(tokens, at, 2));
                }
            }
            // `cannot be undone`, and not `permanently`, needs its negation.
            if token.known.nouns.any(Nouns::FOREVER)
                && self.out.forever.is_none()
                && is(token.text, &["undone"]) == is_denied
            {
                self.out.forever = Some(self.phrase(tokens, at.saturating_sub(1), 2));
            }
        }
    }

    /// The text from this word on, of so many words.
    fn phrase(&self, tokens: &[Token<'t>], at: usize, words: usize) -> &'t str {
        let Some(first) = tokens.get(at) else { return "" };
        let last = tokens.get(at..).and_then(|rest| rest.iter().take(words).next_back());
        self.text.get(first.from..last.map_or(first.to, |last| last.to)).unwrap_or_default()
    }

    /// What a sentence says that the tool does.
    fn statement(&mut self, tokens: &[Token<'t>]) {
        let first = self
            .out
            .said
            .iter()
            .all(|said| said.weight != Weight::Main || said.verb.sense == Sense::Generic);
        if first {
            for token in tokens.iter().take(12) {
                self.out.topics = self.out.topics.and(token.known.nouns);
            }
        }
        if self.sentences == 0 {
            let mut words = tokens.iter().skip_while(|token| token.known.class == Class::Lead);
            let unknown = words.next().is_some_and(|token| {
                let Entry { verb, nouns, class, .. } = token.known;
                verb.is_none() && nouns == Nouns::default() && class == Class::Other
            });
            self.out.strange =
                unknown && words.next().is_some_and(|next| next.known.class == Class::Determiner);
        }
        let Some(at) = begin(tokens, first) else {
            if first && self.out.said.is_empty() {
                // What the tool is, and not what it does: `Weather for a city`.
                self.related(tokens);
            }
            self.passing(tokens);
            return;
        };
        let Some(token) = tokens.get(at) else { return };
        let (Some(verb), Some(form)) = (token.known.verb, token.known.form) else { return };
        let weight = if first { Weight::Main } else { Weight::Also };
        self.say(tokens, at, verb, weight);
        // What is done in the same breath: `Remove and return`, `creates a task and sends it`.
        let mut denied = false;
        // Where a list of nothing but verbs goes on.
        let mut listing = at.saturating_add(1);
        for (place, later) in tokens.iter().enumerate().skip(at.saturating_add(1)) {
            denied = match later.known.class {
                Class::Negation => true,
                _ if later.comma => false,
                _ => denied,
            };
            if matches!(later.known.class, Class::Aside | Class::That | Class::Use) {
                break;
            }
            if later.known.class == Class::And && listing == place {
                listing = place.saturating_add(1);
            }
            let (Some(verb), Some(inflected)) = (later.known.verb, later.known.form) else {
                continue;
            };
            let before = place.checked_sub(1).and_then(|at| tokens.get(at));
            let joined = later.comma
                || later.slash
                || before.is_some_and(|before| {
                    before.known.class == Class::And
                        || before.known.class == Class::Lead
                            && place
                                .checked_sub(2)
                                .and_then(|at| tokens.get(at))
                                .is_some_and(|before| before.known.class == Class::And)
                });
            let follows = tokens.get(place.saturating_add(1));
            let has_object = follows.is_some_and(|next| {
                next.known.class == Class::Determiner
                    || ["it", "them", "this"]
                        .iter()
                        .any(|word| next.text.eq_ignore_ascii_case(word))
            });
            // `Create, drop or list`, or with an object of its own.
            let in_list = listing == place;
            let ends = follows.is_none_or(|next| {
                next.comma || matches!(next.known.class, Class::And | Class::Preposition)
            });
            let sure = in_list || has_object || !verb.noun && form == Form::Third && !ends;
            if !denied && joined && inflected == form && sure && !later.name {
                self.say(tokens, place, verb, weight);
                if in_list {
                    listing = place.saturating_add(1);
                }
            }
        }
        if verb.sense == Sense::Generic {
            self.related(tokens);
        }
        if verb.sense == Sense::Read {
            self.then(tokens, at);
        }
    }

    /// What happens to what is looked at: `Reads a note, which is then deleted`.
    fn then(&mut self, tokens: &[Token<'t>], from: usize) {
        let rest = tokens.iter().enumerate().skip(from.saturating_add(1));
        for (at, token) in rest {
            let Some(verb) = token.known.verb else { continue };
            if token.known.form != Some(Form::Past) || verb.sense != Sense::Delete {
                continue;
            }
            let before = tokens.get(from..at).unwrap_or_default();
            let then = before.last().is_some_and(|last| is(last.text, &["then"]));
            let before = before.get(..before.len().saturating_sub(usize::from(then)));
            let Some([.., joint, is_done]) = before else { continue };
            let joins = matches!(joint.known.class, Class::That | Class::And) && joint.comma
                || then && matches!(joint.known.class, Class::That | Class::And);
            if joins && is(is_done.text, &["is", "are", "gets", "get"]) {
                self.say(tokens, at, verb, Weight::Passing);
                if let Some(said) = self.out.said.last_mut() {
                    said.whole = true;
                }
            }
        }
    }

    /// Adds what is done, with what it is done to.
    fn say(&mut self, tokens: &[Token<'t>], at: usize, verb: Verb, weight: Weight) {
        let mut said = Said {
            verb,
            weight,
            sentence: self.sentences,
            objects: Nouns::default(),
            phrase: self.phrase(tokens, at, 5),
            looks: false,
            queries: false,
            whole: false,
        };
        let light = matches!(verb.sense, Sense::Execute | Sense::Generic);
        let mut nouns = 0u8;
        for token in tokens.iter().skip(at.saturating_add(1)).take(9) {
            let ends = matches!(
                token.known.class,
                Class::Preposition | Class::Aside | Class::That | Class::To | Class::Use
            );
            if ends || token.comma && nouns > 0 {
                break;
            }
            if !matches!(token.known.class, Class::Determiner | Class::And) {
                nouns = nouns.saturating_add(1);
            }
            said.objects = said.objects.and(token.known.nouns);
            // `execute the delete_user operation`: what is named is done.
            if light && token.exact {
                let named = crate::words::split(token.text);
                let named = named.iter().find_map(|word| entry(word).verb);
                let sense = named.map_or(Sense::Generic, |verb| verb.sense);
                said.verb = Verb { sense, noun: false };
                break;
            }
            if let (true, Some(act)) = (light, token.known.verb) {
                let is_act = token.known.form == Some(Form::Act) || act.sense == Sense::Pay;
                // `perform a deletion`, `process a refund`.
                if is_act && matches!(act.sense, Sense::Delete | Sense::Pay) {
                    said.verb = Verb { sense: act.sense, noun: false };
                }
            }
        }
        let mut behind = tokens.iter().skip(at.saturating_add(1)).take(9);
        let word = tokens.get(at).map_or("", |token| token.text);
        // Files are dropped onto a page as they are clicked.
        if is(word, &["drop", "drops"]) && behind.any(|token| is(token.text, &["onto", "into"])) {
            said.verb.sense = Sense::Execute;
        }
        // `Schedules a key for deletion.`
        let starts = STARTS.iter().any(|stem| {
            let end = word.get(stem.len()..).unwrap_or("-");
            word.get(..stem.len()).is_some_and(|start| start.eq_ignore_ascii_case(stem))
                && ["", "s", "es"].contains(&end)
        });
        let ahead = tokens.get(at.saturating_add(1)..).unwrap_or_default();
        let deleted = |pair: &[Token<'_>]| match pair {
            [small, act] => {
                is(small.text, &["for"])
                    && act.known.form == Some(Form::Act)
                    && act.known.verb.is_some_and(|verb| verb.sense == Sense::Delete)
            }
            _ => false,
        };
        if starts && ahead.windows(2).take(9).any(deleted) {
            said.verb = Verb { sense: Sense::Delete, noun: false };
        }
        let makes = is(word, &["generate", "generates", "produce", "produces", "take", "takes"]);
        // A query in a language that can do everything is a look only where that is said.
        let only_looks = || {
            let behind = tokens.iter().skip(at.saturating_add(1)).take(9);
            behind.into_iter().any(|token| is(token.text, &["read-only", "readonly", "select"]))
        };
        // `Runs a GraphQL query or mutation.`
        let mut behind = tokens.iter().skip(at.saturating_add(1)).take(9);
        let changes = behind.any(|token| is(token.text, &["mutation", "mutations"]));
        said.queries = light && said.objects.any(Nouns::QUERY) && !changes;
        said.looks = said.queries && (!said.objects.any(Nouns::CODE) || only_looks())
            || makes && said.objects.any(Nouns::VIEW);
        self.out.said.push(said);
    }

    /// What is done behind a word that says nothing itself: `operations for creating and deleting`.
    fn related(&mut self, tokens: &[Token<'t>]) {
        let mut denied = false;
        for (at, token) in tokens.iter().enumerate() {
            denied |= token.known.class == Class::Negation;
            if matches!(token.known.class, Class::Aside | Class::Use) {
                break;
            }
            let Some(verb) = token.known.verb else { continue };
            let names = match token.known.form {
                Some(Form::Ing | Form::Act) => true,
                Some(Form::Base) => !verb.noun || verb.sense == Sense::Read,
                _ => false,
            };
            if names && !denied && verb.sense != Sense::Generic {
                self.say(tokens, at, verb, Weight::Passing);
            }
        }
    }

    /// What happens by the way: `existing files are deleted`.
    fn passing(&mut self, tokens: &[Token<'t>]) {
        for (at, token) in tokens.iter().enumerate() {
            let Some(verb) = token.known.verb else { continue };
            if token.known.form != Some(Form::Past) || verb.sense != Sense::Delete {
                continue;
            }
            let from = at.saturating_sub(3);
            let before = tokens.get(from..at).unwrap_or_default();
            let is = before.iter().any(|token| {
                ["is", "are", "be", "gets"].iter().any(|word| token.text.eq_ignore_ascii_case(word))
            });
            let aside = tokens
                .iter()
                .take(at)
                .any(|token| matches!(token.known.class, Class::Negation | Class::Aside));
            if is && !aside {
                self.say(tokens, at, verb, Weight::Passing);
            }
        }
    }
}

/// Takes verbs together with their small words, which may stand behind the object: `turns the light off`.
fn phrases(tokens: &mut [Token<'_>]) {
    for at in 0..tokens.len() {
        let (Some(verb), Some(rest)) = (tokens.get(at), tokens.get(at.saturating_add(1)..)) else {
            break;
        };
        let apart = ["turn", "shut", "tear", "power"].iter().any(|stem| {
            verb.text.get(..stem.len()).is_some_and(|start| start.eq_ignore_ascii_case(stem))
        });
        let mut behind = rest.iter().take(if apart { 4 } else { 1 }).take_while(|next| !next.comma);
        let Some((found, form)) = behind.find_map(|next| phrase(verb.text, next.text)) else {
            continue;
        };
        if let Some(verb) = tokens.get_mut(at) {
            verb.known = Entry { verb: Some(found), form: Some(form), ..Entry::default() };
        }
    }
}

/// Where in a sentence stands the verb that says what the tool does.
fn begin(tokens: &[Token<'_>], first: bool) -> Option<usize> {
    let mut at = 0usize;
    let mut led = false;
    while let Some(token) = tokens.get(at) {
        match token.known.class {
            // `Use this tool to delete`: behind `to`, if that comes soon.
            Class::Use => {
                let ahead = tokens.iter().skip(at).take(7);
                let to = ahead.clone().position(|token| token.known.class == Class::To)?;
                // `Use another_tool to delete` is about another.
                let next = tokens.get(at.saturating_add(1)).map_or("", |token| token.text);
                if !is(next, &["this", "it"])
                    || ahead.take(to).any(|token| token.known.class == Class::Aside)
                {
                    return None;
                }
                // That is advice, and the sentence is about what the tool is for.
                at = at.saturating_add(to);
                led = true;
            }
            Class::Lead | Class::To | Class::Determiner
                if is_verb(tokens, at, first, led).is_none() =>
            {
                led |= token.known.class == Class::Lead;
            }
            Class::Negation | Class::Aside | Class::Preposition => return None,
            _ => break,
        }
        at = at.saturating_add(1);
    }
    if let Some(found) = is_verb(tokens, at, first, led) {
        return Some(found);
    }
    // `A tool that deletes`, or `Data Modification Tool which …`.
    let that = tokens.iter().take(8).position(|token| token.known.class == Class::That)?;
    let at = that.saturating_add(1);
    let third = tokens.get(at).is_some_and(|token| token.known.form == Some(Form::Third));
    (led && third).then(|| is_verb(tokens, at, true, true)).flatten()
}

/// The place, if a verb stands there and the sentence is about what the tool does.
fn is_verb(tokens: &[Token<'_>], at: usize, first: bool, led: bool) -> Option<usize> {
    let token = tokens.get(at)?;
    let verb = token.known.verb?;
    if token.name || token.known.class == Class::Use {
        return None;
    }
    let determiner = tokens
        .get(at.saturating_add(1))
        .is_some_and(|next| matches!(next.known.class, Class::Determiner | Class::And));
    match token.known.form? {
        // What others are told to do is in the imperative too: only the first sentence is trusted.
        Form::Base => {
            let noun_before = at.checked_sub(1).and_then(|at| tokens.get(at));
            let is_noun = verb.noun
                && noun_before.is_some_and(|token| token.known.class == Class::Determiner);
            // `Call it once` is advice.
            let advice = tokens
                .get(at.saturating_add(1))
                .is_some_and(|next| is(next.text, &["it", "this", "once", "here"]));
            ((first || led) && !is_noun && !advice).then_some(at)
        }
        Form::Third => {
            (!verb.noun || determiner || led || first && tokens.len() > 3 && !ends_noun(tokens, at))
                .then_some(at)
        }
        _ => None,
    }
}

/// Whether a plural noun stands there: `Comments for a page`.
fn ends_noun(tokens: &[Token<'_>], at: usize) -> bool {
    tokens
        .get(at.saturating_add(1))
        .is_none_or(|next| matches!(next.known.class, Class::Preposition | Class::To | Class::That))
}

/// Whether a word is one of these.
fn is(word: &str, list: &[&str]) -> bool {
    list.iter().any(|one| word.eq_ignore_ascii_case(one))
}

fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Where the word ends that begins here; what joins two letters is within it.
fn word_end(text: &str, from: usize) -> usize {
    let mut chars = text.get(from..).unwrap_or_default().char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let joins = matches!(c, '-' | '\'' | '.')
            && chars.peek().is_some_and(|(_, next)| next.is_alphanumeric());
        if !(c.is_alphanumeric() || c == '_' || joins) {
            return from.saturating_add(at);
        }
    }
    text.len()
}
