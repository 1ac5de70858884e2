//! The times in which nothing happened.

use crate::clock::SimDuration;

/// The most quiet times that are remembered: a picture can leave out no more of them and be understood.
pub(super) const MOST_QUIET: usize = 6;

/// A time in which nothing happened. Both times are counted from the start of the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quiet {
    /// When something happened last.
    pub from: SimDuration,
    /// When something happens next.
    pub to: SimDuration,
}

impl Quiet {
    /// How long it is, in milliseconds.
    #[must_use]
    pub fn millis(&self) -> u64 {
        self.to.as_millis().saturating_sub(self.from.as_millis())
    }
}

/// Finds the longest quiet times while the run goes on.
#[derive(Default)]
pub(super) struct Longest {
    last: SimDuration,
    longest: Vec<Quiet>,
}

impl Longest {
    /// Something happens; never earlier than what happened before.
    pub(super) fn something_at(&mut self, at: SimDuration) {
        let quiet = Quiet { from: self.last, to: at.max(self.last) };
        self.last = quiet.to;
        if quiet.millis() == 0 {
            return;
        }
        self.longest.push(quiet);
        if self.longest.len() > MOST_QUIET {
            let shortest =
                (0..self.longest.len()).min_by_key(|place| self.longest[*place].millis());
            self.longest.remove(shortest.unwrap_or_default());
        }
    }

    /// The longest, by time; the run ends now.
    pub(super) fn finish(mut self, end: SimDuration) -> Vec<Quiet> {
        self.something_at(end);
        self.longest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_quiet_times_are_kept_in_order() {
        let mut longest = Longest::default();
        for at in [0, 5, 5, 105, 110, 310, 610, 620, 820, 920] {
            longest.something_at(SimDuration::from_millis(at));
        }
        let found = longest.finish(SimDuration::from_millis(960));
        let found: Vec<u64> = found.iter().map(Quiet::millis).collect();
        assert_eq!(found, [100, 200, 300, 200, 100, 40]);
    }
}
