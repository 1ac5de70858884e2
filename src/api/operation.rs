//! The operations of the API that the simulator serves, one row each.

use super::job::JobType;

/// One operation of the API; `None` stands for a request that matches no route.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Operation {
    /// `POST /v1/cloudimages/members`: share images with projects.
    AddMembers,
    /// `DELETE /v1/cloudimages/members`: stop sharing.
    DeleteMembers,
    /// `PUT /v1/cloudimages/members`: accept or reject shared images.
    UpdateMembers,
    /// `GET /v1/{project_id}/jobs/{job_id}`: the job with its results.
    ShowJob,
    /// `GET /v1/cloudimages/job/{job_id}`: the job with its progress.
    ShowJobProgress,
    /// `GET /v2/images/{image_id}/members`: who an image is shared with.
    ListMembers,
    /// `GET /v2/images/{image_id}/members/{member_id}`: one member of an image.
    ShowMember,
    /// Anything else: an unknown path, or an unknown method on a known one.
    Unknown,
}

/// Which family of endpoints an operation belongs to; it decides the form of its errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// The extension API, `/v1/...`: nested JSON errors.
    Extension,
    /// The native API, `/v2/images/...`: HTML errors, or JSON if asked for.
    Native,
}

impl Operation {
    /// Every operation, in the order of their numbers.
    pub const ALL: [Self; 8] = [
        Self::AddMembers,
        Self::DeleteMembers,
        Self::UpdateMembers,
        Self::ShowJob,
        Self::ShowJobProgress,
        Self::ListMembers,
        Self::ShowMember,
        Self::Unknown,
    ];

    /// The HTTP method of the operation; `None` where any is meant.
    #[must_use]
    pub const fn method(self) -> Option<&'static str> {
        match self {
            Self::AddMembers => Some("POST"),
            Self::DeleteMembers => Some("DELETE"),
            Self::UpdateMembers => Some("PUT"),
            Self::ShowJob | Self::ShowJobProgress | Self::ListMembers | Self::ShowMember => {
                Some("GET")
            }
            Self::Unknown => None,
        }
    }

    /// The type of the jobs that the operation makes; `None` if it makes none.
    #[must_use]
    pub const fn job_type(self) -> Option<JobType> {
        match self {
            Self::AddMembers => Some(JobType::Add),
            Self::DeleteMembers => Some(JobType::Delete),
            Self::UpdateMembers => Some(JobType::Update),
            _ => None,
        }
    }

    /// Whether its requests name images, in the path or in the body.
    #[must_use]
    pub const fn names_image(self) -> bool {
        self.job_type().is_some() || matches!(self, Self::ListMembers | Self::ShowMember)
    }

    /// Whether its requests name member projects, in the path or in the body.
    #[must_use]
    pub const fn names_member(self) -> bool {
        self.job_type().is_some() || matches!(self, Self::ShowMember)
    }

    /// The name used in scenario files, the trace and the log.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AddMembers => "add_members",
            Self::DeleteMembers => "delete_members",
            Self::UpdateMembers => "update_members",
            Self::ShowJob => "show_job",
            Self::ShowJobProgress => "show_job_progress",
            Self::ListMembers => "list_members",
            Self::ShowMember => "show_member",
            Self::Unknown => "unknown",
        }
    }

    /// The IAM actions a caller needs, all of them. Contract, "The three batch operations" and
    /// "Native member endpoints"; the job queries list none.
    #[must_use]
    pub const fn actions(self) -> &'static [&'static str] {
        match self {
            Self::AddMembers | Self::DeleteMembers | Self::UpdateMembers => &[IMAGES_SHARE],
            Self::ListMembers | Self::ShowMember => &[IMAGES_GET, IMAGES_SHARE],
            Self::ShowJob | Self::ShowJobProgress | Self::Unknown => &[],
        }
    }

    /// The family whose form the operation's errors take.
    #[must_use]
    pub const fn family(self) -> Family {
        match self {
            Self::ListMembers | Self::ShowMember => Family::Native,
            _ => Family::Extension,
        }
    }
}

/// The action of the batch operations.
pub const IMAGES_SHARE: &str = "ims:images:share";
/// The action of reading an image, needed beside [`IMAGES_SHARE`] by the native member endpoints.
pub const IMAGES_GET: &str = "ims:images:get";
/// Every action that a token can hold; a scenario file that names another is refused.
pub const ACTIONS: &[&str] = &[IMAGES_GET, IMAGES_SHARE];
