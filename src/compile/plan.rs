//! Where the rules of a tool look into the arguments of its calls: one tree, walked beside the
//! arguments while they are read, so that they need not be kept.

use std::sync::Arc;

use super::{CompiledLimit, CompiledRule};
use crate::json::Word;
use crate::model::{Path, Step, Test};

/// A tool with more conditions has no plan: what is linear in them below must stay short.
const MAX_CELLS: usize = 64;

/// With more conditions in `all_tools` no tool with rules of its own has a plan: each repeats them.
const MAX_REPEATED: usize = 8;

/// Where a tool's conditions and amounts are in the arguments.
///
/// Each condition has a *cell*, numbered in the order of deciding (the tool's own rules, then those
/// of `all_tools`), in which what it makes of the values that are seen comes together.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// The first is the arguments.
    nodes: Vec<Node>,
    /// The `[*]`s.
    every: Vec<Every>,
    cells: Vec<Cell>,
}

/// A value that paths lead to or through.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    /// Every member that is looked at.
    pub(crate) keys: Vec<Key>,
    /// Every element that is looked at by its number, and the node where it leads.
    pub(crate) items: Vec<(usize, u32)>,
    /// The `[*]` of a list.
    pub(crate) every: Option<u32>,
    /// The first of the cells whose conditions ask about it.
    first: Option<u32>,
    /// Whether one of them asks what is in a list or an object.
    pub(crate) looks_inside: bool,
    /// Whether one of them asks more than whether it is there.
    looks: bool,
    /// The limits of the tool that count it.
    pub(crate) amounts: Vec<u32>,
}

/// A member of an object that is looked at.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    pub(crate) name: Arc<str>,
    /// The name, if it is short.
    short: Option<Word>,
    /// Where it leads.
    pub(crate) node: u32,
}

/// A `[*]`.
///
/// Its elements are a *scope* each, as all of the arguments are one: in a scope each cell of it sees
/// one value, be it a missing one.
#[derive(Clone, Debug)]
pub(crate) struct Every {
    /// The elements.
    node: u32,
    /// The scope that leads to it.
    pub(crate) outer: Scope,
    /// The cells whose paths go through it.
    pub(crate) cells: Vec<u32>,
}

/// The arguments, or the elements of the `[*]` with this number.
pub(crate) type Scope = Option<u32>;

/// A condition.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cell {
    /// Its rule: among the tool's, or, behind those, those of `all_tools`.
    pub(crate) rule: u32,
    /// Its place among the conditions of the rule.
    pub(crate) condition: u32,
    /// Where it sees one value.
    pub(crate) scope: Scope,
    /// The next cell of the same node.
    next: Option<u32>,
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
            nodes: Vec::with_capacity(mine.saturating_add(shared).saturating_add(1)),
            every: Vec::new(),
            cells: Vec::with_capacity(mine.saturating_add(shared)),
        };
        plan.nodes.push(Node::new());
        for (rule, compiled) in (0..).zip(own.iter().chain(all)) {
            for (condition, asked) in (0..).zip(compiled.conditions.iter()) {
                let cell = u32::try_from(plan.cells.len()).ok()?;
                let (node, scope) = plan.lead(&asked.path.value, Some(cell))?;
                let node = plan.nodes.get_mut(node as usize)?;
                let next = node.first.replace(cell);
                node.looks_inside |= asked.test.looks_inside();
                node.looks |= !matches!(asked.test, Test::Exists(_));
                plan.cells.push(Cell { rule, condition, scope, next });
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
    fn lead(&mut self, path: &Path, cell: Option<u32>) -> Option<(u32, Scope)> {
        let (mut at, mut scope) = (0, None);
        for step in path.steps() {
            let fresh = u32::try_from(self.nodes.len()).ok()?;
            let node = self.nodes.get_mut(at as usize)?;
            at = match step {
                Step::Key(key) => match node.key(key.as_bytes()) {
                    Some(known) => known,
                    None => {
                        let short = Word::of(key.as_bytes());
                        node.keys.push(Key { name: key.clone(), short, node: fresh });
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
                            self.every.push(Every { node: fresh, outer: scope, cells: vec![] });
                            number
                        }
                    };
                    scope = Some(number);
                    let every = self.every.get_mut(number as usize)?;
                    every.cells.extend(cell);
                    every.node
                }
            };
            if at == fresh {
                self.nodes.push(Node::new());
            }
        }
        Some((at, scope))
    }

    /// The arguments.
    #[inline]
    pub(crate) fn root(&self) -> Place<'_> {
        self.nodes.first()
    }

    /// Where a member of an object leads.
    #[inline]
    pub(crate) fn member<'p>(&'p self, place: Place<'p>, key: &[u8]) -> Place<'p> {
        self.node(place?.key(key)?)
    }

    /// Where an element of a list leads, by its number.
    #[inline]
    pub(crate) fn item<'p>(&'p self, place: Place<'p>, index: usize) -> Place<'p> {
        self.node(place?.item(index)?)
    }

    /// The number of the `[*]` of a list.
    #[inline]
    pub(crate) fn every(&self, place: Place<'_>) -> Option<u32> {
        place?.every
    }

    /// Where the elements of a `[*]` lead.
    #[inline]
    pub(crate) fn elements(&self, every: u32) -> Place<'_> {
        self.node(self.every.get(every as usize)?.node)
    }

    /// All the `[*]`s, in the order of their numbers.
    #[inline]
    pub(crate) fn all_every(&self) -> &[Every] {
        &self.every
    }

    /// All the cells, in the order of their numbers.
    #[inline]
    pub(crate) fn cells(&self) -> &[Cell] {
        &self.cells
    }

    /// The numbers of the cells whose conditions ask about a node.
    #[inline]
    pub(crate) fn cells_of(&self, node: &Node) -> impl Iterator<Item = u32> + use<'_> {
        let next = |at: &u32| self.cells.get(*at as usize).and_then(|cell| cell.next);
        std::iter::successors(node.first, next)
    }

    /// The node of the elements of a `[*]`.
    pub(crate) fn elements_of(&self, every: u32) -> Option<u32> {
        self.every.get(every as usize).map(|every| every.node)
    }

    /// The node with this number; the first is the arguments.
    #[inline]
    pub(crate) fn node(&self, at: u32) -> Place<'_> {
        self.nodes.get(at as usize)
    }
}

impl Node {
    fn new() -> Node {
        Node {
            keys: Vec::new(),
            items: Vec::new(),
            every: None,
            first: None,
            looks_inside: false,
            looks: false,
            amounts: Vec::new(),
        }
    }

    #[inline]
    fn key(&self, key: &[u8]) -> Option<u32> {
        let short = Word::of(key);
        let is_it = |known: &&Key| {
            known.short == short && (short.is_some() || known.name.as_bytes() == key)
        };
        self.keys.iter().find(is_it).map(|known| known.node)
    }

    #[inline]
    fn item(&self, index: usize) -> Option<u32> {
        self.items.iter().find(|(known, _)| *known == index).map(|(_, node)| *node)
    }

    /// Whether no more of a value here matters than whether it is there.
    pub(crate) fn is_only_there(&self) -> bool {
        !self.looks && self.amounts.is_empty()
    }

    /// Whether a walk need not go into a value here.
    #[inline]
    pub(crate) fn ends(&self) -> bool {
        self.keys.is_empty() && self.items.is_empty() && self.every.is_none()
    }
}
