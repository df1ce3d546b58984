//! What is proved of the rules of one policy, where its author may want something else. What `validate`
//! says already is not said again.

use std::collections::BTreeMap;

use super::policy::{Answer, Asks, Judge, UNCONFIRMED, by_name, seek};
use super::question::shown;
use super::search::{ALLOW, DENY, ERRORED, Goal, HOLD, MAX_STEPS, NOT_SATISFIED, SATISFIED, Side};
use super::space::Space;
use super::text;
use super::text::Texts;
use crate::diagnostic::{Code, Diagnostic, name, names, printable, sort};
use crate::json::{pointer_token, write};
use crate::model::{Call, Catalog, Condition, Effect, Fallback, Rule, RuleKind, Test, ToolRules};
use crate::parse::Parsed;
use crate::source::Span;
use crate::validate;
use crate::words::{Sense, senses};

/// What is proved of a policy.
#[derive(Clone, Debug, Default)]
pub struct Linted {
    /// Warnings, in the order of the text; none of a text that is no policy.
    pub diagnostics: Vec<Diagnostic>,
    /// What could not be found out: the JSON Pointer of a rule or tool, and why.
    pub unknown: Vec<(String, String)>,
}

/// Says which rules do nothing, and which calls pass that should perhaps not: of all calls, or those
/// that fit the input schemas of the catalog's tools.
#[must_use]
pub fn lint(parsed: &Parsed, catalog: Option<&Catalog>) -> Linted {
    let Some(policy) = &parsed.policy else { return Linted::default() };
    let said = validate::said(parsed, catalog);
    let judge = Judge::new(policy);
    let tools = by_name(catalog);
    let mut linter = Linter {
        judge: &judge,
        said: said
            .diagnostics
            .into_iter()
            .filter(|one| {
                let alike = [Code::NeverSatisfied, Code::CoveredRule, Code::ImpossibleValue];
                alike.contains(&one.code)
            })
            .map(|one| one.pointer)
            .collect(),
        steps: MAX_STEPS,
        texts: Texts::default(),
        out: Linted::default(),
    };
    for rules in &policy.tools {
        linter.patterns(rules);
        let name = rules.name.value.as_str();
        if judge.may_pass(name) {
            linter.rules(rules, tools.get(name).copied());
            linter.deletion(name, tools.get(name).copied(), rules.name.span.inner());
        }
    }
    if policy.default.value == Fallback::Allow {
        let span = policy.default.span.inner();
        let unlisted = |name: &&&str| judge.rules(name).is_none() && judge.may_pass(name);
        for name in tools.keys().filter(unlisted) {
            linter.deletion(name, tools.get(name).copied(), span);
        }
    }
    linter.same(&policy.tools);
    sort(&mut linter.out.diagnostics);
    linter.out
}

struct Linter<'p> {
    judge: &'p Judge<'p>,
    /// The pointers of the rules and conditions that `validate` says the like of.
    said: Vec<String>,
    steps: usize,
    texts: Texts,
    out: Linted,
}

impl Linter<'_> {
    fn say(&mut self, code: Code, span: Span, pointer: &str, message: String, help: &str) {
        self.out.diagnostics.push(Diagnostic::new(code, span, pointer, message).help(help));
    }

    fn is_said(&self, pointer: &str) -> bool {
        let within = |said: &String| {
            said.strip_prefix(pointer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.said.iter().any(within)
    }

    /// Whether certainly no call is there for these goals.
    fn is_never(&mut self, space: &Space<'_>, goals: &[Goal<'_>], pointer: &str) -> bool {
        match seek(space, goals, &mut self.steps) {
            Answer::Nothing => true,
            Answer::Witness(_) => false,
            Answer::Unknown(why) => {
                self.out.unknown.push((pointer.to_owned(), why));
                false
            }
        }
    }

    /// The rules of a tool, each on its own and beside the others.
    fn rules(&mut self, rules: &ToolRules, tool: Option<&crate::model::Tool>) {
        let judge = self.judge;
        let mut asks = Asks::default();
        let mut side = asks.side(judge, &rules.name.value);
        let space = asks.space(tool, &self.texts);
        let base = format!("/tools/{}", pointer_token(&rules.name.value));
        let own: Vec<(RuleKind, usize, &Rule)> = [
            (RuleKind::Require, &rules.require),
            (RuleKind::DenyIf, &rules.deny_if),
            (RuleKind::RequireApprovalIf, &rules.require_approval_if),
        ]
        .into_iter()
        .flat_map(|(kind, list)| list.iter().enumerate().map(move |(at, rule)| (kind, at, rule)))
        .collect();
        // From the last on, so that of two that do the same the first is kept.
        for (number, (kind, at, rule)) in own.into_iter().enumerate().rev() {
            let pointer = format!("{base}/{}/{at}", kind.key());
            if rule.conditions.is_empty() || self.is_said(&pointer) {
                continue;
            }
            let Some((_, asked)) = side.rules.get(number).cloned() else { continue };
            if self.is_never(&space, &[Goal::Rule(&asked, SATISFIED)], &pointer) {
                // What errs is denied by `deny_if` too.
                let errs = kind == RuleKind::DenyIf
                    && !self.is_never(&space, &[Goal::Rule(&asked, ERRORED)], &pointer);
                self.never(kind, errs, rule, &pointer);
                continue;
            }
            if rule.on_deny.is_none() && self.adds_nothing(&space, &side, number, &pointer) {
                let asks_for_all = kind == RuleKind::Require
                    && self.is_never(
                        &space,
                        &[Goal::Rule(&asked, NOT_SATISFIED | ERRORED)],
                        &pointer,
                    );
                let message = match (kind, asks_for_all) {
                    (RuleKind::Require, true) => "this rule adds nothing: every call meets it",
                    (RuleKind::RequireApprovalIf, _) => {
                        "this rule adds nothing: every call that it holds is held or denied without it"
                    }
                    _ => "this rule adds nothing: every call that it denies is denied without it",
                };
                let help = "remove it, or say what else it was meant to refuse";
                self.say(Code::RuleAddsNothing, rule.span, &pointer, message.to_owned(), help);
                side.rules.remove(number);
            }
        }
    }

    fn never(&mut self, kind: RuleKind, errs: bool, rule: &Rule, pointer: &str) {
        let (code, message, help) = match kind {
            RuleKind::DenyIf if errs => (
                Code::RuleNeverFires,
                "no call satisfies this rule: it denies only values of a type that it cannot compare",
                "all conditions of a rule must be satisfied; for one or the other write two rules",
            ),
            RuleKind::Require | RuleKind::Precondition => (
                Code::RequireNeverMet,
                "no call can meet this rule, so every call is denied",
                "to refuse every call, write `\"action\": \"deny\"`",
            ),
            RuleKind::DenyIf => (
                Code::RuleNeverFires,
                "this rule denies nothing: no call satisfies its conditions",
                "all conditions of a rule must be satisfied; for one or the other write two rules",
            ),
            RuleKind::RequireApprovalIf => (
                Code::RuleNeverFires,
                "this rule holds nothing: no call satisfies its conditions",
                "all conditions of a rule must be satisfied; for one or the other write two rules",
            ),
        };
        self.say(code, rule.span, pointer, message.to_owned(), help);
    }

    /// Whether every call is decided alike without the rule with this number.
    fn adds_nothing(
        &mut self,
        space: &Space<'_>,
        side: &Side,
        number: usize,
        pointer: &str,
    ) -> bool {
        let mut without = side.clone();
        without.rules.remove(number);
        [(DENY, ALLOW | HOLD), (HOLD, ALLOW | DENY), (ALLOW, DENY | HOLD)].into_iter().all(
            |(with, other)| {
                let goals = [Goal::Effect(side, with), Goal::Effect(&without, other)];
                self.is_never(space, &goals, pointer)
            },
        )
    }

    /// Patterns that are found in no text, or in every one.
    fn patterns(&mut self, rules: &ToolRules) {
        let base = format!("/tools/{}", pointer_token(&rules.name.value));
        let lists = [
            (RuleKind::Require, &rules.require),
            (RuleKind::DenyIf, &rules.deny_if),
            (RuleKind::RequireApprovalIf, &rules.require_approval_if),
        ];
        for (kind, list) in lists {
            for (at, rule) in list.iter().enumerate() {
                for (number, condition) in rule.conditions.iter().enumerate() {
                    let pointer = format!("{base}/{}/{at}/conditions/{number}", kind.key());
                    self.pattern(condition, &pointer);
                }
            }
        }
    }

    fn pattern(&mut self, condition: &Condition, pointer: &str) {
        let Test::Regex(pattern) = &condition.test else { return };
        let (members, complete) = text::members(Default::default(), std::slice::from_ref(pattern));
        if !complete {
            let why = "the pattern is too large".to_owned();
            self.out.unknown.push((pointer.to_owned(), why));
            return;
        }
        let found = members.iter().filter(|text| pattern.is_match(text)).count();
        if found > 0 && found < members.len() {
            return;
        }
        // Of the rule it is said all with that.
        self.said.push(pointer.to_owned());
        let span = condition.value_span.inner();
        if found == 0 {
            let message = "this pattern is found in no text".to_owned();
            let help = "`^` stands at the start of a text and `$` at its end";
            self.say(Code::PatternFindsNothing, span, pointer, message, help);
        } else {
            let message = "this pattern is found in every text".to_owned();
            let help = "write `^` before and `$` behind what the whole text is to be";
            self.say(Code::PatternFindsEverything, span, pointer, message, help);
        }
    }

    /// A call of a tool that deletes something and is allowed.
    fn deletion(&mut self, tool: &str, of_catalog: Option<&crate::model::Tool>, span: Span) {
        if !senses(tool).contains(&Sense::Delete) {
            return;
        }
        let mut asks = Asks::default();
        let side = asks.side(self.judge, tool);
        let space = asks.space(of_catalog, &self.texts);
        let pointer = format!("/tools/{}", pointer_token(tool));
        match seek(&space, &[Goal::Effect(&side, ALLOW)], &mut self.steps) {
            Answer::Nothing => {}
            Answer::Unknown(why) => self.out.unknown.push((pointer, why)),
            Answer::Witness(arguments) => {
                let arguments_shown = printable(&shown(&arguments));
                let call = Call { tool: tool.to_owned(), arguments, ..Call::default() };
                if self.judge.decide(&call).effect != Effect::Allow {
                    self.out.unknown.push((pointer, UNCONFIRMED.to_owned()));
                    return;
                }
                let listed = self.judge.rules(tool).is_some();
                let pointer = if listed { pointer } else { "/default".to_owned() };
                let message = format!(
                    "{} deletes by its name, and a call with the arguments `{arguments_shown}` is allowed",
                    name(tool)
                );
                let help = "hold it for a person with `\"action\": \"require_approval\"`, or say in a `require` what may be deleted";
                self.say(Code::DeletionAllowed, span, &pointer, message, help);
            }
        }
    }

    /// Tools that have the same rules.
    fn same(&mut self, tools: &[ToolRules]) {
        let mut groups: BTreeMap<String, Vec<&ToolRules>> = BTreeMap::new();
        for tool in tools {
            if tool.require.is_empty()
                && tool.deny_if.is_empty()
                && tool.require_approval_if.is_empty()
            {
                continue;
            }
            let own = self.judge.policy.document.value.as_object();
            let own = own.and_then(|document| document.get("tools")?.value.as_object());
            let node = own.and_then(|own| own.get(&tool.name.value));
            let text = node.map(|node| write(&node.value)).unwrap_or_default();
            groups.entry(text).or_default().push(tool);
        }
        for group in groups.values().filter(|group| group.len() > 1) {
            let Some((first, others)) = group.split_first() else { continue };
            let Some(second) = others.first() else { continue };
            let all = names(group.iter().map(|tool| tool.name.value.as_str()), "and");
            let pointer = format!("/tools/{}", pointer_token(&second.name.value));
            let message = format!("{all} have the same rules");
            self.out.diagnostics.push(
                Diagnostic::new(Code::SameRules, second.name.span.inner(), &pointer, message)
                    .label(first.name.span.inner(), "as of this one")
                    .help("what is changed for one is easily forgotten for the other"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse;

    /// What is said of a policy with these tools: the code and the text that is underlined.
    fn said(tools: &str, catalog: Option<&str>) -> Vec<(&'static str, String)> {
        let text = format!(r#"{{"version":"1","default":"deny","tools":{{{tools}}}}}"#);
        let parsed = parse::parse(text.as_bytes());
        assert!(parsed.policy.is_some(), "{:?}", parsed.diagnostics);
        let catalog = catalog.map(|text| parse::catalog(text.as_bytes()).unwrap());
        let linted = lint(&parsed, catalog.as_ref());
        assert!(linted.unknown.is_empty(), "{:?}", linted.unknown);
        let said = linted.diagnostics.iter();
        said.map(|one| (one.code.as_str(), one.span.of(&text).to_owned())).collect()
    }

    fn rule(path: &str, op: &str, value: &str) -> String {
        format!(r#"{{"conditions":[{{"path":"args.{path}","op":"{op}","value":{value}}}]}}"#)
    }

    #[test]
    fn rules_that_do_nothing_are_proved_to() {
        let (less, more) = (rule("n", "lte", "5"), rule("n", "lte", "9"));
        let both = |one: &str, two: &str| format!(r#""t":{{"require":[{one},{two}]}}"#);
        assert_eq!(said(&both(&less, &more), None), [("rule-adds-nothing", more.clone())]);
        assert_eq!(said(&both(&more, &less), None), [("rule-adds-nothing", more.clone())]);
        // Of two that do the same one is kept.
        assert_eq!(said(&both(&less, &less), None), [("rule-adds-nothing", less.clone())]);
        // A `deny_if` that a `require` makes needless.
        let deny = rule("n", "gt", "7");
        let tool = format!(r#""t":{{"require":[{less}],"deny_if":[{deny}]}}"#);
        assert_eq!(said(&tool, None), [("rule-adds-nothing", deny.clone())]);
        // With a message of its own it may be there for that.
        let spoken = deny.replacen('{', r#"{"on_deny":"too much","#, 1);
        assert_eq!(said(&tool.replace(&deny, &spoken), None), []);
    }

    #[test]
    fn a_schema_makes_rules_needless() {
        let rule = rule("n", "gt", "7");
        let tool = format!(r#""t":{{"deny_if":[{rule}]}}"#);
        let catalog = r#"[{"name":"t","inputSchema":{"type":"object","required":["n"],"properties":{"n":{"type":"integer","maximum":7}}}}]"#;
        assert_eq!(said(&tool, Some(catalog)), [("rule-never-fires", rule)]);
        assert_eq!(said(&tool, None), []);
    }

    #[test]
    fn patterns_that_find_nothing_or_everything() {
        let pattern =
            |pattern: &str| format!(r#""t":{{"deny_if":[{}]}}"#, rule("n", "regex", pattern));
        assert_eq!(said(&pattern(r#""a^""#), None), [("pattern-finds-nothing", "a^".into())]);
        assert_eq!(said(&pattern(r#""x*""#), None), [("pattern-finds-everything", "x*".into())]);
        assert_eq!(said(&pattern(r#""x+""#), None), []);
    }

    #[test]
    fn conditions_that_exclude_each_other() {
        let two = r#"{"conditions":[{"path":"args.n","op":"regex","value":"^a"},{"path":"args.n","op":"regex","value":"^b"}]}"#;
        let tool = |list: &str| format!(r#""t":{{"{list}":[{two}]}}"#);
        assert_eq!(said(&tool("require"), None), [("require-never-met", two.into())]);
        assert_eq!(said(&tool("require_approval_if"), None), [("rule-never-fires", two.into())]);
        assert_eq!(said(&tool("deny_if"), None), [("rule-never-fires", two.into())]);
        // What `check` says is not said again.
        let said_already = two.replace("regex", "eq");
        assert_eq!(said(&tool("require").replace(two, &said_already), None), []);
    }

    #[test]
    fn tools_alike_and_holes() {
        let rule = rule("n", "eq", "1");
        let tools = format!(r#""a":{{"deny_if":[{rule}]}},"b":{{"deny_if":[{rule}]}},"c":{{}}"#);
        assert_eq!(said(&tools, None), [("same-rules", "b".into())]);
        assert_eq!(said(r#""delete_row":{}"#, None), [("deletion-allowed", "delete_row".into())]);
        assert_eq!(said(r#""delete_row":{"action":"require_approval"}"#, None), []);
        assert_eq!(said(r#""delete_row":{"rate_limit":{"max":0,"window":60}}"#, None), []);
    }
}
