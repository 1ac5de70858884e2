//! What an answer shows of a job.

use serde::Deserialize;

use super::pairs::results_hash;
use crate::api::job::JobState;
use crate::api::{ImageId, Operation, ProjectId};
use crate::journal::CallRecord;

/// What an answer shows of a job.
pub(super) struct Shown {
    pub(super) state: JobState,
    pub(super) error_code: Option<String>,
    pub(super) percent: Option<f64>,
    /// See [`results_hash`].
    pub(super) results: Option<u64>,
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
    pub(super) fn read(call: &CallRecord) -> Option<Self> {
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
