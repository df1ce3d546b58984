//! The policy itself, its tools and their rules.

use super::Parsed;
use super::condition::{CONDITION, condition};
use super::faults::wrap;
use super::limit::{LIMIT, Owner, limits};
use super::precondition::preconditions;
use super::reader::{Field, Fields, Key, Kind, Reader, Words, fault, repeated};
use crate::diagnostic::{Code, fill, name};
use crate::json::{Member, Node, Object, Value};
use crate::model::{
    Action, Fallback, Limit, Policy, Precondition, Rule, RuleKind, Spanned, ToolRules,
};
use crate::source::Span;

pub(super) const POLICY: [Key; 7] = [
    Key::new("$schema", Kind::Text),
    Key::new("version", Kind::Text).required().usually("\"1\""),
    Key::new("description", Kind::Text),
    Key::new("default", Kind::Text).required().usually("\"deny\""),
    Key::new("hide", Kind::List),
    Key::new("all_tools", Kind::Object),
    Key::new("tools", Kind::Object),
];

pub(super) const ALL_TOOLS: [Key; 4] = [
    Key::new("require", Kind::List),
    Key::new("deny_if", Kind::List),
    Key::new("preconditions", Kind::List),
    Key::new("limits", Kind::List),
];

pub(super) const TOOL: [Key; 8] = [
    Key::new("action", Kind::Text),
    Key::new("reason", Kind::Text),
    Key::new("require", Kind::List),
    Key::new("deny_if", Kind::List),
    Key::new("require_approval_if", Kind::List),
    Key::new("preconditions", Kind::List),
    Key::new("limits", Kind::List),
    Key::new("rate_limit", Kind::Object),
];

pub(super) const RULE: [Key; 2] =
    [Key::new("conditions", Kind::List).required(), Key::new("on_deny", Kind::Text)];

/// The key of the language that a text is, if it is one of those that stand there often.
pub(super) fn word(text: &str) -> Option<&'static str> {
    // There no reader asks.
    if cfg!(target_family = "wasm") {
        return None;
    }
    let keys = CONDITION.iter().chain(&RULE).chain(&TOOL).chain(&LIMIT);
    keys.map(Key::name).find(|key| *key == text)
}

/// Tools that need not be read.
pub(super) trait Tools {
    /// The rules of a tool, if there was nothing wrong with them when the same words were read.
    fn known(&mut self, member: &Member) -> Option<ToolRules>;
}

/// All are read.
pub(super) struct NoneKnown;

impl Tools for NoneKnown {
    fn known(&mut self, _: &Member) -> Option<ToolRules> {
        None
    }
}

/// Reads a document. The policy that it gives is without the document itself.
///
/// # Errors
/// The tools alone, if a part that a policy must have could not be understood.
pub(super) fn policy(
    reader: &mut Reader<'_>,
    root: &Node,
    known: &mut dyn Tools,
) -> Result<Policy, Vec<ToolRules>> {
    let Some(object) = reader.object(root, "a policy") else { return Err(Vec::new()) };
    let fields = reader.fields(root, object, "a policy", &POLICY);
    version(reader, &fields);
    let default = default(reader, &fields);
    let hide = hide(reader, &fields);
    let all = fields.get("all_tools");
    let all = all.and_then(|field| Some((field.node, field.node.value.as_object()?)));
    let all = all.map(|(node, object)| all_tools(reader, node, object));
    let AllTools { require, deny_if, preconditions, limits } = all.unwrap_or_default();
    let mut tools = Vec::new();
    if let Some(field) = fields.get("tools") {
        let members = field.node.value.as_object().map(|tools| tools.members());
        for member in members.unwrap_or_default() {
            tools.extend(known.known(member).or_else(|| tool(reader, member)));
        }
    }
    let Some(default) = default else { return Err(tools) };
    Ok(Policy {
        document: Node { span: root.span, value: Value::Null },
        default,
        hide,
        require,
        deny_if,
        preconditions,
        all_tools: limits,
        tools,
    })
}

fn version(reader: &mut Reader<'_>, fields: &Fields<'_>) {
    let Some(field) = fields.get("version") else { return };
    let Some(written) = field.node.value.as_str() else { return };
    if written == "1" || reader.is_damaged(field.node.span) {
        return;
    }
    let span = field.node.span.inner();
    let diagnostic = fault(Code::UnknownVersion, span);
    reader.report(diagnostic.say(|said| {
        let said = said.message(fill("unknown version {}", &[&name(written)]));
        let said = said.help("the only version is `1`");
        // Another version would have another meaning; these are another way to write the same one.
        match written.trim() {
            "1" | "1.0" | "1.0.0" | "v1" => said.replace("replace by `1`", span, "1").safe_if(true),
            _ => said,
        }
    }));
}

fn default(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Option<Spanned<Fallback>> {
    let field = fields.get("default")?;
    let words = Words {
        code: Code::UnknownDefault,
        what: "default",
        known: &[("allow", Fallback::Allow), ("deny", Fallback::Deny)],
        synonyms: &EFFECTS,
        help: "it is `allow` or `deny`",
    };
    Some(Spanned { value: reader.word(field, &words)?, span: field.node.span })
}

/// What people write for `allow` and `deny`.
const EFFECTS: [(&str, &str); 8] = [
    ("block", "deny"),
    ("forbid", "deny"),
    ("refuse", "deny"),
    ("reject", "deny"),
    ("none", "deny"),
    ("permit", "allow"),
    ("accept", "allow"),
    ("all", "allow"),
];

fn hide(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Vec<Spanned<String>> {
    let mut hide: Vec<Spanned<String>> = Vec::new();
    let items = fields.items("hide");
    let earlier = repeated(items.len(), |at| items.get(at)?.value.as_str());
    let mut before = None;
    for (node, first) in items.iter().zip(earlier) {
        let previous = before.replace(node.span);
        let Some(written) = reader.string(node, "an entry of `hide`") else { continue };
        if !reader.is_named(written, node.span, "an entry of `hide`") {
            continue;
        }
        match first.and_then(|first| items.get(first)) {
            None => hide.push(Spanned { value: written.to_owned(), span: node.span }),
            Some(earlier) => {
                let span = node.span.inner();
                let diagnostic = fault(Code::DuplicateHide, span);
                reader.report(diagnostic.say(|said| {
                    let said = said
                        .message(fill("{} stands twice in `hide`", &[&name(written)]))
                        .label(earlier.span.inner(), "it stands here first");
                    let Some(previous) = previous else { return said };
                    // With the comma before it. What is hidden stays hidden.
                    let span = Span { start: previous.end, end: node.span.end };
                    said.replace("remove it", span, "").safe_if(true)
                }));
            }
        }
    }
    hide
}

/// What was understood of the rules of one tool, or of all tools, in a document that may have faults.
pub(crate) struct Understood {
    /// The rules; those of all tools under a tool without a name.
    pub(crate) rules: ToolRules,
    /// What was not understood: nothing that has such a place in it is what it seems.
    pub(crate) wrong: Vec<Span>,
}

/// Reads the rules of one tool again, or with `None` those of all tools; `None` if there are none.
pub(crate) fn understood(text: &str, parsed: &Parsed, tool: Option<&str>) -> Option<Understood> {
    let mut reader = Reader::new(text, &parsed.faults);
    let document = parsed.document()?.value.as_object()?;
    let rules = match tool {
        Some(name) => {
            self::tool(&mut reader, document.get("tools")?.value.as_object()?.member(name)?)?
        }
        None => {
            let node = document.get("all_tools")?;
            let all = all_tools(&mut reader, node, node.value.as_object()?);
            ToolRules {
                name: Spanned { value: String::new(), span: Span::default() },
                span: node.span,
                action: None,
                reason: None,
                require: all.require,
                deny_if: all.deny_if,
                require_approval_if: Vec::new(),
                preconditions: all.preconditions,
                limits: all.limits,
                rate_limit: None,
            }
        }
    };
    let faults = parsed.faults.iter().map(|fault| fault.span);
    let wrong = faults.chain(reader.places()).collect();
    Some(Understood { rules, wrong })
}

/// What stands under `all_tools`.
#[derive(Default)]
struct AllTools {
    require: Vec<Rule>,
    deny_if: Vec<Rule>,
    preconditions: Vec<Precondition>,
    limits: Vec<Limit>,
}

fn all_tools(reader: &mut Reader<'_>, node: &Node, object: &Object) -> AllTools {
    let fields = reader.fields(node, object, "`all_tools`", &ALL_TOOLS);
    AllTools {
        require: rules(reader, &fields, RuleKind::Require),
        deny_if: rules(reader, &fields, RuleKind::DenyIf),
        preconditions: preconditions(reader, &fields),
        limits: limits(reader, &fields, Owner::AllTools).0,
    }
}

fn tool(reader: &mut Reader<'_>, member: &Member) -> Option<ToolRules> {
    let (written, node) = (&*member.key, &member.node);
    reader.is_named(written, member.key_span, "the name of a tool");
    let Some(object) = node.value.as_object() else {
        not_rules(reader, written, node);
        return None;
    };
    let fields = reader.fields(node, object, "a tool", &TOOL);
    let action = fields.get("action").and_then(|field| action(reader, field));
    let require = rules(reader, &fields, RuleKind::Require);
    let deny_if = rules(reader, &fields, RuleKind::DenyIf);
    let require_approval_if = rules(reader, &fields, RuleKind::RequireApprovalIf);
    let preconditions = preconditions(reader, &fields);
    let (limits, rate_limit) = limits(reader, &fields, Owner::Tool);
    Some(ToolRules {
        name: Spanned { value: written.to_owned(), span: member.key_span },
        span: node.span,
        action,
        reason: fields.text("reason").map(str::to_owned),
        require,
        deny_if,
        require_approval_if,
        preconditions,
        limits,
        rate_limit: rate_limit.map(Box::new),
    })
}

/// Reports something else where the rules of a tool should be.
fn not_rules(reader: &mut Reader<'_>, tool: &str, node: &Node) {
    let diagnostic = fault(Code::WrongType, node.span);
    reader.report(diagnostic.say(|said| {
        let kind = node.value.kind();
        let message = fill("the rules of {} must be an object, not {}", &[&name(tool), kind]);
        let said = said.message(message);
        match node.value.as_str() {
            Some(action @ ("allow" | "deny" | "require_approval")) => {
                let rules = ["{\"action\": \"", action, "\"}"].concat();
                said.replace(fill("replace by `{}`", &[&rules]), node.span, rules).safe_if(true)
            }
            _ => said.help("`{}` lists a tool without any rule"),
        }
    }));
}

fn action(reader: &mut Reader<'_>, field: &Field<'_>) -> Option<Spanned<Action>> {
    let mut synonyms = EFFECTS.to_vec();
    synonyms.extend(["approve", "approval", "hold", "ask"].map(|word| (word, "require_approval")));
    let hide = field.node.value.as_str() == Some("hide");
    let words = Words {
        code: Code::UnknownAction,
        what: "action",
        known: &[
            ("allow", Action::Allow),
            ("deny", Action::Deny),
            ("require_approval", Action::RequireApproval),
        ],
        synonyms: &synonyms,
        help: if hide {
            "tools are hidden by their names in the list `hide` of the policy"
        } else {
            "it is `allow`, `deny` or `require_approval`"
        },
    };
    Some(Spanned { value: reader.word(field, &words)?, span: field.node.span })
}

fn rules(reader: &mut Reader<'_>, fields: &Fields<'_>, kind: RuleKind) -> Vec<Rule> {
    let items = fields.items(kind.key());
    let mut rules = Vec::with_capacity(items.len());
    rules.extend(items.iter().filter_map(|node| rule(reader, node)));
    rules
}

fn rule(reader: &mut Reader<'_>, node: &Node) -> Option<Rule> {
    let object = reader.object(node, "a rule")?;
    // A condition without the rule around it is a common slip.
    if object.get("path").is_some()
        && object.get("op").is_some()
        && object.get("conditions").is_none()
    {
        reader.report(fault(Code::MissingKey, node.span).say(|said| {
            said.message("a condition stands where a rule should be")
                .help("a rule is `{\"conditions\": [...]}`")
                .fix(wrap("put it into a rule", node.span, "{\"conditions\": [", "]}"))
        }));
        condition(reader, node);
        return None;
    }
    let fields = reader.fields(node, object, "a rule", &RULE);
    let conditions = fields.items("conditions").iter();
    Some(Rule {
        span: node.span,
        conditions: conditions.filter_map(|node| condition(reader, node)).collect(),
        on_deny: fields.text("on_deny").map(str::to_owned),
    })
}
