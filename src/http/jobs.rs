//! The two job queries. Contract, "Jobs".

use actix_web::dev::{Path, Url};
use log::error;

use super::ShardState;
use super::answer::Answer;
use super::pipeline::Caller;
use crate::actors::messages::GetJob;
use crate::api::{Code, JobId, Operation, ProjectId};
use crate::domain::caller::Credentials;
use crate::domain::job_table::JobSnapshot;
use crate::seed;

/// Shows a job, as `view` sees it.
pub(super) async fn show(
    operation: Operation,
    credentials: &Credentials,
    path: &Path<Url>,
    state: &ShardState,
    view: impl Fn(&JobSnapshot) -> String,
) -> Answer {
    let Caller { project, allowed } = state.caller(operation, credentials);
    let id = JobId::parse(path.query("job_id"));
    // The shard is left out, so that the key is the same on any number of shards.
    let target = match id {
        Some(id) => id.without_shard(),
        None => seed::hash_of(path.query("job_id")),
    };
    let call = state.shared.call_key(project, operation, target);
    let job = match allowed.and_then(|caller| own_path(operation, path, caller)) {
        Ok(caller) => find(id, caller, state).await,
        Err(code) => Err(code),
    };
    Answer {
        call,
        project,
        job: job.as_ref().ok().map(|job| (job.id, job.key)),
        result: job.as_ref().map(view).map_err(|code| (*code).into()),
    }
}

/// A path that names a project must name the caller's own; the progress path names none.
fn own_path(operation: Operation, path: &Path<Url>, caller: ProjectId) -> Result<ProjectId, Code> {
    let own = operation != Operation::ShowJob
        || ProjectId::parse(path.query("project_id")) == Some(caller);
    own.then_some(caller).ok_or(Code::Img0030)
}

/// Asks the registry of the shard that the id names (DECISION U-19: unknown is IMG.0023).
async fn find(
    id: Option<JobId>,
    caller: ProjectId,
    state: &ShardState,
) -> Result<JobSnapshot, Code> {
    let id = id.ok_or(Code::Img0023)?;
    let registry = state.shared.shards.registry(id.shard().into()).ok_or(Code::Img0023)?;
    match registry.send(GetJob { id, caller }).await {
        Ok(job) => job.ok_or(Code::Img0023),
        Err(gone) => {
            error!("the registry of shard {} is gone: {gone}", id.shard());
            Err(Code::Img0061)
        }
    }
}
