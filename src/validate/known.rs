//! Names found quickly: the tools of a catalog, and those that a policy names. A policy of thousands of
//! tools is checked while it is typed.

use crate::model::{Catalog, Policy, Tool, ToolRules};
use crate::order::sort_by_key;

/// A policy and the catalog that it is for.
pub(super) struct Known<'a> {
    pub(super) policy: &'a Policy,
    pub(super) catalog: &'a Catalog,
    /// By their names; of equal ones the first comes first.
    tools: Vec<&'a Tool>,
    rules: Vec<&'a ToolRules>,
    hidden: Vec<&'a str>,
    hides_all: bool,
    /// What the server says of each tool that the policy lists, in the order of the policy.
    listed: Vec<Option<&'a Tool>>,
}

impl<'a> Known<'a> {
    pub(super) fn new(policy: &'a Policy, catalog: &'a Catalog) -> Known<'a> {
        let mut tools: Vec<&Tool> = catalog.tools.iter().collect();
        sort_by_key(&mut tools, |tool| tool.name.as_str());
        let mut rules: Vec<&ToolRules> = policy.tools.iter().collect();
        sort_by_key(&mut rules, |rules| rules.name.value.as_str());
        let mut hidden: Vec<&str> = policy.hide.iter().map(|name| name.value.as_str()).collect();
        sort_by_key(&mut hidden, |name| *name);
        let hides_all = hidden.contains(&"*");
        let listed = Vec::new();
        let mut known = Known { policy, catalog, tools, rules, hidden, hides_all, listed };
        let tool = |rules: &ToolRules| known.tool(&rules.name.value);
        known.listed = policy.tools.iter().map(tool).collect();
        known
    }

    /// What the server says of a tool.
    pub(super) fn tool(&self, name: &str) -> Option<&'a Tool> {
        let at = self.tools.partition_point(|tool| tool.name.as_str() < name);
        self.tools.get(at).copied().filter(|tool| tool.name == name)
    }

    /// What the policy says of a tool, if it lists it.
    pub(super) fn rules(&self, name: &str) -> Option<&'a ToolRules> {
        let at = self.rules.binary_search_by(|rules| rules.name.value.as_str().cmp(name)).ok()?;
        self.rules.get(at).copied()
    }

    /// Whether the policy hides a tool.
    pub(super) fn is_hidden(&self, name: &str) -> bool {
        self.hides_all || self.hidden.binary_search(&name).is_ok()
    }

    /// The tools that the policy lists, with what the server says of them, if it has them.
    pub(super) fn listed(&self) -> impl Iterator<Item = (&'a ToolRules, Option<&'a Tool>)> {
        self.policy.tools.iter().zip(self.listed.iter().copied())
    }

    /// The tools that the policy lists and the server has.
    pub(super) fn both(&self) -> impl Iterator<Item = (&'a ToolRules, &'a Tool)> {
        self.listed().filter_map(|(rules, tool)| Some((rules, tool?)))
    }
}
