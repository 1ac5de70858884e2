//! The registry of a shard's jobs: it remembers what it is told and answers queries.
//!
//! It alone writes what it remembers; how an ended job ended, which no worker changes any more, others may read
//! there without asking it, see [`super::shared::Shards::ended_job`].

use std::sync::Arc;

use actix::{Actor, ActorContext, Context, Handler, MessageResult};
use parking_lot::{RwLockReadGuard, RwLockWriteGuard};

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
    shard: u8,
    waiters: Waiters,
}

impl JobRegistry {
    /// The registry of a shard, which remembers as much as the simulation says.
    #[must_use]
    pub fn new(shared: Arc<Shared>, shard: u8) -> Self {
        Self { shared, shard, waiters: Waiters::default() }
    }

    fn table(&self) -> RwLockReadGuard<'_, JobTable> {
        self.shared.shards.table(self.shard).read()
    }

    fn table_to_change(&self) -> RwLockWriteGuard<'_, JobTable> {
        self.shared.shards.table(self.shard).write()
    }

    /// Tells those who wait before the table takes the change: a table that keeps no ended jobs forgets
    /// this one at once.
    fn tell_end(&mut self, change: &JobChanged) {
        let job = self.table().find(change.id, self.shared.clock.now()).cloned();
        if let Some(job) = job {
            let ended = JobSnapshot { standing: change.standing.clone(), ..job };
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
        self.table_to_change().accept(accepted.job);
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
        self.table_to_change().change(change.id, change.standing, change.at, keep_past);
    }
}

impl Handler<GetJob> for JobRegistry {
    type Result = MessageResult<GetJob>;

    fn handle(&mut self, query: GetJob, _: &mut Context<Self>) -> Self::Result {
        let (now, saw) = (self.shared.clock.now(), self.shared.journal.next());
        let table = self.table();
        let job = table.get(query.id, query.caller, now).cloned();
        let job = match query.as_of {
            Some(time) => job.map(|job| table.as_of(job, time)),
            None => job,
        };
        MessageResult(ShownJob { job, saw })
    }
}

impl Handler<FindJob> for JobRegistry {
    type Result = MessageResult<FindJob>;

    fn handle(&mut self, FindJob(id): FindJob, _: &mut Context<Self>) -> Self::Result {
        MessageResult(self.table().find(id, self.shared.clock.now()).cloned())
    }
}

impl Handler<ListJobs> for JobRegistry {
    type Result = MessageResult<ListJobs>;

    fn handle(&mut self, ListJobs(query): ListJobs, _: &mut Context<Self>) -> Self::Result {
        MessageResult(self.table().list(&query, self.shared.clock.now()))
    }
}

impl Handler<CountJobs> for JobRegistry {
    type Result = MessageResult<CountJobs>;

    fn handle(&mut self, _: CountJobs, _: &mut Context<Self>) -> Self::Result {
        MessageResult(self.table().census().clone())
    }
}

impl Handler<AwaitJob> for JobRegistry {
    type Result = MessageResult<AwaitJob>;

    fn handle(&mut self, AwaitJob(id): AwaitJob, _: &mut Context<Self>) -> Self::Result {
        let job = self.table().find(id, self.shared.clock.now()).cloned();
        MessageResult(match job {
            None => Awaited::Unknown,
            Some(job) if job.standing.state().is_final() => Awaited::Ended(job),
            Some(_) => self.waiters.add(id).map_or(Awaited::TooMany, Awaited::GoesOn),
        })
    }
}

impl Handler<ForgetJobs> for JobRegistry {
    type Result = ();

    /// Who waits for a job hears that nobody will tell him.
    fn handle(&mut self, _: ForgetJobs, _: &mut Context<Self>) {
        let empty = JobTable::new(self.shared.retention);
        let old = std::mem::replace(&mut *self.table_to_change(), empty);
        // Freeing a hundred thousand jobs takes a while, for which nobody who reads the new table waits.
        drop(old);
        self.waiters = Waiters::default();
    }
}

impl Handler<GetUnfinished> for JobRegistry {
    type Result = MessageResult<GetUnfinished>;

    fn handle(&mut self, _: GetUnfinished, _: &mut Context<Self>) -> Self::Result {
        MessageResult(self.table().unfinished())
    }
}

impl Handler<Close> for JobRegistry {
    type Result = ();

    fn handle(&mut self, _: Close, ctx: &mut Context<Self>) {
        ctx.stop();
    }
}
