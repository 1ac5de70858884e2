//! Requests for a token: how they are read, refused and recorded, and what the tokens look like.

use serde::Deserialize as _;
use serde_json::Value;

use crate::api::identity::{AuthBody, IdOrName, Identity, ScopeBody, UserSaid};
use crate::api::{Code, Refusal, object};
use crate::domain::identity::{Credential, Login, LoginError, Named, Scope};
use crate::seed::{CallKey, Seed, What};

/// What stands where a secret was.
pub(in super::super) const MASK: &str = "***";

/// How many pieces a token is drawn in, of [`PIECE`] characters each: with what it begins with, 256
/// characters, of the thousands that real ones have.
const PIECES: u64 = 12;
/// How many characters a draw gives, of six bits each.
const PIECE: usize = 21;
/// What real tokens begin with.
const BEGIN: &str = "MIIF";

/// The characters of tokens, as of the real ones: Base64 with `-` in place of `/`.
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-";

/// The value of the token that a call gives out.
pub(super) fn token_value(seed: Seed, call: &CallKey) -> String {
    let mut value = BEGIN.to_owned();
    for piece in 0..PIECES {
        let bits = seed.draw(What::TokenValue, &(*call, piece)).bits();
        let sixes = (0..PIECE).map(|place| (bits >> (6 * place)) as usize & 63);
        value.extend(sixes.map(|six| char::from(ALPHABET[six])));
    }
    value
}

/// Reads the body of a request for a token.
pub(super) fn read(body: &[u8]) -> Result<Login, Refusal> {
    let wrong = |what: &str| Refusal::about(Code::IdentityBadRequest, what);
    let body: AuthBody = object::read(body).map_err(|error| wrong(&place_of(&error)))?;
    let credentials = credentials(body.auth.identity)?;
    let scope = scope(body.auth.scope.as_ref()).map_err(|what| wrong(&what))?;
    Ok(Login { credentials, scope })
}

/// What the reader says, but never what he read, which may be a secret.
fn place_of(error: &serde_json::Error) -> String {
    let said = error.to_string();
    match said.split_once('`') {
        Some(_) if said.starts_with("missing field") => said,
        _ if error.is_data() => {
            format!("a value of the wrong type at line {}, column {}", error.line(), error.column())
        }
        _ => format!("no JSON at line {}, column {}", error.line(), error.column()),
    }
}

fn credentials(identity: Identity) -> Result<Vec<Credential>, Refusal> {
    let wrong = |what: &str| Refusal::about(Code::IdentityBadRequest, what);
    let Identity { methods, mut password, mut token } = identity;
    if methods.is_empty() {
        return Err(wrong("`methods` is empty"));
    }
    let mut credentials = Vec::new();
    // A method that is named twice is one.
    let mut named: Vec<&str> = methods.iter().map(String::as_str).collect();
    named.sort_unstable();
    named.dedup();
    for method in named {
        credentials.push(match method {
            "password" => {
                let said = password.take().ok_or_else(|| wrong("missing `password`"))?;
                by_password(said.user).map_err(wrong)?
            }
            "token" => Credential::Token(token.take().ok_or_else(|| wrong("missing `token`"))?.id),
            _ => return Err(Code::IdentityNotHis.into()),
        });
    }
    Ok(credentials)
}

fn by_password(user: UserSaid) -> Result<Credential, &'static str> {
    let UserSaid { id, name, domain, password } = user;
    match (&id, &name, &domain) {
        (None, None, _) => return Err("`user` has neither `id` nor `name`"),
        (None, Some(_), None) => return Err("`user` has a `name` and no `domain`"),
        _ => {}
    }
    Ok(Credential::Password { user: Named { id, name }, account: domain.map(named), password })
}

fn named(IdOrName { id, name }: IdOrName) -> Named {
    Named { id, name }
}

/// What a token is to be good for. A domain beside the name of a project may be any (C-1).
fn scope(scope: Option<&Value>) -> Result<Scope, String> {
    match scope {
        None | Some(Value::Null) => Ok(Scope::None),
        Some(Value::String(word)) if word == "unscoped" => Ok(Scope::None),
        Some(scope @ Value::Object(_)) => {
            let said = ScopeBody::deserialize(scope)
                .map_err(|_| "`scope` has a value of the wrong type")?;
            match (said.project, said.domain) {
                (Some(project), _) => project_scope(project),
                (None, Some(IdOrName { id: None, name: None })) => {
                    Err("`domain` has neither `id` nor `name`".to_owned())
                }
                (None, Some(account)) => Ok(Scope::Account(named(account))),
                (None, None) => Err("`scope` has neither `project` nor `domain`".to_owned()),
            }
        }
        Some(_) => Err("`scope` is no object".to_owned()),
    }
}

fn project_scope(project: IdOrName) -> Result<Scope, String> {
    if project.id.is_none() && project.name.is_none() {
        return Err("`project` has neither `id` nor `name`".to_owned());
    }
    Ok(Scope::Project(named(project)))
}

/// The name by which a project was asked for, under which it is shown.
pub(super) fn project_name(login: &Login) -> Option<&str> {
    match &login.scope {
        Scope::Project(Named { id: None, name }) => name.as_deref(),
        _ => None,
    }
}

pub(super) fn refusal(error: &LoginError) -> Refusal {
    match error {
        LoginError::WrongPassword => Code::IdentityUnauthorized.into(),
        LoginError::WrongToken | LoginError::NotHis => Code::IdentityNotHis.into(),
        LoginError::NoProject(said) => {
            Refusal::about(Code::IdentityNotFound, &format!("project: {said}"))
        }
    }
}

/// The body of a request for a token as it may be kept: without the password, or the token in its place.
pub(in super::super) fn masked(body: &[u8]) -> Vec<u8> {
    let Ok(mut value) = serde_json::from_slice::<Value>(body) else {
        // Whatever it is, it may hold what somebody took for a request with his password.
        return if body.is_empty() { Vec::new() } else { MASK.into() };
    };
    mask(&mut value);
    value.to_string().into_bytes()
}

/// Masks every password and the ids of tokens, wherever they stand.
fn mask(value: &mut Value) {
    match value {
        Value::Object(object) => {
            for (key, value) in object.iter_mut() {
                // The method of this name has its secret further inside.
                let secret = match key.as_str() {
                    "password" => !value.is_object(),
                    "token" | "totp" | "passcode" | "secret" => true,
                    _ => false,
                };
                match value {
                    Value::Object(inside) if secret => {
                        inside.values_mut().for_each(|value| *value = MASK.into());
                    }
                    value if secret => *value = MASK.into(),
                    value => mask(value),
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(mask),
        _ => {}
    }
}

/// The token in the body of a request for another one.
pub(in super::super) fn token_in(body: &[u8]) -> Option<String> {
    let body: Value = serde_json::from_slice(body).ok()?;
    body.pointer("/auth/identity/token/id")?.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_secret_is_kept() {
        let check = |body: &str, kept: &str| {
            let found = masked(body.as_bytes());
            assert_eq!(String::from_utf8(found).as_deref(), Ok(kept), "{body}");
        };
        let user = r#"{"auth":{"identity":{"password":{"user":{"name":"a","password":"x"}}}}}"#;
        check(user, r#"{"auth":{"identity":{"password":{"user":{"name":"a","password":"***"}}}}}"#);
        check(r#"{"password":["x"]}"#, r#"{"password":"***"}"#);
        check(r#"[{"token":{"id":"x"}}]"#, r#"[{"token":{"id":"***"}}]"#);
        check(r#"{"token":"x"}"#, r#"{"token":"***"}"#);
        check(r#"{"totp":{"user":"x"}}"#, r#"{"totp":{"user":"***"}}"#);
        check("password=x", "***");
        check("", "");
    }

    #[test]
    fn tokens_are_drawn_and_look_like_tokens() {
        let token = |seed, nth| token_value(Seed::new(seed), &CallKey::new(7, nth));
        assert_eq!(token(1, 1), token(1, 1));
        assert_ne!(token(1, 1), token(2, 1));
        assert_ne!(token(1, 1), token(1, 2));
        assert_eq!(token(1, 1).len(), 256);
        assert!(token(1, 1).starts_with("MII"));
        assert!(token(1, 1).bytes().all(|byte| ALPHABET.contains(&byte)));
    }
}
