//! Checks of rules on their own: such as can never be satisfied, or change nothing.

use std::borrow::Cow;

use crate::diagnostic::{Code, Diagnostic, fill, name};
use crate::json::{Node, Number, Value, pointer_token, quote, write};
use crate::model::{
    Condition, Outcome, Policy, Rule, RuleKind, Test, ToolRules, equal, plain_text,
};

/// Checks of each against each look at so many conditions, rules and values only, to end soon.
const MANY: usize = 100;

/// A JSON Pointer that is made only for what is reported.
type Pointer<'a> = &'a dyn Fn() -> String;

pub(super) fn check(policy: &Policy, out: &mut Vec<Diagnostic>) {
    let all_tools = || "/all_tools".to_owned();
    list(policy, RuleKind::Require, &policy.require, &all_tools, out);
    list(policy, RuleKind::DenyIf, &policy.deny_if, &all_tools, out);
    covered(&policy.deny_if, &all_tools, out);
}

pub(super) fn tool(policy: &Policy, tool: &ToolRules, out: &mut Vec<Diagnostic>) {
    let base = || fill("/tools/{}", &[&pointer_token(&tool.name.value)]);
    for (kind, rules) in kinds(tool) {
        list(policy, kind, rules, &base, out);
    }
    covered(&tool.deny_if, &base, out);
}

/// The rules of one list, each on its own.
fn list(
    policy: &Policy,
    kind: RuleKind,
    rules: &[Rule],
    base: Pointer<'_>,
    out: &mut Vec<Diagnostic>,
) {
    for (at, rule) in rules.iter().enumerate() {
        let pointer = || fill("{}/{}/{}", &[&base(), kind.key(), &at.to_string()]);
        if kind == RuleKind::Require && rule.conditions.is_empty() {
            without_conditions(policy, rule, &pointer(), out);
        }
        never_satisfied(kind, rule, &pointer, out);
    }
}

/// The lists of rules of a tool.
pub(super) fn kinds(tool: &ToolRules) -> [(RuleKind, &[Rule]); 3] {
    [
        (RuleKind::Require, tool.require.as_slice()),
        (RuleKind::DenyIf, tool.deny_if.as_slice()),
        (RuleKind::RequireApprovalIf, tool.require_approval_if.as_slice()),
    ]
}

fn without_conditions(policy: &Policy, rule: &Rule, pointer: &str, out: &mut Vec<Diagnostic>) {
    let conditions = policy.document.at(&fill("{}/conditions", &[pointer]));
    let span = conditions.map_or(rule.span, |node| node.span);
    let message = "a `require` rule without conditions is always satisfied and refuses nothing";
    out.push(
        Diagnostic::new(Code::RequireWithoutConditions, span, pointer, message)
            .help("to refuse every call, write `\"action\": \"deny\"`; else add what is required"),
    );
}

fn never_satisfied(kind: RuleKind, rule: &Rule, pointer: Pointer<'_>, out: &mut Vec<Diagnostic>) {
    for (at, condition) in rule.conditions.iter().take(MANY).enumerate() {
        // Different elements may satisfy different conditions, unless each must satisfy all.
        if condition.path.value.has_every() && kind != RuleKind::Require {
            continue;
        }
        let path = condition.path.value.steps();
        let before: Vec<&Condition> = rule
            .conditions
            .iter()
            .take(at)
            .filter(|before| before.path.value.steps() == path)
            .collect();
        let mut tests: Vec<&Test> = before.iter().map(|before| &before.test).collect();
        tests.push(&condition.test);
        if !contradict(&tests) {
            continue;
        }
        let written = name(condition.path.value.as_str());
        let pointer = fill("{}/conditions/{}", &[&pointer(), &at.to_string()]);
        let span = condition.value_span;
        let effect = match kind {
            RuleKind::Require | RuleKind::Precondition => "so every call is denied",
            RuleKind::DenyIf => "so the rule does not deny what it says",
            RuleKind::RequireApprovalIf => "so the rule holds nothing",
        };
        let one = |other: &&&Condition| contradict(&[&other.test, &condition.test]);
        let alone = contradict(&[&condition.test]);
        let other = before.iter().find(one).or(before.last()).filter(|_| !alone);
        let diagnostic = match other {
            None => {
                let message = fill("{} is never in this, {}", &[&written, effect]);
                Diagnostic::new(Code::NeverSatisfied, span, &pointer, message)
                    .help("no value is in an empty list")
            }
            Some(other) => {
                let (one, two) = (asks(other), asks(condition));
                let message = fill("no {} is both {} and {}, {}", &[&written, &one, &two, effect]);
                Diagnostic::new(Code::NeverSatisfied, span, &pointer, message)
                    .label(other.value_span, "what it must satisfy too")
                    .help("all conditions of a rule must be satisfied; for one or the other write two rules")
            }
        };
        out.push(diagnostic);
        return;
    }
}

/// A condition's question as a message shows it.
fn asks(condition: &Condition) -> String {
    let test = &condition.test;
    let value = match test {
        Test::Exists(wanted) => wanted.to_string(),
        Test::Eq(value) | Test::Neq(value) | Test::Contains(value) => write(value),
        Test::In(list) | Test::NotIn(list) => write(&Value::List(list.clone())),
        Test::Lt(bound) | Test::Lte(bound) | Test::Gt(bound) | Test::Gte(bound) => {
            bound.as_str().to_owned()
        }
        Test::Regex(pattern) => quote(pattern.as_str()),
    };
    name(&fill("{} {}", &[test.operator(), &value]))
}

/// Whether certainly no value, nor a missing one, satisfies all of these tests.
fn contradict(tests: &[&Test]) -> bool {
    let satisfies =
        |value: Option<&Value>| tests.iter().all(|test| test.outcome(value) == Outcome::Satisfied);
    // Tests that leave few values: try them all.
    for test in tests {
        let some = match test {
            Test::Exists(false) => !satisfies(None) && !satisfies(Some(&Value::Null)),
            Test::Eq(wanted) => none_of(&[Cow::Borrowed(wanted)], &satisfies),
            Test::In(list) if list.len() <= MANY => {
                let list: Vec<_> = list.iter().map(|item| Cow::Borrowed(&item.value)).collect();
                none_of(&list, &satisfies)
            }
            _ => false,
        };
        if some {
            return true;
        }
    }
    // Tests that want different types.
    let number = tests.iter().any(|test| bounds(test).is_some());
    let text = tests.iter().any(|test| matches!(test, Test::Regex(_)));
    let text_or_list = tests.iter().any(|test| matches!(test, Test::Contains(_)));
    (number && (text || text_or_list)) || empty_range(tests)
}

/// Whether none of these values, nor any that equals one of them, satisfies. Not certain of lists
/// and objects, within which there is more than one way to be equal.
fn none_of(values: &[Cow<'_, Value>], satisfies: &dyn Fn(Option<&Value>) -> bool) -> bool {
    values.iter().all(|value| {
        let twin = match value.as_ref() {
            Value::List(_) | Value::Object(_) => return false,
            Value::Null => None,
            Value::String(text) => match text.as_str() {
                "true" => Some(Value::Bool(true)),
                "false" => Some(Value::Bool(false)),
                text => Number::parse(text).ok().map(Value::Number),
            },
            other => plain_text(other).map(|text| Value::String(text.into_owned())),
        };
        let twin = twin.filter(|twin| equal(twin, value));
        !satisfies(Some(value)) && twin.is_none_or(|twin| !satisfies(Some(&twin)))
    })
}

/// Whether a test is a bound: is it an upper one, is its number still within, and the number.
fn bounds(test: &Test) -> Option<(bool, bool, &Number)> {
    match test {
        Test::Lt(number) => Some((true, false, number)),
        Test::Lte(number) => Some((true, true, number)),
        Test::Gt(number) => Some((false, false, number)),
        Test::Gte(number) => Some((false, true, number)),
        _ => None,
    }
}

fn empty_range(tests: &[&Test]) -> bool {
    let all = || tests.iter().filter_map(|test| bounds(test));
    all().filter(|(upper, ..)| *upper).any(|(_, most_within, most)| {
        all().filter(|(upper, ..)| !*upper).any(|(_, least_within, least)| {
            least > most || (least == most && !(most_within && least_within))
        })
    })
}

/// Rules in `deny_if` that deny nothing that another does not deny too.
fn covered(rules: &[Rule], base: Pointer<'_>, out: &mut Vec<Diagnostic>) {
    let rules = rules.get(..MANY).unwrap_or(rules);
    for (at, rule) in rules.iter().enumerate() {
        let by = rules.iter().enumerate().find(|&(other, by)| {
            let earlier = other < at;
            // A rule before a more general one may be there for its message.
            let for_its_message = rule.on_deny.is_some() && !by.conditions.is_empty();
            // Of two alike, the later one is too many.
            let alike = || covers(rule, by);
            other != at && covers(by, rule) && (earlier || !(for_its_message || alike()))
        });
        let Some((_, by)) = by else { continue };
        let message = match by.conditions.is_empty() {
            true => "this rule adds nothing: another without conditions denies every call",
            false => "this rule adds nothing: another denies all that it denies",
        };
        let pointer = fill("{}/deny_if/{}", &[&base(), &at.to_string()]);
        out.push(
            Diagnostic::new(Code::CoveredRule, rule.span, &pointer, message)
                .label(by.span, "this one")
                .help("remove one of them; a call is denied if any `deny_if` is satisfied"),
        );
    }
}

/// Whether every call that `rule` denies is denied by `by` too. Both rules are of `deny_if`, which
/// denies unless a condition is not satisfied: so for each condition of `by` one of `rule` must be
/// there that is not satisfied whenever that of `by` is not.
fn covers(by: &Rule, rule: &Rule) -> bool {
    by.conditions.len().max(rule.conditions.len()) <= MANY
        && by.conditions.iter().all(|wide| {
            rule.conditions.iter().any(|narrow| {
                narrow.path.value.steps() == wide.path.value.steps()
                    && implies(&narrow.test, &wide.test)
            })
        })
}

/// Whether certainly, for every value and a missing one, `wide` is satisfied or errored where
/// `narrow` is.
fn implies(narrow: &Test, wide: &Test) -> bool {
    if let (Some(narrow), Some(wide)) = (bounds(narrow), bounds(wide)) {
        let (upper, within, number) = narrow;
        let (wide_upper, wide_within, limit) = wide;
        let inside = if upper { number < limit } else { number > limit };
        return upper == wide_upper && (inside || (number == limit && (wide_within || !within)));
    }
    let has = |list: &[Node], value: &Value| {
        list.len() <= MANY && list.iter().any(|item| item.value == *value)
    };
    match (narrow, wide) {
        (Test::Exists(a), Test::Exists(b)) => a == b,
        (Test::Eq(a), Test::Eq(b)) | (Test::Neq(a), Test::Neq(b)) => a == b,
        (Test::Contains(a), Test::Contains(b)) => a == b,
        (Test::Regex(a), Test::Regex(b)) => a == b,
        (Test::Eq(value), Test::In(list)) => has(list, value),
        (Test::In(narrow), Test::In(wide)) => narrow.iter().all(|item| has(wide, &item.value)),
        (Test::NotIn(narrow), Test::NotIn(wide)) => {
            wide.iter().all(|item| has(narrow, &item.value))
        }
        _ => false,
    }
}
