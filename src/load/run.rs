//! A run as it is asked for, and the server that is found or started for it.

use std::fmt;

use actix_web::rt::System;

use super::lead::lead;
use super::plan::filled;
use super::report_form::LoadReport;
use super::world_of_target;
use crate::clock::{SimDuration, WallTime};
use crate::replay::target::inside::Inside;
use crate::replay::target::{Prepare, TargetOptions};
use crate::replay::{BaseUrl, StandIns, TargetError, Trust};
use crate::scenario::load_section::LoadSection;
use crate::scenario::{Problem, ScenarioFile};
use crate::seed::Seed;
use crate::simulator::Options;
use crate::simulator::embedded::{self, Simulator};

/// Ended jobs that a server of the run's own remembers, so that the end can ask for every one of them.
const KEEP_JOBS: usize = 1_000_000;

/// A run, as it was asked for.
pub struct LoadOptions {
    /// The world, the faults, and perhaps the load. If none is named, it is the built-in load on a server of
    /// the run's own, and on any other simulator the world that is there.
    pub file: Option<ScenarioFile>,
    /// What is said beside the file's `load` section, and comes before it.
    pub said: LoadSection,
    /// The server; none for one that is started for the run.
    pub target: Option<TargetOptions>,
    /// The seed; that of the file if left out, else [`Seed::DEFAULT`].
    pub seed: Option<Seed>,
    /// The shards of a server that is started.
    pub shards: usize,
    /// The cores of the machine, by which threads are reckoned that nobody names.
    pub cores: u32,
    /// The command line that repeats the run, without the seed.
    pub command: String,
    /// An earlier run to compare with.
    pub baseline: Option<Baseline>,
}

/// An earlier run, and how much worse than it this one may be.
#[derive(Clone, Debug)]
pub struct Baseline {
    /// The file that it was read from.
    pub file: String,
    /// Its report.
    pub report: LoadReport,
    /// By which part a figure may become worse.
    pub allowed: f64,
}

/// Why there was no run.
#[derive(Debug)]
pub enum LoadError {
    /// The scenario makes no sense.
    Scenario(Problem),
    /// The server cannot be started.
    Server(embedded::Error),
    /// The server cannot be reached, the load cannot be put on it, or there is no thread.
    Target(String),
}

impl std::error::Error for LoadError {}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scenario(problem) => problem.fmt(f),
            Self::Server(error) => error.fmt(f),
            Self::Target(reason) => f.write_str(reason),
        }
    }
}

impl From<TargetError> for LoadError {
    fn from(error: TargetError) -> Self {
        match error {
            TargetError::Scenario(problem) => Self::Scenario(problem),
            TargetError::Target(reason) => Self::Target(reason),
        }
    }
}

/// Puts a load on a server. About once a second `look` is shown the report as it stands.
///
/// # Errors
/// If there is no server to put it on. What does not hold is no error; it stands in the report.
pub fn run(
    options: LoadOptions,
    look: &mut dyn FnMut(&LoadReport),
) -> Result<LoadReport, LoadError> {
    let own = options.target.is_none();
    let said_seed = options.seed.is_some();
    let file = match options.file {
        None if own => Some(ScenarioFile::built_in_load().map_err(LoadError::Scenario)?),
        file => file,
    };
    let of_file = file.as_ref().and_then(|file| file.sections.seed).map(Seed::new);
    let seed = options.seed.or(of_file).unwrap_or(Seed::DEFAULT);
    let server = match &file {
        Some(file) if own => Some(start_server(file, seed, options.shards)?),
        _ => None,
    };
    let target = match options.target {
        Some(target) => TargetOptions { seed: options.seed, ..target },
        None => own_target(server.as_ref(), seed)?,
    };
    System::new().block_on(async {
        let (file, target) = match file {
            Some(file) => (file, target),
            None => there(target).await?,
        };
        // The seed of a file can change with the file; what repeats this run must not.
        let command = match said_seed {
            true => options.command,
            false => format!("{} --seed {seed}", options.command),
        };
        let load = file.sections.load.clone().unwrap_or_default().with(options.said);
        let asked = Asked {
            file,
            load: filled(load, options.cores),
            target,
            own,
            seed,
            command,
            baseline: options.baseline,
        };
        lead(asked, look).await
    })
}

/// What is on a server for which no file is named; it stays as it is.
async fn there(target: TargetOptions) -> Result<(ScenarioFile, TargetOptions), LoadError> {
    let found = Inside::find(&target, &WallTime::default()).await.map_err(LoadError::Target)?;
    let Some(inside) = found else {
        return Err(LoadError::Target(format!(
            "{} is no simulator that tells what is there; name a scenario whose world has the ids and tokens \
             of what the load may change",
            target.url
        )));
    };
    let file = world_of_target::read(&inside).await.map_err(LoadError::Target)?;
    Ok((file, TargetOptions { prepare: Prepare::Never, ..target }))
}

/// A run whose server is there.
pub(super) struct Asked {
    pub(super) file: ScenarioFile,
    /// With every default filled in.
    pub(super) load: LoadSection,
    pub(super) target: TargetOptions,
    /// Whether the run started the server itself.
    pub(super) own: bool,
    pub(super) seed: Seed,
    pub(super) command: String,
    pub(super) baseline: Option<Baseline>,
}

fn start_server(file: &ScenarioFile, seed: Seed, shards: usize) -> Result<Simulator, LoadError> {
    let options = Options { keep_jobs: KEEP_JOBS, ..Options::new(seed, shards) };
    Simulator::serve(file.to_serve(), options).map_err(LoadError::Server)
}

pub(super) fn own_target(
    server: Option<&Simulator>,
    seed: Seed,
) -> Result<TargetOptions, LoadError> {
    let url = server.map(Simulator::url).unwrap_or_default();
    Ok(TargetOptions {
        url: BaseUrl::parse(&url).map_err(LoadError::Target)?,
        admin_url: None,
        admin_token: None,
        trust: Trust::public(),
        stand_ins: StandIns::default(),
        prepare: Prepare::Never,
        tolerance: SimDuration::ZERO,
        within: SimDuration::ZERO,
        seed: Some(seed),
    })
}
