//! The two job queries. Contract, "Jobs".

use log::error;

use super::ShardState;
use super::answer::{Answer, Success};
use super::call::Call;
use super::routes::PathNames;
use crate::actors::messages::GetJob;
use crate::api::{Code, JobId, Operation, ProjectId};
use crate::clock::SimTime;
use crate::domain::job_table::JobSnapshot;
use crate::domain::job_view;

/// The job that a path names, if it names one.
pub(super) fn job_of(operation: Operation, path: PathNames<'_>) -> Option<JobId> {
    operation.queries_job().then(|| JobId::parse(path.get("job_id"))).flatten()
}

/// Shows a job.
pub(super) async fn show(call: &mut Call<'_>) -> Answer {
    let path = call.path;
    let job = match call.allowed().and_then(|caller| own_path(call.operation, path, caller)) {
        Ok(caller) => {
            let as_of = call.as_of();
            let (job, saw) = find(call.job, caller, as_of, call.state).await;
            call.saw = saw.or(call.saw);
            job
        }
        Err(code) => Err(code),
    };
    let view = |job: &JobSnapshot| match call.operation {
        Operation::ShowJobProgress => Success::json(&job_view::with_progress(job)),
        _ => Success::json(&job_view::with_results(job)),
    };
    Answer {
        job: job.as_ref().ok().map(|job| (job.id, job.key)),
        result: job.as_ref().map(view).map_err(|code| (*code).into()),
    }
}

/// A path that names a project must name the caller's own; the progress path names none.
fn own_path(
    operation: Operation,
    path: PathNames<'_>,
    caller: ProjectId,
) -> Result<ProjectId, Code> {
    let own =
        operation != Operation::ShowJob || ProjectId::parse(path.get("project_id")) == Some(caller);
    own.then_some(caller).ok_or(Code::Img0030)
}

/// Looks an ended job up, and asks the registry of the shard that the id names of any other (DECISION U-19:
/// unknown is IMG.0023). Also says to which number the journal had come when the job stood so.
async fn find(
    id: Option<JobId>,
    caller: ProjectId,
    as_of: Option<SimTime>,
    state: &ShardState,
) -> (Result<JobSnapshot, Code>, Option<u64>) {
    let (shared, shards) = (&state.shared, &state.shared.shards);
    let Some(id) = id else {
        return (Err(Code::Img0023), None);
    };
    if as_of.is_none()
        && let Some(job) = shards.ended_job(id, caller, shared.clock.now())
    {
        return (Ok(job), Some(shared.journal.next()));
    }
    let Some(registry) = shards.registry(id.shard().into()) else {
        return (Err(Code::Img0023), None);
    };
    match registry.send(GetJob { id, caller, as_of }).await {
        Ok(shown) => (shown.job.ok_or(Code::Img0023), Some(shown.saw)),
        Err(gone) => {
            error!("the registry of shard {} is gone: {gone}", id.shard());
            (Err(Code::Img0061), None)
        }
    }
}
