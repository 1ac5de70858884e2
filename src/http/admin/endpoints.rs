//! The one table of the endpoints.

use actix_web::http::{StatusCode, header};
use futures_core::future::LocalBoxFuture;
use serde::Serialize;

use super::answer::{AdminError, Reply};
use super::ask::Ask;
use super::query::listed;
use super::{PREFIX, counters, health, jobs, journal, verify, wait};
use crate::scenario::problem::nearest;

/// One endpoint.
pub(super) struct Endpoint {
    /// The method.
    method: &'static str,
    /// The path below the prefix; a segment in braces stands for any text.
    path: &'static str,
    /// What it does, in one sentence.
    says: &'static str,
    /// The query parameters that it knows.
    pub(super) query: &'static [&'static str],
    /// Whether it takes a body.
    pub(super) takes_body: bool,
    /// Serves it.
    pub(super) serve: Serve,
}

type Serve = fn(Ask) -> LocalBoxFuture<'static, Result<Reply, AdminError>>;

/// Every endpoint, in the order in which they are listed.
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
    const fn new(
        method: &'static str,
        path: &'static str,
        says: &'static str,
        query: &'static [&'static str],
        serve: Serve,
    ) -> Self {
        Self { method, path, says, query, takes_body: false, serve }
    }

    const fn taking_body(self) -> Self {
        Self { takes_body: true, ..self }
    }
}

/// The endpoint of a request, and what stands in its path in place of the braces.
pub(super) fn find(method: &str, path: &str) -> Result<(&'static Endpoint, String), AdminError> {
    let Some(below) = below_prefix(path) else {
        let message = format!("`{path}` is not served here; GET {PREFIX} lists what is");
        return Err(AdminError::new(StatusCode::NOT_FOUND, message));
    };
    let there = || ENDPOINTS.iter().filter_map(|one| Some((one, piece(one.path, below)?)));
    if let Some(found) = there().find(|(one, _)| one.method == method) {
        return Ok(found);
    }
    let methods: Vec<&str> = there().map(|(one, _)| one.method).collect();
    if methods.is_empty() {
        return Err(unknown_path(below));
    }
    let allowed = listed(methods.iter().copied());
    let message = format!("found {method}; `{PREFIX}{below}` is called with {allowed}");
    let error = AdminError::new(StatusCode::METHOD_NOT_ALLOWED, message);
    Err(error.with_header(header::ALLOW, methods.join(", ")))
}

/// 404 with the nearest path, in which the request's own last segment stands in place of braces.
fn unknown_path(below: &str) -> AdminError {
    let last = below.rsplit('/').next().unwrap_or_default();
    let paths = ENDPOINTS.iter().map(|one| match one.path.split_once('{') {
        Some((front, _)) => format!("{front}{last}"),
        None => one.path.to_owned(),
    });
    let paths: Vec<String> = paths.collect();
    // Compared without the prefix, which would make all paths alike.
    let near = nearest(below, paths.iter().map(String::as_str));
    let near = near.replace("mean `", &format!("mean `{PREFIX}"));
    let message = format!("there is no `{PREFIX}{below}`; GET {PREFIX} lists what there is{near}");
    AdminError::new(StatusCode::NOT_FOUND, message)
}

/// The path below the prefix, without a slash at its end.
fn below_prefix(path: &str) -> Option<&str> {
    let below = path.strip_prefix(PREFIX)?;
    (below.is_empty() || below.starts_with('/')).then(|| below.strip_suffix('/').unwrap_or(below))
}

/// What stands in place of the braces if a path matches, and nothing if there are none.
fn piece(template: &str, path: &str) -> Option<String> {
    let Some((front, _)) = template.split_once('{') else {
        return (template == path).then(String::new);
    };
    let piece = path.strip_prefix(front)?;
    (!piece.is_empty() && !piece.contains('/')).then(|| piece.to_owned())
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
    let rows = ENDPOINTS.iter().map(|one| Row {
        method: one.method,
        path: format!("{PREFIX}{}", one.path),
        does: one.says,
        parameters: one.query,
    });
    Ok(Reply::ok(&Listed { endpoints: rows.collect() }))
}
