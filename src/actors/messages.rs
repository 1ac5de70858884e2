//! Everything the actors say to each other, in the order in which a request meets it.
//!
//! What tells of a state is a whole snapshot, never a difference, so that nothing depends on having
//! heard the message before.

use actix::{Message, MessageResponse};
use actix_web::web::Bytes;
use tokio::sync::oneshot;

use crate::api::{Code, JobId, Operation, ProjectId};
use crate::domain::caller::Credentials;
use crate::domain::image_work::{ImageWork, Progress};
use crate::domain::job_table::{JobQuery, JobSnapshot, Standing};
use crate::seed::{CallKey, JobKey};

/// HTTP route to Front: a batch request whose body has been read.
#[derive(Debug, Message)]
#[rtype(result = "Submission")]
pub struct SubmitBatch {
    /// Which of the three batch operations.
    pub operation: Operation,
    /// Who calls.
    pub credentials: Credentials,
    /// The body as sent.
    pub body: Bytes,
}

/// Front to HTTP route: the request's key, and the job or the refusal.
#[derive(Debug, MessageResponse)]
pub struct Submission {
    /// The key of the request.
    pub call: CallKey,
    /// The project of the token, if the token is known.
    pub project: Option<ProjectId>,
    /// The job that was accepted, or why none was.
    pub job: Result<(JobId, JobKey), Code>,
}

/// Front to JobRegistry: a job exists. Sent before the client gets its id.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct JobAccepted(pub JobSnapshot);

/// JobSupervisor to JobRegistry: where a job stands now.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct JobChanged {
    /// The job.
    pub id: JobId,
    /// Its standing.
    pub standing: Standing,
}

/// ImageWorker to JobSupervisor: how far a worker has come. Sent before it waits.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct WorkerProgress {
    /// The place of its image in the request.
    pub index: u32,
    /// Pairs done and failed since the work began.
    pub progress: Progress,
}

/// ImageWorker to JobSupervisor: a worker has settled all its pairs.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct WorkerDone(pub ImageWork);

/// From a dying ImageWorker to its JobSupervisor: the work as far as it was done.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct WorkerDied(pub ImageWork);

/// HTTP route to JobRegistry: a job, as far as the caller may see it.
#[derive(Debug, Message)]
#[rtype(result = "Option<JobSnapshot>")]
pub struct GetJob {
    /// The job.
    pub id: JobId,
    /// The project that asks.
    pub caller: ProjectId,
}

/// Admin API to JobRegistry: a job, whoever owns it.
#[derive(Debug, Message)]
#[rtype(result = "Option<JobSnapshot>")]
pub struct FindJob(pub JobId);

/// Admin API to JobRegistry: jobs, whoever owns them, in the order of lists.
#[derive(Debug, Message)]
#[rtype(result = "Vec<JobSnapshot>")]
pub struct ListJobs(pub JobQuery);

/// Admin API to JobRegistry: a job at its end.
#[derive(Debug, Message)]
#[rtype(result = "Awaited")]
pub struct AwaitJob(pub JobId);

/// JobRegistry to admin API: whether, and how, the end of a job can be waited for.
#[derive(Debug, MessageResponse)]
pub enum Awaited {
    /// The job is not known.
    Unknown,
    /// It has ended.
    Ended(JobSnapshot),
    /// It goes on; the end comes through here. Whoever drops this waits no more.
    GoesOn(oneshot::Receiver<JobSnapshot>),
    /// Too many wait already.
    TooMany,
}

/// Draining server to JobRegistry: the jobs that have not ended.
#[derive(Debug, Message)]
#[rtype(result = "Vec<JobSnapshot>")]
pub struct GetUnfinished;
