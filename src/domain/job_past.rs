//! How jobs stood before, for readers that are made to see the past.

use std::collections::VecDeque;

use rustc_hash::FxHashMap;

use super::job_table::Standing;
use crate::api::JobId;
use crate::clock::SimTime;

/// How many earlier standings of one job are kept; the oldest go first. A standing takes some forty bytes,
/// and a job of a hundred images and a hundred projects has ten thousand.
const MOST_STANDINGS: usize = 10_000;

/// How many earlier standings of all jobs of a registry are kept, in some tens of megabytes. Beyond it each
/// job forgets its own oldest one for the newest, and a job that has none has no past.
const MOST_IN_ALL: usize = 1_000_000;

/// Earlier standings by job, kept only while somebody may ask for them.
#[derive(Debug, Default)]
pub(super) struct JobPast {
    by_job: FxHashMap<JobId, VecDeque<(SimTime, Standing)>>,
    standings: usize,
}

impl JobPast {
    /// Remembers that a job stood so until `until`.
    pub(super) fn remember(&mut self, id: JobId, standing: Standing, until: SimTime) {
        let past = self.by_job.entry(id).or_default();
        // What lasted no time nobody can have seen.
        if past.back().is_some_and(|(last, _)| *last >= until) {
            return;
        }
        if past.len() == MOST_STANDINGS || self.standings == MOST_IN_ALL {
            match past.pop_front() {
                Some(_) => self.standings -= 1,
                None => return,
            }
        }
        past.push_back((until, standing));
        self.standings += 1;
    }

    /// How a job stood at a past instant, as far as that is remembered; `None` if it stood as now.
    pub(super) fn at(&self, id: JobId, time: SimTime) -> Option<&Standing> {
        let past = self.by_job.get(&id)?;
        let place = past.partition_point(|(until, _)| *until <= time);
        past.get(place).map(|(_, standing)| standing)
    }

    /// Forgets a job's past: with the job, or because a change of it was not remembered, so that there would
    /// be a gap.
    pub(super) fn forget(&mut self, id: JobId) {
        if let Some(past) = self.by_job.remove(&id) {
            self.standings -= past.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::image_work::Progress;
    use super::*;

    #[test]
    fn a_reader_of_the_past_sees_what_stood_then() {
        let id = JobId::from_u128(1);
        let at = SimTime::from_millis;
        let running = |done| Standing::Running(Progress { done, failed: 0 });
        let mut past = JobPast::default();
        past.remember(id, Standing::Init, at(10));
        past.remember(id, running(0), at(10));
        past.remember(id, running(1), at(20));
        let check = |time, expected: Option<&Standing>| assert_eq!(past.at(id, at(time)), expected);
        check(0, Some(&Standing::Init));
        check(9, Some(&Standing::Init));
        check(10, Some(&running(1)));
        check(20, None);
        past.forget(id);
        assert_eq!((past.at(id, at(0)), past.standings), (None, 0));
    }

    #[test]
    fn what_is_kept_is_bounded_for_one_job_and_for_all() {
        let at = SimTime::from_millis;
        let running = |done| Standing::Running(Progress { done, failed: 0 });
        let mut past = JobPast::default();
        for job in 0..=(MOST_IN_ALL / MOST_STANDINGS) as u128 {
            for time in 1..=MOST_STANDINGS as u64 + 5 {
                past.remember(JobId::from_u128(job), running(0), at(time));
            }
        }
        assert_eq!(past.standings, MOST_IN_ALL);
        let kept: usize = past.by_job.values().map(VecDeque::len).sum();
        assert_eq!(kept, MOST_IN_ALL);
        assert!(past.by_job.values().all(|past| past.len() <= MOST_STANDINGS));
    }
}
