//! The tree of a text with a change in it: what stands as it stands, and what is other.

use super::EditFault;
use crate::json::{Node, Object, Value, key_of_token, pointer_token};
use crate::parse::Place;

/// A value of the new text.
#[derive(Clone, Debug)]
pub(super) enum Draft<'d> {
    /// As it stands in the text.
    Kept(&'d Node),
    /// An object or list of the text, with these in it now.
    Opened(&'d Node, Vec<Slot<'d>>),
    /// Something that does not stand in the text.
    New(Value),
}

/// A member of an object or an element of a list.
#[derive(Clone, Debug)]
pub(super) struct Slot<'d> {
    /// The key of a member; empty for an element.
    pub(super) key: String,
    /// Which one of the text it is, counted from 0; `None` if it is new. Those that are not new are in
    /// the order of the text.
    pub(super) origin: Option<usize>,
    pub(super) draft: Draft<'d>,
}

impl Slot<'_> {
    fn new(key: &str, value: Value) -> Self {
        Slot { key: key.to_owned(), origin: None, draft: Draft::New(value) }
    }
}

/// Members of the language that are lists.
const LISTS: [&str; 7] =
    ["require", "deny_if", "require_approval_if", "preconditions", "limits", "hide", "conditions"];

/// Whether a member is one of the language that means nothing when it is empty.
fn means_nothing_empty(key: &str, place: Place) -> bool {
    let of_language = place.rank(key).is_some();
    of_language && (key == "all_tools" || (key != "conditions" && LISTS.contains(&key)))
}

impl<'d> Draft<'d> {
    /// The value as it is now.
    pub(super) fn value(&self) -> Value {
        match self {
            Draft::Kept(node) => node.value.clone(),
            Draft::New(value) => value.clone(),
            Draft::Opened(node, slots) => match node.value {
                Value::List(_) => {
                    Value::List(slots.iter().map(|slot| slot.draft.value().into()).collect())
                }
                _ => Value::Object(
                    slots.iter().map(|slot| (slot.key.clone(), slot.draft.value())).collect(),
                ),
            },
        }
    }

    /// The members or elements, to be changed; `None` for anything else, and for what is new.
    pub(super) fn open(&mut self) -> Option<&mut Vec<Slot<'d>>> {
        if let Draft::Kept(node) = self {
            let node: &'d Node = node;
            let slots = match &node.value {
                Value::Object(object) => kept(object.members().iter().map(|m| (&*m.key, &m.node))),
                Value::List(items) => kept(items.iter().map(|item| ("", item))),
                _ => return None,
            };
            *self = Draft::Opened(node, slots);
        }
        match self {
            Draft::Opened(_, slots) => Some(slots),
            _ => None,
        }
    }

    fn is_list(&self) -> bool {
        matches!(self, Draft::Kept(node) | Draft::Opened(node, _) if matches!(node.value, Value::List(_)))
    }

    fn is_empty(&self) -> bool {
        match self {
            Draft::Opened(_, slots) => slots.is_empty(),
            Draft::Kept(node) => is_empty(&node.value),
            Draft::New(value) => is_empty(value),
        }
    }

    /// The text, if it is a string.
    pub(super) fn as_str(&self) -> Option<&str> {
        match self {
            Draft::Kept(node) => node.value.as_str(),
            Draft::New(value) => value.as_str(),
            Draft::Opened(..) => None,
        }
    }

    /// Which of the members or elements a token of a pointer names.
    fn find(&self, token: &str) -> Option<usize> {
        match self {
            Draft::Opened(..) | Draft::Kept(_) if self.is_list() => {
                let at = index(token)?;
                let count = match self {
                    Draft::Opened(_, slots) => slots.len(),
                    Draft::Kept(node) => node.value.as_list()?.len(),
                    Draft::New(_) => 0,
                };
                (at < count).then_some(at)
            }
            Draft::Opened(_, slots) => slots.iter().position(|slot| slot.key == token),
            Draft::Kept(node) => {
                node.value.as_object()?.members().iter().position(|member| member.key == token)
            }
            Draft::New(value) => {
                value.as_object()?.members().iter().position(|member| member.key == token)
            }
        }
    }

    /// Whether an object has a member of this key.
    pub(super) fn has(&self, key: &str) -> bool {
        self.find(key).is_some()
    }

    /// Puts a value at a pointer; the pointer that it has then.
    pub(super) fn put(&mut self, pointer: &str, value: &Value) -> Result<String, EditFault> {
        let tokens = tokens(pointer)?;
        self.put_at(&tokens, Place::Policy, String::new(), value)
    }

    /// Recursion is as deep as what is there.
    fn put_at(
        &mut self,
        tokens: &[String],
        place: Place,
        here: String,
        value: &Value,
    ) -> Result<String, EditFault> {
        let Some((token, rest)) = tokens.split_first() else {
            *self = match self {
                Draft::Kept(node) => differing(node, value, place),
                _ => Draft::New(value.clone()),
            };
            return Ok(here);
        };
        if let Some(at) = self.find(token) {
            let under = if self.is_list() { place } else { place.under(token) };
            let below = format!("{here}/{}", pointer_token(token));
            let slot = self.open().and_then(|slots| slots.get_mut(at));
            let slot = slot.ok_or(EditFault::NoRoom(here))?;
            return slot.draft.put_at(rest, under, below, value);
        }
        let is_list = self.is_list();
        let slots = self.open().ok_or_else(|| EditFault::NoRoom(here.clone()))?;
        let at = if is_list {
            match token.as_str() {
                "-" => slots.len(),
                token if index(token) == Some(slots.len()) => slots.len(),
                _ => return Err(EditFault::NoPlace(format!("{here}/{token}"))),
            }
        } else {
            position(slots, token, place)
        };
        let key = if is_list { "" } else { token };
        let (made, below) = parents(key, rest, value)?;
        slots.insert(at, Slot::new(key, made));
        let token = if is_list { at.to_string() } else { pointer_token(token).into_owned() };
        Ok(format!("{here}/{token}{below}"))
    }

    /// Removes what a pointer names, and what around it means nothing without it; the pointer of what
    /// it was taken from.
    pub(super) fn remove(&mut self, pointer: &str) -> Result<String, EditFault> {
        let tokens = tokens(pointer)?;
        if tokens.is_empty() {
            return Err(EditFault::Whole);
        }
        let left = self.remove_at(&tokens, Place::Policy, String::new());
        left.ok_or_else(|| EditFault::Nothing(pointer.to_owned()))
    }

    fn remove_at(&mut self, tokens: &[String], place: Place, here: String) -> Option<String> {
        let (token, rest) = tokens.split_first()?;
        let at = self.find(token)?;
        let under = if self.is_list() { place } else { place.under(token) };
        let slots = self.open()?;
        if rest.is_empty() {
            slots.remove(at);
            return Some(here);
        }
        let slot = slots.get_mut(at)?;
        let below = format!("{here}/{}", pointer_token(token));
        let left = slot.draft.remove_at(rest, under, below.clone())?;
        if left == below && slot.draft.is_empty() && means_nothing_empty(&slot.key, place) {
            slots.remove(at);
            return Some(here);
        }
        Some(left)
    }

    /// Moves what a pointer names to another place among its siblings; the pointer that it has then.
    pub(super) fn relocate(&mut self, pointer: &str, to: usize) -> Result<String, EditFault> {
        let (parent, last) = self.parent(pointer)?;
        let nothing = || EditFault::Nothing(pointer.to_owned());
        let at = parent.find(&last).ok_or_else(nothing)?;
        let is_list = parent.is_list();
        let slots = parent.open().ok_or_else(nothing)?;
        let to = to.min(slots.len().saturating_sub(1));
        if to != at {
            let slot = slots.remove(at);
            // In its new place it is a new one, and written as it was.
            slots.insert(to, Slot { origin: None, ..slot });
        }
        let base = pointer.rsplit_once('/').map_or("", |(base, _)| base);
        let token = if is_list { to.to_string() } else { pointer_token(&last).into_owned() };
        Ok(format!("{base}/{token}"))
    }

    /// Gives the member that a pointer names another key; the pointer that it has then.
    pub(super) fn rename(&mut self, pointer: &str, to: &str) -> Result<String, EditFault> {
        let (parent, last) = self.parent(pointer)?;
        let nothing = || EditFault::Nothing(pointer.to_owned());
        if parent.is_list() {
            return Err(nothing());
        }
        let at = parent.find(&last).ok_or_else(nothing)?;
        if parent.find(to).is_some_and(|other| other != at) {
            return Err(EditFault::Taken(to.to_owned()));
        }
        let slot = parent.open().and_then(|slots| slots.get_mut(at)).ok_or_else(nothing)?;
        to.clone_into(&mut slot.key);
        let base = pointer.rsplit_once('/').map_or("", |(base, _)| base);
        Ok(format!("{base}/{}", pointer_token(to)))
    }

    /// What holds the value of a pointer, and the last token.
    fn parent(&mut self, pointer: &str) -> Result<(&mut Draft<'d>, String), EditFault> {
        let mut tokens = tokens(pointer)?;
        let last = tokens.pop().ok_or(EditFault::Whole)?;
        let nothing = || EditFault::Nothing(pointer.to_owned());
        let mut draft = self;
        for token in tokens {
            let at = draft.find(&token).ok_or_else(nothing)?;
            let slot = draft.open().and_then(|slots| slots.get_mut(at));
            draft = &mut slot.ok_or_else(nothing)?.draft;
        }
        Ok((draft, last))
    }

    /// The member of an object that has this key.
    pub(super) fn member(&mut self, key: &str) -> Option<&mut Draft<'d>> {
        let at = self.find(key)?;
        Some(&mut self.open()?.get_mut(at)?.draft)
    }

    /// Gives an object a member in the place of the one that it has, or where the language has it.
    pub(super) fn set(&mut self, key: &str, place: Place, value: Value) {
        let found = self.find(key);
        let Some(slots) = self.open() else { return };
        match found.and_then(|at| slots.get_mut(at)) {
            Some(slot) => match &slot.draft {
                Draft::Kept(node) => slot.draft = differing(node, &value, place.under(key)),
                _ => slot.draft = Draft::New(value),
            },
            None => slots.insert(position(slots, key, place), Slot::new(key, value)),
        }
    }

    /// Takes members from an object.
    pub(super) fn take(&mut self, keys: &[&str]) {
        if keys.iter().any(|key| self.has(key))
            && let Some(slots) = self.open()
        {
            slots.retain(|slot| !keys.contains(&slot.key.as_str()));
        }
    }
}

fn kept<'d>(items: impl Iterator<Item = (&'d str, &'d Node)>) -> Vec<Slot<'d>> {
    let slot = |(at, (key, node)): (usize, (&str, &'d Node))| Slot {
        key: key.to_owned(),
        origin: Some(at),
        draft: Draft::Kept(node),
    };
    items.enumerate().map(slot).collect()
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::List(items) => items.is_empty(),
        Value::Object(object) => object.is_empty(),
        _ => false,
    }
}

/// The tokens of a JSON Pointer.
fn tokens(pointer: &str) -> Result<Vec<String>, EditFault> {
    if pointer.is_empty() {
        return Ok(Vec::new());
    }
    let rest = pointer.strip_prefix('/').ok_or_else(|| EditFault::Nothing(pointer.to_owned()))?;
    Ok(rest.split('/').map(key_of_token).collect())
}

/// The place that a token names in a list.
fn index(token: &str) -> Option<usize> {
    let plain = token.bytes().all(|byte| byte.is_ascii_digit());
    let plain = plain && (token == "0" || !token.starts_with('0'));
    if plain { token.parse().ok() } else { None }
}

/// Where a new member belongs: in the order of the language, what is the author's at the end.
pub(super) fn position(slots: &[Slot<'_>], key: &str, place: Place) -> usize {
    let Some(rank) = place.rank(key) else { return slots.len() };
    let rank_of = |slot: &Slot<'_>| place.rank(&slot.key);
    let before = slots.iter().rposition(|slot| rank_of(slot).is_some_and(|other| other < rank));
    match before {
        Some(before) => before.saturating_add(1),
        None => slots.iter().position(|slot| rank_of(slot).is_some()).unwrap_or(slots.len()),
    }
}

/// A value within the parents that the tokens name, the first of which stands under `key`; and the
/// pointer from there to the value.
fn parents(key: &str, tokens: &[String], value: &Value) -> Result<(Value, String), EditFault> {
    let Some((token, rest)) = tokens.split_first() else {
        return Ok((value.clone(), String::new()));
    };
    let is_list = LISTS.contains(&key);
    if token == "-" || (is_list && token == "0") {
        let (made, below) = parents("", rest, value)?;
        return Ok((Value::List(vec![made.into()]), format!("/0{below}")));
    }
    if is_list {
        return Err(EditFault::NoPlace(token.clone()));
    }
    let (made, below) = parents(token, rest, value)?;
    let object = [(token.clone(), made)].into_iter().collect();
    Ok((Value::Object(object), format!("/{}{below}", pointer_token(token))))
}

/// The draft that makes a value of a node: what is the same in both stays.
fn differing<'d>(node: &'d Node, value: &Value, place: Place) -> Draft<'d> {
    if is_same(&node.value, value) {
        return Draft::Kept(node);
    }
    match (&node.value, value) {
        (Value::Object(old), Value::Object(new)) if !old.is_empty() && !new.is_empty() => {
            members(node, old, new, place)
        }
        (Value::List(old), Value::List(new)) if !old.is_empty() && !new.is_empty() => {
            elements(node, old, new, place)
        }
        _ => Draft::New(value.clone()),
    }
}

fn members<'d>(node: &'d Node, old: &'d Object, new: &Object, place: Place) -> Draft<'d> {
    let mut slots = Vec::new();
    for (at, member) in old.members().iter().enumerate() {
        if let Some(value) = new.get(&member.key) {
            let draft = differing(&member.node, &value.value, place.under(&member.key));
            slots.push(Slot { key: member.key.to_string(), origin: Some(at), draft });
        }
    }
    for member in new.members().iter().filter(|member| old.get(&member.key).is_none()) {
        let at = position(&slots, &member.key, place);
        slots.insert(at, Slot::new(&member.key, member.node.value.clone()));
    }
    Draft::Opened(node, slots)
}

/// What begins and ends alike stays, what is between them is taken one by one.
fn elements<'d>(node: &'d Node, old: &'d [Node], new: &[Node], place: Place) -> Draft<'d> {
    let same = |(old, new): &(&Node, &Node)| is_same(&old.value, &new.value);
    let before = old.iter().zip(new).take_while(same).count();
    let most = old.len().min(new.len()).saturating_sub(before);
    let behind = old.iter().rev().zip(new.iter().rev()).take(most).take_while(same).count();
    let middle = |count: usize| before..count.saturating_sub(behind);
    let mut slots: Vec<Slot<'d>> = Vec::new();
    let mut keep =
        |at: usize, draft| slots.push(Slot { key: String::new(), origin: Some(at), draft });
    for (at, node) in old.iter().enumerate().take(before) {
        keep(at, Draft::Kept(node));
    }
    let changed = old.get(middle(old.len())).unwrap_or_default();
    let wanted = new.get(middle(new.len())).unwrap_or_default();
    for (at, (node, value)) in changed.iter().zip(wanted).enumerate() {
        keep(before.saturating_add(at), differing(node, &value.value, place));
    }
    for value in wanted.iter().skip(changed.len()) {
        slots.push(Slot::new("", value.value.clone()));
    }
    let rest = old.len().saturating_sub(behind);
    for (at, node) in old.iter().enumerate().skip(rest) {
        slots.push(Slot { key: String::new(), origin: Some(at), draft: Draft::Kept(node) });
    }
    Draft::Opened(node, slots)
}

/// Whether two values are written alike, but for the order of keys.
fn is_same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.as_str() == b.as_str(),
        (Value::List(a), Value::List(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_same(&a.value, &b.value))
        }
        (Value::Object(a), Value::Object(b)) => {
            let same = |key: &str, value: &Value| {
                b.get(key).is_some_and(|other| is_same(value, &other.value))
            };
            a.len() == b.len() && a.members().iter().all(|m| same(&m.key, &m.node.value))
        }
        _ => a == b,
    }
}
