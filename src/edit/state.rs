//! States of tools, in the language's words.

use super::asked::askers;
use super::draft::{Draft, Slot};
use super::{EditFault, Wanted};
use crate::diagnostic::name;
use crate::json::{Node, Object, Value, pointer_token};
use crate::model::Catalog;
use crate::order::sort_by_key;
use crate::parse::Place;

/// What says of some calls of a tool that they do not pass.
const RULES: [&str; 4] = ["require", "deny_if", "require_approval_if", "preconditions"];
const LIMITS: [&str; 2] = ["limits", "rate_limit"];

/// Names, to be looked for in.
struct Names<'n>(Vec<&'n str>);

impl<'n> Names<'n> {
    fn new(names: impl Iterator<Item = &'n str>) -> Names<'n> {
        let mut names: Vec<&str> = names.collect();
        sort_by_key(&mut names, |name| *name);
        Names(names)
    }

    fn has(&self, name: &str) -> bool {
        self.0.binary_search(&name).is_ok()
    }
}

/// Each name once, in the order in which they come.
fn each_once<'n>(names: impl Iterator<Item = &'n str>) -> Vec<&'n str> {
    let all: Vec<&str> = names.collect();
    let mut order: Vec<usize> = (0..all.len()).collect();
    // Stable: of equal ones the first comes first.
    sort_by_key(&mut order, |at| all.get(*at));
    order.dedup_by_key(|at| all.get(*at));
    sort_by_key(&mut order, |at| *at);
    order.into_iter().filter_map(|at| all.get(at).copied()).collect()
}

/// Gives tools a state; what to show then, and what is to be said about it.
pub(super) fn set<'d>(
    draft: &mut Draft<'d>,
    root: &'d Node,
    catalog: Option<&Catalog>,
    tools: &[String],
    state: Wanted,
) -> Result<(Option<String>, Vec<String>), EditFault> {
    let root = root.value.as_object().ok_or_else(|| EditFault::NoRoom(String::new()))?;
    if tools.iter().any(|tool| tool.trim().is_empty()) {
        return Err(EditFault::Blank);
    }
    let tools = each_once(tools.iter().map(String::as_str));
    let Some(first) = tools.first().copied() else { return Ok((None, Vec::new())) };
    let names = Names::new(tools.iter().copied());
    let mut notes = Vec::new();
    let hidden = hidden(root)?;
    if state == Wanted::Hide {
        hide(draft, &hidden, &tools)?;
    } else {
        if hidden.iter().any(|(_, name)| *name == "*" || names.has(name)) {
            show(draft, root, &hidden, catalog, &names, &mut notes)?;
        }
        list(draft, root, &tools, &names, state, &mut notes)?;
    }
    Ok((reveal(draft, first), notes))
}

/// What there is to see of a tool afterwards.
fn reveal(draft: &mut Draft<'_>, tool: &str) -> Option<String> {
    let says = |name: Option<&str>| matches!(name, Some(name) if name == tool || name == "*");
    let at = match draft.member("hide") {
        Some(Draft::New(list)) => {
            list.as_list().and_then(|items| items.iter().position(|item| says(item.value.as_str())))
        }
        Some(hide) => {
            hide.open().and_then(|slots| slots.iter().position(|slot| says(slot.draft.as_str())))
        }
        None => None,
    };
    match at {
        Some(at) => Some(format!("/hide/{at}")),
        None => {
            let listed = draft.member("tools").is_some_and(|tools| tools.has(tool));
            listed.then(|| format!("/tools/{}", pointer_token(tool)))
        }
    }
}

/// The entries of `hide`, with their places.
fn hidden(root: &Object) -> Result<Vec<(usize, &str)>, EditFault> {
    let Some(hide) = root.get("hide") else { return Ok(Vec::new()) };
    let items = hide.value.as_list().ok_or_else(|| EditFault::NoRoom("/hide".to_owned()))?;
    let named = items.iter().enumerate().filter_map(|(at, item)| Some((at, item.value.as_str()?)));
    Ok(named.collect())
}

fn hide(draft: &mut Draft<'_>, hidden: &[(usize, &str)], tools: &[&str]) -> Result<(), EditFault> {
    let hidden = Names::new(hidden.iter().map(|(_, name)| *name));
    if hidden.has("*") {
        return Ok(());
    }
    if tools.contains(&"*") {
        return Err(EditFault::Star);
    }
    let new = tools.iter().filter(|name| !hidden.has(name));
    let new: Vec<Value> = new.map(|name| Value::String((*name).to_owned())).collect();
    if new.is_empty() {
        return Ok(());
    }
    match draft.member("hide").and_then(Draft::open) {
        Some(slots) => slots.extend(new.into_iter().map(element)),
        None => {
            let list = Value::List(new.into_iter().map(Node::from).collect());
            draft.set("hide", Place::Policy, list);
        }
    }
    Ok(())
}

fn element<'d>(value: Value) -> Slot<'d> {
    Slot { key: String::new(), origin: None, draft: Draft::New(value) }
}

/// Hides tools no more; in the place of `*` come the names of all others.
fn show(
    draft: &mut Draft<'_>,
    root: &Object,
    hidden: &[(usize, &str)],
    catalog: Option<&Catalog>,
    names: &Names<'_>,
    notes: &mut Vec<String>,
) -> Result<(), EditFault> {
    let star = hidden.iter().find(|(_, name)| *name == "*").map(|(at, _)| *at);
    let mut others: Vec<&str> = Vec::new();
    if star.is_some() {
        let catalog = catalog.ok_or(EditFault::HidesAll)?;
        let known = catalog.tools.iter().map(|tool| tool.name.as_str());
        let tools = root.get("tools").and_then(|tools| tools.value.as_object());
        let listed = tools.map(|tools| tools.members()).unwrap_or_default();
        others = each_once(known.chain(listed.iter().map(|member| &*member.key)));
        if others.contains(&"*") && !names.has("*") {
            return Err(EditFault::Star);
        }
        let stay = Names::new(hidden.iter().map(|(_, name)| *name));
        others.retain(|name| !names.has(name) && !stay.has(name) && !name.trim().is_empty());
        notes.push(
            "`*` in `hide` is replaced by the names of the other tools: a tool that the server adds \
             later is not hidden"
                .to_owned(),
        );
    }
    let Some(slots) = draft.member("hide").and_then(Draft::open) else { return Ok(()) };
    let is_shown =
        |slot: &Slot<'_>| slot.draft.as_str().is_some_and(|name| name == "*" || names.has(name));
    let before = slots.iter().take(star.unwrap_or(0)).filter(|slot| !is_shown(slot)).count();
    slots.retain(|slot| !is_shown(slot));
    let new = others.iter().map(|name| element(Value::String((*name).to_owned())));
    slots.splice(before..before, new);
    if slots.is_empty() {
        draft.take(&["hide"]);
    }
    Ok(())
}

/// Makes the entries of tools say the state.
fn list<'d>(
    draft: &mut Draft<'d>,
    root: &'d Object,
    names: &[&str],
    sorted: &Names<'_>,
    state: Wanted,
    notes: &mut Vec<String>,
) -> Result<(), EditFault> {
    let allows = match root.get("default").and_then(|default| default.value.as_str()) {
        Some("allow") => true,
        Some("deny") => false,
        _ => return Err(EditFault::NoDefault),
    };
    if state != Wanted::Deny {
        decided_for_all(root, state)?;
        not_asked_about(root, sorted)?;
    }
    let tools = root.get("tools");
    if tools.is_some_and(|tools| tools.value.as_object().is_none()) {
        return Err(EditFault::NoRoom("/tools".to_owned()));
    }
    let tools = tools.and_then(|tools| tools.value.as_object());
    let has = |name: &&&str| tools.is_some_and(|tools| tools.get(name).is_some());
    let mut removed = Removed::default();
    if names.iter().any(|name| has(&name)) {
        let Some(slots) = draft.member("tools").and_then(Draft::open) else { return Ok(()) };
        let mut empty: Vec<usize> = Vec::new();
        for (at, slot) in slots.iter_mut().enumerate() {
            if !sorted.has(&slot.key) {
                continue;
            }
            let node = match &slot.draft {
                Draft::Kept(node) => *node,
                _ => continue,
            };
            let pointer = || EditFault::NoRoom(format!("/tools/{}", pointer_token(&slot.key)));
            let entry = node.value.as_object().ok_or_else(pointer)?;
            if is_settled(&mut slot.draft, entry, &slot.key, state, allows, &mut removed) {
                empty.push(at);
            }
        }
        let mut at = 0usize;
        slots.retain(|_| {
            let goes = empty.binary_search(&at).is_ok();
            at = at.saturating_add(1);
            !goes
        });
    }
    let entry = match state {
        Wanted::Deny if allows => Some(action("deny")),
        Wanted::Allow if !allows => Some(Object::default()),
        Wanted::Approve => Some(action("require_approval")),
        _ => None,
    };
    if let Some(entry) = entry {
        let new = names.iter().filter(|name| !has(name));
        let new = new.map(|name| ((*name).to_owned(), Value::Object(entry.clone())));
        let new: Vec<(String, Value)> = new.collect();
        add(draft, new);
    }
    notes.extend(removed.note());
    Ok(())
}

/// Lists tools that are not listed.
fn add(draft: &mut Draft<'_>, new: Vec<(String, Value)>) {
    if new.is_empty() {
        return;
    }
    match draft.member("tools").and_then(Draft::open) {
        Some(slots) => slots.extend(new.into_iter().map(|(key, value)| Slot {
            key,
            origin: None,
            draft: Draft::New(value),
        })),
        None => draft.set("tools", Place::Policy, Value::Object(new.into_iter().collect())),
    }
}

fn action(action: &str) -> Object {
    [("action".to_owned(), Value::String(action.to_owned()))].into_iter().collect()
}

/// Makes an entry say the state; whether it is to go, since nothing is left in it that says anything.
fn is_settled(
    draft: &mut Draft<'_>,
    entry: &Object,
    tool: &str,
    state: Wanted,
    allows: bool,
    removed: &mut Removed,
) -> bool {
    let value = |action: &str| Value::String(action.to_owned());
    match state {
        Wanted::Hide => {}
        Wanted::Deny => {
            if !allows && entry.members().iter().all(|member| member.key == "action") {
                return true;
            }
            draft.set("action", Place::Tool, value("deny"));
        }
        Wanted::Allow | Wanted::Approve => {
            removed.count(entry, tool);
            draft.take(&RULES);
            draft.take(&LIMITS);
            if state == Wanted::Approve {
                draft.set("action", Place::Tool, value("require_approval"));
            } else {
                draft.take(&["action", "reason"]);
                let goes = |key: &str| {
                    matches!(key, "action" | "reason")
                        || RULES.contains(&key)
                        || LIMITS.contains(&key)
                };
                return allows && entry.members().iter().all(|member| goes(&member.key));
            }
        }
    }
    false
}

/// Refuses what rules of `all_tools` make impossible.
fn decided_for_all(root: &Object, state: Wanted) -> Result<(), EditFault> {
    let all = root.get("all_tools").and_then(|all| all.value.as_object());
    let has = |key: &str| {
        let list = all.and_then(|all| all.get(key)?.value.as_list());
        list.is_some_and(|list| !list.is_empty())
    };
    match RULES.iter().any(|key| has(key)) {
        false => Ok(()),
        true if state == Wanted::Allow => Err(EditFault::AllTools("allowed without a condition")),
        true => Err(EditFault::AllTools("left to a person alone")),
    }
}

/// Refuses to remove limits that preconditions ask about: the policy would not load any more.
fn not_asked_about(root: &Object, names: &Names<'_>) -> Result<(), EditFault> {
    // Those of the tools themselves go.
    let asked = askers(root).into_iter().find(|one| !names.has(one.owner) && names.has(one.tool));
    match asked {
        Some(asker) => Err(EditFault::Asked(asker.tool.to_owned())),
        None => Ok(()),
    }
}

/// What is taken from the entries of tools.
#[derive(Default)]
struct Removed {
    rules: usize,
    limits: usize,
    tools: Vec<String>,
}

impl Removed {
    fn count(&mut self, entry: &Object, tool: &str) {
        let length = |key: &str| {
            let list = entry.get(key).map(|node| node.value.as_list());
            // A `rate_limit` is one.
            list.map_or(0, |list| list.map_or(1, <[Node]>::len))
        };
        let rules = RULES.iter().map(|key| length(key)).fold(0, usize::saturating_add);
        let limits = LIMITS.iter().map(|key| length(key)).fold(0, usize::saturating_add);
        if rules > 0 || limits > 0 {
            self.rules = self.rules.saturating_add(rules);
            self.limits = self.limits.saturating_add(limits);
            self.tools.push(tool.to_owned());
        }
    }

    fn note(&self) -> Option<String> {
        let count = |count: usize, what: &str| match count {
            0 => None,
            1 => Some(format!("1 {what}")),
            _ => Some(format!("{count} {what}s")),
        };
        let counts = [count(self.rules, "rule"), count(self.limits, "limit")];
        let counts: Vec<String> = counts.into_iter().flatten().collect();
        let of = match self.tools.as_slice() {
            [] => return None,
            [only] => name(only),
            several => format!("{} tools", several.len()),
        };
        let is = if self.rules.saturating_add(self.limits) == 1 { "is" } else { "are" };
        Some(format!("{} of {of} {is} removed", counts.join(" and ")))
    }
}
