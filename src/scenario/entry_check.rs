//! The form and the number of the world's entries, held against their bounds before anything is made.

use super::problem::{Misfit, Within};
use super::world_section::WorldSection;
use crate::api::{ImageId, ProjectId};

/// The most projects, images, and tokens of a world, of each; a million images take under a gigabyte.
pub(super) const MOST_THINGS: u32 = 1_000_000;

/// The most memberships of a world: ten for each of a million images, twice over.
pub(super) const MOST_MEMBERSHIPS: usize = 20_000_000;

/// The most tags of one image.
pub(super) const MOST_TAGS: usize = 64;

/// The longest tag, in characters: a key and a value, each as long as the service takes them.
pub(super) const LONGEST_TAG: usize = 80;

/// The most properties of one image.
pub(super) const MOST_PROPERTIES: usize = 64;

/// The longest text of an image and the longest key of a property, in characters, as the service takes them.
pub(super) const LONGEST_TEXT: usize = 255;

/// The longest description of an image, in characters, as the service takes it (IMG.0004).
pub(super) const LONGEST_DESCRIPTION: usize = 1_024;

/// Checks names, ids and counts, and says how many projects and images they are.
pub(super) fn check(world: &WorldSection) -> Result<u32, Misfit> {
    let project = |id: &str| ProjectId::parse(id).is_some();
    let projects =
        world.projects.iter().map(|(name, entry)| (name, entry.id.as_deref(), entry.count));
    let projects = entries(projects, project, "32 hex digits").within("projects")?;
    let image = |id: &str| ImageId::parse(id).is_some();
    let images = world.images.iter().map(|(name, entry)| (name, entry.id.as_deref(), entry.count));
    let images = entries(images, image, "a UUID with hyphens").within("images")?;
    Ok(projects + images)
}

/// Checks entries given as name, id and count, and says how many things they are; `good` says whether an id
/// has its form.
fn entries<'a>(
    entries: impl Iterator<Item = (&'a str, Option<&'a str>, Option<u32>)>,
    good: impl Fn(&str) -> bool,
    form: &str,
) -> Result<u32, Misfit> {
    let mut total = 0_u32;
    for (name, id, count) in entries {
        if let Some(id) = id.filter(|id| !good(id)) {
            return Err(Misfit::new(format!("`{id}` is not {form}"))).within("id").within(name);
        }
        entry(name, id, count).within(name)?;
        if good(name) {
            // Whatever takes a name or an id would mean this entry where somebody means another's id.
            let message =
                format!("a name is not {form}, which ids are; call it otherwise, and say `id`");
            return Err(Misfit::new(message)).within(name);
        }
        total = total.saturating_add(count.unwrap_or(1));
        if total > MOST_THINGS {
            let message =
                format!("with this entry they are {total}; at most {MOST_THINGS} can be made");
            return Err(Misfit::new(message)).within(name);
        }
    }
    Ok(total)
}

fn entry(name: &str, id: Option<&str>, count: Option<u32>) -> Result<(), Misfit> {
    if name.is_empty() || name.contains('*') || name.chars().any(char::is_control) {
        return Err(Misfit::new("a name is not empty and has neither `*` nor control characters"));
    }
    match (id, count) {
        (_, Some(0)) => Err(Misfit::new("0 makes nothing; say 1 or more")).within("count"),
        (Some(_), Some(_)) => {
            let message = "an entry with a count cannot have an id, which only one can have";
            Err(Misfit::new(message)).within("id")
        }
        _ => Ok(()),
    }
}
