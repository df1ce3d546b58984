//! What rules and limits do, in plain English. A sentence says what is written, whoever wrote it: what
//! of it comes from a text is shown so that it cannot be taken for something else.

use crate::diagnostic::name;
use crate::evaluate::ToolState;
use crate::json::{Node, Number, Value, write};
use crate::model::{
    Amount, Condition, Limit, Path, Precondition, Rule, RuleKind, Scope, Step, Test, Window,
};
use crate::parse::text as quoted;

/// So many values of a list are shown.
const LISTED: usize = 6;
/// So many conditions of a rule are shown.
const CONDITIONS: usize = 6;
/// So many characters of a value are shown.
const SHOWN: usize = 40;

/// What a rule does: "Denied when `amount` is over 100."
#[must_use]
pub fn rule(kind: RuleKind, rule: &Rule) -> String {
    let clauses: Vec<String> =
        rule.conditions.iter().map(|condition| clause(kind, condition)).collect();
    match (kind, clauses.as_slice()) {
        (RuleKind::Require | RuleKind::Precondition, []) => {
            "Denies nothing: it has no conditions.".to_owned()
        }
        (RuleKind::DenyIf, []) => "Every call is denied.".to_owned(),
        (RuleKind::RequireApprovalIf, []) => "Every call needs approval.".to_owned(),
        (RuleKind::Require | RuleKind::Precondition, all) => {
            format!("Denied unless {}.", joined(all))
        }
        (RuleKind::DenyIf, all) => format!("Denied when {}.", joined(all)),
        (RuleKind::RequireApprovalIf, all) => format!("Needs approval when {}.", joined(all)),
    }
}

/// What a condition asks: "`amount` is over 100."
#[must_use]
pub fn condition(kind: RuleKind, condition: &Condition) -> String {
    let clause = clause(kind, condition);
    let mut chars = clause.chars();
    let first = chars.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(chars).chain(['.']).collect()
}

/// What a precondition asks of what was counted.
#[must_use]
pub fn precondition(precondition: &Precondition) -> String {
    let counter = name(&precondition.counter.value);
    let whose = match &precondition.tool {
        Some(tool) => name(&tool.value),
        None => "all tools".to_owned(),
    };
    let asked = test(&precondition.test);
    format!("Denied unless what {counter} of {whose} has counted {asked}.")
}

/// What a limit lets through: "At most 10 calls a minute, for each grant." `all` if it is one of all
/// tools together.
#[must_use]
pub fn limit(limit: &Limit, all: bool) -> String {
    let max = grouped(&limit.max.to_string());
    let what = match &limit.increment_from {
        Some(path) => format!(" of {}", subject(path, RuleKind::Require)),
        None => {
            let calls = if limit.max == Amount::ONE { "call" } else { "calls" };
            format!(" {calls}{}", if all { " of all tools together" } else { "" })
        }
    };
    let whose = match limit.scope {
        Scope::Grant => "for each grant",
        Scope::Session => "for each session",
        Scope::All => "for everybody",
    };
    format!("At most {max}{what} {}, {whose}.", window(limit.window))
}

/// What a policy makes of a tool.
pub(super) struct Whole<'a> {
    pub(super) state: ToolState,
    /// What decides that.
    pub(super) decides: Option<&'a str>,
    /// Whether every call waits for a person.
    pub(super) is_held: bool,
    /// How many rules and limits the tool has of its own.
    pub(super) rules: usize,
    pub(super) limits: usize,
    /// Whether rules, and whether limits hold for all tools.
    pub(super) all_rules: bool,
    pub(super) all_limits: bool,
}

impl Whole<'_> {
    /// The same in a sentence.
    pub(super) fn sentence(&self) -> String {
        let for_all = match (self.all_rules, self.all_limits) {
            (true, true) => Some("the rules and limits for all tools"),
            (true, false) => Some("the rules for all tools"),
            (false, true) => Some("the limits for all tools"),
            (false, false) => None,
        };
        let within = |base: &str, own: Option<String>| {
            let parts: Vec<String> = own.into_iter().chain(for_all.map(str::to_owned)).collect();
            match parts.is_empty() {
                true => format!("{base}."),
                false => format!("{base}, within {}.", parts.join(" and ")),
            }
        };
        match (self.state, self.decides) {
            (ToolState::Hide, _) => {
                "Hidden: the agent does not see it, and no call passes.".to_owned()
            }
            (ToolState::Deny, Some("(default deny)")) => {
                "Not listed, so every call is denied.".to_owned()
            }
            (ToolState::Deny, Some(rule)) if rule.starts_with("/all_tools/") => {
                "Every call is denied, by a rule for all tools.".to_owned()
            }
            (ToolState::Deny, _) => "Every call is denied.".to_owned(),
            (ToolState::Allow, None) => within("Not listed, so every call is allowed", None),
            (ToolState::Allow, Some(_)) => within("Every call is allowed", None),
            (ToolState::Approve, _) => within("Every call needs approval", None),
            (ToolState::Custom, _) => {
                let counts = [count(self.rules, "rule"), count(self.limits, "limit")];
                let counts: Vec<String> = counts.into_iter().flatten().collect();
                let own = (!counts.is_empty()).then(|| format!("its {}", counts.join(" and ")));
                let base = if self.is_held { "Calls need approval" } else { "Calls are allowed" };
                within(base, own)
            }
        }
    }
}

fn count(count: usize, what: &str) -> Option<String> {
    match count {
        0 => None,
        1 => Some(what.to_owned()),
        count => Some(format!("{count} {what}s")),
    }
}

fn joined(clauses: &[String]) -> String {
    let more = clauses.len().saturating_sub(CONDITIONS);
    let shown: Vec<&str> = clauses.iter().take(CONDITIONS).map(String::as_str).collect();
    let shown = shown.join(" and ");
    match more {
        0 => shown,
        1 => format!("{shown} and 1 more condition holds"),
        more => format!("{shown} and {more} more conditions hold"),
    }
}

fn clause(kind: RuleKind, condition: &Condition) -> String {
    format!("{} {}", subject(&condition.path.value, kind), test(&condition.test))
}

/// What a path leads to: "`amount`", "`price` of every element of `items`".
pub(super) fn subject(path: &Path, kind: RuleKind) -> String {
    let quantifier = if kind == RuleKind::Require { "every" } else { "some" };
    let text = path.as_str();
    let mut from = 0usize;
    let mut out = String::new();
    // What stands between two `[*]`, the last first.
    let part = |from: usize, to: usize| {
        let part = text.get(from..to).unwrap_or("");
        let part = if from == 0 { part.strip_prefix("args").unwrap_or(part) } else { part };
        part.strip_prefix('.').unwrap_or(part).to_owned()
    };
    let mut parts = Vec::new();
    for (at, step) in path.steps().iter().enumerate() {
        if *step == Step::Every {
            let (start, end) = path.range(at);
            parts.push(part(from, start));
            from = end;
        }
    }
    parts.push(part(from, text.len()));
    for (at, part) in parts.iter().enumerate().rev() {
        if !part.is_empty() {
            out.push_str(&name(part));
            out.push_str(if at > 0 { " of " } else { "" });
        }
        if at > 0 {
            out.push_str(&format!("{quantifier} element of "));
        }
    }
    out
}

/// What a test asks, behind its subject.
fn test(test: &Test) -> String {
    match test {
        Test::Exists(true) => "is given".to_owned(),
        Test::Exists(false) => "is missing or null".to_owned(),
        Test::Eq(wanted) => format!("is {}", value(wanted)),
        Test::Neq(wanted) => format!("is not {}", value(wanted)),
        Test::In(list) => match list.as_slice() {
            [] => "is in an empty list".to_owned(),
            [only] => format!("is {}", value(&only.value)),
            several => format!("is one of {}", values(several)),
        },
        Test::NotIn(list) => match list.as_slice() {
            [] => "is given, as null or anything else".to_owned(),
            [only] => format!("is not {}", value(&only.value)),
            several => format!("is none of {}", values(several)),
        },
        Test::Lt(bound) => format!("is under {}", number(bound)),
        Test::Lte(bound) => format!("is at most {}", number(bound)),
        Test::Gt(bound) => format!("is over {}", number(bound)),
        Test::Gte(bound) => format!("is at least {}", number(bound)),
        Test::Regex(pattern) => format!("matches {}", name(pattern.as_str())),
        Test::Contains(wanted) => format!("contains {}", value(wanted)),
    }
}

fn values(list: &[Node]) -> String {
    let more = list.len().saturating_sub(LISTED);
    let mut shown: Vec<String> = list.iter().take(LISTED).map(|item| value(&item.value)).collect();
    let last = match more {
        0 => shown.pop().unwrap_or_default(),
        more => format!("{more} more"),
    };
    format!("{} or {last}", shown.join(", "))
}

/// A value as JSON, not too long of it, with nothing in it that is not seen.
pub(super) fn value(value: &Value) -> String {
    let text = match value {
        Value::String(text) => quoted(text),
        other => write(other),
    };
    let end = if matches!(value, Value::String(_)) { "…\"" } else { "…" };
    match text.char_indices().nth(SHOWN) {
        Some((cut, _)) if text.chars().nth(SHOWN.saturating_add(1)).is_some() => {
            format!("{}{end}", text.get(..cut).unwrap_or_default())
        }
        _ => text,
    }
}

fn number(number: &Number) -> String {
    let text = grouped(number.as_str());
    match text.char_indices().nth(SHOWN) {
        Some((cut, _)) => format!("{}…", text.get(..cut).unwrap_or_default()),
        None => text,
    }
}

/// A number with its thousands set apart, if it is a plain one.
fn grouped(text: &str) -> String {
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text),
    };
    let (whole, fraction) = match rest.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (rest, None),
    };
    if !whole.bytes().chain(fraction.unwrap_or("").bytes()).all(|byte| byte.is_ascii_digit()) {
        return text.to_owned();
    }
    let mut out = sign.to_owned();
    let length = whole.len();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && length.saturating_sub(at) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    if let Some(fraction) = fraction {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

fn window(window: Window) -> String {
    let seconds = window.seconds();
    for (length, one, several) in
        [(86_400, "a day", "days"), (3_600, "an hour", "hours"), (60, "a minute", "minutes")]
    {
        match (seconds.checked_div(length), seconds.checked_rem(length)) {
            (Some(1), Some(0)) => return one.to_owned(),
            (Some(count), Some(0)) => return format!("every {count} {several}"),
            _ => {}
        }
    }
    match seconds {
        1 => "a second".to_owned(),
        seconds => format!("every {seconds} seconds"),
    }
}
