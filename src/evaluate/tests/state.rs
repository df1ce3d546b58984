use super::super::{ToolState, tool_state};
use crate::compile::compile;
use crate::parse;

/// The state of the tool `t`, and what decides it.
fn state(policy: &str) -> (&'static str, Option<String>) {
    let parsed = parse::parse(policy.as_bytes());
    let policy = compile(&parsed.policy.unwrap_or_else(|| panic!("{:?}", parsed.diagnostics)));
    let (state, decides) = tool_state(&policy, "t");
    let known: [ToolState; 5] =
        [ToolState::Allow, ToolState::Deny, ToolState::Hide, ToolState::Approve, ToolState::Custom];
    assert!(known.contains(&state));
    (state.as_str(), decides)
}

const CONDITION: &str = r#"{"conditions":[{"path":"args.a","op":"eq","value":1}]}"#;
const LIMIT: &str = r#""limits":[{"counter":"c","window":"hour","max":1}]"#;

#[test]
fn a_tool_is_what_its_rules_alone_make_of_it() {
    let cases = [
        ("{}", "allow", "/tools/t"),
        (r#"{"action":"allow"}"#, "allow", "/tools/t"),
        (r#"{"action":"deny"}"#, "deny", "/tools/t/action"),
        (r#"{"action":"deny","deny_if":[C]}"#, "deny", "/tools/t/action"),
        (r#"{"action":"require_approval"}"#, "approve", "/tools/t/action"),
        (r#"{"action":"require_approval","require":[C]}"#, "custom", "/tools/t"),
        (r#"{"action":"require_approval",L}"#, "custom", "/tools/t"),
        (r#"{"require":[C]}"#, "custom", "/tools/t"),
        ("{L}", "custom", "/tools/t"),
        (
            r#"{"preconditions":[{"tool":"u","counter":"c","op":"lt","value":1}]}"#,
            "custom",
            "/tools/t",
        ),
        (r#"{"deny_if":[C]}"#, "custom", "/tools/t"),
        (r#"{"deny_if":[C,{"conditions":[]}]}"#, "deny", "/tools/t/deny_if/1"),
        (r#"{"require":[{"conditions":[]}]}"#, "custom", "/tools/t"),
    ];
    for (tool, wanted, decides) in cases {
        let tool = tool.replace('C', CONDITION).replace("L}", &format!("{LIMIT}}}"));
        let policy =
            format!(r#"{{"version":"1","default":"deny","tools":{{"t":{tool},"u":{{{LIMIT}}}}}}}"#);
        assert_eq!(state(&policy), (wanted, Some(decides.to_owned())), "{tool}");
    }
}

#[test]
fn what_holds_for_all_tools_holds_for_it_too() {
    let cases = [
        (r#""default":"deny""#, "deny", Some("(default deny)")),
        (r#""default":"allow""#, "allow", None),
        (r#""default":"deny","hide":["t"],"tools":{"t":{}}"#, "hide", Some("(hidden)")),
        (r#""default":"allow","hide":["*"]"#, "hide", Some("(hidden)")),
        (r#""default":"allow","hide":["u"]"#, "allow", None),
        (r#""default":"deny","all_tools":{L},"tools":{"t":{}}"#, "allow", Some("/tools/t")),
        (
            r#""default":"deny","all_tools":{"require":[C]},"tools":{"t":{}}"#,
            "custom",
            Some("/tools/t"),
        ),
        (
            r#""default":"deny","all_tools":{"require":[C]},"tools":{"t":{"action":"require_approval"}}"#,
            "custom",
            Some("/tools/t/action"),
        ),
        (
            r#""default":"deny","all_tools":{"deny_if":[C]},"tools":{"t":{"action":"deny"}}"#,
            "deny",
            Some("/tools/t/action"),
        ),
        (r#""default":"allow","all_tools":{"deny_if":[C]}"#, "custom", Some("/all_tools")),
        (
            r#""default":"allow","all_tools":{L,"preconditions":[{"counter":"c","op":"lt","value":1}]}"#,
            "custom",
            Some("/all_tools"),
        ),
        (
            r#""default":"allow","all_tools":{"deny_if":[{"conditions":[]}]}"#,
            "deny",
            Some("/all_tools/deny_if/0"),
        ),
        (
            r#""default":"deny","all_tools":{"deny_if":[C,{"conditions":[]}]},"tools":{"t":{"deny_if":[C]}}"#,
            "deny",
            Some("/all_tools/deny_if/1"),
        ),
    ];
    for (rest, wanted, decides) in cases {
        let rest = rest.replace('C', CONDITION).replace("{L", &format!("{{{LIMIT}"));
        let policy = format!(r#"{{"version":"1",{rest}}}"#);
        assert_eq!(state(&policy), (wanted, decides.map(str::to_owned)), "{rest}");
    }
}
