//! Everything the actors say to each other, in the order in which a request meets it.
//!
//! What tells of a state is a whole snapshot, never a difference, so that nothing depends on having
//! heard the message before.
//!
//! What causes anything carries a token, so that the clock knows that it is still under way.

use actix::{Message, MessageResponse};
use actix_web::web::Bytes;

use crate::api::{Code, JobId, Operation, ProjectId};
use crate::clock::Busy;
use crate::domain::caller::Credentials;
use crate::domain::image_work::{ImageWork, Progress};
use crate::domain::job_table::{JobSnapshot, Standing};
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
    /// Holds the clock.
    pub busy: Busy,
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
pub struct JobAccepted {
    /// The job as it begins.
    pub job: JobSnapshot,
    /// Holds the clock.
    pub busy: Busy,
}

/// JobSupervisor to JobRegistry: where a job stands now.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct JobChanged {
    /// The job.
    pub id: JobId,
    /// Its standing.
    pub standing: Standing,
    /// Holds the clock.
    pub busy: Busy,
}

/// ImageWorker to JobSupervisor: how far a worker has come. Sent before it waits.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct WorkerProgress {
    /// The place of its image in the request.
    pub index: u32,
    /// Pairs done and failed since the work began.
    pub progress: Progress,
    /// Holds the clock.
    pub busy: Busy,
}

/// ImageWorker to JobSupervisor: a worker has settled all its pairs.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct WorkerDone {
    /// The work, all of it done.
    pub work: ImageWork,
    /// Holds the clock.
    pub busy: Busy,
}

/// From a dying ImageWorker to its JobSupervisor: the work as far as it was done.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct WorkerDied {
    /// The work, with every pair that was settled.
    pub work: ImageWork,
    /// Holds the clock.
    pub busy: Busy,
}

/// HTTP route to JobRegistry: a job, as far as the caller may see it.
#[derive(Debug, Message)]
#[rtype(result = "Option<JobSnapshot>")]
pub struct GetJob {
    /// The job.
    pub id: JobId,
    /// The project that asks.
    pub caller: ProjectId,
}

/// Draining server to JobRegistry: the jobs that have not ended.
#[derive(Debug, Message)]
#[rtype(result = "Vec<JobSnapshot>")]
pub struct GetUnfinished;
