//! Whether a `load` section makes sense: its numbers by themselves, and its names beside the world.

mod numbers;
mod stock;
pub(super) mod warnings;

use super::compile::Blueprint;
use super::load_section::{LoadSection, MixEntry, in_mix};
use super::names::Names;
use super::problem::{Misfit, Within};
use crate::api::Operation;
use crate::domain::World;
use stock::Stock;

/// What a mix does at least where none is written: share images.
const UNSAID: Operation = Operation::AddMembers;

/// Checks what was put together from a file and a command line, beside the world of the file.
///
/// # Errors
/// A sentence for people that begins with the place in the section.
pub fn check_load(section: &LoadSection, blueprint: &Blueprint) -> Result<(), String> {
    let checked = check(section, &blueprint.names, Some(&blueprint.world));
    checked.map_err(|misfit| format!("{}: {}", misfit.path_text(), misfit.message))
}

/// Checks a section. Without a world, only that its names exist.
pub(super) fn check(
    section: &LoadSection,
    names: &Names,
    world: Option<&World>,
) -> Result<(), Misfit> {
    numbers::check(section)?;
    let stock = world.map(|world| Stock::of(names, world));
    match &section.mix {
        None => stock.map_or(Ok(()), |stock| stock.can_do(UNSAID, &MixEntry::weighing(1))),
        Some(mix) => {
            let weights = mix.iter().map(|(_, entry)| u64::from(entry.weight));
            if weights.sum::<u64>() == 0 {
                let message = "nothing has a weight above 0, so nothing would be done";
                return Err(Misfit::new(message)).within("mix");
            }
            let each = mix.iter().map(|(name, entry)| {
                let entry = one(name, entry, names, stock.as_ref());
                entry.within(name).within("mix")
            });
            each.collect()
        }
    }
}

/// An operation of a mix.
fn one(name: &str, entry: &MixEntry, names: &Names, stock: Option<&Stock>) -> Result<(), Misfit> {
    let operation = in_mix(name)?;
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
            exists(key, name, names, stock).within(index).within(key)?;
        }
    }
    match stock {
        Some(stock) if entry.weight > 0 => stock.can_do(operation, entry),
        _ => Ok(()),
    }
}

/// A load knows only what the world has: an id alone tells neither an owner nor a token.
fn exists(kind: &str, name: &str, names: &Names, stock: Option<&Stock>) -> Result<(), Misfit> {
    let known = if kind == "images" {
        let images = names.images_of(name)?;
        stock.is_none_or(|stock| images.iter().all(|id| stock.owner(*id).is_some()))
    } else {
        let projects = names.projects_of(name)?;
        stock.is_none_or(|stock| projects.iter().all(|id| stock.has_project(*id)))
    };
    if known {
        Ok(())
    } else {
        Err(Misfit::new(format!("nothing in the world has the id `{name}`")))
    }
}

/// What an operation draws for each transaction.
#[derive(Clone, Copy)]
pub(super) struct Draws {
    pub(super) images: bool,
    pub(super) projects: bool,
}

/// What an operation of a mix draws.
pub(super) fn draws(operation: Operation) -> Draws {
    use Operation as It;
    let (images, projects) = match operation {
        It::AddMembers | It::UpdateMembers | It::DeleteMembers => (true, true),
        It::AddMember | It::UpdateMember | It::DeleteMember | It::ShowMember => (true, true),
        It::ListMembers | It::ShowImage => (true, false),
        _ => (false, false),
    };
    Draws { images, projects }
}
