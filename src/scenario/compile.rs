//! From a scenario file to what a simulation is made of: names become ids, numbers meet their bounds.

use super::file::{ScenarioFile, Sections};
use super::names::Names;
use super::origin::Origin;
use super::problem::{Misfit, Problem, Within};
use super::rule_book::RuleBook;
use super::step::StepEntry;
use super::step_check::Checker;
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
    let mut names = Names::of(&sections.world, seed);
    let world = world_build::world(&sections.world, &names, &names, start).within("world")?;
    let timing = sections.timing.compile().within("timing")?;
    let supervision = sections.supervision.compile().within("supervision")?;
    let world_names = WorldNames::of(&world);
    let plan = RuleBook::of_file(&sections.faults, &world_names, start).within("faults")?;
    let world_changes = later_names(&sections.steps, &mut names, seed);
    let mut rules: Vec<String> = plan.rules().iter().map(|rule| rule.id.to_string()).collect();
    later_rules(&sections.steps, &mut rules);
    let as_it_starts = (!world_changes).then_some(&world_names);
    steps(sections, Checker::new(&names, as_it_starts, rules, start))?;
    drop(world_names);
    let origin = Origin { world: sections.world.clone(), rules: plan.clone(), seed };
    Ok(Blueprint { world, timing, supervision, plan, names, origin })
}

/// The latest start of a run: times on the wire end with the year 9999.
const LATEST_EPOCH: SimTime = SimTime::from_millis(time::LAST_MS / 2);

fn epoch(sections: &Sections) -> Result<(), Misfit> {
    if sections.epoch.is_some_and(|epoch| epoch.0 > LATEST_EPOCH) {
        let latest = time::whole_seconds(LATEST_EPOCH.as_millis());
        return Err(Misfit::new(format!("a run starts at {latest} at the latest"))).within("epoch");
    }
    Ok(())
}

/// Adds the names of what steps add to the world; `true` if any step changes it.
fn later_names(steps: &[StepEntry], names: &mut Names, seed: Seed) -> bool {
    steps.iter().fold(false, |changed, step| {
        let changes = match step {
            StepEntry::ChangeWorld(step) => {
                names.add_later(step, seed);
                true
            }
            StepEntry::Request(step) => step.path.starts_with("/__admin/world"),
            _ => step.inside().is_some_and(|(_, steps)| later_names(steps, names, seed)),
        };
        changed || changes
    })
}

/// The ids of the rules that steps add; those of rules without one are hashes that nobody would say.
fn later_rules(steps: &[StepEntry], ids: &mut Vec<String>) {
    for step in steps {
        if let StepEntry::ChangeFaults(step) = step {
            ids.extend(step.add.iter().filter_map(|rule| rule.id.clone()));
        }
        if let Some((_, steps)) = step.inside() {
            later_rules(steps, ids);
        }
    }
}

fn steps(sections: &Sections, mut checker: Checker<'_>) -> Result<(), Misfit> {
    let sizes = sections.steps.iter().map(StepEntry::size);
    let total = sizes.fold(0, usize::saturating_add);
    if total > MOST_STEPS {
        let message =
            format!("{total} steps, repeated ones counted; a file has at most {MOST_STEPS}");
        return Err(Misfit::new(message)).within("steps");
    }
    for (index, step) in sections.steps.iter().enumerate() {
        checker.check(step).within(index).within("steps")?;
    }
    let expect = sections.expect.as_ref();
    expect.map_or(Ok(()), |truth| checker.truth(truth)).within("expect")
}
