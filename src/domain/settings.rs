//! The limits and switches that the contract's decisions name.

use super::identity::Gate;
use crate::api::batch::{LONGEST_LIST, USUAL_LIMIT};
use crate::clock::SimDuration;

/// What the simulated service allows and how it decides where the contract leaves a choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Members of an image that is not a whole-server image (DECISION U-12).
    pub image_members: usize,
    /// Members of a whole-server image (DECISION U-12).
    pub whole_server_image_members: usize,
    /// Different ids in one list of a batch (DECISION U-6); at most [`LONGEST_LIST`].
    pub batch_list: usize,
    /// What a DELETE of a project that is no member does to its pair (DECISION U-8).
    pub delete_unknown_member: UnknownMember,
    /// Which results a DELETE job reports (DECISION U-3).
    pub delete_results: DeleteResults,
    /// The vaults that exist; `None` takes any text that is not empty (DECISION U-23).
    pub vaults: Option<Vec<Box<str>>>,
    /// Private images that a project may have, as its quota says; nothing counts on it.
    pub image_quota: usize,
    /// Whether members have what only later editions of the contract know: a type, pages, and twins of the
    /// native queries in the extension API (DECISION U-28).
    pub later_fields: bool,
    /// How closely credentials are looked at.
    pub auth: Gate,
    /// How long a job can be queried after its end (DECISION U-29).
    pub keep_jobs_for: SimDuration,
}

/// DECISION U-8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnknownMember {
    /// The pair fails with IMG.0113.
    Fail,
    /// The pair succeeds and nothing changes.
    Ignore,
}

/// DECISION U-3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeleteResults {
    /// Nothing on success, the failed pairs on failure.
    FailedOnly,
    /// Every pair, as add and update jobs do.
    All,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            image_members: 128,
            whole_server_image_members: 10,
            batch_list: USUAL_LIMIT,
            delete_unknown_member: UnknownMember::Fail,
            delete_results: DeleteResults::FailedOnly,
            vaults: None,
            image_quota: 20,
            later_fields: false,
            auth: Gate::Full,
            keep_jobs_for: SimDuration::from_millis(24 * 3_600_000),
        }
    }
}

impl Settings {
    /// The highest value of [`Settings::batch_list`].
    pub const HIGHEST_BATCH_LIST: usize = LONGEST_LIST;

    /// Whether this vault can take a whole-server image's backup.
    #[must_use]
    pub fn knows_vault(&self, vault: Option<&str>) -> bool {
        match (vault, &self.vaults) {
            (None, _) => false,
            (Some(vault), None) => !vault.is_empty(),
            (Some(vault), Some(known)) => known.iter().any(|one| **one == *vault),
        }
    }
}
