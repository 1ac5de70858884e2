//! What must hold of every run, whatever its plan, read from the journal, the memberships and the registries.
//!
//! | Invariant | Holds | Suspended, for the job or pair where it fired, by |
//! |---|---|---|
//! | every job ends | what was accepted ends | `stick`, `lose` |
//! | states only move forward | accepted, started, ended, each once, and so shown | `stale`, for the call |
//! | settled once | each pair that was asked for, and no other | `run_twice`, to a second time |
//! | the result is the sum | failures and the first of them are those of the pairs | |
//! | memberships as settled | they change as settled or as native calls tell, and by nobody else | |
//! | reported is done | outcomes, ends and answers tell what was done | a lie |
//! | percent never falls | from one answer to the next | `stale`, for the call |
//!
//! Entries are taken in the order of their numbers, which in virtual time is the order in which everything
//! happened. What is done by hand, through the admin API, is nobody's fault: the images that it names are
//! read anew, and a reset begins anew.

mod finding;
mod job;
mod memberships;
mod native;
mod pairs;

use std::collections::VecDeque;

use rustc_hash::{FxHashMap, FxHashSet};

use super::{CallRecord, Entry, Event, FaultRecord, Numbered};
use crate::clock::SimTime;
use crate::domain::World;
use crate::domain::job_table::JobSnapshot;
use crate::faults::{EffectKind, Point};
use crate::seed::{CallKey, JobKey, Subject};
use finding::Findings;
pub use finding::{Invariant, VIOLATIONS_KEPT, Violation, Violations};
use job::{Job, Shown};
use memberships::{By, Memberships};
use native::Answered;

/// How many ended jobs are remembered, for answers about them; at some 200 bytes each, 20 MB. What comes of
/// older ones is not judged.
pub const ENDED_KEPT: usize = 100_000;

/// Checks a run while it goes on. It remembers the memberships, the jobs that have not ended with their
/// pairs, and a few bytes of each of the last [`ENDED_KEPT`].
pub struct Invariants<'w> {
    world: &'w World,
    findings: Findings<'w>,
    memberships: Memberships<'w>,
    jobs: FxHashMap<JobKey, Job>,
    ended: VecDeque<JobKey>,
    /// Calls under way whose answers say nothing of the present.
    spoilt: FxHashSet<CallKey>,
    /// Whether a rule answers whole connections: what the answers on them say is not the service's own.
    answers_for_us: bool,
    /// The latest instant so far.
    now: SimTime,
}

impl<'w> Invariants<'w> {
    /// Begins with the world as it stands, before anything has happened in it.
    #[must_use]
    pub fn new(world: &'w World) -> Self {
        Self {
            world,
            findings: Findings::new(world),
            memberships: Memberships::new(world),
            jobs: FxHashMap::default(),
            ended: VecDeque::new(),
            spoilt: FxHashSet::default(),
            answers_for_us: false,
            now: SimTime::from_millis(0),
        }
    }

    /// Takes entries as [`super::Journal::take`] gives them, all that there are of the time until now: the
    /// world must not have gone on since.
    pub fn take(&mut self, entries: &[Numbered]) {
        let mut in_order: Vec<&Numbered> = entries.iter().collect();
        in_order.sort_unstable_by_key(|numbered| numbered.number);
        for Numbered { entry, .. } in in_order {
            self.now = self.now.max(entry.at);
            self.take_one(entry);
        }
        self.memberships.read_anew();
    }

    fn take_one(&mut self, entry: &Entry) {
        match (entry.subject, &entry.event) {
            (Subject::Call(key), Event::Call(call)) => {
                if !self.spoilt.remove(&key) {
                    self.see(call);
                    self.see_native(call);
                }
            }
            (Subject::Call(key), Event::MemberChanged { image, project, change }) => {
                let (by, share) = (By::Call(key), (*image, *project));
                self.memberships.change(by, share, *change, &mut self.findings);
            }
            (_, Event::ImageDeleted { image, .. }) => self.memberships.delete(*image),
            (Subject::Connection(_), Event::FaultFired(fault)) => {
                self.answers_for_us |= fault.effect == EffectKind::Answer;
            }
            (Subject::Call(key), Event::FaultFired(fault)) if spoils(fault) => {
                self.spoilt.insert(key);
            }
            (_, Event::Admin { action, object, .. }) => self.by_hand(action, object),
            (Subject::Job(key), Event::JobAccepted { .. }) => self.accept(key, &entry.event),
            (subject, event) => {
                if let Some(key) = subject.job() {
                    self.go_on(key, subject, event);
                }
            }
        }
    }

    fn accept(&mut self, key: JobKey, event: &Event) {
        let Some(job) = Job::new(key, event) else { return };
        if self.jobs.insert(key, job).is_some() {
            self.findings.add(Invariant::MovesForward, Some(key), None, || {
                "was accepted a second time".to_owned()
            });
        }
    }

    fn go_on(&mut self, key: JobKey, subject: Subject, event: &Event) {
        let Some(job) = self.jobs.get_mut(&key) else {
            return self.findings.add(Invariant::MovesForward, Some(key), None, || {
                format!("`{}` of a job that was never accepted", event.kind().name())
            });
        };
        let had_ended = job.has_ended();
        match (subject, event) {
            (_, Event::FaultFired(fault)) => job.suspend(subject, fault),
            (Subject::Image(_, place), Event::WorkerDied { .. }) => job.worker_died(place),
            (_, Event::JobStarted) => job.start(self.now, &mut self.findings),
            (Subject::Pair(_, i, j), Event::PairSettled { image, project, change, .. }) => {
                let pair = (*image, *project);
                let left = self.memberships.change(By::Job(key), pair, *change, &mut self.findings);
                job.settle((i, j), event, left, &mut self.findings);
            }
            (_, Event::JobEnded { .. }) => {
                let settings = &self.world.settings;
                job.end(event, self.now, settings.delete_results, &mut self.findings);
            }
            _ => {}
        }
        if job.has_ended() && !had_ended {
            self.ended.push_back(key);
        }
        if self.ended.len() > ENDED_KEPT
            && let Some(oldest) = self.ended.pop_front()
        {
            self.jobs.remove(&oldest);
        }
    }

    /// Looks at an answer to a query of a job.
    fn see(&mut self, call: &CallRecord) {
        let Some((_, key)) = call.job else { return };
        let whole = call.answer.start.len() == call.answer.length && call.status == 200;
        let query = call.operation.queries_job();
        if let Some(job) = self.jobs.get_mut(&key).filter(|_| query && whole)
            && let Some(shown) = Shown::read(call)
        {
            job.see(&shown, self.now, &mut self.findings);
        }
    }

    /// Looks at the answer to a native call that says that it changed a member.
    fn see_native(&mut self, call: &CallRecord) {
        if let Some(answered) = Answered::read(call).filter(|_| !self.answers_for_us) {
            answered.check(&self.memberships, &mut self.findings);
        }
    }

    fn by_hand(&mut self, action: &str, object: &str) {
        if action == "reset" && object.split(", ").any(|part| part == "jobs") {
            self.jobs.clear();
            self.ended.clear();
            self.spoilt.clear();
        }
        self.memberships.by_hand(action, object);
    }

    /// Ends the check when nothing more can happen; `registries` is everything that the registries know.
    #[must_use]
    pub fn close(mut self, registries: &[JobSnapshot]) -> Violations {
        let known: FxHashMap<JobKey, &JobSnapshot> =
            registries.iter().map(|job| (job.key, job)).collect();
        let mut jobs: Vec<(JobKey, Job)> = self.jobs.into_iter().collect();
        jobs.sort_unstable_by_key(|(key, _)| *key);
        for (key, job) in &jobs {
            job.close(known.get(key).copied(), &mut self.findings);
        }
        self.memberships.close(&mut self.findings);
        self.findings.close()
    }
}

/// Whether the answer of a call where a rule fired says nothing of the present: an older state, another
/// answer, or one that was ready long before it left.
fn spoils(fault: &FaultRecord) -> bool {
    match fault.effect {
        EffectKind::Stale | EffectKind::Answer => true,
        EffectKind::Delay => fault.point == Point::Response,
        _ => false,
    }
}
