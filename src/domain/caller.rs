//! Who calls, and whether he may. Contract, "Refused authentication" and "Checks before a job exists".

use std::sync::Arc;

use super::World;
use super::signature::{SignatureError, Signed};
use crate::api::{Code, Operation, ProjectId, Refusal};
use crate::clock::SimTime;

/// A token that the world defines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// The project it is tied to; `None` for a token without project scope.
    pub project: Option<ProjectId>,
    /// The IAM actions its user has.
    pub actions: Vec<&'static str>,
    /// When it stops to count; `None` for never.
    pub expires: Option<SimTime>,
}

impl Token {
    /// Whether it has stopped to count.
    #[must_use]
    pub fn has_expired(&self, now: SimTime) -> bool {
        self.expires.is_some_and(|expires| expires <= now)
    }

    fn allows(&self, operation: Operation) -> bool {
        operation.actions().iter().all(|action| self.actions.contains(action))
    }
}

/// What a request brings to say who calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credentials {
    /// Neither token nor signature.
    Missing,
    /// A token whose bytes are no text.
    Unreadable,
    /// The value of `X-Auth-Token`.
    Token(Box<str>),
    /// A signature that is right. It is looked at once; whether the key counts may change any time.
    Signed(Arc<Signed>),
    /// A signature that is wrong.
    Refused(Arc<SignatureError>),
    /// Nobody looks at what it brings.
    NotAsked {
        /// The value of `X-Auth-Token`, all the same.
        token: Option<Box<str>>,
        /// The project that the request points at.
        project: Option<ProjectId>,
    },
}

impl Credentials {
    /// A refusal with this code, whose text tells what was wrong with these credentials, where it does.
    #[must_use]
    pub fn refusal(&self, code: Code) -> Refusal {
        match self {
            Self::Refused(error) if error.code == code => match &error.canonical {
                Some(canonical) => Refusal::about(code, canonical),
                None => code.into(),
            },
            _ => code.into(),
        }
    }
}

/// Finds the token that a request brings, or the gateway's refusal.
///
/// # Errors
/// The code of the case, in the order of the contract's table; an unavailable project last.
pub fn authenticate(
    world: &World,
    credentials: &Credentials,
    now: SimTime,
) -> Result<Arc<Token>, Code> {
    with_token(world, credentials, now, Arc::clone)
}

/// The project of the token that a request brings.
///
/// # Errors
/// As [`authenticate`].
pub fn project_of(
    world: &World,
    credentials: &Credentials,
    now: SimTime,
) -> Result<Option<ProjectId>, Code> {
    with_token(world, credentials, now, |token| token.project)
}

/// Finds the token that a request brings, and checks whether it allows the operation; gives the project that
/// the call is made for.
///
/// # Errors
/// As [`authenticate`], then as [`authorize`].
pub fn admit(
    world: &World,
    credentials: &Credentials,
    operation: Operation,
    now: SimTime,
) -> Result<ProjectId, Code> {
    with_token(world, credentials, now, |token| authorize(token, operation)).flatten()
}

fn with_token<T>(
    world: &World,
    credentials: &Credentials,
    now: SimTime,
    look: impl FnOnce(&Arc<Token>) -> T,
) -> Result<T, Code> {
    let look = |token: &Arc<Token>, unavailable| {
        if token.has_expired(now) {
            return Err(Code::TokenExpired);
        }
        if unavailable {
            return Err(Code::ProjectUnavailable);
        }
        Ok(look(token))
    };
    match credentials {
        Credentials::Missing => Err(Code::TokenMissing),
        Credentials::Unreadable => Err(Code::TokenUnknown),
        Credentials::Token(value) => world.caller(value, look).unwrap_or(Err(Code::TokenUnknown)),
        Credentials::Signed(signed) => {
            let (token, unavailable) = world.signer(&signed.key, signed.project.as_deref())?;
            look(&token, unavailable)
        }
        Credentials::Refused(error) => Err(error.code),
        Credentials::NotAsked { project, .. } => {
            let (token, unavailable) = world.anybody(*project);
            look(&token, unavailable)
        }
    }
}

/// Checks permission and project scope, and gives the project that the call is made for.
///
/// # Errors
/// IMG.0026 without the operation's actions, then IMG.0087 without a project scope.
pub fn authorize(token: &Token, operation: Operation) -> Result<ProjectId, Code> {
    if !token.allows(operation) {
        return Err(Code::Img0026);
    }
    token.project.ok_or(Code::Img0087)
}

#[cfg(test)]
mod tests {
    use super::super::world::Project;
    use super::*;
    use crate::api::operation::{IMAGES_GET, IMAGES_SHARE};

    fn world() -> World {
        let mut world = World::default();
        let at = SimTime::from_millis;
        for (number, unavailable) in [(1, false), (2, true)] {
            let id = ProjectId::from_u128(number);
            world.add_project(Project { id, name: number.to_string().into(), unavailable });
        }
        let mut token = |value: &str, project: Option<u128>, actions: &[&'static str], expires| {
            let project = project.map(ProjectId::from_u128);
            world.add_token(value, Token { project, actions: actions.to_vec(), expires });
        };
        token("good", Some(1), &[IMAGES_GET, IMAGES_SHARE], None);
        token("sharer", Some(1), &[IMAGES_SHARE], None);
        token("reader", Some(1), &[IMAGES_GET], None);
        token("unscoped", None, &[IMAGES_SHARE], None);
        token("nobody", None, &[], None);
        token("short", Some(1), &[IMAGES_SHARE], Some(at(1_000)));
        token("frozen", Some(2), &[IMAGES_SHARE], None);
        world
    }

    #[test]
    fn each_case_has_its_refusal() {
        let world = world();
        let check = |credentials, operation, now, expected: Result<u128, Code>| {
            let token = authenticate(&world, &credentials, SimTime::from_millis(now));
            let found = token.and_then(|token| authorize(&token, operation));
            assert_eq!(found, expected.map(ProjectId::from_u128), "{credentials:?} {operation:?}");
        };
        let named = |name: &str| Credentials::Token(name.into());
        use Operation::{DeleteMembers, ListMembers, ShowJob};
        check(Credentials::Missing, DeleteMembers, 0, Err(Code::TokenMissing));
        check(Credentials::Unreadable, DeleteMembers, 0, Err(Code::TokenUnknown));
        check(named("else"), DeleteMembers, 0, Err(Code::TokenUnknown));
        check(named("good"), DeleteMembers, 0, Ok(1));
        check(named("short"), DeleteMembers, 999, Ok(1));
        check(named("short"), DeleteMembers, 1_000, Err(Code::TokenExpired));
        check(named("frozen"), DeleteMembers, 0, Err(Code::ProjectUnavailable));
        check(named("reader"), DeleteMembers, 0, Err(Code::Img0026));
        check(named("reader"), ShowJob, 0, Ok(1));
        check(named("sharer"), ListMembers, 0, Err(Code::Img0026));
        check(named("good"), ListMembers, 0, Ok(1));
        check(named("nobody"), DeleteMembers, 0, Err(Code::Img0026));
        check(named("unscoped"), DeleteMembers, 0, Err(Code::Img0087));
    }
}
