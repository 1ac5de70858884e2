//! What must hold of every run, whatever its plan, read from the journal and the memberships alone.
//!
//! An effect suspends only what the table of the design says, and only for the job or pair where it fired:
//! stick and lose suspend "every job ends"; run twice allows a second settlement; a lie suspends "what is
//! reported is what was done". Everything else suspends nothing.

use std::collections::{BTreeMap, BTreeSet};

use imsim::api::MemberStatus::Pending;
use imsim::api::job::{JobState, PairOutcome};
use imsim::api::{Code, ImageId, Operation, ProjectId};
use imsim::clock::SimTime;
use imsim::domain::rules::Change;
use imsim::faults::{EffectKind, Hold, Point, Scope, When};
use imsim::journal::{CallRecord, Event};
use imsim::seed::{CallKey, JobKey, Subject};
use serde_json::Value;

use crate::story::{Members, Told};

/// One settlement of a pair.
#[derive(Clone, Copy, Debug)]
struct Settlement {
    at: SimTime,
    image: ImageId,
    project: ProjectId,
    outcome: PairOutcome,
    pass: u32,
}

/// How a job ended.
#[derive(Clone, Copy, Debug)]
struct End {
    at: SimTime,
    failed: u32,
    first_failure: Option<Code>,
    reported: JobState,
}

/// What the journal tells of a job.
#[derive(Debug)]
struct Job {
    at: SimTime,
    operation: Operation,
    images: u32,
    projects: u32,
    started: Vec<SimTime>,
    ended: Vec<End>,
    pairs: BTreeMap<(u32, u32), Vec<Settlement>>,
    /// What fired on the job as a whole (`None`) and on its images, their pairs included.
    fired: Vec<(Option<u32>, Point, EffectKind)>,
    /// Unspoilt answers to queries: when, whether with results, and the body.
    answers: Vec<(SimTime, bool, Value)>,
}

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
            let job = Job {
                at: entry.at,
                operation: *operation,
                images: *images,
                projects: *projects,
                started: Vec::new(),
                ended: Vec::new(),
                pairs: BTreeMap::new(),
                fired: Vec::new(),
                answers: Vec::new(),
            };
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

impl Job {
    fn take(&mut self, at: SimTime, subject: Subject, event: &Event) {
        match (subject, event) {
            (_, Event::JobStarted) => self.started.push(at),
            (_, Event::JobEnded { failed, first_failure, reported }) => {
                let (failed, first_failure, reported) = (*failed, *first_failure, *reported);
                self.ended.push(End { at, failed, first_failure, reported });
            }
            (Subject::Pair(_, i, j), Event::PairSettled { image, project, outcome, pass, .. }) => {
                let (image, project, pass) = (*image, *project, *pass);
                let outcome = *outcome;
                let settlement = Settlement { at, image, project, outcome, pass };
                self.pairs.entry((i, j)).or_default().push(settlement);
            }
            (Subject::Job(_), Event::FaultFired(fault)) => {
                self.fired.push((None, fault.point, fault.effect));
            }
            (Subject::Image(_, i) | Subject::Pair(_, i, _), Event::FaultFired(fault)) => {
                self.fired.push((Some(i), fault.point, fault.effect));
            }
            _ => {}
        }
    }

    fn has(&self, at: Point, effect: EffectKind) -> bool {
        self.fired.iter().any(|(_, point, fired)| (*point, *fired) == (at, effect))
    }

    fn image_has(&self, image: u32, effect: EffectKind) -> bool {
        self.fired.contains(&(Some(image), Point::Image, effect))
    }

    fn lost(&self) -> bool {
        self.has(Point::Job, EffectKind::Lose)
    }

    fn stuck(&self) -> bool {
        self.has(Point::Job, EffectKind::Stick) || self.has(Point::Image, EffectKind::Stick)
    }

    fn violations(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        self.ends(&mut wrong);
        self.settles_each_pair_once(&mut wrong);
        self.moves_forward(&mut wrong);
        self.sums_up_its_pairs(&mut wrong);
        self.shows_what_it_did(&mut wrong);
        wrong
    }

    fn ends(&self, wrong: &mut Vec<String>) {
        let ends = usize::from(!self.lost() && !self.stuck());
        if self.ended.len() != ends {
            wrong.push(format!("ended {} times, not {ends}", self.ended.len()));
        }
        let stuck_in_init = self.has(Point::Job, EffectKind::Stick);
        let starts = usize::from(!self.lost());
        if self.started.len() != starts && !stuck_in_init {
            wrong.push(format!("started {} times, not {starts}", self.started.len()));
        }
        if (self.lost() || stuck_in_init) && !self.pairs.is_empty() {
            wrong.push("settled pairs, though lost or stuck".to_owned());
        }
    }

    fn settles_each_pair_once(&self, wrong: &mut Vec<String>) {
        let least = if self.has(Point::Job, EffectKind::RunTwice) { 2 } else { 1 };
        for i in 0..self.images {
            let most = if self.image_has(i, EffectKind::RunTwice) { least * 2 } else { least };
            let times: BTreeSet<usize> = (0..self.projects).map(|j| self.times(i, j)).collect();
            let expected = if self.ended.is_empty() { 0..=most } else { least..=most };
            if times.iter().any(|times| !expected.contains(times)) {
                wrong.push(format!("image {i} was settled {times:?} times, not {expected:?}"));
            }
            if !self.ended.is_empty() && times.len() != 1 {
                wrong.push(format!("pairs of image {i} were settled unequally: {times:?}"));
            }
        }
        let known = |(i, j): &(u32, u32)| *i < self.images && *j < self.projects;
        if !self.pairs.keys().all(known) {
            wrong.push("settled a pair that was never asked for".to_owned());
        }
        for (pair, settlements) in &self.pairs {
            if !settlements.iter().map(|one| one.pass).eq(1..=settlements.len() as u32) {
                wrong.push(format!("pair {pair:?} has passes out of order: {settlements:?}"));
            }
        }
    }

    fn times(&self, i: u32, j: u32) -> usize {
        self.pairs.get(&(i, j)).map_or(0, Vec::len)
    }

    fn moves_forward(&self, wrong: &mut Vec<String>) {
        let all = || self.pairs.values().flatten();
        let started = self.started.first().copied().unwrap_or(SimTime::from_millis(u64::MAX));
        if started < self.at || all().any(|one| one.at < started) {
            wrong.push("worked before it started".to_owned());
        }
        if self.ended.iter().any(|end| all().any(|one| one.at > end.at)) {
            wrong.push("worked after its end".to_owned());
        }
        // The worker of an image settles its pairs in request order, pass after pass.
        for i in 0..self.images {
            let pairs = self.pairs.range((i, 0)..(i + 1, 0));
            let mut order: Vec<_> = pairs
                .flat_map(|((_, j), all)| all.iter().map(move |one| ((one.pass, *j), one.at)))
                .collect();
            order.sort_unstable();
            if !order.is_sorted_by_key(|(_, at)| *at) {
                wrong.push(format!("image {i} went back: {order:?}"));
            }
        }
        self.never_shows_less(wrong);
    }

    /// Of two answers of different instants the later shows no earlier state and no smaller percentage.
    fn never_shows_less(&self, wrong: &mut Vec<String>) {
        let mut instants: BTreeMap<SimTime, Vec<f64>> = BTreeMap::new();
        for (at, _, body) in &self.answers {
            instants.entry(*at).or_default().push(how_far(body));
        }
        let mut so_far = 0.0_f64;
        for (at, shown) in instants {
            if shown.iter().any(|far| *far < so_far) {
                wrong.push(format!("at {at:?} shown as {shown:?}, after {so_far}"));
            }
            so_far = shown.into_iter().fold(so_far, f64::max);
        }
    }

    /// The last settlement of each pair, in request order.
    fn last(&self) -> impl Iterator<Item = &Settlement> {
        self.pairs.values().filter_map(|all| all.last())
    }

    fn sums_up_its_pairs(&self, wrong: &mut Vec<String>) {
        let Some(end) = self.ended.first() else { return };
        let failed = self.last().filter(|one| one.outcome.is_some()).count();
        let first = self.last().find_map(|one| one.outcome);
        if end.failed as usize != failed || end.first_failure != first {
            wrong.push(format!("{end:?}, though {failed} pairs failed, the first with {first:?}"));
        }
        let truth = if first.is_none() { JobState::Success } else { JobState::Fail };
        let honest = !self.has(Point::Job, EffectKind::ReportOpposite);
        if (end.reported == truth) != honest {
            wrong.push(format!("reported {:?} of {truth:?}, honest {honest}", end.reported));
        }
    }

    fn shows_what_it_did(&self, wrong: &mut Vec<String>) {
        for (at, with_results, body) in &self.answers {
            let state = body["status"].as_str().unwrap_or_default();
            if !matches!(state, "SUCCESS" | "FAIL") {
                continue;
            }
            let Some(end) = self.ended.first().filter(|end| end.at <= *at) else {
                wrong.push(format!("shown as {state} before its end"));
                continue;
            };
            if state != end.reported.as_str() {
                wrong.push(format!("shown as {state}, reported as {:?}", end.reported));
            }
            let lies = self.has(Point::Job, EffectKind::ReportOpposite);
            let results = &body["entities"]["results"];
            if *with_results && !lies && *results != self.results(end) {
                wrong.push(format!("shows {results}, not {}", self.results(end)));
            }
        }
    }

    /// The results that an honest end shows.
    fn results(&self, end: &End) -> Value {
        let failed_only = self.operation == Operation::DeleteMembers;
        let shown = self.last().filter(|one| !failed_only || one.outcome.is_some());
        let nothing = failed_only && end.failed == 0;
        let shown = shown.filter(|_| !nothing).map(|one| {
            let status = if one.outcome.is_some() { "failed" } else { "success" };
            serde_json::json!({"image_id": one.image, "project_id": one.project, "status": status})
        });
        shown.collect()
    }
}

/// How far an answer says that a job has come; every state lies beyond all of the one before it.
fn how_far(body: &Value) -> f64 {
    let percent = body["entities"]["process_percent"].as_f64().unwrap_or_default();
    match body["status"].as_str() {
        Some("INIT") => 0.0,
        Some("RUNNING") => 1.0 + percent,
        _ => 3.0,
    }
}

/// Memberships change exactly as settled, and what is reported of a pair is what was done.
///
/// The journal's order within an instant is the order in which pairs were settled only where no work
/// takes no time, so stories must let every pair take some.
fn memberships(told: &Told, jobs: &BTreeMap<JobKey, Job>) -> Vec<String> {
    let [before, after] = &told.members;
    let mut members = before.clone();
    let mut wrong = Vec::new();
    for entry in &told.entries {
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
            let eligible = matched - superseded;
            hold(!alone || limited || fired == first.min(eligible), "exactly the first");
        }
    }
    wrong
}
