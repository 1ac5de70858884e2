//! The numbers of a `load` section, each by itself and beside the others.

use crate::clock::SimDuration;
use crate::scenario::load_section::{
    DrawEntry, LONGEST_LOAD, LoadSection, MOST_CONNECTIONS, MOST_IN_BATCH, MOST_IN_FLIGHT,
    MOST_THREADS, MOST_THRESHOLDS, PollEntry, Profile, STEEPEST_ZIPF, STRONGEST_BACKOFF,
};
use crate::scenario::problem::{Misfit, Within};
use crate::scenario::span::Span;

/// Checks all numbers.
pub(super) fn check(section: &LoadSection) -> Result<(), Misfit> {
    model(section)?;
    time(section)?;
    within("images_per_batch", section.images_per_batch.map(u64::from), MOST_IN_BATCH.into())?;
    within("projects_per_batch", section.projects_per_batch.map(u64::from), MOST_IN_BATCH.into())?;
    draw(section.images).within("images")?;
    draw(section.projects).within("projects")?;
    section.poll.map_or(Ok(()), poll).within("poll")?;
    not_zero("timeout", section.timeout)?;
    within("most_in_flight", section.most_in_flight, MOST_IN_FLIGHT)?;
    within("connections", section.connections.map(u64::from), MOST_CONNECTIONS.into())?;
    within("threads", section.threads.map(u64::from), MOST_THREADS.into())?;
    let thresholds = section.thresholds.as_ref().map_or(0, Vec::len);
    if thresholds > MOST_THRESHOLDS {
        let message = format!("{thresholds} thresholds; at most {MOST_THRESHOLDS}");
        return Err(Misfit::new(message)).within("thresholds");
    }
    Ok(())
}

/// One model: arrivals at a rate, or users.
fn model(section: &LoadSection) -> Result<(), Misfit> {
    if section.rate.is_some() && section.users.is_some() {
        let message = "stands beside `rate`; a load has a rate or users";
        return Err(Misfit::new(message)).within("users");
    }
    if let Some(law) = section.think_time {
        if section.users.is_none() {
            let message = "only users think; with a rate there are none";
            return Err(Misfit::new(message)).within("think_time");
        }
        law.compile().within("think_time")?;
    }
    if let Some(rate) = &section.rate {
        some_load(rate).within("rate")?;
    }
    let Some(users) = &section.users else { return Ok(()) };
    some_load(users).within("users")?;
    match heights(users).find(|height| height.fract() != 0.0) {
        Some(part) => {
            let (less, more) = (part.floor(), part.ceil());
            let message = format!("{part} users; users are whole, such as {less} or {more}");
            Err(Misfit::new(message)).within("users")
        }
        None => Ok(()),
    }
}

fn heights(profile: &Profile) -> impl Iterator<Item = f64> {
    // How long a constant load goes on changes nothing about its height.
    profile.stages(SimDuration::ZERO).into_iter().flat_map(|stage| [stage.from, stage.to])
}

fn some_load(profile: &Profile) -> Result<(), Misfit> {
    if heights(profile).any(|height| height > 0.0) {
        return Ok(());
    }
    Err(Misfit::new("is 0 from the beginning to the end, so nothing would be done"))
}

fn time(section: &LoadSection) -> Result<(), Misfit> {
    let profiles = [("rate", &section.rate), ("users", &section.users)];
    for (key, profile) in profiles {
        let Some(profile) = profile.as_ref().filter(|profile| profile.has_stages()) else {
            continue;
        };
        if section.duration.is_some() {
            let message = format!(
                "stands beside the stages of `{key}`, whose sum it is; leave it out, or give `{key}` as one number"
            );
            return Err(Misfit::new(message)).within("duration");
        }
        let stages = profile.stages(SimDuration::ZERO).into_iter();
        let sum = stages.fold(0_u64, |sum, stage| sum.saturating_add(stage.over.as_millis()));
        short_enough(Some(Span(SimDuration::from_millis(sum)))).within(key)?;
    }
    not_zero("duration", section.duration)?;
    short_enough(section.duration).within("duration")?;
    short_enough(section.ramp).within("ramp")
}

fn short_enough(span: Option<Span>) -> Result<(), Misfit> {
    match span.filter(|span| span.0 > LONGEST_LOAD) {
        Some(span) => {
            let message = format!("{} is longer than {LONGEST_LOAD}, the longest load", span.0);
            Err(Misfit::new(message))
        }
        None => Ok(()),
    }
}

fn not_zero(key: &str, span: Option<Span>) -> Result<(), Misfit> {
    if span.is_some_and(|span| span.0 == SimDuration::ZERO) {
        return Err(Misfit::new("is no time at all; the shortest is 1ms")).within(key);
    }
    Ok(())
}

fn within(key: &str, number: Option<u64>, most: u64) -> Result<(), Misfit> {
    match number.filter(|number| !(1..=most).contains(number)) {
        Some(number) => Err(Misfit::new(format!("{number} is not from 1 to {most}"))).within(key),
        None => Ok(()),
    }
}

fn draw(draw: Option<DrawEntry>) -> Result<(), Misfit> {
    match draw {
        Some(DrawEntry::Zipf(steepness)) if !(0.0..=STEEPEST_ZIPF).contains(&steepness) => {
            let message = format!("{steepness} is not from 0 to {STEEPEST_ZIPF}");
            Err(Misfit::new(message)).within("zipf")
        }
        _ => Ok(()),
    }
}

fn poll(poll: PollEntry) -> Result<(), Misfit> {
    not_zero("every", poll.every)?;
    not_zero("longest", poll.longest)?;
    not_zero("give_up", poll.give_up)?;
    if let Some(backoff) = poll.backoff
        && !(1.0..=STRONGEST_BACKOFF).contains(&backoff)
    {
        let message = format!("{backoff} is not from 1 to {STRONGEST_BACKOFF}");
        return Err(Misfit::new(message)).within("backoff");
    }
    let Some(every) = poll.every else { return Ok(()) };
    let bounds = [
        ("longest", poll.longest, "the first pause"),
        ("give_up", poll.give_up, "so that no job would ever be polled"),
    ];
    for (key, span, why) in bounds {
        if let Some(span) = span.filter(|span| *span < every) {
            let message = format!("{} is shorter than `every`, {}, {why}", span.0, every.0);
            return Err(Misfit::new(message)).within(key);
        }
    }
    Ok(())
}
