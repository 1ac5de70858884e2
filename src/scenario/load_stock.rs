//! What a load draws from: the images and projects of a scenario, and which of them an operation reaches.

use rustc_hash::{FxHashMap, FxHashSet};

use super::load_section::MixEntry;
use super::names::{Names, members_of};
use super::world_section::WorldSection;
use crate::api::{ImageId, Operation, ProjectId};

/// Images and projects, in the order of the file. What is drawn is a place in these lists.
#[derive(Clone, Debug, Default)]
pub struct Stock {
    /// The images.
    pub images: Vec<StockImage>,
    /// The projects.
    pub projects: Vec<StockProject>,
}

/// An image.
#[derive(Clone, Debug)]
pub struct StockImage {
    /// What the scenario calls it.
    pub name: String,
    /// Its id on the server.
    pub id: ImageId,
    /// The place of the project that owns it.
    pub owner: u32,
}

/// A project.
#[derive(Clone, Debug)]
pub struct StockProject {
    /// What the scenario calls it.
    pub name: String,
    /// Its id on the server.
    pub id: ProjectId,
    /// A token that acts for it; none if there is no such token.
    pub token: Option<String>,
}

/// What an operation draws from, in the order of the stock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reach {
    /// The places of the images.
    pub images: Vec<u32>,
    /// The places of the projects that images are shared with, or that call.
    pub projects: Vec<u32>,
}

/// What an operation draws for each transaction.
#[derive(Clone, Copy)]
pub(super) struct Draws {
    pub(super) images: bool,
    pub(super) projects: bool,
    /// Whether the project that is drawn calls, rather than the owner of the image.
    recipient_calls: bool,
}

/// What an operation of a mix draws.
pub(super) fn draws(operation: Operation) -> Draws {
    use Operation as It;
    let (images, projects, recipient_calls) = match operation {
        It::UpdateMembers | It::UpdateMember => (true, true, true),
        It::AddMembers | It::DeleteMembers => (true, true, false),
        It::AddMember | It::DeleteMember | It::ShowMember => (true, true, false),
        It::ListMembers | It::ShowImage => (true, false, false),
        _ => (false, false, true),
    };
    Draws { images, projects, recipient_calls }
}

impl Stock {
    /// What a world names, with the ids that stand for the names.
    #[must_use]
    pub fn of(world: &WorldSection, names: &Names) -> Self {
        let mut projects = Vec::new();
        let mut places = FxHashMap::default();
        let called = world.projects.iter().flat_map(|(name, entry)| members_of(name, entry.count));
        for name in called {
            let Some(id) = names.project_id(&name) else { continue };
            places.insert(id, place(projects.len()));
            projects.push(StockProject { name, id, token: None });
        }
        let place_of = |project: &str| places.get(&names.project_id(project)?).copied();
        // Of several tokens of one project the first acts for it.
        for (token, project) in names.tokens() {
            let place: Option<u32> = project.and_then(place_of);
            let project = place.and_then(|place| projects.get_mut(place as usize));
            if let Some(project) = project.filter(|project| project.token.is_none()) {
                project.token = Some(token.to_owned());
            }
        }
        let mut images = Vec::new();
        for (name, entry) in world.images.iter() {
            let Some(owner) = place_of(&entry.owner) else { continue };
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
    #[must_use]
    pub fn image(&self, place: u32) -> &StockImage {
        &self.images[place as usize]
    }

    /// A project.
    #[must_use]
    pub fn project(&self, place: u32) -> &StockProject {
        &self.projects[place as usize]
    }

    /// What an operation draws from, as the entry of a mix says it.
    ///
    /// # Errors
    /// A sentence, if there is nothing that it could be done to, or nobody to do it.
    pub fn reach(
        &self,
        operation: Operation,
        entry: &MixEntry,
        names: &Names,
    ) -> Result<Reach, String> {
        let draws = draws(operation);
        if !draws.images {
            return Ok(Reach { images: Vec::new(), projects: self.callers(operation)? });
        }
        let images = self.images_for(operation, entry, names)?;
        if !draws.projects {
            return Ok(Reach { images, projects: Vec::new() });
        }
        let projects = self.projects_for(operation, entry, names, &images)?;
        Ok(Reach { images, projects })
    }

    /// Who asks what is about no image.
    fn callers(&self, operation: Operation) -> Result<Vec<u32>, String> {
        let name = operation.name();
        let all: Vec<u32> = (0..place(self.projects.len())).collect();
        let acting: Vec<u32> = all.iter().copied().filter(|place| self.acts(*place)).collect();
        match operation {
            _ if !acting.is_empty() => Ok(acting),
            // The versions are shown to anybody.
            Operation::ListVersions if !all.is_empty() => Ok(all),
            Operation::ListVersions => {
                Err(format!("`{name}` needs a project that asks, and there is none"))
            }
            _ => Err(format!("`{name}` needs a token with a project, and there is none")),
        }
    }

    fn images_for(
        &self,
        operation: Operation,
        entry: &MixEntry,
        names: &Names,
    ) -> Result<Vec<u32>, String> {
        let name = operation.name();
        let said = entry.images.as_ref();
        let said: Option<FxHashSet<_>> = said.map(|it| names.image_ids(it).into_iter().collect());
        let drawn = (0..).zip(&self.images);
        let drawn: Vec<(u32, &StockImage)> = drawn
            .filter(|(_, image)| said.as_ref().is_none_or(|said| said.contains(&image.id)))
            .collect();
        if drawn.is_empty() {
            return Err(format!("`{name}` needs an image, and there is none to draw"));
        }
        let recipient_calls = draws(operation).recipient_calls;
        let drawn = drawn.into_iter();
        let callable = drawn.filter(|(_, image)| recipient_calls || self.acts(image.owner));
        let places: Vec<u32> = callable.map(|(place, _)| place).collect();
        if places.is_empty() {
            return Err(format!("`{name}` needs an image whose owner has a token"));
        }
        Ok(places)
    }

    fn projects_for(
        &self,
        operation: Operation,
        entry: &MixEntry,
        names: &Names,
        images: &[u32],
    ) -> Result<Vec<u32>, String> {
        let recipient_calls = draws(operation).recipient_calls;
        let said = entry.projects.as_ref();
        let said: Option<FxHashSet<_>> = said.map(|it| names.project_ids(it).into_iter().collect());
        let drawn = (0..).zip(&self.projects);
        let drawn: Vec<u32> = drawn
            .filter(|(_, project)| said.as_ref().is_none_or(|said| said.contains(&project.id)))
            .filter(|(place, _)| !recipient_calls || self.acts(*place))
            .map(|(place, _)| place)
            .collect();
        let mut owners: Vec<u32> = images.iter().map(|image| self.image(*image).owner).collect();
        owners.dedup();
        // Every image needs a project beside its owner, whichever of them is drawn.
        let alone = owners.iter().find(|owner| drawn.iter().all(|project| project == *owner));
        let Some(owner) = alone else { return Ok(drawn) };
        let with = if recipient_calls { " and has a token" } else { "" };
        let of = if owners.iter().all(|other| other == owner) {
            String::new()
        } else {
            format!(" for those of `{}`", self.project(*owner).name)
        };
        let name = operation.name();
        Err(format!(
            "`{name}` needs a project that does not own the image{with}; none is drawn{of}"
        ))
    }

    /// Whether there is a token with which a project can call.
    fn acts(&self, project: u32) -> bool {
        self.project(project).token.is_some()
    }
}

/// A place in a list that a file fills: files have at most some million things.
fn place(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::scenario::ScenarioFile;
    use crate::seed::Seed;

    const WEB_1: &str = "00000000-0000-4000-8000-000000000001";

    /// What an operation with this entry reaches, by name.
    fn reach(operation: Operation, entry: &Value) -> (Vec<String>, Vec<String>) {
        let text = json!({ "format": 1, "world": {
            "projects": { "studio": {}, "team": { "count": 2 }, "mute": {} },
            "images": {
                "web": { "owner": "studio", "count": 2 },
                "web-7": { "owner": "studio", "id": WEB_1 },
                "still": { "owner": "mute" },
            },
            "tokens": {
                "s": { "project": "studio" }, "t": { "project": "team-0" },
                "u": { "project": "team-1" }, "v": { "project": "team-1" },
            },
        } });
        let file = ScenarioFile::parse("test".as_ref(), text.to_string()).expect("it is right");
        let world = &file.sections.world;
        let names = Names::of(world, Seed::new(1));
        let stock = Stock::of(world, &names);
        let entry = serde_json::from_value(entry.clone()).expect("it is an entry");
        let reach = stock.reach(operation, &entry, &names).expect("there is something");
        let images = reach.images.iter().map(|place| stock.image(*place).name.clone());
        let projects = reach.projects.iter().map(|place| stock.project(*place).name.clone());
        (images.collect(), projects.collect())
    }

    #[track_caller]
    fn check(operation: Operation, entry: &Value, images: &[&str], projects: &[&str]) {
        let (has_images, has_projects) = reach(operation, entry);
        assert_eq!(
            (&has_images[..], &has_projects[..]),
            (&owned(images)[..], &owned(projects)[..])
        );
    }

    fn owned(names: &[&str]) -> Vec<String> {
        names.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn an_operation_reaches_what_somebody_can_call_it_on() {
        let all = ["mute", "studio", "team-0", "team-1"];
        let (one, acting) = (json!(1), ["studio", "team-0", "team-1"]);
        check(Operation::AddMembers, &one, &["web-0", "web-1", "web-7"], &all);
        check(Operation::UpdateMembers, &one, &["still", "web-0", "web-1", "web-7"], &acting);
        check(Operation::ShowImage, &one, &["web-0", "web-1", "web-7"], &[]);
        check(Operation::ShowQuota, &one, &[], &acting);
    }

    #[test]
    fn names_in_a_mix_mean_what_they_mean_elsewhere() {
        let only = |image: &str| json!({ "weight": 1, "images": [image], "projects": ["team-*"] });
        let teams = ["team-0", "team-1"];
        check(Operation::AddMembers, &only("web-*"), &["web-0", "web-1"], &teams);
        check(Operation::AddMembers, &only("web-7"), &["web-7"], &teams);
        check(Operation::AddMembers, &only(WEB_1), &["web-7"], &teams);
    }
}
