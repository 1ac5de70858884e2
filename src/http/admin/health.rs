//! `GET /__admin/health`: whether the server lets work in, and what it has done.

use serde::Serialize;

use super::answer::{AdminError, Reply};
use super::ask::Ask;
use crate::api::time;

#[derive(Serialize)]
struct Health {
    status: &'static str,
    version: &'static str,
    seed: u64,
    /// A hash of what was taken from the scenario file: servers with the same one serve alike.
    scenario: String,
    shards: usize,
    now: String,
    /// In simulated time.
    uptime: String,
    jobs: Jobs,
}

#[derive(Serialize)]
struct Jobs {
    running: usize,
    accepted: u64,
    succeeded: u64,
    failed: u64,
    /// Kept from running by fault rules.
    lost: u64,
}

pub(super) async fn show(ask: Ask) -> Result<Reply, AdminError> {
    let shared = ask.shared();
    let (now, counts) = (shared.clock.now(), shared.admission.counts());
    Ok(Reply::ok(&Health {
        status: if shared.admission.is_draining() { "draining" } else { "ok" },
        version: env!("CARGO_PKG_VERSION"),
        seed: shared.seed.number(),
        scenario: shared.by_hand.scenario().to_owned(),
        shards: shared.shards.count(),
        now: time::with_millis(now.as_millis()),
        uptime: (now - ask.admin.started).to_string(),
        jobs: Jobs {
            running: shared.admission.running_jobs(),
            accepted: counts.accepted,
            succeeded: counts.succeeded,
            failed: counts.failed,
            lost: counts.lost,
        },
    }))
}
