//! The arguments of a tool, as its `inputSchema` describes them: what a condition can ask about.
//!
//! A schema is the server's word. However large it is, and whatever refers to itself in it, what is made of
//! it stays small.

use crate::json::{Number, Object, Value, quote, write};
use crate::model::{Test, Tool};
use crate::validate::schema::{expand, listed, types};

/// So many arguments are given at most.
const ARGUMENTS: usize = 500;
/// So many of them stand below one of the top level.
const BELOW: usize = 60;
/// So many steps a path has at most.
const STEPS: usize = 8;
/// So many values of an enumeration are given.
const VALUES: usize = 200;
/// So many characters of a text are given.
const CHARACTERS: usize = 1_000;

/// Something in the arguments of a call that a path leads to.
#[derive(Clone, Debug, PartialEq)]
pub struct Argument {
    /// The path, as a condition writes it: `args.items[*].price`.
    pub path: String,
    /// The types that it may have, as JSON Schema names them; empty if the schema leaves that open.
    pub types: Vec<String>,
    /// Whether a call may be without it.
    pub optional: bool,
    /// A name for people.
    pub title: Option<String>,
    /// What it is, as the server says; of a long text the beginning.
    pub description: Option<String>,
    /// All values that it may have, as JSON texts.
    pub values: Option<Vec<String>>,
    /// How many more values there are.
    pub more_values: usize,
    /// The format of a text, as JSON Schema names it.
    pub format: Option<String>,
    /// The pattern of a text.
    pub pattern: Option<String>,
    /// The least number.
    pub minimum: Option<Number>,
    /// The greatest number.
    pub maximum: Option<Number>,
    /// What a missing one means, as JSON text.
    pub default: Option<String>,
    /// The operators that fit, the most useful first.
    pub operators: Vec<&'static str>,
}

/// The arguments of a tool, in the order of its schema, each followed by what is in it. A call's
/// arguments as a whole, and what only a pattern of keys describes, are not among them.
#[must_use]
pub fn arguments(tool: &Tool) -> Vec<Argument> {
    let Some(root) = &tool.input_schema else { return Vec::new() };
    let mut walk = Walk { root, found: Vec::new(), most: 0, above: Vec::new() };
    walk.members(&[root], "args", false, 1);
    walk.found
}

struct Walk<'c> {
    root: &'c Object,
    found: Vec<Argument>,
    /// How many may have been found when the present one of the top level is done.
    most: usize,
    /// The schemas around the present one.
    above: Vec<&'c Object>,
}

/// One member of an object, in all forms that the object has.
struct Property<'c> {
    key: &'c str,
    schemas: Vec<&'c Object>,
    optional: bool,
}

impl<'c> Walk<'c> {
    /// Recursion is bounded by the steps of a path.
    fn members(&mut self, schemas: &[&'c Object], path: &str, optional: bool, step: usize) {
        for property in properties(self.root, schemas) {
            if step == 1 {
                if self.found.len() >= ARGUMENTS {
                    return;
                }
                self.most = self.found.len().saturating_add(BELOW).min(ARGUMENTS);
            }
            let path = format!("{path}{}", key_step(property.key));
            self.value(&property.schemas, &path, optional || property.optional, step);
        }
    }

    fn value(&mut self, schemas: &[&'c Object], path: &str, optional: bool, step: usize) {
        if self.found.len() >= self.most || path.len() > CHARACTERS {
            return;
        }
        let forms = expand(self.root, schemas.to_vec());
        self.found.push(argument(path, schemas, forms.as_deref(), optional));
        let Some(forms) = forms.filter(|_| step < STEPS) else { return };
        // What is within itself would go on for ever.
        let again = |form: &&Object| self.above.iter().any(|above| std::ptr::eq(*above, *form));
        if forms.iter().any(again) {
            return;
        }
        let depth = self.above.len();
        self.above.extend(&forms);
        let next = step.saturating_add(1);
        self.members(&forms, path, optional, next);
        let items: Vec<&'c Object> =
            forms.iter().filter_map(|form| form.get("items")?.value.as_object()).collect();
        if !items.is_empty() {
            self.value(&items, &format!("{path}[*]"), optional, next);
        }
        self.above.truncate(depth);
    }
}

/// The members that the forms of an object have.
fn properties<'c>(root: &'c Object, schemas: &[&'c Object]) -> Vec<Property<'c>> {
    let forms = expand(root, schemas.to_vec()).unwrap_or_else(|| schemas.to_vec());
    let mut found: Vec<Property<'c>> = Vec::new();
    let objects: Vec<(&Object, &'c Object)> = forms
        .iter()
        .filter_map(|form| Some((*form, form.get("properties")?.value.as_object()?)))
        .collect();
    for (form, members) in &objects {
        for member in members.members().iter().take(ARGUMENTS) {
            let Some(schema) = member.node.value.as_object() else { continue };
            let required = form.get("required").and_then(|list| list.value.as_list());
            let required = required
                .is_some_and(|list| list.iter().any(|key| key.value.as_str() == Some(&member.key)));
            let known = found.iter().position(|property| property.key == member.key);
            match known.and_then(|at| found.get_mut(at)) {
                Some(property) => {
                    property.schemas.push(schema);
                    property.optional |= !required;
                }
                None => {
                    let schemas = vec![schema];
                    found.push(Property { key: &member.key, schemas, optional: !required });
                }
            }
        }
    }
    // Where the object may be of another form, what that does not have may be missing.
    for property in &mut found {
        property.optional |= property.schemas.len() < forms.len();
    }
    found
}

/// A key as a step of a path.
fn key_step(key: &str) -> String {
    if key.is_empty() || key.contains(['.', '[', ']']) {
        format!("[{}]", quote(key))
    } else {
        format!(".{key}")
    }
}

fn argument(
    path: &str,
    schemas: &[&Object],
    forms: Option<&[&Object]>,
    optional: bool,
) -> Argument {
    // What is said beside a reference comes before what it leads to.
    let said = || schemas.iter().chain(forms.unwrap_or_default());
    let text = |key: &str| said().find_map(|schema| schema.get(key)?.value.as_str().map(cut));
    let number = |key: &str| said().find_map(|schema| schema.get(key)?.value.as_number().cloned());
    let types = kinds(forms);
    let all = values(forms);
    let more_values = all.as_ref().map_or(0, |all| all.len().saturating_sub(VALUES));
    let default = said().find_map(|schema| schema.get("default").map(|node| &node.value));
    Argument {
        path: path.to_owned(),
        optional,
        title: text("title"),
        description: text("description"),
        values: all.as_ref().map(|all| all.iter().take(VALUES).map(|value| write(value)).collect()),
        more_values,
        format: text("format"),
        pattern: text("pattern"),
        minimum: number("minimum"),
        maximum: number("maximum"),
        default: default.map(write).filter(|text| text.len() <= CHARACTERS),
        operators: operators(&types, all.is_some()),
        types: types.into_iter().map(str::to_owned).collect(),
    }
}

/// The types that all forms together name; none if one leaves it open.
fn kinds<'c>(forms: Option<&[&'c Object]>) -> Vec<&'c str> {
    const KNOWN: [&str; 7] = ["string", "number", "integer", "boolean", "array", "object", "null"];
    let mut all: Vec<&str> = Vec::new();
    for form in forms.unwrap_or_default() {
        let named = match (types(form), listed(form)) {
            (Some(named), _) => named,
            // Without a type the values say it.
            (None, Some(values)) => values.iter().map(|value| kind(value)).collect(),
            (None, None) if form.get("properties").is_some() => vec!["object"],
            (None, None) if form.get("items").is_some() => vec!["array"],
            (None, None) => return Vec::new(),
        };
        for one in named {
            if !KNOWN.contains(&one) {
                return Vec::new();
            }
            if !all.contains(&one) {
                all.push(one);
            }
        }
    }
    all
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::List(_) => "array",
        Value::Object(_) => "object",
    }
}

/// All values, if every form lists its own.
fn values<'c>(forms: Option<&[&'c Object]>) -> Option<Vec<&'c Value>> {
    let forms = forms.filter(|forms| !forms.is_empty())?;
    let mut all: Vec<&Value> = Vec::new();
    for form in forms {
        match types(form) {
            Some(types) if types == ["null"] => all.push(&Value::Null),
            _ => all.extend(listed(form)?),
        }
    }
    Some(all)
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(CHARACTERS) {
        None => text.to_owned(),
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
    }
}

/// The operators that fit values of these types.
fn operators(types: &[&str], is_enumerated: bool) -> Vec<&'static str> {
    let of = |one: &str| -> &[&'static str] {
        match one {
            "string" if is_enumerated => &["in", "not_in", "eq", "neq", "regex", "contains"],
            "string" => &["eq", "neq", "in", "not_in", "regex", "contains"],
            "number" | "integer" if is_enumerated => {
                &["in", "not_in", "eq", "neq", "lte", "gte", "lt", "gt"]
            }
            "number" | "integer" => &["lte", "gte", "lt", "gt", "eq", "neq", "in", "not_in"],
            "boolean" => &["eq", "neq"],
            "array" => &["contains", "eq", "neq"],
            "object" => &["eq", "neq"],
            _ => &[],
        }
    };
    let mut fit: Vec<&'static str> = Vec::new();
    let mut add = |operators: &[&'static str]| {
        for operator in operators {
            if !fit.contains(operator) {
                fit.push(operator);
            }
        }
    };
    if types == ["object"] {
        add(&["exists"]);
    }
    types.iter().for_each(|one| add(of(one)));
    if types.is_empty() {
        add(&["eq", "neq", "in", "not_in", "lte", "gte", "lt", "gt", "regex", "contains"]);
    }
    add(&["exists"]);
    fit.retain(|operator| Test::OPERATORS.contains(operator));
    fit
}
