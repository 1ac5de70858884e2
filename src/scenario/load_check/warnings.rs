//! What of a `load` section is no error but can hardly be meant.

use crate::api::Operation;
use crate::domain::World;
use crate::scenario::load_section::threshold::{Measure, Scope, Threshold};
use crate::scenario::load_section::{BATCHES, LoadSection, in_mix};
use crate::scenario::load_stock::draws;
use crate::scenario::problem::{Misfit, Within};

/// Looks for what a section says in vain.
pub(in crate::scenario) fn look(section: &LoadSection, world: &World, found: &mut Vec<Misfit>) {
    let mut note = |result: Result<(), Misfit>| found.extend(result.within("load").err());
    let thresholds = section.thresholds.as_deref().unwrap_or_default();
    if section.abort_early == Some(true) && thresholds.is_empty() {
        let message = "there is no threshold for which the run could end early";
        note(Err(Misfit::new(message)).within("abort_early"));
    }
    let lists = [
        ("images_per_batch", section.images_per_batch),
        ("projects_per_batch", section.projects_per_batch),
    ];
    for (key, number) in lists {
        let (number, most) = (number.unwrap_or(1), world.settings.batch_list);
        if usize::try_from(number).is_ok_and(|number| number > most) {
            let message =
                format!("every batch is refused: {number} are more than {most}, see `batch_list`");
            note(Err(Misfit::new(message)).within(key));
        }
    }
    let Some(mix) = &section.mix else { return };
    let said = mix.iter().filter(|(_, entry)| entry.weight > 0);
    let done: Vec<Operation> = said.filter_map(|(name, _)| in_mix(name).ok()).collect();
    for (index, threshold) in thresholds.iter().enumerate() {
        if let Some(why) = never_judged(threshold, &done) {
            note(Err(Misfit::new(why)).within(index).within("thresholds"));
        }
    }
    if !done.iter().any(|operation| BATCHES.contains(operation)) && section.poll.is_some() {
        note(Err(Misfit::new("the mix submits no job, so none is polled")).within("poll"));
    }
    if !done.iter().any(|operation| draws(*operation).images) && section.images.is_some() {
        note(Err(Misfit::new("nothing in the mix draws an image")).within("images"));
    }
}

/// Why there will be nothing to judge a threshold by.
fn never_judged(threshold: &Threshold, done: &[Operation]) -> Option<String> {
    let jobs = done.iter().any(|operation| BATCHES.contains(operation));
    let measured = match threshold.scope {
        Scope::All | Scope::Transactions => true,
        Scope::Jobs => jobs,
        Scope::Operation(Operation::ShowJob | Operation::ShowJobProgress) => jobs,
        Scope::Operation(operation) => done.contains(&operation),
    };
    // Of counts and rates there is always one to judge.
    let needs = threshold.metric.measure() == Measure::Duration;
    let why = "cannot hold: nothing in the mix makes what it is about";
    (needs && !measured).then(|| why.to_owned())
}
