//! The jobs that can be queried: remembered while they run, and after their end up to an age, a number of
//! jobs and a number of pairs (DECISION U-29). It remembers and answers; it decides nothing about jobs.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::ended_jobs::EndedJobs;
use super::image_work::Progress;
use super::job_census::JobCensus;
use super::job_past::JobPast;
use super::job_work::JobResult;
use crate::api::job::{JobState, JobType};
use crate::api::{JobId, Operation, ProjectId};
use crate::clock::{SimDuration, SimTime};
use crate::seed::JobKey;

/// How much is remembered of ended jobs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// How long after its end a job can be queried.
    pub age: SimDuration,
    /// How many ended jobs are kept.
    pub jobs: usize,
    /// How many pairs of ended jobs are kept; a large failed job costs two bytes and its ids for each.
    pub pairs: usize,
}

/// A job as a query sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobSnapshot {
    /// The id.
    pub id: JobId,
    /// The key.
    pub key: JobKey,
    /// The project that submitted it, the only one that may query it.
    pub owner: ProjectId,
    /// Its kind.
    pub job_type: JobType,
    /// When it was submitted.
    pub begin: SimTime,
    /// How many pairs it has.
    pub pairs: u32,
    /// Where it stands.
    pub standing: Standing,
}

impl JobSnapshot {
    /// The operation that asked for the job.
    #[must_use]
    pub const fn operation(&self) -> Operation {
        match self.job_type {
            JobType::Add => Operation::AddMembers,
            JobType::Delete => Operation::DeleteMembers,
            JobType::Update => Operation::UpdateMembers,
        }
    }
}

/// Where a job stands; of a running one a fixed size, of an ended one the whole result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Not started.
    Init,
    /// At work.
    Running(Progress),
    /// Ended.
    Ended(Arc<JobResult>),
}

impl Standing {
    /// The state on the wire.
    #[must_use]
    pub fn state(&self) -> JobState {
        match self {
            Self::Init => JobState::Init,
            Self::Running(_) => JobState::Running,
            Self::Ended(result) => result.state(),
        }
    }
}

/// Which jobs a list shows, whoever owns them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JobQuery {
    /// Only jobs in this state.
    pub state: Option<JobState>,
    /// Only jobs of this owner.
    pub owner: Option<ProjectId>,
    /// Only jobs that stand behind this one; it need not be remembered any more.
    pub after: Option<JobId>,
    /// At most this many.
    pub limit: usize,
}

/// The place of a job in lists: by the time of its submission, which its id carries, and then by id.
#[must_use]
pub const fn place_in_lists(id: JobId) -> (u64, JobId) {
    (id.submitted_ms(), id)
}

/// The jobs of one shard.
pub struct JobTable {
    retention: Retention,
    /// Jobs that have not ended.
    under_way: FxHashMap<JobId, JobSnapshot>,
    ended: EndedJobs,
    ended_pairs: usize,
    past: JobPast,
    census: JobCensus,
}

impl JobTable {
    /// An empty table.
    #[must_use]
    pub fn new(retention: Retention) -> Self {
        let (under_way, ended) = (FxHashMap::default(), EndedJobs::default());
        let (past, census) = (JobPast::default(), JobCensus::default());
        Self { retention, under_way, ended, ended_pairs: 0, past, census }
    }

    /// Remembers a new job.
    pub fn accept(&mut self, job: JobSnapshot) {
        self.census.come(job.job_type, job.standing.state());
        self.under_way.insert(job.id, job);
    }

    /// Takes a job's new standing; an ended job makes the oldest ones beyond the bounds go.
    /// With `keep_past`, how it stood before is kept for those who are made to see the past.
    pub fn change(&mut self, id: JobId, standing: Standing, at: SimTime, keep_past: bool) {
        let present = self.under_way.get_mut(&id).or_else(|| self.ended.get_mut(id));
        let Some(job) = present else { return };
        self.census.change(job.job_type, job.standing.state(), standing.state());
        let before = std::mem::replace(&mut job.standing, standing);
        let has_ended = job.standing.state().is_final();
        if keep_past {
            self.past.remember(id, before, at);
        } else {
            self.past.forget(id);
        }
        if has_ended && let Some(job) = self.under_way.remove(&id) {
            self.ended_pairs += job.pairs as usize;
            self.ended.push(job);
            self.forget_beyond_bounds();
        }
    }

    fn forget_beyond_bounds(&mut self) {
        let too_many = |table: &Self| table.ended.len() > table.retention.jobs;
        // The job that has just ended stays however large it is: somebody still waits for its end.
        let too_large =
            |table: &Self| table.ended_pairs > table.retention.pairs && table.ended.len() > 1;
        while too_many(self) || too_large(self) {
            let Some(job) = self.ended.pop() else {
                break;
            };
            self.ended_pairs -= job.pairs as usize;
            self.census.go(job.job_type, job.standing.state());
            self.past.forget(job.id);
        }
    }

    /// The job as it stood at a past instant, as far as that was kept. A job is known from its submission
    /// on, however far back the reader sees.
    #[must_use]
    pub fn as_of(&self, job: JobSnapshot, time: SimTime) -> JobSnapshot {
        match self.past.at(job.id, time) {
            Some(standing) => JobSnapshot { standing: standing.clone(), ..job },
            None => job,
        }
    }

    /// The job, if this project may see it and it is not too old. Age is judged here, when it is read,
    /// so that an idle server has nothing to do.
    #[must_use]
    pub fn get(&self, id: JobId, caller: ProjectId, now: SimTime) -> Option<&JobSnapshot> {
        self.find(id, now).filter(|job| job.owner == caller)
    }

    /// The job, whoever owns it, if it is not too old.
    #[must_use]
    pub fn find(&self, id: JobId, now: SimTime) -> Option<&JobSnapshot> {
        let job = self.under_way.get(&id).or_else(|| self.ended.get(id));
        job.filter(|job| !self.is_too_old(job, now))
    }

    fn is_too_old(&self, job: &JobSnapshot, now: SimTime) -> bool {
        match &job.standing {
            Standing::Ended(result) => now - result.ended > self.retention.age,
            Standing::Init | Standing::Running(_) => false,
        }
    }

    /// The first jobs that a query asks for, in the order of [`place_in_lists`].
    #[must_use]
    pub fn list(&self, query: &JobQuery, now: SimTime) -> Vec<JobSnapshot> {
        let asked = |job: &&JobSnapshot| {
            query.state.is_none_or(|state| job.standing.state() == state)
                && query.owner.is_none_or(|owner| job.owner == owner)
                && query.after.is_none_or(|id| place_in_lists(job.id) > place_in_lists(id))
                && !self.is_too_old(job, now)
        };
        let mut jobs: Vec<&JobSnapshot> = self.all().filter(asked).collect();
        // Of a hundred thousand jobs only the first few are put in order.
        if jobs.len() > query.limit {
            jobs.select_nth_unstable_by_key(query.limit, |job| place_in_lists(job.id));
            jobs.truncate(query.limit);
        }
        jobs.sort_unstable_by_key(|job| place_in_lists(job.id));
        jobs.into_iter().cloned().collect()
    }

    /// The jobs that have not ended, by id.
    #[must_use]
    pub fn unfinished(&self) -> Vec<JobSnapshot> {
        let unfinished = self.all().filter(|job| !job.standing.state().is_final());
        let mut jobs: Vec<JobSnapshot> = unfinished.cloned().collect();
        jobs.sort_by_key(|job| job.id);
        jobs
    }

    /// How many jobs are remembered, by type and state, and how many were forgotten.
    #[must_use]
    pub const fn census(&self) -> &JobCensus {
        &self.census
    }

    /// All jobs, in no order that may be seen.
    fn all(&self) -> impl Iterator<Item = &JobSnapshot> {
        self.under_way.values().chain(self.ended.iter())
    }

    /// How many jobs are remembered.
    #[must_use]
    pub fn len(&self) -> usize {
        self.under_way.len() + self.ended.len()
    }

    /// Whether no job is remembered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(number: u64, pairs: u32) -> JobSnapshot {
        JobSnapshot {
            id: JobId::from_u128(number.into()),
            key: JobKey::new(number.into(), 1),
            owner: ProjectId::from_u128(1),
            job_type: JobType::Delete,
            begin: SimTime::from_millis(0),
            pairs,
            standing: Standing::Init,
        }
    }

    fn ended(at: u64) -> Standing {
        let ended = SimTime::from_millis(at);
        Standing::Ended(Arc::new(JobResult {
            ended,
            failed: 0,
            first_failure: None,
            reported: None,
        }))
    }

    /// Ends jobs 1, 2, … with the given pairs and returns those that are remembered at `now`.
    fn remembered(retention: Retention, pairs: &[u32], now: u64) -> Vec<u64> {
        let mut table = JobTable::new(retention);
        for (number, pairs) in (1..).zip(pairs) {
            table.accept(job(number, *pairs));
            table.change(
                JobId::from_u128(number.into()),
                ended(number),
                SimTime::from_millis(number),
                false,
            );
        }
        let now = SimTime::from_millis(now);
        assert_eq!(table.census().forgotten() as usize, pairs.len() - table.len());
        assert_eq!(table.census().all().map(|(_, _, jobs)| jobs).sum::<u64>(), table.len() as u64);
        let seen = |n: &u64| {
            table.get(JobId::from_u128((*n).into()), ProjectId::from_u128(1), now).is_some()
        };
        (1..=pairs.len() as u64).filter(seen).collect()
    }

    #[test]
    fn ended_jobs_go_by_number_by_pairs_and_by_age() {
        let age = SimDuration::from_millis(10);
        let bounds = |jobs, pairs| Retention { age, jobs, pairs };
        assert_eq!(remembered(bounds(9, 99), &[1, 1, 1], 5), [1, 2, 3]);
        assert_eq!(remembered(bounds(2, 99), &[1, 1, 1], 5), [2, 3]);
        assert_eq!(remembered(bounds(9, 5), &[4, 1, 3], 5), [2, 3]);
        assert_eq!(remembered(bounds(9, 5), &[1, 1, 6], 5), [3]);
        assert_eq!(remembered(bounds(9, 99), &[1, 1, 1], 12), [2, 3]);
        assert_eq!(remembered(bounds(0, 0), &[1], 1), [] as [u64; 0]);
    }

    #[test]
    fn running_jobs_are_never_forgotten() {
        let mut table = JobTable::new(Retention { age: SimDuration::ZERO, jobs: 0, pairs: 0 });
        table.accept(job(1, 5));
        table.accept(job(2, 5));
        table.change(JobId::from_u128(2), ended(0), SimTime::from_millis(0), false);
        let owner = ProjectId::from_u128(1);
        assert!(table.get(JobId::from_u128(1), owner, SimTime::from_millis(u64::MAX)).is_some());
        assert_eq!((table.len(), table.unfinished().len()), (1, 1));
    }

    #[test]
    fn lists_go_by_time_and_id_in_pages() {
        let mut table =
            JobTable::new(Retention { age: SimDuration::from_millis(10), jobs: 9, pairs: 99 });
        let id = |time: u64, number: u128| JobId::compose(number << 96, 0, time);
        let ids = [id(1, 5), id(1, 9), id(2, 1), id(2, 7), id(3, 0)];
        for (place, id) in ids.iter().enumerate().rev() {
            table.accept(JobSnapshot { id: *id, ..job(place as u64, 1) });
        }
        table.change(ids[1], ended(5), SimTime::from_millis(5), false);
        let all = JobQuery { state: None, owner: None, after: None, limit: 9 };
        let check = |query: JobQuery, now: u64, expected: &[usize]| {
            let found = table.list(&query, SimTime::from_millis(now));
            let found: Vec<JobId> = found.iter().map(|job| job.id).collect();
            let expected: Vec<JobId> = expected.iter().map(|place| ids[*place]).collect();
            assert_eq!(found, expected, "{query:?}");
        };
        check(all, 5, &[0, 1, 2, 3, 4]);
        check(JobQuery { limit: 2, ..all }, 5, &[0, 1]);
        check(JobQuery { limit: 2, after: Some(ids[1]), ..all }, 5, &[2, 3]);
        check(JobQuery { limit: 2, after: Some(id(2, 6)), ..all }, 5, &[3, 4]);
        check(JobQuery { state: Some(JobState::Success), ..all }, 5, &[1]);
        check(JobQuery { owner: Some(ProjectId::from_u128(2)), ..all }, 5, &[]);
        check(all, 16, &[0, 2, 3, 4]);
        check(JobQuery { limit: 0, ..all }, 5, &[]);
    }

    #[test]
    fn another_project_sees_no_job() {
        let mut table = JobTable::new(Retention { age: SimDuration::ZERO, jobs: 1, pairs: 1 });
        table.accept(job(1, 1));
        let stranger = ProjectId::from_u128(2);
        assert!(table.get(JobId::from_u128(1), stranger, SimTime::from_millis(0)).is_none());
    }
}
