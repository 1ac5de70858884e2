//! `/__admin/clock`: how simulated time stands, and what moves it.

use actix_web::http::StatusCode;
use serde::{Deserialize, Serialize};

use super::answer::{AdminError, Reply};
use super::ask::Ask;
use super::body;
use super::endpoints::Endpoint;
use crate::actors::Shared;
use crate::api::time;
use crate::clock::{Mode, SimDuration, SimTime};
use crate::scenario::span::Span;

/// How long an advance is waited for, in real time: a hundred thousand sleepers take a second or two, and
/// what lies between gives up connections not much later.
const SLOWEST_ADVANCE: SimDuration = SimDuration::from_millis(60_000);

/// The furthest that time is advanced at once: ten years, each a day longer every fourth time.
const LONGEST_ADVANCE: SimDuration = SimDuration::from_millis(10 * 31_557_600_000);

/// The endpoints.
pub(super) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::new(
        "GET",
        "/clock",
        "Says what time it is, how it moves, and who waits for it.",
        &[],
        |ask| Box::pin(show(ask)),
    ),
    Endpoint::new(
        "PUT",
        "/clock",
        "Changes how time moves: `mode` is `frozen`, `real`, `auto`, `auto-per-poll`, or `x60` and the \
         like.",
        &[],
        |ask| Box::pin(set_mode(ask)),
    )
    .taking_body(),
    Endpoint::new(
        "POST",
        "/clock/advance",
        "Moves time on by the duration `by`, and answers when everything that fell due has settled.",
        &[],
        |ask| Box::pin(advance(ask)),
    )
    .taking_body(),
];

#[derive(Serialize)]
struct Shown {
    now: String,
    /// Null in a replay, whose steps move the clock.
    mode: Option<String>,
    /// How many wait for the clock, and when the first of them is due.
    waiting: usize,
    next_due: Option<String>,
    /// How long that is from now.
    next_due_in: Option<String>,
    /// How many have been woken.
    fired: u64,
    /// How often time jumped because nothing else happened.
    jumps: u64,
    /// How many things are under way at this moment.
    busy: usize,
    /// How often anything slept in real time.
    real_sleeps: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    mode: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    by: Span,
}

#[derive(Serialize)]
struct AdvanceShown {
    from: String,
    to: String,
    /// How many were woken on the way.
    fired: u64,
    /// How many wait for a later time, and when the first of them is due.
    waiting: usize,
    next_due: Option<String>,
}

fn written(at: SimTime) -> String {
    time::with_millis(at.as_millis())
}

async fn show(ask: Ask) -> Result<Reply, AdminError> {
    Ok(shown(ask.shared()))
}

fn shown(shared: &Shared) -> Reply {
    let status = shared.clock.status();
    Reply::ok(&Shown {
        now: written(status.now),
        mode: status.mode.map(|mode| mode.to_string()),
        waiting: status.waiting,
        next_due: status.next_due.map(written),
        next_due_in: status.next_due.map(|due| (due - status.now).to_string()),
        fired: status.fired,
        jumps: status.jumps,
        busy: status.busy,
        real_sleeps: status.real_sleeps,
    })
}

async fn set_mode(ask: Ask) -> Result<Reply, AdminError> {
    let Change { mode: text } = body::json(&ask.body)?;
    let mode: Mode =
        text.parse().map_err(|error| AdminError::at("mode", format!("found `{text}`; {error}")))?;
    let shared = ask.shared();
    shared.clock.set_mode(mode).map_err(|_| {
        let message = "the steps of a replay move its clock, which has no mode; \
                       POST /__admin/clock/advance moves it, too";
        AdminError::new(StatusCode::CONFLICT, message)
    })?;
    shared.changed_by_hand("set_clock", &mode.to_string(), Some(&ask.whole));
    Ok(shown(shared))
}

async fn advance(ask: Ask) -> Result<Reply, AdminError> {
    let Advance { by: Span(by) } = body::json(&ask.body)?;
    if by > LONGEST_ADVANCE {
        let message = format!("found {by}; time is advanced by at most {LONGEST_ADVANCE} at once");
        return Err(AdminError::at("by", message));
    }
    let shared = ask.shared();
    let latest = SimTime::from_millis(time::LAST_MS);
    if shared.clock.now() + by > latest {
        let message = format!("time ends at {}", written(latest));
        return Err(AdminError::at("by", message));
    }
    let Some(advanced) = shared.advance_by_hand(by, SLOWEST_ADVANCE, Some(&ask.whole)).await else {
        return Err(unsettled(shared));
    };
    let status = shared.clock.status();
    Ok(Reply::ok(&AdvanceShown {
        from: written(advanced.from),
        to: written(advanced.to),
        fired: advanced.fired,
        waiting: status.waiting,
        next_due: status.next_due.map(written),
    }))
}

/// 503: time goes on being advanced, but nobody knows for how long.
fn unsettled(shared: &Shared) -> AdminError {
    let (status, jobs) = (shared.clock.status(), shared.admission.running_jobs());
    let message = format!(
        "not settled after {SLOWEST_ADVANCE}, and it goes on: it is {}, {} things are under way, {} \
         wait, {jobs} jobs run; GET /__admin/clock shows when the target is reached",
        written(status.now),
        status.busy,
        status.waiting,
    );
    AdminError::new(StatusCode::SERVICE_UNAVAILABLE, message)
}
