//! What leads a run: it starts the threads that send, hears what they measured, ends them, and holds the server
//! against what it promised.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix_web::rt;
use tokio::sync::{mpsc, watch};

use super::assemble::{self, About};
use super::audit::{self, Promised, Server, Service, Start};
use super::audit_form::Audit;
use super::call::Phase;
use super::collect::Collected;
use super::driver::{self, Orders, Told};
use super::ledger::Ledger;
use super::plan::Plan;
use super::report_form::{Ended, LoadReport, Target};
use super::run::{Asked, Baseline, LoadError};
use super::stock::stock;
use super::under_way::UnderWay;
use super::{baseline, thresholds};
use crate::api::time;
use crate::clock::{SimDuration, WallInstant, WallTime};
use crate::replay::target::Reached;
use crate::replay::target::client::Client;
use crate::scenario::check_load;
use crate::simulator::live::stop_signals::StopSignals;

/// How long transactions get to end after somebody stopped the run.
const INTERRUPTED_GRACE: SimDuration = SimDuration::from_millis(5_000);
/// Messages of the threads that can wait; each thread tells something once in a second.
const MOST_TOLD: usize = 1_024;

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
    /// Threads on which transactions still begin.
    beginning: u32,
    /// Whether some thread found no image left.
    used_up: bool,
    look: &'a mut dyn FnMut(&LoadReport),
}

/// What is known of a run before its server was asked anything.
fn about(asked: &Asked, wall: &WallTime) -> About {
    About {
        seed: asked.seed,
        command: asked.command.clone(),
        scenario: asked.file.path.display().to_string(),
        target: Target { url: asked.target.url.to_string(), own: asked.own, simulator: false },
        started: time::whole_seconds(wall.since_1970().as_millis()),
        load: asked.load.clone(),
    }
}

/// Lays out the load, and reads how the server stands; of a large world that takes a while.
async fn get_ready(
    asked: &Asked,
    about: &mut About,
    wall: &WallTime,
) -> Result<(Arc<Plan>, Truth), LoadError> {
    let Reached { inside, blueprint, .. } =
        Reached::reach(&asked.file, &asked.target, wall).await?;
    about.target.simulator = inside.is_some();
    let stock = Arc::new(stock(&asked.file, &blueprint.names, &asked.target.stand_ins));
    let names = &blueprint.names;
    check_load(&asked.load, &asked.file.sections.world, names)
        .map_err(|reason| LoadError::Target(format!("load.{reason}")))?;
    let plan = Plan::new(&asked.load, names, Arc::clone(&stock), asked.seed);
    let plan = Arc::new(plan.map_err(LoadError::Target)?);
    drop(blueprint);
    let server = match inside {
        Some(inside) => Server::Simulator(Rc::new(inside)),
        None => Server::Other(Rc::new(Service {
            client: Client::new(&asked.target.trust),
            url: asked.target.url.clone(),
        })),
    };
    let before = audit::begin(&stock, &server, asked.own, wall).await.map_err(LoadError::Target)?;
    about.started = time::whole_seconds(wall.since_1970().as_millis());
    Ok((plan, Truth { server, before }))
}

/// The report of a run that somebody stopped before anything was sent; nothing held, since nothing was tried.
fn never_begun(about: &About) -> LoadReport {
    let why_not = Some("it was stopped before the load began".to_owned());
    let audit = Audit { why_not, ..Audit::default() };
    let (collected, under_way) = (Collected::default(), UnderWay::default());
    let report =
        assemble::report(about, &collected, &under_way, Duration::ZERO, Ended::Interrupted, audit);
    LoadReport { held: false, ..report }
}

/// Goes through a run whose server is there.
pub(super) async fn lead(
    asked: Asked,
    look: &mut dyn FnMut(&LoadReport),
) -> Result<LoadReport, LoadError> {
    let wall = WallTime::default();
    let no_signals = |error| LoadError::Target(format!("cannot hear signals: {error}"));
    let mut stops = StopSignals::new().map_err(no_signals)?;
    let mut about = about(&asked, &wall);
    let ready = tokio::select! {
        biased;
        () = stops.wait() => None,
        ready = get_ready(&asked, &mut about, &wall) => Some(ready?),
    };
    let Some((plan, truth)) = ready else { return Ok(never_begun(&about)) };
    let (phase, phases) = watch::channel(Phase::On);
    let (tell, told) = mpsc::channel(MOST_TOLD);
    let start = wall.now();
    let lead = Lead {
        about,
        wall: wall.clone(),
        start,
        under_way: Arc::default(),
        collected: Collected::of(plan.threads),
        ledger: Ledger::default(),
        phase,
        ended: Ended::NotYet,
        took: None,
        beginning: plan.threads,
        used_up: false,
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
    Ok(lead.go_through(told, stops, asked.baseline.as_ref(), &truth).await)
}

impl Lead<'_> {
    async fn go_through(
        mut self,
        mut told: mpsc::Receiver<Told>,
        mut stops: StopSignals,
        earlier: Option<&Baseline>,
        truth: &Truth,
    ) -> LoadReport {
        let mut stopped = 0_u32;
        let first = self.report(Audit::default());
        (self.look)(&first);
        loop {
            tokio::select! {
                biased;
                () = stops.wait() => {
                    stopped += 1;
                    self.interrupt(stopped);
                }
                message = told.recv() => match message {
                    Some(message) => self.hear(message),
                    None => break,
                },
            }
        }
        self.collected.end();
        // If a thread died, nothing else has said yet that the run is over.
        self.stop(Ended::Finished, Phase::Ending);
        let audit = self.audit(truth, &mut stops).await;
        let mut report = self.report(audit);
        if let Some(Baseline { file, report: before, allowed }) = earlier {
            report.baseline = Some(baseline::compare(file, before, &report, *allowed));
            report.held = assemble::held(&report);
        }
        report
    }

    /// Holds the server against what it promised, unless somebody wants no more waiting.
    async fn audit(&self, truth: &Truth, stops: &mut StopSignals) -> Audit {
        let not_done =
            |why_not: &str| Audit { why_not: Some(why_not.to_owned()), ..Audit::default() };
        if self.collected.are_telling() > 0 {
            // What it was promised is lost with it, and would look as if nobody had asked for it.
            return not_done("a thread that sent has died");
        }
        let died = self.collected.sums.died;
        if died > 0 {
            return not_done(&format!(
                "the driver itself failed at {died} transactions, and what they were promised is not known"
            ));
        }
        let Truth { server, before } = truth;
        let cut = *self.phase.borrow() == Phase::Cut;
        let promised = Promised { ledger: &self.ledger, stock: &self.plan.stock, cut };
        tokio::select! {
            biased;
            () = stops.wait() => not_done("somebody stopped it"),
            audit = audit::audit(&promised, before, server, &self.wall) => audit,
        }
    }

    fn hear(&mut self, told: Told) {
        match told {
            Told::Second { thread, second, gathered } => {
                if self.collected.take(thread, second, &gathered, &self.under_way) {
                    self.show();
                }
            }
            Told::NoMore { used_up } => {
                self.beginning -= 1;
                self.used_up |= used_up;
                if self.beginning == 0 {
                    let why = if self.used_up { Ended::UsedUp } else { Ended::Finished };
                    self.stop(why, Phase::Ending);
                }
            }
            Told::Done { thread, ledger } => {
                self.ledger.merge(*ledger);
                if self.collected.done(thread) {
                    self.show();
                }
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
    fn interrupt(&mut self, stopped: u32) {
        if stopped > 1 {
            return self.stop(Ended::Interrupted, Phase::Cut);
        }
        self.stop(Ended::Interrupted, Phase::Ending);
        // Also where only jobs were waited for: they are not any more. A run that a threshold ended stays so.
        if self.ended != Ended::Aborted {
            self.ended = Ended::Interrupted;
        }
        let (phase, wall) = (self.phase.clone(), self.wall.clone());
        rt::spawn(async move {
            wall.sleep(INTERRUPTED_GRACE).await;
            phase.send_replace(Phase::Cut);
        });
    }
}
