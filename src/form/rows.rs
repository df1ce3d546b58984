//! The table of tools: those that a server has, and those that only the policy names.

use crate::compile::CompiledPolicy;
use crate::diagnostic::Candidates;
use crate::evaluate::{ToolState, tool_state};
use crate::json::{Node, Object, Value};
use crate::model::{Catalog, Tool};
use crate::order::sort_by_key;

/// One tool, as the policy has it.
#[derive(Clone, Debug)]
pub struct Row<'a> {
    /// Its name.
    pub name: &'a str,
    /// What its server says of it; `None` for a tool that only the policy names.
    pub tool: Option<&'a Tool>,
    /// Whether there is a catalog and it does not have the tool.
    pub unknown: bool,
    /// The tool of the catalog that was likely meant by an unknown name.
    pub nearest: Option<&'a str>,
    /// What the policy makes of it, and what decides that (see [`tool_state`]); `None` while the text
    /// is no policy.
    pub state: Option<(ToolState, Option<String>)>,
    /// Whether it stands in `tools`.
    pub listed: bool,
    /// Whether it stands in `hide`, by its name or by `*`.
    pub hidden: bool,
    /// How many rules it has of its own.
    pub rules: usize,
    /// How many limits it has of its own.
    pub limits: usize,
}

/// The tools of the catalog in its order, then those that only the policy names, in the order of
/// its text: first those in `tools`, then those in `hide`.
#[must_use]
pub fn rows<'a>(
    document: Option<&'a Node>,
    policy: Option<&CompiledPolicy>,
    catalog: Option<&'a Catalog>,
) -> Vec<Row<'a>> {
    let named = Named::new(document);
    let mut known: Vec<&str> =
        catalog.iter().flat_map(|catalog| &catalog.tools).map(name).collect();
    sort_by_key(&mut known, |name| *name);
    let has = |name: &str| known.binary_search(&name).is_ok();
    let mut rows: Vec<Row<'a>> = Vec::new();
    for tool in catalog.iter().flat_map(|catalog| &catalog.tools) {
        rows.push(Row { tool: Some(tool), ..named.row(&tool.name, policy) });
    }
    let listed = named.tools.iter().flat_map(|tools| tools.members()).map(|tool| &*tool.key);
    let others = listed.chain(named.in_order.iter().copied().filter(|name| !named.is_listed(name)));
    let mut meant: Option<(Candidates<'_>, usize)> = None;
    for name in others.filter(|name| !has(name)) {
        let mut row = Row { unknown: catalog.is_some(), ..named.row(name, policy) };
        if row.unknown {
            let (candidates, left) = meant.get_or_insert_with(|| {
                // One that the policy lists too is not what is meant.
                let free = known.iter().copied().filter(|name| !named.is_listed(name));
                let candidates = Candidates::new(free);
                let left = candidates.quickly();
                (candidates, left)
            });
            if *left > 0 {
                *left = left.saturating_sub(1);
                row.nearest = candidates.nearest(name);
            }
        }
        rows.push(row);
    }
    rows
}

fn name(tool: &Tool) -> &str {
    &tool.name
}

/// The names in a document.
struct Named<'a> {
    tools: Option<&'a Object>,
    /// The names in `hide`, each once, without `*`.
    in_order: Vec<&'a str>,
    /// The same, sorted.
    hidden: Vec<&'a str>,
    hides_all: bool,
}

impl<'a> Named<'a> {
    fn new(document: Option<&'a Node>) -> Named<'a> {
        let root = document.and_then(|node| node.value.as_object());
        let under = |key: &str| root.and_then(|root| root.get(key)).map(|node| &node.value);
        let items = under("hide").and_then(Value::as_list).unwrap_or_default();
        let mut hidden: Vec<&str> = items.iter().filter_map(|item| item.value.as_str()).collect();
        let hides_all = hidden.contains(&"*");
        hidden.retain(|name| *name != "*");
        let mut sorted = hidden.clone();
        sort_by_key(&mut sorted, |name| *name);
        Named {
            tools: under("tools").and_then(Value::as_object),
            in_order: hidden,
            hidden: sorted,
            hides_all,
        }
    }

    fn is_listed(&self, name: &str) -> bool {
        self.tools.is_some_and(|tools| tools.get(name).is_some())
    }

    fn row(&self, name: &'a str, policy: Option<&CompiledPolicy>) -> Row<'a> {
        let entry = self.tools.and_then(|tools| tools.get(name));
        let entry = entry.and_then(|entry| entry.value.as_object());
        let items = |key: &str| {
            let list = entry.and_then(|entry| entry.get(key)?.value.as_list());
            list.map_or(0, <[Node]>::len)
        };
        let rules = ["require", "deny_if", "require_approval_if", "preconditions"].map(items);
        let rate_limit = entry.is_some_and(|entry| entry.get("rate_limit").is_some());
        Row {
            name,
            tool: None,
            unknown: false,
            nearest: None,
            state: policy.map(|policy| tool_state(policy, name)),
            listed: self.is_listed(name),
            hidden: self.hides_all || self.hidden.binary_search(&name).is_ok(),
            rules: rules.into_iter().fold(0, usize::saturating_add),
            limits: items("limits").saturating_add(usize::from(rate_limit)),
        }
    }
}
