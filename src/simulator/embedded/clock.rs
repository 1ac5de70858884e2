//! The clock of an embedded simulator, in the hands of a test.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::json;

use super::{Error, Simulator};
use crate::clock::{Mode, SimDuration};

/// Moves the time of a [`Simulator`].
///
/// ```
/// use std::time::Duration;
/// use imsim::Simulator;
/// use imsim::clock::Mode;
///
/// let service = Simulator::start()?;
/// let clock = service.clock();
/// clock.freeze()?;
/// let before = clock.now();
/// clock.advance(Duration::from_secs(3_600))?;
/// assert_eq!(clock.now(), before + Duration::from_secs(3_600));
/// clock.set("x60".parse::<Mode>()?)?;
/// assert_eq!(clock.mode().to_string(), "x60");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy)]
pub struct ClockHandle<'s>(pub(super) &'s Simulator);

impl ClockHandle<'_> {
    /// The simulated time.
    ///
    /// ```
    /// # use imsim::Simulator;
    /// let service = Simulator::start()?;
    /// assert!(service.clock().now() > std::time::UNIX_EPOCH);
    /// # Ok::<(), imsim::simulator::embedded::Error>(())
    /// ```
    #[must_use]
    pub fn now(self) -> SystemTime {
        UNIX_EPOCH + Duration::from_millis(self.0.shared().clock.now().as_millis())
    }

    /// How time moves.
    ///
    /// ```
    /// # use imsim::Simulator;
    /// # use imsim::clock::Mode;
    /// assert_eq!(Simulator::start()?.clock().mode(), Mode::Real);
    /// # Ok::<(), imsim::simulator::embedded::Error>(())
    /// ```
    #[must_use]
    pub fn mode(self) -> Mode {
        self.0.shared().clock.mode().unwrap_or_default()
    }

    /// Changes how time moves, from now on.
    ///
    /// # Errors
    /// If the server has stopped.
    ///
    /// ```
    /// # use imsim::Simulator;
    /// # use imsim::clock::Mode;
    /// let service = Simulator::start()?;
    /// service.clock().set(Mode::Auto { one_event_per_poll: false })?;
    /// # Ok::<(), imsim::simulator::embedded::Error>(())
    /// ```
    pub fn set(self, mode: Mode) -> Result<(), Error> {
        self.0.admin("PUT", "/clock", json!({ "mode": mode.to_string() })).map(drop)
    }

    /// Lets time stand still, but for what it is [advanced](Self::advance) by.
    ///
    /// # Errors
    /// If the server has stopped.
    ///
    /// ```
    /// # use imsim::Simulator;
    /// let service = Simulator::start()?;
    /// service.clock().freeze()?;
    /// assert_eq!(service.clock().now(), service.clock().now());
    /// # Ok::<(), imsim::simulator::embedded::Error>(())
    /// ```
    pub fn freeze(self) -> Result<(), Error> {
        self.set(Mode::Frozen)
    }

    /// Lets time follow real time.
    ///
    /// # Errors
    /// If the server has stopped.
    ///
    /// ```
    /// # use imsim::Simulator;
    /// # use imsim::clock::Mode;
    /// let service = Simulator::builder().clock(Mode::Frozen).start()?;
    /// service.clock().follow_real_time()?;
    /// # Ok::<(), imsim::simulator::embedded::Error>(())
    /// ```
    pub fn follow_real_time(self) -> Result<(), Error> {
        self.set(Mode::Real)
    }

    /// Lets time jump to what is due next whenever nothing happens, so that no job takes real time.
    ///
    /// # Errors
    /// If the server has stopped.
    ///
    /// ```
    /// # use imsim::Simulator;
    /// let service = Simulator::start()?;
    /// service.clock().skip_waiting()?;
    /// # Ok::<(), imsim::simulator::embedded::Error>(())
    /// ```
    pub fn skip_waiting(self) -> Result<(), Error> {
        self.set(Mode::Auto { one_event_per_poll: false })
    }

    /// Moves time on, and returns when everything that fell due on the way has happened.
    ///
    /// # Errors
    /// If something is still under way after a minute of real time, or time would go beyond the year 9999.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use imsim::Simulator;
    /// # use imsim::clock::Mode;
    /// # use serde_json::json;
    /// let service = Simulator::builder().clock(Mode::Frozen).start()?;
    /// let job = ureq::post(service.url() + "/v1/cloudimages/members")
    ///     .header("X-Auth-Token", service.token("studio")?)
    ///     .send_json(json!({ "images": [service.image("cache")?], "projects": [service.project("lab")?] }))?
    ///     .body_mut().read_json::<serde_json::Value>()?;
    /// let job = job["job_id"].as_str().unwrap();
    /// assert_eq!(service.job(job)?.state, "INIT");
    /// service.clock().advance(Duration::from_secs(60))?;
    /// assert_eq!(service.job(job)?.state, "SUCCESS");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn advance(self, by: Duration) -> Result<(), Error> {
        let by = SimDuration::from_millis(u64::try_from(by.as_millis()).unwrap_or(u64::MAX));
        self.0.admin("POST", "/clock/advance", json!({ "by": by.to_string() })).map(drop)
    }
}
