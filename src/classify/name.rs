//! A tool's name, read for what it says that the tool does.

use crate::model::{Catalog, Tool};
use crate::order::sort_by;
use crate::words::{Entry, Form, Nouns, Sense, Verb, entry, phrase, split};

/// Verbs that are nouns where they begin a name that ends with a verb.
pub(super) const OBJECTS: [&str; 31] = [
    "bill", "block", "book", "branch", "charge", "comment", "deposit", "design", "draft", "email",
    "index", "invoice", "label", "log", "mail", "message", "model", "note", "order", "queue",
    "record", "release", "report", "request", "review", "score", "stream", "tag", "track", "trade",
    "transfer",
];

/// Verbs that say nothing of what is done, and beside which a noun is one.
const VAGUE: [&str; 6] = ["administer", "control", "handle", "manage", "operate", "process"];

/// Verbs by which what their noun says comes to be done.
pub(super) const STARTS: [&str; 19] = [
    "approve", "begin", "complete", "confirm", "execute", "finalize", "flag", "force", "initiate",
    "mark", "perform", "queue", "request", "run", "schedule", "start", "submit", "trigger",
    "enqueue",
];

/// What a name says.
#[derive(Debug, Default)]
pub(super) struct Name {
    /// Its words.
    pub(super) words: Vec<String>,
    /// The words that say what is done, the first of which is the verb; `list_and_delete` has two.
    pub(super) verbs: Vec<Heard>,
    /// What it is about: its other words.
    pub(super) objects: Nouns,
    /// Whether it is of a request of which it does not say what it does: `http_request`.
    pub(super) requests: bool,
    /// Whether it is of a page or screen.
    pub(super) screen: bool,
    /// The words before it, as those of others that are about the same.
    pub(super) about: String,
}

/// A verb of a name.
#[derive(Clone, Debug)]
pub(super) struct Heard {
    pub(super) word: String,
    pub(super) verb: Verb,
    /// Whether it can be nothing but the verb.
    pub(super) sure: bool,
}

/// So many names begin with a word that says whose they are.
const SHARED: usize = 3;

/// The words that may stand before what a name says: those of the server's name, and those with which
/// several names begin, if they are no verbs.
pub(super) fn server_words(catalog: &Catalog) -> Vec<String> {
    let mut words = split(catalog.server.as_deref().unwrap_or_default());
    words.retain(|word| !matches!(word.as_str(), "mcp" | "server" | "api" | "tool" | "tools"));
    let first = |tool: &Tool| split(&tool.name).into_iter().next();
    let mut firsts: Vec<String> = catalog.tools.iter().filter_map(first).collect();
    sort_by(&mut firsts, Ord::cmp);
    for same in firsts.chunk_by(|a, b| a == b).filter(|same| same.len() >= SHARED) {
        words.extend(same.first().filter(|word| known(word).verb.is_none()).cloned());
    }
    words
}

/// Reads a name. `server` has the words by which a server calls its tools its own.
pub(super) fn read(name: &str, server: &[String]) -> Name {
    let words = split(name);
    let prefix = words.iter().take_while(|word| server.contains(word)).count();
    // A name that is the server's keeps its last word.
    let prefix = prefix.min(words.len().saturating_sub(1));
    let mut known: Vec<Entry> = words.iter().map(|word| known(word)).collect();
    for (at, pair) in words.windows(2).enumerate() {
        if let [first, second] = pair
            && let Some((verb, form @ Form::Base)) = phrase(first, second)
        {
            for (at, found) in [(at, Some(verb)), (at.saturating_add(1), None)] {
                if let Some(known) = known.get_mut(at) {
                    (known.verb, known.form) = (found, found.map(|_| form));
                }
            }
        }
    }
    let verb = |at: usize| known.get(at).and_then(|entry| entry.verb);
    let usable = |at: &usize| verb(*at).is_some_and(|verb| verb.sense != Sense::Generic);
    let plain = |at: &usize| verb(*at).is_some_and(|verb| !verb.noun) && usable(at);
    let all = || prefix..words.len();
    let last = words.len().saturating_sub(1);
    // `email_search`: what begins the name is what is searched.
    let is_object = last > prefix
        && usable(&last)
        && words.get(prefix).is_some_and(|word| OBJECTS.contains(&word.as_str()));
    let begins =
        plain(&prefix) || usable(&prefix) && !is_object && !(last > prefix && plain(&last));
    // `mailing_list_create`: the last of several, where none begins the name.
    let within = || {
        let several = Some(last).filter(|_| plain(&last)).or_else(|| all().find(plain));
        several.or_else(|| usable(&last).then_some(last)).or_else(|| all().find(usable))
    };
    let mut head = if begins { Some(prefix) } else { within() };
    // `process_return` says nothing of what becomes of it.
    let vague = words.get(prefix).is_some_and(|word| VAGUE.contains(&word.as_str()));
    let looks = |verb: Verb| verb.noun && verb.sense == Sense::Read;
    if vague && head.and_then(verb).is_some_and(looks) {
        head = None;
    }
    let mut verbs = Vec::new();
    let mut heard = |at: usize, sure: bool| {
        if let (Some(word), Some(verb)) = (words.get(at), verb(at)) {
            verbs.push(Heard { word: word.clone(), verb, sure });
        }
    };
    if let Some(at) = head {
        heard(at, plain(&at) || at == prefix && at < last);
        for next in all().skip(at.saturating_add(1)) {
            let before = words.get(next.saturating_sub(1)).map(String::as_str);
            let joined = matches!(before, Some("and" | "or" | "then"));
            // `list_delete`: two verbs and no noun. The worse of them counts.
            let list = words.get(at).is_some_and(|word| word == "list") && next == last;
            let both = (at.saturating_add(1) == last || list) && plain(&at) && plain(&next);
            if joined && usable(&next) || both {
                heard(next, true);
            }
        }
    }
    // A guest is checked in, and a book out.
    if let (Some(at), [heard]) = (head, verbs.as_mut_slice())
        && heard.word == "check"
        && words.get(at.saturating_add(1)).is_some_and(|next| next == "in" || next == "out")
    {
        heard.verb.sense = Sense::Write;
    }
    if let Some(heard) = verbs.first_mut() {
        // `schedule_deletion` deletes, and a push by force what others have pushed.
        let deletes = words.iter().zip(&known).skip(1).any(|(_, entry)| {
            entry.form == Some(Form::Act)
                && entry.verb.is_some_and(|verb| verb.sense == Sense::Delete)
        });
        let begun = STARTS.contains(&heard.word.as_str()) && deletes && heard.sure;
        let forced = heard.word == "push" && words.iter().any(|word| word == "force");
        if begun || forced {
            (heard.verb.sense, heard.sure) = (Sense::Delete, true);
        }
    }
    let is_verb = |at: usize| head == Some(at);
    let mut objects = Nouns::default();
    for at in (0..words.len()).filter(|at| !is_verb(*at)) {
        let stop = matches!(
            words.get(at).map(String::as_str),
            Some("for" | "from" | "by" | "with" | "via")
        );
        if stop && at > 0 {
            break;
        }
        objects = objects.and(known.get(at).map(|entry| entry.nouns).unwrap_or_default());
    }
    // Pairs of words that are something else than each.
    for pair in words.windows(2) {
        let [first, second] = pair else { continue };
        let secret = match second.trim_end_matches('s') {
            "key" => matches!(
                first.as_str(),
                "api" | "access" | "private" | "ssh" | "secret" | "signing"
            ),
            "string" => first == "connection",
            _ => false,
        };
        if secret {
            objects = objects.and(Nouns::SECRET);
        }
    }
    // A dialog is handled by pressing one of its buttons.
    if verbs.is_empty()
        && objects.any(Nouns::WIDGET)
        && let Some(word) = words.get(prefix).filter(|word| *word == "handle")
    {
        let verb = Verb { sense: Sense::Execute, noun: false };
        verbs.push(Heard { word: word.clone(), verb, sure: true });
    }
    let requests = words.windows(2).any(|pair| match pair {
        [what, how] => {
            ["api", "http", "https", "url", "web"].contains(&what.as_str())
                && ["call", "patch", "post", "put", "request"].contains(&how.as_str())
        }
        _ => false,
    });
    let screen = words.iter().any(|word| {
        ["browser", "page", "screen", "tab", "viewport", "window"].contains(&word.as_str())
    });
    let about: Vec<&str> = (0..words.len())
        .filter(|at| !is_verb(*at))
        .filter_map(|at| words.get(at))
        .map(|word| word.strip_suffix('s').unwrap_or(word))
        .collect();
    let about = about.join(" ");
    Name { words, verbs, objects, requests, screen, about }
}

/// A word of a name: a verb only as it is.
fn known(word: &str) -> Entry {
    let mut found = entry(word);
    if found.form.is_some_and(|form| !matches!(form, Form::Base | Form::Act)) {
        (found.verb, found.form) = (None, None);
    }
    if found.verb.is_none() && found.nouns == Nouns::default() {
        // `unlabel` takes back, and `recreate` does again.
        for prefix in ["un", "re", "auto", "hard", "soft", "force"] {
            let stem = word.strip_prefix(prefix).filter(|stem| stem.len() > 3);
            let verb = stem.and_then(|stem| entry(stem).verb);
            if let Some(verb) = verb.filter(|verb| prefix == "un" || verb.sense != Sense::Read) {
                let sense = if prefix == "un" { Sense::Write } else { verb.sense };
                found.verb = Some(Verb { sense, noun: true });
                found.form = Some(Form::Base);
                break;
            }
        }
    }
    found
}
