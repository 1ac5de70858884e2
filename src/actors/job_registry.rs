//! The registry of a shard's jobs: it remembers what it is told and answers queries.

use std::sync::Arc;

use actix::{Actor, Context, Handler, MessageResult};

use super::Shared;
use super::messages::{GetJob, GetUnfinished, JobAccepted, JobChanged};
use crate::domain::job_table::JobTable;

/// The actor that job queries go to.
pub struct JobRegistry {
    shared: Arc<Shared>,
    table: JobTable,
}

impl JobRegistry {
    /// An empty registry that remembers as much as the simulation says.
    #[must_use]
    pub fn new(shared: Arc<Shared>) -> Self {
        let table = JobTable::new(shared.retention);
        Self { shared, table }
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
        self.table.change(change.id, change.standing);
    }
}

impl Handler<GetJob> for JobRegistry {
    type Result = MessageResult<GetJob>;

    fn handle(&mut self, query: GetJob, _: &mut Context<Self>) -> Self::Result {
        let now = self.shared.clock.now();
        MessageResult(self.table.get(query.id, query.caller, now).cloned())
    }
}

impl Handler<GetUnfinished> for JobRegistry {
    type Result = MessageResult<GetUnfinished>;

    fn handle(&mut self, _: GetUnfinished, _: &mut Context<Self>) -> Self::Result {
        MessageResult(self.table.unfinished())
    }
}
