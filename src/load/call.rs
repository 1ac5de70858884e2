//! One request and what came of it.

use std::cell::Cell;
use std::sync::Arc;
use std::time::Duration;

use actix_web::http::header::HeaderMap;
use actix_web::web::Bytes;
use serde::Deserialize;
use tokio::sync::{Semaphore, watch};

use super::ledger::Micros;
use super::request::Request;
use crate::clock::{SimDuration, WallInstant, WallTime};
use crate::http::RULES_HEADER;
use crate::replay::BaseUrl;
use crate::replay::target::client::{self, Client};

/// The longest answer that is read: a job of ten thousand pairs has two megabytes.
const LONGEST_ANSWER: usize = 16 * 1024 * 1024;
/// The longest `Retry-After` that is believed; beyond it nobody's job waits.
const LONGEST_RETRY_AFTER: u64 = 3_600;

/// The word for a connection that did not come about.
const UNREACHABLE: &str = "unreachable";

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Ending {
    /// With a whole answer of this status.
    Status(u16),
    /// In another way, in the words of scenario files; or `unreachable`, `unreadable` if it is no JSON,
    /// `no_job_id` if it is the success of a batch and names no job, `not_sent` if no connection came free in
    /// time, or `cut_off` with the run.
    Broken(&'static str),
}

/// What came of a request.
#[derive(Debug)]
pub(super) struct Answered {
    pub(super) ending: Ending,
    /// The code of a refusal, if its body has one.
    pub(super) code: Option<Arc<str>>,
    pub(super) body: Bytes,
    /// The fault rules that the answer names.
    pub(super) rules: Vec<Arc<str>>,
    pub(super) retry_after: Option<Duration>,
    /// When a connection was there to send it on; where none came free, when that was clear.
    pub(super) sent: Micros,
    /// Whether it left at all.
    pub(super) was_sent: bool,
    /// Whether there was nobody to connect to, which a machine that wants for something, or does not trust whom it
    /// meets, does not mean.
    pub(super) found_nobody: bool,
    pub(super) ended: Micros,
}

impl Answered {
    /// Whether it is what was asked for.
    pub(super) fn is_good(&self) -> bool {
        matches!(self.ending, Ending::Status(status) if status < 400)
    }

    /// Whether it is certain that nothing was done: it never left, or was refused, and no fault rule claims to be
    /// the reason. A server error may have come after the work.
    pub(super) fn is_refusal(&self) -> bool {
        let refused = matches!(self.ending, Ending::Status(400..500)) && self.rules.is_empty();
        refused || !self.was_sent
    }
}

/// How far a run is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    /// Transactions begin.
    #[default]
    On,
    /// None begins any more; those under way go to their end.
    Ending,
    /// Those under way end at once.
    Cut,
}

/// Sends requests to one server, and measures.
pub(super) struct Caller {
    pub(super) client: Client,
    /// The connections that are free. The client has as many, so that nobody waits within it, where the wait
    /// could not be told from the sending.
    pub(super) connections: Semaphore,
    pub(super) url: BaseUrl,
    pub(super) wall: WallTime,
    /// When the run began.
    pub(super) start: WallInstant,
    pub(super) timeout: SimDuration,
    pub(super) phase: watch::Receiver<Phase>,
}

impl Caller {
    /// Microseconds since the start of the run.
    pub(super) fn now(&self) -> Micros {
        micros(self.wall.elapsed(self.start))
    }

    /// How far the run is.
    pub(super) fn phase(&self) -> Phase {
        *self.phase.borrow()
    }

    /// Returns when the run has come so far.
    pub(super) async fn until(&self, phase: Phase) {
        let mut phases = self.phase.clone();
        // An error means that nobody leads the run any more.
        let _ = phases.wait_for(|now| *now >= phase).await;
    }

    /// Waits in real time, or until the run has come so far.
    pub(super) async fn sleep(&self, duration: SimDuration, phase: Phase) {
        tokio::select! {
            biased;
            () = self.until(phase) => {}
            () = self.wall.sleep(duration) => {}
        }
    }

    /// Sends a request and waits for the whole answer, but no longer than clients do; before that it waits as
    /// long for a free connection.
    pub(super) async fn call(&self, request: &Request) -> Answered {
        let url = self.url.with(&request.path);
        let mut headers = vec![
            ("accept".to_owned(), b"application/json".to_vec()),
            ("x-auth-token".to_owned(), request.token.as_bytes().to_vec()),
        ];
        if request.about_token {
            headers.push(("x-subject-token".to_owned(), request.token.as_bytes().to_vec()));
        }
        if !request.body.is_empty() {
            headers.push(("content-type".to_owned(), b"application/json;charset=utf-8".to_vec()));
        }
        let left = Cell::new(None);
        let exchange = async {
            let free = self.wall.within(self.timeout, self.connections.acquire());
            let _connection = free.await?;
            left.set(Some(self.now()));
            let (url, body) = (&url, &request.body);
            let answer = self.client.exchange(url, &request.method, &headers, body, LONGEST_ANSWER);
            self.wall.within(self.timeout, answer).await
        };
        let answer = tokio::select! {
            biased;
            answer = exchange => Some(answer),
            () = self.until(Phase::Cut) => None,
        };
        let ended = self.now();
        let was_sent = left.get().is_some();
        let sent = left.get().unwrap_or(ended);
        let broken = |word| Answered {
            ending: Ending::Broken(word),
            code: None,
            body: Bytes::new(),
            rules: Vec::new(),
            retry_after: None,
            sent,
            was_sent,
            found_nobody: false,
            ended,
        };
        match answer {
            None => broken("cut_off"),
            Some(None) if !was_sent => broken("not_sent"),
            Some(None) => broken("timed_out"),
            Some(Some(Err(error))) => Answered {
                found_nobody: client::finds_nobody(&error),
                ..broken(client::outcome_of(&error).map_or(UNREACHABLE, |outcome| outcome.as_str()))
            },
            Some(Some(Ok(answer))) if answer.missing().is_some() => {
                let rules = rules(&answer.headers);
                Answered { rules, ..broken("truncated") }
            }
            Some(Some(Ok(answer))) => Answered {
                ending: ending(answer.status, &answer.bytes),
                code: code(answer.status, &answer.bytes),
                rules: rules(&answer.headers),
                retry_after: retry_after(&answer.headers),
                body: answer.bytes,
                sent,
                was_sent,
                found_nobody: false,
                ended,
            },
        }
    }
}

/// A success whose body is no JSON comes from something that is not the service: a proxy, a wrong port.
fn ending(status: u16, body: &[u8]) -> Ending {
    let first = body.iter().find(|byte| !byte.is_ascii_whitespace());
    let readable = first.is_none_or(|byte| matches!(byte, b'{' | b'['));
    if status == 200 && !readable { Ending::Broken("unreadable") } else { Ending::Status(status) }
}

pub(super) fn micros(time: Duration) -> Micros {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

fn rules(headers: &HeaderMap) -> Vec<Arc<str>> {
    let named = headers.get(RULES_HEADER).and_then(|value| value.to_str().ok());
    let ids = named.unwrap_or_default().split(',').map(str::trim).filter(|id| !id.is_empty());
    ids.map(Arc::from).collect()
}

/// Contract, "Gateway errors": seconds; dates are for clients of the far future.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds: u64 = headers.get("retry-after")?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds.min(LONGEST_RETRY_AFTER)))
}

/// The code of a refusal, in whichever of the forms it comes.
fn code(status: u16, body: &[u8]) -> Option<Arc<str>> {
    #[derive(Deserialize)]
    struct Forms {
        error: Option<Nested>,
        error_code: Option<String>,
    }
    #[derive(Deserialize)]
    struct Nested {
        code: Option<serde_json::Value>,
    }
    if status < 400 {
        return None;
    }
    let Forms { error, error_code } = serde_json::from_slice(body).ok()?;
    let nested = || error?.code?.as_str().map(str::to_owned);
    error_code.or_else(nested).map(Arc::from)
}
