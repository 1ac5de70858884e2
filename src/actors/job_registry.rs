//! The registry of a shard's jobs: it remembers what it is told and answers queries.

use std::sync::Arc;

use actix::{Actor, ActorContext, Context, Handler, MessageResult};

use super::Shared;
use super::messages::{
    AwaitJob, Awaited, Close, CountJobs, FindJob, ForgetJobs, GetJob, GetUnfinished, JobAccepted,
    JobChanged, ListJobs, ShownJob,
};
use super::waiters::Waiters;
use crate::domain::job_table::{JobSnapshot, JobTable, Standing};

/// The actor that job queries go to.
pub struct JobRegistry {
    shared: Arc<Shared>,
    table: JobTable,
    waiters: Waiters,
}

impl JobRegistry {
    /// An empty registry that remembers as much as the simulation says.
    #[must_use]
    pub fn new(shared: Arc<Shared>) -> Self {
        let table = JobTable::new(shared.retention);
        Self { shared, table, waiters: Waiters::default() }
    }
}

impl JobRegistry {
    /// Tells those who wait before the table takes the change: a table that keeps no ended jobs forgets
    /// this one at once.
    fn tell_end(&mut self, change: &JobChanged) {
        if let Some(job) = self.table.find(change.id, self.shared.clock.now()) {
            let ended = JobSnapshot { standing: change.standing.clone(), ..job.clone() };
            self.waiters.ended(&ended);
        }
    }
}

impl Actor for JobRegistry {
    type Context = Context<Self>;
}

impl Handler<JobAccepted> for JobRegistry {
    type Result = ();

    fn handle(&mut self, accepted: JobAccepted, _: &mut Context<Self>) {
        self.table.accept(accepted.job);
    }
}

impl Handler<JobChanged> for JobRegistry {
    type Result = ();

    fn handle(&mut self, change: JobChanged, _: &mut Context<Self>) {
        #[cfg(test)]
        let change =
            JobChanged { standing: self.shared.sabotage_standing(change.standing), ..change };
        let ended = matches!(change.standing, Standing::Ended(_));
        if ended && self.waiters.wait_for(change.id) {
            self.tell_end(&change);
        }
        let keep_past = self.shared.plan.sees_past();
        self.table.change(change.id, change.standing, change.at, keep_past);
    }
}

impl Handler<GetJob> for JobRegistry {
    type Result = MessageResult<GetJob>;

    fn handle(&mut self, query: GetJob, _: &mut Context<Self>) -> Self::Result {
        let (now, saw) = (self.shared.clock.now(), self.shared.journal.next());
        let job = self.table.get(query.id, query.caller, now).cloned();
        let job = match query.as_of {
            Some(time) => job.map(|job| self.table.as_of(job, time)),
            None => job,
        };
        MessageResult(ShownJob { job, saw })
    }
}

impl Handler<FindJob> for JobRegistry {
    type Result = MessageResult<FindJob>;

    fn handle(&mut self, FindJob(id): FindJob, _: &mut Context<Self>) -> Self::Result {
        MessageResult(self.table.find(id, self.shared.clock.now()).cloned())
    }
}

impl Handler<ListJobs> for JobRegistry {
    type Result = MessageResult<ListJobs>;

    fn handle(&mut self, ListJobs(query): ListJobs, _: &mut Context<Self>) -> Self::Result {
        MessageResult(self.table.list(&query, self.shared.clock.now()))
    }
}

impl Handler<CountJobs> for JobRegistry {
    type Result = MessageResult<CountJobs>;

    fn handle(&mut self, _: CountJobs, _: &mut Context<Self>) -> Self::Result {
        MessageResult(self.table.census().clone())
    }
}

impl Handler<AwaitJob> for JobRegistry {
    type Result = MessageResult<AwaitJob>;

    fn handle(&mut self, AwaitJob(id): AwaitJob, _: &mut Context<Self>) -> Self::Result {
        MessageResult(match self.table.find(id, self.shared.clock.now()) {
            None => Awaited::Unknown,
            Some(job) if job.standing.state().is_final() => Awaited::Ended(job.clone()),
            Some(_) => self.waiters.add(id).map_or(Awaited::TooMany, Awaited::GoesOn),
        })
    }
}

impl Handler<ForgetJobs> for JobRegistry {
    type Result = ();

    /// Who waits for a job hears that nobody will tell him.
    fn handle(&mut self, _: ForgetJobs, _: &mut Context<Self>) {
        self.table = JobTable::new(self.shared.retention);
        self.waiters = Waiters::default();
    }
}

impl Handler<GetUnfinished> for JobRegistry {
    type Result = MessageResult<GetUnfinished>;

    fn handle(&mut self, _: GetUnfinished, _: &mut Context<Self>) -> Self::Result {
        MessageResult(self.table.unfinished())
    }
}

impl Handler<Close> for JobRegistry {
    type Result = ();

    fn handle(&mut self, _: Close, ctx: &mut Context<Self>) {
        ctx.stop();
    }
}
