//! What the journal tells of one job, and what must hold of it.

use std::collections::{BTreeMap, BTreeSet};

use imsim::api::job::{JobState, PairOutcome};
use imsim::api::{Code, ImageId, Operation, ProjectId};
use imsim::clock::SimTime;
use imsim::faults::{EffectKind, Point};
use imsim::journal::Event;
use imsim::seed::Subject;
use serde_json::Value;

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
pub(super) struct Job {
    at: SimTime,
    pub(super) operation: Operation,
    images: u32,
    projects: u32,
    started: Vec<SimTime>,
    ended: Vec<End>,
    pairs: BTreeMap<(u32, u32), Vec<Settlement>>,
    /// What fired on the job as a whole (`None`) and on its images, their pairs included.
    fired: Vec<(Option<u32>, Point, EffectKind)>,
    /// Unspoilt answers to queries: when, whether with results, and the body.
    pub(super) answers: Vec<(SimTime, bool, Value)>,
}

impl Job {
    /// A job that was accepted at `at`, of so many images and projects.
    pub(super) fn new(at: SimTime, operation: Operation, (images, projects): (u32, u32)) -> Self {
        let (started, ended, fired, answers) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let pairs = BTreeMap::new();
        Self { at, operation, images, projects, started, ended, pairs, fired, answers }
    }

    /// Takes note of what happened to the job or to a part of it.
    pub(super) fn take(&mut self, at: SimTime, subject: Subject, event: &Event) {
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

    /// Whether an effect fired on a life of an image's worker.
    pub(super) fn image_has(&self, image: u32, effect: EffectKind) -> bool {
        self.fired.contains(&(Some(image), Point::Image, effect))
    }

    fn lost(&self) -> bool {
        self.has(Point::Job, EffectKind::Lose)
    }

    fn stuck(&self) -> bool {
        self.has(Point::Job, EffectKind::Stick) || self.has(Point::Image, EffectKind::Stick)
    }

    /// Everything that does not hold of it.
    pub(super) fn violations(&self) -> Vec<String> {
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
