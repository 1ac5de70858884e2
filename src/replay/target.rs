//! A server that somebody else started: a simulator, or the real service. Steps reach it over sockets and
//! in real time; what needs the inside goes through the admin API, if there is one, and is skipped
//! otherwise.

mod ask;
mod base_url;
pub(crate) mod client;
pub(crate) mod inside;
mod prepare;
mod skipped;
mod stand_ins;
mod trust;

use std::cell::RefCell;
use std::fmt;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use actix_web::rt::System;
use rustc_hash::FxHashSet;

pub use ask::{Question, ask_admin};
pub use base_url::BaseUrl;
pub use skipped::Skipped;
pub use stand_ins::StandIns;
pub use trust::Trust;

use super::compare::{Exactness, Times};
use super::failure::{self, StepFailure};
use super::own_seed;
use super::runner::Runner;
use super::stage::Stage;
use super::step_counter::StepCounter;
use super::wire::Seen;
use crate::clock::{Mode, SimDuration, SimTime, WallInstant, WallTime};
use crate::http::admin::PREFIX;
use crate::scenario::{self, Blueprint, Names, Problem, ScenarioFile};
use crate::seed::Seed;
use crate::simulator::virtual_run::VirtualRequest;
use client::Client;
use inside::Inside;

/// How long a client that expects to wait for ever waits, in real time: longer than any answer takes that
/// is under way, and short enough to sit through.
pub(super) const LONGEST_SILENCE: SimDuration = SimDuration::from_millis(10_000);

/// How files are replayed against a server.
#[derive(Clone, Debug)]
pub struct TargetOptions {
    /// Where the service is.
    pub url: BaseUrl,
    /// Where its admin API is; `None` is at [`PREFIX`] below the service.
    pub admin_url: Option<BaseUrl>,
    /// The token that the admin API asks for.
    pub admin_token: Option<String>,
    /// Whose certificates are good for `https`.
    pub trust: Trust,
    /// What stands on the server for what the files name.
    pub stand_ins: StandIns,
    /// What is done to a simulator before the steps.
    pub prepare: Prepare,
    /// By how much a duration may differ from what is expected.
    pub tolerance: SimDuration,
    /// The longest that one file may take, in real time.
    pub within: SimDuration,
    /// The seed by which ids are drawn that a file leaves out; `None` is that of the server if it tells
    /// it, else that of the file, else [`Seed::DEFAULT`].
    pub seed: Option<Seed>,
}

/// What is done to a simulator before the steps of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prepare {
    /// It goes back to its beginning, and is refused if it serves another scenario.
    Same,
    /// The same; and if it serves another scenario, its world and its rules become those of the file.
    Always,
    /// It stays as it is.
    Never,
}

/// What became of one file on a server.
#[derive(Debug)]
pub struct TargetReplayed {
    /// The file.
    pub file: PathBuf,
    /// Where the service is.
    pub url: BaseUrl,
    /// How much real time it took.
    pub real: Duration,
    /// What could not be done or looked at.
    pub skipped: Skipped,
    /// What people should know about the run.
    pub notes: Vec<String>,
    /// What did not hold; empty if everything did that was looked at.
    pub failures: Vec<StepFailure>,
}

/// Why a file could not be replayed against a server.
#[derive(Debug)]
pub enum TargetError {
    /// The file is no scenario, or makes no sense.
    Scenario(Problem),
    /// The server cannot be reached, or is not as it must be; a sentence for people.
    Target(String),
}

impl std::error::Error for TargetError {}

impl fmt::Display for TargetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scenario(problem) => problem.fmt(f),
            Self::Target(reason) => f.write_str(reason),
        }
    }
}

/// A server, as steps see it.
pub(super) struct Target {
    client: Client,
    url: BaseUrl,
    inside: Option<Inside>,
    names: Names,
    stand_ins: StandIns,
    tolerance: SimDuration,
    wall: WallTime,
    epoch: SimTime,
    started: WallInstant,
    skipped: RefCell<Skipped>,
    lost: RefCell<FxHashSet<String>>,
    notes: Vec<String>,
}

/// Replays one file against a server.
///
/// # Errors
/// If the file is no scenario, or the server cannot be reached or prepared. What does not hold is no
/// error; it stands in [`TargetReplayed::failures`].
pub fn replay_against(path: &Path, options: &TargetOptions) -> Result<TargetReplayed, TargetError> {
    let file = ScenarioFile::read(path).map_err(TargetError::Scenario)?;
    // Each file has a system of its own: with it everything ends that was still under way.
    System::new().block_on(run(&file, options))
}

async fn run(file: &ScenarioFile, options: &TargetOptions) -> Result<TargetReplayed, TargetError> {
    let wall = WallTime::default();
    let started = wall.now();
    let target = Target::reach(file, options, wall.clone()).await?;
    let runner = Runner::new(Stage::Target(Box::new(target)), StepCounter::default());
    let whole = whole(Rc::clone(&runner), file);
    let failures = match wall.within(options.within, whole).await {
        Some(failures) => failures,
        None => runner.cut_short(options.within, &file.sections.steps),
    };
    let (skipped, notes) = runner.stage.target().map(Target::remarks).unwrap_or_default();
    Ok(TargetReplayed {
        file: file.path.clone(),
        url: options.url.clone(),
        real: wall.elapsed(started),
        skipped,
        notes,
        failures: failure::with_lines(failures, file),
    })
}

/// All steps, and then what must be true when everything has ended that they set going.
async fn whole(runner: Rc<Runner>, file: &ScenarioFile) -> Vec<StepFailure> {
    let sections = &file.sections;
    Rc::clone(&runner).run(sections.steps.clone()).await;
    let Some(target) = runner.stage.target() else { return runner.take_failures() };
    let must_fire = sections.faults.iter().filter(|rule| rule.must_fire).count();
    let Some(inside) = &target.inside else {
        target.skip_the_end(sections.expect.is_some(), must_fire);
        return runner.take_failures();
    };
    if runner.holds_so_far() && (sections.expect.is_some() || must_fire > 0) {
        inside.settle(&target.wall).await;
    }
    let mut failures = Rc::clone(&runner).at_the_end(sections.expect.clone()).await;
    failures.extend(inside.unfired().await);
    failures
}

/// A server that was found and brought to where a file begins.
pub(crate) struct Reached {
    /// Its admin API, if it is a simulator.
    pub(crate) inside: Option<Inside>,
    /// What the file makes with the server's seed; its names have the ids that things have on the server.
    pub(crate) blueprint: Blueprint,
    /// What people should know about it.
    pub(crate) notes: Vec<String>,
}

impl Reached {
    /// Finds a server, and brings it to where the file begins.
    pub(crate) async fn reach(
        file: &ScenarioFile,
        options: &TargetOptions,
        wall: &WallTime,
    ) -> Result<Self, TargetError> {
        let epoch = wall.since_1970();
        let own_seed = options.seed.unwrap_or_else(|| own_seed(file));
        // A file that makes no sense must not cost anybody the state of a server.
        scenario::compile(file, own_seed, epoch).map_err(TargetError::Scenario)?;
        let inside = Inside::find(options, wall).await.map_err(TargetError::Target)?;
        let seed = inside.as_ref().map_or(Ok(own_seed), |inside| inside.agree_on_seed(options));
        let seed = seed.map_err(TargetError::Target)?;
        let mut blueprint = scenario::compile(file, seed, epoch).map_err(TargetError::Scenario)?;
        let mut notes = Vec::new();
        if let Some(inside) = &inside {
            let prepared = prepare::prepare(inside, file, &blueprint, options.prepare).await;
            notes.extend(prepared.map_err(TargetError::Target)?);
        }
        options.stand_ins.rename(&mut blueprint.names);
        Ok(Self { inside, blueprint, notes })
    }
}

impl Target {
    /// Finds a server, and brings it to where the file begins.
    async fn reach(
        file: &ScenarioFile,
        options: &TargetOptions,
        wall: WallTime,
    ) -> Result<Self, TargetError> {
        let Reached { inside, blueprint, notes } = Reached::reach(file, options, &wall).await?;
        Ok(Self {
            client: Client::new(&options.trust),
            url: options.url.clone(),
            inside,
            names: blueprint.names,
            stand_ins: options.stand_ins.clone(),
            tolerance: options.tolerance,
            started: wall.now(),
            epoch: wall.since_1970(),
            wall,
            skipped: RefCell::default(),
            lost: RefCell::default(),
            notes,
        })
    }

    pub(super) fn names(&self) -> &Names {
        &self.names
    }

    pub(super) fn now(&self) -> SimTime {
        self.epoch + self.wall.since(self.started)
    }

    pub(super) async fn wait_until(&self, due: SimTime) {
        let now = self.now();
        if due > now {
            self.wall.sleep(due - now).await;
        }
    }

    /// Sends a request; one for the admin API goes where that is, and brings its token.
    pub(super) async fn call(&self, request: &VirtualRequest) -> Seen {
        let path = request.target.to_string();
        match (&self.inside, path.strip_prefix(PREFIX)) {
            (Some(inside), Some(path)) => inside.call(request, path).await,
            _ => {
                let headers = self.stand_ins.headers(&request.headers);
                self.client
                    .send(&self.url.with(&path), &request.method, &headers, &request.body)
                    .await
            }
        }
    }

    /// The host, with port, and the target that the service sees of a path of it.
    pub(super) fn place(&self, path: &str) -> (String, String) {
        let url = self.url.with(path);
        let (_, rest) = url.split_once("://").unwrap_or_default();
        let at = rest.find('/').unwrap_or(rest.len());
        (rest[..at].to_owned(), rest[at..].to_owned())
    }

    pub(super) fn has_inside(&self) -> bool {
        self.inside.is_some()
    }

    /// The client measures in real time, which says nothing about a clock that goes at another pace. What
    /// the server tells is by its own clock.
    pub(super) fn times(&self, judged: bool) -> Times {
        let told = Exactness::Within(self.tolerance);
        let pace = self.inside.as_ref().map(Inside::mode);
        if pace.is_none_or(|mode| mode == Mode::Real) {
            return Times { seen: told, told };
        }
        self.skipped.borrow_mut().durations += usize::from(judged);
        Times { seen: Exactness::NotJudged, told }
    }

    pub(super) fn skip_step<'a>(&self, lost: impl Iterator<Item = &'a str>) {
        self.skipped.borrow_mut().steps += 1;
        self.lost.borrow_mut().extend(lost.map(str::to_owned));
    }

    pub(super) fn lost(&self, value: &str) -> bool {
        self.lost.borrow().contains(value)
    }

    fn skip_the_end(&self, expect: bool, must_fire: usize) {
        let mut skipped = self.skipped.borrow_mut();
        (skipped.end, skipped.must_fire) = (expect, must_fire);
    }

    /// What was skipped, and what people should know.
    fn remarks(&self) -> (Skipped, Vec<String>) {
        (self.skipped.borrow().clone(), self.notes.clone())
    }
}
