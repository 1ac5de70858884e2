//! What was seen so far, as a scenario that replays it.

use super::Shared;
use crate::scenario::recording::{Recorded, Start, record};

impl Shared {
    /// What was seen since everything began: from the tape if there is one, else what the journal still
    /// has, which is nothing from before a reset of everything.
    #[must_use]
    pub fn recorded(&self) -> Recorded {
        let origin = &self.by_hand.origin;
        let (reel, begun, missing) = match &self.tape {
            Some(tape) => (tape.reel(), origin.start(), tape.missed()),
            None => (self.journal.reel(), *self.by_hand.begun.lock(), self.journal.missing()),
        };
        let start = Start { origin, world: &self.world, begun };
        Recorded { missing, ..record(&start, &reel.into_happenings()) }
    }
}
