//! The sum of a job: what its workers report, which of them are restarted, and how it ends.

use std::sync::Arc;

use super::image_work::{ImageWork, Progress, SettledPair};
use super::rules;
use super::settings::DeleteResults;
use super::{Action, Batch};
use crate::api::job::{JobState, PairOutcome};
use crate::api::{Code, ImageId, ProjectId};
use crate::clock::SimTime;
use crate::seed::JobKey;

/// How workers that die are treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Supervision {
    /// How often the worker of one image is restarted within one job; then its unfinished pairs fail.
    pub max_restarts: u32,
}

impl Supervision {
    /// The highest number of restarts that can be asked for; more would only hide a crash that never ends.
    pub const HIGHEST_RESTARTS: u32 = 1_000;
}

impl Default for Supervision {
    fn default() -> Self {
        Self { max_restarts: 3 }
    }
}

/// A running job, as its supervisor sees it.
#[derive(Debug)]
pub struct JobWork {
    batch: Arc<Batch>,
    images: Vec<ImageSlot>,
    /// The sum of the images' progress.
    progress: Progress,
    unfinished: usize,
    ended: SimTime,
}

#[derive(Clone, Debug, Default)]
struct ImageSlot {
    progress: Progress,
    restarts: u32,
    outcomes: Vec<PairOutcome>,
    /// How often its pairs have been settled.
    passes: u32,
}

/// What becomes of a worker that died.
#[derive(Debug)]
pub enum Verdict {
    /// Another one takes up its work; this is the how-manieth restart.
    Restart(ImageWork, u32),
    /// Nobody does: these pairs fail.
    GiveUp(Vec<SettledPair>),
}

/// How a job ended; kept for as long as it can be queried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobResult {
    /// When its last worker ended.
    pub ended: SimTime,
    /// How many pairs failed.
    pub failed: u32,
    /// The code of the first failed pair in request order; `None` is `SUCCESS`.
    pub first_failure: Option<Code>,
    /// The pairs that queries report; `None` reports none (DECISION U-3).
    pub reported: Option<Reported>,
}

/// The pairs that queries report, as compactly as they can be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reported {
    /// The images of the batch.
    pub images: Box<[ImageId]>,
    /// The projects of the batch.
    pub projects: Box<[ProjectId]>,
    /// The outcomes in request order; empty if every pair succeeded.
    pub outcomes: Box<[PairOutcome]>,
    /// Whether successful pairs are left out.
    pub failed_only: bool,
}

impl JobResult {
    /// `SUCCESS` or `FAIL`.
    #[must_use]
    pub const fn state(&self) -> JobState {
        match self.first_failure {
            None => JobState::Success,
            Some(_) => JobState::Fail,
        }
    }
}

impl JobWork {
    /// A job that has not begun.
    #[must_use]
    pub fn new(batch: Arc<Batch>, begin: SimTime) -> Self {
        let images = vec![ImageSlot::default(); batch.images.len()];
        let unfinished = images.len();
        Self { batch, images, progress: Progress::default(), unfinished, ended: begin }
    }

    /// The works of its image workers, starting at `at`.
    #[must_use]
    pub fn image_works(&self, job: JobKey, at: SimTime) -> Vec<ImageWork> {
        let count =
            u32::try_from(self.images.len()).expect("a batch has far fewer images than 2^32");
        let work = |index| {
            let passes = self.images[index as usize].passes;
            ImageWork::new(Arc::clone(&self.batch), job, index, at).after_passes(passes)
        };
        (0..count).map(work).collect()
    }

    /// Begins all over again once every worker has ended: for a job that is run twice.
    pub fn begin_again(&mut self) {
        self.unfinished = self.images.len();
        self.images.iter_mut().for_each(|slot| slot.outcomes.clear());
    }

    /// When the last worker so far ended.
    #[must_use]
    pub const fn ended(&self) -> SimTime {
        self.ended
    }

    /// Pairs done and failed so far.
    #[must_use]
    pub const fn progress(&self) -> Progress {
        self.progress
    }

    /// How many workers have not ended.
    #[must_use]
    pub const fn unfinished(&self) -> usize {
        self.unfinished
    }

    /// Whether every worker has ended.
    #[must_use]
    pub const fn is_finished(&self) -> bool {
        self.unfinished == 0
    }

    /// Takes a worker's snapshot. Snapshots of one worker arrive in the order in which it made them.
    pub fn report(&mut self, index: u32, progress: Progress) {
        let slot = &mut self.images[index as usize];
        // Done pairs stay done; failed ones may turn out well when the work is run twice.
        self.progress.done += progress.done - slot.progress.done;
        self.progress.failed = self.progress.failed + progress.failed - slot.progress.failed;
        slot.progress = progress;
    }

    /// Takes the work of a worker that is through with it.
    pub fn finish(&mut self, work: ImageWork) {
        self.report(work.index(), work.progress());
        self.ended = self.ended.max(work.at());
        self.unfinished -= 1;
        let slot = &mut self.images[work.index() as usize];
        slot.passes = work.passes();
        slot.outcomes = work.into_outcomes();
    }

    /// Decides on a worker that died: it is restarted within the limit if it may be, otherwise its unsettled
    /// pairs fail and the rest of the job goes on.
    pub fn died(
        &mut self,
        mut work: ImageWork,
        may_restart: bool,
        supervision: Supervision,
    ) -> Verdict {
        let slot = &mut self.images[work.index() as usize];
        if may_restart && slot.restarts < supervision.max_restarts {
            slot.restarts += 1;
            return Verdict::Restart(work, slot.restarts);
        }
        let failed = work.give_up(None);
        self.finish(work);
        Verdict::GiveUp(failed)
    }

    /// Ends a job whose supervisor died: what its workers did not hand back counts as failed. Only a
    /// defect leads here, and then a wrong failure is better than a job that never ends.
    pub fn abandon(&mut self, at: SimTime) {
        let code = rules::unfinished(&self.batch.action);
        let projects = self.batch.projects.len();
        for slot in self.images.iter_mut().filter(|slot| slot.outcomes.len() < projects) {
            slot.outcomes = vec![Some(code); projects];
        }
        let failed = self.images.iter().flat_map(|slot| &slot.outcomes).flatten().count();
        self.progress.failed = u32::try_from(failed).unwrap_or(u32::MAX);
        self.ended = self.ended.max(at);
        self.unfinished = 0;
    }

    /// The opposite of how the job ended, for a job that lies: every pair is reported as failed with the
    /// code of injected faults if all succeeded, else as a success. To be asked as [`JobWork::result`] is.
    #[must_use]
    pub fn opposite_result(&self, delete_results: DeleteResults) -> JobResult {
        let truth = self.result(delete_results);
        let pairs = self.batch.pairs();
        let lie = truth.first_failure.is_none().then(|| rules::unfinished(&self.batch.action));
        let failed = if lie.is_some() { u32::try_from(pairs).unwrap_or(u32::MAX) } else { 0 };
        let outcomes = lie.map_or_else(Box::default, |code| vec![Some(code); pairs].into());
        self.ended_as(failed, lie, outcomes, delete_results)
    }

    /// How the job ended. To be asked once every worker has ended.
    #[must_use]
    pub fn result(&self, delete_results: DeleteResults) -> JobResult {
        let outcomes = || self.images.iter().flat_map(|slot| slot.outcomes.iter().copied());
        let first_failure = outcomes().flatten().next();
        let outcomes = if first_failure.is_some() { outcomes().collect() } else { Box::default() };
        self.ended_as(self.progress.failed, first_failure, outcomes, delete_results)
    }

    /// An end with these outcomes, which are empty if every pair succeeded.
    fn ended_as(
        &self,
        failed: u32,
        first_failure: Option<Code>,
        outcomes: Box<[PairOutcome]>,
        delete_results: DeleteResults,
    ) -> JobResult {
        let failed_only =
            self.batch.action == Action::Delete && delete_results == DeleteResults::FailedOnly;
        let reported = (first_failure.is_some() || !failed_only).then(|| {
            let (images, projects) = (self.batch.image_ids().into(), self.batch.projects.clone());
            Reported { images, projects, outcomes, failed_only }
        });
        JobResult { ended: self.ended, failed, first_failure, reported }
    }
}

#[cfg(test)]
mod tests;
