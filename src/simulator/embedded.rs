//! A simulator in the process of a test: a real server on a free port, with everything that the admin API
//! can do as methods.
//!
//! [`Simulator::start`] serves the built-in world; [`Simulator::builder`] says what else. The server has
//! threads of its own, so a test may be of any runtime or of none. Its methods wait for their answers on
//! the thread that calls them, which is a moment, but for those that say that they wait.

mod builder;
mod clock;
mod error;
mod json;
mod seen;
mod thread;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::actors::Shared;
use crate::actors::shared::MOST_SHARDS;
use crate::clock::SimDuration;
use crate::domain::world::NamedToken;
use crate::http::admin::{Answered, PREFIX};
use crate::journal::{ENTRIES_KEPT, Event};
use crate::scenario::problem::{MOST_COMPARED, nearest};
pub use builder::Builder;
pub use clock::ClockHandle;
pub use error::Error;
pub use json::Json;
pub use seen::{Fault, FaultCounts, Job, Member, ReceivedCall, Stopped, Verified};
use thread::ServerThread;

/// As many calls as a journal can have.
const MOST_CALLS: usize = ENTRIES_KEPT * MOST_SHARDS;

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
        self.thread.running.url()
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

    /// The value for `X-Auth-Token` that has this name, or belongs to the project with this name.
    ///
    /// # Errors
    /// If there is none.
    ///
    /// ```
    /// # use imsim::Simulator;
    /// let service = Simulator::start()?;
    /// assert_eq!(service.token("studio")?, "studio");
    /// assert!(service.token("stduio").unwrap_err().to_string().contains("did you mean `studio`?"));
    /// # Ok::<(), imsim::simulator::embedded::Error>(())
    /// ```
    pub fn token(&self, name: &str) -> Result<String, Error> {
        let world = &self.shared().world;
        if world.token(name).is_some() {
            return Ok(name.to_owned());
        }
        let tokens = world.tokens_after(None, usize::MAX).unwrap_or_default();
        let project = world.project_named(name);
        let own = |(_, token): &&NamedToken| project.is_some() && token.project == project;
        match tokens.iter().find(own) {
            Some((value, _)) => Ok(value.to_string()),
            None => {
                let compared = tokens.iter().take(MOST_COMPARED);
                let near = nearest(name, compared.map(|(value, _)| &**value));
                Err(Error::unknown("token", name, &near))
            }
        }
    }

    /// The id of the project with this name.
    ///
    /// # Errors
    /// If there is none.
    ///
    /// ```
    /// # use imsim::Simulator;
    /// assert_eq!(Simulator::start()?.project("studio")?, "0a1b2c3d4e5f40718293a4b5c6d7e8f9");
    /// # Ok::<(), imsim::simulator::embedded::Error>(())
    /// ```
    pub fn project(&self, name: &str) -> Result<String, Error> {
        let world = &self.shared().world;
        world.project_named(name).map(|id| id.to_string()).ok_or_else(|| {
            let projects = world.projects_after(None, MOST_COMPARED).unwrap_or_default();
            let near = nearest(name, projects.iter().map(|project| &*project.name));
            Error::unknown("project", name, &near)
        })
    }

    /// The id of the image with this name.
    ///
    /// # Errors
    /// If there is none.
    ///
    /// ```
    /// # use imsim::Simulator;
    /// assert_eq!(Simulator::start()?.image("cache")?, "5e8a7f30-9b1c-4d26-8e0f-3c7d2a1b4f69");
    /// # Ok::<(), imsim::simulator::embedded::Error>(())
    /// ```
    pub fn image(&self, name: &str) -> Result<String, Error> {
        let world = &self.shared().world;
        world.image_named(name).map(|id| id.to_string()).ok_or_else(|| {
            let images = world.images_after(None, MOST_COMPARED).unwrap_or_default();
            let near = nearest(name, images.iter().map(|image| &*image.name));
            Error::unknown("image", name, &near)
        })
    }

    /// The members of an image, in the order in which they were added; `image` is its name or its id.
    ///
    /// # Errors
    /// If there is no such image.
    ///
    /// ```
    /// # use imsim::Simulator;
    /// let service = Simulator::start()?;
    /// assert!(service.members("cache")?.is_empty());
    /// assert_eq!(service.members("web-base")?.len(), 2);
    /// # Ok::<(), imsim::simulator::embedded::Error>(())
    /// ```
    pub fn members(&self, image: &str) -> Result<Vec<Member>, Error> {
        #[derive(Deserialize)]
        struct Page {
            images: Map<String, Value>,
        }
        let shown = self.admin("GET", &format!("/world/images/{}", in_path(image)), "")?;
        let Page { images } = read(shown)?;
        let members =
            images.into_iter().filter_map(|(_, image)| image["members"].as_object().cloned());
        let member = |(project, status): (String, Value)| Member {
            project,
            status: status.as_str().unwrap_or_default().to_owned(),
        };
        Ok(members.flatten().map(member).collect())
    }

    /// Adds a fault rule behind all others, in the form that scenario files and the admin API have, and
    /// gives its id.
    ///
    /// # Errors
    /// If the rule is wrong, with the place and what would be right.
    ///
    /// ```
    /// # use imsim::Simulator;
    /// let service = Simulator::start()?;
    /// service.add_fault(r#"{ "at": "image", "match": { "image": { "name": "web-*" } }, "effect": { "fail": { "code": "IMG.0047" } } }"#)?;
    /// let refused = service.add_fault(r#"{ "at": "image", "match": { "image": { "name": "wbe-*" } }, "effect": "stick" }"#);
    /// assert!(refused.is_err());
    /// # Ok::<(), imsim::simulator::embedded::Error>(())
    /// ```
    pub fn add_fault(&self, rule: impl Into<Json>) -> Result<String, Error> {
        #[derive(Deserialize)]
        struct Added {
            id: String,
        }
        read(self.admin("POST", "/faults", rule)?).map(|Added { id }| id)
    }

    /// Takes a fault rule out.
    ///
    /// # Errors
    /// If there is no such rule, or another one waits for it.
    ///
    /// ```
    /// # use imsim::Simulator;
    /// let service = Simulator::start()?;
    /// let rule = service.add_fault(r#"{ "at": "request", "effect": "close" }"#)?;
    /// service.remove_fault(&rule)?;
    /// assert!(service.faults()?.is_empty());
    /// # Ok::<(), imsim::simulator::embedded::Error>(())
    /// ```
    pub fn remove_fault(&self, id: &str) -> Result<(), Error> {
        self.admin("DELETE", &format!("/faults/{}", in_path(id)), "").map(drop)
    }

    /// The fault rules in the order in which they are asked, each with what it has counted.
    ///
    /// # Errors
    /// If the server has stopped.
    ///
    /// ```
    /// # use imsim::Simulator;
    /// let service = Simulator::start()?;
    /// service.add_fault(r#"{ "id": "gone", "at": "request", "effect": "close" }"#)?;
    /// assert_eq!(service.faults()?[0].id, "gone");
    /// # Ok::<(), imsim::simulator::embedded::Error>(())
    /// ```
    pub fn faults(&self) -> Result<Vec<Fault>, Error> {
        #[derive(Deserialize)]
        struct List {
            faults: Vec<Fault>,
        }
        read(self.admin("GET", "/faults", "")?).map(|List { faults }| faults)
    }

    /// One fault rule with what it has counted.
    ///
    /// # Errors
    /// If there is no such rule.
    ///
    /// ```
    /// # use imsim::Simulator;
    /// let service = Simulator::start()?;
    /// let id = service.add_fault(r#"{ "at": "request", "effect": "close" }"#)?;
    /// assert_eq!(service.fault(&id)?.counts.fired, 0);
    /// # Ok::<(), imsim::simulator::embedded::Error>(())
    /// ```
    pub fn fault(&self, id: &str) -> Result<Fault, Error> {
        read(self.admin("GET", &format!("/faults/{}", in_path(id)), "")?)
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

    /// The calls that clients made, the oldest first. A call is among them before its answer leaves. The
    /// journal keeps the newest 65,536 entries, jobs and pairs included, of each shard.
    ///
    /// ```
    /// # use imsim::Simulator;
    /// let service = Simulator::start()?;
    /// let _ = ureq::get(service.url() + "/v1/nothing").call();
    /// let refused = service.calls().into_iter().filter(|call| call.status == 404);
    /// assert_eq!(refused.count(), 1);
    /// # Ok::<(), imsim::simulator::embedded::Error>(())
    /// ```
    #[must_use]
    pub fn calls(&self) -> Vec<ReceivedCall> {
        let shared = self.shared();
        let is_call = |event: &Event| matches!(event, Event::Call(_));
        let all = shared.journal.select(None, MOST_CALLS, |one| is_call(&one.entry.event)).entries;
        let calls = all.iter().filter_map(|one| match &one.entry.event {
            Event::Call(call) => Some(ReceivedCall::new(one.number, call, &shared.world)),
            _ => None,
        });
        calls.collect()
    }

    /// The newest entries of the journal that a query asks for, in the form of `GET /__admin/journal`: calls,
    /// jobs, settled pairs, faults that fired. An empty query asks for all; at most a thousand are shown.
    ///
    /// # Errors
    /// If the query names what does not exist.
    ///
    /// ```
    /// # use imsim::Simulator;
    /// let service = Simulator::start()?;
    /// service.add_fault(r#"{ "id": "gone", "at": "request", "effect": "close" }"#)?;
    /// let _ = ureq::get(service.url() + "/v1/nothing").call();
    /// let fired = service.journal("event=fault_fired&rule=gone")?;
    /// assert_eq!(fired[0]["effect"], "close");
    /// # Ok::<(), imsim::simulator::embedded::Error>(())
    /// ```
    pub fn journal(&self, query: &str) -> Result<Vec<Value>, Error> {
        #[derive(Deserialize)]
        struct Page {
            entries: Vec<Value>,
        }
        let limit =
            if query.split('&').any(|part| part.starts_with("limit=")) { "" } else { "limit=1000" };
        let between = if query.is_empty() || limit.is_empty() { "" } else { "&" };
        let shown = self.admin("GET", &format!("/journal?{query}{between}{limit}"), "")?;
        read(shown).map(|Page { entries }| entries)
    }

    /// Says how often calls were made, and holds that against what is asked: `operation`, `project`,
    /// `status`, `error_code`, `method`, `path`, `image`, `job`, `since`, and the bounds `exactly`,
    /// `at_least` and `at_most`.
    ///
    /// # Errors
    /// [`Error::DoesNotHold`] if a bound does not hold, with the calls that come nearest; if the question
    /// names what does not exist, what would be right.
    ///
    /// ```
    /// # use imsim::Simulator;
    /// # use serde_json::json;
    /// let service = Simulator::start()?;
    /// service.verify(json!({ "operation": "delete_members", "exactly": 0 }))?;
    /// let missing = service.verify(json!({ "operation": "delete_members", "at_least": 1 }));
    /// assert!(missing.unwrap_err().to_string().contains("there were 0 such calls"));
    /// # Ok::<(), imsim::simulator::embedded::Error>(())
    /// ```
    pub fn verify(&self, question: impl Into<Json>) -> Result<Verified, Error> {
        #[derive(Deserialize)]
        struct Broken {
            count: u64,
            exact: bool,
            #[serde(default)]
            nearest: Value,
        }
        let answered = self.ask("POST", "/verify", question.into())?;
        match (answered.status, serde_json::from_str(&answered.body)) {
            (409, Ok(Broken { count, exact, nearest })) => {
                Err(Error::DoesNotHold { count, exact, nearest })
            }
            _ => self.good(&answered).and_then(read),
        }
    }

    /// A job, whoever owns it.
    ///
    /// # Errors
    /// If there is no such job.
    ///
    /// ```
    /// # use imsim::Simulator;
    /// let service = Simulator::start()?;
    /// assert!(service.job("no id").unwrap_err().to_string().contains("32 hex digits"));
    /// # Ok::<(), imsim::simulator::embedded::Error>(())
    /// ```
    pub fn job(&self, id: &str) -> Result<Job, Error> {
        read(self.admin("GET", &format!("/jobs/{}", in_path(id)), "")?)
    }

    /// Waits until a job has ended, for at most a minute of real time; see
    /// [`Simulator::wait_for_job_within`].
    ///
    /// # Errors
    /// [`Error::StillRuns`] if it has not; if there is no such job.
    ///
    /// ```
    /// # use imsim::Simulator;
    /// # use imsim::clock::Mode;
    /// # use serde_json::json;
    /// let service = Simulator::builder().clock(Mode::Auto { one_event_per_poll: false }).start()?;
    /// let job = ureq::delete(service.url() + "/v1/cloudimages/members")
    ///     .header("X-Auth-Token", service.token("studio")?)
    ///     .force_send_body()
    ///     .send_json(json!({ "images": [service.image("web-base")?], "projects": [service.project("lab")?] }))?
    ///     .body_mut().read_json::<serde_json::Value>()?;
    /// assert_eq!(service.wait_for_job(job["job_id"].as_str().unwrap())?.state, "SUCCESS");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn wait_for_job(&self, id: &str) -> Result<Job, Error> {
        self.wait_for_job_within(id, Duration::from_secs(60))
    }

    /// Waits until a job has ended, for at most so long in real time, which is no more than ten minutes. It
    /// blocks the thread that calls it: where that thread has other tasks that must go on meanwhile, call
    /// it from one that may block.
    ///
    /// # Errors
    /// [`Error::StillRuns`] if it has not; if there is no such job.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use imsim::Simulator;
    /// # use imsim::clock::Mode;
    /// # use imsim::simulator::embedded::Error;
    /// # use serde_json::json;
    /// let service = Simulator::builder().clock(Mode::Frozen).start()?;
    /// let job = ureq::post(service.url() + "/v1/cloudimages/members")
    ///     .header("X-Auth-Token", service.token("studio")?)
    ///     .send_json(json!({ "images": [service.image("cache")?], "projects": [service.project("lab")?] }))?
    ///     .body_mut().read_json::<serde_json::Value>()?;
    /// match service.wait_for_job_within(job["job_id"].as_str().unwrap(), Duration::from_millis(1)) {
    ///     Err(Error::StillRuns { message, .. }) => assert!(message.contains("the clock is frozen")),
    ///     other => panic!("{other:?}"),
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn wait_for_job_within(&self, id: &str, bound: Duration) -> Result<Job, Error> {
        #[derive(Deserialize)]
        struct Late {
            job: Box<Job>,
        }
        let bound = in_path(&span(bound).to_string());
        let answered =
            self.ask("GET", &format!("/wait?job={}&timeout={bound}", in_path(id)), "".into())?;
        match (answered.status, serde_json::from_str(&answered.body)) {
            (408, Ok(Late { job })) => {
                Err(Error::StillRuns { job, message: Error::told(&answered).to_string() })
            }
            _ => self.good(&answered).and_then(read),
        }
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
        self.ask(method, path, body.into()).and_then(|answered| self.good(&answered))
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

    fn good(&self, answered: &Answered) -> Result<Value, Error> {
        let good = (200..300).contains(&answered.status);
        let value = serde_json::from_str(&answered.body).ok().filter(|_| good);
        value.ok_or_else(|| Error::told(answered))
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

/// Reads an answer whose form both sides know.
fn read<T: for<'de> Deserialize<'de>>(value: Value) -> Result<T, Error> {
    serde_json::from_value(value).map_err(|error| Error::Refused {
        status: 200,
        at: None,
        message: format!("the admin API answers what cannot be read: {error}"),
    })
}
