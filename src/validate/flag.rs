//! Checks of rules that take a flag of the agent's for proof.

use super::rule::kinds;
use crate::diagnostic::{Code, Diagnostic, fill, name};
use crate::json::{Value, pointer_token};
use crate::model::{Outcome, RuleKind, Step, Test, Tool, ToolRules};
use crate::words::split as words;

pub(super) fn tool(rules: &ToolRules, tool: &Tool, out: &mut Vec<Diagnostic>) {
    for (kind, list) in kinds(rules) {
        for (at, rule) in list.iter().enumerate() {
            for (which, condition) in rule.conditions.iter().enumerate() {
                let path = &condition.path.value;
                let [Step::Key(argument)] = path.steps() else { continue };
                let Some(flag) = flag(tool, argument) else { continue };
                if !passes_if_set(kind, &condition.test) {
                    continue;
                }
                let path = name(path.as_str());
                let (message, help) = match flag {
                    Flag::Agreement => (
                        fill("{} is set by the agent itself and proves nothing", &[&path]),
                        "to ask a person, use `require_approval_if`, or `\"action\": \"require_approval\"`",
                    ),
                    // What needs a person when it is in earnest is well said.
                    Flag::Trial if kind == RuleKind::RequireApprovalIf => continue,
                    Flag::Trial => (
                        fill(
                            "{} is set by the agent itself, and only the server knows whether it keeps to it",
                            &[&path],
                        ),
                        "if a change must not happen, deny the tool or hold it for a person",
                    ),
                };
                let pointer = pointer_token(&tool.name);
                let pointer = fill(
                    "/tools/{}/{}/{}/conditions/{}/path",
                    &[&pointer, kind.key(), &at.to_string(), &which.to_string()],
                );
                let span = condition.path.span.inner();
                out.push(Diagnostic::new(Code::TrustedFlag, span, &pointer, message).help(help));
            }
        }
    }
}

/// What an agent says by setting a flag.
#[derive(Clone, Copy)]
enum Flag {
    /// That somebody agreed.
    Agreement,
    /// That nothing will be changed.
    Trial,
}

fn flag(tool: &Tool, argument: &str) -> Option<Flag> {
    let schema = tool.argument(argument)?.as_object()?;
    // Without a type it may be one.
    if schema.get("type").is_some_and(|node| node.value.as_str() != Some("boolean")) {
        return None;
    }
    let words = words(argument);
    let said = |word: &&str| words.iter().any(|one| one == word);
    if ["dry", "dryrun", "simulate", "preview"].iter().any(&said) {
        return Some(Flag::Trial);
    }
    let agreement = [
        "confirm",
        "confirmed",
        "confirmation",
        "approve",
        "approved",
        "consent",
        "force",
        "forced",
    ];
    let more = ["acknowledge", "acknowledged", "agreed", "sure", "authorized", "verified"];
    agreement.iter().chain(&more).any(&said).then_some(Flag::Agreement)
}

/// Whether the rule lets a call pass for this condition's sake that has the flag, and not one that
/// has it not.
fn passes_if_set(kind: RuleKind, test: &Test) -> bool {
    let satisfied = |value: Option<&Value>| test.outcome(value) == Outcome::Satisfied;
    let set = satisfied(Some(&Value::Bool(true)));
    let unset = satisfied(Some(&Value::Bool(false)));
    match kind {
        RuleKind::Require => set && !(unset && satisfied(None)),
        RuleKind::DenyIf | RuleKind::RequireApprovalIf => !set && (unset || satisfied(None)),
        // Asks no argument.
        RuleKind::Precondition => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse;

    fn is_said(rules: &str) -> bool {
        let catalog = parse::catalog(
            br#"[{"name": "t", "inputSchema": {"properties": {"confirmed": {"type": "boolean"},
                "force": {"type": "boolean"}, "dryRun": {"type": "boolean"},
                "forcedColors": {"type": "string"}, "amount": {"type": "number"}}}}]"#,
        );
        let policy =
            format!(r#"{{"version": "1", "default": "deny", "tools": {{"t": {{{rules}}}}}}}"#);
        let policy = parse::parse(policy.as_bytes()).policy.unwrap();
        let mut out = Vec::new();
        tool(&policy.tools[0], &catalog.unwrap().tools[0], &mut out);
        !out.is_empty()
    }

    fn rule(kind: &str, path: &str, op: &str, value: &str) -> String {
        format!(
            r#""{kind}": [{{"conditions": [{{"path": "args.{path}", "op": "{op}", "value": {value}}}]}}]"#
        )
    }

    #[test]
    fn a_flag_is_no_proof() {
        for (kind, path, op, value) in [
            ("require", "confirmed", "eq", "true"),
            ("require", "confirmed", "exists", "true"),
            ("require", "confirmed", "in", "[true]"),
            ("require", "confirmed", "neq", "false"),
            ("deny_if", "confirmed", "neq", "true"),
            ("deny_if", "confirmed", "exists", "false"),
            ("require_approval_if", "confirmed", "eq", "false"),
            ("require", "dryRun", "eq", "true"),
        ] {
            assert!(is_said(&rule(kind, path, op, value)), "{kind} {path} {op} {value}");
        }
    }

    #[test]
    fn what_denies_or_asks_when_it_is_set_is_well_said() {
        for (kind, path, op, value) in [
            ("deny_if", "force", "eq", "true"),
            ("require", "force", "neq", "true"),
            ("require_approval_if", "force", "eq", "true"),
            ("require_approval_if", "dryRun", "neq", "true"),
            ("require", "amount", "exists", "true"),
            ("require", "forcedColors", "eq", "true"),
        ] {
            assert!(!is_said(&rule(kind, path, op, value)), "{kind} {path} {op} {value}");
        }
    }
}
