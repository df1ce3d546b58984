//! What was read to a policy of this language.

use super::counters::{Counter, Meaning, Table};
use super::operators::{Bound, bound, json};
use super::{Condition, Rule, Source, Tool};
use crate::diagnostic::{Code, Diagnostic, name};
use crate::import::{list, object, string};
use crate::json::{Number, Object, Value, quote};
use crate::source::Span;

struct Carrier<'s, 'd> {
    table: Table<'s>,
    diagnostics: &'d mut Vec<Diagnostic>,
}

/// What the rules of one tool become.
#[derive(Default)]
struct Rules {
    require: Vec<Value>,
    preconditions: Vec<Value>,
    limits: Vec<Value>,
    /// Every call is denied, with this message.
    deny: Option<Option<String>>,
}

/// What a condition becomes.
enum Carried {
    Conditions(Vec<Value>),
    /// It never holds.
    Never,
}

pub(super) fn policy(source: &Source, diagnostics: &mut Vec<Diagnostic>) -> Value {
    let mut carrier = Carrier { table: Table::new(source), diagnostics };
    let denies = source.default.value == "deny";
    let (mut tools, mut all) = (Vec::new(), None);
    for tool in &source.tools {
        let rules = carrier.rules(tool);
        if tool.is_all() {
            all = Some(rules.of_all_tools());
        } else if tool.name.value.trim().is_empty() {
            carrier.blank(tool, denies);
        } else {
            tools.push((tool.name.value.clone(), rules.of_a_tool()));
        }
    }
    let mut members = vec![("version".to_owned(), string("1"))];
    let mut add = |key: &str, value| members.push((key.to_owned(), value));
    if !source.description.value.is_empty() {
        add("description", string(&source.description.value));
    }
    add("default", string(if denies { "deny" } else { "allow" }));
    if !source.hide.is_empty() {
        add("hide", list(source.hide.iter().map(|name| string(&name.value)).collect()));
    }
    if let Some(all) = all.filter(|all| all.as_object().is_some_and(|all| !all.is_empty())) {
        add("all_tools", all);
    }
    if !tools.is_empty() {
        add("tools", Value::Object(tools.into_iter().collect()));
    }
    Value::Object(members.into_iter().collect())
}

impl Rules {
    fn of_a_tool(mut self) -> Value {
        let mut members = Vec::new();
        if let Some(message) = self.deny.take_if(|_| self.require.is_empty()) {
            members.push(("action".to_owned(), string("deny")));
            members.extend(message.map(|message| ("reason".to_owned(), string(message))));
        }
        self.members(members)
    }

    fn of_all_tools(self) -> Value {
        self.members(Vec::new())
    }

    fn members(self, mut members: Vec<(String, Value)>) -> Value {
        let deny = self.deny.map(|message| rule(Vec::new(), message.as_deref()));
        let lists = [
            ("require", self.require),
            ("deny_if", deny.into_iter().collect()),
            ("preconditions", self.preconditions),
            ("limits", self.limits),
        ];
        for (key, items) in lists {
            if !items.is_empty() {
                members.push((key.to_owned(), list(items)));
            }
        }
        Value::Object(members.into_iter().collect::<Object>())
    }
}

fn rule(conditions: Vec<Value>, on_deny: Option<&str>) -> Value {
    let conditions = ("conditions".to_owned(), list(conditions));
    let on_deny = on_deny.map(|text| ("on_deny".to_owned(), string(text)));
    Value::Object(std::iter::once(conditions).chain(on_deny).collect())
}

fn on_deny(rule: &Rule) -> Option<&str> {
    Some(rule.on_deny.value.as_str()).filter(|text| !text.is_empty())
}

fn condition(path: &str, op: &str, value: Value) -> Value {
    object([("path", string(path)), ("op", string(op)), ("value", value)])
}

/// A path of ours for one of Intercept's, in which only dots part the keys.
fn path(written: &str) -> String {
    let mut out = "args".to_owned();
    for key in written.strip_prefix("args.").unwrap_or(written).split('.') {
        if key.is_empty() || key.contains(['[', ']']) {
            out.push_str(&format!("[{}]", quote(key)));
        } else {
            out.push('.');
            out.push_str(key);
        }
    }
    out
}

impl<'s> Carrier<'s, '_> {
    fn warn(&mut self, code: Code, span: Span, pointer: &str, message: &str, help: &str) {
        self.diagnostics.push(Diagnostic::new(code, span, pointer, message).help(help));
    }

    fn blank(&mut self, tool: &Tool, denies: bool) {
        let (message, help) = if denies || tool.rules.is_empty() {
            ("a tool without a name is left out", "no server has one")
        } else {
            let message = "rules for a tool without a name cannot be carried over";
            let wrong = Diagnostic::new(Code::NotCarriedOver, tool.name.span, "/tools", message);
            self.diagnostics.push(wrong.help("remove them: no server has such a tool"));
            return;
        };
        self.warn(Code::WithoutEffect, tool.name.span, "/tools", message, help);
    }

    fn rules(&mut self, tool: &'s Tool) -> Rules {
        let mut rules = Rules::default();
        for (at, source) in tool.rules.iter().enumerate() {
            let denied = source.denies() || !self.rule(source, &mut rules);
            if denied {
                rules.deny = Some(on_deny(source).map(str::to_owned));
                if let Some(next) = tool.rules.get(at.saturating_add(1)) {
                    let message = "this rule is never reached: the one before it denies every call";
                    let diagnostic =
                        Diagnostic::new(Code::WithoutEffect, next.span, &next.pointer, message);
                    self.diagnostics.push(diagnostic.label(source.span, "this one"));
                }
                break;
            }
        }
        // Limits stay where every call is denied: preconditions of other tools may ask about them.
        let limits: Vec<Option<Value>> =
            (0..self.table.counters.len()).map(|at| self.limit(tool, at)).collect();
        rules.limits = limits.into_iter().flatten().collect();
        if tool.is_all() && self.adds_amounts(tool) {
            let amounts = |rule: &&Rule| {
                rule.state.as_ref().is_some_and(|state| !state.increment_from.value.is_empty())
            };
            rules.deny =
                tool.rules.iter().find(amounts).map(|rule| on_deny(rule).map(str::to_owned));
        }
        rules
    }

    /// Carries over one rule with conditions; `false` if it denies every call.
    fn rule(&mut self, source: &'s Rule, rules: &mut Rules) -> bool {
        let mut conditions = Vec::new();
        for condition in &source.conditions {
            let carried = match self.table.meaning(condition) {
                None => self.argument(condition),
                Some(Meaning::Limit) => continue,
                Some(Meaning::Constant(true)) => {
                    self.constant(condition);
                    continue;
                }
                Some(Meaning::Constant(false)) => Carried::Never,
                Some(Meaning::Precondition(counter)) => {
                    let (all, tool) = (counter.tool.is_all(), counter.tool.name.value.as_str());
                    let counter_name = counter.state.counter.value.clone();
                    let tool = (!all).then(|| ("tool".to_owned(), string(tool)));
                    match precondition(condition, counter) {
                        Some((op, value)) => {
                            let mut members: Vec<_> = tool.into_iter().collect();
                            members.extend([
                                ("counter".to_owned(), string(counter_name)),
                                ("op".to_owned(), string(op)),
                                ("value".to_owned(), value),
                            ]);
                            let text = on_deny(source);
                            members.extend(text.map(|text| ("on_deny".to_owned(), string(text))));
                            rules.preconditions.push(Value::Object(members.into_iter().collect()));
                            continue;
                        }
                        None => {
                            let message = "what this asks of a counter cannot be said here";
                            let help =
                                "every call is denied; compare the counter with `gte` or `lte`";
                            let span = condition.span;
                            self.warn(
                                Code::StricterMeaning,
                                span,
                                &condition.pointer,
                                message,
                                help,
                            );
                            Carried::Never
                        }
                    }
                }
            };
            match carried {
                Carried::Conditions(carried) => conditions.extend(carried),
                Carried::Never => return false,
            }
        }
        if !conditions.is_empty() {
            rules.require.push(rule(conditions, on_deny(source)));
        }
        true
    }

    /// A condition on a counter that always holds.
    fn constant(&mut self, condition: &Condition) {
        let message = "this always holds, since nothing that it asks of is counted";
        let help = "it is left out; a limit is `lt` or `lte` on the counter of the same rule";
        self.warn(Code::WithoutEffect, condition.span, &condition.pointer, message, help);
    }

    fn argument(&mut self, source: &Condition) -> Carried {
        let path = path(&source.path.value);
        let op = source.op.value.as_str();
        let mut dates = Vec::new();
        let value = json(&source.value, &mut dates);
        for date in dates {
            let message = "a date without quotes is read as its text";
            let help = "to intercept it is equal to no argument; put it in quotes";
            self.warn(
                Code::StricterMeaning,
                date,
                &format!("{}/value", source.pointer),
                message,
                help,
            );
        }
        let one = |op: &str, value| Carried::Conditions(vec![condition(&path, op, value)]);
        match op {
            "lt" | "lte" | "gt" | "gte" => {
                let upper = matches!(op, "lt" | "lte");
                match bound(&source.value) {
                    Some(Bound::Number(number)) => one(op, Value::Number(number)),
                    // Any number, of those that are doubles.
                    Some(Bound::Infinite { negative }) if upper != negative => {
                        let most = if upper { "1e400" } else { "-1e400" };
                        match Number::parse(most) {
                            Ok(most) => one(op, Value::Number(most)),
                            Err(_) => Carried::Never,
                        }
                    }
                    _ => Carried::Never,
                }
            }
            "contains" => match value {
                Value::String(_) if !self.is_text(source) => self.in_a_list(&path, value),
                Value::String(_) => one(op, value),
                Value::Number(_) | Value::Bool(_) => self.in_a_list(&path, value),
                Value::Null | Value::List(_) | Value::Object(_) => {
                    let message =
                        "an element that is null, a list or a mapping cannot be looked for";
                    let help = "the rule denies every call";
                    let pointer = format!("{}/value", source.pointer);
                    let span = source.value.span().unwrap_or(source.span);
                    self.warn(Code::StricterMeaning, span, &pointer, message, help);
                    Carried::Never
                }
            },
            _ => one(op, value),
        }
    }

    /// Whether the value of a condition is written as a text.
    fn is_text(&self, condition: &Condition) -> bool {
        use crate::yaml::{Content, Scalar};
        match &condition.value {
            super::Value::Written(node) => {
                matches!(node.content, Content::Scalar(_, Scalar::Text | Scalar::Merge))
            }
            _ => false,
        }
    }

    /// Only a list contains what is no text: the second condition holds for lists with an element.
    fn in_a_list(&self, path: &str, value: Value) -> Carried {
        let every = condition(&format!("{path}[*]"), "not_in", list(Vec::new()));
        Carried::Conditions(vec![condition(path, "contains", value), every])
    }

    /// Whether the rules of all tools add up an argument, which limits of all tools cannot.
    fn adds_amounts(&mut self, tool: &Tool) -> bool {
        let states = tool.rules.iter().filter_map(|rule| rule.state.as_ref());
        let state = states.into_iter().find(|state| !state.increment_from.value.is_empty());
        if let Some(state) = state {
            let message = "limits of all tools count calls, and add no argument";
            let help = "every call is denied; put the rule under the tools that have the argument";
            let span = state.increment_from.span;
            self.warn(Code::StricterMeaning, span, &state.pointer, message, help);
        }
        state.is_some()
    }

    /// The limit of a counter, if it is one of the tool.
    fn limit(&mut self, tool: &Tool, at: usize) -> Option<Value> {
        let counter = self.table.counters.get(at)?;
        if !std::ptr::eq(counter.tool, tool) {
            return None;
        }
        let (state, amounts) = (counter.state, !counter.state.increment_from.value.is_empty());
        let (limited, max) = match &counter.limit {
            Some(limit) => (Some((limit.rule, limit.meant, limit.condition)), limit.max?),
            // Intercept refuses a call without the amount all the same.
            None if amounts => (None, u64::MAX),
            None => return None,
        };
        let mut members = vec![
            ("counter".to_owned(), string(&state.counter.value)),
            ("window".to_owned(), string(&state.window.value)),
        ];
        let calls = max.checked_div(state.increment.unsigned_abs()).unwrap_or(0);
        let max = if amounts { max } else { calls };
        members.push(("max".to_owned(), Value::Number(Number::from(max))));
        members.push(("scope".to_owned(), string("all")));
        if amounts && tool.is_all() {
            // Never counted: all calls are denied.
        } else if amounts {
            members.push(("increment_from".to_owned(), string(path(&state.increment_from.value))));
            let message = "a negative amount is refused, and fractions count";
            let help = "in intercept a negative amount gives back what was spent";
            let pointer = format!("{}/increment_from", state.pointer);
            self.warn(Code::StricterMeaning, state.increment_from.span, &pointer, message, help);
        } else if state.increment < 0 {
            let message = "a negative `increment` counts as if it were positive";
            let help = "in intercept such a limit is never reached";
            self.warn(Code::StricterMeaning, state.span, &state.pointer, message, help);
        }
        if let Some((rule, meant, condition)) = limited {
            if meant {
                let message = format!("this limits the counter {}", name(&state.counter.value));
                let help = "intercept never counts it: it looks for `lt` or `lte` on the counter in the rule that has the `state`";
                self.warn(
                    Code::StricterMeaning,
                    condition.span,
                    &condition.pointer,
                    &message,
                    help,
                );
            }
            members.extend(on_deny(rule).map(|text| ("on_deny".to_owned(), string(text))));
        }
        Some(Value::Object(members.into_iter().collect()))
    }
}

/// The operator and value that ask the same of a limit that counts calls; `None` if there are none.
fn precondition(condition: &Condition, counter: &Counter<'_>) -> Option<(String, Value)> {
    let op = condition.op.value.as_str();
    let by = counter.state.increment.unsigned_abs();
    if by == 1 || !counter.state.increment_from.value.is_empty() {
        return match (op, bound(&condition.value)) {
            ("lt" | "lte" | "gt" | "gte", Some(Bound::Number(number))) => {
                Some((op.to_owned(), Value::Number(number)))
            }
            ("lt" | "lte" | "gt" | "gte", _) => None,
            ("exists" | "regex" | "contains", _) => None,
            _ => Some((op.to_owned(), json(&condition.value, &mut Vec::new()))),
        };
    }
    // Ours counts calls, where Intercept adds `by` for each.
    let Bound::Number(number) = bound(&condition.value)? else { return None };
    let plain = number.plain();
    let (whole, fraction) = plain.split_once('.').unwrap_or((&plain, ""));
    let whole: i128 = whole.parse().ok()?;
    let by = i128::from(by);
    let floor =
        if number.is_negative() && !fraction.is_empty() { whole.checked_sub(1)? } else { whole };
    let exact = fraction.is_empty() && floor.checked_rem_euclid(by)? == 0;
    let down = floor.checked_div_euclid(by)?;
    let up = if exact { down } else { down.checked_add(1)? };
    let value = match op {
        "lte" | "gt" => down,
        "lt" | "gte" => up,
        "eq" | "neq" if exact => down,
        _ => return None,
    };
    Some((op.to_owned(), Value::Number(Number::parse(&value.to_string()).ok()?)))
}
