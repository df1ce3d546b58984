//! A change of a text is that change and no other, whatever the text is and however it is laid out.

use std::sync::LazyLock;

use cattlegrid::compile::compile;
use cattlegrid::diagnostic::Edit;
use cattlegrid::edit::{self, Change, EditFault, Wanted};
use cattlegrid::evaluate::tool_state;
use cattlegrid::json::{self, Limits, Node, Value};
use cattlegrid::model::Catalog;
use cattlegrid::parse;

use super::cases;
use super::choices::Choices;
use super::policy::check_span;

static CATALOG: LazyLock<Catalog> = LazyLock::new(|| {
    let text = r#"[{"name":"a"},{"name":"t/~1"},{"name":"limits"},{"name":"a"},{"name":"*"}]"#;
    parse::catalog(text.as_bytes()).unwrap()
});

const NAMES: [&str; 8] = ["a", "b", "t/~1", "é", "limits", "hide", "*", "new\n\"one\""];
const VALUES: [&str; 14] = [
    "1",
    "1.50",
    "\"x\"",
    "{}",
    "[]",
    "null",
    r#"{"conditions":[]}"#,
    r#"{"conditions":[{"path":"args.a","op":"lte","value":50000}],"on_deny":"Not so much, please: no more than 50,000."}"#,
    r#"{"path":"args.l[*].a","op":"in","value":["aaaaaaaaaaaaaaaaaaaaaaaaaa","bbbbbbbbbbbbbbbbbbbbbbbbbbbb","c"]}"#,
    r#"{"counter":"n","window":"day","max":9}"#,
    r#"{"action":"deny","reason":"é\u202e"}"#,
    r#"[{"conditions":[{"path":"args.a","op":"eq","value":1}]}]"#,
    r#"{"limits":[{"counter":"n","window":"day","max":9}],"deny_if":[],"x-a":[[[[1]]]]}"#,
    r#"["a","b"]"#,
];
const KEYS: [&str; 9] =
    ["deny_if", "limits", "require", "action", "hide", "all_tools", "x-mine", "conditions", "a"];

/// Makes some changes one after the other. How many were made.
pub fn check(bytes: &[u8]) -> usize {
    let mut choices = Choices::new(bytes);
    let c = &mut choices;
    let mut policy = cases::policy(c);
    if c.once_in(3) {
        policy = policy.replacen(r#""limits":["#, r#""x-é":{"x":[1,{}]},"limits":["#, 2);
    }
    if c.once_in(6) {
        policy = policy.replacen(r#""tools":{"#, r#""tools":{"b":1,"limits":{},"#, 1);
    }
    let mut text = laid_out(c, &policy);
    let mut made = 0;
    for _ in 0..=c.below(4) {
        let catalog = [None, Some(&*CATALOG)][c.below(2)];
        let Some(change) = change(c, &text) else { break };
        let Some(changed) = check_change(&text, catalog, &change) else { continue };
        made += 1;
        text = changed;
    }
    made
}

/// A text that is not strict JSON is not edited, and of one that is all stays well.
pub fn check_text(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let mut choices = Choices::new(bytes);
    if let Some(change) = change(&mut choices, text) {
        check_change(text, Some(&CATALOG), &change);
    }
}

/// The text with the change in it, if it can be made.
fn check_change(text: &str, catalog: Option<&Catalog>, change: &Change) -> Option<String> {
    let parsed = parse::parse(text.as_bytes());
    let strict = json::read_strict(text.as_bytes(), &Limits::DOCUMENT);
    let edited = edit::edit(text, &parsed, catalog, change);
    let Ok(before) = strict else {
        assert!(matches!(edited, Err(EditFault::Broken | EditFault::Empty)), "{text}");
        return None;
    };
    let mut expected = Tree::of(&before.value);
    let edited = match edited {
        Ok(edited) => edited,
        Err(why) => {
            assert!(!why.to_string().contains('\n'));
            assert!(is_right(&why, &expected, change, catalog), "{why}: {change:?}\nin {text}");
            return None;
        }
    };
    let changed = apply(text, &edited.edits);
    let after = json::read_strict(changed.as_bytes(), &Limits::DOCUMENT);
    let after =
        after.unwrap_or_else(|fault| panic!("{fault:?}: {change:?} of\n{text}\nis\n{changed}"));
    let found = Tree::of(&after.value);
    let what = || format!("{change:?} of\n{text}\nis\n{changed}");
    if let Some(reveal) = &edited.reveal {
        assert!(after.at(reveal).is_some(), "{reveal}: {}", what());
    }
    match change {
        Change::State { tools, state } => {
            check_state(&parsed, catalog, &changed, tools, *state, &what);
        }
        _ => {
            assert!(expected.change(change).is_some(), "{}", what());
            assert!(expected.is(&found), "{}", what());
        }
    }
    if !matches!(change, Change::Move { .. }) {
        assert!(in_order(&Tree::of(&before.value), &found), "{}", what());
    }
    if matches!(change, Change::Put { .. }) {
        // What is there already is not written again.
        let again = parse::parse(changed.as_bytes());
        let pointer = edited.reveal.clone().unwrap();
        if let Some(node) = after.at(&pointer) {
            let change = Change::Put { pointer, value: node.value.clone() };
            assert_eq!(edit::edit(&changed, &again, catalog, &change).unwrap().edits, []);
        }
    }
    Some(changed)
}

/// Tools that were given a state have it, and all others have the one that they had.
fn check_state(
    before: &parse::Parsed,
    catalog: Option<&Catalog>,
    changed: &str,
    tools: &[String],
    state: Wanted,
    what: &dyn Fn() -> String,
) {
    let Some(old) = &before.policy else { return };
    let after = parse::parse(changed.as_bytes());
    let new = after.policy.as_ref().unwrap_or_else(|| panic!("it does not load: {}", what()));
    let (was, is) = (compile(old), compile(new));
    let wanted = match state {
        Wanted::Allow => "allow",
        Wanted::Deny => "deny",
        Wanted::Hide => "hide",
        Wanted::Approve => "approve",
    };
    for tool in tools {
        assert_eq!(tool_state(&is, tool).0.as_str(), wanted, "{tool}: {}", what());
    }
    let listed = old.tools.iter().map(|tool| tool.name.value.as_str());
    let known = catalog.iter().flat_map(|catalog| &catalog.tools).map(|tool| tool.name.as_str());
    for other in listed.chain(known).filter(|name| !tools.iter().any(|tool| tool == name)) {
        assert_eq!(tool_state(&is, other), tool_state(&was, other), "{other}: {}", what());
    }
}

/// Whether there is such a reason.
fn is_right(why: &EditFault, tree: &Tree, change: &Change, catalog: Option<&Catalog>) -> bool {
    let at = |pointer: &str| tree.at(&tokens(pointer)?);
    let hides_all = || {
        let star = |item: &Tree| matches!(item, Tree::Scalar(text) if text == "\"*\"");
        matches!(at("/hide"), Some(Tree::List(items)) if items.iter().any(star))
    };
    let names_star =
        || matches!(change, Change::State { tools, .. } if tools.iter().any(|name| name == "*"));
    match why {
        EditFault::Empty | EditFault::Broken | EditFault::Asked(_) | EditFault::Blank => false,
        EditFault::HidesAll => hides_all() && catalog.is_none(),
        // The catalog has one that is called so.
        EditFault::Star => names_star() || hides_all() && catalog.is_some(),
        EditFault::NoDefault => {
            !matches!(at("/default"), Some(Tree::Scalar(text)) if text == "\"deny\"" || text == "\"allow\"")
        }
        EditFault::AllTools(_) => ["require", "deny_if", "preconditions"].iter().any(
            |key| matches!(at(&format!("/all_tools/{key}")), Some(Tree::List(items)) if !items.is_empty()),
        ),
        EditFault::NoRoom(pointer) if matches!(change, Change::State { .. }) => {
            let wrong = |tree: &Tree| match pointer.as_str() {
                "/hide" => !matches!(tree, Tree::List(_)),
                _ => !matches!(tree, Tree::Object(_)),
            };
            at(pointer).is_some_and(wrong)
        }
        EditFault::Nothing(_) | EditFault::NoRoom(_) | EditFault::NoPlace(_) | EditFault::Taken(_)
        | EditFault::Whole => {
            let mut tree = tree.clone();
            !matches!(change, Change::State { .. }) && tree.change(change).is_none()
        }
    }
}

/// Makes edits, which touch neither each other nor what is not theirs.
fn apply(text: &str, edits: &[Edit]) -> String {
    let (mut changed, mut done) = (String::new(), 0);
    let mut last = None;
    for edit in edits {
        check_span(text.as_bytes(), edit.span);
        let (start, end) = (edit.span.start as usize, edit.span.end as usize);
        assert!(last.is_none_or(|last| last < start), "edits touch: {edits:?} of\n{text}");
        assert!(text[start..end] != edit.text, "an edit of nothing: {edits:?} of\n{text}");
        changed += &text[done..start];
        changed += &edit.text;
        done = end;
        last = Some(end);
    }
    changed + &text[done..]
}

/// A value as plain as it can be, scalars as they are written.
#[derive(Clone, Debug)]
enum Tree {
    Scalar(String),
    List(Vec<Tree>),
    Object(Vec<(String, Tree)>),
}

const LISTS: [&str; 7] =
    ["require", "deny_if", "require_approval_if", "preconditions", "limits", "hide", "conditions"];

impl Tree {
    fn of(value: &Value) -> Tree {
        match value {
            Value::List(items) => {
                Tree::List(items.iter().map(|item| Tree::of(&item.value)).collect())
            }
            Value::Object(object) => {
                let members = object.members().iter();
                Tree::Object(
                    members.map(|m| (m.key.to_string(), Tree::of(&m.node.value))).collect(),
                )
            }
            scalar => Tree::Scalar(json::write(scalar)),
        }
    }

    fn at(&self, tokens: &[String]) -> Option<&Tree> {
        tokens.iter().try_fold(self, |tree, token| match tree {
            Tree::Scalar(_) => None,
            Tree::List(items) => items.get(place(token)?),
            Tree::Object(members) => {
                members.iter().find(|(key, _)| key == token).map(|(_, tree)| tree)
            }
        })
    }

    fn at_mut(&mut self, tokens: &[String]) -> Option<&mut Tree> {
        tokens.iter().try_fold(self, |tree, token| match tree {
            Tree::Scalar(_) => None,
            Tree::List(items) => items.get_mut(place(token)?),
            Tree::Object(members) => {
                members.iter_mut().find(|(key, _)| key == token).map(|(_, tree)| tree)
            }
        })
    }

    /// Makes the change, if it can be made.
    fn change(&mut self, change: &Change) -> Option<()> {
        match change {
            Change::State { .. } => None,
            Change::Put { pointer, value } => self.put(&tokens(pointer)?, Tree::of(value)),
            Change::Remove { pointer } => self.remove(&tokens(pointer)?),
            Change::Move { pointer, to } => {
                let tokens = tokens(pointer)?;
                let (last, above) = tokens.split_last()?;
                self.at(&tokens)?;
                match self.at_mut(above)? {
                    Tree::Scalar(_) => None,
                    Tree::List(items) => {
                        let item = items.remove(place(last)?);
                        items.insert((*to).min(items.len()), item);
                        Some(())
                    }
                    Tree::Object(_) => Some(()),
                }
            }
            Change::Rename { pointer, to } => {
                let tokens = tokens(pointer)?;
                let (last, above) = tokens.split_last()?;
                let Tree::Object(members) = self.at_mut(above)? else { return None };
                if to != last && members.iter().any(|(key, _)| key == to) {
                    return None;
                }
                members.iter_mut().find(|(key, _)| key == last)?.0 = to.clone();
                if above == ["tools"] {
                    self.follow(last, to);
                }
                Some(())
            }
        }
    }

    /// What asks about limits of a tool names it by its new name.
    fn follow(&mut self, tool: &str, to: &str) {
        let [tool, to] = [tool, to].map(|name| Tree::Scalar(json::quote(name)));
        let Tree::Object(root) = self else { return };
        let (mut owners, mut lists) = (Vec::new(), Vec::new());
        for (key, value) in root {
            match (key.as_str(), value) {
                ("all_tools", Tree::Object(members)) => owners.push(members),
                ("tools", Tree::Object(tools)) => {
                    for (_, entry) in tools {
                        if let Tree::Object(members) = entry {
                            owners.push(members);
                        }
                    }
                }
                _ => {}
            }
        }
        for (key, value) in owners.into_iter().flatten() {
            if let ("preconditions", Tree::List(items)) = (key.as_str(), value) {
                lists.extend(items);
            }
        }
        for item in lists {
            let Tree::Object(members) = item else { continue };
            for (key, value) in members {
                if key == "tool" && value.says(&tool) {
                    *value = to.clone();
                }
            }
        }
    }

    fn says(&self, other: &Tree) -> bool {
        matches!((self, other), (Tree::Scalar(one), Tree::Scalar(other)) if one == other)
    }

    fn put(&mut self, tokens: &[String], value: Tree) -> Option<()> {
        let Some((token, rest)) = tokens.split_first() else {
            *self = value;
            return Some(());
        };
        if let Some(there) = self.at_mut(std::slice::from_ref(token)) {
            return there.put(rest, value);
        }
        match self {
            Tree::Scalar(_) => None,
            Tree::List(items) if token == "-" || place(token) == Some(items.len()) => {
                items.push(within("", rest, value)?);
                Some(())
            }
            Tree::List(_) => None,
            Tree::Object(members) => {
                members.push((token.clone(), within(token, rest, value)?));
                Some(())
            }
        }
    }

    fn remove(&mut self, tokens: &[String]) -> Option<()> {
        let (last, above) = tokens.split_last()?;
        match self.at_mut(above)? {
            Tree::Scalar(_) => return None,
            Tree::List(items) => {
                let at = place(last)?;
                items.get(at)?;
                items.remove(at);
            }
            Tree::Object(members) => {
                let at = members.iter().position(|(key, _)| key == last)?;
                members.remove(at);
            }
        }
        // What is empty now and means nothing goes too.
        let is_empty = match self.at(above)? {
            Tree::Scalar(_) => false,
            Tree::List(items) => items.is_empty(),
            Tree::Object(members) => members.is_empty(),
        };
        let of_tool = |keys: &[&str]| match above {
            [all, key] => all == "all_tools" && keys[1..].contains(&key.as_str()),
            [tools, _, key] => tools == "tools" && keys.contains(&key.as_str()),
            _ => false,
        };
        let means_nothing = matches!(above, [key] if key == "hide" || key == "all_tools")
            || of_tool(&["require_approval_if", "require", "deny_if", "preconditions", "limits"]);
        if is_empty && means_nothing { self.remove(above) } else { Some(()) }
    }

    fn is(&self, other: &Tree) -> bool {
        match (self, other) {
            (Tree::Scalar(a), Tree::Scalar(b)) => a == b,
            (Tree::List(a), Tree::List(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.is(b))
            }
            (Tree::Object(a), Tree::Object(b)) => {
                let same = |(key, tree): &(String, Tree)| {
                    b.iter().any(|(other, there)| other == key && tree.is(there))
                };
                a.len() == b.len() && a.iter().all(same)
            }
            _ => false,
        }
    }
}

/// Whether the members that both have stand in the same order in both.
fn in_order(before: &Tree, after: &Tree) -> bool {
    match (before, after) {
        (Tree::Object(before), Tree::Object(after)) => {
            let of = |these: &[(String, Tree)], those: &[(String, Tree)]| -> Vec<String> {
                let both =
                    these.iter().filter(|(key, _)| those.iter().any(|(other, _)| other == key));
                both.map(|(key, _)| key.clone()).collect()
            };
            let inner = |(key, tree): &(String, Tree)| {
                after
                    .iter()
                    .find(|(other, _)| other == key)
                    .is_none_or(|(_, there)| in_order(tree, there))
            };
            of(before, after) == of(after, before) && before.iter().all(inner)
        }
        _ => true,
    }
}

fn within(key: &str, tokens: &[String], value: Tree) -> Option<Tree> {
    let Some((token, rest)) = tokens.split_first() else { return Some(value) };
    let is_list = LISTS.contains(&key);
    match token.as_str() {
        "-" => Some(Tree::List(vec![within("", rest, value)?])),
        "0" if is_list => Some(Tree::List(vec![within("", rest, value)?])),
        _ if is_list => None,
        _ => Some(Tree::Object(vec![(token.clone(), within(token, rest, value)?)])),
    }
}

fn place(token: &str) -> Option<usize> {
    (token == "0" || !token.starts_with(['0', '+'])).then(|| token.parse().ok())?
}

fn tokens(pointer: &str) -> Option<Vec<String>> {
    if pointer.is_empty() {
        return Some(Vec::new());
    }
    let tokens = pointer.strip_prefix('/')?.split('/');
    Some(tokens.map(|token| token.replace("~1", "/").replace("~0", "~")).collect())
}

/// The pointers of a document.
fn pointers(node: &Node, here: String, found: &mut Vec<String>) {
    let below = |token: &str| format!("{here}/{}", json::pointer_token(token));
    match &node.value {
        Value::Object(object) => {
            object.members().iter().for_each(|m| pointers(&m.node, below(&m.key), found));
        }
        Value::List(items) => {
            let items = items.iter().enumerate();
            items.for_each(|(at, item)| pointers(item, below(&at.to_string()), found));
        }
        _ => {}
    }
    found.push(here);
}

fn change(c: &mut Choices<'_>, text: &str) -> Option<Change> {
    if c.once_in(2) {
        let tools = (0..=c.below(3)).map(|_| c.of(&NAMES).to_owned()).collect();
        let state = c.of(&[Wanted::Allow, Wanted::Deny, Wanted::Hide, Wanted::Approve]);
        return Some(Change::State { tools, state });
    }
    let mut all = Vec::new();
    let root = json::read(text.as_bytes(), &Limits::DOCUMENT).node?;
    pointers(&root, String::new(), &mut all);
    let mut pointer = all[(c.below(256) * 256 + c.below(256)) % all.len()].clone();
    let value = |c: &mut Choices<'_>| {
        json::read_strict(c.of(&VALUES).as_bytes(), &Limits::DOCUMENT).unwrap().value
    };
    Some(match c.below(8) {
        0 | 1 => Change::Remove { pointer },
        2 => Change::Move { pointer, to: c.below(5) },
        3 => Change::Rename { pointer, to: c.of(&NAMES).to_owned() },
        // Nearly what is there.
        4 | 5 => {
            let value = match &root.at(&pointer)?.value {
                Value::List(items) => {
                    let mut items = items.clone();
                    let at = c.below(items.len() + 1);
                    let taken = c.below(3).min(items.len() - at);
                    let put: Vec<Node> = (0..c.below(3)).map(|_| value(c).into()).collect();
                    items.splice(at..at + taken, put);
                    Value::List(items)
                }
                Value::Object(object) => {
                    let all = object.members().iter();
                    let mut members: Vec<(String, Value)> =
                        all.map(|m| (m.key.to_string(), m.node.value.clone())).collect();
                    let at = c.below(members.len() + 1);
                    members.drain(at..(at + c.below(3)).min(members.len()));
                    members.insert(0, (c.of(&KEYS).to_owned(), value(c)));
                    Value::Object(members.into_iter().collect())
                }
                _ => value(c),
            };
            Change::Put { pointer, value }
        }
        _ => {
            for _ in 0..c.below(4) {
                pointer += &match c.below(3) {
                    0 => "/-".to_owned(),
                    1 => format!("/{}", c.below(4)),
                    _ => format!("/{}", c.of(&KEYS)),
                };
            }
            Change::Put { pointer, value: value(c) }
        }
    })
}

/// The text of a value without white space, laid out in one way or another.
pub fn laid_out(c: &mut Choices<'_>, text: &str) -> String {
    let way = c.below(7);
    if way == 1
        && let Some(policy) = parse::parse(text.as_bytes()).policy
    {
        return parse::print(&policy);
    }
    let (unit, newline) = match way {
        2 => ("  ", "\n"),
        3 => ("    ", "\n"),
        4 => ("\t", "\r\n"),
        _ => ("", ""),
    };
    let (mut out, mut depth, mut quoted, mut escaped) = (String::new(), 0usize, false, false);
    let mut chars = text.chars().peekable();
    while let Some(one) = chars.next() {
        if quoted {
            out.push(one);
            quoted = escaped || one != '"';
            escaped = one == '\\' && !escaped;
            continue;
        }
        quoted = one == '"';
        let line = |out: &mut String, depth: usize| {
            out.push_str(newline);
            out.push_str(&unit.repeat(depth));
        };
        let empty = matches!((one, chars.peek()), ('{', Some('}')) | ('[', Some(']')));
        match (one, way) {
            ('{' | '[', 2..=4) => {
                depth += 1;
                out.push(one);
                if !empty {
                    line(&mut out, depth);
                }
            }
            ('}' | ']', 2..=4) => {
                depth -= 1;
                if !out.ends_with(['{', '[']) {
                    line(&mut out, depth);
                }
                out.push(one);
            }
            (',', 2..=4) => {
                out.push(one);
                line(&mut out, depth);
            }
            (':', 2..=4) => out.push_str(": "),
            (',' | ':', 5) => out.extend([one, ' ']),
            ('{' | '[' | '}' | ']' | ',' | ':', 6) => {
                let space = ["", " ", "\n", "\n\n  ", "\t", " \r\n    "];
                out.push_str(c.of(&space));
                out.push(one);
                out.push_str(c.of(&space));
            }
            _ => out.push(one),
        }
    }
    out
}
