//! Lanes: the branches of one mode.
//!
//! **Invariant:** the first branch is the trunk, as the scenario plays by itself.

use crate::run::{Position, Run};
use crate::sim::{Edit, Mode, RecordIdx, Refusal, Scenario, SimTime};
use crate::view::sequence::Diagram;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A run with its picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Branch {
    /// What it is called.
    pub name: String,
    /// The branch from which it was forked, and when; `None` for the trunk.
    pub forked: Option<(usize, SimTime)>,
    /// What happened.
    pub run: Arc<Run>,
    /// Its picture.
    pub diagram: Arc<Diagram>,
    /// The records at which running stops.
    pub breakpoints: BTreeSet<RecordIdx>,
}

impl Branch {
    fn new(name: String, forked: Option<(usize, SimTime)>, run: Run) -> Self {
        let diagram = Arc::new(Diagram::of(&run));
        Self { name, forked, run: Arc::new(run), diagram, breakpoints: BTreeSet::new() }
    }
}

/// The branches of one mode, and the one that is looked at.
#[derive(Clone, Debug, PartialEq)]
pub struct Lane {
    branches: Vec<Branch>,
    shown: usize,
}

impl Lane {
    /// The trunk alone.
    pub fn new(scenario: Arc<Scenario>, mode: Mode) -> Self {
        let trunk = Branch::new("as it was".to_owned(), None, Run::new(scenario, mode));
        Self { branches: vec![trunk], shown: 0 }
    }

    /// The branches, the trunk first.
    pub fn branches(&self) -> &[Branch] {
        &self.branches
    }

    /// The index of the branch that is looked at.
    pub fn shown(&self) -> usize {
        self.shown
    }

    /// The branch that is looked at.
    pub fn branch(&self) -> &Branch {
        &self.branches[self.shown]
    }

    /// Calls the branch that is looked at something else.
    pub(super) fn rename(&mut self, name: String) {
        self.branches[self.shown].name = name;
    }

    /// Takes away the branch that is looked at, and looks at the one from which it was forked; those
    /// that were forked from it hang on to that one. Whether it could: the trunk stays.
    pub(super) fn delete(&mut self) -> bool {
        let gone = self.shown;
        let Some((parent, _)) = self.branches[gone].forked else { return false };
        self.branches.remove(gone);
        for branch in &mut self.branches {
            if let Some((from, _)) = &mut branch.forked {
                *from = match *from {
                    from if from == gone => parent,
                    from if from > gone => from - 1,
                    from => from,
                };
            }
        }
        self.shown = parent;
        true
    }

    /// Sets a breakpoint on the branch that is looked at, or takes it away.
    pub(super) fn toggle_breakpoint(&mut self, record: RecordIdx) {
        let breakpoints = &mut self.branches[self.shown].breakpoints;
        if !breakpoints.remove(&record) {
            breakpoints.insert(record);
        }
    }

    /// Looks at another branch, if there is one of this index.
    pub(super) fn show(&mut self, idx: usize) {
        if idx < self.branches.len() {
            self.shown = idx;
        }
    }

    /// Takes in a branch that was played elsewhere; gives its index.
    pub(super) fn adopt(
        &mut self,
        name: String,
        forked: Option<(usize, SimTime)>,
        run: Run,
    ) -> usize {
        self.branches.push(Branch::new(name, forked, run));
        self.branches.len() - 1
    }

    /// Forks the branch that is looked at, and looks at the fork.
    pub(super) fn fork(&mut self, at: Position, edit: Edit, name: String) -> Result<(), Refusal> {
        let mut run = self.branch().run.fork(at, edit)?;
        run.play_out();
        let n_shared = self.branch().run.records_until(at.n_moves).len();
        let mut fork = Branch::new(name, Some((self.shown, at.at)), run);
        // What happened before the fork happened on both.
        let shared = self.branch().breakpoints.iter().filter(|idx| idx.0 < n_shared);
        fork.breakpoints = shared.copied().collect();
        self.branches.push(fork);
        self.shown = self.branches.len() - 1;
        Ok(())
    }
}
