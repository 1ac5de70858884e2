//! The work of one image worker: the pairs of one image, settled one after the other in request order.
//!
//! The struct outlives the actor that carries it out: a worker that dies hands it back, and whoever takes
//! it up goes on at the first pair that is not settled.

use std::sync::Arc;

use super::conduct::Manner;
use super::latency::Timing;
use super::rules::{self, Change, Settled};
use super::{Batch, Image, World};
use crate::api::job::PairOutcome;
use crate::api::{Code, ProjectId};
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
    manner: Manner,
    /// The how-manieth time it is that the pairs are settled, from 1.
    pass: u32,
    /// Whether the pairs are to be settled all over again.
    again: Again,
    /// The simulated time up to which the work has come.
    at: SimTime,
}

/// Whether pairs are settled all over again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Again {
    No,
    Wanted,
    /// A worker that is restarted asks again, and twice stays twice.
    Done,
}

/// What a worker does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Prepare the image, then go on.
    Prepare(SimDuration),
    /// Work on a pair, then settle it.
    Pair(SimDuration),
    /// Begin all over again.
    Again,
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
    /// The how-manieth time it was settled, from 1; above 1 only where a fault runs work twice.
    pub pass: u32,
    /// What was done and what is reported.
    pub settled: Settled,
}

impl ImageWork {
    /// The work on the image at `index` of the batch, starting at `at`.
    #[must_use]
    pub fn new(batch: Arc<Batch>, job: JobKey, index: u32, at: SimTime) -> Self {
        let outcomes = Vec::with_capacity(batch.projects.len());
        let manner = Manner::Faithful;
        Self {
            batch,
            job,
            index,
            outcomes,
            failed: 0,
            prepared: false,
            manner,
            pass: 1,
            again: Again::No,
            at,
        }
    }

    /// The same, after so many passes over the same pairs.
    #[must_use]
    pub const fn after_passes(mut self, passes: u32) -> Self {
        self.pass = passes + 1;
        self
    }

    /// From here on the pairs are treated like this.
    pub const fn conduct(&mut self, manner: Manner) {
        self.manner = manner;
    }

    /// When every pair is settled, all are settled once more.
    pub fn run_twice(&mut self) {
        if self.again == Again::No {
            self.again = Again::Wanted;
        }
    }

    /// How many pairs of this pass are not settled.
    #[must_use]
    pub fn pairs_left(&self) -> u32 {
        count(self.batch.projects.len() - self.outcomes.len())
    }

    /// The project of the next pair, once the image is prepared.
    #[must_use]
    pub fn next_project(&self) -> Option<ProjectId> {
        self.batch.projects.get(self.outcomes.len()).copied().filter(|_| self.prepared)
    }

    /// How often its pairs have been settled, this pass included.
    #[must_use]
    pub const fn passes(&self) -> u32 {
        self.pass
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

    /// The batch that the image is part of.
    #[must_use]
    pub fn batch(&self) -> &Batch {
        &self.batch
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
        // A pair that is settled again stays done.
        let done = if self.pass > 1 { self.batch.projects.len() } else { self.outcomes.len() };
        Progress { done: count(done), failed: self.failed }
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
            None if self.again == Again::Wanted => Next::Again,
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

    /// Nothing happened until `at`.
    pub const fn paused_until(&mut self, at: SimTime) {
        self.at = at;
    }

    /// Begins all over again.
    pub fn begin_again(&mut self) {
        self.again = Again::Done;
        self.pass += 1;
        self.prepared = false;
        self.outcomes.clear();
        self.failed = 0;
    }

    /// Settles the next pair as of `at`: the membership changes and the pair is settled in this one step.
    ///
    /// `fail` lets this one pair fail with nothing done, whatever the manner; for the code within see
    /// [`Manner::Fail`]. `None` if every pair is settled already.
    pub fn settle_next(
        &mut self,
        world: &World,
        at: SimTime,
        fail: Option<Option<Code>>,
    ) -> Option<SettledPair> {
        let index = self.outcomes.len();
        let project = *self.batch.projects.get(index)?;
        let manner = fail.map_or(self.manner, Manner::Fail);
        let done = |work: &Self| {
            let batch = &work.batch;
            work.image().settle_pair(&batch.action, batch.caller, project, world, at)
        };
        let settled = match manner {
            Manner::Faithful => done(self),
            Manner::Fail(code) => Settled { outcome: self.fault(code), change: Change::Nothing },
            Manner::ClaimSuccess => Settled { outcome: None, change: Change::Nothing },
            Manner::ClaimFailure(code) => Settled { outcome: self.fault(code), ..done(self) },
        };
        self.push(settled.outcome);
        self.at = at;
        Some(SettledPair { index: count(index), project, pass: self.pass, settled })
    }

    /// The outcome of an injected failure: this code, or the one that the contract names for it.
    fn fault(&self, code: Option<Code>) -> PairOutcome {
        Some(code.unwrap_or_else(|| rules::unfinished(&self.batch.action)))
    }

    /// Fails every pair that is not settled, for a worker that nobody restarts or that never starts; they
    /// are returned. For the code see [`Manner::Fail`].
    pub fn give_up(&mut self, code: Option<Code>) -> Vec<SettledPair> {
        let settled = Settled { outcome: self.fault(code), change: Change::Nothing };
        let left = self.outcomes.len()..self.batch.projects.len();
        left.map(|index| {
            self.push(settled.outcome);
            let project = self.batch.projects[index];
            SettledPair { index: count(index), project, pass: self.pass, settled }
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
