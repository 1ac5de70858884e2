//! Which runs of a report have a picture. Timelines are the only thing about a run that may be large, so
//! those that no picture is made of go as soon as that is known.

use crate::replay::Run;

/// The most files of a page with pictures; a page must stay one that a browser opens at once.
pub const MOST_PICTURED: usize = 300;

/// The most seeds of one file, beside the first, whose runs are shown because they did not hold.
pub(super) const MOST_SEEDS_SHOWN: usize = 5;

/// Decides which runs of one file keep their timeline, while they come in whatever order: the first one,
/// and the first few that did not hold.
#[derive(Debug, Default)]
pub struct Pictured {
    /// The places of those that did not hold and have a timeline, each with where its run is kept.
    failed: Vec<(usize, usize)>,
}

impl Pictured {
    /// A run has come, of the seed at this place, and will be kept at `index`. Tells where the run is
    /// kept whose timeline goes.
    pub fn goes(&mut self, place: usize, index: usize, run: &Run) -> Option<usize> {
        if place == 0 || run.replayed.timeline.is_none() {
            return None;
        }
        if run.held() {
            return Some(index);
        }
        self.failed.push((place, index));
        self.failed.sort_unstable();
        if self.failed.len() > MOST_SEEDS_SHOWN {
            self.failed.pop().map(|(_, index)| index)
        } else {
            None
        }
    }
}
