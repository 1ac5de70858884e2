//! A job as the two query endpoints show it. Contract, "Jobs", the tables under `entities`.

use super::job_table::{JobSnapshot, Standing};
use super::job_work::JobResult;
use crate::api::job::{Entities, Fraction, JobBody, Results};
use crate::api::time;

/// `GET /v1/{project_id}/jobs/{job_id}`: with results at the end.
#[must_use]
pub fn with_results(job: &JobSnapshot) -> JobBody<'_> {
    let entities = match &job.standing {
        Standing::Init => Entities::default(),
        Standing::Running(_) => running(job),
        Standing::Ended(result) => ended(result),
    };
    body(job, entities)
}

/// `GET /v1/cloudimages/job/{job_id}`: with progress throughout.
#[must_use]
pub fn with_progress(job: &JobSnapshot) -> JobBody<'_> {
    let entities = match &job.standing {
        Standing::Init => progress(0.0, ""),
        Standing::Running(_) => running(job),
        Standing::Ended(_) => progress(1.0, ""),
    };
    body(job, entities)
}

fn progress(fraction: f64, task: &'static str) -> Entities<'static> {
    Entities {
        process_percent: Some(Fraction(fraction)),
        current_task: Some(task),
        ..Entities::default()
    }
}

fn running(job: &JobSnapshot) -> Entities<'static> {
    let Standing::Running(done) = job.standing else {
        return Entities::default();
    };
    progress(f64::from(done.done) / f64::from(job.pairs.max(1)), job.job_type.task())
}

fn ended(result: &JobResult) -> Entities<'_> {
    const NONE: Results<'static> =
        Results { images: &[], projects: &[], outcomes: &[], failed_only: false };
    Entities {
        error_code: result.first_failure.map(|code| code.code()),
        error: result.first_failure.map(|code| code.text()),
        results: Some(result.reported.as_ref().map_or(NONE, |kept| Results {
            images: &kept.images,
            projects: &kept.projects,
            outcomes: &kept.outcomes,
            failed_only: kept.failed_only,
        })),
        ..Entities::default()
    }
}

fn body<'a>(job: &'a JobSnapshot, entities: Entities<'a>) -> JobBody<'a> {
    let result = match &job.standing {
        Standing::Ended(result) => Some(result),
        Standing::Init | Standing::Running(_) => None,
    };
    let failure = result.and_then(|result| result.first_failure);
    JobBody {
        job_id: job.id,
        job_type: job.job_type,
        begin_time: time::with_millis(job.begin.as_millis()),
        end_time: result.map(|r| time::with_millis(r.ended.as_millis())).unwrap_or_default(),
        status: job.standing.state(),
        error_code: failure.map(|code| code.code()),
        fail_reason: failure.map(|code| code.text()),
        entities,
    }
}
