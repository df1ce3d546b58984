//! What a policy looks at in the arguments of a tool's calls: a host that has a call as values of its
//! own need write no more of it than this.

use crate::compile::{CompiledPolicy, Node, Place, Plan};
use crate::json::{self, Object, Value};

/// The places that the policy looks at in the arguments of this tool's calls, as JSON text; `None` if
/// a call must be given whole.
///
/// A place is `{keys?, items?, every?, whole?}`: `keys` has a place for each member of an object that
/// is looked at, `items` for each element of a list by its number, `every` is the place of all its
/// elements, and `whole` is `true` where all that is in a list or object counts. Of everything else no
/// more than the type counts, and that it is there.
#[must_use]
pub fn outline(policy: &CompiledPolicy, tool: &str) -> Option<String> {
    let plan = policy.find(tool).plan?;
    Some(json::write(&place(plan, plan.root()?)))
}

/// Recursion is as deep as the longest path of the policy.
fn place(plan: &Plan, node: &Node) -> Value {
    let below = |(name, at): (String, Place<'_>)| Some((name, place(plan, at?)));
    let keys: Object =
        plan.members(node).map(|(key, at)| (key.to_owned(), at)).filter_map(below).collect();
    let items: Object =
        plan.items(node).map(|(index, at)| (index.to_string(), at)).filter_map(below).collect();
    let every = plan.every(Some(node)).and_then(|every| plan.elements(every));
    let mut members = Vec::new();
    if !keys.is_empty() {
        members.push(("keys".to_owned(), Value::Object(keys)));
    }
    if !items.is_empty() {
        members.push(("items".to_owned(), Value::Object(items)));
    }
    if let Some(every) = every {
        members.push(("every".to_owned(), place(plan, every)));
    }
    if node.looks_inside {
        members.push(("whole".to_owned(), Value::Bool(true)));
    }
    Value::Object(members.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compile::compile;
    use crate::parse;

    fn of(rest: &str, tool: &str) -> Option<String> {
        let text = format!(r#"{{"version":"1","default":"allow",{rest}}}"#);
        outline(&compile(&parse::parse(text.as_bytes()).policy.unwrap()), tool)
    }

    #[test]
    fn has_the_places_of_conditions_and_amounts() {
        let condition =
            |path: &str, test: &str| format!(r#"{{"conditions":[{{"path":"{path}",{test}}}]}}"#);
        let rules = [
            condition("args.a.b", r#""op":"lt","value":1"#),
            condition("args.a.c", r#""op":"contains","value":1"#),
            condition("args.l[2]", r#""op":"exists","value":true"#),
            condition("args.m[*].n", r#""op":"eq","value":[1]"#),
        ];
        let all = condition("args.z", r#""op":"eq","value":1"#);
        let rest = format!(
            r#""all_tools":{{"deny_if":[{all}]}},"tools":{{"t":{{"deny_if":[{}],
            "limits":[{{"counter":"c","window":"hour","max":1,"increment_from":"args.n"}}]}},"u":{{}}}}"#,
            rules.join(",")
        );
        let whole = concat!(
            r#"{"keys":{"a":{"keys":{"b":{},"c":{"whole":true}}},"l":{"items":{"2":{}}},"#,
            r#""m":{"every":{"keys":{"n":{"whole":true}}}},"z":{},"n":{}}}"#
        );
        assert_eq!(of(&rest, "t").as_deref(), Some(whole));
        for other in ["u", "unlisted"] {
            assert_eq!(of(&rest, other).as_deref(), Some(r#"{"keys":{"z":{}}}"#), "{other}");
        }
        assert_eq!(of(r#""tools":{"t":{}}"#, "t").as_deref(), Some("{}"));
    }

    #[test]
    fn there_is_none_where_a_call_must_be_whole() {
        let both = r#""tools":{"t":{"require":[{"conditions":[
            {"path":"args.l[0]","op":"eq","value":1},{"path":"args.l[*]","op":"eq","value":1}]}]}}"#;
        assert_eq!(of(both, "t"), None);
    }
}
