//! From a scenario file to what a simulation is made of: names become ids, numbers meet their bounds.

use super::file::{ScenarioFile, Sections};
use super::names::Names;
use super::origin::Origin;
use super::problem::{Misfit, Problem, Within};
use super::rule_book::RuleBook;
use super::step_check::{self, SavedJobs};
use super::world_names::WorldNames;
use super::{entry_check, world_build};
use crate::api::time;
use crate::clock::SimTime;
use crate::domain::World;
use crate::domain::job_work::Supervision;
use crate::domain::latency::Timing;
use crate::seed::Seed;

/// The most steps of a file, those inside others included.
pub const MOST_STEPS: usize = 100_000;

/// What a simulation is made of.
pub struct Blueprint {
    /// What exists.
    pub world: World,
    /// How long things take.
    pub timing: Timing,
    /// How dying workers are treated.
    pub supervision: Supervision,
    /// What goes wrong.
    pub plan: RuleBook,
    /// What things are called.
    pub names: Names,
    /// What a reset goes back to.
    pub origin: Origin,
}

/// Compiles a scenario for a seed and a start.
///
/// # Errors
/// The first problem, in the order of the sections.
pub fn compile(file: &ScenarioFile, seed: Seed, start: SimTime) -> Result<Blueprint, Problem> {
    sections(&file.sections, seed, start).map_err(|misfit| file.place(&misfit))
}

fn sections(sections: &Sections, seed: Seed, start: SimTime) -> Result<Blueprint, Misfit> {
    epoch(sections)?;
    entry_check::check(&sections.world).within("world")?;
    let names = Names::of(&sections.world, seed);
    let world = world_build::world(&sections.world, &names, &names, start).within("world")?;
    let timing = sections.timing.compile().within("timing")?;
    let supervision = sections.supervision.compile().within("supervision")?;
    let world_names = WorldNames::of(&world);
    let plan = RuleBook::of_file(&sections.faults, &world_names, start).within("faults")?;
    drop(world_names);
    steps(sections, &names).within("steps")?;
    let origin = Origin { world: sections.world.clone(), rules: plan.clone(), seed };
    Ok(Blueprint { world, timing, supervision, plan, names, origin })
}

/// The most pairs that the steps of a file can ask for: they are all remembered until the replay ends, so
/// that which jobs can still be queried does not depend on the number of shards.
pub const MOST_PAIRS: usize = 10_000_000;

/// The latest start of a run: times on the wire end with the year 9999.
const LATEST_EPOCH: SimTime = SimTime::from_millis(time::LAST_MS / 2);

fn epoch(sections: &Sections) -> Result<(), Misfit> {
    if sections.epoch.is_some_and(|epoch| epoch.0 > LATEST_EPOCH) {
        let latest = time::whole_seconds(LATEST_EPOCH.as_millis());
        return Err(Misfit::new(format!("a run starts at {latest} at the latest"))).within("epoch");
    }
    Ok(())
}

fn steps(sections: &Sections, names: &Names) -> Result<(), Misfit> {
    let total: usize = sections.steps.iter().map(super::step::StepEntry::size).sum();
    if total > MOST_STEPS {
        return Err(Misfit::new(format!("{total} steps; a file has at most {MOST_STEPS}")));
    }
    let mut saved = SavedJobs::default();
    let mut pairs = 0_usize;
    for (index, step) in sections.steps.iter().enumerate() {
        step_check::check(step, names, &mut saved).within(index)?;
        pairs = pairs.saturating_add(step_check::pairs(step, names));
        if pairs > MOST_PAIRS {
            let message =
                format!("with this step they ask for {pairs} pairs; at most {MOST_PAIRS}");
            return Err(Misfit::new(message)).within(index);
        }
    }
    Ok(())
}
