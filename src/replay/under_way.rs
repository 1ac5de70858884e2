//! Where a run stands, for the case that it is ended before its time.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use super::compare::Mismatch;
use super::failure::StepFailure;
use super::runner::{Spot, Turn};
use crate::clock::SimDuration;
use crate::scenario::step::StepEntry;

/// The steps that are being done, by number, and how many are over. Steps that hold others do nothing
/// themselves and are not among them.
#[derive(Default)]
pub(super) struct UnderWay {
    now: RefCell<BTreeMap<usize, (Spot, &'static str)>>,
    done: Cell<usize>,
}

/// How many steps do something, each as often as it is done.
fn doing(steps: &[StepEntry]) -> usize {
    let one = |step: &StepEntry| match (step, step.inside()) {
        (StepEntry::Repeat(step), _) => doing(&step.steps).saturating_mul(step.times as usize),
        (_, Some((_, steps))) => doing(steps),
        (_, None) => 1,
    };
    steps.iter().map(one).fold(0, usize::saturating_add)
}

impl UnderWay {
    pub(super) fn begins(&self, turn: &Turn) {
        let begun = (turn.spot.clone(), turn.kind);
        self.now.borrow_mut().insert(turn.spot.number, begun);
    }

    pub(super) fn ends(&self, turn: &Turn) {
        self.now.borrow_mut().remove(&turn.spot.number);
        self.done.set(self.done.get() + 1);
    }

    /// What did not hold of a run of these steps that is ended now, after so long: it did not come to its
    /// end.
    pub(super) fn cut_short(&self, bound: SimDuration, steps: &[StepEntry]) -> Vec<StepFailure> {
        let all = doing(steps);
        let left = all.saturating_sub(self.done.get());
        let mismatch = |when: &str| Mismatch {
            what: "the run".to_owned(),
            expected: format!("to end within {bound}"),
            found: format!("it was ended {when}; {left} of {all} steps were not done"),
        };
        let now = self.now.take();
        if now.is_empty() {
            let waited = "while it waited for the end of what the steps had set going";
            return vec![Spot::start().failure("steps", vec![mismatch(waited)])];
        }
        let here = |(spot, kind): (Spot, _)| {
            spot.failure(kind, vec![mismatch("in the middle of this step")])
        };
        now.into_values().map(here).collect()
    }
}
