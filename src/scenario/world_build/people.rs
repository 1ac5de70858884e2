//! From the entries of users and access keys to those of the world.

use std::sync::Arc;

use super::{actions, taken};
use crate::api::operation::ACTIONS;
use crate::api::{AccountId, ProjectId, UserId};
use crate::clock::SimTime;
use crate::domain::World;
use crate::domain::caller::Token;
use crate::domain::identity::{AccessKey, Account, Region, Secret, User};
use crate::scenario::names::{Lookup, members_of};
use crate::scenario::problem::{MOST_COMPARED, Misfit, Within, nearest};
use crate::scenario::world_section::{AccessKeyEntry, DomainEntry, UserEntry, WorldSection};
use crate::seed::{Seed, What};

/// What a project's access key is called where nobody defines one, before the project's name; and what its
/// secret is.
const DEFAULT_KEY: (&str, &str) = ("ak-", "sk-");

/// Where the world is, and whose.
pub(super) fn region(section: &WorldSection, seed: Seed) -> Result<Region, Misfit> {
    let name = section.region.as_deref().unwrap_or(Region::NAME);
    said(name).within("region")?;
    let account = match &section.domain {
        Some(entry) => account(entry, seed).within("domain")?,
        None => {
            let id = drawn_account(Region::ACCOUNT, seed);
            Account { id, name: Region::ACCOUNT.into() }
        }
    };
    Ok(Region { name: name.into(), account })
}

fn drawn_account(name: &str, seed: Seed) -> AccountId {
    AccountId::from_u128(seed.draw(What::AccountId, &name).bits())
}

fn account(entry: &DomainEntry, seed: Seed) -> Result<Account, Misfit> {
    said(&entry.name).within("name")?;
    let given = entry.id.as_deref().map(|id| AccountId::parse(id).ok_or_else(|| no_id(id)));
    let given = given.transpose().within("id")?;
    let id = given.unwrap_or_else(|| drawn_account(&entry.name, seed));
    Ok(Account { id, name: entry.name.as_str().into() })
}

fn no_id(id: &str) -> Misfit {
    Misfit::new(format!("`{id}` is not 32 hex digits"))
}

/// Checks something that must say anything at all.
fn said(text: &str) -> Result<(), Misfit> {
    if text.is_empty() || text.chars().any(char::is_control) {
        return Err(Misfit::new("a name is not empty and has no control characters"));
    }
    Ok(())
}

/// Adds the users of a section; without one, every project has its own.
pub(super) fn users(
    section: &WorldSection,
    lookup: &impl Lookup,
    seed: Seed,
    world: &mut World,
) -> Result<(), Misfit> {
    let Some(entries) = &section.users else {
        for (project, id) in projects(section, lookup) {
            let user = User {
                id: drawn_user(&project, seed),
                name: project.as_str().into(),
                password: Secret::new(&project),
                account: world.region.account.clone(),
                projects: Some([id].into()),
                actions: ACTIONS.to_vec(),
            };
            world.add_user(user);
        }
        return Ok(());
    };
    for (name, entry) in entries.iter() {
        said(name).within(name)?;
        let user = user(name, entry, lookup, seed, world).within(name)?;
        let id = user.id;
        if !world.add_user(user) {
            let by = world.user_with(id).map(|user| user.name.to_string()).unwrap_or_default();
            return Err(taken("user", &id, &by)).within(name);
        }
    }
    Ok(())
}

fn drawn_user(name: &str, seed: Seed) -> UserId {
    UserId::from_u128(seed.draw(What::UserId, &name).bits())
}

fn user(
    name: &str,
    entry: &UserEntry,
    lookup: &impl Lookup,
    seed: Seed,
    world: &World,
) -> Result<User, Misfit> {
    let given = entry.id.as_deref().map(|id| UserId::parse(id).ok_or_else(|| no_id(id)));
    let id = given.transpose().within("id")?.unwrap_or_else(|| drawn_user(name, seed));
    let own = entry.domain.as_ref().map(|entry| account(entry, seed));
    let account = own.transpose().within("domain")?;
    let projects = entry.projects.as_ref().map(|list| {
        let each = list.iter().enumerate();
        let each = each.map(|(place, name)| lookup.projects_of(name).within(place));
        each.collect::<Result<Vec<_>, Misfit>>().map(|lists| lists.concat().into())
    });
    Ok(User {
        id,
        name: name.into(),
        password: Secret::new(&entry.password),
        account: account.unwrap_or_else(|| world.region.account.clone()),
        projects: projects.transpose().within("projects")?,
        actions: actions(entry.actions.as_deref()).within("actions")?,
    })
}

/// The projects of a section with their ids, in its order.
fn projects(section: &WorldSection, lookup: &impl Lookup) -> Vec<(String, ProjectId)> {
    let names = section.projects.iter();
    let names = names.flat_map(|(name, entry)| members_of(name, entry.count));
    names.filter_map(|name| lookup.project(&name).ok().map(|id| (name, id))).collect()
}

/// The access key and the secret that a project has where nobody defines any; `None` if its name cannot
/// stand in a header.
pub(in crate::scenario) fn default_key(project: &str) -> Option<(String, String)> {
    let (key, secret) = DEFAULT_KEY;
    is_sayable(project).then(|| (format!("{key}{project}"), format!("{secret}{project}")))
}

/// Whether something can stand for an access key in `Authorization`.
fn is_sayable(key: &str) -> bool {
    !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_graphic() && byte != b',')
}

/// Adds the access keys of a section; without one, every project has its own.
pub(super) fn access_keys(
    section: &WorldSection,
    lookup: &impl Lookup,
    start: SimTime,
    world: &mut World,
) -> Result<(), Misfit> {
    let Some(entries) = &section.access_keys else {
        for (project, id) in projects(section, lookup) {
            let Some((key, secret)) = default_key(&project) else { continue };
            let token = Token { project: Some(id), actions: ACTIONS.to_vec(), expires: None };
            let own = AccessKey {
                secret: Secret::new(&secret),
                security_token: None,
                user: None,
                token: Arc::new(token),
            };
            world.add_access_key(&key, own);
        }
        return Ok(());
    };
    for (name, entry) in entries.iter() {
        if !is_sayable(name) {
            let message =
                "an access key is sent in a header: printable ASCII without blanks and commas";
            return Err(Misfit::new(message)).within(name);
        }
        let key = access_key(entry, lookup, start, world).within(name)?;
        world.add_access_key(name, key);
    }
    Ok(())
}

fn access_key(
    entry: &AccessKeyEntry,
    lookup: &impl Lookup,
    start: SimTime,
    world: &World,
) -> Result<AccessKey, Misfit> {
    let project = lookup.project(&entry.project).within("project")?;
    let user = entry.user.as_deref().map(|name| {
        let user = world.user(name).or_else(|| lookup.user(name));
        user.ok_or_else(|| no_user(name, world))
    });
    let user = user.transpose().within("user")?;
    if let Some(user) = user.as_ref().filter(|user| !user.has(project)) {
        let message = format!("the user `{}` cannot act for this project", user.name);
        return Err(Misfit::new(message)).within("project");
    }
    let own = match (&entry.actions, &user) {
        (None, Some(user)) => user.actions.clone(),
        (named, _) => actions(named.as_deref()).within("actions")?,
    };
    let expires = entry.expires_in.map(|span| start + span.0);
    secret(&entry.secret).within("secret")?;
    let security_token = entry.security_token.as_deref();
    security_token.map_or(Ok(()), secret).within("security_token")?;
    Ok(AccessKey {
        secret: Secret::new(&entry.secret),
        security_token: security_token.map(Secret::new),
        user: user.map(|user| Arc::clone(&user.name)),
        token: Arc::new(Token { project: Some(project), actions: own, expires }),
    })
}

/// A secret is typed into configurations, and a security token is sent in a header.
fn secret(text: &str) -> Result<(), Misfit> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Misfit::new("a secret is not empty and has printable ASCII without blanks"));
    }
    Ok(())
}

fn no_user(name: &str, world: &World) -> Misfit {
    let users = world.users_after(None, MOST_COMPARED).unwrap_or_default();
    let near = nearest(name, users.iter().map(|user| &*user.name));
    Misfit::new(format!("no user is named `{name}`{near}"))
}

impl From<&Account> for DomainEntry {
    fn from(account: &Account) -> Self {
        Self { name: account.name.to_string(), id: Some(account.id.to_string()) }
    }
}
