//! The operations of the API that the simulator serves, one row each.

use super::job::JobType;

/// Writes the enum, its rows and the list of all variants from one table.
macro_rules! operations {
    ($( #[doc = $doc:literal] $variant:ident =
        ($name:literal, $method:literal, $path:literal, $family:ident, $actions:expr); )*) => {
        /// One operation of the API. `Unknown` stands for a request that matches no route.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Operation {
            $( #[doc = $doc] $variant, )*
            /// Anything else: an unknown path, or an unknown method on a known one.
            Unknown,
        }

        impl Operation {
            /// Every operation, in the order of their numbers.
            pub const ALL: [Self; ROWS.len()] = [ $( Self::$variant, )* Self::Unknown ];
        }

        /// The rows, in the order of the operations' numbers.
        const ROWS: &[Row] = &[
            $( Row {
                name: $name,
                method: $method,
                path: $path,
                family: Family::$family,
                actions: $actions,
                about: $doc,
            }, )*
            Row {
                name: "unknown",
                method: "",
                path: "",
                family: Family::Extension,
                actions: &[],
                about: "",
            },
        ];
    };
}

/// What there is to say of an operation.
struct Row {
    name: &'static str,
    method: &'static str,
    path: &'static str,
    family: Family,
    actions: &'static [&'static str],
    /// Method and path between backticks, a colon, and what it does.
    about: &'static str,
}

/// Which family of endpoints an operation belongs to; it decides the form of its errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// The extension API, `/v1/...` and `/v2/cloudimages`: nested JSON errors.
    Extension,
    /// The native API, `/v2/images/...`: HTML errors, or JSON if asked for.
    Native,
    /// Identity, `/v3/...`: errors in the form of Keystone.
    Identity,
}

// Contract, "The three batch operations", "Jobs", "Native member endpoints", "Read endpoints" and
// "Authentication". The job queries list no action; schemas, versions and identity need none.
operations! {
    /// `POST /v1/cloudimages/members`: share images with projects.
    AddMembers = ("add_members", "POST", "/v1/cloudimages/members", Extension, &[IMAGES_SHARE]);
    /// `DELETE /v1/cloudimages/members`: stop sharing.
    DeleteMembers = ("delete_members", "DELETE", "/v1/cloudimages/members", Extension, &[IMAGES_SHARE]);
    /// `PUT /v1/cloudimages/members`: accept or reject shared images.
    UpdateMembers = ("update_members", "PUT", "/v1/cloudimages/members", Extension, &[IMAGES_SHARE]);
    /// `GET /v1/{project_id}/jobs/{job_id}`: the job with its results.
    ShowJob = ("show_job", "GET", "/v1/{project_id}/jobs/{job_id}", Extension, &[]);
    /// `GET /v1/cloudimages/job/{job_id}`: the job with its progress.
    ShowJobProgress = ("show_job_progress", "GET", "/v1/cloudimages/job/{job_id}", Extension, &[]);
    /// `GET /v2/images/{image_id}/members`: who an image is shared with.
    ListMembers = ("list_members", "GET", "/v2/images/{image_id}/members", Native, MEMBER_ACTIONS);
    /// `GET /v2/images/{image_id}/members/{member_id}`: one member of an image.
    ShowMember = ("show_member", "GET", "/v2/images/{image_id}/members/{member_id}", Native, MEMBER_ACTIONS);
    /// `POST /v2/images/{image_id}/members`: share one image with one project, at once.
    AddMember = ("add_member", "POST", "/v2/images/{image_id}/members", Native, MEMBER_ACTIONS);
    /// `PUT /v2/images/{image_id}/members/{member_id}`: accept or reject one image, at once.
    UpdateMember = ("update_member", "PUT", "/v2/images/{image_id}/members/{member_id}", Native, MEMBER_ACTIONS);
    /// `DELETE /v2/images/{image_id}/members/{member_id}`: stop sharing one image with one project, at once.
    DeleteMember = ("delete_member", "DELETE", "/v2/images/{image_id}/members/{member_id}", Native, MEMBER_ACTIONS);
    /// `GET /v1/{project_id}/cloudimages/{image_id}/members`: the later twin of `list_members`.
    ListMembersLater = ("list_members_later", "GET", "/v1/{project_id}/cloudimages/{image_id}/members", Extension, &[IMAGES_GET]);
    /// `GET /v1/{project_id}/cloudimages/{image_id}/members/{member_id}`: the later twin of `show_member`.
    ShowMemberLater = ("show_member_later", "GET", "/v1/{project_id}/cloudimages/{image_id}/members/{member_id}", Extension, &[IMAGES_GET]);
    /// `GET /v2/cloudimages`: the images that the caller sees, by filters, in pages.
    ListCloudImages = ("list_cloud_images", "GET", "/v2/cloudimages", Extension, &[IMAGES_LIST]);
    /// `GET /v2/images`: the same in the native form, with links from page to page.
    ListImages = ("list_images", "GET", "/v2/images", Native, &[IMAGES_LIST]);
    /// `GET /v2/images/{image_id}`: one image.
    ShowImage = ("show_image", "GET", "/v2/images/{image_id}", Native, &[IMAGES_GET]);
    /// `DELETE /v2/images/{image_id}`: the image goes, and its members with it.
    DeleteImage = ("delete_image", "DELETE", "/v2/images/{image_id}", Native, &[IMAGES_DELETE]);
    /// `GET /v2/schemas/{schema}`: the form of images and members.
    ShowSchema = ("show_schema", "GET", "/v2/schemas/{schema}", Native, &[]);
    /// `GET /v1/cloudimages/quota`: how many images the caller has and may have.
    ShowQuota = ("show_quota", "GET", "/v1/cloudimages/quota", Extension, &[QUOTAS_GET]);
    /// `GET /`: the versions of the service.
    ListVersions = ("list_versions", "GET", "/", Native, &[]);
    /// `GET /{api_version}`: one version, or those of one number before the point.
    ShowVersion = ("show_version", "GET", "/{api_version}", Native, &[]);
    /// `GET /v3`: the version of the identity service.
    ShowIdentityVersion = ("show_identity_version", "GET", "/v3", Identity, &[]);
    /// `POST /v3/auth/tokens`: a token for a name and a password, or for another token.
    CreateToken = ("create_token", "POST", "/v3/auth/tokens", Identity, &[]);
    /// `GET /v3/auth/tokens`: what a token is good for.
    ShowToken = ("show_token", "GET", "/v3/auth/tokens", Identity, &[]);
    /// `GET /v3/projects`: the projects of the caller.
    ListProjects = ("list_projects", "GET", "/v3/projects", Identity, &[]);
    /// `GET /v3/projects/{project_id}`: one project.
    ShowProject = ("show_project", "GET", "/v3/projects/{project_id}", Identity, &[]);
}

impl Operation {
    const fn row(self) -> &'static Row {
        &ROWS[self as usize]
    }

    /// The name used in scenario files, the trace and the log.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.row().name
    }

    /// What the operation does, in a few words without a capital or a point.
    #[must_use]
    pub fn about(self) -> &'static str {
        let about = self.row().about;
        about.split_once("`: ").map_or("", |(_, words)| words.trim_end_matches('.'))
    }

    /// The HTTP method of the operation; `None` where any is meant.
    #[must_use]
    pub const fn method(self) -> Option<&'static str> {
        let method = self.row().method;
        if method.is_empty() { None } else { Some(method) }
    }

    /// The path of the operation, with the names of what is filled in between braces; empty where any is
    /// meant.
    #[must_use]
    pub const fn path(self) -> &'static str {
        self.row().path
    }

    /// The family whose form the operation's errors take.
    #[must_use]
    pub const fn family(self) -> Family {
        self.row().family
    }

    /// The IAM actions a caller needs, all of them.
    #[must_use]
    pub const fn actions(self) -> &'static [&'static str] {
        self.row().actions
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

    /// Whether it looks at a job.
    #[must_use]
    pub const fn queries_job(self) -> bool {
        matches!(self, Self::ShowJob | Self::ShowJobProgress)
    }

    /// Whether it looks at jobs, members or images, so that it can be shown the past.
    #[must_use]
    pub const fn reads(self) -> bool {
        self.queries_job()
            || matches!(
                self,
                Self::ListMembers
                    | Self::ShowMember
                    | Self::ListMembersLater
                    | Self::ShowMemberLater
                    | Self::ListCloudImages
                    | Self::ListImages
                    | Self::ShowImage
            )
    }

    /// Whether only later editions of the contract know it (DECISION U-28).
    #[must_use]
    pub const fn is_later(self) -> bool {
        matches!(self, Self::ListMembersLater | Self::ShowMemberLater)
    }

    /// Whether its requests say something in a body.
    #[must_use]
    pub const fn takes_body(self) -> bool {
        self.job_type().is_some()
            || matches!(self, Self::AddMember | Self::UpdateMember | Self::CreateToken)
    }

    /// Whether its requests name images, in the path or in the body.
    #[must_use]
    pub fn names_image(self) -> bool {
        self.job_type().is_some() || self.path().contains("{image_id}")
    }

    /// Whether its requests name member projects, in the path or in the body.
    #[must_use]
    pub fn names_member(self) -> bool {
        self.job_type().is_some()
            || self.path().contains("{member_id}")
            || matches!(self, Self::AddMember)
    }

    /// Whether its answers name addresses, which differ from one server to the other.
    #[must_use]
    pub fn shows_addresses(self) -> bool {
        self.family() == Family::Identity || matches!(self, Self::ListVersions | Self::ShowVersion)
    }

    /// Whether anybody may call it, without saying who he is.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(
            self,
            Self::Unknown
                | Self::ListVersions
                | Self::ShowVersion
                | Self::ShowIdentityVersion
                | Self::CreateToken
        )
    }
}

/// The action of the batch operations.
pub const IMAGES_SHARE: &str = "ims:images:share";
/// The action of reading an image, needed beside [`IMAGES_SHARE`] by the native member endpoints.
pub const IMAGES_GET: &str = "ims:images:get";
/// The action of listing images.
pub const IMAGES_LIST: &str = "ims:images:list";
/// The action of deleting an image; the contract names none, and this is what it would be called.
pub const IMAGES_DELETE: &str = "ims:images:delete";
/// The action of asking for quotas.
pub const QUOTAS_GET: &str = "ims:quotas:get";
/// Every action that a token can hold; a scenario file that names another is refused.
pub const ACTIONS: &[&str] = &[IMAGES_GET, IMAGES_SHARE, IMAGES_LIST, IMAGES_DELETE, QUOTAS_GET];

/// What the native member endpoints need.
const MEMBER_ACTIONS: &[&str] = &[IMAGES_GET, IMAGES_SHARE];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_has_a_name_and_a_place_of_its_own() {
        for one in Operation::ALL {
            let same = |other: &&Operation| {
                other.name() == one.name()
                    || (other.method(), other.path()) == (one.method(), one.path())
            };
            assert_eq!(Operation::ALL.iter().filter(same).count(), 1, "{one:?}");
        }
    }

    #[test]
    fn every_action_is_known() {
        for action in Operation::ALL.iter().flat_map(|operation| operation.actions()) {
            assert!(ACTIONS.contains(action), "{action}");
        }
    }
}
