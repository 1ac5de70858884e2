//! The front: one per shard. It checks a batch, lets it in, and makes it a job.

use std::rc::Rc;
use std::sync::Arc;

use actix::{Actor, ActorContext, Addr, Context, Handler, MessageResult};
use log::debug;

use super::messages::{Close, JobAccepted, Submission, SubmitBatch};
use super::shared::Here;
use super::start::start;
use super::{Generation, JobRegistry, JobSupervisor, Shared, occasion};
use crate::api::{Code, JobId};
use crate::clock::SimTime;
use crate::domain::admission::{self, JobPermit};
use crate::domain::conduct::JobManner;
use crate::domain::job_table::{JobSnapshot, Standing};
use crate::domain::{Batch, caller};
use crate::faults::{Effect, Point, Stuck, Verdict};
use crate::journal::Event;
use crate::seed::{Subject, What};

/// The actor that batch requests are handed to.
pub struct Front {
    shared: Here,
    /// Shared with the shard's jobs, for the same reason.
    admission: admission::Held,
    shard: u8,
    /// Shared with the shard's jobs, since a copy of an address is two allocations.
    registry: Rc<Addr<JobRegistry>>,
}

/// A job that was let in and has not begun.
pub(super) struct NewJob {
    pub(super) snapshot: JobSnapshot,
    pub(super) batch: Arc<Batch>,
    pub(super) permit: JobPermit,
    /// What the plan said about it.
    pub(super) verdict: Verdict,
    /// When it began.
    pub(super) generation: Generation,
}

impl NewJob {
    /// What the job does beside its work.
    pub(super) fn manner(&self) -> JobManner {
        match self.verdict.winner.as_ref().map(|rule| &rule.effect) {
            Some(Effect::Fail(code)) => JobManner::Fail(*code),
            Some(Effect::Stick(Stuck::Init)) => JobManner::StuckInInit,
            Some(Effect::Stick(Stuck::Running)) => JobManner::StuckInRunning,
            Some(Effect::Lose) => JobManner::Lost,
            Some(Effect::RunTwice) => JobManner::RunTwice,
            Some(Effect::ReportOpposite) => JobManner::ReportOpposite,
            _ => JobManner::Faithful,
        }
    }
}

impl Front {
    /// The front of a shard, whose jobs are remembered by `registry`.
    #[must_use]
    pub fn new(shared: Arc<Shared>, shard: u8, registry: Addr<JobRegistry>) -> Self {
        let admission = Rc::new(Arc::clone(&shared.admission));
        Self { shared: Rc::new(shared), admission, shard, registry: Rc::new(registry) }
    }

    /// Checks 1 to 9 in the contract's order, then admission, then the faults of the job.
    fn submit(&self, request: &mut SubmitBatch) -> Result<NewJob, Code> {
        let shared = &**self.shared;
        if shared.is_past(request.generation) {
            // Whoever asked is cut off, too, and never sees this.
            return Err(Code::ServiceUnavailable);
        }
        let now = shared.clock.now();
        let caller = caller::admit(&shared.world, &request.credentials, request.operation, now)?;
        // A body is taken out once; what is left in its place says that there is none.
        let read = std::mem::replace(&mut request.batch, Err(Code::Img0007));
        let batch = read?.resolve(&shared.world, caller)?;
        self.admit(batch, request.body, request.generation, now)
    }

    fn admit(
        &self,
        batch: Batch,
        body: u128,
        generation: Generation,
        begin: SimTime,
    ) -> Result<NewJob, Code> {
        let shared = &**self.shared;
        let (job_type, images) = (batch.action.job_type(), batch.images.len());
        let permit = self.admission.admit(self.shard, job_type, images)?;
        let key = shared.job_key(batch.caller, batch.action.operation(), body);
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
        let verdict = self.ask_plan(&snapshot, &batch);
        Ok(NewJob { snapshot, batch: Arc::new(batch), permit, verdict, generation })
    }

    fn ask_plan(&self, job: &JobSnapshot, batch: &Batch) -> Verdict {
        if self.shared.plan.is_empty_at(Point::Job) {
            return Verdict::default();
        }
        let subject = Subject::Job(job.key);
        occasion::with_job(job.begin, job.key, batch, |event| {
            self.shared.ask(self.shard, subject, event)
        })
    }

    fn journal(&self, job: &JobSnapshot, batch: &Batch) {
        let count = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
        let event = Event::JobAccepted {
            id: job.id,
            operation: batch.action.operation(),
            owner: batch.caller,
            images: count(batch.images.len()),
            projects: count(batch.projects.len()),
            asked: batch.asked(),
        };
        self.shared.record(self.shard, job.begin, Subject::Job(job.key), event);
    }
}

impl Actor for Front {
    type Context = Context<Self>;
}

impl Handler<SubmitBatch> for Front {
    type Result = MessageResult<SubmitBatch>;

    fn handle(&mut self, mut request: SubmitBatch, _: &mut Context<Self>) -> Self::Result {
        let job = match self.submit(&mut request) {
            Ok(job) => job,
            Err(code) => return MessageResult(Submission { job: Err(code), fired: Vec::new() }),
        };
        debug!("job {} accepted: {:?}", job.snapshot.id, request.operation);
        let ids = (job.snapshot.id, job.snapshot.key);
        let fired = job.verdict.fired.clone();
        if job.manner() == JobManner::Lost {
            job.permit.lost();
        } else {
            // The registry hears of the job before the client does.
            let (accepted, busy) = (job.snapshot.clone(), request.busy.clone());
            self.registry.do_send(JobAccepted { job: accepted, busy });
            let (shared, registry) = (Rc::clone(&self.shared), Rc::clone(&self.registry));
            start(JobSupervisor::new(shared, self.shard, registry, job, request.busy));
        }
        MessageResult(Submission { job: Ok(ids), fired })
    }
}

impl Handler<Close> for Front {
    type Result = ();

    fn handle(&mut self, _: Close, ctx: &mut Context<Self>) {
        ctx.stop();
    }
}
