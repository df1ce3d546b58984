//! Limits, and the `rate_limit` that stands for one.

use super::condition::path;
use super::reader::{Field, Fields, Key, Kind, Reader, Words, fault, repeated};
use crate::diagnostic::{Code, Saying, fill, name};
use crate::json::{Node, Number, Value, quote};
use crate::model::{Amount, Limit, Path, Scope, Spanned, Window};
use crate::order::sort_by_key;
use crate::source::Span;

pub(super) const LIMIT: [Key; 6] = [
    Key::new("counter", Kind::Text).required(),
    Key::new("window", Kind::Any).required(),
    Key::new("max", Kind::Any).required(),
    Key::new("scope", Kind::Text),
    Key::new("increment_from", Kind::Text),
    Key::new("on_deny", Kind::Text),
];

pub(super) const RATE_LIMIT: [Key; 2] =
    [Key::new("max", Kind::Any).required(), Key::new("window", Kind::Any).required()];

/// The counter of a `rate_limit`.
const RATE_LIMIT_COUNTER: &str = "rate_limit";

/// Whose limits they are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    Tool,
    AllTools,
}

/// A counter's name, and where it stands without quotes.
struct Counter<'d> {
    name: &'d str,
    span: Span,
}

/// Reads the `limits` of a tool or of all tools, and the `rate_limit` of a tool.
pub(super) fn limits(
    reader: &mut Reader<'_>,
    fields: &Fields<'_>,
    owner: Owner,
) -> (Vec<Limit>, Option<Limit>) {
    let mut counters = Vec::new();
    let items = fields.items("limits").iter();
    let limits = items.filter_map(|node| limit(reader, node, owner, &mut counters)).collect();
    let rate_limit = fields.get("rate_limit").and_then(|field| {
        counters.push(Counter { name: RATE_LIMIT_COUNTER, span: field.key_span.inner() });
        rate_limit(reader, field)
    });
    no_counter_twice(reader, counters);
    (limits, rate_limit)
}

fn no_counter_twice(reader: &mut Reader<'_>, mut counters: Vec<Counter<'_>>) {
    sort_by_key(&mut counters, |counter| counter.span);
    let earlier = repeated(counters.len(), |at| counters.get(at).map(|counter| counter.name));
    for (counter, first) in counters.iter().zip(earlier) {
        let Some(earlier) = first.and_then(|first| counters.get(first)) else { continue };
        let diagnostic = fault(Code::DuplicateCounter, counter.span);
        reader.report(diagnostic.say(|said| {
            said.message(fill("two limits have the counter {}", &[&name(counter.name)]))
                .label(earlier.span, "the other is here")
                .help(match counter.name {
                    RATE_LIMIT_COUNTER => "`rate_limit` counts with a counter of this name",
                    _ => "each limit counts for itself; give this one a counter of its own",
                })
        }));
    }
}

fn limit<'d>(
    reader: &mut Reader<'_>,
    node: &'d Node,
    owner: Owner,
    counters: &mut Vec<Counter<'d>>,
) -> Option<Limit> {
    let object = reader.object(node, "a limit")?;
    let fields = reader.fields(node, object, "a limit", &LIMIT);
    let counter = fields.get("counter").and_then(|field| {
        let (written, span) = (field.node.value.as_str()?, field.node.span);
        if reader.is_named(written, span, "the name of a counter") && !reader.is_damaged(span) {
            counters.push(Counter { name: written, span: span.inner() });
        }
        Some(Spanned { value: written.to_owned(), span })
    });
    let window = fields.get("window").and_then(|field| window(reader, field));
    let scope = match fields.get("scope") {
        None => Some(Scope::Grant),
        Some(field) => scope(reader, field),
    };
    let increment = fields.get("increment_from");
    let increment_from = match increment {
        None => Some(None),
        Some(field) => increment_path(reader, field, owner).map(Some),
    };
    let counts_calls = increment.is_none() || owner == Owner::AllTools;
    let max = fields.get("max").and_then(|field| max(reader, field, counts_calls));
    Some(Limit {
        span: node.span,
        counter: counter?,
        window: window?,
        max: max?,
        scope: scope?,
        increment_from: increment_from?,
        on_deny: fields.text("on_deny").map(str::to_owned),
    })
}

fn scope(reader: &mut Reader<'_>, field: &Field<'_>) -> Option<Scope> {
    let words = Words {
        code: Code::UnknownScope,
        what: "scope",
        known: &[Scope::Grant, Scope::Session, Scope::All].map(|scope| (scope.as_str(), scope)),
        synonyms: &SCOPES,
        help: "it is `grant`, `session` or `all`",
    };
    reader.word(field, &words)
}

/// What people write for the scopes.
const SCOPES: [(&str, &str); 6] = [
    ("user", "grant"),
    ("token", "grant"),
    ("agent", "grant"),
    ("global", "all"),
    ("everyone", "all"),
    ("connection", "session"),
];

fn increment_path(reader: &mut Reader<'_>, field: &Field<'_>, owner: Owner) -> Option<Path> {
    if owner == Owner::AllTools {
        let span = field.key_span.inner();
        let diagnostic = fault(Code::IncrementInAllTools, span);
        reader.report(diagnostic.say(|said| {
            said.message("limits of all tools count calls, and add no argument")
                .help("put the limit under the tools that have the argument")
        }));
        return None;
    }
    let path = path(reader, field)?;
    if path.value.has_every() {
        let span = path.span;
        let every = (0..path.value.steps().len()).map(|step| path.value.range(step));
        let wrong = every
            .filter(|&(start, end)| path.value.as_str().get(start..end) == Some("[*]"))
            .map(|(start, end)| super::place::part(reader.text, span, start, end))
            .next();
        let wrong = wrong.unwrap_or(span.inner());
        let diagnostic = fault(Code::InvalidPath, wrong);
        reader.report(diagnostic.say(|said| {
            said.message("an amount is one value, not one for every element")
                .help("name one element, as in `args.items[0].price`")
        }));
        return None;
    }
    Some(path.value)
}

fn max(reader: &mut Reader<'_>, field: &Field<'_>, counts_calls: bool) -> Option<Amount> {
    let (value, span) = (&field.node.value, field.node.span);
    let diagnostic = fault(Code::InvalidMax, span);
    let Value::Number(number) = value else {
        reader.report(diagnostic.say(|said| {
            let said = said.message(fill("`max` must be a number, not {}", &[value.kind()]));
            match value.as_str().filter(|text| Number::parse(text).is_ok()) {
                Some(number) => said.replace("remove the quotes", span, number).safe_if(true),
                None => said,
            }
        }));
        return None;
    };
    let amount = Amount::available(number.as_decimal());
    let negative = number.is_negative();
    if !negative && amount.is_some() && (!counts_calls || number.is_integer()) {
        return amount;
    }
    reader.report(diagnostic.say(|said| {
        match amount {
            _ if negative => said.message("`max` is negative").help("`0` lets nothing through"),
            None => said.message("`max` is too large").help("it must be below 10^24"),
            Some(_) => said
                .message("`max` must be a whole number, since the limit counts calls")
                .help("amounts are counted with `increment_from`"),
        }
    }));
    None
}

/// A word, or whole seconds.
fn window(reader: &mut Reader<'_>, field: &Field<'_>) -> Option<Window> {
    let (value, span) = (&field.node.value, field.node.span);
    let diagnostic = fault(Code::UnknownWindow, span);
    match value {
        Value::String(written) => {
            if let Some(window) = Window::from_word(written) {
                return Some(window);
            }
            let plain = Number::parse(written).ok().filter(|number| seconds(number).is_some());
            let Some(plain) = plain else {
                if !reader.is_damaged(span) {
                    let diagnostic = fault(Code::UnknownWindow, span.inner());
                    reader.report(diagnostic.say(|said| known_window(said, written, span)));
                }
                return None;
            };
            reader.report(diagnostic.say(|said| {
                said.message("the seconds of a window are a number, without quotes")
                    .replace("remove the quotes", span, plain.as_str())
                    .safe_if(true)
            }));
            None
        }
        Value::Number(number) => {
            let window = seconds(number);
            if window.is_none() {
                reader.report(diagnostic.say(|said| {
                    said.message(fill("a window of {} seconds", &[&name(number.as_str())]))
                        .help("the seconds of a window are whole, from 1 to 2^32 - 1")
                }));
            }
            window
        }
        other => {
            let kind = other.kind();
            reader.report(diagnostic.say(|said| {
                said.message(fill("a window is a word or a number of seconds, not {}", &[kind]))
                    .help(WINDOW_HELP)
            }));
            None
        }
    }
}

fn seconds(number: &Number) -> Option<Window> {
    Window::from_seconds(number.to_u64()?)
}

/// What window is likely meant.
fn known_window<'d>(said: Saying<'d>, written: &str, span: Span) -> Saying<'d> {
    let words = Words {
        code: Code::UnknownWindow,
        what: "window",
        known: &[("minute", Window::MINUTE), ("hour", Window::HOUR), ("day", Window::DAY)],
        synonyms: &WINDOWS,
        help: WINDOW_HELP,
    };
    // `30s`, `2h`, `week`: a number of seconds can say it.
    let Some(meant) = duration(written) else { return words.unknown(said, written, span.inner()) };
    let (help, text) = match meant.word() {
        Some(word) => (fill("did you mean `{}`?", &[word]), quote(word)),
        None => {
            let seconds = meant.seconds().to_string();
            (fill("in seconds it is `{}`", &[&seconds]), seconds)
        }
    };
    said.message(fill("unknown window {}", &[&name(written)]))
        .help(help)
        .replace(fill("replace by `{}`", &[&text]), span, text)
        // Minutes or months.
        .safe_if(!written.trim_end().ends_with(['m', 'M']))
}

const WINDOW_HELP: &str = "it is `minute`, `hour`, `day` or a whole number of seconds";

/// What people write for the windows.
const WINDOWS: [(&str, &str); 10] = [
    ("min", "minute"),
    ("mins", "minute"),
    ("hrs", "hour"),
    ("m", "minute"),
    ("minutely", "minute"),
    ("h", "hour"),
    ("hr", "hour"),
    ("hourly", "hour"),
    ("d", "day"),
    ("daily", "day"),
];

/// The window that `90s`, `5m`, `2 hours`, `week` say.
fn duration(written: &str) -> Option<Window> {
    let written = written.trim();
    let unit_at = written.find(|c: char| !c.is_ascii_digit())?;
    let (count, unit) = written.split_at_checked(unit_at)?;
    let unit = match unit.trim().to_ascii_lowercase().as_str() {
        "s" | "sec" | "second" | "seconds" => 1,
        "m" | "min" | "minute" | "minutes" if !count.is_empty() => 60,
        "h" | "hr" | "hour" | "hours" if !count.is_empty() => 3_600,
        "d" | "day" | "days" if !count.is_empty() => 86_400,
        "w" | "week" | "weeks" | "weekly" => 604_800,
        _ => return None,
    };
    let count = if count.is_empty() { 1 } else { count.parse::<u64>().ok()? };
    Window::from_seconds(count.checked_mul(unit)?)
}

fn rate_limit(reader: &mut Reader<'_>, field: &Field<'_>) -> Option<Limit> {
    let node = field.node;
    let object = node.value.as_object()?;
    let fields = reader.fields(node, object, "a `rate_limit`", &RATE_LIMIT);
    let max = fields.get("max").and_then(|field| max(reader, field, true));
    let window = fields.get("window").and_then(|field| window(reader, field));
    Some(Limit {
        span: node.span,
        counter: Spanned { value: RATE_LIMIT_COUNTER.to_owned(), span: field.key_span },
        window: window?,
        max: max?,
        scope: Scope::Session,
        increment_from: None,
        on_deny: None,
    })
}
