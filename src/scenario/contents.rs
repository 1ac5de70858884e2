//! What is in a world, for programs that use it: all that they must know to make calls.

use serde::Serialize;

use super::named::Named;
use crate::api::{ImageId, ProjectId};
use crate::domain::World;
use crate::domain::world::NamedKey;

/// How many things of each kind are told: more than a person writes into a file. A generated world can have a
/// million, and the admin API has them page by page.
const MOST_TOLD: usize = 1_000;

/// What is in a world.
#[derive(Debug, Serialize)]
pub struct Contents {
    /// Values of tokens, each with the name of its project, if it is tied to one.
    tokens: Named<Option<String>>,
    /// Names of users, each with his password.
    users: Named<String>,
    /// Access keys.
    access_keys: Named<Key>,
    /// Names and ids.
    projects: Named<ProjectId>,
    /// Names and ids.
    images: Named<ImageId>,
    /// How many there are of each, of which the first thousand are told.
    total: Totals,
}

/// What signs requests.
#[derive(Debug, Serialize)]
struct Key {
    secret: String,
    /// Of a temporary key.
    #[serde(skip_serializing_if = "Option::is_none")]
    security_token: Option<String>,
    /// The name of the project for which it acts unless a request names another.
    project: Option<String>,
}

#[derive(Debug, Serialize)]
struct Totals {
    tokens: usize,
    users: usize,
    access_keys: usize,
    projects: usize,
    images: usize,
}

impl Contents {
    /// What is in a world at this moment.
    #[must_use]
    pub fn of(world: &World) -> Self {
        let size = world.size();
        let name = |id| world.project_name(id);
        let tokens = world.tokens_after(None, MOST_TOLD).unwrap_or_default().into_iter();
        let tokens = tokens.map(|(value, token)| (value.to_string(), token.project.map(name)));
        let users = world.users_after(None, MOST_TOLD).unwrap_or_default().into_iter();
        let users = users.map(|it| (it.name.to_string(), it.password.reveal().to_owned()));
        let keys = world.access_keys_after(None, MOST_TOLD).unwrap_or_default().into_iter();
        let key = |(access, key): NamedKey| {
            let security_token = key.security_token.as_ref().map(|it| it.reveal().to_owned());
            let (secret, project) = (key.secret.reveal().to_owned(), key.token.project.map(name));
            (access.to_string(), Key { secret, security_token, project })
        };
        let projects = world.projects_after(None, MOST_TOLD).unwrap_or_default().into_iter();
        let images = world.images_after(None, MOST_TOLD).unwrap_or_default().into_iter();
        Self {
            tokens: Named(tokens.collect()),
            users: Named(users.collect()),
            access_keys: Named(keys.map(key).collect()),
            projects: Named(projects.map(|it| (it.name.to_string(), it.id)).collect()),
            images: Named(images.map(|it| (it.name.to_string(), it.id)).collect()),
            total: Totals {
                tokens: size.tokens,
                users: size.users,
                access_keys: size.access_keys,
                projects: size.projects,
                images: size.images,
            },
        }
    }
}
