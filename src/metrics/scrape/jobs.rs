//! Jobs and their image workers.

use super::{Outline, Scrape};
use crate::api::job::{JobState, JobType};
use crate::domain::admission::JobCounts;
use crate::journal::EventKind;
use crate::metrics::family::{Family, Labels};

impl Scrape<'_> {
    pub(super) fn jobs(&self, outline: &Outline) -> Vec<Family> {
        let remembered = self.jobs.all().map(|(job_type, state, jobs)| {
            let mut labels = of(job_type);
            labels.push(("state", state.as_str().into()));
            (labels, jobs as f64)
        });
        let mut all = vec![
            Family::gauges(
                "jobs",
                "Jobs in memory by type and state; ended ones until they are forgotten.",
                remembered,
            ),
            Family::counter(
                "jobs_forgotten",
                "Ended jobs that made room for newer ones.",
                self.jobs.forgotten(),
            ),
        ];
        all.extend(self.became());
        all.extend(self.workers(outline));
        all
    }

    /// What became of jobs; every type is always told.
    fn became(&self) -> Vec<Family> {
        let counts = JobType::ALL.map(|job_type| (job_type, self.admission.counts_of(job_type)));
        let by_type = |count: fn(&JobCounts) -> u64| {
            counts.iter().map(move |(job_type, counts)| (of(*job_type), count(counts)))
        };
        let ended = |state: JobState, count: fn(&JobCounts) -> u64| {
            by_type(count).map(move |(mut labels, count)| {
                labels.push(("state", state.as_str().into()));
                (labels, count)
            })
        };
        let succeeded = ended(JobState::Success, |counts| counts.succeeded);
        let failed = ended(JobState::Fail, |counts| counts.failed);
        vec![
            Family::counters(
                "jobs_accepted",
                "Jobs that were accepted, by type.",
                by_type(|counts| counts.accepted),
            ),
            Family::counters(
                "jobs_ended",
                "Jobs that ended, by type and the state that is told.",
                succeeded.chain(failed),
            ),
            Family::counters(
                "jobs_lost",
                "Jobs that rules kept from running, by type.",
                by_type(|counts| counts.lost),
            ),
            Family::amount(
                "jobs_stuck",
                "Running jobs that rules keep from ending.",
                self.admission.stuck_jobs(),
            ),
        ]
    }

    fn workers(&self, outline: &Outline) -> [Family; 4] {
        let (alive, begun) = self.meters.workers();
        let died = outline.events[EventKind::WorkerDied as usize];
        [
            Family::gauge("image_workers", "Image workers that are alive.", alive as f64),
            Family::counter(
                "image_workers_started",
                "Image workers that began, those that were started again included.",
                begun,
            ),
            Family::counter("image_worker_deaths", "Image workers that died.", died),
            Family::counter(
                "image_worker_restarts",
                "Image workers that died and were started again.",
                outline.restarts,
            ),
        ]
    }
}

fn of(job_type: JobType) -> Labels {
    vec![("type", job_type.as_str().into())]
}
