//! Parts of policies as bytes, without what only people and diagnostics want of them: they have no places.

use super::{Amount, Condition, Limit, Path, Pattern, RuleId, Scope, Spanned, Test, Window};
use crate::bytes::{Bytes, Out};
use crate::json::Value;
use crate::source::Span;

const SCOPES: [Scope; 3] = [Scope::Grant, Scope::Session, Scope::All];

/// Something that has no place.
fn placed<T>(value: T) -> Spanned<T> {
    Spanned { value, span: Span::default() }
}

impl Out {
    /// A text or none.
    pub(crate) fn words(&mut self, words: Option<&String>) {
        self.maybe(words, |out, words| out.text(words));
    }
}

impl Bytes<'_> {
    /// A text to keep.
    pub(crate) fn name(&mut self) -> String {
        self.text().to_owned()
    }

    /// A text or none.
    #[inline(never)]
    pub(crate) fn words(&mut self) -> Option<String> {
        self.maybe(Bytes::name)
    }
}

impl RuleId {
    pub(crate) fn put(&self, out: &mut Out) {
        let RuleId { rule, label } = self;
        out.text(rule);
        out.text(label);
    }

    pub(crate) fn take(bytes: &mut Bytes<'_>) -> RuleId {
        RuleId { rule: bytes.name(), label: bytes.name() }
    }
}

impl Condition {
    pub(crate) fn put(&self, out: &mut Out) {
        let Condition { span: _, path, test, value_span: _ } = self;
        path.value.put(out);
        test.put(out);
    }

    pub(crate) fn take(bytes: &mut Bytes<'_>) -> Condition {
        let (path, test) = (placed(Path::take(bytes)), Test::take(bytes));
        Condition { span: Span::default(), path, test, value_span: Span::default() }
    }
}

impl Test {
    /// The operator as its place among [`Test::OPERATORS`], and its value.
    pub(crate) fn put(&self, out: &mut Out) {
        let operator = Test::OPERATORS.iter().position(|name| *name == self.operator());
        out.number(operator.unwrap_or(usize::MAX) as u64);
        match self {
            Test::Exists(wanted) => Value::Bool(*wanted).put(out),
            Test::Eq(value) | Test::Neq(value) | Test::Contains(value) => value.put(out),
            Test::In(list) | Test::NotIn(list) => Value::List(list.clone()).put(out),
            Test::Lt(number) | Test::Lte(number) | Test::Gt(number) | Test::Gte(number) => {
                Value::Number(number.clone()).put(out);
            }
            Test::Regex(pattern) => pattern.put(out),
        }
    }

    pub(crate) fn take(bytes: &mut Bytes<'_>) -> Test {
        // By place among the operators, as they are written.
        let operator = bytes.below(Test::OPERATORS.len());
        if operator == 9 {
            return Test::Regex(Pattern::take(bytes));
        }
        match (operator, Value::take(bytes)) {
            (0, Value::Bool(wanted)) => Test::Exists(wanted),
            (1, value) => Test::Eq(value),
            (2, value) => Test::Neq(value),
            (3, Value::List(list)) => Test::In(list),
            (4, Value::List(list)) => Test::NotIn(list),
            (5, Value::Number(bound)) => Test::Lt(bound),
            (6, Value::Number(bound)) => Test::Lte(bound),
            (7, Value::Number(bound)) => Test::Gt(bound),
            (8, Value::Number(bound)) => Test::Gte(bound),
            (10, scalar @ (Value::Bool(_) | Value::Number(_) | Value::String(_))) => {
                Test::Contains(scalar)
            }
            _ => {
                bytes.refuse();
                Test::Exists(false)
            }
        }
    }
}

impl Limit {
    pub(crate) fn put(&self, out: &mut Out) {
        let Limit { span: _, counter, window, max, scope, increment_from, on_deny } = self;
        out.text(&counter.value);
        out.number(window.seconds().into());
        out.0.extend_from_slice(&max.millionths().to_le_bytes());
        let scope = SCOPES.iter().position(|known| known == scope);
        out.number(scope.unwrap_or(usize::MAX) as u64);
        out.maybe(increment_from.as_ref(), |out, path| path.put(out));
        out.words(on_deny.as_ref());
    }

    pub(crate) fn take(bytes: &mut Bytes<'_>) -> Limit {
        let counter = placed(bytes.name());
        let window = Window::from_seconds(bytes.number());
        let max = Amount::from_millionths(u128::from_le_bytes(bytes.sixteen()));
        let scope = SCOPES.get(bytes.below(SCOPES.len()));
        bytes.expect(window.is_some() && max.is_some());
        Limit {
            span: Span::default(),
            counter,
            window: window.unwrap_or(Window::DAY),
            max: max.unwrap_or_default(),
            scope: scope.copied().unwrap_or(Scope::All),
            increment_from: bytes.maybe(Path::take),
            on_deny: bytes.words(),
        }
    }
}
