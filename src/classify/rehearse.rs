//! A scenario file for a recommended policy: for each category a session as it should be, and one
//! that abuses it.

use super::recommend::{Profile, Wanted, member, number, text};
use super::{Category, Classified, Options, Trait, classify};
use crate::json::{Node, Object, Value};
use crate::model::{Catalog, Tool};

/// The scenario for a policy of [`super::recommend`], as JSON text. `policy` is its path as the scenario
/// names it.
///
/// Of each category one tool is called, the first whose rules let its calls be foreseen.
#[must_use]
pub fn rehearse(catalog: &Catalog, options: Options, wanted: Wanted<'_>, policy: &str) -> String {
    let found = classify(catalog, options);
    let meant = |tool: &Tool| wanted.tools.is_empty() || wanted.tools.contains(&tool.name.as_str());
    // A second tool of a name is not looked at.
    let first = |at: usize, tool: &Tool| {
        catalog.tools.iter().position(|other| other.name == tool.name) == Some(at)
    };
    let named = |tool: &Tool| !tool.name.trim().is_empty() && tool.name != "*";
    let tools = catalog.tools.iter().zip(&found).enumerate();
    let tools = tools.filter(|(at, (tool, _))| meant(tool) && named(tool) && first(*at, tool));
    let tools: Vec<(&Tool, &Classified)> = tools.map(|(_, pair)| pair).collect();
    let mut steps = Vec::new();
    for category in Category::ALL {
        let foreseen =
            |(tool, is): &&(&Tool, &Classified)| is.category == category && is_plain(tool, is);
        if let Some((tool, _)) = tools.iter().find(foreseen) {
            steps.extend(session(tool, category, wanted.profile));
        }
    }
    let members =
        [member("policy", text(policy)), member("steps", Value::List(steps))].into_iter().collect();
    let mut out = crate::json::write(&Value::Object(members));
    out.push('\n');
    out
}

/// Whether nothing but the category decides over a call of this tool.
fn is_plain(tool: &Tool, is: &Classified) -> bool {
    let decides = [
        Trait::Credentials,
        Trait::RawText,
        Trait::Egress,
        Trait::Identity,
        Trait::Multiplexing,
        Trait::SelfConfirmed,
        Trait::Secrets,
        Trait::Cost,
    ];
    is.confidence >= 50 && !decides.iter().any(|one| is.has(*one)) && arguments(tool).is_some()
}

/// The calls of one tool: as it should be, and then too many.
fn session(tool: &Tool, category: Category, profile: Profile) -> Vec<Node> {
    let looks = profile == Profile::ReadOnly;
    let hidden = vec![step(tool, "+60s", 1, "deny", Some("(hidden)"))];
    match category {
        Category::Read => vec![step(tool, "+60s", 1, "allow", None)],
        Category::Destructive => hidden,
        Category::Write | Category::Execute | Category::Financial if looks => hidden,
        Category::Financial => vec![step(tool, "+60s", 1, "hold", None)],
        Category::Write => vec![
            step(tool, "+60s", 30, "allow", None),
            step(tool, "+0s", 1, "deny", None),
            step(tool, "+60s", 1, "allow", None),
        ],
        Category::Execute => vec![
            step(tool, "+60s", 10, "allow", None),
            step(tool, "+0s", 1, "deny", None),
            step(tool, "+60s", 1, "allow", None),
        ],
    }
}

fn step(tool: &Tool, at: &str, times: u32, decision: &str, rule: Option<&str>) -> Node {
    let arguments = arguments(tool).unwrap_or_default();
    let call = [member("tool", text(&tool.name)), member("arguments", Value::Object(arguments))];
    let mut expected = vec![member("decision", text(decision))];
    expected.extend(rule.map(|rule| member("rule", text(rule))));
    let mut members =
        vec![member("at", text(at)), member("call", Value::Object(call.into_iter().collect()))];
    if times > 1 {
        members.push(member("every", text("0s")));
        members.push(member("times", number(times)));
    }
    members.push(member("expect", Value::Object(expected.into_iter().collect())));
    Value::Object(members.into_iter().collect()).into()
}

/// Arguments as somebody might give them: those that must be given; `None` if the schema does not say
/// what they are.
fn arguments(tool: &Tool) -> Option<Object> {
    let Some(schema) = &tool.input_schema else { return Some(Object::default()) };
    let required = schema.get("required").and_then(|required| required.value.as_list());
    let names = required.unwrap_or_default().iter().filter_map(|name| name.value.as_str());
    names.map(|name| Some((name.to_owned(), sample(tool.argument(name)?.as_object()?)?))).collect()
}

/// A value of a schema.
fn sample(schema: &Object) -> Option<Value> {
    if let Some(listed) = schema.get("enum").and_then(|listed| listed.value.as_list()) {
        return listed.first().map(|first| first.value.clone());
    }
    match schema.get("type")?.value.as_str()? {
        "string" => Some(text("example")),
        "boolean" => Some(Value::Bool(false)),
        "integer" | "number" => Some(number(1)),
        "array" => Some(Value::List(Vec::new())),
        "object" => Some(Value::Object(Object::default())),
        _ => None,
    }
}
