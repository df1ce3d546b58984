//! Checks of conditions and amounts against the arguments that a tool has.

use super::rule::kinds;
use super::schema::{Forms, Found, find};
use crate::diagnostic::{Code, Diagnostic, fill, name, names, nearest};
use crate::json::{Node, Value, pointer_token, quote};
use crate::model::{
    Condition, Limit, Outcome, Path, Policy, Rule, RuleKind, Spanned, Step, Test, Tool, ToolRules,
};
use crate::source::Span;

pub(super) fn tool(policy: &Policy, rules: &ToolRules, tool: &Tool, out: &mut Vec<Diagnostic>) {
    let Some(schema) = &tool.input_schema else { return };
    let base = || fill("/tools/{}", &[&pointer_token(&tool.name)]);
    for (kind, list) in kinds(rules) {
        for (at, rule) in list.iter().enumerate() {
            for (which, condition) in rule.conditions.iter().enumerate() {
                // Made only for what is reported.
                let pointer = || {
                    fill(
                        "{}/{}/{}/conditions/{}",
                        &[&base(), kind.key(), &at.to_string(), &which.to_string()],
                    )
                };
                let found = find(schema, &condition.path.value);
                condition_fits(condition, &found, &pointer, tool, out);
                if kind == RuleKind::DenyIf {
                    silent(rule, condition, &found, &pointer, rules, out);
                }
            }
        }
    }
    for (at, limit) in rules.limits.iter().enumerate() {
        let Some(path) = &limit.increment_from else { continue };
        let pointer = fill("{}/limits/{}/increment_from", &[&base(), &at.to_string()]);
        let Some(node) = policy.document.at(&pointer) else { continue };
        let path = Spanned { value: path.clone(), span: node.span };
        amount_fits(&path, &find(schema, &path.value), &pointer, tool, out);
    }
}

/// The pointer of a condition.
type Pointer<'a> = &'a dyn Fn() -> String;

/// What the tool's schema says about a path, or a report that there is no such argument.
fn look_up<'f, 'c>(
    path: &Spanned<Path>,
    found: &'f Found<'c>,
    pointer: Pointer<'_>,
    tool: &Tool,
    out: &mut Vec<Diagnostic>,
) -> Option<&'f Forms<'c>> {
    match found {
        Found::Open => None,
        Found::Forms(forms) => Some(forms),
        Found::Nothing { step, known } => {
            out.push(unknown_argument(path, &pointer(), tool, *step, known));
            None
        }
    }
}

fn unknown_argument(
    path: &Spanned<Path>,
    pointer: &str,
    tool: &Tool,
    step: usize,
    known: &[&str],
) -> Diagnostic {
    let (start, end) = path.value.range(step);
    let span = part(path.span, path.value.as_str(), start, end);
    let before = path.value.as_str().get(..start).unwrap_or("");
    let before = before.trim_end_matches(['.', '[']);
    let tool_name = name(&tool.name);
    let new = |message| Diagnostic::new(Code::UnknownArgument, span, pointer, message);
    let Some(Step::Key(key)) = path.value.steps().get(step) else {
        return new(fill("{} of {} is not a list", &[&name(before), &tool_name]));
    };
    let message = if step == 0 {
        fill("{} has no argument {}", &[&tool_name, &name(key)])
    } else {
        fill("{} of {} has no {}", &[&name(before), &tool_name, &name(key)])
    };
    let diagnostic = new(message);
    let Some(meant) = nearest(key, known.iter().copied()) else {
        return match known {
            [] => diagnostic,
            known => diagnostic.help(fill("it has {}", &[&names(known.iter().copied(), "and")])),
        };
    };
    let diagnostic = diagnostic.help(fill("did you mean {}?", &[&name(meant)]));
    // Only a key that can stand behind a dot as it is can be put there.
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let dotted = before.len() < start && path.value.as_str().get(start..end) == Some(&**key);
    if dotted && meant.chars().all(plain) && span != path.span.inner() {
        return diagnostic.replace(fill("replace by {}", &[&name(meant)]), span, meant);
    }
    diagnostic
}

/// The bytes `start..end` of a string's value; all between the quotes if it has escapes.
fn part(string: Span, value: &str, start: usize, end: usize) -> Span {
    let inner = string.inner();
    let first = inner.start as usize;
    if (inner.end as usize).saturating_sub(first) != value.len() {
        return inner;
    }
    Span::new(first.saturating_add(start), first.saturating_add(end))
}

/// Reports an argument that the tool does not have, and a value that it never has.
fn condition_fits(
    condition: &Condition,
    found: &Found<'_>,
    pointer: Pointer<'_>,
    tool: &Tool,
    out: &mut Vec<Diagnostic>,
) {
    let at_path = || fill("{}/path", &[&pointer()]);
    let Some(forms) = look_up(&condition.path, found, &at_path, tool, out) else { return };
    let place = Place { condition, pointer, forms };
    let wants = |types: &[&str]| {
        forms.types().is_none_or(|known| known.iter().any(|one| types.contains(one)))
    };
    match &condition.test {
        Test::Exists(_) => {}
        Test::Lt(_) | Test::Lte(_) | Test::Gt(_) | Test::Gte(_) => {
            if !wants(&["number", "integer"]) {
                out.push(place.wrong_type("compares numbers"));
            }
        }
        Test::Regex(_) => {
            if !wants(&["string"]) {
                out.push(place.wrong_type("searches in texts"));
            }
        }
        Test::Contains(_) => {
            if !wants(&["string", "array"]) {
                out.push(place.wrong_type("looks into texts and lists"));
            }
        }
        Test::Eq(value) | Test::Neq(value) => {
            out.extend(place.impossible(value, condition.value_span, ""));
        }
        Test::In(list) | Test::NotIn(list) => {
            let impossible = |(at, item): (usize, &Node)| {
                place.impossible(&item.value, item.span, &fill("/{}", &[&at.to_string()]))
            };
            out.extend(list.iter().enumerate().filter_map(impossible));
        }
    }
}

struct Place<'a, 'c> {
    condition: &'a Condition,
    pointer: Pointer<'a>,
    forms: &'a Forms<'c>,
}

impl Place<'_, '_> {
    /// The pointer of the value, or of what is in it.
    fn value(&self, below: &str) -> String {
        fill("{}/value{}", &[&(self.pointer)(), below])
    }

    fn path(&self) -> String {
        name(self.condition.path.value.as_str())
    }

    /// The types of the argument, as a sentence says them.
    fn types(&self) -> String {
        let article = |one: &&str| match *one {
            "integer" => "an integer".to_owned(),
            "array" => "a list".to_owned(),
            "object" => "an object".to_owned(),
            "null" => "null".to_owned(),
            other => fill("a {}", &[other]),
        };
        let types = self.forms.types().unwrap_or_default();
        types.iter().map(article).collect::<Vec<_>>().join(" or ")
    }

    fn wrong_type(&self, does: &str) -> Diagnostic {
        let operator = self.condition.test.operator();
        let message =
            fill("`{}` {}, and {} is always {}", &[operator, does, &self.path(), &self.types()]);
        Diagnostic::new(Code::ImpossibleValue, self.condition.value_span, &self.value(""), message)
            .help("a value of another type makes the condition an error, which denies the call")
    }

    fn impossible(&self, value: &Value, span: Span, below: &str) -> Option<Diagnostic> {
        // Servers differ in whether they take `null` for what is missing.
        if matches!(value, Value::Null) || self.forms.may_equal(value) {
            return None;
        }
        let span =
            if value.as_str().is_some_and(|text| !text.is_empty()) { span.inner() } else { span };
        let message = fill("{} is never this value", &[&self.path()]);
        let pointer = self.value(below);
        let diagnostic = Diagnostic::new(Code::ImpossibleValue, span, &pointer, message);
        let Some(words) = self.forms.words().filter(|words| !words.is_empty()) else {
            return Some(diagnostic.help(fill("it is always {}", &[&self.types()])));
        };
        let meant = value.as_str().and_then(|text| nearest(text, words.iter().copied()));
        Some(match meant {
            Some(meant) => {
                let quoted = quote(meant);
                let inner = Span::new(0, quoted.len()).inner().of(&quoted);
                diagnostic.help(fill("did you mean {}?", &[&name(meant)])).replace(
                    fill("replace by {}", &[&name(meant)]),
                    span,
                    inner,
                )
            }
            None => diagnostic.help(fill("it is {}", &[&names(words, "or")])),
        })
    }
}

fn amount_fits(
    path: &Spanned<Path>,
    found: &Found<'_>,
    pointer: &str,
    tool: &Tool,
    out: &mut Vec<Diagnostic>,
) {
    let Some(forms) = look_up(path, found, &|| pointer.to_owned(), tool, out) else { return };
    let Some(types) = forms.types() else { return };
    if types.iter().any(|one| matches!(*one, "number" | "integer")) {
        return;
    }
    let path_name = name(path.value.as_str());
    let message = fill("{} is never a number, so every call is denied", &[&path_name]);
    out.push(Diagnostic::new(Code::ImpossibleValue, path.span.inner(), pointer, message));
}

/// Reports a `deny_if` that says nothing when its argument is missing, though what the server does
/// then may be what it denies.
fn silent(
    rule: &Rule,
    condition: &Condition,
    found: &Found<'_>,
    pointer: Pointer<'_>,
    rules: &ToolRules,
    out: &mut Vec<Diagnostic>,
) {
    let Found::Forms(forms) = found else { return };
    let Some(others) = Others::of(RuleKind::DenyIf, rules) else { return };
    if !forms.optional || !is_silent(rule, condition, forms.default, &others) {
        return;
    }
    let path = condition.path.value.as_str();
    let message = match meant_by_missing(forms.default) {
        Some(default) => fill(
            "{} is optional and its default, `{}`, is what this denies: a call without it passes",
            &[&name(path), &crate::json::write(default)],
        ),
        None => fill("{} is optional: a call without it passes this `deny_if`", &[&name(path)]),
    };
    let help = match (rule.conditions.len(), opposite(&condition.test)) {
        (1, Some(opposite)) => {
            fill("make it a `require` with `{}`, which denies those too", &[opposite])
        }
        _ => fill("deny those too, with a `deny_if` where {} `exists` `false`", &[&name(path)]),
    };
    let pointer = fill("{}/path", &[&pointer()]);
    let span = condition.path.span.inner();
    out.push(Diagnostic::new(Code::SilentWhenMissing, span, &pointer, message).help(help));
}

/// What else is said of the calls of a tool.
pub(crate) struct Others<'a> {
    /// Its rules that must be satisfied.
    pub(crate) require: &'a [Rule],
    /// Its rules that must not be.
    pub(crate) deny_if: &'a [Rule],
    /// Its rules in the list of the one that is asked about.
    pub(crate) same_kind: &'a [Rule],
    /// Its limits: without an amount to add they deny.
    pub(crate) limits: &'a [Limit],
}

impl<'a> Others<'a> {
    /// Those of a rule of this kind; `None` if such a rule lets nothing pass that it does not look at.
    pub(crate) fn of(kind: RuleKind, rules: &'a ToolRules) -> Option<Others<'a>> {
        let same_kind = match kind {
            RuleKind::DenyIf => &rules.deny_if,
            RuleKind::RequireApprovalIf => &rules.require_approval_if,
            RuleKind::Require | RuleKind::Precondition => return None,
        };
        let ToolRules { require, deny_if, limits, .. } = rules;
        Some(Others { require, deny_if, same_kind, limits })
    }
}

/// Whether a rule that a call must not satisfy says nothing of a call without the argument of one of
/// its conditions, and nothing else does, though what the server does then may be what it is about.
/// `default` is what the schema says a missing argument means.
pub(crate) fn is_silent(
    rule: &Rule,
    condition: &Condition,
    default: Option<&Value>,
    others: &Others<'_>,
) -> bool {
    let test = &condition.test;
    let harmless = match meant_by_missing(default) {
        // A flag that is not set, or an argument whose being there is what the rule denies.
        None => matches!(test, Test::Exists(_) | Test::Eq(Value::Bool(true))),
        default => test.outcome(default) == Outcome::NotSatisfied,
    };
    !harmless
        && test.outcome(None) == Outcome::NotSatisfied
        && !is_asked_for(rule, condition)
        && !missing_is_denied(others, &condition.path.value)
}

/// The value that a missing argument stands for, if it is one.
pub(crate) fn meant_by_missing(default: Option<&Value>) -> Option<&Value> {
    default.filter(|default| !matches!(default, Value::Null))
}

/// Whether the rule itself asks whether the argument is there.
fn is_asked_for(rule: &Rule, condition: &Condition) -> bool {
    rule.conditions.iter().any(|other| {
        matches!(other.test, Test::Exists(_)) && same(&other.path.value, &condition.path.value)
    })
}

/// Whether another rule catches the calls without the argument.
fn missing_is_denied(others: &Others<'_>, path: &Path) -> bool {
    let fails = |condition: &Condition| {
        same(&condition.path.value, path) && condition.test.outcome(None) != Outcome::Satisfied
    };
    let catches = |rule: &Rule| match &*rule.conditions {
        [] => true,
        [only] => same(&only.path.value, path) && matches!(only.test, Test::Exists(false)),
        _ => false,
    };
    let counts =
        |limit: &Limit| limit.increment_from.as_ref().is_some_and(|counted| same(counted, path));
    others.limits.iter().any(counts)
        || others.require.iter().any(|rule| rule.conditions.iter().any(fails))
        || others.deny_if.iter().chain(others.same_kind).any(catches)
}

fn same(a: &Path, b: &Path) -> bool {
    a.steps() == b.steps()
}

/// The operator that a value satisfies if and only if it does not satisfy this one.
fn opposite(test: &Test) -> Option<&'static str> {
    Some(match test {
        Test::Eq(_) => "neq",
        Test::Neq(_) => "eq",
        Test::In(_) => "not_in",
        Test::NotIn(_) => "in",
        Test::Lt(_) => "gte",
        Test::Lte(_) => "gt",
        Test::Gt(_) => "lte",
        Test::Gte(_) => "lt",
        Test::Exists(_) | Test::Regex(_) | Test::Contains(_) => return None,
    })
}
