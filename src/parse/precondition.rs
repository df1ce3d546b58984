//! Preconditions: what other limits must have counted.

use super::condition::{operator, test};
use super::reader::{Fields, Key, Kind, Reader, fault};
use crate::diagnostic::{Code, Saying, fill, name, nearest};
use crate::json::Node;
use crate::model::{Limit, Policy, Precondition, Spanned};

pub(super) const PRECONDITION: [Key; 5] = [
    Key::new("tool", Kind::Text),
    Key::new("counter", Kind::Text).required(),
    Key::new("op", Kind::Text).required(),
    Key::new("value", Kind::Any).required(),
    Key::new("on_deny", Kind::Text),
];

/// Reads the `preconditions` of a tool or of all tools.
pub(super) fn preconditions(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Vec<Precondition> {
    let items = fields.items("preconditions").iter();
    items.filter_map(|node| precondition(reader, node)).collect()
}

fn precondition(reader: &mut Reader<'_>, node: &Node) -> Option<Precondition> {
    let object = reader.object(node, "a precondition")?;
    let fields = reader.fields(node, object, "a precondition", &PRECONDITION);
    let operator = fields.get("op").and_then(|field| operator(reader, field));
    let text = |key| {
        let field = fields.get(key)?;
        let value = field.node.value.as_str()?.to_owned();
        Some(Spanned { value, span: field.node.span })
    };
    Some(Precondition {
        span: node.span,
        tool: text("tool"),
        counter: text("counter")?,
        test: test(reader, operator?, fields.get("value")?)?.into(),
        on_deny: fields.text("on_deny").map(str::to_owned),
    })
}

/// Reports preconditions on counters that no limit has.
pub(super) fn known_counters(reader: &mut Reader<'_>, policy: &Policy) {
    let own = policy.tools.iter().map(|tool| &tool.preconditions);
    for list in std::iter::once(&policy.preconditions).chain(own) {
        for precondition in list {
            let counter = &precondition.counter;
            if reader.is_damaged(counter.span) || policy.limit_of(precondition).is_some() {
                continue;
            }
            let diagnostic = fault(Code::UnknownCounter, counter.span.inner());
            reader.report(diagnostic.say(|said| known_counter(said, policy, precondition)));
        }
    }
}

/// Which counter is likely meant.
fn known_counter<'d>(said: Saying<'d>, policy: &Policy, precondition: &Precondition) -> Saying<'d> {
    let Precondition { tool, counter, .. } = precondition;
    let whose = match tool {
        Some(tool) => fill("the tool {}", &[&name(&tool.value)]),
        None => "`all_tools`".to_owned(),
    };
    let said =
        said.message(fill("no limit of {} has the counter {}", &[&whose, &name(&counter.value)]));
    let known: Vec<&Limit> =
        policy.limits_of(tool.as_ref().map(|tool| tool.value.as_str())).collect();
    let known = known.iter().map(|limit| limit.counter.value.as_str());
    match nearest(&counter.value, known) {
        Some(meant) => said.help(fill("did you mean {}?", &[&name(meant)])),
        None => said.help("a precondition asks what a limit has counted"),
    }
}
