//! Names that nothing uses.

use serde_json::Value;

use super::mentions::Mentions;
use crate::scenario::problem::{Misfit, Within};
use crate::scenario::world_section::WorldSection;

/// Looks for names of the world and of saved jobs that nothing else in the file mentions.
pub(super) fn look(document: &Value, world: &WorldSection, found: &mut Vec<Misfit>) {
    let mut outside = Mentions::default();
    for (section, value) in document.as_object().into_iter().flatten() {
        if section != "world" {
            outside.add(value);
        }
    }
    saved(document.get("steps").unwrap_or(&Value::Null), &outside, found);
    let message = "no step and no rule uses this image; take it out, or name it where it is meant";
    for (name, entry) in world.images.iter() {
        note(&outside, "images", name, entry.id.as_deref(), entry.count, message, found);
    }
    let message = "no step uses this token; take it out, or name it where it is meant";
    for (name, _) in world.tokens.iter().flat_map(|tokens| tokens.iter()) {
        note(&outside, "tokens", name, None, None, message, found);
    }
    // A project that only owns an image or is a member of one is a part of the picture.
    for part in ["images", "tokens"] {
        outside.add(&document["world"][part]);
    }
    let message = "no image, token, step or rule uses this project; take it out, or name it where it is meant";
    for (name, entry) in world.projects.iter() {
        note(&outside, "projects", name, entry.id.as_deref(), entry.count, message, found);
    }
}

fn note(
    mentions: &Mentions,
    kind: &str,
    name: &str,
    id: Option<&str>,
    count: Option<u32>,
    message: &str,
    found: &mut Vec<Misfit>,
) {
    let by_name = if count.is_some() { mentions.numbered(name) } else { mentions.name(name) };
    let by_id = || id.is_some_and(|id| mentions.name(&id.to_ascii_lowercase()));
    if !by_name && !by_id() {
        let misfit: Result<(), Misfit> = Err(Misfit::new(message));
        found.extend(misfit.within(name).within(kind).within("world").err());
    }
}

/// Looks for jobs that are saved for nothing: a name is given to a job only to be said later.
fn saved(steps: &Value, mentions: &Mentions, found: &mut Vec<Misfit>) {
    for (place, step) in super::calls::each_step(steps) {
        let Some(name) = step.said.get("save").and_then(Value::as_str) else { continue };
        if !mentions.name(name) {
            let message =
                format!("no step looks at the job `{name}`; wait for it, or do not save it");
            let mut misfit = Misfit::new(message);
            misfit.path = place;
            misfit.path.extend([step.kind.into(), "save".into()]);
            found.push(misfit);
        }
    }
}
