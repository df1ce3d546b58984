//! The rules of one tool, or of all tools, as a form shows them.

use super::note::About;
use super::sentence::{self, Whole};
use super::{ConditionForm, Form, LimitForm, RuleForm};
use crate::compile::{CompiledPolicy, label};
use crate::diagnostic::Diagnostic;
use crate::evaluate::tool_state;
use crate::json::{Node, Object, pointer_token};
use crate::model::{Catalog, Limit, RuleKind};
use crate::parse::{Parsed, Understood, understood};
use crate::source::Span;

/// The keys that the form shows.
const SHOWN: [&str; 7] =
    ["action", "reason", "require", "deny_if", "require_approval_if", "limits", "rate_limit"];

/// What a form is made of.
#[derive(Clone, Copy, Debug)]
pub struct Sources<'a> {
    /// The text.
    pub text: &'a str,
    /// What was read of it.
    pub parsed: &'a Parsed,
    /// The policy, if the text is one.
    pub policy: Option<&'a CompiledPolicy>,
    /// What the server's tools are, if that is known.
    pub catalog: Option<&'a Catalog>,
    /// What there is to say about the text.
    pub diagnostics: &'a [Diagnostic],
}

impl<'a> Sources<'a> {
    /// The form of a tool, whether the policy lists it or not, or with `None` that of all tools; `None`
    /// if nothing was read of the text.
    #[must_use]
    pub fn form(&self, tool: Option<&'a str>) -> Option<Form> {
        let root = self.parsed.document()?.value.as_object()?;
        let pointer = match tool {
            Some(tool) => format!("/tools/{}", pointer_token(tool)),
            None => "/all_tools".to_owned(),
        };
        let entry = match tool {
            Some(tool) => root.get("tools").and_then(|tools| tools.value.as_object()?.get(tool)),
            None => root.get("all_tools"),
        };
        let rules = understood(self.text, self.parsed, tool);
        let entry = entry.and_then(|entry| entry.value.as_object());
        let text = |key: &str| Some(entry?.get(key)?.value.as_str()?.to_owned());
        let kind = |kind: RuleKind| self.rules(tool, entry, &pointer, kind, rules.as_ref());
        let (require, deny_if) = (kind(RuleKind::Require), kind(RuleKind::DenyIf));
        let require_approval_if = kind(RuleKind::RequireApprovalIf);
        let limits = self.limits(tool, entry, &pointer, rules.as_ref());
        let rate_limit = self.rate_limit(tool, entry, &pointer, rules.as_ref());
        let members = entry.map(Object::members).unwrap_or_default();
        let other = members.iter().map(|member| member.key.to_string());
        let hide = root.get("hide").and_then(|hide| hide.value.as_list()).unwrap_or_default();
        let hides = |item: &Node| matches!((item.value.as_str(), tool), (Some(name), Some(tool)) if name == tool || name == "*");
        let state = tool.and_then(|tool| Some(tool_state(self.policy?, tool)));
        let mut form = Form {
            tool: tool.map(str::to_owned),
            state,
            sentence: None,
            default: root.get("default").and_then(|node| node.value.as_str()).map(str::to_owned),
            listed: entry.is_some(),
            hidden: hide.iter().any(hides),
            action: text("action"),
            reason: text("reason"),
            require,
            deny_if,
            require_approval_if,
            limits,
            rate_limit,
            preconditions: self.preconditions(entry, &pointer, rules.as_ref()),
            other: other.filter(|key| !SHOWN.contains(&key.as_str())).collect(),
            problems: Vec::new(),
            pointer,
        };
        form.sentence = self.sentence(&form, root);
        form.problems = self.others(&form);
        Some(form)
    }

    /// What the policy makes of a tool.
    fn sentence(&self, form: &Form, root: &Object) -> Option<String> {
        let (state, decides) = form.state.as_ref()?;
        let all = root.get("all_tools").and_then(|all| all.value.as_object());
        let length = |entry: Option<&Object>, key: &str| {
            entry.and_then(|entry| entry.get(key)?.value.as_list()).map_or(0, <[Node]>::len)
        };
        let lists = [&form.require, &form.deny_if, &form.require_approval_if, &form.preconditions];
        let whole = Whole {
            state: *state,
            decides: decides.as_deref(),
            is_held: form.action.as_deref() == Some("require_approval"),
            rules: lists.iter().map(|list| list.len()).fold(0, usize::saturating_add),
            limits: form.limits.len().saturating_add(usize::from(form.rate_limit.is_some())),
            all_rules: ["require", "deny_if", "preconditions"]
                .iter()
                .any(|key| length(all, key) > 0),
            all_limits: length(all, "limits") > 0,
        };
        Some(whole.sentence())
    }

    fn rules(
        &self,
        tool: Option<&'a str>,
        entry: Option<&Object>,
        base: &str,
        kind: RuleKind,
        rules: Option<&Understood>,
    ) -> Vec<RuleForm> {
        let list = entry.and_then(|entry| entry.get(kind.key())?.value.as_list());
        let mut forms = Vec::new();
        for (at, node) in list.unwrap_or_default().iter().enumerate() {
            let pointer = format!("{base}/{}/{at}", kind.key());
            let object = node.value.as_object();
            let rule = rules.and_then(|rules| {
                let list = match kind {
                    RuleKind::Require => &rules.rules.require,
                    RuleKind::DenyIf => &rules.rules.deny_if,
                    RuleKind::RequireApprovalIf => &rules.rules.require_approval_if,
                    RuleKind::Precondition => return None,
                };
                list.iter().find(|rule| rule.span == node.span)
            });
            // What stands in it and was not understood might change what it says.
            let whole = rule.filter(|_| is_understood(node.span, rules));
            let conditions = object.and_then(|rule| rule.get("conditions")?.value.as_list());
            let conditions = conditions.unwrap_or_default().iter().enumerate();
            let conditions = conditions.map(|(which, node)| {
                let condition = rule.and_then(|rule| {
                    let found = rule.conditions.iter().find(|one| one.span == node.span)?;
                    is_understood(node.span, rules).then_some(found)
                });
                self.condition(node, format!("{pointer}/conditions/{which}"), |_| {
                    Some(sentence::condition(kind, condition?))
                })
            });
            let conditions = conditions.collect();
            let notes = match (tool, whole, rules) {
                (Some(tool), Some(rule), Some(rules)) => self.about(tool, rules).rule(kind, rule),
                _ => Vec::new(),
            };
            forms.push(RuleForm {
                label: whole.and_then(|rule| label(base, kind, &rule.conditions)),
                sentence: whole.map(|rule| sentence::rule(kind, rule)),
                on_deny: object.and_then(|rule| text_of(rule, "on_deny")),
                conditions,
                notes,
                problems: self.problems(&pointer),
                pointer,
            });
        }
        forms
    }

    fn condition(
        &self,
        node: &Node,
        pointer: String,
        sentence: impl FnOnce(&Node) -> Option<String>,
    ) -> ConditionForm {
        let object = node.value.as_object();
        ConditionForm {
            path: object.and_then(|object| text_of(object, "path")),
            op: object.and_then(|object| text_of(object, "op")),
            value: object.and_then(|object| self.written(object, "value")),
            sentence: sentence(node),
            pointer,
        }
    }

    fn preconditions(
        &self,
        entry: Option<&Object>,
        base: &str,
        rules: Option<&Understood>,
    ) -> Vec<RuleForm> {
        let list = entry.and_then(|entry| entry.get("preconditions")?.value.as_list());
        let list = list.unwrap_or_default().iter().enumerate();
        let forms = list.map(|(at, node)| {
            let pointer = format!("{base}/preconditions/{at}");
            let found = rules.and_then(|rules| {
                let found = rules.rules.preconditions.iter().find(|one| one.span == node.span)?;
                is_understood(node.span, Some(rules)).then_some(found)
            });
            let object = node.value.as_object();
            RuleForm {
                label: None,
                sentence: found.map(sentence::precondition),
                on_deny: object.and_then(|object| text_of(object, "on_deny")),
                conditions: Vec::new(),
                notes: Vec::new(),
                problems: self.problems(&pointer),
                pointer,
            }
        });
        forms.collect()
    }

    fn limits(
        &self,
        tool: Option<&'a str>,
        entry: Option<&Object>,
        base: &str,
        rules: Option<&Understood>,
    ) -> Vec<LimitForm> {
        let list = entry.and_then(|entry| entry.get("limits")?.value.as_list());
        let list = list.unwrap_or_default().iter().enumerate();
        let forms = list.map(|(at, node)| {
            let limit = rules
                .and_then(|rules| rules.rules.limits.iter().find(|limit| limit.span == node.span));
            self.limit(tool, node, format!("{base}/limits/{at}"), limit, rules)
        });
        forms.collect()
    }

    fn rate_limit(
        &self,
        tool: Option<&'a str>,
        entry: Option<&Object>,
        base: &str,
        rules: Option<&Understood>,
    ) -> Option<LimitForm> {
        let node = entry?.get("rate_limit")?;
        let limit = rules.and_then(|rules| rules.rules.rate_limit.as_deref());
        Some(self.limit(tool, node, format!("{base}/rate_limit"), limit, rules))
    }

    fn limit(
        &self,
        tool: Option<&'a str>,
        node: &Node,
        pointer: String,
        limit: Option<&Limit>,
        rules: Option<&Understood>,
    ) -> LimitForm {
        let limit = limit.filter(|_| is_understood(node.span, rules));
        let object = node.value.as_object();
        let text = |key: &str| object.and_then(|object| text_of(object, key));
        let notes = match (tool, limit, rules) {
            (Some(tool), Some(limit), Some(rules)) => self.about(tool, rules).limit(limit),
            _ => Vec::new(),
        };
        LimitForm {
            sentence: limit.map(|limit| sentence::limit(limit, tool.is_none())),
            counter: text("counter"),
            window: object.and_then(|object| self.written(object, "window")),
            max: object.and_then(|object| self.written(object, "max")),
            scope: text("scope"),
            increment_from: text("increment_from"),
            on_deny: text("on_deny"),
            notes,
            problems: self.problems(&pointer),
            pointer,
        }
    }

    fn about<'r>(&'r self, tool: &'r str, rules: &'r Understood) -> About<'r> {
        let known = self.catalog.and_then(|catalog| catalog.tool(tool));
        About {
            text: self.text,
            parsed: self.parsed,
            catalog: self.catalog,
            tool,
            schema: known.and_then(|known| known.input_schema.as_ref()),
            rules,
        }
    }

    /// A value as it stands in the text.
    fn written(&self, object: &Object, key: &str) -> Option<String> {
        Some(object.get(key)?.span.of(self.text).to_owned())
    }

    /// Which of the diagnostics are about what is at a pointer or below it.
    fn problems(&self, pointer: &str) -> Vec<usize> {
        let within = |diagnostic: &Diagnostic| {
            let rest = diagnostic.pointer.strip_prefix(pointer);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let all = self.diagnostics.iter().enumerate();
        all.filter(|(_, diagnostic)| within(diagnostic)).map(|(at, _)| at).collect()
    }

    /// Which of those of a form are about no rule or limit in it.
    fn others(&self, form: &Form) -> Vec<usize> {
        let rules = [&form.require, &form.deny_if, &form.require_approval_if, &form.preconditions];
        let rules = rules.into_iter().flatten().map(|rule| &rule.problems);
        let limits = form.limits.iter().chain(&form.rate_limit).map(|limit| &limit.problems);
        let said: Vec<usize> = rules.chain(limits).flatten().copied().collect();
        self.problems(&form.pointer).into_iter().filter(|at| !said.contains(at)).collect()
    }
}

fn text_of(object: &Object, key: &str) -> Option<String> {
    object.get(key)?.value.as_str().map(str::to_owned)
}

/// Whether nothing in a place was wrong.
fn is_understood(place: Span, rules: Option<&Understood>) -> bool {
    let within = |wrong: &Span| place.start <= wrong.start && wrong.end <= place.end;
    rules.is_some_and(|rules| !rules.wrong.iter().any(within))
}
