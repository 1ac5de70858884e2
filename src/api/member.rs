//! The native API's view of members. Contract, "Native member endpoints".

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ImageId, ProjectId};

/// Where a share stands. Contract, "Statuses".
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum MemberStatus {
    /// Shared, not yet decided on.
    Pending,
    /// In the recipient's image list.
    Accepted,
    /// Not in the recipient's image list, yet still usable.
    Rejected,
}

impl MemberStatus {
    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
        }
    }

    /// The status with this word; `None` if there is none.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Pending, Self::Accepted, Self::Rejected].into_iter().find(|it| it.as_str() == word)
    }
}

/// What a recipient may decide; `pending` is not among it (DECISION U-22).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum MemberDecision {
    /// Take the image into the list.
    Accepted,
    /// Keep it out of the list.
    Rejected,
}

impl MemberDecision {
    /// Reads the word on the wire.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "accepted" => Some(Self::Accepted),
            "rejected" => Some(Self::Rejected),
            _ => None,
        }
    }
}

impl From<MemberDecision> for MemberStatus {
    fn from(decision: MemberDecision) -> Self {
        match decision {
            MemberDecision::Accepted => Self::Accepted,
            MemberDecision::Rejected => Self::Rejected,
        }
    }
}

/// One member of an image, as the native API shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct MemberBody {
    /// Where the share stands.
    pub status: MemberStatus,
    /// When the image was shared; whole seconds.
    pub created_at: String,
    /// When the status last changed; whole seconds.
    pub updated_at: String,
    /// The shared image.
    pub image_id: ImageId,
    /// The project it is shared with.
    pub member_id: ProjectId,
    /// Always `/v2/schemas/member`.
    pub schema: &'static str,
    /// Always `project`; only where the later fields are switched on (DECISION U-28).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub member_type: Option<&'static str>,
}

/// The members of an image, as the native API shows them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct MemberListBody {
    /// In the order in which they were shared.
    pub members: Vec<MemberBody>,
    /// Always `/v2/schemas/members`.
    pub schema: &'static str,
    /// Which part of all members this is; only where the later fields are switched on (DECISION U-28).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page_info: Option<PageInfo>,
}

/// Which part of a list a page is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PageInfo {
    /// What asks for the next page; empty on the last one.
    pub next_marker: String,
    /// How many members this page has.
    pub current_count: usize,
}

/// The schema that a member names.
pub const MEMBER_SCHEMA: &str = "/v2/schemas/member";
/// What every member is: a project.
pub const MEMBER_TYPE: &str = "project";
/// The schema that a list of members names.
pub const MEMBERS_SCHEMA: &str = "/v2/schemas/members";
