//! `GET /__admin/metrics`: figures for monitoring, in the form that Prometheus reads.

use super::answer::{AdminError, Reply};
use super::ask::Ask;
use super::jobs::gone;
use crate::actors::Shared;
use crate::actors::messages::CountJobs;
use crate::domain::job_census::JobCensus;
use crate::metrics::{CONTENT_TYPE, Scrape};

pub(super) async fn show(ask: Ask) -> Result<Reply, AdminError> {
    let shared = ask.shared();
    let jobs = census(shared).await?;
    let plan = shared.plan.load();
    let scrape = Scrape {
        version: env!("CARGO_PKG_VERSION"),
        started: ask.admin.started,
        shards: shared.shards.count(),
        scopes: ask.scopes.as_ref().map(|scopes| scopes.count()),
        meters: &shared.meters,
        journal: &shared.journal,
        plan: &plan,
        clock: shared.clock.status(),
        admission: &shared.admission,
        jobs,
    };
    Ok(Reply::text(CONTENT_TYPE, scrape.page()))
}

/// What all registries remember.
async fn census(shared: &Shared) -> Result<JobCensus, AdminError> {
    let mut sum = JobCensus::default();
    for shard in 0..shared.shards.count() {
        if let Some(registry) = shared.shards.registry(shard) {
            sum.add(&registry.send(CountJobs).await.map_err(|_| gone())?);
        }
    }
    Ok(sum)
}
