//! The one handle behind which everything stands that the actors of a simulation share.

use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use actix::Addr;
use parking_lot::RwLock;

use super::{ByHand, JobRegistry};
use crate::api::{ImageId, JobId, Operation, ProjectId};
use crate::clock::{Clock, SimTime, WallTime};
use crate::domain::World;
use crate::domain::admission::Admission;
use crate::domain::image_work::SettledPair;
use crate::domain::job_table::{JobSnapshot, JobTable, Retention, Standing};
use crate::domain::job_work::Supervision;
use crate::domain::latency::Timing;
use crate::faults::{CurrentPlan, FaultEvent, Rule, Verdict};
use crate::journal::{CallRecord, Entry, Event, FaultRecord, Journal, KeptBody, Tape};
use crate::metrics::Meters;
use crate::seed::{self, CallKey, JobKey, Ordinals, Seed, Subject};

/// World, plan, clock, journal and seed of one simulation. It is passed in everywhere; there are no
/// statics, so that many simulations can live in one process.
pub struct Shared {
    /// What exists. Its memberships are the only state that jobs share.
    pub world: World,
    /// How long things take.
    pub timing: Timing,
    /// How dying workers are treated.
    pub supervision: Supervision,
    /// What may go wrong.
    pub plan: CurrentPlan,
    /// The rules that the plan is made of, and whatever else only changes by hand need.
    pub by_hand: ByHand,
    /// The door to time.
    pub clock: Clock,
    /// The door to real time, for bounds that are truly real.
    pub wall: WallTime,
    /// The door to chance.
    pub seed: Seed,
    /// What happened.
    pub journal: Journal,
    /// What is counted for figures alone.
    pub meters: Arc<Meters>,
    /// Keeps all that a recording needs, if somebody asked for one at the start.
    pub tape: Option<Tape>,
    /// How much is let in.
    pub admission: Arc<Admission>,
    /// How much each registry remembers.
    pub retention: Retention,
    /// The registries of all shards.
    pub shards: Shards,
    /// Counts requests of the same name.
    pub calls: Ordinals,
    /// Counts jobs of the same name.
    pub jobs: Ordinals,
    /// Counts accepted connections.
    pub connections: AtomicU64,
    /// What a test puts wrong.
    #[cfg(test)]
    pub(crate) sabotage: Option<super::Sabotage>,
}

/// What the actors of one thread share with all others, by a count of holders that is the thread's own: every job
/// and every worker takes hold of it, and a count in common would be written by all threads all the time.
pub(super) type Here = Rc<Arc<Shared>>;

/// The registries and what they remember, by shard.
pub struct Shards {
    all: Box<[Shard]>,
}

/// The place of a shard. Neighbours never share a line of the cache.
#[repr(align(128))]
struct Shard {
    /// Empty until the shard's thread has started.
    registry: OnceLock<Addr<JobRegistry>>,
    /// What the registry remembers. It alone writes here.
    table: RwLock<JobTable>,
}

/// The most shards: a job id has two hex digits for its shard.
pub const MOST_SHARDS: usize = 256;

impl Shards {
    /// Places for this many registries, each of which remembers so much.
    #[must_use]
    pub fn new(count: usize, retention: Retention) -> Self {
        let shard = |_| {
            let (registry, table) = (OnceLock::new(), RwLock::new(JobTable::new(retention)));
            Shard { registry, table }
        };
        Self { all: (0..count).map(shard).collect() }
    }

    /// How many shards there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.all.len()
    }

    /// Makes a shard's registry known to all; the first one stays.
    pub fn publish(&self, shard: usize, registry: Addr<JobRegistry>) {
        let _ = self.all[shard].registry.set(registry);
    }

    /// The registry of a shard, if the shard exists and has started.
    #[must_use]
    pub fn registry(&self, shard: usize) -> Option<&Addr<JobRegistry>> {
        self.all.get(shard)?.registry.get()
    }

    /// What the registry of a shard remembers.
    pub(super) fn table(&self, shard: u8) -> &RwLock<JobTable> {
        &self.all[usize::from(shard)].table
    }

    /// A job that this project may see, if it has ended: its supervisor has said its last, so on whatever thread
    /// it is, nobody need be asked. A reset, which forgets it, lets no query in before the registry has heard of
    /// it. Of any other job only the registry can tell, since what has happened to it may still be on its way
    /// there.
    #[must_use]
    pub fn ended_job(&self, id: JobId, caller: ProjectId, now: SimTime) -> Option<JobSnapshot> {
        let table = self.all.get(usize::from(id.shard()))?.table.read();
        let job = table.get(id, caller, now)?;
        matches!(job.standing, Standing::Ended(_)).then(|| job.clone())
    }
}

impl Shared {
    /// The key of a request: its project, operation and target, and that it is the n-th such.
    #[must_use]
    pub fn call_key(
        &self,
        project: Option<ProjectId>,
        operation: Operation,
        target: u128,
    ) -> CallKey {
        let name = seed::hash_of(&(project, operation, target));
        CallKey::new(name, self.calls.next(name))
    }

    /// The key of a job: its project, operation and de-duplicated body, and that it is the n-th such.
    #[must_use]
    pub fn job_key(&self, project: ProjectId, operation: Operation, body: u128) -> JobKey {
        let name = seed::hash_of(&(project, operation, body));
        JobKey::new(name, self.jobs.next(name))
    }

    /// The number of a connection that was just accepted, from 1.
    #[must_use]
    pub fn next_connection(&self) -> u64 {
        self.connections.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Asks the plan about an event and records what fired.
    #[must_use]
    pub fn ask(&self, shard: u8, subject: Subject, event: &FaultEvent<'_>) -> Verdict {
        let verdict = self.plan.ask(shard, event, self.seed);
        let record = |rule: &Rule| FaultRecord {
            rule: rule.id.clone(),
            point: rule.point,
            effect: rule.effect.kind(),
            image: event.image,
        };
        for rule in &verdict.fired {
            self.record(shard, event.at, subject, Event::FaultFired(record(rule)));
        }
        for rule in &verdict.superseded {
            self.record(shard, event.at, subject, Event::FaultSuperseded(record(rule)));
        }
        verdict
    }

    /// Puts other rules in place, and keeps the past if one of them makes readers see it.
    pub(super) fn set_rules(&self, rules: Vec<Arc<Rule>>) {
        self.plan.replace(rules);
        self.world.keep_history(self.plan.sees_past());
    }

    /// Records what happened, and tells the rules that wait for it.
    pub fn record(&self, shard: u8, at: SimTime, subject: Subject, event: Event) {
        self.put_down(shard, Entry { at, subject, event }, None);
    }

    /// Records a call, of whose bodies the journal keeps the beginnings and a recording all.
    pub fn record_call(
        &self,
        shard: u8,
        at: SimTime,
        subject: Subject,
        call: CallRecord,
        (request, answer): (&[u8], &[u8]),
    ) {
        let cut = call.request.all().is_none() || call.answer.all().is_none();
        let whole = (cut && self.tape.is_some()).then(|| {
            let (request, answer) = (KeptBody::whole(request), KeptBody::whole(answer));
            Arc::new(CallRecord { request, answer, ..call.clone() })
        });
        let event = Event::Call(Arc::new(call));
        self.put_down(shard, Entry { at, subject, event }, whole);
    }

    fn put_down(&self, shard: u8, entry: Entry, whole: Option<Arc<CallRecord>>) {
        self.plan.observe(entry.event.kind().name());
        match &self.tape {
            None => drop(self.journal.record(shard.into(), entry)),
            Some(tape) => {
                let number = self.journal.record(shard.into(), entry.clone());
                tape.hear(number, &entry, whole);
            }
        }
    }

    /// Records a settled pair of an image, given as job, place in the request, and id.
    pub(super) fn record_pair(
        &self,
        shard: u8,
        at: SimTime,
        (job, index, image): (JobKey, u32, ImageId),
        pair: &SettledPair,
    ) {
        let event = Event::PairSettled {
            image,
            project: pair.project,
            outcome: pair.settled.outcome,
            change: pair.settled.change,
            pass: pair.pass,
        };
        self.record(shard, at, Subject::Pair(job, index, pair.index), event);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::job::JobType;
    use crate::clock::SimDuration;
    use crate::domain::job_work::JobResult;

    #[test]
    fn a_job_is_read_beside_its_registry_when_it_has_ended_and_by_its_owner() {
        let age = SimDuration::from_millis(10);
        let shards = Shards::new(2, Retention { age, jobs: 9, pairs: 99 });
        let (owner, at) = (ProjectId::from_u128(1), SimTime::from_millis);
        let id = JobId::compose(7 << 96, 1, 100);
        let job = JobSnapshot {
            id,
            key: JobKey::new(7, 1),
            owner,
            job_type: JobType::Delete,
            begin: at(100),
            pairs: 1,
            standing: Standing::Init,
        };
        let finds = |id: JobId, caller: u128, now: u64| {
            shards.ended_job(id, ProjectId::from_u128(caller), at(now)).is_some()
        };
        shards.table(1).write().accept(job);
        assert!(!finds(id, 1, 100), "it has not ended");
        let result = JobResult { ended: at(101), failed: 0, first_failure: None, reported: None };
        let ended = Standing::Ended(Arc::new(result));
        shards.table(1).write().change(id, ended, at(101), false);
        assert!(finds(id, 1, 102));
        assert!(!finds(id, 2, 102), "it is another's");
        assert!(!finds(id, 1, 112), "it is too old");
        assert!(!finds(JobId::compose(7 << 96, 0, 100), 1, 102), "it is of another shard");
        assert!(!finds(JobId::compose(7 << 96, 9, 100), 1, 102), "there is no such shard");
        *shards.table(1).write() = JobTable::new(Retention { age, jobs: 9, pairs: 99 });
        assert!(!finds(id, 1, 102), "a reset forgot it");
    }
}
