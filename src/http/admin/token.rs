//! The token that protects the admin API.

use std::fmt;

use actix_web::HttpRequest;
use actix_web::http::{StatusCode, header};
use sha2::{Digest as _, Sha256};

use super::answer::AdminError;

/// A token, of which only the hash is kept: two hashes can be compared byte by byte, since how long that
/// takes tells nothing about the token.
#[derive(Clone, PartialEq, Eq)]
pub struct AdminToken([u8; 32]);

impl fmt::Debug for AdminToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AdminToken")
    }
}

impl AdminToken {
    /// The token with this text.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(Sha256::digest(text.as_bytes()).into())
    }

    /// Lets through what brings the token.
    pub(super) fn check(&self, http: &HttpRequest) -> Result<(), AdminError> {
        let value = http.headers().get(header::AUTHORIZATION);
        let found = value.and_then(|value| value.to_str().ok()).and_then(bearer);
        let message = match found.map(Self::new) {
            Some(found) if found == *self => return Ok(()),
            Some(_) => "the token is not the one that the server was started with",
            None => "the admin API is protected; send the header `Authorization: Bearer TOKEN`",
        };
        let error = AdminError::new(StatusCode::UNAUTHORIZED, message);
        Err(error.with_header(header::WWW_AUTHENTICATE, "Bearer".to_owned()))
    }
}

/// The token behind the word that names the scheme, which counts in either case.
fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
