//! Going back to what the scenario describes, while everything runs.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use actix::Addr;
use log::error;

use super::messages::{Close, ForgetJobs};
use super::{Front, Shared};
use crate::clock::SimDuration;
use crate::journal::{AdminRequest, Entry, Event};
use crate::scenario::world_edit;
use crate::seed::Subject;

/// Which parts of a simulation a reset puts back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum ResetPart {
    /// The rules are those of the scenario, and have counted nothing.
    Faults,
    /// The world is that of the scenario.
    World,
    /// The journal is empty, and so are its counters.
    Journal,
    /// No job is known. Those that ran have ended silently, calls under way were cut, and calls, jobs and
    /// connections are numbered from the beginning.
    Jobs,
}

/// Why a reset was not made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotReset {
    /// Something is still under way after [`SLOWEST_END`].
    StillUnderWay,
    /// A registry is gone, as at the end of a server.
    Stopping,
}

/// How long what is under way gets to end, in real time. It only has to notice that it should: far more
/// than the longest chain of messages takes.
pub const SLOWEST_END: SimDuration = SimDuration::from_millis(30_000);

impl ResetPart {
    /// Every part, in the order in which they are put back.
    pub const ALL: [Self; 4] = [Self::Faults, Self::World, Self::Journal, Self::Jobs];

    /// The word in the admin API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Faults => "faults",
            Self::World => "world",
            Self::Journal => "journal",
            Self::Jobs => "jobs",
        }
    }
}

impl Shared {
    /// Puts parts of the simulation back to how the scenario describes them, and says how many jobs ended
    /// by it. The clock keeps its mode and its time; times that the scenario gives as spans run from now.
    ///
    /// Requests that arrive meanwhile wait until all parts are back, so that nothing sees some of them old
    /// and some new. One reset comes after the other.
    ///
    /// # Errors
    /// If what is under way does not end in time; then its end is still awaited, and nothing is put back.
    pub async fn reset(
        &self,
        parts: &[ResetPart],
        asked: Option<&Arc<AdminRequest>>,
    ) -> Result<usize, NotReset> {
        let _alone = self.by_hand.resetting.lock().await;
        let has = |part| parts.contains(&part);
        let _held = self.clock.hold_arrivals();
        let jobs = self.admission.running_jobs();
        if has(ResetPart::Jobs) {
            self.end_jobs().await?;
        }
        let now = self.clock.now();
        if has(ResetPart::World) {
            let reset = world_edit::reset(&self.world, &self.by_hand.origin, now);
            reset.unwrap_or_else(|reason| error!("the world cannot be made again: {reason}"));
        }
        if has(ResetPart::Faults) {
            self.reset_rules(now);
        }
        let names: Vec<&str> = parts.iter().map(|part| part.name()).collect();
        if has(ResetPart::Journal) {
            // What is forgotten with the rest is none of the numbered changes, and wakes no rule.
            let (action, object) = ("reset", names.join(", ").into());
            let event = Event::Admin { action, object, asked: asked.cloned() };
            let last = Entry { at: now, subject: Subject::Admin(0), event };
            self.reset_journal(ResetPart::ALL.into_iter().all(has), last);
        } else {
            self.changed_by_hand("reset", &names.join(", "), asked);
        }
        Ok(if has(ResetPart::Jobs) { jobs } else { 0 })
    }

    /// Ends everything for good, with the actors of all shards, and says how many jobs ended by it. What is
    /// asked for later is cut, and leaves no trace. The clock must be driven until this
    /// returns.
    ///
    /// The registries keep what they share alive, and are kept alive by it, so that nothing but this ends
    /// them while their threads go on.
    pub async fn close(&self, fronts: Vec<Addr<Front>>) -> usize {
        let _alone = self.by_hand.resetting.lock().await;
        self.by_hand.closed.store(true, Ordering::Release);
        self.admission.drain();
        let _held = self.clock.hold_arrivals();
        let jobs = self.admission.running_jobs();
        if let Err(why) = self.end_jobs().await {
            error!("a simulation is closed with something under way: {why:?}");
        }
        // Errors mean that an actor has ended with its thread.
        for front in fronts {
            let _ = front.send(Close).await;
        }
        for shard in 0..self.shards.count() {
            if let Some(registry) = self.shards.registry(shard) {
                let _ = registry.send(Close).await;
            }
        }
        jobs
    }

    fn reset_journal(&self, everything: bool, last: Entry) {
        if everything {
            *self.by_hand.begun.lock() = last.at;
        }
        self.journal.reset(everything, last.clone());
        // So that there are as many durations as calls.
        self.meters.restart_calls();
        // An empty journal knows of no reset, but a recording that goes on must.
        if let Some(tape) = &self.tape {
            tape.hear(self.journal.next(), &last, None);
        }
    }

    /// Ends all jobs and calls of this generation, and forgets them.
    async fn end_jobs(&self) -> Result<(), NotReset> {
        self.by_hand.generation.fetch_add(1, Ordering::AcqRel);
        // What was about to wait when the first call came is met by the second.
        for _ in 0..2 {
            self.clock.wake(|subject| !matches!(subject, Subject::Step(_)));
            let settled = self.clock.advance_within(SimDuration::ZERO, SLOWEST_END).await;
            settled.ok_or(NotReset::StillUnderWay)?;
        }
        for shard in 0..self.shards.count() {
            if let Some(registry) = self.shards.registry(shard) {
                registry.send(ForgetJobs).await.map_err(|_| NotReset::Stopping)?;
            }
        }
        self.calls.restart();
        self.jobs.restart();
        self.connections.store(0, Ordering::Relaxed);
        self.by_hand.changes.store(0, Ordering::Relaxed);
        self.admission.restart_counts();
        Ok(())
    }
}
