//! Carries out the steps of a scenario.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use futures_core::future::LocalBoxFuture;
use rustc_hash::FxHashMap;

use super::compare::{Mismatch, compare};
use super::wire::{self, BATCH, Seen};
use crate::api::{JobId, Operation};
use crate::clock::{Busy, SimDuration, SimTime};
use crate::faults::{Plan, Rule};
use crate::journal::Delivery;
use crate::scenario::ScenarioFile;
use crate::scenario::step::{JobStep, SharingStep, StepEntry, UpdateStep, WaitJobStep};
use crate::seed::Subject;
use crate::simulator::virtual_run::{VirtualRequest, VirtualService};

/// A step that did not find what it expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepFailure {
    /// Where the step stands: its place, and within parallel steps theirs.
    pub path: Vec<usize>,
    /// What the step does.
    pub kind: &'static str,
    /// The line of the file.
    pub line: usize,
    /// What did not hold.
    pub mismatches: Vec<Mismatch>,
}

impl StepFailure {
    /// A scenario whose steps wait for something that never happens.
    pub(super) fn stuck() -> Self {
        let mismatch = Mismatch {
            what: "the run".to_owned(),
            expected: "to end".to_owned(),
            found: "a wait for something that never happens".to_owned(),
        };
        Self { path: Vec::new(), kind: "steps", line: 1, mismatches: vec![mismatch] }
    }
}

/// The rules that had to fire and did not.
pub(super) fn unfired(plan: &Plan) -> Vec<StepFailure> {
    let failure = |rule: &Arc<Rule>| {
        let mismatch = Mismatch {
            what: format!("rule {}", rule.id),
            expected: "to fire".to_owned(),
            found: format!("it never did; {}", plan.why_not(rule)),
        };
        StepFailure { path: Vec::new(), kind: "must_fire", line: 1, mismatches: vec![mismatch] }
    };
    plan.unfired().map(failure).collect()
}

/// How many failures are explained; finding a step in the file takes as long as reading the file.
pub(super) const MOST_EXPLAINED: usize = 20;

/// Adds the lines of the file to the failures that are explained.
pub(super) fn with_lines(mut failures: Vec<StepFailure>, file: &ScenarioFile) -> Vec<StepFailure> {
    for failure in failures.iter_mut().take(MOST_EXPLAINED) {
        failure.line = file.line_of_step(&failure.path);
    }
    failures
}

/// Runs all steps and returns the failures, by place; after a failed step nothing more is done.
pub(super) async fn run(service: VirtualService, steps: Vec<StepEntry>) -> Vec<StepFailure> {
    let runner =
        Rc::new(Runner { service, jobs: RefCell::default(), failures: RefCell::default() });
    let mut number = 0;
    for (index, step) in steps.into_iter().enumerate() {
        let size = step.size();
        Rc::clone(&runner).step(step, vec![index], number).await;
        number += size;
        if !runner.failures.borrow().is_empty() {
            break;
        }
    }
    let mut failures = runner.failures.take();
    failures.sort_by(|a, b| a.path.cmp(&b.path));
    failures
}

/// The steps of a scenario belong to no shard; their tokens are taken from this one.
const FIRST_SHARD: u8 = 0;

struct Runner {
    service: VirtualService,
    jobs: RefCell<FxHashMap<String, JobId>>,
    failures: RefCell<Vec<StepFailure>>,
}

/// One step with its place in the file, its number among all steps, and the instant of its last turn.
struct Turn {
    path: Vec<usize>,
    kind: &'static str,
    number: usize,
    timeout: Option<SimDuration>,
}

impl Runner {
    /// Runs one step. Boxed, since parallel steps contain steps.
    fn step(
        self: Rc<Self>,
        step: StepEntry,
        path: Vec<usize>,
        number: usize,
    ) -> LocalBoxFuture<'static, ()> {
        Box::pin(async move {
            let turn = Turn { path, kind: step.kind(), number, timeout: step.timeout() };
            match step {
                StepEntry::AddMembers(step) => {
                    self.share(Operation::AddMembers, &step, &turn).await;
                }
                StepEntry::DeleteMembers(step) => {
                    self.share(Operation::DeleteMembers, &step, &turn).await;
                }
                StepEntry::UpdateMembers(step) => self.update(&step, &turn).await,
                StepEntry::ShowJob(step) => self.show(Operation::ShowJob, &step, &turn).await,
                StepEntry::ShowJobProgress(step) => {
                    self.show(Operation::ShowJobProgress, &step, &turn).await;
                }
                StepEntry::WaitJob(step) => self.wait_job(&step, &turn).await,
                StepEntry::ListMembers(step) => {
                    let names = &self.service.names;
                    let path = wire::members_path(names.image_id(&step.image), None);
                    let seen = self.get(Operation::ListMembers, &path, &step.token, &turn).await;
                    self.hold(compare(&step.expect, &seen, names, false), &turn);
                }
                StepEntry::ShowMember(step) => {
                    let names = &self.service.names;
                    let (image, member) =
                        (names.image_id(&step.image), names.project_id(&step.member));
                    let path = wire::members_path(image, member);
                    let seen = self.get(Operation::ShowMember, &path, &step.token, &turn).await;
                    self.hold(compare(&step.expect, &seen, names, false), &turn);
                }
                StepEntry::Wait(step) => {
                    self.at(self.now() + step.span.0, &turn).await;
                }
                StepEntry::Parallel(steps) => self.parallel(steps, turn).await,
            }
        })
    }

    fn now(&self) -> SimTime {
        self.service.shared.clock.now()
    }

    /// Takes the step's turn in the clock's queue, so that steps of one instant keep their order.
    async fn at(&self, due: SimTime, turn: &Turn) -> Busy {
        let clock = &self.service.shared.clock;
        let busy = clock.busy(FIRST_SHARD);
        clock.sleep_until(due, Subject::Step(turn.number as u64), busy).await.busy
    }

    /// Sends a request and waits for the answer, but no longer than the step's client does.
    async fn send(&self, request: VirtualRequest, turn: &Turn) -> Seen {
        let busy = self.at(self.now(), turn).await;
        let sent = self.now();
        let took = || self.now() - sent;
        let call = self.service.call(turn.number, &request);
        let Some(timeout) = turn.timeout else {
            let answer = call.await;
            return Seen::answer(answer, took());
        };
        let deadline = sent + timeout;
        let over = self.at(deadline, turn);
        tokio::pin!(over);
        let answer = tokio::select! {
            biased;
            answer = call => answer,
            _ = &mut over => return Seen::timed_out(took()),
        };
        drop(busy);
        if answer.delivery == Delivery::Unanswered {
            over.await;
            return Seen::timed_out(took());
        }
        Seen::answer(answer, took())
    }

    async fn get(
        &self,
        operation: Operation,
        path: &str,
        token: &Option<String>,
        turn: &Turn,
    ) -> Seen {
        self.send(wire::request(operation, path, token.as_deref(), None), turn).await
    }

    fn hold(&self, mismatches: Vec<Mismatch>, turn: &Turn) {
        if mismatches.is_empty() {
            return;
        }
        let (path, kind) = (turn.path.clone(), turn.kind);
        self.failures.borrow_mut().push(StepFailure { path, kind, line: 0, mismatches });
    }

    fn save(&self, name: Option<&String>, seen: &Seen) {
        let id = seen.body["job_id"].as_str().and_then(JobId::parse);
        if let (Some(name), Some(id)) = (name, id) {
            self.jobs.borrow_mut().insert(name.clone(), id);
        }
    }

    async fn share(&self, operation: Operation, step: &SharingStep, turn: &Turn) {
        let names = &self.service.names;
        let images = names.image_ids(&step.images);
        let body = wire::sharing_body(&images, &names.project_ids(&step.projects));
        let request = wire::request(operation, BATCH, step.token.as_deref(), Some(&body));
        let seen = self.send(request, turn).await;
        self.save(step.save.as_ref(), &seen);
        self.hold(compare(&step.expect, &seen, names, false), turn);
    }

    async fn update(&self, step: &UpdateStep, turn: &Turn) {
        let names = &self.service.names;
        let own = || step.token.as_deref().and_then(|token| names.project_of_token(token));
        let project = step.project.as_deref().map_or_else(own, |name| names.project_id(name));
        let images = names.image_ids(&step.images);
        let body = wire::update_body(&images, project, step.status, step.vault.as_deref());
        let token = step.token.as_deref();
        let request = wire::request(Operation::UpdateMembers, BATCH, token, Some(&body));
        let seen = self.send(request, turn).await;
        self.save(step.save.as_ref(), &seen);
        self.hold(compare(&step.expect, &seen, names, false), turn);
    }

    /// The request for a saved job; `None`, and a failure, if the step that should have saved it did not
    /// get one.
    fn job_request(
        &self,
        operation: Operation,
        job: &str,
        token: Option<&str>,
        turn: &Turn,
    ) -> Option<VirtualRequest> {
        let Some(id) = self.jobs.borrow().get(job).copied() else {
            let mismatch = Mismatch {
                what: "job".to_owned(),
                expected: format!("a job saved as `{job}`"),
                found: "none: the step that saves it got no job id".to_owned(),
            };
            self.hold(vec![mismatch], turn);
            return None;
        };
        let project = token.and_then(|token| self.service.names.project_of_token(token));
        Some(wire::request(operation, &wire::job_path(operation, project, id), token, None))
    }

    async fn show(&self, operation: Operation, step: &JobStep, turn: &Turn) {
        let Some(request) = self.job_request(operation, &step.job, step.token.as_deref(), turn)
        else {
            return;
        };
        let seen = self.send(request, turn).await;
        self.hold(compare(&step.expect, &seen, &self.service.names, false), turn);
    }

    async fn wait_job(&self, step: &WaitJobStep, turn: &Turn) {
        let token = step.token.as_deref();
        let Some(request) = self.job_request(Operation::ShowJob, &step.job, token, turn) else {
            return;
        };
        let every = step.every();
        let last = self.now() + step.deadline();
        loop {
            let seen = self.send(request.clone(), turn).await;
            let pending =
                seen.status == 200 && matches!(seen.job_state(), Some("INIT" | "RUNNING"));
            if !pending || self.now() + every > last {
                return self.hold(compare(&step.expect, &seen, &self.service.names, true), turn);
            }
            self.at(self.now() + every, turn).await;
        }
    }

    async fn parallel(self: Rc<Self>, steps: Vec<StepEntry>, turn: Turn) {
        let mut number = turn.number + 1;
        let mut running = Vec::new();
        for (index, step) in steps.into_iter().enumerate() {
            let path = turn.path.iter().copied().chain([index]).collect();
            let size = step.size();
            running.push(actix_web::rt::spawn(Rc::clone(&self).step(step, path, number)));
            number += size;
        }
        for step in running {
            // A step that panicked must never count as one that held.
            if let Err(error) = step.await {
                panic!("a parallel step died: {error}");
            }
        }
    }
}
