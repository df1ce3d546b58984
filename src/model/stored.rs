//! Policies as bytes, without what only people and diagnostics want of them: no places, no document.

use super::{
    Action, Amount, Condition, Fallback, Limit, Path, Pattern, Policy, Precondition, Rule, Scope,
    Spanned, Test, ToolRules, Window,
};
use crate::bytes::{Bytes, Out};
use crate::json::{Node, Number, Value};
use crate::source::Span;

const SCOPES: [Scope; 3] = [Scope::Grant, Scope::Session, Scope::All];

/// Something that has no place.
fn placed<T>(value: T) -> Spanned<T> {
    Spanned { value, span: Span::default() }
}

fn name(bytes: &mut Bytes<'_>) -> Option<Spanned<String>> {
    Some(placed(bytes.text()?.to_owned()))
}

fn words(bytes: &mut Bytes<'_>) -> Option<Option<String>> {
    bytes.maybe(|bytes| Some(bytes.text()?.to_owned()))
}

fn put_words(out: &mut Out, words: Option<&String>) {
    out.maybe(words, |out, words| out.text(words));
}

impl Policy {
    pub(crate) fn put(&self, out: &mut Out) {
        let Policy {
            document: _,
            default,
            hide,
            require,
            deny_if,
            preconditions,
            all_tools,
            tools,
        } = self;
        out.byte(match default.value {
            Fallback::Allow => 0,
            Fallback::Deny => 1,
        });
        out.list(hide.iter(), |out, name| out.text(&name.value));
        put_rules(out, require);
        put_rules(out, deny_if);
        out.list(preconditions.iter(), put_precondition);
        out.list(all_tools.iter(), put_limit);
        out.list(tools.iter(), put_tool);
    }

    /// A policy whose document is empty.
    pub(crate) fn take(bytes: &mut Bytes<'_>) -> Option<Policy> {
        let default = match bytes.byte()? {
            0 => Fallback::Allow,
            1 => Fallback::Deny,
            _ => return None,
        };
        let mut policy = Policy {
            document: Node::from(Value::Null),
            default: placed(default),
            hide: Vec::new(),
            require: Vec::new(),
            deny_if: Vec::new(),
            preconditions: Vec::new(),
            all_tools: Vec::new(),
            tools: Vec::new(),
        };
        policy.take_lists(bytes)?;
        Some(policy)
    }

    fn take_lists(&mut self, bytes: &mut Bytes<'_>) -> Option<()> {
        bytes.fill(&mut self.hide, name)?;
        bytes.fill(&mut self.require, rule)?;
        bytes.fill(&mut self.deny_if, rule)?;
        bytes.fill(&mut self.preconditions, precondition)?;
        bytes.fill(&mut self.all_tools, limit)?;
        bytes.fill(&mut self.tools, tool)
    }
}

fn put_tool(out: &mut Out, tool: &ToolRules) {
    let ToolRules {
        name,
        span: _,
        action,
        reason,
        require,
        deny_if,
        require_approval_if,
        preconditions,
        limits,
        rate_limit,
    } = tool;
    out.text(&name.value);
    out.byte(match action.as_ref().map(|action| action.value) {
        None => 0,
        Some(Action::Allow) => 1,
        Some(Action::Deny) => 2,
        Some(Action::RequireApproval) => 3,
    });
    put_words(out, reason.as_ref());
    put_rules(out, require);
    put_rules(out, deny_if);
    put_rules(out, require_approval_if);
    out.list(preconditions.iter(), put_precondition);
    out.list(limits.iter(), put_limit);
    out.maybe(rate_limit.as_deref(), put_limit);
}

fn tool(bytes: &mut Bytes<'_>) -> Option<ToolRules> {
    let mut tool = ToolRules {
        name: name(bytes)?,
        span: Span::default(),
        action: None,
        reason: None,
        require: Vec::new(),
        deny_if: Vec::new(),
        require_approval_if: Vec::new(),
        preconditions: Vec::new(),
        limits: Vec::new(),
        rate_limit: None,
    };
    tool.take_rest(bytes)?;
    Some(tool)
}

impl ToolRules {
    /// Takes all behind the name.
    fn take_rest(&mut self, bytes: &mut Bytes<'_>) -> Option<()> {
        self.action = match bytes.byte()? {
            0 => None,
            1 => Some(placed(Action::Allow)),
            2 => Some(placed(Action::Deny)),
            3 => Some(placed(Action::RequireApproval)),
            _ => return None,
        };
        self.reason = words(bytes)?;
        bytes.fill(&mut self.require, rule)?;
        bytes.fill(&mut self.deny_if, rule)?;
        bytes.fill(&mut self.require_approval_if, rule)?;
        bytes.fill(&mut self.preconditions, precondition)?;
        bytes.fill(&mut self.limits, limit)?;
        self.rate_limit = bytes.maybe(limit)?.map(Box::new);
        Some(())
    }
}

fn put_rules(out: &mut Out, rules: &[Rule]) {
    out.list(rules.iter(), |out, rule| {
        let Rule { span: _, conditions, on_deny } = rule;
        out.list(conditions.iter(), |out, condition| {
            let Condition { span: _, path, test, value_span: _ } = condition;
            path.value.put(out);
            put_test(out, test);
        });
        put_words(out, on_deny.as_ref());
    });
}

fn rule(bytes: &mut Bytes<'_>) -> Option<Rule> {
    let conditions = bytes.list(|bytes| {
        let (path, test) = (placed(Path::take(bytes)?), test(bytes)?);
        Some(Condition { span: Span::default(), path, test, value_span: Span::default() })
    })?;
    Some(Rule { span: Span::default(), conditions: conditions.into(), on_deny: words(bytes)? })
}

/// The operator as its place among [`Test::OPERATORS`], and its value.
fn put_test(out: &mut Out, test: &Test) {
    let operator = Test::OPERATORS.iter().position(|name| *name == test.operator());
    out.number(operator.unwrap_or(usize::MAX) as u64);
    match test {
        Test::Exists(wanted) => out.byte((*wanted).into()),
        Test::Eq(value) | Test::Neq(value) | Test::Contains(value) => value.put(out),
        Test::In(list) | Test::NotIn(list) => {
            out.list(list.iter(), |out, item| item.value.put(out));
        }
        Test::Lt(number) | Test::Lte(number) | Test::Gt(number) | Test::Gte(number) => {
            number.put(out);
        }
        Test::Regex(pattern) => pattern.put(out),
    }
}

fn test(bytes: &mut Bytes<'_>) -> Option<Test> {
    // By place among the operators, as they are written; what is alike is there once.
    Some(match bytes.number::<usize>()? {
        0 => Test::Exists(bytes.flag()?),
        at @ (1 | 2) => {
            let value = Value::take(bytes)?;
            if at == 1 { Test::Eq(value) } else { Test::Neq(value) }
        }
        at @ (3 | 4) => {
            let list = bytes.list(|bytes| Value::take(bytes).map(Node::from))?;
            if at == 3 { Test::In(list) } else { Test::NotIn(list) }
        }
        at @ 5..=8 => {
            let number = Number::take(bytes)?;
            match at {
                5 => Test::Lt(number),
                6 => Test::Lte(number),
                7 => Test::Gt(number),
                _ => Test::Gte(number),
            }
        }
        9 => Test::Regex(Pattern::take(bytes)?),
        10 => match Value::take(bytes)? {
            Value::Null | Value::List(_) | Value::Object(_) => return None,
            scalar => Test::Contains(scalar),
        },
        _ => return None,
    })
}

fn put_precondition(out: &mut Out, precondition: &Precondition) {
    let Precondition { span: _, tool, counter, test, on_deny } = precondition;
    out.maybe(tool.as_ref(), |out, tool| out.text(&tool.value));
    out.text(&counter.value);
    put_test(out, test);
    put_words(out, on_deny.as_ref());
}

fn precondition(bytes: &mut Bytes<'_>) -> Option<Precondition> {
    Some(Precondition {
        span: Span::default(),
        tool: bytes.maybe(name)?,
        counter: name(bytes)?,
        test: test(bytes)?.into(),
        on_deny: words(bytes)?,
    })
}

fn put_limit(out: &mut Out, limit: &Limit) {
    let Limit { span: _, counter, window, max, scope, increment_from, on_deny } = limit;
    out.text(&counter.value);
    out.number(window.seconds().into());
    let millionths = max.millionths();
    out.number((millionths >> 64) as u64);
    out.number(millionths as u64);
    let scope = SCOPES.iter().position(|known| known == scope);
    out.number(scope.unwrap_or(usize::MAX) as u64);
    out.maybe(increment_from.as_ref(), |out, path| path.put(out));
    put_words(out, on_deny.as_ref());
}

fn limit(bytes: &mut Bytes<'_>) -> Option<Limit> {
    Some(Limit {
        span: Span::default(),
        counter: name(bytes)?,
        window: Window::from_seconds(bytes.number()?)?,
        max: {
            let (high, low): (u64, u64) = (bytes.number()?, bytes.number()?);
            Amount::from_millionths(u128::from(high) << 64 | u128::from(low))?
        },
        scope: *SCOPES.get(bytes.number::<usize>()?)?,
        increment_from: bytes.maybe(Path::take)?,
        on_deny: words(bytes)?,
    })
}
