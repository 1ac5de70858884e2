//! Users, access keys and the tokens that were given out, as the world knows them.

use std::sync::Arc;

use super::{NamedKey, Project, World};
use crate::api::operation::ACTIONS;
use crate::api::{Code, ProjectId, UserId};
use crate::domain::caller::{Credentials, Token};
use crate::domain::identity::{AccessKey, Issued, User};

impl World {
    /// Adds a user; `false`, and nobody added, if his id or name is taken.
    pub fn add_user(&mut self, user: User) -> bool {
        self.things.get_mut().add_user(Arc::new(user))
    }

    /// Adds an access key; `false`, and nothing added, if there is one of this name.
    pub fn add_access_key(&mut self, name: &str, key: AccessKey) -> bool {
        self.things.get_mut().add_access_key(name.into(), Arc::new(key))
    }

    /// The user with this name.
    #[must_use]
    pub fn user(&self, name: &str) -> Option<Arc<User>> {
        self.things.read().users.get(name).cloned()
    }

    /// The user with this id.
    #[must_use]
    pub fn user_with(&self, id: UserId) -> Option<Arc<User>> {
        let things = self.things.read();
        things.users.get(things.user_ids.get(&id)?).cloned()
    }

    /// The access key with this name.
    #[must_use]
    pub fn access_key(&self, name: &str) -> Option<Arc<AccessKey>> {
        self.things.read().access_keys.get(name).map(|(_, key)| Arc::clone(key))
    }

    /// At most `limit` users behind the one named `after`, or from the first on, in the order in which they
    /// were defined; `None` if there is no such user.
    #[must_use]
    pub fn users_after(&self, after: Option<&str>, limit: usize) -> Option<Vec<Arc<User>>> {
        self.things.read().users.page(after, limit)
    }

    /// The same of access keys.
    #[must_use]
    pub fn access_keys_after(&self, after: Option<&str>, limit: usize) -> Option<Vec<NamedKey>> {
        self.things.read().access_keys.page(after, limit)
    }

    /// Gives out a token; `false`, and nothing given, if its user is gone meanwhile.
    pub fn issue(&self, value: &str, issued: Issued) -> bool {
        let mut things = self.things.write();
        let user = things.users.get(&*issued.user.name);
        let is_there = user.is_some_and(|user| Arc::ptr_eq(user, &issued.user));
        if is_there {
            things.issued.add(value.into(), issued);
        }
        is_there
    }

    /// The token with this value that was given out.
    #[must_use]
    pub fn issued(&self, value: &str) -> Option<Issued> {
        self.things.read().issued.get(value).cloned()
    }

    /// Whose token this is. One of the world's own is that of the first user who can act for its project.
    #[must_use]
    pub fn user_of_token(&self, value: &str) -> Option<Arc<User>> {
        let things = self.things.read();
        if let Some(issued) = things.issued.get(value) {
            return Some(Arc::clone(&issued.user));
        }
        let (_, token) = things.tokens.get(value)?;
        let mut users = things.users.iter();
        users.find(|user| token.project.is_none_or(|project| user.has(project))).cloned()
    }

    /// The projects for which whoever brings these credentials can act, his own first.
    #[must_use]
    pub fn projects_of(&self, credentials: &Credentials, token: &Token) -> Vec<Project> {
        let things = self.things.read();
        let known = |id: &ProjectId| things.projects.get(id).cloned();
        let of = |user: &User| match &user.projects {
            Some(projects) => projects.iter().filter_map(known).collect(),
            None => things.projects.iter().cloned().collect(),
        };
        let user = match credentials {
            Credentials::Token(value) => things.issued.get(value).map(|it| Arc::clone(&it.user)),
            Credentials::Signed(signed) => {
                let key = things.access_keys.get(&*signed.key);
                key.and_then(|(_, key)| things.users.get(key.user.as_deref()?).cloned())
            }
            _ => None,
        };
        let mut projects: Vec<Project> = user.map(|user| of(&user)).unwrap_or_default();
        if let Some(own) = token.project {
            projects.retain(|project| project.id != own);
            projects.splice(0..0, known(&own));
        }
        projects
    }

    /// A user's own project: the first for which he can act.
    #[must_use]
    pub fn own_project(&self, user: &User) -> Option<ProjectId> {
        let things = self.things.read();
        match &user.projects {
            Some(projects) => projects.iter().copied().find(|id| things.projects.get(id).is_some()),
            None => things.projects.iter().next().map(|project| project.id),
        }
    }

    /// Who signs with this access key for this project, and whether the project is unavailable.
    ///
    /// # Errors
    /// If there is no such key any more, or the project is none for which it can act.
    pub fn signer(&self, key: &str, project: Option<&str>) -> Result<(Arc<Token>, bool), Code> {
        let things = self.things.read();
        let (_, key) = things.access_keys.get(key).ok_or(Code::AccessKeyUnknown)?;
        let foreign = Code::ProjectUnavailable;
        let token = match project.map(ProjectId::parse) {
            None => Arc::clone(&key.token),
            Some(asked) if asked.is_some() && asked == key.token.project => Arc::clone(&key.token),
            Some(asked) => {
                let user = key.user.as_deref().and_then(|user| things.users.get(user));
                let his = |id: &ProjectId| user.is_some_and(|user| user.has(*id));
                let project = asked.filter(his).ok_or(foreign)?;
                Arc::new(Token { project: Some(project), ..Token::clone(&key.token) })
            }
        };
        let project = token.project.and_then(|id| things.projects.get(&id)).ok_or(foreign)?;
        Ok((token, project.unavailable))
    }

    /// Whoever calls where nobody asks who he is: he may do everything, for the project that the request
    /// points at, else for the first one.
    #[must_use]
    pub fn anybody(&self, project: Option<ProjectId>) -> (Arc<Token>, bool) {
        let things = self.things.read();
        let pointed = project.and_then(|id| things.projects.get(&id));
        let project = pointed.or_else(|| things.projects.iter().next());
        let unavailable = project.is_some_and(|project| project.unavailable);
        let (project, actions) = (project.map(|project| project.id), ACTIONS.to_vec());
        (Arc::new(Token { project, actions, expires: None }), unavailable)
    }
}
