//! The admin API of a server that is a simulator.

use actix_web::http::Method;
use serde_json::Value;

use super::TargetOptions;
use super::base_url::BaseUrl;
use super::client::Client;
use crate::clock::{Mode, SimDuration, WallTime};
use crate::faults::Hold;
use crate::http::admin::PREFIX;
use crate::replay::changes::{piece, refusal};
use crate::replay::failure::{self, StepFailure};
use crate::replay::wire::{self, Seen};
use crate::scenario::expect::Outcome;
use crate::seed::Seed;
use crate::simulator::virtual_run::VirtualRequest;

/// How long the question whether there is an admin API waits for an answer, in real time: a server that
/// says nothing for so long is not one to test against.
const SLOWEST_PROBE: SimDuration = SimDuration::from_millis(10_000);

/// How often it is asked whether everything has ended, in real time.
const SETTLE_LOOK: SimDuration = SimDuration::from_millis(10);

/// The admin API of a simulator, and what it told at first.
pub(crate) struct Inside {
    client: Client,
    url: BaseUrl,
    token: Option<String>,
    seed: Seed,
    scenario: String,
    mode: Mode,
}

impl Inside {
    /// Looks for the admin API; `None` if the server is no simulator, or has it elsewhere.
    ///
    /// # Errors
    /// A sentence, if the server cannot be reached, or if an admin API was named and is not there.
    pub(crate) async fn find(
        options: &TargetOptions,
        wall: &WallTime,
    ) -> Result<Option<Self>, String> {
        let named = options.admin_url.as_ref().map(|url| url.or_at(PREFIX));
        if named.is_some() {
            reach(&options.url, wall).await?;
        }
        let url = named.clone().unwrap_or_else(|| options.url.below(PREFIX));
        let mut inside = Self {
            client: Client::new(&options.trust),
            url,
            token: options.admin_token.clone(),
            seed: Seed::DEFAULT,
            scenario: String::new(),
            mode: Mode::Real,
        };
        let health = wall.within(SLOWEST_PROBE, inside.get("/health")).await;
        let at = &inside.url;
        let Some(health) = health else {
            return Err(format!("{at} gave no answer within {SLOWEST_PROBE}"));
        };
        if let Some(trouble) = &health.trouble {
            let at = options.admin_url.as_ref().unwrap_or(&options.url);
            return Err(format!("{at} cannot be reached: {trouble}"));
        }
        if is_locked(&health) {
            let message = &health.body["error"]["message"];
            return Err(format!(
                "the admin API at {at} lets nobody in: {}; the token is given with --admin-token",
                message.as_str().unwrap_or("401")
            ));
        }
        let told = (health.body["seed"].as_u64(), health.body["scenario"].as_str());
        let (200, (Some(seed), Some(scenario))) = (health.status, told) else {
            return match named {
                Some(at) => Err(format!("there is no admin API at {at}")),
                None => Ok(None),
            };
        };
        (inside.seed, inside.scenario) = (Seed::new(seed), scenario.to_owned());
        let clock = inside.ask(Method::GET, "/clock", None).await?;
        inside.mode = clock["mode"].as_str().and_then(|mode| mode.parse().ok()).unwrap_or_default();
        Ok(Some(inside))
    }

    /// The seed by which the server draws ids.
    ///
    /// # Errors
    /// A sentence, if another one was asked for.
    pub(crate) fn agree_on_seed(&self, options: &TargetOptions) -> Result<Seed, String> {
        match options.seed {
            Some(other) if other != self.seed => Err(format!(
                "the server runs with seed {}, not {other}; leave out --seed, or serve with it",
                self.seed
            )),
            _ => Ok(self.seed),
        }
    }

    /// How the server's clock moves.
    pub(crate) fn mode(&self) -> Mode {
        self.mode
    }

    /// The hash of the scenario that the server serves.
    pub(super) fn scenario(&self) -> &str {
        &self.scenario
    }

    /// Sends a request to a path below the API's own, with its token.
    pub(super) async fn call(&self, request: &VirtualRequest, path: &str) -> Seen {
        let mut headers = request.headers.clone();
        let bearer = self.token.as_ref().map(|token| format!("Bearer {token}").into_bytes());
        headers.extend(bearer.map(|bearer| ("authorization".to_owned(), bearer)));
        self.client.send(&self.url.with(path), &request.method, &headers, &request.body).await
    }

    async fn get(&self, path: &str) -> Seen {
        self.call(&wire::admin(Method::GET, path, None), path).await
    }

    /// Asks for something that is always granted.
    ///
    /// # Errors
    /// A sentence, if it is not.
    pub(crate) async fn ask(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value, String> {
        let seen = self.call(&wire::admin(method.clone(), path, body), path).await;
        if seen.outcome == Outcome::Answered && seen.status < 300 {
            return Ok(seen.body);
        }
        let found = seen.trouble.clone().unwrap_or_else(|| refusal(&seen));
        Err(format!("{method} {} did not succeed: {found}", self.url.with(path)))
    }

    /// Waits until nothing is under way any more: no job runs, or none can go on by itself.
    pub(crate) async fn settle(&self, wall: &WallTime) {
        loop {
            let (health, clock) = (self.get("/health").await, self.get("/clock").await);
            let (jobs, clock) = (&health.body["jobs"]["running"], &clock.body);
            let idle = clock["waiting"].as_u64() == Some(0) && clock["busy"].as_u64() == Some(0);
            // A server that tells neither has gone, and the next look will say so.
            if idle || jobs.as_u64().unwrap_or(0) == 0 {
                return;
            }
            wall.sleep(SETTLE_LOOK).await;
        }
    }

    /// The rules that had to fire and did not.
    pub(super) async fn unfired(&self) -> Vec<StepFailure> {
        let listed = self.get("/faults").await;
        let rules = listed.body["faults"].as_array().cloned().unwrap_or_default();
        let unmet = rules.iter().filter(|rule| rule["must_fire"] == "unmet");
        unmet.map(|rule| failure::never_fired(text(&rule["id"]), &why_not(rule))).collect()
    }

    /// The names of all things of a kind, as the world lists them.
    pub(super) async fn names_of(&self, kind: &str) -> Result<Vec<String>, String> {
        let (mut names, mut after) = (Vec::new(), None::<String>);
        loop {
            let behind = after.map(|name| format!("?after={}", piece(&name))).unwrap_or_default();
            let page = self.ask(Method::GET, &format!("/world/{kind}{behind}"), None).await?;
            names.extend(page[kind].as_object().into_iter().flat_map(|page| page.keys().cloned()));
            match page["next"].as_str() {
                Some(next) => after = Some(next.to_owned()),
                None => return Ok(names),
            }
        }
    }
}

/// Whether this is the refusal of an admin API that is protected, rather than that of a service that has
/// none.
fn is_locked(seen: &Seen) -> bool {
    let asks = seen.header("www-authenticate");
    seen.status == 401 && asks.as_deref() == Some("Bearer") && seen.error_code().is_none()
}

/// Connects and says nothing.
async fn reach(url: &BaseUrl, wall: &WallTime) -> Result<(), String> {
    let connection = tokio::net::TcpStream::connect(url.address());
    match wall.within(SLOWEST_PROBE, connection).await {
        Some(Ok(_)) => Ok(()),
        Some(Err(error)) => Err(format!("{url} cannot be reached: {error}")),
        None => Err(format!("{url} cannot be reached within {SLOWEST_PROBE}")),
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Why a rule did not fire, in the words of [`crate::faults::Plan::why_not`].
fn why_not(rule: &Value) -> String {
    let reasons = rule["why_not"].as_array().into_iter().flatten().filter_map(|reason| {
        let (word, times) = (text(&reason["reason"]), reason["times"].as_u64()?);
        if let Some(matcher) = word.strip_prefix("match.") {
            return Some(format!("`{matcher}` differed {times} times"));
        }
        let hold = Hold::ALL.into_iter().find(|hold| hold.name() == word)?;
        Some(format!("{} {times} times", hold.words()))
    });
    let reasons = reasons.collect::<Vec<_>>().join(", ");
    let reasons = if reasons.is_empty() { reasons } else { format!(": {reasons}") };
    format!("considered {} times{reasons}", rule["counts"]["considered"])
}
