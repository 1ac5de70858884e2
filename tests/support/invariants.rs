//! What must hold of every run, whatever its plan, read from the journal and the memberships alone.
//!
//! An effect suspends only what the table of the design says, and only for the job or pair where it fired:
//! stick and lose suspend "every job ends"; run twice allows a second settlement; a lie suspends "what is
//! reported is what was done". Everything else suspends nothing.

#[path = "invariants/job.rs"]
mod job;

use std::collections::{BTreeMap, BTreeSet};

use imsim::api::MemberStatus::Pending;
use imsim::api::{ImageId, Operation, ProjectId};
use imsim::domain::rules::Change;
use imsim::faults::{EffectKind, Hold, Point, Scope, When};
use imsim::journal::{CallRecord, Event};
use imsim::seed::{CallKey, JobKey, Subject};
use job::Job;
use serde_json::Value;

use crate::story::{Members, Told};

/// Everything that does not hold.
pub(crate) fn violations(told: &Told) -> Vec<String> {
    let jobs = jobs(told);
    let mut wrong = Vec::new();
    for (key, job) in &jobs {
        let mut found = job.violations();
        found.iter_mut().for_each(|what| *what = format!("{key}: {what}"));
        wrong.append(&mut found);
    }
    wrong.append(&mut memberships(told, &jobs));
    wrong.append(&mut rules(told));
    wrong
}

fn jobs(told: &Told) -> BTreeMap<JobKey, Job> {
    let spoilt = spoilt(told);
    let mut jobs = BTreeMap::new();
    // Within an instant a job's later entries can stand before its first one.
    for entry in &told.entries {
        if let (Subject::Job(key), Event::JobAccepted { operation, images, projects, .. }) =
            (entry.subject, &entry.event)
        {
            let job = Job::new(entry.at, *operation, (*images, *projects));
            assert!(jobs.insert(key, job).is_none(), "{key} was accepted twice");
        }
    }
    for entry in &told.entries {
        if let (Subject::Call(key), Event::Call(call)) = (entry.subject, &entry.event) {
            if let Some((job, results, body)) = shown(call).filter(|_| !spoilt.contains(&key)) {
                let job = jobs.get_mut(&job).expect("only accepted jobs are shown");
                job.answers.push((entry.at, results, body));
            }
        } else if let Some(job) = entry.subject.job().and_then(|key| jobs.get_mut(&key)) {
            job.take(entry.at, entry.subject, &entry.event);
        }
    }
    jobs
}

/// Calls whose answer says nothing of the present: an older state, another answer, or one that was ready
/// long before it left.
fn spoilt(told: &Told) -> BTreeSet<CallKey> {
    let spoilers = told.entries.iter().filter_map(|entry| match (entry.subject, &entry.event) {
        (Subject::Call(key), Event::FaultFired(fault)) => match fault.effect {
            EffectKind::Stale | EffectKind::Answer => Some(key),
            EffectKind::Delay if fault.point == Point::Response => Some(key),
            _ => None,
        },
        _ => None,
    });
    spoilers.collect()
}

/// The job that an answer shows.
fn shown(call: &CallRecord) -> Option<(JobKey, bool, Value)> {
    let results = match call.operation {
        Operation::ShowJob => true,
        Operation::ShowJobProgress => false,
        _ => return None,
    };
    let body: Value = serde_json::from_slice(&call.answer.start).ok()?;
    let whole = call.answer.start.len() == call.answer.length;
    let (_, key) = call.job.filter(|_| call.status == 200 && whole)?;
    Some((key, results, body))
}

/// Memberships change exactly as settled, or as native calls tell, and what is reported of a pair is what was
/// done.
fn memberships(told: &Told, jobs: &BTreeMap<JobKey, Job>) -> Vec<String> {
    let [before, after] = &told.members;
    let mut members = before.clone();
    let mut wrong = Vec::new();
    for entry in &told.in_order {
        match &entry.event {
            Event::MemberChanged { image, project, change } => {
                let real = *change != Change::Nothing;
                if !real || !make(&mut members, (*image, *project), *change) {
                    wrong.push(format!("{}: {change:?} of a pair that was not so", entry.subject));
                }
            }
            Event::ImageDeleted { image, members: gone } => {
                let before = members.len();
                members.retain(|(of, _), _| of != image);
                if before - members.len() != *gone as usize {
                    wrong.push(format!("{}: {gone} members vanished", entry.subject));
                }
            }
            _ => {}
        }
        let (Subject::Pair(key, i, _), Event::PairSettled { image, project, outcome, change, .. }) =
            (entry.subject, &entry.event)
        else {
            continue;
        };
        let job = &jobs[&key];
        if !make(&mut members, (*image, *project), *change) {
            wrong.push(format!("{}: {change:?} of a pair that was not so", entry.subject));
        }
        let lies = [EffectKind::ClaimSuccess, EffectKind::ClaimFailure];
        let lies = lies.into_iter().any(|lie| job.image_has(i, lie));
        let is_member = members.contains_key(&(*image, *project));
        let (fits, done) = match (job.operation, change) {
            // Who had rejected is asked again.
            (Operation::AddMembers, Change::Added | Change::SetTo(Pending) | Change::Nothing) => {
                (true, is_member)
            }
            (Operation::DeleteMembers, Change::Removed | Change::Nothing) => (true, !is_member),
            (Operation::UpdateMembers, Change::SetTo(_) | Change::Nothing) => (true, is_member),
            _ => (false, false),
        };
        let reported = if outcome.is_none() { done } else { *change == Change::Nothing };
        if !fits || (!reported && !lies) {
            wrong.push(format!("{}: {outcome:?} reported, {change:?} done", entry.subject));
        }
    }
    if members != *after {
        wrong.push(format!("members are {after:?}, settled were {members:?}"));
    }
    wrong
}

fn make(members: &mut Members, pair: (ImageId, ProjectId), change: Change) -> bool {
    match change {
        Change::Nothing => true,
        Change::Added => members.insert(pair, Pending).is_none(),
        Change::Removed => members.remove(&pair).is_some(),
        Change::SetTo(status) => members.insert(pair, status).is_some(),
    }
}

/// Rules tell the truth about themselves, and keep to their counts.
fn rules(told: &Told) -> Vec<String> {
    let mut wrong = Vec::new();
    let plan = told.shared.plan.load();
    for rule in plan.rules() {
        let count = |which: fn(&Event) -> Option<&Box<str>>| {
            let named = told.entries.iter().filter_map(|entry| which(&entry.event));
            named.filter(|id| **id == rule.id).count() as u64
        };
        let fired = count(|event| match event {
            Event::FaultFired(fault) => Some(&fault.rule),
            _ => None,
        });
        let superseded = count(|event| match event {
            Event::FaultSuperseded(fault) => Some(&fault.rule),
            _ => None,
        });
        let (counts, when) = (&rule.state.counts, &rule.when);
        let (matched, held) = (counts.matched(), |hold| counts.held(hold));
        let mut hold = |holds: bool, what: &str| {
            if !holds {
                wrong.push(format!("rule {}: {what}; fired {fired} of {matched}", rule.id));
            }
        };
        hold(counts.fired() == fired, "the journal tells another number");
        hold(held(Hold::Superseded) == superseded, "superseded as often as the journal tells");
        hold(plan.considered(rule).times >= matched, "matched more often than asked");
        hold(when.at_most.is_none_or(|most| fired <= most), "fires at most so often");
        let alive = rule.enabled && rule.expires.is_none();
        hold(rule.enabled || fired == 0, "switched off");
        hold(when.probability != Some(0.0) || fired == 0, "never");
        hold(when.probability != Some(1.0) || held(Hold::Chance) == 0, "always");
        if let (Some(first), Scope::Rule) = (when.first, when.per) {
            hold(fired <= first, "no more than the first");
            let alone = alive && *when == When { first: Some(first), ..When::default() };
            let limited = rule.effect.kind() == EffectKind::RateLimit;
            // A worker that has too few pairs cannot die after so many.
            let eligible = matched - superseded - held(Hold::TooFewPairs);
            hold(!alone || limited || fired == first.min(eligible), "exactly the first");
        }
    }
    wrong
}
