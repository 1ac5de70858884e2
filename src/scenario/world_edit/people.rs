//! Users and access keys of a world that runs: looked at, added, deleted.

use std::sync::Arc;

use super::super::named::Named;
use super::super::problem::{MOST_COMPARED, Misfit, nearest};
use super::super::span::Span;
use super::super::world_section::{AccessKeyEntry, UserEntry};
use super::error::{EditError, read};
use super::view::{Listing, Page, WorldView, gone};
use super::{Additions, WorldEdit};
use crate::domain::World;
use crate::domain::identity::User;
use crate::domain::world::NamedKey;

impl WorldEdit<'_> {
    /// Adds a user.
    ///
    /// # Errors
    /// If the document makes no sense, or the name or the id is taken.
    pub fn add_user(&self, name: &str, document: &[u8]) -> Result<Listing<UserEntry>, EditError> {
        let users = Named(vec![(name.to_owned(), read(document)?)]);
        Ok(self.add_all(Additions { users, ..Additions::default() }, 2)?.users)
    }

    /// Deletes a user with the tokens that were given to him. Access keys of his go on for the project that
    /// they name.
    ///
    /// # Errors
    /// If there is no such user.
    pub fn delete_user(&self, name: &str) -> Result<(), EditError> {
        let admin = self.world.administer();
        find_user(self.world, name)?;
        admin.delete_user(name);
        Ok(())
    }

    /// Adds an access key.
    ///
    /// # Errors
    /// If the document makes no sense, or the name is taken.
    pub fn add_access_key(
        &self,
        name: &str,
        document: &[u8],
    ) -> Result<Listing<AccessKeyEntry>, EditError> {
        let access_keys = Named(vec![(name.to_owned(), read(document)?)]);
        Ok(self.add_all(Additions { access_keys, ..Additions::default() }, 2)?.access_keys)
    }

    /// Deletes an access key.
    ///
    /// # Errors
    /// If there is no such key.
    pub fn delete_access_key(&self, name: &str) -> Result<(), EditError> {
        let admin = self.world.administer();
        find_access_key(self.world, name)?;
        admin.delete_access_key(name);
        Ok(())
    }
}

impl WorldView<'_> {
    /// The user with this name.
    ///
    /// # Errors
    /// If there is none.
    pub fn user(&self, name: &str) -> Result<Listing<UserEntry>, EditError> {
        let user = find_user(self.world, name)?;
        Ok(Listing::of(vec![user], 1, 1, |user| self.user_entry(user)))
    }

    /// A page of the users, in the order in which they were defined.
    ///
    /// # Errors
    /// If the page is to start behind a user who does not exist.
    pub fn users(&self, page: &Page) -> Result<Listing<UserEntry>, EditError> {
        let after = page.after.as_deref().map(|name| find_user(self.world, name));
        let after = after.transpose().map_err(|error| gone(&error))?.map(|user| user.name.clone());
        let found = self.world.users_after(after.as_deref(), page.limit + 1).unwrap_or_default();
        Ok(Listing::of(found, page.limit, self.world.size().users, |user| self.user_entry(user)))
    }

    /// The access key with this name.
    ///
    /// # Errors
    /// If there is none.
    pub fn access_key(&self, name: &str) -> Result<Listing<AccessKeyEntry>, EditError> {
        let key = find_access_key(self.world, name)?;
        Ok(Listing::of(vec![key], 1, 1, |key| self.access_key_entry(key)))
    }

    /// A page of the access keys, in the order in which they were defined.
    ///
    /// # Errors
    /// If the page is to start behind a key that does not exist.
    pub fn access_keys(&self, page: &Page) -> Result<Listing<AccessKeyEntry>, EditError> {
        let after = page.after.as_deref().map(|name| find_access_key(self.world, name));
        let after = after.transpose().map_err(|error| gone(&error))?.map(|(name, _)| name);
        let found = self.world.access_keys_after(after.as_deref(), page.limit + 1);
        let total = self.world.size().access_keys;
        let found = found.unwrap_or_default();
        Ok(Listing::of(found, page.limit, total, |key| self.access_key_entry(key)))
    }

    pub(super) fn user_entry(&self, user: &Arc<User>) -> (String, UserEntry) {
        let projects = user.projects.as_ref();
        let names = projects.map(|list| list.iter().map(|id| self.name_of(*id)).collect());
        let account = Some(&user.account).filter(|own| **own != self.world.region.account);
        let entry = UserEntry {
            id: Some(user.id.to_string()),
            password: user.password.reveal().to_owned(),
            domain: account.map(Into::into),
            projects: names,
            actions: Some(user.actions.iter().map(|action| (*action).to_owned()).collect()),
        };
        (user.name.to_string(), entry)
    }

    pub(super) fn access_key_entry(&self, (name, key): &NamedKey) -> (String, AccessKeyEntry) {
        let token = &key.token;
        let entry = AccessKeyEntry {
            secret: key.secret.reveal().to_owned(),
            project: token.project.map(|id| self.name_of(id)).unwrap_or_default(),
            user: key.user.as_ref().map(|user| user.to_string()),
            actions: Some(token.actions.iter().map(|action| (*action).to_owned()).collect()),
            security_token: key.security_token.as_ref().map(|token| token.reveal().to_owned()),
            expires_in: token.expires.map(|expires| Span(expires - self.now)),
        };
        (name.to_string(), entry)
    }
}

fn find_user(world: &World, name: &str) -> Result<Arc<User>, EditError> {
    world.user(name).ok_or_else(|| {
        let users = world.users_after(None, MOST_COMPARED).unwrap_or_default();
        let near = nearest(name, users.iter().map(|user| &*user.name));
        EditError::not_found(&Misfit::new(format!("no user is named `{name}`{near}")))
    })
}

fn find_access_key(world: &World, name: &str) -> Result<NamedKey, EditError> {
    world.access_key(name).map(|key| (name.into(), key)).ok_or_else(|| {
        let keys = world.access_keys_after(None, MOST_COMPARED).unwrap_or_default();
        let near = nearest(name, keys.iter().map(|(name, _)| &**name));
        EditError::not_found(&Misfit::new(format!("no access key is named `{name}`{near}")))
    })
}
