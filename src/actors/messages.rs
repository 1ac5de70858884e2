//! Everything the actors say to each other, in the order in which a request meets it.
//!
//! What tells of a state is a whole snapshot, never a difference, so that nothing depends on having
//! heard the message before.
//!
//! What causes anything carries a token, so that the clock knows that it is still under way.

use std::sync::Arc;

use actix::{Message, MessageResponse};
use tokio::sync::oneshot;

use super::Generation;
use crate::api::{Code, JobId, Operation, ProjectId};
use crate::clock::{Busy, SimTime};
use crate::domain::caller::Credentials;
use crate::domain::checks::ReadBatch;
use crate::domain::image_work::{ImageWork, Progress};
use crate::domain::job_census::JobCensus;
use crate::domain::job_table::{JobQuery, JobSnapshot, Standing};
use crate::faults::Rule;
use crate::seed::JobKey;

/// HTTP route to Front: a batch request whose body has been read.
#[derive(Debug, Message)]
#[rtype(result = "Submission")]
pub struct SubmitBatch {
    /// Which of the three batch operations.
    pub operation: Operation,
    /// Who calls.
    pub credentials: Credentials,
    /// What the body says, or why it is refused.
    pub batch: Result<ReadBatch, Code>,
    /// The hash of the canonical body, or of the body as sent where it says nothing.
    pub body: u128,
    /// When the request began.
    pub generation: Generation,
    /// Holds the clock.
    pub busy: Busy,
}

/// Front to HTTP route: the job or the refusal.
#[derive(Debug, MessageResponse)]
pub struct Submission {
    /// The job that was accepted, or why none was.
    pub job: Result<(JobId, JobKey), Code>,
    /// The rules that fired on the job.
    pub fired: Vec<Arc<Rule>>,
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
    /// Since when it stands so.
    pub at: SimTime,
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

/// JobSupervisor to itself: tell the registry how far the job has come.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct TellProgress;

/// ImageWorker to JobSupervisor: a rule keeps a worker from ever going on.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct WorkerStuck {
    /// Holds the clock.
    pub busy: Busy,
}

/// From a dying ImageWorker to its JobSupervisor: the work as far as it was done.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct WorkerDied {
    /// The work, with every pair that was settled.
    pub work: ImageWork,
    /// Whether the worker may be restarted.
    pub may_restart: bool,
    /// Holds the clock.
    pub busy: Busy,
}

/// From an ImageWorker that a reset ended to its JobSupervisor, which ends, too.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct WorkerForgotten {
    /// Holds the clock.
    pub busy: Busy,
}

/// What a registry answers to [`GetJob`].
#[derive(Debug)]
pub struct ShownJob {
    /// The job.
    pub job: Option<JobSnapshot>,
    /// The number that the journal's next entry had: the job is as all lower ones tell.
    pub saw: u64,
}

/// HTTP route to JobRegistry: a job, as far as the caller may see it.
#[derive(Debug, Message)]
#[rtype(result = "ShownJob")]
pub struct GetJob {
    /// The job.
    pub id: JobId,
    /// The project that asks.
    pub caller: ProjectId,
    /// The past instant that it is to see; `None` is now.
    pub as_of: Option<SimTime>,
}

/// Admin API to JobRegistry: a job, whoever owns it.
#[derive(Debug, Message)]
#[rtype(result = "Option<JobSnapshot>")]
pub struct FindJob(pub JobId);

/// Admin API to JobRegistry: jobs, whoever owns them, in the order of lists.
#[derive(Debug, Message)]
#[rtype(result = "Vec<JobSnapshot>")]
pub struct ListJobs(pub JobQuery);

/// Admin API to JobRegistry: how many jobs it remembers.
#[derive(Debug, Message)]
#[rtype(result = "JobCensus")]
pub struct CountJobs;

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

/// A reset to JobRegistry: forget everything.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct ForgetJobs;

/// Draining server to JobRegistry: the jobs that have not ended.
#[derive(Debug, Message)]
#[rtype(result = "Vec<JobSnapshot>")]
pub struct GetUnfinished;

/// A scope that closes to Front and JobRegistry: end.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Close;
