//! Limits and switches of a world.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::Settings;
use crate::domain::identity::Gate;
use crate::domain::settings::{DeleteResults, UnknownMember};
use crate::scenario::problem::{Misfit, Within};
use crate::scenario::span::Span;

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
    pub(in crate::scenario) fn compile(&self) -> Result<Settings, Misfit> {
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
