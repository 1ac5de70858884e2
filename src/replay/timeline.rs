//! What a picture of a run needs: who ran when, where a fault struck, what was called. It is gathered
//! from the journal while the run goes on and is bounded, whatever the run does; what is left out is
//! counted.

mod gather;
mod quiet;

use crate::api::job::JobState;
use crate::api::{Code, Operation};
use crate::clock::SimDuration;
use crate::faults::{EffectKind, Point};
use crate::journal::Delivery;
use crate::seed::JobKey;

pub(super) use gather::Gather;
pub use quiet::Quiet;

/// The most jobs of a timeline: more rows than that are no picture.
pub const MOST_JOBS: usize = 200;

/// The most image workers of a timeline, over all jobs: as many as twenty jobs of the largest kind have.
pub const MOST_WORKERS: usize = 2_000;

/// The most calls of a timeline; at some 100 bytes each, half a megabyte.
pub const MOST_CALLS: usize = 5_000;

/// The most faults, deaths and changes by hand of a timeline, together; see [`MOST_CALLS`].
pub const MOST_MARKS: usize = 5_000;

/// The most points of a job's progress: more than a picture has room for.
pub const MOST_POINTS: usize = 128;

/// The most characters of a name: enough to tell which it is.
pub const LONGEST_NAME: usize = 120;

/// What happened in a run, by who did it. All times are counted from the start of the run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Timeline {
    /// When the run ended.
    pub end: SimDuration,
    /// The jobs, in the order in which they were accepted.
    pub jobs: Vec<JobSpan>,
    /// The calls, by time.
    pub calls: Vec<CallMark>,
    /// The faults that struck, by time.
    pub faults: Vec<FaultMark>,
    /// What was changed by hand, by time.
    pub changes: Vec<ChangeMark>,
    /// The longest times in which nothing happened, by time.
    pub quiet: Vec<Quiet>,
    /// How much was left out.
    pub left_out: LeftOut,
}

/// How much a timeline leaves out, since it would be too much for a picture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// Jobs beyond [`MOST_JOBS`].
    pub jobs: u64,
    /// Image workers of the jobs that are shown, beyond [`MOST_WORKERS`].
    pub workers: u64,
    /// Calls beyond [`MOST_CALLS`].
    pub calls: u64,
    /// Faults, deaths and changes by hand beyond [`MOST_MARKS`].
    pub marks: u64,
}

/// A job's life.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobSpan {
    /// Its key.
    pub key: JobKey,
    /// What it does.
    pub operation: Operation,
    /// The name of the project that submitted it.
    pub owner: String,
    /// How many images it has.
    pub images: u32,
    /// How many projects it has.
    pub projects: u32,
    /// When it was accepted.
    pub accepted: SimDuration,
    /// When it left `INIT`, if it did.
    pub started: Option<SimDuration>,
    /// How it ended, if it did.
    pub ended: Option<JobEnd>,
    /// Pairs that were settled as a success.
    pub succeeded: u32,
    /// Pairs that were settled as failed.
    pub failed: u32,
    /// Pairs that were settled once more, since a rule let work run twice.
    pub again: u32,
    /// How the pairs were settled over time, at no more than [`MOST_POINTS`] times; the last point has all.
    pub progress: Vec<Progress>,
    /// Its image workers of which anything was heard, by their places in the request.
    pub workers: Vec<WorkerSpan>,
}

impl JobSpan {
    /// A job of so many images and projects that was just accepted.
    pub(super) fn new(
        key: JobKey,
        operation: Operation,
        owner: String,
        (images, projects): (u32, u32),
        accepted: SimDuration,
    ) -> Self {
        Self {
            key,
            operation,
            owner,
            images,
            projects,
            accepted,
            started: None,
            ended: None,
            succeeded: 0,
            failed: 0,
            again: 0,
            progress: Vec::new(),
            workers: Vec::new(),
        }
    }
}

/// How many pairs of a job were settled by a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The time.
    pub at: SimDuration,
    /// Those that succeeded.
    pub succeeded: u32,
    /// Those that failed.
    pub failed: u32,
}

/// How a job ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JobEnd {
    /// When.
    pub at: SimDuration,
    /// The truth.
    pub state: JobState,
    /// What queries are told.
    pub reported: JobState,
    /// The code of the first failed pair.
    pub error_code: Option<Code>,
}

/// What was heard of an image worker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkerSpan {
    /// The place of its image in the request, from 0.
    pub place: u32,
    /// The name of its image.
    pub image: String,
    /// When its first and its last pair were settled, if any was.
    pub settled: Option<(SimDuration, SimDuration)>,
    /// Pairs that were settled as a success.
    pub succeeded: u32,
    /// Pairs that were settled as failed.
    pub failed: u32,
    /// Its deaths, by time.
    pub deaths: Vec<Death>,
}

/// A worker died.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Death {
    /// When.
    pub at: SimDuration,
    /// How many of its pairs were settled.
    pub settled: u32,
    /// The how-manieth restart follows, if one does.
    pub restart: Option<u32>,
}

/// A fault struck.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultMark {
    /// When.
    pub at: SimDuration,
    /// The rule.
    pub rule: String,
    /// Where it was asked.
    pub point: Point,
    /// What it does.
    pub effect: EffectKind,
    /// What it struck.
    pub on: Struck,
}

/// What a fault struck.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Struck {
    /// A connection, a call or its answer.
    Call,
    /// A job as a whole.
    Job(JobKey),
    /// An image worker, by the place of its image in the request; or one of its pairs.
    Worker(JobKey, u32),
}

/// A request was answered, or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallMark {
    /// When.
    pub at: SimDuration,
    /// Which operation was called.
    pub operation: Operation,
    /// The name of the project that called, if its token is known.
    pub by: Option<String>,
    /// The status of the answer.
    pub status: u16,
    /// The code of the refusal, if it is one.
    pub error_code: Option<Code>,
    /// How the answer went on the wire.
    pub delivery: Delivery,
}

impl CallMark {
    /// Whether the client got the answer, whole, and it is no error.
    #[must_use]
    pub fn went_well(&self) -> bool {
        self.status < 400 && self.delivery == Delivery::Answered
    }
}

/// Something was changed by hand, or by a step of the scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeMark {
    /// When.
    pub at: SimDuration,
    /// What was done, a verb and a noun.
    pub action: &'static str,
    /// To what.
    pub object: String,
}
