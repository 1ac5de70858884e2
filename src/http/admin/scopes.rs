//! `/__admin/scopes`: simulations beside the server's own, for tests that share it.

use std::path::Path;
use std::sync::Arc;

use actix_web::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::PREFIX;
use super::answer::{AdminError, Reply};
use super::ask::Ask;
use super::body;
use super::endpoints::Endpoint;
use crate::api::time;
use crate::clock::{Mode, SimDuration};
use crate::http::scopes::{
    LONGEST_NAME, LONGEST_TIME_TO_LIVE, MOST_SCOPES, NoScope, NotOpened, SHORTEST_TIME_TO_LIVE,
    Scope, Scopes, USUAL_TIME_TO_LIVE, Wanted,
};
use crate::journal::EventKind;
use crate::scenario::span::Span;
use crate::scenario::{Contents, Problem, ScenarioFile};
use crate::seed::Seed;

/// The endpoints.
pub(super) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::new(
        "GET",
        "/scopes",
        "Lists the scopes: simulations for requests with the header `X-Imsim-Scope: NAME`.",
        &[],
        |ask| Box::pin(list(ask)),
    ),
    Endpoint::new(
        "POST",
        "/scopes",
        "Creates a scope, with a `name`, a `scenario`, a `seed`, a `clock` and a `time_to_live` where they \
         are given.",
        &[],
        |ask| Box::pin(open(ask)),
    )
    .taking_body(),
    Endpoint::new(
        "GET",
        "/scopes/{name}",
        "Shows a scope with what is in its world.",
        &[],
        |ask| Box::pin(show(ask)),
    ),
    Endpoint::new(
        "DELETE",
        "/scopes/{name}",
        "Closes a scope, and answers when everything in it has ended.",
        &[],
        |ask| Box::pin(close(ask)),
    ),
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    name: Option<String>,
    scenario: Option<Box<RawValue>>,
    seed: Option<u64>,
    clock: Option<String>,
    time_to_live: Option<Span>,
}

#[derive(Serialize)]
struct List {
    scopes: Vec<Summary>,
}

#[derive(Serialize)]
struct Summary {
    name: String,
    /// In real time, as all about its life.
    created: String,
    age: String,
    idle: String,
    time_to_live: String,
    seed: u64,
    clock: Option<String>,
    /// How many calls it has had.
    calls: u64,
    jobs: Jobs,
}

#[derive(Serialize)]
struct Jobs {
    running: usize,
    accepted: u64,
}

#[derive(Serialize)]
struct Full {
    #[serde(flatten)]
    summary: Summary,
    #[serde(flatten)]
    contents: Contents,
}

#[derive(Serialize)]
struct Closed<'a> {
    closed: &'a str,
    /// How many jobs ran and were ended.
    jobs_ended: usize,
}

impl Summary {
    fn of(scope: &Scope) -> Self {
        let shared = scope.shared();
        Self {
            name: scope.name().to_owned(),
            created: time::with_millis(scope.created().as_millis()),
            age: scope.age().to_string(),
            idle: scope.idle().to_string(),
            time_to_live: scope.time_to_live().to_string(),
            seed: shared.seed.number(),
            clock: shared.clock.mode().map(|mode| mode.to_string()),
            calls: shared.journal.totals().events[EventKind::Call as usize],
            jobs: Jobs {
                running: shared.admission.running_jobs(),
                accepted: shared.admission.counts().accepted,
            },
        }
    }
}

impl Full {
    fn of(scope: &Scope) -> Self {
        Self { summary: Summary::of(scope), contents: Contents::of(&scope.shared().world) }
    }
}

/// The scopes of the server, which has them unless it is a replay.
fn scopes(ask: &Ask) -> Result<&Arc<Scopes>, AdminError> {
    ask.scopes.as_ref().ok_or_else(|| {
        AdminError::new(StatusCode::CONFLICT, "a replay has one world, and no scopes beside it")
    })
}

async fn list(ask: Ask) -> Result<Reply, AdminError> {
    let all = scopes(&ask)?.all();
    let shown = all.iter().map(|scope| Summary::of(scope));
    Ok(Reply::ok(&List { scopes: shown.collect() }))
}

async fn show(ask: Ask) -> Result<Reply, AdminError> {
    let scope = scopes(&ask)?.look(ask.piece(0));
    let scope = scope.ok_or_else(|| unknown(ask.piece(0)))?;
    Ok(Reply::ok(&Full::of(&scope)))
}

async fn open(ask: Ask) -> Result<Reply, AdminError> {
    let scopes = scopes(&ask)?;
    let asked: Asked = body::json(&ask.body)?;
    let scope = scopes.open(asked.wanted()?).map_err(not_opened)?;
    Ok(Reply::new(StatusCode::CREATED, &Full::of(&scope)))
}

async fn close(ask: Ask) -> Result<Reply, AdminError> {
    let (scopes, name) = (Arc::clone(scopes(&ask)?), ask.piece(0).to_owned());
    // A task of its own: whoever does not wait for the answer must not leave it half done.
    let done = actix_web::rt::spawn(async move { scopes.close(&name).await });
    let stopping = || not_opened(NotOpened::Stopping);
    let jobs_ended = done.await.map_err(|_| stopping())?;
    let jobs_ended = jobs_ended.ok_or_else(|| unknown(ask.piece(0)))?;
    Ok(Reply::ok(&Closed { closed: ask.piece(0), jobs_ended }))
}

impl Asked {
    fn wanted(self) -> Result<Wanted, AdminError> {
        Ok(Wanted {
            name: self.name.map(checked_name).transpose()?,
            scenario: self.scenario.map(|text| scenario(&text)).transpose()?,
            seed: self.seed.map(Seed::new),
            clock: self.clock.as_deref().map(mode).transpose()?,
            time_to_live: checked_life(self.time_to_live)?,
        })
    }
}

fn checked_name(name: String) -> Result<String, AdminError> {
    let letter = |c: char| c.is_ascii_alphanumeric() || "._-:".contains(c);
    // Paths have a meaning for these, so that nobody could close such a scope.
    let is_step = matches!(name.as_str(), "." | "..");
    if !is_step && !name.is_empty() && name.len() <= LONGEST_NAME && name.chars().all(letter) {
        return Ok(name);
    }
    let right = format!(
        "a name has 1 to {LONGEST_NAME} of the letters `a-z`, `A-Z`, `0-9` and `._-:`, and is not `.` or `..`"
    );
    Err(AdminError::at("name", format!("found `{name}`; {right}")))
}

fn mode(text: &str) -> Result<Mode, AdminError> {
    text.parse().map_err(|error| AdminError::at("clock", format!("found `{text}`; {error}")))
}

fn checked_life(asked: Option<Span>) -> Result<SimDuration, AdminError> {
    let span = asked.map_or(USUAL_TIME_TO_LIVE, |Span(span)| span);
    if (SHORTEST_TIME_TO_LIVE..=LONGEST_TIME_TO_LIVE).contains(&span) {
        return Ok(span);
    }
    let right = format!("it is from {SHORTEST_TIME_TO_LIVE} to {LONGEST_TIME_TO_LIVE}");
    Err(AdminError::at("time_to_live", format!("found {span}; {right}")))
}

/// Reads the scenario that stands in a request.
fn scenario(text: &RawValue) -> Result<ScenarioFile, AdminError> {
    let text = text.get();
    if !text.starts_with('{') {
        return Err(AdminError::at("scenario", "a scenario is a JSON object, as in a file"));
    }
    ScenarioFile::parse(Path::new("scenario"), text.to_owned()).map_err(wrong)
}

/// What is wrong with the scenario, with its place in the request.
fn wrong(problem: Problem) -> AdminError {
    let at = match problem.path.as_str() {
        "" | "." | "?" => "scenario".to_owned(),
        path => format!("scenario.{path}"),
    };
    AdminError::at(&at, problem.message)
}

fn not_opened(why: NotOpened) -> AdminError {
    match why {
        NotOpened::Wrong(problem) => wrong(problem),
        NotOpened::Taken(name) => {
            let ways = format!("DELETE {PREFIX}/scopes/{{name}} closes it");
            let message = format!("there is a scope named `{name}` already; {ways}");
            AdminError::about(StatusCode::CONFLICT, "name", message)
        }
        NotOpened::TooMany => {
            let ways = format!("DELETE {PREFIX}/scopes/{{name}} closes one");
            let message = format!("there are {MOST_SCOPES} scopes, which is the most; {ways}");
            AdminError::new(StatusCode::TOO_MANY_REQUESTS, message)
        }
        NotOpened::Stopping => {
            AdminError::new(StatusCode::SERVICE_UNAVAILABLE, "the server is stopping")
        }
    }
}

fn no_such(name: &str, near: &str) -> String {
    let gone = "it was never created, was closed, or outlived its time without a request";
    format!("no scope is named `{name}`: {gone}; POST {PREFIX}/scopes creates one{near}")
}

/// 404: the path names a scope that there is not.
fn unknown(name: &str) -> AdminError {
    AdminError::new(StatusCode::NOT_FOUND, no_such(name, ""))
}

impl From<NoScope> for AdminError {
    fn from(why: NoScope) -> Self {
        let (status, message) = match why {
            NoScope::Unknown(name, near) => (StatusCode::NOT_FOUND, no_such(&name, &near)),
            NoScope::Closed => (StatusCode::NOT_FOUND, "the scope was closed meanwhile".to_owned()),
            NoScope::Twice => (
                StatusCode::BAD_REQUEST,
                "the header stands twice; a request is for one scope".into(),
            ),
            NoScope::Replay => {
                (StatusCode::NOT_FOUND, "a replay has one world, and no scopes beside it".into())
            }
        };
        Self::about(status, "X-Imsim-Scope", message)
    }
}
