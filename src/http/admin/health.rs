//! `GET /__admin/health`: whether the server lets work in, and what it has done; and the same in a word for
//! probes, which look at the status alone.

use actix_web::http::StatusCode;
use serde::Serialize;

use super::Admin;
use super::answer::{AdminError, Reply};
use super::ask::Ask;
use crate::api::time;

#[derive(Serialize)]
struct Health {
    status: &'static str,
    #[serde(flatten)]
    probes: Probes,
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

/// What probes want to know.
#[derive(Serialize)]
struct Probes {
    /// Whether it serves at all; whoever reads this knows.
    live: bool,
    /// Whether it lets work in.
    ready: bool,
    /// Whether it lets no more work in, since it ends.
    draining: bool,
    /// Why it is not ready.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl Probes {
    fn of(admin: &Admin) -> Self {
        let shared = &admin.shared;
        let draining = shared.admission.is_draining();
        let reason = if draining { Some(why_draining(admin)) } else { why_starting(admin) };
        Self { live: true, ready: reason.is_none(), draining, reason }
    }
}

fn why_draining(admin: &Admin) -> String {
    let jobs = admin.shared.admission.running_jobs();
    format!("the server is draining: no new jobs are let in, and {jobs} still run")
}

/// A server listens a moment before the last of its threads serves. The shards of a scope start when the first
/// request for them comes, and those of a replay before it.
fn why_starting(admin: &Admin) -> Option<String> {
    admin.scopes.as_ref()?;
    let shards = &admin.shared.shards;
    let all = shards.count();
    let started = (0..all).filter(|shard| shards.registry(*shard).is_some()).count();
    (started < all).then(|| format!("the server is starting: {started} of {all} shards serve"))
}

/// Whoever gets an answer has found it alive.
pub(super) async fn live(ask: Ask) -> Result<Reply, AdminError> {
    Ok(Reply::ok(&Probes::of(&ask.admin)))
}

/// 503 while work would be refused, whatever its sender does.
pub(super) async fn ready(ask: Ask) -> Result<Reply, AdminError> {
    let probes = Probes::of(&ask.admin);
    let status = if probes.ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    Ok(Reply::new(status, &probes))
}

pub(super) async fn show(ask: Ask) -> Result<Reply, AdminError> {
    let shared = ask.shared();
    let (now, counts) = (shared.clock.now(), shared.admission.counts());
    Ok(Reply::ok(&Health {
        status: if shared.admission.is_draining() { "draining" } else { "ok" },
        probes: Probes::of(&ask.admin),
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
