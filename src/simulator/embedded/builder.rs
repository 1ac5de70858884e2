//! How an embedded simulator is put together.

use std::path::PathBuf;

use super::thread::{ServerThread, Start};
use super::{Error, Json, Simulator};
use crate::actors::shared::MOST_SHARDS;
use crate::clock::{Mode, WallTime};
use crate::http::admin::AdminToken;
use crate::scenario::ScenarioFile;
use crate::seed::Seed;
use crate::simulator::Options;
use crate::simulator::live::AdminOptions;
use crate::simulator::live::tls::{Tls, host_of};

/// Where an embedded server listens unless something else is said: on a free port that only this machine
/// reaches.
pub(super) const FREE_PORT: &str = "127.0.0.1:0";

/// Puts a [`Simulator`] together. What is not said has a sensible value: the built-in world, its seed, real
/// time, one shard, a free port.
///
/// ```
/// use imsim::Simulator;
/// use imsim::clock::Mode;
/// use serde_json::json;
///
/// let service = Simulator::builder()
///     .scenario(json!({
///         "format": 1,
///         "world": {
///             "projects": { "owner": {}, "friend": {} },
///             "images": { "disk": { "owner": "owner" } }
///         }
///     }))
///     .seed(7)
///     .clock(Mode::Frozen)
///     .start()?;
/// assert_eq!(service.token("owner")?, "owner");
/// # Ok::<(), imsim::simulator::embedded::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Builder {
    scenario: Scenario,
    seed: Option<u64>,
    clock: Mode,
    shards: usize,
    address: String,
    admin_token: Option<String>,
    tls: bool,
}

#[derive(Clone, Debug)]
enum Scenario {
    BuiltIn,
    File(PathBuf),
    Text(String),
}

impl Builder {
    pub(super) fn new() -> Self {
        Self {
            scenario: Scenario::BuiltIn,
            seed: None,
            clock: Mode::default(),
            shards: 1,
            address: FREE_PORT.to_owned(),
            admin_token: None,
            tls: false,
        }
    }

    /// Takes world, timing, supervision and faults from a scenario file, as `imsim serve` does.
    ///
    /// ```
    /// # use imsim::Simulator;
    /// let service = Simulator::builder().scenario_file("scenarios/basics/default-world.json").start()?;
    /// assert_eq!(service.project("lab")?, "5b7c9d1e3f5a4b6c8d0e2f4a6b8c0d1e");
    /// # Ok::<(), imsim::simulator::embedded::Error>(())
    /// ```
    #[must_use]
    pub fn scenario_file(self, path: impl Into<PathBuf>) -> Self {
        Self { scenario: Scenario::File(path.into()), ..self }
    }

    /// Takes the same from a scenario that the test writes itself, as text or as a value.
    ///
    /// ```
    /// # use imsim::Simulator;
    /// let service = Simulator::builder()
    ///     .scenario(r#"{ "format": 1, "world": { "projects": { "alone": {} } } }"#)
    ///     .start()?;
    /// assert!(service.project("alone").is_ok());
    /// # Ok::<(), imsim::simulator::embedded::Error>(())
    /// ```
    #[must_use]
    pub fn scenario(self, scenario: impl Into<Json>) -> Self {
        Self { scenario: Scenario::Text(scenario.into().0), ..self }
    }

    /// The seed: two simulators with equal seeds draw equal ids and durations.
    ///
    /// ```
    /// # use imsim::Simulator;
    /// let scenario = r#"{ "format": 1, "world": { "projects": { "alone": {} } } }"#;
    /// let start = |seed| Simulator::builder().scenario(scenario).seed(seed).start();
    /// assert_eq!(start(1)?.project("alone")?, start(1)?.project("alone")?);
    /// assert_ne!(start(1)?.project("alone")?, start(2)?.project("alone")?);
    /// # Ok::<(), imsim::simulator::embedded::Error>(())
    /// ```
    #[must_use]
    pub fn seed(self, seed: u64) -> Self {
        Self { seed: Some(seed), ..self }
    }

    /// How time moves at first; see [`Simulator::clock`].
    ///
    /// ```
    /// # use imsim::Simulator;
    /// # use imsim::clock::Mode;
    /// let service = Simulator::builder().clock(Mode::Frozen).start()?;
    /// assert_eq!(service.clock().now(), service.clock().now());
    /// # Ok::<(), imsim::simulator::embedded::Error>(())
    /// ```
    #[must_use]
    pub fn clock(self, mode: Mode) -> Self {
        Self { clock: mode, ..self }
    }

    /// How many threads serve, each with jobs of its own; 1 is enough for most tests. At least one, and at
    /// most [`MOST_SHARDS`].
    ///
    /// ```
    /// # use imsim::Simulator;
    /// let service = Simulator::builder().shards(2).start()?;
    /// assert_eq!(service.admin("GET", "/health", "")?["shards"], 2);
    /// # Ok::<(), imsim::simulator::embedded::Error>(())
    /// ```
    #[must_use]
    pub fn shards(self, shards: usize) -> Self {
        Self { shards: shards.clamp(1, MOST_SHARDS), ..self }
    }

    /// The address to listen on, in place of a free port of this machine.
    ///
    /// ```
    /// # use imsim::Simulator;
    /// let service = Simulator::builder().address("localhost:0").start()?;
    /// assert!(service.url().starts_with("http://"));
    /// # Ok::<(), imsim::simulator::embedded::Error>(())
    /// ```
    #[must_use]
    pub fn address(self, address: impl Into<String>) -> Self {
        Self { address: address.into(), ..self }
    }

    /// The token that requests to the admin API must bring. The methods of the simulator need none.
    ///
    /// ```
    /// # use imsim::Simulator;
    /// let service = Simulator::builder().admin_token("secret").start()?;
    /// let refused = ureq::get(service.admin_url() + "/health").call();
    /// assert!(matches!(refused, Err(ureq::Error::StatusCode(401))));
    /// assert_eq!(service.admin("GET", "/health", "")?["status"], "ok");
    /// # Ok::<(), imsim::simulator::embedded::Error>(())
    /// ```
    #[must_use]
    pub fn admin_token(self, token: impl Into<String>) -> Self {
        Self { admin_token: Some(token.into()), ..self }
    }

    /// Speaks HTTPS, with a certificate that is made for this server alone; clients trust
    /// [`Simulator::certificate`].
    ///
    /// ```
    /// # use imsim::Simulator;
    /// let service = Simulator::builder().tls().start()?;
    /// assert!(service.url().starts_with("https://127.0.0.1:"));
    /// assert!(service.certificate().is_some_and(|pem| pem.starts_with("-----BEGIN CERTIFICATE")));
    /// # Ok::<(), imsim::simulator::embedded::Error>(())
    /// ```
    #[must_use]
    pub fn tls(self) -> Self {
        Self { tls: true, ..self }
    }

    /// Starts the server, and returns when it listens.
    ///
    /// # Errors
    /// If the scenario cannot be read or makes no sense, the address cannot be listened on, or no certificate
    /// can be made for it.
    ///
    /// ```
    /// # use imsim::Simulator;
    /// let wrong = r#"{ "format": 1, "world": { "projects": {}, "imges": {} } }"#;
    /// let problem = Simulator::builder().scenario(wrong).start().unwrap_err();
    /// assert!(problem.to_string().contains("did you mean `images`?"));
    /// ```
    pub fn start(&self) -> Result<Simulator, Error> {
        let file = self.scenario.read()?;
        let seed = self.seed.or(file.sections.seed).map_or(Seed::DEFAULT, Seed::new);
        let options = Options { clock: self.clock, ..Options::new(seed, self.shards) };
        let token = self.admin_token.as_deref().map(AdminToken::new);
        let admin = AdminOptions { address: None, token };
        let (address, tls) = (self.address.clone(), self.certificate()?);
        let thread = ServerThread::start(Start { file, options, address, admin, tls })?;
        Ok(Simulator { thread })
    }

    fn certificate(&self) -> Result<Option<Tls>, Error> {
        let names: Vec<String> = host_of(&self.address).into_iter().collect();
        let made = self.tls.then(|| Tls::self_signed(&names, WallTime::default().since_1970()));
        made.transpose().map_err(Error::Certificate)
    }
}

impl Scenario {
    fn read(&self) -> Result<ScenarioFile, Error> {
        let read = match self {
            Self::BuiltIn => ScenarioFile::built_in(),
            Self::File(path) => ScenarioFile::read(path),
            Self::Text(text) => ScenarioFile::parse("scenario".as_ref(), text.clone()),
        };
        read.map_err(Error::Scenario)
    }
}
