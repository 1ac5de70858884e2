//! What a step expects of the answer that it gets.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::named::Named;
use super::span::Span;
use crate::api::MemberStatus;
use crate::api::job::JobState;

/// What must hold of an answer. What is left out is not looked at, but for the status, which is 200.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// How the answer came; `answered` if left out. Unless it did, nothing else can be expected of it but
    /// what came of a truncated one.
    pub outcome: Option<Outcome>,
    /// The status.
    pub status: Option<u16>,
    /// The code of the error that the answer carries.
    pub error_code: Option<String>,
    /// Headers by name, in either case, with their exact values; `null` for one that must not be there.
    pub headers: Option<Named<Option<String>>>,
    /// A JSON value that the body must contain: objects may have more keys, everything else is equal.
    pub body: Option<Value>,
    /// The JSON value that the body must be, with nothing more.
    pub exact_body: Option<Value>,
    /// The simulated time from sending the request to the end of its answer, exactly; `wait_job`: of the
    /// last poll.
    pub took: Option<Span>,
    /// Steps about jobs: what the job must be.
    pub job: Option<JobFacts>,
    /// `list_members`: exactly these members, in any order, each with its status; `name-*` stands for all
    /// projects of a counted entry.
    pub members: Option<Named<MemberStatus>>,
    /// `show_member`, `add_member`, `update_member`: the member's status.
    pub member: Option<MemberStatus>,
    /// `list_cloud_images` and `list_images`: exactly these images, in this order; `name-*` stands for all
    /// images of a counted entry.
    pub images: Option<Vec<String>>,
}

/// What a client saw of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It came whole.
    Answered,
    /// Its body broke off.
    Truncated,
    /// The connection was reset.
    Reset,
    /// The connection was closed with nothing sent.
    Closed,
    /// What came was no HTTP.
    Garbage,
    /// None will ever come, and the client waits for ever.
    Unanswered,
    /// None came within the client's `timeout`.
    TimedOut,
}

impl Outcome {
    /// Whether there is a head, and with it a status.
    #[must_use]
    pub const fn has_head(self) -> bool {
        matches!(self, Self::Answered | Self::Truncated)
    }

    /// The word in scenario files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Truncated => "truncated",
            Self::Reset => "reset",
            Self::Closed => "closed",
            Self::Garbage => "garbage",
            Self::Unanswered => "unanswered",
            Self::TimedOut => "timed_out",
        }
    }
}

/// What a job must be.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub struct JobFacts {
    /// `INIT`, `RUNNING`, `SUCCESS` or `FAIL`.
    pub state: Option<JobState>,
    /// The code of the first failed pair.
    pub error_code: Option<String>,
    /// The reported pairs, exactly and in request order.
    pub results: Option<Vec<ResultFact>>,
    /// The simulated time from submission to end, exactly.
    pub took: Option<Span>,
}

impl JobFacts {
    /// Whether only a job that failed can be like this.
    #[must_use]
    pub fn tell_of_failure(&self) -> bool {
        let failed = |result: &ResultFact| result.status == ResultStatus::Failed;
        self.error_code.is_some() || self.results.iter().flatten().any(failed)
    }
}

/// One reported pair.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ResultFact {
    /// The image, by name or id.
    pub image: String,
    /// The project, by name or id.
    pub project: String,
    /// `success` or `failed`.
    pub status: ResultStatus,
}

/// The status of a reported pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ResultStatus {
    /// The pair succeeded.
    Success,
    /// The pair failed.
    Failed,
}

impl ResultStatus {
    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failed => "failed",
        }
    }
}
