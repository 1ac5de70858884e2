//! Tokens that were given out, signatures, and passwords: how steps bring them again without telling what
//! was sent.

use serde_json::{Value, json};

use super::said::{Said, escaped};
use super::written::Sign;
use crate::api::{Operation, UserId};
use crate::journal::{CallRecord, SentToken};
use crate::scenario::named::Named;

impl Said<'_> {
    /// How a step signs; `None` if it cannot sign as the request was signed.
    pub(super) fn sign(&self, token: &SentToken) -> Option<Option<Sign>> {
        match token {
            SentToken::Signed(key) if self.names.signing_key(key).is_some() => {
                Some(Some(Sign { access_key: escaped(key) }))
            }
            // What was wrong with it nobody kept, and the answer tells every part of the request.
            SentToken::Signed(_) | SentToken::WronglySigned => None,
            SentToken::None | SentToken::Known(_) | SentToken::Unknown(_) => Some(None),
        }
    }

    /// The value that a step saves which was given a token.
    pub(super) fn given(&mut self, call: &CallRecord) -> Named<Value> {
        let Some(hash) = call.asked.issued else { return Named::default() };
        let name = format!("token-{}", self.given.len() + 1);
        self.given.insert(hash, name.clone());
        Named(vec![(name, json!({ "header": "x-subject-token" }))])
    }

    /// The header of a request about a token.
    pub(super) fn subject_header(&mut self, call: &CallRecord) -> Option<(String, String)> {
        if call.operation != Operation::ShowToken {
            return None;
        }
        let token = self.token(&call.asked.subject)?;
        Some(("x-subject-token".to_owned(), token))
    }

    /// The body of a request for a token, with the password that the file has for the user, where the right
    /// one was sent, and with what stands for a token that was sent.
    pub(super) fn with_secrets(&mut self, call: &CallRecord, mut body: Value) -> Value {
        if call.operation != Operation::CreateToken {
            return body;
        }
        if let Some(id) = body.pointer_mut("/auth/identity/token/id")
            && let Some(token) = self.token(&call.asked.subject)
        {
            *id = token.into();
        }
        if call.asked.issued.is_some()
            && let Some(user) = body.pointer_mut("/auth/identity/password/user")
            && let Some(password) = self.password(user)
        {
            user["password"] = escaped(&password).into();
        }
        body
    }

    fn password(&self, user: &Value) -> Option<String> {
        let found = match (user["id"].as_str(), user["name"].as_str()) {
            (Some(id), _) => self.world.user_with(UserId::parse(id)?),
            (None, name) => self.world.user(name?),
        };
        found.map(|user| user.password.reveal().to_owned())
    }
}
