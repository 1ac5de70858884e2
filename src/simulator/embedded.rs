//! A simulator in the process of a test: a real server on a free port, with everything that the admin API
//! can do as methods.
//!
//! [`Simulator::start`] serves the built-in world; [`Simulator::builder`] says what else. The server has
//! threads of its own, so a test may be of any runtime or of none. Its methods wait for their answers on
//! the thread that calls them, which is a moment, but for those that say that they wait.

mod builder;
mod calls;
mod clock;
mod error;
mod faults;
mod jobs;
mod json;
mod seen;
mod thread;
mod world;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::Options;
use super::live::AdminOptions;
use crate::actors::Shared;
use crate::clock::SimDuration;
use crate::http::admin::{Answered, PREFIX};
use crate::scenario::ScenarioFile;
pub use builder::Builder;
pub use clock::ClockHandle;
pub use error::Error;
pub use json::Json;
pub use seen::{Fault, FaultCounts, Job, Member, ReceivedCall, Stopped, Verified};
use thread::{ServerThread, Start};

/// A simulator that runs; it stops when it is dropped.
///
/// As many as wanted may run in one process, each with a world, faults, a journal, a clock and a port of its
/// own.
///
/// ```
/// use imsim::Simulator;
/// use imsim::clock::Mode;
/// use serde_json::{Value, json};
///
/// let service = Simulator::builder().clock(Mode::Auto { one_event_per_poll: false }).start()?;
///
/// // The first request is refused.
/// service.add_fault(json!({
///     "at": "request", "when": { "first": 1 }, "effect": { "answer": { "code": "APIGW.0308" } }
/// }))?;
/// let share = || {
///     ureq::post(service.url() + "/v1/cloudimages/members")
///         .header("X-Auth-Token", service.token("studio").unwrap())
///         .send_json(json!({
///             "images": [service.image("cache").unwrap()],
///             "projects": [service.project("lab").unwrap()],
///         }))
/// };
/// assert!(matches!(share(), Err(ureq::Error::StatusCode(429))));
///
/// // The second becomes a job, which shares the image.
/// let job: Value = share()?.body_mut().read_json()?;
/// let job = service.wait_for_job(job["job_id"].as_str().unwrap())?;
/// assert_eq!(job.state, "SUCCESS");
/// assert_eq!(service.members("cache")?[0].project, "lab");
///
/// // There were two calls, and no others.
/// service.verify(json!({ "operation": "add_members", "exactly": 2 }))?;
/// assert_eq!(service.calls().iter().map(|call| call.status).collect::<Vec<_>>(), [429, 200]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Simulator {
    thread: ServerThread,
}

impl Simulator {
    /// Puts a simulator together.
    ///
    /// ```
    /// # use imsim::Simulator;
    /// let service = Simulator::builder().seed(7).start()?;
    /// # Ok::<(), imsim::simulator::embedded::Error>(())
    /// ```
    #[must_use]
    pub fn builder() -> Builder {
        Builder::new()
    }

    /// Starts a simulator with the built-in world, and returns when it listens.
    ///
    /// # Errors
    /// If there is no free port, or no thread.
    ///
    /// ```
    /// # use imsim::Simulator;
    /// let service = Simulator::start()?;
    /// println!("serving at {}", service.url());
    /// # Ok::<(), imsim::simulator::embedded::Error>(())
    /// ```
    pub fn start() -> Result<Self, Error> {
        Self::builder().start()
    }

    /// Serves a file on a free port.
    pub(crate) fn serve(file: ScenarioFile, options: Options) -> Result<Self, Error> {
        let (address, admin) = (builder::FREE_PORT.to_owned(), AdminOptions::default());
        let thread = ServerThread::start(Start { file, options, address, admin, tls: None })?;
        Ok(Self { thread })
    }

    /// The same, with the admin API at an address of its own, so that clients find the service alone.
    #[cfg(test)]
    pub(crate) fn serve_apart(file: ScenarioFile, options: Options) -> Result<Self, Error> {
        let address = builder::FREE_PORT.to_owned();
        let admin = AdminOptions { address: Some(address.clone()), token: None };
        let thread = ServerThread::start(Start { file, options, address, admin, tls: None })?;
        Ok(Self { thread })
    }

    /// Where the service is, without a slash at the end.
    ///
    /// ```
    /// # use imsim::Simulator;
    /// let service = Simulator::start()?;
    /// let path = format!("{}/v2/images/{}/members", service.url(), service.image("cache")?);
    /// let answer = ureq::get(path).header("X-Auth-Token", service.token("studio")?).call()?;
    /// assert_eq!(answer.status(), 200);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn url(&self) -> String {
        self.thread.running.url.clone()
    }

    /// The certificate that clients have to trust, as a PEM file; `None` unless it speaks HTTPS.
    ///
    /// ```
    /// # use imsim::Simulator;
    /// assert_eq!(Simulator::start()?.certificate(), None);
    /// # Ok::<(), imsim::simulator::embedded::Error>(())
    /// ```
    #[must_use]
    pub fn certificate(&self) -> Option<&str> {
        self.thread.running.certificate.as_deref()
    }

    /// Where the admin API is, without a slash at the end.
    ///
    /// ```
    /// # use imsim::Simulator;
    /// let service = Simulator::start()?;
    /// assert_eq!(service.admin_url(), format!("{}/__admin", service.url()));
    /// # Ok::<(), imsim::simulator::embedded::Error>(())
    /// ```
    #[must_use]
    pub fn admin_url(&self) -> String {
        self.url() + PREFIX
    }

    /// The clock, to be frozen, advanced, and so on.
    ///
    /// ```
    /// # use imsim::Simulator;
    /// let service = Simulator::start()?;
    /// service.clock().freeze()?;
    /// # Ok::<(), imsim::simulator::embedded::Error>(())
    /// ```
    #[must_use]
    pub fn clock(&self) -> ClockHandle<'_> {
        ClockHandle(self)
    }

    /// Puts faults, world, journal and jobs back to how the scenario describes them; the clock goes on.
    ///
    /// # Errors
    /// If something that is under way does not end.
    ///
    /// ```
    /// # use imsim::Simulator;
    /// let service = Simulator::start()?;
    /// service.add_fault(r#"{ "at": "request", "effect": "close" }"#)?;
    /// service.reset()?;
    /// assert!(service.faults()?.is_empty());
    /// # Ok::<(), imsim::simulator::embedded::Error>(())
    /// ```
    pub fn reset(&self) -> Result<(), Error> {
        self.admin("POST", "/reset", "").map(drop)
    }

    /// Whatever else the admin API can do, without going over the wire: `path` is the part behind
    /// `/__admin`, with a query if there is one. An empty body is none.
    ///
    /// # Errors
    /// What the admin API says of a request that it refuses.
    ///
    /// ```
    /// # use imsim::Simulator;
    /// # use serde_json::json;
    /// let service = Simulator::start()?;
    /// service.admin("PUT", "/world/images/new", json!({ "owner": "studio" }))?;
    /// assert!(service.image("new").is_ok());
    /// # Ok::<(), imsim::simulator::embedded::Error>(())
    /// ```
    pub fn admin(&self, method: &str, path: &str, body: impl Into<Json>) -> Result<Value, Error> {
        self.ask_for(method, path, body)
    }

    /// Lets running jobs end within a bound of real time, then stops, and says what became of them. Whoever
    /// only drops the simulator stops it at once.
    ///
    /// # Errors
    /// If the server had stopped by itself.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use imsim::Simulator;
    /// let stopped = Simulator::start()?.stop(Duration::from_secs(5))?;
    /// assert_eq!(stopped.unfinished, 0);
    /// # Ok::<(), imsim::simulator::embedded::Error>(())
    /// ```
    pub fn stop(mut self, bound: Duration) -> Result<Stopped, Error> {
        let drained = self.thread.drain(span(bound))?;
        let counts = drained.counts;
        let ended = counts.succeeded + counts.failed + counts.lost;
        Ok(Stopped {
            accepted: counts.accepted,
            succeeded: counts.succeeded,
            failed: counts.failed,
            unfinished: counts.accepted.saturating_sub(ended),
        })
    }

    fn shared(&self) -> &Arc<Shared> {
        &self.thread.running.shared
    }

    fn ask(&self, method: &str, path: &str, body: Json) -> Result<Answered, Error> {
        self.thread.ask(method, format!("{PREFIX}{path}"), body.0.into())
    }

    /// What the admin API answers to a request that it grants.
    fn ask_for<T: DeserializeOwned>(
        &self,
        method: &str,
        path: &str,
        body: impl Into<Json>,
    ) -> Result<T, Error> {
        self.ask(method, path, body.into()).and_then(|answered| good(&answered))
    }
}

impl fmt::Debug for Simulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Simulator").field("url", &self.url()).finish_non_exhaustive()
    }
}

/// A name or an id as one segment of a path, or as the value of a parameter.
fn in_path(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

fn span(bound: Duration) -> SimDuration {
    SimDuration::from_millis(u64::try_from(bound.as_millis()).unwrap_or(u64::MAX))
}

/// Reads an answer, whose form both sides know.
fn good<T: DeserializeOwned>(answered: &Answered) -> Result<T, Error> {
    if !(200..300).contains(&answered.status) {
        return Err(Error::told(answered));
    }
    serde_json::from_str(&answered.body).map_err(|error| Error::Refused {
        status: answered.status,
        at: None,
        message: format!("the admin API answers what cannot be read: {error}"),
    })
}
