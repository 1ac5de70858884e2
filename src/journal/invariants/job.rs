//! One job: where it truly stands, and what is shown of it.

mod shown;

use super::finding::{Findings, Invariant};
use super::pairs::{Pairs, results_hash};
use crate::api::job::{JobState, PairOutcome};
use crate::api::{Code, MemberStatus, Operation};
use crate::clock::SimTime;
use crate::domain::job_table::{JobSnapshot, Standing};
use crate::domain::job_work::Reported;
use crate::domain::rules::Change;
use crate::domain::settings::DeleteResults;
use crate::faults::{EffectKind, Point};
use crate::journal::{Event, FaultRecord};
use crate::seed::{JobKey, Subject};
pub(super) use shown::Shown;

/// One job.
pub(super) struct Job {
    key: JobKey,
    operation: Operation,
    stage: Stage,
    /// How many pairs it has.
    count: u32,
    /// Forgotten when it has ended.
    pairs: Option<Box<Pairs>>,
    /// A rule keeps it from its end.
    never_ends: bool,
    /// A rule makes it report the opposite.
    lies: bool,
    /// What was shown of it at earlier instants, and at the last one.
    shown: [Far; 2],
    shown_at: SimTime,
}

/// Where a job stands, and since when.
#[derive(Clone, Copy)]
enum Stage {
    Accepted,
    Started(SimTime),
    Ended(SimTime, End),
}

/// How a job ended.
#[derive(Clone, Copy)]
struct End {
    reported: JobState,
    first_failure: Option<Code>,
    failed: u32,
    /// See [`results_hash`].
    results: u64,
}

/// How far answers say that a job has come.
#[derive(Clone, Copy)]
struct Far {
    state: JobState,
    percent: f64,
}

const NOTHING_SHOWN: Far = Far { state: JobState::Init, percent: 0.0 };

impl Job {
    /// A job that was just accepted; `None` if this is another event.
    pub(super) fn new(key: JobKey, accepted: &Event) -> Option<Self> {
        let Event::JobAccepted { operation, images, projects, asked, .. } = accepted else {
            return None;
        };
        Some(Self {
            key,
            operation: *operation,
            stage: Stage::Accepted,
            count: images.saturating_mul(*projects),
            pairs: Some(Box::new(Pairs::new(key, (*images, *projects), *asked))),
            never_ends: false,
            lies: false,
            shown: [NOTHING_SHOWN; 2],
            shown_at: SimTime::from_millis(0),
        })
    }

    pub(super) const fn has_ended(&self) -> bool {
        matches!(self.stage, Stage::Ended(..))
    }

    /// Takes note of what a rule suspends.
    pub(super) fn suspend(&mut self, subject: Subject, fault: &FaultRecord) {
        self.never_ends |= matches!(fault.effect, EffectKind::Stick | EffectKind::Lose);
        match (subject, fault.point, fault.effect) {
            (_, Point::Job, EffectKind::ReportOpposite) => self.lies = true,
            (_, Point::Job, EffectKind::RunTwice) => {
                self.pairs.iter_mut().for_each(|pairs| pairs.run_twice());
            }
            (Subject::Image(_, place), Point::Image, effect) => {
                self.pairs.iter_mut().for_each(|pairs| pairs.suspend(place, effect));
            }
            _ => {}
        }
    }

    pub(super) fn worker_died(&mut self, place: u32) {
        self.pairs.iter_mut().for_each(|pairs| pairs.worker_died(place));
    }

    pub(super) fn start(&mut self, now: SimTime, findings: &mut Findings<'_>) {
        match self.stage {
            Stage::Accepted => self.stage = Stage::Started(now),
            Stage::Started(_) => self
                .broken(Invariant::MovesForward, findings, || "started a second time".to_owned()),
            Stage::Ended(..) => {
                self.broken(Invariant::MovesForward, findings, || {
                    "started after its end".to_owned()
                });
            }
        }
    }

    /// A pair was settled; `left` is its membership after that, if it is known.
    pub(super) fn settle(
        &mut self,
        place: (u32, u32),
        event: &Event,
        left: Option<Option<MemberStatus>>,
        findings: &mut Findings<'_>,
    ) {
        let Event::PairSettled { image, project, outcome, change, pass } = event else { return };
        let pair = (*image, *project);
        let (Stage::Started(_), Some(pairs)) = (self.stage, &mut self.pairs) else {
            let (key, ended) = (self.key, self.has_ended());
            return findings.add(Invariant::MovesForward, Some(key), Some(pair), || {
                let when = if ended { "after the job's end" } else { "before the job started" };
                format!("was settled {when}")
            });
        };
        if !pairs.lies(place.0) && !is_so(self.operation, *outcome, *change, left) {
            findings.add(Invariant::ReportedIsDone, Some(self.key), Some(pair), || {
                let told = outcome.map_or("success", Code::code);
                let member = match left {
                    Some(Some(status)) => format!("it is {}", status.as_str()),
                    Some(None) => "it is no member".to_owned(),
                    None => "it was changed by hand, too".to_owned(),
                };
                let (operation, done) = (self.operation.name(), change.as_str());
                format!("was reported as {told} of {operation}; done was: {done}; now {member}")
            });
        }
        pairs.settle(place, pair, (*outcome, *pass), findings);
    }

    /// The job ended.
    pub(super) fn end(
        &mut self,
        event: &Event,
        now: SimTime,
        delete_results: DeleteResults,
        findings: &mut Findings<'_>,
    ) {
        let Event::JobEnded { failed, first_failure, reported } = event else { return };
        let (Stage::Started(_), Some(pairs)) = (self.stage, self.pairs.take()) else {
            let ended = self.has_ended();
            return self.broken(Invariant::MovesForward, findings, || {
                if ended { "ended a second time" } else { "ended before it started" }.to_owned()
            });
        };
        let failed_only = self.operation == Operation::DeleteMembers
            && delete_results == DeleteResults::FailedOnly;
        let sum = pairs.sum(failed_only, findings);
        if (sum.failed, sum.first_failure) != (*failed, *first_failure) {
            self.broken(Invariant::Sum, findings, || {
                let (told, found) =
                    (failures(*failed, *first_failure), failures(sum.failed, sum.first_failure));
                format!("ended with {told}; its pairs come to {found}")
            });
        }
        let truth = if sum.first_failure.is_none() { JobState::Success } else { JobState::Fail };
        if !self.lies && *reported != truth {
            self.broken(Invariant::ReportedIsDone, findings, || {
                let found = failures(sum.failed, sum.first_failure);
                format!("is reported as {}; its pairs come to {found}", reported.as_str())
            });
        }
        let (first_failure, results) = (sum.first_failure, sum.results);
        let end = End { reported: *reported, first_failure, failed: sum.failed, results };
        self.stage = Stage::Ended(now, end);
    }

    /// Holds the job against what a registry knows of it, when nothing more can happen.
    pub(super) fn close(&self, known: Option<&JobSnapshot>, findings: &mut Findings<'_>) {
        if !self.has_ended() && !self.never_ends {
            let pairs = self.pairs.as_deref();
            let pair = pairs.and_then(|pairs| pairs.unsettled(findings.world));
            findings.add(Invariant::Ends, Some(self.key), pair, || {
                let (done, stood) = (pairs.map_or(0, Pairs::done), self.stage.in_words());
                let one = if pair.is_some() { "was not settled: the job" } else { "the job" };
                format!("{one} {stood} and never ended; {done} of {} pairs are settled", self.count)
            });
        }
        let Some(job) = known else { return };
        let state = job.standing.state();
        let stands = match self.stage {
            Stage::Accepted => JobState::Init,
            Stage::Started(_) => JobState::Running,
            Stage::Ended(_, end) => end.reported,
        };
        if reached(state) != reached(stands) {
            return self.broken(Invariant::MovesForward, findings, || {
                format!(
                    "stands in the registry as {} when it {}",
                    state.as_str(),
                    self.stage.in_words()
                )
            });
        }
        let (Stage::Ended(_, end), Standing::Ended(result)) = (self.stage, &job.standing) else {
            return;
        };
        let (told, found) =
            ((result.failed, result.first_failure), (end.failed, end.first_failure));
        if state != stands || !self.lies && told != found {
            self.broken(Invariant::ReportedIsDone, findings, || {
                let (told, found) = (failures(told.0, told.1), failures(found.0, found.1));
                let state = state.as_str();
                format!("stands in the registry as {state} with {told}; its pairs come to {found}")
            });
        } else if !self.lies && results_of(result.reported.as_ref()) != end.results {
            self.broken(Invariant::ReportedIsDone, findings, || {
                "stands in the registry with other results than its pairs have".to_owned()
            });
        }
    }

    fn broken(
        &self,
        invariant: Invariant,
        findings: &mut Findings<'_>,
        words: impl FnOnce() -> String,
    ) {
        findings.add(invariant, Some(self.key), None, words);
    }
}

impl Stage {
    const fn in_words(self) -> &'static str {
        match self {
            Self::Accepted => "was accepted",
            Self::Started(_) => "had started",
            Self::Ended(..) => "had ended",
        }
    }
}

/// The how-manieth state of a job's life it is; both ends are the last.
const fn reached(state: JobState) -> u8 {
    match state {
        JobState::Init => 0,
        JobState::Running => 1,
        JobState::Success | JobState::Fail => 2,
    }
}

fn failures(failed: u32, first: Option<Code>) -> String {
    match first {
        None => format!("{failed} failed"),
        Some(code) => format!("{failed} failed, the first with {}", code.code()),
    }
}

/// See [`results_hash`].
fn results_of(reported: Option<&Reported>) -> u64 {
    let Some(reported) = reported else { return results_hash(std::iter::empty()) };
    let pairs = reported.images.iter().flat_map(|i| reported.projects.iter().map(|j| (*i, *j)));
    let failed = |place: usize| reported.outcomes.get(place).copied().flatten().is_some();
    let rows = pairs.enumerate().map(|(place, (image, project))| (image, project, failed(place)));
    results_hash(rows.filter(|(_, _, failed)| *failed || !reported.failed_only))
}

/// Whether what is reported of a pair is what was done; `left` is the membership after that, if it is known.
fn is_so(
    operation: Operation,
    outcome: PairOutcome,
    change: Change,
    left: Option<Option<MemberStatus>>,
) -> bool {
    use MemberStatus::{Accepted, Pending, Rejected};
    if outcome.is_some() {
        return change == Change::Nothing;
    }
    match (operation, change) {
        // Whoever had rejected is asked again.
        (Operation::AddMembers, Change::Added | Change::SetTo(Pending))
        | (Operation::DeleteMembers, Change::Removed)
        | (Operation::UpdateMembers, Change::SetTo(Accepted | Rejected)) => true,
        (_, Change::Nothing) => left.is_none_or(|left| match operation {
            Operation::AddMembers => matches!(left, Some(Pending | Accepted)),
            Operation::DeleteMembers => left.is_none(),
            _ => matches!(left, Some(Accepted | Rejected)),
        }),
        _ => false,
    }
}
