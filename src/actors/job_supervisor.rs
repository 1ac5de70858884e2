//! The supervisor of one job: it starts the job's image workers, adds up what they report, restarts
//! those that die, and tells the registry. The life of the job is the life of this actor.

use std::rc::Rc;
use std::sync::Arc;

use actix::{Actor, ActorContext, Addr, AsyncContext, Context, Handler};
use log::{debug, error, warn};

use super::front::NewJob;
use super::messages::{
    JobChanged, TellProgress, WorkerDied, WorkerDone, WorkerForgotten, WorkerProgress, WorkerStuck,
};
use super::pause::after;
use super::shared::Here;
use super::start::start;
use super::{Generation, ImageWorker, JobRegistry};
use crate::api::Code;
use crate::api::job::JobState;
use crate::clock::{Busy, SimDuration, SimTime, Wake};
use crate::domain::admission::JobPermit;
use crate::domain::conduct::JobManner;
use crate::domain::image_work::ImageWork;
use crate::domain::job_table::{JobSnapshot, Standing};
use crate::domain::job_work::{JobWork, Verdict};
use crate::journal::Event;
use crate::seed::Subject;

/// The actor of one job.
pub struct JobSupervisor {
    shared: Here,
    shard: u8,
    registry: Rc<Addr<JobRegistry>>,
    job: JobSnapshot,
    work: JobWork,
    permit: JobPermit,
    /// What it does beside its work.
    manner: JobManner,
    /// How much later than usual it leaves `INIT`.
    delay: SimDuration,
    /// How many of its workers a rule keeps from ever going on.
    stuck_workers: usize,
    /// Holds the clock while the registry has not heard how far the job has come.
    untold: Option<Busy>,
    ended: bool,
    /// When it began. Once a reset has made this the past, the supervisor ends without a word.
    generation: Generation,
    /// The token that the supervisor starts with, and with which a reset ends it; the last to be dropped,
    /// so that the clock has not settled before the permit is back.
    busy: Option<Busy>,
}

/// A supervisor that dies by a defect still ends its job, so that nothing that was accepted is lost. One
/// that is merely dropped, as all are when the server stops, leaves the job as unfinished as it is.
impl Drop for JobSupervisor {
    fn drop(&mut self) {
        if !self.ended && std::thread::panicking() && !self.is_past() {
            error!("the supervisor of job {} died; the job ends as failed", self.job.id);
            self.work.abandon(self.shared.clock.now());
            self.end(self.shared.clock.busy(self.shard));
        }
    }
}

impl JobSupervisor {
    pub(super) fn new(
        shared: Here,
        shard: u8,
        registry: Rc<Addr<JobRegistry>>,
        new: NewJob,
        busy: Busy,
    ) -> Self {
        let (manner, delay) = (new.manner(), new.verdict.delay);
        #[cfg(test)]
        let manner = shared.sabotage_job(manner);
        Self {
            shared,
            shard,
            registry,
            work: JobWork::new(new.batch, new.snapshot.begin),
            job: new.snapshot,
            permit: new.permit,
            manner,
            delay,
            stuck_workers: 0,
            untold: None,
            ended: false,
            generation: new.generation,
            busy: Some(busy),
        }
    }

    fn is_past(&self) -> bool {
        self.shared.is_past(self.generation)
    }

    /// Ends because of a reset, and leaves no trace.
    fn end_silently(&mut self, busy: Busy, ctx: &mut Context<Self>) {
        self.untold = None;
        self.busy = Some(busy);
        ctx.stop();
    }

    /// Waits for what only a reset brings.
    fn stay(&mut self, busy: Busy, ctx: &mut Context<Self>) {
        let stuck = self.shared.clock.stay(Subject::Job(self.job.key), busy);
        after(self, ctx, stuck, |job, wake, ctx| job.end_silently(wake.busy, ctx));
    }

    fn run(&mut self, Wake { at, busy }: Wake, ctx: &mut Context<Self>) {
        if self.is_past() {
            return self.end_silently(busy, ctx);
        }
        self.tell(Standing::Running(self.work.progress()), busy.clone());
        self.record(at, Event::JobStarted);
        #[cfg(test)]
        if self.shared.is_sabotaged(super::Sabotage::StartTwice) {
            self.record(at, Event::JobStarted);
        }
        match self.manner {
            JobManner::StuckInRunning => self.stick(busy, ctx),
            JobManner::Fail(code) => self.fail(code, at, busy, ctx),
            _ => self.start_workers(at, &busy, ctx),
        }
    }

    /// Never goes on.
    fn stick(&mut self, busy: Busy, ctx: &mut Context<Self>) {
        self.permit.stuck();
        self.stay(busy, ctx);
    }

    fn start_workers(&self, at: SimTime, busy: &Busy, ctx: &mut Context<Self>) {
        let supervisor = Rc::new(ctx.address());
        for work in self.work.image_works(self.job.key, at) {
            self.start_worker(work, busy.clone(), &supervisor);
        }
    }

    /// Every pair fails and no worker starts.
    fn fail(&mut self, code: Option<Code>, at: SimTime, busy: Busy, ctx: &mut Context<Self>) {
        for mut work in self.work.image_works(self.job.key, at) {
            let (index, image) = (work.index(), work.image().id);
            for pair in work.give_up(code) {
                self.shared.record_pair(self.shard, at, (self.job.key, index, image), &pair);
            }
            self.work.finish(work);
        }
        self.end_or_go_on(busy, ctx);
    }

    fn start_worker(&self, work: ImageWork, busy: Busy, supervisor: &Rc<Addr<Self>>) {
        let whose = (Rc::clone(supervisor), self.generation);
        start(ImageWorker::new(Rc::clone(&self.shared), self.shard, whose, work, busy));
    }

    /// Tells how far the job has come, once what its workers have said by now has been heard: of a hundred that
    /// end together the registry hears once.
    fn tell_soon(&mut self, busy: Busy, ctx: &mut Context<Self>) {
        if self.untold.replace(busy).is_none() {
            ctx.notify(TellProgress);
        }
    }

    /// Ends the job if its last worker has ended, else tells how far it has come.
    fn end_or_go_on(&mut self, busy: Busy, ctx: &mut Context<Self>) {
        if self.is_past() {
            return self.end_silently(busy, ctx);
        }
        self.stick_if_all_are();
        if !self.work.is_finished() {
            return self.tell_soon(busy, ctx);
        }
        if self.manner == JobManner::RunTwice {
            self.manner = JobManner::Faithful;
            self.work.begin_again();
            return self.start_workers(self.work.ended(), &busy, ctx);
        }
        self.end(busy);
        ctx.stop();
    }

    /// A job whose last workers are all stuck is itself.
    fn stick_if_all_are(&mut self) {
        if self.stuck_workers > 0 && self.stuck_workers == self.work.unfinished() {
            self.permit.stuck();
        }
    }

    /// The job's end: journal, registry, counts.
    fn end(&mut self, busy: Busy) {
        #[cfg(test)]
        if self.shared.is_sabotaged(super::Sabotage::NeverEnd) {
            return;
        }
        let delete_results = self.shared.world.settings.delete_results;
        let result = self.work.result(delete_results);
        #[cfg(test)]
        let result = self.shared.sabotage_result(result);
        let (failed, first_failure) = (result.failed, result.first_failure);
        let result = match self.manner {
            JobManner::ReportOpposite => self.work.opposite_result(delete_results),
            _ => result,
        };
        let reported = result.state();
        debug!("job {} ended: {}, {failed} pairs failed", self.job.id, reported.as_str());
        self.record(result.ended, Event::JobEnded { failed, first_failure, reported });
        #[cfg(test)]
        if self.shared.is_sabotaged(super::Sabotage::EndTwice) {
            self.record(result.ended, Event::JobEnded { failed, first_failure, reported });
        }
        self.tell(Standing::Ended(Arc::new(result)), busy);
        self.untold = None;
        self.permit.ended(reported == JobState::Success);
        self.ended = true;
    }

    fn tell(&self, standing: Standing, busy: Busy) {
        let at = match &standing {
            Standing::Ended(result) => result.ended,
            Standing::Init | Standing::Running(_) => self.shared.clock.now(),
        };
        self.registry.do_send(JobChanged { id: self.job.id, standing, at, busy });
    }

    fn record(&self, at: SimTime, event: Event) {
        self.shared.record(self.shard, at, Subject::Job(self.job.key), event);
    }
}

impl Actor for JobSupervisor {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        let Some(busy) = self.busy.take() else {
            return;
        };
        if self.manner == JobManner::StuckInInit {
            return self.stick(busy, ctx);
        }
        let shared = &self.shared;
        let init = shared.timing.init(shared.seed, self.job.key) + self.delay;
        let subject = Subject::Job(self.job.key);
        let init = shared.clock.sleep_for(self.job.begin, init, subject, busy);
        after(self, ctx, init, Self::run);
    }
}

impl Handler<WorkerProgress> for JobSupervisor {
    type Result = ();

    fn handle(&mut self, report: WorkerProgress, ctx: &mut Context<Self>) {
        if self.is_past() {
            return self.end_silently(report.busy, ctx);
        }
        self.work.report(report.index, report.progress);
        self.tell_soon(report.busy, ctx);
    }
}

impl Handler<TellProgress> for JobSupervisor {
    type Result = ();

    fn handle(&mut self, _: TellProgress, _: &mut Context<Self>) {
        if let Some(busy) = self.untold.take() {
            self.tell(Standing::Running(self.work.progress()), busy);
        }
    }
}

impl Handler<WorkerDone> for JobSupervisor {
    type Result = ();

    fn handle(&mut self, WorkerDone { work, busy }: WorkerDone, ctx: &mut Context<Self>) {
        self.work.finish(work);
        self.end_or_go_on(busy, ctx);
    }
}

impl Handler<WorkerStuck> for JobSupervisor {
    type Result = ();

    fn handle(&mut self, _: WorkerStuck, _: &mut Context<Self>) {
        self.stuck_workers += 1;
        self.stick_if_all_are();
    }
}

impl Handler<WorkerDied> for JobSupervisor {
    type Result = ();

    fn handle(&mut self, died: WorkerDied, ctx: &mut Context<Self>) {
        let WorkerDied { work, may_restart, busy } = died;
        if self.is_past() {
            return self.end_silently(busy, ctx);
        }
        let (image, settled, at) = (work.image().id, work.progress().done, work.at());
        let (key, index) = (work.job(), work.index());
        let verdict = self.work.died(work, may_restart, self.shared.supervision);
        let restart = match &verdict {
            Verdict::Restart(_, count) => Some(*count),
            Verdict::GiveUp(_) => None,
        };
        warn!("job {}: worker of image {image} died, restart {restart:?}", self.job.id);
        let event = Event::WorkerDied { image, settled, restart };
        self.shared.record(self.shard, at, Subject::Image(key, index), event);
        match verdict {
            Verdict::Restart(work, _) => self.start_worker(work, busy, &Rc::new(ctx.address())),
            Verdict::GiveUp(pairs) => {
                for pair in pairs {
                    self.shared.record_pair(self.shard, at, (key, index, image), &pair);
                }
                self.end_or_go_on(busy, ctx);
            }
        }
    }
}

impl Handler<WorkerForgotten> for JobSupervisor {
    type Result = ();

    fn handle(&mut self, forgotten: WorkerForgotten, ctx: &mut Context<Self>) {
        self.end_silently(forgotten.busy, ctx);
    }
}
