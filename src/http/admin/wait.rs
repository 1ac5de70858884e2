//! `GET /__admin/wait`: answers when a job has ended, so that a test harness need not poll.

use actix_web::http::StatusCode;
use serde::Serialize;

use super::PREFIX;
use super::answer::{AdminError, ErrorBody, Reply};
use super::ask::Ask;
use super::jobs::{self, JobShown};
use super::names;
use crate::actors::Shared;
use crate::actors::messages::{AwaitJob, Awaited};
use crate::api::JobId;
use crate::clock::{Mode, SimDuration};
use crate::domain::job_table::JobSnapshot;
use crate::faults::EffectKind;
use crate::journal::{Event, FaultRecord, Numbered};

/// How long is waited unless something else is said, in real time: a client that forgets to say it
/// should not hang for ever.
const USUAL: SimDuration = SimDuration::from_millis(60_000);
/// The longest wait, in real time: what lies between gives up idle connections not much later.
const LONGEST: SimDuration = SimDuration::from_millis(600_000);

/// The parameters.
pub(super) const PARAMETERS: &[&str] = &["job", "timeout"];

/// 408: the job goes on.
#[derive(Serialize)]
struct Late<'a> {
    error: ErrorBody,
    job: JobShown<'a>,
}

pub(super) async fn until_final(ask: Ask) -> Result<Reply, AdminError> {
    let shared = ask.shared();
    let Some(job) = ask.query.text("job") else {
        return Err(AdminError::at("job", "missing; it is the id of the job to wait for"));
    };
    let id = names::job("job", job)?;
    let bound = ask.query.span("timeout", LONGEST)?.unwrap_or(USUAL);
    // Where work goes on by polls, this stands for them.
    let _hurry = shared.clock.hurry();
    let registry = jobs::registry(shared, id)?;
    let job = match registry.send(AwaitJob(id)).await.map_err(|_| jobs::gone())? {
        Awaited::Unknown => return Err(jobs::unknown(id)),
        Awaited::TooMany => return Err(too_many()),
        Awaited::Ended(job) => job,
        Awaited::GoesOn(end) => match shared.wall.within(bound, end).await {
            Some(Ok(ended)) => ended,
            // Nobody will tell any more: a reset made the registry forget the job, or it is gone itself.
            Some(Err(_)) => {
                let gone = jobs::find(shared, id).await.err();
                return Err(gone.unwrap_or_else(|| jobs::unknown(id)));
            }
            None => return late(shared, id, bound).await,
        },
    };
    Ok(Reply::ok(&JobShown::full(&job, &shared.world)))
}

async fn late(shared: &Shared, id: JobId, bound: SimDuration) -> Result<Reply, AdminError> {
    let job = jobs::find(shared, id).await?;
    let state = job.standing.state();
    if state.is_final() {
        // It ended at the last moment, which is no reason to complain.
        return Ok(Reply::ok(&JobShown::full(&job, &shared.world)));
    }
    let why = nothing_moves(shared, &job).map(|why| format!("; {why}")).unwrap_or_default();
    let message = format!("the job is still {} after {bound}{why}", state.as_str());
    let error = ErrorBody { at: Some("timeout".to_owned()), message };
    let late = Late { error, job: JobShown::full(&job, &shared.world) };
    Ok(Reply::new(StatusCode::REQUEST_TIMEOUT, &late))
}

/// Why the job cannot go on by itself, if that is so.
fn nothing_moves(shared: &Shared, job: &JobSnapshot) -> Option<String> {
    if let Some(why) = stuck(shared, job) {
        return Some(why);
    }
    if shared.clock.mode() == Some(Mode::Frozen) {
        let ways = format!("POST {PREFIX}/clock/advance or PUT {PREFIX}/clock lets it go on");
        return Some(format!("the clock is frozen; {ways}"));
    }
    let idle = shared.clock.waiting() == 0;
    idle.then(|| "nothing waits for the clock, so the job cannot go on by itself".to_owned())
}

/// The rule that made the job or one of its images stick, as far as the journal still has it.
fn stuck(shared: &Shared, job: &JobSnapshot) -> Option<String> {
    let own = shared.journal.of_job(job.id, Some(job.key));
    let sticks = |numbered: &Numbered| {
        let stick = matches!(&numbered.entry.event, Event::FaultFired(fault) if fault.effect == EffectKind::Stick);
        stick && own.contain(numbered)
    };
    let found = shared.journal.select(None, 1, sticks).entries;
    let Event::FaultFired(FaultRecord { rule, image, .. }) = &found.first()?.entry.event else {
        return None;
    };
    let what = match image {
        Some(image) => format!("the work on its image `{}`", shared.world.image_name(*image)),
        None => "it".to_owned(),
    };
    Some(format!("the rule `{rule}` made {what} stick, which only POST {PREFIX}/reset ends"))
}

fn too_many() -> AdminError {
    let message =
        "too many requests wait for jobs already; GET /__admin/jobs/{job_id} answers at once";
    AdminError::new(StatusCode::TOO_MANY_REQUESTS, message)
}
