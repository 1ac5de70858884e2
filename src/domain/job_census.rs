//! How many jobs a table remembers, counted as they come, change and go, so that nobody has to look through
//! them all.

use crate::api::job::{JobState, JobType};

const STATES: usize = JobState::ALL.len();

/// How many jobs are remembered, by type and state, and how many were forgotten.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JobCensus {
    remembered: [[u64; STATES]; JobType::ALL.len()],
    forgotten: u64,
}

impl JobCensus {
    pub(crate) fn come(&mut self, job_type: JobType, state: JobState) {
        self.remembered[job_type as usize][state as usize] += 1;
    }

    pub(crate) fn change(&mut self, job_type: JobType, from: JobState, to: JobState) {
        self.remembered[job_type as usize][from as usize] -= 1;
        self.come(job_type, to);
    }

    pub(crate) fn go(&mut self, job_type: JobType, state: JobState) {
        self.remembered[job_type as usize][state as usize] -= 1;
        self.forgotten += 1;
    }

    /// Adds what another table remembers.
    pub fn add(&mut self, other: &Self) {
        self.forgotten += other.forgotten;
        for (own, others) in self.remembered.iter_mut().zip(&other.remembered) {
            own.iter_mut().zip(others).for_each(|(own, other)| *own += other);
        }
    }

    /// How many jobs made room for newer ones.
    #[must_use]
    pub const fn forgotten(&self) -> u64 {
        self.forgotten
    }

    /// How many jobs are remembered of each type in each state, in the order of both.
    pub fn all(&self) -> impl Iterator<Item = (JobType, JobState, u64)> {
        JobType::ALL.into_iter().flat_map(|job_type| {
            let of_type = self.remembered[job_type as usize];
            JobState::ALL.into_iter().map(move |state| (job_type, state, of_type[state as usize]))
        })
    }
}
