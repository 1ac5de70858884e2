//! Looks a scenario file over without running it: everything that compiling it can find wrong, and what is
//! no error but can hardly be meant.
//!
//! A warning must be right. So it is about what is written alone, and where a file says something of which
//! this module knows too little, it says nothing.

mod calls;
mod expectations;
mod mentions;
mod reach;
mod unused;

use serde_json::Value;

use super::compile::{self, Blueprint, compile};
use super::file::{ScenarioFile, Sections};
use super::names::Names;
use super::problem::{Misfit, Problem, Within};
use super::rule_book::RuleBook;
use super::world_names::WorldNames;
use super::{entry_check, load_check, world_build};
use crate::clock::SimTime;
use crate::domain::World;
use crate::seed::Seed;

/// The most problems, and the most warnings, of one file that are told one by one: nobody reads more at
/// once, and to find the place of each the file is read again.
pub const MOST_TOLD: usize = 100;

/// What was found in a file.
#[derive(Debug, Default)]
pub struct Checked {
    /// Why it cannot be run, in the order of the places; empty if it can.
    pub problems: Vec<Problem>,
    /// What can hardly be meant, in the order of the places; nothing is looked for in a file with problems.
    pub warnings: Vec<Problem>,
    /// How many more were found and are not told.
    pub untold: usize,
}

/// Looks a file over as a run with this seed and start would compile it.
#[must_use]
pub fn check(file: &ScenarioFile, seed: Seed, start: SimTime) -> Checked {
    match compile(file, seed, start) {
        Err(first) => problems(file, first, seed, start),
        Ok(blueprint) => {
            let misfits = warnings(file, &blueprint);
            let (warnings, untold) = placed(file, misfits);
            Checked { warnings, untold, ..Checked::default() }
        }
    }
}

/// Gives misfits their places, in order.
fn placed(file: &ScenarioFile, misfits: Vec<Misfit>) -> (Vec<Problem>, usize) {
    let untold = misfits.len().saturating_sub(MOST_TOLD);
    let mut told: Vec<Problem> =
        misfits.iter().take(MOST_TOLD).map(|misfit| file.place(misfit)).collect();
    told.sort_by_key(|problem| problem.place);
    (told, untold)
}

fn warnings(file: &ScenarioFile, blueprint: &Blueprint) -> Vec<Misfit> {
    let document = file.document();
    let mut found = Vec::new();
    if file.sections.about.as_deref().is_none_or(|about| about.trim().is_empty()) {
        found.push(Misfit::new("does not say what it shows; add `about`"));
    }
    if let Some(load) = &file.sections.load {
        load_check::warnings::look(load, &blueprint.world, &mut found);
    }
    // What stands in a file without steps is for clients of a server, of which nothing is known here.
    if file.sections.steps.is_empty() {
        return found;
    }
    let steps = document.get("steps").unwrap_or(&Value::Null);
    // A load draws from everything and makes calls that no step makes.
    if file.sections.load.is_none() {
        unused::look(&document, &file.sections.world, &mut found);
        reach::look(steps, blueprint, &mut found);
    }
    expectations::look(&document, steps, &mut found);
    found
}

/// All that the parts of a file that do not build on broken ones have against them.
fn problems(file: &ScenarioFile, first: Problem, seed: Seed, start: SimTime) -> Checked {
    let mut found = Vec::new();
    collect(&file.sections, seed, start, &mut found);
    let (mut problems, untold) = placed(file, found);
    if !problems.contains(&first) {
        problems.insert(0, first);
    }
    Checked { problems, untold, ..Checked::default() }
}

fn collect(sections: &Sections, seed: Seed, start: SimTime, found: &mut Vec<Misfit>) {
    found.extend(compile::epoch(sections).err());
    found.extend(sections.timing.compile().within("timing").err());
    found.extend(sections.supervision.compile().within("supervision").err());
    // Without good names and counts there is no world to hold the rest against.
    if let Err(misfit) = entry_check::check(&sections.world).within("world") {
        found.push(misfit);
        return;
    }
    let mut names = Names::of(&sections.world, seed);
    let world = world_build::world(&sections.world, &names, &names, seed, start).within("world");
    let ids = sections.faults.iter().filter_map(|rule| rule.id.clone()).collect();
    let load = compile::load(sections, &names, world.is_ok().then_some(&*sections.world));
    let steps = match &world {
        Ok(world) => {
            rules(sections, world, start, found);
            let world = WorldNames::of(world);
            compile::steps(sections, &mut names, Some(&world), ids, seed, start)
        }
        Err(misfit) => {
            found.push(misfit.clone());
            compile::steps(sections, &mut names, None, ids, seed, start)
        }
    };
    found.extend(steps.err());
    found.extend(load.err());
}

/// Each rule by itself, and only if all are good, what they have against each other.
fn rules(sections: &Sections, world: &World, start: SimTime, found: &mut Vec<Misfit>) {
    let names = WorldNames::of(world);
    let before = found.len();
    for (index, entry) in sections.faults.iter().enumerate() {
        found.extend(entry.compile(&names, start).within(index).within("faults").err());
    }
    if found.len() == before {
        found
            .extend(RuleBook::of_file(&sections.faults, &names, start, &[]).within("faults").err());
    }
}
