//! Documents that change a part of a thing, in the way of a JSON merge patch: what is left out stays,
//! what is given replaces, and `null` goes back to what an entry has that does not say it.

use std::sync::Arc;

use serde::Deserialize;
use serde::de::Deserializer;

use super::super::image_details;
use super::super::live_names::LiveNames;
use super::super::named::Named;
use super::super::names::Lookup;
use super::super::problem::{Misfit, Within};
use super::super::span::{Past, Span};
use super::super::world_build;
use super::super::world_section::{ImageEntry, ImageStatus, WholeServerEntry};
use crate::api::image_words::{Architecture, DiskFormat, OsType, VirtualEnvType};
use crate::api::{MemberStatus, ProjectId};
use crate::clock::SimTime;
use crate::domain::caller::Token;
use crate::domain::image::{Details, Facts, ImageChange, Times};
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
    fn change(&mut self) -> Option<Option<T>> {
        match std::mem::take(self) {
            Self::Keep => None,
            Self::Reset => Some(None),
            Self::Set(value) => Some(Some(value)),
        }
    }

    fn or_default(&mut self, present: T) -> T
    where
        T: Default,
    {
        self.change().map_or(present, Option::unwrap_or_default)
    }

    /// Puts the value where it belongs, if it changes.
    fn onto(&mut self, place: &mut Option<T>) {
        if let Some(value) = self.change() {
            *place = value;
        }
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
    pub(super) fn unavailable(mut self, present: bool) -> bool {
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
        mut self,
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
    protected: Patch<bool>,
    #[serde(default)]
    tags: Patch<Vec<String>>,
    #[serde(default)]
    created_at: Patch<Past>,
    #[serde(default)]
    updated_at: Patch<Past>,
    #[serde(default)]
    os_type: Patch<OsType>,
    #[serde(default)]
    os_version: Patch<String>,
    #[serde(default)]
    os_bit: Patch<u8>,
    #[serde(default)]
    platform: Patch<String>,
    #[serde(default)]
    disk_format: Patch<DiskFormat>,
    #[serde(default)]
    container_format: Patch<String>,
    #[serde(default)]
    min_disk: Patch<u32>,
    #[serde(default)]
    min_ram: Patch<u32>,
    #[serde(default)]
    image_size: Patch<u64>,
    #[serde(default)]
    virtual_env_type: Patch<VirtualEnvType>,
    #[serde(default)]
    architecture: Patch<Architecture>,
    #[serde(default)]
    description: Patch<String>,
    #[serde(default)]
    enterprise_project_id: Patch<String>,
    #[serde(default)]
    cmkid: Patch<String>,
    #[serde(default)]
    productcode: Patch<String>,
    #[serde(default)]
    backup_id: Patch<String>,
    #[serde(default)]
    properties: Patch<Named<Option<String>>>,
}

impl ImagePatch {
    pub(super) fn onto(
        mut self,
        image: &Image,
        world: &World,
        now: SimTime,
    ) -> Result<ImageChange, Misfit> {
        let clear_members = matches!(self.members, Patch::Reset);
        let members = self.members(image, world)?;
        let (was, present, times) = (image.facts(), image.details(), image.times());
        let whole_server = self.whole_server.change();
        let facts = Facts {
            status: self.status.or_default(was.status),
            public: self.public.or_default(was.public),
            marketplace: self.marketplace.or_default(was.marketplace),
            encrypted: self.encrypted.or_default(was.encrypted),
            whole_server: whole_server.map_or(was.whole_server, world_build::whole_server),
            protected: self.protected.or_default(was.protected),
        };
        let details = self.details(&present, &facts)?;
        let changes = facts != was || details != *present;
        let details = if details == *present { present } else { Arc::new(details) };
        let times = self.times(times, changes, now)?;
        Ok(ImageChange { facts, times, details, clear_members, members })
    }

    /// Which members are set to what.
    fn members(
        &mut self,
        image: &Image,
        world: &World,
    ) -> Result<Vec<(ProjectId, Option<MemberStatus>)>, Misfit> {
        let mut changes = Vec::new();
        for (name, status) in self.members.change().flatten().unwrap_or_default().iter() {
            let projects = LiveNames::of(world).projects_of(name);
            for project in projects.within(name).within("members")? {
                world_build::no_owner(project, image.owner).within(name).within("members")?;
                changes.push((project, *status));
            }
        }
        Ok(changes)
    }

    /// What is said of the image from now on. What only some images have goes with what made it one.
    fn details(&mut self, present: &Details, facts: &Facts) -> Result<Details, Misfit> {
        let mut entry = ImageEntry::default();
        image_details::describe(&mut entry, present);
        (entry.encrypted, entry.marketplace) = (facts.encrypted, facts.marketplace);
        entry.cmkid = entry.cmkid.filter(|_| facts.encrypted);
        entry.productcode = entry.productcode.filter(|_| facts.marketplace);
        entry.tags = self.tags.or_default(entry.tags);
        self.os_type.onto(&mut entry.os_type);
        self.os_version.onto(&mut entry.os_version);
        self.os_bit.onto(&mut entry.os_bit);
        self.platform.onto(&mut entry.platform);
        self.disk_format.onto(&mut entry.disk_format);
        self.container_format.onto(&mut entry.container_format);
        self.min_disk.onto(&mut entry.min_disk);
        self.min_ram.onto(&mut entry.min_ram);
        self.image_size.onto(&mut entry.image_size);
        self.virtual_env_type.onto(&mut entry.virtual_env_type);
        self.architecture.onto(&mut entry.architecture);
        self.description.onto(&mut entry.description);
        self.enterprise_project_id.onto(&mut entry.enterprise_project_id);
        self.cmkid.onto(&mut entry.cmkid);
        self.productcode.onto(&mut entry.productcode);
        self.backup_id.onto(&mut entry.backup_id);
        match self.properties.change() {
            None => {}
            Some(None) => entry.properties = Named::default(),
            Some(Some(changes)) => merge(&mut entry.properties.0, changes),
        }
        image_details::details(&entry)
    }

    /// When the image was made and last changed from now on, whether or not anything else changes.
    fn times(&mut self, present: Times, changes: bool, now: SimTime) -> Result<Times, Misfit> {
        let created = self.created_at.change().map(|past| past.map_or(now, |it| it.from(now)));
        let updated = self.updated_at.change().map(|past| past.map(|it| it.from(now)));
        let changes = changes || created.is_some();
        let created = created.unwrap_or(present.created);
        let by_itself = if changes { now } else { present.updated };
        let updated = match updated {
            None => by_itself.max(created),
            Some(updated) => updated.unwrap_or(created),
        };
        let times = Times { created, updated };
        image_details::in_order(times).map(|()| times)
    }
}

/// Changes properties one by one; `null` takes one away.
fn merge(properties: &mut Vec<(String, String)>, changes: Named<Option<String>>) {
    for (key, value) in changes.0 {
        let place = properties.iter().position(|(known, _)| *known == key);
        match (place, value) {
            (Some(place), Some(value)) => properties[place].1 = value,
            (Some(place), None) => drop(properties.remove(place)),
            (None, Some(value)) => properties.push((key, value)),
            (None, None) => {}
        }
    }
}
