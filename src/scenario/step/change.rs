//! Steps that change rules and world while a run goes on, through the admin API.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::api::MemberStatus;
use crate::scenario::named::Named;
use crate::scenario::rule::RuleEntry;
use crate::scenario::world_section::{
    AccessKeyEntry, ImageEntry, ProjectEntry, SettingsEntry, TokenEntry, UserEntry, WorldSection,
};

/// Removes, changes and adds fault rules, in this order.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ChangeFaultsStep {
    /// For people.
    pub about: Option<String>,
    /// Whether all rules are removed first.
    #[serde(default)]
    pub remove_all: bool,
    /// The ids of rules that are removed.
    #[serde(default)]
    pub remove: Vec<String>,
    /// Parts of rules that change, by id, as JSON merge patches; counts go on where the meaning stays.
    #[serde(default)]
    pub patch: Named<Value>,
    /// Rules that are added behind all others.
    #[serde(default)]
    pub add: Vec<RuleEntry>,
}

/// Removes, changes and adds what exists, in this order.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ChangeWorldStep {
    /// For people.
    pub about: Option<String>,
    /// The names of images that are deleted.
    #[serde(default)]
    pub remove_images: Vec<String>,
    /// The names of projects that are deleted, with their tokens.
    #[serde(default)]
    pub remove_projects: Vec<String>,
    /// Tokens that are deleted.
    #[serde(default)]
    pub remove_tokens: Vec<String>,
    /// The names of users who are deleted, with the tokens that were given to them.
    #[serde(default)]
    pub remove_users: Vec<String>,
    /// Access keys that are deleted.
    #[serde(default)]
    pub remove_access_keys: Vec<String>,
    /// Parts of images that change, by name.
    #[serde(default)]
    pub patch_images: Named<Value>,
    /// Parts of projects that change, by name.
    #[serde(default)]
    pub patch_projects: Named<Value>,
    /// Parts of tokens that change; a new `expires_in` runs from now.
    #[serde(default)]
    pub patch_tokens: Named<Value>,
    /// Projects that are added.
    #[serde(default)]
    pub projects: Named<ProjectEntry>,
    /// Images that are added.
    #[serde(default)]
    pub images: Named<ImageEntry>,
    /// Tokens that are added.
    #[serde(default)]
    pub tokens: Named<TokenEntry>,
    /// Users that are added.
    #[serde(default)]
    pub users: Named<UserEntry>,
    /// Access keys that are added.
    #[serde(default)]
    pub access_keys: Named<AccessKeyEntry>,
    /// Members by image and project: each gets this status, and is shared with first where needed; `null`
    /// takes it away.
    #[serde(default)]
    pub members: Named<Named<Option<MemberStatus>>>,
}

impl ChangeWorldStep {
    /// Whether it says nothing to do.
    #[must_use]
    pub fn changes_nothing(&self) -> bool {
        let removed = [
            &self.remove_images,
            &self.remove_projects,
            &self.remove_tokens,
            &self.remove_users,
            &self.remove_access_keys,
        ];
        let patched = [&self.patch_images, &self.patch_projects, &self.patch_tokens];
        removed.iter().all(|list| list.is_empty())
            && patched.iter().all(|list| list.0.is_empty())
            && self.projects.0.is_empty()
            && self.images.0.is_empty()
            && self.tokens.0.is_empty()
            && self.users.0.is_empty()
            && self.access_keys.0.is_empty()
            && self.members.0.is_empty()
    }

    /// What it adds, as a world of its own.
    #[must_use]
    pub fn additions(&self) -> WorldSection {
        WorldSection {
            settings: SettingsEntry::default(),
            projects: self.projects.clone(),
            images: self.images.clone(),
            tokens: Some(self.tokens.clone()),
            users: Some(self.users.clone()),
            access_keys: Some(self.access_keys.clone()),
            ..WorldSection::default()
        }
    }
}
