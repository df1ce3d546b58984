//! A description, read for what it says that the tool does. It is read in sentences: who does what,
//! and not what must be done first, what is given back, or what does not happen.

use crate::words::{Class, Entry, Nouns, Verb, entry, phrase};

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
    /// Where it names a language in which one can only ask.
    pub(super) reading: Option<&'t str>,
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
pub(super) struct Token<'t> {
    pub(super) text: &'t str,
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) known: Entry,
    /// A comma or slash stands before it.
    pub(super) comma: bool,
    /// A slash stands before it, or an ampersand.
    pub(super) slash: bool,
    /// A name of something: `list_users`, `JavaScript`, or what stands in backquotes.
    pub(super) name: bool,
    /// A name that can be nothing else.
    pub(super) exact: bool,
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

pub(super) struct Reader<'t, 'o> {
    text: &'t str,
    /// Within a part that is not about what the tool does.
    aside: bool,
    /// So many sentences about what the tool does are read.
    pub(super) sentences: usize,
    tokens: Vec<Token<'t>>,
    pub(super) out: &'o mut Text<'t>,
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

    /// The text from this word on, of so many words.
    pub(super) fn phrase(&self, tokens: &[Token<'t>], at: usize, words: usize) -> &'t str {
        let Some(first) = tokens.get(at) else { return "" };
        let last = tokens.get(at..).and_then(|rest| rest.iter().take(words).next_back());
        self.text.get(first.from..last.map_or(first.to, |last| last.to)).unwrap_or_default()
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

/// Whether a word is one of these.
pub(super) fn is(word: &str, list: &[&str]) -> bool {
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
