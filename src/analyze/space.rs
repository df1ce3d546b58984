//! The calls of one tool, as far as some questions tell them apart: a few variables, each with the
//! values that stand for all, and what each question makes of each value.

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::BTreeSet;
use std::sync::Arc;

use super::cell::{self, Work};
use super::node::{ANY, EVERY, MAX_FORMS, Node, bit};
use super::schema::Schema;
use super::text::Texts;
use crate::evaluate::condition_outcome;
use crate::json::{Number, Object, Value};
use crate::model::{Amount, Condition, Limit, Outcome, RuleKind, Step, Test, Tool};

/// So many values are tried for all arguments of a tool.
const MAX_TRIED: usize = 60_000;

/// A question about the arguments of a call.
#[derive(Clone, Copy)]
pub(super) enum Ask<'p> {
    /// The outcome of a condition in a rule of this kind.
    Condition(&'p Condition, RuleKind),
    /// Whether a limit could ever let the call pass: satisfied or not.
    Amount(&'p Limit),
}

impl Ask<'_> {
    fn steps(&self) -> &[Step] {
        match self {
            Ask::Condition(condition, _) => condition.path.value.steps(),
            Ask::Amount(limit) => limit.increment_from.as_ref().map_or(&[], |path| path.steps()),
        }
    }

    fn outcome(&self, arguments: &Object) -> Outcome {
        match self {
            Ask::Condition(condition, kind) => condition_outcome(condition, *kind, arguments).0,
            Ask::Amount(limit) => {
                let found = limit.increment_from.as_ref().and_then(|path| path.find(arguments));
                let amount = found.and_then(Value::as_number);
                let amount = amount.and_then(|number| Amount::taken(number.as_decimal()));
                match amount.is_some_and(|amount| amount <= limit.max) {
                    true => Outcome::Satisfied,
                    false => Outcome::NotSatisfied,
                }
            }
        }
    }
}

/// The calls of a tool.
pub(super) struct Space<'p> {
    asks: Vec<Ask<'p>>,
    /// Those around others come before them.
    pub(super) variables: Vec<Variable>,
    /// Why there may be calls that no values stand for.
    pub(super) gap: Option<String>,
    schema: Schema<'p>,
}

/// A part of the arguments that is chosen without regard to the others, but for the one around it.
pub(super) struct Variable {
    /// The keys that lead to it.
    keys: Vec<Arc<str>>,
    /// The variable around it, which then is an open object.
    pub(super) parent: Option<usize>,
    /// Whether it must be there if the one around it is.
    pub(super) required: bool,
    /// The questions about it.
    pub(super) asks: Vec<usize>,
    /// The smallest first.
    pub(super) values: Vec<Choice>,
}

/// A value of a variable.
pub(super) struct Choice {
    pub(super) value: Option<Value>,
    /// Whether it is an object whose members are variables of their own.
    pub(super) is_open: bool,
    /// For each question about the variable its outcome, as a bit.
    pub(super) outcomes: Vec<u8>,
}

impl<'p> Space<'p> {
    /// The calls of a tool as these questions tell them apart; all of any tool, or those that fit the
    /// schema of this one.
    pub(super) fn new(asks: Vec<Ask<'p>>, tool: Option<&'p Tool>, texts: &Texts) -> Space<'p> {
        let schema = Schema::of(tool);
        let mut root = Node::new(schema.clone());
        for ask in &asks {
            add(&mut root, *ask);
        }
        let mut space = Space { asks, variables: Vec::new(), gap: None, schema };
        let forms = Cell::new(MAX_FORMS);
        if root.prepare(0, &forms).is_none() {
            space.gap = Some("the arguments are nested too deeply".to_owned());
            return space;
        }
        let work = Work { left: Cell::new(MAX_TRIED), forms, texts };
        space.split(root, &[], None, &work);
        space
    }

    /// Makes variables of the members of an object.
    fn split(&mut self, node: Node<'p>, keys: &[Arc<str>], parent: Option<usize>, work: &Work<'_>) {
        for (key, mut node) in node.keys {
            let mut keys = keys.to_vec();
            keys.push(key);
            // What a literal is compared with is looked at as a whole.
            let compared = node.wholes().any(|whole| matches!(whole, Value::Object(_)));
            // Of what nobody asks about one value is enough, the smallest.
            let is_open = !compared && !node.keys.is_empty() && node.beyond == 0;
            let mut below = Node::new(Schema::OPEN);
            if is_open {
                below.keys = std::mem::take(&mut node.keys);
            }
            let cells = cell::cells(&node, is_open, work);
            if let (Some(why), None) = (cells.gap, &self.gap) {
                self.gap = Some(format!("{why} (`{}`)", shown(&keys)));
            }
            let number = self.variables.len();
            let deeper =
                |steps: &[Step]| is_open && matches!(steps.get(keys.len()), Some(Step::Key(_)));
            let asks = (0..self.asks.len()).filter(|at| {
                self.asks
                    .get(*at)
                    .is_some_and(|ask| leads(ask.steps(), &keys) && !deeper(ask.steps()))
            });
            let asks: Vec<usize> = asks.collect();
            let choice = |value: Option<Value>| {
                let is_open = is_open && matches!(value, Some(Value::Object(_)));
                let arguments = nested(&keys, value.clone());
                let outcome =
                    |at: &usize| self.asks.get(*at).map_or(0, |ask| bit(ask.outcome(&arguments)));
                Choice { value, is_open, outcomes: asks.iter().map(outcome).collect() }
            };
            let mut values: Vec<Choice> = cells.values.into_iter().map(choice).collect();
            let required = node.required;
            if required && parent.is_none() {
                values.retain(|choice| choice.value.is_some());
            }
            // Of values that no question tells apart the first, which is the smallest.
            let mut seen = BTreeSet::new();
            values.retain(|choice| {
                let here = parent.is_some() && choice.value.is_some();
                seen.insert((choice.outcomes.clone(), choice.is_open, here))
            });
            self.variables.push(Variable { keys: keys.clone(), parent, required, asks, values });
            self.split(below, &keys, Some(number), work);
        }
    }

    /// The number of questions.
    pub(super) fn len(&self) -> usize {
        self.asks.len()
    }

    /// The arguments of a call with these values, a number for each variable.
    pub(super) fn arguments(&self, chosen: &[usize]) -> Object {
        self.object(None, chosen)
    }

    /// Whether the schema takes these arguments.
    pub(super) fn takes(&self, arguments: &Object) -> bool {
        self.schema.takes(&Value::Object(arguments.clone()))
    }

    fn object(&self, parent: Option<usize>, chosen: &[usize]) -> Object {
        let mut members = Vec::new();
        for (number, variable) in self.variables.iter().enumerate() {
            if variable.parent != parent {
                continue;
            }
            let choice = chosen.get(number).and_then(|at| variable.values.get(*at));
            let Some((choice, key)) = choice.zip(variable.keys.last()) else { continue };
            let value = match choice.is_open {
                // Recursion goes as deep as keys lead.
                true => Some(Value::Object(self.object(Some(number), chosen))),
                false => choice.value.clone(),
            };
            members.extend(value.map(|value| (key.to_string(), value)));
        }
        members.into_iter().collect()
    }
}

/// Asks a question of a place.
fn add<'p>(root: &mut Node<'p>, ask: Ask<'p>) {
    match ask {
        Ask::Condition(condition, kind) => {
            let kinds = if kind == RuleKind::Require { EVERY } else { ANY };
            root.ask(condition.path.value.steps(), Cow::Borrowed(&condition.test), kinds);
        }
        Ask::Amount(limit) => {
            let Some(path) = &limit.increment_from else { return };
            let bounds = [("0", true), (&*limit.max.to_string(), false)];
            for (bound, least) in bounds {
                let Ok(bound) = Number::parse(bound) else { continue };
                let test = if least { Test::Gte(bound) } else { Test::Lte(bound) };
                root.ask(path.steps(), Cow::Owned(test), ANY);
            }
        }
    }
}

/// Whether a path goes through these keys.
fn leads(steps: &[Step], keys: &[Arc<str>]) -> bool {
    let through = |(key, step): (&Arc<str>, &Step)| matches!(step, Step::Key(own) if own == key);
    steps.len() >= keys.len() && keys.iter().zip(steps).all(through)
}

/// Arguments in which these keys lead to a value.
fn nested(keys: &[Arc<str>], value: Option<Value>) -> Object {
    let mut inner = value;
    for key in keys.iter().skip(1).rev() {
        let object: Object = inner.map(|value| (key.to_string(), value)).into_iter().collect();
        inner = Some(Value::Object(object));
    }
    keys.first().zip(inner).map(|(key, value)| (key.to_string(), value)).into_iter().collect()
}

fn shown(keys: &[Arc<str>]) -> String {
    let mut text = "args".to_owned();
    for key in keys {
        text.push('.');
        text.push_str(key);
    }
    text
}
