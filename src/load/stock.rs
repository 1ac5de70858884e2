//! What a load draws from: the images and projects of a scenario, as they are on the server.

use rustc_hash::FxHashMap;

use crate::api::{ImageId, MemberStatus, ProjectId};
use crate::replay::StandIns;
use crate::scenario::names::members_of;
use crate::scenario::{Names, ScenarioFile};

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

impl Stock {
    /// What a file names, with the ids and the tokens that stand for the names on the server.
    pub(super) fn of(file: &ScenarioFile, names: &Names, stand_ins: &StandIns) -> Self {
        let world = &file.sections.world;
        let mut projects = Vec::new();
        let mut places = FxHashMap::default();
        let called = world.projects.iter().flat_map(|(name, entry)| members_of(name, entry.count));
        for name in called {
            let Some(id) = names.project_id(&name) else { continue };
            places.insert(name.clone(), place(projects.len()));
            projects.push(StockProject { name, id, token: None });
        }
        // Of several tokens of one project the first acts for it.
        for (token, project) in names.tokens() {
            let place = project.and_then(|project| places.get(project));
            let project = place.and_then(|place: &u32| projects.get_mut(*place as usize));
            if let Some(project) = project.filter(|project| project.token.is_none()) {
                project.token = Some(stand_ins.token(token).to_owned());
            }
        }
        let mut images = Vec::new();
        for (name, entry) in world.images.iter() {
            let Some(owner) = places.get(&entry.owner).copied() else { continue };
            let named = members_of(name, entry.count).into_iter();
            images.extend(
                named.filter_map(|name| {
                    Some(StockImage { id: names.image_id(&name)?, name, owner })
                }),
            );
        }
        Self { images, projects }
    }

    /// An image; places come from the stock itself.
    pub(super) fn image(&self, place: u32) -> &StockImage {
        &self.images[place as usize]
    }

    /// A project.
    pub(super) fn project(&self, place: u32) -> &StockProject {
        &self.projects[place as usize]
    }
}

/// A place in a list that a file fills: files have at most some million things.
fn place(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

/// Which names an entry of a mix means: `web` or `web-*`.
pub(super) fn means(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => name.strip_prefix(start).is_some_and(|rest| rest.parse::<u32>().is_ok()),
        None => pattern == name,
    }
}
