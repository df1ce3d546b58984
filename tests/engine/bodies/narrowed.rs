//! What is proved of two policies for the calls that a catalog lets through holds for each of them.

use cattlegrid::analyze::diff;
use cattlegrid::compile::compile;
use cattlegrid::evaluate::{Env, evaluate};
use cattlegrid::json::{Limits, Number, Object, Value, read_strict, write};
use cattlegrid::model::{Call, Pattern, Time};
use cattlegrid::parse;
use cattlegrid::quota::MemoryStore;

use super::cases::{self, KEYS, NUMBERS, PATTERNS, TEXTS, TOOLS};
use super::choices::Choices;
use super::foresight::{Learnt, gather, in_short, is_foreseen, policy, said, stretched};

/// Holds the comparison of two policies, for a catalog, to calls that fit it; the first bytes say which policies, the rest
/// which catalog and calls.
pub fn check(bytes: &[u8], learnt: &mut Learnt) {
    learnt.pairs += 1;
    let (first, rest) = bytes.split_at(bytes.len() / 2);
    let one = cases::policy(&mut Choices::new(first));
    let mut other = first.to_vec();
    if let [at, byte, ..] = rest
        && let Some(changed) = other.get_mut(usize::from(*at) % first.len().max(1))
    {
        *changed = *byte;
    }
    let two = cases::policy(&mut Choices::new(&other));
    let tools: Vec<String> = (0u8..)
        .zip(TOOLS)
        .map(|(salt, name)| {
            let more = stretched(rest, salt);
            let mut c = Choices::new(&more);
            format!(r#"{{"name":"{name}","inputSchema":{}}}"#, root(&mut c))
        })
        .collect();
    let text = format!("[{}]", tools.join(","));
    let catalog =
        parse::catalog(text.as_bytes()).unwrap_or_else(|wrong| panic!("{wrong:?}\n{text}"));
    let (old, new) = (policy(&one), policy(&two));
    let found = diff(&old, &new, Some(&catalog));
    let here = || format!("\nold {one}\nnew {two}\ncatalog {text}\n{}", in_short(&found));
    let schema = |name: &str| {
        let tool = catalog.tools.iter().find(|tool| tool.name == name);
        tool.and_then(|tool| tool.input_schema.as_ref())
    };
    for tool in &found.tools {
        learnt.changes += tool.changes.len();
        learnt.unknown += tool.unknown.len();
        for change in &tool.changes {
            let effects = (change.old.effect, change.new.effect);
            assert_eq!(said(&old, &new, &change.call), effects, "{}", here());
            // A witness is a call that the server would take, if the schema says no more than is read of it.
            let root = schema(&change.call.tool);
            if let Some(root) = root.filter(|root| !is_more(root)) {
                let arguments = Value::Object(change.call.arguments.clone());
                assert!(fits(root, root, &arguments), "{}{}", write(&arguments), here());
            }
        }
    }
    let mut constants = Vec::new();
    for text in [&one, &two] {
        gather(&read_strict(text.as_bytes(), &Limits::DOCUMENT).unwrap().value, &mut constants);
    }
    let (engine_old, engine_new) = (compile(&old), compile(&new));
    let more = stretched(rest, 99);
    let mut c = Choices::new(&more);
    for name in TOOLS {
        let root = schema(name).unwrap();
        let mut tried = false;
        for _ in 0..12 {
            let sample = sample(root, &Value::Object(root.clone()), &mut c, &constants, 4);
            let Some(Value::Object(arguments)) = sample else { continue };
            if !fits(root, root, &Value::Object(arguments.clone())) {
                continue;
            }
            let call = Call { tool: name.to_owned(), arguments, ..Call::default() };
            let decide = |policy| {
                let counters = &mut MemoryStore::new();
                let mut env = Env { now: Time(0), counters, approvals: None };
                evaluate(Some(policy), &call, &mut env).decision.effect
            };
            let effects = (decide(&engine_old), decide(&engine_new));
            learnt.calls += 1;
            tried = true;
            assert!(
                effects.0 == effects.1 || is_foreseen(&found, &call.tool, effects),
                "{effects:?} {} {}{}",
                call.tool,
                write(&Value::Object(call.arguments.clone())),
                here()
            );
        }
        let own = found.tools.iter().find(|tool| tool.tool.as_deref() == Some(name));
        let quiet = own.is_some_and(|tool| tool.changes.is_empty() && tool.unknown.is_empty());
        learnt.proved += usize::from(tried && quiet);
    }
}

/// Whether a schema says something that narrows nothing, since it is not read.
fn is_more(schema: &Object) -> bool {
    write(&Value::Object(schema.clone())).contains("\"not\":")
}

/// A schema of arguments.
fn root(c: &mut Choices<'_>) -> String {
    let text = object(c, 3);
    match c.below(6) {
        0 => {
            let open = text.strip_suffix('}').unwrap();
            let target = schema(c, 1);
            let target = if target.contains("$ref") { "{}" } else { &target };
            format!(r##"{open},"$defs":{{"d":{target}}}}}"##)
        }
        _ => text,
    }
}

fn object(c: &mut Choices<'_>, depth: usize) -> String {
    let (mut members, mut required) = (Vec::new(), Vec::new());
    for key in KEYS {
        if c.once_in(2) {
            members.push(format!(r#""{key}":{}"#, schema(c, depth - 1)));
        }
        if c.once_in(4) {
            required.push(format!("\"{key}\""));
        }
    }
    let (members, required) = (members.join(","), required.join(","));
    let closed = if c.once_in(3) { r#","additionalProperties":false"# } else { "" };
    format!(r#"{{"type":"object","properties":{{{members}}},"required":[{required}]{closed}}}"#)
}

fn schema(c: &mut Choices<'_>, depth: usize) -> String {
    match c.below(if depth == 0 { 7 } else { 11 }) {
        0 => {
            let (low, high) =
                (c.of(&["minimum", "exclusiveMinimum"]), c.of(&["maximum", "exclusiveMaximum"]));
            let kind = c.of(&["number", "integer"]);
            let low = c.once_in(2).then(|| format!(r#","{low}":{}"#, c.of(&NUMBERS)));
            let high = c.once_in(2).then(|| format!(r#","{high}":{}"#, c.of(&NUMBERS)));
            format!(r#"{{"type":"{kind}"{}{}}}"#, low.unwrap_or_default(), high.unwrap_or_default())
        }
        1 => {
            let mut more = String::new();
            if c.once_in(2) {
                more += &format!(r#","pattern":"{}""#, c.of(&PATTERNS));
            }
            if c.once_in(3) {
                more += &format!(r#","minLength":{}"#, c.below(3));
            }
            if c.once_in(3) {
                more += &format!(r#","maxLength":{}"#, c.below(4));
            }
            format!(r#"{{"type":"string"{more}}}"#)
        }
        2 => format!(r#"{{"enum":[{}]}}"#, c.list(3, scalar)),
        3 => format!(r#"{{"const":{}}}"#, scalar(c)),
        4 => r#"{"type":"boolean"}"#.to_owned(),
        5 => r#"{"type":["string","null"]}"#.to_owned(),
        6 => c
            .of(&[
                "{}",
                r#"{"type":"null"}"#,
                r##"{"$ref":"#/$defs/d"}"##,
                r#"{"not":{"type":"string"}}"#,
            ])
            .to_owned(),
        7 => format!(r#"{{"anyOf":[{},{}]}}"#, schema(c, depth - 1), schema(c, depth - 1)),
        8 => object(c, depth),
        _ => {
            let (least, most) = (c.below(3), c.below(4));
            let least = c.once_in(2).then(|| format!(r#","minItems":{least}"#));
            let most = c.once_in(3).then(|| format!(r#","maxItems":{most}"#));
            let (least, most) = (least.unwrap_or_default(), most.unwrap_or_default());
            format!(r#"{{"type":"array","items":{}{least}{most}}}"#, schema(c, depth - 1))
        }
    }
}

fn scalar(c: &mut Choices<'_>) -> String {
    match c.below(4) {
        0 => c.of(&NUMBERS).to_owned(),
        1 => c.of(&["true", "false", "null"]).to_owned(),
        _ => format!("\"{}\"", c.of(&TEXTS)),
    }
}

fn get<'v>(schema: &'v Object, key: &str) -> Option<&'v Value> {
    schema.get(key).map(|node| &node.value)
}

/// Whether a value is valid, by the words of JSON Schema.
fn fits(root: &Object, schema: &Object, value: &Value) -> bool {
    let valid = |schema: &Value, value: &Value| match schema {
        Value::Object(schema) => fits(root, schema, value),
        schema => *schema == Value::Bool(true),
    };
    let list = |key| get(schema, key).and_then(Value::as_list);
    let count = |key| get(schema, key).and_then(Value::as_number).map(written);
    let within = |length: usize, least, most| {
        let length = length as f64;
        count(least).is_none_or(|least| least <= length)
            && count(most).is_none_or(|most| length <= most)
    };
    if let Some(Value::String(_)) = get(schema, "$ref") {
        // A reference to nothing is no schema, and nothing is asked of it.
        let defs = get(root, "$defs").and_then(Value::as_object);
        return defs.and_then(|defs| get(defs, "d")).is_none_or(|target| valid(target, value));
    }
    let is = |kind: &str| match value {
        Value::Null => kind == "null",
        Value::Bool(_) => kind == "boolean",
        Value::Number(number) => kind == "number" || kind == "integer" && number.is_integer(),
        Value::String(_) => kind == "string",
        Value::List(_) => kind == "array",
        Value::Object(_) => kind == "object",
    };
    let kind = match get(schema, "type") {
        Some(Value::String(kind)) => is(kind),
        Some(Value::List(kinds)) => kinds.iter().any(|kind| is(kind.value.as_str().unwrap())),
        _ => true,
    };
    let bound = |key| get(schema, key).and_then(Value::as_number);
    kind && list("enum").is_none_or(|list| list.iter().any(|one| one.value == *value))
        && get(schema, "const").is_none_or(|one| one == value)
        && list("anyOf").is_none_or(|list| list.iter().any(|one| valid(&one.value, value)))
        && get(schema, "not").is_none_or(|not| !valid(not, value))
        && match value {
            Value::Number(number) => {
                bound("minimum").is_none_or(|bound| number >= bound)
                    && bound("maximum").is_none_or(|bound| number <= bound)
                    && bound("exclusiveMinimum").is_none_or(|bound| number > bound)
                    && bound("exclusiveMaximum").is_none_or(|bound| number < bound)
            }
            Value::String(text) => {
                let pattern = get(schema, "pattern").and_then(Value::as_str);
                pattern.is_none_or(|pattern| Pattern::parse(pattern).unwrap().is_match(text))
                    && within(text.chars().count(), "minLength", "maxLength")
            }
            Value::List(items) => {
                within(items.len(), "minItems", "maxItems")
                    && get(schema, "items")
                        .is_none_or(|schema| items.iter().all(|item| valid(schema, &item.value)))
            }
            Value::Object(object) => {
                let own = get(schema, "properties").and_then(Value::as_object);
                let known = |key: &str| own.is_some_and(|own| own.get(key).is_some());
                list("required").is_none_or(|names| {
                    names.iter().all(|name| object.get(name.value.as_str().unwrap()).is_some())
                }) && object.members().iter().all(|member| {
                    match own.and_then(|own| own.get(&member.key)) {
                        Some(schema) => valid(&schema.value, &member.node.value),
                        None => true,
                    }
                }) && (get(schema, "additionalProperties") != Some(&Value::Bool(false))
                    || object.members().iter().all(|member| known(&member.key)))
            }
            _ => true,
        }
}

fn written(number: &Number) -> f64 {
    write(&Value::Number(number.clone())).parse().unwrap()
}

/// A value that is likely valid.
fn sample(
    root: &Object,
    schema: &Value,
    c: &mut Choices<'_>,
    constants: &[Value],
    depth: usize,
) -> Option<Value> {
    let free = |c: &mut Choices<'_>| match constants {
        [_, ..] if c.once_in(2) => constants[c.below(constants.len().min(256))].clone(),
        _ => read(&scalar(c)),
    };
    let Value::Object(schema) = schema else { return Some(free(c)) };
    if depth == 0 {
        return Some(free(c));
    }
    let deeper = depth - 1;
    if get(schema, "$ref").is_some() {
        let defs = get(root, "$defs").and_then(Value::as_object);
        let target = defs.and_then(|defs| get(defs, "d"));
        return match target {
            Some(target) => sample(root, target, c, constants, deeper),
            None => Some(free(c)),
        };
    }
    for key in ["enum", "anyOf"] {
        let Some(list) = get(schema, key).and_then(Value::as_list) else { continue };
        let one = &list.get(c.below(list.len().max(1)))?.value;
        return if key == "enum" {
            Some(one.clone())
        } else {
            sample(root, one, c, constants, deeper)
        };
    }
    if let Some(one) = get(schema, "const") {
        return Some(one.clone());
    }
    match get(schema, "type").and_then(Value::as_str) {
        Some("object") => {
            let own = get(schema, "properties").and_then(Value::as_object)?;
            let required = get(schema, "required").and_then(Value::as_list)?;
            let mut members = Vec::new();
            for key in KEYS {
                let needed = required.iter().any(|name| name.value.as_str() == Some(key));
                if !needed && c.once_in(3) {
                    continue;
                }
                let value = match get(own, key) {
                    Some(schema) => sample(root, schema, c, constants, deeper),
                    None if needed || c.once_in(4) => Some(free(c)),
                    None => None,
                };
                members.extend(value.map(|value| (key.to_owned(), value)));
            }
            Some(Value::Object(members.into_iter().collect()))
        }
        Some("array") => {
            let count = c.below(4);
            let items = get(schema, "items")?;
            let items = (0..count).map(|_| sample(root, items, c, constants, deeper));
            Some(Value::List(
                items.collect::<Option<Vec<_>>>()?.into_iter().map(Into::into).collect(),
            ))
        }
        Some("number" | "integer") => {
            let keys = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"];
            let bound = get(schema, c.of(&keys));
            Some(bound.cloned().unwrap_or_else(|| match free(c) {
                number @ Value::Number(_) => number,
                _ => read(c.of(&NUMBERS)),
            }))
        }
        Some("string") => Some(match free(c) {
            text @ Value::String(_) => text,
            _ => read(&format!("\"{}\"", c.of(&TEXTS))),
        }),
        Some("boolean") => Some(Value::Bool(c.once_in(2))),
        Some("null") => Some(Value::Null),
        _ => Some(free(c)),
    }
}

fn read(text: &str) -> Value {
    read_strict(text.as_bytes(), &Limits::MESSAGE).unwrap().value
}
