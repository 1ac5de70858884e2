//! The supervisor of one job: it starts the job's image workers, adds up what they report, restarts
//! those that die, and tells the registry. The life of the job is the life of this actor.

use std::sync::Arc;

use actix::{Actor, ActorContext, Addr, AsyncContext, Context, Handler};
use log::{debug, error, warn};

use super::front::NewJob;
use super::messages::{JobChanged, WorkerDied, WorkerDone, WorkerProgress};
use super::pause::after;
use super::{ImageWorker, JobRegistry, Shared};
use crate::clock::{Busy, SimTime, Wake};
use crate::domain::admission::JobPermit;
use crate::domain::image_work::ImageWork;
use crate::domain::job_table::{JobSnapshot, Standing};
use crate::domain::job_work::{JobWork, Verdict};
use crate::journal::Event;
use crate::seed::Subject;

/// The actor of one job.
pub struct JobSupervisor {
    shared: Arc<Shared>,
    shard: u8,
    registry: Addr<JobRegistry>,
    job: JobSnapshot,
    work: JobWork,
    permit: JobPermit,
    ended: bool,
    /// The token that the supervisor starts with.
    starting: Option<Busy>,
}

/// A supervisor that dies by a defect still ends its job, so that nothing that was accepted is lost. One
/// that is merely dropped, as all are when the server stops, leaves the job as unfinished as it is.
impl Drop for JobSupervisor {
    fn drop(&mut self) {
        if !self.ended && std::thread::panicking() {
            error!("the supervisor of job {} died; the job ends as failed", self.job.id);
            self.work.abandon(self.shared.clock.now());
            self.end(self.shared.clock.busy(self.shard));
        }
    }
}

impl JobSupervisor {
    pub(super) fn new(
        shared: Arc<Shared>,
        shard: u8,
        registry: Addr<JobRegistry>,
        new: NewJob,
        busy: Busy,
    ) -> Self {
        let work = JobWork::new(new.batch, new.snapshot.begin);
        let (job, permit, starting) = (new.snapshot, new.permit, Some(busy));
        Self { shared, shard, registry, job, work, permit, ended: false, starting }
    }

    fn run(&mut self, Wake { at, busy }: Wake, ctx: &mut Context<Self>) {
        self.tell(Standing::Running(self.work.progress()), busy.clone());
        self.record(at, Event::JobStarted);
        for work in self.work.image_works(self.job.key, at) {
            self.start_worker(work, busy.clone(), ctx);
        }
    }

    fn start_worker(&self, work: ImageWork, busy: Busy, ctx: &mut Context<Self>) {
        let operation = self.job.operation();
        let (shared, supervisor) = (Arc::clone(&self.shared), ctx.address());
        ImageWorker::new(shared, self.shard, supervisor, operation, work, busy).start();
    }

    /// Ends the job if its last worker has ended, else tells how far it has come.
    fn end_or_go_on(&mut self, busy: Busy, ctx: &mut Context<Self>) {
        if !self.work.is_finished() {
            return self.tell(Standing::Running(self.work.progress()), busy);
        }
        self.end(busy);
        ctx.stop();
    }

    /// The job's end: journal, registry, counts.
    fn end(&mut self, busy: Busy) {
        let result = self.work.result(self.shared.world.settings.delete_results);
        let (failed, first_failure) = (result.failed, result.first_failure);
        debug!("job {} ended: {}, {failed} pairs failed", self.job.id, result.state().as_str());
        self.record(result.ended, Event::JobEnded { failed, first_failure });
        self.tell(Standing::Ended(Arc::new(result)), busy);
        self.permit.ended(first_failure.is_none());
        self.ended = true;
    }

    fn tell(&self, standing: Standing, busy: Busy) {
        self.registry.do_send(JobChanged { id: self.job.id, standing, busy });
    }

    fn record(&self, at: SimTime, event: Event) {
        self.shared.record(self.shard, at, Subject::Job(self.job.key), event);
    }
}

impl Actor for JobSupervisor {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        let Some(busy) = self.starting.take() else {
            return;
        };
        let shared = &self.shared;
        let due = self.job.begin + shared.timing.init(shared.seed, self.job.key);
        let init = shared.clock.sleep_until(due, Subject::Job(self.job.key), busy);
        after(self, ctx, init, Self::run);
    }
}

impl Handler<WorkerProgress> for JobSupervisor {
    type Result = ();

    fn handle(&mut self, report: WorkerProgress, _: &mut Context<Self>) {
        self.work.report(report.index, report.progress);
        self.tell(Standing::Running(self.work.progress()), report.busy);
    }
}

impl Handler<WorkerDone> for JobSupervisor {
    type Result = ();

    fn handle(&mut self, WorkerDone { work, busy }: WorkerDone, ctx: &mut Context<Self>) {
        self.work.finish(work);
        self.end_or_go_on(busy, ctx);
    }
}

impl Handler<WorkerDied> for JobSupervisor {
    type Result = ();

    fn handle(&mut self, WorkerDied { work, busy }: WorkerDied, ctx: &mut Context<Self>) {
        let (image, settled, at) = (work.image().id, work.progress().done, work.at());
        let (key, index) = (work.job(), work.index());
        let verdict = self.work.died(work, self.shared.supervision);
        let restart = match &verdict {
            Verdict::Restart(_, count) => Some(*count),
            Verdict::GiveUp(_) => None,
        };
        warn!("job {}: worker of image {image} died, restart {restart:?}", self.job.id);
        let event = Event::WorkerDied { image, settled, restart };
        self.shared.record(self.shard, at, Subject::Image(key, index), event);
        match verdict {
            Verdict::Restart(work, _) => self.start_worker(work, busy, ctx),
            Verdict::GiveUp(pairs) => {
                for pair in pairs {
                    self.shared.record_pair(self.shard, at, (key, index, image), &pair);
                }
                self.end_or_go_on(busy, ctx);
            }
        }
    }
}
