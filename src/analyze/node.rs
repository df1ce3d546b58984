//! The places in the arguments of a call that some tests look at, as a tree, with all that is asked of
//! the value in each place.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::schema::Schema;
use crate::json::{Node as Json, Value};
use crate::model::{Outcome, Step, Test};

/// How several elements of a list come together: one is enough, or each counts.
pub(super) const ANY: u8 = 1;
pub(super) const EVERY: u8 = 2;

/// Places are looked at no more deeply than this.
const MAX_DEPTH: usize = 24;

/// A place.
#[derive(Clone)]
pub(super) struct Node<'p> {
    pub(super) tests: Vec<Asked<'p>>,
    pub(super) keys: BTreeMap<Arc<str>, Node<'p>>,
    pub(super) items: BTreeMap<usize, Node<'p>>,
    pub(super) every: Option<Box<Node<'p>>>,
    pub(super) schema: Schema<'p>,
    /// Whether an object around it must have it.
    pub(super) required: bool,
}

/// A test of the value in a place.
#[derive(Clone)]
pub(super) struct Asked<'p> {
    pub(super) test: Cow<'p, Test>,
    pub(super) kinds: u8,
}

impl<'p> Node<'p> {
    /// A place of which nothing is asked.
    pub(super) fn new(schema: Schema<'p>) -> Node<'p> {
        let (keys, items) = (BTreeMap::new(), BTreeMap::new());
        Node { tests: Vec::new(), keys, items, every: None, schema, required: false }
    }

    /// Adds a test of what stands at a path from here.
    pub(super) fn ask(&mut self, steps: &[Step], test: Cow<'p, Test>, kinds: u8) {
        match steps.split_first() {
            None => self.add(test, kinds),
            Some((Step::Key(key), rest)) => self.key(key).ask(rest, test, kinds),
            Some((Step::Index(at), rest)) => self.item(*at).ask(rest, test, kinds),
            Some((Step::Every, rest)) => self.each().ask(rest, test, kinds),
        }
    }

    fn add(&mut self, test: Cow<'p, Test>, kinds: u8) {
        self.tests.push(Asked { test, kinds });
    }

    /// The place of a member.
    fn key(&mut self, key: &Arc<str>) -> &mut Node<'p> {
        let schema = &self.schema;
        self.keys.entry(Arc::clone(key)).or_insert_with(|| {
            let (schema, required) = schema.member(key);
            Node { required, ..Node::new(schema) }
        })
    }

    fn item(&mut self, index: usize) -> &mut Node<'p> {
        let schema = &self.schema;
        self.items.entry(index).or_insert_with(|| Node::new(schema.element()))
    }

    fn each(&mut self) -> &mut Node<'p> {
        let schema = &self.schema;
        self.every.get_or_insert_with(|| Box::new(Node::new(schema.element())))
    }

    /// Asks of the members and elements all that the tests in this place, and the schema, ask of them:
    /// a list that is compared with the value asks whether each element is equal to that of the list.
    /// `None` if that goes too deep.
    pub(super) fn prepare(&mut self, depth: usize) -> Option<()> {
        if depth > MAX_DEPTH {
            return None;
        }
        for test in self.schema.tests() {
            self.add(Cow::Owned(test), ANY | EVERY);
        }
        for name in self.schema.required() {
            self.key(&name.into());
        }
        for asked in self.tests.clone() {
            match asked.test.as_ref() {
                Test::Eq(wanted) | Test::Neq(wanted) => self.compare(wanted),
                Test::In(list) | Test::NotIn(list) => {
                    list.iter().for_each(|wanted| self.compare(&wanted.value));
                }
                Test::Contains(wanted) => {
                    self.each().add(Cow::Owned(Test::Eq(wanted.clone())), ANY);
                }
                _ => {}
            }
        }
        let deeper = depth.saturating_add(1);
        for node in self.keys.values_mut() {
            node.prepare(deeper)?;
        }
        for node in self.items.values_mut() {
            node.prepare(deeper)?;
        }
        self.every.as_mut().map_or(Some(()), |node| node.prepare(deeper))
    }

    fn compare(&mut self, wanted: &Value) {
        let equal = |item: &Json| Cow::Owned(Test::Eq(item.value.clone()));
        match wanted {
            Value::List(items) => {
                for (at, item) in items.iter().enumerate() {
                    self.item(at).add(equal(item), ANY);
                }
            }
            Value::Object(object) => {
                for member in object.members() {
                    self.key(&member.key.as_str().into()).add(equal(&member.node), ANY);
                }
            }
            _ => {}
        }
    }

    /// The lists and objects that the value is compared with.
    pub(super) fn wholes(&self) -> impl Iterator<Item = &Value> {
        self.tests
            .iter()
            .flat_map(|asked| constants(&asked.test))
            .filter(|wanted| matches!(wanted, Value::List(_) | Value::Object(_)))
    }

    /// This place as the same as another: all that is asked in either.
    pub(super) fn merged(mut self, other: &Node<'p>) -> Node<'p> {
        self.tests.extend(other.tests.iter().cloned());
        for (key, node) in &other.keys {
            let own = self.keys.remove(key);
            let node = own.map_or_else(|| node.clone(), |own| own.merged(node));
            self.keys.insert(Arc::clone(key), node);
        }
        for (index, node) in &other.items {
            let own = self.items.remove(index);
            let node = own.map_or_else(|| node.clone(), |own| own.merged(node));
            self.items.insert(*index, node);
        }
        self.every = match (self.every, &other.every) {
            (Some(own), Some(other)) => Some(Box::new(own.merged(other))),
            (own, other) => own.or_else(|| other.clone()),
        };
        self
    }

    /// What all tests here and below make of a value: for each test the outcomes that occur, a bit each,
    /// and whether every `[*]` on the way had an element. Values with the same signature are not told
    /// apart, not even by what is done with them in a list.
    pub(super) fn signature(&self, value: Option<&Value>, out: &mut Vec<u8>) {
        for asked in &self.tests {
            out.push(FULL | bit(asked.test.outcome(value)));
        }
        let object = value.and_then(Value::as_object);
        for (key, node) in &self.keys {
            let member = object.and_then(|object| object.get(key));
            node.signature(member.map(|member| &member.value), out);
        }
        let list = value.and_then(Value::as_list);
        for (at, node) in &self.items {
            let item = list.and_then(|list| list.get(*at));
            node.signature(item.map(|item| &item.value), out);
        }
        if let Some(each) = &self.every {
            let start = out.len();
            each.flat(out, &|_| 0);
            for (number, item) in list.unwrap_or_default().iter().enumerate() {
                let mut one = Vec::new();
                each.signature(Some(&item.value), &mut one);
                for (all, one) in out.iter_mut().skip(start).zip(one) {
                    let full = one & FULL & if number == 0 { FULL } else { *all };
                    *all = full | (*all | one) & !FULL;
                }
            }
            let mut kinds = Vec::new();
            each.flat(&mut kinds, &|asked| asked.kinds);
            for (all, kinds) in out.iter_mut().skip(start).zip(kinds) {
                *all = *all & FULL | strongest(*all & !FULL, kinds);
            }
        }
    }

    /// Something of each test here and below, in the order of signatures.
    fn flat(&self, out: &mut Vec<u8>, of: &dyn Fn(&Asked<'p>) -> u8) {
        out.extend(self.tests.iter().map(of));
        self.keys.values().for_each(|node| node.flat(out, of));
        self.items.values().for_each(|node| node.flat(out, of));
        self.every.iter().for_each(|node| node.flat(out, of));
    }
}

/// In a signature: every `[*]` on the way had an element.
const FULL: u8 = 8;

/// An outcome in a set of outcomes.
pub(super) fn bit(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Satisfied => 1,
        Outcome::NotSatisfied => 2,
        Outcome::Errored => 4,
    }
}

/// Of several outcomes those that count.
fn strongest(outcomes: u8, kinds: u8) -> u8 {
    let order = match kinds {
        ANY => [1, 4, 2],
        EVERY => [2, 4, 1],
        _ => return outcomes,
    };
    order.into_iter().find(|one| outcomes & one != 0).unwrap_or(0)
}

/// The values that a test compares with.
pub(super) fn constants(test: &Test) -> Vec<&Value> {
    match test {
        Test::Eq(wanted) | Test::Neq(wanted) => vec![wanted],
        Test::In(list) | Test::NotIn(list) => list.iter().map(|wanted| &wanted.value).collect(),
        _ => Vec::new(),
    }
}
