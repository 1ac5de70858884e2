//! The points where the plan is asked, and what each of them knows.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where something may go wrong, outermost first.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Point {
    /// A connection was accepted. What fires here holds for every request on it.
    Connection,
    /// A request has been read; no work was done for it.
    Request,
    /// The work was done and its answer is about to leave: what the client sees is ambiguous.
    Response,
    /// A batch is about to become a job.
    Job,
    /// An image worker begins its life, a restart included.
    Image,
    /// A worker is about to settle a pair.
    Pair,
    /// A query is about to look at jobs, members or images.
    Read,
}

/// Something that a rule can ask about an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Matcher {
    /// The operation.
    Operation,
    /// The HTTP method.
    Method,
    /// The path and query.
    Path,
    /// The caller's project.
    Project,
    /// An image: by id, by name, by tag, by its place in the request.
    Image,
    /// A member project, which images are shared with.
    Member,
    /// A header of the request.
    Header,
    /// The type of the job.
    JobType,
    /// The address of the client.
    Client,
}

/// What a condition counts for itself.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// All events of the rule together.
    #[default]
    Rule,
    /// Each image.
    Image,
    /// Each project that calls.
    Project,
    /// Each project that images are shared with.
    Member,
    /// Each job.
    Job,
    /// Each client address.
    Client,
}

impl Point {
    /// Every point, outermost first.
    pub const ALL: [Self; 7] = [
        Self::Connection,
        Self::Request,
        Self::Response,
        Self::Job,
        Self::Image,
        Self::Pair,
        Self::Read,
    ];

    /// The word in files, in the trace and in the admin API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Connection => "connection",
            Self::Request => "request",
            Self::Response => "response",
            Self::Job => "job",
            Self::Image => "image",
            Self::Pair => "pair",
            Self::Read => "read",
        }
    }

    /// What a rule at this point can ask about an event.
    #[must_use]
    pub const fn matchers(self) -> &'static [Matcher] {
        use Matcher::{Client, Header, Image, JobType, Member, Method, Operation, Path, Project};
        match self {
            Self::Connection => &[Client],
            Self::Request | Self::Response | Self::Read => {
                &[Operation, Method, Path, Project, Image, Member, Header, Client]
            }
            Self::Job | Self::Image | Self::Pair => &[Operation, Project, Image, Member, JobType],
        }
    }

    /// What conditions can count for themselves at this point.
    #[must_use]
    pub const fn scopes(self) -> &'static [Scope] {
        match self {
            Self::Connection => &[Scope::Rule, Scope::Client],
            Self::Request | Self::Response => &[Scope::Rule, Scope::Project, Scope::Client],
            Self::Job => &[Scope::Rule, Scope::Project, Scope::Job],
            Self::Image => &[Scope::Rule, Scope::Image, Scope::Project, Scope::Job],
            Self::Pair => &[Scope::Rule, Scope::Image, Scope::Project, Scope::Member, Scope::Job],
            Self::Read => &[Scope::Rule, Scope::Project, Scope::Job, Scope::Image, Scope::Client],
        }
    }
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Matcher {
    /// The key in a rule's `match`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Operation => "operation",
            Self::Method => "method",
            Self::Path => "path",
            Self::Project => "project",
            Self::Image => "image",
            Self::Member => "member",
            Self::Header => "header",
            Self::JobType => "job_type",
            Self::Client => "client",
        }
    }
}

impl Scope {
    /// The word in a rule's `when.per`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rule => "rule",
            Self::Image => "image",
            Self::Project => "project",
            Self::Member => "member",
            Self::Job => "job",
            Self::Client => "client",
        }
    }
}
