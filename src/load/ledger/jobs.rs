//! The jobs that were accepted, and the batches of which nobody knows.

use rustc_hash::FxHashMap;

use super::{Deed, Promise};
use crate::api::job::JobState;
use crate::api::{JobId, Operation};

/// The most accepted jobs that are remembered; at some 32 bytes each, 64 MB. Others are not judged.
const MOST_JOBS: usize = 2_000_000;

/// An accepted job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::load) struct Kept {
    /// The place of the project that submitted it.
    pub(in crate::load) caller: u32,
    /// The final state in which it was seen; `None` if it was not.
    pub(in crate::load) state: Option<JobState>,
    /// Whether a fault rule may have made up an answer that told of it.
    pub(in crate::load) struck: bool,
}

/// What is known of a batch that got no answer, or none that tells: operation, caller, number of pairs.
pub(in crate::load) type Unanswered = (Operation, u32, u64);

/// The jobs of a run.
#[derive(Clone, Debug, Default)]
pub(in crate::load) struct Jobs {
    accepted: FxHashMap<JobId, Kept>,
    unanswered: FxHashMap<Unanswered, u64>,
    left_out: u64,
}

impl Jobs {
    pub(super) fn note(&mut self, deed: &Deed) {
        let (job, state) = match &deed.promise {
            Promise::Ended { job, state, .. } => (*job, Some(*state)),
            Promise::Open { job } => (*job, None),
            Promise::Ambiguous if is_batch(deed.operation) => {
                let pairs = deed.images.len() as u64 * deed.projects.len() as u64;
                *self.unanswered.entry((deed.operation, deed.caller, pairs)).or_default() += 1;
                return;
            }
            Promise::Ambiguous | Promise::Refused | Promise::Done => return,
        };
        self.accept(job, Kept { caller: deed.caller, state, struck: deed.struck });
    }

    fn accept(&mut self, job: JobId, kept: Kept) {
        if self.accepted.len() >= MOST_JOBS && !self.accepted.contains_key(&job) {
            self.left_out += 1;
        } else {
            self.accepted.insert(job, kept);
        }
    }

    pub(super) fn merge(&mut self, other: Self) {
        let mut accepted: Vec<_> = other.accepted.into_iter().collect();
        accepted.sort_unstable_by_key(|(job, _)| (job.submitted_ms(), *job));
        for (job, kept) in accepted {
            self.accept(job, kept);
        }
        let mut unanswered: Vec<_> = other.unanswered.into_iter().collect();
        unanswered.sort_unstable();
        for (batch, count) in unanswered {
            *self.unanswered.entry(batch).or_default() += count;
        }
        self.left_out += other.left_out;
    }

    /// All accepted jobs that are remembered, the oldest first, as far as their ids tell.
    pub(in crate::load) fn accepted(&self) -> Vec<(JobId, Kept)> {
        let mut all: Vec<_> = self.accepted.iter().map(|(job, kept)| (*job, *kept)).collect();
        all.sort_unstable_by_key(|(job, _)| (job.submitted_ms(), *job));
        all
    }

    /// Whether a job was accepted.
    pub(in crate::load) fn knows(&self, job: JobId) -> bool {
        self.accepted.contains_key(&job)
    }

    /// The batches of which nobody knows whether they were accepted, and how many there were of each.
    pub(in crate::load) fn unanswered(&self) -> FxHashMap<Unanswered, u64> {
        self.unanswered.clone()
    }

    /// How many those are in all.
    pub(in crate::load) fn ambiguous(&self) -> u64 {
        self.unanswered.values().sum()
    }

    /// How many jobs could not be remembered.
    pub(in crate::load) const fn left_out(&self) -> u64 {
        self.left_out
    }
}

fn is_batch(operation: Operation) -> bool {
    matches!(operation, Operation::AddMembers | Operation::DeleteMembers | Operation::UpdateMembers)
}
