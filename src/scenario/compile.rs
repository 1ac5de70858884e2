//! From a scenario file to what a simulation is made of: names become ids, numbers meet their bounds.

use std::sync::Arc;

use super::entry_check::{self, MOST_THINGS};
use super::file::{ScenarioFile, Sections};
use super::load_check;
use super::names::Names;
use super::origin::Origin;
use super::problem::{Misfit, Problem, Within};
use super::rule_book::RuleBook;
use super::source::Source;
use super::step::StepEntry;
use super::step_check::Checker;
use super::values::{self, Said};
use super::world_build;
use super::world_names::WorldNames;
use super::world_section::WorldSection;
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
    let source = Source::of(file);
    let blueprint = sections(&file.sections, seed, start, source);
    let mut blueprint = blueprint.map_err(|misfit| file.place(&misfit))?;
    blueprint.origin.fingerprint = file.fingerprint();
    Ok(blueprint)
}

fn sections(
    sections: &Sections,
    seed: Seed,
    start: SimTime,
    source: Source,
) -> Result<Blueprint, Misfit> {
    epoch(sections)?;
    entry_check::check(&sections.world).within("world")?;
    let mut names = Names::of(&sections.world, seed);
    let world = world_build::world(&sections.world, &names, &names, seed, start).within("world")?;
    let timing = sections.timing.compile().within("timing")?;
    let supervision = sections.supervision.compile().within("supervision")?;
    let world_names = WorldNames::of(&world);
    let plan = RuleBook::of_file(&sections.faults, &world_names, start, &[]).within("faults")?;
    let rules = plan.rules().iter().map(|rule| rule.id.to_string()).collect();
    // A load begins with the world as it starts, without the names that steps add.
    let load = load(sections, &names, Some(&sections.world));
    steps(sections, &mut names, Some(&world_names), rules, seed, start)?;
    load?;
    drop(world_names);
    let (world_section, fingerprint) = (Arc::clone(&sections.world), String::new());
    let rules = plan.clone();
    let origin = Origin { world: world_section, rules, seed, source, fingerprint, start };
    Ok(Blueprint { world, timing, supervision, plan, names, origin })
}

/// Checks the `load` section, if there is one.
pub(super) fn load(
    sections: &Sections,
    names: &Names,
    world: Option<&WorldSection>,
) -> Result<(), Misfit> {
    let load = sections.load.as_ref();
    load.map_or(Ok(()), |section| load_check::check(section, names, world)).within("load")
}

/// The latest start of a run: times on the wire end with the year 9999.
const LATEST_EPOCH: SimTime = SimTime::from_millis(time::LAST_MS / 2);

pub(super) fn epoch(sections: &Sections) -> Result<(), Misfit> {
    if sections.epoch.is_some_and(|epoch| epoch.0 > LATEST_EPOCH) {
        let latest = time::whole_seconds(LATEST_EPOCH.as_millis());
        return Err(Misfit::new(format!("a run starts at {latest} at the latest"))).within("epoch");
    }
    Ok(())
}

/// What steps add, which any step may name.
struct Later<'a> {
    names: &'a mut Names,
    /// The ids of rules; those of rules without one are hashes that nobody would say.
    rules: Vec<String>,
    seed: Seed,
    /// How many things they add, those of all rounds together.
    added: u32,
    /// Whether any step changes the world.
    world_changes: bool,
}

impl Later<'_> {
    /// Looks through steps in the rounds in which they stand.
    fn find(&mut self, steps: &[StepEntry], rounds: &mut Vec<(String, u32)>) -> Result<(), Misfit> {
        for step in steps {
            match step {
                StepEntry::Repeat(step) => {
                    for round in 0..step.times {
                        rounds.push((step.index().to_owned(), round));
                        self.find(&step.steps, rounds)?;
                        rounds.pop();
                    }
                }
                StepEntry::ChangeWorld(_) | StepEntry::ChangeFaults(_) => {
                    self.change(step, rounds)?
                }
                StepEntry::Request(step) => {
                    self.world_changes |= step.path.starts_with("/__admin/world");
                }
                _ => {
                    if let Some((_, steps)) = step.inside() {
                        self.find(steps, rounds)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn change(&mut self, step: &StepEntry, rounds: &[(String, u32)]) -> Result<(), Misfit> {
        let say = |name: &str| {
            let round = rounds.iter().rev().find(|(round, _)| round == name);
            round.map_or(Said::Later, |(_, number)| Said::Value((*number).into()))
        };
        // What cannot be filled is told when the step is checked.
        let Ok(filled) = values::fill(step, &say) else { return Ok(()) };
        match &*filled {
            StepEntry::ChangeWorld(step) => {
                self.world_changes = true;
                // As above; and before the check nobody knows how many names there would be.
                let Ok(more) = entry_check::check(&step.additions()) else { return Ok(()) };
                self.added = self.added.saturating_add(more);
                if self.added > MOST_THINGS {
                    let added = self.added;
                    let message = format!("they add {added} things; at most {MOST_THINGS}");
                    return Err(Misfit::new(message));
                }
                self.names.add_later(step, self.seed);
            }
            StepEntry::ChangeFaults(step) => {
                self.rules.extend(step.add.iter().filter_map(|rule| rule.id.clone()));
            }
            _ => {}
        }
        Ok(())
    }
}

fn number_of_steps(sections: &Sections) -> Result<(), Misfit> {
    let sizes = sections.steps.iter().map(StepEntry::size);
    let total = sizes.fold(0, usize::saturating_add);
    if total > MOST_STEPS {
        let message =
            format!("{total} steps, repeated ones counted; a file has at most {MOST_STEPS}");
        return Err(Misfit::new(message));
    }
    Ok(())
}

/// Checks the steps, and adds the names of what they add. Without a world, rules that they add are not held
/// against it; `rules` are the ids of those that the run starts with.
pub(super) fn steps(
    sections: &Sections,
    names: &mut Names,
    world: Option<&WorldNames<'_>>,
    rules: Vec<String>,
    seed: Seed,
    start: SimTime,
) -> Result<(), Misfit> {
    number_of_steps(sections).within("steps")?;
    let mut later = Later { names, rules, seed, added: 0, world_changes: false };
    later.find(&sections.steps, &mut Vec::new()).within("steps")?;
    let Later { rules, world_changes, .. } = later;
    let as_it_starts = world.filter(|_| !world_changes);
    let mut checker = Checker::new(names, as_it_starts, rules, start);
    for (index, step) in sections.steps.iter().enumerate() {
        checker.check(step).within(index).within("steps")?;
    }
    let expect = sections.expect.as_ref();
    expect.map_or(Ok(()), |truth| checker.truth(truth)).within("expect")
}
