//! Carries out the steps of a scenario: which is done when, and what did not hold.

use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;

use futures_core::future::LocalBoxFuture;
use rustc_hash::FxHashMap;
use serde_json::Value;
use tokio::task::{JoinError, JoinHandle};

use super::compare::Mismatch;
use super::failure::StepFailure;
use super::stage::{Stage, needs_the_inside};
use super::step_counter::StepCounter;
use super::under_way::UnderWay;
use super::{changes, truth};
use crate::api::{Operation, ProjectId};
use crate::clock::{Busy, SimDuration, SimTime};
use crate::scenario::step::{RepeatStep, StepEntry, Truth, WaitStep};
use crate::scenario::values::{self, FillError, Said};
use crate::scenario::{Names, Segment, check_filled};

/// Runs all steps; after a failed one nothing more is done.
pub(super) async fn run(stage: Stage, steps: Vec<StepEntry>, counter: StepCounter) -> Rc<Runner> {
    let runner = Runner::new(stage, counter);
    Rc::clone(&runner).run(steps).await;
    runner
}

/// A step that panicked must never count as one that held.
fn finished(step: Result<(), JoinError>) {
    if let Err(error) = step {
        panic!("a step died: {error}");
    }
}

/// Carries out steps, and remembers what they saved and what did not hold.
pub(super) struct Runner {
    pub(super) stage: Stage,
    start: SimTime,
    pub(super) values: RefCell<FxHashMap<String, Value>>,
    /// The projects of tokens that were given out.
    pub(super) given: RefCell<FxHashMap<String, ProjectId>>,
    failures: RefCell<Vec<StepFailure>>,
    background: RefCell<Vec<JoinHandle<()>>>,
    counter: StepCounter,
    under_way: UnderWay,
}

/// Where a step stands: in the file, in which rounds, and its number among all steps.
#[derive(Clone)]
pub(super) struct Spot {
    path: Vec<Segment>,
    rounds: Vec<(String, u32)>,
    pub(super) number: usize,
}

/// One step where it stands.
pub(super) struct Turn {
    pub(super) spot: Spot,
    pub(super) kind: &'static str,
    pub(super) timeout: Option<SimDuration>,
}

impl Spot {
    /// Before the first step.
    pub(super) fn start() -> Self {
        Self { path: vec!["steps".into()], rounds: Vec::new(), number: 0 }
    }

    /// A place within this one; its number is so many further on.
    fn inside(&self, segments: impl IntoIterator<Item = Segment>, further: usize) -> Self {
        let path = self.path.iter().cloned().chain(segments).collect();
        Self { path, rounds: self.rounds.clone(), number: self.number + further }
    }

    /// What did not hold of a step of this kind that stands here.
    pub(super) fn failure(&self, kind: &'static str, mismatches: Vec<Mismatch>) -> StepFailure {
        let mut path = self.path.clone();
        if path.len() > 1 {
            path.push(kind.into());
        }
        let rounds = self.rounds.iter().map(|(_, round)| *round).collect();
        StepFailure { path, rounds, kind, line: 0, mismatches }
    }
}

impl Runner {
    /// A runner that has done nothing yet; the run starts now.
    pub(super) fn new(stage: Stage, counter: StepCounter) -> Rc<Self> {
        let start = stage.now();
        Rc::new(Self {
            stage,
            start,
            values: RefCell::default(),
            given: RefCell::default(),
            failures: RefCell::default(),
            background: RefCell::default(),
            counter,
            under_way: UnderWay::default(),
        })
    }

    /// Runs all steps, and waits for those in the background.
    pub(super) async fn run(self: Rc<Self>, steps: Vec<StepEntry>) {
        Rc::clone(&self).in_turn(steps, Spot::start()).await;
        loop {
            let Some(step) = self.background.borrow_mut().pop() else { break };
            finished(step.await);
        }
    }

    /// Runs steps one after the other, until one does not hold.
    async fn in_turn(self: Rc<Self>, steps: Vec<StepEntry>, spot: Spot) {
        let mut further = 0;
        for (index, step) in steps.into_iter().enumerate() {
            let size = step.size();
            Rc::clone(&self).step(step, spot.inside([index.into()], further)).await;
            further += size;
            if !self.failures.borrow().is_empty() {
                break;
            }
        }
    }

    /// Runs one step. Boxed, since steps contain steps.
    fn step(self: Rc<Self>, step: StepEntry, spot: Spot) -> LocalBoxFuture<'static, ()> {
        Box::pin(async move {
            self.counter.advance();
            let kind = step.kind();
            let inner = spot.inside([kind.into()], 1);
            match step {
                StepEntry::Parallel(steps) => self.parallel(steps, inner).await,
                StepEntry::Sequence(steps) => self.in_turn(steps, inner).await,
                StepEntry::Background(steps) => {
                    let running = actix_web::rt::spawn(Rc::clone(&self).in_turn(steps, inner));
                    self.background.borrow_mut().push(running);
                }
                StepEntry::Repeat(step) => self.repeat(&step, &inner).await,
                step => {
                    let turn = Turn { spot, kind, timeout: step.timeout() };
                    self.under_way.begins(&turn);
                    match self.filled(&step, &turn.spot) {
                        Ok(Some(filled)) => self.leaf(&filled, &turn).await,
                        Ok(None) => self.stage.skip_step(step.saves_values()),
                        Err(mismatch) => self.hold(vec![mismatch], &turn),
                    }
                    self.under_way.ends(&turn);
                }
            }
        })
    }

    /// The step with its values, which only now are known; a step that says some is checked again. `None`
    /// if it says a value that was lost with a step that was skipped.
    fn filled<'s>(
        &self,
        step: &'s StepEntry,
        spot: &Spot,
    ) -> Result<Option<Cow<'s, StepEntry>>, Mismatch> {
        let say = |name: &str| {
            let round = spot.rounds.iter().rev().find(|(round, _)| round == name);
            let saved = || self.values.borrow().get(name).cloned();
            round
                .map(|(_, round)| Value::from(*round))
                .or_else(saved)
                .map_or(Said::Nothing, Said::Value)
        };
        let mismatch = |expected: String, found: String| Mismatch {
            what: "the values that the step says".to_owned(),
            expected,
            found,
        };
        let filled = values::fill(step, &say);
        if matches!(&filled, Err(FillError::Unknown(name)) if self.stage.lost(name)) {
            return Ok(None);
        }
        let filled = filled.map_err(|error| match error {
            FillError::Unknown(name) => mismatch(
                format!("a value saved as `{name}`"),
                "none: the step that saves it got none, or has not come to its end".to_owned(),
            ),
            FillError::Unclosed => {
                mismatch("each `${` with its `}`".to_owned(), "one without".to_owned())
            }
            FillError::Senseless(message) => {
                mismatch("a step that makes sense".to_owned(), message)
            }
        })?;
        if let Cow::Owned(step) = &filled {
            check_filled(step, self.names())
                .map_err(|message| mismatch("a step that makes sense".to_owned(), message))?;
        }
        Ok(Some(filled))
    }

    /// Runs a step that has no steps inside.
    async fn leaf(&self, step: &StepEntry, turn: &Turn) {
        if needs_the_inside(step) && self.stage.skips_the_inside() {
            return self.stage.skip_step(step.saves_values());
        }
        match step {
            StepEntry::AddMembers(step) => self.share(Operation::AddMembers, step, turn).await,
            StepEntry::DeleteMembers(step) => {
                self.share(Operation::DeleteMembers, step, turn).await;
            }
            StepEntry::UpdateMembers(step) => self.update(step, turn).await,
            StepEntry::ShowJob(step) => self.show(Operation::ShowJob, step, turn).await,
            StepEntry::ShowJobProgress(step) => {
                self.show(Operation::ShowJobProgress, step, turn).await;
            }
            StepEntry::WaitJob(step) => self.wait_job(step, turn).await,
            StepEntry::ListMembers(step) => self.list_members(step, turn).await,
            StepEntry::ShowMember(step) => self.show_member(step, turn).await,
            StepEntry::AddMember(step) => self.add_member(step, turn).await,
            StepEntry::UpdateMember(step) => self.update_member(step, turn).await,
            StepEntry::DeleteMember(step) => self.delete_member(step, turn).await,
            StepEntry::DeleteImage(step) => self.delete_image(step, turn).await,
            StepEntry::ListCloudImages(step) => {
                self.list_images(Operation::ListCloudImages, step, turn).await;
            }
            StepEntry::ListImages(step) => {
                self.list_images(Operation::ListImages, step, turn).await;
            }
            StepEntry::ShowImage(step) => self.show_image(step, turn).await,
            StepEntry::ShowQuota(step) => self.show_quota(step, turn).await,
            StepEntry::Request(step) => self.request(step, turn).await,
            StepEntry::Wait(step) => self.wait(step, turn).await,
            StepEntry::AdvanceClock(step) => {
                self.hold(changes::advance(self, step, turn).await, turn)
            }
            StepEntry::ChangeFaults(step) => {
                self.hold(changes::faults(self, step, turn).await, turn)
            }
            StepEntry::ChangeWorld(step) => self.hold(changes::world(self, step, turn).await, turn),
            StepEntry::Look(step) => self.hold(truth::look(self, &step.expect, turn).await, turn),
            StepEntry::Parallel(_)
            | StepEntry::Sequence(_)
            | StepEntry::Background(_)
            | StepEntry::Repeat(_) => {}
        }
    }

    async fn wait(&self, step: &WaitStep, turn: &Turn) {
        let until = step.until.map(|until| self.start + until.0);
        let due = until.or_else(|| step.span.map(|span| self.now() + span.0));
        // What has passed is not waited for.
        if let Some(due) = due.filter(|due| *due >= self.now()) {
            self.at(due, turn).await;
        }
    }

    async fn repeat(self: Rc<Self>, step: &RepeatStep, inner: &Spot) {
        let size = step.steps.iter().map(StepEntry::size).sum::<usize>();
        for round in 0..step.times {
            let mut spot = inner.inside(["steps".into()], round as usize * size);
            spot.rounds.push((step.index().to_owned(), round));
            Rc::clone(&self).in_turn(step.steps.clone(), spot).await;
            if !self.failures.borrow().is_empty() {
                break;
            }
        }
    }

    /// What must be true at the end; asked only if all steps held.
    pub(super) async fn at_the_end(self: Rc<Self>, expect: Option<Truth>) -> Vec<StepFailure> {
        if let Some(truth) = expect.filter(|_| self.holds_so_far()) {
            let spot = Spot { path: vec!["expect".into()], rounds: Vec::new(), number: 0 };
            let turn = Turn { spot, kind: "expect", timeout: None };
            self.hold(truth::look(&self, &truth, &turn).await, &turn);
        }
        self.take_failures()
    }

    /// What did not hold, in the order of the file.
    pub(super) fn take_failures(&self) -> Vec<StepFailure> {
        let mut failures = self.failures.take();
        failures.sort_by(|a, b| (&a.path, &a.rounds).cmp(&(&b.path, &b.rounds)));
        failures
    }

    /// Whether nothing has failed yet.
    pub(super) fn holds_so_far(&self) -> bool {
        self.failures.borrow().is_empty()
    }

    /// What did not hold of a run of these steps that is ended now, after so long.
    pub(super) fn cut_short(&self, bound: SimDuration, steps: &[StepEntry]) -> Vec<StepFailure> {
        let mut failures = self.take_failures();
        failures.extend(self.under_way.cut_short(bound, steps));
        failures
    }

    /// What things are called.
    pub(super) fn names(&self) -> &Names {
        self.stage.names()
    }

    /// The value that a step saved under a name.
    pub(super) fn value(&self, name: &str) -> Option<Value> {
        self.values.borrow().get(name).cloned()
    }

    /// The simulated time since the start of the run.
    pub(super) fn time(&self) -> SimDuration {
        self.now() - self.start
    }

    pub(super) fn now(&self) -> SimTime {
        self.stage.now()
    }

    /// Waits until a time, in the step's turn.
    pub(super) async fn at(&self, due: SimTime, turn: &Turn) -> Option<Busy> {
        self.stage.wait_until(due, turn.spot.number).await
    }

    pub(super) fn hold(&self, mismatches: Vec<Mismatch>, turn: &Turn) {
        if mismatches.is_empty() {
            return;
        }
        self.failures.borrow_mut().push(turn.spot.failure(turn.kind, mismatches));
    }

    async fn parallel(self: Rc<Self>, steps: Vec<StepEntry>, inner: Spot) {
        let (mut further, mut running) = (0, Vec::new());
        for (index, step) in steps.into_iter().enumerate() {
            let (size, spot) = (step.size(), inner.inside([index.into()], further));
            running.push(actix_web::rt::spawn(Rc::clone(&self).step(step, spot)));
            further += size;
        }
        for step in running {
            finished(step.await);
        }
    }
}
