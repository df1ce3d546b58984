//! Where the rules of a tool look into the arguments of its calls: one tree, walked beside the
//! arguments while they are read, so that they need not be kept.

use super::{CompiledLimit, CompiledRule};
use crate::model::{Path, Step};

/// A tool with more conditions has no plan: what is linear in them below must stay short.
const MAX_CELLS: usize = 64;

/// With more conditions in `all_tools` no tool with rules of its own has a plan: each repeats them.
const MAX_REPEATED: usize = 8;

/// Where a tool's conditions and amounts are in the arguments.
///
/// Each condition has a *cell*, numbered in the order of deciding (the tool's own rules, then those
/// of `all_tools`), in which what it makes of the values that are seen comes together.
#[derive(Clone, Debug, Default)]
pub(crate) struct Plan {
    /// The first is the arguments.
    nodes: Vec<Node>,
    /// The first is all of the arguments.
    scopes: Vec<Scope>,
    /// The `[*]`s.
    every: Vec<Every>,
    /// Where the condition of each cell is.
    cells: Vec<Cell>,
}

/// A value that paths lead to or through.
#[derive(Clone, Debug, Default)]
pub(crate) struct Node {
    keys: Vec<(String, u32)>,
    items: Vec<(usize, u32)>,
    every: Option<u32>,
    /// The conditions that ask about it.
    pub(crate) cells: Vec<u32>,
    /// Whether one of them asks what is in a list or an object.
    pub(crate) looks_inside: bool,
    /// The limits of the tool that count it.
    pub(crate) amounts: Vec<u32>,
}

/// What happens once: in all of the arguments, or in each element that a `[*]` leads to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scope {
    /// The cells that see one value in it, be it a missing one.
    pub(crate) cells: Vec<u32>,
    /// The `[*]`s that it leads to.
    pub(crate) every: Vec<u32>,
}

/// A `[*]`.
#[derive(Clone, Debug)]
pub(crate) struct Every {
    /// The elements.
    node: u32,
    /// What happens in each of them.
    pub(crate) scope: u32,
    /// The cells whose paths go through it.
    pub(crate) cells: Vec<u32>,
}

/// The place of a condition: one of a rule.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cell {
    /// Among the tool's rules, or, behind those, the rules of `all_tools`.
    pub(crate) rule: u32,
    /// Among the conditions of the rule.
    pub(crate) condition: u32,
}

/// Where a walk is: a node, if paths lead there.
pub(crate) type Place<'p> = Option<&'p Node>;

impl Plan {
    /// The plan of a tool's own rules and limits and of the rules of `all_tools`. None if there are
    /// too many, or if one element is asked about both by its number and as one of all: those are
    /// rare, and whoever asks then reads the arguments whole.
    pub(super) fn new(
        own: &[CompiledRule],
        all: &[CompiledRule],
        limits: &[CompiledLimit],
    ) -> Option<Plan> {
        let conditions =
            |rules: &[CompiledRule]| rules.iter().map(|rule| rule.conditions.len()).sum();
        let (mine, shared): (usize, usize) = (conditions(own), conditions(all));
        let repeated = !(own.is_empty() && limits.is_empty()) && shared > MAX_REPEATED;
        if repeated || mine.saturating_add(shared).saturating_add(limits.len()) > MAX_CELLS {
            return None;
        }
        let mut plan = Plan {
            nodes: vec![Node::default()],
            scopes: vec![Scope::default()],
            ..Plan::default()
        };
        for (rule, compiled) in (0..).zip(own.iter().chain(all)) {
            for (at, condition) in (0..).zip(&compiled.conditions) {
                let cell = u32::try_from(plan.cells.len()).ok()?;
                plan.cells.push(Cell { rule, condition: at });
                let (node, scope) = plan.lead(&condition.path.value, Some(cell))?;
                let node = plan.nodes.get_mut(node as usize)?;
                node.cells.push(cell);
                node.looks_inside |= condition.test.looks_inside();
                plan.scopes.get_mut(scope as usize)?.cells.push(cell);
            }
        }
        for (at, limit) in (0..).zip(limits) {
            // What stands in many places is no amount.
            if let Some(path) = limit.limit.increment_from.as_ref().filter(|path| !path.has_every())
            {
                let (node, _) = plan.lead(path, None)?;
                plan.nodes.get_mut(node as usize)?.amounts.push(at);
            }
        }
        let clash = |node: &Node| node.every.is_some() && !node.items.is_empty();
        (!plan.nodes.iter().any(clash)).then_some(plan)
    }

    /// The node and the scope at the end of a path, made as far as there are none yet.
    fn lead(&mut self, path: &Path, cell: Option<u32>) -> Option<(u32, u32)> {
        let (mut at, mut scope) = (0, 0);
        for step in path.steps() {
            let fresh = u32::try_from(self.nodes.len()).ok()?;
            let node = self.nodes.get_mut(at as usize)?;
            at = match step {
                Step::Key(key) => match node.key(key.as_bytes()) {
                    Some(known) => known,
                    None => {
                        node.keys.push((key.clone(), fresh));
                        fresh
                    }
                },
                Step::Index(index) => match node.item(*index) {
                    Some(known) => known,
                    None => {
                        node.items.push((*index, fresh));
                        fresh
                    }
                },
                Step::Every => {
                    let number = match node.every {
                        Some(known) => known,
                        None => {
                            let number = u32::try_from(self.every.len()).ok()?;
                            node.every = Some(number);
                            let inner = u32::try_from(self.scopes.len()).ok()?;
                            self.scopes.get_mut(scope as usize)?.every.push(number);
                            self.scopes.push(Scope::default());
                            self.every.push(Every { node: fresh, scope: inner, cells: vec![] });
                            number
                        }
                    };
                    let every = self.every.get_mut(number as usize)?;
                    every.cells.extend(cell);
                    scope = every.scope;
                    every.node
                }
            };
            if at == fresh {
                self.nodes.push(Node::default());
            }
        }
        Some((at, scope))
    }

    /// The arguments.
    pub(crate) fn root(&self) -> Place<'_> {
        self.nodes.first()
    }

    /// Where a member of an object leads.
    #[inline]
    pub(crate) fn member<'p>(&'p self, place: Place<'p>, key: &[u8]) -> Place<'p> {
        self.node(place?.key(key)?)
    }

    /// Where an element of a list leads, by its number.
    pub(crate) fn item<'p>(&'p self, place: Place<'p>, index: usize) -> Place<'p> {
        self.node(place?.item(index)?)
    }

    /// The `[*]` of a list, with its number.
    pub(crate) fn every<'p>(&'p self, place: Place<'p>) -> Option<(usize, &'p Every)> {
        let number = place?.every? as usize;
        Some((number, self.every.get(number)?))
    }

    /// Every member that is looked at, and where it leads.
    pub(crate) fn members<'p>(
        &'p self,
        node: &'p Node,
    ) -> impl Iterator<Item = (&'p str, Place<'p>)> {
        node.keys.iter().map(|(key, at)| (key.as_str(), self.node(*at)))
    }

    /// Every element that is looked at by its number, and where it leads.
    pub(crate) fn items<'p>(&'p self, node: &'p Node) -> impl Iterator<Item = (usize, Place<'p>)> {
        node.items.iter().map(|(index, at)| (*index, self.node(*at)))
    }

    /// Where the elements of a `[*]` lead.
    pub(crate) fn elements(&self, every: &Every) -> Place<'_> {
        self.node(every.node)
    }

    fn node(&self, at: u32) -> Place<'_> {
        self.nodes.get(at as usize)
    }

    /// One scope; the first is all of the arguments.
    pub(crate) fn scope(&self, at: u32) -> Option<&Scope> {
        self.scopes.get(at as usize)
    }

    /// Where the condition of a cell is.
    pub(crate) fn cell(&self, at: u32) -> Option<Cell> {
        self.cells.get(at as usize).copied()
    }

    /// One `[*]`.
    pub(crate) fn every_at(&self, number: u32) -> Option<&Every> {
        self.every.get(number as usize)
    }

    /// How many cells and `[*]`s there are.
    pub(crate) fn size(&self) -> (usize, usize) {
        (self.cells.len(), self.every.len())
    }
}

impl Node {
    fn key(&self, key: &[u8]) -> Option<u32> {
        self.keys.iter().find(|(known, _)| known.as_bytes() == key).map(|(_, node)| *node)
    }

    fn item(&self, index: usize) -> Option<u32> {
        self.items.iter().find(|(known, _)| *known == index).map(|(_, node)| *node)
    }

    /// Whether a walk need not go into a value here.
    pub(crate) fn ends(&self) -> bool {
        self.keys.is_empty() && self.items.is_empty() && self.every.is_none()
    }
}
