//! From the entries of a world to the world: what a file describes, and what is added while it runs.

mod people;

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::entry_check::MOST_MEMBERSHIPS;
use super::image_details::{details, times};
use super::names::{Lookup, Names, members_of};
use super::problem::{Misfit, Within, nearest};
use super::world_section::{ImageEntry, TokenEntry, WholeServerEntry, WorldSection};
use crate::api::operation::ACTIONS;
use crate::api::{MemberStatus, ProjectId};
use crate::clock::SimTime;
use crate::domain::caller::Token;
use crate::domain::image::{Details, Facts, Members};
use crate::domain::world::Project;
use crate::domain::{Image, WholeServer, World};
use crate::seed::Seed;
pub(super) use people::default_key;

/// Makes a world of entries whose own names are `names`, and which may also name what `lookup` knows.
pub(super) fn world(
    section: &WorldSection,
    names: &Names,
    lookup: &impl Lookup,
    seed: Seed,
    start: SimTime,
) -> Result<World, Misfit> {
    let mut world = World::new(section.settings.compile().within("settings")?);
    world.region = people::region(section, seed)?;
    projects(section, names, &mut world).within("projects")?;
    tokens(section, names, lookup, start, &mut world).within("tokens")?;
    images(section, names, lookup, start, &mut world).within("images")?;
    people::users(section, lookup, seed, &mut world).within("users")?;
    people::access_keys(section, lookup, start, &mut world).within("access_keys")?;
    Ok(world)
}

fn projects(section: &WorldSection, names: &Names, world: &mut World) -> Result<(), Misfit> {
    for (name, entry) in section.projects.iter() {
        for member in members_of(name, entry.count) {
            let id = names.project(&member)?;
            let unavailable = entry.unavailable;
            let project = Project { id, name: member.into(), unavailable };
            if !world.add_project(project) {
                return Err(taken("project", &id, &world.project_name(id))).within(name);
            }
        }
    }
    Ok(())
}

pub(super) fn taken(kind: &str, id: &impl std::fmt::Display, by: &str) -> Misfit {
    Misfit::new(format!("the {kind} `{by}` already has the id or name of this one ({id})"))
}

fn tokens(
    section: &WorldSection,
    names: &Names,
    lookup: &impl Lookup,
    start: SimTime,
    world: &mut World,
) -> Result<(), Misfit> {
    let Some(entries) = &section.tokens else {
        for (token, project) in names.tokens() {
            sendable(token).within(token)?;
            let project = project.map(|name| names.project(name)).transpose()?;
            world.add_token(token, Token { project, actions: ACTIONS.to_vec(), expires: None });
        }
        return Ok(());
    };
    for (name, entry) in entries.iter() {
        sendable(name).within(name)?;
        let token = token(entry, lookup, start).within(name)?;
        world.add_token(name, token);
    }
    Ok(())
}

/// What an entry says of a token whose time runs from `start` on.
pub(super) fn token(
    entry: &TokenEntry,
    lookup: &impl Lookup,
    start: SimTime,
) -> Result<Token, Misfit> {
    let project = entry.project.as_deref().map(|name| lookup.project(name).within("project"));
    let actions = actions(entry.actions.as_deref()).within("actions")?;
    let expires = entry.expires_in.map(|span| start + span.0);
    Ok(Token { project: project.transpose()?, actions, expires })
}

/// The actions with these names; all if none are named.
pub(super) fn actions(named: Option<&[String]>) -> Result<Vec<&'static str>, Misfit> {
    let Some(named) = named else { return Ok(ACTIONS.to_vec()) };
    named.iter().enumerate().map(|(i, action)| known_action(action).within(i)).collect()
}

fn sendable(token: &str) -> Result<(), Misfit> {
    if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Misfit::new("a token is sent in a header: printable ASCII without blanks"));
    }
    Ok(())
}

fn known_action(action: &str) -> Result<&'static str, Misfit> {
    ACTIONS.iter().copied().find(|known| *known == action).ok_or_else(|| {
        let near = nearest(action, ACTIONS.iter().copied());
        Misfit::new(format!(
            "`{action}` is no action of the service ({}){near}",
            ACTIONS.join(", ")
        ))
    })
}

fn images(
    section: &WorldSection,
    names: &Names,
    lookup: &impl Lookup,
    start: SimTime,
    world: &mut World,
) -> Result<(), Misfit> {
    let mut memberships = 0_usize;
    // Most images have nothing to say of themselves, and share that; many have the same members.
    let (mut last, mut last_members) = (Arc::default(), (Vec::new(), Members::default()));
    for (name, entry) in section.images.iter() {
        let owner = lookup.project(&entry.owner).within("owner").within(name)?;
        let members = members(entry, owner, lookup).within("members").within(name)?;
        let details = shared(&mut last, details(entry).within(name)?);
        let times = times(entry, start).within(name)?;
        memberships += members.len().saturating_mul(entry.count.unwrap_or(1) as usize);
        if memberships > MOST_MEMBERSHIPS {
            return Err(too_many_memberships(memberships)).within("members").within(name);
        }
        if last_members.0 != members {
            last_members = (members.clone(), Members::shared(&members, start));
        }
        for (member, times) in members_of(name, entry.count).into_iter().zip(times) {
            let id = names.image(&member)?;
            let image = Image::new(id, &member, owner, facts(entry), &[], start);
            let image = image.with_details(Arc::clone(&details)).with_times(times);
            let image = image.with_members(last_members.1.clone());
            if !world.add_image(image) {
                return Err(taken("image", &id, &world.image_name(id))).within(name);
            }
        }
    }
    Ok(())
}

/// The details, as those of the last entry if they are the same.
fn shared(last: &mut Arc<Details>, details: Details) -> Arc<Details> {
    if **last != details {
        *last = Arc::new(details);
    }
    Arc::clone(last)
}

pub(super) fn too_many_memberships(memberships: usize) -> Misfit {
    Misfit::new(format!("{memberships} memberships; a world has at most {MOST_MEMBERSHIPS}"))
}

fn members(
    entry: &ImageEntry,
    owner: ProjectId,
    lookup: &impl Lookup,
) -> Result<Vec<(ProjectId, MemberStatus)>, Misfit> {
    let mut members: Vec<(ProjectId, MemberStatus)> = Vec::new();
    let mut seen = FxHashSet::default();
    for (name, status) in entry.members.iter() {
        for project in lookup.projects_of(name).within(name)? {
            no_owner(project, owner).within(name)?;
            if !seen.insert(project) {
                return Err(Misfit::new("this project is already a member")).within(name);
            }
            members.push((project, *status));
        }
    }
    Ok(members)
}

pub(super) fn no_owner(project: ProjectId, owner: ProjectId) -> Result<(), Misfit> {
    if project == owner {
        return Err(Misfit::new("the owner cannot be a member"));
    }
    Ok(())
}

fn facts(entry: &ImageEntry) -> Facts {
    Facts {
        status: entry.status,
        public: entry.public,
        marketplace: entry.marketplace,
        encrypted: entry.encrypted,
        whole_server: whole_server(entry.whole_server),
        protected: entry.protected,
    }
}

/// What an entry says of a whole-server image.
pub(super) fn whole_server(entry: Option<WholeServerEntry>) -> WholeServer {
    match entry {
        None => WholeServer::No,
        Some(WholeServerEntry::Cbr) => WholeServer::Cbr,
        Some(WholeServerEntry::Other) => WholeServer::Other,
    }
}
