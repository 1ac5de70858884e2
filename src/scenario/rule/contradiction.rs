//! Rules that could never fire, because what they say cannot come together.

use super::RuleEntry;
use crate::api::Operation;
use crate::clock::SimTime;
use crate::faults::{Effect, Rule, When};
use crate::scenario::problem::{Misfit, Within};

/// The most images of a batch; a place beyond them never comes.
const HIGHEST_INDEX: u32 = crate::domain::Settings::HIGHEST_BATCH_LIST as u32 - 1;

/// Refuses what contradicts itself.
pub(super) fn check(entry: &RuleEntry, rule: &Rule, now: SimTime) -> Result<(), Misfit> {
    times(&rule.when, now).within("when")?;
    numbers(&rule.when).within("when")?;
    matches(rule).within("match")?;
    if rule.must_fire && rule.when.probability == Some(0.0) {
        return Err(Misfit::new("must fire, but its probability is 0")).within("must_fire");
    }
    if rule.must_fire && !entry.enabled {
        return Err(Misfit::new("must fire, but is not enabled")).within("must_fire");
    }
    if rule.expires == Some(now) {
        return Err(Misfit::new("0 would end before anything can happen")).within("ttl");
    }
    if let (Some(expires), Some(from)) = (rule.expires, rule.when.from)
        && from >= expires
    {
        return Err(Misfit::new("the rule's time to live is over before `from`")).within("ttl");
    }
    Ok(())
}

fn times(when: &When, now: SimTime) -> Result<(), Misfit> {
    if let (Some(from), Some(until)) = (when.from, when.until)
        && from >= until
    {
        return Err(Misfit::new("`until` is not later than `from`")).within("until");
    }
    if when.until.is_some_and(|until| until <= now) {
        return Err(Misfit::new("this time is over already")).within("until");
    }
    Ok(())
}

fn numbers(when: &When) -> Result<(), Misfit> {
    let Some(nth) = when.nth else {
        return match (when.every, when.range) {
            (Some(every), Some((first, last))) if last / every == (first - 1) / every => {
                let message = format!("no multiple of {every} lies from {first} to {last}");
                Err(Misfit::new(message)).within("every")
            }
            _ => Ok(()),
        };
    };
    if let Some((first, last)) = when.range
        && !(first..=last).contains(&nth)
    {
        let message = format!("the match number {nth} lies outside `range`, {first} to {last}");
        return Err(Misfit::new(message)).within("nth");
    }
    if let Some(every) = when.every
        && !nth.is_multiple_of(every)
    {
        let message = format!("the match number {nth} is no multiple of `every`, {every}");
        return Err(Misfit::new(message)).within("nth");
    }
    Ok(())
}

fn matches(rule: &Rule) -> Result<(), Misfit> {
    let matches = &rule.matches;
    let chosen = |test: &dyn Fn(Operation) -> bool| {
        let set = matches.operations;
        Operation::ALL.iter().any(|o| set.is_none_or(|set| set.contains(*o)) && test(*o))
    };
    if let Some(job_type) = matches.job_type
        && !chosen(&|operation| operation.job_type() == Some(job_type))
    {
        let message =
            format!("no `operation` of this rule makes jobs of type {}", job_type.as_str());
        return Err(Misfit::new(message)).within("job_type");
    }
    if let Some(method) = matches.method.as_deref()
        && !chosen(&|operation| operation.method().is_none_or(|own| own == method))
    {
        let message = format!("no `operation` of this rule is called with {method}");
        return Err(Misfit::new(message)).within("method");
    }
    if let Some(index) = matches.image.as_ref().and_then(|image| image.index)
        && index > HIGHEST_INDEX
    {
        let message = format!("a batch has at most {} images, counted from 0", HIGHEST_INDEX + 1);
        return Err(Misfit::new(message)).within("index").within("image");
    }
    if matches!(rule.effect, Effect::Stale(_)) && matches.image.is_some() {
        let lists = chosen(&|operation| {
            matches!(operation, Operation::ListMembers | Operation::ShowMember)
        });
        if !lists {
            let message = "a query of a job is about no image";
            return Err(Misfit::new(message)).within("image");
        }
    }
    Ok(())
}
