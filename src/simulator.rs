//! A whole simulation, put together from a scenario: live behind sockets, or virtual in process.
//!
//! Both mount the same HTTP service on the same actors; only the pace of the clock differs.

pub mod embedded;
pub mod live;
pub mod virtual_run;

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use log::warn;

use crate::actors::shared::Shards;
use crate::actors::{ByHand, Shared};
use crate::clock::{Clock, Mode, WallTime};
use crate::domain::admission::{Admission, AdmissionLimits};
use crate::domain::job_table::Retention;
use crate::faults::CurrentPlan;
use crate::journal::{Journal, Keep, Tape};
use crate::metrics::Meters;
use crate::scenario::{self, Blueprint, Names, Problem, ScenarioFile};
use crate::seed::{Ordinals, Seed};

/// What is decided outside the scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// The seed.
    pub seed: Seed,
    /// How many shards there are; at most [`crate::actors::shared::MOST_SHARDS`].
    pub shards: usize,
    /// How much is let in.
    pub limits: AdmissionLimits,
    /// How many ended jobs are kept in all.
    pub keep_jobs: usize,
    /// How many pairs of ended jobs are kept in all.
    pub keep_pairs: usize,
    /// How time moves in a live simulation. A virtual one is moved by its steps.
    pub clock: Mode,
    /// What a test puts wrong.
    #[cfg(test)]
    pub(crate) sabotage: Option<crate::actors::Sabotage>,
    /// Whether all that happens is kept for a recording.
    pub record: bool,
}

impl Options {
    /// Ended jobs kept unless something else is said.
    pub const KEEP_JOBS: usize = 100_000;
    /// Pairs of ended jobs kept unless something else is said.
    pub const KEEP_PAIRS: usize = 10_000_000;

    /// Sensible options for a seed and a number of shards.
    #[must_use]
    pub fn new(seed: Seed, shards: usize) -> Self {
        Self {
            seed,
            shards,
            limits: AdmissionLimits::default(),
            keep_jobs: Self::KEEP_JOBS,
            keep_pairs: Self::KEEP_PAIRS,
            clock: Mode::default(),
            #[cfg(test)]
            sabotage: None,
            record: false,
        }
    }
}

/// Puts together what a scenario describes, on a live clock that starts at the real time and with a
/// journal that keeps the newest. It has no sockets and no actors yet, and somebody must drive its clock
/// for sleepers to wake.
///
/// # Errors
/// If the scenario does not make sense.
pub fn in_real_time(
    file: &ScenarioFile,
    options: &Options,
) -> Result<(Arc<Shared>, Names), Problem> {
    let wall = WallTime::default();
    let clock = Clock::live(options.clock, wall.since_1970(), wall.clone());
    let blueprint = scenario::compile(file, options.seed, clock.now())?;
    if let Some(warning) = blueprint.world.settings.auth.warning() {
        warn!("{warning}");
    }
    Ok(assemble(blueprint, options, clock, wall, Keep::Newest))
}

/// Puts a simulation together; its shards have no actors yet.
fn assemble(
    blueprint: Blueprint,
    options: &Options,
    clock: Clock,
    wall: WallTime,
    keep: Keep,
) -> (Arc<Shared>, Names) {
    let Blueprint { world, timing, supervision, plan, names, origin } = blueprint;
    let retention = Retention {
        age: world.settings.keep_jobs_for,
        // Each registry keeps its part, since no shard may wait for another.
        jobs: options.keep_jobs.div_ceil(options.shards),
        pairs: options.keep_pairs.div_ceil(options.shards),
    };
    let shared = Shared {
        world,
        timing,
        supervision,
        plan: CurrentPlan::new(plan.rules()),
        by_hand: ByHand::new(plan, origin),
        clock,
        wall,
        seed: options.seed,
        journal: Journal::new(options.shards, keep),
        meters: Arc::new(Meters::new(options.shards)),
        tape: options.record.then(Tape::default),
        admission: Arc::new(Admission::new(options.limits)),
        retention,
        shards: Shards::new(options.shards, retention),
        calls: Ordinals::default(),
        jobs: Ordinals::default(),
        connections: AtomicU64::new(0),
        #[cfg(test)]
        sabotage: options.sabotage,
    };
    shared.world.keep_history(shared.plan.sees_past());
    (Arc::new(shared), names)
}
