//! Names found quickly: the tools of a catalog, and those that a policy names. A policy of thousands of
//! tools is checked while it is typed.

use std::cell::{Cell, OnceCell};

use crate::model::{Catalog, Policy, Tool, ToolRules};
use crate::order::sort_by_key;

/// A policy and the catalog that it is for.
pub(super) struct Known<'a> {
    pub(super) policy: &'a Policy,
    pub(super) catalog: &'a Catalog,
    tools: Names<'a>,
    rules: Names<'a>,
    hidden: Vec<&'a str>,
    hides_all: bool,
    /// The place in the catalog of each tool that the policy lists, in the order of the policy.
    listed: Vec<Option<usize>>,
}

impl<'a> Known<'a> {
    /// Of a tool that something was said of before, `known` says which it is, if it is one.
    pub(super) fn new(
        policy: &'a Policy,
        catalog: &'a Catalog,
        mut known: impl FnMut(&ToolRules) -> Option<Option<usize>>,
    ) -> Known<'a> {
        let tools = Names::new(catalog.tools.iter().map(|tool| tool.name.as_str()));
        let rules = Names::new(policy.tools.iter().map(|rules| rules.name.value.as_str()));
        let mut hidden: Vec<&str> = policy.hide.iter().map(|name| name.value.as_str()).collect();
        sort_by_key(&mut hidden, |name| *name);
        let hides_all = hidden.contains(&"*");
        let listed = policy
            .tools
            .iter()
            .map(|rules| known(rules).unwrap_or_else(|| tools.find(&rules.name.value)));
        let listed = listed.collect();
        Known { policy, catalog, tools, rules, hidden, hides_all, listed }
    }

    /// What the server says of a tool.
    pub(super) fn tool(&self, name: &str) -> Option<&'a Tool> {
        self.catalog.tools.get(self.tools.find(name)?)
    }

    /// What the policy says of a tool, if it lists it.
    pub(super) fn rules(&self, name: &str) -> Option<&'a ToolRules> {
        self.policy.tools.get(self.rules.find(name)?)
    }

    /// Whether the policy hides a tool.
    pub(super) fn is_hidden(&self, name: &str) -> bool {
        self.hides_all || self.hidden.binary_search(&name).is_ok()
    }

    /// The place in the catalog of the tool that the policy lists in this place.
    pub(super) fn place(&self, at: usize) -> Option<usize> {
        self.listed.get(at).copied().flatten()
    }

    /// The tools that the policy lists and the server does not have.
    pub(super) fn absent(&self) -> impl Iterator<Item = &'a ToolRules> {
        let listed = self.policy.tools.iter().zip(&self.listed);
        listed.filter(|(_, place)| place.is_none()).map(|(rules, _)| rules)
    }
}

/// Before so many are looked for, none is worth to sort them all.
const FEW: usize = 8;

/// Names, each found by its bytes; of equal ones the first.
struct Names<'a> {
    names: Vec<&'a str>,
    asked: Cell<usize>,
    sorted: OnceCell<Vec<usize>>,
}

impl<'a> Names<'a> {
    fn new(names: impl Iterator<Item = &'a str>) -> Names<'a> {
        Names { names: names.collect(), asked: Cell::new(0), sorted: OnceCell::new() }
    }

    fn find(&self, name: &str) -> Option<usize> {
        self.asked.set(self.asked.get().saturating_add(1));
        if self.asked.get() <= FEW {
            return self.names.iter().position(|one| *one == name);
        }
        let named = |at: &usize| self.names.get(*at).copied();
        let sorted = self.sorted.get_or_init(|| {
            let mut sorted: Vec<usize> = (0..self.names.len()).collect();
            sort_by_key(&mut sorted, named);
            sorted
        });
        let at = sorted.partition_point(|at| named(at) < Some(name));
        sorted.get(at).copied().filter(|at| named(at) == Some(name))
    }
}
