//! A second opinion on every decision: the specification's sections 3 to 5 in the plainest words that
//! run. It was written from the specification, shares no code with the engine but the model, and is
//! slow on purpose: lists are walked, numbers are compared as text.

use super::decimal;
use cattlegrid::json::{Node, Object, Value};
use cattlegrid::model::{
    Action, Call, Condition, Effect, Fallback, Limit, Outcome, Policy, Rule, Scope, Step, Test,
    Time,
};

use Outcome::{Errored, NotSatisfied, Satisfied};

/// Who counts (the grant, the grant and the session, or nobody), the tool (none for the limits of
/// `all_tools`), and the counter.
type Key = (Vec<Option<String>>, Option<String>, String);

/// All that was ever counted: by whom, from which window's start, how many millionths.
#[derive(Default)]
pub struct Oracle(Vec<(Key, u64, u128)>);

/// What the oracle says of a call.
pub struct Answer {
    pub effect: Effect,
    pub rule: Option<String>,
    /// What is left of each limit, in millionths; none if the call was decided before them.
    pub remaining: Vec<u128>,
    /// What it counted, as places in the oracle's list.
    taken: Vec<usize>,
}

impl Oracle {
    pub fn decide(&mut self, policy: &Policy, call: &Call, now: Time) -> Answer {
        let place = format!("/tools/{}", call.tool.replace('~', "~0").replace('/', "~1"));
        // Everything that objects, in the order of section 5.
        let mut objections = Vec::new();
        let mut object = |when: bool, effect, id| objections.extend(when.then_some((effect, id)));
        let hidden = policy.hide.iter().any(|name| name.value == "*" || name.value == call.tool);
        object(hidden, Effect::Deny, "(hidden)".into());
        let tool = policy.tools.iter().find(|tool| tool.name.value == call.tool);
        let unlisted = tool.is_none() && policy.default.value == Fallback::Deny;
        object(unlisted, Effect::Deny, "(default deny)".into());
        let action = tool.and_then(|tool| tool.action.as_ref()).map(|action| action.value);
        object(action == Some(Action::Deny), Effect::Deny, format!("{place}/action"));
        object(action == Some(Action::RequireApproval), Effect::Hold, format!("{place}/action"));
        let (mut lists, mut limits) = (Vec::new(), Vec::new());
        if let Some(tool) = tool {
            lists.push((format!("{place}/require"), &tool.require));
            lists.push((format!("{place}/deny_if"), &tool.deny_if));
            lists.push((format!("{place}/require_approval_if"), &tool.require_approval_if));
            let owned = tool.limits.iter().enumerate();
            limits.extend(owned.map(|(at, limit)| (format!("{place}/limits/{at}"), true, limit)));
            limits.extend(
                tool.rate_limit.as_deref().map(|l| (format!("{place}/rate_limit"), true, l)),
            );
        }
        lists.push(("/all_tools/require".into(), &policy.require));
        lists.push(("/all_tools/deny_if".into(), &policy.deny_if));
        for (list, rules) in lists {
            for (at, rule) in rules.iter().enumerate() {
                let require = list.ends_with("/require");
                let effect = match outcome(rule, &call.arguments, require) {
                    Satisfied if list.ends_with("/require_approval_if") => Effect::Hold,
                    Satisfied if require => continue,
                    NotSatisfied if !require => continue,
                    _ => Effect::Deny,
                };
                object(true, effect, format!("{list}/{at}"));
            }
        }
        let all = policy.all_tools.iter().enumerate();
        limits.extend(all.map(|(at, limit)| (format!("/all_tools/limits/{at}"), false, limit)));
        // A denial anywhere comes before a hold anywhere.
        objections.sort_by_key(|(effect, _)| *effect == Effect::Hold);
        match objections.into_iter().next() {
            Some((effect, id)) => {
                Answer { effect, rule: Some(id), remaining: vec![], taken: vec![] }
            }
            None => self.reserve(&limits, call, now),
        }
    }

    fn reserve(&mut self, limits: &[(String, bool, &Limit)], call: &Call, now: Time) -> Answer {
        let (mut denied, mut rooms, mut wanted) = (None, Vec::new(), Vec::new());
        for (rule, own, limit) in limits {
            let scope = match limit.scope {
                Scope::Grant => vec![call.grant.clone()],
                Scope::Session => vec![call.grant.clone(), call.session.clone()],
                Scope::All => vec![],
            };
            let key = (scope, own.then(|| call.tool.clone()), limit.counter.value.clone());
            // A window that was left for a later one is not counted into again, whatever the clock says.
            let length = u64::from(limit.window.seconds()) * 1000;
            let latest = self.0.iter().filter(|c| c.0 == key).map(|c| c.1).max().unwrap_or(0);
            let start = latest.max(now.0 / length * length);
            let here = self.0.iter().filter(|c| c.0 == key && c.1 == start);
            let room = limit.max.millionths() - here.map(|counted| counted.2).sum::<u128>();
            let amount = match &limit.increment_from {
                None => Some(1_000_000),
                Some(path) => match values(&call.arguments, path.steps()).0.as_slice() {
                    [Some(Value::Number(number))] => decimal::millionths_up(number.as_str()),
                    _ => None,
                },
            };
            denied = denied.or(amount.is_none_or(|amount| amount > room).then(|| rule.clone()));
            rooms.push(room);
            wanted.push((key, start, amount.unwrap_or(0)));
        }
        if denied.is_some() {
            return Answer { effect: Effect::Deny, rule: denied, remaining: rooms, taken: vec![] };
        }
        let remaining = rooms.iter().zip(&wanted).map(|(room, taken)| room - taken.2).collect();
        let taken = (self.0.len()..self.0.len() + wanted.len()).collect();
        self.0.extend(wanted);
        Answer { effect: Effect::Allow, rule: None, remaining, taken }
    }

    /// The call failed upstream: what it took goes back into the window that it was taken from.
    pub fn give_back(&mut self, answer: &Answer) {
        for &at in &answer.taken {
            self.0[at].2 = 0;
        }
    }
}

fn outcome(rule: &Rule, arguments: &Object, every: bool) -> Outcome {
    let outcomes: Vec<Outcome> =
        rule.conditions.iter().map(|c| condition(c, arguments, every)).collect();
    let first = [NotSatisfied, Errored].into_iter().find(|outcome| outcomes.contains(outcome));
    first.unwrap_or(Satisfied)
}

fn condition(condition: &Condition, arguments: &Object, every: bool) -> Outcome {
    let (values, none_empty) = values(arguments, condition.path.value.steps());
    let outcomes: Vec<Outcome> = values.iter().map(|value| test(&condition.test, *value)).collect();
    let has = |outcome| outcomes.contains(&outcome);
    match every {
        true if has(NotSatisfied) || !none_empty => NotSatisfied,
        true if !has(Errored) => Satisfied,
        false if has(Satisfied) => Satisfied,
        false if !has(Errored) => NotSatisfied,
        _ => Errored,
    }
}

/// All that a path leads to, `None` for what is missing, and whether each `[*]` had an element.
fn values<'a>(arguments: &'a Object, steps: &[Step]) -> (Vec<Option<&'a Value>>, bool) {
    let Some(Step::Key(first)) = steps.first() else { return (vec![None], true) };
    let (mut here, mut none_empty) = (vec![member(arguments, first)], true);
    for step in &steps[1..] {
        let mut next = Vec::new();
        for value in here {
            let list = value.and_then(Value::as_list).unwrap_or_default();
            none_empty &= *step != Step::Every || !list.is_empty();
            match (step, value) {
                (Step::Key(key), Some(Value::Object(object))) => next.push(member(object, key)),
                (Step::Index(at), _) => next.push(list.get(*at).map(|node| &node.value)),
                (Step::Every, _) => next.extend(list.iter().map(|node| Some(&node.value))),
                _ => next.push(None),
            }
        }
        here = next;
    }
    (here, none_empty)
}

fn member<'a>(object: &'a Object, key: &str) -> Option<&'a Value> {
    object.members().iter().find(|member| member.key == key).map(|member| &member.node.value)
}

/// The table of section 4.
fn test(test: &Test, value: Option<&Value>) -> Outcome {
    let held = |holds| if holds { Satisfied } else { NotSatisfied };
    let among = |value, list: &[Node]| list.iter().any(|node| equal(value, &node.value));
    match (test, value) {
        (Test::Exists(wanted), value) => {
            held(!matches!(value, None | Some(Value::Null)) == *wanted)
        }
        (_, None) => NotSatisfied,
        (Test::Eq(wanted), Some(value)) => held(equal(value, wanted)),
        (Test::Neq(wanted), Some(value)) => held(!equal(value, wanted)),
        (Test::In(list), Some(value)) => held(among(value, list)),
        (Test::NotIn(list), Some(value)) => held(!among(value, list)),
        (Test::Lt(b), Some(Value::Number(a))) => held(decimal::less(a.as_str(), b.as_str())),
        (Test::Gt(b), Some(Value::Number(a))) => held(decimal::less(b.as_str(), a.as_str())),
        (Test::Lte(b), Some(Value::Number(a))) => held(!decimal::less(b.as_str(), a.as_str())),
        (Test::Gte(b), Some(Value::Number(a))) => held(!decimal::less(a.as_str(), b.as_str())),
        (Test::Regex(pattern), Some(Value::String(text))) => held(search(pattern.as_str(), text)),
        (Test::Contains(part), Some(Value::String(text))) => {
            held(text.contains(&plain(part).unwrap()))
        }
        (Test::Contains(part), Some(Value::List(items))) => held(among(part, items)),
        _ => Errored,
    }
}

/// Letters and digits with `^` before or `$` behind are all the patterns that the oracle knows.
fn search(pattern: &str, text: &str) -> bool {
    let part = pattern.trim_start_matches('^').trim_end_matches('$');
    let (from_start, to_end) = (pattern.starts_with('^'), pattern.ends_with('$'));
    if from_start && to_end {
        return text == part;
    }
    text.contains(part)
        && (!from_start || text.starts_with(part))
        && (!to_end || text.ends_with(part))
}

/// Scalars are equal if their plain texts are: that of a string is itself, and no number reads `true`.
fn equal(a: &Value, b: &Value) -> bool {
    let pairs = |a: &[Node], b: &[Node]| a.iter().zip(b).all(|(a, b)| equal(&a.value, &b.value));
    let in_both = |other: Option<&Value>, value| other.is_some_and(|other| equal(value, other));
    match (a, b) {
        (Value::Null, Value::Null) => true,
        (Value::List(a), Value::List(b)) => a.len() == b.len() && pairs(a, b),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.members().iter().all(|m| in_both(member(b, &m.key), &m.node.value))
        }
        _ => plain(a).is_some() && plain(a) == plain(b),
    }
}

fn plain(scalar: &Value) -> Option<String> {
    match scalar {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(decimal::plain(number.as_str())),
        other => other.as_bool().map(|truth| truth.to_string()),
    }
}
