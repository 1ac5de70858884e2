//! The names of a scenario: what its images, projects and tokens are called, and which ids they have.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::named::Named;
use super::problem::{Misfit, nearest};
use super::step::ChangeWorldStep;
use super::world_build::default_key;
use super::world_section::{AccessKeyEntry, ImageEntry, ProjectEntry, WorldSection};
use crate::api::{ImageId, ProjectId};
use crate::domain::identity::{Secret, User};
use crate::seed::{Seed, What};

/// Whatever knows what images and projects are called: a scenario, or a world that runs.
///
/// An error names what was found, and the nearest valid name.
pub(super) trait Lookup {
    /// The image with this name or id.
    fn image(&self, name: &str) -> Result<ImageId, Misfit>;
    /// The project with this name or id.
    fn project(&self, name: &str) -> Result<ProjectId, Misfit>;
    /// The projects that a name stands for: one, or with `name-*` all numbered ones.
    fn projects_of(&self, name: &str) -> Result<Vec<ProjectId>, Misfit>;
    /// The user with this name, where there are users already.
    fn user(&self, _name: &str) -> Option<Arc<User>> {
        None
    }
}

impl Lookup for Names {
    fn image(&self, name: &str) -> Result<ImageId, Misfit> {
        Self::image(self, name)
    }

    fn project(&self, name: &str) -> Result<ProjectId, Misfit> {
        Self::project(self, name)
    }

    fn projects_of(&self, name: &str) -> Result<Vec<ProjectId>, Misfit> {
        Self::projects_of(self, name)
    }
}

/// Resolves the names of a scenario.
#[derive(Debug, Default)]
pub struct Names {
    pub(super) images: Group<ImageId>,
    pub(super) projects: Group<ProjectId>,
    tokens: Vec<(String, Option<String>)>,
    tokens_by_name: FxHashMap<String, usize>,
    users: Vec<String>,
    access_keys: Vec<(String, SigningKey)>,
    access_keys_by_name: FxHashMap<String, usize>,
}

/// What a step signs with.
#[derive(Clone, Debug)]
pub struct SigningKey {
    /// The secret of an access key.
    pub secret: Secret,
    /// What it brings beside its signature.
    pub security_token: Option<Secret>,
}

impl SigningKey {
    fn of(entry: &AccessKeyEntry) -> Self {
        let security_token = entry.security_token.as_deref().map(Secret::new);
        Self { secret: Secret::new(&entry.secret), security_token }
    }
}

/// The names of one kind of thing.
#[derive(Debug)]
pub(super) struct Group<T> {
    ids: FxHashMap<String, T>,
    /// Names that stand for many, with how many.
    counted: FxHashMap<String, u32>,
    /// All names that a file can say, in its order, for suggestions.
    sayable: Vec<String>,
}

impl<T> Default for Group<T> {
    fn default() -> Self {
        Self { ids: FxHashMap::default(), counted: FxHashMap::default(), sayable: Vec::new() }
    }
}

/// Says that nothing has this name, and which of the valid ones is nearest.
pub(super) fn unknown<'a>(
    name: &str,
    kind: &str,
    form: &str,
    valid: impl Iterator<Item = &'a str>,
) -> Misfit {
    let near = nearest(name, valid);
    Misfit::new(format!("no {kind} is named `{name}`, and it is not {form}{near}"))
}

/// The form of a project's id, for messages.
pub(super) const PROJECT_FORM: &str = "32 hex digits";
/// The form of an image's id, for messages.
pub(super) const IMAGE_FORM: &str = "a UUID";

/// The names that an entry of the world stands for: its own, or numbered ones.
pub(crate) fn members_of(name: &str, count: Option<u32>) -> Vec<String> {
    match count {
        None => vec![name.to_owned()],
        Some(count) => (0..count).map(|number| format!("{name}-{number}")).collect(),
    }
}

impl<T: Copy + PartialEq> Group<T> {
    fn add(&mut self, name: &str, count: Option<u32>, id: impl Fn(&str) -> T) {
        for member in members_of(name, count) {
            let id = id(&member);
            self.ids.insert(member, id);
        }
        match count {
            None => self.sayable.push(name.to_owned()),
            Some(count) => {
                self.counted.insert(name.to_owned(), count);
                self.sayable.push(format!("{name}-*"));
            }
        }
    }

    fn one(&self, name: &str, literal: Option<T>, kind: &str, form: &str) -> Result<T, Misfit> {
        let found = self.named(name).or(literal);
        found.ok_or_else(|| unknown(name, kind, form, self.sayable()))
    }

    /// The thing with this name.
    pub(super) fn named(&self, name: &str) -> Option<T> {
        self.ids.get(name).copied()
    }

    /// The name of the thing with this id.
    fn called(&self, id: T) -> Option<&str> {
        // No two names have the same id, so there is nothing for the map's order to decide.
        let mut named = self.ids.iter();
        named.find(|(_, named)| **named == id).map(|(name, _)| name.as_str())
    }

    /// All names that can be said.
    pub(super) fn sayable(&self) -> impl Iterator<Item = &str> {
        self.sayable.iter().map(String::as_str)
    }

    /// The numbered things that `name-*` stands for.
    pub(super) fn many(&self, name: &str) -> Option<Vec<T>> {
        let name = name.strip_suffix("-*")?;
        let members = members_of(name, Some(*self.counted.get(name)?));
        Some(members.iter().filter_map(|member| self.ids.get(member).copied()).collect())
    }
}

impl Names {
    /// Names everything in a world; ids that are not given are drawn, keyed by the name.
    pub(super) fn of(world: &WorldSection, seed: Seed) -> Self {
        let mut names = Self::default();
        names.add(&world.projects, &world.images, seed);
        names.tokens = match &world.tokens {
            Some(tokens) => tokens
                .iter()
                .map(|(name, entry)| (name.to_owned(), entry.project.clone()))
                .collect(),
            None => {
                let own =
                    world.projects.iter().flat_map(|(name, entry)| members_of(name, entry.count));
                own.map(|name| (name.clone(), Some(name))).collect()
            }
        };
        let places =
            names.tokens.iter().enumerate().map(|(place, (name, _))| (name.clone(), place));
        names.tokens_by_name = places.collect();
        names.add_people(world);
        names
    }

    /// Names users and access keys; where a section of them is left out, every project has its own.
    fn add_people(&mut self, world: &WorldSection) {
        let projects = || {
            let names = world.projects.iter();
            names.flat_map(|(name, entry)| members_of(name, entry.count))
        };
        match &world.users {
            Some(users) => self.users.extend(users.iter().map(|(name, _)| name.to_owned())),
            None => self.users.extend(projects()),
        }
        match &world.access_keys {
            Some(keys) => {
                for (name, entry) in keys.iter() {
                    self.add_access_key(name.to_owned(), SigningKey::of(entry));
                }
            }
            None => {
                for (name, secret) in projects().filter_map(|project| default_key(&project)) {
                    let key = SigningKey { secret: Secret::new(&secret), security_token: None };
                    self.add_access_key(name, key);
                }
            }
        }
    }

    fn add_access_key(&mut self, name: String, key: SigningKey) {
        self.access_keys_by_name.insert(name.clone(), self.access_keys.len());
        self.access_keys.push((name, key));
    }

    fn add(&mut self, projects: &Named<ProjectEntry>, images: &Named<ImageEntry>, seed: Seed) {
        for (name, entry) in projects.iter() {
            let given = entry.id.as_deref().and_then(ProjectId::parse);
            let drawn = |name: &str| ProjectId::from_u128(seed.draw(What::ProjectId, &name).bits());
            self.projects.add(name, entry.count, |name| given.unwrap_or_else(|| drawn(name)));
        }
        for (name, entry) in images.iter() {
            let given = entry.id.as_deref().and_then(ImageId::parse);
            let drawn = |name: &str| ImageId::from_u128(seed.draw(What::ImageId, &name).bits());
            self.images.add(name, entry.count, |name| given.unwrap_or_else(|| drawn(name)));
        }
    }

    /// Names what a step adds to the world; the ids are those that the running world draws, too.
    pub(super) fn add_later(&mut self, step: &ChangeWorldStep, seed: Seed) {
        self.add(&step.projects, &step.images, seed);
        for (token, entry) in step.tokens.iter() {
            self.tokens_by_name.insert(token.to_owned(), self.tokens.len());
            self.tokens.push((token.to_owned(), entry.project.clone()));
        }
        self.add_people(&step.additions());
    }

    /// What a step signs with that names this access key.
    pub(super) fn access_key(&self, name: &str) -> Result<&SigningKey, Misfit> {
        let place = self.access_keys_by_name.get(name);
        place.map(|place| &self.access_keys[*place].1).ok_or_else(|| {
            let near = nearest(name, self.access_keys.iter().map(|(name, _)| name.as_str()));
            Misfit::new(format!("no access key is named `{name}`{near}"))
        })
    }

    /// Checks that a user has this name.
    pub(super) fn user(&self, name: &str) -> Result<(), Misfit> {
        if self.users.iter().any(|user| user == name) {
            return Ok(());
        }
        let near = nearest(name, self.users.iter().map(String::as_str));
        Err(Misfit::new(format!("no user is named `{name}`{near}")))
    }

    /// What a step signs with that names this access key, in a scenario that compiled.
    #[must_use]
    pub fn signing_key(&self, name: &str) -> Option<&SigningKey> {
        self.access_key(name).ok()
    }

    /// All access keys, in the order of the file.
    pub fn access_keys(&self) -> impl Iterator<Item = &str> {
        self.access_keys.iter().map(|(name, _)| name.as_str())
    }

    pub(super) fn image(&self, name: &str) -> Result<ImageId, Misfit> {
        self.images.one(name, ImageId::parse(name), "image", IMAGE_FORM)
    }

    pub(super) fn project(&self, name: &str) -> Result<ProjectId, Misfit> {
        self.projects.one(name, ProjectId::parse(name), "project", PROJECT_FORM)
    }

    pub(super) fn images_of(&self, name: &str) -> Result<Vec<ImageId>, Misfit> {
        self.images.many(name).map_or_else(|| Ok(vec![self.image(name)?]), Ok)
    }

    pub(super) fn projects_of(&self, name: &str) -> Result<Vec<ProjectId>, Misfit> {
        self.projects.many(name).map_or_else(|| Ok(vec![self.project(name)?]), Ok)
    }

    pub(super) fn token(&self, name: &str) -> Result<Option<ProjectId>, Misfit> {
        match self.tokens_by_name.get(name).map(|place| &self.tokens[*place]) {
            Some((_, Some(project))) => self.project(project).map(Some),
            Some((_, None)) => Ok(None),
            None => {
                let near = nearest(name, self.tokens.iter().map(|(token, _)| token.as_str()));
                Err(Misfit::new(format!("no token is named `{name}`{near}")))
            }
        }
    }

    /// The image with this name or id, in a scenario that compiled.
    #[must_use]
    pub fn image_id(&self, name: &str) -> Option<ImageId> {
        self.image(name).ok()
    }

    /// The project with this name or id, in a scenario that compiled.
    #[must_use]
    pub fn project_id(&self, name: &str) -> Option<ProjectId> {
        self.project(name).ok()
    }

    /// The images that a list of names stands for, in a scenario that compiled.
    #[must_use]
    pub fn image_ids(&self, names: &[String]) -> Vec<ImageId> {
        names.iter().flat_map(|name| self.images_of(name).unwrap_or_default()).collect()
    }

    /// The projects that a list of names stands for, in a scenario that compiled.
    #[must_use]
    pub fn project_ids(&self, names: &[String]) -> Vec<ProjectId> {
        names.iter().flat_map(|name| self.projects_of(name).unwrap_or_default()).collect()
    }

    /// The projects that a name stands for, each with its own name, in a scenario that compiled.
    #[must_use]
    pub fn projects_named(&self, name: &str) -> Vec<(String, ProjectId)> {
        let Some(counted) = name.strip_suffix("-*").filter(|_| self.projects.many(name).is_some())
        else {
            return self.project_id(name).map(|id| (name.to_owned(), id)).into_iter().collect();
        };
        let count = self.projects.counted.get(counted).copied();
        let each = members_of(counted, count).into_iter();
        each.filter_map(|name| self.project_id(&name).map(|id| (name, id))).collect()
    }

    /// What a project is called; `None` if nobody named it.
    #[must_use]
    pub fn project_called(&self, id: ProjectId) -> Option<&str> {
        self.projects.called(id)
    }

    /// What an image is called; `None` if nobody named it.
    #[must_use]
    pub fn image_called(&self, id: ImageId) -> Option<&str> {
        self.images.called(id)
    }

    /// The project that a token is tied to, in a scenario that compiled.
    #[must_use]
    pub fn project_of_token(&self, token: &str) -> Option<ProjectId> {
        self.token(token).ok().flatten()
    }

    /// Whether the scenario has this token.
    #[must_use]
    pub fn has_token(&self, token: &str) -> bool {
        self.tokens_by_name.contains_key(token)
    }

    /// Whether an image or a project has this name, whichever of them the form of the id is of.
    #[must_use]
    pub fn has(&self, name: &str, id: &str) -> bool {
        match ImageId::parse(id) {
            Some(_) => self.images.named(name).is_some(),
            None => self.projects.named(name).is_some(),
        }
    }

    /// Gives the image or the project with this name, whichever the form of the id is of, the id that it
    /// has elsewhere; a name that nothing has is passed over.
    pub fn give_id(&mut self, name: &str, id: &str) {
        if let (Some(id), Some(own)) = (ImageId::parse(id), self.images.ids.get_mut(name)) {
            *own = id;
        }
        if let (Some(id), Some(own)) = (ProjectId::parse(id), self.projects.ids.get_mut(name)) {
            *own = id;
        }
    }

    /// All tokens with the names of their projects, in the order of the file.
    pub fn tokens(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        self.tokens.iter().map(|(token, project)| (token.as_str(), project.as_deref()))
    }
}
