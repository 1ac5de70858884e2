//! The jobs of an embedded simulator.

use std::time::Duration;

use serde::Deserialize;

use super::{Error, Job, Simulator, good, in_path, span};

impl Simulator {
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
        self.ask_for("GET", &format!("/jobs/{}", in_path(id)), "")
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
            _ => good(&answered),
        }
    }
}
