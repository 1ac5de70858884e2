//! The worker of one image of a job, and alone in changing memberships.

use std::rc::Rc;

use actix::{Actor, ActorContext, Addr, Context};

use super::messages::{WorkerDied, WorkerDone, WorkerForgotten, WorkerProgress, WorkerStuck};
use super::pause::after;
use super::shared::Here;
use super::{Generation, JobSupervisor, occasion};
use crate::api::Code;
use crate::clock::{Busy, SimDuration, Sleep, Wake};
use crate::domain::conduct::Manner;
use crate::domain::image_work::{ImageWork, Next};
use crate::faults::{Effect, Point};
use crate::seed::Subject;

/// The actor of one image of a job.
pub struct ImageWorker {
    shared: Here,
    shard: u8,
    /// When its job began. Once a reset has made this the past, the worker ends without a word.
    generation: Generation,
    lifeline: Lifeline,
    /// A rule lets this life end when so many more pairs are settled.
    pairs_to_crash: Option<u32>,
    /// How much later than usual this life begins to work.
    delay: SimDuration,
    /// It never goes on.
    stuck: bool,
    /// A rule lets the next pair fail, with this code or the one that the contract names.
    pair_fails: Option<Option<Code>>,
}

/// The work, and whom it goes back to when the worker dies.
///
/// actix tells nobody that an actor panicked, but it drops the actor. What is handed over then holds
/// every pair that was settled, so nothing that was done is forgotten or done again.
struct Lifeline {
    /// Shared by all workers of the job, since a copy of an address is two allocations.
    supervisor: Rc<Addr<JobSupervisor>>,
    work: Option<ImageWork>,
    /// The worker's token; `None` while it waits for the clock.
    busy: Option<Busy>,
    /// Whether the supervisor may restart the worker.
    may_restart: bool,
}

/// A worker dies while it works. One that is dropped while it waits, as all are when the server stops,
/// has nothing to tell.
impl Drop for Lifeline {
    fn drop(&mut self) {
        if let (Some(work), Some(busy)) = (self.work.take(), self.busy.take()) {
            let may_restart = self.may_restart;
            self.supervisor.do_send(WorkerDied { work, may_restart, busy });
        }
    }
}

/// What an injected crash unwinds with.
struct InjectedCrash;

impl ImageWorker {
    pub(super) fn new(
        shared: Here,
        shard: u8,
        (supervisor, generation): (Rc<Addr<JobSupervisor>>, Generation),
        work: ImageWork,
        busy: Busy,
    ) -> Self {
        let work = Some(work);
        shared.meters.worker_begins(shard);
        Self {
            shared,
            shard,
            generation,
            lifeline: Lifeline { supervisor, work, busy: Some(busy), may_restart: true },
            pairs_to_crash: None,
            delay: SimDuration::ZERO,
            stuck: false,
            pair_fails: None,
        }
    }

    /// Asks the plan what happens to this life of the worker.
    fn ask_plan(&mut self) {
        let shared = &self.shared;
        let Some(work) =
            self.lifeline.work.as_mut().filter(|_| !shared.plan.is_empty_at(Point::Image))
        else {
            return;
        };
        let (job, index) = (work.job(), work.index());
        let verdict = occasion::with_image(
            work.at(),
            job,
            work.batch(),
            (index, work.pairs_left()),
            |event| shared.ask(self.shard, Subject::Image(job, index), event),
        );
        self.delay = verdict.delay;
        work.conduct(Manner::Faithful);
        match verdict.winner.as_ref().map(|rule| &rule.effect) {
            Some(Effect::Crash { after_pairs, restart }) => {
                self.pairs_to_crash = Some(*after_pairs);
                self.lifeline.may_restart = *restart;
            }
            Some(Effect::Stick(_)) => self.stuck = true,
            Some(Effect::RunTwice) => work.run_twice(),
            Some(Effect::Fail(code)) => work.conduct(Manner::Fail(*code)),
            Some(Effect::ClaimSuccess) => work.conduct(Manner::ClaimSuccess),
            Some(Effect::ClaimFailure(code)) => work.conduct(Manner::ClaimFailure(*code)),
            _ => {}
        }
    }

    /// Asks the plan what happens to the next pair, once it is the pair's turn; gives how much longer it
    /// takes.
    fn ask_about_pair(&mut self) -> SimDuration {
        self.pair_fails = None;
        let shared = &self.shared;
        let work = self.lifeline.work.as_ref().filter(|_| !shared.plan.is_empty_at(Point::Pair));
        let next = work.and_then(|work| Some((work, work.next_project()?)));
        let Some((work, project)) = next else {
            return SimDuration::ZERO;
        };
        let (job, pair) = (work.job(), (work.index(), project));
        let verdict = occasion::with_pair(work.at(), job, work.batch(), pair, |event| {
            shared.ask(self.shard, work.subject(), event)
        });
        if let Some(Effect::Fail(code)) = verdict.winner.as_ref().map(|rule| &rule.effect) {
            self.pair_fails = Some(*code);
        }
        verdict.delay
    }

    /// Begins after the delay that a rule wants: also where a dead worker's work goes on half done.
    fn begin(&mut self, ctx: &mut Context<Self>) {
        let Lifeline { work: Some(work), busy, .. } = &mut self.lifeline else {
            return;
        };
        let Some(busy) = busy.take() else {
            return;
        };
        let wait = self.shared.clock.sleep_for(work.at(), self.delay, work.subject(), busy);
        after(self, ctx, wait, |worker, Wake { at, busy }, ctx| {
            worker.lifeline.busy = Some(busy);
            if let Some(work) = &mut worker.lifeline.work {
                work.paused_until(at);
            }
            worker.go_on(ctx);
        });
    }

    /// Works until it has to wait, or to the end.
    fn go_on(&mut self, ctx: &mut Context<Self>) {
        loop {
            if self.shared.is_past(self.generation) {
                let busy = self.lifeline.busy.take();
                return self.end_silently(busy, ctx);
            }
            self.crash_if_due();
            let delay = self.ask_about_pair();
            let Lifeline { work: Some(work), busy, .. } = &mut self.lifeline else {
                return;
            };
            let next = work.next(&self.shared.timing, self.shared.seed);
            let duration = match next {
                Next::Prepare(duration) => duration,
                Next::Pair(duration) => duration + delay,
                Next::Again => {
                    work.begin_again();
                    continue;
                }
                Next::Finish => return self.finish(ctx),
            };
            let Some(busy) = busy.take() else {
                return;
            };
            let (from, subject) = (work.at(), work.subject());
            let wait = self.shared.clock.sleep_for(from, duration, subject, busy);
            match wait.over() {
                Ok(wake) => self.carry_out(next, wake),
                Err(wait) => {
                    self.tell_progress(&wait);
                    return after(self, ctx, wait, move |worker, wake, ctx| {
                        worker.wake(next, wake, ctx);
                    });
                }
            }
        }
    }

    fn wake(&mut self, next: Next, wake: Wake, ctx: &mut Context<Self>) {
        if self.shared.is_past(self.generation) {
            return self.end_silently(Some(wake.busy), ctx);
        }
        self.carry_out(next, wake);
        self.go_on(ctx);
    }

    /// Ends because of a reset, and tells nobody but its supervisor.
    fn end_silently(&mut self, busy: Option<Busy>, ctx: &mut Context<Self>) {
        self.lifeline.work = None;
        if let Some(busy) = busy {
            self.lifeline.supervisor.do_send(WorkerForgotten { busy });
        }
        ctx.stop();
    }

    /// Waits for what only a reset brings.
    fn stay(&mut self, ctx: &mut Context<Self>) {
        if let (Some(work), Some(busy)) = (&self.lifeline.work, self.lifeline.busy.take()) {
            let stuck = self.shared.clock.stay(work.subject(), busy);
            after(self, ctx, stuck, |worker, wake, ctx| {
                worker.end_silently(Some(wake.busy), ctx);
            });
        }
    }

    fn carry_out(&mut self, next: Next, Wake { at, busy }: Wake) {
        self.lifeline.busy = Some(busy);
        let Some(work) = &mut self.lifeline.work else {
            return;
        };
        if let Next::Prepare(_) = next {
            work.prepared(at);
        } else if let Some(pair) = work.settle_next(&self.shared.world, at, self.pair_fails) {
            #[cfg(test)]
            let Some(pair) = self.shared.sabotage_pair(at, work, pair) else { return };
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

impl Drop for ImageWorker {
    fn drop(&mut self) {
        self.shared.meters.worker_ends(self.shard);
    }
}

impl Actor for ImageWorker {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        if self.shared.is_past(self.generation) {
            return self.go_on(ctx);
        }
        self.ask_plan();
        #[cfg(test)]
        if let Some(work) = &mut self.lifeline.work {
            self.stuck |= self.shared.sabotage_life(work);
        }
        if self.stuck {
            if let Some(busy) = self.lifeline.busy.clone() {
                self.lifeline.supervisor.do_send(WorkerStuck { busy });
            }
            return self.stay(ctx);
        }
        match self.delay {
            SimDuration::ZERO => self.go_on(ctx),
            _ => self.begin(ctx),
        }
    }
}
