//! The worker of one image of a job, and alone in changing memberships.

use std::sync::Arc;

use actix::{Actor, ActorContext, Addr, Context};

use super::messages::{WorkerDied, WorkerDone, WorkerProgress};
use super::pause::after;
use super::{JobSupervisor, Shared};
use crate::api::Operation;
use crate::clock::{Busy, Sleep, Wake};
use crate::domain::image_work::{ImageWork, Next};
use crate::faults::{Effect, ImageEvent};
use crate::journal::Event;
use crate::seed::Subject;

/// The actor of one image of a job.
pub struct ImageWorker {
    shared: Arc<Shared>,
    shard: u8,
    operation: Operation,
    lifeline: Lifeline,
    /// A rule lets this life end when so many more pairs are settled.
    pairs_to_crash: Option<u32>,
}

/// The work, and whom it goes back to when the worker dies.
///
/// actix tells nobody that an actor panicked, but it drops the actor. What is handed over then holds
/// every pair that was settled, so nothing that was done is forgotten or done again.
struct Lifeline {
    supervisor: Addr<JobSupervisor>,
    work: Option<ImageWork>,
    /// The worker's token; `None` while it waits for the clock.
    busy: Option<Busy>,
}

/// A worker dies while it works. One that is dropped while it waits, as all are when the server stops,
/// has nothing to tell.
impl Drop for Lifeline {
    fn drop(&mut self) {
        if let (Some(work), Some(busy)) = (self.work.take(), self.busy.take()) {
            self.supervisor.do_send(WorkerDied { work, busy });
        }
    }
}

/// What an injected crash unwinds with.
struct InjectedCrash;

impl ImageWorker {
    pub(super) fn new(
        shared: Arc<Shared>,
        shard: u8,
        supervisor: Addr<JobSupervisor>,
        operation: Operation,
        work: ImageWork,
        busy: Busy,
    ) -> Self {
        let lifeline = Lifeline { supervisor, work: Some(work), busy: Some(busy) };
        Self { shared, shard, operation, lifeline, pairs_to_crash: None }
    }

    /// Asks the plan what happens to this life of the worker.
    fn ask_plan(&mut self) {
        let Some(work) = &self.lifeline.work else {
            return;
        };
        let image = work.image().id;
        let event = ImageEvent { operation: self.operation, image };
        let Some(rule) = self.shared.plan.at_image(&event) else {
            return;
        };
        let fired = Event::FaultFired { rule: rule.id.clone(), image };
        let subject = Subject::Image(work.job(), work.index());
        self.shared.record(self.shard, work.at(), subject, fired);
        let Effect::Crash { after_pairs } = rule.effect;
        self.pairs_to_crash = Some(after_pairs);
    }

    /// Works until it has to wait, or to the end.
    fn go_on(&mut self, ctx: &mut Context<Self>) {
        loop {
            self.crash_if_due();
            let Lifeline { work: Some(work), busy, .. } = &mut self.lifeline else {
                return;
            };
            let next = work.next(&self.shared.timing, self.shared.seed);
            let duration = match next {
                Next::Prepare(duration) | Next::Pair(duration) => duration,
                Next::Finish => return self.finish(ctx),
            };
            let Some(busy) = busy.take() else {
                return;
            };
            let (due, subject) = (work.at() + duration, work.subject());
            let wait = self.shared.clock.sleep_until(due, subject, busy);
            match wait.over() {
                Ok(wake) => self.carry_out(next, wake),
                Err(wait) => {
                    self.tell_progress(&wait);
                    return after(self, ctx, wait, move |worker, wake, ctx| {
                        worker.carry_out(next, wake);
                        worker.go_on(ctx);
                    });
                }
            }
        }
    }

    fn carry_out(&mut self, next: Next, Wake { at, busy }: Wake) {
        self.lifeline.busy = Some(busy);
        let Some(work) = &mut self.lifeline.work else {
            return;
        };
        if let Next::Prepare(_) = next {
            work.prepared(at);
        } else if let Some(pair) = work.settle_next(&self.shared.world, at) {
            let whose = (work.job(), work.index(), work.image().id);
            self.shared.record_pair(self.shard, at, whose, &pair);
            self.pairs_to_crash = self.pairs_to_crash.map(|left| left.saturating_sub(1));
        }
    }

    /// Dies as a worker with a defect would: by a panic that unwinds the actor. The panic hook stays
    /// silent, since this one is wanted.
    fn crash_if_due(&self) {
        if self.pairs_to_crash == Some(0) {
            std::panic::resume_unwind(Box::new(InjectedCrash));
        }
    }

    /// Tells how far the work has come, before the wait begins.
    fn tell_progress(&self, wait: &Sleep) {
        let (Some(work), Some(busy)) = (&self.lifeline.work, wait.busy().cloned()) else {
            return;
        };
        let report = WorkerProgress { index: work.index(), progress: work.progress(), busy };
        if report.progress.done > 0 {
            self.lifeline.supervisor.do_send(report);
        }
    }

    fn finish(&mut self, ctx: &mut Context<Self>) {
        if let (Some(work), Some(busy)) = (self.lifeline.work.take(), self.lifeline.busy.take()) {
            self.lifeline.supervisor.do_send(WorkerDone { work, busy });
        }
        ctx.stop();
    }
}

impl Actor for ImageWorker {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        self.ask_plan();
        self.go_on(ctx);
    }
}
