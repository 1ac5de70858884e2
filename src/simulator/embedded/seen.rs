//! What a test sees of its simulator.

use serde::Deserialize;
use serde_json::Value;

use crate::domain::World;
use crate::journal::CallRecord;

/// A call that a client made, as the journal has it.
///
/// ```
/// use imsim::Simulator;
///
/// let service = Simulator::start()?;
/// let _ = ureq::get(service.url() + "/v1/nothing").call();
/// let calls = service.calls();
/// assert_eq!((calls[0].operation.as_str(), calls[0].status), ("unknown", 404));
/// # Ok::<(), imsim::simulator::embedded::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReceivedCall {
    /// Its number in the journal; later calls have higher ones.
    pub number: u64,
    /// What was called, as scenario files name it: `add_members`, `show_job`, …
    pub operation: String,
    /// The name of the project of the token, if the token is known.
    pub project: Option<String>,
    /// The method as sent.
    pub method: String,
    /// Path and query as sent.
    pub target: String,
    /// The body as sent; of one that is longer than 16 KiB the beginning.
    pub body: Vec<u8>,
    /// The status of the answer; 0 if there was none.
    pub status: u16,
    /// The code of the error with which it was refused.
    pub error_code: Option<String>,
    /// The body of the answer; of one that is longer than 16 KiB the beginning.
    pub answer: Vec<u8>,
    /// The job that was submitted or queried.
    pub job_id: Option<String>,
    /// What the client saw of the answer: `answered`, `truncated`, `reset`, `closed`, …
    pub delivery: String,
}

impl ReceivedCall {
    pub(super) fn new(number: u64, call: &CallRecord, world: &World) -> Self {
        Self {
            number,
            operation: call.operation.name().to_owned(),
            project: call.project.map(|id| world.project_name(id)),
            method: call.method.to_string(),
            target: call.target.to_string(),
            body: call.request.start.to_vec(),
            status: call.status,
            error_code: call.refusal.map(|code| code.code().to_owned()),
            answer: call.answer.start.to_vec(),
            job_id: call.job.map(|(id, _)| id.to_string()),
            delivery: call.delivery.name().to_owned(),
        }
    }

    /// The body as JSON; null if it is none.
    ///
    /// ```
    /// # use imsim::Simulator;
    /// let service = Simulator::start()?;
    /// let _ = ureq::put(service.url() + "/v1/cloudimages/members").send(r#"{"status": "accepted"}"#);
    /// assert_eq!(service.calls()[0].json()["status"], "accepted");
    /// # Ok::<(), imsim::simulator::embedded::Error>(())
    /// ```
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

/// A job.
///
/// ```
/// use imsim::Simulator;
/// use imsim::simulator::embedded::Error;
///
/// let service = Simulator::start()?;
/// let unknown = service.job("0123456789abcdef0123456789abcdef");
/// assert!(matches!(unknown, Err(Error::Refused { status: 404, .. })));
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Job {
    /// Its id.
    pub job_id: String,
    /// What it does, as scenario files name it.
    pub operation: String,
    /// `INIT`, `RUNNING`, `SUCCESS` or `FAIL`.
    pub state: String,
    /// How many pairs of an image and a project it has.
    pub pairs: u32,
    /// How many of them are settled.
    pub done: u32,
    /// How many of those failed.
    pub failed: u32,
    /// The code of the first that failed.
    pub error_code: Option<String>,
    /// What the service reports of each pair, once the job has ended.
    #[serde(default)]
    pub results: Value,
}

/// A member of an image.
///
/// ```
/// use imsim::Simulator;
///
/// let members = Simulator::start()?.members("web-base")?;
/// assert_eq!((members[0].project.as_str(), members[0].status.as_str()), ("lab", "accepted"));
/// # Ok::<(), imsim::simulator::embedded::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Member {
    /// The name of the project.
    pub project: String,
    /// `pending`, `accepted` or `rejected`.
    pub status: String,
}

/// A fault rule, and what it has counted.
///
/// ```
/// use imsim::Simulator;
///
/// let service = Simulator::start()?;
/// service.add_fault(r#"{ "id": "busy", "at": "request", "effect": { "answer": { "code": "APIGW.0308" } } }"#)?;
/// let _ = ureq::get(service.url() + "/v1/anything").call();
/// let rule = service.fault("busy")?;
/// assert_eq!((rule.counts.considered, rule.counts.fired), (1, 1));
/// # Ok::<(), imsim::simulator::embedded::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct Fault {
    /// Its id.
    pub id: String,
    /// Whether it counts at this moment, and why not.
    pub state: String,
    /// How often it was asked, and what came of it.
    pub counts: FaultCounts,
    /// As it was written.
    pub rule: Value,
}

/// What a rule has counted since it was written.
///
/// ```
/// use imsim::Simulator;
///
/// let service = Simulator::start()?;
/// service.add_fault(r#"{ "id": "busy", "at": "request", "effect": { "answer": { "code": "APIGW.0308" } } }"#)?;
/// assert_eq!(service.fault("busy")?.counts, Default::default());
/// # Ok::<(), imsim::simulator::embedded::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct FaultCounts {
    /// What came to its point.
    pub considered: u64,
    /// What it was about.
    pub matched: u64,
    /// What it struck.
    pub fired: u64,
    /// What an earlier rule struck in its place.
    pub superseded: u64,
}

/// How often calls were made.
///
/// ```
/// use imsim::Simulator;
///
/// let service = Simulator::start()?;
/// let seen = service.verify(r#"{ "operation": "add_members", "exactly": 0 }"#)?;
/// assert_eq!((seen.count, seen.exact), (0, true));
/// # Ok::<(), imsim::simulator::embedded::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Verified {
    /// How many there were.
    pub count: u64,
    /// Whether that is all there were; else it is the least, since the journal keeps the newest only.
    pub exact: bool,
}

/// What became of the work under way when a simulator stopped.
///
/// ```
/// use std::time::Duration;
/// use imsim::Simulator;
///
/// let stopped = Simulator::start()?.stop(Duration::from_secs(5))?;
/// assert_eq!((stopped.accepted, stopped.unfinished), (0, 0));
/// # Ok::<(), imsim::simulator::embedded::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stopped {
    /// Jobs that were accepted since the start.
    pub accepted: u64,
    /// Jobs that ended well.
    pub succeeded: u64,
    /// Jobs that ended in `FAIL`.
    pub failed: u64,
    /// Jobs that did not end.
    pub unfinished: u64,
}
