//! Values that stand for all values of a place: one of each class that nothing asked of the place, or
//! below it, tells apart, each the smallest that was found.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use super::node::{Node, constants};
use super::text::Texts;
use super::{number, text};
use crate::json::{Number, Object, Value, write};
use crate::model::{Pattern, Test, plain_text};
use crate::order::sort_by;

/// So many values are tried for one place.
const MAX_TRIED: usize = 4_000;
/// Lists are told apart by their first so many elements at most.
const MAX_STAGES: usize = 12;

const TOO_MANY: &str = "there are too many kinds of arguments";

/// What goes with the search for such values.
pub(super) struct Work<'w> {
    /// How many values may still be tried.
    pub(super) left: Cell<usize>,
    /// How many forms of places that nobody asks about may still be looked at.
    pub(super) forms: Cell<usize>,
    pub(super) texts: &'w Texts,
}

/// What stands for all values of a place.
pub(super) struct Cells {
    /// The smallest first; `None` is a missing value.
    pub(super) values: Vec<Option<Value>>,
    /// Why there may be more.
    pub(super) gap: Option<&'static str>,
}

/// Those of the values of a place; with `open`, of an object only whether it is one, for its members
/// are looked at on their own.
pub(super) fn cells(node: &Node<'_>, open: bool, work: &Work<'_>) -> Cells {
    let mut found = Found { node, open, work, by_signature: BTreeMap::new(), gap: None };
    found.keep(None);
    for value in [Value::Null, Value::Bool(true), Value::Bool(false)] {
        found.keep(Some(value));
    }
    found.numbers();
    found.texts();
    // Of these nothing was put together from what fits, so that all that is in them is looked at.
    let given = node.schema.listed().chain(node.wholes());
    for value in given.filter(|value| node.schema.takes(value)) {
        found.keep(Some(value.clone()));
    }
    found.lists();
    found.objects();
    let mut all: Vec<(usize, String, Option<Value>)> = found.by_signature.into_values().collect();
    sort_by(&mut all, |a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
    let values = all.into_iter().map(|(_, _, value)| value).collect();
    Cells { values, gap: found.gap }
}

struct Found<'n, 'p> {
    node: &'n Node<'p>,
    open: bool,
    work: &'n Work<'n>,
    /// The smallest value with its size and text.
    by_signature: BTreeMap<Vec<u8>, (usize, String, Option<Value>)>,
    gap: Option<&'static str>,
}

impl Found<'_, '_> {
    fn keep(&mut self, value: Option<Value>) {
        match self.work.left.get().checked_sub(1) {
            Some(left) => self.work.left.set(left),
            None => {
                self.gap = Some(TOO_MANY);
                return;
            }
        }
        if value.as_ref().is_some_and(|value| !self.node.schema.fits(value)) {
            return;
        }
        let mut signature = Vec::new();
        self.node.signature(value.as_ref(), &mut signature);
        // Of an open object what is in it is not said, and a missing value is none for an element.
        signature.push(match &value {
            Some(Value::Object(_)) if self.open => 1,
            None => 2,
            _ => 0,
        });
        let text = value.as_ref().map(write).unwrap_or_default();
        let size = text.chars().count();
        // Of what is not told apart rather that which is whole.
        let less = self.node.is_cut && matches!(value, Some(Value::Object(_)));
        let new = (if less { usize::MAX } else { size }, text, value);
        match self.by_signature.get_mut(&signature) {
            Some(old) if (old.0, &old.1) <= (new.0, &new.1) => {}
            Some(old) => *old = new,
            None => {
                self.by_signature.insert(signature, new);
            }
        }
    }

    fn numbers(&mut self) {
        let mut points = Vec::new();
        for asked in &self.node.tests {
            match asked.test.as_ref() {
                Test::Lt(bound) | Test::Lte(bound) | Test::Gt(bound) | Test::Gte(bound) => {
                    points.push(bound.clone());
                }
                test => {
                    points.extend(constants(test).into_iter().filter_map(|wanted| match wanted {
                        Value::Number(number) => Some(number.clone()),
                        Value::String(text) => Number::parse(text).ok(),
                        _ => None,
                    }))
                }
            }
        }
        let (members, complete) = number::members(points, self.node.schema.is_whole());
        for number in members {
            self.keep(Some(Value::Number(number)));
        }
        if !complete {
            self.gap = Some("between numbers that are too large or too close");
        }
    }

    fn texts(&mut self) {
        let mut texts: BTreeSet<String> = BTreeSet::new();
        let mut patterns: Vec<Pattern> = Vec::new();
        for asked in &self.node.tests {
            match asked.test.as_ref() {
                Test::Regex(pattern) => patterns.push(pattern.clone()),
                Test::Contains(wanted) => {
                    let wanted = plain_text(wanted).unwrap_or_default();
                    match text::literal(&wanted) {
                        Some(pattern) => patterns.push(pattern),
                        None => self.gap = Some("a text to look for is too long"),
                    }
                }
                test => texts.extend(
                    constants(test)
                        .into_iter()
                        .filter_map(|wanted| plain_text(wanted).map(|text| text.into_owned())),
                ),
            }
        }
        sort_by(&mut patterns, |a, b| a.as_str().cmp(b.as_str()));
        patterns.dedup();
        let (members, complete) = self.work.texts.members(texts, &patterns);
        for text in members {
            self.keep(Some(Value::String(text)));
        }
        if !complete {
            self.gap = Some("the patterns are too large together");
        }
    }

    /// Lists, by adding an element of each kind to those that are known, until nothing new comes of it.
    fn lists(&mut self) {
        let node = self.node;
        let longest = node.wholes().filter_map(|whole| whole.as_list().map(<[_]>::len)).max();
        let asked = node.items.keys().last().map(|last| last.saturating_add(1));
        let compared = longest.map(|longest| longest.saturating_add(1));
        let least = usize::try_from(node.schema.least_items()).unwrap_or(0);
        let stages = asked.max(compared).unwrap_or(0).max(least);
        self.keep(Some(Value::List(Vec::new())));
        if stages == 0 && node.every.is_none() {
            return;
        }
        if stages > MAX_STAGES {
            self.gap = Some("lists that are told apart by elements far behind");
            return;
        }
        let mut each = node.every.as_deref().cloned();
        if each.is_none() {
            each = node.unasked(&self.work.forms);
            if each.is_none() {
                self.gap = Some("lists are nested too deeply");
                return;
            }
        }
        let Some(each) = each else { return };
        let mut elements = Vec::new();
        for place in 0..=stages {
            if self.work.left.get() == 0 {
                self.gap = Some(TOO_MANY);
                return;
            }
            let here = match node.items.get(&place) {
                Some(item) => each.clone().merged(item),
                None => each.clone(),
            };
            let cells = cells(&here, false, self.work);
            self.gap = self.gap.or(cells.gap);
            elements.push(cells.values.into_iter().flatten().collect::<Vec<Value>>());
        }
        let mut seen: BTreeSet<(usize, Vec<u8>)> = BTreeSet::new();
        let mut open: VecDeque<Vec<Value>> = VecDeque::from([Vec::new()]);
        let mut tried = 0usize;
        while let Some(list) = open.pop_front() {
            for element in elements.get(list.len().min(stages)).into_iter().flatten() {
                tried = tried.saturating_add(1);
                if tried > MAX_TRIED {
                    self.gap = Some("there are too many kinds of lists");
                    return;
                }
                let mut longer = list.clone();
                longer.push(element.clone());
                let value = Value::List(longer.iter().cloned().map(Into::into).collect());
                let mut signature = Vec::new();
                node.signature(Some(&value), &mut signature);
                if seen.insert((longer.len().min(stages), signature)) {
                    self.keep(Some(value));
                    open.push_back(longer);
                }
            }
        }
    }

    /// Objects, by all combinations of their members.
    fn objects(&mut self) {
        let node = self.node;
        if self.open {
            self.keep(Some(Value::Object(Object::default())));
            return;
        }
        let mut members: Vec<(&Arc<str>, Vec<Option<Value>>)> = Vec::new();
        let mut count = 1usize;
        for (key, member) in &node.keys {
            let cells = cells(member, false, self.work);
            self.gap = self.gap.or(cells.gap);
            let mut values = cells.values;
            values.retain(|value| value.is_some() || !member.required);
            if member.beyond > 0 {
                // Nobody tells them apart.
                values.truncate(1);
            }
            count = count.saturating_mul(values.len());
            members.push((key, values));
        }
        if count > MAX_TRIED {
            self.gap = Some("there are too many kinds of objects");
        }
        // A member that nothing asks about makes an object another than all that it is compared with.
        let compared = node.wholes().any(|whole| matches!(whole, Value::Object(_)));
        let foreign = foreign_key(node);
        for number in 0..count.min(MAX_TRIED) {
            let mut rest = number;
            let mut object = Vec::new();
            for (key, values) in &members {
                let at = rest.checked_rem(values.len()).unwrap_or(0);
                rest = rest.checked_div(values.len()).unwrap_or(0);
                if let Some(Some(value)) = values.get(at) {
                    object.push((key.to_string(), value.clone()));
                }
            }
            if compared {
                let more = object.iter().cloned().chain([(foreign.clone(), Value::Null)]);
                self.keep(Some(Value::Object(more.collect())));
            }
            self.keep(Some(Value::Object(object.into_iter().collect())));
        }
    }
}

fn foreign_key(node: &Node<'_>) -> String {
    let mut key = "other".to_owned();
    let named = |key: &str| {
        let compared = node.wholes().filter_map(Value::as_object);
        node.keys.contains_key(key) || compared.into_iter().any(|object| object.get(key).is_some())
    };
    while named(&key) {
        key.push('_');
    }
    key
}
