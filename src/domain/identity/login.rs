//! Who gets a token. Contract, "Token".

use std::sync::Arc;

use super::{Gate, Issued, TOKEN_LIFE, User};
use crate::api::{AccountId, ProjectId, UserId};
use crate::clock::SimTime;
use crate::domain::World;
use crate::domain::caller::Token;

/// Something that a request names by its id or by its name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Named {
    /// Its id.
    pub id: Option<String>,
    /// Its name.
    pub name: Option<String>,
}

/// How somebody shows who he is.
#[derive(Clone, PartialEq, Eq)]
pub enum Credential {
    /// By a password.
    Password {
        /// Who he says that he is.
        user: Named,
        /// The account that he says he is of.
        account: Option<Named>,
        /// What he takes for the password.
        password: String,
    },
    /// By a token that he has already.
    Token(String),
}

impl Credential {
    const fn method(&self) -> &'static str {
        match self {
            Self::Password { .. } => "password",
            Self::Token(_) => "token",
        }
    }
}

/// What a token is to be good for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// For nothing but another token.
    None,
    /// For an account as a whole, which is nothing that the image service takes.
    Account(Named),
    /// For a project.
    Project(Named),
}

/// A request for a token.
#[derive(Clone, PartialEq, Eq)]
pub struct Login {
    /// How he shows who he is; all of these must hold, for the same user.
    pub credentials: Vec<Credential>,
    /// What for.
    pub scope: Scope,
}

/// Why nobody gets a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoginError {
    /// No such user, or another password: which of them is not told.
    WrongPassword,
    /// The token with which he asks counts no more, or never did.
    WrongToken,
    /// There is no such project; with what it was called.
    NoProject(String),
    /// The user cannot act for this project, or is not of this account.
    NotHis,
}

/// Checks who asks, and makes what his token is good for. Where nobody asks who calls, everybody gets one.
///
/// # Errors
/// The first thing that is wrong, in the order of [`LoginError`].
pub fn log_in(world: &World, login: &Login, now: SimTime) -> Result<Issued, LoginError> {
    if world.settings.auth == Gate::Off {
        return let_in(world, login, now);
    }
    let mut user: Option<Arc<User>> = None;
    let mut expires = now + TOKEN_LIFE;
    let mut with: Vec<Arc<Token>> = Vec::new();
    for credential in &login.credentials {
        let (found, token) = check(world, credential, now)?;
        if user.as_ref().is_some_and(|user| user.id != found.id) {
            return Err(LoginError::WrongToken);
        }
        with.extend(token);
        user = Some(found);
    }
    let user = user.ok_or(LoginError::WrongPassword)?;
    let project = match &login.scope {
        Scope::None => None,
        Scope::Account(named) if is_account(&user, named) => None,
        Scope::Account(_) => return Err(LoginError::NotHis),
        Scope::Project(named) => Some(project_of(world, &user, named)?),
    };
    let mut actions = user.actions.clone();
    // A token gives no more than it is good for itself, and for no longer.
    for token in with {
        actions.retain(|action| token.actions.contains(action));
        expires = token.expires.map_or(expires, |end| end.min(expires));
    }
    let token = Token { project, actions, expires: Some(expires) };
    Ok(issued(login, user, token, now))
}

/// Gives a token to whoever asks: for the user that he names or the first one, and for the project that he
/// names or the first one.
fn let_in(world: &World, login: &Login, now: SimTime) -> Result<Issued, LoginError> {
    let named = login.credentials.iter().find_map(|credential| match credential {
        Credential::Password { user, .. } => user_of(world, user),
        Credential::Token(value) => world.user_of_token(value),
    });
    let first = || world.users_after(None, 1)?.pop();
    let user = named.or_else(first).ok_or(LoginError::WrongPassword)?;
    let project = match &login.scope {
        Scope::None | Scope::Account(_) => None,
        Scope::Project(named) => world.anybody(find_project(world, &user, named)).0.project,
    };
    let token = Token { project, actions: user.actions.clone(), expires: Some(now + TOKEN_LIFE) };
    Ok(issued(login, user, token, now))
}

fn issued(login: &Login, user: Arc<User>, token: Token, now: SimTime) -> Issued {
    let methods = login.credentials.iter().map(Credential::method).collect();
    Issued { token: Arc::new(token), user, methods, at: now }
}

/// Who shows this, and the token if it is one.
fn check(
    world: &World,
    credential: &Credential,
    now: SimTime,
) -> Result<(Arc<User>, Option<Arc<Token>>), LoginError> {
    match credential {
        Credential::Password { user, account, password } => {
            let account = account.as_ref();
            let found = user_of(world, user)
                .filter(|found| account.is_none_or(|named| is_account(found, named)));
            let right = found.filter(|user| user.password.is(password.as_bytes()));
            right.map(|user| (user, None)).ok_or(LoginError::WrongPassword)
        }
        Credential::Token(value) => {
            let token = world.caller(value, |token, _| Arc::clone(token));
            let token = token.ok_or(LoginError::WrongToken)?;
            if token.has_expired(now) {
                return Err(LoginError::WrongToken);
            }
            let user = world.user_of_token(value).ok_or(LoginError::WrongToken)?;
            Ok((user, Some(token)))
        }
    }
}

fn user_of(world: &World, named: &Named) -> Option<Arc<User>> {
    match (&named.id, &named.name) {
        (Some(id), _) => world.user_with(UserId::parse(id)?),
        (None, name) => world.user(name.as_deref()?),
    }
}

fn is_account(user: &User, named: &Named) -> bool {
    match (&named.id, &named.name) {
        (Some(id), _) => AccountId::parse(id) == Some(user.account.id),
        (None, Some(name)) => **name == *user.account.name,
        (None, None) => true,
    }
}

/// The project that is meant. In the real service a project has the name of its region, so that name
/// stands for the user's own.
fn find_project(world: &World, user: &User, named: &Named) -> Option<ProjectId> {
    match (&named.id, named.name.as_deref()) {
        (Some(id), _) => ProjectId::parse(id).filter(|id| world.knows_project(*id)),
        (None, Some(name)) => {
            let own = || world.own_project(user).filter(|_| *name == *world.region.name);
            world.project_named(name).or_else(own)
        }
        (None, None) => None,
    }
}

fn project_of(world: &World, user: &User, named: &Named) -> Result<ProjectId, LoginError> {
    let Some(project) = find_project(world, user, named) else {
        let said = named.id.as_ref().or(named.name.as_ref());
        return Err(LoginError::NoProject(said.cloned().unwrap_or_default()));
    };
    if user.has(project) { Ok(project) } else { Err(LoginError::NotHis) }
}
