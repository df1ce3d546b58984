//! What a tool's `inputSchema` says of the values at a place, as far as it is understood: types, lists of
//! values, bounds, lengths, patterns, and which members there must be and may be.
//!
//! What is not understood says nothing, so that no call is left out that the schema lets through.

use std::cell::Cell;

use crate::json::{Number, Object, Value};
use crate::model::{Outcome, Pattern, Test, Tool};
use crate::validate::schema::{expand, listed, types};

/// Repeat counts beyond this are no patterns.
const MAX_COUNT: u64 = 1000;
/// Lists must have no more elements than this for their number to count.
pub(super) const MAX_ITEMS: u64 = 8;
/// So many forms are held to one value and what is in it.
const MAX_LOOKED_AT: usize = 2_000;

/// What a schema says of a place.
#[derive(Clone)]
pub(super) struct Schema<'c> {
    root: Option<&'c Object>,
    /// What the value may be, one of these; `None` for anything.
    forms: Option<Vec<Form<'c>>>,
}

/// One form of a value.
#[derive(Clone)]
struct Form<'c> {
    schema: &'c Object,
    types: Option<Vec<&'c str>>,
    listed: Option<Vec<&'c Value>>,
    /// Bounds of numbers.
    bounds: Vec<Test>,
    /// What strings must match.
    patterns: Vec<Pattern>,
    items: (u64, u64),
    /// Whether there are no members but those that it names.
    closed: bool,
}

impl<'c> Schema<'c> {
    /// Anything.
    pub(super) const OPEN: Schema<'static> = Schema { root: None, forms: None };

    /// The arguments of a tool.
    pub(super) fn of(tool: Option<&'c Tool>) -> Schema<'c> {
        match tool.and_then(|tool| tool.input_schema.as_ref()) {
            Some(root) => Schema::new(root, vec![root]),
            None => Schema::OPEN,
        }
    }

    fn new(root: &'c Object, schemas: Vec<&'c Object>) -> Schema<'c> {
        let forms = expand(root, schemas).map(|forms| forms.into_iter().map(Form::new).collect());
        Schema { root: Some(root), forms }
    }

    /// How many forms it has, at least 1.
    pub(super) fn size(&self) -> usize {
        self.forms.as_ref().map_or(1, |forms| forms.len().max(1))
    }

    /// What it says of a member, and whether an object must have it.
    pub(super) fn member(&self, key: &str) -> (Schema<'c>, bool) {
        let (Some(root), Some(forms)) = (self.root, &self.forms) else {
            return (Schema::OPEN, false);
        };
        let (mut schemas, mut required, mut open) = (Vec::new(), true, false);
        for form in forms.iter().filter(|form| form.may_be("object")) {
            required &= form.required().any(|name| name == key);
            let own = form.schema.get("properties").and_then(|node| node.value.as_object());
            match own.and_then(|own| own.get(key)).map(|node| &node.value) {
                Some(Value::Object(schema)) => schemas.push(schema),
                Some(Value::Bool(false)) => {}
                None if form.closed => {}
                _ => open = true,
            }
        }
        if open {
            return (Schema::OPEN, required);
        }
        (Schema::new(root, schemas), required)
    }

    /// What it says of an element.
    pub(super) fn element(&self) -> Schema<'c> {
        let (Some(root), Some(forms)) = (self.root, &self.forms) else { return Schema::OPEN };
        let mut schemas = Vec::new();
        for form in forms.iter().filter(|form| form.may_be("array")) {
            let items = form.schema.get("items").map(|node| &node.value);
            match items {
                Some(Value::Object(schema)) if form.schema.get("prefixItems").is_none() => {
                    schemas.push(schema);
                }
                _ => return Schema::OPEN,
            }
        }
        Schema::new(root, schemas)
    }

    /// The members that an object must have.
    pub(super) fn required(&self) -> Vec<&'c str> {
        let Some(forms) = &self.forms else { return Vec::new() };
        let mut objects = forms.iter().filter(|form| form.may_be("object"));
        let Some(first) = objects.next() else { return Vec::new() };
        let mut names: Vec<&str> = first.required().collect();
        for form in objects {
            names.retain(|name| form.required().any(|other| other == *name));
        }
        names
    }

    /// What it asks of a value, for the values to be told apart by it.
    pub(super) fn tests(&self) -> Vec<Test> {
        let mut tests = Vec::new();
        for form in self.forms.iter().flatten() {
            tests.extend(form.bounds.iter().cloned());
            tests.extend(form.patterns.iter().cloned().map(Test::Regex));
            let listed = form.listed.iter().flatten();
            let listed: Vec<_> = listed.map(|value| (*value).clone().into()).collect();
            if !listed.is_empty() {
                tests.push(Test::In(listed));
            }
        }
        tests
    }

    /// The values that it lists.
    pub(super) fn listed(&self) -> impl Iterator<Item = &'c Value> {
        self.forms.iter().flatten().filter_map(|form| form.listed.as_ref()).flatten().copied()
    }

    /// The least number of elements that tells lists apart.
    pub(super) fn least_items(&self) -> u64 {
        self.forms.iter().flatten().map(|form| form.items.0).max().unwrap_or(0)
    }

    /// Whether all numbers are whole ones.
    pub(super) fn is_whole(&self) -> bool {
        let whole = |form: &Form<'_>| form.types.is_some() && !form.may_have("number");
        self.forms.as_ref().is_some_and(|forms| forms.iter().all(whole))
    }

    /// Whether a value may stand here with all that is in it: one form says all of it. Beyond so much
    /// work what is left is taken to fit.
    pub(super) fn takes(&self, value: &Value) -> bool {
        self.takes_within(value, &Cell::new(MAX_LOOKED_AT))
    }

    fn takes_within(&self, value: &Value, left: &Cell<usize>) -> bool {
        let (Some(root), Some(forms)) = (self.root, &self.forms) else { return true };
        let Some(less) = left.get().checked_sub(forms.len()) else { return true };
        left.set(less);
        let below = |schema: Option<&'c Value>, value: &Value| match schema {
            Some(Value::Object(schema)) => {
                Schema::new(root, vec![schema]).takes_within(value, left)
            }
            schema => schema != Some(&Value::Bool(false)),
        };
        forms.iter().filter(|form| form.fits(value)).any(|form| match value {
            Value::Object(object) => {
                let own = form.schema.get("properties").and_then(|own| own.value.as_object());
                let said = |key: &str| Some(&own?.get(key)?.value);
                form.required().all(|name| object.get(name).is_some())
                    && object
                        .members()
                        .iter()
                        .all(|member| below(said(&member.key), &member.node.value))
            }
            Value::List(items) if form.schema.get("prefixItems").is_none() => {
                let said = form.schema.get("items").map(|node| &node.value);
                items.iter().all(|item| below(said, &item.value))
            }
            _ => true,
        })
    }

    /// Whether a value may stand here. What is in it was looked at before.
    pub(super) fn fits(&self, value: &Value) -> bool {
        self.forms.as_ref().is_none_or(|forms| forms.iter().any(|form| form.fits(value)))
    }
}

impl<'c> Form<'c> {
    fn new(schema: &'c Object) -> Form<'c> {
        let number = |key: &str| schema.get(key)?.value.as_number();
        let count = |key: &str| number(key).and_then(Number::to_u64);
        let bounds = [
            number("minimum").cloned().map(Test::Gte),
            number("maximum").cloned().map(Test::Lte),
            number("exclusiveMinimum").cloned().map(Test::Gt),
            number("exclusiveMaximum").cloned().map(Test::Lt),
        ];
        let mut patterns = Vec::new();
        if let Some(text) = schema.get("pattern").and_then(|node| node.value.as_str()) {
            // `\s` has more in ECMAScript; all else that both dialects know finds no less here.
            let known = Some(text).filter(|text| !text.contains("\\s"));
            patterns.extend(known.and_then(|text| Pattern::parse(text).ok()));
        }
        let least = count("minLength").filter(|least| *least <= MAX_COUNT).unwrap_or(0);
        let most = count("maxLength").filter(|most| *most <= MAX_COUNT);
        if most.is_some_and(|most| most < least) {
            // No text is as long as that.
            patterns.extend(Pattern::parse("[^\\x00-\\x{10FFFF}]").ok());
        } else if least > 0 || most.is_some() {
            let most = most.map(|most| most.to_string()).unwrap_or_default();
            let text = format!("\\A(?s:.{{{least},{most}}})\\z");
            patterns.extend(Pattern::parse(&text).ok());
        }
        let least = count("minItems").filter(|least| *least <= MAX_ITEMS).unwrap_or(0);
        let closed = schema.get("additionalProperties").map(|node| &node.value);
        Form {
            schema,
            types: types(schema),
            listed: listed(schema),
            bounds: bounds.into_iter().flatten().collect(),
            patterns,
            items: (least, count("maxItems").unwrap_or(u64::MAX)),
            closed: closed == Some(&Value::Bool(false))
                && schema.get("patternProperties").is_none(),
        }
    }

    fn required(&self) -> impl Iterator<Item = &'c str> {
        let names = self.schema.get("required").and_then(|node| node.value.as_list());
        names.unwrap_or_default().iter().filter_map(|node| node.value.as_str())
    }

    /// Whether it may be an object, or a list; where the values are listed, whether one of them is.
    fn may_be(&self, kind: &str) -> bool {
        let is_kind = |value: &&Value| match value {
            Value::List(_) => kind == "array",
            Value::Object(_) => kind == "object",
            _ => false,
        };
        self.may_have(kind) && self.listed.as_ref().is_none_or(|all| all.iter().any(is_kind))
    }

    /// Whether its types have this one.
    fn may_have(&self, kind: &str) -> bool {
        self.types.as_ref().is_none_or(|types| types.contains(&kind))
    }

    fn fits(&self, value: &Value) -> bool {
        let is_kind = match value {
            Value::Null => self.may_have("null"),
            Value::Bool(_) => self.may_have("boolean"),
            Value::Number(number) => {
                self.may_have("number") || self.may_have("integer") && number.is_integer()
            }
            Value::String(_) => self.may_have("string"),
            Value::List(_) => self.may_have("array"),
            Value::Object(_) => self.may_have("object"),
        };
        let is_listed = self.listed.as_ref().is_none_or(|listed| listed.contains(&value));
        is_kind
            && is_listed
            && match value {
                Value::Number(_) => {
                    self.bounds.iter().all(|test| test.outcome(Some(value)) == Outcome::Satisfied)
                }
                Value::String(text) => self.patterns.iter().all(|pattern| pattern.is_match(text)),
                Value::List(items) => {
                    let count = u64::try_from(items.len()).unwrap_or(u64::MAX);
                    self.items.0 <= count && count <= self.items.1
                }
                Value::Object(object) if self.closed => {
                    let own = self.schema.get("properties").and_then(|own| own.value.as_object());
                    let known = |key: &str| own.is_some_and(|own| own.get(key).is_some());
                    object.members().iter().all(|member| known(&member.key))
                }
                _ => true,
            }
    }
}
