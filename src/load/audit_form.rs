//! What the end of a load run found on the server, as the report tells it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How many violations are told one by one; all are counted.
pub const MOST_TOLD: usize = 100;

/// What the server has, held against what its answers promised.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Audit {
    /// Whether it was done; `why_not` says why not.
    pub done: bool,
    /// Why it was not done, or not in full.
    pub why_not: Option<String>,
    /// Accepted jobs that were held against the server.
    pub jobs: u64,
    /// Pairs of image and project that were.
    pub memberships: u64,
    /// What did not hold, by kind. Only kinds with a count.
    pub counts: Vec<ViolationCount>,
    /// Differences that a fault rule explains which struck the job: it was told to lie, to lose, to stick.
    pub explained: u64,
    /// Pairs and jobs of which nothing certain can be said, such as one whose job never ended.
    pub not_judged: u64,
    /// Batches whose answer did not tell whether they were accepted.
    pub ambiguous: u64,
    /// The first hundred violations, in the order of kind, image, project and job.
    pub violations: Vec<Violation>,
}

impl Audit {
    /// How many violations of a kind there are.
    #[must_use]
    pub fn count(&self, kind: ViolationKind) -> u64 {
        self.counts.iter().filter(|it| it.kind == kind).map(|it| it.count).sum()
    }

    /// All violations.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.counts.iter().map(|it| it.count).sum()
    }
}

/// What is wrong with a violation.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ViolationKind {
    /// A membership is not there, or not in the state, that a job or call said it had made.
    LostMembership,
    /// A membership is there that nobody made, or that was withdrawn.
    InventedMembership,
    /// An accepted job that the server does not know.
    LostJob,
    /// A job on the server that nobody submitted.
    InventedJob,
    /// An accepted job that never ended.
    UnendedJob,
    /// A job whose final state changed.
    ChangedJob,
}

impl ViolationKind {
    /// Every kind.
    pub const ALL: [Self; 6] = [
        Self::LostMembership,
        Self::InventedMembership,
        Self::LostJob,
        Self::InventedJob,
        Self::UnendedJob,
        Self::ChangedJob,
    ];

    /// For people.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::LostMembership => "lost membership",
            Self::InventedMembership => "invented membership",
            Self::LostJob => "lost job",
            Self::InventedJob => "invented job",
            Self::UnendedJob => "job without an end",
            Self::ChangedJob => "final job that changed",
        }
    }
}

/// How many violations of a kind there are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ViolationCount {
    /// The kind.
    pub kind: ViolationKind,
    /// How many.
    pub count: u64,
}

/// Something that the server promised and did not do, or did and nobody asked for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Violation {
    /// What is wrong.
    pub kind: ViolationKind,
    /// The image, if it is about a membership.
    pub image: Option<String>,
    /// The project, if it is about a membership.
    pub project: Option<String>,
    /// The jobs that can have done it, the newest first; or the calls, as `add_member at 1.204 s`.
    pub by: Vec<String>,
    /// What would be right.
    pub expected: String,
    /// What is there.
    pub found: String,
}
