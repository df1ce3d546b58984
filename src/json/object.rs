//! Objects: members in the order of the text, found by key.

use std::borrow::Cow;

use super::{Node, Value};
use crate::order::ordered;
use crate::source::Span;

/// One `"key": value`.
#[derive(Clone, Debug)]
pub struct Member {
    /// The key, unescaped; borrowed if it is a word that its reader knew beforehand.
    pub key: Cow<'static, str>,
    /// Where the key stands, quotes included.
    pub key_span: Span,
    /// The value.
    pub node: Node,
}

impl Member {
    /// From its key to its value.
    #[must_use]
    pub(crate) fn span(&self) -> Span {
        Span { start: self.key_span.start, end: self.node.span.end }
    }

    /// Goes with its text by so many bytes; see [`Span::moved`].
    pub(crate) fn move_by(&mut self, by: u32) {
        self.key_span = self.key_span.moved(by);
        self.node.move_by(by);
    }
}

/// A JSON object without duplicate keys. Keeps the order of its members; equality ignores it.
#[derive(Clone, Debug, Default)]
pub struct Object {
    members: Vec<Member>,
    /// Indices into `members` in the order of the keys; none while there are at most `LINEAR`. In a box, for
    /// every value is as large as an object.
    #[allow(clippy::box_collection, reason = "one word in place of three")]
    sorted: Option<Box<Vec<u32>>>,
}

/// Up to so many members a walk is as quick as a search.
const LINEAR: usize = 8;

impl Object {
    /// An object of these members. Of equal keys the object keeps the first; the places of the later ones
    /// are given back, each behind the place of the first, in the order of the text.
    #[must_use]
    pub fn new(mut members: Vec<Member>) -> (Object, Vec<(Span, Span)>) {
        let before = |at| members.iter().take(at);
        let is_new = |(at, member): (usize, &Member)| before(at).all(|m| m.key != member.key);
        if members.len() <= LINEAR && members.iter().enumerate().all(is_new) {
            return (Object { members, sorted: None }, Vec::new());
        }
        // By key and then by place, so that the first of equal keys comes first. Sorting bounds
        // the work whatever the keys are, which hashing with a guessable seed would not.
        let key = |at: usize| members.get(at).map(|member| &*member.key);
        let order = ordered(members.len(), |a, b| key(a).cmp(&key(b)));
        // For each member the place of the first of the same key, if that is another.
        let mut firsts: Vec<Option<Span>> = vec![None; members.len()];
        let mut repeats = false;
        let mut first: Option<u32> = None;
        for &at in &order {
            match first {
                Some(earlier) if key(earlier as usize) == key(at as usize) => {
                    repeats = true;
                    if let Some(first) = firsts.get_mut(at as usize) {
                        *first = members.get(earlier as usize).map(|member| member.key_span);
                    }
                }
                _ => first = Some(at),
            }
        }
        if repeats {
            let mut duplicates = Vec::new();
            let mut firsts = firsts.into_iter();
            members.retain(|member| {
                let first = firsts.next().flatten();
                duplicates.extend(first.map(|first| (first, member.key_span)));
                first.is_none()
            });
            return (Object::new(members).0, duplicates);
        }
        let sorted = (members.len() > LINEAR).then(|| Box::new(order));
        (Object { members, sorted }, Vec::new())
    }

    /// The members in the order of the text.
    #[must_use]
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// The members, to take their places along.
    pub(super) fn members_mut(&mut self) -> &mut [Member] {
        &mut self.members
    }

    /// The value under a key, to change it.
    pub(super) fn get_mut(&mut self, key: &str) -> Option<&mut Node> {
        let member = self.members.iter_mut().find(|member| member.key == key)?;
        Some(&mut member.node)
    }

    /// The members; those of a large object in the order of their keys' bytes.
    pub(super) fn nearly_sorted(&self) -> impl Iterator<Item = &Member> {
        let sorted = self.sorted.as_deref().map_or(&[][..], |sorted| sorted);
        let place = |at| sorted.get(at).map_or(at, |at| *at as usize);
        (0..self.len()).filter_map(move |at| self.members.get(place(at)))
    }

    /// The members in the order of the text, to keep.
    #[must_use]
    pub fn into_members(self) -> Vec<Member> {
        self.members
    }

    /// How many members there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// The member with exactly this key.
    #[must_use]
    pub fn member(&self, key: &str) -> Option<&Member> {
        let Some(sorted) = &self.sorted else {
            return self.members.iter().find(|member| member.key == key);
        };
        let at = sorted
            .binary_search_by(|&at| {
                self.members.get(at as usize).map_or("", |member| &member.key).cmp(key)
            })
            .ok()?;
        self.members.get(*sorted.get(at)? as usize)
    }

    /// The members, if they are so few that to walk is as quick as to search.
    #[inline]
    pub(crate) fn few(&self) -> Option<&[Member]> {
        self.sorted.is_none().then_some(&self.members)
    }

    /// The value under exactly this key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.member(key).map(|member| &member.node)
    }
}

impl PartialEq for Object {
    fn eq(&self, other: &Object) -> bool {
        self.len() == other.len()
            && self.members.iter().all(|member| other.get(&member.key) == Some(&member.node))
    }
}

impl FromIterator<(String, Value)> for Object {
    /// Builds an object that comes from no text; of equal keys the first is kept.
    fn from_iter<I: IntoIterator<Item = (String, Value)>>(members: I) -> Object {
        let members = members.into_iter().map(|(key, value)| Member {
            key: key.into(),
            key_span: Span::default(),
            node: value.into(),
        });
        Object::new(members.collect()).0
    }
}
