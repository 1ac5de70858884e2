//! A whole run: the server that is found or started, the threads that send, the end.

use std::fmt;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix_web::rt::{self, System};
use tokio::sync::{mpsc, watch};

use super::assemble::{self, About};
use super::audit::{self, Promised, Server, Service, Start};
use super::audit_form::Audit;
use super::call::Phase;
use super::client::UnderWay;
use super::collect::Collected;
use super::driver::{self, Orders, Told};
use super::ledger::Ledger;
use super::plan::{Plan, filled};
use super::report_form::{Ended, LoadReport, Target};
use super::stock::Stock;
use super::{baseline, thresholds, world_of_target};
use crate::api::time;
use crate::clock::{SimDuration, WallInstant, WallTime};
use crate::replay::target::client::Client;
use crate::replay::target::inside::Inside;
use crate::replay::target::{Prepare, Reached, TargetOptions};
use crate::replay::{BaseUrl, StandIns, TargetError, Trust};
use crate::scenario::load_section::LoadSection;
use crate::scenario::{Problem, ScenarioFile};
use crate::seed::Seed;
use crate::simulator::Options;
use crate::simulator::embedded::{self, Simulator};

/// How long transactions get to end after somebody stopped the run.
const INTERRUPTED_GRACE: SimDuration = SimDuration::from_millis(5_000);
/// Messages of the threads that can wait; each thread tells something once in a second.
const MOST_TOLD: usize = 1_024;
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
struct Asked {
    file: ScenarioFile,
    load: LoadSection,
    target: TargetOptions,
    own: bool,
    seed: Seed,
    command: String,
    baseline: Option<Baseline>,
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

/// What a server promised can be held against, and how it stood before.
struct Truth {
    server: Server,
    before: Start,
}

/// What leads a run, from the start to the end.
struct Lead<'a> {
    about: About,
    plan: Arc<Plan>,
    wall: WallTime,
    start: WallInstant,
    under_way: Arc<UnderWay>,
    collected: Collected,
    ledger: Ledger,
    phase: watch::Sender<Phase>,
    /// Why it ended, once it has.
    ended: Ended,
    /// How long load was put on, once it is no more.
    took: Option<Duration>,
    /// Threads on which transactions still begin, and those that have not told their last.
    beginning: u32,
    telling: u32,
    look: &'a mut dyn FnMut(&LoadReport),
}

async fn lead(asked: Asked, look: &mut dyn FnMut(&LoadReport)) -> Result<LoadReport, LoadError> {
    let wall = WallTime::default();
    let Reached { inside, blueprint, .. } =
        Reached::reach(&asked.file, &asked.target, &wall).await?;
    let stock = Arc::new(Stock::of(&asked.file, &blueprint.names, &asked.target.stand_ins));
    drop(blueprint);
    let plan = Plan::new(&asked.load, Arc::clone(&stock), asked.seed).map_err(LoadError::Target)?;
    let plan = Arc::new(plan);
    let about = About {
        seed: asked.seed,
        command: asked.command.clone(),
        scenario: asked.file.path.display().to_string(),
        target: Target {
            url: asked.target.url.to_string(),
            own: asked.own,
            simulator: inside.is_some(),
        },
        started: time::whole_seconds(wall.since_1970().as_millis()),
        load: asked.load.clone(),
    };
    let truth = match inside {
        Some(inside) => Server::Simulator(Rc::new(inside)),
        None => Server::Other(Rc::new(Service {
            client: Client::new(&asked.target.trust),
            url: asked.target.url.clone(),
        })),
    };
    let before = audit::begin(&stock, &truth, asked.own, &wall).await.map_err(LoadError::Target)?;
    let truth = Truth { server: truth, before };
    let (phase, phases) = watch::channel(Phase::On);
    let (tell, told) = mpsc::channel(MOST_TOLD);
    let start = wall.now();
    let lead = Lead {
        about,
        wall: wall.clone(),
        start,
        under_way: Arc::default(),
        collected: Collected::default(),
        ledger: Ledger::default(),
        phase,
        ended: Ended::NotYet,
        took: None,
        beginning: plan.threads,
        telling: plan.threads,
        plan,
        look,
    };
    for thread in 0..lead.plan.threads {
        let orders = Orders {
            plan: Arc::clone(&lead.plan),
            url: asked.target.url.clone(),
            trust: asked.target.trust.clone(),
            wall: wall.clone(),
            start,
            thread,
            under_way: Arc::clone(&lead.under_way),
            phase: phases.clone(),
            tell: tell.clone(),
        };
        let no_thread = |error| LoadError::Target(format!("there is no thread to send: {error}"));
        driver::start(orders).map_err(no_thread)?;
    }
    drop(tell);
    lead.go_through(told, asked.baseline.as_ref(), &truth).await
}

impl Lead<'_> {
    async fn go_through(
        mut self,
        mut told: mpsc::Receiver<Told>,
        earlier: Option<&Baseline>,
        truth: &Truth,
    ) -> Result<LoadReport, LoadError> {
        let mut stops = 0_u32;
        loop {
            tokio::select! {
                biased;
                Ok(()) = tokio::signal::ctrl_c() => {
                    stops += 1;
                    self.interrupt(stops);
                }
                message = told.recv() => match message {
                    Some(message) => self.hear(message),
                    None => break,
                },
            }
        }
        self.collected.end(&self.under_way);
        let audit = self.audit(truth).await;
        let mut report = self.report(audit);
        if let Some(Baseline { file, report: before, allowed }) = earlier {
            report.baseline = Some(baseline::compare(file, before, &report, *allowed));
            report.held = assemble::held(&report);
        }
        Ok(report)
    }

    /// Holds the server against what it promised, unless somebody wants no more waiting.
    async fn audit(&self, truth: &Truth) -> Audit {
        let Truth { server, before } = truth;
        let cut = *self.phase.borrow() == Phase::Cut;
        let promised = Promised { ledger: &self.ledger, stock: &self.plan.stock, cut };
        tokio::select! {
            biased;
            Ok(()) = tokio::signal::ctrl_c() => Audit {
                why_not: Some("somebody stopped it".to_owned()),
                ..Audit::default()
            },
            audit = audit::audit(&promised, before, server, &self.wall) => audit,
        }
    }

    fn hear(&mut self, told: Told) {
        match told {
            Told::Second { second, gathered } => {
                let threads = self.telling;
                if self.collected.take(second, &gathered, threads, &self.under_way) {
                    self.show();
                }
            }
            Told::NoMore { used_up } => {
                self.beginning -= 1;
                if self.beginning == 0 {
                    let why = if used_up { Ended::UsedUp } else { Ended::Finished };
                    self.stop(why, Phase::Ending);
                }
            }
            Told::Done(ledger) => {
                self.telling -= 1;
                self.ledger.merge(*ledger);
            }
        }
    }

    /// Shows how it stands, and ends the run if a threshold says so.
    fn show(&mut self) {
        let report = self.report(Audit::default());
        let said = self.about.load.thresholds.as_deref().unwrap_or_default();
        if self.plan.abort_early && thresholds::worth_aborting(said, &report).is_some() {
            self.stop(Ended::Aborted, Phase::Ending);
        }
        (self.look)(&report);
    }

    fn report(&self, audit: Audit) -> LoadReport {
        let took = self.took.unwrap_or_else(|| self.wall.elapsed(self.start));
        assemble::report(&self.about, &self.collected, &self.under_way, took, self.ended, audit)
    }

    /// Lets no more transactions begin, or ends those under way, too. The first reason counts.
    fn stop(&mut self, why: Ended, phase: Phase) {
        if self.ended == Ended::NotYet {
            self.ended = why;
            self.took = Some(self.wall.elapsed(self.start));
        }
        self.phase.send_modify(|now| *now = phase.max(*now));
    }

    /// Lets transactions end for a while; whoever stops it again wants no more waiting.
    fn interrupt(&mut self, stops: u32) {
        if stops > 1 {
            return self.stop(Ended::Interrupted, Phase::Cut);
        }
        self.stop(Ended::Interrupted, Phase::Ending);
        let (phase, wall) = (self.phase.clone(), self.wall.clone());
        rt::spawn(async move {
            wall.sleep(INTERRUPTED_GRACE).await;
            phase.send_replace(Phase::Cut);
        });
    }
}
