//! The two views of a job. Contract, "Jobs".

use schemars::JsonSchema;
use serde::{Deserialize, Serialize, Serializer};

use super::{Code, ImageId, JobId, ProjectId};

/// The states of a job, in the order in which they are passed. Contract, "States".
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "UPPERCASE")]
pub enum JobState {
    /// Not started yet.
    Init,
    /// Being executed.
    Running,
    /// Ended, every pair succeeded.
    Success,
    /// Ended, at least one pair failed.
    Fail,
}

impl JobState {
    /// Every state, in the order in which they are passed.
    pub const ALL: [Self; 4] = [Self::Init, Self::Running, Self::Success, Self::Fail];

    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Init => "INIT",
            Self::Running => "RUNNING",
            Self::Success => "SUCCESS",
            Self::Fail => "FAIL",
        }
    }

    /// Whether the job has ended.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Success | Self::Fail)
    }
}

/// The three kinds of member jobs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum JobType {
    /// `imsAddImageMembersJob`
    Add,
    /// `imsDelImageMembersJob`
    Delete,
    /// `imsUpdateImageMembersJob`
    Update,
}

impl JobType {
    /// Every kind, in the order in which the enum has them.
    pub const ALL: [Self; 3] = [Self::Add, Self::Delete, Self::Update];

    /// The value of `job_type`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Add => "imsAddImageMembersJob",
            Self::Delete => "imsDelImageMembersJob",
            Self::Update => "imsUpdateImageMembersJob",
        }
    }

    /// The value of `current_task` while the job runs.
    #[must_use]
    pub const fn task(self) -> &'static str {
        match self {
            Self::Add => "AddImageMembersTask",
            Self::Delete => "DelImageMembersTask",
            Self::Update => "UpdateImageMembersTask",
        }
    }
}

/// A job as both endpoints show it; they differ in `entities`. Key order as in "Top-level fields".
#[derive(Debug, Serialize, JsonSchema)]
pub struct JobBody<'a> {
    /// The job.
    pub job_id: JobId,
    /// Its kind.
    #[serde(serialize_with = "job_type_as_text")]
    #[schemars(with = "JobTypeName")]
    pub job_type: JobType,
    /// When it was submitted, with milliseconds.
    pub begin_time: String,
    /// When it ended, with milliseconds; empty until then.
    pub end_time: String,
    /// Where it stands.
    pub status: JobState,
    /// The code of the first failed pair in request order; null unless `FAIL`.
    pub error_code: Option<&'static str>,
    /// The text of that code; null unless `FAIL`.
    pub fail_reason: Option<&'static str>,
    /// What the endpoint adds.
    pub entities: Entities<'a>,
}

/// The values of `job_type`. Contract, "All `job_type` values named by the sources", as far as they are
/// about members.
#[derive(JsonSchema)]
#[expect(dead_code, clippy::enum_variant_names, reason = "it only says which words there are")]
#[schemars(rename_all = "camelCase", rename = "JobType")]
enum JobTypeName {
    ImsAddImageMembersJob,
    ImsDelImageMembersJob,
    ImsUpdateImageMembersJob,
}

fn job_type_as_text<S: Serializer>(job_type: &JobType, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(job_type.as_str())
}

/// `entities`; which keys are there depends on the endpoint and the state (DECISION U-16).
#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct Entities<'a> {
    /// Pairs done, as a fraction of all pairs.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "f64", range(min = 0, max = 1))]
    pub process_percent: Option<Fraction>,
    /// The task at work.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub current_task: Option<&'static str>,
    /// The code of the first failed pair.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub error_code: Option<&'static str>,
    /// The text of that code.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub error: Option<&'static str>,
    /// One element per pair, in request order.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Vec<ResultBody>")]
    pub results: Option<Results<'a>>,
}

/// A fraction from 0 to 1; the two ends are written as whole numbers, as the service does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fraction(pub f64);

impl Serialize for Fraction {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            x if x <= 0.0 => serializer.serialize_u8(0),
            x if x >= 1.0 => serializer.serialize_u8(1),
            x => serializer.serialize_f64(x),
        }
    }
}

/// What became of one pair; `None` is success.
pub type PairOutcome = Option<Code>;

/// The pairs of a job that are reported, in request order: image by image, within it project by project.
#[derive(Clone, Copy, Debug)]
pub struct Results<'a> {
    /// The images of the batch.
    pub images: &'a [ImageId],
    /// The projects of the batch.
    pub projects: &'a [ProjectId],
    /// The outcome of each pair in request order; empty if all succeeded.
    pub outcomes: &'a [PairOutcome],
    /// Whether successful pairs are left out.
    pub failed_only: bool,
}

/// One element of `results` (DECISION U-2: all three keys; U-4: `success` or `failed`).
#[derive(Debug, Serialize, JsonSchema)]
struct ResultBody {
    image_id: ImageId,
    project_id: ProjectId,
    #[schemars(extend("enum" = ["success", "failed"]))]
    status: &'static str,
}

impl Serialize for Results<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let pairs =
            self.images.iter().flat_map(|image| self.projects.iter().map(move |p| (image, p)));
        let failed = |pair: usize| self.outcomes.get(pair).copied().flatten().is_some();
        let rows = pairs.enumerate().filter(|(pair, _)| !self.failed_only || failed(*pair));
        serializer.collect_seq(rows.map(|(pair, (image, project))| ResultBody {
            image_id: *image,
            project_id: *project,
            status: if failed(pair) { "failed" } else { "success" },
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_have_whole_ends() {
        let check = |value: f64, text: &str| {
            assert_eq!(serde_json::to_string(&Fraction(value)).expect("a number"), text);
        };
        check(0.0, "0");
        check(0.25, "0.25");
        check(1.0, "1");
    }
}
