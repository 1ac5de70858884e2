//! Jobs: those that were accepted, and those that the server has.

use rustc_hash::FxHashSet;

use super::super::audit_form::{Violation, ViolationKind};
use super::super::ledger::Kept;
use super::findings::Findings;
use super::journal::{FORGED, Journal, Verdict, ask};
use super::simulator::{Jobs, Listed};
use super::{Promised, Start};
use crate::api::{JobId, Operation};
use crate::clock::Mode;
use crate::replay::target::inside::Inside;

/// What keeps a job from ending in time.
const HELD_UP: &[&str] = &["stick", "delay"];
/// What keeps a job from being known.
const LOST: &[&str] = &["lose"];
/// What makes one tell another end than it had.
const LIED: &[&str] = &["report_opposite", "run_twice"];

const FORGOTTEN: &str = "the server has forgotten some jobs, as it does with old ones";
const UNREAD: &str = "there are more jobs than are read";
const FROZEN: &str = "the server's clock stands still, so that jobs cannot end";
/// Also said of servers that are asked through the service.
pub(super) const CUT: &str = "transactions were cut off, so that some jobs had no time to end";
const UNTOLD: &str = "of some jobs that nobody here submitted the journal tells no more";
const STRANGERS: &str =
    "others used the server during the load: there are jobs that are not the driver's";

/// Judges the jobs of a simulator.
pub(super) struct Judge<'a> {
    pub(super) promised: &'a Promised<'a>,
    pub(super) listed: Jobs,
    pub(super) journal: &'a Journal<'a>,
}

impl Judge<'_> {
    /// Judges all jobs; gives the keys of those that others submitted.
    pub(super) async fn judge(
        &mut self,
        start: &Start,
        inside: &Inside,
        findings: &mut Findings,
    ) -> Result<FxHashSet<String>, String> {
        let by_hand = &self.journal.by_hand;
        if by_hand.was_reset {
            return Err("the server was put back to its beginning during the load".to_owned());
        }
        if by_hand.is_any() {
            findings.remark(&by_hand.in_words());
        }
        let clock = ask(inside, "/clock").await?;
        let mode: Option<Mode> = clock["mode"].as_str().and_then(|mode| mode.parse().ok());
        let is_frozen = mode == Some(Mode::Frozen);
        let health = ask(inside, "/health").await?;
        let since = |name: &str, before: u64| {
            health["jobs"][name].as_u64().unwrap_or(0).saturating_sub(before)
        };
        let simulated = &start.simulated;
        let there =
            since("accepted", simulated.accepted).saturating_sub(since("lost", simulated.lost));
        let all_there =
            self.since_start(simulated.now) >= there && self.listed.read_until.is_none();
        // Those that take no time end at once, and a clock that stands still keeps nobody from that.
        if is_frozen && self.listed.all.values().any(|job| job.ended.is_none()) {
            findings.remark(FROZEN);
        }
        for (id, kept) in self.promised.ledger.jobs().accepted() {
            self.judge_one(id, kept, all_there, findings).await?;
        }
        self.invented(simulated.now, findings).await
    }

    /// How many of the jobs that are there certainly came since the load began.
    fn since_start(&self, since: u64) -> u64 {
        let ledger = self.promised.ledger.jobs();
        let jobs = self.listed.all.keys();
        jobs.filter(|(submitted, id)| *submitted > since || ledger.knows(*id)).count() as u64
    }

    async fn judge_one(
        &self,
        id: JobId,
        kept: Kept,
        all_there: bool,
        findings: &mut Findings,
    ) -> Result<(), String> {
        let place = (id.submitted_ms(), id);
        let wrong = |kind, expected: &str, found: &str| violation(kind, id, expected, found);
        let Some(job) = self.listed.all.get(&place) else {
            let lost = wrong(ViolationKind::LostJob, "a job that the server knows", "unknown");
            let verdict = if self.listed.read_until.is_some_and(|last| place > last) {
                Verdict::NotJudged(UNREAD)
            } else {
                match self.journal.struck(id, None, LOST).await? {
                    Verdict::Violation if !all_there && self.may_be_forgotten(id) => {
                        Verdict::NotJudged(FORGOTTEN)
                    }
                    Verdict::Violation if self.is_forged(kept) => Verdict::NotJudged(FORGED),
                    verdict => verdict,
                }
            };
            findings.jobs += u64::from(!matches!(verdict, Verdict::NotJudged(_)));
            findings.judge(verdict, lost);
            return Ok(());
        };
        findings.jobs += 1;
        match kept.state {
            None if job.ended.is_none() => {
                let verdict = match self.journal.struck(id, None, HELD_UP).await? {
                    Verdict::Violation if self.promised.cut => Verdict::NotJudged(CUT),
                    verdict => verdict,
                };
                findings.judge(
                    verdict,
                    wrong(ViolationKind::UnendedJob, "SUCCESS or FAIL", &job.state),
                );
            }
            Some(state) if state.as_str() != job.state => {
                let verdict = match self.journal.struck(id, None, LIED).await? {
                    Verdict::Violation if self.is_forged(kept) => Verdict::NotJudged(FORGED),
                    verdict => verdict,
                };
                findings
                    .judge(verdict, wrong(ViolationKind::ChangedJob, state.as_str(), &job.state));
            }
            None | Some(_) => {}
        }
        Ok(())
    }

    /// Whether a fault rule may have made up what was told of a job.
    fn is_forged(&self, kept: Kept) -> bool {
        kept.struck && self.journal.can_forge
    }

    /// Whether a job that is not there may be one of those that made room. A shard forgets in the order in
    /// which jobs ended: no job goes before one that had ended when it was submitted.
    fn may_be_forgotten(&self, id: JobId) -> bool {
        let mut jobs = self.listed.all.iter();
        !jobs.any(|((_, other), job)| {
            other.shard() == id.shard() && job.ended.is_some_and(|at| at < id.submitted_ms())
        })
    }

    /// Jobs that nobody here submitted, beyond what unanswered batches explain.
    async fn invented(
        &self,
        since: u64,
        findings: &mut Findings,
    ) -> Result<FxHashSet<String>, String> {
        let mut unanswered = self.promised.ledger.jobs().unanswered();
        let mut strangers = FxHashSet::default();
        for ((submitted, id), job) in &self.listed.all {
            if *submitted <= since || self.promised.ledger.jobs().knows(*id) {
                continue;
            }
            let explained = self.batch_of(job).and_then(|batch| unanswered.get_mut(&batch));
            if let Some(left) = explained.filter(|left| **left > 0) {
                *left -= 1;
                continue;
            }
            let is_ours = self.promised.stock.projects.iter().any(|it| Some(it.id) == job.owner);
            let verdict = match self.journal.was_submitted(*id).await? {
                _ if !is_ours => Verdict::NotJudged(STRANGERS),
                Some(true) => Verdict::NotJudged(STRANGERS),
                Some(false) if self.promised.ledger.jobs().left_out() == 0 => Verdict::Violation,
                Some(false) | None => Verdict::NotJudged(UNTOLD),
            };
            strangers.insert(job.key.clone());
            let found = format!("{} of {} pairs", job.operation, job.pairs);
            findings
                .judge(verdict, violation(ViolationKind::InventedJob, *id, "no such job", &found));
        }
        Ok(strangers)
    }

    fn batch_of(&self, job: &Listed) -> Option<(Operation, u32, u64)> {
        let operation = Operation::ALL.into_iter().find(|it| it.name() == job.operation)?;
        let owner = self.promised.stock.projects.iter().position(|it| Some(it.id) == job.owner)?;
        Some((operation, u32::try_from(owner).ok()?, job.pairs))
    }
}

/// A violation that is about a job alone.
pub(super) fn violation(kind: ViolationKind, job: JobId, expected: &str, found: &str) -> Violation {
    let (image, project) = (None, None);
    let (expected, found) = (expected.to_owned(), found.to_owned());
    Violation { kind, image, project, by: vec![job.to_string()], expected, found }
}
