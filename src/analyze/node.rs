//! The places in the arguments of a call that some tests look at, as a tree, with all that is asked of
//! the value in each place.

use std::borrow::Cow;
use std::cell::Cell;
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
/// Places that nobody asks about, but an object must have, are looked at so far beyond those that
/// somebody asks about, and
const MAX_BEYOND: usize = 12;
/// so many forms of them in all: a schema that refers to itself has places without end.
pub(super) const MAX_FORMS: usize = 4_096;

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
    /// How far it is from the nearest place around it that somebody asks about.
    pub(super) beyond: usize,
    /// Whether objects here must have more than was followed.
    pub(super) is_cut: bool,
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
        Node {
            tests: Vec::new(),
            keys,
            items,
            every: None,
            schema,
            required: false,
            beyond: 0,
            is_cut: false,
        }
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

    /// The place of a member that somebody asks about.
    fn key(&mut self, key: &Arc<str>) -> &mut Node<'p> {
        let schema = &self.schema;
        let node = self.keys.entry(Arc::clone(key)).or_insert_with(|| {
            let (schema, required) = schema.member(key);
            Node { required, ..Node::new(schema) }
        });
        node.beyond = 0;
        node
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
    /// `None` if that goes too deep. Takes the forms of places that nobody asks about from `left`.
    pub(super) fn prepare(&mut self, depth: usize, left: &Cell<usize>) -> Option<()> {
        if depth > MAX_DEPTH {
            return None;
        }
        for test in self.schema.tests() {
            self.add(Cow::Owned(test), ANY | EVERY);
        }
        for name in self.schema.required() {
            self.need(name, left);
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
            node.prepare(deeper, left)?;
        }
        for node in self.items.values_mut() {
            node.prepare(deeper, left)?;
        }
        self.every.as_mut().map_or(Some(()), |node| node.prepare(deeper, left))
    }

    /// The place of a member that an object must have. Where that leads too far there is none, and with or
    /// without it objects are alike to all who ask.
    fn need(&mut self, name: &str, left: &Cell<usize>) {
        let key: Arc<str> = name.into();
        if self.keys.contains_key(&key) {
            return;
        }
        let (schema, required) = self.schema.member(name);
        let room = self.further().zip(left.get().checked_sub(schema.size()));
        let Some((beyond, less)) = room else {
            self.is_cut = true;
            return;
        };
        left.set(less);
        self.keys.insert(key, Node { required, beyond, ..Node::new(schema) });
    }

    /// How far a place in this one is that nobody asks about; `None` if that is too far.
    fn further(&self) -> Option<usize> {
        Some(self.beyond.saturating_add(1)).filter(|beyond| *beyond <= MAX_BEYOND)
    }

    /// An element that nobody asks about, with what its schema wants of it; beyond the bounds anything.
    /// `None` if that goes too deep.
    pub(super) fn unasked(&self, left: &Cell<usize>) -> Option<Node<'p>> {
        let Some(beyond) = self.further() else { return Some(Node::new(Schema::OPEN)) };
        let schema = self.schema.element();
        let Some(less) = left.get().checked_sub(schema.size()) else {
            return Some(Node::new(Schema::OPEN));
        };
        left.set(less);
        let mut element = Node { beyond, ..Node::new(schema) };
        element.prepare(0, left)?;
        Some(element)
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
                    self.key(&Arc::from(&*member.key)).add(equal(&member.node), ANY);
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
        self.beyond = self.beyond.min(other.beyond);
        self.is_cut |= other.is_cut;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse;

    /// How many places there are when the arguments of a tool with this schema are prepared.
    fn places(schema: &str) -> Option<usize> {
        fn count(node: &Node<'_>) -> usize {
            1 + node.keys.values().map(count).sum::<usize>()
        }
        let text = format!(r#"[{{"name":"t","inputSchema":{schema}}}]"#);
        let catalog = parse::catalog(text.as_bytes()).unwrap();
        let mut root = Node::new(Schema::of(catalog.tools.first()));
        let left = Cell::new(MAX_FORMS);
        root.prepare(0, &left)?;
        assert!(count(&root) <= 1 + MAX_FORMS - left.get());
        Some(count(&root))
    }

    fn object(members: &[(&str, &str)], more: &str) -> String {
        let own: Vec<_> = members.iter().map(|(key, of)| format!(r#""{key}":{of}"#)).collect();
        let keys: Vec<_> = members.iter().map(|(key, _)| format!("\"{key}\"")).collect();
        let (own, keys) = (own.join(","), keys.join(","));
        format!(r#"{{"type":"object","properties":{{{own}}},"required":[{keys}]{more}}}"#)
    }

    #[test]
    fn required_members_are_followed_so_far_and_no_further() {
        let itself = r##"{"$ref":"#"}"##;
        assert_eq!(places(&object(&[("a", "{}"), ("b", "{}")], "")), Some(3));
        assert_eq!(places(&object(&[("a", itself)], "")), Some(1 + MAX_BEYOND));
        let many = 1 + MAX_FORMS;
        assert_eq!(places(&object(&[("a", itself), ("b", itself)], "")), Some(many));
        let (left, right) = (r##"{"$ref":"#/$defs/l"}"##, r##"{"$ref":"#/$defs/r"}"##);
        let (one, other) =
            (object(&[("a", right), ("b", right)], ""), object(&[("a", left), ("b", left)], ""));
        let defs = format!(r#","$defs":{{"l":{one},"r":{other}}}"#);
        assert_eq!(places(&object(&[("a", left), ("b", right)], &defs)), Some(many));
        // Not without end, but as good as.
        let link = |at: usize| format!(r##"{{"$ref":"#/$defs/{at}"}}"##);
        let links = (0..22).map(|at| {
            let next = link(at + 1);
            format!(r#""{at}":{}"#, object(&[("a", &next), ("b", &next)], ""))
        });
        let defs = links.chain([r#""22":{"type":"string"}"#.to_owned()]).collect::<Vec<_>>();
        let defs = format!(r#","$defs":{{{}}}"#, defs.join(","));
        assert_eq!(places(&object(&[("a", &link(0)), ("b", &link(0))], &defs)), Some(many));
        let names: Vec<_> = (0..1_000).map(|at| format!("m{at}")).collect();
        let members: Vec<_> = names.iter().map(|name| (name.as_str(), "{}")).collect();
        assert_eq!(places(&object(&members, "")), Some(1_001));
    }
}
