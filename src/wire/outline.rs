//! What a policy looks at in the arguments of a tool's calls: a host that has a call as values of its
//! own need write no more of it than this.

use crate::compile::{CompiledPolicy, Plan};
use crate::digits::in_digits;
use crate::json;

/// The places that the policy looks at in the arguments of this tool's calls, as JSON text; `None` if
/// a call must be given whole.
///
/// It is `{tool, place, counts?}`: the number of the tool, the place of the arguments, and `true` if counters
/// are looked at, without which it does not matter when a call is decided. A place is `{at, keys?, items?,
/// list?, every?, whole?, there?}`: `at` is its number, `keys` has a place for each member of an object
/// that is looked at, `items` for each element of a list by its number, `every` is the place of all its
/// elements and `list` the number of that `[*]`, and `whole` is `true` where all that is in a list or object
/// counts. Of every other list or object no more than the type counts, and that it is there; where `there`
/// is `true`, of everything but `null` no more than that. The numbers are for [`crate::evaluate::decide_seen`].
#[must_use]
pub fn outline(policy: &CompiledPolicy, tool: &str) -> Option<String> {
    let found = policy.find(tool);
    let plan = found.plan?;
    let mut text =
        ["{\"tool\":", &in_digits(policy.number_of(tool)?.into()), ",\"place\":"].concat();
    place(plan, 0, &mut text)?;
    text.push_str(if policy.counts_nothing(found.tool) { "}" } else { ",\"counts\":true}" });
    Some(text)
}

/// Recursion is as deep as the longest path of the policy.
fn place(plan: &Plan, at: u32, text: &mut String) -> Option<()> {
    // Of records two bytes are the place.
    let node = plan.node(u16::try_from(at).ok()?.into())?;
    text.extend(["{\"at\":", &in_digits(at.into())]);
    let mut separator = ",\"keys\":{";
    for key in &node.keys {
        text.extend([separator, &json::quote(&key.name), ":"]);
        place(plan, key.node, text)?;
        separator = ",";
    }
    text.push_str(if node.keys.is_empty() { "" } else { "}" });
    separator = ",\"items\":{\"";
    for (index, below) in &node.items {
        text.extend([separator, &in_digits(*index as u64), "\":"]);
        place(plan, *below, text)?;
        separator = ",\"";
    }
    text.push_str(if node.items.is_empty() { "" } else { "}" });
    if let Some(every) = node.every {
        text.extend([",\"list\":", &in_digits(u16::try_from(every).ok()?.into()), ",\"every\":"]);
        place(plan, plan.elements_of(every)?, text)?;
    }
    text.push_str(if node.looks_inside { ",\"whole\":true" } else { "" });
    text.push_str(if node.is_only_there() { ",\"there\":true}" } else { "}" });
    Some(())
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
            r#"{"tool":2,"place":{"at":0,"keys":{"a":{"at":1,"keys":{"b":{"at":2},"c":{"at":3,"whole":true}},"#,
            r#""there":true},"l":{"at":4,"items":{"2":{"at":5,"there":true}},"there":true},"#,
            r#""m":{"at":6,"list":0,"every":{"at":7,"keys":{"n":{"at":8,"whole":true}},"there":true},"#,
            r#""there":true},"z":{"at":9},"n":{"at":10}},"there":true},"counts":true}"#
        );
        assert_eq!(of(&rest, "t").as_deref(), Some(whole));
        for (other, number) in [("u", 4), ("unlisted", 0)] {
            let only = format!(
                r#"{{"tool":{number},"place":{{"at":0,"keys":{{"z":{{"at":1}}}},"there":true}}}}"#
            );
            assert_eq!(of(&rest, other), Some(only), "{other}");
        }
        let nothing = r#""hide":["t"],"tools":{"u":{}}"#;
        assert_eq!(
            of(nothing, "t").as_deref(),
            Some(r#"{"tool":1,"place":{"at":0,"there":true}}"#)
        );
    }

    #[test]
    fn there_is_none_where_a_call_must_be_whole() {
        let both = r#""tools":{"t":{"require":[{"conditions":[
            {"path":"args.l[0]","op":"eq","value":1},{"path":"args.l[*]","op":"eq","value":1}]}]}}"#;
        assert_eq!(of(both, "t"), None);
    }
}
