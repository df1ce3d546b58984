//! What a tool's `inputSchema` says about an argument, as far as it is certain.
//!
//! Of JSON Schema only the part is read that servers use for arguments: `type`, `properties`,
//! `required`, `items`, `enum`, `const`, `anyOf`, `oneOf`, `default`, and `$ref` within the schema.
//! Where a schema says more than that, or nothing, it may produce anything.

use crate::json::{Node, Number, Object, Value, key_of_token};
use crate::model::{Path, Step, equal, plain_text};
use crate::order::sort_by_key;

/// So many `$ref` and `anyOf` are followed for one place.
const MAX_FORMS: usize = 64;

/// What stands at the end of a path.
pub(crate) enum Found<'c> {
    /// The schema leaves it open.
    Open,
    /// Nothing can: at this step (from 0) the schema knows only these keys.
    Nothing { step: usize, known: Vec<&'c str> },
    /// One of these forms.
    Forms(Forms<'c>),
}

/// The forms that a value may have.
pub(crate) struct Forms<'c> {
    forms: Vec<&'c Object>,
    /// Whether a call may be without it.
    pub(crate) optional: bool,
    /// What the schema says a missing one means.
    pub(crate) default: Option<&'c Value>,
}

/// What the schema says about the value at a path.
pub(crate) fn find<'c>(root: &'c Object, path: &Path) -> Found<'c> {
    let Some(mut forms) = expand(root, vec![root]) else { return Found::Open };
    let (mut optional, mut default) = (false, None);
    for (at, step) in path.steps().iter().enumerate() {
        let next = match step {
            Step::Key(key) => member(&forms, key, at == 0),
            Step::Index(_) | Step::Every => element(&forms),
        };
        let Some(next) = next else { return Found::Open };
        if next.schemas.is_empty() {
            return Found::Nothing { step: at, known: next.known };
        }
        // A default further up stands for more than this value.
        default = match next.schemas.as_slice() {
            [only] if !optional => only.get("default").map(|node| &node.value),
            _ => None,
        };
        optional |= next.optional;
        match expand(root, next.schemas) {
            Some(expanded) => forms = expanded,
            None => return Found::Open,
        }
    }
    Found::Forms(Forms { forms, optional, default })
}

/// What one step leads to.
#[derive(Default)]
struct Next<'c> {
    schemas: Vec<&'c Object>,
    optional: bool,
    known: Vec<&'c str>,
}

/// The schemas of a member; `None` if it is left open whether there is one.
fn member<'c>(forms: &[&'c Object], key: &str, top: bool) -> Option<Next<'c>> {
    let mut next = Next::default();
    for form in forms {
        let properties = form.get("properties").and_then(|node| node.value.as_object());
        match types(form) {
            Some(types) if !types.contains(&"object") => {
                next.optional = true;
                continue;
            }
            None if properties.is_none() => return None,
            _ => {}
        }
        let found = properties.and_then(|properties| properties.get(key));
        if let Some(found) = found {
            next.schemas.push(found.value.as_object()?);
            let required = form.get("required").and_then(|node| node.value.as_list());
            let named = |item: &Node| item.value.as_str() == Some(key);
            next.optional |= !required.is_some_and(|required| required.iter().any(named));
            continue;
        }
        next.optional = true;
        // Servers leave `additionalProperties` away where they know no others; only those that
        // write it, or name no property at all, mean that there may be more.
        let more = form.get("additionalProperties").map(|node| &node.value);
        let closed = matches!(more, Some(Value::Bool(false)));
        let names_some = properties.is_some_and(|properties| top || !properties.is_empty());
        if form.get("patternProperties").is_some() || !(closed || more.is_none() && names_some) {
            return None;
        }
        let members = properties.map(|properties| properties.members()).unwrap_or_default();
        next.known.extend(members.iter().map(|member| &*member.key));
    }
    Some(next)
}

/// The schemas of the elements; `None` if they are left open.
fn element<'c>(forms: &[&'c Object]) -> Option<Next<'c>> {
    let mut next = Next::default();
    for form in forms {
        match types(form) {
            Some(types) if !types.contains(&"array") => continue,
            _ if form.get("prefixItems").is_some() => return None,
            _ => next.schemas.push(form.get("items")?.value.as_object()?),
        }
    }
    Some(next)
}

/// The schemas without `$ref`, `anyOf` and `oneOf`; `None` if there is something in them that is
/// not read here.
pub(crate) fn expand<'c>(root: &'c Object, mut open: Vec<&'c Object>) -> Option<Vec<&'c Object>> {
    let mut forms = Vec::new();
    let mut work = 0usize;
    while let Some(schema) = open.pop() {
        work = work.saturating_add(1);
        if work > MAX_FORMS {
            return None;
        }
        let (mut reference, mut any_of, mut one_of, mut beside) = (None, None, None, false);
        // Once through, for this is done for each condition of a policy.
        for member in schema.members() {
            match &*member.key {
                "allOf"
                | "if"
                | "not"
                | "$dynamicRef"
                | "dependentSchemas"
                | "unevaluatedProperties" => return None,
                "$ref" => reference = Some(&member.node.value),
                "anyOf" => any_of = Some(&member.node.value),
                "oneOf" => one_of = Some(&member.node.value),
                "properties" | "items" | "enum" | "const" => beside = true,
                _ => {}
            }
        }
        if let Some(reference) = reference {
            open.push(refer(root, reference.as_str()?)?);
        } else if let Some(branches) = any_of.or(one_of) {
            // Beside them, what else is said holds too: more than is read here.
            if beside {
                return None;
            }
            for branch in branches.as_list()? {
                open.push(branch.value.as_object()?);
            }
        } else {
            forms.push(schema);
        }
    }
    Some(forms)
}

/// What a reference within the schema leads to.
fn refer<'c>(root: &'c Object, reference: &str) -> Option<&'c Object> {
    let pointer = reference.strip_prefix('#')?;
    if pointer.is_empty() {
        return Some(root);
    }
    let (first, rest) = match pointer.strip_prefix('/')?.split_once('/') {
        Some((first, _)) => (first, pointer.get(first.len().saturating_add(1)..)?),
        None => (pointer.strip_prefix('/')?, ""),
    };
    root.get(&key_of_token(first))?.at(rest)?.value.as_object()
}

/// The types that a form names; `None` if it names none.
pub(crate) fn types(form: &Object) -> Option<Vec<&str>> {
    match &form.get("type")?.value {
        Value::String(one) => Some(vec![one]),
        Value::List(several) => several.iter().map(|node| node.value.as_str()).collect(),
        _ => None,
    }
}

impl<'c> Forms<'c> {
    /// The types that a value may have; `None` if they are left open.
    pub(crate) fn types(&self) -> Option<Vec<&'c str>> {
        let mut all: Vec<&str> = Vec::new();
        for form in &self.forms {
            for one in types(form)? {
                if !all.contains(&one) {
                    all.push(one);
                }
            }
        }
        sort_by_key(&mut all, |one| *one == "null");
        Some(all)
    }

    /// The strings that a value may be, if the schema lists all that it may be.
    pub(crate) fn words(&self) -> Option<Vec<&'c str>> {
        let mut words = Vec::new();
        for form in &self.forms {
            match types(form) {
                Some(types) if types == ["null"] => {}
                _ => words.extend(listed(form)?.iter().filter_map(|value| value.as_str())),
            }
        }
        Some(words)
    }

    /// Whether there may be a value that equals this one, as the language compares.
    pub(crate) fn may_equal(&self, wanted: &Value) -> bool {
        self.forms.iter().any(|form| match listed(form) {
            Some(listed) => listed.iter().any(|value| equal(value, wanted)),
            None => types(form).is_none_or(|types| types.iter().any(|one| may_be(one, wanted))),
        })
    }
}

/// All values of a form, if it lists them.
pub(crate) fn listed(form: &Object) -> Option<Vec<&Value>> {
    if let Some(only) = form.get("const") {
        return Some(vec![&only.value]);
    }
    let list = form.get("enum")?.value.as_list()?;
    Some(list.iter().map(|item| &item.value).collect())
}

/// Whether a value of this type may equal `wanted`.
fn may_be(type_name: &str, wanted: &Value) -> bool {
    let number = || match wanted {
        Value::Number(number) => Some(number.clone()),
        // A text equals a number if it is its plain text.
        Value::String(text) => Number::parse(text).ok().filter(|number| number.plain() == *text),
        _ => None,
    };
    match type_name {
        "null" => matches!(wanted, Value::Null),
        "boolean" => match wanted {
            Value::Bool(_) => true,
            Value::String(text) => matches!(text.as_str(), "true" | "false"),
            _ => false,
        },
        "number" => number().is_some(),
        "integer" => number().is_some_and(|number| number.is_integer()),
        "string" => plain_text(wanted).is_some(),
        "array" => matches!(wanted, Value::List(_)),
        "object" => matches!(wanted, Value::Object(_)),
        _ => true,
    }
}
