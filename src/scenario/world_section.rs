//! The `world` section: what exists when the simulation starts.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::entry_check::{
    LONGEST_DESCRIPTION, LONGEST_TAG, LONGEST_TEXT, MOST_PROPERTIES, MOST_TAGS, MOST_THINGS,
};
use super::named::Named;
use super::problem::{Misfit, Within};
use super::schema_words;
use super::span::{Past, Span};
use crate::api::MemberStatus;
pub use crate::api::image_words::ImageStatus;
use crate::api::image_words::{Architecture, DiskFormat, OsType, VirtualEnvType};
use crate::domain::Settings;
use crate::domain::identity::{Gate, Region};
use crate::domain::settings::{DeleteResults, UnknownMember};

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

/// An account.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DomainEntry {
    /// The name.
    #[schemars(length(min = 1))]
    pub name: String,
    /// 32 hex digits; drawn from the seed if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^[0-9a-fA-F]{32}$"))]
    pub id: Option<String>,
}

/// A user.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UserEntry {
    /// 32 hex digits; drawn from the seed if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^[0-9a-fA-F]{32}$"))]
    pub id: Option<String>,
    /// The password.
    pub password: String,
    /// The account, if it is not that of the projects.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain: Option<DomainEntry>,
    /// The projects for which the user can act, the own one first; all if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub projects: Option<Vec<String>>,
    /// The user's IAM actions; all if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Vec<schema_words::Action>>")]
    pub actions: Option<Vec<String>>,
}

/// An access key.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AccessKeyEntry {
    /// What requests are signed with.
    #[schemars(length(min = 1))]
    pub secret: String,
    /// The project for which a request is made that names none.
    pub project: String,
    /// The user whose key it is: it can act for the same projects. Without one it acts for its own alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The IAM actions; those of the user if left out, and all without a user.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Vec<schema_words::Action>>")]
    pub actions: Option<Vec<String>>,
    /// Makes it a temporary key: requests bring this as `X-Security-Token`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub security_token: Option<String>,
    /// How long after the start, or after it was added, it stops to count; never if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_in: Option<Span>,
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

/// Limits and switches; what is left out keeps the contract's value.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SettingsEntry {
    /// Members of an image; 128.
    #[schemars(extend("default" = Settings::default().image_members))]
    pub image_members: Option<usize>,
    /// Members of a whole-server image; 10.
    #[schemars(extend("default" = Settings::default().whole_server_image_members))]
    pub whole_server_image_members: Option<usize>,
    /// Different ids in one list of a batch; 100.
    #[schemars(
        range(min = 1, max = Settings::HIGHEST_BATCH_LIST),
        extend("default" = Settings::default().batch_list)
    )]
    pub batch_list: Option<usize>,
    /// What a DELETE of a project that is no member does: `fail` or `ignore`.
    #[schemars(extend("default" = "fail"))]
    pub delete_unknown_member: Option<UnknownMemberEntry>,
    /// What a DELETE job reports: `failed_only` or `all`.
    #[schemars(extend("default" = "failed_only"))]
    pub delete_results: Option<DeleteResultsEntry>,
    /// The vaults that exist; any text counts as one if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vaults: Option<Vec<String>>,
    /// Private images that a project may have, as its quota says; 20.
    #[schemars(extend("default" = Settings::default().image_quota))]
    pub image_quota: Option<usize>,
    /// Whether members have what only later editions of the API know: `member_type`, pages with `limit`,
    /// `marker` and `page_info`, and `GET /v1/{project_id}/cloudimages/{image_id}/members`; no.
    #[schemars(extend("default" = Settings::default().later_fields))]
    pub later_fields: Option<bool>,
    /// How closely credentials are looked at: `full`; `token` looks at no signatures; `off` takes every
    /// request for one of the project that it points at.
    #[schemars(extend("default" = "full"))]
    pub auth: Option<AuthEntry>,
    /// How long after its end a job can be queried; 24 hours.
    #[schemars(extend("default" = "24h"))]
    pub keep_jobs_for: Option<Span>,
}

/// How closely credentials are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum AuthEntry {
    /// Not at all.
    Off,
    /// Tokens alone.
    Token,
    /// Tokens and signatures.
    Full,
}

impl From<Gate> for AuthEntry {
    fn from(gate: Gate) -> Self {
        match gate {
            Gate::Off => Self::Off,
            Gate::Token => Self::Token,
            Gate::Full => Self::Full,
        }
    }
}

impl From<AuthEntry> for Gate {
    fn from(entry: AuthEntry) -> Self {
        match entry {
            AuthEntry::Off => Self::Off,
            AuthEntry::Token => Self::Token,
            AuthEntry::Full => Self::Full,
        }
    }
}

/// What a DELETE of a project that is no member does to its pair.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UnknownMemberEntry {
    /// The pair fails.
    Fail,
    /// The pair succeeds.
    Ignore,
}

/// What a DELETE job reports.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeleteResultsEntry {
    /// Failed pairs only.
    FailedOnly,
    /// Every pair.
    All,
}

impl SettingsEntry {
    pub(super) fn compile(&self) -> Result<Settings, Misfit> {
        let default = Settings::default();
        let batch_list = self.batch_list.unwrap_or(default.batch_list);
        let highest = Settings::HIGHEST_BATCH_LIST;
        if !(1..=highest).contains(&batch_list) {
            let message = format!("{batch_list} is not from 1 to {highest}");
            return Err(Misfit::new(message)).within("batch_list");
        }
        let whole_server = self.whole_server_image_members;
        Ok(Settings {
            image_members: self.image_members.unwrap_or(default.image_members),
            whole_server_image_members: whole_server.unwrap_or(default.whole_server_image_members),
            batch_list,
            delete_unknown_member: match self.delete_unknown_member {
                Some(UnknownMemberEntry::Ignore) => UnknownMember::Ignore,
                Some(UnknownMemberEntry::Fail) | None => UnknownMember::Fail,
            },
            delete_results: match self.delete_results {
                Some(DeleteResultsEntry::All) => DeleteResults::All,
                Some(DeleteResultsEntry::FailedOnly) | None => DeleteResults::FailedOnly,
            },
            vaults: self
                .vaults
                .as_ref()
                .map(|list| list.iter().map(|one| one.as_str().into()).collect()),
            image_quota: self.image_quota.unwrap_or(default.image_quota),
            later_fields: self.later_fields.unwrap_or(default.later_fields),
            auth: self.auth.map_or(default.auth, Gate::from),
            keep_jobs_for: self.keep_jobs_for.map_or(default.keep_jobs_for, |span| span.0),
        })
    }
}

impl From<&Settings> for SettingsEntry {
    fn from(settings: &Settings) -> Self {
        let vaults = settings.vaults.as_ref();
        Self {
            image_members: Some(settings.image_members),
            whole_server_image_members: Some(settings.whole_server_image_members),
            batch_list: Some(settings.batch_list),
            delete_unknown_member: Some(match settings.delete_unknown_member {
                UnknownMember::Fail => UnknownMemberEntry::Fail,
                UnknownMember::Ignore => UnknownMemberEntry::Ignore,
            }),
            delete_results: Some(match settings.delete_results {
                DeleteResults::FailedOnly => DeleteResultsEntry::FailedOnly,
                DeleteResults::All => DeleteResultsEntry::All,
            }),
            vaults: vaults.map(|list| list.iter().map(|one| one.to_string()).collect()),
            image_quota: Some(settings.image_quota),
            later_fields: Some(settings.later_fields),
            auth: Some(settings.auth.into()),
            keep_jobs_for: Some(Span(settings.keep_jobs_for)),
        }
    }
}
