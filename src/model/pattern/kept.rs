//! What is kept of a pattern: its tree until it is first searched for, or, where programs are what is read, its program.

#[cfg(not(feature = "programs"))]
use std::sync::OnceLock;

use super::Compiled;
use super::automaton::Automaton;
use super::program::Program;
use super::set::Set;
use super::tree::Part;

#[cfg(not(feature = "programs"))]
impl Compiled {
    pub(super) fn read(text: String, tree: Part, sets: Vec<Set>) -> Compiled {
        Compiled { text, tree, sets, automaton: OnceLock::new() }
    }

    pub(super) fn stored(text: String, program: Program) -> Compiled {
        let (tree, automaton) = (Part::Sequence(Vec::new()), Automaton::new(program).into());
        Compiled { text, tree, sets: Vec::new(), automaton }
    }

    pub(super) fn program(&self) -> Program {
        let Compiled { tree, sets, automaton, .. } = self;
        let made = automaton.get().map(|automaton| automaton.program.clone());
        made.unwrap_or_else(|| Program::new(tree, sets))
    }
}

#[cfg(feature = "programs")]
impl Compiled {
    pub(super) fn read(text: String, tree: Part, sets: Vec<Set>) -> Compiled {
        Compiled::stored(text, Program::new(&tree, &sets))
    }

    pub(super) fn stored(text: String, program: Program) -> Compiled {
        Compiled { text, automaton: Automaton::unexplored(program) }
    }

    pub(super) fn program(&self) -> Program {
        self.automaton.program.clone()
    }
}
