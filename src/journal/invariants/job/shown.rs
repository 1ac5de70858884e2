//! What answers show of a job, beside where it truly stands and what was done.

use std::ops::RangeInclusive;

use serde::Deserialize;

use super::super::finding::{Findings, Invariant};
use super::super::pairs::results_hash;
use super::{Job, Stage, reached};
use crate::api::job::JobState;
use crate::api::{Code, ImageId, Operation, ProjectId};
use crate::clock::SimTime;
use crate::journal::CallRecord;

/// What an answer shows of a job.
pub(in super::super) struct Shown {
    state: JobState,
    error_code: Option<String>,
    percent: Option<f64>,
    /// See [`results_hash`].
    results: Option<u64>,
}

#[derive(Deserialize)]
struct Body {
    status: JobState,
    error_code: Option<String>,
    entities: Entities,
}

#[derive(Deserialize)]
struct Entities {
    process_percent: Option<f64>,
    results: Option<Vec<Row>>,
}

#[derive(Deserialize)]
struct Row {
    image_id: String,
    project_id: String,
    status: String,
}

impl Shown {
    /// Reads the answer to a query of a job; `None` if it is no such answer.
    pub(in super::super) fn read(call: &CallRecord) -> Option<Self> {
        let body: Body = serde_json::from_slice(&call.answer.start).ok()?;
        let Entities { process_percent, results } = body.entities;
        // At the end of the progress there are no results, but everything is done.
        let results = results.filter(|_| call.operation == Operation::ShowJob);
        let results = match results {
            Some(rows) => {
                let rows: Option<Vec<_>> = rows.iter().map(Row::read).collect();
                Some(results_hash(rows?.into_iter()))
            }
            None => None,
        };
        let error_code = body.error_code;
        Some(Self { state: body.status, error_code, percent: process_percent, results })
    }
}

impl Row {
    fn read(&self) -> Option<(ImageId, ProjectId, bool)> {
        let failed = self.status == "failed";
        Some((ImageId::parse(&self.image_id)?, ProjectId::parse(&self.project_id)?, failed))
    }
}

impl Job {
    /// Looks at an answer that shows the job as it stands.
    pub(in super::super) fn see(
        &mut self,
        shown: &Shown,
        now: SimTime,
        findings: &mut Findings<'_>,
    ) {
        // What is shown within one instant is in no order: the registry answered before the journal heard.
        if now > self.shown_at {
            self.shown[0] = self.shown[1];
            self.shown_at = now;
        }
        let before = self.shown[0];
        let (state, stands) = (shown.state, self.stands(now));
        if !stands.contains(&reached(state)) {
            self.broken(Invariant::MovesForward, findings, || {
                format!("was shown as {} when it {}", state.as_str(), self.stage.in_words())
            });
        } else if reached(state) < reached(before.state) {
            self.broken(Invariant::MovesForward, findings, || {
                format!("was shown as {}, and before as {}", state.as_str(), before.state.as_str())
            });
        }
        self.shows_what_was_done(shown, findings);
        let percent = shown.percent.unwrap_or(before.percent);
        if percent < before.percent {
            self.broken(Invariant::Percent, findings, || {
                format!(
                    "was shown with process_percent {percent}, and before with {}",
                    before.percent
                )
            });
        }
        let latest = &mut self.shown[1];
        if reached(state) > reached(latest.state) {
            latest.state = state;
        }
        latest.percent = latest.percent.max(percent);
    }

    /// The states that can be shown: the present one, and those of this very instant.
    fn stands(&self, now: SimTime) -> RangeInclusive<u8> {
        match self.stage {
            Stage::Accepted => 0..=0,
            Stage::Started(at) => u8::from(at < now)..=1,
            Stage::Ended(at, _) => (if at < now { 2 } else { 0 })..=2,
        }
    }

    /// What is shown was done, and what was done is shown.
    fn shows_what_was_done(&self, shown: &Shown, findings: &mut Findings<'_>) {
        if let (Some(pairs), Some(percent)) = (&self.pairs, shown.percent) {
            let done = pairs.done();
            let most = f64::from(done) / f64::from(self.count.max(1));
            if percent > most && shown.state == JobState::Running {
                self.broken(Invariant::ReportedIsDone, findings, || {
                    let count = self.count;
                    format!("was shown with process_percent {percent} when {done} of {count} pairs were settled")
                });
            }
        }
        let Stage::Ended(_, end) = self.stage else { return };
        if !shown.state.is_final() {
            return;
        }
        if shown.state != end.reported {
            self.broken(Invariant::ReportedIsDone, findings, || {
                let (told, found) = (shown.state.as_str(), end.reported.as_str());
                format!("was shown as {told}, and its end was reported as {found}")
            });
        }
        if self.lies {
            return;
        }
        let code = end.first_failure.map(Code::code);
        if shown.error_code.as_deref() != code {
            self.broken(Invariant::ReportedIsDone, findings, || {
                let told = shown.error_code.as_deref().unwrap_or("none");
                format!(
                    "was shown with the code {told}, and that of its pairs is {}",
                    code.unwrap_or("none")
                )
            });
        }
        if shown.results.is_some_and(|results| results != end.results) {
            self.broken(Invariant::ReportedIsDone, findings, || {
                "was shown with other results than its pairs have".to_owned()
            });
        }
    }
}
