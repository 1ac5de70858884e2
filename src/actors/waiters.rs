//! Who waits for the end of which job.

use rustc_hash::FxHashMap;
use tokio::sync::oneshot;

use crate::api::JobId;
use crate::domain::job_table::JobSnapshot;

/// How many may wait at one registry at once. A test harness waits for a job or a few; each waiter holds
/// a connection, and a registry must not hold them all.
pub(super) const MOST_WAITERS: usize = 1_024;

/// The waiters of one registry.
#[derive(Default)]
pub(super) struct Waiters {
    by_job: FxHashMap<JobId, Vec<oneshot::Sender<JobSnapshot>>>,
    count: usize,
}

impl Waiters {
    /// Lets one more wait for a job; `None` if too many do.
    pub(super) fn add(&mut self, job: JobId) -> Option<oneshot::Receiver<JobSnapshot>> {
        if self.count >= MOST_WAITERS {
            self.forget_gone();
        }
        if self.count >= MOST_WAITERS {
            return None;
        }
        let (end, ended) = oneshot::channel();
        self.by_job.entry(job).or_default().push(end);
        self.count += 1;
        Some(ended)
    }

    /// Whether anyone waits for a job.
    pub(super) fn wait_for(&self, job: JobId) -> bool {
        self.by_job.contains_key(&job)
    }

    /// Tells all who wait for a job how it ended.
    pub(super) fn ended(&mut self, job: &JobSnapshot) {
        for waiter in self.by_job.remove(&job.id).unwrap_or_default() {
            self.count -= 1;
            // Who is gone needs no answer.
            let _ = waiter.send(job.clone());
        }
    }

    fn forget_gone(&mut self) {
        self.by_job.retain(|_, waiters| {
            waiters.retain(|waiter| !waiter.is_closed());
            !waiters.is_empty()
        });
        self.count = self.by_job.values().map(Vec::len).sum();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiters_are_bounded_and_make_room_when_they_leave() {
        let mut waiters = Waiters::default();
        let job = |number: usize| JobId::from_u128(number as u128 % 7);
        let mut all: Vec<_> = (0..MOST_WAITERS).map(|number| waiters.add(job(number))).collect();
        assert!(all.iter().all(Option::is_some) && waiters.add(job(0)).is_none());
        all.truncate(MOST_WAITERS - 1);
        assert!(waiters.add(job(0)).is_some());
        all.clear();
        assert!(waiters.wait_for(job(1)));
        waiters.forget_gone();
        assert!(!waiters.wait_for(job(1)) && waiters.count == 0);
    }
}
