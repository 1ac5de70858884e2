//! Running jobs and their workers, counted in one step.

use std::sync::atomic::{AtomicU64, Ordering};

use super::AdmissionLimits;

/// The most jobs, and the most workers, that can be under way, whatever is asked for: both are counted in one number,
/// and so many would take a terabyte.
pub const MOST_RUNNING: usize = 1 << 30;

/// Running jobs in the upper half of a number, their workers in the lower: every job is counted when it comes and
/// when it goes, on a line of the cache that all threads write to.
#[derive(Default)]
pub(super) struct Running(AtomicU64);

impl Running {
    const JOB: u64 = 1 << 32;

    /// Takes room for a job unless there is none within the limits.
    pub(super) fn take(&self, workers: usize, limits: &AdmissionLimits) -> bool {
        if workers > limits.running_workers {
            return false;
        }
        let with_this = |before: u64| {
            let (jobs, others) = Self::split(before);
            let fits = jobs < limits.running_jobs && others + workers <= limits.running_workers;
            fits.then_some(before + Self::JOB + workers as u64)
        };
        self.0.fetch_update(Ordering::SeqCst, Ordering::SeqCst, with_this).is_ok()
    }

    const fn split(both: u64) -> (usize, usize) {
        ((both / Self::JOB) as usize, (both % Self::JOB) as usize)
    }

    pub(super) fn give_back(&self, workers: u64) {
        self.0.fetch_sub(Self::JOB + workers, Ordering::AcqRel);
    }

    /// How many jobs and how many workers there are.
    pub(super) fn count(&self) -> (usize, usize) {
        Self::split(self.0.load(Ordering::Acquire))
    }
}
