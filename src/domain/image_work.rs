//! The work of one image worker: the pairs of one image, settled one after the other in request order.
//!
//! The struct outlives the actor that carries it out: a worker that dies hands it back, and whoever takes
//! it up goes on at the first pair that is not settled.

use std::sync::Arc;

use super::latency::Timing;
use super::rules::{self, Settled};
use super::{Batch, Image, World};
use crate::api::ProjectId;
use crate::api::job::PairOutcome;
use crate::clock::{SimDuration, SimTime};
use crate::seed::{JobKey, Seed, Subject};

/// Pairs done and pairs failed; what a running job or worker tells, a whole snapshot each time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Pairs that are settled, failed ones included.
    pub done: u32,
    /// Pairs that failed.
    pub failed: u32,
}

/// The pairs of one image of a job.
#[derive(Debug)]
pub struct ImageWork {
    batch: Arc<Batch>,
    job: JobKey,
    /// The place of the image in the request.
    index: u32,
    /// The outcomes of the settled pairs, in request order.
    outcomes: Vec<PairOutcome>,
    failed: u32,
    prepared: bool,
    /// The simulated time up to which the work has come.
    at: SimTime,
}

/// What a worker does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Prepare the image, then go on.
    Prepare(SimDuration),
    /// Work on a pair, then settle it.
    Pair(SimDuration),
    /// Nothing is left.
    Finish,
}

/// A pair that was just settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SettledPair {
    /// The place of the project in the request.
    pub index: u32,
    /// The project.
    pub project: ProjectId,
    /// What was done and what is reported.
    pub settled: Settled,
}

impl ImageWork {
    /// The work on the image at `index` of the batch, starting at `at`.
    #[must_use]
    pub fn new(batch: Arc<Batch>, job: JobKey, index: u32, at: SimTime) -> Self {
        let outcomes = Vec::with_capacity(batch.projects.len());
        Self { batch, job, index, outcomes, failed: 0, prepared: false, at }
    }

    /// The place of the image in the request.
    #[must_use]
    pub const fn index(&self) -> u32 {
        self.index
    }

    /// The image.
    #[must_use]
    pub fn image(&self) -> &Image {
        &self.batch.images[self.index as usize]
    }

    /// The job that the work is part of.
    #[must_use]
    pub const fn job(&self) -> JobKey {
        self.job
    }

    /// The simulated time up to which the work has come.
    #[must_use]
    pub const fn at(&self) -> SimTime {
        self.at
    }

    /// Pairs done and failed so far.
    #[must_use]
    pub fn progress(&self) -> Progress {
        Progress { done: count(self.outcomes.len()), failed: self.failed }
    }

    /// Whether every pair is settled.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.outcomes.len() == self.batch.projects.len()
    }

    /// What comes next and how long it takes.
    #[must_use]
    pub fn next(&self, timing: &Timing, seed: Seed) -> Next {
        let image = self.image().id;
        match self.batch.projects.get(self.outcomes.len()) {
            None => Next::Finish,
            Some(_) if !self.prepared => Next::Prepare(timing.image(seed, self.job, image)),
            Some(project) => Next::Pair(timing.pair(seed, self.job, image, *project)),
        }
    }

    /// Who the present wait is about.
    #[must_use]
    pub fn subject(&self) -> Subject {
        match self.prepared {
            false => Subject::Image(self.job, self.index),
            true => Subject::Pair(self.job, self.index, count(self.outcomes.len())),
        }
    }

    /// The image is prepared as of `at`.
    pub fn prepared(&mut self, at: SimTime) {
        self.prepared = true;
        self.at = at;
    }

    /// Settles the next pair as of `at`: the membership changes and the pair is settled in this one step.
    ///
    /// `None` if every pair is settled already.
    pub fn settle_next(&mut self, world: &World, at: SimTime) -> Option<SettledPair> {
        let index = self.outcomes.len();
        let project = *self.batch.projects.get(index)?;
        let batch = Arc::clone(&self.batch);
        let settled = self.image().settle_pair(&batch.action, batch.caller, project, world, at);
        self.push(settled.outcome);
        self.at = at;
        Some(SettledPair { index: count(index), project, settled })
    }

    /// Fails every pair that is not settled, for a worker that nobody restarts; they are returned.
    pub fn give_up(&mut self) -> Vec<SettledPair> {
        let code = rules::unfinished(&self.batch.action);
        let settled = Settled { outcome: Some(code), change: rules::Change::Nothing };
        let left = self.outcomes.len()..self.batch.projects.len();
        left.map(|index| {
            self.push(settled.outcome);
            SettledPair { index: count(index), project: self.batch.projects[index], settled }
        })
        .collect()
    }

    fn push(&mut self, outcome: PairOutcome) {
        self.failed += u32::from(outcome.is_some());
        self.outcomes.push(outcome);
    }

    /// The outcomes of the settled pairs, in request order.
    #[must_use]
    pub fn into_outcomes(self) -> Vec<PairOutcome> {
        self.outcomes
    }
}

/// Batches hold at most a million pairs, see [`crate::api::batch::LONGEST_LIST`].
fn count(length: usize) -> u32 {
    u32::try_from(length).expect("a batch has far fewer pairs than 2^32")
}
