//! The `world` section: what exists when the simulation starts.

mod people;
mod settings;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::entry_check::{
    LONGEST_DESCRIPTION, LONGEST_TAG, LONGEST_TEXT, MOST_PROPERTIES, MOST_TAGS, MOST_THINGS,
};
use super::named::Named;
use super::schema_words;
use super::span::{Past, Span};
use crate::api::MemberStatus;
pub use crate::api::image_words::ImageStatus;
use crate::api::image_words::{Architecture, DiskFormat, OsType, VirtualEnvType};
use crate::domain::identity::Region;
pub use people::{AccessKeyEntry, DomainEntry, UserEntry};
pub use settings::{AuthEntry, DeleteResultsEntry, SettingsEntry, UnknownMemberEntry};

/// Projects, images and tokens, by readable names.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WorldSection {
    /// Limits and switches.
    #[serde(default)]
    pub settings: SettingsEntry,
    /// The name of the region; `sim-region-1` if left out. In the real service it is also that of each
    /// account's project, so identity takes it for the caller's own.
    #[schemars(length(min = 1), extend("default" = Region::NAME))]
    pub region: Option<String>,
    /// The account to which the projects belong; `sim-account` if left out.
    pub domain: Option<DomainEntry>,
    /// Projects of the region.
    #[schemars(extend("propertyNames" = schema_words::name()))]
    pub projects: Named<ProjectEntry>,
    /// Images with their members.
    #[serde(default)]
    #[schemars(extend("propertyNames" = schema_words::name()))]
    pub images: Named<ImageEntry>,
    /// Tokens; the name is the value that clients send. If the section is left out, every project has a
    /// token named like itself, with every permission and no end.
    #[schemars(extend("propertyNames" = schema_words::token()))]
    pub tokens: Option<Named<TokenEntry>>,
    /// Users who can ask for tokens, by name. If the section is left out, every project has a user named like
    /// itself, whose password is the same.
    #[schemars(extend("propertyNames" = schema_words::name()))]
    pub users: Option<Named<UserEntry>>,
    /// Access keys, by the name that clients send. If the section is left out, a project `p` has the key
    /// `ak-p` with the secret `sk-p`, unless its name cannot stand in a header.
    #[schemars(extend("propertyNames" = schema_words::access_key()))]
    pub access_keys: Option<Named<AccessKeyEntry>>,
}

/// A project.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProjectEntry {
    /// 32 hex digits; drawn from the seed if left out.
    #[schemars(regex(pattern = r"^([0-9a-fA-F]{32}|.*\$\{.*)$"))]
    pub id: Option<String>,
    /// Makes this many projects, named with `-0`, `-1` and so on behind the name.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = MOST_THINGS))]
    pub count: Option<u32>,
    /// Whether the gateway refuses the project's own calls.
    #[serde(default)]
    pub unavailable: bool,
}

/// An image. What is left out of its description is what the service's own examples show.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ImageEntry {
    /// A UUID; drawn from the seed if left out.
    #[schemars(regex(
        pattern = r"^([0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|.*\$\{.*)$"
    ))]
    pub id: Option<String>,
    /// Makes this many images, named with `-0`, `-1` and so on behind the name, all alike.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = MOST_THINGS))]
    pub count: Option<u32>,
    /// The project that owns it.
    pub owner: String,
    /// Whom it is shared with, and where each share stands.
    #[serde(default)]
    pub members: Named<MemberStatus>,
    /// Its status; only `active` images can be shared. `active` if left out.
    #[serde(default)]
    pub status: ImageStatus,
    /// Whether it is public.
    #[serde(default)]
    pub public: bool,
    /// Whether it is published on the marketplace.
    #[serde(default)]
    pub marketplace: bool,
    /// Whether it is encrypted.
    #[serde(default)]
    pub encrypted: bool,
    /// For a whole-server image, by which means it was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub whole_server: Option<WholeServerEntry>,
    /// Whether it is protected from deletion by its owner.
    #[serde(default)]
    pub protected: bool,
    /// Its tags, in this order.
    #[serde(default)]
    #[schemars(
        length(max = MOST_TAGS),
        inner(length(min = 1, max = LONGEST_TAG)),
        extend("uniqueItems" = true)
    )]
    pub tags: Vec<String>,
    /// When it was made; when everything starts, or it is added, if left out. Lists show the newest first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Past>,
    /// With `count`: how long after the one before each is made; all at once if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_every: Option<Span>,
    /// When it last changed; when it was made if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<Past>,
    /// The kind of operating system; `Linux` if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub os_type: Option<OsType>,
    /// The operating system; one of the platform if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = LONGEST_TEXT))]
    pub os_version: Option<String>,
    /// 32 or 64 bits; 64 if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("enum" = [32, 64, null]))]
    pub os_bit: Option<u8>,
    /// The family of the operating system; `Ubuntu` for Linux if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = LONGEST_TEXT))]
    pub platform: Option<String>,
    /// The format of its data; `zvhd2` if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disk_format: Option<DiskFormat>,
    /// The format of what is around its data; `bare` if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = LONGEST_TEXT))]
    pub container_format: Option<String>,
    /// The smallest disk for it, in gigabytes; 40 if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_disk: Option<u32>,
    /// The least memory for it, in megabytes; 0 if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_ram: Option<u32>,
    /// How large it is, in bytes; a gibibyte if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_size: Option<u64>,
    /// What it is used for; `FusionCompute`, a system disk, if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub virtual_env_type: Option<VirtualEnvType>,
    /// The processors that it is for; found as `x86` if left out, and not shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub architecture: Option<Architecture>,
    /// What its owner says of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = LONGEST_DESCRIPTION))]
    pub description: Option<String>,
    /// The enterprise project, `0` or a UUID; found as `0`, the default one, if left out, and not shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(regex(
        pattern = r"^(0|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|.*\$\{.*)$"
    ))]
    pub enterprise_project_id: Option<String>,
    /// The key that it is encrypted with; of an encrypted image one of its owner's if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = LONGEST_TEXT))]
    pub cmkid: Option<String>,
    /// The product that it is on the marketplace; of a marketplace image one of its own if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = LONGEST_TEXT))]
    pub productcode: Option<String>,
    /// The backup that it was made from.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = LONGEST_TEXT))]
    pub backup_id: Option<String>,
    /// What else it says of itself, shown as it is written: `__support_kvm`, `flavor_id` and the like.
    #[serde(default, skip_serializing_if = "no_properties")]
    #[schemars(extend("maxProperties" = MOST_PROPERTIES, "propertyNames" = schema_words::property()))]
    pub properties: Named<String>,
}

fn no_properties(properties: &Named<String>) -> bool {
    properties.0.is_empty()
}

/// By which means a whole-server image was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum WholeServerEntry {
    /// Through CBR: it can be shared.
    Cbr,
    /// By older means: it cannot.
    Other,
}

/// A token.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenEntry {
    /// The project it is tied to; without one it has no project scope.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// The IAM actions of its user; all if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Vec<schema_words::Action>>")]
    pub actions: Option<Vec<String>>,
    /// How long after the start, or after it was added, it stops to count; never if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_in: Option<Span>,
}
