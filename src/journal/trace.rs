//! The canonical trace: JSON lines, sorted within an instant by subject, with an incremental digest.
//!
//! It names images and projects as the world does, and jobs by their keys, in paths and bodies too: ids
//! of jobs differ with the number of shards, keys do not.

use std::fmt;
use std::io::{self, Write};

use serde::Serialize;
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};

use super::Numbered;
use super::entry::{CallRecord, Delivery, Event, FaultRecord, KeptBody};
use crate::api::hex::hex;
use crate::api::job::JobState;
use crate::api::{Code, JobId, ProjectId, time};
use crate::clock::SimTime;
use crate::domain::World;
use crate::seed::{JobKey, Seed};

/// The version of the trace's form; a digest is comparable only within one version.
const TRACE_FORMAT: u32 = 1;

/// Writes a trace, or only sums it up.
pub struct TraceWriter<'w, 's> {
    world: &'w World,
    epoch: SimTime,
    hash: Sha256,
    lines: u64,
    /// The line that is being written; its room is used again and again.
    text: Vec<u8>,
    sink: Option<&'s mut dyn Write>,
}

/// The SHA-256 of a trace.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Digest([u8; 32]);

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[derive(Serialize)]
struct Header {
    trace: u32,
    seed: u64,
    epoch: String,
}

/// An entry of the journal for people: as a line of the trace, with its number, its absolute time, and
/// the real ids of jobs.
#[derive(Serialize)]
pub struct Shown<'a> {
    number: u64,
    at: String,
    subject: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    job_id: Option<JobId>,
    #[serde(flatten)]
    event: View<'a>,
}

impl<'a> Shown<'a> {
    /// Shows an entry with the names of this world.
    #[must_use]
    pub fn new(Numbered { number, entry }: &'a Numbered, world: &World) -> Self {
        Self {
            number: *number,
            at: time::with_millis(entry.at.as_millis()),
            subject: entry.subject.to_string(),
            job_id: entry.event.job_id(),
            event: view(&entry.event, world, Jobs::AsIs),
        }
    }
}

/// How jobs are named in paths and bodies.
#[derive(Clone, Copy)]
enum Jobs {
    /// By their ids, as the client sees them.
    AsIs,
    /// By their keys, which are the same on any number of shards.
    ByKey,
}

/// An event as the trace shows it.
#[derive(Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum View<'a> {
    Call(Box<CallView<'a>>),
    JobAccepted {
        operation: &'static str,
        owner: String,
        images: u32,
        projects: u32,
    },
    JobStarted,
    JobEnded {
        state: &'static str,
        failed: u32,
        error_code: Option<&'static str>,
        /// What queries are told, where it is not the truth.
        #[serde(skip_serializing_if = "Option::is_none")]
        reported: Option<&'static str>,
    },
    FaultFired(FaultView<'a>),
    FaultSuperseded(FaultView<'a>),
    WorkerDied {
        image: String,
        settled: u32,
        restart: Option<u32>,
    },
    PairSettled {
        image: String,
        project: String,
        reported: &'static str,
        done: &'static str,
        /// The how-manieth time, where it is not the first.
        #[serde(skip_serializing_if = "Option::is_none")]
        pass: Option<u32>,
    },
    MemberChanged {
        image: String,
        project: String,
        done: &'static str,
    },
    ImageDeleted {
        image: String,
        members: u32,
    },
    Admin {
        action: &'static str,
        object: &'a str,
    },
}

#[derive(Serialize)]
struct FaultView<'a> {
    rule: &'a str,
    point: &'static str,
    effect: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<String>,
}

fn fault_view<'a>(fault: &'a FaultRecord, world: &World) -> FaultView<'a> {
    FaultView {
        rule: &fault.rule,
        point: fault.point.name(),
        effect: fault.effect.name(),
        image: fault.image.map(|image| world.image_name(image)),
    }
}

#[derive(Serialize)]
struct CallView<'a> {
    operation: &'static str,
    project: Option<String>,
    method: &'a str,
    target: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<BodyView>,
    status: u16,
    error_code: Option<&'static str>,
    answer: Option<BodyView>,
    /// How the answer went on the wire, where it did not just arrive.
    #[serde(skip_serializing_if = "Option::is_none")]
    delivery: Option<&'static str>,
}

/// A body: as JSON where it is JSON, else as text, with its length where it was cut.
#[derive(Serialize)]
#[serde(untagged)]
enum BodyView {
    Json(Box<RawValue>),
    Text(String),
    Cut { start: String, bytes: usize },
}

impl<'w, 's> TraceWriter<'w, 's> {
    /// A trace that starts with a line about the run.
    ///
    /// # Errors
    /// What the sink reports.
    pub fn new(
        world: &'w World,
        seed: Seed,
        epoch: SimTime,
        sink: Option<&'s mut dyn Write>,
    ) -> io::Result<Self> {
        let mut trace =
            Self { world, epoch, hash: Sha256::new(), lines: 0, text: Vec::new(), sink };
        let epoch = time::with_millis(epoch.as_millis());
        let header = Header { trace: TRACE_FORMAT, seed: seed.number(), epoch };
        serde_json::to_writer(&mut trace.text, &header)?;
        trace.end_line()?;
        Ok(trace)
    }

    /// Writes entries, which must be in order; see [`super::Journal::take`]. A line has the milliseconds since
    /// the epoch of the run, the subject, and the event.
    ///
    /// # Errors
    /// What the sink reports.
    pub fn write(&mut self, entries: &[Numbered]) -> io::Result<()> {
        for Numbered { entry, .. } in entries {
            let at = (entry.at - self.epoch).as_millis();
            let event = view(&entry.event, self.world, Jobs::ByKey);
            write!(self.text, r#"{{"at":{at},"subject":"{}""#, entry.subject)?;
            // The event goes on with the object that has begun.
            let event_begins = self.text.len();
            serde_json::to_writer(&mut self.text, &event)?;
            self.text[event_begins] = b',';
            self.end_line()?;
        }
        Ok(())
    }

    fn end_line(&mut self) -> io::Result<()> {
        self.text.push(b'\n');
        self.hash.update(&self.text);
        self.lines += 1;
        let written = self.sink.as_mut().map_or(Ok(()), |sink| sink.write_all(&self.text));
        self.text.clear();
        written
    }

    /// The digest of all lines, and how many there were.
    #[must_use]
    pub fn finish(self) -> (Digest, u64) {
        (Digest(self.hash.finalize().into()), self.lines)
    }
}

fn view<'a>(event: &'a Event, world: &World, jobs: Jobs) -> View<'a> {
    match event {
        Event::Call(call) => View::Call(Box::new(call_view(call, world, jobs))),
        Event::JobAccepted { operation, owner, images, projects, .. } => View::JobAccepted {
            operation: operation.name(),
            owner: world.project_name(*owner),
            images: *images,
            projects: *projects,
        },
        Event::JobStarted => View::JobStarted,
        Event::JobEnded { failed, first_failure, reported } => {
            let state = if first_failure.is_none() { JobState::Success } else { JobState::Fail };
            View::JobEnded {
                state: state.as_str(),
                failed: *failed,
                error_code: first_failure.map(Code::code),
                reported: (*reported != state).then(|| reported.as_str()),
            }
        }
        Event::FaultFired(fault) => View::FaultFired(fault_view(fault, world)),
        Event::FaultSuperseded(fault) => View::FaultSuperseded(fault_view(fault, world)),
        Event::WorkerDied { image, settled, restart } => View::WorkerDied {
            image: world.image_name(*image),
            settled: *settled,
            restart: *restart,
        },
        Event::PairSettled { image, project, outcome, change, pass } => View::PairSettled {
            image: world.image_name(*image),
            project: world.project_name(*project),
            reported: outcome.map_or("success", Code::code),
            done: change.as_str(),
            pass: (*pass > 1).then_some(*pass),
        },
        Event::MemberChanged { image, project, change } => View::MemberChanged {
            image: world.image_name(*image),
            project: world.project_name(*project),
            done: change.as_str(),
        },
        Event::ImageDeleted { image, members } => {
            View::ImageDeleted { image: world.image_name(*image), members: *members }
        }
        Event::Admin { action, object, .. } => View::Admin { action, object },
    }
}

fn call_view<'a>(call: &'a CallRecord, world: &World, jobs: Jobs) -> CallView<'a> {
    let (target, job) = match jobs {
        Jobs::AsIs => (call.target.to_string(), None),
        Jobs::ByKey => (target_view(call), call.job),
    };
    let body = |kept: &KeptBody| (kept.length > 0).then(|| body_view(kept, job));
    CallView {
        operation: call.operation.name(),
        project: call.project.map(|id: ProjectId| world.project_name(id)),
        method: &call.method,
        target,
        body: body(&call.request),
        status: call.status,
        error_code: call.refusal.map(Code::code),
        answer: body(&call.answer),
        delivery: (call.delivery != Delivery::Answered).then(|| call.delivery.name()),
    }
}

/// The target with the job's key in place of its id, in whichever case the client wrote it. A job that
/// was not found has no key, and its id goes all the same.
fn target_view(call: &CallRecord) -> String {
    let queries_job = call.operation.queries_job();
    let (path, query) = match call.target.find('?') {
        Some(place) => call.target.split_at(place),
        None => (&*call.target, ""),
    };
    match path.rsplit_once('/') {
        Some((front, id)) if queries_job && JobId::parse(id).is_some() => {
            let key = call.job.map_or_else(|| "unknown-job".to_owned(), |(_, key)| key.to_string());
            format!("{front}/{key}{query}")
        }
        _ => call.target.to_string(),
    }
}

fn body_view(kept: &KeptBody, job: Option<(JobId, JobKey)>) -> BodyView {
    let text = with_key(&String::from_utf8_lossy(&kept.start), job);
    if kept.start.len() < kept.length {
        return BodyView::Cut { start: text, bytes: kept.length };
    }
    match RawValue::from_string(text.clone()) {
        // White space inside the value stays, but a line break would tear the line apart.
        Ok(json) if !text.contains(['\n', '\r']) => BodyView::Json(json),
        _ => BodyView::Text(text),
    }
}

/// Puts the job's key where its id stands.
fn with_key(text: &str, job: Option<(JobId, JobKey)>) -> String {
    match job {
        Some((id, key)) => text.replace(&id.to_string(), &key.to_string()),
        None => text.to_owned(),
    }
}
