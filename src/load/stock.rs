//! What a load draws from: the images and projects of a scenario, as they are on the server.

use crate::api::{ImageId, MemberStatus, ProjectId};

/// Images and projects, in the order of the file.
#[derive(Clone, Debug, Default)]
pub(super) struct Stock {
    /// The images.
    pub(super) images: Vec<StockImage>,
    /// The projects.
    pub(super) projects: Vec<StockProject>,
}

/// An image.
#[derive(Clone, Debug)]
pub(super) struct StockImage {
    /// What the scenario calls it.
    pub(super) name: String,
    /// Its id on the server.
    pub(super) id: ImageId,
    /// The place of the project that owns it.
    pub(super) owner: u32,
}

/// A project.
#[derive(Clone, Debug)]
pub(super) struct StockProject {
    /// What the scenario calls it.
    pub(super) name: String,
    /// Its id on the server.
    pub(super) id: ProjectId,
    /// The value of a token that acts for it; none if there is no such token.
    pub(super) token: Option<String>,
}

/// Who is a member of an image.
pub(super) type Members = Vec<(ProjectId, MemberStatus)>;
