//! Rules that could never fire, because what they say cannot come together.

use super::RuleEntry;
use super::match_entry::happens_at;
use crate::api::Operation;
use crate::clock::{SimDuration, SimTime};
use crate::faults::{Effect, Match, Rule, Scope, When};
use crate::scenario::problem::{Misfit, Within};

/// The most images of a batch; a place beyond them never comes.
pub(super) const HIGHEST_INDEX: u32 = crate::domain::Settings::HIGHEST_BATCH_LIST as u32 - 1;

/// Refuses what contradicts itself in what a rule is about and does.
pub(super) fn of_meaning(rule: &Rule, now: SimTime) -> Result<(), Misfit> {
    times(&rule.when, now).within("when")?;
    numbers(&rule.when).within("when")?;
    scope(rule).within("per").within("when")?;
    matches(rule).within("match")?;
    crash(rule).within("after_pairs").within("crash").within("effect")
}

/// Refuses what contradicts itself in the rest of a rule.
pub(super) fn of_the_rest(entry: &RuleEntry, rule: &Rule) -> Result<(), Misfit> {
    if rule.must_fire && rule.when.probability == Some(0.0) {
        return Err(Misfit::new("must fire, but its probability is 0")).within("must_fire");
    }
    if rule.must_fire && !entry.enabled {
        return Err(Misfit::new("must fire, but is not enabled")).within("must_fire");
    }
    if entry.ttl.is_some_and(|ttl| ttl.0 == SimDuration::ZERO) {
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

const NO_IMAGE: &str = "no `operation` of this rule is about an image";
const NO_MEMBER: &str = "no `operation` of this rule is about a member";
const NO_JOB: &str = "no `operation` of this rule is about a job";
const NO_PROJECT: &str =
    "this rule is about `unknown` calls alone, and who makes those is not looked at";

/// Whether there can be what a rule counts for.
fn scope(rule: &Rule) -> Result<(), Misfit> {
    let (known, message) = match rule.when.per {
        Scope::Rule | Scope::Client => return Ok(()),
        Scope::Image => (has(rule, Operation::names_image), NO_IMAGE),
        Scope::Member => (has(rule, Operation::names_member), NO_MEMBER),
        Scope::Job => (has(rule, is_about_job), NO_JOB),
        Scope::Project => (has(rule, is_known), NO_PROJECT),
    };
    if known { Ok(()) } else { Err(Misfit::new(message)) }
}

fn is_about_job(operation: Operation) -> bool {
    operation.job_type().is_some() || operation.queries_job()
}

/// Who makes an unknown call nobody looks at.
fn is_known(operation: Operation) -> bool {
    operation != Operation::Unknown
}

/// Whether a worker can have as many pairs as it should settle before it dies.
fn crash(rule: &Rule) -> Result<(), Misfit> {
    let job_type = rule.matches.job_type;
    let has_more = |operation: Operation| {
        operation != Operation::UpdateMembers
            && job_type.is_none_or(|job_type| operation.job_type() == Some(job_type))
    };
    match rule.effect {
        Effect::Crash { after_pairs, .. } if after_pairs > 1 && !has(rule, has_more) => {
            let message = "an update has one pair for each image, so no worker settles more";
            Err(Misfit::new(message))
        }
        _ => Ok(()),
    }
}

fn matches(rule: &Rule) -> Result<(), Misfit> {
    let matches = &rule.matches;
    if let Some(job_type) = matches.job_type
        && !has(rule, |operation| operation.job_type() == Some(job_type))
    {
        let message =
            format!("no `operation` of this rule makes jobs of type {}", job_type.as_str());
        return Err(Misfit::new(message)).within("job_type");
    }
    if let Some(method) = matches.method.as_deref()
        && !has(rule, |operation| operation.method().is_none_or(|own| own == method))
    {
        let message = format!("no `operation` of this rule is called with {method}");
        return Err(Misfit::new(message)).within("method");
    }
    if matches.project.is_some() && !has(rule, is_known) {
        return Err(Misfit::new(NO_PROJECT)).within("project");
    }
    if matches.member.is_some() && !has(rule, Operation::names_member) {
        return Err(Misfit::new(NO_MEMBER)).within("member");
    }
    image(rule).within("image")?;
    path(matches)
}

/// Whether the rule has events of an operation that passes a test.
fn has(rule: &Rule, test: impl Fn(Operation) -> bool) -> bool {
    let set = rule.matches.operations;
    let comes = |o| happens_at(o, rule.point) && set.is_none_or(|set| set.contains(o));
    Operation::ALL.iter().any(|o| comes(*o) && test(*o))
}

/// Whether an image can be what a rule's `image` asks for.
fn image(rule: &Rule) -> Result<(), Misfit> {
    let Some(image) = &rule.matches.image else { return Ok(()) };
    if !has(rule, Operation::names_image) {
        return Err(Misfit::new(NO_IMAGE));
    }
    let Some(index) = image.index else { return Ok(()) };
    if index > HIGHEST_INDEX {
        let message = format!("a batch has at most {} images, counted from 0", HIGHEST_INDEX + 1);
        return Err(Misfit::new(message)).within("index");
    }
    if !has(rule, |operation| operation.job_type().is_some()) {
        let message =
            "only a batch has its images in places, and no `operation` of this rule is one";
        return Err(Misfit::new(message)).within("index");
    }
    Ok(())
}

/// Whether a path that clients send can be like the rule's.
fn path(matches: &Match) -> Result<(), Misfit> {
    let Some(path) = &matches.path else { return Ok(()) };
    if path.pattern().starts_with(['/', '*', '?']) {
        return Ok(());
    }
    let message = format!("no path is like `{}`; they begin with `/`", path.pattern());
    Err(Misfit::new(message)).within("path")
}
