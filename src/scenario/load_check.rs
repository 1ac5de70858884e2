//! Whether a `load` section makes sense: its numbers by themselves, and its names beside the world.

mod numbers;
pub(super) mod warnings;

use rustc_hash::FxHashSet;

use super::load_section::{LoadSection, MixEntry, in_mix};
use super::load_stock::{Stock, draws};
use super::names::Names;
use super::problem::{Misfit, Within};
use super::world_section::WorldSection;
use crate::api::{ImageId, Operation, ProjectId};

/// What a mix does at least where none is written: share images.
const UNSAID: Operation = Operation::AddMembers;

/// Checks what was put together from a file and a command line, beside the world of the file.
///
/// # Errors
/// A sentence for people that begins with the place in the section.
pub fn check_load(
    section: &LoadSection,
    world: &WorldSection,
    names: &Names,
) -> Result<(), String> {
    let checked = check(section, names, Some(world));
    checked.map_err(|misfit| format!("{}: {}", misfit.path_text(), misfit.message))
}

/// Checks a section. Without a world, only that its names exist.
pub(super) fn check(
    section: &LoadSection,
    names: &Names,
    world: Option<&WorldSection>,
) -> Result<(), Misfit> {
    numbers::check(section)?;
    let there = world.map(|world| There::of(world, names));
    match &section.mix {
        None => there.map_or(Ok(()), |there| there.can_do(UNSAID, &MixEntry::weighing(1), names)),
        Some(mix) => {
            let weights = mix.iter().map(|(_, entry)| u64::from(entry.weight));
            if weights.sum::<u64>() == 0 {
                let message = "nothing has a weight above 0, so nothing would be done";
                return Err(Misfit::new(message)).within("mix");
            }
            let each = mix.iter().map(|(name, entry)| {
                let entry = one(name, entry, names, there.as_ref());
                entry.within(name).within("mix")
            });
            each.collect()
        }
    }
}

/// What a world has.
struct There {
    stock: Stock,
    images: FxHashSet<ImageId>,
    projects: FxHashSet<ProjectId>,
}

impl There {
    fn of(world: &WorldSection, names: &Names) -> Self {
        let stock = Stock::of(world, names);
        let images = stock.images.iter().map(|image| image.id).collect();
        let projects = stock.projects.iter().map(|project| project.id).collect();
        Self { stock, images, projects }
    }

    /// Whether an operation finds what it needs among what it draws from.
    fn can_do(&self, operation: Operation, entry: &MixEntry, names: &Names) -> Result<(), Misfit> {
        self.stock.reach(operation, entry, names).map(|_| ()).map_err(Misfit::new)
    }
}

/// An operation of a mix.
fn one(name: &str, entry: &MixEntry, names: &Names, there: Option<&There>) -> Result<(), Misfit> {
    let operation = in_mix(name).map_err(Misfit::new)?;
    let draws = draws(operation);
    let lists =
        [("images", &entry.images, draws.images), ("projects", &entry.projects, draws.projects)];
    for (key, list, drawn) in lists {
        let Some(list) = list else { continue };
        if !drawn {
            let message = format!("`{name}` draws no {key}; leave it out");
            return Err(Misfit::new(message)).within(key);
        }
        if list.is_empty() {
            let message = format!("names nothing to draw from; left out, it is all {key}");
            return Err(Misfit::new(message)).within(key);
        }
        for (index, name) in list.iter().enumerate() {
            exists(key, name, names, there).within(index).within(key)?;
        }
    }
    match there {
        Some(there) if entry.weight > 0 => there.can_do(operation, entry, names),
        _ => Ok(()),
    }
}

/// A load knows only what the world has: an id alone tells neither an owner nor a token.
fn exists(kind: &str, name: &str, names: &Names, there: Option<&There>) -> Result<(), Misfit> {
    let known = if kind == "images" {
        let images = names.images_of(name)?;
        there.is_none_or(|there| images.iter().all(|id| there.images.contains(id)))
    } else {
        let projects = names.projects_of(name)?;
        there.is_none_or(|there| projects.iter().all(|id| there.projects.contains(id)))
    };
    if known {
        Ok(())
    } else {
        Err(Misfit::new(format!("nothing in the world has the id `{name}`")))
    }
}
