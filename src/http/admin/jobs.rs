//! `GET /__admin/jobs`: the jobs of all shards, whoever owns them.

use actix::Addr;
use actix_web::http::StatusCode;
use log::debug;
use serde::Serialize;

use super::answer::{AdminError, Reply};
use super::ask::Ask;
use super::names;
use super::query::one_of;
use crate::actors::messages::{FindJob, ListJobs};
use crate::actors::{JobRegistry, Shared};
use crate::api::job::{JobState, Results};
use crate::api::{Code, JobId, time};
use crate::domain::World;
use crate::domain::job_table::{JobQuery, JobSnapshot, Standing, place_in_lists};
use crate::domain::job_view;

/// Jobs shown unless something else is said.
const USUAL: usize = 100;
/// The most jobs in one answer: about half a megabyte.
const MOST: usize = 1_000;

/// The parameters of the list.
pub(super) const PARAMETERS: &[&str] = &["state", "project", "limit", "after"];

/// A job, as the admin API shows it.
#[derive(Serialize)]
pub(super) struct JobShown<'a> {
    job_id: JobId,
    key: String,
    owner: Owner,
    job_type: &'static str,
    operation: &'static str,
    state: &'static str,
    begin_time: String,
    end_time: Option<String>,
    /// How many pairs it has, are settled, and failed.
    pairs: u32,
    done: u32,
    failed: u32,
    error_code: Option<&'static str>,
    /// As the service reports them; only of one job, and only once it has ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    results: Option<Results<'a>>,
}

#[derive(Serialize)]
struct Owner {
    id: String,
    name: String,
}

#[derive(Serialize)]
struct Page<'a> {
    jobs: Vec<JobShown<'a>>,
    /// What to give as `after` for the next page; null on the last one.
    next: Option<JobId>,
}

impl<'a> JobShown<'a> {
    fn in_list(job: &'a JobSnapshot, world: &World) -> Self {
        let (done, failed) = match &job.standing {
            Standing::Init => (0, 0),
            Standing::Running(progress) => (progress.done, progress.failed),
            Standing::Ended(result) => (job.pairs, result.failed),
        };
        let result = match &job.standing {
            Standing::Ended(result) => Some(result),
            Standing::Init | Standing::Running(_) => None,
        };
        Self {
            job_id: job.id,
            key: job.key.to_string(),
            owner: Owner { id: job.owner.to_string(), name: world.project_name(job.owner) },
            job_type: job.job_type.as_str(),
            operation: job.operation().name(),
            state: job.standing.state().as_str(),
            begin_time: time::with_millis(job.begin.as_millis()),
            end_time: result.map(|result| time::with_millis(result.ended.as_millis())),
            pairs: job.pairs,
            done,
            failed,
            error_code: result.and_then(|result| result.first_failure).map(Code::code),
            results: None,
        }
    }

    /// A job in full.
    pub(super) fn full(job: &'a JobSnapshot, world: &World) -> Self {
        let results = job_view::with_results(job).entities.results;
        Self { results, ..Self::in_list(job, world) }
    }
}

pub(super) async fn list(ask: Ask) -> Result<Reply, AdminError> {
    let shared = ask.shared();
    let (world, limit) = (&shared.world, ask.query.limit(USUAL, MOST)?);
    let owner = ask.query.text("project").map(|text| names::project(world, "project", text));
    let after = ask.query.text("after").map(|text| names::job("after", text));
    let query = JobQuery {
        state: ask.query.parsed("state", |text| one_of(&JobState::ALL, JobState::as_str, text))?,
        owner: owner.transpose()?,
        after: after.transpose()?,
        // One more than asked for, to know whether there is a next page.
        limit: limit + 1,
    };
    let mut jobs = Vec::new();
    for shard in 0..shared.shards.count() {
        if let Some(registry) = shared.shards.registry(shard) {
            jobs.extend(registry.send(ListJobs(query)).await.map_err(|_| gone())?);
        }
    }
    jobs.sort_by_key(|job| place_in_lists(job.id));
    let more = jobs.len() > limit;
    jobs.truncate(limit);
    let next = jobs.last().filter(|_| more).map(|job| job.id);
    let shown = jobs.iter().map(|job| JobShown::in_list(job, world));
    Ok(Reply::ok(&Page { jobs: shown.collect(), next }))
}

pub(super) async fn show(ask: Ask) -> Result<Reply, AdminError> {
    let id = names::job("job_id", ask.piece(0))?;
    let job = find(ask.shared(), id).await?;
    Ok(Reply::ok(&JobShown::full(&job, &ask.shared().world)))
}

/// Asks the registry of the shard that the id names for the job.
pub(super) async fn find(shared: &Shared, id: JobId) -> Result<JobSnapshot, AdminError> {
    let found = registry(shared, id)?.send(FindJob(id)).await.map_err(|_| gone())?;
    found.ok_or_else(|| unknown(id))
}

/// The registry of the shard that the id names.
pub(super) fn registry(shared: &Shared, id: JobId) -> Result<&Addr<JobRegistry>, AdminError> {
    shared.shards.registry(id.shard().into()).ok_or_else(|| unknown(id))
}

/// 404: no job has this id.
pub(super) fn unknown(id: JobId) -> AdminError {
    let message = format!(
        "no job has the id `{id}`: it was never given, or the job was forgotten; \
         GET /__admin/jobs lists those that are remembered"
    );
    AdminError::new(StatusCode::NOT_FOUND, message)
}

/// 503: a registry does not answer, which it does only at the end of the server.
pub(super) fn gone() -> AdminError {
    // Whoever waits for a job when the server stops gets here, so it is nothing to warn of.
    debug!("a registry is gone");
    AdminError::new(StatusCode::SERVICE_UNAVAILABLE, "the server is stopping")
}
