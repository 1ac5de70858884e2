//! What an endpoint is, and the table of those that stand alone; groups have theirs with them.

use futures_core::future::LocalBoxFuture;
use serde::Serialize;

use super::answer::{AdminError, Reply};
use super::ask::Ask;
use super::{
    PREFIX, clock, counters, faults, health, jobs, journal, metrics, openapi, recording, reset,
    scopes, verify, wait, world,
};

/// One endpoint.
pub(super) struct Endpoint {
    /// The method.
    pub(super) method: &'static str,
    /// The path below the prefix; a segment in braces stands for any text.
    pub(super) path: &'static str,
    /// What it does, in one sentence.
    pub(super) says: &'static str,
    /// The query parameters that it knows.
    pub(super) query: &'static [&'static str],
    /// Whether it takes a body.
    pub(super) takes_body: bool,
    /// Serves it.
    pub(super) serve: Serve,
}

type Serve = fn(Ask) -> LocalBoxFuture<'static, Result<Reply, AdminError>>;

/// Every endpoint, in the order in which they are listed and in which a path is held against them.
pub(super) fn all() -> impl Iterator<Item = &'static Endpoint> {
    let groups = [
        ENDPOINTS,
        faults::ENDPOINTS,
        clock::ENDPOINTS,
        world::ENDPOINTS,
        reset::ENDPOINTS,
        recording::ENDPOINTS,
        openapi::ENDPOINTS,
        scopes::ENDPOINTS,
    ];
    groups.into_iter().flatten()
}

/// What looks and changes nothing.
const ENDPOINTS: &[Endpoint] = &[
    Endpoint::new("GET", "", "Lists the endpoints of the admin API.", &[], |_| Box::pin(list())),
    Endpoint::new(
        "GET",
        "/health",
        "Says whether the server lets work in, how long it has run, and what became of its jobs.",
        &[],
        |ask| Box::pin(health::show(ask)),
    ),
    Endpoint::new(
        "GET",
        "/health/live",
        "Answers 200 as long as the server serves, for probes that would start it anew.",
        &[],
        |ask| Box::pin(health::live(ask)),
    ),
    Endpoint::new(
        "GET",
        "/health/ready",
        "Answers 200 if work is let in, and 503 with the reason while the server starts or drains.",
        &[],
        |ask| Box::pin(health::ready(ask)),
    ),
    Endpoint::new(
        "GET",
        "/journal",
        "Shows what happened: the newest entries that match, or from `since` on, oldest first.",
        journal::PARAMETERS,
        |ask| Box::pin(journal::show(ask)),
    ),
    Endpoint::new("DELETE", "/journal", "Empties the journal; counters stay.", &[], |ask| {
        Box::pin(journal::clear(ask))
    }),
    Endpoint::new(
        "GET",
        "/counters",
        "Counts calls by operation, project, status and error code, and events; exact for ever.",
        &[],
        |ask| Box::pin(counters::show(ask)),
    ),
    Endpoint::new(
        "GET",
        "/metrics",
        "Shows calls, jobs, faults, queues and the clock as figures for Prometheus.",
        &[],
        |ask| Box::pin(metrics::show(ask)),
    ),
    Endpoint::new(
        "POST",
        "/verify",
        "Says how often a call was made, and answers 409 if a given bound does not hold.",
        &[],
        |ask| Box::pin(verify::answer(ask)),
    )
    .taking_body(),
    Endpoint::new(
        "GET",
        "/jobs",
        "Lists the jobs of all projects by the time of their submission.",
        jobs::PARAMETERS,
        |ask| Box::pin(jobs::list(ask)),
    ),
    Endpoint::new(
        "GET",
        "/jobs/{job_id}",
        "Shows one job with its results, whoever owns it.",
        &[],
        |ask| Box::pin(jobs::show(ask)),
    ),
    Endpoint::new(
        "GET",
        "/wait",
        "Answers when a job has ended, or with 408 after `timeout` of real time.",
        wait::PARAMETERS,
        |ask| Box::pin(wait::until_final(ask)),
    ),
];

impl Endpoint {
    /// An endpoint without a body.
    pub(super) const fn new(
        method: &'static str,
        path: &'static str,
        says: &'static str,
        query: &'static [&'static str],
        serve: Serve,
    ) -> Self {
        Self { method, path, says, query, takes_body: false, serve }
    }

    /// The same with a body.
    pub(super) const fn taking_body(self) -> Self {
        Self { takes_body: true, ..self }
    }
}

#[derive(Serialize)]
struct Listed {
    endpoints: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    method: &'static str,
    path: String,
    does: &'static str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    parameters: &'static [&'static str],
}

async fn list() -> Result<Reply, AdminError> {
    let rows = all().map(|one| Row {
        method: one.method,
        path: format!("{PREFIX}{}", one.path),
        does: one.says,
        parameters: one.query,
    });
    Ok(Reply::ok(&Listed { endpoints: rows.collect() }))
}
