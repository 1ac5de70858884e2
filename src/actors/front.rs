//! The front: one per shard. It checks a batch, lets it in, and makes it a job.

use std::sync::Arc;

use actix::{Actor, Addr, Context, Handler, MessageResult};
use log::debug;

use super::messages::{JobAccepted, Submission, SubmitBatch};
use super::{JobRegistry, JobSupervisor, Shared};
use crate::api::{Code, JobId};
use crate::domain::admission::JobPermit;
use crate::domain::job_table::{JobSnapshot, Standing};
use crate::domain::{Batch, caller, checks};
use crate::journal::Event;
use crate::seed::{self, Subject, What};

/// The actor that batch requests are handed to.
pub struct Front {
    shared: Arc<Shared>,
    shard: u8,
    registry: Addr<JobRegistry>,
}

/// A job that was let in and has not begun.
pub(super) struct NewJob {
    pub(super) snapshot: JobSnapshot,
    pub(super) batch: Arc<Batch>,
    pub(super) permit: JobPermit,
}

impl Front {
    /// The front of a shard, whose jobs are remembered by `registry`.
    #[must_use]
    pub fn new(shared: Arc<Shared>, shard: u8, registry: Addr<JobRegistry>) -> Self {
        Self { shared, shard, registry }
    }

    /// Checks 1 to 9 in the contract's order, then admission.
    fn submit(&self, request: &SubmitBatch) -> (Submission, Option<NewJob>) {
        let shared = &*self.shared;
        let now = shared.clock.now();
        let token = caller::authenticate(&shared.world, &request.credentials, now);
        let project = token.as_ref().ok().and_then(|token| token.project);
        let limit = shared.world.settings.batch_list;
        // The body is read before it is its turn to be refused, because the request's key needs it.
        let read = checks::read_batch(request.operation, &request.body, limit);
        let body = match &read {
            Ok(read) => read.canonical_hash(),
            Err(_) => seed::hash_of(&request.body[..]),
        };
        let call = shared.call_key(project, request.operation, body);
        let caller = token.and_then(|token| caller::authorize(&token, request.operation));
        let job = caller
            .and_then(|caller| read?.resolve(&shared.world, caller))
            .and_then(|batch| self.admit(batch, body));
        match job {
            Ok(job) => {
                let ids = (job.snapshot.id, job.snapshot.key);
                (Submission { call, project, job: Ok(ids) }, Some(job))
            }
            Err(code) => (Submission { call, project, job: Err(code) }, None),
        }
    }

    fn admit(&self, batch: Batch, body: u128) -> Result<NewJob, Code> {
        let shared = &*self.shared;
        let permit = shared.admission.admit(batch.images.len())?;
        let key = shared.job_key(batch.caller, batch.action.operation(), body);
        let begin = shared.clock.now();
        let keyed = shared.seed.draw(What::JobId, &key).bits();
        let snapshot = JobSnapshot {
            id: JobId::compose(keyed, self.shard, begin.as_millis()),
            key,
            owner: batch.caller,
            job_type: batch.action.job_type(),
            begin,
            pairs: u32::try_from(batch.pairs()).unwrap_or(u32::MAX),
            standing: Standing::Init,
        };
        self.journal(&snapshot, &batch);
        Ok(NewJob { snapshot, batch: Arc::new(batch), permit })
    }

    fn journal(&self, job: &JobSnapshot, batch: &Batch) {
        let count = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
        let event = Event::JobAccepted {
            id: job.id,
            operation: batch.action.operation(),
            owner: batch.caller,
            images: count(batch.images.len()),
            projects: count(batch.projects.len()),
        };
        self.shared.record(self.shard, job.begin, Subject::Job(job.key), event);
    }
}

impl Actor for Front {
    type Context = Context<Self>;
}

impl Handler<SubmitBatch> for Front {
    type Result = MessageResult<SubmitBatch>;

    fn handle(&mut self, request: SubmitBatch, _: &mut Context<Self>) -> Self::Result {
        let (submission, job) = self.submit(&request);
        if let Some(job) = job {
            debug!("job {} accepted: {:?}", job.snapshot.id, request.operation);
            // The registry hears of the job before the client does.
            self.registry.do_send(JobAccepted(job.snapshot.clone()));
            let registry = self.registry.clone();
            JobSupervisor::new(Arc::clone(&self.shared), self.shard, registry, job).start();
        }
        MessageResult(submission)
    }
}
