//! What `imsim check --format json` prints.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde::Serialize;

use crate::api::json_schema::finish;
use crate::scenario::Problem;
use crate::scenario::problem::visible;

/// What `imsim check` found.
#[derive(Debug, Default, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CheckReport {
    /// The files, in the order in which they were named, and within a folder by name.
    pub(super) files: Vec<CheckedFile>,
    /// How many problems there are in all.
    pub(super) problems: usize,
    /// How many warnings there are in all.
    pub(super) warnings: usize,
}

/// What was found in one file.
#[derive(Debug, Default, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CheckedFile {
    /// The path, as it was named or found.
    pub(super) file: String,
    /// Why it cannot be run, in the order of the places; empty if it can. The first only if the file has
    /// not the form of a scenario.
    pub(super) problems: Vec<Finding>,
    /// What is no error but can hardly be meant, in the order of the places; empty if there are problems.
    pub(super) warnings: Vec<Finding>,
    /// How many more there are that are not told one by one.
    pub(super) untold: usize,
}

/// One problem or warning.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Finding {
    /// The line, from 1; the first if the file could not be read at all.
    #[schemars(range(min = 1))]
    line: usize,
    /// The column, from 1, in characters.
    #[schemars(range(min = 1))]
    column: usize,
    /// The place as keys and numbers, such as `steps[2].wait_job.job`; empty for the whole file.
    at: String,
    /// What was found, and what would be right.
    message: String,
}

impl Finding {
    /// The finding that a problem is.
    pub(super) fn of(problem: &Problem) -> Self {
        let (line, column) = problem.place.unwrap_or((1, 1));
        let at = match problem.path.as_str() {
            "." | "?" => String::new(),
            path => path.to_owned(),
        };
        Self { line, column, at, message: problem.message.clone() }
    }

    /// The finding for people, behind the path.
    pub(super) fn line_as(&self, kind: &str) -> String {
        let at = if self.at.is_empty() { String::new() } else { format!("{}: ", self.at) };
        let says = visible(&format!("{at}{}", self.message));
        format!("{}:{}: {kind}: {says}", self.line, self.column)
    }
}

/// The schema of [`CheckReport`].
pub(super) fn schema() -> Schema {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    let mut schema = settings.into_generator().into_root_schema_for::<CheckReport>();
    finish(&mut schema);
    schema.insert("$id".to_owned(), "urn:imsim:check-report:1".into());
    schema.insert("title".to_owned(), "imsim check report".into());
    schema
}

impl CheckReport {
    /// Adds what was found in a file.
    pub(super) fn add(&mut self, file: CheckedFile) {
        let (problems, warnings) = (file.problems.len(), file.warnings.len());
        let is_broken = problems > 0;
        self.problems += problems + if is_broken { file.untold } else { 0 };
        self.warnings += warnings + if is_broken { 0 } else { file.untold };
        self.files.push(file);
    }
}
