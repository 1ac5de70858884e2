//! Documents that change a part of a thing, in the way of a JSON merge patch: what is left out stays,
//! what is given replaces, and `null` goes back to what an entry has that does not say it.

use serde::Deserialize;
use serde::de::Deserializer;

use super::super::live_names::LiveNames;
use super::super::named::Named;
use super::super::names::Lookup;
use super::super::problem::{Misfit, Within};
use super::super::span::Span;
use super::super::world_build;
use super::super::world_section::{ImageStatus, WholeServerEntry};
use crate::api::MemberStatus;
use crate::clock::SimTime;
use crate::domain::caller::Token;
use crate::domain::image::{Facts, ImageChange};
use crate::domain::{Image, World};

/// What a patch says of one key.
#[derive(Default)]
enum Patch<T> {
    /// Nothing.
    #[default]
    Keep,
    /// `null`.
    Reset,
    /// A value.
    Set(T),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Patch<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(deserializer)?.map_or(Self::Reset, Self::Set))
    }
}

impl<T> Patch<T> {
    /// The value from now on, if it changes; `None` stands for `null`.
    fn change(self) -> Option<Option<T>> {
        match self {
            Self::Keep => None,
            Self::Reset => Some(None),
            Self::Set(value) => Some(Some(value)),
        }
    }

    fn or_default(self, present: T) -> T
    where
        T: Default,
    {
        self.change().map_or(present, Option::unwrap_or_default)
    }
}

/// What can change about a project.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ProjectPatch {
    #[serde(default)]
    unavailable: Patch<bool>,
}

impl ProjectPatch {
    pub(super) fn unavailable(self, present: bool) -> bool {
        self.unavailable.or_default(present)
    }
}

/// What can change about a token.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TokenPatch {
    #[serde(default)]
    project: Patch<String>,
    #[serde(default)]
    actions: Patch<Vec<String>>,
    #[serde(default)]
    expires_in: Patch<Span>,
}

impl TokenPatch {
    pub(super) fn onto(
        self,
        present: &Token,
        world: &World,
        now: SimTime,
    ) -> Result<Token, Misfit> {
        let project = match self.project.change() {
            None => present.project,
            Some(None) => None,
            Some(Some(name)) => Some(LiveNames::of(world).project(&name).within("project")?),
        };
        let actions = match self.actions.change() {
            None => present.actions.clone(),
            Some(named) => world_build::actions(named.as_deref()).within("actions")?,
        };
        let expires = match self.expires_in.change() {
            None => present.expires,
            Some(span) => span.map(|span| now + span.0),
        };
        Ok(Token { project, actions, expires })
    }
}

/// What can change about an image.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ImagePatch {
    #[serde(default)]
    members: Patch<Named<Option<MemberStatus>>>,
    #[serde(default)]
    status: Patch<ImageStatus>,
    #[serde(default)]
    public: Patch<bool>,
    #[serde(default)]
    marketplace: Patch<bool>,
    #[serde(default)]
    encrypted: Patch<bool>,
    #[serde(default)]
    whole_server: Patch<WholeServerEntry>,
    #[serde(default)]
    tags: Patch<Vec<String>>,
}

impl ImagePatch {
    pub(super) fn onto(self, image: &Image, world: &World) -> Result<ImageChange, Misfit> {
        let present = image.facts();
        let whole_server = self.whole_server.change();
        let facts = Facts {
            status: self.status.or_default(present.status.into()).into(),
            public: self.public.or_default(present.public),
            marketplace: self.marketplace.or_default(present.marketplace),
            encrypted: self.encrypted.or_default(present.encrypted),
            whole_server: whole_server.map_or(present.whole_server, world_build::whole_server),
        };
        let tags = match self.tags.change() {
            None => image.tags(),
            Some(tags) => world_build::tags(&tags.unwrap_or_default()).within("tags")?,
        };
        let members = self.members.change();
        let clear_members = matches!(members, Some(None));
        let mut changes = Vec::new();
        for (name, status) in members.flatten().unwrap_or_default().iter() {
            let projects = LiveNames::of(world).projects_of(name);
            for project in projects.within(name).within("members")? {
                world_build::no_owner(project, image.owner).within(name).within("members")?;
                changes.push((project, *status));
            }
        }
        Ok(ImageChange { facts, tags, clear_members, members: changes })
    }
}
